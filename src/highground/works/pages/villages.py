"""Villages: the list of an area and their comparison, the page of one, readings from a file, and what is written there."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.cases.models import Need
from highground.files.tables import TableError
from highground.web.lists import Pill, page_of
from highground.web.numbers import money, number
from highground.web.pdf import can_print, pdf_response
from highground.web.pictures import Bar, Mark
from highground.works.actions.industry import add_asset, add_enterprise
from highground.works.actions.services import import_services, propose_work, write_reading
from highground.works.enums import WorkStage
from highground.works.forms.studies import FileForm
from highground.works.forms.villages import AssetForm, EnterpriseForm, OfProject, ReadingForm, WorkForm
from highground.works.ground import WorksError, may_keep
from highground.works.models import Asset, AssetIncome, told
from highground.works.pages import door, form_page, person, stored, tabs
from highground.works.queries.projects import projects_of, seen_village
from highground.works.queries.villages import (
    AreaGap,
    ServiceState,
    assets_in,
    enterprises_in,
    gaps_of,
    industry_of,
    seen_villages,
    services_of,
    works_of,
)
from highground.works.standards import FULL, standards_of
from highground.works.words import service_rows, shares_in_words, unit_words, work_words

MOST_REJECTS = 50
MOST_SUMMED = 500
"""Villages up to which their gaps are added up: those of a county."""

HALF = 50
UNDER_WAY = (WorkStage.PROPOSED, WorkStage.APPROVED, WorkStage.BUILDING, WorkStage.COMPLETED)


def village_or_404(request: HttpRequest, code: str) -> Area:
    """A village that the person sees."""
    found = seen_village(person(request), code, timezone.localdate())
    if found is None:
        raise Http404
    return found


@require_safe
@door
def villages(request: HttpRequest) -> HttpResponseBase:
    """The villages of the area in view side by side: what each service reaches of its standard, works, industry."""
    user, today, area = person(request), timezone.localdate(), area_in_view(request)
    every = seen_villages(user, today, area)
    page = page_of(request, every)
    whole = list(every) if page.total <= MOST_SUMMED else page.rows
    services, industry = services_of(whole), industry_of(page.rows, today)
    works: dict[int, int] = {}
    for one in works_of(page.rows).filter(stage__in=UNDER_WAY):
        works[one.area_id] = works.get(one.area_id, 0) + 1
    shown = [state for one in page.rows for state in services[one.pk]]
    labels = {state.standard.id: told(state.standard.label) for state in shown}
    seen = {state.standard.id for state in shown if state.latest}
    names = [name for name in labels if name in seen]
    context = {
        "area": area,
        "page": page,
        "columns": [labels[name] for name in names],
        "nobody": [label for name, label in labels.items() if name not in seen],
        "rows": [
            {
                "village": one,
                "cells": _cells(services[one.pk], names),
                "works": works.get(one.pk, 0),
                "share": industry[one.pk],
                "short": sum(bool(state.gap) for state in services[one.pk]),
                "unknown": sum(state.latest is None for state in services[one.pk]),
            }
            for one in page.rows
        ],
        "title": ngettext("%(count)s village, held against its standard", "%(count)s villages, held against their standard",
                          page.total) % {"count": number(page.total)} if page.total else _("No village lies here"),
        "gaps": [_gap(one) for one in gaps_of(services.values())] if page.total <= MOST_SUMMED else [],
        "may": bool(area and may_keep(user, area, today)),
        "tabs": tabs(request),
    }  # fmt: skip
    return render(request, "works/villages.html", context)


def _gap(one: AreaGap) -> dict[str, Any]:
    """A service over the villages in view, with what closing its gaps costs, each currency by itself."""
    return {
        "label": told(one.standard.label),
        "short": one.short,
        "unknown": one.unknown,
        "costs": [money(amount, currency) for currency, amount in sorted(one.costs.items())],
        "unpriced": one.unpriced,
    }


def _cells(states: list[ServiceState], names: list[str]) -> list[tuple[str, str]]:
    found = {state.standard.id: state for state in states}
    return [_cell(found.get(name)) for name in names]


def _cell(state: ServiceState | None) -> tuple[str, str]:
    """What a service reaches, and its colour; what nobody has looked at is not zero."""
    if state is None or state.reached is None:
        return "?", "plum"
    colour = "green" if state.reached == FULL else "gold" if state.reached >= HALF else "clay"
    return f"{state.reached} %", colour


@require_safe
@door
def village(request: HttpRequest, code: str) -> HttpResponseBase:
    """A village: what it has and lacks, what is built, who earns there, which projects work there, what families ask for."""
    found = village_or_404(request, code)
    context = {**_context(request, found), "can_print": can_print(), "tabs": tabs(request)}
    return render(request, "works/village.html", context)


@require_safe
@door
def village_pdf(request: HttpRequest, code: str) -> HttpResponseBase:
    """The page of a village as a PDF file, where the extra that makes one is installed."""
    found = village_or_404(request, code)
    if not can_print():
        raise Http404
    html = render_to_string("works/village.html", _context(request, found), request)
    return pdf_response(html, f"{found.code}.pdf")


def _context(request: HttpRequest, found: Area) -> dict[str, Any]:
    user, today = person(request), timezone.localdate()
    services = services_of([found])[found.pk]
    industry = industry_of([found], today)[found.pk]
    known = [one for one in services if one.latest]
    short = [one for one in known if one.gap]
    needs = Need.objects.visible_to(user, today).filter(
        household__area__path__startswith=found.path, answer=""
    )
    return {
        "village": found,
        "title": _title(found, len(short), len(known)),
        "bars": [
            Bar(told(one.standard.label), one.reached, _cell(one)[1])
            for one in sorted(known, key=lambda one: one.reached or 0)
        ],
        "mark": Mark(_("standard"), FULL),
        "services": service_rows(services),
        "unknown": [told(one.standard.label) for one in services if one.latest is None],
        "works": [(one, *work_words(one, today)) for one in works_of([found])],
        "enterprises": enterprises_in(found),
        "industry": industry,
        "assets": [_asset(one) for one in assets_in(found).prefetch_related("incomes")],
        "projects": projects_of(user, today).filter(sites__area=found),
        "needs": needs.count(),
        "may": may_keep(user, found, today),
        "writing": [
            Pill(label, reverse("works:write", args=[found.code, name]))
            for name, (label, *_rest) in _writings().items()
        ],
    }


def _asset(one: Asset) -> tuple[Asset, AssetIncome | None, list[tuple[str, Decimal]]]:
    """An asset with what it brought in last, and to whom that went."""
    income = max(one.incomes.all(), key=lambda year: year.year, default=None)
    return one, income, shares_in_words(income) if income else []


def _title(village: Area, short: int, known: int) -> str:
    words = {"village": village, "short": number(short), "known": number(known)}
    if not known:
        return _("Nobody has written down yet what %(village)s has") % words
    if not short:
        return _("%(village)s reaches the standard in all %(known)s services that were looked at") % words
    return _("%(village)s falls short in %(short)s of %(known)s services that were looked at") % words


Writing = tuple[str, type[forms.Form], Callable[..., Any]]


def _writings() -> dict[str, Writing]:
    """What can be written down in a village: its words, its form, its verb."""
    return {
        "reading": (_("Write a reading down"), ReadingForm, write_reading),
        "work": (_("Propose a work"), WorkForm, propose_work),
        "enterprise": (_("Add an enterprise"), EnterpriseForm, add_enterprise),
        "asset": (_("Enter an asset"), AssetForm, add_asset),
    }


@require_http_methods(["GET", "POST"])
@door
def write(request: HttpRequest, code: str, what: str) -> HttpResponseBase:
    """Propose a work, add an enterprise or enter an asset."""
    user, today = person(request), timezone.localdate()
    found, problem = village_or_404(request, code), ""
    if what not in _writings():
        raise Http404
    label, kind, verb = _writings()[what]
    options: dict[str, Any] = {}
    if what in ("reading", "work"):
        options["standards"] = {
            name: (told(one.label), unit_words(one.unit)) for name, one in standards_of(found.country).items()
        }
    if issubclass(kind, OfProject):
        options["projects"] = list(projects_of(user, today).filter(sites__area=found))
    form = kind(request.POST or None, **options)
    if request.method == "POST" and form.is_valid():
        try:
            made = verb(found, **form.cleaned_data, by=user, today=today)
            messages.success(request, _("Written down."))
            return (
                redirect("works:village", code) if what == "reading" else redirect(f"works:{what}", made.pk)
            )
        except WorksError as error:
            problem = str(error)
    trail = [
        (_("Villages"), reverse("works:villages")),
        (str(found), reverse("works:village", args=[code])),
        (label, ""),
    ]
    return form_page(request, form, problem, title=label, sentence=str(found), button=label, trail=trail)


@require_http_methods(["GET", "POST"])
@door
def import_readings(request: HttpRequest) -> HttpResponseBase:
    """Take readings of services in from a file."""
    user, today, area = person(request), timezone.localdate(), area_in_view(request)
    done, problem = None, ""
    if request.method == "POST" and area is not None:
        try:
            done = _take(request, area, user, today)
        except (WorksError, TableError) as error:
            problem = str(error).replace(tempfile.gettempdir(), "")
        else:
            if done.used:
                messages.success(request, _("Taken in: %(count)s readings.") % {"count": number(done.used)})
            if done.known:
                messages.info(
                    request, _("Known already: %(count)s readings.") % {"count": number(done.known)}
                )
    context = {
        "area": area,
        "form": FileForm(),
        "standards": standards_of(area.country).values() if area else [],
        "done": done,
        "rejects": done.rejects[:MOST_REJECTS] if done else [],
        "rejected": len({one.row for one in done.rejects}) if done else 0,
        "more": max(0, len(done.rejects) - MOST_REJECTS) if done else 0,
        "may": bool(area and may_keep(user, area, today)),
        "problem": problem,
        "tabs": tabs(request),
    }
    return render(request, "works/services.html", context, status=422 if problem else 200)


def _take(request: HttpRequest, area: Area, user: Any, today: datetime.date) -> Any:
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        raise WorksError(_("Choose a file."))
    with tempfile.TemporaryDirectory(prefix="highground-works-") as folder:
        return import_services(stored(given, Path(folder)), area=area, by=user, today=today)
