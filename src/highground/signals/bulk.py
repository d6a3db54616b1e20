"""Set-wise writing of what a run found: a fixed number of statements per batch, however many households it looked at.

The functions run inside the transaction of `actions.screen_register`.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from highground.areas.models import Area
from highground.files.staging import execute, fetch, json_text, refresh_statistics, staged
from highground.people.models import Household
from highground.signals.enums import Change, ClueStatus
from highground.signals.models import AreaTally, Clue, HouseholdVerdict, Run, Sighting

BATCH = 1_000

FIRED = pa.schema(
    [
        ("key", pa.string()),
        ("rule", pa.string()),
        ("kind", pa.string()),
        ("severity", pa.int64()),
        ("visit_within", pa.int64()),
        ("change", pa.string()),
        ("stale", pa.bool_()),
        ("evidence", pa.string()),
    ]
)
"""One row per household and rule that is yes, or was in the run before; evidence (JSON) where it is yes now."""

VERDICTS = pa.schema(
    [
        ("key", pa.string()),
        ("class_id", pa.string()),
        ("class_verdict", pa.string()),
        ("queue", pa.string()),
        *((name, pa.string()) for name in ("fired", "undecided", "unknown", "missing", "stale")),
    ]
)
"""One row per household of the run; the last five are JSON lists."""


@dataclass(frozen=True)
class Written:
    """How many clues a run opened, met again, and found cleared."""

    opened: int
    continuing: int
    cleared: int


def write_clues(fired: pa.Table, run: Run, *, opened_on: datetime.date) -> Written:
    """Open a clue for what is new, attach the rest to the open clue of the same household and rule.

    What goes on without an open clue was closed by people, and stays closed.
    """
    rows = _with_ids(fired, run)
    cleared = pc.equal(rows["change"], Change.CLEARED)
    known = pc.is_valid(rows["clue"])
    new = rows.filter(pc.and_(pc.invert(known), pc.equal(rows["change"], Change.NEW)))
    _attach(rows.filter(known), run)
    clues = [_clue(row, run, opened_on) for row in new.to_pylist()]
    Clue.objects.bulk_create(clues, batch_size=BATCH)
    sightings = [Sighting(clue=clue, run=run, change=Change.NEW, stale=False) for clue in clues]
    for row in rows.filter(known).select(["clue", "change", "stale"]).to_pylist():
        # A rule that is new to the run may still have an open clue: it had cleared in between.
        change = Change.CLEARED if row["change"] == Change.CLEARED else Change.CONTINUING
        sightings.append(Sighting(clue_id=row["clue"], run=run, change=change, stale=row["stale"]))
    Sighting.objects.bulk_create(sightings, batch_size=BATCH)
    gone = pc.sum(pc.and_(known, cleared)).as_py() or 0
    return Written(len(clues), (pc.sum(known).as_py() or 0) - gone, gone)


def _with_ids(fired: pa.Table, run: Run) -> pa.Table:
    """The rows with the ids of `household` and of its open `clue` (null where there is none)."""
    schema = pa.schema([*fired.schema, ("household", pa.int64()), ("clue", pa.int64())])
    columns = ", ".join(f"s.{name}" for name in fired.column_names)
    with staged(fired) as rows:
        return fetch(
            f"SELECT {columns}, h.id, c.id FROM {rows} s JOIN people_household h ON h.key = s.key "
            "LEFT JOIN signals_clue c ON c.household_id = h.id AND c.rule = s.rule AND c.rulebook = %s "
            "AND c.status = %s ORDER BY h.id, s.rule",
            (run.rulebook, str(ClueStatus.OPEN)),
            schema,
        )


def _attach(known: pa.Table, run: Run) -> None:
    """Open clues carry the last run and its evidence; where it is not yes any more, the evidence of before."""
    with staged(known.select(["clue", "change", "stale", "evidence"])) as rows:
        execute(
            "UPDATE signals_clue SET run_last_id = %s, stale = s.stale, "
            "cleared_by_id = CASE WHEN s.change = %s THEN CAST(%s AS bigint) END, "
            f"evidence = COALESCE({json_text('s.evidence')}, signals_clue.evidence) "
            f"FROM {rows} s WHERE signals_clue.id = s.clue",
            (run.pk, str(Change.CLEARED), run.pk),
        )


def _clue(row: dict[str, Any], run: Run, opened_on: datetime.date) -> Clue:
    return Clue(
        household_id=row["household"],
        rulebook=run.rulebook,
        rule=row["rule"],
        kind=row["kind"],
        severity=row["severity"],
        opened_on=opened_on,
        due_on=opened_on + datetime.timedelta(days=row["visit_within"]),
        run_opened=run,
        run_last=run,
        stale=row["stale"],
        evidence=json.loads(row["evidence"] or "{}"),
    )


def write_verdicts(verdicts: pa.Table, run: Run) -> None:
    """Replace the last verdict of the same rulebook on each household; drop those of households of the run's area
    that the run did not see (they have moved away or ended)."""
    lists = ("fired", "undecided", "unknown", "missing", "stale")
    with staged(verdicts) as rows:
        execute(
            "DELETE FROM signals_householdverdict WHERE rulebook = %s AND (household_id IN "
            f"(SELECT h.id FROM {rows} s JOIN people_household h ON h.key = s.key) OR run_id IN "
            "(SELECT r.id FROM signals_run r WHERE r.rulebook = %s AND r.area_id = %s))",
            (run.rulebook, run.rulebook, run.area_id),
        )
        execute(
            "INSERT INTO signals_householdverdict (household_id, rulebook, run_id, class_id, class_verdict, queue, "
            f"{', '.join(lists)}) SELECT h.id, %s, %s, s.class_id, s.class_verdict, s.queue, "
            f"{', '.join(json_text(f's.{name}') for name in lists)} "
            f"FROM {rows} s JOIN people_household h ON h.key = s.key ORDER BY h.id",
            (run.rulebook, run.pk),
        )


def write_tallies(tallies: list[AreaTally], run: Run) -> None:
    """Replace the tallies of this rulebook in and below the run's area."""
    AreaTally.objects.everywhere(reason="the tallies of a run are written anew").filter(
        rulebook=run.rulebook, area__path__startswith=run.area.path
    ).delete()
    AreaTally.objects.bulk_create(tallies, batch_size=BATCH)


def refresh_plans() -> None:
    """Let the database plan with the numbers after this run."""
    refresh_statistics(Area, Household, Clue, Sighting, HouseholdVerdict, AreaTally)
