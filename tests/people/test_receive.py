"""Batches come in whole or not at all, and twice without change."""

import datetime

import pyarrow as pa
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from highground.audit.actions import verify
from highground.audit.models import Event
from highground.people import bulk
from highground.people.actions import RegisterError
from highground.people.models import (
    Household,
    Member,
    Membership,
    Observation,
    ProtectedValue,
    Residence,
)
from highground.people.pseudonyms import LETTERS, new_keys
from highground.people.queries import members_as_of, residence_as_of
from tests.people.conftest import TODAY, Fill

pytestmark = pytest.mark.django_db
BEGIN = datetime.date(2020, 1, 1)
LATER = datetime.date(2022, 1, 1)
MODELS = (Household, Member, Membership, Residence, Observation, ProtectedValue)


def contents() -> list[list[dict]]:
    return [list(model.objects.everywhere(reason="test").order_by("pk").values()) for model in MODELS]


def household(number: str) -> Household:
    return Household.objects.everywhere(reason="test").get(number=number)


def everything(fill: Fill):
    return fill(
        [("1", "V1", BEGIN), ("2", "V2", BEGIN), ("1", "V1", LATER)],
        members=[("1/1", "1", BEGIN), ("1/1", "1", LATER), ("2/1", "2", BEGIN)],
        observations=[
            ("1", None, "income_wage_12m", "10", BEGIN),
            ("1", None, "income_wage_12m", "10", LATER),
            ("1", "1/1", "sex", "male", BEGIN),
        ],
        protected=[("1", None, "phone", "139 1234"), ("1", "1/1", "name", "韦某")],
    )


def test_a_batch_twice_changes_nothing(fill: Fill) -> None:
    done = everything(fill)
    assert (done.households, done.new_households, done.new_members, done.protected) == (2, 2, 2, 2)
    assert (done.observations.rows, done.observations.stored) == (3, 3)
    before = contents(), Event.objects.count()
    again = everything(fill)
    assert (again.new_households, again.new_members, again.protected, again.observations.stored) == (
        0,
        0,
        0,
        0,
    )
    assert before == (contents(), Event.objects.count())
    assert verify().sound


def test_a_batch_that_cannot_be_taken_leaves_nothing(fill: Fill) -> None:
    everything(fill)
    before = contents()
    with pytest.raises(RegisterError, match="no fact 'incomes'"):
        fill([("3", "V1", BEGIN)], observations=[("3", None, "incomes", "1", BEGIN)])
    with pytest.raises(RegisterError, match="names a household that is not in the batch"):
        fill([("3", "V1", BEGIN)], observations=[("4", None, "income_wage_12m", "1", BEGIN)])
    with pytest.raises(RegisterError, match="names a member that is not in the batch"):
        fill([("3", "V1", BEGIN)], observations=[("3", "3/1", "sex", "male", BEGIN)])
    assert before == contents()


def test_registers_number_their_households_apart(fill: Fill) -> None:
    fill([("1", "V1", BEGIN)])
    fill([("1", "V2", BEGIN)], register="other")
    assert Household.objects.everywhere(reason="test").filter(number="1").count() == 2


def test_members_alone_need_households_on_the_register(fill: Fill) -> None:
    fill([("1", "V1", BEGIN)])
    assert fill(None, members=[("1/1", "1", BEGIN)]).new_members == 1
    with pytest.raises(RegisterError, match="names a household that is not in the batch"):
        fill(None, members=[("9/1", "9", BEGIN)])


def test_another_area_on_a_later_day_is_a_move_and_an_older_file_is_not(fill: Fill) -> None:
    fill([("1", "V1", BEGIN)])
    fill([("1", "V2", LATER)])
    fill([("1", "V1", datetime.date(2021, 1, 1)), ("1", "V3", datetime.date(2019, 1, 1))])
    assert household("1").area.code == "V2"
    found = [
        residence_as_of(household("1"), as_of=datetime.date(year, 6, 1)) for year in (2018, 2019, 2020, 2023)
    ]
    assert [residence and residence.area.code for residence in found] == [None, "V3", "V1", "V2"]


def test_an_old_file_does_not_undo_a_move_of_a_member(fill: Fill) -> None:
    from highground.people.moves import move_member

    everything(fill)
    member = Member.objects.everywhere(reason="test").get(number="1/1")
    move_member(member, to=household("2"), day=BEGIN + datetime.timedelta(days=9), by="9", today=TODAY)
    everything(fill)
    assert members_as_of(household("1"), as_of=TODAY).count() == 0
    assert set(members_as_of(household("2"), as_of=TODAY)) == set(Member.objects.everywhere(reason="test"))


def test_the_number_of_statements_does_not_depend_on_the_rows(fill: Fill) -> None:
    def batch(rows: int) -> int:
        numbers = [f"{rows}-{place}" for place in range(rows)]
        with CaptureQueriesContext(connection) as queries:
            fill(
                [(number, "V1", BEGIN) for number in numbers],
                members=[(f"{number}/1", number, BEGIN) for number in numbers],
                observations=[(number, None, "income_wage_12m", "1", BEGIN) for number in numbers],
                protected=[(number, None, "phone", number) for number in numbers],
            )
        return len(queries)

    batch(1)  # the first use of the vault makes its key
    assert batch(2) == batch(400)


def test_keys_are_short_readable_and_different() -> None:
    keys = new_keys(5000)
    assert len(set(keys)) == 5000
    assert all(len(key) == 9 and key[0] == "H" and key[4] == "-" for key in keys)
    assert {letter for key in keys for letter in key[1:].replace("-", "")} == set(LETTERS)


def test_a_key_that_is_taken_is_drawn_again(fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    fill([("1", "V1", BEGIN)])
    taken = household("1").key
    draws = iter([[taken, "HAAA-AAAA"], ["HBBB-BBBB", "HCCC-CCCC"]])
    monkeypatch.setattr(bulk, "new_keys", lambda count, first="H": next(draws))
    done = fill([("2", "V1", BEGIN), ("3", "V1", BEGIN)])
    keys = {household(number).key for number in ("1", "2", "3")}
    assert done.new_households == 2
    assert len(keys) == 3 and taken in keys


def test_columns_may_come_in_any_integer_and_text_type(fill: Fill) -> None:
    everything(fill)
    pk = household("1").pk
    rows = pa.table(
        {"household": pa.array([pk], pa.int32()), "fact": pa.array(["owns_car"], pa.large_string())}
    )
    assert bulk.cast(rows, bulk.OBSERVATIONS).schema == bulk.OBSERVATIONS
