"""What departments send every month: medical bills and claims, insurance, school, work, floods, inspections."""

from __future__ import annotations

import numpy as np

from highground.methods.world.chance import Ints, draw_days, stream
from highground.methods.world.china import China
from highground.methods.world.ledger import one_of, whole, yes_no
from highground.methods.world.livelihood import HEALTH, IN_SCHOOL, OUT_OF_SCHOOL, SCHOOL, SEVERE
from highground.methods.world.part import FEED_MONTHS
from highground.methods.world.risks import BIT, RiskReports

BIG_BILL = 1.0
"""A bill is worth a word to the village when it passes this many monitoring lines."""
UNSAFE_DWELLING, UNSAFE_WATER, LAPSED, DROPPED_OUT = 0.0055, 0.008, 0.009, 0.006
INSURANCE_UNKNOWN = 0.0015


def write_feeds(china: China) -> RiskReports:
    """Write all departments' feeds; the risks that they report."""
    reports = [_medical(china), _employment(china), _disaster(china)]
    _insurance(china)
    _school(china)
    _inspections(china)
    return RiskReports.joined(reports)


def _medical(china: China) -> RiskReports:
    """Trailing sums of bills and of claims, each month in which they changed; who is severely ill."""
    part, illness = china.part, china.history.shocks.illness
    sources = part.sources_by_feed("Medical insurance feed")
    days = part.feed_days
    everyone = np.ones(part.families.households, dtype=np.int64)
    heard = np.zeros(0, dtype=np.int64)
    reports = []
    claims = np.concatenate([illness.claims.household, china.history.shocks.flood.claims.household])
    claimed_on = np.concatenate([illness.claims.day, china.history.shocks.flood.claims.day])
    for place in range(1, FEED_MONTHS):
        since, until, source = days[place - 1], int(days[place]), int(sources[place])
        by_then = everyone * until
        billed = _in_month(illness.bills.household, illness.bills.day, since, until)
        paid = _in_month(claims, claimed_on, since, until)
        spent = china.history.out_of_pocket(by_then)
        part.write("out_of_pocket_12m", whole(spent[billed]), household=billed, day=until, source=source)
        received = china.history.claims(by_then)
        part.write("claims_12m", whole(received[paid]), household=paid, day=until, source=source)
        big = np.setdiff1d(billed[spent[billed] > BIG_BILL * china.line], heard)
        heard = np.union1d(heard, big)
        reports.append(_reports(big, until, source, "illness"))
    chance = stream(china.seed, "diagnosis")
    feed = part.next_feed(illness.day)
    told = (feed < FEED_MONTHS) & (feed > 0) & (chance.random(len(feed)) < 0.7)
    part.write_members(
        "health_status",
        one_of(HEALTH, np.full(told.sum(), SEVERE)),
        member=illness.member[told],
        day=days[feed[told]],
        source=sources[feed[told]],
    )
    return RiskReports.joined(reports)


def _in_month(household: Ints, day: Ints, since: int, until: int) -> Ints:
    return np.unique(household[(day > since) & (day <= until)])


def _reports(household: Ints, day: Ints | int, source: Ints | int, risk: str) -> RiskReports:
    rows = len(household)
    columns = [np.broadcast_to(np.asarray(each, dtype=np.int64), rows) for each in (day, source, BIT[risk])]
    return RiskReports(household, *columns)


def _employment(china: China) -> RiskReports:
    """Lost work, one or two months after: fewer months away, and a risk."""
    part, lost = china.part, china.history.shocks.job_loss
    sources = part.sources_by_feed("Employment feed")
    feed = part.next_feed(lost.day + draw_days(stream(china.seed, "employment feed"), 0, 30, len(lost.day)))
    known = feed < FEED_MONTHS
    feed, member = feed[known], lost.member[known]
    day = part.feed_days[feed]
    months = np.maximum(china.bodies.months_away[member] - np.maximum((day - lost.day[known]) // 30, 1), 0)
    part.write_members("work_months_away", whole(months), member=member, day=day, source=sources[feed])
    return _reports(lost.household[known], day, sources[feed], "unstable_work")


def _disaster(china: China) -> RiskReports:
    """The households hit, three days after each flood."""
    part, flood = china.part, china.history.shocks.flood
    names = [f"Disaster report, flood of {day}" for day in flood.day.astype("datetime64[D]")]
    sources = [
        part.ledger.source("department", name, int(day) + 3)
        for name, day in zip(names, flood.day, strict=True)
    ]
    hit = flood.in_village[part.village[flood.household]]
    return _reports(flood.household, flood.hit_on + 3, np.asarray(sources, dtype=np.int64)[hit], "disaster")


def _insurance(china: China) -> None:
    """The yearly list of the insured; those whose insurance lapsed, and those who came back since."""
    part = china.part
    chance = stream(china.seed, "insurance")
    sources = part.sources_by_feed("Basic medical insurance list")
    families = part.families
    year = FEED_MONTHS - 9
    lapsed = np.flatnonzero(chance.random(families.households) < LAPSED)
    member = families.somebody(chance, lapsed)
    late = chance.random(len(lapsed)) < 0.2
    insured = np.ones(len(families.age), dtype=np.bool_)
    insured[member[~late]] = False
    known = chance.random(len(families.age)) >= INSURANCE_UNKNOWN
    day = np.maximum(part.feed_days[year], families.born)
    part.write_members("medical_insurance", yes_no(insured), day=day, source=sources[year], where=known)
    month = np.where(late, FEED_MONTHS - 1, FEED_MONTHS - draw_days(chance, 1, 8, len(lapsed)))
    changed = late | (chance.random(len(lapsed)) < 0.4)
    part.write_members(
        "medical_insurance",
        yes_no(~late),
        member=member,
        day=np.maximum(part.feed_days[month], families.born[member]),
        source=sources[month],
        where=changed,
    )


def _school(china: China) -> None:
    """The roll at the start of term; children of compulsory age who stopped coming, and came back."""
    part, age = china.part, china.part.families.age
    chance = stream(china.seed, "school")
    sources = part.sources_by_feed("School attendance feed")
    months = part.feed_days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    term = int(np.flatnonzero((months[:-2] == 8) | (months[:-2] == 2))[-1])
    enrolled = (age >= 3) & (age < 25)
    part.write_members(
        "school_status",
        one_of(SCHOOL, china.bodies.school),
        day=np.maximum(part.feed_days[term], part.families.born),
        source=sources[term],
        where=enrolled,
    )
    pupils = np.flatnonzero((age >= 7) & (age < 15.5) & (china.bodies.school == IN_SCHOOL))
    dropped = pupils[chance.random(len(pupils)) < DROPPED_OUT]
    month = draw_days(chance, term + 1, FEED_MONTHS - 1, len(dropped))
    for status, place in ((OUT_OF_SCHOOL, month), (IN_SCHOOL, month + draw_days(chance, 1, 4, len(dropped)))):
        told = place < FEED_MONTHS
        place = place[told]
        part.write_members(
            "school_status",
            one_of(SCHOOL, np.full(len(place), status)),
            member=dropped[told],
            day=part.feed_days[place],
            source=sources[place],
        )


def _inspections(china: China) -> None:
    """Dwelling and water of every village once in two years; what a flood spoiled, and what was mended."""
    part, flood = china.part, china.history.shocks.flood
    chance = stream(china.seed, "inspections")
    households = part.families.households
    for fact, name, rate, spoiled, mended in (
        ("dwelling_unsafe", "Housing inspection", UNSAFE_DWELLING, 0.05, 0.3),
        ("water_unsafe", "Drinking water inspection", UNSAFE_WATER, 0.15, 0.6),
    ):
        inspected = part.today - draw_days(chance, 60, 600, len(china.township))[part.village]
        round_one = part.ledger.source("department", f"{name}, regular round", int(inspected.min()))
        unsafe = chance.random(households) < rate
        part.write(fact, yes_no(unsafe), day=inspected, source=round_one)
        sources = part.sources_by_feed(name)
        hit = chance.random(len(flood.household)) < spoiled
        household = np.concatenate([np.flatnonzero(unsafe), flood.household[hit]])
        found = np.concatenate([inspected[unsafe], flood.hit_on[hit] + 4])
        spoiled_now = np.append(np.zeros(unsafe.sum(), dtype=np.bool_), np.ones(hit.sum(), dtype=np.bool_))
        _write_findings(china, fact, household[spoiled_now], found[spoiled_now], sources, unsafe_now=True)
        again = chance.random(len(household)) < mended
        repaired = found[again] + draw_days(chance, 20, 90, again.sum())
        repaired = np.maximum(repaired, part.today - draw_days(chance, 0, 240, again.sum()))
        _write_findings(china, fact, household[again], repaired, sources, unsafe_now=False)


def _write_findings(
    china: China, fact: str, household: Ints, found: Ints, sources: Ints, *, unsafe_now: bool
) -> None:
    """Write what an inspection found, on its day; the feed of that month is the source."""
    part = china.part
    month = np.searchsorted(part.feed_days, found, side="right") - 1
    values = yes_no(np.full(len(found), unsafe_now))
    told = (found <= part.today) & (month >= 0)
    part.write(fact, values, household=household, day=found, source=sources[month], where=told)
