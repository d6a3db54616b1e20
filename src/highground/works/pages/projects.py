"""Assistance projects: the list, one project with its dated figures, and its figures as a file."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from highground.web.export import csv_response
from highground.web.lists import Pill, page_of
from highground.web.numbers import listed, number
from highground.web.pdf import can_print, pdf_response
from highground.works.enums import FigureKind
from highground.works.ground import may_give_roles
from highground.works.iati import activity_of, lacks_for_iati, reporter_set
from highground.works.models import Project, Reference, told
from highground.works.pages import door, person, tabs
from highground.works.pages.cooperation import writings_for
from highground.works.queries.cooperation import MoneySum, groups_of, sums_of
from highground.works.queries.projects import Series, projects_of, seen_sites, series_of
from highground.works.queries.villages import assets_in, works_of
from highground.works.words import check_due, dated, day_of, figure_text, work_words


@require_safe
@door
def projects(request: HttpRequest) -> HttpResponseBase:
    """The projects that somebody sees, with where they work and what is known of them."""
    user, today = person(request), timezone.localdate()
    page = page_of(request, projects_of(user, today))
    sites, titles = seen_sites(page.rows, user, today), titles_of(page.rows)
    context = {
        "page": page,
        "rows": [
            {
                "project": one,
                "sites": [site.area for site in sites if site.project_id == one.pk],
                "dates": dates_of(one, titles),
                "check": check_due(one.handed_over, today),
            }
            for one in page.rows
        ],
        "title": ngettext("%(count)s assistance project", "%(count)s assistance projects", page.total)
        % {"count": number(page.total)}
        if page.total
        else _("No assistance project works here yet"),
        "tabs": tabs(request),
    }
    return render(request, "works/projects.html", context)


def titles_of(projects: Iterable[Project]) -> dict[str, str]:
    """The sources of the dates of projects, by their codes. One query."""
    codes = {known.get("source", "") for one in projects for known in one.dates.values()}
    return dict(Reference.objects.filter(code__in=codes).values_list("code", "title"))


def dates_of(project: Project, titles: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """When it started, ended and was handed over, as far as that is known, each with its source and what is said of it."""
    labels = {"starts": _("Start"), "ends": _("End"), "handed_over": _("Handed over")}
    rows = []
    for name, label in labels.items():
        day: datetime.date | None = getattr(project, name)
        if day is None:
            rows.append((label, _("not known"), ""))
            continue
        known = project.dates.get(name, {})
        said = (titles.get(known.get("source", ""), ""), told(known.get("note", {})))
        rows.append(
            (label, day_of(day, known.get("precision", "day")), " · ".join(one for one in said if one))
        )
    return rows


def project_or_404(request: HttpRequest, code: str) -> Project:
    """A project that the person may see."""
    found = projects_of(person(request), timezone.localdate()).filter(code=code).first()
    if found is None:
        raise Http404
    return found


@require_safe
@door
def project(request: HttpRequest, code: str) -> HttpResponseBase:
    """The page of a project: what was published of it and when, its money, who takes part, and what is not known."""
    found = project_or_404(request, code)
    return render(request, "works/project.html", {**_context(request, found), "tabs": tabs(request)})


@require_safe
@door
def project_pdf(request: HttpRequest, code: str) -> HttpResponseBase:
    """The page of a project as a PDF file, where the extra that makes one is installed."""
    found = project_or_404(request, code)
    if not can_print():
        raise Http404
    html = render_to_string("works/project.html", _context(request, found), request)
    return pdf_response(html, f"{found.code}.pdf")


def _context(request: HttpRequest, found: Project) -> dict[str, Any]:
    user, today = person(request), timezone.localdate()
    series = series_of(found, user, today)
    sites = [site.area for site in seen_sites([found], user, today)]
    references = {figure.reference_id: figure.reference for one in series for figure in one.figures}
    return {
        "project": found,
        "title": str(found),
        "sentence": _sentence(series, len(references), len(found.gaps)),
        "summary": told(found.summary),
        "dates": dates_of(found, titles_of([found])),
        "sites": sites,
        "groups": [
            (capfirst(FigureKind(kind).label), [_row(one) for one in series if one.kind == kind])
            for kind in FigureKind.values
            if any(one.kind == kind for one in series)
        ],
        "money": [
            (one, dated(one), told(one.note))
            for one in found.money.select_related("reference").order_by("day")
        ],
        "partners": found.partners.select_related("reference").order_by("role", "pk"),
        "components": list(found.components.order_by("pk")),
        "sums": [(one, _span(one)) for one in sums_of(found)],
        "user_groups": groups_of(found, sites),
        "works": [(one, *work_words(one, today)) for one in works_of(sites).filter(project=found)],
        "assets": assets_in(*sites).filter(project=found),
        "writing": [
            Pill(label, reverse("works:write_project", args=[found.code, name]))
            for name, label in writings_for(user, found, sites, today)
        ],
        "taking": _taking(found),
        "gives_roles": may_give_roles(user, found, today),
        "gaps": [told(gap) for gap in found.gaps],
        "check": check_due(found.handed_over, today),
        "studies": list(found.studies.order_by("pk")) if _holds_all(found, sites) else [],
    }


def _span(money: MoneySum) -> str:
    """From when to when money was counted, as far as the days are known."""
    ends = [day_of(one.day, one.day_precision) for one in (money.first, money.last)]
    return " – ".join(dict.fromkeys(ends))


def _taking(found: Project) -> list[Pill]:
    """As what the project can be taken along."""
    iati = (
        _("IATI activity (XML)")
        if reporter_set().ref
        else _("IATI activity (XML): a draft, no publisher is set")
    )
    doors = [("project_csv", _("Figures (CSV)")), ("project_iati", iati)]
    if can_print():
        doors.insert(0, ("project_pdf", _("This page (PDF)")))
    return [Pill(label, reverse(f"works:{name}", args=[found.code])) for name, label in doors]


def _holds_all(project: Project, sites: list[Any]) -> bool:
    """Whether every village of the project is seen: a study is about all of them."""
    return project.sites.count() == len(sites)


def _sentence(series: list[Series], sources: int, gaps: int) -> str:
    figures = [figure for one in series for figure in one.figures]
    if not figures:
        return _("Nothing has been published of it that is known here.")
    words = {"figures": number(len(figures)), "sources": number(sources), "gaps": number(gaps)}
    return (
        _(
            "%(figures)s published figures from %(sources)s sources, each with its date. %(gaps)s things are not known."
        )
        % words
    )


def _row(one: Series) -> dict[str, Any]:
    """An indicator with its figures side by side; where dates differ, so may the figures, and both are right."""
    return {
        "label": told(one.label),
        "unit": told(one.unit),
        "place": one.place,
        "figures": [
            {"text": figure_text(figure), "dated": dated(figure), "note": told(figure.note), "figure": figure}
            for figure in one.figures
        ],
        "differ": len({figure.value for figure in one.figures}) > 1,
    }


@require_safe
@door
def project_csv(request: HttpRequest, code: str) -> HttpResponseBase:
    """The published figures of a project as a file, one row for each, with date and source."""
    user, today = person(request), timezone.localdate()
    found = project_or_404(request, code)
    header = (
        "project", "place", "kind", "indicator", "label", "exactness", "value", "unit", "date", "date_kind",
        "date_precision", "source", "verified",
    )  # fmt: skip
    rows = (
        (
            found.code,
            one.place.code if one.place else "",
            one.kind,
            figure.indicator,
            told(one.label),
            figure.exactness,
            f"{figure.value.normalize():f}",
            told(one.unit),
            figure.day.isoformat(),
            figure.day_kind,
            figure.day_precision,
            figure.reference.title,
            "yes" if figure.reference.verified else "no",
        )
        for one in series_of(found, user, today)
        for figure in one.figures
    )
    return csv_response(f"{found.code}-figures.csv", header, rows)


@require_safe
@door
def project_iati(request: HttpRequest, code: str) -> HttpResponseBase:
    """The project as an IATI 2.03 activity."""
    user, today = person(request), timezone.localdate()
    found = project_or_404(request, code)
    if lacking := lacks_for_iati(found):
        problem = _("IATI asks for what is not known of this project: %(what)s.") % {"what": listed(lacking)}
        messages.warning(request, problem)
        return redirect("works:project", code)
    sites, series = seen_sites([found], user, today), series_of(found, user, today)
    content = activity_of(found, sites, series, reporter=reporter_set(), today=today)
    response = HttpResponse(content, content_type="application/xml; charset=utf-8")
    response["Content-Disposition"] = (
        content_disposition_header(True, f"{found.code}-iati.xml") or "attachment"
    )
    return response
