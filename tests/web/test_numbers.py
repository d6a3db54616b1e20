"""Numbers, money, dates and deadlines, in English and Chinese."""

import datetime
from decimal import Decimal

import pytest
from django.utils import translation

from highground.web import numbers

DAY = datetime.date(2024, 6, 4)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (12345, "12,345"),
        (-31400, "−31,400"),
        (0.5, "0.5"),
        (Decimal("6150.00"), "6,150"),
        (Decimal("1234.567"), "1,234.57"),
        (0.1 + 0.2, "0.3"),
        (10**12, "1,000,000,000,000"),
        (100, "100"),
        (None, "not known"),
    ],
)
def test_numbers(value, text) -> None:
    assert numbers.number(value) == text


def test_a_sum_shows_its_signs() -> None:
    assert [numbers.signed(value) for value in (30_000, -5_000, 0, None)] == [
        "+30,000",
        "−5,000",
        "0",
        "not known",
    ]


def test_money_says_its_unit() -> None:
    assert numbers.money(6150, "CNY") == "6,150 yuan"
    assert numbers.money(6150, "XAU") == "6,150 XAU"
    assert numbers.money(None, "CNY") == "not known"
    with translation.override("zh-hans"):
        assert numbers.money(6150, "CNY") == "6,150元"
        assert numbers.money(None, "CNY") == "未知"


def test_shares() -> None:
    assert numbers.percent(0.921) == "92 %"
    assert numbers.percent(Decimal("0.0029"), 2) == "0.29 %"
    with translation.override("zh-hans"):
        assert numbers.percent(0.921) == "92%"


def test_days() -> None:
    assert (numbers.day(DAY), numbers.short_day(DAY)) == ("4 June 2024", "4 June")
    with translation.override("zh-hans"):
        assert (numbers.day(DAY), numbers.short_day(DAY)) == ("2024年6月4日", "6月4日")
    assert numbers.day(None) == "not known"


def test_moments_are_told_in_the_installations_time_zone(settings) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    late = datetime.datetime(2024, 6, 3, 20, 30, tzinfo=datetime.UTC)
    assert numbers.moment(late) == "4 June 2024 04:30"


@pytest.mark.parametrize(
    ("days", "english", "chinese"),
    [
        (-4, "4 days late", "已逾期4天"),
        (-1, "1 day late", "已逾期1天"),
        (0, "due today", "今天到期"),
        (1, "due tomorrow", "明天到期"),
        (6, "6 days left", "还剩6天"),
    ],
)
def test_deadlines(days, english, chinese) -> None:
    due = DAY + datetime.timedelta(days=days)
    assert numbers.due(due, DAY) == english
    with translation.override("zh-hans"):
        assert numbers.due(due, DAY) == chinese


def test_no_deadline_is_said() -> None:
    assert numbers.due(None, DAY) == "no deadline"
