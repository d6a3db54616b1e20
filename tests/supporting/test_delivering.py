"""Deliveries: the step, the money, the facts that exit reads; back-dated, repeated, late, refused."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from highground.audit.actions import verify
from highground.audit.models import Event
from highground.cases.actions.deciding import give_emergency_aid
from highground.cases.flow import Changed
from highground.cases.models import Case, Deadline
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.queries import facts_as_of
from highground.support.actions.credits import grant_credit, note_claim_paid, note_repaid, send_claim
from highground.support.actions.delivering import deliver
from highground.support.actions.ground import SupportError
from highground.support.models import Credit, Delivery, PlanLine
from tests.support.case_path import Office
from tests.supporting.test_planning import budget, figures, line, lines_of, plan

DAY = datetime.timedelta(days=1)


def arrive(office: Office, one: PlanLine, key: str = "k", **options: Any) -> Delivery:
    fields = {"day": office.today, "by": office.staff["contact"], "today": office.today, "key": key}
    return deliver(one, **{**fields, **options})


def delivered(case: Case, day: datetime.date) -> str | None:
    known = [
        one.value for one in facts_as_of([case.household], as_of=day) if one.fact == "measures_delivered"
    ]
    return known[0] if known else None


def test_the_first_delivery_takes_the_step_and_the_register_learns_of_it(office: Office) -> None:
    case = office.recognise()
    claim, training = lines_of(
        plan(office, case, line(office, "medical_assistance", risk="illness"), line(office, "training"))
    )
    assert delivered(case, office.today) == "[]"
    start = office.today
    office.today += 3 * DAY
    case.refresh_from_db()
    first = arrive(office, claim, seen=case.version, evidence="a" * 64, note=" seen at the clinic ")
    assert (first.cash, first.amount, first.note, first.evidence) == (
        False,
        None,
        "seen at the clinic",
        "a" * 64,
    )
    case.refresh_from_db()
    assert (case.supported_on, case.next_step) == (office.today, "follow_up")
    assert case.steps.get(step="deliver").data == {"line": claim.pk, "delivery": first.pk}
    deadlines = Deadline.objects.everywhere(reason="test")
    assert deadlines.get(case=case, step="deliver").met_on == office.today
    assert (delivered(case, start), delivered(case, office.today)) == ("[]", "health")
    office.today += DAY
    arrive(office, training, key="k2", by=office.staff["county"])
    assert case.steps.filter(step="deliver").count() == 1
    assert delivered(case, office.today) == "employment;health"
    assert delivered(case, office.today - DAY) == "health"
    assert {one.state for one in PlanLine.objects.everywhere(reason="test")} == {"delivered"}
    assert Event.objects.filter(kind="support.deliver").count() == 2
    assert verify().sound


def test_a_delivery_entered_late_counts_from_its_day_and_after(office: Office) -> None:
    case = office.recognise()
    claim, training = lines_of(
        plan(office, case, line(office, "medical_assistance"), line(office, "training"))
    )
    start = office.today
    office.today += 5 * DAY
    arrive(office, claim)
    arrive(office, training, key="late", day=start + DAY)
    assert delivered(case, start) == "[]"
    assert delivered(case, start + DAY) == "employment"
    assert delivered(case, office.today) == "employment;health"
    case.refresh_from_db()
    assert case.supported_on == start + DAY


def test_emergency_aid_counts_on(office: Office) -> None:
    case = office.open()
    office.assign(case)
    give_emergency_aid(
        case,
        amount=Decimal(1000),
        risk="illness",
        reason="Fell ill.",
        by=office.staff["county2"],
        day=office.today,
        today=office.today,
    )
    aid = office.today
    office.visit(case)
    office.apply(case)
    office.compare(case)
    office.appraise([case])
    office.notice([case])
    office.review(case)
    office.decide(case)
    case.refresh_from_db()
    (training,) = lines_of(plan(office, case, line(office)))
    arrive(office, training)
    assert delivered(case, office.today) == "employment;social_assistance"
    case.refresh_from_db()
    assert case.supported_on == aid


def test_the_same_key_is_the_same_delivery(office: Office) -> None:
    case = office.recognise()
    budget(office, "social_assistance", 1_000)
    relief, training = lines_of(
        plan(office, case, line(office, "temporary_relief", amount=Decimal(300)), line(office))
    )
    first = arrive(office, relief, amount=Decimal(300))
    events = Event.objects.count()
    assert arrive(office, relief, amount=Decimal(300)) == first
    assert Event.objects.count() == events
    with pytest.raises(SupportError, match="of another line"):
        arrive(office, training)


def test_money_is_spent_out_of_what_was_promised(office: Office) -> None:
    case = office.recognise()
    held = budget(office, "public_welfare_post", 3_000)
    (post,) = lines_of(
        plan(office, case, line(office, "public_benefit_job", quantity=3, amount=Decimal(2400)))
    )
    arrive(office, post, "one", amount=Decimal(800), last=False)
    assert figures(held) == (300_000, 160_000, 80_000)
    arrive(office, post, "two", amount=Decimal(900), last=False)
    assert figures(held) == (300_000, 70_000, 170_000)
    with pytest.raises(SupportError, match=r"has 600\.00 CNY left"):
        arrive(office, post, "three", amount=Decimal("1300.01"))
    assert figures(held) == (300_000, 70_000, 170_000)
    arrive(office, post, "three", amount=Decimal(500))
    assert figures(held) == (300_000, 0, 220_000), "the last one frees what was promised beyond"
    post.refresh_from_db()
    assert (post.state, post.committed) == ("delivered", 0)
    with pytest.raises(SupportError, match="delivered already"):
        arrive(office, post, "four", amount=Decimal(1))


def test_what_cannot_be_delivered(office: Office) -> None:
    case = office.recognise()
    budget(office, "social_assistance", 1_000)
    relief, training = lines_of(
        plan(office, case, line(office, "temporary_relief", amount=Decimal(300)), line(office))
    )
    for one, options, said in (
        (training, {"day": office.today + DAY}, "record it when it has happened"),
        (training, {"day": office.today - DAY}, "lies before the plan"),
        (training, {"quantity": 0}, "at least 1"),
        (training, {"key": " "}, "needs a key"),
        (relief, {}, "give the amount"),
        (relief, {"amount": Decimal(0)}, "give the amount"),
        (relief, {"amount": Decimal("0.001")}, "more decimals"),
    ):
        with pytest.raises(SupportError, match=said):
            arrive(office, one, **options)
    for name in ("neighbour", "analyst"):
        with pytest.raises(NotAllowed):
            arrive(office, training, by=office.staff[name])
    case.refresh_from_db()
    with pytest.raises(Changed):
        arrive(office, training, seen=case.version - 1)
    assert not Delivery.objects.everywhere(reason="test").exists()
    assert delivered(case, office.today) == "[]"
    case.refresh_from_db()
    assert case.supported_on is None


def test_a_loan_is_due_repaid_and_overdue(office: Office) -> None:
    case = office.recognise()
    loan, training = lines_of(
        plan(office, case, line(office, "microcredit", amount=Decimal(30_000)), line(office, "training"))
    )
    assert (loan.committed, loan.budget) == (0, None), "a bank lends it, not the county"
    who = {"by": office.staff["contact"], "today": office.today}
    terms = {"granted_on": office.today, "due_on": datetime.date(2027, 3, 1), **who}
    for one, principal, changed, said in (
        (training, 100, {}, "is no loan"),
        (loan, 50_001, {}, "above 50000, the most"),
        (loan, 0, {}, "above 0"),
        (loan, 100, {"due_on": datetime.date(2029, 3, 17)}, "36 months at most"),
        (loan, 100, {"due_on": office.today}, "not after it was granted"),
        (loan, 100, {"granted_on": office.today + DAY}, "when it has happened"),
    ):
        with pytest.raises(SupportError, match=said):
            grant_credit(one, principal=Decimal(principal), **{**terms, **changed})
    made = grant_credit(loan, principal=Decimal(50_000), **{**terms, "due_on": datetime.date(2029, 3, 15)})
    with pytest.raises(SupportError, match="more than was lent"):
        note_repaid(made, repaid=Decimal(50_001), day=office.today, **who)
    with pytest.raises(SupportError, match="before the loan"):
        note_repaid(made, repaid=Decimal(1), day=office.today - DAY, **who)
    for _again in range(2):
        assert note_repaid(made, repaid=Decimal(20_000), day=office.today, **who).repaid == 2_000_000
    assert Event.objects.filter(kind="support.repaid").count() == 1
    assert Credit.objects.everywhere(reason="test").get().repaid_on == office.today


def test_a_claim_is_sent_and_answered(office: Office) -> None:
    case = office.recognise()
    claim, training = lines_of(
        plan(office, case, line(office, "serious_illness_claim", risk="illness"), line(office))
    )
    who = {"by": office.staff["contact"], "today": office.today}
    for one, amount, day, said in (
        (training, 5, office.today, "is no claim"),
        (claim, 0, office.today, "above 0"),
        (claim, 5, office.today + DAY, "when it has happened"),
    ):
        with pytest.raises(SupportError, match=said):
            send_claim(one, amount=Decimal(amount), sent_on=day, **who)
    sent = send_claim(claim, amount=Decimal(9_000), sent_on=office.today, **who)
    with pytest.raises(SupportError, match="before the claim"):
        note_claim_paid(sent, paid=Decimal(1), paid_on=office.today - DAY, **who)
    paid = note_claim_paid(sent, paid=Decimal("6200.40"), paid_on=office.today, **who)
    assert (paid.paid, paid.paid_on) == (620_040, office.today)
    assert note_claim_paid(sent, paid=Decimal("6200.40"), paid_on=office.today, **who) == paid
    with pytest.raises(SupportError, match=r"answered on .* already"):
        note_claim_paid(sent, paid=Decimal(1), paid_on=office.today, **who)
