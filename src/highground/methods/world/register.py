"""What the register knows of the synthetic country on a day, in the columns that screening reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import duckdb
import pyarrow as pa

from highground.methods.facts import Fact, load_dictionary
from highground.methods.world.country import Country

_SQL_TYPES = {"money": "BIGINT", "integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE"}
_ABOVE = ("province", "city", "county")


def register_on(country: Country, as_of: date) -> tuple[pa.Table, pa.Table]:
    """Households and members with the last value of each fact that was known on `as_of`.

    Households: household, area, province (ISO 3166-2), city and county (area codes or null), then for each
    household fact of the dictionary FACT, FACT__date and FACT__source; ordered by area and household.
    Households in no data are rows of nulls. Members: household, member, and the same for member facts.
    """
    dictionary = load_dictionary()
    with duckdb.connect(config={"memory_limit": "1GB", "threads": 2}) as database:
        database.register("all_facts", country.facts)
        database.register("sources", country.sources)
        database.register("all_households", country.households.append_column("position", _positions(country)))
        database.register("all_members", country.members)
        database.register("places", _places_above(country))
        database.execute(
            "CREATE TEMP TABLE known AS SELECT f.*, s.name AS source_name "
            "FROM all_facts f JOIN sources s USING (source) WHERE valid_from <= ?",
            [as_of],
        )
        households = database.sql(
            f"SELECT h.household, h.area, p.province, p.city, p.county, {_columns(dictionary.household, 'k')} "
            "FROM all_households h JOIN places p ON p.code = h.area "
            f"LEFT JOIN ({_pivot(dictionary.household, 'household', 'member IS NULL')}) k USING (household) "
            "ORDER BY h.area, h.position"
        ).to_arrow_table()
        members = database.sql(
            f"SELECT m.household, m.member, {_columns(dictionary.members, 'k')} FROM all_members m "
            f"JOIN ({_pivot(dictionary.members, 'member', 'member IS NOT NULL')}) k USING (member) "
            "JOIN all_households h ON h.household = m.household ORDER BY h.position, m.number"
        ).to_arrow_table()
    return households, members


def _positions(country: Country) -> pa.Array:
    return pa.array(range(country.households.num_rows))


def _pivot(facts: Iterable[Fact], key: str, where: str) -> str:
    """One row per household or member with the latest value, day and source of each fact."""
    parts = [key]
    for fact in facts:
        chosen = f"FILTER (WHERE fact = '{fact.name}')"
        parts.append(f"arg_max(value, valid_from) {chosen} AS {fact.name}")
        parts.append(f"max(valid_from) {chosen} AS {fact.name}__date")
        parts.append(f"arg_max(source_name, valid_from) {chosen} AS {fact.name}__source")
    return f"SELECT {', '.join(parts)} FROM known WHERE {where} GROUP BY {key}"


def _columns(facts: Iterable[Fact], table: str) -> str:
    """The columns of the pivot, in the dictionary's types."""
    parts = []
    for fact in facts:
        value = f"{table}.{fact.name}"
        if fact.type == "list":
            value = f"CASE {value} WHEN '[]' THEN []::VARCHAR[] ELSE string_split({value}, ';') END"
        elif fact.type in _SQL_TYPES:
            value = f"CAST({value} AS {_SQL_TYPES[fact.type]})"
        parts += [f"{value} AS {fact.name}", f"{table}.{fact.name}__date", f"{table}.{fact.name}__source"]
    return ", ".join(parts)


def _places_above(country: Country) -> pa.Table:
    """For each area the codes of its province, city and county."""
    above: dict[str, dict[str, str | None]] = {}
    for area in country.areas.to_pylist():
        known = dict(above.get(area["parent"], dict.fromkeys(_ABOVE)))
        if area["level"] in _ABOVE:
            known[area["level"]] = area["iso"] or area["code"]
        above[area["code"]] = known
    schema = pa.schema([(name, pa.string()) for name in ("code", *_ABOVE)])
    return pa.Table.from_pylist([{"code": code, **known} for code, known in above.items()], schema=schema)
