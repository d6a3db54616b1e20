"""One measure of a plan: record that it arrived, change it, drop it, and what a bank or an insurer paid."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import scope_of
from highground.audit.actions import log_access
from highground.audit.chain import salted
from highground.cases.flow import procedure_for, today_for
from highground.cases.forms.base import REFUSED
from highground.cases.models import Case
from highground.files.media import UploadRefused
from highground.files.models import Upload
from highground.files.uploads import keep_upload, send_upload
from highground.support.actions.credits import grant_credit, note_claim_paid, note_repaid, send_claim
from highground.support.actions.delivering import deliver
from highground.support.actions.ground import catalogue_for_case
from highground.support.actions.planning import change_line, drop_line
from highground.support.catalogue import Catalogue
from highground.support.enums import LineState
from highground.support.forms import ChangeForm, DeliveryForm, DropForm, MoneyForm, offered
from highground.support.models import Delivery, PlanLine
from highground.support.pages import person
from highground.support.pages.plan import may_deliver, may_plan, refused, row_of, trail_of
from highground.support.words import measure_label, refusal

EVIDENCE = "delivery"


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def arrived(request: HttpRequest, number: int) -> HttpResponseBase:
    """Record that a measure arrived. The look is logged."""
    user = person(request)
    line, case, catalogue = _line(request, number)
    today = today_for(procedure_for(case))
    back = reverse("support:plan", args=[case.pk])
    if any(one.key == request.POST.get("key") for one in line.deliveries.all()):
        return redirect(back)  # sent twice: it is there already
    title = _("%(measure)s: did it arrive?") % {"measure": capfirst(measure_label(catalogue, line.measure))}
    trail = trail_of(case, user, today, _("Record a delivery"), plan=True)
    if line.state != LineState.PLANNED or not may_deliver(case, user, today):
        why = _("Nothing can be recorded for this measure now, or your role does not do it.")
        return refused(request, title, trail, why, back)
    fields: dict[str, Any] = {
        "line": line,
        "measure": catalogue.measures.get(line.measure),
        "catalogue": catalogue,
        "today": today,
    }
    sent = request.method == "POST"
    form = DeliveryForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        initial={"key": _key(line, user)},
        **fields,
    )
    status = 200
    if sent:
        if form.is_valid() and _deliver(request, form, line, case, today):
            messages.success(request, _("Recorded: it arrived."))
            return redirect(back)
        status = 422
    context = {
        "case": case,
        "row": row_of(line, catalogue, today),
        "form": form,
        "title": title,
        "trail": trail,
        "back": back,
        "today": today,
    }
    return render(request, "support/arrived.html", context, status=status)


def _key(line: PlanLine, user: Any) -> str:
    """The same for one person until a delivery is stored: a form that is sent twice, or opened twice, counts once."""
    return salted(f"{user.pk}:{line.pk}:{len(line.deliveries.all())}")


def _deliver(
    request: HttpRequest, form: DeliveryForm, line: PlanLine, case: Case, today: datetime.date
) -> bool:
    typed = form.cleaned_data
    try:
        evidence = ""
        if typed["evidence"]:
            evidence = keep_upload(
                typed["evidence"],
                area_path=case.household.area.path,
                kind=EVIDENCE,
                by=str(request.user.pk),
                today=today,
                behind=Sight.CASES,
            ).hash
        deliver(
            line,
            day=typed["day"],
            key=typed["key"],
            quantity=typed["quantity"],
            amount=typed["amount"],
            last=not typed["more"],
            evidence=evidence,
            note=typed["note"],
            by=person(request),
            today=today,
        )
    except UploadRefused as error:
        form.add_error("evidence", str(error))
        return False
    except REFUSED as error:
        form.add_error(None, refusal(error))
        return False
    return True


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def line(request: HttpRequest, number: int) -> HttpResponseBase:
    """Change or drop a measure; record what a bank lent or an insurer paid (`do`). The look is logged."""
    user = person(request)
    found, case, catalogue = _line(request, number)
    today = today_for(procedure_for(case))
    back = reverse("support:plan", args=[case.pk])
    forms = _forms(request, found, case, catalogue, today)
    status = 200
    if request.method == "POST":
        do = request.POST.get("do", "")
        form = forms.get(do)
        if form is None:
            raise Http404
        if form.is_valid() and _do(request, do, form, found, today):
            messages.success(request, _("It is recorded."))
            return redirect(back if do in ("change", "drop") else request.path)
        status = 422
    context = {
        "case": case,
        "row": row_of(found, catalogue, today),
        "forms": forms,
        "delivers": found.state == LineState.PLANNED and may_deliver(case, user, today),
        "bound": next((form for form in forms.values() if form.is_bound), None),
        "title": capfirst(measure_label(catalogue, found.measure)),
        "trail": trail_of(case, user, today, _("One measure"), plan=True),
        "back": back,
        "today": today,
    }
    return render(request, "support/line.html", context, status=status)


def _forms(
    request: HttpRequest, line: PlanLine, case: Case, catalogue: Catalogue, today: datetime.date
) -> dict[str, Form]:
    """What the person can do with this line now, by the word that the form sends."""
    user, do = person(request), request.POST.get("do", "")
    measure = catalogue.measures.get(line.measure)
    found: dict[str, Form] = {}

    def data(name: str) -> Any:
        return request.POST if do == name else None

    if line.state == LineState.PLANNED and may_plan(case, user, today):
        found["change"] = ChangeForm(data("change"), line=line, offered=offered(case, today), prefix="change")
    if line.state == LineState.PLANNED and may_plan(case, user, today, over=True):
        found["drop"] = DropForm(data("drop"), prefix="drop")
    if line.state == LineState.DROPPED or not may_deliver(case, user, today):
        return found
    common: dict[str, Any] = {"catalogue": catalogue, "today": today}
    if measure and measure.credit:
        found["lend"] = MoneyForm(
            data("lend"),
            **common,
            amount=_("How much was lent?"),
            day=_("Granted on"),
            due=_("Due on"),
            prefix="lend",
        )
        for one in line.credits.all():
            name = f"repay-{one.pk}"
            found[name] = MoneyForm(
                data(name), **common, amount=_("Repaid so far, in all"), day=_("By which day?"), prefix=name
            )
    if measure and measure.claim:
        found["claim"] = MoneyForm(
            data("claim"), **common, amount=_("How much is claimed?"), day=_("Sent on"), prefix="claim"
        )
        for sent in line.claims.all():
            if sent.paid_on is None:
                name = f"paid-{sent.pk}"
                found[name] = MoneyForm(
                    data(name), **common, amount=_("How much was paid?"), day=_("Paid on"), prefix=name
                )
    return found


def _do(request: HttpRequest, do: str, form: Form, line: PlanLine, today: datetime.date) -> bool:
    typed: dict[str, Any] = form.cleaned_data
    who: dict[str, Any] = {"by": person(request), "today": today}
    word, _dash, pk = do.partition("-")
    try:
        match word:
            case "change":
                people = form.people  # type: ignore[attr-defined]
                change_line(
                    line,
                    responsible=people.get(typed["responsible"]),
                    due_on=typed["due_on"],
                    quantity=typed["quantity"],
                    amount=typed["amount"],
                    note=typed["note"],
                    **who,
                )
            case "drop":
                drop_line(line, reason=typed["reason"], **who)
            case "lend":
                grant_credit(
                    line, principal=typed["amount"], granted_on=typed["day"], due_on=typed["due_on"], **who
                )
            case "repay":
                credit = line.credits.get(pk=int(pk))
                note_repaid(credit, repaid=typed["amount"], day=typed["day"], **who)
            case "claim":
                send_claim(line, amount=typed["amount"], sent_on=typed["day"], **who)
            case "paid":
                claim = line.claims.get(pk=int(pk))
                note_claim_paid(claim, paid=typed["amount"], paid_on=typed["day"], **who)
    except REFUSED as error:
        form.add_error(None, refusal(error))
        return False
    return True


@require_GET
@sees(Sight.CASES)
def evidence(request: HttpRequest, number: int) -> HttpResponseBase:
    """The picture or paper of a delivery. The look is logged."""
    deliveries = Delivery.objects.visible_to(request.user).exclude(evidence="")
    found = get_object_or_404(deliveries.select_related("line__plan__case__household__area"), pk=number)
    household = found.line.plan.case.household
    paths = scope_of(request.user, timezone.localdate(), Sight.CASES)
    uploads = Upload.objects.within(paths, behind=Sight.CASES)
    upload = uploads.filter(hash=found.evidence, kind=EVIDENCE).first()
    if upload is None:
        raise Http404
    log_access(
        by=str(request.user.pk),
        page="support.evidence",
        subject_kind="household",
        subject_id=household.key,
        area_path=household.area.path,
    )
    try:
        return send_upload(upload)
    except FileNotFoundError:
        raise Http404 from None


def _line(request: HttpRequest, number: int) -> tuple[PlanLine, Case, Catalogue]:
    """A line that the person sees, with its case and catalogue; 404 otherwise. Logs the look."""
    lines = PlanLine.objects.visible_to(request.user).select_related(
        "responsible",
        "budget",
        "plan__case__household__area__parent",
        "plan__case__rulebook_version",
        "plan__case__contact",
    )
    found: PlanLine = get_object_or_404(
        lines.prefetch_related("deliveries__payments", "credits", "claims"), pk=number
    )
    case = found.plan.case
    log_access(
        by=str(request.user.pk),
        page="support.line",
        subject_kind="household",
        subject_id=case.household.key,
        area_path=case.household.area.path,
    )
    return found, case, catalogue_for_case(case)
