"""A synthetic country of villages, candidates and sending units, drawn from a seed, for tests and for the benchmark.

The shares follow what was published of the selections of 2015 and 2021 (three in four from the county and the prefecture,
one in 500 from central bodies, three members beside a first secretary on average); everything else is a working choice that
makes the task as hard as it is in practice: counties with too few people beside counties with too many, needs that few
can meet, languages that few speak, units that may not release everybody, couples of whom one stays at home.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from highground.methods.allocate.arrays import Bools, Floats, InputError, Ints, rank_within

SKILLS = ["agronomy", "livestock", "health", "schooling", "building", "finance", "organising", "digital"]
LEVELS = ["county", "prefecture", "province", "central"]
LEVEL_SHARES = [0.743, 0.197, 0.058, 0.002]
VILLAGES_PER_COUNTY, COUNTIES_PER_PREFECTURE, COUNTIES_PER_PROVINCE, PROVINCES = 74.4, 8, 11, 31
POOL = 1.10
SUPPLY_NOISE = 0.25
UNIT_SIZE = 12
LOOKED_AT, BEST, CHANCE = 110, 30, 10
AT_ONCE = 40_000
FIRST_DAY = datetime.date(2023, 7, 1)


@dataclass(frozen=True)
class Land:
    """Where the villages lie: each level's areas hold consecutive villages, so an area is a range of them."""

    county: Ints  # of each village
    ranges: list[
        tuple[Ints, Ints]
    ]  # for each level, by county: the first village of its area and the one after
    province: Ints  # of each county
    x: Floats
    y: Floats
    remoteness: Floats
    needs: Ints  # two of the skills for each village
    language: Ints  # 0 where everybody's language is spoken
    members: Ints
    at_risk: Ints


@dataclass(frozen=True)
class Pool:
    """The candidates."""

    county: Ints
    level: Ints
    unit: Ints
    paired: Ints  # the village of the unit, -1 for none
    home: Ints
    x: Floats
    y: Floats
    skills: Ints  # one bit for each skill
    language: Ints
    woman: Bools
    lead: Bools
    spouse: Ints
    frail: Bools
    limit: Floats  # kilometres from home that the family can bear
    cap: Ints  # of each unit
    unit_village: Ints


def stream(seed: int, topic: str) -> np.random.Generator:
    """The random numbers of one topic; drawing more in one topic leaves every other topic as it was."""
    return np.random.default_rng([seed, crc32(topic.encode())])


def generate(villages: int, seed: int, out: Path) -> Path:
    """Write `people`, `units`, `villages` and `pairs` as Parquet files into the folder `out`; the same seed, the same bytes.

    Raises InputError for less than one village or a folder that already holds files.
    """
    if villages < 1:
        raise InputError(f"villages: {villages} is too few; give 1 or more")
    if out.exists() and any(out.iterdir()):
        raise InputError(f"{out}: this folder already holds files; name a new one")
    out.mkdir(parents=True, exist_ok=True)
    land = make_land(villages, seed)
    pool = make_pool(land, seed)
    pq.write_table(_villages(land), out / "villages.parquet")
    pq.write_table(_people(land, pool, seed), out / "people.parquet")
    pq.write_table(_units(pool), out / "units.parquet")
    schema = pa.schema([("person", pa.int64()), ("village", pa.int64()), ("points", pa.int32())])
    with pq.ParquetWriter(out / "pairs.parquet", schema) as writer:
        for person, village, points in make_pairs(land, pool, seed):
            writer.write_table(pa.table([person, village, points.astype(np.int32)], schema=schema))
    return out


def make_land(villages: int, seed: int) -> Land:
    """Villages in counties of very different sizes, the counties in prefectures and provinces."""
    chance = stream(seed, "land")
    counties = max(1, round(villages / VILLAGES_PER_COUNTY))
    size = np.exp(chance.normal(0, 0.3, counties))
    county = np.sort(np.searchsorted(np.cumsum(size / size.sum()), chance.random(villages)))
    county = np.minimum(county, counties - 1).astype(np.int64)
    provinces = min(PROVINCES, max(1, round(counties / COUNTIES_PER_PROVINCE)))
    province = np.arange(counties) * provinces // counties
    prefecture = province * counties + rank_within(province) // COUNTIES_PER_PREFECTURE
    areas = [np.arange(counties), prefecture, province, np.zeros(counties, dtype=np.int64)]
    side = int(np.ceil(np.sqrt(counties)))
    seat_x = 60.0 * (np.arange(counties) % side) + chance.normal(0, 8, counties)
    seat_y = 60.0 * (np.arange(counties) // side) + chance.normal(0, 8, counties)
    x = seat_x[county] + chance.uniform(-18, 18, villages)
    y = seat_y[county] + chance.uniform(-18, 18, villages)
    first = chance.integers(0, len(SKILLS), villages)
    second = (first + chance.integers(1, len(SKILLS), villages)) % len(SKILLS)
    spoken = np.where(np.arange(provinces) % 5 == 2, np.arange(provinces) + 1, 0)
    language = np.where(chance.random(villages) < 0.4, spoken[province[county]], 0)
    members = np.searchsorted([0.12, 0.85], chance.random(villages), side="right") + 2
    low, high = np.array([20, 60, 201]), np.array([120, 200, 420])
    at_risk = chance.integers(low[members - 2], high[members - 2], endpoint=True)
    return Land(
        county,
        [_area_ranges(area[county], area) for area in areas],
        province,
        x,
        y,
        np.clip(
            np.hypot(x - seat_x[county], y - seat_y[county]) / 25 + chance.normal(0, 0.15, villages), 0, 1
        ),
        np.stack([first, second], axis=1),
        language,
        members,
        at_risk,
    )


def _area_ranges(of_village: Ints, of_county: Ints) -> tuple[Ints, Ints]:
    """For each county the range of the villages in its area."""
    return (
        np.searchsorted(of_village, of_county, side="left").astype(np.int64),
        np.searchsorted(of_village, of_county, side="right").astype(np.int64),
    )


def make_pool(land: Land, seed: int) -> Pool:
    """Candidates of every county, ten in a hundred more than there are seats, unevenly."""
    chance = stream(seed, "pool")
    counties = len(land.province)
    seats = np.bincount(land.county, weights=1.0 + land.members, minlength=counties)
    supply = seats * np.clip(1 + chance.normal(0, SUPPLY_NOISE, counties), 0.2, None)
    count = round(POOL * seats.sum())
    county = np.repeat(np.arange(counties), chance.multinomial(count, supply / supply.sum()))
    level = np.searchsorted(np.cumsum(LEVEL_SHARES), chance.random(count), side="right")
    level = np.minimum(level, len(LEVELS) - 1)
    order = np.lexsort((level, county))
    county, level = county[order], level[order]
    low = np.stack([land.ranges[one][0] for one in range(len(LEVELS))])[level, county]
    high = np.stack([land.ranges[one][1] for one in range(len(LEVELS))])[level, county]
    unit, unit_village, cap = _make_units(chance, county, level, low, high)
    seat_x = np.bincount(land.county, weights=land.x, minlength=counties)
    holds = np.maximum(1, np.bincount(land.county, minlength=counties))
    seat_y = np.bincount(land.county, weights=land.y, minlength=counties)
    spoken = np.zeros(counties, dtype=np.int64)
    np.maximum.at(spoken, land.county, land.language)
    speaks = chance.random(count) < np.where(level == 0, 0.25, 0.05)
    first = chance.integers(0, len(SKILLS), count)
    skills = np.int64(1) << first
    for share in (0.45, 0.15):
        more = np.int64(1) << chance.integers(0, len(SKILLS), count)
        skills = np.where(chance.random(count) < share, skills | more, skills)
    return Pool(
        county,
        level,
        unit,
        unit_village[unit],
        chance.integers(0, len(land.county), count),
        (seat_x / holds)[county] + chance.normal(0, 12, count),
        (seat_y / holds)[county] + chance.normal(0, 12, count),
        skills,
        np.where(speaks, spoken[county], 0),
        chance.random(count) < 0.28,
        chance.random(count) < 0.40,
        _make_couples(chance, county),
        chance.random(count) < 0.08,
        np.where(chance.random(count) < 0.15, 60.0, np.inf),
        cap,
        unit_village,
    )


def _make_units(
    chance: np.random.Generator, county: Ints, level: Ints, low: Ints, high: Ints
) -> tuple[Ints, Ints, Ints]:
    """The unit of each person, and for each unit its paired village (-1 for none) and how many it may release."""
    kind = county * len(LEVELS) + level
    group = kind * (len(kind) + 1) + rank_within(kind) // UNIT_SIZE
    _, first, unit = np.unique(group, return_index=True, return_inverse=True)
    size = np.bincount(unit)
    village = low[first] + (chance.random(len(first)) * (high - low)[first]).astype(np.int64)
    village = np.where((chance.random(len(first)) < 0.6) & (high > low)[first], village, -1)
    tight = (chance.random(len(first)) < 0.05) & (size >= 2)
    return unit.astype(np.int64), village, np.where(tight, size // 2, size)


def _make_couples(chance: np.random.Generator, county: Ints) -> Ints:
    """The spouse of each person, -1 for none: one person in a hundred is one of two candidates married to each other."""
    count = len(county)
    spouse = np.full(count, -1, dtype=np.int64)
    first = np.sort(chance.choice(count // 2, size=round(count * 0.005), replace=False)) * 2
    first = first[county[first] == county[first + 1]]
    spouse[first], spouse[first + 1] = first + 1, first
    return spouse


def make_pairs(land: Land, pool: Pool, seed: int) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Eligible pairs with their points, some people at a time: person, village, points."""
    chance = stream(seed, "pairs")
    for begin in range(0, len(pool.county), AT_ONCE):
        people = np.arange(begin, min(begin + AT_ONCE, len(pool.county)))
        yield _pairs_of(chance, land, pool, people)


def _pairs_of(chance: np.random.Generator, land: Land, pool: Pool, people: Ints) -> tuple[Ints, Ints, Ints]:
    lows, highs = (
        np.stack([one[end] for one in land.ranges])[pool.level[people], pool.county[people]] for end in (0, 1)
    )
    drawn = lows[:, None] + (chance.random((len(people), LOOKED_AT)) * (highs - lows)[:, None]).astype(
        np.int64
    )
    paired = pool.paired[people]
    drawn = np.concatenate([np.where(paired >= 0, paired, drawn[:, 0])[:, None], drawn], axis=1)
    drawn.sort(axis=1)
    usable = np.ones(drawn.shape, dtype=np.bool_)
    usable[:, 1:] = drawn[:, 1:] != drawn[:, :-1]
    usable &= (highs > lows)[:, None]
    points, eligible = _points(chance, land, pool, people, drawn)
    usable &= eligible
    kept = usable & _keep(chance, np.where(usable, points, -1))
    row, column = np.nonzero(kept)
    return people[row], drawn[row, column], points[row, column]


def _keep(chance: np.random.Generator, points: Ints) -> Bools:
    """The best of each row, and some others by chance (points below 0 are not there at all)."""
    lot = chance.random(points.shape)
    order = points + lot
    floor = -np.partition(-order, BEST - 1, axis=1)[:, BEST - 1 : BEST]
    best = order >= floor
    lot[best | (points < 0)] = -1.0
    floor = -np.partition(-lot, CHANCE - 1, axis=1)[:, CHANCE - 1 : CHANCE]
    found: Bools = best | ((lot >= floor) & (lot >= 0))
    return found


def _points(
    chance: np.random.Generator, land: Land, pool: Pool, people: Ints, village: Ints
) -> tuple[Ints, Bools]:
    """What each pair is worth by itself, and whether it may be at all."""
    distance = np.hypot(land.x[village] - pool.x[people][:, None], land.y[village] - pool.y[people][:, None])
    skills = pool.skills[people][:, None]
    met = sum(((skills >> land.needs[village, one]) & 1) for one in range(2))
    speaks = (land.language[village] > 0) & (land.language[village] == pool.language[people][:, None])
    remote = land.remoteness[village]
    liked = 230 * chance.random(village.shape) ** 1.5
    worth = 150 + 90 * met + 60 * speaks + 160 * np.exp(-distance / 40) + liked
    worth += 130 * (village == pool.paired[people][:, None]) - 40 * remote
    kin = chance.random(village.shape) < 0.005
    allowed = (village != pool.home[people][:, None]) & ~kin & (distance <= pool.limit[people][:, None])
    allowed &= ~(pool.frail[people][:, None] & (remote > 0.7))
    return np.round(worth).astype(np.int64), allowed


def _villages(land: Land) -> pa.Table:
    names = np.array(SKILLS)
    count = len(land.county)
    return pa.table(
        {
            "village": pa.array(np.arange(count)),
            "county": pa.array(land.county),
            "province": pa.array(land.province[land.county]),
            "x": pa.array(np.round(land.x, 2)),
            "y": pa.array(np.round(land.y, 2)),
            "needs": pa.ListArray.from_arrays(
                np.arange(0, 2 * count + 1, 2), pa.array(names[land.needs.ravel()])
            ),
            "language": pa.array(
                [f"language {one}" if one else None for one in land.language.tolist()], pa.string()
            ),
            "remoteness": pa.array(np.round(land.remoteness, 3)),
            "leads": pa.array(np.ones(count, dtype=np.int64)),
            "members": pa.array(land.members),
            "at_risk_people": pa.array(land.at_risk),
        }
    )


def _people(land: Land, pool: Pool, seed: int) -> pa.Table:
    chance = stream(seed, "served")
    count = len(pool.county)
    served = chance.random(count) < 0.3
    days = chance.integers(0, 730, count)
    has = (pool.skills[:, None] >> np.arange(len(SKILLS))[None, :]) & 1
    row, skill = np.nonzero(has)
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=count))])
    spoken = pool.language > 0
    return pa.table(
        {
            "person": pa.array(np.arange(count)),
            "unit": pa.array(pool.unit),
            "level": pa.array(np.array(LEVELS)[pool.level]),
            "home_village": pa.array(pool.home),
            "county": pa.array(pool.county),
            "x": pa.array(np.round(pool.x, 2)),
            "y": pa.array(np.round(pool.y, 2)),
            "skills": pa.ListArray.from_arrays(offsets, pa.array(np.array(SKILLS)[skill])),
            "languages": pa.ListArray.from_arrays(
                np.concatenate([[0], np.cumsum(spoken)]),
                pa.array([f"language {one}" for one in pool.language[spoken].tolist()], pa.string()),
            ),
            "woman": pa.array(pool.woman),
            "first_secretary_ok": pa.array(pool.lead),
            "served_from": pa.array(
                np.datetime64(FIRST_DAY) + days.astype("timedelta64[D]"), pa.date32(), mask=~served
            ),
            "spouse": pa.array(pool.spouse, mask=pool.spouse < 0),
        }
    )


def _units(pool: Pool) -> pa.Table:
    paired = pool.unit_village >= 0
    return pa.table(
        {
            "unit": pa.array(np.arange(len(pool.cap))),
            "cap": pa.array(pool.cap),
            "paired_villages": pa.ListArray.from_arrays(
                np.concatenate([[0], np.cumsum(paired)]), pa.array(pool.unit_village[paired])
            ),
        }
    )
