"""Messages in the office: who reads which, who may do what about them, and what the village never sees."""

from __future__ import annotations

import datetime
import itertools
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from highground.accounts.actions import grant_role
from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.audit.actions import verify
from highground.audit.models import AccessLog, Event
from highground.cases.actions.objections import answer_objection
from highground.cases.enums import MessageKind
from highground.cases.flow import CaseError
from highground.cases.models import Case, Message, Objection
from highground.cases.public import actions, codes
from highground.cases.public.actions import Letter, send_message
from highground.cases.public.queries import may_answer, readable_by, sender_of
from highground.methods.rules.procedure.path import NotAllowed
from tests.cases.test_public import hang_notice
from tests.support.pages import check_source
from tests.support.places import LONG_AGO, add_person
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
SECRET = "They have two shops in town"
COMPLAINT = "The accountant keeps our card"
WHISPER = "The worker wants money for the form"
ADDRESSES = itertools.count()
NAME, PHONE = "Lan Objector", "+86 771 90909"


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


@pytest.fixture
def people(office) -> dict[str, User]:
    """Those who work in Baiyun and in its township, and the county's officers."""
    areas = office.register.areas
    return {
        "worker": add_person("village", Role.VILLAGE_WORKER, areas["BAIYUN"]),
        "secretary": add_person("first", Role.FIRST_SECRETARY, areas["BAIYUN"]),
        "contact": add_person("visitor", Role.CONTACT_OFFICER, areas["BAIYUN"]),
        "township": add_person("town", Role.TOWNSHIP_OFFICER, areas["NALONG"]),
        "next": add_person("next", Role.VILLAGE_WORKER, areas["DATANG"]),
        "county": office.staff["county"],
        "county2": office.staff["county2"],
        "neighbour": office.staff["neighbour"],
        "analyst": office.staff["analyst"],
    }


def write(office, kind: MessageKind, *, place: str = "BAIYUN", **fields) -> Message:
    """A message as the public page sends it."""
    letter = Letter(kind=kind, area=office.register.areas[place], name=NAME, phone=PHONE, **fields)
    receipt = send_message(letter, ticket=codes.new_ticket(), address=str(next(ADDRESSES)), today=TODAY)
    found = Message.objects.everywhere(reason="test").get(code_hash=codes.code_hash(receipt.code))
    found.code = receipt.code
    return found


def report(office, **fields) -> Message:
    return write(office, MessageKind.REPORT, **{"trouble": "illness", "words": "The child is ill", **fields})


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def again(message: Message) -> Message:
    return Message.objects.everywhere(reason="test").get(pk=message.pk)


def read_by(people: dict[str, User], message: Message) -> set[str]:
    return {name for name, user in people.items() if readable_by(user).filter(pk=message.pk).exists()}


# --- Who reads what -----------------------------------------------------------------------------


def test_who_reads_which_message(office, people) -> None:
    near = {"worker", "secretary", "contact", "township", "county", "county2"}
    assert read_by(people, report(office)) == near
    assert read_by(people, report(office, for_county=True)) == {"county", "county2"}
    complaint = write(office, MessageKind.GRIEVANCE, words=COMPLAINT)
    assert read_by(people, complaint) == {"county", "county2"}
    objection = write(office, MessageKind.OBJECTION, words=SECRET, notice_code="ZZZZZZ", notice_line="1")
    assert read_by(people, objection) == {"county", "county2"}


def test_who_is_complained_about_neither_reads_nor_answers(office, people) -> None:
    complaint = write(office, MessageKind.GRIEVANCE, words=COMPLAINT)
    actions.say_about_whom(complaint, about=people["county2"], by=people["county"], today=TODAY)
    assert read_by(people, complaint) == {"county"}
    with pytest.raises(NotAllowed):
        actions.answer_message(again(complaint), answer="It is well.", by=people["county2"], today=TODAY)
    with pytest.raises(NotAllowed):
        actions.say_about_whom(again(complaint), about=None, by=people["county2"], today=TODAY)
    mild = report(office)
    actions.say_about_whom(mild, about=people["worker"], by=people["county"], today=TODAY)
    assert read_by(people, mild) == {"county", "county2"}


def test_the_county_answers_about_the_village_unless_it_works_there_too(office, people) -> None:
    whisper = report(office, for_county=True, words=WHISPER)
    for name in ("worker", "secretary", "contact", "township", "next", "neighbour", "analyst"):
        assert not may_answer(people[name], whisper, TODAY)
        for act in (
            lambda by: actions.take_up(whisper, by=by, today=TODAY),
            lambda by: actions.answer_message(whisper, answer="No.", by=by, today=TODAY),
            lambda by: actions.say_about_whom(whisper, about=None, by=by, today=TODAY),
            lambda by: actions.link_household(whisper, household=office.household(), by=by, today=TODAY),
        ):
            with pytest.raises(NotAllowed):
                act(people[name])
    both = people["county2"]
    grant_role(
        both, role=Role.FIRST_SECRETARY, area=office.register.areas["BAIYUN"], valid_from=LONG_AGO, by="test"
    )
    both = User.objects.get(pk=both.pk)
    with pytest.raises(NotAllowed):
        actions.answer_message(whisper, answer="No.", by=both, today=TODAY)
    actions.answer_message(whisper, answer="We ask him.", by=people["county"], today=TODAY)
    assert again(whisper).status == "answered"


def test_whoever_helps_sees_who_reports_and_the_county_alone_sees_who_objects(office, people) -> None:
    mild, complaint = report(office), write(office, MessageKind.GRIEVANCE, words=COMPLAINT)
    whole = {"name": NAME, "phone": PHONE}
    assert sender_of(mild, people["worker"], TODAY) == whole
    assert sender_of(mild, people["next"], TODAY) == {}
    assert sender_of(mild, people["analyst"], TODAY) == {}
    for name in ("worker", "secretary", "contact", "township"):
        assert sender_of(complaint, people[name], TODAY) == {}
    assert sender_of(complaint, people["county"], TODAY) == whole


def test_a_look_at_a_message_is_logged(office, people) -> None:
    mild = report(office)
    page = signed_in(people["township"]).get(f"/messages/{mild.pk}/")
    check_source(page)
    assert PHONE in page.content.decode()
    row = AccessLog.objects.get(page="public.message")
    assert (row.by, row.subject_kind, row.subject_id) == (str(people["township"].pk), "message", str(mild.pk))


# --- What is done -------------------------------------------------------------------------------


def test_taken_up_answered_and_no_second_time(office, people) -> None:
    mild = report(office)
    client = signed_in(people["township"])
    address = f"/messages/{mild.pk}/"
    assert client.post(address, {"do": "take_up"}).status_code == 302
    assert (again(mild).status, again(mild).taken_up_on) == ("taken_up", TODAY)
    assert client.post(address, {"do": "take_up"}).status_code == 422
    empty = client.post(address, {"do": "answer", "answer": "  "})
    assert empty.status_code == 422
    assert "Write the answer." in empty.content.decode()
    assert client.post(address, {"do": "answer", "answer": "We come on Friday."}).status_code == 302
    assert again(mild).answer == "We come on Friday."
    second = client.post(address, {"do": "answer", "answer": "Or on Monday."})
    assert second.status_code == 422
    assert again(mild).answer == "We come on Friday."
    kinds = list(
        Event.objects.filter(subject_kind="message").order_by("sequence").values_list("kind", flat=True)
    )
    assert kinds == ["cases.message", "cases.take_up_message", "cases.answer_message"]
    assert "Friday" not in str(list(Event.objects.values()))
    assert verify().sound


@pytest.mark.parametrize("do", ["", "burn", "uphold", "match"])
def test_what_cannot_be_done_with_a_report_changes_nothing(office, people, do) -> None:
    mild = report(office)
    before = Message.objects.everywhere(reason="test").values().get(pk=mild.pk)
    typed = {"do": do, "answer": "x", "notice_code": "ZZZZZZ", "notice_line": "1"}
    response = signed_in(people["county"]).post(f"/messages/{mild.pk}/", typed)
    assert response.status_code in (200, 422)
    assert Message.objects.everywhere(reason="test").values().get(pk=mild.pk) == before


def test_a_household_is_found_by_its_number_within_ones_area_alone(office, people) -> None:
    mild = report(office)
    client = signed_in(people["worker"])
    found = client.get(f"/messages/{mild.pk}/?household=2231").content.decode()
    assert office.household("2231").key in found
    beside, nowhere = (client.get(f"/messages/{mild.pk}/?household={number}") for number in ("0874", "77777"))
    texts = [
        re.sub(r'csrfmiddlewaretoken" value="\w+"', "", page.content.decode()).replace(number, "N")
        for page, number in ((beside, "0874"), (nowhere, "77777"))
    ]
    assert texts[0] == texts[1]
    assert "No household in your area has this number." in texts[0]
    key = office.household("0874").key
    assert client.post(f"/messages/{mild.pk}/", {"do": "link", "household": key}).status_code == 404
    assert again(mild).household is None


def test_a_case_opens_from_a_report(office, people) -> None:
    mild = report(office)
    client = signed_in(people["worker"])
    address = f"/messages/{mild.pk}/"
    early = client.post(address, {"do": "open", "rulebook": "demo-cn"})
    assert early.status_code == 422
    key = office.household().key
    assert client.post(address, {"do": "link", "household": key}).status_code == 302
    assert client.post(address, {"do": "open", "rulebook": "nonsense"}).status_code == 422
    opened = client.post(address, {"do": "open", "rulebook": "demo-cn"})
    case = Case.objects.everywhere(reason="test").get()
    assert opened.url == f"/cases/{case.pk}/"
    assert (case.channel, case.discovered_on, case.household.number) == ("household", TODAY, "2231")
    assert Event.objects.get(kind="cases.open").data["message"] == mild.pk
    assert again(mild).status == "taken_up"
    assert client.post(address, {"do": "open", "rulebook": "demo-cn"}).status_code == 422
    assert Case.objects.everywhere(reason="test").count() == 1


def test_a_linked_household_of_elsewhere_is_not_shown(office, people) -> None:
    mild = report(office)
    actions.link_household(mild, household=office.household("0874"), by=people["county"], today=TODAY)
    page = signed_in(people["worker"]).get(f"/messages/{mild.pk}/").content.decode()
    assert "0874" not in page
    assert "outside your area" in page


# --- Objections ---------------------------------------------------------------------------------


def file(office, **fields) -> tuple[Case, Message, Objection]:
    case, notice = hang_notice(office)
    typed = {"words": SECRET, "notice_code": notice.code, "notice_line": "1", **fields}
    message = write(office, MessageKind.OBJECTION, **typed)
    return case, message, Objection.objects.everywhere(reason="test").filter(message=message).first()


def test_an_objection_is_matched_by_hand(office, people) -> None:
    case, message, none = file(office, notice_code="I do not know")
    assert none is None
    right = case.notice_items.get().notice.code
    client, address = signed_in(people["county2"]), f"/messages/{message.pk}/"
    wrong = client.post(address, {"do": "match", "notice_code": "ZZZZZZ", "notice_line": "1"})
    assert wrong.status_code == 422
    assert "No notice that hangs in your area" in wrong.content.decode()
    done = client.post(address, {"do": "match", "notice_code": right.lower(), "notice_line": "1"})
    assert done.status_code == 302
    filed = Objection.objects.everywhere(reason="test").get()
    assert (filed.item.case, filed.message, filed.by) == (case, message, "public")
    assert again(message).status == "taken_up"
    twice = client.post(address, {"do": "match", "notice_code": right, "notice_line": "1"})
    assert twice.status_code == 422
    assert verify().sound


def test_a_notice_of_another_county_is_like_none(office, people) -> None:
    case, message, _none = file(office, notice_code="?", place="ANTANG-1")
    code = case.notice_items.get().notice.code
    answers = set()
    for number in (code, "ZZZZZZ"):
        with pytest.raises(CaseError) as error:
            actions.match_objection(
                message, notice_code=number, notice_line="1", by=people["neighbour"], today=TODAY
            )
        answers.add(str(error.value))
    assert len(answers) == 1


@pytest.mark.parametrize(("do", "status"), [("uphold", "upheld"), ("reject", "rejected")])
def test_the_sender_reads_what_the_county_decided(office, people, do, status) -> None:
    case, message, filed = file(office)
    officer = add_person("third", Role.COUNTY_OFFICER, office.register.areas["LONGHE"])
    client, address = signed_in(officer), f"/messages/{message.pk}/"
    assert client.post(address, {"do": "answer", "answer": "plainly"}).status_code == 422
    assert client.post(address, {"do": do, "answer": "We looked at both shops."}).status_code == 302
    filed.refresh_from_db()
    assert (filed.status, filed.answer) == (status, "We looked at both shops.")
    assert again(message).status == "answered"
    text = Client().post("/report/status/", {"code": message.code}).content.decode()
    assert "We looked at both shops." in text
    assert case.deadlines.filter(met_on=None, dropped_on=None, due_on=None).count() == 0


def test_the_sender_reads_it_wherever_it_was_answered(office, people) -> None:
    _case, message, filed = file(office)
    with pytest.raises(NotAllowed):
        answer_objection(filed, uphold=False, answer="Not so.", by=people["township"], today=TODAY)
    third = add_person("third", Role.COUNTY_OFFICER, office.register.areas["LONGHE"])
    answer_objection(filed, uphold=False, answer="Not so.", by=third, today=TODAY)
    assert (again(message).status, again(message).answer) == ("answered", "Not so.")


def test_somebody_with_a_hand_in_the_case_does_not_answer(office, people) -> None:
    _case, message, _filed = file(office)
    response = signed_in(people["county2"]).post(
        f"/messages/{message.pk}/", {"do": "reject", "answer": "No."}
    )
    assert response.status_code == 422
    assert again(message).status == "received"


# --- Leaks --------------------------------------------------------------------------------------


def addresses(office, message: Message, case: Case) -> list[str]:
    """Every page of the office about this village, found by the resolver."""
    fill = {
        "key": case.household.key,
        "code": "BAIYUN",
        "name": "demo-cn",
        "kind": "report",
        "digest": "0" * 64,
    }
    numbers = {"cases": case.pk, "messages": message.pk, "notices": case.notice_items.first().notice_id}

    def walk(resolver: URLResolver, above: str):
        for pattern in resolver.url_patterns:
            here = above + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, here)
            elif isinstance(pattern, URLPattern):
                filled = here.replace("<int:number>", str(numbers.get(here.split("/")[1], 1)))
                yield re.sub(r"<\w+:(\w+)>", lambda hit: fill.get(hit[1], "1"), filled)

    return list(walk(get_resolver(), "/"))


@pytest.mark.parametrize("name", ["worker", "secretary", "contact", "township"])
def test_no_page_tells_the_village_who_objects_or_what_is_complained_about(office, people, name) -> None:
    case, message, _filed = file(office)
    complaint = write(office, MessageKind.GRIEVANCE, words=COMPLAINT)
    whisper = report(office, for_county=True, words=WHISPER)
    client = signed_in(people[name])
    opened = 0
    for number in (message, complaint, whisper):
        assert client.get(f"/messages/{number.pk}/").status_code == 404
        assert client.post(f"/messages/{number.pk}/", {"do": "take_up"}).status_code == 404
    for address in addresses(office, message, case):
        if address in ("/sign-out/",):
            continue
        response = client.get(address, follow=True)
        opened += response.status_code == 200
        body = b"".join(response.streaming_content) if response.streaming else response.content
        for secret in (SECRET, COMPLAINT, WHISPER, NAME, PHONE):
            assert secret not in body.decode(errors="replace"), address
    assert opened > 10
    listed = client.get("/messages/").content.decode()
    assert "No message waits for an answer" in listed
    assert f"Notice {case.notice_items.get().notice.code}, line 1" in listed


def test_the_county_reads_what_was_said(office, people) -> None:
    """The opposite of the walk: the marks are there to be found."""
    _case, message, _filed = file(office)
    text = signed_in(people["county"]).get(f"/messages/{message.pk}/").content.decode()
    for mark in (SECRET, NAME, PHONE):
        assert mark in text


@pytest.mark.parametrize("name", ["neighbour", "next", "analyst"])
def test_another_area_finds_nothing(office, people, name) -> None:
    mild = report(office)
    client = signed_in(people[name])
    there, nowhere = (client.get(f"/messages/{number}/") for number in (mild.pk, 10**9))
    assert there.status_code == nowhere.status_code == (403 if name == "analyst" else 404)
    if name != "analyst":
        assert "The child is ill" not in client.get("/messages/?area=BAIYUN").content.decode()


# --- The list -----------------------------------------------------------------------------------


def test_the_list_has_what_is_late_first_and_counts_it(office, people, monkeypatch) -> None:
    first = report(office, words="first")
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY + 4 * DAY)
    letter = Letter(kind=MessageKind.REPORT, area=office.register.areas["DATANG"], words="second")
    send_message(letter, ticket=codes.new_ticket(), address="10.0.0.1", today=TODAY + 4 * DAY)
    client = signed_in(people["county"])
    page = client.get("/messages/")
    check_source(page)
    assert "2 messages wait for an answer, 1 is late" in page.content.decode()
    assert [row.words for row in page.context["page"].rows] == ["first", "second"]
    late = client.get("/messages/?show=overdue&kind=report").context["page"]
    assert [row.pk for row in late.rows] == [first.pk]
    assert client.get("/messages/?kind=grievance").context["page"].rows == []
    assert client.get("/messages/?show=nonsense&kind=nonsense&page=x&area=y").status_code == 200
    assert [row.words for row in client.get("/messages/?area=DATANG").context["page"].rows] == ["second"]


@pytest.mark.parametrize("address", ["/messages/", "/messages/?show=answered", "/messages/{number}/"])
def test_the_pages_cost_the_same_for_one_and_for_fifty(office, people, address) -> None:
    client = signed_in(people["county"])
    message = report(office)
    costs = []
    for more in (0, 49):
        for number in range(more):
            report(office, words=str(number))
        where = address.format(number=message.pk)
        client.get(where)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(where).status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1]
