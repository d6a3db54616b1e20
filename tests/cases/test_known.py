"""The register as the oracle reads it: the same household by household as screening reads a snapshot."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pyarrow as pa
import pytest

from highground.cases.actions.exits import exit_verdicts_of
from highground.cases.actions.facts import FactValue, write_facts
from highground.cases.known import records_on
from highground.methods.rules import load_rulebook
from highground.methods.rules.statement import EXITED
from highground.methods.screening.opening import records_of
from highground.people.actions import receive, source_of
from highground.people.enums import SourceKind
from highground.people.models import Household, Member
from highground.people.snapshot import write_snapshot
from tests.support.register import BOOK, KNOWN, TODAY

pytestmark = pytest.mark.django_db
LATER = TODAY + datetime.timedelta(days=200)


def tell(office, number: str, day: datetime.date, **facts: object) -> None:
    """Facts of the household, and of its first member with `member_` before the name."""
    household = office.household(number)
    member = Member.objects.everywhere(reason="test").filter(household=household).order_by("number").first()
    values = [
        FactValue(name.removeprefix("member_"), value, member if name.startswith("member_") else None)
        for name, value in facts.items()
    ]
    by = office.staff["contact"]
    write_facts(household, values, kind=SourceKind.VISIT, source="A visit", day=day, by=by, today=LATER)


def add_members(office, number: str) -> None:
    """Two members: who lives there was never recorded, who shares the budget is known of one alone."""
    text = pa.string()
    known = {
        "a": {
            "birth_date": "1980-02-03",
            "labour": "ordinary",
            "medical_insurance": "true",
            "shares_budget": "true",
        },
        "b": {
            "birth_date": "2015-02-03",
            "labour": "none",
            "medical_insurance": "true",
            "school_status": "in_school",
        },
    }
    rows = [(member, fact, value) for member, facts in known.items() for fact, value in facts.items()]
    receive(
        register="main",
        members=pa.table({"number": ["a", "b"], "household": [number] * 2, "day": [KNOWN] * 2}),
        observations=pa.table(
            {
                "household": pa.array([number] * len(rows), text),
                "member": pa.array([row[0] for row in rows], text),
                "fact": [row[1] for row in rows],
                "value": [row[2] for row in rows],
                "valid_from": [KNOWN] * len(rows),
            }
        ),
        source=source_of(kind="visit", name="Yearly check", day=KNOWN),
        by="test",
        today=KNOWN,
    )


def test_a_household_is_read_as_a_snapshot_has_it(office) -> None:
    """Every household of the register, on two days: values, days, sources, what is stale, who is counted."""
    book = load_rulebook(BOOK)
    add_members(office, "2231")
    tell(office, "2231", TODAY, member_medical_insurance=None, member_labour="weak")
    tell(
        office,
        "2231",
        TODAY,
        recognised_on=TODAY,
        measures_delivered=[],
        dwelling_unsafe=None,
        water_unsafe=True,
    )
    tell(office, "2231", TODAY + datetime.timedelta(days=60), measures_delivered=["industry", "health"])
    tell(office, "0874", TODAY - datetime.timedelta(days=500), income_wage_12m=12345.67, without_labour=False)
    households = list(Household.objects.everywhere(reason="test"))
    for day in (TODAY, TODAY + datetime.timedelta(days=100)):
        folder = write_snapshot(as_of=day, by="test", today=LATER).folder
        tables = {name: folder / f"{name}.parquet" for name in ("households", "members")}
        expected = {one.household: one for one in records_of(book, **tables, as_of=day, sections=EXITED)}
        assert len(expected) == len(households)
        for household in households:
            found = records_on(household, book, [day])[day]
            seen = expected[household.key]
            assert found.facts == seen.facts
            assert found.parameters == seen.parameters
            assert found.known == seen.known
            assert (found.area, found.as_of) == (seen.area, seen.as_of)
            assert [one.facts for one in found.members] == [one.facts for one in seen.members]
            assert [one.id for one in found.members] == [one.id for one in seen.members]
            assert replace(found, members=(), known={}) == replace(seen, members=(), known={})


READY = {
    "recognised_on": TODAY,
    "measures_delivered": ["industry"],
    "dwelling_unsafe": False,
    "water_unsafe": False,
    "spending_solved": True,
    "without_labour": False,
}
WELL = {
    "income_wage_12m": 60000,
    "income_business_12m": 0,
    "cost_business_12m": 0,
    "income_property_12m": 0,
    "income_transfer_12m": 0,
    "claims_12m": 0,
    "out_of_pocket_12m": 100,
}


def test_a_case_shows_each_exit_condition_as_the_register_has_it(office, django_assert_num_queries) -> None:
    add_members(office, "2231")
    case = office.open()
    tell(office, "2231", TODAY, **READY)
    tell(office, "2231", TODAY, member_shares_budget=True, member_lives_with=True, member_on_register=True)
    day = TODAY + datetime.timedelta(days=184)
    exit_verdicts_of(case, today=day)  # the rulebook is read once
    with django_assert_num_queries(6):
        few = exit_verdicts_of(case, today=day)
    for days in (20, 60, 100, 150, 180):
        tell(office, "2231", TODAY + datetime.timedelta(days=days), **WELL)
    with django_assert_num_queries(6):
        many = exit_verdicts_of(case, today=day)
    assert {one.id: one.verdict for one in few if one.verdict != "yes"} == {"sustained": "cannot_tell"}
    (held,) = [one for one in many if one.id == "sustained"]
    assert (held.verdict, len(held.points)) == ("yes", 5)
    assert held.points[0]["day"] == (TODAY + datetime.timedelta(days=20)).isoformat()


def test_a_rulebook_without_exit_conditions_shows_none(office, monkeypatch) -> None:
    from highground.cases.actions import exits

    case = office.open()
    monkeypatch.setattr(exits, "book_of", lambda _: load_rulebook("vn-2022"))
    assert exit_verdicts_of(case, today=TODAY) == []
