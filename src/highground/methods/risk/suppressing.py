"""Which groups get no figure: those that are too small, and those from which a small one could be worked out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from highground.methods.risk.tables import Bools, Floats, Ints

ALL = -1
_RIDGE, _NEAR, _USED = 1e-10, 1e-6, 1e-5


def too_small(answered: Ints, least: int) -> Bools:
    """The groups with fewer than `least` households with an answer."""
    return answered < least


def hidden_beside(member: Bools, column: Ints, answered: Ints, cell_answered: Ints, least: int) -> Bools:
    """The groups that are hidden only so that no small group can be got from the others by adding and subtracting.

    `member` (groups x cells) says which cells make up each group, `column` by which column it is a group (ALL for
    everything together), `answered` how many households with an answer it has, `cell_answered` the same of each cell.
    A small group can be got where its cells are a sum of shown groups, each taken with some factor (complementary
    suppression, tested by linear algebra as Cox 1980, Journal of the American Statistical Association 75, does). Nor
    may what several hidden groups of one column have together be got while it is less than `least`.
    """
    small = too_small(answered, least)
    hidden = small.copy()
    if not small.any():
        return hidden
    # Cells that belong to the same groups count once; one without an answer hides no difference between figures.
    spaces = [np.unique(one, axis=1).astype(np.float64) for one in (member, member[:, cell_answered > 0])]
    while more := _more(spaces, column, answered, hidden, small, least):
        hidden[more] = True
    return hidden & ~small


def _more(
    spaces: list[Floats], column: Ints, answered: Ints, hidden: Bools, small: Bools, least: int
) -> list[int]:
    """Shown groups that must be hidden too: one of each sum that gives away what is guarded."""
    guarded = list(_guarded(spaces[0], column, answered, hidden, small, least))
    found: list[int] = []
    for space in spaces:
        wanted = np.array([space[groups].sum(axis=0) for groups in guarded])
        shown = _linked(space, column, hidden, wanted)
        if not len(shown):
            continue
        base = space[shown]
        # The nearest sum of shown groups; the ridge chooses the smallest factors where there are many.
        factors = np.linalg.solve(base @ base.T + _RIDGE * np.eye(len(shown)), base @ wanted.T)
        misses = np.abs(base.T @ factors - wanted.T).max(axis=0, initial=0.0)
        for place in np.flatnonzero((misses < _NEAR) & wanted.any(axis=1)):
            used = shown[np.abs(factors[:, place]) > _USED]
            if not np.isin(used, found).any():
                same = used[column[used] == column[guarded[place][0]]]
                others = same if len(same) else used[column[used] != ALL]
                parts = others if len(others) else used
                found.append(int(parts[np.argmin(answered[parts])]))
    return found


def _linked(space: Floats, column: Ints, hidden: Bools, wanted: Floats) -> Ints:
    """The shown groups that share cells with what is wanted, or with groups that do, and so on: no other can help.

    Everything together is left out where it is the sum of a column that is shown whole.
    """
    shown = ~hidden
    if any(shown[column == one].all() for one in np.unique(column[column != ALL])):
        shown &= column != ALL
    cells = wanted.any(axis=0)
    while True:
        groups = shown & (space @ cells > 0)
        more = cells | (groups @ space > 0)
        if (more == cells).all():
            return np.flatnonzero(groups)
        cells = more


def _guarded(
    space: Floats, column: Ints, answered: Ints, hidden: Bools, small: Bools, least: int
) -> Iterator[Ints]:
    """Sums of groups that must not be got: each small group, and what is hidden of a column within a shown group."""
    for group in np.flatnonzero(small):
        yield np.array([group])
    for one in np.unique(column[hidden]):
        groups = np.flatnonzero(hidden & (column == one))
        outside = space[groups] @ (1 - space[~hidden]).T
        for inside in np.unique(outside.T == 0, axis=0):
            if inside.sum() > 1 and answered[groups[inside]].sum() < least:
                yield groups[inside]
