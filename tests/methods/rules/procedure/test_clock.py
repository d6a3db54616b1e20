"""Days: day 0 is not counted, holidays and the weekend days that make up for them, suspensions, months."""

from __future__ import annotations

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highground.methods.rules.procedure.clock import (
    DAY,
    WorkCalendar,
    YearList,
    full_days,
    merged,
    notice_ends,
)
from highground.methods.rules.procedure.graph import Unit

CHINA = WorkCalendar("CN")
PLAIN = WorkCalendar()
DAYS = st.dates(datetime.date(2019, 1, 1), datetime.date(2026, 6, 30))


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def test_fifteen_days_after_the_first_of_march_are_the_sixteenth():
    assert CHINA.due(day("2024-03-01"), 15, Unit.CALENDAR).day == day("2024-03-16")


def test_working_days_skip_the_national_holiday_and_count_the_weekend_days_worked():
    # The decree for 2024: 1 to 7 October off, Sunday 29 September and Saturday 12 October worked.
    assert CHINA.due(day("2024-09-27"), 2, Unit.WORKING).day == day("2024-09-30")
    assert CHINA.due(day("2024-09-30"), 5, Unit.WORKING).day == day("2024-10-12")
    assert CHINA.is_working(day("2024-09-29"))
    assert not CHINA.is_working(day("2024-10-03"))


def test_a_visit_within_two_working_days_of_a_friday_is_due_on_tuesday():
    assert CHINA.due(day("2024-03-01"), 2, Unit.WORKING).day == day("2024-03-05")


def test_a_year_without_a_list_is_counted_by_weekends_and_said():
    due = CHINA.due(day("2040-12-28"), 5, Unit.WORKING)
    assert due.unlisted == (2040, 2041)
    assert due.day == day("2041-01-04")
    listed = WorkCalendar("CN", {2040: YearList(frozenset()), 2041: YearList(frozenset({day("2041-01-01")}))})
    again = listed.due(day("2040-12-28"), 5, Unit.WORKING)
    assert (again.day, again.unlisted) == (day("2041-01-07"), ())


def test_a_local_list_replaces_the_published_one():
    local = WorkCalendar(
        "CN", {2024: YearList(frozenset({day("2024-03-04")}), frozenset({day("2024-03-09")}))}
    )
    assert local.due(day("2024-03-01"), 1, Unit.WORKING).day == day("2024-03-05")
    assert local.is_working(day("2024-03-09"))
    assert local.is_working(day("2024-10-03")), "the published list no longer counts"


def test_an_objection_stops_the_clock_and_the_days_left_go_on():
    # Filed on day 5 of 15, answered on 12 March: ten days are left, which begin on the 13th.
    due = CHINA.due(day("2024-03-01"), 15, Unit.CALENDAR, [(day("2024-03-06"), day("2024-03-12"))])
    assert due.day == day("2024-03-22")
    assert CHINA.due(day("2024-03-01"), 15, Unit.CALENDAR, [(day("2024-03-06"), None)]) is None


def test_an_objection_after_the_last_day_changes_nothing():
    assert CHINA.due(day("2024-03-01"), 15, Unit.CALENDAR, [(day("2024-03-20"), None)]).day == day(
        "2024-03-16"
    )


def test_a_clock_that_starts_while_another_objection_is_open_stands_still_at_once():
    assert CHINA.due(day("2024-03-09"), 15, Unit.CALENDAR, [(day("2024-03-06"), None)]) is None
    answered = CHINA.due(day("2024-03-09"), 15, Unit.CALENDAR, [(day("2024-03-06"), day("2024-03-12"))])
    assert answered.day == day("2024-03-27")


def test_months_are_calendar_months():
    assert CHINA.due(day("2024-01-31"), 1, Unit.MONTHS).day == day("2024-02-29")
    assert CHINA.due(day("2023-01-31"), 1, Unit.MONTHS).day == day("2023-02-28")
    assert CHINA.due(day("2023-11-30"), 3, Unit.MONTHS).day == day("2024-02-29")
    assert CHINA.due(day("2024-04-02"), 1, Unit.MONTHS).day == day("2024-05-02")
    assert CHINA.counted(day("2024-04-02"), day("2024-05-01"), Unit.MONTHS) == 0
    assert CHINA.counted(day("2024-04-02"), day("2024-05-02"), Unit.MONTHS) == 1


def test_a_notice_of_five_full_days_posted_on_the_first_comes_down_on_the_seventh():
    posted, ends = day("2024-03-01"), day("2024-03-07")
    assert notice_ends(posted, 5) == ends
    between = [posted + DAY * number for number in range(1, (ends - posted).days)]
    assert len(between) == full_days(posted, ends) == 5, "neither the first nor the last day is a full one"
    assert full_days(posted, posted) == full_days(posted, day("2024-03-02")) == 0
    assert full_days(posted, day("2024-03-06")) == 4


@given(DAYS, st.integers(1, 60), st.sampled_from([Unit.CALENDAR, Unit.WORKING]))
def test_the_days_counted_up_to_the_deadline_are_its_number(start, number, unit):
    due = CHINA.due(start, number, unit).day
    assert CHINA.counted(start, due, unit) == number
    assert CHINA.counted(start, due - DAY, unit) == number - 1


@given(DAYS, st.integers(1, 40), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=4))
def test_a_suspension_moves_the_deadline_by_just_the_days_it_took(start, number, breaks):
    spans = [(start + DAY * first, start + DAY * (first + length)) for first, length in breaks]
    due = PLAIN.due(start, number, Unit.CALENDAR, spans).day
    still = {start + DAY * n for n in range(1, 400) if any(a < start + DAY * n <= b for a, b in spans)}
    run = [start + DAY * n for n in range(1, 400) if start + DAY * n not in still]
    assert due == run[number - 1]


@given(st.lists(st.tuples(DAYS, st.integers(0, 30)), max_size=6))
def test_merged_spans_cover_the_same_days(spans):
    given_spans = [(first, first + DAY * length) for first, length in spans]
    covered = {first + DAY * n for first, end in given_spans for n in range((end - first).days + 1)}
    found = merged(given_spans)
    assert covered == {first + DAY * n for first, end in found for n in range((end - first).days + 1)}
    assert all(one[1] < two[0] for one, two in itertools.pairwise(found))


@pytest.mark.parametrize("country", ["CN", "VN", "LA", "TH", "KH", "MM", "ID", "MY", "PH", "SG", "BN", "TL"])
def test_every_country_of_the_forum_has_its_list_for_2024(country):
    assert WorkCalendar(country).list_of(2024) is not None


def test_a_country_that_is_not_known_is_counted_by_weekends():
    assert WorkCalendar("XX").due(day("2024-03-01"), 1, Unit.WORKING).unlisted == (2024,)
