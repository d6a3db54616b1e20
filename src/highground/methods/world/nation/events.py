"""What befalls the households of a block in the months of the feeds, and what departments would record of it.

Rates are assumptions of a few per cent a year and household; each is named here. Amounts are in minor units (fen).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from highground.methods.world.chance import Bools, Floats, Ints, draw_days, draw_index, key_numbers, key_texts
from highground.methods.world.livelihood import CHRONIC, DISABLED, SEVERE
from highground.methods.world.nation.people import People
from highground.methods.world.nation.plan import Plan
from highground.methods.world.risks import BIT

DISASTERS = ("flood", "drought", "storm", "cold", "landslide", "fire")
FLOOD, DROUGHT, STORM, COLD, LANDSLIDE, FIRE = range(6)
_SUMMER, _WINTER = (0.45, 0.15, 0.25, 0.0, 0.15, 0.0), (0.0, 0.2, 0.1, 0.7, 0.0, 0.0)

SEVERE_ILLNESS = 0.0055
"""Persons per year who fall severely ill: two to five large bills."""
JOB_LOSS = 0.04
"""Of those who work away, per year, at a mean level of welfare."""
STRUCK_VILLAGES_SUMMER, STRUCK_VILLAGES_ELSE = 0.009, 0.002
"""Villages per month that a disaster strikes."""
HOUSES_ON_FIRE = 0.002
DROPPED_OUT, MOVED_SCHOOL = 0.005, 0.03
"""Of children of compulsory-school age, per year."""
INSPECTED_VILLAGES, UNSAFE_DWELLINGS, BAD_WATER_VILLAGES, REPAIRED = 0.95, 0.004, 0.02, 0.75
"""Inspected each year; found so at first; and of these repaired when somebody looks again."""
WITH_LOAN, OVERDUE_LOANS = 0.04, 0.04
ROWS_PER_HOUSEHOLD = 64
"""Room in the numbering of records: far more than a feed has in ten years."""
REPORTED = 0.7
"""Share of blows that reach the household's record as a risk, weeks later."""

Money = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Rows of one feed in no order: `who` are positions of members or households, `day` days since 1970-01-01."""

    who: Ints
    day: Ints
    fields: dict[str, pa.Array]


@dataclass(frozen=True)
class Blow:
    """Who was struck on which day (positions of households), and the risk that it is."""

    household: Ints
    day: Ints
    risk: str


@dataclass(frozen=True)
class Events:
    """All feeds of a block by name, and the blows behind them with the day on which the register knows of each."""

    feeds: dict[str, Rows]
    blows: tuple[Blow, ...]
    known_on: tuple[Ints, ...]
    out_of_pocket: Money
    claims: Money
    households: int

    def risks_known(self, day: int) -> Ints:
        """Bits of the risks that the register knows on a day, over households."""
        bits = np.zeros(self.households, dtype=np.int64)
        for blow, known in zip(self.blows, self.known_on, strict=True):
            bits[blow.household[known <= day]] |= BIT[blow.risk]
        return bits


@dataclass(frozen=True)
class Span:
    """The days of the feeds, from the first of the first month to the last of the last."""

    first: int
    last: int
    months: int

    @property
    def years(self) -> float:
        return self.months / 12

    def days(self, chance: np.random.Generator, size: int) -> Ints:
        return draw_days(chance, self.first, self.last, size)

    @property
    def month_starts(self) -> Ints:
        first = np.datetime64(self.first, "D").astype("datetime64[M]")
        starts: Ints = (first + np.arange(self.months)).astype("datetime64[D]").astype(np.int64)
        return starts


def span_of(plan: Plan, last_day: int) -> Span:
    """The days of a plan's feeds."""
    first = np.datetime64(plan.feed_months[0], "M").astype("datetime64[D]").astype(np.int64)
    return Span(int(first), last_day, plan.months)


def make_events(plan: Plan, people: People) -> Events:
    """Draw what happens in a block."""
    span = span_of(plan, people.last_day)
    block, seed = people.block, plan.seed
    medical, ill = _medical(block.chance(seed, "medical"), people, span)
    employment, lost = _employment(block.chance(seed, "employment"), people, span)
    disaster, struck = _disaster(block.chance(seed, "disaster"), people, span)
    insurance = _insurance(block.chance(seed, "insurance"), people, span, ill, struck)
    blows = (
        Blow(people.families.household[ill.who], ill.day, "illness"),
        Blow(people.families.household[lost.who], lost.day, "unstable_work"),
        Blow(struck.who, struck.day, "disaster"),
    )
    chance = block.chance(seed, "reported")
    household = people.families.household
    return Events(
        feeds={
            "medical": _numbered(medical, people, seed + 3),
            "school": _school(block.chance(seed, "school"), people, span),
            "employment": employment,
            "disaster": _numbered(disaster, people, seed + 4),
            "inspection": _inspection(block.chance(seed, "inspection"), people, span),
            "subsistence": _subsistence(block.chance(seed, "subsistence"), people, span),
            "microcredit": _microcredit(block.chance(seed, "microcredit"), people, span, seed),
            "insurance": _numbered(insurance, people, seed + 5),
        },
        blows=blows,
        known_on=tuple(_known_on(chance, blow) for blow in blows),
        out_of_pocket=_last_year(medical, "own_paid", household, people, span),
        claims=_last_year(insurance, "paid", household, people, span),
        households=people.households,
    )


def _known_on(chance: np.random.Generator, blow: Blow) -> Ints:
    size = len(blow.day)
    later = blow.day + draw_days(chance, 20, 90, size)
    return np.where(chance.random(size) < REPORTED, later, np.iinfo(np.int64).max)


def _last_year(rows: Rows, field: str, household: Ints, people: People, span: Span) -> Money:
    """Fen per household in the last twelve months of the feeds."""
    since = span.month_starts[max(0, span.months - 12)]
    recent = rows.day >= since
    amounts = rows.fields[field].to_numpy()[recent]
    sums = np.bincount(household[rows.who[recent]], weights=amounts, minlength=people.households)
    return np.rint(sums).astype(np.int64)


def _joined(parts: list[Rows]) -> Rows:
    return Rows(
        np.concatenate([each.who for each in parts]),
        np.concatenate([each.day for each in parts]),
        {name: pa.concat_arrays([each.fields[name] for each in parts]) for name in parts[0].fields},
    )


def _until(rows: Rows, last: int) -> Rows:
    """Without what would happen after the last day."""
    past = rows.day <= last
    if past.all():
        return rows
    mask = pa.array(past)
    return Rows(
        rows.who[past], rows.day[past], {name: each.filter(mask) for name, each in rows.fields.items()}
    )


def _numbered(rows: Rows, people: People, seed: int) -> Rows:
    """With a `record` number for each row, which no other row of the nation has."""
    position = np.uint64(people.block.first * ROWS_PER_HOUSEHOLD) + np.arange(len(rows.day), dtype=np.uint64)
    return Rows(rows.who, rows.day, {"record": key_texts(key_numbers(seed, position)), **rows.fields})


def _words(names: tuple[str, ...], position: Ints) -> pa.Array:
    return pa.array(names).take(pa.array(position))


# --- persons ---


@dataclass(frozen=True)
class Struck:
    """Members or households struck, the day, and what it costs them in fen."""

    who: Ints
    day: Ints
    cost: Money


def _medical(chance: np.random.Generator, people: People, span: Span) -> tuple[Rows, Struck]:
    """Bills of an ordinary year, and of severe illness."""
    age, health = people.families.age, people.bodies.health
    monthly = np.where(age < 6, 0.020, np.where(age > 60, 0.018, 0.008))
    monthly = np.where(health == CHRONIC, 0.045, monthly)
    monthly = np.where(health == SEVERE, 0.20, np.where(health == DISABLED, 0.06, monthly))
    who = np.repeat(np.arange(people.members), chance.poisson(monthly * span.months))
    total = 35_000 * np.exp(chance.normal(0.0, 1.1, len(who))) * np.where(health[who] == SEVERE, 4.0, 1.0)
    ordinary = _bills(who, span.days(chance, len(who)), total, chance.uniform(0.35, 0.75, len(who)))

    odds = SEVERE_ILLNESS * span.years * np.interp(age, [0, 40, 70], [0.4, 0.8, 2.2])
    cases = np.flatnonzero(chance.random(people.members) < odds)
    day = span.days(chance, len(cases))
    whole = 3_000_000 * np.exp(chance.normal(0.0, 0.8, len(cases)))
    count = chance.integers(2, 6, size=len(cases))
    case = np.repeat(np.arange(len(cases)), count)
    order = np.arange(len(case)) - np.repeat(np.cumsum(count) - count, count)
    billed = day[case] + order * 30 + draw_days(chance, 0, 15, len(case))
    severe = _bills(cases[case], billed, (whole / count)[case], chance.uniform(0.5, 0.85, len(case)))
    own = np.bincount(case, weights=severe.fields["own_paid"].to_numpy(), minlength=len(cases))
    rows = _until(_joined([ordinary, severe]), span.last)
    return rows, Struck(cases, day, np.rint(own).astype(np.int64))


def _bills(who: Ints, day: Ints, total: Floats, covered: Floats) -> Rows:
    whole = np.rint(total).astype(np.int64)
    reimbursed = np.rint(whole * covered).astype(np.int64)
    return Rows(
        who,
        day,
        {
            "total": pa.array(whole),
            "reimbursed": pa.array(reimbursed),
            "own_paid": pa.array(whole - reimbursed),
        },
    )


def _insurance(chance: np.random.Generator, people: People, span: Span, ill: Struck, struck: Struck) -> Rows:
    """Claims paid: of the severely ill who have a policy, and of farms (to the head of the household)."""
    parts = []
    for product, blow, share, member in (
        ("medical", ill, 0.5, ill.who),
        ("farm", struck, 0.3, people.families.first[struck.who]),
    ):
        paid = np.flatnonzero(chance.random(len(member)) < share)
        amount = np.rint(blow.cost[paid] * chance.uniform(0.2, 0.7, len(paid))).astype(np.int64)
        day = blow.day[paid] + draw_days(chance, 30, 120, len(paid))
        fields = {"product": pa.repeat(pa.scalar(product), len(paid)), "paid": pa.array(amount)}
        parts.append(Rows(member[paid], day, fields))
    return _until(_joined(parts), span.last)


def _employment(chance: np.random.Generator, people: People, span: Span) -> tuple[Rows, Struck]:
    """Work away from home that was lost, and found again by two of three."""
    lasting = people.base.lasting[people.families.household]
    odds = JOB_LOSS * span.years * np.exp(-0.8 * lasting)
    lost = np.flatnonzero((people.bodies.months_away > 0) & (chance.random(people.members) < odds))
    day = span.days(chance, len(lost))
    found = np.flatnonzero(chance.random(len(lost)) < 0.65)
    back = day[found] + draw_days(chance, 20, 200, len(found))
    who, days = np.concatenate([lost, lost[found]]), np.concatenate([day, back])
    status = np.repeat([0, 1], [len(lost), len(found)])
    rows = Rows(who, days, {"status": _words(("lost_work", "at_work"), status)})
    return _until(rows, span.last), Struck(lost, day, np.zeros(len(lost), dtype=np.int64))


def _school(chance: np.random.Generator, people: People, span: Span) -> Rows:
    """Enrolled in September, finished in July, moved, dropped out and came back."""
    age = people.families.age
    child = np.flatnonzero((age >= 6) & (age < 16))
    parts = []

    def add(who: Ints, day: Ints, status: str) -> None:
        parts.append(Rows(who, day, {"status": pa.repeat(pa.scalar(status), len(who))}))

    out = child[chance.random(len(child)) < DROPPED_OUT * span.years]
    day = span.days(chance, len(out))
    add(out, day, "out_of_school")
    back = chance.random(len(out)) < 0.55
    add(out[back], day[back] + draw_days(chance, 20, 150, int(back.sum())), "in_school")
    moved = child[chance.random(len(child)) < MOVED_SCHOOL * span.years]
    moved = np.setdiff1d(moved, out, assume_unique=True)
    add(moved, span.days(chance, len(moved)), "in_school")
    for start in span.month_starts.tolist():
        month = int(np.datetime64(start, "D").astype("datetime64[M]").astype(np.int64)) % 12 + 1
        then = age - (span.last - start) / 365.25
        if month == 9:
            new = np.flatnonzero((then >= 6) & (then < 7))
            add(new, start + draw_days(chance, 0, 14, len(new)), "in_school")
        if month == 7:
            done = np.flatnonzero((then >= 15) & (then < 16))
            add(done, start + draw_days(chance, 0, 20, len(done)), "completed")
    return _until(_joined(parts), span.last)


# --- households ---


def _disaster(chance: np.random.Generator, people: People, span: Span) -> tuple[Rows, Struck]:
    """Villages struck by what the season brings, with a part of their households; and houses on fire."""
    villages = len(people.block.village_codes)
    starts = span.month_starts
    month = starts.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    summer = (month >= 6) & (month <= 9)
    odds = np.where(summer, STRUCK_VILLAGES_SUMMER, STRUCK_VILLAGES_ELSE)
    village, when = np.nonzero(chance.random((villages, span.months)) < odds)
    kind = np.where(
        summer[when], draw_index(chance, _SUMMER, len(when)), draw_index(chance, _WINTER, len(when))
    )
    first = starts[when] + draw_days(chance, 0, 27, len(when))
    share = chance.uniform(0.2, 0.6, len(when))

    by_village = np.argsort(people.village, kind="stable")
    edge = np.searchsorted(people.village[by_village], np.arange(villages + 1))
    count = (edge[1:] - edge[:-1])[village]
    event = np.repeat(np.arange(len(village)), count)
    place = np.arange(len(event)) - np.repeat(np.cumsum(count) - count, count)
    household = by_village[edge[village[event]] + place]
    hit = chance.random(len(event)) < share[event]
    event, household = event[hit], household[hit]
    fire = np.flatnonzero(chance.random(people.households) < HOUSES_ON_FIRE * span.years)
    household = np.concatenate([household, fire])
    day = np.concatenate([first[event] + draw_days(chance, 0, 3, len(event)), span.days(chance, len(fire))])
    kinds = np.concatenate([kind[event], np.full(len(fire), FIRE)])
    loss = np.rint(250_000 * np.exp(chance.normal(0.0, 1.0, len(day)))).astype(np.int64)
    rows = Rows(household, day, {"kind": _words(DISASTERS, kinds), "loss": pa.array(loss)})
    return _until(rows, span.last), Struck(household, day, loss)


def _inspection(chance: np.random.Generator, people: People, span: Span) -> Rows:
    """Most villages once a year, each in its month; and what was unsafe looked at again weeks later."""
    villages, households = len(people.block.village_codes), people.households
    bad_water = np.where(chance.random(villages) < BAD_WATER_VILLAGES, 0.2, 0.001)[people.village]
    unsafe = chance.random(households) < UNSAFE_DWELLINGS, chance.random(households) < bad_water
    months = np.arange(span.months)
    turn = chance.integers(0, 12, size=villages)
    looked = (months[None, :] - turn[:, None]) % 12 == 0
    looked &= chance.random(looked.shape) < INSPECTED_VILLAGES
    household, month = np.nonzero(looked[people.village])
    day = span.month_starts[month] + draw_days(chance, 0, 27, len(household))
    first = np.full(households, span.last + 1)
    np.minimum.at(first, household, day)
    again = first + draw_days(chance, 40, 150, households)
    repaired = [np.where(chance.random(households) < REPAIRED, again, np.iinfo(np.int64).max) for _ in unsafe]
    found = [
        state[household] & (day < until[household]) for state, until in zip(unsafe, repaired, strict=True)
    ]
    parts = [_looked_at(household, day, found[0], found[1])]
    for place, (state, until) in enumerate(zip(unsafe, repaired, strict=True)):
        who = np.flatnonzero(state & (first <= span.last))
        still = again[who] < until[who]
        parts.append(_looked_at(who, again[who], *((still, None) if place == 0 else (None, still))))
    return _until(_joined(parts), span.last)


def _looked_at(household: Ints, day: Ints, dwelling: Bools | None, water: Bools | None) -> Rows:
    nothing = pa.nulls(len(household), pa.bool_())
    return Rows(
        household,
        day,
        {
            "dwelling_unsafe": nothing if dwelling is None else pa.array(dwelling),
            "water_unsafe": nothing if water is None else pa.array(water),
        },
    )


def _subsistence(chance: np.random.Generator, people: People, span: Span) -> Rows:
    """Every recipient in every month, and a row that says so in the month when it stops."""
    recipient = np.flatnonzero(
        chance.random(people.households) < 0.12 / (1 + np.exp(1 + 1.3 * people.base.lasting))
    )
    count, months = len(recipient), span.months
    draw = chance.random(count)
    turn = chance.integers(0, months, size=count)
    begins = np.where(draw < 0.1, turn, 0)
    stops = np.where(draw > 0.9, np.maximum(turn, 1), months)
    amount = people.base.persons[recipient] * chance.integers(60, 350, size=count) * 100
    on_day = chance.integers(4, 25, size=count)
    which, month = np.divmod(np.arange(count * months), months)
    listed = (month >= begins[which]) & (month <= stops[which])
    which, month = which[listed], month[listed]
    receives = month < stops[which]
    return Rows(
        recipient[which],
        span.month_starts[month] + on_day[which],
        {"receives": pa.array(receives), "amount": pa.array(np.where(receives, amount[which], 0))},
    )


def _microcredit(chance: np.random.Generator, people: People, span: Span, seed: int) -> Rows:
    """A statement for each loan and month: what falls due within three months, and what is overdue."""
    borrower = np.flatnonzero(chance.random(people.households) < WITH_LOAN)
    count, months = len(borrower), span.months
    due = chance.integers(1, 11, size=count) * 10_000
    late_from = np.where(chance.random(count) < OVERDUE_LOANS, chance.integers(0, months, size=count), months)
    late_for = np.where(chance.random(count) < 0.5, chance.integers(1, 5, size=count), months)
    on_day = chance.integers(19, 22, size=count)
    which, month = np.divmod(np.arange(count * months), months)
    overdue = (month >= late_from[which]) & (month < (late_from + late_for)[which])
    owed = due[which] * (1 + (month - late_from[which]) // 3)
    loans = key_texts(key_numbers(seed + 2, people.block.first + borrower.astype(np.uint64)))
    return Rows(
        borrower[which],
        span.month_starts[month] + on_day[which],
        {
            "record": loans.take(pa.array(which)),
            "due": pa.array(due[which]),
            "overdue": pa.array(np.where(overdue, owed, 0)),
        },
    )
