"""Land what a department sent: checked, matched, without duplicates, only the fields that a rule needs.

    with Landing(store, wanted(feed, uses), key=lookup_key(home), today=today) as landing:
        manifest = landing.land(path, mapping, province="CN-GX", complete="2026-11")

A landing is whole or not there: its files are written beside their places and renamed, its manifest comes last, and
files that no manifest names are removed by the next landing. Rows of earlier months become new files of their months.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
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
from highground.methods.feeds.manifests import SHORT, Landed
from highground.methods.feeds.mapping import FeedMapping, plain_mapping
from highground.methods.feeds.months import sum_months
from highground.methods.feeds.rejects import write_rejects
from highground.methods.feeds.reviewing import queue_rows
from highground.methods.feeds.source import ROW, Opened, give, opened, unreadable
from highground.methods.feeds.uses import Wanted
from highground.methods.feeds.windows import first_day, month_number, month_text
from highground.methods.store.engine import Limits, connect, first_row
from highground.methods.store.files import PARQUET
from highground.methods.store.layout import Store, checked_month
from highground.methods.store.publishing import locked, sha256_of, sweep, whole_file, write_json

FORMAT = 1
KEYS = ("row_key", "row_content")


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
            for path in self.landed.orphans():
                path.unlink()
            self.connection = self._stack.enter_context(connect(self.limits))
            keep_secret(self.connection, self.key)
            self._register = matching.Register(self.connection, self.store, self.feed)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if error is None or isinstance(error, FeedError):
                with enough_room(self.folder):
                    sum_months(self.store, self.wanted, self.landed, self.connection)

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
        if earlier and set(self.wanted.columns) <= set(earlier["columns"]):
            if any(one not in earlier["complete"] for one in whole):
                # Two months without a row are two files of one content.
                self._publish(name, {**earlier, "complete": [*earlier["complete"], *whole]})
            return {**self.landed.manifests[name], "already": True}
        with enough_room(self.folder), ExitStack() as files:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            mapping = mapping or plain_mapping(self.feed)
            file = files.enter_context(opened(self.connection, path, mapping, self.folder))
            try:
                manifest = self._land(name, self._intake(file, mapping), province, earlier)
            except duckdb.Error as error:
                if _no_room(error):
                    raise
                raise unreadable(path, error) from error
            manifest["complete"] = [*(earlier["complete"] if earlier else []), *whole]
            self._publish(name, manifest)
            for orphan in list(self.landed.orphans()) if earlier else []:
                orphan.unlink()
        return {**manifest, "already": False}

    def _publish(self, name: str, manifest: dict[str, Any]) -> None:
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
        self._read(fields, province)
        try:
            checks.refuse_nonsense(intake, "landing")
            matching.refuse_strangers(intake, self._register, province)
            generation = earlier["generation"] + 1 if earlier else 1
            waiting = queue_rows(intake, self.store, self.wanted, name, province)
            matching.set_aside_unauthorised(connection, self.store, feed, self.days.today)
            self._set_aside_twice(name)
            counts = self._counts()
            rejects = write_rejects(intake, name, self.folder)
            parts = list(self._write_parts(name, generation))
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

    def _read(self, fields: list[checks.Read], province: str | None) -> None:
        """The table `landing`: each row read, its problems, its household, its key and content."""
        feed, kept = self.feed, self.wanted.fields
        values = ", ".join(
            f"{one.value} AS v_{one.field.name}, {one.problem} AS p_{one.field.name}" for one in fields
        )
        written = ", '|', ".join(f"COALESCE(CAST(v_{one.field.name} AS VARCHAR), '')" for one in fields)
        record = "CAST(md5(v_record) AS UUID)" if "record" in feed.fields else "CAST(NULL AS UUID)"
        kept_values = "".join(f", v_{one} AS {one}" for one in kept)
        month = f"v_{feed.month}"
        who = self._register.digest("given") if feed.per == "person" else "who"
        people = self._register.open(province)
        secret = " CROSS JOIN secret" if self._register.persons else ""
        inner = f"SELECT {ROW}, who IS NULL AS nobody, {who} AS key, {values} FROM given{secret}"
        read = (
            f"SELECT {ROW}, nobody, key, {checks.problems(fields)} AS bad, {record} AS record,"
            f" md5_number_lower(CONCAT({written})) AS content,"
            f" CAST(YEAR({month}) * 12 + MONTH({month}) - 1 AS INTEGER) AS month{kept_values} FROM ({inner})"
        )
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE landing AS SELECT g.* EXCLUDE (key, record, content), p.household, p.member,"
            f" p.county, p.province, COALESCE(p.ambiguous, FALSE) AS ambiguous,"
            f" COALESCE(g.record, CAST(md5(CONCAT(p.household, '|', p.member, '|', g.content)) AS UUID)) AS row_key,"
            f" md5_number_lower(CONCAT(p.household, '|', p.member, '|', g.content)) AS row_content"
            f" FROM ({read}) AS g LEFT JOIN {people} AS p ON p.key = g.key"
        )
        self.connection.execute("CREATE OR REPLACE TEMP TABLE aside (row_number BIGINT, why VARCHAR)")
        self.connection.execute(
            f"INSERT INTO aside SELECT {ROW}, CASE WHEN bad <> 0 THEN 'rejected' WHEN nobody THEN 'nobody'"
            " WHEN ambiguous THEN 'ambiguous' ELSE 'stranger' END FROM landing"
            " WHERE bad <> 0 OR household IS NULL OR ambiguous"
        )

    def _set_aside_twice(self, name: str) -> None:
        """Rows that stand in the file twice or have been landed before; with another content they are `changed`."""
        good = f"FROM landing AS l ANTI JOIN aside AS a ON a.{ROW} = l.{ROW}"
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
        for month, province in self.connection.execute(
            f"SELECT DISTINCT l.month, l.province {good}"
        ).fetchall():
            earlier = self.landed.parts(month_text(month), province, but=name)
            if earlier:
                paths = ", ".join(path_literal(part.path) for part in earlier)
                self.connection.execute(
                    f"INSERT INTO aside SELECT l.{ROW},"
                    " CASE WHEN l.row_content = e.row_content THEN 'duplicate' ELSE 'changed' END"
                    f" FROM landing AS l ANTI JOIN aside AS a ON a.{ROW} = l.{ROW}"
                    f" JOIN (SELECT row_key, row_content FROM read_parquet([{paths}])) AS e ON e.row_key = l.row_key"
                    f" WHERE l.month = {month} AND l.province = {text(province)}"
                )

    def _counts(self) -> dict[str, int]:
        """How many rows there are and what became of them."""
        total = first_row(self.connection, "SELECT COUNT(*) FROM landing")
        assert total is not None
        why = dict(
            self.connection.execute("SELECT why, COUNT(*) FROM aside GROUP BY why ORDER BY why").fetchall()
        )
        return {"rows": total[0], "landed": total[0] - sum(why.values()), **why}

    def _write_parts(self, name: str, generation: int) -> Iterator[dict[str, Any]]:
        """One file for each month and province, sorted by county and household."""
        good = f"FROM landing AS l ANTI JOIN aside AS a ON a.{ROW} = l.{ROW}"
        columns = ", ".join(f"l.{one}" for one in (*self.wanted.columns, *KEYS))
        found = self.connection.execute(
            f"SELECT l.month, l.province, COUNT(*) {good} GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        for number, province, rows in found:
            month = month_text(number)
            again = f"-{generation}" if generation > 1 else ""
            path = self.folder / "landed" / month / f"{province}-{name[:SHORT]}{again}.parquet"
            with whole_file(path) as beside:
                self.connection.execute(
                    f"COPY (SELECT {columns} {good} WHERE l.month = {number} AND l.province = {text(province)}"
                    f" ORDER BY l.county, l.household, l.{ROW}) TO {path_literal(beside)} ({PARQUET})"
                )
            yield {
                "month": month,
                "province": province,
                "file": path.name,
                "rows": rows,
                "sha256": sha256_of(path),
            }


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
