"""Check the records of a register by the checks of a rulebook: which are wrong, in what, and how to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from highground.methods.facts.literals import text
from highground.methods.rules import load_rulebook, with_parameters
from highground.methods.rules.answers import Answers
from highground.methods.rules.checking import CheckStatement, concerned
from highground.methods.rules.record import Record
from highground.methods.rules.rulebook import Check, Rulebook
from highground.methods.rules.sentences import LANGUAGES
from highground.methods.rules.sentences.speaking import speaker
from highground.methods.rules.sentences.witness import Witness
from highground.methods.rules.statement import CHECKED
from highground.methods.screening.door import Door
from highground.methods.screening.lookups import join_parameters
from highground.methods.screening.notices import Notice
from highground.methods.screening.opening import as_day, open_members
from highground.methods.screening.records import read_records
from highground.methods.screening.screen import check_period
from highground.methods.screening.tables import InputError
from highground.methods.store.engine import Limits, arrow_table, connect

BATCH = 500


@dataclass(frozen=True)
class Finding:
    """One record that one check finds wrong; `why` is what is the case, with its values, in each language."""

    household: str
    area: str | None
    check: Check
    why: Mapping[str, str]


@dataclass(frozen=True)
class CheckResult:
    """What the checks found.

    `findings` is an Arrow table with `household`, `area`, `check` and `severity`, in the order of area, household and
    rulebook. `unknown` counts per check the records of which it cannot be told, `found` those that it finds wrong.
    """

    book: Rulebook
    as_of: date
    households: int
    findings: pa.Table
    found: Mapping[str, int]
    unknown: Mapping[str, int]
    notices: tuple[Notice, ...]
    connection: duckdb.DuckDBPyConnection
    assumed: frozenset[str]

    def record(self, household: str) -> Record:
        """The household as the checks saw it. Raises KeyError where it is not in the tables."""
        records = read_records(
            self.connection, self.book, self.as_of, self.assumed, household, sections=CHECKED
        )
        for record in records:
            return record
        raise KeyError(f"household {household} is not in these tables")

    def records(self) -> list[Record]:
        """Every household as the checks saw it, in the order of the household's id."""
        return list(read_records(self.connection, self.book, self.as_of, self.assumed, sections=CHECKED))

    def explained(self) -> Iterator[Finding]:
        """Every finding with its sentence, its mend and what is the case, in the order of the table."""
        checks = {check.id: check for check in self.book.checks}
        rows = self.findings.to_pylist()
        for start in range(0, len(rows), BATCH):
            some = rows[start : start + BATCH]
            wanted = {row["household"] for row in some}
            records = {
                record.household: record
                for record in read_records(
                    self.connection, self.book, self.as_of, self.assumed, wanted, sections=CHECKED
                )
            }
            for row in some:
                check, record = checks[row["check"]], records[row["household"]]
                why = {language: _why(self.book, check, record, language) for language in LANGUAGES}
                yield Finding(row["household"], row["area"], check, why)


def check_records(
    book: Rulebook | str | Path,
    *,
    households: Any,
    members: Any = None,
    as_of: str | date,
    parameters: Any = None,
    limits: Limits | None = None,
) -> CheckResult:
    """Every record that a check of the rulebook finds wrong.

    Tables and parameters as for `screen`. Raises InputError where the tables cannot be used or the rulebook has no
    checks, RulebookError for the rulebook, OutsidePeriod where `as_of` lies outside its assessed period.
    """
    if not isinstance(book, Rulebook):
        book = load_rulebook(book)
    if parameters is not None:
        book = with_parameters(book, parameters)
    if not book.checks:
        raise InputError(f"{book.id} has no section `checks`, so no record can be checked by it")
    day = as_day(as_of)
    check_period(book, day)
    connection = connect(limits)
    door = Door(connection, book, day, "household", households, CHECKED)
    door.open("households")
    notices = [*door.notices, *open_members(connection, book, day, members, CHECKED)]
    join_parameters(connection, book, day)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE checked AS {CheckStatement(book).sql()}")
    rows = connection.execute("SELECT COUNT(*) FROM checked").fetchall()[0][0]
    return CheckResult(
        book=book,
        as_of=day,
        households=int(rows),
        findings=_findings(connection, book),
        found=_counts(connection, book, "found"),
        unknown=_counts(connection, book, "undecided"),
        notices=tuple(notices),
        connection=connection,
        assumed=frozenset(str(one.details["column"]) for one in notices if one.kind == "assumed"),
    )


def _findings(connection: duckdb.DuckDBPyConnection, book: Rulebook) -> pa.Table:
    rows = ", ".join(
        f"({text(one.id)}, {text(one.severity)}, {index})" for index, one in enumerate(book.checks)
    )
    return arrow_table(
        connection,
        f"SELECT f.household, f.area, c.name AS check, c.severity"
        f" FROM (SELECT household, area, UNNEST(found) AS name FROM checked) f"
        f" JOIN (VALUES {rows}) AS c(name, severity, place) ON c.name = f.name"
        f" ORDER BY f.area, f.household, c.place",
    )


def _counts(connection: duckdb.DuckDBPyConnection, book: Rulebook, column: str) -> dict[str, int]:
    rows = connection.execute(
        f"SELECT name, COUNT(*) FROM (SELECT UNNEST({column}) AS name FROM checked) GROUP BY name"
    ).fetchall()
    counts = Counter({str(name): int(count) for name, count in rows})
    return {check.id: counts[check.id] for check in book.checks}


def _why(book: Rulebook, check: Check, record: Record, language: str) -> str:
    """The values behind a finding: what the condition says of the household or the member, and what is blank."""
    answers, said = Answers(record, book), speaker(book, language)
    colon, comma, stop = ("：", "、", "；") if language == "zh" else (": ", ", ", "; ")
    holders = concerned(check, record, book) if check.each_member else [None]
    parts = []
    for member in holders:
        clauses = []
        if check.expression is not None:
            clauses.append(Witness(said, answers, member).say(check.expression.tree))
        facts = record.facts if member is None else member.facts
        blank = [book.dictionary[name].label[language] for name in check.blank if facts.get(name) is None]
        if blank:
            word = "未知或已过期" if language == "zh" else "not known, or too old"
            clauses.append(f"{word}{colon}{comma.join(blank)}")
        clause = stop.join(clauses)
        if member is not None:
            clause = f"成员{member.id}{clause}" if language == "zh" else f"member {member.id} {clause}"
        parts.append(clause)
    return stop.join(parts)
