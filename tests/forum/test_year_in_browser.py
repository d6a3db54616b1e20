"""One year of a forum in a real browser, from the nomination to the promise that the next forum opens with."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from highground.forum import keys
from highground.forum.actions.commitments import accept_evidence, bring_evidence
from highground.forum.enums import Mode
from highground.forum.models import Entry, LiveQuestion, Participant, Reviewer
from highground.knowledge.models import Practice
from tests.files.samples import document
from tests.forum.assembly import add_forum, add_people, assemble, link
from tests.support.pages import check_in_browser
from tests.support.places import PASSWORD, add_person, enter

pytestmark = pytest.mark.django_db(transaction=True)

OFFICE = "/forum/office/nanning-2027/"


@pytest.fixture
def assembly(page, transactional_db, settings, tmp_path):
    """A forum whose opening runs now, and whose call is open."""
    settings.HIGHGROUND_HOME = tmp_path
    made = assemble(3, password=PASSWORD)
    now, today = timezone.now(), timezone.localdate()
    forum = made.forum
    forum.first_day, forum.last_day = today, today + datetime.timedelta(days=1)
    forum.call_opens, forum.call_closes = now - datetime.timedelta(days=9), now + datetime.timedelta(days=1)
    forum.save()
    made.session.starts = now
    made.session.save()
    for one in made.people:
        one.days.update(day=today)
        one.forum = forum
    return made


def look(page, name: str) -> None:
    page.locator("main h1").wait_for()
    check_in_browser(page, f"forum-{name}")
    page.set_viewport_size({"width": 1280, "height": 900})


def nominate(page, assembly) -> None:
    page.goto(f"/forum/delegation/{link(keys.DELEGATION, assembly.delegation)}/")
    page.get_by_label("Name, as it should stand on the badge").fill("ခင်မာလာ")
    page.get_by_label("Name in Latin letters").fill("Khin Mar Lar")
    page.get_by_label("E-mail").fill("khin@example.org")
    page.get_by_label("Takes part as").select_option("speaker")
    page.get_by_role("button", name="Nominate").click()
    page.get_by_text("4 of 400 seats are taken").wait_for()
    look(page, "delegation")


def write_entries(page) -> None:
    """Three entries in three languages; the second one is typed while the line is down."""
    for number, (language, title) in enumerate(
        [("en", "Cows on loan"), ("lo", "ທະນາຄານງົວ"), ("zh", "道路管护基金")]
    ):
        page.goto("/forum/nanning-2027/call/")
        page.get_by_label("Your name").fill(f"Entrant {number} Souk")
        page.get_by_label("E-mail").fill(f"entrant{number}@example.org")
        page.get_by_label("Organisation").fill(f"Union {number}")
        page.get_by_label("Country").select_option("LA")
        page.get_by_label("Language in which you write").select_option(language)
        page.get_by_role("button", name="Begin an entry").click()
        page.get_by_role("button", name="Hand it in").wait_for()
        if number == 1:
            page.context.set_offline(True)
        page.get_by_label("Title").fill(title)
        page.get_by_label("What was the problem?").fill("No credit.")
        page.get_by_label("What was done?").fill("The village lends a cow.")
        if number == 1:
            page.get_by_text("No connection: kept in this browser").wait_for()
            page.context.set_offline(False)
        page.get_by_text("Kept here and with the organisers.").wait_for()
        if not number:
            named = {
                "name": "Souk.docx",
                "mimeType": "text/plain",
                "buffer": document(mark=b"Entrant 0 Souk"),
            }
            page.get_by_label("PDF, DOCX or picture").set_input_files(named)
            page.get_by_role("button", name="Add the file").click()
            page.get_by_text("The file is kept.").wait_for()
            look(page, "entry")
        page.get_by_role("button", name="Hand it in").click()
        page.get_by_text("Handed in. You can").wait_for()


def review_and_decide(page, assembly) -> None:
    page.goto(f"{OFFICE}reviewers/")
    for number, organisation in enumerate(["Union 0", "Institute 1", "Institute 2", "Institute 3"]):
        page.get_by_label("Name", exact=True).fill(f"Reviewer {number}")
        page.get_by_label("E-mail").fill(f"reviewer{number}@example.org")
        page.get_by_label("Country").select_option("TH")
        page.get_by_label("Organisation", exact=True).fill(organisation)
        for language in ("English", "ລາວ", "中文"):
            page.get_by_label(language).check()
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_text(f"Reviewer {number}").first.wait_for()
    look(page, "reviewers")
    page.goto(f"{OFFICE}entries/")
    page.get_by_role("heading", name="Give 3 entries to reviewers").wait_for()
    page.get_by_role("button", name="Give to reviewers").click()
    page.get_by_text("Reviews asked: 9.").wait_for()
    look(page, "entries")
    barred = Reviewer.objects.everywhere(reason="test").get(organisation="Union 0")
    own = Entry.objects.everywhere(reason="test").get(organisation="Union 0")
    assert not own.reviews.filter(reviewer=barred).exists()
    for one in Reviewer.objects.everywhere(reason="test").exclude(pk=barred.pk):
        page.goto(f"/forum/review/{link(keys.REVIEWER, one)}/{own.number}/")
        if not page.get_by_role("button", name="Keep the review").is_visible():
            continue
        assert "Souk" not in page.content() and "Union 0" not in page.content()
        with page.expect_download() as taken:
            page.get_by_role("link", name="File 1").click()
        assert taken.value.suggested_filename == f"entry-{own.number}-1.docx"
        for group in page.locator("fieldset").all():
            group.get_by_label("2: mostly").check()
        page.get_by_label("Why?").fill("It lasts.")
        page.get_by_role("button", name="Keep the review").click()
        page.get_by_text("Your review is kept.").wait_for()
    page.goto(f"{OFFICE}entries/{own.number}/")
    page.get_by_label("Reason, as the entrant reads it").fill("It lasted.")
    look(page, "office-entry")
    page.get_by_role("button", name="Accepted").click()
    page.goto(f"{OFFICE}letters/")
    page.get_by_role("button", name="Write the letters about decisions").click()
    page.get_by_text("The reason: It lasted.").wait_for()
    look(page, "letters")
    page.get_by_role("button", name="Let those chosen go").click()
    page.get_by_text("on its way").wait_for()


def make_programme(page, assembly) -> None:
    """A talk is put on top of the opening, with its speaker; the clash is said, and mended by the proposal."""
    page.goto(f"{OFFICE}programme/new/")
    page.get_by_label("Short name, for addresses").fill("talks")
    page.get_by_label("Title", exact=True).fill("Cows on loan")
    page.get_by_label("Room").select_option(label="Hall")
    page.get_by_label("Begins, at the forum's place").fill(
        f"{timezone.localtime(assembly.session.starts):%Y-%m-%dT%H:%M}"
    )
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_label("Who", exact=True).select_option(str(assembly.people[0].pk))
    page.get_by_label("Does what").select_option("speaker")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Take off").wait_for()
    look(page, "session-of-the-office")
    page.goto(f"{OFFICE}programme/")
    page.get_by_text("Hall is needed by").first.wait_for()
    look(page, "programme-clash")
    page.get_by_role("button", name="Release", exact=True).click()
    page.get_by_text("Not released: Hall is needed").wait_for()
    assembly.session.fixed = True
    assembly.session.save()
    page.get_by_role("button", name="Propose a better timetable").click()
    page.get_by_role("heading", name="Nothing clashes").wait_for(timeout=40_000)
    page.get_by_role("button", name="Release", exact=True).click()
    page.get_by_text("Version 1 is released.").wait_for()
    page.goto("/forum/nanning-2027/programme/")
    look(page, "programme")


def ask_from_both_sides(page, assembly, live_server) -> None:
    (far,) = add_people(assembly, 1, Mode.ONLINE, timezone.localdate())
    second = page.context.browser.new_context(base_url=live_server.url).new_page()
    for who, there, text in (
        (assembly.people[0], page, "Who keeps the cow?"),
        (far, second, "And from afar?"),
    ):
        there.goto(f"/forum/me/{link(keys.PERSON, who)}/opening/")
        there.get_by_label("Your question").fill(text)
        there.get_by_role("button", name="Ask").click()
    page.get_by_text("And from afar?").wait_for()
    page.get_by_role("button", name="I want to hear this too").click()
    second.locator(".live__one").first.get_by_text("And from afar?").wait_for()
    second.locator(".live__votes", has_text="1").wait_for()
    look(page, "session")
    assert {one.mode for one in LiveQuestion.objects.everywhere(reason="test")} == {"room", "online"}
    second.context.close()


def remain(page, assembly) -> None:
    own = Entry.objects.everywhere(reason="test").get(organisation="Union 0")
    page.goto(f"{OFFICE}entries/{own.number}/")
    page.get_by_label("Session").select_option(label="Cows on loan")
    page.get_by_label("Who speaks").select_option(str(assembly.people[0].pk))
    page.get_by_role("button", name="Give the talk").click()
    page.get_by_text("has this talk now").wait_for()
    page.goto(f"/forum/me/{link(keys.PERSON, assembly.people[0])}/")
    page.get_by_role("button", name="I agree", exact=True).click()
    page.get_by_text("agrees").wait_for()
    look(page, "person")
    page.goto(f"{OFFICE}after/")
    page.get_by_role("button", name="Make it a practice").click()
    page.get_by_text("A draft waits for the curators").wait_for()
    look(page, "after")
    assert Practice.objects.get().texts.get().title == "Cows on loan"
    page.goto(f"{OFFICE}commitments/")
    page.get_by_label("Who promises").fill("Guangxi")
    page.get_by_label("What", exact=True).fill("A road to two villages")
    page.get_by_label("Laos").check()
    page.get_by_label("Promised").fill(str(timezone.localdate()))
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("heading", name="A road to two villages").wait_for()
    look(page, "commitment")
    one = assembly.forum.commitments.get()
    seen = bring_evidence(
        one, day=timezone.localdate(), text="The road is open", source="Report", status="kept", by="partner:1",
        today=timezone.localdate(),
    )  # fmt: skip
    accept_evidence(seen, by=add_person("second", "organiser"), today=timezone.localdate())
    add_forum("nanning-2028", year=2028)
    page.goto("/forum/nanning-2028/commitments/")
    page.get_by_role("heading", name="Promises of the last forum: 1 of 1 kept").wait_for()
    look(page, "commitments")


def test_a_year(page, assembly, live_server) -> None:
    nominate(page, assembly)
    write_entries(page)
    enter(page, "qinfang")
    page.goto(OFFICE)
    look(page, "overview")
    page.goto(f"{OFFICE}people/?status=nominated")
    page.get_by_label("ခင်မာလာ").check()
    page.get_by_role("button", name="Accept those chosen", exact=True).click()
    page.get_by_text("Answered: 1").wait_for()
    page.goto(f"{OFFICE}people/")
    look(page, "people")
    khin = Participant.objects.everywhere(reason="test").get(email="khin@example.org")
    page.goto(f"/forum/me/{link(keys.PERSON, khin)}/badge/")
    page.get_by_role("heading", name="ခင်မာလာ").wait_for()
    check_in_browser(page, "forum-badge")
    page.set_viewport_size({"width": 1280, "height": 900})
    review_and_decide(page, assembly)
    make_programme(page, assembly)
    ask_from_both_sides(page, assembly, live_server)
    remain(page, assembly)
