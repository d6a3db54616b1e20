"""What to ask: only what could still change the verdict, and fewer questions than the form for the same verdict."""

from __future__ import annotations

import itertools
import random
from datetime import date

import pytest

from highground.methods.rules.asking import (
    Asking,
    Question,
    answered,
    candidates,
    next_question,
    outcome,
    questions,
)
from highground.methods.rules.judging import judge
from highground.methods.rules.record import Record
from highground.methods.rules.rulebook import Rulebook
from tests.methods.rules.households import CASE_3, FOUR, book, expression_book, record

BOOK = book()
ONE = [{"id": "a", "birth_date": date(1980, 1, 1), "school_status": "completed", "medical_insurance": True}]


def without(*names: str, **others: object) -> Record:
    """Fact 3's household with these facts unknown."""
    facts = {name: value for name, value in {**CASE_3, **others}.items() if name not in names}
    return record(BOOK, facts, FOUR)


def test_who_is_settled_is_asked_nothing() -> None:
    assert questions(record(BOOK, CASE_3, FOUR), BOOK) == []
    assert next_question(record(BOOK, CASE_3, FOUR), BOOK) is None
    # Vetoes are weighed by people: a car changes no verdict.
    assert questions(without("owns_car"), BOOK) == []


def test_each_question_names_the_rules_that_need_it() -> None:
    assert questions(without("claims_12m"), BOOK) == [Question("claims_12m", "", ("sudden_severe",))]
    (insured,) = questions(
        record(BOOK, CASE_3, [FOUR[0], {**FOUR[1], "medical_insurance": None}, *FOUR[2:]]), BOOK
    )
    assert insured == Question("medical_insurance", "M2", ("no_medical_insurance",))


def test_what_can_change_nothing_is_not_asked() -> None:
    """Of a household far above the line with no risk, income matters to no class."""
    rich = without("income_wage_12m", "income_property_12m", risks=[])
    assert questions(rich, BOOK) == []
    # A grown-up's schooling is read by the rule on children, and cannot fire it.
    grown_up = [{**FOUR[0], "school_status": None}, *FOUR[1:]]
    assert questions(record(BOOK, CASE_3, grown_up), BOOK) == []


def test_a_class_that_surely_holds_ends_the_questions_about_later_ones_only() -> None:
    rules = expression_book(first="dwelling_unsafe", second="water_unsafe", third="relocated")
    known = {"water_unsafe": True}
    # The first class comes before the second: whether it holds is still asked; the third is not.
    assert [one.fact for one in questions(record(rules, known), rules)] == ["dwelling_unsafe"]


def test_the_first_question_is_the_one_after_which_least_is_left() -> None:
    rules = expression_book(poor="dwelling_unsafe AND (water_unsafe OR relocated OR urban_registration)")
    unknown = record(rules, {})
    assert [one.fact for one in questions(unknown, rules)] == [
        "dwelling_unsafe",
        "water_unsafe",
        "relocated",
        "urban_registration",
    ]
    first = next_question(unknown, rules)
    assert first is not None and first.fact == "dwelling_unsafe"
    assert next_question(answered(unknown, rules, first, False), rules) is None


def test_what_is_usual_orders_the_questions() -> None:
    """Where hardly anybody has unsafe water, that question settles less than its two answers suggest."""
    rules = expression_book(poor="dwelling_unsafe AND water_unsafe")
    unknown = record(rules, {})
    usual = next_question(
        unknown, rules, {"dwelling_unsafe": [True, True, True, False], "water_unsafe": [False]}
    )
    assert usual is not None and usual.fact == "water_unsafe"


def test_a_parameter_keyed_by_an_answer_is_looked_up_again() -> None:
    rules = expression_book(poor="per_person(income_wage_12m) <= line_by_place")
    open_place = record(rules, {"income_wage_12m": 1800, "household_size": 1})
    (place,) = questions(open_place, rules)
    assert place.fact == "stratum"
    assert outcome(answered(open_place, rules, place, "rural"), rules)[0] == "no"
    assert outcome(answered(open_place, rules, place, "urban"), rules)[0] == "yes"
    certain = record(rules, {"income_wage_12m": 2500, "household_size": 1})
    assert questions(certain, rules) == []


def test_what_cannot_be_asked_at_the_door_is_no_question() -> None:
    """No line is set for the province: no answer would help; without member rows nobody's insurance can be asked."""
    assert questions(record(BOOK, CASE_3, FOUR, province="CN-GX"), BOOK) == []
    assert [one.fact for one in questions(record(BOOK, {**CASE_3, "household_size": 4}), BOOK)] == []


def test_a_fact_that_cancels_out_only_seems_to_matter() -> None:
    rules = expression_book(poor="income_wage_12m - income_wage_12m + income_property_12m > 100")
    unknown = record(rules, {"income_property_12m": 200})
    assert [one.fact for one in candidates(unknown, rules)] == ["income_wage_12m"]
    assert questions(unknown, rules) == []


# --- against brute force --------------------------------------------------------------------------------

DOMAINS: dict[str, list[object]] = {
    "dwelling_unsafe": [False, True],
    "water_unsafe": [False, True],
    "relocated": [False, True],
    "household_type": ["lifted_out", "ordinary"],
    "stratum": ["rural", "urban"],
}
ATOMS = [*list(DOMAINS)[:3], "household_type = 'lifted_out'", "stratum = 'rural'"]


def some_condition(rng: random.Random, depth: int) -> str:
    if depth == 0:
        return rng.choice(ATOMS)
    kind = rng.randrange(4)
    if kind == 0:
        return f"NOT ({some_condition(rng, depth - 1)})"
    if kind == 1:
        parts = ", ".join(rng.sample(ATOMS, 3))
        return f"count_true({parts}) >= {rng.randint(1, 3)}"
    joint = rng.choice(("AND", "OR"))
    return f"(({some_condition(rng, depth - 1)}) {joint} ({some_condition(rng, depth - 1)}))"


def final(one: Record, rules: Rulebook) -> tuple[object, ...]:
    told = judge(one, rules)
    return (told.class_verdict, told.class_id, told.fired)


def matters(one: Record, rules: Rulebook, asked: str) -> bool:
    """By saying everything else in every way: whether the answer ever makes a difference."""
    unknown = [name for name in DOMAINS if one.facts.get(name) is None]
    others = [name for name in unknown if name != asked]
    for values in itertools.product(*(DOMAINS[name] for name in others)):
        said = one
        for name, value in zip(others, values, strict=True):
            said = answered(said, rules, Question(name), value)  # type: ignore[arg-type]
        found = {final(answered(said, rules, Question(asked), value), rules) for value in DOMAINS[asked]}  # type: ignore[arg-type]
        if len(found) > 1:
            return True
    return False


@pytest.mark.parametrize("seed", range(150))
def test_the_questions_are_those_that_brute_force_finds(seed: int) -> None:
    rng = random.Random(seed)
    rules = expression_book(
        first=some_condition(rng, 2), second=some_condition(rng, 3), third=some_condition(rng, 1)
    )
    facts = {name: rng.choice(values) for name, values in DOMAINS.items() if rng.random() < 0.35}
    one = record(rules, facts)
    found = {question.fact for question in questions(one, rules)}
    assert found == {name for name in DOMAINS if name not in facts and matters(one, rules, name)}


@pytest.mark.parametrize("seed", range(40))
def test_every_question_that_is_asked_could_have_changed_the_verdict(seed: int) -> None:
    rng = random.Random(1000 + seed)
    rules = expression_book(first=some_condition(rng, 3), second=some_condition(rng, 3))
    truth = {name: rng.choice(values) for name, values in DOMAINS.items()}
    asking, now = Asking(rules), record(rules, {})
    while (question := asking.next(now)) is not None:
        assert matters(now, rules, question.fact)
        now = answered(now, rules, question, truth[question.fact])  # type: ignore[arg-type]
    assert final(asking.completed(now), rules) == final(record(rules, truth), rules)
