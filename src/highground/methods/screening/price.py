"""What the questions of a rulebook cost, before it is used: how many a visit brings, what they can change, how long they take.

And the other way round: how many households would no longer be found if some facts were never asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from highground.methods.rules.asking import Asking, candidates, outcome
from highground.methods.rules.reading import load_rulebook
from highground.methods.rules.record import Record
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.statement import statement
from highground.methods.screening.door import Door
from highground.methods.screening.lookups import join_parameters
from highground.methods.screening.opening import as_day, open_members
from highground.methods.screening.records import read_records
from highground.methods.screening.tables import InputError
from highground.methods.store.engine import connect

SAMPLE = 1000
MINUTES = 0.5
"""A question takes half a minute: a working value of this project, to be replaced by a county's own."""


@dataclass(frozen=True)
class PricedQuestion:
    """One fact: how often it is asked and how long that takes, per 1,000 visits; what needs it and what it can change.

    `flips` counts, for the households of the sample that are asked, pairs of verdicts between which the answer decides
    ("marginal / no"), and clue rules that it can fire.
    """

    fact: str
    asked: float
    minutes: float
    needed_by: tuple[str, ...]
    flips: dict[str, int]


@dataclass(frozen=True)
class Price:
    """Per 1,000 visits: `questions` in all and the `minutes` they take; `settled` visits bring none.

    `households` are those of the table, `sample` those that were looked at.
    """

    rulebook: str
    as_of: date
    households: int
    sample: int
    questions: float
    minutes: float
    settled: float
    facts: tuple[PricedQuestion, ...]


@dataclass(frozen=True)
class Without:
    """Of `found` households with a class or a fired clue, `lost` would not be found if `facts` were never known."""

    facts: tuple[str, ...]
    found: int
    lost: int

    @property
    def share(self) -> float | None:
        """The share that is lost; None where nobody is found anyway."""
        return self.lost / self.found if self.found else None


def price(
    book: Rulebook | str | Path,
    *,
    households: Any,
    members: Any = None,
    as_of: str | date,
    sample: int = SAMPLE,
    seed: int = 1,
    minutes: float = MINUTES,
) -> Price:
    """What a visit to each household of a table would ask, told per 1,000 visits.

    Tables as for `screen`. At most `sample` households are looked at, those whose hash with the `seed` is smallest, so
    that the order of the rows does not matter. `minutes` is the time of one question. Raises InputError.
    """
    book, day = _book(book), as_day(as_of)
    if sample < 1 or minutes < 0:
        raise InputError(f"a sample of {sample} at {minutes} minutes: give at least 1, and no time below 0")
    with connect() as connection:
        assumed = _open(connection, book, day, households, members)
        (whole,) = connection.execute("SELECT COUNT(*) FROM households").fetchone() or (0,)
        chosen = connection.execute(
            "SELECT household FROM households ORDER BY md5(CONCAT(?, '/', household)), household LIMIT ?",
            [str(seed), sample],
        ).fetchall()
        records = read_records(connection, book, day, assumed, [row[0] for row in chosen])
        facts, settled = _asked(list(records), book)
    visits = len(chosen)
    per = 1000 / visits if visits else 0.0
    priced = [
        PricedQuestion(name, count * per, count * per * minutes, needed, dict(flips.most_common()))
        for name, (count, needed, flips) in facts.items()
    ]
    asked = sum(one.asked for one in priced)
    return Price(
        rulebook=book.id,
        as_of=day,
        households=int(whole),
        sample=visits,
        questions=asked,
        minutes=asked * minutes,
        settled=settled * per,
        facts=tuple(sorted(priced, key=lambda one: (-one.asked, one.fact))),
    )


def found_without(
    book: Rulebook | str | Path,
    facts: Sequence[str],
    *,
    households: Any,
    members: Any = None,
    as_of: str | date,
) -> Without:
    """How many households would no longer be found if these facts were never known. Two screenings, set-wise.

    Raises InputError for a fact that the rulebook's dictionary does not have.
    """
    book, day = _book(book), as_day(as_of)
    if unknown := [name for name in facts if name not in book.dictionary]:
        raise InputError(f"there is no fact {', '.join(unknown)}; see docs/reference/fact-dictionary.md")
    with connect() as connection:
        _open(connection, book, day, households, members)
        before = _found(connection, book, day)
        for name in facts:
            _forget(connection, name, "m" if book.dictionary[name].entity == "member" else "households")
        after = _found(connection, book, day)
    return Without(tuple(facts), len(before), len(before - after))


def sampled(
    households: Path, members: Path, *, areas: Collection[str], size: int, seed: int = 1
) -> tuple[pa.Table, pa.Table]:
    """The rows of some households out of the Parquet files of a snapshot, and those of their members.

    At most `size` households of these areas (codes), those whose hash with the `seed` is smallest. What is worked out
    from them takes as long for a country as for a county.
    """
    with connect() as connection:
        connection.execute(
            "CREATE TEMP TABLE chosen AS SELECT household FROM read_parquet(?)"
            " WHERE list_contains(?, area) ORDER BY md5(CONCAT(?, '/', household)), household LIMIT ?",
            [str(households), sorted(areas), str(seed), size],
        )
        told = [
            connection.sql(
                "SELECT rows.* FROM read_parquet(?) AS rows SEMI JOIN chosen USING (household)",
                params=[str(file)],
            ).to_arrow_table()
            for file in (households, members)
        ]
    return told[0], told[1]


def _book(book: Rulebook | str | Path) -> Rulebook:
    return book if isinstance(book, Rulebook) else load_rulebook(book)


def _forget(connection: duckdb.DuckDBPyConnection, name: str, table: str) -> None:
    """Make a fact unknown of everybody, with what follows from it (`door.py` names the columns)."""
    own = {f"f_{name}", f"n_months_{name}", f"n_days_{name}"} | ({"f_age"} if name == "birth_date" else set())
    columns = {str(row[0]) for row in connection.execute(f"DESCRIBE {table}").fetchall()}
    for column in sorted(own & columns):
        connection.execute(f"UPDATE {table} SET {column} = NULL")


def _open(
    connection: duckdb.DuckDBPyConnection, book: Rulebook, day: date, households: Any, members: Any
) -> frozenset[str]:
    """Bring the tables in; the columns that are assumed to be true."""
    Door(connection, book, day, "household", households).open("households")
    notices = list(open_members(connection, book, day, members))
    return frozenset(str(one.details["column"]) for one in notices if one.kind == "assumed")


def _found(connection: duckdb.DuckDBPyConnection, book: Rulebook, day: date) -> set[str]:
    join_parameters(connection, book, day)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {statement(book)}")
    rows = connection.execute(
        "SELECT household FROM judged WHERE class_verdict = 'yes' OR LEN(fired) > 0"
    ).fetchall()
    return {str(row[0]) for row in rows}


Told = tuple[int, tuple[str, ...], Counter[str]]


def _asked(records: Collection[Record], book: Rulebook) -> tuple[dict[str, Told], int]:
    """For each fact how often it is asked, which rules need it and what it can change; and who is asked nothing."""
    asking, settled = Asking(book), 0
    counts: Counter[str] = Counter()
    needed: dict[str, dict[str, None]] = {}
    flips: dict[str, Counter[str]] = {}
    for record in records:
        proofs = [(one, asking.witness(record, one)) for one in candidates(record, book)]
        found = [(question, pair) for question, pair in proofs if pair]
        settled += not found
        for question, pair in found:
            counts[question.fact] += 1
            needed.setdefault(question.fact, {}).update(dict.fromkeys(question.needed_by))
            flips.setdefault(question.fact, Counter()).update(_flipped(*pair, book))
    return {name: (count, tuple(needed[name]), flips[name]) for name, count in counts.items()}, settled


def _flipped(first: Record, second: Record, book: Rulebook) -> Iterator[str]:
    """The verdicts between which two households differ, in words of the rulebook."""
    (verdict, class_id, *fired), (other, other_id, *others) = outcome(first, book), outcome(second, book)
    if (verdict, class_id) != (other, other_id):
        yield " / ".join(sorted((class_id or verdict, other_id or other)))
    yield from sorted(set(fired) ^ set(others))
