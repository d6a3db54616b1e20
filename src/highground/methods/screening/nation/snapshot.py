"""A county of a run as a register snapshot, for the office of the county: it screens it and gets the run's verdicts.

The folder has `households.parquet` and `members.parquet` as a snapshot of the register has them: facts in the types of
the dictionary, with the day and the source of each; what feeds and shocks give among them. `manifest.json` names the run
and holds what only the whole country could tell: the value of each rank.
"""

from __future__ import annotations

import os
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb

from highground.methods.facts import Fact
from highground.methods.facts.literals import day, text
from highground.methods.facts.literals import path as path_sql
from highground.methods.screening.nation.checking import plan_of
from highground.methods.screening.nation.columns import KEYS, Landed, facts_of_entity
from highground.methods.screening.nation.duck import DuckGroup, read
from highground.methods.screening.nation.groups import Block, Group
from highground.methods.screening.nation.plan import Plan, ProvinceInputs
from highground.methods.screening.nation.stored import stored_facts
from highground.methods.store.engine import Limits, connect
from highground.methods.store.files import PARQUET
from highground.methods.store.layout import MANIFEST, Store, StoreError
from highground.methods.store.publishing import publish_folder, read_json, sha256_of, write_json


def county_snapshot(
    store: Store, run: str, county: str, out: Path, *, limits: Limits | None = None
) -> dict[str, int]:
    """Write what a run knew of the households of `county` into the new folder `out`; how many households and members.

    Raises StoreError where the run has no such county, where `out` is there, or where an input of the run is gone.
    """
    manifest = read_json(store.run(run) / MANIFEST)
    plan = plan_of(store, run, manifest)
    given = next((one for one in plan.provinces if county in dict(one.counties)), None)
    if given is None:
        raise StoreError(f"{run} has no county {county}; see the counties in its register")
    if out.exists():
        raise StoreError(f"{out}: is there already; give a new folder")
    work = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    work.mkdir(mode=0o700, parents=True)
    try:
        with connect(limits) as connection:
            counts = {
                "households": _households(
                    connection, plan, given, county, work / "households.parquet", limits
                ),
                "members": _members(connection, plan, given, county, work / "members.parquet"),
            }
        told = {
            "run": run,
            "content_hash": manifest["content_hash"],
            "rulebook_hash": manifest["rulebook_hash"],
            "as_of": manifest["as_of"],
            "county": county,
            "ranks": manifest["ranks"],
            **counts,
            "files": {path.name: sha256_of(path) for path in sorted(work.glob("*.parquet"))},
        }
        write_json(work / MANIFEST, told)
        publish_folder(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return counts


def _households(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    given: ProvinceInputs,
    county: str,
    path: Path,
    limits: Limits | None,
) -> int:
    block = Block(county, county, 0, whole=False)
    group = Group((given,), (block,))
    queries = DuckGroup(connection, plan, group, [stored_facts(plan, given, limits)])
    columns = [f"k.{key}" for key in KEYS]
    for fact in facts_of_entity(plan.book, "household"):
        if source := given.fed.get(fact.name):
            value = _in_major_units(plan, fact, f"k.f_{fact.name}")
            columns += [f"{value} AS {fact.name}", f"{day(plan.as_of)} AS {fact.name}__date"]
            columns.append(f"{text(source)} AS {fact.name}__source")
        else:
            columns += _landed(plan, fact, given.household_columns)
    register = read([given.households])
    query = (
        f"SELECT {', '.join(columns)} FROM ({queries.known(block)}) AS k JOIN {register} AS r"
        f" ON r.household = k.household{block.where('r')} ORDER BY k.area, k.household"
    )
    return _written(connection, query, path)


def _members(
    connection: duckdb.DuckDBPyConnection, plan: Plan, given: ProvinceInputs, county: str, path: Path
) -> int:
    columns = ["r.household", "r.member"]
    for fact in facts_of_entity(plan.book, "member"):
        if given.members is not None and fact.name in given.member_columns.columns:
            columns += _landed(plan, fact, given.member_columns)
    nobody = (
        "(SELECT CAST(NULL AS VARCHAR) AS household, CAST(NULL AS VARCHAR) AS member, NULL AS county LIMIT 0)"
    )
    source = nobody if given.members is None else read([given.members])
    where = Block(county, county, 0, whole=False).where("r")
    query = f"SELECT {', '.join(columns)} FROM {source} AS r{where} ORDER BY r.household, r.member"
    return _written(connection, query, path)


def _landed(plan: Plan, fact: Fact, landed: Landed) -> list[str]:
    """A fact of the register as it was landed, with its day and where it comes from; nothing where nobody gave it."""
    if fact.name not in landed.columns:
        return []
    since = day(landed.as_of)
    if f"{fact.name}__date" in landed.columns:
        since = f"COALESCE(r.{fact.name}__date, {since})"
    return [
        f"{_in_major_units(plan, fact, f'r.{fact.name}')} AS {fact.name}",
        f"CASE WHEN r.{fact.name} IS NOT NULL THEN {since} END AS {fact.name}__date",
        f"CASE WHEN r.{fact.name} IS NOT NULL THEN {text(f'register {plan.month}')} END AS {fact.name}__source",
    ]


def _in_major_units(plan: Plan, fact: Fact, value: str) -> str:
    if fact.type != "money":
        return value
    digits = plan.book.minor_digits
    return f"CAST(CAST({value} AS DECIMAL(18, 0)) * {Decimal(1).scaleb(-digits):f} AS DECIMAL(18, {digits}))"


def _written(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    (rows,) = connection.execute(f"COPY ({query}) TO {path_sql(path)} ({PARQUET})").fetchall()
    return int(rows[0])
