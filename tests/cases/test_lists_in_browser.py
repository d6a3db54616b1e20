"""Meetings, notices, the sheet, the papers and the county's procedure in a real browser, at 1280 and 390 pixels."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from highground.accounts.models import User
from highground.cases.models import Case, Meeting, Notice
from highground.signals.actions import screen_register
from tests.cases.test_notice_pages import add_member, hang, name_in_vault, object_to
from tests.support.case_lists import many
from tests.support.case_path import Office, open_office
from tests.support.pages import check_in_browser
from tests.support.places import PASSWORD
from tests.support.register import BOOK, TODAY, add_register

pytestmark = pytest.mark.django_db(transaction=True)
MEET = "/cases/meetings/call/?village=BAIYUN&rulebook=demo-cn&step=appraise"


@pytest.fixture
def console(page) -> list[str]:
    """Every error that the browser's console shows, apart from that a form was not taken as it is."""
    found: list[str] = []

    def note(message) -> None:
        if message.type == "error" and "422" not in message.text:
            found.append(message.text)

    page.on("console", note)
    return found


@pytest.fixture
def office(transactional_db, page, monkeypatch) -> Office:
    """An office with real names, two households ready for the meeting, three for the notice."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    register = add_register()
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    found = open_office(register)
    for number, name in (("2231", "Zhao Yun"), ("3096", "Meng Li"), ("0874", "Qin Fang")):
        household = found.household(number)
        name_in_vault(household, add_member(household, number, relation="head"), "name", name)
    return found


def sign_in(page, office: Office, name: str) -> None:
    user = User.objects.get(pk=office.staff[name].pk)
    user.set_password(PASSWORD)
    user.save()
    page.context.clear_cookies()
    page.goto("/sign-in/?next=/cases/meetings/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1).wait_for()


def look(page, url: str, name: str, console: list[str]) -> None:
    page.goto(url)
    page.get_by_role("heading", level=1).wait_for()
    check_in_browser(page, name)
    assert console == [], url


def in_chinese(page) -> None:
    page.get_by_role("button", name="简体中文").click()
    page.locator("html[lang='zh-hans']").wait_for()


def ready(office: Office, number: str) -> Case:
    case = office.open(number)
    office.assign(case)
    office.visit(case)
    office.apply(case)
    return case


def test_a_meeting_from_the_call_to_the_minutes(page, office, console) -> None:
    for number in ("2231", "3096"):
        ready(office, number)
    sign_in(page, office, "secretary")
    look(page, "/cases/meetings/", "meetings", console)
    page.get_by_role("link", name="Call a meeting").click()
    page.get_by_role("heading", level=1).wait_for()
    check_in_browser(page, "meeting-call")
    page.get_by_label("How many people are entitled to attend?").fill("31")
    page.get_by_role("button", name="Call the meeting").click()
    page.get_by_role("heading", name="0 of 2 households are decided").wait_for()
    meeting = Meeting.objects.everywhere(reason="test").get()
    first, second = page.locator("section.verdict").all()
    first.get_by_label("For including").check()
    first.get_by_label("Votes for").fill("21")
    first.get_by_label("Abstained").fill("2")
    first.get_by_role("button", name="Save this household").click()
    page.get_by_role("heading", name="1 of 2 households are decided").wait_for()
    check_in_browser(page, "meeting")
    page.get_by_role("button", name="Close the meeting").click()
    expect(page.get_by_role("alert")).to_contain_text("is undecided")
    check_in_browser(page, "meeting-wrong")
    page.goto(f"/cases/meetings/{meeting.pk}/")
    in_chinese(page)
    check_in_browser(page, "meeting-zh")
    page.get_by_role("button", name="English").click()
    page.locator("html[lang='en']").wait_for()
    second = page.locator("section.verdict").nth(1)
    second.get_by_label("Against including").check()
    second.get_by_label("Votes against").fill("23")
    second.get_by_label("Why?").fill("They have a shop.")
    page.get_by_label("How many were there?").fill("23")
    page.get_by_label("Minutes").fill("Read out; the household of line two asked why, and was told.")
    page.get_by_role("button", name="Close the meeting").click()
    page.get_by_role("heading", name="The meeting decided about 2 households").wait_for()
    check_in_browser(page, "meeting-held")
    meeting.refresh_from_db()
    assert meeting.status == "closed"
    assert console == []


def test_a_notice_from_hanging_up_to_taking_down(page, office, console, monkeypatch) -> None:
    cases = many(office, 2, to="notice")
    head = add_member(cases[0].household, "head", relation="head")
    name_in_vault(cases[0].household, head, "name", "Zhao Yun")
    sign_in(page, office, "secretary")
    look(page, "/cases/notices/", "notices", console)
    page.get_by_role("link", name="Hang up a notice").click()
    page.get_by_label("Where does it hang?").fill("Notice board beside the village hall")
    page.get_by_label("Where can people object?").fill("Village office, 8 to 18, or the township, room 2")
    check_in_browser(page, "notice-post")
    page.get_by_role("button", name="Record the notice").click()
    page.get_by_role("heading", name="2 households hang until 15 March 2026").wait_for()
    notice = Notice.objects.everywhere(reason="test").get()
    object_to(office, notice)
    look(page, f"/cases/notices/{notice.pk}/", "notice-village", console)
    look(page, f"/cases/notices/{notice.pk}/print/", "notice-sheet", console)
    page.goto(f"/cases/notices/{notice.pk}/")
    in_chinese(page)
    look(page, f"/cases/notices/{notice.pk}/print/", "notice-sheet-zh", console)
    sign_in(page, office, "township2")
    look(page, f"/cases/notices/{notice.pk}/", "notice-township", console)
    page.get_by_label("Not upheld").check()
    page.get_by_label("The answer").fill("The shop belongs to another family.")
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_text("The objection is answered").wait_for()
    monkeypatch.setattr(timezone, "localdate", lambda *_: notice.ends_on)
    sign_in(page, office, "secretary")
    page.goto(f"/cases/notices/{notice.pk}/")
    page.get_by_role("button", name="Take the notice down").click()
    page.get_by_role("heading", name="was taken down on 16 March 2026").wait_for()
    look(page, f"/cases/notices/{notice.pk}/", "notice-down", console)
    look(page, f"/cases/notices/{notice.pk}/print/", "notice-sheet-down", console)


def test_papers_and_the_procedure_of_the_county(page, office, console) -> None:
    case = ready(office, "2231")
    sign_in(page, office, "county")
    look(page, f"/cases/{case.pk}/papers/", "papers", console)
    for kind in ("application", "assessment", "file"):
        look(page, f"/cases/{case.pk}/papers/{kind}/", f"paper-{kind}", console)
    look(page, "/cases/procedure/", "procedure", console)
    page.goto("/cases/procedure/")
    in_chinese(page)
    check_in_browser(page, "procedure-zh")
    assert page.evaluate(_TOO_WIDE) == [], "a text reaches over the edge of its box"
    page.get_by_role("button", name="English").click()
    page.locator("html[lang='en']").wait_for()
    look(page, f"/rulebooks/{BOOK}/", "rulebook-procedure", console)
    page.locator("summary", has_text="As a table").first.click()
    check_in_browser(page, "rulebook-procedure-table")
    assert page.evaluate(_TOO_WIDE) == [], "a text reaches over the edge of its box"


def test_the_sheet_is_one_page_of_a4_in_print(page, office, console) -> None:
    cases = many(office, 8, to="notice")
    notice = hang(office, *cases)
    sign_in(page, office, "secretary")
    page.goto(f"/cases/notices/{notice.pk}/print/")
    page.emulate_media(media="print")
    assert not page.locator(".around").is_visible()
    assert not page.locator("a").first.is_visible()
    sheet = page.pdf(prefer_css_page_size=True)
    assert re.findall(rb"/MediaBox \[0 0 (\d+)\.?\d* (\d+)", sheet) == [(b"594", b"841")]


_TOO_WIDE = """() => [...document.querySelectorAll('.bands svg')].flatMap(svg => {
    const boxes = [...svg.querySelectorAll('rect')].slice(1).map(one => one.getBBox());
    return [...svg.querySelectorAll('text')].slice(1).filter(text => {
        const at = text.getBBox();
        return !boxes.some(box => at.x >= box.x && at.x + at.width <= box.x + box.width
            && at.y >= box.y && at.y + at.height <= box.y + box.height);
    }).map(text => text.textContent);
})"""
