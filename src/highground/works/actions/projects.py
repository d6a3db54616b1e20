"""Bringing projects in from their files. Figures are only ever added: a later one does not replace an earlier one."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from highground.areas.actions import AreaRow, import_areas
from highground.areas.countries import load_countries
from highground.areas.models import Area
from highground.audit.actions import record
from highground.works.ground import WorksError
from highground.works.held import OWN
from highground.works.models import Component, Figure, Money, Partner, Project, ProjectSite, Reference
from highground.works.project_files import Day, ProjectFile

READING_FILES = "a project is brought in from its file, by whoever runs the installation"


@dataclass(frozen=True)
class Loaded:
    """What became of a file: its project, and how many figures and sums were new."""

    project: Project
    figures: int
    money: int


@transaction.atomic
def load_project(told: ProjectFile, *, by: str, today: datetime.date) -> Loaded:
    """Add a project with its areas, or bring a known one up to date; the same file twice adds nothing. One event.

    Raises WorksError where an area cannot be laid out.
    """
    areas = _lay_out(told, by=by, today=today)
    references = _refer_to(told)
    known = Project.objects.everywhere(reason=READING_FILES).filter(code=told.code).first()
    project: Project = known or Project(code=told.code)
    project.country, project.title, project.summary = told.country, told.title, told.summary
    project.dates, project.gaps = told.dates, told.gaps
    for name, day in told.days.items():
        setattr(project, name, day)
    project.save()
    sites = [ProjectSite(project=project, area=areas[place.code]) for place in told.places if place.site]
    ProjectSite.objects.bulk_create(sites, ignore_conflicts=True)
    project.partners.exclude(reference__code__startswith=OWN).delete()
    Partner.objects.bulk_create(
        Partner(
            project=project,
            name=one.name,
            country=one.country,
            role=one.role,
            kind=one.kind,
            reference=references[one.source],
        )
        for one in told.partners
    )
    Component.objects.bulk_create(
        [Component(project=project, code=code, title=title) for code, title in told.components.items()],
        update_conflicts=True,
        unique_fields=["project", "code"],
        update_fields=["title"],
    )
    figures = _add_figures(told, project, areas, references)
    money = _add_money(told, project, references)
    record(
        "works.load_project",
        by=by,
        subject_kind="project",
        subject_id=project.code,
        area_path=sites[0].area.path,
        also_in=[one.area.path for one in sites[1:]],
        data={"figures": figures, "money": money, "day": today.isoformat()},
    )
    return Loaded(project, figures, money)


def _lay_out(told: ProjectFile, *, by: str, today: datetime.date) -> dict[str, Area]:
    """The areas of the file, those that are not in the tree yet as its file writes them: names as in the press."""
    codes = [place.code for place in told.places]
    known = set(Area.objects.filter(code__in=codes).values_list("code", flat=True))
    countries = load_countries()["countries"]
    rows = [
        AreaRow(
            row=number,
            code=place.code,
            level=place.level,
            parent=place.parent,
            names=place.names or countries.get(place.code, {}).get("names", {}),
            verified=False,
            note="named as in press articles" if place.site else "",
        )
        for number, place in enumerate(told.places, start=1)
        if place.code not in known
    ]
    if rows:
        done = import_areas(rows, by=by, today=today)
        if done.rejects:
            first = done.rejects[0]
            raise WorksError(
                _("The area %(code)s cannot be laid out: %(why)s; %(mend)s.")
                % {"code": first.value, "why": first.reason, "mend": first.mend}
            )
    return {area.code: area for area in Area.objects.filter(code__in=codes)}


def _refer_to(told: ProjectFile) -> dict[str, Reference]:
    Reference.objects.bulk_create(
        [
            Reference(code=one.code, title=one.title, published=one.published, verified=one.verified)
            for one in told.sources.values()
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["title", "published", "verified"],
    )
    return {one.code: one for one in Reference.objects.filter(code__in=list(told.sources))}


def _dated(day: Day, reference: Reference) -> dict[str, object]:
    return {"day": day.day, "day_kind": day.kind, "day_precision": day.precision, "reference": reference}


def _add_figures(
    told: ProjectFile, project: Project, areas: dict[str, Area], references: dict[str, Reference]
) -> int:
    components = {one.code: one for one in project.components.all()}
    fields = ("indicator", "area__code", "day", "reference__code", "value")
    known = set(project.figures.values_list(*fields))
    new = [
        Figure(
            project=project,
            area=areas[row.area] if row.area else None,
            component=components.get(row.component),
            kind=row.kind,
            indicator=row.indicator,
            label=row.label,
            unit=row.unit,
            value=row.value,
            exactness=row.exactness,
            note=row.note,
            **_dated(row.day, references[row.source]),
        )
        for row in told.figures
        if (row.indicator, row.area or None, row.day.day, row.source, row.value) not in known
    ]
    Figure.objects.bulk_create(new)
    return len(new)


def _add_money(told: ProjectFile, project: Project, references: dict[str, Reference]) -> int:
    known = set(project.money.values_list("kind", "amount", "currency", "day", "reference__code"))
    new = [
        Money(
            project=project,
            kind=row.kind,
            amount=row.amount,
            currency=row.currency,
            note=row.note,
            **_dated(row.day, references[row.source]),
        )
        for row in told.money
        if (row.kind, row.amount, row.currency, row.day.day, row.source) not in known
    ]
    Money.objects.bulk_create(new)
    return len(new)
