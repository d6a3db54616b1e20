"""The plan of a synthetic nation: which households live in which province, county and village, before any is drawn.

Everything here follows from the seed and the number of households alone. A nation is drawn block by block: a
block is some counties of one province, each block has its own chance, and so it is the same whenever and beside
whatever else it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from highground.methods.world.chance import Ints, stream

LAST_MONTH = "2026-11"
"""The month up to which the nation is known; a constant, so that a seed gives one nation."""
COUNTY_SIZE = 3_500
VILLAGE_SIZE = 380
"""Mean numbers of households."""
VILLAGES_PER_TOWNSHIP = 12
COUNTIES_PER_BLOCK = 8
FIRST_COUNTY, MOST_COUNTIES = 21, 79
"""Counties of a city are numbered from 21 to 99; a city has about a dozen, more where there would be too many cities."""
COUNTIES_PER_CITY = 12
MOST_CITIES = 99
MOST_MONTHS = 60
"""Each month has a file of each feed open while a province is written."""


class PlanError(ValueError):
    """A size that cannot be made; the message says which can."""


@dataclass(frozen=True)
class Block:
    """Some counties of a province with their villages.

    `county_codes` and `village_codes` are text. Over counties: `size` (households) and `number` (position in the
    nation). Over villages: `village_county` (position in this block) and `village_share` (of its county).
    `first` is the position of the first household in the nation.
    """

    province: int
    index: int
    first: int
    number: Ints
    size: Ints
    county_codes: list[str]
    village_codes: list[str]
    village_county: Ints
    village_share: np.ndarray[Any, np.dtype[np.float64]]

    @property
    def households(self) -> int:
        return int(self.size.sum())

    def chance(self, seed: int, topic: str) -> np.random.Generator:
        """The random numbers of one topic in this block."""
        return stream(seed, topic, self.province, self.index)


@dataclass(frozen=True)
class Province:
    """A province: ISO code, position, share of all persons, scale of incomes, and its counties' sizes.

    `first` and `first_county` are positions in the nation.
    """

    code: str
    position: int
    division: int
    welfare: float
    first: int
    first_county: int
    sizes: Ints

    @property
    def households(self) -> int:
        return int(self.sizes.sum())


@dataclass(frozen=True)
class Plan:
    """A nation before it is drawn: its seed, how many months of feeds, and its provinces."""

    seed: int
    months: int
    provinces: list[Province]

    @property
    def households(self) -> int:
        return sum(each.households for each in self.provinces)

    @property
    def counties(self) -> int:
        return sum(len(each.sizes) for each in self.provinces)

    @property
    def feed_months(self) -> list[str]:
        """The months of the feeds, oldest first."""
        last = np.datetime64(LAST_MONTH, "M")
        return [str(last - ago) for ago in range(self.months - 1, -1, -1)]

    @property
    def register_months(self) -> list[str]:
        """The month before the last one, and the last."""
        last = np.datetime64(LAST_MONTH, "M")
        return [str(last - 1), str(last)]

    def blocks(self, province: Province) -> Iterator[Block]:
        """The blocks of a province in order; together they are the province."""
        first = province.first
        for index, start in enumerate(range(0, len(province.sizes), COUNTIES_PER_BLOCK)):
            size = province.sizes[start : start + COUNTIES_PER_BLOCK]
            yield _block(self.seed, province, index, start, size, first)
            first += int(size.sum())


@cache
def nation_words() -> dict[str, Any]:
    """The provinces and name parts of the nation (`data/demo/nation.yaml`)."""
    source = files("highground") / "data" / "demo" / "nation.yaml"
    words: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return words


def make_plan(households: int, months: int, seed: int) -> Plan:
    """The plan of a nation of that many households in provinces of real proportions.

    Raises PlanError where there are fewer households than provinces, or no month, or no room for the codes.
    """
    rows = nation_words()["provinces"]
    if households < len(rows):
        raise PlanError(f"{households} households: give at least {len(rows)}, one for each province")
    if not 1 <= months <= MOST_MONTHS:
        raise PlanError(f"{months} months of feeds: give 1 to {MOST_MONTHS}")
    if seed < 0:
        raise PlanError(f"seed {seed}: give a whole number from 0")
    shares = np.array([row["persons"] for row in rows])
    counts = 1 + _divide(households - len(rows), shares)
    provinces: list[Province] = []
    first = first_county = 0
    for position, (row, count) in enumerate(zip(rows, counts.tolist(), strict=True)):
        sizes = _county_sizes(seed, position, count)
        if len(sizes) > MOST_CITIES * MOST_COUNTIES:
            raise PlanError(f"{households} households: {row['code']} would have more counties than codes")
        provinces.append(
            Province(row["code"], position, row["division"], row["welfare"], first, first_county, sizes)
        )
        first, first_county = first + count, first_county + len(sizes)
    return Plan(seed, months, provinces)


def _divide(total: int, shares: Any) -> Ints:
    """Whole numbers in the proportions of `shares` that add up to `total` (largest remainders)."""
    exact = total * np.asarray(shares, dtype=np.float64) / np.sum(shares)
    parts: Ints = np.floor(exact).astype(np.int64)
    order = np.argsort(parts - exact, kind="stable")
    parts[order[: total - int(parts.sum())]] += 1
    return parts


def _county_sizes(seed: int, position: int, households: int) -> Ints:
    """Households of each county; counties differ in size, none is empty."""
    counties = max(1, round(households / COUNTY_SIZE))
    weight = np.exp(stream(seed, "county sizes", position).normal(0.0, 0.35, counties))
    return 1 + _divide(households - counties, weight)


def _block(seed: int, province: Province, index: int, start: int, size: Ints, first: int) -> Block:
    villages = np.maximum(1, np.rint(size / VILLAGE_SIZE)).astype(np.int64)
    county = np.repeat(np.arange(len(size)), villages)
    weight = np.exp(
        np.clip(stream(seed, "villages", province.position, index).normal(0, 0.3, len(county)), -0.6, 0.6)
    )
    codes = [_county_code(province, start + each) for each in range(len(size))]
    return Block(
        province=province.position,
        index=index,
        first=first,
        number=province.first_county + start + np.arange(len(size)),
        size=size,
        county_codes=codes,
        village_codes=[
            f"{code}{100 + each // VILLAGES_PER_TOWNSHIP}{200 + each % VILLAGES_PER_TOWNSHIP}"
            for code, count in zip(codes, villages.tolist(), strict=True)
            for each in range(count)
        ],
        village_county=county,
        village_share=weight / np.bincount(county, weights=weight)[county],
    )


def _county_code(province: Province, place: int) -> str:
    """Two digits of the province, two of the city, two of the county."""
    per_city = max(COUNTIES_PER_CITY, -(-len(province.sizes) // MOST_CITIES))
    return f"{province.division}{1 + place // per_city:02d}{FIRST_COUNTY + place % per_city:02d}"
