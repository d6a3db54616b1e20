"""The Lao-like part of the world: one district, asked once a year about income and fifteen deprivations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from highground.methods.facts import load_dictionary
from highground.methods.world.chance import Bools, Floats, Ints, draw_days, stream
from highground.methods.world.families import make_families
from highground.methods.world.ledger import Ledger, one_of, whole, yes_no
from highground.methods.world.livelihood import SCHOOL, Bodies, make_bodies
from highground.methods.world.part import Part, write_bodies, write_registration

LAO_LINE = 650_000
"""Synthetic line of the Lao-like province: kip per person and month."""
MEDIAN_IN_LINES, SPREAD = 1.9, 0.5
IN_NO_DATA, MISSING_INCOME, MISSING_ANSWER = 0.01, 0.04, 0.004
DEPRIVED = tuple(fact.name for fact in load_dictionary().household if fact.name.startswith("deprived_"))
DEPRIVED_SHARE = 0.16
ROUND_DAYS_AGO = (80, 320)
SECOND_LOOKS = 8
"""One of so many villages was visited again in the month before today."""


@dataclass(frozen=True)
class Lao:
    """The Lao-like part with its truth: monthly income per person in kip, and deprivations (household, kind)."""

    part: Part
    seed: int
    bodies: Bodies
    income: Ints
    deprived: Bools
    in_town: Bools


def make_lao(
    ledger: Ledger, seed: int, today: int, village: Ints, first_household: int, first_member: int
) -> Lao:
    """Draw the people of the district; `village` gives the village of each household."""
    chance = stream(seed, "lao")
    families = make_families(chance, len(village), today)
    bodies = make_bodies(chance, families)
    lasting: Floats = chance.normal(0.0, 1.0, len(village))
    income = np.rint(LAO_LINE * MEDIAN_IN_LINES * np.exp(SPREAD * lasting) / 1000).astype(np.int64) * 1000
    # a deprivation is likelier the lower the lasting part of welfare, and each kind has a frequency of its own
    level = np.log(DEPRIVED_SHARE / (1 - DEPRIVED_SHARE)) + chance.normal(0.0, 0.5, len(DEPRIVED))
    odds = 1 / (1 + np.exp(-(level[None, :] - 1.1 * lasting[:, None])))
    seen = np.ones(len(village), dtype=np.bool_)
    seen[chance.permutation(len(village))[: round(IN_NO_DATA * len(village))]] = False
    return Lao(
        part=Part(ledger, today, families, village, seen, first_household, first_member),
        seed=seed,
        bodies=bodies,
        income=income,
        deprived=chance.random(odds.shape) < odds,
        in_town=village == 0,
    )


def write_lao(lao: Lao) -> None:
    """Write registration, the yearly round of every village, and second looks at some."""
    part = lao.part
    chance = stream(lao.seed, "lao round")
    families = part.families
    registered = part.ledger.source("import", "Family book, Namsai district", part.registered_on)
    write_registration(part, lao.bodies, registered)
    part.write(
        "stratum",
        one_of(("rural", "urban"), lao.in_town.astype(np.int64)),
        day=part.registered_on,
        source=registered,
    )
    villages = int(part.village.max()) + 1
    day = part.today - draw_days(chance, *ROUND_DAYS_AGO, villages)[part.village]
    source = part.ledger.source("visit", "Yearly round, Namsai district", int(day.min()))
    sources = np.full(families.households, source)
    write_bodies(part, lao.bodies, day, sources)
    part.write_members(
        "school_status",
        one_of(SCHOOL, lao.bodies.school),
        day=np.maximum(day[families.household], families.born),
        source=source,
        where=(families.age >= 3) & (families.age < 25),
    )
    said = chance.random(families.households) >= MISSING_INCOME
    part.write("income_per_person_month", whole(lao.income), day=day, source=source, where=said)
    answered = chance.random(lao.deprived.shape) >= MISSING_ANSWER
    for place, fact in enumerate(DEPRIVED):
        part.write(fact, yes_no(lao.deprived[:, place]), day=day, source=source, where=answered[:, place])
    _write_second_looks(lao, chance)


def _write_second_looks(lao: Lao, chance: np.random.Generator) -> None:
    """Visits of the last month: incomes have moved, and some households got water or a toilet."""
    part = lao.part
    again = np.flatnonzero((part.village % SECOND_LOOKS == 1) & part.seen)
    day = part.today - draw_days(chance, 3, 25, len(again))
    source = part.ledger.source("visit", "Second look, Namsai district", part.today - 25)
    moved = lao.income[again] * np.exp(chance.normal(0.05, 0.25, len(again)))
    lao.income[again] = np.rint(moved / 1000).astype(np.int64) * 1000
    part.write("income_per_person_month", whole(lao.income[again]), household=again, day=day, source=source)
    for fact in ("deprived_water", "deprived_toilet"):
        place = DEPRIVED.index(fact)
        lao.deprived[again, place] &= chance.random(len(again)) < 0.6
        part.write(fact, yes_no(lao.deprived[again, place]), household=again, day=day, source=source)
