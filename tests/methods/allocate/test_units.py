"""Units without a village are paired with one: against brute force over every pairing that could be."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pyarrow as pa
import pytest

from highground.methods.allocate.norms import load_norms
from highground.methods.allocate.pairing import Fit
from highground.methods.allocate.units import pair_units
from tests.methods.allocate.hand import TEXTS

NORMS = load_norms("cn-2021")
YEAR = 2026


def drawn(seed: int) -> tuple[pa.Table, pa.Table, pa.Table]:
    """A few units with people, and a few villages; some are paired already, some people may go nowhere."""
    chance = random.Random(seed)
    skills = ["agronomy", "health", "finance"]
    count, places = chance.randint(1, 4), chance.randint(1, 4)
    units = [f"U{number}" for number in range(count)]
    villages = [f"V{number}" for number in range(places)]
    paired = [[villages[0]] if one == "U0" and chance.random() < 0.3 else [] for one in units]
    many = chance.randint(1, 10)
    people = pa.table({
        "person": [f"P{number}" for number in range(many)], "unit": [chance.choice(units) for _ in range(many)],
        "home_village": pa.array([chance.choice([None, *villages]) for _ in range(many)], pa.string()),
        "x": [chance.uniform(0, 60) for _ in range(many)], "y": [0.0] * many,
        "skills": pa.array([chance.sample(skills, 1) for _ in range(many)], TEXTS),
        "languages": pa.array([[] for _ in range(many)], TEXTS),
        "born": [chance.choice([1960, 1990]) for _ in range(many)], "occupation": [""] * many,
        "frail": [chance.random() < 0.3 for _ in range(many)],
        "limit": pa.array([chance.choice([None, 20.0]) for _ in range(many)], pa.float64()),
        "kin": pa.array([chance.sample(villages, 1) if chance.random() < 0.2 else [] for _ in range(many)], TEXTS),
    })  # fmt: skip
    where = pa.table({
        "village": villages, "x": [chance.uniform(0, 60) for _ in villages], "y": [0.0] * places,
        "needs": pa.array([chance.sample(skills, 2) for _ in villages], TEXTS),
        "language": pa.array([None] * places, pa.string()), "remoteness": [chance.random() for _ in villages],
        "leads": [1] * places, "members": [chance.randint(0, 2) for _ in villages],
    })  # fmt: skip
    caps = pa.array([chance.randint(1, 3) for _ in units])
    return people, where, pa.table({"unit": units, "cap": caps, "paired_villages": pa.array(paired, TEXTS)})


def worth(people: pa.Table, villages: pa.Table, units: pa.Table) -> dict[tuple[str, str], int]:
    """What each pairing is worth, person by person; no entry where nobody of the unit may go."""
    found = {}
    able = [row for row, born in enumerate(people.column("born").to_pylist()) if YEAR - born <= NORMS.age]
    for unit, cap in zip(units.column("unit").to_pylist(), units.column("cap").to_pylist(), strict=True):
        mine = [row for row in able if people.column("unit")[row].as_py() == unit]
        for place, village in enumerate(villages.to_pylist()):
            room = min(cap, village["leads"] + village["members"])
            points = []
            for row in mine:
                each, allowed = Fit(people, villages, units, NORMS, year=YEAR).allowed(np.array([row]))
                if allowed[0, place]:
                    points.append(int(each[0, place]))
            if points:
                found[unit, village["village"]] = sum(sorted(points, reverse=True)[:room])
    return found


def most(worths: dict[tuple[str, str], int], units: list[str], villages: list[str]) -> tuple[int, int]:
    """How many pairings there can be at once, and what the best so many are worth: every way is tried."""
    best = (0, 0)
    slots = [*villages, *[None] * len(units)]
    for way in set(itertools.permutations(slots, len(units))):
        pairs = [pair for pair in zip(units, way, strict=True) if pair[1] is not None]
        if all(pair in worths for pair in pairs):
            best = max(best, (len(pairs), sum(worths[pair] for pair in pairs)))
    return best


@pytest.mark.parametrize("seed", range(40))
def test_the_pairing_is_the_best_of_all(seed: int) -> None:
    people, villages, units = drawn(seed)
    found = pair_units(people, villages, units, NORMS, year=YEAR)
    held = dict(
        zip(units.column("unit").to_pylist(), units.column("paired_villages").to_pylist(), strict=True)
    )
    taken = {village for ours in held.values() for village in ours}
    free = [one for one in villages.column("village").to_pylist() if one not in taken]
    worths = worth(people, villages, units)
    assert len(set(found.values())) == len(found) and set(found.values()) <= set(free)
    assert not [one for one in found if held[one]]
    wanted = most(worths, [one for one, ours in held.items() if not ours], free)
    assert (len(found), sum(worths[pair] for pair in found.items())) == wanted
    assert pair_units(people, villages, units, NORMS, year=YEAR) == found
