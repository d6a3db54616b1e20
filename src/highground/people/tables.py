"""A few households as the methods read them: the shape of a register snapshot, straight from the database.

A snapshot serves a whole area; this serves the page or the decision about one household, on the day it is made.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from highground.areas.models import Area
from highground.areas.queries import ancestor_paths
from highground.methods.facts import Fact, load_dictionary
from highground.people.models import Household, Member
from highground.people.queries import Known, facts_as_of

_TYPES = {
    "money": pa.decimal128(18, 2),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "category": pa.string(),
    "list": pa.list_(pa.string()),
    "date": pa.date32(),
}


def tables_as_of(
    households: Sequence[Household], *, as_of: datetime.date, known_on: datetime.date | None = None
) -> tuple[pa.Table, pa.Table]:
    """Households and members with their facts on `as_of` (as known on `known_on`); a fixed number of queries.

    Columns are those of a snapshot: keys, areas, each known fact with `FACT__date` and `FACT__source`. The caller
    answers for the scope of `households`.
    """
    known = facts_as_of(households, as_of=as_of, known_on=known_on)
    keys = {household.pk: household.key for household in households}
    members = Member.objects.everywhere(reason="members of households that the caller has scoped").filter(
        household__in=list(keys), present=True
    )
    member_keys = dict(members.values_list("pk", "key"))
    # Who was a member on that day and is none today still counts on that day.
    gone = {one.member for one in known if one.member is not None} - set(member_keys)
    if gone:
        member_keys |= dict(
            Member.objects.everywhere(reason="members on an earlier day").filter(pk__in=gone).values_list("pk", "key")
        )
    belongs = dict(members.values_list("pk", "household")) | {
        one.member: one.household for one in known if one.member is not None
    }
    places = _places([household.area for household in households])
    rows = [
        {"household": household.key, **places[household.area_id]}
        for household in sorted(households, key=lambda one: one.key)
    ]
    home = _table(rows, ["household"], ("area", "province", "county", "city"), known, keys, None)
    people = [
        {"household": keys[belongs[pk]], "member": key}
        for pk, key in sorted(member_keys.items(), key=lambda pair: pair[1])
    ]
    return home, _table(people, ["household", "member"], (), known, keys, member_keys)


def _table(
    rows: list[dict[str, Any]],
    key: list[str],
    extra: Iterable[str],
    known: Sequence[Known],
    households: dict[int, str],
    members: dict[int, str] | None,
) -> pa.Table:
    by_key = {row[key[-1]]: row for row in rows}
    dictionary = load_dictionary()
    named: set[str] = set()
    for one in known:
        if (one.member is None) != (members is None) or one.fact not in dictionary:
            continue
        row = by_key[households[one.household] if members is None else members[one.member or 0]]
        row[one.fact] = _value(dictionary[one.fact], one.value)
        row[f"{one.fact}__date"], row[f"{one.fact}__source"] = one.date, one.source
        named.add(one.fact)
    fields = [pa.field(name, pa.string()) for name in (*key, *extra)]
    for name in sorted(named):
        fields += [
            pa.field(name, _TYPES[dictionary[name].type]),
            pa.field(f"{name}__date", pa.date32()),
            pa.field(f"{name}__source", pa.string()),
        ]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def _value(fact: Fact, text: str) -> Any:
    """A kept text as a value of its type."""
    match fact.type:
        case "money":
            return Decimal(text)
        case "integer":
            return int(text)
        case "boolean":
            return text == "true"
        case "date":
            return datetime.date.fromisoformat(text)
        case "list":
            return [] if text == "[]" else text.split(";")
        case _:
            return text


def _places(areas: Sequence[Area]) -> dict[int, dict[str, str | None]]:
    """Each of these areas with its code, the ISO code of its province, and its county and city. One query."""
    paths = {path for area in areas for path in [*ancestor_paths(area.path), area.path]}
    above = {area.path: area for area in Area.objects.filter(path__in=paths)}
    found = {}
    for area in areas:
        place: dict[str, str | None] = {"area": area.code, "province": None, "county": None, "city": None}
        for path in [*ancestor_paths(area.path), area.path]:
            upper = above[path]
            if upper.level == "province":
                place["province"] = upper.iso or upper.code
            elif upper.level in ("county", "city"):
                place[upper.level] = upper.code
        found[area.pk] = place
    return found
