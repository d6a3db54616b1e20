"""Who was never seen, and who is missed, against what can be counted by hand."""

from __future__ import annotations

import datetime

import pyarrow as pa
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from highground.cases.models import Visit
from highground.methods.risk import missed
from highground.people.models import Household, Observation
from highground.rounds.actions import draw, record_outcome
from highground.rounds.models import AuditDraw, AuditVisit
from highground.rounds.queries import missed_of, never_seen
from tests.rounds.feeding import feed
from tests.support.register import BOOK, TODAY

pytestmark = pytest.mark.django_db
YEAR_AGO = datetime.date(2025, 3, 10)
DAY = datetime.timedelta(days=1)


def call_on(settled, number: str, day: datetime.date) -> None:
    Visit.objects.create(
        household=settled.households[number], day=day, recorded_at="2026-03-10T00:00:00Z", by="test"
    )


def by_hand(path: str) -> set[str]:
    """Household by household: nobody visited it and no department told of it after the day a year ago."""
    found = set()
    for one in Household.objects.everywhere(reason="test").select_related("area"):
        visits = Visit.objects.everywhere(reason="test").filter(household=one)
        told = Observation.objects.everywhere(reason="test").filter(household=one).select_related("source")
        seen = [visit.day for visit in visits]
        seen += [row.source.day for row in told if row.source.kind == "department"]
        if one.status == "active" and one.area.path.startswith(path) and all(day <= YEAR_AGO for day in seen):
            found.add(one.number)
    return found


def test_never_seen_is_what_counting_by_hand_finds(settled) -> None:
    feed(["Q001"], YEAR_AGO)
    feed(["Q002"], YEAR_AGO + DAY)
    call_on(settled, "Q004", YEAR_AGO)
    call_on(settled, "Q005", YEAR_AGO + DAY)
    Household.objects.everywhere(reason="test").filter(number="Q007").update(status="moved")
    county = settled.register.areas["LONGHE"]
    found = set(never_seen(settled.staff["weilan"], county, TODAY).values_list("number", flat=True))
    assert found == by_hand(county.path)
    assert {"Q001", "Q004"} < found and not {"Q000", "Q002", "Q005", "Q007"} & found


def test_never_seen_stays_in_ones_own_area(settled) -> None:
    areas, antang = settled.register.areas, settled.staff["antang"]
    assert not never_seen(antang, areas["LONGHE"], TODAY).exists()
    own = set(never_seen(antang, areas["CN-9901"], TODAY).values_list("number", flat=True))
    assert own == by_hand(areas["PINGNAN"].path) != set()
    assert not never_seen(antang, None, TODAY).exists()


def made_and_answered(settled, area: str, by: str, *, share: float = 1) -> AuditDraw:
    """A draw whose every household has an answer: each fifth is in difficulty, each seventh cannot be told."""
    made = draw(
        settled.register.areas[area],
        rulebook=BOOK,
        seed=3,
        share=share,
        by=settled.staff[by],
        today=TODAY,
    )
    for item in AuditVisit.objects.everywhere(reason="test").filter(draw=made).select_related("household"):
        number = int(item.household.number[1:])
        outcome = "yes" if number % 5 == 0 else "cannot_tell" if number % 7 == 0 else "no"
        AuditVisit.objects.everywhere(reason="test").filter(pk=item.pk).update(outcome=outcome, day=TODAY)
    return made


def test_the_estimate_is_that_of_the_method_on_tables_made_by_hand(settled) -> None:
    made = made_and_answered(settled, "LONGHE", "weilan", share=0.6)
    estimate = missed_of(settled.register.areas["LONGHE"], settled.staff["weilan"], TODAY)
    assert [one.pk for one in estimate.draws] == [made.pk] and estimate.result is not None

    def facts(number: int) -> dict[str, str | None]:
        fed, sex = ("yes" if number % 3 == 0 else "no"), ("female" if number % 2 else "male")
        return {"county": "LONGHE", "sex": sex, "ethnicity": None, "fed": fed}

    items = AuditVisit.objects.everywhere(reason="test").filter(draw=made).select_related("household")
    numbers = [(int(one.household.number[1:]), one.outcome) for one in items]
    sample = [{"household": str(number), **facts(number), "outcome": said} for number, said in numbers]
    text = [(name, pa.string()) for name in ("county", "sex", "ethnicity", "fed")]
    totals = [{**facts(number), "unflagged": 1, "found": 0} for number in range(50)]
    expected = missed(
        pa.Table.from_pylist(sample),
        pa.Table.from_pylist(totals, schema=pa.schema([*text, ("unflagged", pa.int64()), ("found", pa.int64())])),
        strata=["county", "fed"],
        by=["county", "sex", "ethnicity", "fed"],
    )  # fmt: skip
    assert estimate.result.groups.to_pylist() == expected.groups.to_pylist()
    whole = estimate.result.groups.to_pylist()[0]
    assert whole["unflagged"] == 50 and whole["in_difficulty"] > 0 and whole["missed"] is not None


def test_a_household_that_moves_away_stays_in_the_estimate(settled) -> None:
    made = made_and_answered(settled, "LONGHE", "weilan")
    county, officer = settled.register.areas["LONGHE"], settled.staff["weilan"]
    before = missed_of(county, officer, TODAY).result
    item = AuditVisit.objects.everywhere(reason="test").filter(draw=made).first()
    assert item is not None
    moved = Household.objects.everywhere(reason="test").filter(pk=item.household_id)
    moved.update(area=settled.register.areas["ANTANG-1"])
    after = missed_of(county, officer, TODAY).result
    assert before is not None and after is not None and before.groups.equals(after.groups)


def test_draws_of_two_counties_are_put_together_and_the_neighbour_sees_only_its_own(settled) -> None:
    made_and_answered(settled, "LONGHE", "weilan")
    beside = made_and_answered(settled, "PINGNAN", "antang")
    city, staff = settled.register.areas["CN-9901"], settled.staff
    whole = missed_of(city, staff["chenxi"], TODAY)
    assert whole.result is not None and whole.result.groups.to_pylist()[0]["unflagged"] == 62
    own = missed_of(city, staff["antang"], TODAY)
    assert [one.pk for one in own.draws] == [beside.pk]
    assert own.result is not None and own.result.groups.to_pylist()[0]["audited"] in (12, None)


def test_there_is_no_estimate_before_everybody_was_visited(settled) -> None:
    county, officer = settled.register.areas["LONGHE"], settled.staff["weilan"]
    assert missed_of(county, officer, TODAY).result is None
    made = draw(county, rulebook=BOOK, seed=1, by=officer, today=TODAY)
    item = AuditVisit.objects.everywhere(reason="test").filter(draw=made).first()
    assert item is not None
    record_outcome(item, outcome="no", by=settled.staff["huangmei"], day=TODAY, today=TODAY)
    estimate = missed_of(county, officer, TODAY)
    assert estimate.result is None and [one.pk for one in estimate.under_way] == [made.pk]


def test_fifty_households_cost_as_many_queries_as_one(settled) -> None:
    officer, areas = settled.staff["weilan"], settled.register.areas
    made_and_answered(settled, "LONGHE", "weilan", share=0.02)
    costs = {}
    for name, area in (("few", "HEPING"), ("many", "LONGHE")):
        with CaptureQueriesContext(connection) as captured:
            list(never_seen(officer, areas[area], TODAY))
        costs[name] = len(captured)
    assert costs == {"few": costs["few"], "many": costs["few"]}
    missed_of(areas["LONGHE"], officer, TODAY)
    for name, share in (("few", 0.02), ("many", 1)):
        made_and_answered(settled, "LONGHE", "weilan", share=share)
        with CaptureQueriesContext(connection) as captured:
            missed_of(areas["LONGHE"], officer, TODAY)
        costs[name] = len(captured)
    assert costs["few"] == costs["many"]


def test_a_draw_of_many_costs_as_many_queries_as_one_of_few(settled) -> None:
    county, officer = settled.register.areas["LONGHE"], settled.staff["weilan"]
    costs = []
    for share in (0.02, 0.02, 1):
        with CaptureQueriesContext(connection) as captured:
            draw(county, rulebook=BOOK, seed=1, share=share, by=officer, today=TODAY)
        costs.append(len(captured))
    assert costs[1] == costs[2]
