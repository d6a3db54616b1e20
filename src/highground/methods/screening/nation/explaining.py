"""Why the verdict of a run on one household is what it is: the household as the run saw it, for the oracle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb

from highground.methods.facts import Fact
from highground.methods.facts.literals import path as path_sql
from highground.methods.facts.literals import text
from highground.methods.rules.explaining import Explanation, explain
from highground.methods.rules.parameters import look_up
from highground.methods.rules.record import Known, Member, Record
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.door import ASSUMED_TRUE
from highground.methods.screening.nation.checking import plan_of
from highground.methods.screening.nation.columns import Landed, facts_of_entity, member_table
from highground.methods.screening.nation.duck import DuckGroup
from highground.methods.screening.nation.groups import Block, Group
from highground.methods.screening.nation.plan import Plan, ProvinceInputs
from highground.methods.screening.nation.stored import stored_facts
from highground.methods.screening.records import plain, read_rows
from highground.methods.store.engine import connect, first_row
from highground.methods.store.layout import MANIFEST, Store
from highground.methods.store.publishing import read_json


@dataclass(frozen=True)
class OneHousehold(Block):
    """One household of a province."""

    household: str = ""

    def where(self, table: str) -> str:
        """The condition that finds it."""
        return f" WHERE {table}.household = {text(self.household)}"


def explain_household(store: Store, run: str, household: str) -> Explanation:
    """Why a run says what it says of a household, flagged or not.

    Raises KeyError where the household is not in the register of the run, StoreError where the run or an input that
    it read is not there.
    """
    manifest = read_json(store.run(run) / MANIFEST)
    plan = plan_of(store, run, manifest)
    book = plan.book.ranked(manifest["ranks"])
    return explain(record_of(plan, book, household), book)


def record_of(plan: Plan, book: Rulebook, household: str) -> Record:
    """A household as a run saw it. Raises KeyError where it is in no province."""
    with connect() as connection:
        for given in plan.provinces:
            source = f"read_parquet({path_sql(given.households)})"
            row = first_row(connection, f"SELECT area FROM {source} WHERE household = {text(household)}")
            if row is not None:
                return _record(connection, plan, book, given, household)
    raise KeyError(f"household {household} is not in the register of {plan.month}")


def _record(
    connection: duckdb.DuckDBPyConnection, plan: Plan, book: Rulebook, given: ProvinceInputs, household: str
) -> Record:
    one = OneHousehold(None, None, 1, False, household)
    files = [stored_facts(plan, given)]
    group = Group((given,), (one,))
    queries = DuckGroup(connection, plan, group, files)
    row = read_rows(connection, queries.known(one))[0]
    stored = read_rows(connection, f"SELECT * FROM read_parquet({path_sql(files[0])}) AS r{one.where('r')}")[
        0
    ]
    landed = read_rows(
        connection, f"SELECT * FROM read_parquet({path_sql(given.households)}) AS r{one.where('r')}"
    )[0]
    facts = facts_of_entity(book, "household")
    values = {fact.name: plain(row[f"f_{fact.name}"]) for fact in facts}
    known = {
        fact.name: Known(source=given.fed[fact.name])
        if fact.name in given.fed
        else _known(fact, landed, stored, given.household_columns, plan.month)
        for fact in facts
    }
    keys: dict[str, str | None] = {name: row[name] for name in ("province", "city", "county")}
    keys |= {
        fact.name: str(values[fact.name]) for fact in facts if fact.type == "category" and values[fact.name]
    }
    return Record(
        household=household,
        as_of=plan.as_of,
        facts=values,
        members=_members(connection, plan, book, given, one),
        parameters={
            name: look_up(parameter, plan.as_of, keys) for name, parameter in book.parameters.items()
        },
        area=stored["area"],
        known=known,
    )


def _members(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    book: Rulebook,
    given: ProvinceInputs,
    one: OneHousehold,
) -> tuple[Member, ...]:
    if given.members is None:
        return ()
    columns = given.member_columns
    source = (
        f"(SELECT * FROM read_parquet({path_sql(given.members)}) AS r{one.where('r')} ORDER BY r.member) AS r"
    )
    landed = read_rows(connection, f"SELECT * FROM {source}")
    seen = read_rows(connection, member_table(book, columns, plan.as_of, source=source))
    facts = facts_of_entity(book, "member")
    return tuple(
        Member(
            str(raw["member"]),
            {fact.name: plain(row[f"f_{fact.name}"]) for fact in facts},
            {fact.name: _known(fact, raw, row, columns, plan.month) for fact in facts},
        )
        for raw, row in zip(landed, seen, strict=True)
    )


def _known(fact: Fact, landed: dict[str, Any], seen: dict[str, Any], columns: Landed, month: str) -> Known:
    """Where a value of the register came from, and whether it was too old."""
    value = landed.get(fact.name)
    if fact.name not in columns.columns:
        return Known(assumed=fact.name in ASSUMED_TRUE)
    if value is None:
        return Known()
    day: date = landed.get(f"{fact.name}__date") or columns.as_of
    stale = seen[f"s_{fact.name}"] is not None
    known = Known(day=day, source=f"register {month}", stale=stale)
    return replace(known, stale_value=plain(value)) if stale else known
