"""The register of teams as the tables that `methods.allocate` plans from."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from highground.areas.enums import Level
from highground.areas.models import SEGMENT, Area
from highground.methods.allocate.norms import Norms
from highground.methods.allocate.pairing import Pairs, make_pairs
from highground.methods.allocate.units import pair_units
from highground.teams.ground import BY_THE_PLANNER
from highground.teams.models import Candidate, Plan, Post, Posting, SendingUnit, VillageNeed
from highground.teams.queries import needs_below, posted_elsewhere

TEXTS = pa.list_(pa.string())
KILOMETRES = 6371 * math.pi / 180
"""Kilometres of a degree along a meridian."""
PEOPLE = pa.schema([
    ("person", pa.string()), ("unit", pa.string()), ("level", pa.string()), ("home_village", pa.string()),
    ("county", pa.string()), ("x", pa.float64()), ("y", pa.float64()), ("skills", TEXTS), ("languages", TEXTS),
    ("woman", pa.bool_()), ("first_secretary_ok", pa.bool_()), ("served_from", pa.date32()), ("spouse", pa.string()),
    ("born", pa.int64()), ("occupation", pa.string()), ("frail", pa.bool_()), ("limit", pa.float64()),
    ("kin", TEXTS),
])  # fmt: skip
UNITS = pa.schema([("unit", pa.string()), ("cap", pa.int64()), ("paired_villages", TEXTS)])
VILLAGES = pa.schema([
    ("village", pa.string()), ("county", pa.string()), ("province", pa.string()), ("x", pa.float64()), ("y", pa.float64()),
    ("needs", TEXTS), ("language", pa.string()), ("remoteness", pa.float64()), ("leads", pa.int64()),
    ("members", pa.int64()), ("at_risk_people", pa.int64()),
])  # fmt: skip


def write_input(folder: Path, plan: Plan, norms: Norms) -> Pairs:
    """Write people, units, villages, pairs and what stood before into a folder; the pairs with what was forbidden.

    A fixed number of queries. Who has withdrawn is not among the people; what stood before are the postings of the
    parent plan with their locks, else the posts that people hold today. Who is posted outside the area stays there, and
    counts against the limit of their unit. Sets `plan.pairings`: villages for units without
    one, of which a plan that follows another keeps those of the other.
    """
    reason = BY_THE_PLANNER
    path = plan.area.path
    elsewhere = posted_elsewhere(plan.area, reason=reason)
    people = list(
        Candidate.objects.everywhere(reason=reason)
        .filter(unit__area__path__startswith=path, withdrawn_on__isnull=True)
        .exclude(pk__in=elsewhere.values("candidate"))
        .select_related("unit", "area", "home")
        .order_by("code")
    )
    units = list(
        SendingUnit.objects.everywhere(reason=reason)
        .filter(area__path__startswith=path)
        .select_related("paired")
        .order_by("code")
    )
    away = Counter(elsewhere.values_list("candidate__unit", flat=True))
    needs = list(needs_below(plan.area, reason=reason).select_related("village").order_by("village__path"))
    above = {
        one.path: one.code
        for one in Area.objects.filter(level__in=[Level.COUNTY, Level.PROVINCE], country=plan.area.country)
    }
    tables = {
        "people": pa.Table.from_pylist([_person(one, above) for one in people], schema=PEOPLE),
        "units": pa.Table.from_pylist(
            [
                {
                    "unit": one.code,
                    "cap": max(0, one.cap - away[one.pk]),
                    "paired_villages": [one.paired.code] if one.paired and not plan.pool else [],
                }
                for one in units
            ],
            schema=UNITS,
        ),
        "villages": pa.Table.from_pylist([_village(one, above) for one in needs], schema=VILLAGES),
    }
    if not plan.pool:
        plan.pairings = _pairings(plan, tables, norms)
        tables["units"] = _with(plan.pairings, tables["units"])
    pairs = make_pairs(tables["people"], tables["villages"], tables["units"], norms, year=plan.made_on.year)
    tables["pairs"] = pairs.table
    if before := _before(plan, reason):
        tables["previous"] = before
    folder.mkdir(parents=True)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return pairs


def _pairings(plan: Plan, tables: dict[str, pa.Table], norms: Norms) -> list[list[str]]:
    """Villages for units without one: what the plan before found, where there is one, then the best of the others."""
    before = plan.parent.pairings if plan.parent else []
    held = {
        village for villages in tables["units"].column("paired_villages").to_pylist() for village in villages
    }
    kept = [[unit, village] for unit, village in before if village not in held]
    units = _with(kept, tables["units"])
    found = pair_units(tables["people"], tables["villages"], units, norms, year=plan.made_on.year)
    return sorted([*kept, *([unit, village] for unit, village in found.items())])


def _with(pairings: list[list[str]], units: pa.Table) -> pa.Table:
    """The units with these pairings beside those that they have."""
    new = dict(pairings)
    rows = [
        one["paired_villages"] or ([new[one["unit"]]] if one["unit"] in new else [])
        for one in units.to_pylist()
    ]
    return units.set_column(
        units.schema.get_field_index("paired_villages"), "paired_villages", pa.array(rows, TEXTS)
    )


def _person(one: Candidate, above: dict[str, str]) -> dict[str, Any]:
    x, y = _point(one.area)
    return {
        "person": one.code, "unit": one.unit.code, "level": one.unit.level,
        "home_village": one.home.code if one.home else None, "county": _of(one.area, above, Level.COUNTY), "x": x, "y": y,
        "skills": one.abilities, "languages": one.languages, "woman": one.woman, "first_secretary_ok": one.may_lead,
        "served_from": None, "spouse": one.spouse or None, "born": one.born, "occupation": one.occupation,
        "frail": one.frail, "limit": one.limit, "kin": one.kin,
    }  # fmt: skip


def _village(one: VillageNeed, above: dict[str, str]) -> dict[str, Any]:
    x, y = _point(one.village)
    return {
        "village": one.village.code, "county": _of(one.village, above, Level.COUNTY),
        "province": _of(one.village, above, Level.PROVINCE), "x": x, "y": y, "needs": one.needs,
        "language": one.language or None, "remoteness": one.remoteness, "leads": one.first_secretaries,
        "members": one.members, "at_risk_people": one.at_risk,
    }  # fmt: skip


def _of(area: Area, above: dict[str, str], level: Level) -> str:
    """The code of the area's county or province; the longest path of both is the county's."""
    found = [
        above[area.path[:end]]
        for end in range(SEGMENT, len(area.path) + 1, SEGMENT)
        if area.path[:end] in above
    ]
    if not found:
        return ""
    return found[-1] if level == Level.COUNTY else found[0]


def _point(area: Area) -> tuple[float | None, float | None]:
    """Kilometres east and north, near enough within a province; nothing where the place is not known."""
    if area.latitude is None or area.longitude is None:
        return None, None
    return KILOMETRES * area.longitude * math.cos(math.radians(area.latitude)), KILOMETRES * area.latitude


def _before(plan: Plan, reason: str) -> pa.Table | None:
    if plan.parent_id:
        rows = Posting.objects.everywhere(reason=reason).filter(plan=plan.parent_id)
        found = list(rows.order_by("pk").values_list("candidate__code", "village__code", "locked"))
    else:
        posts = Post.objects.everywhere(reason=reason)
        posts = posts.filter(village__path__startswith=plan.area.path, until__isnull=True)
        found = [
            (*row, False) for row in posts.order_by("pk").values_list("candidate__code", "village__code")
        ]
    if not found:
        return None
    names = ("person", "village", "locked")
    return pa.table(dict(zip(names, map(list, zip(*found, strict=True)), strict=True)))
