"""Taking the readings of a study in from a file: nothing after the baseline before the plan is frozen."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.audit.actions import record
from highground.files.columns import Column, WrongValue, amount, day, one_of, rows_of, text, yes
from highground.files.rejects import Reject
from highground.files.tables import ROW, open_table
from highground.works.actions.studies import only_leads, readings_of
from highground.works.enums import Wave
from highground.works.ground import WorksError
from highground.works.models import FrozenPlan, ReadingFile, Study, StudyIndicator, StudyReading, StudyVillage

BATCH = 2000


@dataclass
class Taken:
    """What became of a file of readings."""

    file: ReadingFile | None = None
    used: int = 0
    rejects: list[Reject] = field(default_factory=list)


@dataclass
class _Read:
    """What values are looked up in."""

    villages: dict[str, StudyVillage]
    indicators: dict[str, StudyIndicator]

    def village(self, value: str) -> StudyVillage:
        if found := self.villages.get(value):
            return found
        raise WrongValue(
            _("no village of this study has this code"),
            _("write one of %(all)s") % {"all": ", ".join(self.villages)},
        )

    def indicator(self, value: str) -> StudyIndicator:
        if found := self.indicators.get(value):
            return found
        raise WrongValue(
            _("no indicator of this study has this code"),
            _("write one of %(all)s") % {"all": ", ".join(self.indicators)},
        )


def take_readings(study: Study, file: Path, *, by: User, today: datetime.date) -> Taken:
    """Read a file of readings (columns as in `columns_of`) into a study, in one transaction with one event.

    Rows that cannot be used are left out and told. Raises WorksError for a file that holds readings from after the
    baseline while no plan is frozen, and TableError for one that cannot be read.
    """
    only_leads(study, by, today)
    done = Taken()
    read = _Read(
        {one.area.code: one for one in study.villages.select_related("area")},
        {one.code: one for one in study.indicators.all()},
    )
    table = open_table(file, on_reject=done.rejects.append)
    rows = list(rows_of(table, columns_of(read, today), done.rejects.append))
    plan = study.plans.order_by("-number").first()
    if plan is None and any(row["wave"] != Wave.BASELINE for row in rows):
        raise WorksError(
            _(
                "This file holds readings from after the baseline, and no plan is frozen. Freeze the plan first: what is tested"
                " must be known before the data are."
            )
        )
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    if study.files.filter(hash=digest, withdrawn_on__isnull=True).exists():
        raise WorksError(_("This file has been taken in already."))
    good = _without_doubles(study, rows, done.rejects)
    done.rejects.sort(key=lambda one: one.row)
    done.used = len(good)
    if good:
        done.file = _save(study, plan, good, file.name, digest, done.rejects, by, today)
    return done


def columns_of(read: _Read, today: datetime.date) -> dict[str, Column]:
    """The columns of a file of readings. Without a household a reading is of the village as a whole."""
    return {
        "village": Column(read.village),
        "household": Column(text(40), ""),
        "wave": Column(one_of(Wave.values)),
        "indicator": Column(read.indicator),
        "value": Column(amount()),
        "unit": Column(text(40)),
        "date": Column(day(today)),
        "recalled": Column(yes, False),
        "weight": Column(amount(above=0), 1),
    }


def _key(row: dict[str, Any]) -> tuple[int, int, str, str]:
    return row["indicator"].pk, row["village"].pk, row["household"], row["wave"]


def _without_doubles(study: Study, rows: list[dict[str, Any]], rejects: list[Reject]) -> list[dict[str, Any]]:
    """The rows whose unit is the indicator's, which are of one kind, and which say nothing a second time."""
    known = {
        (one["indicator"], one["village"], one["household"], one["wave"]): one["file__name"]
        for one in readings_of(study).values("indicator", "village", "household", "wave", "file__name")
    }
    whole = {indicator: not household for indicator, _village, household, _wave in known}
    seen: dict[tuple[int, int, str, str], int] = {}
    good = []
    for row in rows:
        fault = _fault(row, known, whole, seen)
        if fault:
            rejects.append(fault)
            continue
        seen[_key(row)] = row[ROW]
        whole.setdefault(row["indicator"].pk, not row["household"])
        good.append(row)
    return good


def _fault(
    row: dict[str, Any],
    known: dict[tuple[int, int, str, str], str],
    whole: dict[int, bool],
    seen: dict[tuple[int, int, str, str], int],
) -> Reject | None:
    indicator, key = row["indicator"], _key(row)
    if row["unit"] != indicator.unit:
        return Reject(
            row[ROW], "unit", row["unit"],
            _("%(code)s is measured in %(unit)s") % {"code": indicator.code, "unit": indicator.unit},
            _("convert the value, or add an indicator with this unit; units and currencies are not mixed"),
        )  # fmt: skip
    if whole.get(indicator.pk, not row["household"]) != (not row["household"]):
        return Reject(
            row[ROW], "household", row["household"],
            _("%(code)s is read of households in some rows and of whole villages in others") % {"code": indicator.code},
            _("give every row a household, or none"),
        )  # fmt: skip
    if key in seen:
        return Reject(
            row[ROW], "household", row["household"], _("stands in row %(row)s already") % {"row": seen[key]},
            _("keep one row"),
        )  # fmt: skip
    if key in known:
        return Reject(
            row[ROW], "household", row["household"],
            _("is known already from %(file)s") % {"file": known[key]},
            _("withdraw that file first, if it is wrong"),
        )  # fmt: skip
    return None


@transaction.atomic
def _save(
    study: Study,
    plan: FrozenPlan | None,
    rows: list[dict[str, Any]],
    name: str,
    digest: str,
    rejects: list[Reject],
    by: User,
    today: datetime.date,
) -> ReadingFile:
    kept: ReadingFile = ReadingFile.objects.create(
        study=study, name=name[:160], hash=digest, rows=len(rows), rejected=len({one.row for one in rejects}),
        waves=sorted({row["wave"] for row in rows}), plan=plan, taken_on=today, by=str(by.pk),
    )  # fmt: skip
    StudyReading.objects.bulk_create(
        (
            StudyReading(
                study=study, indicator=row["indicator"], village=row["village"], household=row["household"],
                wave=row["wave"], value=float(row["value"]), day=row["date"], recalled=row["recalled"],
                weight=float(row["weight"]), file=kept,
            )
            for row in rows
        ),
        batch_size=BATCH,
    )  # fmt: skip
    record(
        "works.take_readings",
        by=str(by.pk),
        subject_kind="study",
        subject_id=str(study.pk),
        area_path=study.made_in.path,
        data={"rows": kept.rows, "rejected": kept.rejected, "waves": kept.waves, "hash": digest,
              "plan": plan.hash if plan else None},
    )  # fmt: skip
    return kept
