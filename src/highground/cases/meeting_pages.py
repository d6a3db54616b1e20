"""Meetings: who waits for one, calling it, deciding household by household, attendance and minutes once."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Role, Sight
from highground.accounts.queries import holds, names_of_users
from highground.areas.models import Area
from highground.audit.actions import log_access
from highground.cases.actions.meetings import (
    call_meeting,
    cancel_meeting,
    close_meeting,
    decide_item,
    keep_minutes,
    quorum_of,
)
from highground.cases.enums import ListStatus
from highground.cases.flow import procedure_for, today_for
from highground.cases.forms.base import REFUSED, explain
from highground.cases.list_forms import CallForm, ChooseForm, Together, WhyForm, valid
from highground.cases.meeting_forms import MinutesForm, VerdictForm
from highground.cases.models import Case, Meeting, MeetingItem
from highground.cases.reasons import reasons_of
from highground.cases.waiting import Group, cases_waiting, groups_waiting, steps_through
from highground.methods.rules.procedure.graph import Step, Through
from highground.signals.places import areas_of
from highground.signals.rulebooks import latest_books, said
from highground.web.lists import Pill, page_of, pill
from highground.web.numbers import listed

SHOWN = {"open": ListStatus.OPEN, "held": ListStatus.CLOSED, "off": ListStatus.CANCELLED}


@require_GET
@sees(Sight.CASES)
def meetings(request: HttpRequest) -> HttpResponseBase:
    """Who waits for a meeting in the area in view, and the meetings under way, held or called off; `?show=`."""
    user, today, books = request.user, timezone.localdate(), latest_books()
    area, _chosen = areas_of(request, Sight.CASES)
    groups = groups_waiting(user, Through.MEETING, books, today, area)
    found = Meeting.objects.visible_to(user, today)
    if area:
        found = found.filter(area__path__startswith=area.path)
    counts = found.order_by().aggregate(
        **{name: Count("pk", filter=Q(status=status)) for name, status in SHOWN.items()}
    )
    show = request.GET.get("show", "open")
    show = show if show in SHOWN else "open"
    page = page_of(request, _listed(found.filter(status=SHOWN[show])), total=counts[show])
    labels = {key: said(step.label) for key, step in steps_through(books, Through.MEETING).items()}
    context = {
        "groups": [(group, call_url("cases:call_meeting", group)) for group in groups],
        "waiting": sum(group.count for group in groups),
        "page": page,
        "rows": [(row, labels.get((row.rulebook, row.step), row.step)) for row in page.rows],
        "pills": _pills(request, counts, show),
        "show": show,
        "area": area,
        "today": today,
    }
    return render(request, "cases/meetings.html", context)


def _listed(found: QuerySet[Meeting]) -> QuerySet[Meeting]:
    return (
        found.select_related("area__parent")
        .annotate(
            households=Count("items"),
            undecided=Count("items", filter=Q(items__outcome="")),
        )
        .order_by("-day", "-pk")
    )


def _pills(request: HttpRequest, counts: dict[str, int], show: str) -> list[Pill]:
    labels = {"open": _("Under way"), "held": _("Held"), "off": _("Called off")}
    return [
        Pill(
            label, pill(request, label, show=None if name == "open" else name).url, counts[name], name == show
        )
        for name, label in labels.items()
    ]


def call_url(page: str, group: Group) -> str:
    """Where a list for this group begins."""
    query = {"village": group.village.code, "rulebook": group.rulebook, "step": group.step.id}
    return f"{reverse(page)}?{urlencode(query)}"


def list_place(request: HttpRequest, form: Through) -> tuple[Area, str, Step, datetime.date]:
    """The village, rulebook and step that the address of a new list names, and today there; 404 for what is not known."""
    area = get_object_or_404(Area.objects.select_related("parent"), code=request.GET.get("village", ""))
    rulebook, books = request.GET.get("rulebook", ""), latest_books()
    step = steps_through(books, form).get((rulebook, request.GET.get("step", "")))
    procedure = books[rulebook].procedure if step else None
    if step is None or procedure is None:
        raise Http404
    return area, rulebook, step, today_for(procedure)


def may_take(user: Any, step: Step, area: Area, today: datetime.date) -> bool:
    """Whether this person holds a role that takes the step in this village."""
    return holds(user, today, [Role(name) for name in step.roles], area.path) is not None


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def call(request: HttpRequest) -> HttpResponseBase:
    """Call a meeting in a village: the day, how many may attend, which of the waiting households."""
    user: Any = request.user
    area, rulebook, step, today = list_place(request, Through.MEETING)
    cases = cases_waiting(
        user, Through.MEETING, latest_books(), today, area=area, rulebook=rulebook, step=step.id
    )
    if not cases:
        raise Http404
    before = Meeting.objects.visible_to(user, today).filter(area=area).order_by("-pk").first()
    initial = {"day": today.isoformat(), "entitled": before.entitled if before else None}
    form = CallForm(request.POST or None, waiting=cases, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = call_meeting(
                area=area,
                rulebook=rulebook,
                step=step.id,
                day=form.cleaned_data["day"],
                entitled=form.cleaned_data["entitled"],
                cases=form.chosen(),
                by=user,
                today=today,
            )
        except REFUSED as error:
            for text in explain(error, procedure_for(cases[0]), {}):
                form.add_error(None, text)
        else:
            messages.success(request, _("The meeting is called. Its list is ready."))
            return redirect("cases:meeting", meeting.pk)
    context = choosing(form, cases, area, step, user, today)
    context["trail"] = _trail(area)
    return render(request, "cases/call_meeting.html", context, status=422 if form.errors else 200)


def choosing(
    form: ChooseForm, cases: Sequence[Case], area: Area, step: Step, user: Any, today: datetime.date
) -> dict[str, Any]:
    """What a page shows on which households are chosen for a list: each with why it is there, and who may do it."""
    why, ticked = reasons_of(cases, step.id, user, today), form.ticked()
    return {
        "form": form,
        "rows": [(case, why[case.pk], str(case.pk) in ticked) for case in cases],
        "village": area,
        "step": said(step.label),
        "may": may_take(user, step, area, today),
        "takers": listed([str(Role(role).label) for role in step.roles]),
    }


def _trail(area: Area) -> list[tuple[str, str]]:
    return [
        (_("Cases"), reverse("cases:inbox")),
        (_("Meetings"), reverse("cases:meetings")),
        (str(area), ""),
    ]


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def meeting(request: HttpRequest, number: int) -> HttpResponseBase:
    """A meeting: one row per household to decide on, attendance and minutes once; `save` says which button it was."""
    user: Any = request.user
    found = get_object_or_404(Meeting.objects.visible_to(user).select_related("area__parent"), pk=number)
    log_access(
        by=str(user.pk),
        page="cases.meeting",
        subject_kind="meeting",
        subject_id=str(found.pk),
        area_path=found.area.path,
    )
    items = _items(found)
    procedure = procedure_for(items[0].case)
    step, today = procedure.steps[found.step], today_for(procedure)
    may = found.status == ListStatus.OPEN and may_take(user, step, found.area, today)
    pressed = request.POST.get("save", "") if may and request.method == "POST" else ""
    typed = request.POST if pressed and pressed != "off" else None
    verdicts = [VerdictForm(typed, item=item, meeting=found, step=step) for item in items]
    minutes = MinutesForm(typed, meeting=found, needed=quorum_of([item.case for item in items], found))
    names = names_of_users(item.decided_by for item in items)
    why = WhyForm(request.POST if pressed == "off" else None)
    if pressed == "off":
        done = why.is_valid() and _call_off(request, found, why, today)
    else:
        done = bool(pressed) and _save(request, found, pressed, verdicts, minutes, names, today)
    if done:
        return redirect("cases:meeting", found.pk)
    reasons = reasons_of([item.case for item in items], found.step, user, today)
    shown = [
        (
            item,
            form,
            reasons[item.case_id],
            said(step.outcomes[item.outcome].label) if item.outcome else "",
            names.get(item.decided_by, ""),
        )
        for item, form in zip(items, verdicts, strict=True)
    ]
    together = Together([*verdicts, minutes, why])
    context = {
        "meeting": found,
        "step": said(step.label),
        "rows": shown,
        "decided": sum(bool(item.outcome) for item in items),
        "minutes": minutes,
        "why": why,
        "together": together,
        "may": may,
        "takers": listed([str(Role(role).label) for role in step.roles]),
        "today": today,
        "trail": _trail(found.area),
    }
    wrong = any(field.errors for field in together) or bool(together.non_field_errors())
    return render(request, "cases/meeting.html", context, status=422 if wrong else 200)


def _items(found: Meeting) -> list[MeetingItem]:
    """The households on the list with all that a row says. One query."""
    cases = "case__household__area__parent"
    items = found.items.select_related(cases, "case__rulebook_version").defer(
        "case__rulebook_version__content"
    )
    return list(items.order_by("case__household__number", "pk"))


def _save(
    request: HttpRequest,
    found: Meeting,
    pressed: str,
    verdicts: Sequence[VerdictForm],
    minutes: MinutesForm,
    names: dict[str, str],
    today: datetime.date,
) -> bool:
    """Save one row, all rows, or all and close the meeting; whether it was done. Faults stand beside their fields.

    What somebody else wrote since the page was opened is no longer overwritten: it is said, and to be looked at first.
    """
    user: Any = request.user
    one = [form for form in verdicts if pressed == str(form.item.pk)]
    rows, with_minutes = (one, False) if one else (list(verdicts), True)
    parts = [*rows, minutes] if with_minutes else rows
    valid(parts)
    closes = pressed == "close"
    for form in rows:
        form.check_row(names.get(form.item.decided_by, _("somebody")), every=closes)
    if with_minutes:
        minutes.check_seen(
            _(
                "Somebody else has written attendance or minutes since you opened this page. Look, then save again."
            ),
            every=closes,
        )
    sound = not any(form.errors for form in parts)
    if closes:
        present = minutes.cleaned_data.get("present")
        for form in rows:
            form.check_closed(present)
        minutes.check_closed(today)
        sound = not any(form.errors for form in parts)
    if not sound:
        return False
    try:
        with transaction.atomic():
            _keep(found, rows, minutes if with_minutes else None, user, today)
            if pressed == "close":
                close_meeting(
                    found,
                    present=minutes.cleaned_data["present"],
                    minutes=minutes.cleaned_data["minutes"],
                    by=user,
                    today=today,
                )
    except REFUSED as error:
        for text in explain(error, procedure_for(rows[0].item.case), {}):
            rows[0].add_error(None, text)
        return False
    done = {"close": _("The meeting is closed. Every household has moved on.")}
    messages.success(request, done.get(pressed, _("Saved.")))
    return True


def _keep(
    found: Meeting, rows: Sequence[VerdictForm], minutes: MinutesForm | None, user: Any, today: datetime.date
) -> None:
    """Store what was written in the rows that say something, and the minutes."""
    for form in rows:
        typed = form.cleaned_data
        if typed["outcome"] and form.touched:
            decide_item(
                form.item,
                outcome=typed["outcome"],
                in_favour=typed["in_favour"] or 0,
                against=typed["against"] or 0,
                abstained=typed["abstained"] or 0,
                reason=typed["reason"],
                by=user,
                today=today,
                seen=form.mark_now,
            )
    if minutes is not None and minutes.touched:
        keep_minutes(
            found,
            present=minutes.cleaned_data["present"] or 0,
            minutes=minutes.cleaned_data["minutes"],
            by=user,
            today=today,
            seen=minutes.mark_now,
        )


def _call_off(request: HttpRequest, found: Meeting, why: WhyForm, today: datetime.date) -> bool:
    user: Any = request.user
    try:
        cancel_meeting(found, reason=why.cleaned_data["reason"], by=user, today=today)
    except REFUSED as error:
        first = found.items.select_related("case__rulebook_version")[0].case
        for text in explain(error, procedure_for(first), {}):
            why.add_error(None, text)
        return False
    messages.success(request, _("The meeting is called off; its households wait for another one."))
    return True
