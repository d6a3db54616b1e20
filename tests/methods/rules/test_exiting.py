"""Leaving, by the sentences: six calendar months, income sustained above this year's line, and nothing missing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from highground.methods.rules import Rulebook, RulebookError, load_rulebook, read_rulebook
from highground.methods.rules.exiting import ExitVerdict, exit_verdicts, income_facts, income_window
from highground.methods.rules.record import Known, Record
from highground.methods.rules.statement import EXITED
from highground.methods.screening.opening import records_of
from tests.methods.rules.households import record

RISEN = [
    {"parameter": "monitoring_line", "key": "CN-NM", "period": 2023, "value": 8000},
    {"parameter": "monitoring_line", "key": "CN-NM", "period": 2025, "value": 9000},
]
BOOK = load_rulebook("cn-2021", RISEN)
DAY = date(2024, 6, 30)
READY: dict[str, Any] = {
    "monitored": True,
    "recognised_on": date(2023, 12, 30),
    "measures_delivered": ["industry"],
    "dwelling_unsafe": False,
    "water_unsafe": False,
    "spending_solved": True,
    "without_labour": False,
}
FAMILY: list[dict[str, Any]] = [
    {
        "birth_date": date(1980, 1, 1),
        "labour": "ordinary",
        "school_status": "completed",
        "medical_insurance": True,
    },
    {
        "birth_date": date(2014, 1, 1),
        "labour": "none",
        "school_status": "in_school",
        "medical_insurance": True,
    },
]
PARTS = ("income_wage_12m", "income_business_12m", "cost_business_12m", "income_property_12m",
         "income_transfer_12m", "claims_12m", "out_of_pocket_12m")  # fmt: skip


def earned(each: float | None, day: date, persons: int = 2, rules: Rulebook = BOOK) -> Record:
    """The household as it was known on a day on which its income came to `each` yuan per person."""
    facts = dict.fromkeys(PARTS, 0) | {"income_wage_12m": None if each is None else each * persons}
    return record(rules, facts, FAMILY[:1] * persons, as_of=day)


GOOD = [earned(8500, date(2024, 1, 20)), earned(8400, date(2024, 6, 1))]


def leaving(
    points: list[Record] | None = None,
    *,
    as_of: date = DAY,
    mode: str = "assistance",
    members: list[dict[str, Any]] | None = None,
    rules: Rulebook = BOOK,
    province: str | None = "CN-NM",
    **facts: Any,
) -> ExitVerdict:
    family = FAMILY if members is None else members
    one = record(rules, {**READY, **facts}, family, as_of=as_of, province=province)
    return exit_verdicts(rules, one, GOOD if points is None else points, mode=mode)


def of(verdict: ExitVerdict, name: str) -> Any:
    return next(one for one in verdict.conditions if one.id == name)


def not_met(verdict: ExitVerdict) -> dict[str, str]:
    return {one.id: one.verdict for one in verdict.conditions if one.verdict != "yes"}


# --- fact 16 ---


def test_16_six_months_above_the_line_a_measure_guarantees_and_spending_may_begin_to_leave() -> None:
    verdict = leaving()
    assert verdict.verdict == "yes"
    assert not_met(verdict) == {}
    assert [one.id for one in verdict.conditions] == [
        "six_months",
        "measure_delivered",
        "dwelling_safe",
        "water_safe",
        "children_at_school",
        "all_insured",
        "spending_solved",
        "some_labour",
        "sustained",
    ]


def test_16_five_months_are_refused() -> None:
    points = [earned(8500, date(2024, 2, 1)), earned(8400, date(2024, 6, 1))]
    verdict = leaving(points, recognised_on=date(2024, 1, 30))
    assert verdict.verdict == "no"
    assert not_met(verdict) == {"six_months": "no", "sustained": "cannot_tell"}
    assert of(verdict, "six_months").sentence["en"] == (
        "The day of recognition is less than 6 months ago (2024-01-30, 5 months)."
    )


@pytest.mark.parametrize(
    ("recognised", "as_of", "verdict"),
    [
        (date(2023, 12, 30), date(2024, 6, 29), "no"),
        (date(2023, 12, 30), date(2024, 6, 30), "yes"),
        (date(2023, 12, 31), date(2024, 6, 30), "yes"),  # June has no 31st: its last day
        (date(2024, 1, 1), date(2024, 6, 30), "no"),
        (date(2023, 8, 31), date(2024, 2, 28), "no"),  # a leap year
        (date(2023, 8, 31), date(2024, 2, 29), "yes"),
        (None, date(2024, 6, 30), "cannot_tell"),
    ],
)
def test_a_month_is_a_calendar_month(recognised: date | None, as_of: date, verdict: str) -> None:
    assert of(leaving([], as_of=as_of, recognised_on=recognised), "six_months").verdict == verdict


@pytest.mark.parametrize(
    ("fact", "value", "condition", "verdict"),
    [
        ("measures_delivered", [], "measure_delivered", "no"),  # fact 18: nothing in all 14 families
        ("measures_delivered", None, "measure_delivered", "cannot_tell"),
        ("dwelling_unsafe", True, "dwelling_safe", "no"),
        ("dwelling_unsafe", None, "dwelling_safe", "cannot_tell"),
        ("water_unsafe", True, "water_safe", "no"),
        ("spending_solved", False, "spending_solved", "no"),
        ("spending_solved", None, "spending_solved", "cannot_tell"),
        ("without_labour", True, "some_labour", "no"),
        ("without_labour", None, "some_labour", "cannot_tell"),
    ],
)
def test_each_condition_alone_keeps_the_household(
    fact: str, value: Any, condition: str, verdict: str
) -> None:
    found = leaving(**{fact: value})
    assert not_met(found) == {condition: verdict}
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("change", "condition", "verdict"),
    [
        ({"school_status": "out_of_school"}, "children_at_school", "no"),
        ({"school_status": None}, "children_at_school", "cannot_tell"),
        ({"medical_insurance": False}, "all_insured", "no"),
        ({"medical_insurance": None}, "all_insured", "cannot_tell"),
    ],
)
def test_the_guarantees_of_the_members(change: dict[str, Any], condition: str, verdict: str) -> None:
    found = leaving(members=[FAMILY[0], {**FAMILY[1], **change}])
    assert not_met(found) == {condition: verdict}


def test_17_a_household_wholly_without_labour_is_kept() -> None:
    nobody = [{**one, "labour": "none"} for one in FAMILY]
    assert not_met(leaving(members=nobody)) == {"some_labour": "no"}
    assert not_met(leaving(members=nobody, without_labour=True)) == {"some_labour": "no"}
    assert (
        of(leaving(members=[{**one, "labour": None} for one in FAMILY]), "some_labour").verdict
        == "cannot_tell"
    )
    assert of(leaving(members=[{**FAMILY[0], "labour": "weak"}]), "some_labour").verdict == "yes"


# --- income over time ---


def sustained(points: list[Record], **more: Any) -> Any:
    return of(leaving(points, **more), "sustained")


@pytest.mark.parametrize(
    ("each", "verdict"), [(8300.5, "yes"), (8300, "no"), (8299.99, "no"), (None, "cannot_tell")]
)
def test_every_income_is_strictly_above_the_line(each: float | None, verdict: str) -> None:
    assert sustained([GOOD[0], earned(each, date(2024, 5, 1)), GOOD[1]]).verdict == verdict


def test_one_income_that_is_not_above_decides_although_another_is_not_known() -> None:
    points = [earned(None, date(2024, 2, 1)), earned(8000, date(2024, 5, 1))]
    found = sustained(points)
    assert found.verdict == "no"
    assert found.sentence["en"] == (
        "On 2024-05-01: reference income per person of 8,000 yuan is at most the monitoring line of 8,300 yuan."
    )
    assert found.sentence["zh"].startswith("2024-05-01：人均纳入参考收入8,000元不高于监测线8,300元")
    assert [point["verdict"] for point in found.points] == ["cannot_tell", "no"]


def test_a_missing_income_says_what_is_missing() -> None:
    found = sustained([earned(None, date(2024, 1, 20)), GOOD[1]])
    assert found.sentence["en"] == "On 2024-01-20: wage income is missing."


@pytest.mark.parametrize(
    ("days", "verdict"),
    [
        ([date(2024, 1, 30), date(2024, 6, 30)], "yes"),  # the oldest five months old today
        ([date(2024, 1, 31), date(2024, 6, 1)], "yes"),  # June has no 31st
        ([date(2024, 2, 1), date(2024, 6, 1)], "cannot_tell"),  # four months and 29 days
        ([date(2024, 2, 29), date(2024, 6, 1)], "cannot_tell"),
        ([date(2023, 12, 30), date(2024, 6, 1)], "yes"),  # the first day of the window
        ([date(2023, 12, 29), date(2024, 6, 1)], "cannot_tell"),  # older than six months: one income is left
        ([date(2024, 1, 20)], "cannot_tell"),
        ([date(2024, 1, 20), date(2024, 1, 20)], "cannot_tell"),  # one day is one income
        ([], "cannot_tell"),
    ],
)
def test_two_incomes_at_least_the_oldest_five_months_old(days: list[date], verdict: str) -> None:
    assert sustained([earned(9000, day) for day in days]).verdict == verdict


def test_too_few_and_too_young_incomes_say_so() -> None:
    assert sustained([]).sentence["en"] == "No income is dated since 2023-12-30; at least 2 are needed."
    assert (
        sustained(GOOD[:1]).sentence["en"]
        == "Only 1 income is dated since 2023-12-30; at least 2 are needed."
    )
    young = [earned(9000, date(2024, 2, 29)), GOOD[1]]
    assert sustained(young).sentence == {
        "en": "The oldest income since 2023-12-30 is of 2024-02-29, less than 5 months ago.",
        "zh": "2023-12-30以来最早的收入核算为2024-02-29，距今不满5个月。",
    }


def test_an_income_below_the_line_from_before_the_window_counts_no_more() -> None:
    assert sustained([earned(4000, date(2023, 12, 29)), *GOOD]).verdict == "yes"
    assert sustained([earned(4000, date(2023, 12, 30)), *GOOD]).verdict == "no"


def test_while_an_exit_is_decided_its_oldest_income_does_not_become_too_old() -> None:
    """Proposed in time, decided twelve days later; an income that falls meanwhile still stops it."""
    proposed, decided = date(2024, 7, 19), date(2024, 7, 31)
    one = record(BOOK, READY, FAMILY, as_of=decided)
    assert of(exit_verdicts(BOOK, one, GOOD), "sustained").verdict == "cannot_tell"
    held = exit_verdicts(BOOK, one, GOOD, proposed_on=proposed)
    assert of(held, "sustained").verdict == "yes"
    fallen = [*GOOD, earned(8000, date(2024, 7, 25))]
    assert of(exit_verdicts(BOOK, one, fallen, proposed_on=proposed), "sustained").verdict == "no"


def test_each_income_is_shared_by_the_persons_of_its_own_day() -> None:
    points = [earned(9000, date(2024, 1, 20), persons=4), GOOD[1]]
    found = sustained(points)
    assert found.verdict == "yes"
    assert found.points[0]["persons"]["value"] == "4"
    assert found.points[0]["total"]["value"] == "36000"
    assert found.points[0]["per_person"]["en"] == "9,000 yuan"
    assert found.points[0]["line"] == "8300"


@pytest.mark.parametrize(
    ("as_of", "line", "verdict"),
    [(date(2024, 12, 31), "8300", "yes"), (date(2025, 1, 1), "9000", "no")],
)
def test_20_the_line_rises_with_the_new_year_and_8500_is_no_longer_enough(
    as_of: date, line: str, verdict: str
) -> None:
    """The same incomes of July and December 2024, on the last day of the year and on the next."""
    points = [earned(8500, date(2024, 7, 20)), earned(8500, date(2024, 12, 20))]
    found = sustained(points, as_of=as_of)
    assert found.verdict == verdict
    assert {point["line"] for point in found.points} == {line}


def test_a_line_that_falls_counts_too() -> None:
    """It is this year's line that counts, also for an income of the year before."""
    falling = [{"parameter": "monitoring_line", "key": "CN-NM", "period": 2025, "value": 7000}]
    rules = load_rulebook("cn-2021", falling)
    points = [earned(7500, date(2024, 7, 20), rules=rules), earned(7500, date(2024, 12, 20), rules=rules)]
    assert sustained(points, as_of=date(2025, 1, 1), rules=rules).verdict == "yes"


def test_without_a_line_for_the_year_nobody_leaves() -> None:
    """With or without incomes, whatever they are."""
    rules = load_rulebook("cn-2021")
    rich = [earned(100_000, date(2024, 8, 1), rules=rules), earned(100_000, date(2024, 12, 20), rules=rules)]
    for points in (rich, []):
        verdict = leaving(points, as_of=date(2025, 1, 20), rules=rules)
        assert not_met(verdict) == {"sustained": "cannot_tell"}
        assert of(verdict, "sustained").sentence == {
            "en": "There is no monitoring line for CN-NM, 2025; without it nobody can leave.",
            "zh": "没有CN-NM、2025年的监测线，不能标注风险消除。",
        }
    assert leaving(rich, as_of=date(2025, 1, 20), rules=rules, province=None).verdict == "cannot_tell"


# --- the ways to leave ---


def test_a_risk_that_disappeared_by_itself_asks_no_time_and_no_measure() -> None:
    soon = {"recognised_on": date(2024, 6, 10), "measures_delivered": []}
    assert set(not_met(leaving(**soon))) == {"six_months", "measure_delivered"}
    natural = leaving(mode="natural", **soon)
    assert natural.verdict == "yes"
    assert {"six_months", "measure_delivered"} & {one.id for one in natural.conditions} == set()
    assert leaving(mode="natural", dwelling_unsafe=True).verdict == "no"
    assert leaving(mode="natural", spending_solved=None).verdict == "cannot_tell"


def test_no_outweighs_cannot_tell() -> None:
    assert leaving(dwelling_unsafe=True, spending_solved=None).verdict == "no"


def test_a_way_that_is_not_there_and_incomes_that_do_not_belong_are_refused() -> None:
    with pytest.raises(RulebookError, match="no way 'quota' to exit; use one of assistance, natural"):
        leaving(mode="quota")
    with pytest.raises(ValueError, match="does not belong"):
        leaving([earned(9000, date(2024, 7, 1))])
    with pytest.raises(ValueError, match="does not belong"):
        leaving([record(BOOK, {}, as_of=DAY, household="H2")])
    with pytest.raises(RulebookError, match="vn-2022 has no section `exit`"):
        rules = load_rulebook("vn-2022")
        exit_verdicts(rules, record(rules, {}, as_of=DAY), [])


# --- what a page shows ---


def test_a_condition_shows_its_values_with_day_and_source() -> None:
    known = {"recognised_on": Known(date(2023, 12, 30), "county decision")}
    one = record(BOOK, READY, FAMILY, as_of=DAY, known=known)
    verdict = exit_verdicts(BOOK, one, GOOD)
    (value,) = of(verdict, "six_months").values
    assert (value["fact"], value["value"], value["day"], value["source"]) == (
        "recognised_on",
        "2023-12-30",
        "2023-12-30",
        "county decision",
    )
    insured = of(verdict, "all_insured").values
    assert [(row["member"], row["value"]) for row in insured if row["fact"] == "medical_insurance"] == [
        ("1", True),
        ("2", True),
    ]
    assert of(verdict, "some_labour").values[0]["fact"] == "without_labour"
    data = json.loads(json.dumps(verdict.as_dict(), ensure_ascii=False))
    assert (data["verdict"], data["mode"], data["as_of"]) == ("yes", "assistance", "2024-06-30")
    assert data["conditions"][-1]["sentence"]["en"] == (
        "All 2 amounts of reference income per person since 2023-12-30 are above the monitoring line of 8,300 yuan;"
        " the oldest is of 2024-01-20."
    )
    assert data["conditions"][-1]["sentence"]["zh"] == (
        "2023-12-30以来的2次人均纳入参考收入均高于监测线8,300元，最早一次为2024-01-20。"
    )


def test_a_stale_guarantee_cannot_be_told() -> None:
    rows = [{"household": "H1", "province": "CN-NM", **READY, "water_unsafe__date": date(2022, 1, 1)}]
    members = [{"household": "H1", "member": str(index), **one} for index, one in enumerate(FAMILY)]
    (one,) = records_of(BOOK, households=rows, members=members, as_of=DAY, sections=EXITED)
    verdict = exit_verdicts(BOOK, one, GOOD)
    assert not_met(verdict) == {"water_safe": "cannot_tell"}
    assert of(verdict, "water_safe").sentence["en"] == "Unsafe drinking water is stale since 2024-01-02."


def test_which_facts_make_an_income_and_which_days_count() -> None:
    assert income_facts(BOOK) == set(PARTS)
    assert income_window(BOOK, date(2024, 8, 31)) == (date(2024, 2, 29), date(2024, 8, 31))


# --- how it is written ---


def book_with(**exit_rules: Any) -> Rulebook:
    content: dict[str, Any] = {
        "id": "trial",
        "currency": "CNY",
        "classes": [{"id": "c", "when": "monitored"}],
        "parameters": {
            "line": {"rows": [{"value": 8000}]},
            "heads": {"type": "integer", "rows": [{"value": 3}]},
        },
        "derived": {
            "income": {"expression": "income_wage_12m - out_of_pocket_12m"},
            "acres": {"expression": "2 * land_area"},
        },
        "exit": {"conditions": [{"id": "safe", "when": "NOT dwelling_unsafe"}], **exit_rules},
    }
    return read_rulebook(content, origin="trial.yaml")


HELD = {"amount": "income", "above": "line", "months": 6, "points": 2, "oldest": 5}


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"conditions": []}, "trial.yaml: exit.conditions: is missing"),
        ({"conditions": [{"id": "safe"}]}, "exit.conditions.safe.when: is missing"),
        ({"conditions": [{"id": "safe", "when": "dweling_unsafe"}]}, "did you mean dwelling_unsafe"),
        ({"conditions": [{"id": "sustained", "when": "monitored"}]}, "choose another id"),
        ({"conditions": [{"id": "safe", "when": "monitored", "source": "S1"}]}, "source 'S1' is not listed"),
        (
            {"sustained": {**HELD, "amount": "wages"}},
            "exit.sustained.amount: 'wages' is no derived amount of money",
        ),
        ({"sustained": {**HELD, "amount": "acres"}}, "'acres' is no derived amount of money"),
        ({"sustained": {**HELD, "above": "heads"}}, "exit.sustained.above: 'heads' is no parameter of money"),
        ({"sustained": {**HELD, "months": 0}}, "exit.sustained.months: is a whole number, 1 or more"),
        ({"sustained": {**HELD, "points": "two"}}, "exit.sustained.points: is a whole number, 1 or more"),
        ({"sustained": {**HELD, "oldest": 7}}, "exit.sustained.oldest: an income older than the 6 months"),
        ({"sustained": {**HELD, "every": 1}}, "exit.sustained.every: unknown key"),
        ({"sustained": [1]}, "exit.sustained: is a mapping"),
        (
            {"modes": {"quota": {}}},
            "exit.modes.quota: is no value of 'exit_mode'; known are assistance, natural",
        ),
        ({"modes": {"natural": {"without": ["warm"]}}}, "'warm' is no condition of `exit`"),
        ({"modes": {"natural": {"without": ["sustained"]}}}, "'sustained' is no condition of `exit`"),
        ({"until": 1}, "exit.until: unknown key"),
    ],
)
def test_what_cannot_be_read_names_the_entry_and_the_mend(section: dict[str, Any], said: str) -> None:
    with pytest.raises(RulebookError) as error:
        book_with(**section)
    assert said in str(error.value)


def test_without_modes_every_way_asks_everything_and_without_sustained_no_income_is_asked() -> None:
    rules = book_with()
    assert rules.exit is not None and set(rules.exit.modes) == {"assistance", "natural"}
    one = record(rules, {"dwelling_unsafe": False}, as_of=DAY)
    for mode in rules.exit.modes:
        assert [each.id for each in exit_verdicts(rules, one, [], mode=mode).conditions] == ["safe"]
    assert income_facts(rules) == frozenset()
    held = book_with(sustained=HELD, modes={"natural": {"without": ["sustained"]}})
    assert [each.id for each in exit_verdicts(held, one, [], mode="natural").conditions] == ["safe"]


def test_exit_rules_are_part_of_the_hash() -> None:
    one, other = book_with(sustained=HELD), book_with(sustained={**HELD, "oldest": 4})
    assert len({one.hash, other.hash, book_with().hash}) == 3
