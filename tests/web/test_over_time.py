"""The geometry of amounts over time."""

import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from highground.web.over_time import MOST_TICKS, PLOT, TOP, Column, Level, Point, draw_over_time

FIRST, LAST = datetime.date(2023, 7, 1), datetime.date(2024, 6, 18)
LINE = Level("line", datetime.date(2024, 1, 1), datetime.date(2024, 12, 31), 8_300)


def share(text: str) -> float:
    return float(text.removesuffix("%"))


def test_a_point_above_the_line_stands_above_it() -> None:
    drawn = draw_over_time(
        [Point("check", datetime.date(2023, 8, 1), 9_700), Point("visit", datetime.date(2024, 6, 4), 6_150)],
        [LINE],
        first=FIRST,
        last=LAST,
    )
    check, visit = drawn.points
    (line,) = drawn.levels
    assert check.y < line.y < visit.y
    assert (check.text, visit.text, line.text) == ("check 9,700", "visit 6,150", "line 8,300")
    assert share(check.x) < share(visit.x)
    assert (check.end, visit.end) == (False, True)
    assert drawn.rows == [
        ("check", datetime.date(2023, 8, 1), "9,700"),
        ("line", datetime.date(2024, 1, 1), "8,300"),
        ("visit", datetime.date(2024, 6, 4), "6,150"),
    ]


def test_amounts_are_on_one_scale_from_zero() -> None:
    drawn = draw_over_time(
        [Point("a", FIRST, 100), Point("b", LAST, 50), Point("c", LAST, 0)], first=FIRST, last=LAST
    )
    assert [point.y for point in drawn.points] == [TOP, TOP + PLOT / 2, TOP + PLOT]


def test_columns_stand_below_and_have_a_scale_of_their_own() -> None:
    with_columns = draw_over_time(
        [Point("visit", LAST, 10)],
        columns=[Column("bill", FIRST, 30_000), Column("bill", LAST, 15_000)],
        first=FIRST,
        last=LAST,
        caption="bills",
    )
    assert with_columns.columns[0].height == 2 * with_columns.columns[1].height
    assert all(column.y > with_columns.floor for column in with_columns.columns)
    assert draw_over_time([Point("visit", LAST, 10)], first=FIRST, last=LAST, caption="bills").caption == ""


def test_words_of_points_that_lie_close_do_not_meet() -> None:
    drawn = draw_over_time(
        [Point("a", LAST, 6_150), Point("b", LAST - datetime.timedelta(days=9), 6_150)],
        first=FIRST,
        last=LAST,
    )
    first, second = drawn.points
    assert abs(first.text_y - second.text_y) >= 15


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(-(10**9), 10**9)), min_size=1, max_size=9),
    st.integers(1, 2_000),
)
def test_every_mark_lies_inside_the_picture(points, days) -> None:
    last = FIRST + datetime.timedelta(days=days)
    drawn = draw_over_time(
        [Point("p", FIRST + datetime.timedelta(days=min(day, days)), value) for day, value in points],
        [LINE],
        first=FIRST,
        last=last,
    )
    for point in drawn.points:
        assert 0 <= share(point.x) <= 100
        assert TOP - 0.01 <= point.y <= TOP + PLOT + 0.01
    assert len(drawn.ticks) <= MOST_TICKS + 1


def test_where_there_is_no_room_for_words_there_are_none() -> None:
    """Half a year of monthly incomes that are nearly the same: the latest keeps its words, the table has all."""
    points = [Point("visit", FIRST + datetime.timedelta(days=30 * month), 10_000) for month in range(12)]
    drawn = draw_over_time(points, first=FIRST, last=LAST)
    worded = [(share(one.x), one.end, one.text_y) for one in drawn.points if one.text]
    assert drawn.points[-1].text == "visit 10,000"
    assert 2 <= len(worded) < 12
    assert len(drawn.rows) == 12
    for place, (x, end, y) in enumerate(worded):
        for other_x, other_end, other_y in worded[place + 1 :]:
            left, other = x - 20 * end, other_x - 20 * other_end
            assert abs(left - other) >= 20 or abs(y - other_y) >= 15
