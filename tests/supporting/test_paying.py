"""Payments out and back: gathered once, written with totals and a hash, reconciled row by row."""

from __future__ import annotations

import csv
import datetime
import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from highground.audit.actions import verify
from highground.audit.models import Event
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.actions import receive, source_of
from highground.support.actions.delivering import deliver
from highground.support.actions.ground import SupportError
from highground.support.actions.paying import create_batch, write_batch
from highground.support.actions.planning import add_lines
from highground.support.actions.reconciling import reconcile
from highground.support.models import Delivery, PaymentBatch, PaymentLine
from tests.support.case_path import Office
from tests.support.register import LONG_AGO, TODAY
from tests.supporting.test_budgets import WRITERS, at_once, monitored
from tests.supporting.test_planning import budget, line

NUMBERS = ("2231", "0874", "1410")


def give_accounts(office: Office) -> None:
    """The first household has an account of its own, the second one of a member, the third none."""
    text = pa.string()
    rows = [
        ("2231", None, "bank_account", "=6222-0001"),
        ("0874", "0874-1", "bank_account", "6222-0002"),
        ("0874", "0874-1", "name", "Wei Lan"),
    ]
    receive(
        register="main",
        members=pa.table(
            {
                "number": pa.array(["0874-1"], text),
                "household": pa.array(["0874"], text),
                "day": pa.array([LONG_AGO], pa.date32()),
            }
        ),
        protected=pa.table(
            {
                name: pa.array([row[place] for row in rows], text)
                for place, name in enumerate(("household", "member", "kind", "value"))
            }
        ),
        source=source_of(kind="department", name="Bank", day=TODAY),
        by="test",
        today=TODAY,
    )


def relieve(office: Office, number: str, amount: str = "100", key: str = "") -> Delivery:
    """Temporary relief in cash has reached a household."""
    household = office.household(number)
    case = household.cases.first() or monitored(office, household)
    who = {"by": office.staff["contact"], "today": office.today}
    (one,) = add_lines(case.plan, lines=[line(office, "temporary_relief", amount=Decimal(amount))], **who)
    return deliver(one, day=office.today, key=key or f"{number}-{one.pk}", amount=Decimal(amount), **who)


@pytest.fixture
def relieved(office: Office) -> Office:
    budget(office, "social_assistance", 100_000)
    give_accounts(office)
    for number, amount in zip(NUMBERS, ("100", "250.50", "3000"), strict=True):
        relieve(office, number, amount)
    return office


def batch_of(office: Office, code: str = "LONGHE", **options: Any) -> PaymentBatch:
    fields = {"area": office.register.areas[code], "by": office.staff["county"], "today": office.today}
    return create_batch(**{**fields, **options})


def payments(batch: PaymentBatch) -> list[PaymentLine]:
    return list(PaymentLine.objects.everywhere(reason="test").filter(batch=batch).order_by("pk"))


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(content.decode("utf-8-sig").splitlines()))


def test_a_batch_gathers_what_is_to_be_paid_once(relieved: Office) -> None:
    part = batch_of(relieved, "NALONG")
    assert (part.rows, part.total, part.currency, part.status) == (2, 35_050, "CNY", "open")
    rest = batch_of(relieved, family="social_assistance")
    assert [(one.household.number, one.amount) for one in payments(rest)] == [("1410", 300_000)]
    with pytest.raises(SupportError, match="nothing waits"):
        batch_of(relieved)
    relieve(relieved, "2231", "7")
    assert [one.amount for one in payments(batch_of(relieved))] == [700]
    event = Event.objects.filter(kind="support.batch").order_by("sequence").first()
    assert event is not None and event.data == {
        "rows": 2,
        "total": 35_050,
        "content": part.sha256,
        "family": "",
    }
    assert verify().sound


def test_who_makes_a_batch(relieved: Office) -> None:
    for name in ("neighbour", "analyst", "township", "contact"):
        with pytest.raises(NotAllowed):
            batch_of(relieved, by=relieved.staff[name])
    with pytest.raises(SupportError, match="no family"):
        batch_of(relieved, family="wishes")
    assert not PaymentBatch.objects.everywhere(reason="test").exists()


def test_the_file_has_totals_a_hash_and_accounts_only_for_who_may_see_them(relieved: Office) -> None:
    batch = batch_of(relieved)
    whole = write_batch(batch, by=relieved.staff["county"], today=relieved.today)
    lines, keys = payments(batch), [relieved.household(number).key for number in NUMBERS]
    assert read(whole.content) == [
        ["line", "household", "amount", "currency", "status", "reason", "holder", "bank_account"],
        [str(lines[0].pk), keys[0], "100.00", "CNY", "", "", "", "'=6222-0001"],
        [str(lines[1].pk), keys[1], "250.50", "CNY", "", "", "Wei Lan", "6222-0002"],
        [str(lines[2].pk), keys[2], "3000.00", "CNY", "", "", "", ""],
        ["total", "3", "3350.50", "CNY", "", "", "", ""],
    ]
    assert (whole.opened, whole.missing) == (True, 1)
    assert whole.sha256 == hashlib.sha256(whole.content).hexdigest() != batch.sha256
    assert whole.name == f"payments-{batch.pk}-3-3350.50-{whole.sha256[:8]}.csv"
    bare = write_batch(batch, by=relieved.staff["analyst"], today=relieved.today)
    assert b"6222" not in bare.content and b"Wei" not in bare.content and not bare.opened
    assert bare.sha256 == batch.sha256, "the hash that was kept is of the list without accounts"
    for name in ("township", "neighbour"):
        with pytest.raises(NotAllowed):
            write_batch(batch, by=relieved.staff[name], today=relieved.today)
    events = Event.objects.filter(kind="support.write_batch").order_by("sequence")
    assert [(event.data["accounts"], event.data["content"]) for event in events] == [
        (True, whole.sha256),
        (False, bare.sha256),
    ]


def answer(tmp_path: Path, *rows: str, heading: str = "line,amount,status,reason") -> Path:
    file = tmp_path / "return.csv"
    file.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    return file


def settle(office: Office, batch: PaymentBatch, file: Path, by: str = "county2") -> Any:
    return reconcile(batch, file=file, by=office.staff[by], today=office.today)


def test_a_return_settles_payments_and_the_same_again_changes_nothing(
    relieved: Office, tmp_path: Path
) -> None:
    batch = batch_of(relieved)
    first, second, third = payments(batch)
    good = answer(
        tmp_path,
        f"{first.pk},100.00,paid,",
        f"{second.pk},250.5,失败,account closed",
        "total,3,,",
    )
    done = settle(relieved, batch, good)
    assert (done.paid, done.failed, done.unchanged, done.rejected, done.rejects) == (1, 1, 0, 0, None)
    assert [(one.status, one.reason, one.answered_on) for one in payments(batch)] == [
        ("paid", "", relieved.today),
        ("failed", "account closed", relieved.today),
        ("pending", "", None),
    ]
    events = Event.objects.count()
    again = settle(relieved, batch, good)
    assert (again.paid, again.failed, again.unchanged, again.rejected) == (0, 0, 2, 0)
    assert Event.objects.count() == events
    assert batch.status == "open"
    settle(relieved, batch, answer(tmp_path, f"{third.pk},3000,PAID,"))
    assert batch.status == "reconciled"
    following = batch_of(relieved)
    assert [(one.delivery_id, one.amount) for one in payments(following)] == [(second.delivery_id, 25_050)]
    settle(relieved, batch, good)
    assert Delivery.objects.everywhere(reason="test").get(pk=second.delivery_id).batch == following, (
        "an old return does not take the payment out of its new batch"
    )
    assert verify().sound


def test_rows_that_cannot_be_used_come_back_with_the_mend(relieved: Office, tmp_path: Path) -> None:
    """An amount with a comma, an unknown line, another amount, a word that says nothing, an answer that was given."""
    batch, other = batch_of(relieved, "NALONG"), batch_of(relieved)
    first, second = payments(batch)
    (foreign,) = payments(other)
    settle(relieved, batch, answer(tmp_path, f"{first.pk},100,paid,"))
    rows = (
        f"{second.pk},250.50,paid,",
        f'{second.pk},"2,50.50",paid,',
        f"{second.pk},250，50,paid,",
        f"{second.pk},much,paid,",
        f"{second.pk},-250.50,paid,",
        f"{second.pk},250.51,paid,",
        f"{foreign.pk},3000,paid,",
        "999999999,100,paid,",
        ",100,paid,",
        f"{first.pk},100,perhaps,",
        f"{first.pk},100,failed,",
        f"{first.pk},100,paid,,extra",
        f"{first.pk},100,paid,",
    )
    done = settle(relieved, batch, answer(tmp_path, *rows))
    assert (done.paid, done.failed, done.unchanged, done.rejected) == (1, 0, 1, 11)
    assert done.rejects is not None and done.rejects.stat().st_mode & 0o077 == 0
    heading, *rejects = read(done.rejects.read_bytes())
    assert heading == ["row", "column", "value", "reason", "mend", "line", "amount", "status", "reason"]
    assert [reject[:4] for reject in rejects] == [
        ["3", "amount", "2,50.50", "an amount with a comma"],
        ["4", "amount", "250，50", "an amount with a comma"],
        ["5", "amount", "much", "no amount"],
        ["6", "amount", "-250.50", "no amount"],
        ["7", "amount", "250.51", "the batch says 250.50"],
        ["8", "line", str(foreign.pk), "no payment of this batch"],
        ["9", "line", "999999999", "no payment of this batch"],
        ["10", "line", "", "no payment of this batch"],
        ["11", "status", "perhaps", "neither paid nor failed"],
        ["12", "status", "failed", "reconciled already as paid"],
        ["13", "", "5", "the row has 5 fields, the heading 4"],
    ]
    assert all(reject[4] for reject in rejects)
    assert batch.status == "reconciled"
    assert payments(other)[0].status == "pending"
    settle(relieved, batch, answer(tmp_path, f"{first.pk},100,paid,"))
    assert not done.rejects.exists(), "a return without a fault takes the old rejects away"


def test_who_made_the_batch_does_not_reconcile_it(relieved: Office, tmp_path: Path) -> None:
    batch = batch_of(relieved)
    good = answer(tmp_path, f"{payments(batch)[0].pk},100,paid,")
    with pytest.raises(NotAllowed, match="ask somebody else") as refused:
        settle(relieved, batch, good, by="county")
    assert refused.value.why == "own_step"
    for name in ("neighbour", "analyst", "township"):
        with pytest.raises(NotAllowed):
            settle(relieved, batch, good, by=name)
    assert payments(batch)[0].status == "pending"


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("line;amount;status", "there is no column line, amount, status"),
        ("line,amount", "there is no column status"),
        ("line,line,amount", "two columns are called 'line'"),
    ],
)
def test_a_file_that_is_no_return_is_refused(
    relieved: Office, tmp_path: Path, heading: str, said: str
) -> None:
    batch = batch_of(relieved)
    with pytest.raises(SupportError, match=said) as refused:
        settle(relieved, batch, answer(tmp_path, heading=heading))
    assert str(tmp_path) not in str(refused.value)
    empty = tmp_path / "return.csv"
    empty.write_text("")
    with pytest.raises(SupportError, match="the file is empty"):
        settle(relieved, batch, empty)


@pytest.mark.django_db(transaction=True)
def test_eight_who_make_batches_at_once_pay_nobody_twice(relieved: Office) -> None:
    area = relieved.register.areas["LONGHE"]
    found = at_once([lambda: create_batch(area=area, by=relieved.staff["county"], today=TODAY)] * WRITERS)
    made = [one for one in found if isinstance(one, PaymentBatch)]
    assert len(made) == 1
    assert {getattr(one, "why", "") for one in found if one not in made} == {"nothing"}
    paid = PaymentLine.objects.everywhere(reason="test").values_list("delivery", flat=True)
    assert len(paid) == len(set(paid)) == 3
    assert verify().sound


def test_days_are_days_of_the_office(relieved: Office) -> None:
    batch = batch_of(relieved, today=datetime.date(2026, 4, 1))
    assert batch.created_on == datetime.date(2026, 4, 1)
