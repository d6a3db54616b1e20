"""Record what was done, record who looked, and check that nothing recorded was changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from highground.audit.chain import START, check_plain, event_hash
from highground.audit.models import AccessLog, ChainHead, Event
from highground.audit.triggers import missing_triggers


class OutsideTransaction(RuntimeError):
    """An event must stand or fall with the action it records."""


def record(
    kind: str,
    *,
    by: str,
    subject_kind: str,
    subject_id: str,
    area_path: str = "",
    also_in: Iterable[str] = (),
    data: dict[str, Any] | None = None,
) -> Event:
    """Add one event to the chain, in the transaction of the action that it records.

    `kind` is `room.verb` ("people.import"), `by` the id of the person or the name of the command in text.
    What touches several areas (a move) names one of their paths as `area_path` and the others in `also_in`, so that
    the auditors of each see it.
    `data` holds ids, codes, counts, dates and salted hashes only (`NotPlain` otherwise). The chain's head is
    locked until the transaction ends, so that events have one order: record last, just before the end.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(
            f"record({kind!r}) outside a transaction: wrap the action in transaction.atomic()"
        )
    fields = {
        "kind": kind,
        "by": str(by),
        "subject_kind": subject_kind,
        "subject_id": str(subject_id),
        "area_path": area_path,
    }
    others = sorted({*also_in} - {area_path, ""})
    for name, value in fields.items():
        check_plain(value, name)
    check_plain(others, "also_in")
    check_plain(data := data or {})
    fields["also_in"] = "".join(f"/{path}" for path in others)
    head = _locked_head()
    event = Event(sequence=head.sequence + 1, at=timezone.now(), previous=head.hash, data=data, **fields)
    event.hash = _hash_of(event)
    event.save(force_insert=True)
    head.sequence, head.hash = event.sequence, event.hash
    head.save(update_fields=["sequence", "hash"])
    return event


def log_access(*, by: str, page: str, subject_kind: str, subject_id: str, area_path: str = "") -> None:
    """Note that `by` opened `page` on a subject. One row, outside the chain."""
    AccessLog.objects.create(
        by=str(by), page=page, subject_kind=subject_kind, subject_id=str(subject_id), area_path=area_path
    )


def log_accesses(*, by: str, page: str, subject_kind: str, subjects: Iterable[tuple[str, str]]) -> None:
    """Note that `by` was shown these subjects, each an id and the path of its area. One query."""
    AccessLog.objects.bulk_create(
        AccessLog(by=str(by), page=page, subject_kind=subject_kind, subject_id=str(key), area_path=area_path)
        for key, area_path in subjects
    )


@dataclass(frozen=True)
class Verification:
    """What `verify` found: how many events stand, the head, and each fault in words."""

    events: int
    head: str
    faults: list[str]

    @property
    def sound(self) -> bool:
        return not self.faults


def verify(known: tuple[int, str] | None = None, most_faults: int = 20) -> Verification:
    """Recompute the whole chain. `known` is an event's number and hash noted earlier, outside this database.

    Without `known` somebody who can write to the tables and switch off the triggers could cut the end off
    and rewrite the head; with it, everything up to the noted event is proven unchanged.
    """
    faults = [f"trigger {name} is missing" for name in missing_triggers(connection)]
    previous, expected = START, 1
    with transaction.atomic():
        head = ChainHead.objects.filter(pk=1).first() or ChainHead()
        for event in Event.objects.order_by("sequence").iterator(chunk_size=2000):
            faults += _faults_of(event, expected, previous)
            if known and event.sequence == known[0] and event.hash != known[1]:
                faults.append(f"event {event.sequence}: not the hash that was noted")
            if len(faults) >= most_faults:
                return Verification(event.sequence, f"{head}", faults[:most_faults])
            previous, expected = event.hash, event.sequence + 1
    if (head.sequence, head.hash) != (expected - 1, previous):
        faults.append(f"the head says {head.sequence} events, the chain ends at {expected - 1}")
    if known and known[0] >= expected:
        faults.append(f"event {known[0]} was noted but is gone")
    return Verification(expected - 1, f"{expected - 1}:{previous}", faults)


def _faults_of(event: Event, expected: int, previous: str) -> list[str]:
    faults = []
    if event.sequence != expected:
        faults.append(f"event {expected} is missing before event {event.sequence}")
    elif event.previous != previous:
        faults.append(f"event {event.sequence}: does not follow the event before it")
    if event.hash != _hash_of(event):
        faults.append(f"event {event.sequence}: content and hash do not agree")
    return faults


def _hash_of(event: Event) -> str:
    return event_hash(
        sequence=event.sequence,
        at=event.at,
        kind=event.kind,
        by=event.by,
        subject_kind=event.subject_kind,
        subject_id=event.subject_id,
        area_path=event.area_path,
        data=event.data,
        previous=event.previous,
        also_in=event.also_in,
    )


def _locked_head() -> ChainHead:
    """The head, locked. On SQLite the transaction already holds the one write lock."""
    ChainHead.objects.bulk_create([ChainHead()], ignore_conflicts=True)
    return ChainHead.objects.select_for_update().get(pk=1)
