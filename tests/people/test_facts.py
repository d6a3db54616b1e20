"""Dated facts: nothing is overwritten, nothing is stored twice, and every day can be asked again."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from highground.areas.models import Area
from highground.audit.models import Event
from highground.people.actions import RegisterError, record_observations
from highground.people.bulk import OBSERVATIONS
from highground.people.models import Household, Member, Observation, Source
from highground.people.moves import move_member
from highground.people.queries import facts_as_of, statements_of
from tests.people.conftest import TODAY, Fill

pytestmark = pytest.mark.django_db
BEGIN = datetime.date(2020, 1, 1)


def day(number: int) -> datetime.date:
    return BEGIN + datetime.timedelta(days=number)


def everyone() -> list[Household]:
    return list(Household.objects.everywhere(reason="test").order_by("number"))


def stored() -> int:
    return Observation.objects.everywhere(reason="test").count()


def table(*rows: tuple) -> pa.Table:
    """Rows of household, member, fact, value, valid_from, valid_to."""
    columns = zip(*rows, strict=True)
    return pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, OBSERVATIONS.types, strict=True)],
        OBSERVATIONS.names,
    )


@pytest.fixture
def household(fill: Fill) -> Household:
    fill([("1", "V1", BEGIN)], members=[("1/1", "1", BEGIN)])
    return everyone()[0]


def known(household: Household, as_of: int, known_on: int | None = None) -> dict[str, str]:
    found = facts_as_of([household], as_of=day(as_of), known_on=None if known_on is None else day(known_on))
    return {fact.fact: fact.value for fact in found}


def test_a_correction_does_not_change_what_was_known(household: Household, source: Source) -> None:
    def say(value: str | None, since: int, on: int) -> int:
        rows = table((household.pk, None, "income_wage_12m", value, day(since), None))
        return record_observations(rows, by="9", source=source, today=day(on)).stored

    assert say("1000", since=10, on=20) == 1
    assert say("2000", since=10, on=30) == 1
    assert say(None, since=10, on=40) == 1
    assert known(household, as_of=9) == {}
    assert known(household, as_of=10, known_on=19) == {}
    assert known(household, as_of=10, known_on=20) == {"income_wage_12m": "1000"}
    assert known(household, as_of=50, known_on=39) == {"income_wage_12m": "2000"}
    assert known(household, as_of=50) == {}
    assert stored() == 3


def test_a_statement_that_ended_leaves_nothing_known(household: Household, source: Source) -> None:
    record_observations(
        table(
            (household.pk, None, "monitored", "false", day(1), None),
            (household.pk, None, "monitored", "true", day(10), day(20)),
        ),
        by="9",
        source=source,
        today=TODAY,
    )
    assert [known(household, as_of=at) for at in (9, 10, 20, 21)] == [
        {"monitored": "false"},
        {"monitored": "true"},
        {"monitored": "true"},
        {},
    ]


def test_confirming_stores_only_what_goes_stale(household: Household, source: Source) -> None:
    def say(fact: str, value: str, since: int) -> int:
        rows = table((household.pk, None, fact, value, day(since), None))
        return record_observations(rows, by="9", source=source, today=TODAY).stored

    # Income goes stale: a later confirmation makes it fresh. The type of a household does not.
    assert [say("income_wage_12m", "5", since) for since in (1, 1, 100)] == [1, 0, 1]
    assert [say("household_type", "ordinary", since) for since in (1, 1, 100)] == [1, 0, 0]
    assert say("household_type", "lifted_out", 50) == 1
    # Now the confirmation says something again.
    assert say("household_type", "ordinary", 100) == 1


REPORTS = st.lists(
    st.tuples(
        st.integers(0, 1),  # household
        st.booleans(),  # about its member
        st.integers(0, 8),  # valid from
        st.none() | st.integers(0, 5),  # valid for so many days more
        st.sampled_from(["1", "2", None]),
        st.integers(10, 16),  # recorded on
    ),
    max_size=14,
)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reports=REPORTS, as_of=st.integers(0, 14), known_on=st.integers(9, 17))
def test_as_of_queries_equal_brute_force(
    fill: Fill, source: Source, reports: list, as_of: int, known_on: int
) -> None:
    with undone():
        fill(
            [(f"{place}", "V1", BEGIN) for place in (0, 1)],
            members=[(f"{place}/1", f"{place}", BEGIN) for place in (0, 1)],
            today=BEGIN,
        )
        households = everyone()
        members = list(Member.objects.everywhere(reason="test").order_by("number"))
        reports = sorted(reports, key=lambda report: report[5])
        for place, of_member, since, lasts, value, on in reports:
            fact = "work_months_away" if of_member else "income_wage_12m"
            until = None if lasts is None else day(since + lasts)
            member = members[place].pk if of_member else None
            rows = table((households[place].pk, member, fact, value, day(since), until))
            record_observations(rows, by="9", source=source, today=day(on))
        expected = set()
        for place in (0, 1):
            for of_member in (False, True):
                heard = [
                    r for r in reports if r[:2] == (place, of_member) and r[2] <= as_of and r[5] <= known_on
                ]
                if not heard:
                    continue
                # The latest day wins, of one day the report that came last.
                latest = max(enumerate(heard), key=lambda pair: (pair[1][2], pair[0]))[1]
                _, _, since, lasts, value, _ = latest
                if value is not None and (lasts is None or since + lasts >= as_of):
                    expected.add((place, of_member, value, day(since)))
        found = facts_as_of(households, as_of=day(as_of), known_on=day(known_on))
        place_of = {household.pk: place for place, household in enumerate(households)}
        assert {(place_of[f.household], f.member is not None, f.value, f.date) for f in found} == expected
        assert len(found) == len(expected)


def test_the_number_of_statements_does_not_depend_on_the_rows(fill: Fill, source: Source) -> None:
    fill([(str(number), "V1", BEGIN) for number in range(500)])
    households = everyone()
    counts = []
    for rows in (1, 500):
        some = table(
            *((h.pk, None, "income_wage_12m", str(rows), day(rows), None) for h in households[:rows])
        )
        with CaptureQueriesContext(connection) as writing:
            record_observations(some, by="9", source=source, today=TODAY)
        with CaptureQueriesContext(connection) as reading:
            assert len(facts_as_of(households[:rows], as_of=day(rows))) == rows
        counts.append((len(writing), len(reading)))
    assert counts[0] == counts[1]


def test_one_event_per_batch_without_values(household: Household, source: Source) -> None:
    events = Event.objects.count()
    rows = table((household.pk, None, "income_wage_12m", "4711.5", day(1), None))
    record_observations(rows, by="9", source=source, today=TODAY)
    record_observations(rows, by="9", source=source, today=TODAY)
    assert Event.objects.count() == events + 1
    event = Event.objects.latest("sequence")
    assert (event.kind, event.by, event.data["stored"]) == ("people.observe", "9", 1)
    assert len(event.data["content"]) == 64 and "4711" not in str(event.data)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((None, "income_wages", "1", BEGIN), "no fact 'income_wages'"),
        ((None, "sex", "male", BEGIN), "'sex' is a fact of a member, not of a household"),
        ((1, "income_wage_12m", "1", BEGIN), "'income_wage_12m' is a fact of a household, not of a member"),
        (
            (None, "income_wage_12m", "1", TODAY + datetime.timedelta(days=1)),
            "holds from 2026-03-02, after 2026-03-01",
        ),
        ((None, "income_wage_12m", "1", None), "a day from which it holds"),
    ],
)
def test_what_the_register_cannot_take(household: Household, source: Source, row: tuple, said: str) -> None:
    member, fact, value, since = row
    if member:
        member = Member.objects.everywhere(reason="test").get().pk
    good = (household.pk, None, "income_transfer_12m", "1", BEGIN, None)
    with pytest.raises(RegisterError, match=said):
        record_observations(
            table(good, (household.pk, member, fact, value, since, None)), by="9", source=source, today=TODAY
        )
    assert stored() == 0


def test_two_statements_about_one_thing_on_one_day(household: Household, source: Source) -> None:
    rows = [(household.pk, None, "income_wage_12m", value, BEGIN, None) for value in ("1", "2")]
    with pytest.raises(RegisterError, match="two statements about 'income_wage_12m' on 2020-01-01"):
        record_observations(table(*rows), by="9", source=source, today=TODAY)


def test_facts_of_a_member_move_along(fill: Fill, areas: dict[str, Area], source: Source) -> None:
    fill(
        [("1", "V1", BEGIN), ("2", "V2", BEGIN)],
        members=[("1/1", "1", BEGIN)],
        observations=[("1", "1/1", "sex", "female", BEGIN)],
        today=BEGIN,
    )
    first, second = everyone()
    member = Member.objects.everywhere(reason="test").get()
    move_member(member, to=second, day=day(10), by="9", today=day(12))
    rows = table((second.pk, member.pk, "labour", "skilled", day(11), None))
    record_observations(rows, by="9", source=source, today=day(12))
    assert known(first, as_of=9) == {"sex": "female"}
    assert known(first, as_of=10) == {}
    assert known(second, as_of=11) == {"sex": "female", "labour": "skilled"}
    # On the day before it was recorded nobody knew of the move.
    assert known(first, as_of=10, known_on=11) == {"sex": "female"}


@pytest.mark.parametrize("present", [True, False])
def test_the_history_of_one_household_is_found_by_its_index(
    household: Household, source: Source, present: bool
) -> None:
    """However large the register is, a page about one household does not read all of it."""
    member = household.members.get()
    record_observations(
        table(
            (household.pk, None, "monitored", "true", day(1), None),
            (household.pk, member.pk, "medical_insurance", "true", day(1), None),
        ),
        by="1",
        source=source,
        today=TODAY,
    )
    members = household.members.filter(present=present)
    assert statements_of(household, members).count() == 1 + present
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # the table is too small to be worth an index
        plan = statements_of(household, members).explain()
    assert "Seq Scan on people_observation" not in plan
    assert "SCAN people_observation" not in plan
    assert "observation_of_household" in plan
