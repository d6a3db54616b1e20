"""Commitments with dated evidence, the next forum that opens with them, practices from talks, what was learned, numbers."""

from __future__ import annotations

import csv
import datetime
import html
import io

import pytest
from django.test import Client
from django.utils import timezone, translation
from django.utils.html import strip_tags

from highground.forum import keys
from highground.forum.actions.commitments import (
    accept_evidence,
    add_partner,
    bring_evidence,
    overlaps,
    promise,
    withdraw_commitment,
)
from highground.forum.actions.programme import keep_session
from highground.forum.actions.remaining import (
    add_follow_up,
    answer_consent,
    ask_learner,
    close_follow_up,
    make_practice,
    numbers_of,
    record_learning,
)
from highground.forum.enums import EntryStatus, PromiseStatus, QuestionStatus, ReviewStatus, Used
from highground.forum.ground import ForumError
from highground.forum.models import Duty
from highground.forum.pages.commitments import figures_of
from highground.forum.pages.office.session import SessionForm
from highground.knowledge.enums import Standing
from highground.knowledge.models import Expert, Practice, Question, Referral
from highground.outbox.models import Letter
from highground.teams.models import Candidate, SendingUnit
from tests.forum.assembly import DAY, add_forum, link
from tests.forum.calling import expert
from tests.support.pages import check_source
from tests.support.places import add_person

pytestmark = pytest.mark.django_db

LATER = DAY + datetime.timedelta(days=300)


def a_promise(assembly, **more):
    given = {
        "who": "Guangxi", "what": "A road to two villages", "countries": ["LA"], "places": ["LA: Xieng Ngeun"],
        "amount": 1_000_000_00, "currency": "CNY", "promised_on": DAY, "due_on": LATER,
    }  # fmt: skip
    return promise(assembly.forum, by=assembly.organiser, today=DAY, **given | more)


def test_evidence_counts_once_another_has_looked_and_the_next_forum_opens_with_it(assembly) -> None:
    one = a_promise(assembly)
    partner = add_partner(one, country="LA", organisation="Ministry", by=assembly.organiser, today=DAY)
    client, address = Client(), f"/forum/partner/{link(keys.PARTNER, partner)}/"
    check_source(client.get(address))
    brought = bring_evidence(
        one,
        day=LATER,
        text="The road is open",
        source="Report 7",
        status="kept",
        by=f"partner:{partner.pk}",
        today=LATER,
    )
    one.refresh_from_db()
    assert one.status == PromiseStatus.PROMISED
    assert accept_evidence(brought, by=assembly.organiser, today=LATER).status == PromiseStatus.KEPT
    own = bring_evidence(
        one, day=LATER, text="x", source="y", status="partly", by=str(assembly.organiser.pk), today=LATER
    )
    with pytest.raises(ForumError, match="somebody else must"):
        accept_evidence(own, by=assembly.organiser, today=LATER)
    add_forum("nanning-2028", year=DAY.year + 1)
    page = Client().get("/forum/nanning-2028/commitments/")
    check_source(page)
    text = page.content.decode()
    assert "Promises of the last forum: 1 of 1 kept" in text
    assert "The road is open (Report 7)" in text and "¥" not in text and "1,000,000" in text


def test_a_commitment_that_was_withdrawn_stays_with_its_reason(assembly) -> None:
    one = a_promise(assembly)
    with pytest.raises(ForumError, match="Say why"):
        withdraw_commitment(one, reason=" ", by=assembly.organiser, today=DAY)
    withdraw_commitment(one, reason="The budget was cut", by=assembly.organiser, today=DAY)
    with pytest.raises(ForumError, match="was withdrawn"):
        bring_evidence(one, day=DAY, text="x", source="y", status="kept", by="test", today=DAY)
    assert "The budget was cut" in Client().get("/forum/nanning-2027/commitments/").content.decode()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"who": " "}, "who promises what"),
        ({"currency": ""}, "needs a currency"),
        ({"due_on": DAY.replace(year=2020)}, "due before"),
    ],
)
def test_what_is_no_promise_is_refused(assembly, more, words) -> None:
    with pytest.raises(ForumError, match=words):
        a_promise(assembly, **more)


def test_two_initiatives_in_one_place_are_found(assembly) -> None:
    first = a_promise(assembly)
    second = a_promise(assembly, who="Bank", places=["la:  xieng ngeun", "LA: Elsewhere"])
    a_promise(assembly, who="Third", places=["LA: Elsewhere far"])
    assert [(place, [one.pk for one in ones]) for place, ones in overlaps()] == [
        ("LA: Xieng Ngeun", [first.pk, second.pk])
    ]
    third = a_promise(assembly, who="Fourth", countries=["LA"], places=["Xieng-Ngeun", "LA：Xieng Ngeun"])
    a_promise(assembly, who="Elsewhere", countries=["TH"], places=["Xieng Ngeun"])
    a_promise(assembly, who="Nobody knows where", countries=["TH", "LA"], places=["Xieng Ngeun"])
    ((_place, ones),) = overlaps()
    assert [one.pk for one in ones] == [first.pk, second.pk, third.pk]


def test_a_partner_reaches_one_initiative_alone(assembly) -> None:
    partner = add_partner(
        a_promise(assembly), country="LA", organisation="M", by=assembly.organiser, today=DAY
    )
    a_promise(assembly, what="Another promise")
    text = Client().get(f"/forum/partner/{link(keys.PARTNER, partner)}/").content.decode()
    assert "A road to two villages" in text and "Another promise" not in text


def test_a_talk_becomes_a_practice_draft_with_consent_alone(assembly) -> None:
    speaker = assembly.people[0]
    keep_session(
        assembly.forum, code="talks", titles={"en": "Talks"}, languages=["en"], by=assembly.organiser, today=DAY,
        duties={(speaker.pk, "speaker"): {"talk": "Cattle banks"}},
    )  # fmt: skip
    duty = (
        Duty.objects.everywhere(reason="test")
        .select_related("session__forum__area")
        .get(session__code="talks")
    )
    office = Client()
    office.force_login(assembly.organiser)
    told = "Poor families have no credit.\n\nThe village lends them a cow, and takes the second calf."
    sent = {"do": "talk", "duty": duty.pk, "told": told}
    assert office.post("/forum/office/nanning-2027/after/", sent).status_code == 302
    duty.refresh_from_db()
    given = {"field": "finance", "by": assembly.organiser, "today": DAY}
    with pytest.raises(ForumError, match="has not agreed"):
        make_practice(duty, **given)
    client = Client()
    client.post(
        f"/forum/me/{link(keys.PERSON, speaker)}/", {"do": "consent", "duty": duty.pk, "agrees": "yes"}
    )
    duty.refresh_from_db()
    made = make_practice(duty, **given)
    assert (made.standing, made.country, made.evidence) == (Standing.WAITING, "LA", "anecdotal")
    assert made.texts.get().done == "The village lends them a cow, and takes the second calf."
    with pytest.raises(ForumError, match="practice already"):
        make_practice(duty, **given)
    with pytest.raises(ForumError, match="practice already"):
        answer_consent(duty, agrees=False, by="test")
    assert Practice.objects.count() == 1
    assert office.post("/forum/office/nanning-2027/after/", sent).status_code == 422
    numbers = numbers_of(assembly.forum)
    assert (numbers.practices, numbers.adopted, numbers.unstated) == (1, 0, 1)
    assert numbers.speaker_countries == {"LA": 1}
    asker = Question.objects.create(
        area=assembly.forum.area, text="Does it work?", language="en", practice=made, asked_on=DAY, by="7"
    )
    one = Referral.objects.create(question=asker, expert=expert("Souk Noy"), asked_on=DAY, works_3="failed")
    assert numbers_of(assembly.forum).adopted == 0
    one.works_12 = "partly"
    one.save()
    assert numbers_of(assembly.forum).adopted == 1
    page = Client().get("/forum/nanning-2027/proceedings/").content.decode()
    assert "Laos 1" in page and "1 did not say" in page


def test_what_was_learned_is_asked_after_half_a_year(assembly) -> None:
    learning = record_learning(
        assembly.forum, kind="visit", title="Tea in Baise", host="Baise", country="CN", skills=["tea"], begins_on=DAY,
        ends_on=DAY, learners=[{"name": "Noy", "country": "LA", "organisation": "District"}], by=assembly.organiser,
        today=DAY,
    )  # fmt: skip
    (learner,) = learning.learners.all()
    with pytest.raises(ForumError, match="half a year"):
        ask_learner(
            learner, used=Used.YES, told="", by=assembly.organiser, today=DAY + datetime.timedelta(days=181)
        )
    ask_learner(learner, used=Used.PARTLY, told="One garden", by=assembly.organiser, today=LATER)
    learner.refresh_from_db()
    assert (learner.used, learner.told, learner.asked_on) == ("partly", "One garden", LATER)


@pytest.mark.parametrize(("days", "asked"), [(10, False), (181, False), (182, True)])
def test_the_page_asks_when_the_time_has_come(assembly, days, asked) -> None:
    ended = timezone.localdate() - datetime.timedelta(days=days)
    record_learning(
        assembly.forum, kind="course", title="Tea", host="Baise", country="CN", skills=[], begins_on=ended, ends_on=ended,
        learners=[{"name": "Noy", "country": "LA", "organisation": "District"}], by=assembly.organiser, today=ended,
    )  # fmt: skip
    office = Client()
    office.force_login(assembly.organiser)
    page = office.get("/forum/office/nanning-2027/after/").content.decode()
    assert ("After six months" in page) is asked and ("Whether it is used is asked from" in page) is not asked


def test_what_is_used_flows_to_the_profile_and_to_the_pool_of_work_teams(assembly) -> None:
    area = assembly.forum.area
    unit = SendingUnit.objects.create(code="u1", name="Bureau", area=area, level="county", cap=3)
    one = Candidate.objects.create(
        code="c1", name="Noy", unit=unit, area=area, woman=True, may_lead=False, skills=["tea"]
    )
    expert = Expert.objects.create(
        code="la-noy",
        name="Noy",
        country="LA",
        kind="government",
        basis="test",
        added_on=DAY,
        confirmed_on=DAY,
        by="test",
    )
    people = [
        {"name": "Noy", "country": "LA", "organisation": "District", "candidate": "c1", "expert": "la-noy"},
        {"name": "Chan", "country": "KH", "organisation": "Commune", "candidate": "nobody"},
        {"name": "Dao", "country": "LA", "organisation": "District", "candidate": "c1"},
    ]
    given = {
        "kind": "course", "title": "Ledgers", "host": "Baise", "country": "CN", "skills": ["tea", "accounts"], "begins_on": DAY,
        "ends_on": DAY, "by": assembly.organiser, "today": DAY,
    }  # fmt: skip
    with pytest.raises(ForumError, match="No expert has the code nobody"):
        record_learning(assembly.forum, learners=[{**people[1], "expert": "nobody"}], **given)
    learning = record_learning(assembly.forum, learners=people, **given)
    noy, chan, dao = learning.learners.order_by("pk")
    ask_learner(dao, used=Used.NO, told="", by=assembly.organiser, today=LATER)
    one.refresh_from_db()
    assert one.abilities == ["tea"]  # taught, and not used
    for _time in range(2):
        ask_learner(noy, used=Used.YES, told="Books are kept", by=assembly.organiser, today=LATER)
    ask_learner(chan, used=Used.YES, told="", by=assembly.organiser, today=LATER)
    one.refresh_from_db()
    assert (one.trained, one.abilities) == (["accounts"], ["tea", "accounts"])
    (line,) = expert.lines.all()
    assert (line.text, line.status, line.source) == ("Ledgers (tea, accounts)", "suggested", "forum")


def test_follow_ups_have_an_owner_and_an_outcome(assembly) -> None:
    one = add_follow_up(
        assembly.forum, text="Send the minutes", owner="Qin", due_on=LATER, by=assembly.organiser, today=DAY
    )
    with pytest.raises(ForumError, match="what came of it"):
        close_follow_up(one, outcome="", by=assembly.organiser, today=LATER)
    close_follow_up(one, outcome="Sent", by=assembly.organiser, today=LATER)
    with pytest.raises(ForumError, match="who sees to it"):
        add_follow_up(assembly.forum, text="x", owner=" ", due_on=LATER, by=assembly.organiser, today=DAY)


def test_the_office_writes_down_and_shows(assembly) -> None:
    client = Client()
    client.force_login(assembly.organiser)
    base = "/forum/office/nanning-2027/"
    typed = {
        "who": "Bank", "what": "Credit", "countries": ["LA", "KH"], "places": "LA: A\nKH: B", "amount": "12.50",
        "currency": "usd", "promised_on": DAY,
    }  # fmt: skip
    answer = client.post(f"{base}commitments/", typed)
    assert answer.status_code == 302, answer.content.decode()
    one = assembly.forum.commitments.get()
    assert (one.amount, one.currency, one.places) == (1250, "USD", ["LA: A", "KH: B"])
    for address in ("commitments/", "commitments/1/", "after/"):
        check_source(client.get(f"{base}{address}"))
    assert (
        client.post(f"{base}after/", {"do": "follow_up", "text": "x", "owner": "y", "due_on": ""}).status_code
        == 422
    )
    learned = {
        "do": "learning", "kind": "visit", "title": "Tea", "host": "Baise", "country": "CN", "begins_on": DAY, "ends_on": DAY,
        "skills": "tea, roads", "learners": "Noy; la; District; Wei\nChan; KH; Commune",
    }  # fmt: skip
    assert client.post(f"{base}after/", {**learned, "learners": "Noy"}).status_code == 422
    assert client.post(f"{base}after/", learned).status_code == 302
    assert [(one.name, one.country) for one in assembly.forum.learning.get().learners.order_by("pk")] == [
        ("Noy", "LA"),
        ("Chan", "KH"),
    ]
    client.post(f"{base}after/", {"do": "summary", "session": assembly.session.pk, "words": "We agreed."})
    assert "We agreed." in Client().get("/forum/nanning-2027/proceedings/").content.decode()


def test_another_organiser_cannot_promise_here(assembly) -> None:
    with pytest.raises(ForumError, match="Only an organiser"):
        promise(assembly.forum, who="a", what="b", promised_on=DAY, by=add_person("nobody"), today=DAY)


def test_the_page_of_the_next_forum_opens_with_what_became_of_the_last_ones(assembly) -> None:
    assembly.forum.call_opens = datetime.datetime(2027, 5, 1, 1, tzinfo=datetime.UTC)
    assembly.forum.call_closes = datetime.datetime(2027, 6, 1, 16, tzinfo=datetime.UTC)
    assembly.forum.call_theme = "What lasts after the project"
    assembly.forum.save()
    last = add_forum(code="nanning-2026", year=2026, area=assembly.forum.area)
    who = {"by": assembly.organiser, "today": DAY, "promised_on": datetime.date(2026, 6, 1)}
    for what in ("A road", "A school"):
        promise(last, who="Ministry", what=what, countries=["LA"], places=[], **who)
    page = Client().get("/forum/nanning-2027/")
    check_source(page)
    text = " ".join(strip_tags(page.content.decode().replace("<", " <")).split())
    assert "What became of the last forum's promises" in html.unescape(text) and "2 promised" in text
    assert "What lasts after the project" in text
    assert "Opens 1 May 2027, 09:00 Closes 2 June 2027, 00:00 Times of Asia/Shanghai" in text


def test_a_commitment_says_when_it_begins_and_a_partner_gets_a_letter(assembly) -> None:
    office = Client()
    office.force_login(assembly.organiser)
    base = "/forum/office/nanning-2027/commitments/"
    typed = {
        "who": "Ministry", "what": "A road", "countries": ["LA"], "places": "LA: Xieng Ngeun", "field": "infrastructure",
        "promised_on": "2027-06-22", "begins_on": "2027-09-01", "due_on": "2027-08-01", "session": str(assembly.session.pk),
    }  # fmt: skip
    answer = office.post(base, typed)
    assert answer.status_code == 422 and "due before it begins" in answer.content.decode()
    fine = {**typed, "due_on": "2028-08-01"}
    for wrong, words in (({"others": "ZZ"}, "letters ZZ"), ({"countries": []}, "at least one country")):
        answer = office.post(base, {**fine, **wrong})
        assert answer.status_code == 422 and words in answer.content.decode()
    assert office.post(base, {**fine, "others": "bt, NP"}).status_code == 302
    made = assembly.forum.commitments.get()
    assert made.countries == ["LA", "BT", "NP"]
    since = "promised 22 June 2027, in “Opening” · begins 1 September 2027 · roads, water and power"
    for page in (base, f"{base}1/", "/forum/nanning-2027/commitments/"):
        assert since in office.get(page).content.decode(), page
    table = office.get("/forum/nanning-2027/commitments/?format=csv").streaming_content
    (row,) = csv.DictReader(io.StringIO(b"".join(table).decode("utf-8-sig")))
    assert (row["Session"], row["Field"], row["Begins"]) == ("Opening", "infrastructure", "2027-09-01")
    assert (made.field, made.begins_on) == ("infrastructure", datetime.date(2027, 9, 1))
    partner = {"do": "partner", "country": "LA", "organisation": "Roads Office", "role": "host"}
    assert office.post(f"{base}1/", {**partner, "email": "nonsense"}).status_code == 422
    assert office.post(f"{base}1/", {**partner, "email": "roads@example.org"}).status_code == 302
    assert office.post("/forum/office/nanning-2027/letters/", {"do": "invitations"}).status_code == 302
    letters = {one.to: one.body for one in Letter.objects.all()}
    assert set(letters) == {"la@example.org", "roads@example.org"}
    assert "/forum/partner/" in letters["roads@example.org"] and "A road" in letters["roads@example.org"]
    assert "/forum/delegation/" in letters["la@example.org"]
    assert office.post("/forum/office/nanning-2027/letters/", {"do": "invitations"}).status_code == 302
    assert Letter.objects.count() == 2


def test_an_exchange_that_lacks_something_keeps_what_was_typed(assembly) -> None:
    office = Client()
    office.force_login(assembly.organiser)
    typed = {"do": "learning", "kind": "course", "title": "Tea course", "learners": "Noy"}
    answer = office.post("/forum/office/nanning-2027/after/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422 and 'value="Tea course"' in page
    assert "Noy: write name; country code; organisation." in page
    check_source(answer)


def test_what_nobody_wrote_down_is_no_zero(assembly) -> None:
    lone = add_forum(
        "nanning-2020", area=assembly.forum.area, year=2020, status="closed", first_day=None, last_day=None
    )
    page = Client().get("/forum/nanning-2020/proceedings/")
    check_source(page)
    assert page.context["figures"] == page.context["lines"] == []
    assert "What was said there is not written down here." in page.content.decode()
    given = {"countries": ["LA"], "who": "Bank", "what": "Groups", "promised_on": DAY}
    promise(lone, by=assembly.organiser, today=DAY, **given)
    speaker = assembly.people[0]
    speaker.duties.create(session=assembly.session, duty="speaker")
    assert Client().get("/forum/nanning-2020/proceedings/").context["lines"] == [
        ("Promises", "1, of them kept: 0")
    ]
    page = Client().get("/forum/nanning-2027/proceedings/")
    assert page.context["figures"] == [
        ("People", 3),
        ("Countries", 1),
        ("Speakers", 1),
        ("Practices from talks", 0),
    ]
    assert page.context["lines"] == [
        ("Women among the speakers", "0 (1 did not say)"),
        ("Speakers by country", "Laos 1"),
    ]


def test_words_that_mean_something_else_elsewhere_are_right_in_chinese(assembly) -> None:
    a_promise(assembly, session=assembly.session)
    with translation.override("zh-hans"):
        said = [
            QuestionStatus.WAITING, QuestionStatus.DONE, EntryStatus.DRAFT, EntryStatus.ACCEPTED, ReviewStatus.ASKED,
            PromiseStatus.PROMISED, Used.YES,
        ]  # fmt: skip
        assert [str(one.label) for one in said] == [
            "等待中", "已回答", "草稿", "已入选", "已请评审", "已承诺", "已用上",
        ]  # fmt: skip
        assert figures_of(numbers_of(assembly.forum))[0] == ("参会人员", 3)
        assert str(SessionForm.base_fields["minutes"].label) == "分钟"
        chinese = Client(headers={"accept-language": "zh-hans"})
        page = chinese.get("/forum/nanning-2027/commitments/").content.decode()
    assert "落实情况" in page and "资金去向" not in page
