"""Land what a department sent: checked, matched, without duplicates, only the fields that a rule needs.

    with Landing(store, wanted(feed, uses), key=lookup_key(home), today=today) as landing:
        manifest = landing.land(path, mapping, province="CN-GX", complete="2026-11")

A landing is whole or not there: its files are written beside their places and renamed, its manifest comes last, and
files that no manifest names are removed by the next landing. Rows of earlier months become new files of their months.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from highground import __version__
from highground.methods.facts.literals import path as path_literal
from highground.methods.facts.literals import text
from highground.methods.feeds import checks, matching
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.hashing import keep_secret
from highground.methods.feeds.manifests import Landed, part_name
from highground.methods.feeds.mapping import FeedMapping, plain_mapping
from highground.methods.feeds.months import sum_months
from highground.methods.feeds.rejects import write_rejects
from highground.methods.feeds.reviewing import Waiting, decisions, landing_of, queue_rows, record_decision
from highground.methods.feeds.source import ROW, Opened, give, opened, unreadable
from highground.methods.feeds.uses import Wanted
from highground.methods.feeds.windows import first_day, month_number, month_text
from highground.methods.store.engine import Limits, connect, first_row
from highground.methods.store.files import PARQUET
from highground.methods.store.layout import Store, checked_month
from highground.methods.store.publishing import locked, sha256_of, sweep, whole_file, write_json

FORMAT = 1
KEYS = ("row_key", "row_content")
DEFECTS = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.InternalException)
"""Errors of the engine for which no file can be blamed."""
_WHOLE = "CONCAT(p.household, '|', p.member, '|', t.content)"
KEYED = (
    f"COALESCE(t.record, CAST(md5({_WHOLE}) AS UUID)) AS row_key, md5_number_lower({_WHOLE}) AS row_content"
)
"""SQL: what two rows must share to be the same, the record's number or everything; and the content of a row."""


class Landing:
    """Lands files of one feed one after another, then brings its months up to date. Nobody else lands it meanwhile."""

    def __init__(
        self,
        store: Store,
        wanted: Wanted,
        *,
        key: bytes,
        today: date,
        digits: int = 2,
        rulebooks: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.store = store
        self.wanted = wanted
        self.feed = wanted.feed
        self.folder = store.feed(self.feed.name)
        self.digits = digits
        self.rulebooks = dict(rulebooks or {})
        self.limits = limits
        self.key = key
        oldest = month_text(month_number(today) - self.feed.basis.retention_months + 1)
        self.days = checks.Days(first_day(oldest), today)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Take the lock and clear away what a stopped landing left. Raises StoreError where another is at work."""
        with self._stack:
            self._stack.enter_context(locked(self.folder, f"landing of the feed '{self.feed.name}'"))
            sweep(self.folder)
            self.landed = Landed(self.store, self.feed.name)
            self.remove_orphans()
            self.connection = self._stack.enter_context(connect(self.limits))
            keep_secret(self.connection, self.key)
            self._register = matching.Register(self.connection, self.store, self.feed)
            self._land_decided()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if error is None or isinstance(error, FeedError):
                self.bring_up_to_date()

    def bring_up_to_date(self) -> None:
        """Sum the months again of which anything has changed."""
        with enough_room(self.folder):
            sum_months(self.store, self.wanted, self.landed, self.connection)

    def remove_orphans(self) -> None:
        """Remove landed files that no manifest names."""
        for path in list(self.landed.orphans()):
            path.unlink()

    def land(
        self,
        path: Path,
        mapping: FeedMapping | None = None,
        *,
        province: str | None = None,
        complete: str | None = None,
    ) -> dict[str, Any]:
        """Land one file; its manifest, with `already` true where the same content has been landed before.

        `province` says where its people live; without it they are looked for in every register. `complete` names
        the month of which the file holds everything there is for that province. Raises FeedError for a file that
        cannot be used as a whole; single rows that cannot be used go to the rejects file that the manifest names.
        """
        if complete is not None and province is None:
            raise FeedError("name the province of which the month is complete")
        month = None if complete is None else checked_month(complete)
        name = _hash(path)
        earlier = self.landed.manifests.get(name)
        whole = [{"month": month, "province": province}] if month else []
        if earlier and set(self.wanted.columns) <= set(earlier["columns"]) and not self.landed.lacks(name):
            if any(one not in earlier["complete"] for one in whole):
                # Two months without a row are two files of one content.
                self.publish(name, {**earlier, "complete": [*earlier["complete"], *whole]})
            return {**self.landed.manifests[name], "already": True}
        with enough_room(self.folder), ExitStack() as files:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            mapping = mapping or plain_mapping(self.feed)
            file = files.enter_context(opened(self.connection, path, mapping, self.folder))
            try:
                manifest = self._land(name, self._intake(file, mapping), province, earlier)
            except duckdb.Error as error:
                if _no_room(error) or isinstance(error, DEFECTS):
                    raise
                raise unreadable(path, error) from error
            manifest["complete"] = [*(earlier["complete"] if earlier else []), *whole]
            self.publish(name, manifest)
            if earlier:
                self.remove_orphans()
        return {**manifest, "already": False}

    def decide(self, waits: Waiting, *, member: str | None, by: str, reason: str = "") -> dict[str, Any]:
        """Record who a waiting row is about, or that it is about none of them, and land it at once; the decision.

        Raises FeedError as `record_decision` does.
        """
        decision = record_decision(
            self.store, waits, member=member, by=by, reason=reason, today=self.days.today
        )
        self._land_decided()
        return decision

    def _land_decided(self) -> None:
        """Land the rows about which a person has decided, each as a landing of its own, where that is not done yet."""
        for decision in decisions(self.store, self.feed.name):
            name = landing_of(self.feed.name, decision["review"])
            origin = next((one for one in self.landed.manifests if one.startswith(decision["landing"])), None)
            waits = (self.folder / "reviews" / f"{decision['landing']}.rows.parquet").is_file()
            if decision["pair"] and origin and waits and name not in self.landed.manifests:
                with enough_room(self.folder):
                    self._land_one(name, decision, self.landed.manifests[origin])

    def _land_one(self, name: str, decision: dict[str, Any], origin: dict[str, Any]) -> None:
        rows = self.folder / "reviews" / f"{decision['landing']}.rows.parquet"
        who = ("household", "member", "county", "province")
        columns = ", ".join(f"CAST(? AS VARCHAR) AS {column}" for column in who)
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE landing AS SELECT t.* EXCLUDE (record, content), p.household, p.member,"
            f" p.county, p.province, {KEYED} FROM read_parquet({path_literal(rows)}) AS t"
            f" CROSS JOIN (SELECT {columns}) AS p WHERE t.{ROW} = {int(decision['row'])}",
            [decision["pair"][column] for column in who],
        )
        self.connection.execute("CREATE OR REPLACE TEMP TABLE aside (row_number BIGINT, why VARCHAR)")
        self._set_aside_twice(name)
        copied = ("format", "engine", "highground", "feed", "file", "mapping", "columns", "facts")
        manifest = {key: origin[key] for key in copied} | {
            "sha256": name,
            "review": decision["review"],
            "landed_on": self.days.today.isoformat(),
            "sequence": self.landed.next,
            "generation": 1,
            "rulebooks": self.rulebooks,
            "counts": {**self._counts(), "waiting": 0},
            "rejects": {"rows": 0, "kinds": {}, "file": None},
            "parts": list(self._write_parts(name, 1, origin["columns"])),
            "complete": [],
        }
        self.publish(name, manifest)

    def publish(self, name: str, manifest: dict[str, Any]) -> None:
        """Write the manifest: from now on the file is landed."""
        path = self.landed.path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_json(path, manifest)
        self.landed.add(name, manifest)

    def _intake(self, file: Opened, mapping: FeedMapping) -> checks.Intake:
        return checks.Intake(self.connection, self.feed, mapping, file, self.digits, self.days)

    def _land(
        self, name: str, intake: checks.Intake, province: str | None, earlier: dict[str, Any] | None
    ) -> dict[str, Any]:
        connection, feed = self.connection, self.feed
        kinds = give(connection, feed, intake.mapping, intake.file)
        fields = checks.reads(intake, kinds)
        typed = self._typed(fields)
        self._match(typed, province)
        try:
            checks.refuse_nonsense(intake, "landing")
            matching.refuse_strangers(intake, self._register, province)
            generation = earlier["generation"] + 1 if earlier else 1
            waiting = queue_rows(intake, self.store, self.wanted, typed, name, province)
            matching.set_aside_unauthorised(connection, self.store, feed, self.days.today)
            self._set_aside_twice(name)
            counts = self._counts()
            rejects = write_rejects(intake, name, self.folder)
            parts = list(self._write_parts(name, generation, [*self.wanted.columns, *KEYS]))
        finally:
            for table in ("landing", "aside"):
                connection.execute(f"DROP TABLE IF EXISTS {table}")
        return {
            "format": FORMAT,
            "highground": __version__,
            "engine": duckdb.__version__,
            "feed": feed.name,
            "file": intake.file.path.name,
            "sha256": name,
            "landed_on": self.days.today.isoformat(),
            "sequence": earlier["sequence"] if earlier else self.landed.next,
            "generation": generation,
            "mapping": intake.mapping.origin,
            "rulebooks": self.rulebooks,
            "facts": [fact.name for fact in self.wanted.facts],
            "columns": [*self.wanted.columns, *KEYS],
            "counts": {**counts, "waiting": waiting},
            "rejects": rejects,
            "parts": parts,
        }

    def _typed(self, fields: list[checks.Read]) -> str:
        """SQL: each row read, its problems, what it is matched by, its record and content, its month, what is kept."""
        values = ", ".join(
            f"{one.value} AS v_{one.field.name}, {one.problem} AS p_{one.field.name}" for one in fields
        )
        written = ", '|', ".join(f"COALESCE(CAST(v_{one.field.name} AS VARCHAR), '')" for one in fields)
        record = "CAST(md5(v_record) AS UUID)" if "record" in self.feed.fields else "CAST(NULL AS UUID)"
        kept = "".join(f", v_{one} AS {one}" for one in self.wanted.fields)
        month = f"v_{self.feed.month}"
        secret = " CROSS JOIN secret" if self._register.persons else ""
        who = self._register.digest("given") if self._register.persons else "who"
        inner = f"SELECT {ROW}, who IS NULL AS nobody, {who} AS key, {values} FROM given{secret}"
        return (
            f"SELECT {ROW}, nobody, key, {checks.problems(fields)} AS bad, {record} AS record,"
            f" md5_number_lower(CONCAT({written})) AS content,"
            f" CAST(YEAR({month}) * 12 + MONTH({month}) - 1 AS INTEGER) AS month{kept} FROM ({inner})"
        )

    def _match(self, typed: str, province: str | None) -> None:
        """The table `landing`: each row with its household, its key and its content."""
        people = self._register.open(province)
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE landing AS SELECT t.* EXCLUDE (key, record, content), p.household, p.member,"
            f" p.county, p.province, COALESCE(p.ambiguous, FALSE) AS ambiguous, {KEYED}"
            f" FROM ({typed}) AS t LEFT JOIN {people} AS p ON p.key = t.key"
        )
        if province is None:
            self._one_of_several()
        self.connection.execute("CREATE OR REPLACE TEMP TABLE aside (row_number BIGINT, why VARCHAR)")
        self.connection.execute(
            f"INSERT INTO aside SELECT {ROW}, CASE WHEN bad <> 0 THEN 'rejected' WHEN nobody THEN 'nobody'"
            " WHEN ambiguous THEN 'ambiguous' ELSE 'stranger' END FROM landing"
            " WHERE bad <> 0 OR household IS NULL OR ambiguous"
        )

    def _one_of_several(self) -> None:
        """Who is on the registers of two provinces is ambiguous, too; the row stands once."""
        connection = self.connection
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE several AS SELECT {ROW}, MIN(rowid) AS first FROM landing"
            f" GROUP BY {ROW} HAVING COUNT(*) > 1"
        )
        if first_row(connection, "SELECT 1 FROM several LIMIT 1"):
            connection.execute(
                f"DELETE FROM landing WHERE {ROW} IN (SELECT {ROW} FROM several) AND rowid NOT IN (SELECT first FROM several)"
            )
            connection.execute(
                f"UPDATE landing SET ambiguous = TRUE WHERE {ROW} IN (SELECT {ROW} FROM several)"
            )

    def _set_aside_twice(self, name: str) -> None:
        """Rows that stand in the file twice or have been landed before; with another content they are `changed`."""
        good = f"FROM landing AS l ANTI JOIN aside AS a ON a.{ROW} = l.{ROW}"
        for month, province in self.connection.execute(
            f"SELECT DISTINCT l.month, l.province {good}"
        ).fetchall():
            earlier = self.landed.present(self.landed.parts(month_text(month), province, but=name))
            if earlier:
                paths = ", ".join(path_literal(part.path) for part in earlier)
                self.connection.execute(
                    f"INSERT INTO aside SELECT l.{ROW},"
                    " CASE WHEN l.row_content = e.row_content THEN 'duplicate' ELSE 'changed' END"
                    f" FROM landing AS l ANTI JOIN aside AS a ON a.{ROW} = l.{ROW}"
                    f" JOIN (SELECT row_key, row_content FROM read_parquet([{paths}])) AS e ON e.row_key = l.row_key"
                    f" WHERE l.month = {month} AND l.province = {text(province)}"
                )
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE twice AS SELECT row_key {good} GROUP BY row_key HAVING COUNT(*) > 1"
        )
        if first_row(self.connection, "SELECT 1 FROM twice LIMIT 1"):
            self.connection.execute(
                f"INSERT INTO aside SELECT {ROW}, CASE WHEN row_content = first THEN 'duplicate' ELSE 'changed' END"
                f" FROM (SELECT l.{ROW}, l.row_content, FIRST_VALUE(l.row_content) OVER same AS first,"
                f" ROW_NUMBER() OVER same AS place {good} WHERE l.row_key IN (FROM twice)"
                f" WINDOW same AS (PARTITION BY l.province, l.month, l.row_key ORDER BY l.{ROW})) WHERE place > 1"
            )

    def _counts(self) -> dict[str, int]:
        """How many rows there are and what became of them."""
        total = first_row(self.connection, "SELECT COUNT(*) FROM landing")
        assert total is not None
        why = dict(
            self.connection.execute("SELECT why, COUNT(*) FROM aside GROUP BY why ORDER BY why").fetchall()
        )
        return {"rows": total[0], "landed": total[0] - sum(why.values()), **why}

    def _write_parts(self, name: str, generation: int, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """One file for each month and province, sorted by county and household."""
        # Sorted once: the rows of a month and province lie together, and the others are skipped.
        kept = ", ".join(f"l.{one}" for one in dict.fromkeys(("month", "province", *columns)))
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE good AS SELECT {kept} FROM landing AS l ANTI JOIN aside AS a"
            f" ON a.{ROW} = l.{ROW} ORDER BY l.month, l.province, l.county, l.household, l.{ROW}"
        )
        found = self.connection.execute(
            "SELECT month, province, COUNT(*) FROM good GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        for number, province, rows in found:
            month = month_text(number)
            path = self.folder / "landed" / month / part_name(province, name, generation)
            with whole_file(path) as beside:
                self.connection.execute(
                    f"COPY (SELECT {', '.join(columns)} FROM good WHERE month = {number} AND province = {text(province)})"
                    f" TO {path_literal(beside)} ({PARQUET})"
                )
            yield {
                "month": month,
                "province": province,
                "file": path.name,
                "rows": rows,
                "sha256": sha256_of(path),
            }
        self.connection.execute("DROP TABLE good")


@contextmanager
def enough_room(folder: Path) -> Iterator[None]:
    """What a full disk means for the store: nothing of this landing is there, everything before it is."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        if not _no_room(error):
            raise
        raise FeedError(
            f"{folder}: there is no room left to write; nothing of this file was landed and what was there stays:"
            " make room and land it again"
        ) from error


def _no_room(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
    said = str(error)
    return any(os.strerror(code) in said for code in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT))


def _hash(path: Path) -> str:
    if not path.is_file():
        raise FeedError(f"{path}: there is no such file; check the path")
    return sha256_of(path)
