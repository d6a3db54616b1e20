"""What questions cost, and what would be lost without them; against the oracle, household by household."""

from __future__ import annotations

from collections import Counter

import pytest

from highground.methods.rules import load_rulebook
from highground.methods.rules.asking import Question, answered, questions
from highground.methods.rules.judging import judge
from highground.methods.screening.opening import records_of
from highground.methods.screening.price import found_without, price
from highground.methods.screening.tables import InputError
from tests.methods.screening.random_world import AS_OF, Tables

BOOK = load_rulebook("demo-cn")
TABLES = Tables(31, BOOK.dictionary)
HOUSEHOLDS, MEMBERS = TABLES.households(BOOK, 300), TABLES.members(BOOK, 300)
WORLD = {"households": HOUSEHOLDS, "members": MEMBERS, "as_of": AS_OF}


def records():
    return list(records_of(BOOK, **WORLD))


def test_the_price_counts_the_questions_of_each_household() -> None:
    told = price(BOOK, **WORLD, sample=300, minutes=0.5)
    counts = Counter(one.fact for record in records() for one in questions(record, BOOK))
    assert {one.fact: round(one.asked * 300 / 1000) for one in told.facts} == dict(counts)
    assert (told.sample, told.households) == (300, 300)
    assert told.questions == pytest.approx(sum(counts.values()) / 0.3)
    assert told.minutes == pytest.approx(told.questions / 2)
    assert told.settled == pytest.approx(sum(not questions(one, BOOK) for one in records()) / 0.3)
    insured = next(one for one in told.facts if one.fact == "medical_insurance")
    assert insured.needed_by == ("no_medical_insurance",)
    assert set(insured.flips) == {"no_medical_insurance"}
    dearest = [one.asked for one in told.facts]
    assert dearest == sorted(dearest, reverse=True)


def test_a_sample_does_not_depend_on_the_order_of_the_rows() -> None:
    first = price(BOOK, **WORLD, sample=40, seed=3)
    assert first == price(BOOK, **{**WORLD, "households": HOUSEHOLDS[::-1]}, sample=40, seed=3)
    assert first != price(BOOK, **WORLD, sample=40, seed=4)
    assert (first.sample, first.households) == (40, 300)


@pytest.mark.parametrize(
    "facts",
    [
        ["risks"],
        ["birth_date"],
        ["medical_insurance", "dwelling_unsafe"],
        ["income_wage_12m"],
        ["stratum", "relocated"],
    ],
)
def test_what_is_lost_without_facts_is_what_the_oracle_no_longer_finds(facts: list[str]) -> None:
    def found(forget: list[str]) -> set[str]:
        names = set()
        for record in records():
            for name in forget:
                whose = (
                    [""]
                    if BOOK.dictionary[name].entity == "household"
                    else [row.id for row in record.members]
                )
                for member in whose:
                    record = answered(record, BOOK, Question(name, member), None)
            told = judge(record, BOOK)
            if told.class_verdict == "yes" or told.fired:
                names.add(record.household)
        return names

    told = found_without(BOOK, facts, **WORLD)
    before, after = found([]), found(facts)
    assert (told.found, told.lost) == (len(before), len(before - after))
    assert told.lost > 0 or facts == ["birth_date"]
    assert after <= before


def test_nobody_at_all_and_what_cannot_be() -> None:
    nobody = price(BOOK, households=HOUSEHOLDS[:0] or [{"household": "H1"}], as_of=AS_OF, sample=1)
    assert nobody.sample == 1 and nobody.questions > 0
    with pytest.raises(InputError, match="at least 1"):
        price(BOOK, **WORLD, sample=0)
    with pytest.raises(InputError, match="there is no fact wages"):
        found_without(BOOK, ["wages"], **WORLD)
