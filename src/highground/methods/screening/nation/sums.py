"""Sums over members, made once per register, rulebook and day, and kept beside the registers.

A run would else group every person of the country anew. The file is derived: it is found by a hash over the query
and the members' file, and made again where it is absent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

from highground.methods.facts.literals import path as path_sql
from highground.methods.rules.masks import MaskStatement
from highground.methods.screening.nation.columns import Landed, member_table
from highground.methods.screening.nation.landing import PARQUET
from highground.methods.screening.nation.plan import Plan, ProvinceInputs
from highground.methods.store.engine import Limits, connect
from highground.methods.store.publishing import whole_file


def no_sums(statement: MaskStatement, as_of: date) -> str:
    """The sums where nobody has given members: none, with the right columns."""
    nobody = "(SELECT CAST(NULL AS VARCHAR) AS household, CAST(NULL AS VARCHAR) AS county WHERE FALSE) AS r"
    m = member_table(statement.book, Landed(frozenset(), as_of), as_of, source=nobody)
    return f"WITH m AS ({m}), {statement.member_sums()}"


def sums_file(plan: Plan, given: ProvinceInputs, limits: Limits | None = None) -> Path | None:
    """The sums over the members of a province, made where they are not there yet; None without members."""
    if given.members is None:
        return None
    source = f"read_parquet({path_sql(given.members)})"
    m = member_table(plan.book, given.member_columns, plan.as_of, source=source)
    query = f"WITH m AS ({m}), {plan.statement.member_sums()}"
    # the path in the query is where the store lies; the members' hash says what is in it
    said = query.replace(str(plan.store.root), "")
    members = plan.inputs[f"registers/{plan.month}/{given.province}/{given.members.name}"]
    digest = hashlib.sha256(f"{said}\n{members}".encode()).hexdigest()[:16]
    place = plan.store.root / "derived" / plan.month / given.province / f"sums-{digest}.parquet"
    if not place.is_file():
        with whole_file(place) as beside, connect(limits) as connection:
            connection.execute(
                f"COPY (SELECT * FROM ({query}) ORDER BY county, household) TO {path_sql(beside)} ({PARQUET})"
            )
    return place


def make_sums(
    plan: Plan, limits: Limits | None = None, progress: Callable[[str], None] | None = None
) -> None:
    """Make the sums of every province ahead of the run: this is part of landing a register."""
    for given in plan.provinces:
        sums_file(plan, given, limits)
        if progress:
            progress(given.province)
