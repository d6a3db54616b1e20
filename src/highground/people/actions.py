"""What is done to the register in bulk: receive a batch, record observations, change the keys."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.utils.translation import gettext as _

from highground.audit.actions import record
from highground.audit.chain import salted
from highground.files.staging import execute, staged
from highground.people import bulk, vault
from highground.people.checking import identity_facts
from highground.people.models import ProtectedValue, Source
from highground.people.queries import register_dictionary
from highground.people.sealed import opened, seal, sealed_fields


class RegisterError(ValueError):
    """Something that the register cannot take; the message says what and why, without personal values."""


@dataclass(frozen=True)
class Recorded:
    """What `record_observations` did: rows given, rows stored because they say something new."""

    rows: int
    stored: int

    @property
    def unchanged(self) -> int:
        return self.rows - self.stored


@dataclass(frozen=True)
class Received:
    """What `receive` did with one batch."""

    households: int
    new_households: int
    new_members: int
    observations: Recorded
    protected: int


def source_of(*, kind: str, name: str, day: datetime.date) -> Source:
    """The source with this kind, name and day, added if it is new."""
    return Source.objects.get_or_create(kind=kind, name=name[:120], day=day)[0]


def record_observations(
    table: pa.Table, *, by: str, source: Source, today: datetime.date, area_path: str = ""
) -> Recorded:
    """Record dated facts, storing what is new; one transaction, one event, a fixed number of statements.

    `table` has one row per statement: `household` and `member` (ids of ours; `member` null for facts of the
    household), `fact` (a name of the fact dictionary), `value` (canonical text as `models.Observation` says;
    null withdraws), `valid_from`, and optionally `valid_to`. Nothing known is overwritten. Raises
    RegisterError for an unknown fact, a fact of the wrong entity, a day after `today` and two statements about
    one fact on one day.
    """
    rows = _checked(bulk.cast(table, bulk.OBSERVATIONS), today)
    with transaction.atomic():
        stored = _store(rows, by=by, source=source, today=today)
        if stored:
            record(
                "people.observe",
                by=by,
                subject_kind="source",
                subject_id=str(source.pk),
                area_path=area_path,
                data={"rows": rows.num_rows, "stored": stored, "content": _fingerprint(rows)},
            )
    return Recorded(rows.num_rows, stored)


def receive(
    *,
    register: str,
    households: pa.Table | None = None,
    members: pa.Table | None = None,
    observations: pa.Table | None = None,
    protected: pa.Table | None = None,
    source: Source,
    by: str,
    today: datetime.date,
    synthetic: bool = False,
) -> Received:
    """Take in one batch that names households and members by their own numbers; all of it or nothing.

    `households`: number, area (id), day. `members`: number, household (its number), day. `observations`:
    household (number), member (number or null), fact, value, valid_from and optionally valid_to. `protected`:
    household, member, kind, value (plain text, sealed on the way in; null where the source has none). What an
    identity number says of itself is recorded with it (`checking.identity_facts`). The day says since when the household
    is known to live there. Households and members that are new are added. Every household that is named must
    be among `households` (without them: on the register), every member among `members`. One transaction, one
    event, a fixed number of statements. Raises RegisterError as `record_observations` does.
    """
    at = bulk.moment(today)
    with transaction.atomic():
        bulk.one_at_a_time()
        if households is None:
            ids, new_households = _named_households(register, members, observations, protected), 0
        else:
            ids, new_households = bulk.add_households(
                households, register=register, synthetic=synthetic, by=by, at=at
            )
        people, new_members = None, 0
        if members is not None and members.num_rows:
            placed = _with_household(members.rename_columns(_renamed(members, "household", "of")), ids, "of")
            people, new_members = bulk.add_members(placed, register=register, by=by, at=at)
        recorded, sealed, fingerprint = Recorded(0, 0), 0, ""
        facts, private = bulk.OBSERVATIONS.empty_table(), None
        if observations is not None and observations.num_rows:
            facts = bulk.cast(_with_ids(observations, ids, people), bulk.OBSERVATIONS)
        if protected is not None and protected.num_rows:
            private = _with_ids(protected, ids, people)
            facts = pa.concat_tables([facts, identity_facts(private, min(source.day, today))])
        if facts.num_rows:
            rows = _checked(facts, today)
            recorded = Recorded(rows.num_rows, _store(rows, by=by, source=source, today=today))
            fingerprint = _fingerprint(rows)
        if private is not None:
            given = private.filter(private["value"].is_valid())
            sealed = bulk.add_protected(given, vault.open_vault(), source=source.pk, at=at)
        if new_households or new_members or recorded.stored or sealed:
            record(
                "people.receive",
                by=by,
                subject_kind="source",
                subject_id=str(source.pk),
                data={
                    "households": ids.num_rows,
                    "new_households": new_households,
                    "new_members": new_members,
                    "rows": recorded.rows,
                    "stored": recorded.stored,
                    "protected": sealed,
                    "content": fingerprint,
                },
            )
    return Received(ids.num_rows, new_households, new_members, recorded, sealed)


def rotate_keys(*, by: str, today: datetime.date, rows: int = 2_000) -> int:
    """Seal every protected value and every sealed text under a new key; how many were resealed.

    Each batch is a transaction: a rotation that was cut off is finished by the next one. The old keys stay in
    the key file for the sake of older backups.
    """
    current = vault.add_key()
    safe = vault.open_vault()
    resealed = _reseal_texts(safe, rows)
    while True:
        with transaction.atomic():
            old = list(
                ProtectedValue.objects.everywhere(reason="key rotation")
                .select_for_update()
                .exclude(key_id=current)
                .order_by("pk")[:rows]
            )
            if not old:
                if resealed:
                    record(
                        "people.rotate_keys",
                        by=by,
                        subject_kind="key",
                        subject_id=current,
                        data={"values": resealed, "day": today.isoformat()},
                    )
                return resealed
            fresh = [_resealed(value, safe) for value in old]
            names = ["id", "sealed", "lookup"]
            types = [pa.int64(), pa.binary(), pa.string()]
            table = pa.table(
                [
                    pa.array(column, kind)
                    for column, kind in zip(zip(*fresh, strict=True), types, strict=True)
                ],
                names,
            )
            with staged(table) as values:
                execute(
                    f"UPDATE people_protectedvalue SET sealed = s.sealed, lookup = s.lookup, key_id = %s "
                    f"FROM {values} s WHERE people_protectedvalue.id = s.id",
                    (current,),
                )
            resealed += len(old)


def _resealed(value: ProtectedValue, safe: vault.Vault) -> tuple[int, bytes, str]:
    tied = vault.bound_to(value.household_id, value.member_id, value.kind)
    text = safe.open(value.sealed, value.key_id, tied)
    return value.pk, safe.seal(text, tied), safe.lookup(value.kind, text)


def _reseal_texts(safe: vault.Vault, rows: int) -> int:
    """Seal the texts of sealed fields, in every room, under the current key; how many."""
    resealed = 0
    for model, name in sealed_fields():
        while True:
            with transaction.atomic():
                old = list(
                    model.objects.everywhere(reason="key rotation")  # type: ignore[attr-defined]
                    .select_for_update()
                    .exclude(**{name: ""})
                    .exclude(**{f"{name}__startswith": f"{safe.current}."})
                    .order_by("pk")[:rows]
                )
                for row in old:
                    seal(row, name, opened(row, name, safe), safe)
                model.objects.everywhere(reason="key rotation").bulk_update(old, [name])  # type: ignore[attr-defined]
            if not old:
                break
            resealed += len(old)
    return resealed


def _store(rows: pa.Table, *, by: str, source: Source, today: datetime.date) -> int:
    lasting = [fact.name for fact in register_dictionary().values() if fact.fresh_for is None]
    return bulk.add_observations(rows, source=source.pk, lasting=lasting, by=by, at=bulk.moment(today))


def _checked(rows: pa.Table, today: datetime.date) -> pa.Table:
    dictionary = register_dictionary()
    of_member = pc.is_valid(rows["member"])
    for entity, mask in (("member", of_member), ("household", pc.invert(of_member))):
        for name in pc.unique(rows["fact"].filter(mask)).to_pylist():
            if name not in dictionary:
                raise RegisterError(
                    _(
                        "there is no fact '%(fact)s' in the fact dictionary, and no rulebook's own one of that name is known"
                    )
                    % {"fact": name}
                )
            if dictionary[name].entity != entity:
                raise RegisterError(
                    _("'%(fact)s' is a fact of a household, not of a member") % {"fact": name}
                    if entity == "member"
                    else _("'%(fact)s' is a fact of a member, not of a household") % {"fact": name}
                )
    if rows.num_rows and pc.max(rows["valid_from"]).as_py() > today:
        raise RegisterError(
            _("an observation holds from %(day)s, after %(today)s")
            % {"day": pc.max(rows["valid_from"]), "today": today}
        )
    if rows["valid_from"].null_count or rows["household"].null_count:
        raise RegisterError(
            _("an observation needs a household on the register and a day from which it holds")
        )
    counted = rows.group_by(["household", "member", "fact", "valid_from"]).aggregate([([], "count_all")])
    if counted.num_rows < rows.num_rows:
        double = counted.filter(pc.greater(counted["count_all"], 1)).slice(0, 1).to_pylist()[0]
        raise RegisterError(
            _("two statements about '%(fact)s' on %(day)s; give one, or different days")
            % {"fact": double["fact"], "day": double["valid_from"]}
        )
    return rows


def _fingerprint(rows: pa.Table) -> str:
    """A keyed hash of the rows: it proves what was recorded and cannot be guessed from likely values."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows.combine_chunks())
    return salted(hashlib.sha256(sink.getvalue()).hexdigest())


def _named_households(register: str, *tables: pa.Table | None) -> pa.Table:
    """Number -> household (id) for every household that these tables name."""
    named = pa.concat_arrays(
        [table["household"].combine_chunks().cast(pa.string()) for table in tables if table is not None]
    )
    return bulk.find_households(named, register=register)


def _renamed(table: pa.Table, old: str, new: str) -> list[str]:
    return [new if name == old else name for name in table.column_names]


def _with_household(table: pa.Table, ids: pa.Table, key: str) -> pa.Table:
    joined = table.join(ids.rename_columns(["#number", "household"]), keys=key, right_keys="#number")
    if joined["household"].null_count:
        raise RegisterError(_("a row names a household that is not in the batch"))
    return joined


def _with_ids(table: pa.Table, ids: pa.Table, people: pa.Table | None) -> pa.Table:
    """The table with our ids in place of the households' and members' own numbers."""
    if "member" not in table.column_names:
        table = table.append_column("member", pa.nulls(table.num_rows, pa.string()))
    names = [
        "#h" if name == "household" else "#m" if name == "member" else name for name in table.column_names
    ]
    table = _with_household(table.rename_columns(names), ids, "#h")
    if people is None:
        if table["#m"].null_count < table.num_rows:
            raise RegisterError(_("a row names a member that is not in the batch"))
        return table.append_column("member", pa.nulls(table.num_rows, pa.int64()))
    # A null never meets a null in a join, so rows about the household keep a null member.
    joined = table.join(people.rename_columns(["#p", "member"]), keys="#m", right_keys="#p")
    if pc.any(pc.and_(pc.is_valid(joined["#m"]), pc.is_null(joined["member"]))).as_py():
        raise RegisterError(_("a row names a member that is not in the batch"))
    return joined
