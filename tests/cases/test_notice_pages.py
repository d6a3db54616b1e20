"""Public notices on their pages: hanging up, objections and who reads them, taking down, and the sheet itself."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from highground.audit.models import AccessLog
from highground.cases.actions.notices import heads_of
from highground.cases.actions.objections import answer_objection, file_objection
from highground.cases.models import Case, Notice, Objection
from highground.people.models import Household, Member, Membership, Observation, Source
from highground.people.vault import bound_to, open_vault
from tests.support.case_lists import many
from tests.support.pages import check_source

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
POST = "/cases/notices/post/?village=BAIYUN&rulebook=demo-cn&step=notice"


@pytest.fixture(autouse=True)
def on_the_day(office, monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: office.today)


def desk(office, name: str) -> Client:
    client = Client()
    client.force_login(office.staff[name])
    return client


def hang(office, *cases: Case, **change: object) -> Notice:
    sent = {
        "place": "Notice board", "object_at": "Village office, 8 to 18", "day": office.today.isoformat(), "days": "5",
        "cases": [case.pk for case in cases], **change,
    }  # fmt: skip
    response = desk(office, "secretary").post(POST, sent)
    assert response.status_code == 302, response.context["form"].errors
    return Notice.objects.everywhere(reason="test").latest("pk")


def object_to(office, notice: Notice, words: str = "They have a shop in town.") -> Objection:
    item = notice.items.order_by("line").first()
    desk(office, "township2").post(
        f"/cases/notices/{notice.pk}/",
        {
            "do": "object", "objection-line": str(item.pk), "objection-text": words,
            "objection-day": office.today.isoformat(),
        },
    )  # fmt: skip
    return Objection.objects.everywhere(reason="test").latest("pk")


def name_in_vault(household: Household, member: Member | None, kind: str, text: str) -> None:
    vault = open_vault()
    place = (household.pk, member.pk if member else None, kind)
    source, _new = Source.objects.get_or_create(kind="visit", name="Vault", day=datetime.date(2026, 1, 1))
    household.protected_values.create(
        member=member, kind=kind, sealed=vault.seal(text, bound_to(*place)), key_id=vault.current,
        lookup=f"{household.pk}-{member.pk if member else 0}-{kind}", recorded_at=timezone.now(), source=source,
    )  # fmt: skip


def add_member(household: Household, number: str, **facts: str) -> Member:
    member = Member.objects.create(household=household, key=f"mem{number}", number=number)
    Membership.objects.create(
        member=member,
        household=household,
        valid_from=datetime.date(2020, 1, 1),
        recorded_at=timezone.now(),
        by="test",
    )
    source, _new = Source.objects.get_or_create(kind="visit", name="Vault", day=datetime.date(2026, 1, 1))
    for fact, value in facts.items():
        Observation.objects.create(
            household=household, member=member, fact=fact, value=value, valid_from=datetime.date(2026, 1, 1),
            recorded_at=timezone.now(), source=source,
        )  # fmt: skip
    return member


def test_the_list_says_who_waits_what_hangs_and_what_may_come_down(office, monkeypatch) -> None:
    cases = many(office, 2, to="notice")
    client = desk(office, "secretary")
    response = client.get("/cases/notices/")
    check_source(response)
    assert "2 households wait for a public notice" in response.content.decode()
    notice = hang(office, *cases)
    hanging = client.get("/cases/notices/")
    assert hanging.context["counts"] == {"hanging": 1, "due": 0, "down": 0, "withdrawn": 0}
    monkeypatch.setattr(timezone, "localdate", lambda *_: notice.ends_on)
    due = client.get("/cases/notices/")
    assert due.context["show"] == "due"
    assert "1 notice may come down" in due.content.decode()
    assert [row.households for row, _label in due.context["rows"]] == [2]


def test_a_notice_shorter_than_the_rule_is_refused_beside_its_field(office) -> None:
    (case,) = many(office, 1, to="notice")
    client = desk(office, "secretary")
    sent = {
        "place": "",
        "object_at": "",
        "day": (office.today + DAY).isoformat(),
        "days": "4",
        "cases": [case.pk],
    }
    response = client.post(POST, sent)
    assert response.status_code == 422
    errors = response.context["form"].errors
    assert errors["days"] == ["4 is too short: the rule asks for at least 5 days."]
    assert errors["day"] == ["This day lies in the future; record the notice when it hangs."]
    assert errors["place"]
    assert errors["object_at"]
    assert not Notice.objects.everywhere(reason="test").exists()


def test_a_notice_is_taken_down_when_its_days_are_over(office, monkeypatch) -> None:
    (case,) = many(office, 1, to="notice")
    notice = hang(office, case)
    client, address = desk(office, "secretary"), f"/cases/notices/{notice.pk}/"
    page = client.get(address)
    check_source(page)
    assert "1 household hangs until 15 March 2026" in page.content.decode()
    assert "Take the notice down" not in page.content.decode()
    early = client.post(address, {"do": "down"}, follow=True)
    assert "has hung for 0 of 5 full days" in early.content.decode()
    monkeypatch.setattr(timezone, "localdate", lambda *_: notice.ends_on)
    assert "Take the notice down" in client.get(address).content.decode()
    done = client.post(address, {"do": "down"}, follow=True)
    assert f"Notice {notice.code} was taken down on 16 March 2026" in done.content.decode()
    assert case.steps.get(step="notice").outcome == "undisputed"


def test_the_village_sees_how_many_objections_there_are_and_what_became_of_them_never_what_was_said(
    office,
) -> None:
    (case,) = many(office, 1, to="notice")
    notice = hang(office, case)
    objection = object_to(office, notice)
    address = f"/cases/notices/{notice.pk}/"
    village = desk(office, "secretary").get(address).content.decode()
    assert "1 objection" in village
    assert "being looked into" in village
    assert "shop in town" not in village
    assert "Send the answer" not in village
    desk(office, "secretary").post(
        address, {"do": f"answer-{objection.pk}", f"objection-{objection.pk}-uphold": "no"}
    )
    objection.refresh_from_db()
    assert objection.status == "open", "the village does not answer objections"
    for reader in ("township2", "county2"):
        page = desk(office, reader).get(address).content.decode()
        assert "shop in town" in page
        assert "Send the answer" in page


def test_an_objection_is_answered_and_the_notice_sends_the_household_back(office, monkeypatch) -> None:
    (case,) = many(office, 1, to="notice")
    notice = hang(office, case)
    objection = object_to(office, notice)
    address, key = f"/cases/notices/{notice.pk}/", f"objection-{objection.pk}"
    monkeypatch.setattr(timezone, "localdate", lambda *_: notice.ends_on)
    village = desk(office, "secretary")
    waiting = village.get(address).content.decode()
    assert "Objections to line 1 are open." in waiting
    assert "Take the notice down" not in waiting
    answerer = desk(office, "township2")
    empty = answerer.post(address, {"do": f"answer-{objection.pk}"})
    assert empty.status_code == 422
    assert "Choose whether it is upheld." in empty.content.decode()
    answerer.post(
        address, {"do": f"answer-{objection.pk}", f"{key}-uphold": "yes", f"{key}-answer": "There is a shop."}
    )
    objection.refresh_from_db()
    assert (objection.status, objection.answer) == ("upheld", "There is a shop.")
    village.post(address, {"do": "down"})
    step = case.steps.get(step="notice")
    assert (step.outcome, step.stands) == ("upheld", False)


def test_who_had_a_hand_in_the_case_is_told_before_anything_is_typed(office, monkeypatch) -> None:
    """The village's own steps were taken by others of the office; the comparison by this county officer."""
    (case,) = many(office, 1, to="notice")
    notice = hang(office, case)
    objection = object_to(office, notice)
    address = f"/cases/notices/{notice.pk}/"
    page = desk(office, "county").get(address).content.decode()
    assert "You had a hand in this case: somebody else answers it." in page
    assert "Send the answer" not in page
    typed = {"do": f"answer-{objection.pk}", f"objection-{objection.pk}-uphold": "yes",
             f"objection-{objection.pk}-answer": "Yes."}  # fmt: skip
    desk(office, "county").post(address, typed)
    objection.refresh_from_db()
    assert objection.status == "open"
    assert "Send the answer" in desk(office, "county2").get(address).content.decode()


@pytest.mark.parametrize("number", ["x", "", "\u00b2", "-1", "9" * 5000])
def test_an_answer_to_what_is_no_objection_is_no_error_of_ours(office, number) -> None:
    (case,) = many(office, 1, to="notice")
    notice = hang(office, case)
    response = desk(office, "township2").post(f"/cases/notices/{notice.pk}/", {"do": f"answer-{number}"})
    assert response.status_code == (200 if number.isdecimal() else 404)


def test_a_notice_that_was_objected_to_is_not_withdrawn(office) -> None:
    (case,) = many(office, 1, to="notice")
    notice = hang(office, case)
    object_to(office, notice)
    page = desk(office, "secretary").post(
        f"/cases/notices/{notice.pk}/", {"do": "withdraw", "why-reason": "A name was wrong."}
    )
    assert page.status_code == 422
    assert "Objections to line 1 are open: answer them" in page.content.decode()


def test_a_notice_is_withdrawn_with_a_reason(office) -> None:
    (case,) = many(office, 1, to="notice")
    notice = hang(office, case)
    client, address = desk(office, "secretary"), f"/cases/notices/{notice.pk}/"
    assert client.post(address, {"do": "withdraw", "why-reason": " "}).status_code == 422
    page = client.post(
        address, {"do": "withdraw", "why-reason": "A name was wrong."}, follow=True
    ).content.decode()
    assert f"Notice {notice.code} was withdrawn" in page
    assert "A name was wrong." in page
    assert "A name was wrong." in client.get("/cases/notices/?show=withdrawn").content.decode()
    assert client.get("/cases/notices/").context["waiting"] == 1


SECRETS = {
    "identity_number": "000000199003070014",
    "phone": "13800000000",
    "bank_account": "6222020200112233445",
    "name": "Zhao Secret Child",
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_sheet_shows_the_allow_list_and_nothing_else(office, language) -> None:
    """Fact 13: no identity number, phone, bank account or health; nor a risk, a member, a measure or an amount."""
    (case,) = many(office, 1, to="notice")
    household = case.household
    head = add_member(household, "1", relation="head", health_status="disabled")
    child = add_member(household, "2", relation="child", health_status="severe_illness")
    name_in_vault(household, child, "name", SECRETS["name"])
    name_in_vault(household, head, "name", "Zhao Head")
    for kind in ("identity_number", "phone", "bank_account"):
        name_in_vault(household, head, kind, SECRETS[kind])
    source = Source.objects.get(name="Vault")
    for fact, value in (("risks", "illness"), ("out_of_pocket_12m", "31400"), ("income_wage_12m", "30123")):
        Observation.objects.create(
            household=household, fact=fact, value=value, valid_from=datetime.date(2026, 1, 1),
            recorded_at=timezone.now(), source=source,
        )  # fmt: skip
    notice = hang(office, case)
    client = desk(office, "secretary")
    client.cookies["django_language"] = language
    response = client.get(f"/cases/notices/{notice.pk}/print/")
    check_source(response)
    page = response.content.decode()
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for shown in ("Zhao Head", notice.code, "Village office, 8 to 18", "testserver/report/"):
        assert shown in plain, shown
    assert ("白云村" if language == "zh-hans" else "Baiyun village") in plain
    wanted = "突发严重困难户" if language == "zh-hans" else "Household in sudden severe difficulty"
    assert wanted in plain
    for hidden in (*SECRETS.values(), "illness", "Illness", "疾病", "大病", "残疾", "disab", "31400", "31,400", "30123",
                   household.number, household.key, head.key, child.key, "risk", "Risk", "风险", "possible"):  # fmt: skip
        assert hidden not in plain, hidden
    assert AccessLog.objects.filter(page="cases.sheet", subject_id=str(notice.pk)).count() == 1


def test_the_sheet_shows_nothing_once_the_notice_is_down(office, monkeypatch) -> None:
    (case,) = many(office, 1, to="notice")
    name_in_vault(case.household, add_member(case.household, "1"), "name", "Zhao Head")
    notice = hang(office, case)
    client, address = desk(office, "secretary"), f"/cases/notices/{notice.pk}/print/"
    assert "Zhao Head" in client.get(address).content.decode()
    monkeypatch.setattr(timezone, "localdate", lambda *_: notice.ends_on)
    client.post(f"/cases/notices/{notice.pk}/", {"do": "down"})
    page = client.get(address).content.decode()
    assert "Zhao Head" not in page
    assert f"Notice {notice.code} was taken down" in page
    assert "Zhao Head" not in client.get(f"/cases/notices/{notice.pk}/").content.decode()


def test_nobody_but_the_head_is_ever_named(office) -> None:
    """A child whose name is the only one in the vault does not stand for the head."""
    household = office.household()
    child = add_member(household, "c", relation="child")
    name_in_vault(household, child, "name", "A Child")
    parent = add_member(household, "p")
    assert heads_of([household]) == {}
    name_in_vault(household, parent, "name", "A Parent")
    assert heads_of([household]) == {}
    Observation.objects.create(
        household=household, member=parent, fact="relation", value="head", valid_from=datetime.date(2026, 2, 1),
        recorded_at=timezone.now(), source=Source.objects.get(name="Vault"),
    )  # fmt: skip
    assert heads_of([household]) == {household.pk: "A Parent"}


def test_the_other_county_finds_nothing(office) -> None:
    (case,) = many(office, 1, to="notice")
    notice = hang(office, case)
    neighbour = desk(office, "neighbour")
    for address in (f"/cases/notices/{notice.pk}/", f"/cases/notices/{notice.pk}/print/", POST):
        assert neighbour.get(address).status_code == 404
    assert neighbour.get("/cases/notices/").context["counts"]["hanging"] == 0
    for address in ("/cases/notices/", f"/cases/notices/{notice.pk}/print/"):
        assert desk(office, "analyst").get(address).status_code == 403


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_the_number_of_queries_does_not_grow_with_the_households(office) -> None:
    client, counts = desk(office, "secretary"), []
    for number, start in ((1, 0), (50, 1)):
        cases = many(office, number, to="notice", start=start)
        counts.append([queries(client, POST)])
        with CaptureQueriesContext(connection) as hanging:
            notice = hang(office, *cases)
        address = f"/cases/notices/{notice.pk}/"
        counts[-1] += [len(hanging), queries(client, address), queries(client, f"{address}print/")]
        counts[-1].append(queries(client, "/cases/notices/"))
    assert counts[0] == counts[1]


def test_a_notice_is_not_offered_to_be_withdrawn_while_an_objection_stands(office) -> None:
    (case,) = many(office, 1, to="notice")
    notice = hang(office, case)
    client, address = desk(office, "secretary"), f"/cases/notices/{notice.pk}/"
    assert "Withdraw this notice" in client.get(address).content.decode()
    objection = file_objection(
        notice.items.get(), text="Not so.", by="public", day=office.today, today=office.today
    )
    assert "Withdraw this notice" not in client.get(address).content.decode()
    answer_objection(objection, uphold=False, answer="So.", by=office.staff["township2"], today=office.today)
    assert "Withdraw this notice" in client.get(address).content.decode()
