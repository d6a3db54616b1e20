"""Payments out: deliveries in cash are gathered into a batch, written as a file for the bank, with totals and a hash."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from highground.accounts.enums import Sight
from highground.accounts.models import User
from highground.accounts.queries import may_see
from highground.areas.models import Area
from highground.audit.actions import record
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.enums import Protected
from highground.people.models import ProtectedValue
from highground.people.vault import Vault, bound_to, open_vault
from highground.support.actions.ground import COUNTY_ROLES, SupportError, acting, catalogue_for, to_major
from highground.support.models import Delivery, PaymentBatch, PaymentLine
from highground.web.export import csv_lines

COLUMNS = ("line", "household", "amount", "currency", "status", "reason")
ACCOUNT_COLUMNS = ("holder", "bank_account")
TOTAL = "total"
"""What stands in the column `line` of the last row, which holds the number of payments and their sum."""

MANY = 5_000


@dataclass(frozen=True)
class BatchFile:
    """A batch as a file. `opened` says whether it holds bank accounts; `missing` how many households have none."""

    name: str
    content: bytes
    sha256: str
    opened: bool
    missing: int


@transaction.atomic
def create_batch(*, area: Area, family: str = "", by: User, today: datetime.date) -> PaymentBatch:
    """Gather what is to be paid in an area, of one family of measures or of all; one event.

    Each delivery gets into one batch at a time, whoever else makes one. Raises SupportError when nothing waits.
    """
    acting(by, COUNTY_ROLES, area.path, today, "making a payment batch")
    catalogue = catalogue_for(area.country)
    if family and family not in catalogue.families:
        raise SupportError("family", f"'{family}' is no family of measures")
    # Locked in one order; who waited here sees afterwards that a delivery has a batch, and leaves it.
    waiting = list(
        to_be_paid(area.path, family)
        .select_for_update(of=("self",))
        .order_by("pk")
        .values_list("pk", "amount", "line__plan__case__household")
    )
    if not waiting:
        raise SupportError("nothing", "nothing waits to be paid here")
    batch: PaymentBatch = PaymentBatch.objects.create(
        area=area,
        family=family,
        currency=catalogue.currency,
        created_on=today,
        created_by=str(by.pk),
        rows=len(waiting),
        total=sum(amount or 0 for _pk, amount, _household in waiting),
    )
    deliveries = Delivery.objects.everywhere(reason="deliveries that were just locked for this batch")
    for start in range(0, len(waiting), MANY):
        some = [pk for pk, _amount, _household in waiting[start : start + MANY]]
        deliveries.filter(pk__in=some, batch=None).update(batch=batch)
    PaymentLine.objects.bulk_create(
        (
            PaymentLine(batch=batch, delivery_id=pk, household_id=household, amount=amount or 0)
            for pk, amount, household in waiting
        ),
        batch_size=MANY,
    )
    batch.sha256 = hashlib.sha256(_content(batch, catalogue.minor_digits, None)).hexdigest()
    batch.save(update_fields=["sha256"])
    record(
        "support.batch",
        by=str(by.pk),
        subject_kind="batch",
        subject_id=str(batch.pk),
        area_path=area.path,
        data={"rows": batch.rows, "total": batch.total, "content": batch.sha256, "family": family},
    )
    return batch


def to_be_paid(path: str, family: str = "") -> QuerySet[Delivery]:
    """Deliveries in cash in an area that no payment is under way for. The caller answers for the scope."""
    found: QuerySet[Delivery] = Delivery.objects.everywhere(
        reason="what a county pays, for who sees its budgets or makes a batch"
    ).filter(cash=True, batch=None, line__plan__case__household__area__path__startswith=path)
    return found.filter(line__family=family) if family else found


@transaction.atomic
def write_batch(batch: PaymentBatch, *, by: User, today: datetime.date) -> BatchFile:
    """The batch as a CSV file; one event with the hash of what was handed out.

    Bank accounts are opened only for somebody who sees protected attributes there besides budgets. Raises NotAllowed.
    """
    path = batch.area.path
    if not may_see(by, today, Sight.BUDGETS, path):
        raise NotAllowed("role", "payment batches are read by those who see budgets")
    opened = may_see(by, today, Sight.PROTECTED, path)
    accounts = _accounts(batch) if opened else None
    digits = catalogue_for(batch.area.country).minor_digits
    content = _content(batch, digits, accounts)
    digest = hashlib.sha256(content).hexdigest()
    total = to_major(batch.total, digits)
    households = set(_lines(batch).values_list("household_id", flat=True))
    record(
        "support.write_batch",
        by=str(by.pk),
        subject_kind="batch",
        subject_id=str(batch.pk),
        area_path=path,
        data={"rows": batch.rows, "content": digest, "accounts": opened},
    )
    return BatchFile(
        name=f"payments-{batch.pk}-{batch.rows}-{total}-{digest[:8]}.csv",
        content=content,
        sha256=digest,
        opened=opened,
        missing=len(households - accounts.keys()) if accounts is not None else 0,
    )


def _lines(batch: PaymentBatch) -> QuerySet[PaymentLine]:
    found: QuerySet[PaymentLine] = PaymentLine.objects.everywhere(
        reason="lines of a batch that the caller reached in scope"
    )
    return found.filter(batch=batch)


def _content(batch: PaymentBatch, digits: int, accounts: dict[int, tuple[str, str]] | None) -> bytes:
    """The file. Only what the batch itself says, and the accounts: a return does not change it."""
    rows = _lines(batch).order_by("pk").values_list("pk", "household__key", "amount", "household_id")
    header = [*COLUMNS, *(ACCOUNT_COLUMNS if accounts is not None else ())]
    body = _rows(rows, batch.currency, digits, accounts)
    last = [TOTAL, batch.rows, to_major(batch.total, digits), batch.currency]
    last += [""] * (len(header) - len(last))
    return "".join(csv_lines(header, [*body, last])).encode()


def _rows(
    rows: Iterable[Any], currency: str, digits: int, accounts: dict[int, tuple[str, str]] | None
) -> Iterable[Sequence[object]]:
    for pk, key, amount, household in rows:
        major: Decimal | None = to_major(amount, digits)
        found = accounts.get(household, ("", "")) if accounts is not None else ()
        yield [pk, key, major, currency, "", "", *found]


def _accounts(batch: PaymentBatch) -> dict[int, tuple[str, str]]:
    """Household -> holder and bank account; the household's own account before a member's. One query."""
    values = ProtectedValue.objects.everywhere(
        reason="accounts of a batch, for who sees protected attributes"
    )
    ids = _lines(batch).values("household_id")
    held = values.filter(household__in=ids, kind__in=[Protected.BANK_ACCOUNT, Protected.NAME]).order_by("pk")
    names, accounts = {}, {}
    for value in held:
        if value.kind == Protected.NAME:
            names[value.household_id, value.member_id] = value
        elif value.member_id is None or value.household_id not in accounts:
            accounts[value.household_id] = value
    vault, found = open_vault(), {}
    for household, account in accounts.items():
        name = names.get((household, account.member_id))
        found[household] = (_opened(name, vault) if name else "", _opened(account, vault))
    return found


def _opened(value: ProtectedValue, vault: Vault) -> str:
    return vault.open(value.sealed, value.key_id, bound_to(value.household_id, value.member_id, value.kind))
