"""Identity numbers are checked when they are sealed. Every number here is invented: no place has the code 000000."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from highground.audit.models import Event
from highground.methods.feeds.hashing import normalise
from highground.people.identity import Check, check_character, check_disability_card, check_identity
from highground.people.models import Member, Observation, ProtectedValue
from highground.people.queries import facts_as_of, names_of
from tests.people.conftest import TODAY, Fill

NOWHERE = "000000"
BEGIN = datetime.date(2020, 1, 1)


def invented(rest: str = "19800506001") -> str:
    """A number of nobody, which holds together."""
    digits = NOWHERE + rest
    return digits + check_character(digits)


GOOD = invented()
BAD = GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1")


def by_the_standard(digits: str) -> str:
    """The check character by the recursive procedure of ISO 7064, written down independently."""
    product = 0
    for digit in digits:
        product = (product + int(digit)) * 2 % 11
    return "0123456789X"[(1 - product) % 11]


@given(st.text("0123456789", min_size=17, max_size=17))
def test_the_check_character_is_that_of_the_standard(digits: str) -> None:
    assert check_character(digits) == by_the_standard(digits)
    assert check_identity(digits + by_the_standard(digits)) == Check.OK


def test_the_example_of_the_standard() -> None:
    # ISO 7064 gives 0794 the check character 0; zeros in front change nothing.
    assert check_character("0794".zfill(17)) == "0"


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_and_two_swapped_ones_are_found(digits: str, place: int, step: int) -> None:
    number = digits + check_character(digits)
    wrong = str((int(digits[place]) + step) % 10)
    assert check_identity(number[:place] + wrong + number[place + 1 :]) == Check.BAD_CHECKSUM
    if place < 16 and number[place] != number[place + 1]:
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assert check_identity(swapped) == Check.BAD_CHECKSUM


@pytest.mark.parametrize(
    ("number", "identity", "card"),
    [
        (GOOD, "ok", "missing"),
        (BAD, "bad_checksum", "missing"),
        (GOOD + "42", "ok", "ok"),
        (GOOD + "42B1", "ok", "ok"),
        (BAD + "42", "bad_checksum", "bad_checksum"),
        (GOOD[:17], "bad_length", "bad_length"),
        (GOOD + "4", "bad_length", "bad_length"),
        (GOOD + "42B", "bad_length", "bad_length"),
        (GOOD + "42B12", "bad_length", "bad_length"),
        (GOOD[:15], "bad_length", "bad_length"),
        ("X" * 18, "bad_checksum", "missing"),
        ("٠" * 17 + "0", "bad_checksum", "missing"),
        ("", "missing", "missing"),
        (None, "missing", "missing"),
    ],
)
def test_every_outcome(number: str | None, identity: str, card: str) -> None:
    assert (check_identity(number), check_disability_card(number)) == (identity, card)


def test_a_small_x_is_the_same_as_a_large_one() -> None:
    number = next(one for one in map(invented, (f"1980050600{n}" for n in range(10))) if one.endswith("X"))
    assert check_identity(number) == check_identity(number.lower()) == Check.OK


# --- In the register ----------------------------------------------------------------------------


@pytest.fixture
def own_keys(tmp_path, settings) -> None:
    settings.HIGHGROUND_HOME = tmp_path


FACTS = ("identity_check", "disability_card_check")


def checks(number: str) -> dict[str, str]:
    member = Member.objects.everywhere(reason="test").get(number=number)
    known = facts_as_of([member.household_id], as_of=TODAY)
    return {one.fact: one.value for one in known if one.member == member.pk and one.fact in FACTS}


@pytest.mark.django_db
@pytest.mark.usefixtures("own_keys")
class TestInTheRegister:
    def test_what_a_number_says_of_itself_is_recorded_when_it_is_sealed(self, fill: Fill) -> None:
        done = fill(
            [("1", "V1", BEGIN), ("9", "V3", BEGIN)],
            members=[*((f"1/{n}", "1", BEGIN) for n in range(1, 6)), ("9/1", "9", BEGIN)],
            protected=[
                ("1", "1/1", "identity_number", f"{GOOD[:6]} {GOOD[6:14]}-{GOOD[14:]}"),
                ("1", "1/2", "identity_number", BAD),
                ("1", "1/3", "identity_number", GOOD + "42"),
                ("1", "1/4", "identity_number", None),
                ("1", "1/5", "name", "somebody"),
                ("9", "9/1", "identity_number", "LAO-1234"),
            ],
        )
        assert done.protected == 5 and done.observations.stored == 8
        assert checks("1/1") == {"identity_check": "ok", "disability_card_check": "missing"}
        assert checks("1/2") == {"identity_check": "bad_checksum", "disability_card_check": "missing"}
        assert checks("1/3") == {"identity_check": "ok", "disability_card_check": "ok"}
        assert checks("1/4") == {"identity_check": "missing", "disability_card_check": "missing"}
        # Nothing was said of the one, and the other's country has other numbers.
        assert checks("1/5") == checks("9/1") == {}
        held = ProtectedValue.objects.everywhere(reason="test").filter(kind="identity_number")
        assert BAD in names_of(held).values() and len(held) == 4

    def test_the_number_is_in_no_fact_event_or_log(self, fill: Fill, caplog) -> None:
        with caplog.at_level("DEBUG"):
            self.test_what_a_number_says_of_itself_is_recorded_when_it_is_sealed(fill)
        rows = str(list(Observation.objects.everywhere(reason="test").values()))
        for text in (GOOD, BAD, normalise(GOOD), GOOD[6:17]):
            assert text not in rows and text not in str(list(Event.objects.values()))
            assert text not in "".join(
                one.getMessage() for one in caplog.records if one.name != "django.db.backends"
            )

    def test_again_changes_nothing_and_a_corrected_number_is_checked_anew(self, fill: Fill) -> None:
        first = [("1", "V1", BEGIN)]
        people = [("1/1", "1", BEGIN)]
        given = [("1", "1/1", "identity_number", BAD)]
        fill(first, members=people, protected=given)
        again = fill(first, members=people, protected=given)
        assert (again.observations.stored, again.protected) == (0, 0)
        # A source without the number does not take away what another one gave.
        fill(first, members=people, protected=[("1", "1/1", "identity_number", None)])
        assert checks("1/1")["identity_check"] == "bad_checksum"
        fill(first, members=people, protected=[("1", "1/1", "identity_number", GOOD)])
        assert checks("1/1")["identity_check"] == "ok"

    def test_a_number_of_the_household_and_other_attributes_say_nothing(self, fill: Fill) -> None:
        done = fill(
            [("1", "V1", BEGIN)],
            members=[("1/1", "1", BEGIN)],
            protected=[("1", None, "identity_number", BAD), ("1", "1/1", "phone", BAD)],
        )
        assert (done.observations.rows, done.protected) == (0, 2)

    def test_a_hundred_numbers_cost_the_statements_of_one(self, fill: Fill) -> None:
        fill([("1", "V1", BEGIN)])
        counts = []
        for first, many in ((0, 1), (1, 101)):
            numbers = range(first, many)
            people = [(f"1/{n}", "1", BEGIN) for n in numbers]
            given = [("1", f"1/{n}", "identity_number", invented(f"19800506{n:03}")) for n in numbers]
            with CaptureQueriesContext(connection) as queries:
                fill([("1", "V1", BEGIN)], members=people, protected=given)
            counts.append(sum(1 for one in queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))))
        assert counts[0] == counts[1]
