"""Screen the register: one run, kept whole on disk, and the clues that it opens, meets again or finds cleared."""

from __future__ import annotations

import datetime
import hashlib
import json
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.utils import timezone

from highground.areas.enums import Level
from highground.areas.models import Area
from highground.audit.actions import record
from highground.methods.facts.literals import text
from highground.methods.rules import Rulebook, load_rulebook
from highground.methods.screening import ScreenResult, check_period, screen
from highground.methods.store.engine import arrow_table
from highground.people.snapshot import write_snapshot
from highground.signals.bulk import (
    FIRED,
    VERDICTS,
    Written,
    refresh_plans,
    write_clues,
    write_tallies,
    write_verdicts,
)
from highground.signals.enums import Change, ClassVerdict, ClueKind, Queue, Severity
from highground.signals.events import register_screened
from highground.signals.evidence import evidence_of
from highground.signals.kept import records_of, runs_folder, verdicts_of
from highground.signals.missing import missing_facts
from highground.signals.models import AreaTally, RulebookVersion, Run
from highground.signals.rulebooks import rules_of

SEVERITIES = {"low": Severity.LOW, "medium": Severity.MEDIUM, "high": Severity.HIGH}


class ScreeningError(RuntimeError):
    """A screening that can't be done; the message says why and how to mend it."""


def screen_register(
    *,
    rulebook: Rulebook | str | Path,
    as_of: datetime.date,
    snapshot: Path | None = None,
    area: Area | None = None,
    parameters: Any = None,
    by: str,
    today: datetime.date,
) -> Run:
    """Screen the households of `area` (without it, of the rulebook's country) for the day `as_of`.

    `snapshot` is the folder of a register snapshot, or of a county of a country's run (`highground run snapshot`);
    without it one is written now. The first run of a rulebook in an area compares with an empty register, so that every
    yes is new; later ones with the run before. Opens a clue per new household and rule, due `visit_within` days after
    `today`. One event.

    Raises ScreeningError, RulebookError, OutsidePeriod, InputError; none of them leaves anything behind.
    """
    begun = time.perf_counter()
    book = rulebook if isinstance(rulebook, Rulebook) else load_rulebook(rulebook)
    check_period(book, as_of)
    place = area or country_of(book)
    previous = last_run(book.id, place)
    if previous and as_of < previous.as_of:
        raise ScreeningError(
            f"the last run of {book.id} in {place.code} is of {previous.as_of}, after {as_of}; runs go forward: choose "
            f"a day from {previous.as_of} on, or screen a snapshot with --households"
        )
    folder = snapshot or write_snapshot(as_of=as_of, area=place, by=by, today=today).folder
    result = screen(
        book,
        households=folder / "households.parquet",
        members=folder / "members.parquet",
        as_of=as_of,
        previous=verdicts_of(previous) if previous else None,
        parameters=parameters,
        ranks=_ranks_of(folder),
        from_empty=previous is None,
    )
    kept = result.save(runs_folder() / f"{as_of:%Y%m%d}-{book.id}-{secrets.token_hex(4)}")
    try:
        fired, verdicts = _fired(result), _verdicts(result, folder)
        with transaction.atomic():
            run = _store(result, kept, folder, place, previous, by, today)
            written = write_clues(fired, run, opened_on=today)
            write_verdicts(verdicts, run)
            write_tallies(list(_tallies(result, verdicts, run)), run)
            run.counts = _counts(result, verdicts, written)
            run.seconds = round(time.perf_counter() - begun, 2)
            run.save(update_fields=["counts", "seconds"])
            _event(run, by)
            register_screened.send(sender=Run, run=run, by=by, today=today)
    except BaseException:
        shutil.rmtree(kept, ignore_errors=True)
        raise
    refresh_plans()
    return run


def _ranks_of(snapshot: Path) -> dict[str, dict[str, int]] | None:
    """What the run of a country found for each rank, where the snapshot is a county of one."""
    path = snapshot / "manifest.json"
    found: dict[str, dict[str, int]] | None = None
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8")).get("ranks")
    return found


def last_run(rulebook: str, area: Area) -> Run | None:
    """The last run of a rulebook over exactly this area."""
    runs = Run.objects.everywhere(reason="a screening compares with the run before it")
    return runs.filter(rulebook=rulebook, area=area).order_by("-pk").first()


def country_of(book: Rulebook) -> Area:
    """The area of the rulebook's country. Raises ScreeningError where it is not on the register."""
    found = Area.objects.filter(level=Level.COUNTRY, country=book.country).order_by("path").first()
    if found is None:
        raise ScreeningError(
            f"{book.id} is of country '{book.country}', which is not in the areas; import it, or name an area: --area CODE"
        )
    return found


def _store(
    result: ScreenResult,
    kept: Path,
    snapshot: Path,
    area: Area,
    previous: Run | None,
    by: str,
    today: datetime.date,
) -> Run:
    book = result.book
    version, _ = RulebookVersion.objects.get_or_create(
        hash=book.hash,
        defaults={
            "rulebook": book.id,
            "version": book.version,
            "title": dict(book.title),
            "content": json.loads(json.dumps(book.content, default=str)),
            "synthetic": book.synthetic,
        },
    )
    # Whoever comes second waits here for the first to finish, and then finds that it compared with the wrong run.
    RulebookVersion.objects.select_for_update().get(pk=version.pk)
    if last_run(book.id, area) != previous:
        raise ScreeningError(f"another screening by {book.id} in {area.code} has just finished; start again")
    manifest = (kept / "manifest.json").read_bytes()
    now = timezone.localtime()
    run: Run = Run.objects.create(
        rulebook_version=version,
        rulebook=book.id,
        as_of=result.as_of,
        area=area,
        previous=previous,
        folder=kept.name,
        snapshot=snapshot.name,
        manifest=json.loads(manifest),
        content_hash=hashlib.sha256(manifest).hexdigest(),
        seconds=0,
        created_at=timezone.make_aware(datetime.datetime.combine(today, now.time())),
        by=by,
    )
    return run


def _fired(result: ScreenResult) -> pa.Table:
    """A row per change of the run (schema FIRED), with the evidence of those that are yes now."""
    book = result.book
    kinds = {one.id: ClueKind.CLASS for one in book.classes} | {one.id: ClueKind.RULE for one in book.clues}
    rules = rules_of(book)
    changes = [row for row in result.changes.to_pylist() if row["rule"] in rules]
    evidence = _evidence(result, changes)
    rows = [
        {
            "key": row["household"],
            "rule": row["rule"],
            "kind": str(kinds[row["rule"]]),
            "severity": int(SEVERITIES[rules[row["rule"]].severity]),
            "visit_within": rules[row["rule"]].visit_within,
            "change": row["change"],
            "stale": row["stale"],
            "evidence": evidence.get((row["household"], row["rule"])),
        }
        for row in changes
    ]
    return pa.Table.from_pylist(rows, schema=FIRED)


def _evidence(result: ScreenResult, changes: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """The evidence as JSON by household and rule, for what is yes now."""
    rules: dict[str, list[str]] = {}
    for row in changes:
        if row["change"] != Change.CLEARED and not row["stale"]:
            rules.setdefault(row["household"], []).append(row["rule"])
    result.connection.register("wanted", pa.table({"household": pa.array(sorted(rules), pa.string())}))
    tables = [
        arrow_table(result.connection, f"SELECT t.* FROM {name} t SEMI JOIN wanted USING (household)")
        for name in ("households", "m")
    ]
    return {
        (seen.household, rule): json.dumps(found, ensure_ascii=False)
        for seen in records_of(result.book, result.as_of, result.assumed, *tables)
        for rule, found in evidence_of(seen, result.book, rules[seen.household]).items()
    }


def _verdicts(result: ScreenResult, snapshot: Path) -> pa.Table:
    """A row per household (schema VERDICTS): its verdict, what is missing, and the queue in which it waits."""
    unseen = _unseen(result, snapshot)
    missing = dict(zip(*missing_facts(result).to_pydict().values(), strict=True))
    columns = ["household", "class", "class_verdict", "fired", "undecided", "unknown", "stale"]
    rows = [
        {
            "key": row["household"],
            "class_id": row["class"] or "",
            "class_verdict": row["class_verdict"],
            "queue": str(_queue(row, unseen)),
            "missing": json.dumps(missing[row["household"]]),
            **{name: json.dumps(row[name]) for name in ("fired", "undecided", "unknown", "stale")},
        }
        for row in result.verdicts.select(columns).to_pylist()
    ]
    return pa.Table.from_pylist(rows, schema=VERDICTS)


def _queue(row: dict[str, Any], unseen: set[str]) -> Queue:
    """In no data at all: go and look. Undecided, or decided only by a value that is too old: ask."""
    if row["household"] in unseen:
        return Queue.UNSEEN
    undecided = row["class_verdict"] == ClassVerdict.CANNOT_TELL or (row["undecided"] and row["stale"])
    return Queue.CANNOT_TELL if undecided else Queue.NONE


def _unseen(result: ScreenResult, snapshot: Path) -> set[str]:
    """The households of whom, members included, the snapshot knows no fact at all."""
    nothing = {}
    for name in ("households", "members"):
        path = snapshot / f"{name}.parquet"
        days = [column for column in pq.read_schema(path).names if column.endswith("__date")]
        file = text(str(path))
        nothing[name] = f"read_parquet({file}) WHERE COALESCE({', '.join(['CAST(NULL AS DATE)', *days])}) IS"
    rows = result.connection.execute(
        f"SELECT household FROM {nothing['households']} NULL"
        f" AND household NOT IN (SELECT household FROM {nothing['members']} NOT NULL)"
    )
    return {str(household) for (household,) in rows.fetchall()}


def _tallies(result: ScreenResult, verdicts: pa.Table, run: Run) -> Iterator[AreaTally]:
    areas = dict(Area.objects.filter(path__startswith=run.area.path).values_list("code", "pk"))
    counted: dict[str, Counter[str]] = {}
    places = result.verdicts["area"].to_pylist()
    for code, verdict, queue in zip(
        places, verdicts["class_verdict"].to_pylist(), verdicts["queue"].to_pylist(), strict=True
    ):
        counted.setdefault(code, Counter()).update(("all", verdict, f"in {queue}"))
    for code, counts in counted.items():
        yield AreaTally(
            area_id=areas[code],
            rulebook=run.rulebook,
            run=run,
            households=counts["all"],
            possible=counts[ClassVerdict.YES],
            cannot_tell=counts[f"in {Queue.CANNOT_TELL}"],
            unseen=counts[f"in {Queue.UNSEEN}"],
        )


def _counts(result: ScreenResult, verdicts: pa.Table, written: Written) -> dict[str, Any]:
    queues = Counter(verdicts["queue"].to_pylist())
    summary = {name: value for name, value in result.summary().items() if name != "notices"}
    return {
        **summary,
        "opened": written.opened,
        "continuing": written.continuing,
        "cleared": written.cleared,
        "in_cannot_tell": queues[Queue.CANNOT_TELL],
        "in_no_data": queues[Queue.UNSEEN],
    }


def _event(run: Run, by: str) -> None:
    names = ("households", "opened", "continuing", "cleared", "in_cannot_tell", "in_no_data")
    record(
        "signals.screen",
        by=by,
        subject_kind="run",
        subject_id=str(run.pk),
        area_path=run.area.path,
        data={
            "rulebook": run.rulebook,
            "rulebook_hash": run.rulebook_version.hash,
            "as_of": run.as_of.isoformat(),
            "snapshot": run.snapshot,
            "content": run.content_hash,
            **{name: run.counts[name] for name in names},
        },
    )
