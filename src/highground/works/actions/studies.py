"""Designing a study, freezing its plan, taking readings in, and saying what was found by criterion."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.areas.models import Area
from highground.works.actions.recording import record_in
from highground.works.design import content_of, hash_of
from highground.works.enums import Criterion, Sides, TheoryStage, Wave
from highground.works.ground import WorksError, may_lead
from highground.works.models import (
    CriterionNote,
    FrozenPlan,
    Project,
    ReadingFile,
    Study,
    StudyIndicator,
    StudyReading,
    StudyVillage,
)

LONGEST = 300
REACHED = "a study that the caller has reached in scope"
STAGES = list(TheoryStage.values)


@transaction.atomic
def start_study(
    area: Area,
    *,
    title: str,
    question: str,
    sides: str = Sides.GREATER,
    project: Project | None = None,
    by: User,
    today: datetime.date,
) -> Study:
    """Begin a study in an area; one event. Raises WorksError for somebody who may not lead one there."""
    if not may_lead(by, area, today, project.code if project else ""):
        raise WorksError(
            _("Studies are designed by a county officer, a province officer or an analyst of the area.")
        )
    if not title.strip() or not question.strip():
        raise WorksError(_("Give the study a title and a question."))
    study: Study = Study.objects.create(
        made_in=area, project=project, title=title.strip()[:160], question=question.strip()[:LONGEST], sides=sides,
        made_on=today, by=str(by.pk),
    )  # fmt: skip
    _record("works.start_study", study, by)
    return study


def only_leads(study: Study, by: User, today: datetime.date) -> None:
    """Raise WorksError for somebody who does not lead this study."""
    if not may_lead(by, study.made_in, today, study.project.code if study.project else ""):
        raise WorksError(
            _("This study is led by a county officer, a province officer or an analyst of its area.")
        )


@transaction.atomic
def add_villages(
    study: Study,
    areas: Sequence[Area],
    *,
    treated: bool,
    block: str,
    near: bool = False,
    by: User,
    today: datetime.date,
) -> None:
    """Take villages into a study as treated or compared with; one event.

    Raises WorksError for one that is on the other side already: no village is its own control.
    """
    only_leads(study, by, today)
    if not areas:
        raise WorksError(_("Tick at least one village."))
    known = {one.area_id: one for one in study.villages.all()}
    for area in areas:
        if area.pk in known and known[area.pk].treated != treated:
            raise WorksError(
                _(
                    "%(village)s cannot be treated and its own comparison. Take it out first, or choose another village."
                )
                % {"village": area}
            )
    StudyVillage.objects.bulk_create(
        [
            StudyVillage(study=study, area=area, treated=treated, block=block.strip()[:60], near=near)
            for area in areas
        ],
        update_conflicts=True,
        unique_fields=["study", "area"],
        update_fields=["block", "near"],
    )
    _record("works.study_villages", study, by, added=sorted(area.code for area in areas), treated=treated)


@transaction.atomic
def remove_village(study: Study, code: str, *, by: User, today: datetime.date) -> None:
    """Take a village out of a study; one event. Raises WorksError where readings of it are there."""
    only_leads(study, by, today)
    village = study.villages.filter(area__code=code).first()
    if village is None:
        raise WorksError(_("This village is not in the study."))
    if readings_of(study).filter(village=village).exists():
        raise WorksError(_("Readings of this village are there. Withdraw their file first."))
    village.delete()
    _record("works.study_villages", study, by, removed=[code])


def readings_of(study: Study) -> QuerySet[StudyReading]:
    """The readings of a study that the caller has reached in scope."""
    every: QuerySet[StudyReading] = StudyReading.objects.everywhere(reason=REACHED)
    return every.filter(study=study)


@transaction.atomic
def add_indicator(
    study: Study,
    *,
    code: str,
    label: str,
    unit: str,
    source: str,
    stage: str,
    main: bool,
    by: User,
    today: datetime.date,
) -> StudyIndicator:
    """Say what is measured; one event. The first outcome, or one marked so, is what the study is decided by.

    Raises WorksError for a code that is taken: a unit never changes, another unit is another indicator.
    """
    only_leads(study, by, today)
    code = code.strip()
    if not (code and label.strip() and unit.strip() and source.strip()):
        raise WorksError(_("An indicator has a code, a name, a unit and a source."))
    if stage not in STAGES:
        raise WorksError(_("Choose a stage of the theory of change."))
    if known := study.indicators.filter(code=code).first():
        raise WorksError(
            _(
                "The code %(code)s stands for %(label)s in %(unit)s. Another unit is another indicator: give it another code."
            )
            % {"code": code, "label": known.label, "unit": known.unit}
        )
    if main:
        study.indicators.filter(main=True).update(main=False)
    one: StudyIndicator = StudyIndicator.objects.create(
        study=study, code=code[:40], label=label.strip()[:160], unit=unit.strip()[:40], source=source.strip()[:160],
        stage=stage, main=main,
    )  # fmt: skip
    _record("works.study_indicator", study, by, code=code, main=main)
    return one


@transaction.atomic
def set_theory(
    study: Study,
    *,
    stages: Mapping[str, str],
    arrows: Mapping[str, Mapping[str, str]],
    by: User,
    today: datetime.date,
) -> None:
    """Say what leads to what: a text for each stage, and for each arrow an indicator and what is assumed. One event."""
    only_leads(study, by, today)
    codes = set(study.indicators.values_list("code", flat=True))
    for arrow, told in arrows.items():
        if told.get("indicator") and told["indicator"] not in codes:
            raise WorksError(_("%(code)s is no indicator of this study.") % {"code": told["indicator"]})
        if arrow not in STAGES[:-1]:
            raise WorksError(_("An arrow begins at a stage before the last."))
    study.theory = {
        "stages": {stage: stages.get(stage, "").strip()[:LONGEST] for stage in STAGES},
        "arrows": {
            stage: {
                "indicator": arrows.get(stage, {}).get("indicator", ""),
                "assumes": arrows.get(stage, {}).get("assumes", "").strip()[:LONGEST],
            }
            for stage in STAGES[:-1]
        },
    }
    study.save(update_fields=["theory"])
    _record("works.study_theory", study, by)


@transaction.atomic
def set_assumptions(
    study: Study,
    *,
    sides: str,
    level: Decimal,
    spread: float | None,
    spread_source: str,
    attrition: int | None,
    drawn: bool,
    by: User,
    today: datetime.date,
) -> None:
    """Say what the design rests on: the rule of sides, the level, the spread and where it is from. One event."""
    only_leads(study, by, today)
    if sides not in Sides.values:
        raise WorksError(_("Choose what counts as a finding."))
    if not 0 < level < 1:
        raise WorksError(_("The level lies between 0 and 1; 0.05 is usual."))
    if spread is not None and spread <= 0:
        raise WorksError(_("The spread is above zero, or not known: then leave it empty."))
    if spread is not None and not spread_source.strip():
        raise WorksError(_("Say where the spread is from, such as an earlier survey."))
    study.sides, study.level, study.spread = sides, level, spread
    study.spread_source, study.attrition, study.drawn = spread_source.strip()[:200], attrition, drawn
    study.save(update_fields=["sides", "level", "spread", "spread_source", "attrition", "drawn"])
    _record("works.study_assumptions", study, by, sides=sides)


@transaction.atomic
def set_cost(
    study: Study,
    *,
    cost: Decimal,
    currency: str,
    cost_source: str,
    reached: int,
    by: User,
    today: datetime.date,
) -> None:
    """Say what the project spent in the treated villages, in one currency, and how many it reached there. One event."""
    only_leads(study, by, today)
    if cost <= 0 or reached <= 0:
        raise WorksError(_("The money spent and the number of those reached are above zero."))
    if not cost_source.strip():
        raise WorksError(
            _("Say where the sum is from, such as the accounts of the project, with their date.")
        )
    study.cost, study.currency, study.reached = cost, currency, reached
    study.cost_source = cost_source.strip()[:200]
    study.save(update_fields=["cost", "currency", "cost_source", "reached"])
    _record("works.study_cost", study, by, currency=currency, reached=reached)


@transaction.atomic
def freeze_plan(study: Study, *, reason: str = "", by: User, today: datetime.date) -> FrozenPlan:
    """Freeze the plan as it stands, with its hash; one event. A second version needs a reason, and both stay.

    The plan is retrospective where the project was over already. Raises WorksError for a plan without villages on both
    sides or without a main outcome, and for one that says what the last version says.
    """
    only_leads(study, by, today)
    content = content_of(study)
    if {one["treated"] for one in content["villages"]} != {True, False}:
        raise WorksError(_("A plan needs treated villages, and others to compare them with."))
    if not any(one["main"] for one in content["indicators"]):
        raise WorksError(_("A plan names its main outcome: mark one indicator."))
    last = study.plans.order_by("-number").first()
    digest = hash_of(content)
    if last and last.hash == digest:
        raise WorksError(_("This plan is frozen already; nothing has changed since."))
    if last and not reason.strip():
        raise WorksError(_("Say why the plan was changed. The version before stays beside it."))
    project = study.project
    over = bool(project and ((project.handed_over or project.ends or today) < today))
    plan: FrozenPlan = FrozenPlan.objects.create(
        study=study,
        number=(study.plans.aggregate(last=Max("number"))["last"] or 0) + 1,
        content=content,
        hash=digest,
        retrospective=over,
        after_endline=readings_of(study).exclude(wave=Wave.BASELINE).exists(),
        reason=reason.strip()[:LONGEST],
        frozen_on=today,
        by=str(by.pk),
    )
    _record("works.freeze_plan", study, by, number=plan.number, hash=digest, retrospective=over)
    return plan


@transaction.atomic
def withdraw_file(file: ReadingFile, *, why: str, by: User, today: datetime.date) -> None:
    """Take the readings of a file out again, such as one with mistakes; its name, hash and reason stay. One event."""
    study = file.study
    only_leads(study, by, today)
    if file.withdrawn_on:
        raise WorksError(_("This file was withdrawn already."))
    if not why.strip():
        raise WorksError(_("Say why the file is withdrawn."))
    readings_of(study).filter(file=file).delete()
    file.withdrawn_on, file.withdrawn_why = today, why.strip()[:LONGEST]
    file.save(update_fields=["withdrawn_on", "withdrawn_why"])
    _record("works.withdraw_readings", study, by, file=file.hash)


@transaction.atomic
def write_criterion(
    study: Study, *, criterion: str, text: str, source: str, by: User, today: datetime.date
) -> None:
    """Say what was found by one criterion and what that rests on; what was written before is replaced. One event."""
    only_leads(study, by, today)
    if criterion not in Criterion.values:
        raise WorksError(_("Choose one of the criteria."))
    if not text.strip() or not source.strip():
        raise WorksError(_("Say what was found, and what it rests on."))
    CriterionNote.objects.everywhere(reason=REACHED).update_or_create(
        study=study,
        criterion=criterion,
        defaults={
            "text": text.strip(), "source": source.strip()[:LONGEST], "written_on": today, "by": str(by.pk)
        },
    )  # fmt: skip
    _record("works.criterion", study, by, criterion=criterion)


def _record(event: str, study: Study, by: User, /, **data: Any) -> None:
    record_in(event, study.made_in, by, "study", str(study.pk), **data)
