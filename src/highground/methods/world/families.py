"""Families: who lives in a household, how they are related, of what sex and age.

Nine shapes of family, drawn with the shares of a rural county, and a tenth for the largest. All ages follow from
the age of the head by gaps between generations, so that no parent is younger than a child could have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from highground.methods.world.chance import Bools, Floats, Ints, draw_index

RELATIONS = ("head", "spouse", "child", "parent", "grandchild", "sibling", "other")
HEAD, SPOUSE, CHILD, PARENT, GRANDCHILD, SIBLING, OTHER = range(7)
SEXES = ("female", "male")
FEMALE, MALE = 0, 1
DAYS_PER_YEAR = 365.2425
YOUNGEST = 0.05
"""Age in years of the youngest: nobody is born after today."""


@dataclass(frozen=True)
class Shape:
    """One shape of family: its share, the ages of the head, and how many of each relation it may have.

    `head_male` is how often the head is a man. Children who are `grown` are of age; grandchildren who are
    `left_behind` have no parents in the house.
    """

    share: float
    head_age: tuple[int, int]
    spouse: float
    children: tuple[int, int] = (0, 0)
    parents: tuple[int, int] = (0, 0)
    grandchildren: tuple[int, int] = (0, 0)
    child_spouse: float = 0.0
    sibling: float = 0.0
    head_male: float = 0.8
    grown: bool = False
    left_behind: bool = False


SHAPES = (
    Shape(0.09, (60, 88), 0.0, head_male=0.5),  # an old person alone
    Shape(0.13, (60, 84), 1.0),  # an old couple
    Shape(0.12, (42, 62), 1.0),  # a couple whose children have left
    Shape(0.22, (27, 45), 1.0, children=(1, 3)),  # a couple with children
    Shape(0.10, (47, 62), 1.0, children=(1, 2), grown=True),  # a couple with grown children
    Shape(0.18, (32, 52), 1.0, children=(1, 3), parents=(1, 2), sibling=0.05),  # three generations
    Shape(0.09, (52, 70), 0.8, children=(1, 1), grandchildren=(1, 3), child_spouse=0.9, grown=True),
    Shape(
        0.04, (56, 72), 0.7, grandchildren=(1, 2), left_behind=True
    ),  # children left with their grandparents
    Shape(0.03, (30, 52), 0.0, children=(1, 3), parents=(0, 1)),  # one parent
)
LARGE = Shape(
    0.02, (50, 66), 1.0, children=(2, 3), parents=(0, 1), grandchildren=(1, 2), child_spouse=0.9, grown=True
)
"""Four generations under one roof: six to nine persons."""

_SLOTS = (HEAD, SPOUSE, *[CHILD] * 3, OTHER, *[GRANDCHILD] * 3, *[PARENT] * 2, SIBLING)
_CHILD_SPOUSE = 5


@dataclass(frozen=True)
class Families:
    """Households and their members as arrays; members are ordered by household, the head first.

    Over households: `size`, `first` (position of the head among the members). Over members: `household`,
    `relation`, `sex`, `age` (years), `born` (days since 1970-01-01).
    """

    size: Ints
    first: Ints
    household: Ints
    relation: Ints
    sex: Ints
    age: Floats
    born: Ints

    @property
    def households(self) -> int:
        return len(self.size)

    def somebody(self, chance: np.random.Generator, household: Ints) -> Ints:
        """Positions of members, one drawn for each of the households given."""
        drawn = np.floor(chance.random(len(household)) * self.size[household]).astype(np.int64)
        return np.asarray(self.first[household] + drawn, dtype=np.int64)

    def count(self, mask: Bools) -> Ints:
        """Members per household for whom `mask` (over members) is true."""
        return np.bincount(self.household[mask], minlength=self.households).astype(np.int64)


@dataclass(frozen=True)
class _Drawn:
    """The shape of each household, by position in `shapes`."""

    shapes: Sequence[Shape]
    position: Ints

    def __len__(self) -> int:
        return len(self.position)

    def of(self, field: str) -> Any:
        """What the shape of each household says for `field`; one row each for the lower and the upper bound."""
        return np.array([getattr(each, field) for each in self.shapes]).T[..., self.position]


def make_families(
    chance: np.random.Generator, households: int, today: int, shapes: Sequence[Shape] = SHAPES
) -> Families:
    """Draw `households` families as they are on `today` (days since 1970-01-01)."""
    shape = _Drawn(shapes, draw_index(chance, [each.share for each in shapes], households))
    low, high = shape.of("head_age")
    present = np.zeros((households, len(_SLOTS)), dtype=np.bool_)
    age = np.full((households, len(_SLOTS)), 30.0)
    sex = chance.integers(0, 2, size=(households, len(_SLOTS)))
    present[:, 0] = True
    age[:, 0] = low + chance.random(households) * (high - low)
    sex[:, 0] = np.where(chance.random(households) < shape.of("head_male"), MALE, FEMALE)
    _add_spouses(chance, shape, present, age, sex)
    _add_children(chance, shape, present, age)
    _add_child_spouses(chance, shape, present, age, sex)
    _add_grandchildren(chance, shape, present, age)
    _add_elders(chance, shape, present, age, sex)
    present &= age >= YOUNGEST
    household, slot = np.nonzero(present)
    size = present.sum(axis=1)
    years = age[household, slot]
    return Families(
        size=size,
        first=np.cumsum(size) - size,
        household=household,
        relation=np.asarray(_SLOTS)[slot],
        sex=sex[household, slot].astype(np.int64),
        age=years,
        born=np.minimum(today - np.rint(years * DAYS_PER_YEAR), today).astype(np.int64),
    )


def _has(chance: np.random.Generator, shape: _Drawn, field: str) -> Bools:
    """Drawn with the probability that the family's shape gives for `field`."""
    return np.asarray(chance.random(len(shape)) < shape.of(field))


def _number(chance: np.random.Generator, shape: _Drawn, field: str) -> Ints:
    """How many, between the bounds that the family's shape gives for `field`; few more often than many."""
    low, high = shape.of(field)
    extra = np.floor((high - low + 1) * chance.random(len(shape)) ** 1.6).astype(np.int64)
    return np.asarray(low + np.minimum(extra, high - low), dtype=np.int64)


def _add_spouses(chance: np.random.Generator, shape: _Drawn, present: Bools, age: Floats, sex: Ints) -> None:
    present[:, 1] = _has(chance, shape, "spouse")
    gap = np.clip(chance.normal(0.0, 2.5, len(shape)), -6, 6) + np.where(sex[:, 0] == MALE, 1.5, -1.5)
    age[:, 1] = np.maximum(age[:, 0] - gap, 21)
    sex[:, 1] = 1 - sex[:, 0]


def _younger_parent(present: Bools, age: Floats) -> Floats:
    return np.where(present[:, 1], np.minimum(age[:, 0], age[:, 1]), age[:, 0])


def _add_children(chance: np.random.Generator, shape: _Drawn, present: Bools, age: Floats) -> None:
    """Children follow the younger parent by 20 to 31 years, and each other by one to five."""
    count = _number(chance, shape, "children")
    grown = shape.of("grown")
    gap = chance.uniform(20, np.where(grown, 24, 31))
    eldest = np.maximum(_younger_parent(present, age) - gap, np.where(grown, 18.0, 0.1))
    for order in range(3):
        present[:, 2 + order] = order < count
        age[:, 2 + order] = eldest
        eldest = eldest - chance.uniform(1.0, 5.0, len(shape))


def _add_child_spouses(
    chance: np.random.Generator, shape: _Drawn, present: Bools, age: Floats, sex: Ints
) -> None:
    present[:, _CHILD_SPOUSE] = _has(chance, shape, "child_spouse")
    age[:, _CHILD_SPOUSE] = np.maximum(age[:, 2] + chance.uniform(-3, 3, len(shape)), 20)
    sex[:, _CHILD_SPOUSE] = 1 - sex[:, 2]


def _add_grandchildren(chance: np.random.Generator, shape: _Drawn, present: Bools, age: Floats) -> None:
    """Grandchildren follow their parents in the house by 20 years and more, or live with grandparents only."""
    count = _number(chance, shape, "grandchildren")
    parents = np.minimum(age[:, 2], np.where(present[:, _CHILD_SPOUSE], age[:, _CHILD_SPOUSE], age[:, 2]))
    eldest = np.maximum(parents - chance.uniform(20, 27, len(shape)), 0.1)
    eldest = np.where(shape.of("left_behind"), chance.uniform(1, 15, len(shape)), eldest)
    for order in range(3):
        present[:, 6 + order] = order < count
        age[:, 6 + order] = eldest
        eldest = eldest - chance.uniform(1.0, 5.0, len(shape))


def _add_elders(chance: np.random.Generator, shape: _Drawn, present: Bools, age: Floats, sex: Ints) -> None:
    """The head's parents, 20 to 31 years older, one of each sex when both live; and a brother or sister."""
    count = _number(chance, shape, "parents")
    gap = chance.uniform(20, 31, len(shape))
    for order in range(2):
        present[:, 9 + order] = order < count
        age[:, 9 + order] = np.minimum(age[:, 0] + gap + order * chance.uniform(0, 4, len(shape)), 97)
    sex[:, 9] = np.where(chance.random(len(shape)) < 0.65, FEMALE, MALE)
    sex[:, 10] = 1 - sex[:, 9]
    present[:, 11] = _has(chance, shape, "sibling")
    age[:, 11] = np.maximum(age[:, 0] + chance.uniform(-6, 6, len(shape)), 19)
