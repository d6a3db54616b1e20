"""Set-wise writing of the register: each function costs a fixed number of statements, however many rows.

They run inside the transaction of an action (`actions.receive`, `actions.record_observations`), which records
the event. SQL is written by hand because one statement must compare what arrives with what is known.
"""

from __future__ import annotations

import datetime

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.utils import timezone

from highground.files.staging import distinct, execute, fetch, refresh_statistics, staged
from highground.people.enums import HouseholdStatus
from highground.people.models import Household, Member, Membership, Observation, ProtectedValue, Residence
from highground.people.pseudonyms import new_keys
from highground.people.vault import Vault, bound_to

OBSERVATIONS = pa.schema(
    [
        ("household", pa.int64()),
        ("member", pa.int64()),
        ("fact", pa.string()),
        ("value", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
    ]
)
BATCH_LOCK = 0x70656F706C65
"""The number of the advisory lock ("people" in ASCII)."""

_LATEST = "ORDER BY {0}.valid_from DESC, {0}.recorded_at DESC, {0}.id DESC LIMIT 1"


def refresh_plans() -> None:
    """Let the database plan with the numbers of the register as it is now. Once after an import, not once per batch."""
    refresh_statistics(Household, Residence, Member, Membership, Observation, ProtectedValue)


def one_at_a_time() -> None:
    """Let batches follow each other: two that arrive at once would both add the same household.

    SQLite has one writer anyway. Held until the transaction ends.
    """
    if connection.vendor == "postgresql":
        execute("SELECT pg_advisory_xact_lock(%s)", (BATCH_LOCK,))


def moment(today: datetime.date) -> datetime.datetime:
    """The time to record: the clock's time of day on the day of the action."""
    return timezone.make_aware(datetime.datetime.combine(today, timezone.localtime().time()))


def cast(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with exactly these columns and types; a column that is absent is null."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def add_households(
    rows: pa.Table, *, register: str, synthetic: bool, by: str, at: datetime.datetime
) -> tuple[pa.Table, int]:
    """Households and where they live, from columns number, area (id) and day.

    A number may stand in several rows with different days. New numbers become households; a residence is
    stored where the area known for the day is another one. Returns number -> household (id), and how many
    households are new.
    """
    rows = cast(rows, pa.schema([("number", pa.string()), ("area", pa.int64()), ("day", pa.date32())]))
    latest = rows.sort_by([("number", "ascending"), ("day", "descending")])
    latest = latest.group_by("number", use_threads=False).aggregate([("area", "first")])
    added = 0
    while True:
        # A new key that is in use already is left out by the database; such rows get another one.
        keyed = latest.append_column("key", pa.array(new_keys(latest.num_rows), pa.string()))
        with staged(keyed) as new:
            added += execute(
                "INSERT INTO people_household (key, register, number, area_id, status, synthetic) "
                f"SELECT s.key, %s, s.number, s.area_first, %s, %s FROM {new} s WHERE NOT EXISTS "
                "(SELECT 1 FROM people_household h WHERE h.register = %s AND h.number = s.number) "
                "ON CONFLICT (key) DO NOTHING",
                (register, HouseholdStatus.ACTIVE, synthetic, register),
            )
            found = fetch(
                f"SELECT s.number, h.id FROM {new} s JOIN people_household h ON h.register = %s AND h.number = s.number",
                (register,),
                pa.schema([("number", pa.string()), ("household", pa.int64())]),
            )
        if found.num_rows == latest.num_rows:
            break
    with staged(rows) as seen:
        _add_residences(seen, register, by, at)
    return found, added


def find_households(numbers: pa.Array | pa.ChunkedArray, *, register: str) -> pa.Table:
    """Number -> household (id) for those of `numbers` that are on the register."""
    with staged(pa.table({"number": pc.unique(numbers).cast(pa.string())})) as asked:
        return fetch(
            f"SELECT s.number, h.id FROM {asked} s JOIN people_household h ON h.register = %s AND h.number = s.number",
            (register,),
            pa.schema([("number", pa.string()), ("household", pa.int64())]),
        )


def _add_residences(seen: str, register: str, by: str, at: datetime.datetime) -> None:
    latest = _LATEST.format("r")
    known = (
        "(SELECT r.area_id FROM people_residence r "
        f"WHERE r.household_id = h.id AND r.valid_from <= s.day {latest})"
    )
    moved = execute(
        'INSERT INTO people_residence (household_id, area_id, valid_from, recorded_at, "by") '
        f"SELECT h.id, s.area, s.day, %s, %s FROM {seen} s "
        "JOIN people_household h ON h.register = %s AND h.number = s.number AND h.status IN (%s, %s) "
        f"WHERE {distinct('s.area', known)}",
        (at, by, register, HouseholdStatus.ACTIVE, HouseholdStatus.MOVED),
    )
    if moved:
        area = (
            f"(SELECT r.area_id FROM people_residence r WHERE r.household_id = people_household.id {latest})"
        )
        execute(
            f"UPDATE people_household SET area_id = coalesce({area}, area_id), status = %s "
            f"WHERE register = %s AND number IN (SELECT number FROM {seen}) AND status IN (%s, %s) "
            f"AND ({area} <> area_id OR status = %s)",
            (
                HouseholdStatus.ACTIVE,
                register,
                HouseholdStatus.ACTIVE,
                HouseholdStatus.MOVED,
                HouseholdStatus.MOVED,
            ),
        )


def add_members(rows: pa.Table, *, register: str, by: str, at: datetime.datetime) -> tuple[pa.Table, int]:
    """Members, from columns number, household (id) and day. Returns number -> member (id), and how many are new.

    A membership is stored where none is known for the day; one that is known stays, because a file that
    names the old household does not undo a move that somebody recorded.
    """
    rows = cast(rows, pa.schema([("number", pa.string()), ("household", pa.int64()), ("day", pa.date32())]))
    first = rows.sort_by([("number", "ascending"), ("day", "descending")])
    first = first.group_by("number", use_threads=False).aggregate([("household", "first")])
    added = 0
    while True:
        keyed = first.append_column("key", pa.array(new_keys(first.num_rows, "M"), pa.string()))
        with staged(keyed) as new:
            added += execute(
                "INSERT INTO people_member (key, household_id, register, number, present) "
                f"SELECT s.key, s.household_first, %s, s.number, %s FROM {new} s WHERE NOT EXISTS "
                "(SELECT 1 FROM people_member m WHERE m.register = %s AND m.number = s.number) "
                "ON CONFLICT (key) DO NOTHING",
                (register, True, register),
            )
            found = fetch(
                f"SELECT s.number, m.id FROM {new} s JOIN people_member m ON m.register = %s AND m.number = s.number",
                (register,),
                pa.schema([("number", pa.string()), ("member", pa.int64())]),
            )
        if found.num_rows == first.num_rows:
            break
    with staged(rows) as seen:
        execute(
            'INSERT INTO people_membership (member_id, household_id, valid_from, recorded_at, "by") '
            f"SELECT m.id, s.household, min(s.day), %s, %s FROM {seen} s "
            "JOIN people_member m ON m.register = %s AND m.number = s.number WHERE NOT EXISTS "
            "(SELECT 1 FROM people_membership p WHERE p.member_id = m.id AND p.valid_from <= s.day) "
            "GROUP BY m.id, s.household",
            (at, by, register),
        )
    return found, added


def add_observations(
    rows: pa.Table, *, source: int, lasting: list[str], by: str, at: datetime.datetime
) -> int:
    """Store what is new in `rows` (schema OBSERVATIONS); how many rows were stored.

    A row is left out when the statement that holds on its `valid_from` says the same and either has the same
    `valid_from` or is about a fact of `lasting`, those that never go stale. A later confirmation of a fact
    that does go stale is new: it says that the value is fresh.
    """
    flagged = rows.append_column(
        "lasting", pc.is_in(rows["fact"], pa.array(lasting, pa.string())).cast(pa.int64())
    )
    known = (
        "(SELECT o.id FROM people_observation o WHERE {subject} AND o.fact = s.fact "
        f"AND o.valid_from <= s.valid_from {_LATEST.format('o')})"
    )
    of_member = known.format(subject="o.member_id = s.member")
    of_household = known.format(subject="o.household_id = s.household AND o.member_id IS NULL")
    with staged(flagged) as new:
        return execute(
            "INSERT INTO people_observation "
            '(household_id, member_id, fact, value, valid_from, valid_to, recorded_at, source_id, "by") '
            "SELECT s.household, s.member, s.fact, s.value, s.valid_from, s.valid_to, %s, %s, %s FROM "
            f"(SELECT s.*, CASE WHEN s.member IS NULL THEN {of_household} ELSE {of_member} END AS known FROM {new} s) s "
            "LEFT JOIN people_observation k ON k.id = s.known "
            f"WHERE k.id IS NULL OR {distinct('k.value', 's.value')} OR {distinct('k.valid_to', 's.valid_to')} "
            "OR NOT (k.valid_from = s.valid_from OR (s.lasting = 1 AND s.valid_to IS NULL))",
            (at, source, by),
        )


def add_protected(rows: pa.Table, vault: Vault, *, source: int, at: datetime.datetime) -> int:
    """Seal and store protected values (household, member, kind, value); how many are new or changed.

    A value that is known already is recognised by its keyed hash, without opening anything.
    """
    known = _known_protected(rows)
    new: list[tuple[int, int | None, str, bytes, str, str]] = []
    for household, member, kind, text in zip(*(rows[name].to_pylist() for name in _PROTECTED), strict=True):
        old_key, old_lookup = known.get((household if member is None else None, member, kind), (None, None))
        if old_key and vault.lookup(kind, text, old_key) == old_lookup:
            continue
        sealed = vault.seal(text, bound_to(household, member, kind))
        new.append((household, member, kind, sealed, vault.current, vault.lookup(kind, text)))
    if not new:
        return 0
    types = [pa.int64(), pa.int64(), pa.string(), pa.binary(), pa.string(), pa.string()]
    names = [*_PROTECTED[:3], "sealed", "key_id", "lookup"]
    table = pa.table(
        [pa.array(values, kind) for values, kind in zip(zip(*new, strict=True), types, strict=True)], names
    )
    with staged(table) as values:
        execute(
            "DELETE FROM people_protectedvalue WHERE id IN ("
            f"SELECT p.id FROM {values} s JOIN people_protectedvalue p ON p.member_id = s.member AND p.kind = s.kind "
            f"UNION ALL SELECT p.id FROM {values} s JOIN people_protectedvalue p "
            "ON p.household_id = s.household AND p.kind = s.kind WHERE s.member IS NULL AND p.member_id IS NULL)"
        )
        return execute(
            "INSERT INTO people_protectedvalue "
            "(household_id, member_id, kind, sealed, key_id, lookup, recorded_at, source_id) "
            f"SELECT household, member, kind, sealed, key_id, lookup, %s, %s FROM {values}",
            (at, source),
        )


_PROTECTED = ["household", "member", "kind", "value"]


def _known_protected(rows: pa.Table) -> dict[tuple[int | None, int | None, str], tuple[str, str]]:
    schema = pa.schema(
        [
            ("household", pa.int64()),
            ("member", pa.int64()),
            ("kind", pa.string()),
            ("key", pa.string()),
            ("lookup", pa.string()),
        ]
    )
    columns = "p.household_id, p.member_id, p.kind, p.key_id, p.lookup"
    with staged(rows.group_by(["household", "member"]).aggregate([])) as asked:
        found = fetch(
            f"SELECT {columns} FROM {asked} s JOIN people_protectedvalue p ON p.member_id = s.member "
            f"UNION ALL SELECT {columns} FROM {asked} s JOIN people_protectedvalue p "
            "ON p.household_id = s.household WHERE s.member IS NULL AND p.member_id IS NULL",
            (),
            schema,
        )
    return {
        (row["household"] if row["member"] is None else None, row["member"], row["kind"]): (
            row["key"],
            row["lookup"],
        )
        for row in found.to_pylist()
    }
