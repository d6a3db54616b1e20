"""Budgets: set by a county, promised and spent by its plans, never exceeded, also by eight who write at once."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from highground.areas.models import Area
from highground.audit.actions import verify
from highground.audit.models import Event
from highground.cases.models import Case
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.models import Household
from highground.signals.models import RulebookVersion
from highground.support.actions.delivering import deliver
from highground.support.actions.ground import SupportError
from highground.support.actions.planning import add_lines
from highground.support.models import Budget, Delivery, Plan, PlanLine
from tests.support.case_path import Office
from tests.support.register import TODAY
from tests.supporting.test_planning import budget, figures, line

WRITERS = 8


def test_a_budget_is_set_and_set_anew(office: Office) -> None:
    held = budget(office, "health", 500)
    assert (figures(held), held.currency) == ((50_000, 0, 0), "CNY")
    assert budget(office, "health", 700).pk == held.pk
    assert figures(held) == (70_000, 0, 0)
    assert [
        event.data["amount"] for event in Event.objects.filter(kind="support.budget").order_by("sequence")
    ] == [
        50_000,
        70_000,
    ]
    assert verify().sound


def test_what_a_budget_may_not_be(office: Office) -> None:
    for options, said in (
        ({"area": Area.objects.get(code="NALONG")}, "a budget is a county's"),
        ({"family": "wishes"}, "is no family"),
        ({"amount": Decimal("-1")}, "below zero"),
        ({"amount": "1,000"}, "write digits with a point"),
        ({"amount": Decimal("NaN")}, "is no amount"),
    ):
        with pytest.raises(SupportError, match=said):
            budget(office, **{"family": "health", "amount": 10, **options})
    for name in ("township", "neighbour", "analyst", "contact"):
        with pytest.raises(NotAllowed):
            budget(office, "health", 10, by=office.staff[name])
    assert not Budget.objects.everywhere(reason="test").exists()


def test_the_table_refuses_what_the_code_would_have_to_get_wrong(office: Office) -> None:
    held = budget(office, "health", 500)
    rows = Budget.objects.everywhere(reason="test").filter(pk=held.pk)
    for wrong in ({"committed": 50_001}, {"spent": -1}, {"committed": 30_000, "spent": 20_001}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_it_cannot_be_set_below_what_is_promised(office: Office) -> None:
    case = monitored(office, office.household())
    budget(office, "social_assistance", 500)
    who = {"by": office.staff["contact"], "today": TODAY}
    add_lines(case.plan, lines=[line(office, "temporary_relief", amount=Decimal(300))], **who)
    with pytest.raises(SupportError, match=r"300.00 CNY are promised or spent already"):
        budget(office, "social_assistance", 299)
    assert figures(budget(office, "social_assistance", 300)) == (30_000, 30_000, 0)


def monitored(office: Office, household: Household) -> Case:
    """A monitored household with an empty plan, put into the tables directly."""
    case = Case.objects.create(
        household=household,
        rulebook="demo-cn",
        rulebook_version=RulebookVersion.objects.get(rulebook="demo-cn"),
        packs=["qinan"],
        channel="data",
        status="monitored",
        discovered_on=TODAY,
        opened_on=TODAY,
        class_id="marginal",
        recognised_on=TODAY,
        risks=["illness"],
    )
    Plan.objects.create(case=case, made_on=TODAY, recorded_at=datetime.datetime.now(datetime.UTC), by="test")
    return case


def at_once(jobs: list[Callable[[], object]]) -> list[object]:
    """Run the jobs in threads that begin together; what each returned or raised."""
    gate, found = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(place: int) -> None:
        gate.wait()
        try:
            found[place] = jobs[place]()
        except Exception as problem:
            found[place] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return found


@pytest.mark.django_db(transaction=True)
def test_eight_who_promise_at_once_cannot_overspend(office: Office) -> None:
    """Eight plans want 300 of 1,000 each: three get it, five are refused, nothing is left over or lost."""
    homes = list(office.register.households.values())[: WRITERS - 2] + [
        Household.objects.create(key=f"HTEST-000{number}", number=f"t{number}", area=office.household().area)
        for number in range(2)
    ]
    cases = [monitored(office, home) for home in homes]
    held = budget(office, "social_assistance", 1_000)
    who = {"by": office.staff["contact"], "today": TODAY}
    wanted = [line(office, "temporary_relief", amount=Decimal(300))]
    found = at_once([lambda case=case: add_lines(case.plan, lines=wanted, **who) for case in cases])
    refused = [one for one in found if isinstance(one, Exception)]
    assert {getattr(one, "why", repr(one)) for one in refused} == {"overspent"} and len(refused) == 5
    assert figures(held) == (100_000, 90_000, 0)
    promised = PlanLine.objects.everywhere(reason="test").values_list("committed", flat=True)
    assert sum(promised) == 90_000 and len(promised) == 3

    made = [one[0] for one in found if isinstance(one, list)]
    spent = at_once(
        [
            lambda one=one, place=place: deliver(
                one, day=TODAY, key=f"{one.pk}-{place}", amount=Decimal(300), last=False, **who
            )
            for place in range(3)
            for one in made[: WRITERS // 3]
        ]
    )
    # Two lines of 300, three times each at once: the budget has 1,000 - 300 for them, so that two get through.
    paid = [one for one in spent if isinstance(one, Delivery)]
    assert {getattr(one, "why", "") for one in spent if isinstance(one, Exception)} <= {"overspent"}
    assert len(paid) == 2
    assert figures(held) == (100_000, 30_000, 60_000)
    assert verify().sound


@pytest.mark.django_db(transaction=True)
def test_the_same_delivery_sent_eight_times_at_once_is_one(office: Office) -> None:
    case = monitored(office, office.household())
    held = budget(office, "social_assistance", 1_000)
    who = {"by": office.staff["contact"], "today": TODAY}
    (one,) = add_lines(case.plan, lines=[line(office, "temporary_relief", amount=Decimal(100))], **who)
    found = at_once([lambda: deliver(one, day=TODAY, key="sent", amount=Decimal(100), **who)] * WRITERS)
    assert {getattr(made, "pk", made) for made in found} == {
        Delivery.objects.everywhere(reason="test").get().pk
    }
    assert figures(held) == (100_000, 0, 10_000)
