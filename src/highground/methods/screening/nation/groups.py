"""What is screened at once: several provinces together, or one large province in blocks of counties.

An engine takes a fifth of a second to plan the queries of a rulebook, whatever they read: small provinces go
together. And it holds what it has found: a large province goes in parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from highground.methods.facts.literals import text
from highground.methods.screening.nation.columns import Landed
from highground.methods.screening.nation.fed import FeedWindow
from highground.methods.screening.nation.plan import Plan, ProvinceInputs
from highground.methods.shocks.recording import FACT as EXPOSED_TO
from highground.methods.store.layout import StoreError

EXPOSED = "COALESCE(exposure.exposed_to, CAST([] AS VARCHAR[]))"
"""SQL: the kinds of shocks to which a household's village is exposed; where none is recorded, none."""
BESIDE = "LEFT JOIN exposure ON exposure.area = r.area"

BLOCK = 1_500_000
"""Households that are held at once."""


@dataclass(frozen=True)
class Block:
    """Counties next to each other in a file, and their households; `whole` is all that the group has."""

    first: str | None
    last: str | None
    rows: int
    whole: bool

    def where(self, table: str) -> str:
        """A condition that an engine answers from the file's statistics."""
        if self.whole:
            return ""
        outside = f" OR {table}.county IS NULL" if self.first is None else ""
        return (
            f" WHERE ({table}.county BETWEEN {text(self.first or '')} AND {text(self.last or '')}{outside})"
        )

    def check(self, found: int) -> None:
        """Raise StoreError where an engine found other households than the register says."""
        if found != self.rows:
            raise StoreError(
                f"{found:,} households lie in the counties {self.first} to {self.last}, the register has {self.rows:,}"
            )


@dataclass(frozen=True)
class Group:
    """Provinces that are screened together: their registers have the same columns, their feeds the same gaps."""

    provinces: tuple[ProvinceInputs, ...]
    blocks: tuple[Block, ...]

    @property
    def shocks(self) -> bool:
        """As of a province."""
        return self.provinces[0].shocks

    @cached_property
    def feeds(self) -> list[FeedWindow]:
        """The feeds of all provinces."""
        return [
            FeedWindow.together(windows)
            for windows in zip(*(one.feeds for one in self.provinces), strict=True)
        ]

    @property
    def fed(self) -> dict[str, str]:
        """The facts that feeds and shocks give, each with its SQL over the sums of the feeds and `exposure`."""
        found = {name: value for feed in self.feeds for name, value in feed.values()}
        return {**found, EXPOSED_TO: EXPOSED} if self.shocks else found

    @property
    def household_columns(self) -> Landed:
        return self.provinces[0].household_columns

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.provinces)


def groups_of(plan: Plan, size: int = BLOCK) -> list[Group]:
    """The provinces of a plan in groups of at most `size` households; a larger province is a group of its own."""
    found: list[list[ProvinceInputs]] = []
    for one in plan.provinces:
        together = found[-1] if found else []
        if (
            together
            and _kind(together[0]) == _kind(one)
            and sum(each.rows for each in together) + one.rows <= size
        ):
            together.append(one)
        else:
            found.append([one])
    return [Group(tuple(one), blocks_of(one, size)) for one in found]


def blocks_of(provinces: list[ProvinceInputs], size: int) -> tuple[Block, ...]:
    """The counties of a large province in blocks of at most `size` households; a larger county is a block of its own."""
    rows = sum(one.rows for one in provinces)
    if rows <= size or len(provinces) > 1:
        return (Block(None, None, rows, whole=True),)
    found: list[Block] = []
    for county, count in provinces[0].counties:
        if found and found[-1].rows + count <= size:
            found[-1] = Block(found[-1].first, county, found[-1].rows + count, whole=False)
        else:
            found.append(Block(county, county, count, whole=False))
    return tuple(found)


def _kind(given: ProvinceInputs) -> tuple[object, ...]:
    return given.household_columns, given.members is None, tuple(feed.kind for feed in given.feeds)
