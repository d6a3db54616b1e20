"""What is hidden cannot be worked out from what is shown: tried by elimination in fractions."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from highground.methods.risk.suppressing import ALL, hidden_beside

LEAST = 10


def groups_of(cells: list[tuple[int, ...]], answered: list[int]) -> tuple[np.ndarray, ...]:
    """The arguments for cells that each have a value in every column."""
    member, column = [[True] * len(cells)], [ALL]
    for place in range(len(cells[0])):
        for value in sorted({cell[place] for cell in cells}):
            member.append([cell[place] == value for cell in cells])
            column.append(place)
    table, each = np.array(member), np.array(answered)
    return table, np.array(column), table @ each, each


def hide(cells: list[tuple[int, ...]], answered: list[int]) -> tuple[list[int], list[int]]:
    """Places of the groups that are small, and of those that are hidden beside them; 0 is everything together."""
    member, column, of_groups, each = groups_of(cells, answered)
    beside = hidden_beside(member, column, of_groups, each, LEAST)
    return np.flatnonzero(of_groups < LEAST).tolist(), np.flatnonzero(beside).tolist()


def can_be_got(shown: list[list[int]], wanted: list[int]) -> bool:
    """Whether `wanted` is a sum of rows of `shown`, by elimination without rounding."""
    rows: list[list[Fraction]] = []

    def reduce(row: list[Fraction]) -> list[Fraction]:
        for one in rows:
            lead = next(place for place, value in enumerate(one) if value)
            if row[lead]:
                factor = row[lead] / one[lead]
                row = [a - factor * b for a, b in zip(row, one, strict=True)]
        return row

    for one in shown:
        rest = reduce([Fraction(int(value)) for value in one])
        if any(rest):
            rows.append(rest)
    return not any(reduce([Fraction(int(value)) for value in wanted]))


def test_nothing_small_hides_nothing() -> None:
    assert hide([(0,), (1,)], [10, 10]) == ([], [])


def test_one_small_group_takes_the_next_smallest_with_it() -> None:
    assert hide([(0,), (1,), (2,)], [9, 50, 40]) == ([1], [3])


def test_two_small_groups_that_are_small_together_take_a_third_with_them() -> None:
    assert hide([(0,), (1,), (2,), (3,)], [3, 4, 50, 40]) == ([1, 2], [4])


def test_two_small_groups_that_are_enough_together_need_no_third() -> None:
    assert hide([(0,), (1,), (2,)], [6, 7, 50]) == ([1, 2], [])


def test_a_township_is_not_got_from_its_county() -> None:
    """The smallest other township lies in another county, where it would protect nothing."""
    cells = [(0, 0), (0, 1), (1, 2), (1, 3)]
    small, beside = hide(cells, [5, 60, 20, 30])
    assert small == [3]
    assert beside == [4]


def test_a_group_that_is_the_same_by_another_column_protects_nothing() -> None:
    """The next smallest county is also all there is of an ethnic group: hidden here, it would be read off there."""
    cells = [(0, 0), (1, 1), (2, 0)]
    small, beside = hide(cells, [5, 20, 30])
    assert small == [1]
    assert beside == [3]


def test_all_together_too_small_leaves_nothing() -> None:
    assert hide([(0,), (1,)], [4, 5]) == ([0, 1, 2], [])


def test_a_group_without_any_answer_is_hidden_and_not_got() -> None:
    small, beside = hide([(0,), (1,), (2,)], [0, 12, 40])
    assert (small, beside) == ([1], [2])


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_no_small_group_can_be_got_and_no_small_remainder(data: st.DataObject) -> None:
    """Cells of a county, a township within it, a sex and an ethnic group; the answers at random."""
    cells = data.draw(
        st.lists(
            st.tuples(st.integers(0, 4), st.integers(0, 1), st.integers(0, 2)),
            min_size=1,
            max_size=14,
            unique=True,
        )
    )
    cells = [(township // 2, township, sex, ethnic) for township, sex, ethnic in cells]
    answered = data.draw(st.lists(st.integers(0, 25), min_size=len(cells), max_size=len(cells)))
    member, column, of_groups, each = groups_of(cells, answered)
    beside = hidden_beside(member, column, of_groups, each, LEAST)
    small = of_groups < LEAST
    hidden = small | beside
    assert not (small & beside).any()
    if not small.any():
        assert not beside.any()
    for kept in (np.ones(len(cells), dtype=bool), each > 0):
        shown = member[~hidden][:, kept].astype(int).tolist()
        for group in np.flatnonzero(small):
            wanted = member[group][kept].astype(int).tolist()
            assert not any(wanted) or not can_be_got(shown, wanted)
    # What remains of a shown group when the shown groups of a column inside it are taken away is nothing or enough.
    for whole in np.flatnonzero(~hidden):
        for one in np.unique(column[column != ALL]):
            inside = (column == one) & ~(member & ~member[whole]).any(axis=1)
            if (member[inside].any(axis=0) == member[whole]).all():
                left = inside & hidden
                assert not left.any() or of_groups[left].sum() >= LEAST


def test_many_small_counties_of_a_province() -> None:
    """By county and sex: every small group is guarded, and most figures stay."""
    chance = np.random.default_rng(4)
    cells = [(county, 2 * county + sex) for county in range(40) for sex in (0, 1)]
    answered = [int(one) for one in chance.integers(3, 60, len(cells))]
    small, beside = hide(cells, answered)
    assert small
    assert len(beside) <= len(small)
