"""Nothing told of other areas can be reckoned back to fewer than ten households, by subtracting or by waiting a quarter."""

from __future__ import annotations

import random

import pytest

from highground.knowledge.hiding import LEAST, Band, Column, tell


def bounds(value: Band | int | None) -> tuple[int, float]:
    """What a reader knows of a told value."""
    if value is None:
        return 0, float("inf")
    return (value, value) if isinstance(value, int) else (value.low, value.high)


def reckoned(column: Column, area: str) -> tuple[float, float]:
    """The least and the most that a cell can be, for a reader who subtracts everything else from the total."""
    least, most = bounds(column.cells[area])
    low, high = bounds(column.total)
    others = [bounds(value) for name, value in column.cells.items() if name != area]
    return max(least, low - sum(top for _bottom, top in others)), min(
        most, high - sum(bottom for bottom, _top in others)
    )


def random_counts(chance: random.Random) -> dict[str, int]:
    size = chance.choice([1, 2, 3, 5, 9])
    return {f"a{number}": chance.choice([0, 1, 5, 9, 10, 11, 19, 20, 60]) for number in range(size)}


@pytest.mark.parametrize("seed", range(20))
def test_parent_minus_siblings_leaves_ten_values_for_every_cell(seed: int) -> None:
    chance = random.Random(seed)
    for _turn in range(200):
        counts = random_counts(chance)
        own = set(chance.sample(sorted(counts), chance.choice([0, 1]) if len(counts) > 1 else 0))
        column = tell(counts, own)
        for area, count in counts.items():
            if area in own:
                assert column.cells[area] == count
                continue
            assert column.cells[area] is None or column.cells[area].low >= LEAST
            least, most = reckoned(column, area)
            assert least <= count <= most
            if count < LEAST:
                assert (least, most >= LEAST) == (0, True), (counts, own, area)


@pytest.mark.parametrize("seed", range(10))
def test_two_dates_do_not_tell_how_one_household_changed(seed: int) -> None:
    chance = random.Random(seed)
    for _turn in range(200):
        before = random_counts(chance)
        after = {area: max(0, count + chance.choice([-1, 0, 1])) for area, count in before.items()}
        first, second = tell(before, set()), tell(after, set())
        for area in before:
            (low, high), (least, most) = reckoned(first, area), reckoned(second, area)
            assert (most - low) - (least - high) >= LEAST, "the change lies within less than ten"


def test_one_hidden_cell_takes_a_second_one_along_and_small_sums_their_total() -> None:
    column = tell({"own": 25, "b": 4, "c": 12, "d": 40}, {"own"})
    assert column.cells == {"own": 25, "b": None, "c": None, "d": Band(40)}
    assert column.total == Band(80)
    assert tell({"own": 25, "b": 4}, {"own"}).total is None
    assert tell({"own": 25, "b": 4, "c": 3}, {"own"}).total is None
    assert tell({"a": 25, "b": 30}, {"a", "b"}).total == 55
