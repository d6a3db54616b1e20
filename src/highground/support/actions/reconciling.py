"""The return of a payment batch: each row settles one payment, or comes back with the reason and the mend."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from highground.accounts.models import User
from highground.audit.actions import record
from highground.files.rejects import Reject, RejectsFile
from highground.files.tables import ROW, Layout, Table, TableError, open_table
from highground.methods.rules.procedure.path import NotAllowed
from highground.support.actions.ground import COUNTY_ROLES, SupportError, acting, catalogue_for, to_major
from highground.support.actions.paying import MANY, TOTAL
from highground.support.enums import BatchStatus, PaymentStatus
from highground.support.models import Delivery, PaymentBatch, PaymentLine

NEEDED = ("line", "amount", "status")
WORDS = {
    "paid": PaymentStatus.PAID,
    "成功": PaymentStatus.PAID,
    "failed": PaymentStatus.FAILED,
    "失败": PaymentStatus.FAILED,
}
"""What a bank may write in the column `status`."""

_NUMBER = re.compile(r"\d+(\.\d+)?")


@dataclass
class Reconciled:
    """What a return did: rows that settled a payment, those that said nothing new, those that were refused."""

    paid: int = 0
    failed: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejects: Path | None = None
    settled: list[PaymentLine] = field(default_factory=list, repr=False)


def rejects_of(batch: PaymentBatch) -> Path:
    """Where the rows of a batch's last return that could not be used lie."""
    return Path(settings.HIGHGROUND_HOME) / "payments" / f"batch-{batch.pk}-rejects.csv"


@transaction.atomic
def reconcile(batch: PaymentBatch, *, file: Path, by: User, today: datetime.date) -> Reconciled:
    """Settle the payments of a batch by the bank's return (columns line, amount, status, and reason if there is one).

    Rows that cannot be used go to `rejects_of(batch)` with row, column, value, reason and mend; the others count. The
    same return again changes nothing. A payment that came back can go out in another batch. Raises NotAllowed for
    whoever made the batch, SupportError for a file that is no such table.
    """
    acting(by, COUNTY_ROLES, batch.area.path, today, "reconciling a payment batch")
    batches = PaymentBatch.objects.everywhere(
        reason="a batch that the caller reached in scope is locked by its id"
    )
    now: PaymentBatch = batches.select_for_update(of=("self",)).select_related("area").get(pk=batch.pk)
    if now.created_by == str(by.pk):
        raise NotAllowed("own_step", "whoever made the batch does not reconcile it; ask somebody else")
    lines = {
        line.pk: line
        for line in PaymentLine.objects.everywhere(reason="lines of a batch that was just locked").filter(
            batch=now
        )
    }
    done, target = Reconciled(), rejects_of(now)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with RejectsFile(target) as rejects:
        _read(file, lines, catalogue_for(now.area.country).minor_digits, rejects, done, today)
        done.rejected = rejects.rows
    done.rejects = target if done.rejected else None
    if done.settled:
        _settle(now, lines, done)
        record(
            "support.reconcile",
            by=str(by.pk),
            subject_kind="batch",
            subject_id=str(now.pk),
            area_path=now.area.path,
            data={
                "paid": done.paid,
                "failed": done.failed,
                "rejected": done.rejected,
                "content": hashlib.sha256(file.read_bytes()).hexdigest(),
            },
        )
    batch.refresh_from_db()
    return done


def _settle(batch: PaymentBatch, lines: dict[int, PaymentLine], done: Reconciled) -> None:
    PaymentLine.objects.everywhere(reason="lines of a batch that is locked").bulk_update(
        done.settled, ["status", "answered_on", "reason"], batch_size=MANY
    )
    back = [line.delivery_id for line in done.settled if line.status == PaymentStatus.FAILED]
    deliveries = Delivery.objects.everywhere(reason="deliveries whose payment came back")
    for start in range(0, len(back), MANY):
        deliveries.filter(pk__in=back[start : start + MANY]).update(batch=None)
    if all(line.status != PaymentStatus.PENDING for line in lines.values()):
        batch.status = BatchStatus.RECONCILED
        batch.save(update_fields=["status"])


def _read(
    file: Path,
    lines: dict[int, PaymentLine],
    digits: int,
    rejects: RejectsFile,
    done: Reconciled,
    today: datetime.date,
) -> None:
    unreadable: list[Reject] = []
    try:
        table = open_table(file, Layout(), on_reject=unreadable.append)
        if missing := [name for name in NEEDED if name not in table.columns]:
            raise TableError(f"there is no column {', '.join(missing)}; a return has {', '.join(NEEDED)}")
        rejects.headings(table.columns)
        for row in _rows_of(table):
            problem = _take(row, lines, digits, done, today)
            if problem:
                rejects.add([problem])
    except TableError as problem:
        raise SupportError("file", str(problem).replace(str(file), file.name)) from problem
    rejects.add(unreadable)


def _rows_of(table: Table) -> Iterator[dict[str, Any]]:
    for batch in table.batches:
        yield from batch.to_pylist()


def _take(
    row: dict[str, Any], lines: dict[int, PaymentLine], digits: int, done: Reconciled, today: datetime.date
) -> Reject | None:
    """Settle one row, or say what is wrong with it."""
    name, amount, status = (str(row[column] or "").strip() for column in NEEDED)
    if name.lower() == TOTAL:
        return None

    def refused(column: str, value: str, reason: str, mend: str) -> Reject:
        original = {key: value for key, value in row.items() if key != ROW}
        return Reject(row[ROW], column, value, reason, mend, original)

    line = lines.get(int(name)) if name.isascii() and name.isdecimal() else None
    if line is None:
        return refused("line", name, "no payment of this batch", "check which batch the return belongs to")
    if "," in amount or "，" in amount:
        return refused(
            "amount", amount, "an amount with a comma", "write it with a point and nothing else: 1200.50"
        )
    if not _NUMBER.fullmatch(amount):
        return refused("amount", amount, "no amount", "write digits with a point, such as 1200.50")
    expected = to_major(line.amount, digits)
    if Decimal(amount) != expected:
        return refused("amount", amount, f"the batch says {expected}", "ask the bank what was paid")
    answer = WORDS.get(status.lower())
    if answer is None:
        return refused("status", status, "neither paid nor failed", f"write one of {', '.join(WORDS)}")
    if line.status != PaymentStatus.PENDING:
        if line.status == answer:
            done.unchanged += 1
            return None
        return refused(
            "status", status, f"reconciled already as {line.status}", "ask the bank which of the two is true"
        )
    line.status, line.answered_on = answer, today
    line.reason = str(row.get("reason") or "").strip()[:200]
    done.settled.append(line)
    if answer == PaymentStatus.PAID:
        done.paid += 1
    else:
        done.failed += 1
    return None
