"""Screen a table of households by a rulebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from highground.methods.facts.literals import text
from highground.methods.rules import load_rulebook, with_parameters
from highground.methods.rules.rulebook import Cap, OutsidePeriod, Rule, Rulebook
from highground.methods.rules.statement import names_behind, statement
from highground.methods.screening.changes import compare, previous_table
from highground.methods.screening.door import Door
from highground.methods.screening.lookups import cap_percents, join_parameters, missing_parameters
from highground.methods.screening.notices import Notice, counted
from highground.methods.screening.opening import as_day, open_members
from highground.methods.screening.ranks import rank
from highground.methods.screening.result import ScreenResult, load_result
from highground.methods.store.engine import Limits, arrow_table, connect, first_row


def screen(
    book: Rulebook | str | Path,
    *,
    households: Any,
    members: Any = None,
    as_of: str | date,
    previous: Any = None,
    parameters: Any = None,
    ranks: Mapping[str, Mapping[str, int]] | None = None,
    from_empty: bool = False,
    limits: Limits | None = None,
) -> ScreenResult:
    """Verdicts, changes and explanations for a table of households.

    `book`: a Rulebook, its id, or a YAML file. `households`, `members`: pandas, Polars or Arrow tables, or paths to
    Parquet or CSV files; columns as in the fact dictionary, with `household`, `area` and, where a parameter needs
    them, `province` (ISO 3166-2), `city`, `county`; members with `household` and `member`. A null or an absent
    column is a missing fact. `FACT__date` dates a value (else it holds on `as_of`), `FACT__source` names its source.
    Amounts in major units. `previous`: an earlier result of the same rulebook, its folder, or its verdicts. `parameters`:
    rows to add to the rulebook's parameter tables. `ranks`: what a run of the whole country found for each rank (rank to
    area to value in minor units); without it ranks are found among these households. `from_empty`: without a previous
    run, compare with an empty register.

    Returns a ScreenResult. Raises InputError for tables that cannot be used (naming table, column and mend),
    RulebookError for the rulebook, OutsidePeriod where `as_of` lies outside its assessed period.
    """
    if not isinstance(book, Rulebook):
        book = load_rulebook(book)
    if parameters is not None:
        book = with_parameters(book, parameters)
    day = as_day(as_of)
    check_period(book, day)
    if isinstance(previous, str | Path):
        previous = load_result(previous)
    before = previous_table(previous, book)
    connection = connect(limits)
    door = Door(connection, book, day, "household", households)
    door.open("households")
    notices = [*door.notices, *open_members(connection, book, day, members)]
    join_parameters(connection, book, day)
    if book.ranks:
        book = book.ranked(ranks) if ranks else rank(connection, book)
        join_parameters(connection, book, day)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {statement(book)}")
    changes, gone = compare(connection, before, from_empty=from_empty)
    compared = before is not None or from_empty
    verdicts = _verdicts(connection, book, day, compared=compared)
    notices += [*_parameter_notices(connection, book, day), *_unverified(connection, book)]
    for cap in book.caps:
        notices += _cap_notices(connection, book, cap, day)
    assumed = frozenset(str(notice.details["column"]) for notice in notices if notice.kind == "assumed")
    return ScreenResult(book, day, verdicts, changes, (*notices, *gone), connection, assumed)


def check_period(book: Rulebook, as_of: date) -> None:
    """Raise OutsidePeriod, naming the period and the successor, where a day is not assessed by the rulebook."""
    first, last = book.assessed
    if first <= as_of <= last:
        return
    other = book.successor if as_of > last else book.predecessor
    mend = f"; use {other}" if other else ""
    raise OutsidePeriod(f"{book.id} assesses {first} to {last}, and {as_of} lies outside{mend}")


def _verdicts(
    connection: duckdb.DuckDBPyConnection, book: Rulebook, as_of: date, *, compared: bool
) -> pa.Table:
    """The table of verdicts, one row per household, in the order of area and household."""
    change = (
        "CASE WHEN STRONGEST.rank = 3 THEN 'new' WHEN STRONGEST.rank = 2 THEN 'cleared'"
        " WHEN STRONGEST.rank = 1 THEN 'continuing' END"
        if compared
        else "CAST(NULL AS VARCHAR)"
    )
    ranks = (
        "SELECT household, MAX(CASE change WHEN 'new' THEN 3 WHEN 'cleared' THEN 2 ELSE 1 END) AS rank"
        " FROM compared GROUP BY household"
        if compared
        else "SELECT CAST(NULL AS VARCHAR) AS household, 0 AS rank WHERE FALSE"
    )
    empty = "CAST([] AS VARCHAR[])"
    return arrow_table(
        connection,
        f"""
        SELECT judged.household, households.area, judged.class, judged.class_verdict, judged.fired, judged.unknown,
               judged.vetoes,
               LIST_CONCAT(judged.stale_facts, COALESCE(LIST_FILTER(held.held,
                   lambda x: NOT ARRAY_CONTAINS(judged.stale_facts, x)), {empty})) AS stale,
               {change} AS change, {text(book.id)} AS rulebook, {text(book.hash)} AS rulebook_hash,
               DATE '{as_of.isoformat()}' AS as_of,
               judged.undecided, COALESCE(held.held, {empty}) AS held, {_unverified_sql(book)} AS unverified
        FROM judged JOIN households ON households.household = judged.household
        LEFT JOIN held ON held.household = judged.household
        LEFT JOIN ({ranks}) AS STRONGEST ON STRONGEST.household = judged.household
        ORDER BY households.area, judged.household
        """,
    )


def _parameter_notices(
    connection: duckdb.DuckDBPyConnection, book: Rulebook, as_of: date
) -> Iterator[Notice]:
    capping = {cap.parameter for cap in book.caps}
    for name, reason, count in missing_parameters(connection, book, as_of):
        if name not in capping:  # a cap has its own default
            yield Notice(
                "missing_parameter",
                f"{reason}: {counted(count, 'household')} cannot be judged by it",
                {"parameter": name, "reason": reason, "households": count},
            )


def _unverified(connection: duckdb.DuckDBPyConnection, book: Rulebook) -> Iterator[Notice]:
    """What the verdicts rest on that nobody has verified yet."""
    for name, parameter in book.parameters.items():
        row = first_row(
            connection, f"SELECT COUNT(*) FROM judged WHERE p_{name}_ok AND NOT p_{name}_verified"
        )
        if row and row[0]:
            yield Notice(
                "unverified",
                f"the value of '{parameter.label['en']}' is not verified ({counted(row[0], 'household')})",
                {"name": name, "households": row[0]},
            )
    for name, label in unverified_rules(book):
        yield Notice("unverified", f"'{label}' is not verified against a source", {"name": name})


def unverified_rules(book: Rulebook) -> list[tuple[str, str]]:
    """Name and label of each amount, condition and rule that nobody has verified against a source."""
    amounts = [book.counted, *book.derived.values(), *book.conditions.values()]
    entries = [(one.name, one.label["en"]) for one in amounts if not one.verified]
    rules: list[Rule] = [*book.classes, *book.clues]
    entries += [(rule.id, rule.label["en"]) for rule in rules if not rule.verified]
    return entries + [(veto.id, veto.label["en"]) for veto in book.vetoes if not veto.verified]


def _unverified_sql(book: Rulebook) -> str:
    """A list of what the class verdict rests on that is not verified: rules, and parameter values looked up."""
    behind = names_behind(book, [one.expression.tree for one in book.classes])
    always = {name for name, _ in unverified_rules(book)} & (behind | {one.id for one in book.classes})
    cases = [text(name) for name in sorted(always)]
    cases += [
        f"CASE WHEN judged.p_{name}_ok AND NOT judged.p_{name}_verified THEN {text(name)} END"
        for name in book.parameters
        if name in behind
    ]
    if not cases:
        return "CAST([] AS VARCHAR[])"
    return f"LIST_FILTER([{', '.join(cases)}], lambda x: x IS NOT NULL)"


def _cap_notices(
    connection: duckdb.DuckDBPyConnection, book: Rulebook, cap: Cap, as_of: date
) -> Iterator[Notice]:
    """A notice for each area with more flagged households than its cap; without areas, the table is one area."""
    percents = cap_percents(book, cap.parameter, as_of) if cap.parameter else {}
    classes = ", ".join(text(one) for one in cap.classes)
    rows = connection.execute(
        f"SELECT households.{cap.by}, COUNT(*) FILTER (judged.class IN ({classes})), COUNT(*) FILTER (cap_{cap.id})"
        f" FROM judged JOIN households ON households.household = judged.household GROUP BY 1 ORDER BY 1 NULLS FIRST"
    ).fetchall()
    for area, flagged, of in rows:
        percent = percents.get(area, cap.percent)
        if flagged * 100 > percent * of:
            place = f"{cap.by} {area}" if area else f"the table (it has no {cap.by})"
            yield Notice(
                "cap",
                f"{cap.label['en']}: in {place} {counted(flagged, 'household')} flagged, more than {percent} % of {of:,};"
                f" nobody is left out for that",
                {"cap": cap.id, "area": area, "flagged": flagged, "of": of, "percent": percent},
            )
