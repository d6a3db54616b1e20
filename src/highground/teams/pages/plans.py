"""The plans of an area, a new one, and what is planned from: files of units, candidates and needs."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.files.mapping import MappingError
from highground.files.tables import TableError
from highground.teams.actions import start_plan
from highground.teams.ground import TeamsError, all_norms, may_plan
from highground.teams.importing import COLUMNS, OPTIONAL, REQUIRED, Imported, import_table
from highground.teams.models import Candidate, SendingUnit, VillageNeed
from highground.teams.pages import person, tabs
from highground.teams.queries import plans_of
from highground.teams.words import COLOURS, WEIGHTS, headline_of, title_of, weight_label
from highground.web.lists import page_of
from highground.web.numbers import percent

LARGEST_FILE = 50_000_000
MOST_REJECTS = 50
PREFIX = "highground-teams-"


@require_http_methods(["GET", "POST"])
@sees(Sight.POSTINGS)
def plans(request: HttpRequest) -> HttpResponseBase:
    """The plans in view, and the form of a new one."""
    user, today, area = person(request), timezone.localdate(), area_in_view(request)
    problem = ""
    if request.method == "POST":
        try:
            made = start_plan(
                _planned(request, area), norms=request.POST.get("norms", ""), weights=_weights(request),
                pool=request.POST.get("who") == "pool", by=user, today=today,
            )  # fmt: skip
            return redirect("teams:plan", made.pk)
        except TeamsError as error:
            problem = str(error)
    counts = _counts(user, today, area)
    page = page_of(request, plans_of(user, today, area))
    norms, broken = all_norms()
    context = {
        "area": area,
        "page": page,
        "rows": [
            {
                "plan": one,
                "title": headline_of(one, one.certificate.get("villages", 0)) if one.certificate else "",
                "colour": COLOURS[one.status],
                "gap": percent(one.certificate["gap"], 2) if one.certificate.get("gap") is not None else "",
            }
            for one in page.rows
        ],
        "counts": counts,
        "may": bool(area and may_plan(user, area, today)),
        "ready": bool(counts["villages"] and counts["people"]),
        "norms": [(one.id, title_of(one), one.id == request.POST.get("norms")) for one in norms],
        "pool": request.POST.get("who") == "pool",
        "written": any(request.POST.get(name) for name in WEIGHTS),
        "weights": [
            (name, weight_label(name), getattr(norms[0].weights, name), request.POST.get(name, ""))
            for name in WEIGHTS
        ],
        "problem": problem,
        "broken": broken,
        "tabs": tabs(request, today),
    }
    return render(request, "teams/plans.html", context, status=422 if problem else 200)


def _planned(request: HttpRequest, area: Area | None) -> Area:
    if area is None:
        raise PermissionDenied
    return area


def _weights(request: HttpRequest) -> dict[str, int]:
    found = {}
    for name in WEIGHTS:
        given = request.POST.get(name, "").strip()
        if given:
            try:
                found[name] = int(given)
            except ValueError:
                raise TeamsError(_("Write weights as whole numbers, such as 150.")) from None
    return found


def _counts(user: Any, today: Any, area: Area | None) -> dict[str, int]:
    """What there is to plan from in an area."""
    path = area.path if area else "-"
    return {
        "units": SendingUnit.objects.visible_to(user, today).filter(area__path__startswith=path).count(),
        "people": Candidate.objects.visible_to(user, today)
        .filter(unit__area__path__startswith=path, withdrawn_on__isnull=True)
        .count(),
        "villages": VillageNeed.objects.visible_to(user, today)
        .filter(village__path__startswith=path)
        .count(),
    }


@require_http_methods(["GET", "POST"])
@sees(Sight.POSTINGS)
def import_files(request: HttpRequest) -> HttpResponseBase:
    """Three kinds of files, and what became of the one that was sent."""
    user, today, area = person(request), timezone.localdate(), area_in_view(request)
    done, problem = None, ""
    if request.method == "POST":
        try:
            done = _import(request, _planned(request, area), user, today)
        except (TeamsError, TableError, MappingError) as error:
            problem = _without_folder(str(error))
        else:
            if done.used:
                messages.success(request, _("Imported: %(count)s rows.") % {"count": done.used})
            elif not done.rejects:
                problem = _("There are no rows in this file. Send one with a row under the heading.")
    context = {
        "area": area,
        "counts": _counts(user, today, area),
        "kinds": [
            (name, _kind(name), ", ".join(REQUIRED[name]), ", ".join(OPTIONAL[name])) for name in COLUMNS
        ],
        "chosen": request.POST.get("kind", "units"),
        "done": done,
        "rejects": done.rejects[:MOST_REJECTS] if done else [],
        "rejected": len({one.row for one in done.rejects}) if done else 0,
        "more": max(0, len(done.rejects) - MOST_REJECTS) if done else 0,
        "may": bool(area and may_plan(user, area, today)),
        "problem": problem,
        "tabs": tabs(request, today),
    }
    return render(request, "teams/import.html", context, status=422 if problem else 200)


def _kind(name: str) -> str:
    return {"units": _("Sending units"), "people": _("Candidates"), "villages": _("Needs of villages")}[name]


def _import(request: HttpRequest, area: Area, user: Any, today: Any) -> Imported:
    kind = request.POST.get("kind", "")
    if kind not in COLUMNS:
        raise TeamsError(_("Choose what the file holds."))
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        raise TeamsError(_("Choose a file."))
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        file = _store(given, Path(folder))
        told = request.FILES.get("mapping")
        mapping = _store(told, Path(folder)) if isinstance(told, UploadedFile) else None
        return import_table(kind, file, mapping, area=area, by=user, today=today)


def _without_folder(said: str) -> str:
    """A message about an uploaded file, with the name that it has for its sender."""
    return re.sub(rf"{re.escape(tempfile.gettempdir())}/{PREFIX}[^/]*/", "", said)


def _store(given: Any, folder: Path) -> Path:
    """The uploaded file under its own name, so that messages can name it."""
    if (given.size or 0) > LARGEST_FILE:
        raise TeamsError(_("This file is too large. Send one of at most 50 MB, or import it in parts."))
    path = folder / Path(given.name or "file").name
    with path.open("wb") as target:
        for chunk in given.chunks():
            target.write(chunk)
    return path
