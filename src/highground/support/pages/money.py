"""Budgets of a county, and payment batches: made, written, reconciled."""

from __future__ import annotations

import datetime
import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Sum
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import holds, may_see, names_of_users, roles_of
from highground.accounts.shell import area_in_view
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.audit.actions import log_access
from highground.cases.forms.base import REFUSED
from highground.support.actions.budgets import set_budget
from highground.support.actions.ground import COUNTY_ROLES, catalogue_for, to_major
from highground.support.actions.paying import create_batch, to_be_paid, write_batch
from highground.support.actions.reconciling import reconcile, rejects_of
from highground.support.catalogue import Catalogue
from highground.support.enums import PaymentStatus
from highground.support.forms import BatchForm, BudgetForm, ReturnForm
from highground.support.models import Budget, PaymentBatch, PaymentLine
from highground.support.pages import person
from highground.support.pages.lists import tabs
from highground.support.queries import batches_of, budgets_of
from highground.support.words import family_label, refusal
from highground.web.lists import Pill, page_of, pill
from highground.web.numbers import money
from highground.web.pictures import Bar, Mark

LARGEST_RETURN = 20_000_000
"""Bytes of a bank's return."""


@require_http_methods(["GET", "POST"])
@sees(Sight.BUDGETS)
def budgets(request: HttpRequest) -> HttpResponseBase:
    """What the counties in view may spend this year, what is promised and spent; `?year=`. A county's officer sets it."""
    user, today = person(request), timezone.localdate()
    area = area_in_view(request)
    year = _year(request, today)
    rows = list(budgets_of(user, area, year).select_related("area").order_by("area__path", "family"))
    sets = area is not None and area.level == Level.COUNTY and _acts(user, area, today)
    form, status = None, 200
    if sets and area is not None:
        form = BudgetForm(
            request.POST if request.method == "POST" else None, catalogue=catalogue_for(area.country)
        )
    if request.method == "POST":
        if form is None or area is None:
            raise Http404
        if form.is_valid():
            try:
                set_budget(
                    area=area,
                    family=form.cleaned_data["family"],
                    year=year,
                    amount=form.cleaned_data["amount"],
                    by=user,
                    today=today,
                )
            except REFUSED as error:
                form.add_error(None, refusal(error))
            else:
                messages.success(request, _("The budget is set."))
                return redirect(f"{request.path}?year={year}")
        status = 422
    counties = _by_county(rows)
    context = {
        "counties": counties,
        "year": year,
        "years": [
            Pill(str(one), f"{request.path}?year={one}", current=one == year)
            for one in (today.year - 1, today.year, today.year + 1)
        ],
        "form": form,
        "area": area,
        "tabs": tabs(request, user, today),
        "used": _share(rows),
    }
    return render(request, "support/budgets.html", context, status=status)


def _year(request: HttpRequest, today: datetime.date) -> int:
    wanted = request.GET.get("year", "")
    return (
        int(wanted) if wanted.isascii() and wanted.isdecimal() and 2000 <= int(wanted) <= 2100 else today.year
    )


def _acts(user: Any, area: Area, today: datetime.date) -> bool:
    return holds(user, today, COUNTY_ROLES, area.path) is not None


def _share(rows: list[Budget]) -> float | None:
    """How much of all is promised or spent, as a share of one; None where nothing was set."""
    whole = sum(row.amount for row in rows)
    return sum(row.committed + row.spent for row in rows) / whole if whole else None


def _by_county(rows: list[Budget]) -> list[dict[str, Any]]:
    """Each county with its families: bars of what is used, and the table."""
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        catalogue = catalogue_for(row.area.country)
        held = found.setdefault(row.area_id, {"area": row.area, "rows": [], "bars": []})
        used = row.committed + row.spent
        share = 100 * used / row.amount if row.amount else (100.0 if used else 0.0)
        label = capfirst(family_label(row.family))
        held["rows"].append(
            {
                "label": label,
                **{name: _money(getattr(row, name), catalogue) for name in ("amount", "committed", "spent")},
                "left": _money(row.amount - used, catalogue),
                "share": share,
            }
        )
        colour = "clay" if share >= 100 else "gold" if share >= 80 else "green"
        held["bars"].append(Bar(label, round(share), colour))
        held["mark"] = Mark(_("all of it"), 100)
    return list(found.values())


def _money(amount: int, catalogue: Catalogue) -> str:
    return money(to_major(amount, catalogue.minor_digits), catalogue.currency)


# --- Payments -----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@sees(Sight.BUDGETS)
def payments(request: HttpRequest) -> HttpResponseBase:
    """The payment batches of the area in view, and what waits to be paid; a county's officer makes a batch."""
    user, today = person(request), timezone.localdate()
    area = area_in_view(request)
    if request.method == "POST":
        return _make(request, area, today)
    page = page_of(request, batches_of(user, area).select_related("area").order_by("-pk"))
    waiting = _waiting(area) if area and may_see(user, today, Sight.BUDGETS, area.path) else []
    catalogue = catalogue_for(area.country) if area else None
    acts = area is not None and _acts(user, area, today)
    context = {
        "page": page,
        "rows": [_batch_row(batch) for batch in page.rows],
        "waiting": [
            {"label": capfirst(family_label(family)), "count": count, "amount": _money(amount, catalogue)}
            for family, count, amount in waiting
            if catalogue
        ],
        "count": sum(count for _family, count, _amount in waiting),
        "total": _money(sum(amount for _family, _count, amount in waiting), catalogue) if catalogue else "",
        "form": BatchForm(families=[family for family, _count, _amount in waiting])
        if acts and waiting
        else None,
        "area": area,
        "tabs": tabs(request, user, today),
    }
    return render(request, "support/payments.html", context)


def _waiting(area: Area) -> list[tuple[str, int, int]]:
    """What waits to be paid in an area: family, number of payments, amount. One query."""
    rows = to_be_paid(area.path).order_by("line__family").values_list("line__family")
    return list(rows.annotate(count=Count("pk"), amount=Sum("amount")))


def _make(request: HttpRequest, area: Area | None, today: datetime.date) -> HttpResponse:
    if area is None:
        raise Http404
    if "make" not in request.POST:
        return redirect("support:payments")
    try:
        batch = create_batch(
            area=area, family=request.POST.get("family", ""), by=person(request), today=today
        )
    except REFUSED as error:
        messages.error(request, refusal(error))
        return redirect("support:payments")
    return redirect("support:batch", number=batch.pk)


def _batch_row(batch: PaymentBatch) -> dict[str, Any]:
    catalogue = catalogue_for(batch.area.country)
    answered = batch.paid + batch.failed  # type: ignore[attr-defined]
    return {
        "batch": batch,
        "family": capfirst(family_label(batch.family)) if batch.family else _("All families"),
        "total": _money(batch.total, catalogue),
        "answered": answered,
        "waiting": batch.rows - answered,
    }


@require_http_methods(["GET", "POST"])
@sees(Sight.BUDGETS)
def batch(request: HttpRequest, number: int) -> HttpResponseBase:
    """One payment batch: what became of each payment; the bank's return is posted here. The look is logged."""
    user, today = person(request), timezone.localdate()
    found = _batch(request, number)
    acts = _acts(user, found.area, today)
    own = found.created_by == str(user.pk)
    sent = request.method == "POST"
    form = ReturnForm(request.POST if sent else None, request.FILES if sent else None)
    status = 200
    if sent:
        if form.is_valid() and _reconcile(request, form, found, today):
            return redirect("support:batch", number=found.pk)
        status = 422
    lines = PaymentLine.objects.visible_to(user).filter(batch=found)
    show = request.GET.get("show", "")
    show = show if show in PaymentStatus.values else ""
    counts = _counts(found)
    page = page_of(
        request,
        (lines.filter(status=show) if show else lines).select_related("household").order_by("pk"),
        total=counts[show][0] if show else found.rows,
    )
    catalogue = catalogue_for(found.area.country)
    context = {
        "batch": found,
        "page": page,
        "rows": [{"line": line, "amount": _money(line.amount, catalogue)} for line in page.rows],
        "total": _money(found.total, catalogue),
        "sums": [
            (str(PaymentStatus(name).label), count, _money(amount, catalogue))
            for name, (count, amount) in counts.items()
        ],
        "counts": {name: count for name, (count, _amount) in counts.items()},
        "pills": _status_pills(request, counts, found.rows),
        "opened": may_see(user, today, Sight.PROTECTED, found.area.path),
        "households": may_see(user, today, Sight.HOUSEHOLDS, found.area.path),
        "form": form if acts and not own else None,
        "own": own,
        "creator": names_of_users([found.created_by]).get(found.created_by, found.created_by),
        "rejects": acts and rejects_of(found).exists(),
        "trail": [
            (_("Payments"), reverse("support:payments")),
            (_("Batch %(number)s") % {"number": found.pk}, ""),
        ],
        "family": capfirst(family_label(found.family)) if found.family else _("All families"),
    }
    return render(request, "support/batch.html", context, status=status)


def _counts(batch: PaymentBatch) -> dict[str, tuple[int, int]]:
    """Payments and their sum by status. One query."""
    rows = batch.lines.order_by().values_list("status").annotate(count=Count("pk"), amount=Sum("amount"))
    known = {status: (count, amount) for status, count, amount in rows}
    return {str(status): known.get(status, (0, 0)) for status in PaymentStatus.values}


def _status_pills(request: HttpRequest, counts: dict[str, tuple[int, int]], rows: int) -> list[Pill]:
    return [
        pill(request, _("All"), show=None, count=rows),
        *(
            pill(request, capfirst(str(PaymentStatus(name).label)), show=name, count=count)
            for name, (count, _amount) in counts.items()
        ),
    ]


def _reconcile(request: HttpRequest, form: ReturnForm, batch: PaymentBatch, today: datetime.date) -> bool:
    given: UploadedFile[bytes] = form.cleaned_data["file"]
    if (given.size or 0) > LARGEST_RETURN:
        form.add_error("file", _("This file is too large for a return of payments."))
        return False
    ending = Path(given.name or "").suffix.lower()
    with tempfile.TemporaryDirectory(prefix="highground-return-") as folder:
        # A name of ours: what the browser calls the file may hold anything.
        copy = Path(folder) / f"return{ending if ending in ('.csv', '.xlsx', '.txt', '.tsv') else '.csv'}"
        with copy.open("wb") as target:
            for chunk in given.chunks():
                target.write(chunk)
        try:
            done = reconcile(batch, file=copy, by=person(request), today=today)
        except REFUSED as error:
            form.add_error("file", refusal(error))
            return False
    text = _(
        "%(paid)s paid, %(failed)s came back, %(unchanged)s said nothing new, %(rejected)s could not be used."
    )
    words = {name: getattr(done, name) for name in ("paid", "failed", "unchanged", "rejected")}
    level = messages.WARNING if done.rejected else messages.SUCCESS
    messages.add_message(request, level, text % words)
    return True


@sees(Sight.BUDGETS)
@require_POST
def batch_file(request: HttpRequest, number: int) -> HttpResponseBase:
    """The batch as a CSV file for the bank. An event keeps the hash of what was handed out."""
    found = _batch(request, number)
    file = write_batch(found, by=person(request), today=timezone.localdate())
    response = HttpResponse(file.content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@sees(Sight.BUDGETS)
def rejects(request: HttpRequest, number: int) -> HttpResponseBase:
    """The rows of the last return that could not be used, for those who reconcile."""
    user, today = person(request), timezone.localdate()
    if not set(roles_of(user, today)).intersection(COUNTY_ROLES):
        raise PermissionDenied
    found = _batch(request, number)
    path = rejects_of(found)
    if not path.exists() or not _acts(user, found.area, today):
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="text/csv")


def _batch(request: HttpRequest, number: int) -> PaymentBatch:
    """A batch that the person sees; 404 otherwise. Logs the look."""
    batches = PaymentBatch.objects.visible_to(request.user).select_related("area")
    found: PaymentBatch = get_object_or_404(batches, pk=number)
    log_access(
        by=str(request.user.pk),
        page="support.batch",
        subject_kind="batch",
        subject_id=str(found.pk),
        area_path=found.area.path,
    )
    return found
