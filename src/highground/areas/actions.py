"""Bringing areas into the tree, set-wise: checked as a whole, written with a fixed number of statements."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
from django.db import connection, transaction

from highground.areas.enums import Level
from highground.areas.models import SEGMENT, Area, AreaCode
from highground.areas.moves import last_segments, move_areas, segment
from highground.audit.actions import record
from highground.files.rejects import Reject
from highground.files.staging import distinct, execute, json_text, staged


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area as it comes in. `parent` is the parent's code ("" for a country); None leaves a field as it is.

    `codes` are the area's codes in other schemes, by scheme. `row` is where it stands in its file.
    """

    row: int
    code: str
    level: str
    parent: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    iso: str = ""
    latitude: float | None = None
    longitude: float | None = None
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    verified: bool = True
    note: str = ""
    synthetic: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Imported:
    """What an import of areas did; areas that moved are among the changed."""

    added: int
    changed: int
    unchanged: int
    rejects: Sequence[Reject]
    moved: int = 0


@dataclass(slots=True)
class _Place:
    path: str
    level: str
    country: str
    moves: bool = False


def import_areas(rows: Iterable[AreaRow], *, by: str, today: datetime.date, move: bool = False) -> Imported:
    """Add new areas and bring known ones up to date; the same rows a second time change nothing.

    A row is rejected when its level is unknown or not below its parent's, its parent is missing (or was
    rejected), its parents form a circle, its code stands twice, or it would move a known area to another level.
    With `move` a known area whose row names another parent moves there, with everything below it: its households are
    seen there from then on, and no more where it was. Without, such a row is rejected, because a wrong code in a file
    would show families to the neighbours. Events from before stay with the old place.
    """
    arriving: dict[str, AreaRow] = {}
    rejects: list[Reject] = []
    for row in rows:
        if problem := _malformed(row, arriving):
            rejects.append(problem)
        else:
            arriving[row.code] = row
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # Two imports at once would give the same path to two areas.
            execute("LOCK TABLE areas_area IN SHARE ROW EXCLUSIVE MODE")
        placed, misplaced = _place(arriving, move)
        rejects += misplaced
        good = [(row, placed[row.code]) for row in arriving.values() if row.code in placed]
        moving = [(row, place) for row, place in good if place.moves]
        added, changed = _write([(row, place) for row, place in good if not place.moves])
        moved: list[tuple[str, str]] = []
        if moving:
            _write(moving)
            moved = move_areas(((row.code, row.parent) for row, _ in moving), today=today)
            changed += len(moved)
        if added or changed:
            record(
                "areas.import",
                by=by,
                subject_kind="areas",
                subject_id="tree",
                also_in=[path for paths in moved for path in paths],
                data={
                    "added": added,
                    "changed": changed,
                    "rows": len(good),
                    "day": today.isoformat(),
                    **({"moved": [f"{before}:{after}" for before, after in moved]} if moved else {}),
                },
            )
    rejects.sort(key=lambda reject: reject.row)
    return Imported(added, changed, len(good) - added - changed, rejects, len(moved))


def _malformed(row: AreaRow, arriving: Mapping[str, AreaRow]) -> Reject | None:
    if not row.code or len(row.code) > 40:
        return Reject(
            row.row, "code", row.code, "no code, or one longer than 40 characters", "give every area its code"
        )
    if row.code in arriving:
        first = arriving[row.code].row
        return Reject(
            row.row, "code", row.code, f"the code stands in row {first} already", "keep one of the two rows"
        )
    if row.level not in Level.values:
        allowed = ", ".join(Level.values)
        return Reject(row.row, "level", row.level, "unknown level", f"use or translate to one of {allowed}")
    if (row.level == Level.COUNTRY) != (row.parent == ""):
        return Reject(
            row.row, "parent", row.parent, "only a country has no parent", "name the code of the parent"
        )
    if row.level == Level.COUNTRY and not (len(row.code) == 2 and row.code.isascii() and row.code.isupper()):
        return Reject(
            row.row, "code", row.code, "no country code", "use two capital letters, as in ISO 3166-1"
        )
    if (row.latitude is None) != (row.longitude is None):
        return Reject(row.row, "latitude", "", "half a point", "give latitude and longitude, or neither")
    if abs(row.latitude or 0) > 90 or abs(row.longitude or 0) > 180:
        point = f"{row.latitude} {row.longitude}"
        return Reject(
            row.row, "latitude", point, "not a point on earth", "check the order of the two columns"
        )
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        return Reject(
            row.row, "valid_to", row.valid_to.isoformat(), "ends before it begins", "check both dates"
        )
    return None


def _place(arriving: Mapping[str, AreaRow], move: bool) -> tuple[dict[str, _Place], list[Reject]]:
    """Find each row's path, parents first. Known areas keep theirs for now, new ones get the next free one."""
    known = {
        code: _Place(path, level, country)
        for code, path, level, country in Area.objects.values_list("code", "path", "level", "country")
    }
    parents = dict(Area.objects.exclude(parent=None).values_list("code", "parent__code"))
    last = last_segments()
    placed: dict[str, _Place] = {}
    failed: dict[str, Reject] = {}
    for start in arriving:
        # Walk up to the first parent whose place is known, then come back down.
        chain: list[AreaRow] = []
        on_the_way: set[str] = set()
        step = start
        while step in arriving and step not in placed and step not in failed and step not in on_the_way:
            chain.append(arriving[step])
            on_the_way.add(step)
            step = arriving[step].parent
        circle = step in on_the_way
        for row in reversed(chain):
            upper = placed.get(row.parent) or (None if row.parent in arriving else known.get(row.parent))
            here, former = known.get(row.code), parents.get(row.code, "")
            problem = _misplaced(row, upper, circle, failed)
            problem = problem or (_immovable(row, upper, here, former, move) if here else None)
            if problem:
                failed[row.code] = problem
            elif here:
                placed[row.code] = replace(here, moves=former != row.parent)
            else:
                placed[row.code] = _new_place(row, upper, last)
    return placed, list(failed.values())


def _misplaced(
    row: AreaRow, above: _Place | None, circle: bool, failed: Mapping[str, Reject]
) -> Reject | None:
    if circle:
        return Reject(
            row.row, "parent", row.parent, "the parents form a circle", "correct one of the parent codes"
        )
    if row.parent and above is None:
        reason = (
            "the parent's row was rejected" if row.parent in failed else "there is no area with this code"
        )
        return Reject(row.row, "parent", row.parent, reason, "add the parent, or correct its code")
    if above and Level(row.level).rank <= Level(above.level).rank:
        reason = f"a {row.level} cannot lie in a {above.level}"
        return Reject(row.row, "level", row.level, reason, "correct the level or the parent")
    return None


def _immovable(
    row: AreaRow, above: _Place | None, known: _Place, known_parent: str, move: bool
) -> Reject | None:
    """What is wrong with a row that gives a known area another level or parent."""
    reason = f"the area is known as a {known.level} of {known_parent or 'no parent'}"
    if known.level != row.level:
        mend = "give the old area a last day and its successor a code of its own"
        return Reject(row.row, "level", row.level, reason, mend)
    if known_parent == row.parent:
        return None
    if above is None or above.country != known.country:
        return Reject(
            row.row, "parent", row.parent, f"{reason}, in another country", "correct the parent's code"
        )
    if move:
        return None
    mend = (
        "correct the parent's code; if the area really lies there now, import with --move: it goes there with "
        "everything below it, and other people see its households from then on"
    )
    return Reject(row.row, "parent", row.parent, reason, mend)


def _new_place(row: AreaRow, above: _Place | None, last: dict[str, int]) -> _Place:
    base = above.path if above else ""
    last[base] = last.get(base, 0) + 1
    return _Place(base + segment(last[base]), row.level, above.country if above else row.code)


def _write(good: list[tuple[AreaRow, _Place]]) -> tuple[int, int]:
    table = pa.table(
        {
            "code": pa.array([row.code for row, _ in good], pa.string()),
            "country": pa.array([place.country for _, place in good], pa.string()),
            "level": pa.array([row.level for row, _ in good], pa.string()),
            "path": pa.array([place.path for _, place in good], pa.string()),
            "depth": pa.array([len(place.path) // SEGMENT for _, place in good], pa.int64()),
            "names": pa.array(_merged_names(good), pa.string()),
            "iso": pa.array([row.iso for row, _ in good], pa.string()),
            "latitude": pa.array([row.latitude for row, _ in good], pa.float64()),
            "longitude": pa.array([row.longitude for row, _ in good], pa.float64()),
            "valid_from": pa.array([row.valid_from for row, _ in good], pa.date32()),
            "valid_to": pa.array([row.valid_to for row, _ in good], pa.date32()),
            "verified": pa.array([row.verified for row, _ in good], pa.bool_()),
            "note": pa.array([row.note[:300] for row, _ in good], pa.string()),
            "synthetic": pa.array([row.synthetic for row, _ in good], pa.bool_()),
        }
    )
    plain = [name for name in table.column_names if name != "names"]
    with staged(table) as rows:
        changed = _update(rows)
        added = execute(
            f"INSERT INTO areas_area ({', '.join(plain)}, names) "
            f"SELECT {', '.join(f's.{name}' for name in plain)}, {json_text('s.names')} FROM {rows} s "
            "WHERE NOT EXISTS (SELECT 1 FROM areas_area a WHERE a.code = s.code)"
        )
        execute(
            "UPDATE areas_area SET parent_id = (SELECT p.id FROM areas_area p "
            f"WHERE p.path = substr(areas_area.path, 1, length(areas_area.path) - {SEGMENT})) "
            "WHERE parent_id IS NULL AND depth > 1"
        )
    _write_codes(good)
    return added, changed


def _merged_names(good: list[tuple[AreaRow, _Place]]) -> list[str]:
    """The names as canonical JSON: those that are known, and over them those that arrive."""
    known = dict(Area.objects.values_list("code", "names"))
    return [
        json.dumps({**known.get(row.code, {}), **row.names}, sort_keys=True, ensure_ascii=False)
        for row, _ in good
    ]


def _update(rows: str) -> int:
    """Bring known areas up to date. An empty field of a row leaves what is known."""
    keep = {
        "iso": "coalesce(nullif(s.iso, ''), a.iso)",
        "latitude": "coalesce(s.latitude, a.latitude)",
        "longitude": "coalesce(s.longitude, a.longitude)",
        "valid_from": "coalesce(s.valid_from, a.valid_from)",
        "valid_to": "coalesce(s.valid_to, a.valid_to)",
        "note": "coalesce(nullif(s.note, ''), a.note)",
        "verified": "s.verified",
    }
    names = json_text("s.names")
    differs = " OR ".join(distinct(f"a.{name}", value) for name, value in keep.items())
    # SQLite keeps JSON as text: compare it sorted, as it was written by this function.
    differs += f" OR {distinct('a.names', names)}"
    settings = ", ".join(f"{name} = {value.replace('a.', 'areas_area.')}" for name, value in keep.items())
    return execute(
        f"UPDATE areas_area SET {settings}, names = {names} FROM {rows} s "
        f"WHERE areas_area.code = s.code AND EXISTS (SELECT 1 FROM areas_area a WHERE a.code = s.code AND ({differs}))"
    )


def _write_codes(good: list[tuple[AreaRow, _Place]]) -> None:
    codes = [
        (row.code, scheme, code, row.valid_from, row.valid_to)
        for row, _ in good
        for scheme, code in row.codes.items()
        if code
    ]
    if not codes:
        return
    schema = pa.schema(
        [
            ("area", pa.string()),
            ("scheme", pa.string()),
            ("code", pa.string()),
            ("valid_from", pa.date32()),
            ("valid_to", pa.date32()),
        ]
    )
    table = pa.table(
        [pa.array(column, kind) for column, kind in zip(zip(*codes, strict=True), schema.types, strict=True)],
        schema=schema,
    )
    target = AreaCode._meta.db_table
    with staged(table) as rows:
        execute(
            f"INSERT INTO {target} (area_id, scheme, code, valid_from, valid_to) "
            f"SELECT a.id, s.scheme, s.code, s.valid_from, s.valid_to FROM {rows} s JOIN areas_area a ON a.code = s.area "
            f"WHERE NOT EXISTS (SELECT 1 FROM {target} c WHERE c.area_id = a.id AND c.scheme = s.scheme AND c.code = s.code)"
        )
