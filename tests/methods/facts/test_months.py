"""What a month is, by its sentence; and months and days since a date, in the language and in words."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

import pytest

from highground.methods.facts.months import complete_months, later, months_from
from highground.methods.rules import RulebookError
from highground.methods.rules.intervals import NO, UNKNOWN, YES, Interval
from highground.methods.rules.judging import judge
from highground.methods.rules.sentences import say, say_not, say_with
from highground.methods.rules.tree import FARTHEST, Or
from tests.methods.rules.households import expression_book, record

AS_OF = date(2024, 6, 30)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2024, 1, 31), date(2024, 2, 28), 0),  # a leap year has 29 February
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2023, 1, 31), date(2023, 2, 28), 1),
        (date(2024, 1, 31), date(2024, 3, 30), 1),
        (date(2024, 1, 31), date(2024, 3, 31), 2),
        (date(2024, 4, 30), date(2024, 5, 29), 0),
        (date(2024, 4, 30), date(2024, 5, 30), 1),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2024, 12, 15), date(2025, 1, 15), 1),
        (date(2024, 6, 30), date(2024, 6, 30), 0),
        (date(2024, 7, 1), date(2024, 6, 30), -1),
        (date(2024, 7, 30), date(2024, 6, 30), -1),
        (date(2024, 7, 31), date(2024, 6, 30), -1),
        (date(2024, 8, 1), date(2024, 6, 30), -2),
    ],
)
def test_a_month_is_complete_on_the_day_of_the_same_number_or_on_the_last(
    first: date, last: date, months: int
) -> None:
    assert complete_months(first, last) == months


def test_complete_months_are_the_largest_number_that_is_not_after_the_day() -> None:
    """The sentence itself, for every pair of days of four years around a leap day."""
    start = date(2023, 1, 1)
    days = [start + timedelta(days=number) for number in range(0, 4 * 365, 3)]
    for first in days[::7]:
        for last in days:
            months = complete_months(first, last)
            assert later(first, months) <= last < later(first, months + 1)


def test_a_later_month_without_the_day_gives_its_last_day() -> None:
    for month in range(1, 13):
        assert later(date(2024, month, 28), 0) == date(2024, month, 28)
        ahead = later(date(2023, 1, 31), month)
        assert ahead.day == calendar.monthrange(ahead.year, ahead.month)[1]


def test_months_from_counts_how_often_the_month_changes() -> None:
    assert months_from(date(2024, 5, 1), date(2024, 5, 31)) == 0
    assert months_from(date(2024, 5, 31), date(2024, 6, 1)) == 1
    assert months_from(date(2024, 12, 31), date(2025, 1, 1)) == 1
    assert months_from(date(2024, 6, 1), date(2024, 5, 31)) == -1


def asked(text: str, facts: dict[str, Any], members: Any = ()) -> Interval:
    rules = expression_book(asked=text)
    return judge(record(rules, facts, members, as_of=AS_OF), rules).classes["asked"]


@pytest.mark.parametrize(
    ("text", "day", "truth"),
    [
        ("months_since(recognised_on) >= 1", date(2024, 5, 30), YES),
        ("months_since(recognised_on) >= 1", date(2024, 5, 31), YES),
        ("months_since(recognised_on) >= 1", date(2024, 6, 1), NO),
        ("days_since(recognised_on) = 29", date(2024, 6, 1), YES),
        ("days_since(recognised_on) < 0", date(2024, 7, 1), YES),
        ("months_since(recognised_on) < 0", date(2024, 7, 1), YES),
        ("months_since(recognised_on) < 0", AS_OF, NO),
        ("months_since(recognised_on) >= 6", None, UNKNOWN),
        ("days_since(recognised_on) > 48000", None, NO),
        ("days_since(recognised_on) > 47000", None, UNKNOWN),
    ],
)
def test_since_is_three_valued(text: str, day: date | None, truth: Interval) -> None:
    assert asked(text, {"recognised_on": day}) == truth


def test_months_from_needs_both_days() -> None:
    text = "months_from(recognised_on, exited_on) <= 1"
    both = {"recognised_on": date(2024, 3, 1), "exited_on": date(2024, 4, 30)}
    assert asked(text, both) == YES
    assert asked(text, {**both, "exited_on": date(2024, 5, 1)}) == NO
    assert asked(text, {**both, "exited_on": None}) == UNKNOWN


def test_a_date_of_a_member_stands_within_members() -> None:
    born = [{"birth_date": date(2024, 6, 1)}, {"birth_date": date(1980, 1, 1)}]
    assert asked("any_member(days_since(birth_date) <= 29)", {}, born) == YES
    assert asked("all_members(months_since(birth_date) >= 1)", {}, born) == NO
    assert asked("any_member(days_since(birth_date) <= 28)", {}, [*born, {}]) == UNKNOWN


def test_has_any_is_an_or_of_values() -> None:
    text = "has_any(measures_delivered, 'health', 'industry')"
    assert asked(text, {"measures_delivered": ["industry"]}) == YES
    assert asked(text, {"measures_delivered": ["relocation"]}) == NO
    assert asked(text, {"measures_delivered": None}) == UNKNOWN
    assert isinstance(expression_book(asked=text).classes[0].expression.tree, Or)


def test_what_is_known_of_no_date_is_as_wide_as_dates_can_be() -> None:
    """The door lets in dates within 130 years of the as-of day's year."""
    for as_of in (date(2024, 1, 1), date(2024, 12, 31)):
        for day in (date(as_of.year - 130, 1, 1), date(as_of.year + 130, 12, 31)):
            assert abs(complete_months(day, as_of)) <= FARTHEST["months"]
            assert abs((as_of - day).days) <= FARTHEST["days"]


@pytest.mark.parametrize(
    ("text", "message", "mend"),
    [
        ("months_since(risks) > 1", "'risks' is no date", "name a date"),
        ("months_since() > 1", "months_since is not written so", "months_since(recognised_on)"),
        (
            "months_from(recognised_on) > 1",
            "months_from is not written so",
            "months_from(recognised_on, exited_on)",
        ),
        ("months_since('2024-01-01') > 1", "months_since is not written so", "months_since(recognised_on)"),
        ("months_since(birth_date) > 1", "'birth_date' is a fact of members", "any_member"),
        ("any_member(days_since(recognised_on) > 1)", "is a fact of the household", "out of the brackets"),
        ("recognised_on > 1", "'recognised_on' is a date", "months_since(recognised_on)"),
        ("any_member(birth_date > 1)", "'birth_date' is a date", "use age"),
        ("months_since(recognised_on)", "yes or no is needed", "rule language"),
        ("months_since(recognised_on) > income_wage_12m", "do not go together", "like with like"),
        (
            "has_any(risks, 'illness') ",
            "has_any is not written so",
            "has_any(risks, 'illness', 'disability')",
        ),
        ("has_any(risks, 'illness', 'illness')", "stands twice", "once"),
        ("has_any(risks, 'illness', 'flood')", "no value 'flood'", "disaster"),
    ],
)
def test_what_is_not_written_so_is_refused_with_the_mend(text: str, message: str, mend: str) -> None:
    with pytest.raises(RulebookError) as error:
        expression_book(asked=text)
    assert message in str(error.value)
    assert mend in str(error.value)


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        (
            "months_since(recognised_on) >= 6",
            "the day of recognition is at least 6 months ago",
            "风险认定日期至今已满6个月",
        ),
        (
            "months_since(recognised_on) < 1",
            "the day of recognition is less than 1 month ago",
            "风险认定日期至今不满1个月",
        ),
        ("days_since(exited_on) < 0", "the day of risk elimination lies ahead", "风险消除日期尚未到"),
        (
            "months_from(recognised_on, exited_on) <= 1",
            "the number of months from the day of recognition to the day of risk elimination is at most 1",
            "从风险认定日期到风险消除日期的月数不多于1",
        ),
        (
            "any_member(days_since(birth_date) <= 30)",
            "a member has a date of birth at most 30 days ago",
            "有成员出生日期至今不超过30天",
        ),
        (
            "days_since(recognised_on) > days_since(first_recognised_on)",
            (
                "the number of days since the day of recognition is above"
                " the number of days since the day of first recognition"
            ),
            "风险认定日期至今的天数多于首次认定日期至今的天数",
        ),
    ],
)
def test_times_are_said_in_both_languages(text: str, english: str, chinese: str) -> None:
    rules = expression_book(asked=text)
    expression = rules.classes[0].expression
    assert say(expression, rules) == english
    assert say(expression, rules, "zh") == chinese
    assert say_not(expression, rules) != english


def test_times_are_said_with_the_day_and_how_long_ago_it_is() -> None:
    rules = expression_book(asked="months_since(recognised_on) >= 6")
    one = record(rules, {"recognised_on": date(2024, 5, 31)}, as_of=AS_OF)
    expression = rules.classes[0].expression
    assert say_with(expression, one, rules) == (
        "the day of recognition is less than 6 months ago (2024-05-31, 1 month)"
    )
    assert say_with(expression, one, rules, "zh") == "风险认定日期至今不满6个月（2024-05-31，1个月）"
    nothing = record(rules, {}, as_of=AS_OF)
    assert say_with(expression, nothing, rules) == (
        "it cannot be told whether the day of recognition is at least 6 months ago"
    )
