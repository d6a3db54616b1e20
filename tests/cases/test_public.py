"""The public page: what anybody can send, what comes back, and that nothing else does."""

from __future__ import annotations

import datetime
import json
import logging
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.audit.actions import verify
from highground.audit.models import Event
from highground.cases.actions.notices import close_notice, post_notice
from highground.cases.enums import MessageKind
from highground.cases.models import Case, Deadline, Message, Objection, PublicUse
from highground.cases.public import brake, codes
from highground.cases.public.actions import Letter, answer_message, send_message, take_up
from highground.cases.public.forms import TROUBLES
from highground.cases.public.service import service_times
from highground.methods.facts import load_dictionary
from highground.people.actions import rotate_keys
from highground.people.sealed import opened
from highground.people.vault import add_key
from tests.support.pages import check_source
from tests.support.places import add_person
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
REPORT = {
    "trouble": "illness",
    "words": "孩子病了",
    "readers": "all",
    "name": "Wei Lan",
    "phone": "+86 771 555",
}
COMPLAINT = {"staff": "yes", "words": "He keeps our aid card", "name": "Wei Lan", "phone": "+86 771 555"}


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


def sent() -> list[Message]:
    return list(Message.objects.everywhere(reason="test").order_by("pk"))


def ticket_in(response) -> str:
    return re.search(r'name="ticket" value="([^"]+)"', response.content.decode())[1]


def send(client: Client, kind: str, typed: dict[str, str], place: str = "BAIYUN", **extra):
    """Open the form and send it, as a browser does."""
    address = f"/report/{kind}/?place={place}"
    opened_form = client.get(address)
    assert opened_form.status_code == 200
    return client.post(address, {**typed, "website": "", "ticket": ticket_in(opened_form)}, **extra)


def code_in(response) -> str:
    assert response.status_code == 200, response.content.decode()
    return re.search(r'class="code">([^<]+)<', response.content.decode())[1]


def ask(client: Client, code: str):
    return client.post("/report/status/", {"code": code})


def hang_notice(office) -> tuple[Case, object]:
    """A notice that hangs in Baiyun with one household on it."""
    case = office.open()
    office.assign(case)
    office.visit(case)
    office.apply(case)
    office.compare(case)
    office.appraise([case])
    notice = post_notice(
        area=case.household.area,
        rulebook=case.rulebook,
        step="notice",
        cases=[case],
        object_at="Village office",
        by=office.staff["secretary"],
        day=office.today,
        today=office.today,
    )
    return case, notice


# --- Choosing the place -------------------------------------------------------------------------


def test_the_place_is_chosen_step_by_step(office, client) -> None:
    page = client.get("/report/report/")
    check_source(page)
    text = page.content.decode()
    assert "Longhe county" in text
    assert "Pingnan county" in text
    assert "Baiyun" not in text
    township = client.get("/report/report/?in=LONGHE").content.decode()
    assert "?in=NALONG" in township
    assert "Antang" not in township
    village = client.get("/report/report/?in=NALONG").content.decode()
    assert "?place=BAIYUN" in village
    assert "?place=NALONG" in village
    assert "What is the trouble?" in client.get("/report/report/?place=BAIYUN").content.decode()


def test_a_code_on_a_poster_leads_straight_to_the_form(office, client) -> None:
    page = client.get("/report/?place=baiyun").content.decode()
    assert "Baiyun village" in page
    assert "/report/report/?place=baiyun" in page
    assert "What is the trouble?" in client.get("/report/report/?place=%20baiyun").content.decode()


@pytest.mark.parametrize("place", ["NOWHERE", "x" * 5_000, "'; DROP TABLE", "%00", "LONGHE", "CN"])
def test_a_place_that_is_none_leads_to_the_choice(office, client, place) -> None:
    page = client.get("/report/report/", {"place": place})
    assert page.status_code == 200
    assert "Where is it?" in page.content.decode()


def test_only_areas_that_exist_today_are_offered(office, client) -> None:
    village = office.register.areas["DATANG"]
    village.valid_to = TODAY - DAY
    village.save()
    assert "Datang" not in client.get("/report/report/?in=NALONG").content.decode()
    assert "Where is it?" in client.get("/report/report/?place=DATANG").content.decode()


# --- Sending ------------------------------------------------------------------------------------


def test_a_report_is_kept_and_its_sender_is_sealed(office, client) -> None:
    response = send(client, "report", REPORT)
    check_source(response)
    code = code_in(response)
    (message,) = sent()
    assert (message.kind, message.area.code, message.trouble, message.words) == (
        "report", "BAIYUN", "illness", "孩子病了")  # fmt: skip
    assert (message.sent_on, message.due_on) == (TODAY, TODAY + 2 * DAY)
    assert not message.for_county
    assert json.loads(opened(message, "sender")) == {"name": "Wei Lan", "phone": "+86 771 555"}
    rows = str([list(model.objects.values()) for model in (Event, PublicUse)])
    stored = str(list(Message.objects.everywhere(reason="test").values()))
    for text in ("Wei Lan", "+86 771 555", code, code.replace("-", "")):
        assert text not in rows
        assert text not in stored
    assert verify().sound
    event = Event.objects.get(kind="cases.message")
    assert (event.by, event.data) == ("public", {"kind": "report", "for_county": False})


def test_the_sender_follows_a_change_of_keys(office, client) -> None:
    code = code_in(send(client, "report", REPORT))
    old = sent()[0].sender
    add_key()
    rotate_keys(by="test", today=TODAY)
    assert sent()[0].sender != old
    assert json.loads(opened(sent()[0], "sender"))["name"] == "Wei Lan"
    take_up(sent()[0], by=office.staff["township"], today=TODAY)
    assert "looking into it" in ask(client, code).content.decode()


def test_little_is_asked_for(office, client) -> None:
    code_in(send(client, "report", {"trouble": "other", "readers": "all"}))
    (message,) = sent()
    assert (message.words, message.sender) == ("", "")


def test_the_troubles_are_the_risks_of_the_dictionary() -> None:
    assert list(TROUBLES) == list(load_dictionary()["risks"].values)


def test_each_kind_has_a_service_time_and_what_is_not_sourced_says_so() -> None:
    times = service_times()
    assert set(times) == set(MessageKind)
    assert times[MessageKind.REPORT].days == 2
    assert all(time.source for time in times.values() if time.verified)
    assert not times[MessageKind.GRIEVANCE].verified


@pytest.mark.parametrize(
    ("kind", "typed", "says"),
    [
        ("report", {"readers": "all"}, "Choose what weighs most."),
        ("report", {**REPORT, "trouble": "greed"}, "Select a valid choice"),
        ("report", {**REPORT, "words": "x" * 2_001}, "at most 2000"),
        ("report", {**REPORT, "words": "a\x00b"}, "Null characters"),
        ("report", {**REPORT, "name": "x" * 81}, "at most 80"),
        ("objection", {"notice_code": "", "notice_line": "1", "words": "no"}, "Enter the number that stands"),
        ("objection", {"notice_code": "K7MP3X", "notice_line": "1", "words": " "}, "what is not right"),
        ("grievance", {"words": "unfair"}, "Choose one of the answers."),
        ("grievance", {"staff": "no"}, "Say in a few words what happened."),
    ],
)
def test_what_is_missing_or_too_long_is_said(office, client, kind, typed, says) -> None:
    response = send(client, kind, typed)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert sent() == []


def test_a_form_that_is_sent_twice_is_one_message(office, client) -> None:
    address = "/report/report/?place=BAIYUN"
    ticket = ticket_in(client.get(address))
    first, second, third = (
        client.post(address, {**REPORT, "words": words, "ticket": ticket}) for words in ("a", "a", "b")
    )
    assert code_in(first) == code_in(second) != code_in(third)
    assert [message.words for message in sent()] == ["a", "b"]
    assert PublicUse.objects.count() == 4


@pytest.mark.parametrize("ticket", ["", "made up", "x" * 201])
def test_a_form_without_its_ticket_comes_back_with_a_fresh_one(office, client, ticket) -> None:
    address = "/report/report/?place=BAIYUN"
    response = client.post(address, {**REPORT, "ticket": ticket})
    assert response.status_code == 422
    assert "孩子病了" in response.content.decode()
    code_in(client.post(address, {**REPORT, "ticket": ticket_in(response)}))


def test_a_machine_that_fills_in_every_field_gets_the_form_back_and_a_person_is_not_lost(
    office, client
) -> None:
    address = "/report/report/?place=BAIYUN"
    ticket = ticket_in(client.get(address))
    response = client.post(address, {**REPORT, "website": "http://casino.example", "ticket": ticket})
    assert response.status_code == 422
    assert sent() == []
    text = response.content.decode()
    assert "casino" not in text
    assert "孩子病了" in text
    code_in(client.post(address, {**REPORT, "website": "", "ticket": ticket_in(response)}))


def test_what_is_too_large_is_refused(office, client) -> None:
    address = "/report/report/?place=BAIYUN"
    response = client.post(address, {**REPORT, "words": "x" * 70_000, "ticket": codes.new_ticket()})
    assert response.status_code == 413
    assert client.post("/report/status/", {"code": "x" * 70_000}).status_code == 413
    assert sent() == []


def test_the_forms_are_guarded_and_no_other_cookie_is_set(office) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/report/report/?place=BAIYUN", REPORT).status_code == 403
    assert client.post("/report/status/", {"code": "x"}).status_code == 403
    page = client.get("/report/report/?place=BAIYUN")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]
    code_in(
        client.post(
            "/report/report/?place=BAIYUN",
            {**REPORT, "ticket": ticket_in(page), "csrfmiddlewaretoken": token},
        )
    )
    assert set(client.cookies) == {"csrftoken"}


@pytest.mark.parametrize("kind", ["praise", "REPORT", "status/x"])
def test_other_kinds_do_not_exist(office, client, kind) -> None:
    assert client.get(f"/report/{kind}/?place=BAIYUN").status_code == 404


# --- The brakes ---------------------------------------------------------------------------------


def test_too_much_from_one_address_waits_and_loses_nothing(office, client, monkeypatch) -> None:
    monkeypatch.setattr(brake, "SENT_FROM", brake.Limit("sent from", 2, datetime.timedelta(hours=1)))
    for words in "ab":
        code_in(send(client, "report", {**REPORT, "words": words}))
    response = send(client, "report", REPORT)
    assert response.status_code == 429
    assert "孩子病了" in response.content.decode()
    assert len(sent()) == 2
    code_in(send(client, "report", REPORT, REMOTE_ADDR="10.1.2.3"))
    assert "10.1.2.3" not in str(list(PublicUse.objects.values()))
    late = timezone.now() + datetime.timedelta(minutes=61)
    monkeypatch.setattr(timezone, "now", lambda: late)
    code_in(send(client, "report", {**REPORT, "words": "c"}))


def test_too_much_for_one_place_waits(office, client, monkeypatch) -> None:
    monkeypatch.setattr(brake, "SENT_FOR", brake.Limit("sent for", 2, datetime.timedelta(hours=1)))
    for number in range(3):
        response = send(client, "report", {**REPORT, "words": str(number)}, REMOTE_ADDR=f"10.0.0.{number}")
    assert response.status_code == 429
    code_in(send(client, "report", REPORT, place="DATANG"))


def test_asking_waits_in_the_same_way_for_codes_that_exist_and_codes_that_do_not(
    office, client, monkeypatch
) -> None:
    monkeypatch.setattr(brake, "ASKED_FROM", brake.Limit("asked from", 3, datetime.timedelta(minutes=15)))
    real = code_in(send(client, "report", REPORT))
    for code, address in ((real, "10.0.0.1"), (codes.code_of(codes.new_ticket()), "10.0.0.2")):
        answers = [
            client.post("/report/status/", {"code": code}, REMOTE_ADDR=address).status_code for _ in range(4)
        ]
        assert answers == [200, 200, 200, 429]


def test_what_the_brakes_keep_is_gone_after_a_day(office, client, monkeypatch) -> None:
    send(client, "report", REPORT)
    later = timezone.now() + datetime.timedelta(hours=25)
    monkeypatch.setattr(timezone, "now", lambda: later)
    ask(client, codes.code_of(codes.new_ticket()))
    assert PublicUse.objects.count() == 1


# --- Asking what became of it -------------------------------------------------------------------


def answer_about(response, code: str) -> str:
    """The page without what differs from one request to the next."""
    text = response.content.decode().replace(code, "CODE")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


def test_the_status_goes_from_received_to_answered(office, client) -> None:
    code = code_in(send(client, "report", REPORT))
    assert "Received, and waiting" in ask(client, code).content.decode()
    take_up(sent()[0], by=office.staff["township"], today=TODAY)
    response = ask(client, code.lower().replace("-", " "))
    check_source(response)
    assert "Somebody is looking into it" in response.content.decode()
    answer_message(sent()[0], answer="We come on Friday.", by=office.staff["township"], today=TODAY)
    text = ask(client, code).content.decode()
    assert "We come on Friday." in text
    for hidden in ("Wei Lan", "+86 771", "孩子病了", "Township", "Baiyun"):
        assert hidden not in text


def test_a_code_that_nobody_was_given_is_answered_like_one_that_waits(office, client) -> None:
    waiting = code_in(send(client, "grievance", COMPLAINT))
    made_up = codes.code_of(codes.new_ticket())
    first, second = ask(client, waiting), ask(client, made_up)
    assert first.status_code == second.status_code == 200
    assert answer_about(first, waiting) == answer_about(second, made_up)
    assert {name: value for name, value in first.items() if name != "Content-Length"} == {
        name: value for name, value in second.items() if name != "Content-Length"
    }


def test_both_cost_the_same_queries(office, client) -> None:
    waiting = code_in(send(client, "report", REPORT))
    counts = []
    for code in (waiting, codes.code_of(codes.new_ticket())):
        ask(client, code)
        with CaptureQueriesContext(connection) as captured:
            ask(client, code)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_slip_in_a_code_is_said_without_looking_for_it(office, client) -> None:
    code = code_in(send(client, "report", REPORT))
    wrong = ("A" if code[0] != "A" else "B") + code[1:]
    with CaptureQueriesContext(connection) as captured:
        response = ask(client, wrong)
    assert response.status_code == 422
    assert "There is a slip in this code" in response.content.decode()
    assert [query for query in captured if "cases_" in query["sql"]] == []


def test_the_code_is_in_no_address_and_no_log(office, client, caplog) -> None:
    with caplog.at_level(logging.DEBUG):
        code = code_in(send(client, "report", REPORT))
        ask(client, code)
        send(client, "report", {**REPORT, "trouble": "x"})
    for record in caplog.records:
        if record.name != "django.db.backends":
            for text in (code, "Wei Lan", "+86 771 555", "孩子病了"):
                assert text not in record.getMessage()
    assert 'method="get"' not in ask(client, code).content.decode()


# --- Objections ---------------------------------------------------------------------------------


def objection(code: str, line: object = 1) -> dict[str, str]:
    return {"notice_code": code, "notice_line": str(line), "words": "They own two shops", "name": "Wei Lan"}


def test_an_objection_to_a_line_that_hangs_stops_the_clock(office, client) -> None:
    case, notice = hang_notice(office)
    typed = objection(f" {notice.code[:3].lower()}-{notice.code[3:]}", " line 1 ")
    code_in(send(client, "objection", typed, place="HEPING-1"))
    (message,) = sent()
    assert message.area == case.household.area
    filed = Objection.objects.everywhere(reason="test").get()
    assert (filed.message, filed.item.case, filed.by, filed.filed_on) == (message, case, "public", TODAY)
    running = Deadline.objects.everywhere(reason="test").filter(case=case, met_on=None, dropped_on=None)
    assert {one.due_on for one in running} == {None}
    assert verify().sound


@pytest.mark.parametrize("why", ["no such notice", "no such line", "no line", "taken down"])
def test_an_objection_that_fits_nothing_is_taken_in_the_same_way(office, client, why) -> None:
    _case, notice = hang_notice(office)
    good = send(client, "objection", objection(notice.code), place="BAIYUN")
    if why == "taken down":
        Objection.objects.everywhere(reason="test").update(status="rejected", answered_on=TODAY)
        close_notice(notice, by=office.staff["secretary"], today=notice.ends_on)
    typed = {
        "no such notice": objection("ZZZZZZ"),
        "no such line": objection(notice.code, 7),
        "no line": objection(notice.code, "the third"),
        "taken down": objection(notice.code),
    }[why]
    before = Objection.objects.everywhere(reason="test").count()
    other = send(client, "objection", typed)
    assert other.status_code == 200
    assert answer_about(good, code_in(good)) == answer_about(other, code_in(other))
    assert Objection.objects.everywhere(reason="test").count() == before
    message = sent()[-1]
    assert message.area.code == "BAIYUN"
    assert (message.notice_code, message.notice_line) == (typed["notice_code"], typed["notice_line"])
    waiting, unknown = code_in(good), code_in(other)
    assert answer_about(ask(client, waiting), waiting) == answer_about(ask(client, unknown), unknown)


def test_two_people_may_object_to_one_line(office, client) -> None:
    _case, notice = hang_notice(office)
    for words in ("one", "two"):
        code_in(send(client, "objection", {**objection(notice.code), "words": words}))
    assert Objection.objects.everywhere(reason="test").count() == 2


# --- Other languages, and people who are signed in ----------------------------------------------


def test_the_language_of_the_reader_goes_along(office, client) -> None:
    client.cookies["django_language"] = "zh-hans"
    send(client, "report", REPORT)
    assert sent()[0].language == "zh-hans"


def test_what_somebody_sends_does_not_depend_on_being_signed_in(office, client) -> None:
    client.force_login(User.objects.get(username="analyst"))
    code_in(send(client, "report", REPORT))
    assert Event.objects.get(kind="cases.message").by == "public"


def test_the_action_takes_the_same_letter_once(office) -> None:
    letter = Letter(kind=MessageKind.REPORT, area=office.register.areas["BAIYUN"], trouble="other")
    ticket = codes.new_ticket()
    receipts = {send_message(letter, ticket=ticket, address="10.0.0.1", today=TODAY) for _ in range(3)}
    assert len(receipts) == 1
    assert len(sent()) == 1


def test_where_nobody_looks_after_an_area_the_countries_are_offered(office, client) -> None:
    from highground.accounts.models import Grant

    Grant.objects.all().delete()
    add_person("clerk", Role.VILLAGE_WORKER, office.register.areas["BAIYUN"])
    assert "Longhe county" in client.get("/report/report/").content.decode()
