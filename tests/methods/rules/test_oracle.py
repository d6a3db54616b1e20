"""The oracle against values worked out by hand."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highground.methods.rules.intervals import NO, UNKNOWN, YES, Interval, compare
from highground.methods.rules.judging import judge
from highground.methods.rules.oracle import counted, evaluate, persons
from highground.methods.rules.record import Member, Record
from highground.methods.rules.tree import (
    Add,
    Age,
    AllMembers,
    And,
    AnyMember,
    BooleanFact,
    Compare,
    CountMembers,
    CountTrue,
    DerivedAmount,
    Has,
    IsEmpty,
    Node,
    Not,
    Number,
    NumberFact,
    OneOf,
    Or,
    ParameterValue,
    PerPerson,
    Persons,
    Scale,
    ShareMembers,
    Subtract,
    SumMembers,
    Truth,
)
from tests.methods.rules.households import CASE_3, FOUR, book, expression_book, record

BOOK = book()
WAGE = NumberFact(0, 0, "income_wage_12m", False, True)
COST = NumberFact(0, 0, "cost_business_12m", False, True)
MONTHS = NumberFact(0, 0, "work_months_away", True, False)
INSURED = BooleanFact(0, 0, "medical_insurance", True)
LINE = ParameterValue(0, 0, "monitoring_line", True)
MOST = 10**12 * 100


def number(value: int | str, money: bool = False) -> Number:
    return Number(0, 0, Fraction(value), money)


def ask(node: Node, facts: dict[str, Any] | None = None, members: Any = (), **more: Any) -> Interval:
    return evaluate(node, record(BOOK, facts or {}, members, **more), BOOK)


# --- numbers ---


def test_a_known_amount_is_in_minor_units_and_a_missing_one_spans_the_dictionary() -> None:
    assert ask(WAGE, {"income_wage_12m": 12}) == Interval(1200, 1200)
    assert ask(WAGE) == Interval(0, MOST)
    assert ask(NumberFact(0, 0, "income_total_12m", False, True)) == Interval(-MOST, MOST)
    assert ask(NumberFact(0, 0, "household_size", False, False)) == Interval(1, 100)


def test_sums_and_differences_work_on_the_ends_and_a_negative_factor_swaps_them() -> None:
    assert ask(Add(0, 0, WAGE, COST), {"income_wage_12m": 10}) == Interval(1000, 1000 + MOST)
    assert ask(Subtract(0, 0, WAGE, COST), {"income_wage_12m": 10}) == Interval(1000 - MOST, 1000)
    assert ask(Scale(0, 0, Fraction(-3, 2), COST)) == Interval(Fraction(-3, 2) * MOST, 0)
    assert ask(Scale(0, 0, Fraction(1, 3), WAGE), {"income_wage_12m": 1}) == Interval(
        Fraction(100, 3), Fraction(100, 3)
    )


def test_a_derived_amount_is_the_sum_of_its_parts() -> None:
    net, reference = (DerivedAmount(0, 0, name, True) for name in ("net_income", "reference_income"))
    assert ask(net, CASE_3) == Interval(4_000_000, 4_000_000)
    assert ask(reference, CASE_3) == Interval(2_200_000, 2_200_000)


def test_a_parameter_keyed_by_a_missing_fact_spans_the_rows_that_could_apply() -> None:
    by_place = ParameterValue(0, 0, "line_by_place", True)
    assert ask(by_place, {"stratum": "urban"}) == Interval(200000, 200000)
    assert ask(by_place) == Interval(150000, 200000)


def test_count_true_adds_its_operands() -> None:
    node = CountTrue(0, 0, (Truth(0, 0, True), BooleanFact(0, 0, "relocated", False), Truth(0, 0, False)))
    assert ask(node) == Interval(1, 2)
    assert ask(node, {"relocated": True}) == Interval(2, 2)


# --- truth ---


@pytest.mark.parametrize(
    ("operands", "both", "either"),
    [
        ((YES, YES), YES, YES),
        ((YES, UNKNOWN), UNKNOWN, YES),
        ((NO, UNKNOWN), NO, UNKNOWN),
        ((NO, NO), NO, NO),
    ],
)
def test_and_or_not_are_those_of_three_valued_logic(operands: Any, both: Interval, either: Interval) -> None:
    words = {YES: Truth(0, 0, True), NO: Truth(0, 0, False), UNKNOWN: BooleanFact(0, 0, "relocated", False)}
    nodes = tuple(words[operand] for operand in operands)
    assert ask(And(0, 0, nodes)) == both
    assert ask(Or(0, 0, nodes)) == either
    assert [ask(Not(0, 0, words[one])) for one in (YES, NO, UNKNOWN)] == [NO, YES, UNKNOWN]


def test_facts_of_every_kind_are_unknown_where_missing() -> None:
    relocated = BooleanFact(0, 0, "relocated", False)
    lifted = OneOf(0, 0, "household_type", False, ("lifted_out",))
    ill, none = Has(0, 0, "risks", False, "illness"), IsEmpty(0, 0, "risks", False)
    assert [ask(node) for node in (relocated, lifted, ill, none)] == [UNKNOWN] * 4
    facts = {"relocated": False, "household_type": "lifted_out", "risks": ["disaster"]}
    assert [ask(node, facts) for node in (relocated, lifted, ill, none)] == [NO, YES, NO, NO]
    assert [ask(node, {"risks": []}) for node in (ill, none)] == [NO, YES]


@pytest.mark.parametrize(
    ("operator", "verdicts"),
    # against [3, 5]: [1, 2], [1, 3], [5, 5], [5, 9], [6, 9]
    [
        ("<", "yes cannot_tell no no no"),
        ("<=", "yes yes cannot_tell cannot_tell no"),
        (">", "no no cannot_tell cannot_tell yes"),
        (">=", "no cannot_tell yes yes yes"),
        ("=", "no cannot_tell cannot_tell cannot_tell no"),
        ("<>", "yes cannot_tell cannot_tell cannot_tell yes"),
    ],
)
def test_a_comparison_is_decided_only_where_both_ends_agree(operator: str, verdicts: str) -> None:
    lefts = [Interval(1, 2), Interval(1, 3), Interval(5, 5), Interval(5, 9), Interval(6, 9)]
    assert [compare(left, operator, Interval(3, 5)).verdict for left in lefts] == verdicts.split()


def test_equal_points_are_equal_and_nothing_else_is() -> None:
    assert compare(Interval(4, 4), "=", Interval(4, 4)) == YES
    assert compare(Interval(4, 4), "<>", Interval(4, 4)) == NO
    assert compare(Interval(4, 5), "=", Interval(4, 5)) == UNKNOWN


# --- per person, and lines that nobody set ---


def within(facts: dict[str, Any], **more: Any) -> str:
    return ask(Compare(0, 0, "<=", PerPerson(0, 0, WAGE), LINE), facts, **more).verdict


def test_per_person_multiplies_the_other_side_out() -> None:
    assert within({"income_wage_12m": 33200, "household_size": 4}) == "yes"
    assert within({"income_wage_12m": 33200.01, "household_size": 4}) == "no"
    mirrored = Compare(0, 0, ">=", LINE, PerPerson(0, 0, WAGE))
    assert ask(mirrored, {"income_wage_12m": 33200, "household_size": 4}) == YES
    assert ask(mirrored, {"income_wage_12m": 33200.01, "household_size": 4}) == NO


def test_per_person_with_an_unknown_number_of_persons_asks_every_number() -> None:
    assert within({"income_wage_12m": 8300}) == "yes"
    assert within({"income_wage_12m": 8301}) == "cannot_tell"
    assert within({"income_wage_12m": 830001}) == "no"


def test_two_amounts_per_person_are_compared_directly() -> None:
    node = Compare(0, 0, "<", PerPerson(0, 0, WAGE), PerPerson(0, 0, COST))
    assert ask(node, {"income_wage_12m": 5, "cost_business_12m": 6}) == YES


def test_a_negative_amount_on_the_other_side_widens_with_the_number_of_persons() -> None:
    loss = Compare(0, 0, ">", PerPerson(0, 0, WAGE), number(-100, money=True))
    assert ask(loss, {"income_wage_12m": 0}) == YES


def test_a_line_that_nobody_set_decides_nothing() -> None:
    assert within({"income_wage_12m": 0, "household_size": 1}, province="CN-GX") == "cannot_tell"
    huge = Compare(0, 0, "<", number(-1, money=True), Add(0, 0, LINE, WAGE))
    assert ask(huge, {"income_wage_12m": 5}, province="CN-GX") == UNKNOWN
    assert ask(huge, {"income_wage_12m": 5}) == YES


def test_a_missing_parameter_is_seen_through_a_derived_amount() -> None:
    rules = book(
        derived={
            "gap": {"label": "gap", "expression": "monitoring_line - income_wage_12m"},
            "twice": {"label": "twice the gap", "expression": "2 * gap"},
        },
        conditions={"above": {"label": "above", "expression": "twice >= -9000000000000"}},
        classes=[{"id": "one", "when": "above"}],
        clues=[],
    )
    assert judge(record(rules, {"income_wage_12m": 1}), rules).class_verdict == "yes"
    assert judge(record(rules, {"income_wage_12m": 1}, province=None), rules).class_verdict == "cannot_tell"


# --- members ---

ANY, ALL = AnyMember(0, 0, INSURED), AllMembers(0, 0, INSURED)
COUNT, SUM = CountMembers(0, 0, INSURED), SumMembers(0, 0, MONTHS)


def share(operator: str, of: str) -> Compare:
    return Compare(0, 0, operator, ShareMembers(0, 0, INSURED), number(of))


def test_without_member_rows_members_are_unknown_and_the_size_bounds_the_counts() -> None:
    facts = {"household_size": 3}
    assert [ask(node, facts) for node in (ANY, ALL, share(">=", "0"))] == [UNKNOWN] * 3
    assert ask(COUNT, facts) == Interval(0, 3)
    assert ask(SUM, facts) == Interval(0, 36)
    assert ask(Persons(0, 0), facts) == Interval(3, 3)
    assert ask(Persons(0, 0)) == Interval(1, 100)
    assert ask(SUM) == Interval(0, 1200)


def test_members_who_are_certainly_counted() -> None:
    rows = [
        {"medical_insurance": True, "work_months_away": 3},
        {"medical_insurance": None, "work_months_away": 4},
    ]
    assert ask(ANY, {}, rows) == YES
    assert ask(ALL, {}, rows) == UNKNOWN
    assert ask(COUNT, {}, rows) == Interval(1, 2)
    assert ask(SUM, {}, rows) == Interval(7, 7)
    assert ask(Persons(0, 0), {"household_size": 9}, rows) == Interval(2, 2)


def test_members_who_may_or_may_not_be_counted() -> None:
    rows = [
        {"shares_budget": None, "medical_insurance": True, "work_months_away": 3},
        {"shares_budget": False, "medical_insurance": False, "work_months_away": 12},
    ]
    one = record(BOOK, {}, rows)
    assert counted(one, BOOK) == (UNKNOWN, NO)
    # if the first is not counted either, the household's size stands in, whatever it is
    assert (persons(one, BOOK), ask(Persons(0, 0), {"household_size": 4}, rows)) == (
        Interval(1, 100),
        Interval(1, 4),
    )
    assert [ask(node, {}, rows) for node in (ANY, ALL)] == [UNKNOWN, UNKNOWN]
    assert [ask(node, {}, rows) for node in (COUNT, SUM)] == [Interval(0, 100), Interval(0, 1200)]


def test_rows_of_which_none_can_be_counted_are_as_no_rows() -> None:
    rows = [{"shares_budget": False, "medical_insurance": True}]
    assert ask(ANY, {"household_size": 2}, rows) == UNKNOWN
    assert ask(Persons(0, 0), {"household_size": 2}, rows) == Interval(2, 2)


@pytest.mark.parametrize(
    ("operator", "of", "verdict"),
    [
        (">=", "0.5", "yes"),
        (">", "0.5", "cannot_tell"),
        ("<", "0.75", "cannot_tell"),
        ("<=", "0.75", "yes"),
        (">", "0.75", "no"),
    ],
)
def test_a_share_is_multiplied_out(operator: str, of: str, verdict: str) -> None:
    rows = [{"medical_insurance": value} for value in (True, True, None, False)]
    assert ask(share(operator, of), {}, rows).verdict == verdict


def test_a_share_leaves_out_who_is_not_counted_and_weighs_who_may_be() -> None:
    rows = [{"medical_insurance": True}, {"medical_insurance": False, "shares_budget": False}]
    assert ask(share("=", "1"), {}, rows) == YES
    rows[1]["shares_budget"] = None
    assert ask(share("=", "1"), {}, rows) == UNKNOWN
    assert ask(share(">=", "0.5"), {}, rows) == YES


@pytest.mark.parametrize(
    ("born", "as_of", "years"),
    [
        (date(2012, 6, 30), date(2024, 6, 30), 12),
        (date(2012, 7, 1), date(2024, 6, 30), 11),
        (date(2012, 2, 29), date(2025, 2, 28), 12),
        (date(2012, 2, 29), date(2025, 3, 1), 13),
    ],
)
def test_age_is_in_full_years(born: date, as_of: date, years: int) -> None:
    member = Member("M1", {"birth_date": born})
    one = Record("H1", as_of, {}, (member,), {})
    assert evaluate(Age(0, 0), one, BOOK, member) == Interval(years, years)


def test_age_without_a_date_of_birth() -> None:
    member = Member("M1", {})
    assert evaluate(Age(0, 0), record(BOOK, {}), BOOK, member) == Interval(0, 130)


# --- the whole rulebook ---


def case(**changes: Any) -> dict[str, Any]:
    return {**CASE_3, **changes}


def test_fact_3_net_above_reference_within() -> None:
    found = judge(record(BOOK, CASE_3, FOUR), BOOK)
    assert (found.class_verdict, found.class_id, found.fired, found.undecided) == (
        "yes",
        "sudden_severe",
        (),
        (),
    )
    assert found.derived["net_income"] == Interval(4_000_000, 4_000_000)
    assert found.derived["reference_income"] == Interval(2_200_000, 2_200_000)
    assert found.persons == Interval(4, 4)
    assert found.unknown == ()


def test_facts_1_and_2_the_type_of_household_chooses_the_class() -> None:
    for kind, expected in (("lifted_out", "unstable_lifted_out"), ("ordinary", "marginal")):
        facts = case(household_type=kind, income_wage_12m=21600, claims_12m=0, out_of_pocket_12m=0)
        found = judge(record(BOOK, facts, FOUR), BOOK)
        assert found.derived["net_income"].lo == 31600 * 100  # 7,900 for each of four
        assert found.class_id == expected


def test_fact_4_less_spending_no_class() -> None:
    found = judge(record(BOOK, case(out_of_pocket_12m=2000), FOUR), BOOK)
    assert (found.class_verdict, found.class_id) == ("no", None)


def test_fact_5_a_child_out_of_school_fires_a_clue_and_no_class() -> None:
    rows = [dict(member) for member in FOUR]
    rows[2]["school_status"] = "out_of_school"
    facts = case(income_wage_12m=26000, claims_12m=0, out_of_pocket_12m=0, risks=[])
    found = judge(record(BOOK, facts, rows), BOOK)
    assert (found.class_verdict, found.fired) == ("no", ("child_out_of_school",))


def test_fact_27_a_veto_stands_beside_the_verdict() -> None:
    found = judge(record(BOOK, case(owns_car=True), FOUR), BOOK)
    assert found.class_id == "sudden_severe"
    assert [(veto.id, veto.excepted_by) for veto in found.standing_vetoes] == [("car", ("shock",))]
    schooling = judge(record(BOOK, case(owns_car=True, risks=["schooling"]), FOUR), BOOK)
    assert [(veto.id, veto.excepted_by) for veto in schooling.standing_vetoes] == [("car", ())]


def test_an_unknown_verdict_names_what_could_change_it_in_order_and_once() -> None:
    found = judge(record(BOOK, case(household_type=None, claims_12m=None, income_wage_12m=20000), FOUR), BOOK)
    assert found.class_verdict == "cannot_tell"
    assert found.unknown == (
        "household_type = 'lifted_out'",
        "reference_within",
        "household_type = 'ordinary'",
    )


def test_what_is_unknown_below_a_certain_no_is_not_asked() -> None:
    found = judge(record(BOOK, case(urban_registration=True, claims_12m=None), FOUR), BOOK)
    assert (found.class_verdict, found.unknown) == ("no", ())


def test_a_class_that_is_yes_wins_over_an_earlier_unknown_one() -> None:
    rules = expression_book(first="relocated", second="owns_car")
    found = judge(record(rules, {"owns_car": True}), rules)
    assert (found.class_verdict, found.class_id, found.unknown) == ("yes", "second", ())


def test_an_undecided_clue_is_neither_fired_nor_forgotten() -> None:
    found = judge(record(BOOK, case(dwelling_unsafe=None), FOUR), BOOK)
    assert (found.fired, found.undecided) == ((), ("dwelling_unsafe",))


# --- soundness: no completion of what is missing contradicts a yes or a no ---

CHOICES: dict[str, list[Any]] = {
    "income_wage_12m": [0, 1, 2, 10**12],
    "out_of_pocket_12m": [0, 1, 10**12],
    "household_size": [1, 2, 100],
    "relocated": [False, True],
    "household_type": ["ordinary", "lifted_out"],
    "risks": [[], ["illness"], ["disaster", "illness"]],
}
MEMBER_CHOICES: dict[str, list[Any]] = {
    "shares_budget": [False, True],
    "medical_insurance": [False, True],
    "work_months_away": [0, 6, 12],
    "birth_date": [date(1894, 7, 1), date(2012, 6, 30), date(2024, 6, 30)],
}
EXPRESSIONS = [
    "per_person(income_wage_12m - out_of_pocket_12m) <= 1",
    "per_person(out_of_pocket_12m) > per_person(income_wage_12m)",
    "-2 * income_wage_12m + 1.5 * out_of_pocket_12m < 1",
    "income_wage_12m = out_of_pocket_12m OR relocated",
    "NOT (relocated AND household_type = 'ordinary') AND has(risks, 'illness')",
    "count_true(relocated, is_empty(risks), household_type = 'lifted_out') >= 2",
    "any_member(medical_insurance AND age < 13)",
    "all_members(medical_insurance OR age >= 13)",
    "count_members(medical_insurance) < 2",
    "sum_members(work_months_away) >= 12",
    "share_members(medical_insurance) >= 0.5",
    "sum_members(age - work_months_away) > 0",
    "persons <> 2",
    "per_person(sum_members(work_months_away)) >= 6",
]
SOUND = expression_book(**{f"e{index}": text for index, text in enumerate(EXPRESSIONS)})


def _completions(values: dict[str, Any], choices: dict[str, list[Any]]) -> list[dict[str, Any]]:
    names = list(values)
    options = [choices[name] if values[name] is None else [values[name]] for name in names]
    return [dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*options)]


@st.composite
def _partial(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    def pick(choices: dict[str, list[Any]], holes: int) -> dict[str, Any]:
        values = {name: draw(st.sampled_from(allowed)) for name, allowed in choices.items()}
        for name in draw(st.lists(st.sampled_from(sorted(choices)), max_size=holes, unique=True)):
            values[name] = None
        return values

    return pick(CHOICES, 3), [pick(MEMBER_CHOICES, 2) for _ in range(draw(st.integers(0, 2)))]


@settings(max_examples=40, deadline=None)
@given(_partial())
def test_no_completion_contradicts_a_yes_or_a_no(
    partial: tuple[dict[str, Any], list[dict[str, Any]]],
) -> None:
    facts, members = partial
    before = judge(record(SOUND, facts, members), SOUND)
    for whole in _completions(facts, CHOICES):
        for rows in itertools.product(*(_completions(member, MEMBER_CHOICES) for member in members)):
            after = judge(record(SOUND, whole, rows), SOUND)
            for name, truth in before.classes.items():
                assert truth == UNKNOWN or after.classes[name] == truth, EXPRESSIONS[int(name[1:])]


def test_a_completed_household_is_decided_wherever_somebody_is_counted() -> None:
    rows = [{name: allowed[1] for name, allowed in MEMBER_CHOICES.items()}]
    found = judge(record(SOUND, {name: allowed[0] for name, allowed in CHOICES.items()}, rows), SOUND)
    assert UNKNOWN not in found.classes.values()


def test_a_stale_value_counts_as_missing() -> None:
    fresh = record(BOOK, {"relocated": True})
    stale = replace(fresh, facts={"relocated": None})
    node = BooleanFact(0, 0, "relocated", False)
    assert (evaluate(node, fresh, BOOK), evaluate(node, stale, BOOK)) == (YES, UNKNOWN)
