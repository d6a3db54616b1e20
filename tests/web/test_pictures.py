"""The geometry of pictures."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highground.web.pictures import (
    Bar,
    Mark,
    Square,
    SquareGroup,
    Step,
    draw_bars,
    draw_squares,
    draw_waterfall,
)

CLUE = [
    Step("Wages", 30_000),
    Step("Business", 12_000),
    Step("Costs", -5_000),
    Step("Property", 3_000),
    Step("Medical", -31_400),
    Step("Claim", 16_000, colour="water"),
    Step("Reference income", total=True),
]


def share(text: str) -> float:
    return float(text.removesuffix("%"))


def test_a_waterfall_adds_up() -> None:
    drawn = draw_waterfall(CLUE, Mark("line", 33_200))
    assert [row.text for row in drawn.rows] == [
        "+30,000",
        "+12,000",
        "−5,000",
        "+3,000",
        "−31,400",
        "+16,000",
        "24,600",
    ]
    assert [row.running for row in drawn.rows][-2:] == ["24,600", "24,600"]
    assert [row.colour for row in drawn.rows] == ["green", "green", "clay", "green", "clay", "water", "ink"]
    total = drawn.rows[-1]
    assert (total.x, total.strong) == ("0.00%", True)
    assert share(drawn.mark) == pytest.approx(share(total.width) * 33_200 / 24_600, abs=0.02)


def test_an_unknown_step_is_shown_and_adds_nothing() -> None:
    drawn = draw_waterfall([Step("Wages", 10), Step("Transfers", None), Step("Sum", total=True)])
    assert [(row.text, row.known) for row in drawn.rows] == [
        ("+10", True),
        ("not known", False),
        ("10", True),
    ]


def test_decimals_stay_exact() -> None:
    drawn = draw_waterfall([Step("a", Decimal("0.10")), Step("b", Decimal("0.20")), Step("Sum", total=True)])
    assert drawn.rows[-1].text == "0.3"


@given(
    st.lists(st.one_of(st.none(), st.integers(-(10**12), 10**12)), max_size=12),
    st.integers(-(10**12), 10**12),
)
def test_every_mark_lies_inside_the_picture(amounts, line) -> None:
    steps = [Step(str(position), amount) for position, amount in enumerate(amounts)]
    drawn = draw_waterfall([*steps, Step("Sum", total=True)], Mark("line", line))
    for row in drawn.rows:
        assert share(row.x) >= 0
        assert share(row.x) + share(row.width) <= 100.02
    assert 0 <= share(drawn.mark) <= 100
    assert (
        drawn.rows[-1].running == draw_waterfall([Step("all", sum(a or 0 for a in amounts))]).rows[0].running
    )


def test_bars_share_one_scale_and_know_what_is_missing() -> None:
    drawn = draw_bars([Bar("a", 10), Bar("b", 5), Bar("c", None), Bar("d", 0)])
    widths = [share(row.width) for row in drawn.rows]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.02)
    assert [row.text for row in drawn.rows] == ["10", "5", "not known", "0"]
    assert [row.known for row in drawn.rows] == [True, True, False, True]


@pytest.mark.parametrize("values", [[], [0], [0, 0], [None]])
def test_nothing_to_draw_is_drawn_without_fault(values) -> None:
    drawn = draw_bars([Bar("a", value) for value in values])
    assert all(share(row.width) == 0 for row in drawn.rows)


def test_squares_stand_five_in_a_row_and_get_darker() -> None:
    values = [0, 1, 4, 8, 12, 16, None]
    (group,) = draw_squares([SquareGroup("Nalong", [Square(f"v{value}", value) for value in values])])
    assert [cell.level for cell in group.cells] == ["0", "1", "1", "2", "3", "4", "unknown"]
    assert [cell.text for cell in group.cells] == ["", "1", "4", "8", "12", "16", "?"]
    assert len({cell.y for cell in group.cells[:5]}) == 1
    assert (group.cells[5].x, group.cells[5].y > group.cells[0].y) == (group.cells[0].x, True)
    right, bottom = max(cell.x for cell in group.cells) + 25, max(cell.y for cell in group.cells) + 25
    assert (right, bottom) == (group.width - 1, group.height - 1)


def test_one_clue_alone_is_not_the_darkest_square() -> None:
    (group,) = draw_squares([SquareGroup("Nalong", [Square("v", 1)])])
    assert group.cells[0].level == "1"


def test_groups_share_the_scale_and_an_empty_one_is_drawn() -> None:
    first, second = draw_squares([SquareGroup("a", [Square("v", 20)]), SquareGroup("b", [])])
    assert (first.cells[0].level, second.cells) == ("4", [])
    (alone,) = draw_squares([SquareGroup("a", [Square("v", 5)])], most=20)
    assert alone.cells[0].level == "1"
