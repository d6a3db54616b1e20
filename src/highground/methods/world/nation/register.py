"""The register of a block in the last two months: what it knows of households and members, with its gaps.

Between the months some check-ups fall due, some people move away and some facts of persons change: a few per cent
of the rows differ, as in a real register.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from highground.methods.world.chance import Bools, Ints, fixed_texts, key_texts
from highground.methods.world.families import RELATIONS, SEXES
from highground.methods.world.livelihood import HEALTH, LABOUR, SCHOOL, SEVERE
from highground.methods.world.nation.events import Events
from highground.methods.world.nation.people import LINE, People, heaped, last_day_of, stays
from highground.methods.world.nation.plan import Plan
from highground.methods.world.risks import RISKS, noted_risks, standing_risks

INCOMES = (
    "income_wage_12m",
    "income_business_12m",
    "cost_business_12m",
    "income_property_12m",
    "income_transfer_12m",
)
VISITED_IN_MONTH = 0.03
"""Share of households with a new check-up in the last month."""
MISSING, MISSING_WHERE_WORSE, WORSE_VILLAGES = 0.02, 0.12, 0.08
LATE_VILLAGES, LATE_HOUSEHOLDS = 0.02, 0.012
CHECKUP_DAYS_AGO, LATE_DAYS_AGO = (35, 330), (405, 560)
MOVED_AWAY, INSURANCE_CHANGED, HEALTH_CHANGED = 0.0008, 0.002, 0.003
UNINSURED, INSURANCE_UNKNOWN, HEALTH_UNKNOWN, SCHOOL_UNKNOWN = 0.0025, 0.003, 0.02, 0.004


@dataclass(frozen=True)
class Known:
    """What the register knows of households in one month, over all households of the block.

    `amounts` are the five incomes in whole yuan, `missing` which of them (its position) could not be said, or -1;
    `risks` are bits; `visited` is the day of the check-up, in days since 1970-01-01.
    """

    amounts: tuple[Ints, ...]
    missing: Ints
    risks: Ints
    risks_asked: Bools
    visited: Ints


def registers(plan: Plan, people: People, events: Events) -> Iterator[tuple[str, pa.Table, pa.Table]]:
    """The months of the register, each with its table of households and its table of members."""
    earlier, later = plan.register_months
    first = _known(plan, people, events, last_day_of(earlier))
    seed, block = plan.seed, people.block
    here = stays(people, block.chance(seed, "moved"), MOVED_AWAY)
    born = people.families.born <= last_day_of(earlier)
    insurance, health = _person_facts(plan, people)
    yield earlier, _households(plan, people, first), _members(plan, people, insurance[0], health[0], born)
    known = _visited_again(plan, people, events, first)
    yield later, _households(plan, people, known), _members(plan, people, insurance[1], health[1], here)


def _known(plan: Plan, people: People, events: Events, day: int) -> Known:
    """What the check-ups up to a day found."""
    chance = people.block.chance(plan.seed, "check-ups")
    base, households = people.base, people.households
    visited = _visited(chance, people, day)
    worse = chance.random(len(people.block.village_codes)) < WORSE_VILLAGES
    rate = np.where(worse, MISSING_WHERE_WORSE, MISSING)[people.village]
    missing = np.where(chance.random(households) < rate, chance.integers(0, 5, size=households), -1)
    standing = standing_risks(people.families, people.bodies)
    noted = noted_risks(chance, standing, base, LINE)
    return Known(
        amounts=(base.wage, base.business, base.cost, base.owned, base.transfer),
        missing=missing,
        risks=noted | events.risks_known(day),
        risks_asked=chance.random(households) >= rate,
        visited=visited,
    )


def _visited(chance: np.random.Generator, people: People, day: int) -> Ints:
    """The day of the last check-up: by village; some villages and some households were left out this year."""
    villages, households = len(people.block.village_codes), people.households
    ago = chance.integers(*CHECKUP_DAYS_AGO, size=villages)
    late = chance.random(villages) < LATE_VILLAGES
    ago = np.where(late, chance.integers(*LATE_DAYS_AGO, size=villages), ago)[people.village]
    left_out = chance.random(households) < LATE_HOUSEHOLDS
    ago = np.where(left_out, chance.integers(*LATE_DAYS_AGO, size=households), ago)
    return day - ago - chance.integers(0, 10, size=households)


def _visited_again(plan: Plan, people: People, events: Events, before: Known) -> Known:
    """The same after the check-ups of the last month: new incomes, risks looked at again, no gaps left there."""
    chance = people.block.chance(plan.seed, "last month")
    households = people.households
    again = chance.random(households) < VISITED_IN_MONTH
    count = int(again.sum())
    change = np.exp(chance.normal(0.0, 0.2, count))
    amounts = []
    for amount in before.amounts:
        new = amount.copy()
        new[again] = heaped(chance, np.rint(amount[again] * change).astype(np.int64))
        amounts.append(new)
    first_day = last_day_of(plan.register_months[0]) + 1
    visited = before.visited.copy()
    visited[again] = chance.integers(first_day, people.last_day + 1, size=count)
    return Known(
        amounts=tuple(amounts),
        missing=np.where(again, -1, before.missing),
        risks=before.risks | events.risks_known(people.last_day),
        risks_asked=before.risks_asked | again,
        visited=visited,
    )


def _households(plan: Plan, people: People, known: Known) -> pa.Table:
    """The table of households in the order of county and pseudonym."""
    block, base = people.block, people.base
    chance = block.chance(plan.seed, "household facts")
    households = people.households
    county = pa.array(people.county)
    day = pa.array(known.visited.astype(np.int32)).cast(pa.date32())
    codes = pa.array(block.county_codes)
    columns = {
        "household": people.household_texts(),
        "area": people.areas(),
        "province": pa.repeat(pa.scalar(plan.provinces[block.province].code), households),
        "city": pa.array([code[:4] for code in block.county_codes]).take(county),
        "county": codes.take(county),
        "household_type": _one_of(("ordinary", "lifted_out"), base.lifted_out.astype(np.int64)),
        "stratum": _one_of(("rural", "urban"), base.urban.astype(np.int64)),
        "urban_registration": pa.array(base.urban_registration),
        "relocated": pa.array(base.relocated),
        "monitored": pa.array(base.monitored),
        "household_size": pa.array(people.families.size, mask=chance.random(households) < 0.01),
    }
    for place, (name, amount) in enumerate(zip(INCOMES, known.amounts, strict=True)):
        columns[name] = pa.array(amount, mask=known.missing == place)
        columns[f"{name}__date"] = day
    columns["risks"] = risk_lists().take(pa.array(known.risks, mask=~known.risks_asked))
    columns["risks__date"] = day
    columns["owns_car"] = pa.array(base.owns_car, mask=chance.random(households) < 0.03)
    columns["owns_car__date"] = day
    land = np.where(base.urban, 0, np.rint(np.exp(chance.normal(1.7, 0.7, households)))).astype(np.int64)
    columns["land_area"] = pa.array(land, mask=chance.random(households) < 0.05)
    return pa.table(columns)


def _person_facts(plan: Plan, people: People) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    """Medical insurance (1, 0, -1 not known) and health of members (-1 not known), in both months."""
    chance = people.block.chance(plan.seed, "person facts")
    members = people.members
    draw = chance.random(members)
    insured = np.where(draw < UNINSURED, 0, np.where(draw < UNINSURED + INSURANCE_UNKNOWN, -1, 1))
    changed = chance.random(members) < INSURANCE_CHANGED
    redrawn = np.where(chance.random(members) < UNINSURED, 0, 1)
    health = np.where(chance.random(members) < HEALTH_UNKNOWN, -1, people.bodies.health)
    worse = chance.random(members) < HEALTH_CHANGED
    return (insured, np.where(changed, redrawn, insured)), (
        health,
        np.where(worse & (people.bodies.health < SEVERE), people.bodies.health + 1, health),
    )


def _members(plan: Plan, people: People, insured: Ints, health: Ints, there: Bools) -> pa.Table:
    """The table of the members that are `there`, in the order of their households."""
    families, bodies = people.families, people.bodies
    place = np.flatnonzero(there)
    household = families.household[place]
    chance = people.block.chance(plan.seed, "school asked")
    school = np.where(chance.random(people.members) < SCHOOL_UNKNOWN, -1, bodies.school)[place]
    labour = np.where(families.age >= 16, bodies.labour, -1)[place]
    insured = insured[place]
    return pa.table(
        {
            "household": key_texts(people.keys[household]),
            "member": key_texts(people.member_keys[place]),
            "identity_number": fixed_texts(people.identity[place]),
            "name": people.names.take(pa.array(place)),
            "relation": _one_of(RELATIONS, families.relation[place]),
            "birth_date": pa.array(families.born[place].astype(np.int32)).cast(pa.date32()),
            "sex": _one_of(SEXES, families.sex[place]),
            "school_status": _one_of(SCHOOL, school),
            "labour": _one_of(LABOUR, labour),
            "health_status": _one_of(HEALTH, health[place]),
            "medical_insurance": pa.array(insured == 1, mask=insured < 0),
            "on_register": pa.array(bodies.on_register[place]),
            "lives_with": pa.array(bodies.lives_with[place]),
            "shares_budget": pa.array(bodies.shares_budget[place]),
        }
    )


def _one_of(names: tuple[str, ...], position: Ints) -> pa.DictionaryArray:
    """Names by position; -1 is missing."""
    codes = pa.array(position.astype(np.int8), mask=position < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(names))


@cache
def risk_lists() -> pa.ListArray:
    """Every set of risks as a list of names, by its bits."""
    return pa.array(
        [[name for bit, name in enumerate(RISKS) if mask >> bit & 1] for mask in range(1 << len(RISKS))],
        type=pa.list_(pa.string()),
    )
