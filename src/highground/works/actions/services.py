"""Services and works: readings, a work from its proposal to the hand-over, its money, photos and checks."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.enums import Sight
from highground.accounts.models import User
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.files.columns import Column, WrongValue, amount, day, rows_of, text
from highground.files.rejects import Reject
from highground.files.tables import ROW, open_table
from highground.files.uploads import keep_upload
from highground.web.numbers import day as shown
from highground.web.numbers import number
from highground.works.actions.recording import record_in
from highground.works.enums import Condition, PhotoTime, WorkStage
from highground.works.ground import WorksError, may_approve, may_keep
from highground.works.models import Photo, Project, ServiceReading, Spending, StageStep, Work, WorkCheck
from highground.works.standards import FULL, Standard, standards_of

BATCH = 2000
ORDER = [one for one in WorkStage if one != WorkStage.GIVEN_UP]
BUILT = (WorkStage.COMPLETED, WorkStage.HANDED_OVER)
MOST_PHOTO_CAPTION = 160
REACHED = "a village that the caller has reached in scope"


@dataclass
class Imported:
    """What became of a file of readings: how many were new, and how many were known already."""

    used: int = 0
    known: int = 0
    rejects: list[Reject] = field(default_factory=list)


def import_services(file: Path, *, area: Area, by: User, today: datetime.date) -> Imported:
    """Read dated readings of villages in an area (columns village, service, value, unit, date, source). One event.

    Rows that cannot be used are told; what is known already is left as it is. Raises WorksError for somebody who may not
    write there, and TableError for a file that cannot be read.
    """
    if not may_keep(by, area, today):
        raise WorksError(
            _("What a village has is written down by a first secretary or an officer of the area.")
        )
    done = Imported()
    villages = {one.code: one for one in Area.objects.filter(path__startswith=area.path, level=Level.VILLAGE)}
    standards = standards_of(area.country)

    def village(value: str) -> Area:
        if value in villages:
            return villages[value]
        raise WrongValue(_("no village of %(area)s has this code") % {"area": area}, _("correct the code"))

    def service(value: str) -> Standard:
        if value in standards:
            return standards[value]
        raise WrongValue(
            _("no service of this name has a standard"),
            _("write one of %(all)s") % {"all": ", ".join(standards)},
        )

    columns = {
        "village": Column(village), "service": Column(service), "value": Column(amount(0)), "unit": Column(text(40)),
        "date": Column(day(today)), "source": Column(text(200)),
    }  # fmt: skip
    table = open_table(file, on_reject=done.rejects.append)
    good = _new(list(rows_of(table, columns, done.rejects.append)), done)
    done.rejects.sort(key=lambda one: one.row)
    done.used = len(good)
    _save(good, area, hashlib.sha256(file.read_bytes()).hexdigest(), by, done)
    return done


def _new(rows: list[dict[str, Any]], done: Imported) -> list[dict[str, Any]]:
    """The rows that say something new; what is known is counted, what cannot be is told. One query."""
    fields = ("area", "service", "day", "source", "value")
    every = ServiceReading.objects.everywhere(reason=REACHED).filter(
        area__in={row["village"].pk for row in rows}
    )
    said = {row[:4]: row[4] for row in every.values_list(*fields)}
    good = []
    for row in rows:
        key = (row["village"].pk, row["service"].id, row["date"], row["source"])
        if fault := _fault(row, said.get(key)):
            done.rejects.append(fault)
        elif key in said:
            done.known += 1
        else:
            said[key] = row["value"]
            good.append(row)
    return good


def _fault(row: Mapping[str, Any], said: Decimal | None) -> Reject | None:
    if row["unit"] != row["service"].unit:
        return _other_unit(row)
    if row["unit"].startswith("%") and row["value"] > FULL:
        return Reject(
            row[ROW], "value", f"{row['value']}", _("a share is at most 100"), _("write the share in percent")
        )
    if said is not None and said != row["value"]:
        return Reject(
            row[ROW], "value", f"{row['value']}",
            _("this source says %(value)s of this day already") % {"value": number(said)},
            _("correct the date or the source, or leave the row out"),
        )  # fmt: skip
    return None


def _other_unit(row: Mapping[str, Any]) -> Reject:
    words = {"service": row["service"].id, "unit": row["service"].unit}
    return Reject(
        row[ROW], "unit", row["unit"], _("%(service)s is read in %(unit)s") % words,
        _("convert the value; a service keeps its unit"),
    )  # fmt: skip


@transaction.atomic
def _save(rows: list[dict[str, Any]], area: Area, digest: str, by: User, done: Imported) -> None:
    ServiceReading.objects.bulk_create(
        [
            ServiceReading(
                area=row["village"], service=row["service"].id, value=row["value"], unit=row["unit"], day=row["date"],
                source=row["source"], by=str(by.pk),
            )
            for row in rows
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )  # fmt: skip
    rejected = len({one.row for one in done.rejects})
    record_in(
        "works.import_services", area, by, "area", area.code, rows=done.used, rejected=rejected, hash=digest
    )


@transaction.atomic
def write_reading(
    village: Area,
    *,
    service: str,
    value: Decimal,
    day: datetime.date,
    source: str,
    by: User,
    today: datetime.date,
) -> ServiceReading:
    """Write down what somebody found of a service on a day; earlier readings stay. One event.

    Raises WorksError for a service without a standard, a value below zero or above 100 percent, a day to come, no source,
    and for what this source said of this day already.
    """
    if not may_keep(by, village, today):
        raise WorksError(
            _("What a village has is written down by a first secretary or an officer of the area.")
        )
    standard = standards_of(village.country).get(service)
    if standard is None:
        raise WorksError(_("Choose the service that was looked at."))
    if value < 0 or (standard.unit.startswith("%") and value > FULL):
        raise WorksError(_("Write zero or more, and of a share at most 100."))
    if day > today:
        raise WorksError(_("This day lies in the future; write it down when it has happened."))
    source = source.strip()[:200]
    if not source:
        raise WorksError(_("Say where this is from, such as the check of a year."))
    same = {"area": village, "service": service, "day": day, "source": source}
    if ServiceReading.objects.everywhere(reason=REACHED).filter(**same).exists():
        raise WorksError(_("This source says a value of this day already."))
    reading: ServiceReading = ServiceReading.objects.create(
        **same, value=value, unit=standard.unit, by=str(by.pk)
    )
    record_in("works.reading", village, by, "area", village.code, service=service, day=day.isoformat())
    return reading


@transaction.atomic
def propose_work(
    village: Area,
    *,
    title: str,
    service: str,
    budget: Decimal | None,
    currency: str,
    due: datetime.date | None,
    keeper: str = "",
    day: datetime.date | None = None,
    project: Project | None = None,
    by: User,
    today: datetime.date,
) -> Work:
    """Propose a work in a village, on `day` where that was earlier; one event.

    Raises WorksError for a day to come, and for a project that does not work in the village.
    """
    if not may_keep(by, village, today):
        raise WorksError(_("Works are proposed by a first secretary or an officer of the area."))
    if service not in standards_of(village.country):
        raise WorksError(_("Choose the service for which it is built."))
    if day is not None and day > today:
        raise WorksError(_("This day lies in the future; write it down when it has happened."))
    if project is not None and not project.sites.filter(area=village).exists():
        raise WorksError(_("The project does not work in this village."))
    work: Work = Work.objects.create(
        area=village, project=project, service=service, title=title.strip()[:160], budget=budget,
        currency=currency.strip().upper()[:3], due=due, keeper=keeper.strip()[:120], by=str(by.pk),
    )  # fmt: skip
    StageStep.objects.create(work=work, stage=WorkStage.PROPOSED, day=day or today, by=str(by.pk))
    record_in("works.propose", village, by, "work", str(work.pk), service=service)
    return work


@transaction.atomic
def advance(
    work: Work,
    *,
    stage: str,
    day: datetime.date,
    note: str = "",
    keeper: str = "",
    by: User,
    today: datetime.date,
) -> None:
    """Bring a work to its next stage, or give it up with a reason. `keeper` says who keeps it up from now on. One event.

    It is approved by a county or province officer who did not propose it. Raises WorksError where that does not hold, for
    a stage that does not come next, and for a day to come or before the stage it is in.
    """
    if not may_keep(by, work.area, today):
        raise WorksError(_("Works are led by a first secretary or an officer of the area."))
    if day > today:
        raise WorksError(_("This day lies in the future; write it down when it has happened."))
    last = work.steps.order_by("day", "pk").last()
    if last is not None and day < last.day:
        raise WorksError(
            _("On %(day)s it came to the stage “%(stage)s”; what follows is not earlier.")
            % {"day": shown(last.day), "stage": last.get_stage_display()}
        )
    here = WorkStage(work.stage)
    if here in (WorkStage.HANDED_OVER, WorkStage.GIVEN_UP):
        raise WorksError(_("This work has come to its end."))
    if stage == WorkStage.GIVEN_UP:
        if not note.strip():
            raise WorksError(_("Say why the work is given up."))
    elif stage != ORDER[ORDER.index(here) + 1]:
        raise WorksError(_("What comes next is: %(stage)s.") % {"stage": ORDER[ORDER.index(here) + 1].label})
    if stage == WorkStage.APPROVED:
        if not may_approve(by, work.area, today):
            raise WorksError(_("A work is approved by a county officer or a province officer."))
        if work.by == str(by.pk):
            raise WorksError(_("Whoever proposed a work does not approve it. Ask a colleague."))
    keeper = keeper.strip()[:120] or work.keeper
    if stage == WorkStage.HANDED_OVER and not keeper:
        raise WorksError(_("Say who keeps it up: nobody looks after what is nobody's."))
    work.stage, work.keeper = stage, keeper
    work.save(update_fields=["stage", "keeper"])
    StageStep.objects.create(work=work, stage=stage, day=day, note=note.strip()[:300], by=str(by.pk))
    record_in("works.advance", work.area, by, "work", str(work.pk), stage=str(stage), day=day.isoformat())


@transaction.atomic
def spend(
    work: Work,
    *,
    amount: Decimal,
    currency: str,
    day: datetime.date,
    note: str = "",
    by: User,
    today: datetime.date,
) -> None:
    """Write down what was spent on a work. One event. Raises WorksError for another currency than its budget's."""
    if not may_keep(by, work.area, today):
        raise WorksError(_("Works are led by a first secretary or an officer of the area."))
    if currency.strip().upper() != work.currency:
        raise WorksError(
            _(
                "This work is paid in %(currency)s. Currencies are not mixed: convert the amount, and say so in the note."
            )
            % {"currency": work.currency}
        )
    if day > today or amount <= 0:
        raise WorksError(_("Write an amount above zero, and a day that has been."))
    Spending.objects.create(work=work, day=day, amount=amount, note=note.strip()[:160], by=str(by.pk))
    record_in("works.spend", work.area, by, "work", str(work.pk), day=day.isoformat())


def _only_its_time(work: Work, taken: str, day: datetime.date) -> None:
    """A photo shows what was there before the building began, or what stands since it was completed."""
    steps = {one.stage: one.day for one in work.steps.all()}
    begun, done = steps.get(WorkStage.BUILDING), steps.get(WorkStage.COMPLETED)
    if taken == PhotoTime.BEFORE and begun is not None and day > begun:
        raise WorksError(
            _("Building began on %(day)s: a photo taken later does not show what was there before.")
            % {"day": shown(begun)}
        )
    if taken == PhotoTime.AFTER and done is None:
        raise WorksError(
            _("The work is not completed yet. Write that stage down before a photo of after it.")
        )
    if taken == PhotoTime.AFTER and done is not None and day < done:
        raise WorksError(
            _("It was completed on %(day)s: a photo taken earlier does not show what stands since.")
            % {"day": shown(done)}
        )


@transaction.atomic
def add_photo(
    work: Work,
    *,
    file: BinaryIO | Any,
    taken: str,
    day: datetime.date | None,
    caption: str,
    by: User,
    today: datetime.date,
) -> Photo:
    """Keep a photo of a work; a photo without a date shows nothing and is refused. One event.

    Raises UploadRefused for what is no photo, WorksError for a day that is not before or after the building as it says.
    """
    if not may_keep(by, work.area, today):
        raise WorksError(_("Works are led by a first secretary or an officer of the area."))
    if day is None:
        raise WorksError(
            _("Say on which day the photo was taken: without a date it shows neither before nor after.")
        )
    if day > today:
        raise WorksError(_("This day lies in the future; write it down when it has happened."))
    if taken not in PhotoTime.values or not caption.strip():
        raise WorksError(_("Say whether it shows before or after, and what."))
    _only_its_time(work, taken, day)
    upload = keep_upload(
        file, area_path=work.area.path, kind="work", by=str(by.pk), today=today, behind=Sight.WORKS.value
    )
    photo: Photo = Photo.objects.create(
        work=work,
        upload=upload,
        taken=taken,
        day=day,
        caption=caption.strip()[:MOST_PHOTO_CAPTION],
        by=str(by.pk),
    )
    record_in("works.photo", work.area, by, "work", str(work.pk), file=upload.hash, day=day.isoformat())
    return photo


@transaction.atomic
def check_work(
    work: Work, *, found: str, day: datetime.date, note: str = "", by: User, today: datetime.date
) -> None:
    """Write down whether what was built still works. One event. Raises WorksError before it is built."""
    if not may_keep(by, work.area, today):
        raise WorksError(_("Works are led by a first secretary or an officer of the area."))
    if work.stage not in BUILT:
        raise WorksError(_("What is not built yet cannot be checked."))
    if found not in Condition.values or day > today:
        raise WorksError(_("Say what was found, on a day that has been."))
    if found != Condition.WORKS and not note.strip():
        raise WorksError(_("Say what is wrong and who mends it."))
    WorkCheck.objects.create(work=work, day=day, found=found, note=note.strip()[:300], by=str(by.pk))
    record_in("works.check", work.area, by, "work", str(work.pk), found=str(found), day=day.isoformat())
