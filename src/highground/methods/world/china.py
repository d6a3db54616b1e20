"""The Chinese part of the world: what the yearly check-up and visits of village teams find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from highground.methods.world.chance import Bools, Ints, draw_days, stream
from highground.methods.world.families import make_families
from highground.methods.world.ledger import Ledger, one_of, whole, yes_no
from highground.methods.world.livelihood import Bodies, Livelihood, make_bodies, make_livelihood
from highground.methods.world.part import Part, write_bodies, write_registration
from highground.methods.world.risks import RiskReports, noted_risks, standing_risks
from highground.methods.world.shocks import History, Shocks, make_floods, make_illness, make_job_loss

HOUSEHOLD_TYPES = ("ordinary", "lifted_out")
STRATA = ("rural", "urban")
URBAN_VILLAGES = 3
"""The first villages of the first township are the county town."""

IN_NO_DATA = 0.003
LATE_VILLAGES = 75
"""One of so many villages missed this year's check-up; one of so many more turns stale between the two runs."""
LATE_HOUSEHOLDS = 0.012
MISSING_AMOUNT, MISSING_RISKS = 0.03, 0.025
CHECKUP_DAYS_AGO = (120, 200)
LATE_DAYS_AGO = (440, 520)
TURNING_DAYS_AGO = (404, 428)
"""Fresh (400 days) at a run 35 days ago, stale today."""


@dataclass(frozen=True)
class China:
    """The Chinese part with its truth: people, livelihood, and what happened to them."""

    part: Part
    seed: int
    line: int
    bodies: Bodies
    base: Livelihood
    history: History
    township: Ints
    township_names: list[str]


def make_china(
    ledger: Ledger, seed: int, today: int, village: Ints, township: Ints, township_names: list[str], line: int
) -> China:
    """Draw the people of the Chinese part and what befalls them; nothing is written yet.

    `village` gives the village of each household, `township` the township of each village.
    """
    families = make_families(stream(seed, "families"), len(village), today)
    bodies = make_bodies(stream(seed, "bodies"), families)
    urban = village < URBAN_VILLAGES
    base = make_livelihood(stream(seed, "livelihood"), families, bodies, village, urban, line)
    shocks = Shocks(
        make_illness(stream(seed, "illness"), families, today, line),
        make_job_loss(stream(seed, "job loss"), families, bodies, base.lasting, today),
        make_floods(stream(seed, "flood"), village, len(township), today, base.business.astype(np.float64)),
    )
    seen = np.ones(len(village), dtype=np.bool_)
    seen[stream(seed, "no data").permutation(len(village))[: round(IN_NO_DATA * len(village))]] = False
    return China(
        part=Part(ledger, today, families, village, seen, 0, 0),
        seed=seed,
        line=line,
        bodies=bodies,
        base=base,
        history=History(base, shocks),
        township=township,
        township_names=township_names,
    )


def write_register(china: China) -> None:
    """Write what registration knows of persons and of the standing of households."""
    part, base = china.part, china.base
    source = part.ledger.source("import", "Household registration", part.registered_on)
    since = part.registered_on
    write_registration(part, china.bodies, source)
    kind, stratum = base.lifted_out.astype(np.int64), base.urban.astype(np.int64)
    part.write("household_type", one_of(HOUSEHOLD_TYPES, kind), day=since, source=source)
    part.write("stratum", one_of(STRATA, stratum), day=since, source=source)
    part.write("urban_registration", yes_no(base.urban_registration), day=since, source=source)
    part.write("relocated", yes_no(base.relocated), day=since, source=source)
    part.write("monitored", yes_no(base.monitored), day=since, source=source)


def write_checkups(china: China) -> RiskReports:
    """Write the last yearly check-up of all, and the one before for those once poor; the risks it found."""
    part, base = china.part, china.base
    visited = _checkup_days(china)
    source = _checkup_sources(china, visited)
    _write_amounts(china, visited, source, _missing_amounts(china))
    part.write("owns_car", yes_no(base.owns_car), day=visited, source=source)
    write_bodies(part, china.bodies, visited, source)
    before = visited - 365
    followed = base.lifted_out | base.monitored
    _write_amounts(china, before, _checkup_sources(china, before, followed), [followed] * 7)
    return _noted_at_checkup(china, visited, source)


def write_visits(china: China) -> None:
    """Write what visits after lost work and floods found of wages and farm income."""
    part, history = china.part, china.history
    chance = stream(china.seed, "visits")
    sources = np.array(
        [
            part.ledger.source("visit", f"Household visits from {day.astype('datetime64[D]')}", int(day))
            for day in part.feed_days
        ]
    )
    lost, flood = history.shocks.job_loss, history.shocks.flood
    for fact, amount, household, happened in (
        ("income_wage_12m", history.wage, lost.household, lost.day),
        ("income_business_12m", history.business, flood.household, flood.hit_on),
    ):
        visited = happened + draw_days(chance, 12, 110, len(household))
        done = (visited <= part.today) & (chance.random(len(household)) < 0.7)
        household, visited = household[done], visited[done]
        days = np.full(part.families.households, part.today)
        days[household] = visited
        month = np.searchsorted(part.feed_days, visited, side="right") - 1
        found = whole(amount(days)[household])
        part.write(fact, found, household=household, day=visited, source=sources[month])


def _checkup_days(china: China) -> Ints:
    """Day of each household's last check-up: by village, with some villages and households left out this year."""
    part = china.part
    chance = stream(china.seed, "check-up days")
    villages = len(china.township)
    by_village = draw_days(chance, *CHECKUP_DAYS_AGO, villages)
    late = chance.permutation(villages)
    few = max(1, villages // LATE_VILLAGES)
    by_village[late[:few]] = draw_days(chance, *LATE_DAYS_AGO, few)
    ago = by_village[part.village] - draw_days(chance, 0, 9, len(part.village))
    turning = np.isin(part.village, late[few : 2 * few])
    ago[turning] = draw_days(chance, *TURNING_DAYS_AGO, int(turning.sum()))
    missed = np.flatnonzero(chance.random(len(ago)) < LATE_HOUSEHOLDS)
    ago[missed] = draw_days(chance, *LATE_DAYS_AGO, len(missed))
    return part.today - ago


def _checkup_sources(china: China, day: Ints, where: Bools | None = None) -> Ints:
    """One source per township and calendar year of the check-up, by household."""
    township = china.township[china.part.village]
    year = day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    group = township * 10_000 + year
    used = np.unique(group if where is None else group[where])
    numbers = [
        china.part.ledger.source(
            "visit",
            f"Yearly check-up {each % 10_000}, {china.township_names[each // 10_000]}",
            int(day[group == each].min()),
        )
        for each in used.tolist()
    ]
    place = np.minimum(np.searchsorted(used, group), len(used) - 1)
    return np.asarray(numbers, dtype=np.int64)[place]


def _missing_amounts(china: China) -> list[Bools]:
    """For each of the seven amounts, the households that could say it; a few could not say one of the first five."""
    chance = stream(china.seed, "missing amounts")
    households = china.part.families.households
    missing = np.where(chance.random(households) < MISSING_AMOUNT, chance.integers(0, 5, size=households), -1)
    return [np.asarray(missing != place) for place in range(7)]


def _write_amounts(china: China, day: Ints, source: Ints, said: list[Bools]) -> None:
    history, base = china.history, china.base
    amounts = {
        "income_wage_12m": history.wage(day),
        "income_business_12m": history.business(day),
        "cost_business_12m": base.cost,
        "income_property_12m": base.owned,
        "income_transfer_12m": base.transfer,
        "out_of_pocket_12m": history.out_of_pocket(day),
        "claims_12m": history.claims(day),
    }
    for (fact, values), where in zip(amounts.items(), said, strict=True):
        china.part.write(fact, whole(values), day=day, source=source, where=where)


def _noted_at_checkup(china: China, visited: Ints, source: Ints) -> RiskReports:
    chance = stream(china.seed, "noted risks")
    standing = standing_risks(china.part.families, china.bodies)
    noted = noted_risks(chance, standing, china.base, china.line)
    asked = np.flatnonzero(chance.random(len(noted)) >= MISSING_RISKS)
    return RiskReports(asked, visited[asked], source[asked], noted[asked])
