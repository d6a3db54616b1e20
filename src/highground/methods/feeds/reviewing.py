"""Rows without an identity number: who they may be about is worked out, and a person decides pair by pair.

Pairs of a row and a member of the register are sought where two of name, day of birth and village agree (blocking),
and scored after Fellegi and Sunter (A Theory for Record Linkage, 1969): each comparison adds the binary logarithm of
how often it comes out so for the same person (m) over how often for two people by chance (u). The m and u below are
working values of this project; they order the pairs, and nothing is ever merged by a score. What is compared are
keyed hashes of names, so the queue holds none: who decides looks the row up in the department's file.

`reviews/<landing>.rows.parquet` has the waiting rows, `.pairs.parquet` their pairs, `decisions/<landing>-<row>.json`
what a person decided, who, when and why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from math import log2
from pathlib import Path
from typing import Any

import duckdb

from highground.methods.facts.literals import path as path_literal
from highground.methods.facts.literals import text
from highground.methods.feeds.checks import Intake
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.manifests import SHORT
from highground.methods.feeds.mapping import LINKS
from highground.methods.feeds.persons import FULL_NAME, SURNAME, index_of, indexed_provinces, name_hashes
from highground.methods.feeds.source import ROW
from highground.methods.feeds.uses import Wanted
from highground.methods.feeds.windows import month_text
from highground.methods.store.engine import connect, first_row
from highground.methods.store.files import PARQUET
from highground.methods.store.layout import Store, checked_name
from highground.methods.store.publishing import read_json, whole_file, write_json

MOST_PAIRS = 5
LEAST_SCORE = 1000
"""In hundredths of a bit: below it, agreement is likelier by chance than worth a look."""

LEVELS: Mapping[str, tuple[tuple[str, float, float], ...]] = {
    "name": (("same", 0.92, 0.0005), ("surname", 0.05, 0.06), ("other", 0.03, 0.9395)),
    "birth_date": (("same", 0.95, 1 / 25_000), ("year", 0.03, 0.0143), ("other", 0.02, 0.9857)),
    "sex": (("same", 0.995, 0.5), ("other", 0.005, 0.5)),
    "area": (("same", 0.9, 0.002), ("other", 0.1, 0.998)),
}
"""How each comparison may come out, with m and u."""


def weight(compared: str, level: str) -> int:
    """What an outcome adds to the score, in hundredths of a bit."""
    m, u = next((m, u) for name, m, u in LEVELS[compared] if name == level)
    return round(100 * log2(m / u))


@dataclass(frozen=True)
class Pair:
    """One member whom a waiting row may be about. `compared` says how each comparison of `LEVELS` came out."""

    household: str
    member: str
    county: str | None
    province: str
    score: int
    compared: Mapping[str, str | None]

    @property
    def agrees(self) -> tuple[str, ...]:
        """What is the same."""
        return tuple(name for name, level in self.compared.items() if level == "same")


@dataclass(frozen=True)
class Waiting:
    """A row that waits for a decision: the landing and the row of the department's file, and the pairs, best first."""

    feed: str
    landing: str
    file: str
    row: int
    month: str
    pairs: tuple[Pair, ...]

    @property
    def id(self) -> str:
        return f"{self.landing}-{self.row}"


def queue_rows(
    intake: Intake, store: Store, wanted: Wanted, typed: str, landing: str, province: str | None
) -> int:
    """Queue the rows of `landing` without a number that may be about somebody; how many there are.

    `typed` is SQL of the rows of the file as they are read. Rows that resemble nobody stay rejected.
    """
    connection = intake.connection
    linked = [link for link in LINKS if intake.mapping.links.get(link) in intake.file.columns]
    some = first_row(connection, "SELECT 1 FROM aside WHERE why = 'nobody' LIMIT 1")
    if not linked or not some:
        return 0
    hashes = ", ".join(f"{expression} AS {part}" for part, expression in name_hashes("link_name").items())
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE asking AS SELECT {ROW}, TRY_CAST(link_birth_date AS DATE) AS birth_date,"
        f" link_sex AS sex, link_area AS area, {hashes} FROM given CROSS JOIN secret"
        f" WHERE {ROW} IN (SELECT {ROW} FROM aside WHERE why = 'nobody')"
    )
    provinces = [province] if province else indexed_provinces(store)
    paths = ", ".join(path_literal(index_of(store, one)) for one in provinces)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE pairs AS {_pairs(f'read_parquet([{paths}])')}")
    kept = "".join(f", t.{name}" for name in wanted.fields)
    rows = (
        f"SELECT t.{ROW}, t.month, t.record, t.content{kept} FROM ({typed}) AS t"
        f" WHERE t.nobody AND t.{ROW} IN (SELECT {ROW} FROM pairs) ORDER BY t.{ROW}"
    )
    folder = _folder(store, wanted.feed.name)
    for kind, query in (("pairs", f"SELECT * FROM pairs ORDER BY {ROW}, score DESC, member"), ("rows", rows)):
        with whole_file(folder / f"{landing[:SHORT]}.{kind}.parquet") as beside:
            connection.execute(f"COPY ({query}) TO {path_literal(beside)} ({PARQUET})")
    connection.execute(
        f"UPDATE aside SET why = 'waiting' WHERE why = 'nobody' AND {ROW} IN (SELECT {ROW} FROM pairs)"
    )
    waiting = first_row(connection, f"SELECT COUNT(DISTINCT {ROW}) FROM pairs")
    assert waiting is not None
    return int(waiting[0])


def _pairs(people: str) -> str:
    """SQL: the best pairs of each row of `asking`, with what agrees and the score."""
    blocks = (
        (f"a.{FULL_NAME} = p.{FULL_NAME}", "a.birth_date = p.birth_date"),
        (f"a.{FULL_NAME} = p.{FULL_NAME}", "a.area = p.area"),
        ("a.birth_date = p.birth_date", "a.area = p.area"),
    )
    found = " UNION ".join(
        f"SELECT a.{ROW}, p.household, p.member, p.county, p.province, {_levels()} FROM asking AS a"
        f" JOIN {people} AS p ON {' AND '.join(block)}"
        for block in blocks
    )
    scores = " + ".join(_score(compared) for compared in LEVELS)
    return (
        f"SELECT * FROM (SELECT *, CAST({scores} AS INTEGER) AS score FROM ({found})) WHERE score >= {LEAST_SCORE}"
        f" QUALIFY ROW_NUMBER() OVER (PARTITION BY {ROW} ORDER BY score DESC, member) <= {MOST_PAIRS}"
    )


def _score(compared: str) -> str:
    """SQL: what a comparison adds."""
    cases = " ".join(f"WHEN {text(level)} THEN {weight(compared, level)}" for level, _, _ in LEVELS[compared])
    return f"CASE {compared} {cases} ELSE 0 END"


def _levels() -> str:
    """SQL: how each comparison came out; NULL where one side is not known."""
    return (
        f"CASE WHEN a.{FULL_NAME} = p.{FULL_NAME} THEN 'same' WHEN a.{SURNAME} = p.{SURNAME} THEN 'surname'"
        f" WHEN a.{FULL_NAME} IS NOT NULL AND p.{FULL_NAME} IS NOT NULL THEN 'other' END AS name,"
        " CASE WHEN a.birth_date = p.birth_date THEN 'same' WHEN YEAR(a.birth_date) = YEAR(p.birth_date) THEN 'year'"
        " WHEN a.birth_date IS NOT NULL AND p.birth_date IS NOT NULL THEN 'other' END AS birth_date,"
        " CASE WHEN a.sex = p.sex THEN 'same' WHEN a.sex IS NOT NULL AND p.sex IS NOT NULL THEN 'other' END AS sex,"
        " CASE WHEN a.area = p.area THEN 'same' WHEN a.area IS NOT NULL AND p.area IS NOT NULL THEN 'other' END AS area"
    )


def waiting(
    store: Store,
    feed: str,
    manifests: Mapping[str, Mapping[str, Any]],
    *,
    counties: Collection[str] | None = None,
) -> list[Waiting]:
    """The rows of a feed that wait for a decision, by landing and row. `manifests` are those of its landings.

    With `counties`, only rows that may be about somebody there; each still comes with all its pairs.
    """
    folder = _folder(store, feed)
    names = {landing[:SHORT]: manifest["file"] for landing, manifest in manifests.items()}
    queued = [path.name.removesuffix(".pairs.parquet") for path in sorted(folder.glob("*.pairs.parquet"))]
    if not queued:
        return []
    found: list[Waiting] = []
    with connect() as connection:
        for landing in queued:
            if landing in names:
                found += _waiting(connection, folder, feed, landing, names[landing], counties)
    return found


def _waiting(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    feed: str,
    landing: str,
    file: str,
    counties: Collection[str] | None,
) -> Iterator[Waiting]:
    pairs_file = f"read_parquet({path_literal(folder / f'{landing}.pairs.parquet')})"
    there = "" if counties is None else (
        f" WHERE p.{ROW} IN (SELECT {ROW} FROM {pairs_file} WHERE list_contains(CAST(? AS VARCHAR[]), county))"
    )  # fmt: skip
    rows = connection.execute(
        f"SELECT p.{ROW}, r.month, p.household, p.member, p.county, p.province, p.score,"
        f" {', '.join(f'p.{name}' for name in LEVELS)}"
        f" FROM {pairs_file} AS p"
        f" JOIN read_parquet({path_literal(folder / f'{landing}.rows.parquet')}) AS r ON r.{ROW} = p.{ROW}{there}"
        f" ORDER BY p.{ROW}, p.score DESC, p.member",
        [] if counties is None else [sorted(counties)],
    ).fetchall()
    pairs: dict[tuple[int, int], list[Pair]] = {}
    for row, month, household, member, county, province, score, *levels in rows:
        compared = dict(zip(LEVELS, levels, strict=True))
        pairs.setdefault((row, month), []).append(Pair(household, member, county, province, score, compared))
    for (row, month), those in pairs.items():
        if not decision_path(folder, f"{landing}-{row}").is_file():
            yield Waiting(feed, landing, file, row, month_text(month), tuple(those))


def record_decision(
    store: Store, waits: Waiting, *, member: str | None, by: str, today: date, reason: str = ""
) -> dict[str, Any]:
    """Keep who a row is about, or that it is about none of them (`member` None), and why; the decision.

    Raises FeedError for a member who is not among the pairs, without a name of who decides, or when it was decided.
    """
    pair = next((one for one in waits.pairs if one.member == member), None)
    if member is not None and pair is None:
        known = ", ".join(one.member for one in waits.pairs)
        raise FeedError(f"{waits.id}: '{member}' is none of the members it may be about: {known}")
    if not by.strip():
        raise FeedError(f"{waits.id}: say who decides")
    path = decision_path(_folder(store, waits.feed), waits.id)
    if path.is_file():
        earlier = read_json(path)
        raise FeedError(f"{waits.id}: was decided on {earlier['decided_on']} by {earlier['by']}")
    decision = {
        "review": waits.id,
        "landing": waits.landing,
        "row": waits.row,
        "pair": asdict(pair) if pair else None,
        "by": by.strip(),
        "reason": reason.strip(),
        "decided_on": today.isoformat(),
    }
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_json(path, decision)
    return decision


def decisions(store: Store, feed: str) -> list[dict[str, Any]]:
    """Every decision on rows of a feed."""
    return [read_json(path) for path in sorted((_folder(store, feed) / "decisions").glob("*.json"))]


def landing_of(feed: str, review: str) -> str:
    """The name of the landing that a decision leads to."""
    return hashlib.sha256(f"{feed} {review}".encode()).hexdigest()


def decision_path(folder: Path, review: str) -> Path:
    """Where a decision lies. Raises StoreError for an id that is no name."""
    return folder / "decisions" / f"{checked_name(review)}.json"


def _folder(store: Store, feed: str) -> Path:
    return store.feed(feed) / "reviews"
