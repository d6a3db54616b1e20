"""A household of each village that is helped: a plan, a measure still to arrive, evidence, a loan, a payment; and the
batch of each county, with rows of a return that could not be used."""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from highground.accounts.enums import Sight
from highground.accounts.models import User
from highground.areas.models import Area
from highground.cases.models import Case, Deadline
from highground.files.uploads import keep_upload
from highground.people.models import Household
from highground.signals.models import RulebookVersion
from highground.support.actions.reconciling import rejects_of
from highground.support.models import Budget, Credit, Delivery, PaymentBatch, PaymentLine, Plan, PlanLine
from highground.support.pages.line import EVIDENCE
from tests.support.register import BOOK, TODAY

LATER = TODAY.replace(year=TODAY.year + 1)

BUDGETS = {"LONGHE": 731_100, "PINGNAN": 973_300}
"""What each county may spend, in cents; found nowhere else."""


def row_of(county: str) -> str:
    """What stands in the row of a county that its bank could not use."""
    return f"row of {county.title()}"


def evidence_of(code: str) -> bytes:
    """What is heard on the evidence of a village; it is found nowhere else."""
    return f"evidence of {code} as a sound".encode()


def help_families(
    areas: Mapping[str, Area], households: Mapping[str, Household]
) -> dict[str, dict[str, Any]]:
    """For each village: the case, the line and the delivery of its household; and the batch of its county."""
    version = RulebookVersion.objects.get(rulebook=BOOK)
    someone = User.objects.create(username="somebody who sees to it")
    found = {code: _help(home, version, someone) for code, home in households.items()}
    for county in BUDGETS:
        path = areas[county].path
        within = [code for code in households if areas[code].path.startswith(path)]
        batch = _pay(areas[county], [found[code]["delivery"] for code in within])
        for code in within:
            found[code]["batch"] = batch
    return found


def _help(home: Household, version: RulebookVersion, someone: User) -> dict[str, Any]:
    case = Case.objects.create(
        household=home, rulebook=BOOK, rulebook_version=version, packs=["qinan"], channel="data",
        status="monitored", discovered_on=TODAY, opened_on=TODAY, class_id="marginal", recognised_on=TODAY,
        risks=["illness"],
    )  # fmt: skip
    Deadline.objects.create(case=case, step="follow_up", since=TODAY, days=15, unit="calendar", due_on=TODAY)
    plan = Plan.objects.create(case=case, made_on=TODAY, recorded_at=timezone.now(), by="test")
    line = PlanLine.objects.create(
        plan=plan, measure="microcredit", family="finance", responsible=someone, due_on=LATER
    )
    Credit.objects.create(line=line, principal=100, granted_on=TODAY, due_on=LATER, by="test")
    relief = PlanLine.objects.create(
        plan=plan, measure="temporary_relief", family="social_assistance", responsible=someone, due_on=TODAY,
        state="delivered",
    )  # fmt: skip
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setparams((1, 1, 8_000, 0, "NONE", ""))
        file.writeframes(evidence_of(home.area.code))
    upload = keep_upload(
        sound, area_path=home.area.path, kind=EVIDENCE, by="test", today=TODAY, behind=Sight.CASES
    )
    delivery = Delivery.objects.create(
        line=relief, day=TODAY, quantity=1, amount=100, cash=True, evidence=upload.hash, key=home.key,
        recorded_at=timezone.now(), by="test",
    )  # fmt: skip
    return {"case": case.pk, "line": line.pk, "delivery": delivery.pk}


def _pay(county: Area, deliveries: list[int]) -> int:
    Budget.objects.create(
        area=county, family="finance", year=TODAY.year, currency="CNY", amount=BUDGETS[county.code]
    )
    batch = PaymentBatch.objects.create(
        area=county, currency="CNY", created_on=TODAY, created_by="test", rows=len(deliveries), total=100
    )
    rows = Delivery.objects.everywhere(reason="test").filter(pk__in=deliveries)
    for one in rows.select_related("line__plan__case"):
        PaymentLine.objects.create(
            batch=batch, delivery=one, household_id=one.line.plan.case.household_id, amount=100
        )
    rejects = rejects_of(batch)
    rejects.parent.mkdir(exist_ok=True)
    rejects.write_text(f"row,column\n2,{row_of(county.code)}\n")
    return int(batch.pk)
