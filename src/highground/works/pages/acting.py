"""Pages on which several small forms act on one thing: a work, an enterprise, an asset."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from highground.accounts.queries import names_of_users
from highground.accounts.shell import area_in_view
from highground.audit.actions import log_access
from highground.files.media import UploadRefused
from highground.files.uploads import send_upload
from highground.web.lists import page_of
from highground.web.numbers import day, number
from highground.works.actions import industry, services
from highground.works.enums import AssetState, PhotoTime, WorkStage
from highground.works.forms.villages import (
    CheckForm,
    CloseForm,
    EarningForm,
    EndForm,
    IncomeForm,
    LinkForm,
    LinkYearForm,
    PhotoForm,
    SpendingForm,
    StageForm,
    StateForm,
)
from highground.works.ground import WorksError, may_approve, may_keep
from highground.works.models import Asset, AssetTask, Enterprise, IndustryLink, Photo, Work
from highground.works.pages import door, person, tabs
from highground.works.queries.villages import (
    assets_of,
    assets_seen,
    earning_from,
    enterprises_seen,
    open_tasks,
    photos_seen,
    works_seen,
)
from highground.works.words import YEARS_AFTER, shares_in_words, work_words, years_on

Act = Callable[[Form], Any]


def _act(request: HttpRequest, forms: dict[str, Form], acts: dict[str, Act]) -> tuple[bool, str]:
    """Do what the form that was sent asks for: whether it is done, and else what is to be mended."""
    wanted = request.POST.get("do", "")
    form = forms.get(wanted)
    if form is None or not form.is_valid():
        return False, "" if form else _("This is nothing that can be done here.")
    try:
        acts[wanted](form)
    except (WorksError, UploadRefused) as error:
        return False, str(error)
    messages.success(request, _("Written down."))
    return True, ""


def _apart(forms: dict[str, Form]) -> dict[str, Form]:
    """Several forms on one page, each with names of its own: a label leads to the field beside it."""
    for name, form in forms.items():
        form.auto_id = f"id_{name}_%s"
    return forms


def _sent(request: HttpRequest, name: str) -> Any:
    return request.POST if request.POST.get("do") == name else None


def _status(request: HttpRequest) -> int:
    """A form that was sent and is shown again was not done."""
    return 422 if request.method == "POST" else 200


@require_http_methods(["GET", "POST"])
@door
def work(request: HttpRequest, number: int) -> HttpResponseBase:
    """A work from its proposal to the upkeep: stages, money against budget, photos before and after, checks."""
    user, today = person(request), timezone.localdate()
    found: Work = get_object_or_404(works_seen(user, today), pk=number)
    same: dict[str, Any] = {"by": user, "today": today}
    forms: dict[str, Form] = {
        "stage": StageForm(
            _sent(request, "stage"),
            after=found.stage,
            approves=may_approve(user, found.area, today) and found.by != str(user.pk),
            initial={"day": today, "keeper": found.keeper},
        ),
        "spend": SpendingForm(_sent(request, "spend"), initial={"day": today, "currency": found.currency}),
        "photo": PhotoForm(
            _sent(request, "photo"), request.FILES or None if _sent(request, "photo") else None
        ),
        "check": CheckForm(_sent(request, "check"), initial={"day": today}),
    }
    acts: dict[str, Act] = {
        "stage": lambda form: services.advance(found, **form.cleaned_data, **same),
        "spend": lambda form: services.spend(found, **form.cleaned_data, **same),
        "photo": lambda form: _add_photo(found, form, same),
        "check": lambda form: services.check_work(found, **form.cleaned_data, **same),
    }
    problem = ""
    if request.method == "POST":
        done, problem = _act(request, forms, acts)
        if done:
            return redirect(request.path)
        found.refresh_from_db()
    steps, checks = list(found.steps.all()), list(found.checks.all())
    spending = list(found.spending.order_by("day", "pk"))
    spent = sum((one.amount for one in spending), Decimal(0)) if spending else None
    photos = list(found.photos.select_related("upload"))
    names = names_of_users([*(one.by for one in steps), *(one.by for one in checks)])
    words, colour = work_words(found, today)
    context = {
        "work": found,
        "state": (words, colour),
        "steps": [
            {
                "day": one.day,
                "title": one.get_stage_display(),
                "text": " · ".join(part for part in (one.note, names.get(one.by, "")) if part),
                "state": "done",
            }
            for one in steps
        ],
        "spent": spent,
        "share": float(spent / found.budget) if found.budget and spent is not None else None,
        "over": bool(found.budget and spent and spent > found.budget),
        "spending": spending,
        "before": [one for one in photos if one.taken == PhotoTime.BEFORE],
        "after": [one for one in photos if one.taken != PhotoTime.BEFORE],
        "checks": [(one, names.get(one.by, "")) for one in checks],
        "due_checks": _due_checks(steps, checks, today),
        "forms": _offered(found, _apart(forms)) if may_keep(user, found.area, today) else [],
        "problem": problem,
    }
    return render(request, "works/work.html", context, status=_status(request))


def _add_photo(found: Work, form: Form, same: dict[str, Any]) -> Photo:
    told = {name: form.cleaned_data[name] for name in ("taken", "day", "caption")}
    return services.add_photo(found, file=form.cleaned_data["file"], **told, **same)


def _offered(found: Work, forms: dict[str, Form]) -> list[tuple[str, str, Form]]:
    labels = {
        "stage": _("Next stage"), "check": _("Does it still work?"), "spend": _("Money spent"), "photo": _("Add a photo"),
    }  # fmt: skip
    closed = found.stage in (WorkStage.HANDED_OVER, WorkStage.GIVEN_UP)
    built = found.stage in services.BUILT
    shown = [name for name in labels if (name != "stage" or not closed) and (name != "check" or built)]
    return [(name, labels[name], forms[name]) for name in shown]


def _due_checks(steps: list[Any], checks: list[Any], today: datetime.date) -> list[tuple[str, str]]:
    """Checks one, three and five years after the hand-over: done, due or to come, with their colour."""
    handed = next((one.day for one in steps if one.stage == WorkStage.HANDED_OVER), None)
    if handed is None:
        return []
    rows = []
    for place, years in enumerate(YEARS_AFTER):
        then = years_on(handed, years)
        until = years_on(handed, YEARS_AFTER[place + 1]) if place + 1 < len(YEARS_AFTER) else None
        looked = any(then <= one.day and (until is None or one.day < until) for one in checks)
        words = {"years": years, "day": day(then)}
        if looked:
            rows.append((_("%(years)s-year check: done") % words, "green"))
        elif then <= today:
            rows.append((_("%(years)s-year check: was due on %(day)s") % words, "clay"))
        else:
            rows.append((_("%(years)s-year check: due on %(day)s") % words, "grey"))
    return rows


@require_safe
@door
def photo(request: HttpRequest, number: int) -> HttpResponseBase:
    """A photo of a work, for those who see the work. Who opened it is logged."""
    user, today = person(request), timezone.localdate()
    found: Photo = get_object_or_404(photos_seen(user, today), pk=number)
    log_access(
        by=str(user.pk), page="works:photo", subject_kind="work", subject_id=str(found.work_id),
        area_path=found.work.area.path,
    )  # fmt: skip
    try:
        return send_upload(found.upload)
    except FileNotFoundError:
        raise Http404 from None


@require_http_methods(["GET", "POST"])
@door
def enterprise(request: HttpRequest, number: int) -> HttpResponseBase:
    """An enterprise: what it earned by year, and how many households earn from it; which ones only where they are seen."""
    user, today = person(request), timezone.localdate()
    found: Enterprise = get_object_or_404(enterprises_seen(user, today), pk=number)
    same: dict[str, Any] = {"by": user, "today": today}
    seen = IndustryLink.objects.visible_to(user, today).filter(enterprise=found)
    links = list(
        seen.select_related("household__area", "enterprise__area")
        .prefetch_related("years")
        .order_by("-since", "pk")
    )
    living = [one for one in links if one.until is None or one.until >= today]
    years = list(found.years.order_by("-year"))
    paid = {"currency": years[0].currency if years else ""}
    forms: dict[str, Form] = {
        "link": LinkForm(_sent(request, "link")),
        "earning": EarningForm(_sent(request, "earning"), initial=paid),
    }
    if links:
        forms["link_year"] = LinkYearForm(_sent(request, "link_year"), links=links, initial=paid)
    if living:
        forms["end"] = EndForm(_sent(request, "end"), links=living)
    acts: dict[str, Act] = {
        "link": lambda form: industry.link_household(found, **form.cleaned_data, **same),
        "earning": lambda form: industry.write_earning(found, **form.cleaned_data, **same),
        "link_year": lambda form: industry.write_link_year(**form.cleaned_data, **same),
        "end": lambda form: industry.end_link(**form.cleaned_data, **same),
    }
    problem = ""
    if request.method == "POST":
        done, problem = _act(request, forms, acts)
        if done:
            return redirect(request.path)
    labels = {
        "earning": _("What it earned in a year"),
        "link": _("A household earns from it"),
        "link_year": _("What a household earned in a year"),
        "end": _("A household no longer earns from it"),
    }
    context = {
        "enterprise": found,
        "years": years,
        "links": links,
        "count": earning_from(found, today),
        "today": today,
        "forms": [(name, label, form) for name, label in labels.items() if (form := _apart(forms).get(name))]
        if may_keep(user, found.area, today)
        else [],
        "problem": problem,
    }  # fmt: skip
    return render(request, "works/enterprise.html", context, status=_status(request))


@require_safe
@door
def assets(request: HttpRequest) -> HttpResponseBase:
    """The register of assets of the area in view, with the tasks about idle and lost ones first."""
    user, today, area = person(request), timezone.localdate(), area_in_view(request)
    page = page_of(request, assets_of(user, today, area))
    tasks = list(open_tasks(user, today, area))
    title = (
        ngettext("%(count)s asset is idle or lost", "%(count)s assets are idle or lost", len(tasks))
        % {"count": number(len(tasks))}
        if tasks
        else _("No asset is idle or lost")
    )
    context = {"title": title, "page": page, "tasks": tasks, "area": area, "tabs": tabs(request)}
    return render(request, "works/assets.html", context)


@require_http_methods(["GET", "POST"])
@door
def asset(request: HttpRequest, number: int) -> HttpResponseBase:
    """An asset: whose it is, what it brings in and to whom that goes, what became of it, and what is to be done."""
    user, today = person(request), timezone.localdate()
    found: Asset = get_object_or_404(assets_seen(user, today), pk=number)
    task: AssetTask | None = found.tasks.filter(closed_on__isnull=True).select_related("asset__area").first()
    same: dict[str, Any] = {"by": user, "today": today}
    forms: dict[str, Form] = {
        "close": CloseForm(_sent(request, "close")),
        "state": StateForm(_sent(request, "state")),
        "income": IncomeForm(_sent(request, "income")),
    }
    acts: dict[str, Act] = {
        "close": lambda form: _close(task, form, same),
        "state": lambda form: industry.set_state(found, **form.cleaned_data, **same),
        "income": lambda form: _income(found, form, same),
    }
    problem = ""
    if request.method == "POST":
        done, problem = _act(request, forms, acts)
        if done:
            return redirect(request.path)
        found.refresh_from_db()
    labels = {"close": _("Close the task"), "income": _("Income of a year"), "state": _("What became of it")}
    shown = [
        name for name in labels if (task is not None if name == "close" else found.state not in industry.GONE)
    ]
    context = {
        "asset": found,
        "colour": "green" if found.state == AssetState.IN_USE else "clay" if task else "grey",
        "task": task,
        "closed": found.tasks.filter(closed_on__isnull=False).order_by("-closed_on"),
        "incomes": [(one, shares_in_words(one)) for one in found.incomes.order_by("-year")],
        "forms": [(name, labels[name], _apart(forms)[name]) for name in shown]
        if may_keep(user, found.area, today)
        else [],
        "problem": problem,
    }
    return render(request, "works/asset.html", context, status=_status(request))


def _close(task: AssetTask | None, form: Form, same: dict[str, Any]) -> None:
    if task is None:
        raise WorksError(_("This task was closed already."))
    industry.close_task(task, **form.cleaned_data, **same)


SHARES = ("to_households", "to_village", "kept")


def _income(found: Asset, form: Form, same: dict[str, Any]) -> None:
    told = form.cleaned_data
    shares = [(name, told[name]) for name in SHARES]
    industry.write_income(
        found,
        year=told["year"],
        amount=told["amount"],
        shares=shares,
        published_on=told["published_on"],
        **same,
    )
