"""Stored facts: what the register says of each household on a day, made once and read by every run of that day.

A run would else group every person of the country anew. The file of a province holds the facts that the register
gives, fresh or stale as of the day, and the sums over the members; what feeds give is added by the run. It is derived:
found by a hash over its query and the register's files, and made again where it is absent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

from highground.methods.facts.literals import path as path_sql
from highground.methods.rules.masks import MaskStatement
from highground.methods.screening.nation.columns import Landed, household_table, member_table
from highground.methods.screening.nation.plan import Plan, ProvinceInputs
from highground.methods.store.engine import Limits, connect
from highground.methods.store.files import PARQUET, parquet_rows
from highground.methods.store.layout import StoreError
from highground.methods.store.publishing import whole_file


def no_sums(statement: MaskStatement, as_of: date) -> str:
    """The sums where nobody has given members: none, with the right columns."""
    nobody = "(SELECT CAST(NULL AS VARCHAR) AS household, CAST(NULL AS VARCHAR) AS county WHERE FALSE) AS r"
    m = member_table(statement.book, Landed(frozenset(), as_of), as_of, source=nobody)
    return f"WITH m AS ({m}), {statement.member_sums()}"


def base_query(statement: MaskStatement, h: str, sums: str) -> str:
    """Everything that is known of the households of `h`, with the sums over their members beside them."""
    return f"WITH h AS ({h}), sums AS ({sums}) {statement.base()}"


def stored_facts(plan: Plan, given: ProvinceInputs, limits: Limits | None = None) -> Path:
    """The stored facts of a province for the day of the plan, sorted as the register; made where they are not there.

    Raises StoreError where they are not of every household of the register.
    """
    query = _query(plan, given)
    # the path in the query is where the store lies; the hashes say what is in its files
    hashes = [plan.inputs[name] for name in given.register_files(plan.month)]
    said = "\n".join([query.replace(str(plan.store.root), ""), *hashes])
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    place = plan.store.root / "derived" / plan.month / given.province / f"facts-{digest}.parquet"
    if not place.is_file():
        with whole_file(place) as beside, connect(limits) as connection:
            connection.execute(f"COPY ({query} ORDER BY county, household) TO {path_sql(beside)} ({PARQUET})")
    if (rows := parquet_rows(place)) != given.rows:
        raise StoreError(
            f"{place}: holds {rows:,} households, the register has {given.rows:,}; remove it, and it is made again"
        )
    return place


def _query(plan: Plan, given: ProvinceInputs) -> str:
    sums = no_sums(plan.statement, plan.as_of)
    if given.members is not None:
        members = f"read_parquet({path_sql(given.members)})"
        m = member_table(plan.book, given.member_columns, plan.as_of, source=members)
        sums = f"WITH m AS ({m}), {plan.statement.member_sums()}"
    h = household_table(
        plan.book,
        given.household_columns,
        plan.as_of,
        source=f"read_parquet({path_sql(given.households)})",
        left_out=given.fed,
    )
    return base_query(plan.statement, h, sums)


def store_facts(
    plan: Plan, limits: Limits | None = None, progress: Callable[[str], None] | None = None
) -> None:
    """Make the stored facts of every province ahead of the run: this is part of landing a register."""
    for given in plan.provinces:
        stored_facts(plan, given, limits)
        if progress:
            progress(given.province)
