"""The pages of support: what they say, what they take, what they refuse; and what they cost at 1 and at 50 rows."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from PIL import Image

from highground.audit.models import AccessLog, Event
from highground.cases.actions.visiting import follow_up
from highground.cases.joined import cards_of
from highground.cases.models import Case
from highground.people.models import Household
from highground.signals.models import RulebookVersion
from highground.support.actions.credits import grant_credit
from highground.support.actions.planning import add_lines
from highground.support.automatic import always, deadlines_of
from highground.support.models import Credit, Delivery, PaymentBatch, Plan, PlanLine
from tests.support.case_path import Office
from tests.support.pages import check_source
from tests.supporting.test_budgets import monitored
from tests.supporting.test_paying import batch_of, payments, relieve
from tests.supporting.test_planning import budget, line, lines_of, plan

DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch, request) -> None:
    """Pages live on the day of the office, which goes on while a household walks through it."""
    held = request.getfixturevalue("office") if "office" in request.fixturenames else None
    if held is not None:
        monkeypatch.setattr(timezone, "localdate", lambda *_: held.today)


def client_of(office: Office, name: str = "contact") -> Client:
    client = Client()
    client.force_login(office.staff[name])
    return client


def text_of(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:2000]
    check_source(response)
    return " ".join(response.content.decode().split())


def typed(office: Office, *rows: dict[str, str], **more: str) -> dict[str, str]:
    """The form of a plan with these lines."""
    found = {"line-TOTAL_FORMS": str(len(rows)), "line-INITIAL_FORMS": "0", **more}
    for place, row in enumerate(rows):
        fields = {
            "measure": "training",
            "risk": "",
            "responsible": str(office.staff["contact"].pk),
            "due_on": (office.today + 10 * DAY).isoformat(),
            "quantity": "1",
            "amount": "",
            "note": "",
            **row,
        }
        found |= {f"line-{place}-{name}": value for name, value in fields.items()}
    return found


def test_a_plan_is_written_line_by_line(office: Office) -> None:
    case = office.recognise()
    budget(office, "other_education", 10_000)
    client = client_of(office)
    assert "No plan yet for household 2231" in text_of(client.get(f"/support/cases/{case.pk}/"))
    page = text_of(client.get(f"/support/cases/{case.pk}/write/"))
    assert (
        "What helps household 2231?" in page and "Health, social assistance, comprehensive security" in page
    )
    assert page.count("Which measure?") == 2
    more = text_of(client.post(f"/support/cases/{case.pk}/write/", typed(office, {}, more="1")))
    assert more.count("Which measure?") == 4
    rows = (
        {"measure": "medical_assistance", "risk": "illness"},
        {"measure": "vocational_grant", "quantity": "2"},
        {"measure": "", "risk": "illness"},
    )
    sent = client.post(f"/support/cases/{case.pk}/write/", typed(office, *rows, seen=str(case.version)))
    assert sent.status_code == 302 and sent.url == f"/support/cases/{case.pk}/"
    page = text_of(client.get(sent.url))
    assert "2 measures still to arrive" in page and "6,000 yuan planned" in page
    assert "Medical assistance" in page and "against illness" in page and "Nothing in this plan" not in page
    assert AccessLog.objects.filter(page="support.plan").count() == 2
    card = cards_of(case, office.staff["contact"], office.today)
    assert [one.template for one in card] == ["support/card.html"]
    assert "Open the whole plan" in text_of(client.get(f"/cases/{case.pk}/"))


def test_what_a_plan_leaves_open_is_said(office: Office) -> None:
    case = office.recognise()
    plan(office, case, line(office, "dibao"), line(office, "toilet"))
    page = text_of(client_of(office).get(f"/support/cases/{case.pk}/"))
    assert "Whether anybody here can work is not known" in page
    assert "nothing answers it yet" not in page, "the minimum living guarantee answers illness"
    assert "not verified" in page


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"responsible": ""}, "Name the person responsible."),
        ({"due_on": ""}, "Give the day by which it is done."),
        ({"due_on": "30/06/2026"}, "This is no date; write for example 2024-06-30."),
        ({"amount": "1,200"}, "Write the amount with a point and without commas, such as 1200.50."),
        ({"amount": "-5"}, "greater than or equal to 0"),
        ({"amount": "5"}, "LONGHE has no budget for"),
        ({"measure": "", "note": "a cow"}, "Choose the measure."),
        ({"measure": "wishes"}, "wishes is not one of the available choices"),
        ({"measure": ""}, "Choose at least one measure."),
    ],
)
def test_a_plan_that_cannot_be_says_why_and_keeps_what_was_typed(
    office: Office, row: dict[str, str], said: str
) -> None:
    """A plan without a person responsible, an amount with a comma, and what else people type."""
    case = monitored(office, office.household())
    answer = client_of(office).post(
        f"/support/cases/{case.pk}/write/", typed(office, {"quantity": "7", **row})
    )
    page = text_of(answer, 422)
    assert said in page and 'value="7"' in page
    assert not PlanLine.objects.everywhere(reason="test").exists()


def test_somebody_else_was_faster(office: Office) -> None:
    case = office.recognise()
    client = client_of(office)
    answer = client.post(f"/support/cases/{case.pk}/write/", typed(office, {}, seen=str(case.version - 1)))
    assert "The case has changed since you opened this page" in text_of(answer, 422)


def test_in_chinese_refusals_are_chinese(office: Office) -> None:
    from highground.support.actions.ground import SupportError
    from highground.support.words import refusal

    with translation.override("en"):
        assert refusal(SupportError("overspent", "has 5 left")) == "Has 5 left"
    with translation.override("th"):
        assert "does not have that much left" in refusal(SupportError("overspent", "has 5 left"))


def picture() -> SimpleUploadedFile:
    held = io.BytesIO()
    Image.new("RGB", (20, 20), "green").save(held, "JPEG")
    return SimpleUploadedFile("goat.jpg", held.getvalue(), "image/jpeg")


def test_a_delivery_is_recorded_with_its_picture_once(office: Office) -> None:
    case = office.recognise()
    (training,) = lines_of(plan(office, case, line(office)))
    client = client_of(office)
    page = text_of(client.get(f"/support/lines/{training.pk}/arrived/"))
    assert "Skills training: did it arrive?" in page
    fields = {"day": office.today.isoformat(), "quantity": "1", "key": "abc", "note": "Certificate seen."}
    for _twice in range(2):
        sent = client.post(f"/support/lines/{training.pk}/arrived/", {**fields, "evidence": picture()})
        assert sent.url == f"/support/cases/{case.pk}/"
    one = Delivery.objects.everywhere(reason="test").get()
    assert len(one.evidence) == 64
    assert "Everything planned has arrived" in text_of(client.get(sent.url))
    shown = client.get(f"/support/deliveries/{one.pk}/evidence/")
    assert shown.status_code == 200 and shown["Content-Disposition"].startswith("attachment")
    assert b"".join(shown.streaming_content)[:3] == b"\xff\xd8\xff"
    for name in ("neighbour", "analyst"):
        assert client_of(office, name).get(f"/support/deliveries/{one.pk}/evidence/").status_code in (
            403,
            404,
        )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": "1,200"}, "Write the amount with a point and without commas"),
        ({"amount": ""}, "Give the amount that the household gets."),
        ({"amount": "100", "day": "2026-12-31"}, "record it when it has happened"),
        ({"amount": "100", "day": ""}, "Give the day on which it happened."),
        (
            {"amount": "100", "evidence": SimpleUploadedFile("a.jpg", b"MZ\x90\x00 program", "image/jpeg")},
            "not a kind of file",
        ),
        ({"amount": "2000"}, "budget for"),
    ],
)
def test_a_delivery_that_cannot_be_says_why(office: Office, fields: dict[str, Any], said: str) -> None:
    case = monitored(office, office.household())
    budget(office, "social_assistance", 1_000)
    who = {"by": office.staff["contact"], "today": office.today}
    (relief,) = add_lines(case.plan, lines=[line(office, "temporary_relief", amount=Decimal(100))], **who)
    given = {"day": office.today.isoformat(), "quantity": "1", "key": "k", **fields}
    answer = client_of(office).post(f"/support/lines/{relief.pk}/arrived/", given)
    assert said in text_of(answer, 422)
    assert not Delivery.objects.everywhere(reason="test").exists()


def test_a_measure_is_changed_dropped_lent_and_claimed(office: Office) -> None:
    case = office.recognise()
    loan, claim, training = lines_of(
        plan(office, case, line(office, "microcredit"), line(office, "medical_assistance"), line(office))
    )
    client = client_of(office)

    def send(one: PlanLine, do: str, status: int = 302, **fields: str) -> str:
        sent = {f"{do}-{name}": value for name, value in fields.items()}
        answer = client.post(f"/support/lines/{one.pk}/", {"do": do, **sent})
        return text_of(answer, status) if status != 302 else answer.url

    later = (office.today + 20 * DAY).isoformat()
    changed = {"responsible": str(office.staff["worker"].pk), "due_on": later, "quantity": "2", "note": "two"}
    assert send(training, "change", **changed, amount="") == f"/support/cases/{case.pk}/"
    training.refresh_from_db()
    assert (training.responsible, training.quantity, training.note) == (office.staff["worker"], 2, "two")
    assert "Name the person responsible." in send(training, "change", 422, **{**changed, "responsible": ""})
    assert "Say why" in send(training, "drop", 422, reason=" ")
    send(training, "drop", reason="No course this year.")
    training.refresh_from_db()
    assert training.state == "dropped"
    assert "Nothing can be changed here now." in text_of(client.get(f"/support/lines/{training.pk}/"))
    assert (
        client.post(f"/support/lines/{training.pk}/", {"do": "drop", "drop-reason": "x"}).status_code == 404
    )

    day, due = office.today.isoformat(), (office.today + 300 * DAY).isoformat()
    assert "above 50000" in send(loan, "lend", 422, amount="60000", day=day, due_on=due).lower()
    send(loan, "lend", amount="20000", day=day, due_on=due)
    held = Credit.objects.everywhere(reason="test").get()
    send(loan, f"repay-{held.pk}", amount="5000", day=day)
    page = text_of(client.get(f"/support/lines/{loan.pk}/"))
    assert "15,000 yuan owed by" in page
    send(claim, "claim", amount="900", day=day)
    paid = next(
        name
        for name in client.get(f"/support/lines/{claim.pk}/").context["forms"]
        if name.startswith("paid-")
    )
    send(claim, paid, amount="640.5", day=day)
    assert "640.5 yuan paid on" in text_of(client.get(f"/support/lines/{claim.pk}/"))
    page = text_of(client.get("/support/loans/"))
    assert "1 loan to be repaid" in page and "15,000 yuan" in page
    office.today += 301 * DAY
    assert "1 loan to be repaid, 1 is overdue" in text_of(client.get("/support/loans/?show=overdue"))


def test_a_measure_of_a_household_that_left_can_only_be_dropped(office: Office) -> None:
    case = office.recognise()
    (training,) = lines_of(plan(office, case, line(office)))
    Case.objects.everywhere(reason="test").filter(pk=case.pk).update(status="exited")
    client, url = client_of(office), f"/support/lines/{training.pk}/"
    assert list(client.get(url).context["forms"]) == ["drop"]
    assert client.post(url, {"do": "change"}).status_code == 404
    assert client.post(url, {"do": "drop", "drop-reason": "The household has left."}).status_code == 302
    training.refresh_from_db()
    assert training.state == "dropped"


def test_a_county_sets_its_budgets_and_sees_what_is_used(office: Office) -> None:
    client = client_of(office, "county")
    page = text_of(client.get("/support/budgets/"))
    assert "No budget is set for 2026" in page
    wrong = client.post("/support/budgets/", {"family": "health", "amount": "1,000"})
    assert "Write the amount with a point" in text_of(wrong, 422)
    assert (
        client.post("/support/budgets/", {"family": "social_assistance", "amount": "1000"}).status_code == 302
    )
    case = monitored(office, office.household())
    who = {"by": office.staff["contact"], "today": office.today}
    add_lines(case.plan, lines=[line(office, "temporary_relief", amount=Decimal(850))], **who)
    page = text_of(client.get("/support/budgets/"))
    assert (
        "85 % of the budgets of 2026 are promised or spent" in page
        and "150 yuan" in page
        and "fill-gold" in page
    )
    low = client.post("/support/budgets/", {"family": "social_assistance", "amount": "849"})
    assert "850.00 CNY are promised or spent already" in text_of(low, 422)
    page = text_of(client_of(office, "analyst").get("/support/budgets/"))
    assert "Set the budget" not in page and "150 yuan" in page
    assert (
        client_of(office, "analyst")
        .post("/support/budgets/", {"family": "health", "amount": "1"})
        .status_code
        == 404
    )
    assert client_of(office, "contact").get("/support/budgets/").status_code == 403
    assert "No budget is set for 2026" in text_of(client_of(office, "neighbour").get("/support/budgets/"))


def test_a_batch_goes_out_and_comes_back(office: Office) -> None:
    budget(office, "social_assistance", 10_000)
    for number in ("2231", "0874"):
        relieve(office, number, "100")
    client, other = client_of(office, "county"), client_of(office, "county2")
    page = text_of(client.get("/support/payments/"))
    assert "2 payments to make: 200 yuan" in page
    made = client.post("/support/payments/", {"family": "", "make": "1"})
    batch = PaymentBatch.objects.everywhere(reason="test").get()
    assert made.url == f"/support/payments/{batch.pk}/"
    page = text_of(client.get(made.url))
    assert "2 payments are not answered yet" in page and "somebody else must reconcile it" in page
    assert batch.sha256 in page and "Household 2231" in page
    file = client.post(f"{made.url}file/")
    assert file.status_code == 200 and "bank_account" in file.content.decode()
    assert Event.objects.filter(kind="support.write_batch").count() == 1
    analyst = client_of(office, "analyst")
    assert "Household 2231" not in text_of(analyst.get(made.url))
    assert "bank_account" not in analyst.post(f"{made.url}file/").content.decode()
    first, second = payments(batch)
    text = f'line,amount,status\n{first.pk},100.00,paid\n{second.pk},"1,00",paid\n'
    given = {"file": SimpleUploadedFile("return.csv", text.encode())}
    assert client.post(made.url, given).status_code == 422, "whoever made the batch does not reconcile it"
    given["file"].seek(0)
    assert other.post(made.url, given).status_code == 302
    page = text_of(other.get(made.url))
    assert "1 paid, 0 came back, 0 said nothing new, 1 could not be used." in page
    assert "could not be used</a>" in page
    rejects = other.get(f"{made.url}rejects/")
    assert "an amount with a comma" in b"".join(rejects.streaming_content).decode()
    assert analyst.get(f"{made.url}rejects/").status_code == 403
    assert "the columns line" in text_of(
        other.post(made.url, {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")}), 422
    ).replace("there is no column line, amount, status; a return has", "the columns")
    assert "Choose the file." in text_of(other.post(made.url, {}), 422)
    assert client_of(office, "neighbour").get(made.url).status_code == 404


def test_what_happens_by_itself_names_code_that_exists(office: Office) -> None:
    from importlib import import_module

    from highground.methods.rules import load_rulebook
    from highground.methods.rules.reading import procedure_of

    procedure = procedure_of(load_rulebook("cn-2021"))
    tasks = [*always(), *deadlines_of(procedure)]
    for task in tasks:
        module, _dot, name = task.made_by.rpartition(".")
        assert callable(getattr(import_module(module), name)), task.made_by
        assert task.what and task.when and task.why
    within = [step for step in procedure.steps.values() if step.within]
    assert sum(task.what.startswith("Deadline:") for task in tasks) == len(within)
    page = text_of(client_of(office).get("/support/by-itself/"))
    assert "within 15 days after somebody noticed" in page and "30, 60, 90 days after the one before" in page
    assert "within 1 calendar month after: county decision" in page


def test_follow_ups_stand_on_a_calendar_at_growing_intervals(office: Office) -> None:
    case = office.recognise()
    plan(office, case, line(office))
    made, client = office.today, client_of(office)
    assert made == datetime.date(2026, 3, 16)
    page = text_of(client.get("/support/follow-ups/"))
    assert "1 follow-up in March 2026" in page and "not seen yet" in page and "31 March 2026: 1" in page
    assert "then after 30, 60, 90 days" in page
    assert "0 follow-ups in April 2026" in text_of(client.get("/support/follow-ups/?month=2026-04"))
    assert "No follow-up is due then." in text_of(client.get("/support/follow-ups/?day=2026-03-30"))
    assert "Household 2231" in text_of(client.get("/support/follow-ups/?day=2026-03-31&month=2026-03"))
    for odd in ("month=soon", "day=2026-02-30", "month=0000-00", "month=9999-12", "month=0001-01"):
        assert client.get(f"/support/follow-ups/?{odd}").status_code == 200, odd
    office.today = made + 20 * DAY
    assert "1 is overdue" in text_of(client.get("/support/follow-ups/?show=overdue"))
    follow_up(case, by=office.staff["contact"], day=office.today, today=office.today)
    page = text_of(client.get("/support/follow-ups/?month=2026-05"))
    assert "5 May 2026: 1" in page and "seen 1 time so far" in page and "then after 60, 90 days" in page


def test_pages_cost_the_same_at_1_and_at_50_rows(office: Office, django_assert_max_num_queries) -> None:
    case = office.recognise()
    budget(office, "social_assistance", 100_000)
    who = {"by": office.staff["contact"], "today": office.today}
    (first,) = lines_of(plan(office, case, line(office, "microcredit", risk="illness")))
    grant_credit(first, principal=Decimal(10), granted_on=office.today, due_on=office.today + DAY, **who)
    relieve(office, "2231", "10", key="first")
    made = batch_of(office)
    addresses = {
        "contact": [f"/support/cases/{case.pk}/", f"/support/cases/{case.pk}/write/", f"/support/lines/{first.pk}/",
                    "/support/", "/support/loans/", "/support/follow-ups/", f"/cases/{case.pk}/"],
        "county": ["/support/budgets/", "/support/payments/", f"/support/payments/{made.pk}/", "/support/by-itself/"],
    }  # fmt: skip
    few = costs(office, addresses)
    many = [line(office, "training") for _ in range(50)]
    add_lines(case.plan, lines=many, **who)
    for number in range(50):
        relieve(office, "2231", "10", key=f"more-{number}")
    lend = [
        Credit(line=first, principal=5, granted_on=office.today, due_on=office.today + DAY) for _ in range(50)
    ]
    Credit.objects.bulk_create(lend)
    rows = payments(made)
    type(rows[0]).objects.bulk_create(
        [
            type(rows[0])(batch=made, delivery_id=one, household=case.household, amount=1)
            for one in Delivery.objects.everywhere(reason="test")
            .filter(batch=None)
            .values_list("pk", flat=True)
        ]
    )
    for family in ("health", "industry", "employment"):
        budget(office, family, 10)
    version = RulebookVersion.objects.get(rulebook="demo-cn")
    assert version and Plan.objects.everywhere(reason="test").count() == 1
    for number in range(50):
        home = Household.objects.create(
            key=f"HMANY-{number:04}", number=f"m{number}", area=case.household.area
        )
        other = monitored(office, home)
        PlanLine.objects.create(
            plan=other.plan,
            measure="training",
            family="employment",
            responsible=office.staff["contact"],
            due_on=office.today,
        )
    assert Case.objects.everywhere(reason="test").count() == 51
    assert costs(office, addresses) == few


def costs(office: Office, addresses: dict[str, list[str]]) -> dict[str, int]:
    found = {}
    for name, urls in addresses.items():
        client = client_of(office, name)
        for url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200, url
            found[url] = len(captured)
    return found
