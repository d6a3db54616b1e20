"""What is drawn of an explanation: the amount with its line, a comparison, or nothing."""

from decimal import Decimal

import pyarrow as pa
import pytest

from highground.methods.screening import screen
from highground.signals.figures import asked, picture_of, rule_in
from tests.support.register import BILLS

CHINA = {
    name: None if value == "[]" else value.split(";") if name == "risks" else value
    for name, value in BILLS.items()
}
LAO = {
    "stratum": "urban",
    "income_per_person_month": 715_000,
    "household_size": 2,
    **{f"deprived_{name}": name in ("nutrition", "toilet", "child_schooling") for name in
       ("employment", "nutrition", "health_services", "child_schooling", "housing_quality", "water", "toilet", "telecom")},
}  # fmt: skip


def explained(book: str, **facts) -> dict:
    household = {"household": "H1", "area": "A", "province": "CN-ZZ", "city": "CN-9901", **facts}
    for name, value in household.items():
        household[name] = (
            {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
        )
        if name.endswith("_12m") or name == "household_size":
            household[name] = int(value)
    result = screen(book, households=pa.Table.from_pylist([household]), as_of="2026-06-30")
    return result.explain("H1").as_dict()


def test_an_amount_is_drawn_step_by_step_to_its_line() -> None:
    content = explained("demo-cn", **CHINA)
    picture = picture_of(content, rule_in(content, "sudden_severe"))
    amounts = [step.amount for step in picture.steps if not step.total]
    assert sum(amounts) == Decimal(24_600)
    assert picture.steps[-1].label == "Reference income (6,150 each)"
    assert picture.mark.value == Decimal(33_200)


def test_of_an_amount_that_is_not_known_the_step_says_so() -> None:
    content = explained("demo-cn", **CHINA)
    for part in content["derived"][-1]["unfolded"]:
        if part["name"] == "claims_12m":
            part["amount"] |= {"value": None}
    picture = picture_of(content, rule_in(content, "sudden_severe"))
    assert [step.amount for step in picture.steps].count(None) == 2  # the unknown one, and the total


def test_without_an_amount_the_comparison_in_money_is_drawn() -> None:
    """The rule counts deprivations too, but money says more."""
    content = explained("demo-la", **LAO)
    picture = picture_of(content, rule_in(content, "poor"))
    assert [bar.value for bar in picture.bars] == [Decimal(715_000)]
    assert picture.mark.value == Decimal(800_000)


def test_a_plain_fact_is_not_drawn() -> None:
    content = explained("demo-cn", **{**CHINA, "dwelling_unsafe": "true"})
    assert picture_of(content, rule_in(content, "dwelling_unsafe")) is None


@pytest.mark.parametrize(
    ("rule", "compared"),
    [
        ("sudden_severe", ["", "40,000 > 8,300 × 4 = 33,200", "24,600 ≤ 8,300 × 4 = 33,200", ""]),
        ("medical_spending", ["62,800 > 120,000", "62,800 > 40,000"]),
        ("dwelling_unsafe", [""]),
    ],
)
def test_each_condition_shows_the_numbers_it_compares(rule: str, compared: list[str]) -> None:
    content = explained("demo-cn", **CHINA)
    assert [row.compared for row in asked(content, rule_in(content, rule))] == compared


def test_a_rule_that_the_explanation_does_not_know_is_none() -> None:
    assert rule_in(explained("demo-cn", **CHINA), "no_such_rule") is None
