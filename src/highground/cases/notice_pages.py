"""Public notices: who waits for one, hanging it up, objections, taking it down, and the sheet that hangs in the village."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Role, Sight
from highground.accounts.queries import holds, may_see
from highground.audit.actions import log_access
from highground.cases.actions.notices import (
    Line,
    close_notice,
    lines_of,
    post_notice,
    shown_by,
    withdraw_notice,
)
from highground.cases.actions.objections import (
    ANSWERERS,
    answer_objection,
    file_objection,
    had_a_hand,
)
from highground.cases.enums import ListStatus, ObjectionStatus
from highground.cases.flow import procedure_for, today_for
from highground.cases.forms.base import REFUSED, explain
from highground.cases.list_forms import AnswerForm, ObjectionForm, PostForm, Together, WhyForm
from highground.cases.meeting_pages import call_url, choosing, list_place, may_take
from highground.cases.models import Notice, NoticeItem, Objection
from highground.cases.waiting import cases_waiting, groups_waiting, steps_through
from highground.methods.rules.procedure.graph import Procedure, Step, Through
from highground.signals.places import areas_of
from highground.signals.rulebooks import latest_books, said
from highground.web.lists import Pill, page_of, pill
from highground.web.numbers import day, listed
from highground.web.numbers import number as in_figures

MOST_WRONG = 3


def _shown(today: datetime.date) -> dict[str, Q]:
    """The lists of notices as conditions; what may come down today hangs too long if nobody takes it down."""
    hangs = Q(status=ListStatus.OPEN)
    return {
        "hanging": hangs & Q(ends_on__gt=today),
        "due": hangs & Q(ends_on__lte=today),
        "down": Q(status=ListStatus.CLOSED),
        "withdrawn": Q(status=ListStatus.CANCELLED),
    }


@require_GET
@sees(Sight.CASES)
def notices(request: HttpRequest) -> HttpResponseBase:
    """Who waits for a notice in the area in view, and the notices hanging, due to come down, taken down; `?show=`."""
    user, today, books = request.user, timezone.localdate(), latest_books()
    area, _chosen = areas_of(request, Sight.CASES)
    groups = groups_waiting(user, Through.NOTICE, books, today, area)
    found = Notice.objects.visible_to(user, today)
    if area:
        found = found.filter(area__path__startswith=area.path)
    lists = _shown(today)
    counts = found.order_by().aggregate(**{name: Count("pk", filter=one) for name, one in lists.items()})
    show = request.GET.get("show") or ("due" if counts["due"] else "hanging")
    show = show if show in lists else "hanging"
    page = page_of(request, _listed(found.filter(lists[show])), total=counts[show])
    labels = {key: said(step.label) for key, step in steps_through(books, Through.NOTICE).items()}
    context = {
        "groups": [(group, call_url("cases:post_notice", group)) for group in groups],
        "waiting": sum(group.count for group in groups),
        "page": page,
        "rows": [(row, labels.get((row.rulebook, row.step), row.step)) for row in page.rows],
        "counts": counts,
        "pills": _pills(request, counts, show),
        "show": show,
        "area": area,
        "today": today,
    }
    return render(request, "cases/notices.html", context)


def _listed(found: QuerySet[Notice]) -> QuerySet[Notice]:
    disputed = Q(items__objections__status=ObjectionStatus.OPEN)
    return (
        found.select_related("area__parent")
        .annotate(
            households=Count("items", distinct=True),
            objections=Count("items__objections", distinct=True),
            disputed=Count("items__objections", filter=disputed, distinct=True),
        )
        .order_by("ends_on", "pk")
    )


def _pills(request: HttpRequest, counts: dict[str, int], show: str) -> list[Pill]:
    labels = {
        "due": _("May come down"),
        "hanging": _("Hanging"),
        "down": _("Taken down"),
        "withdrawn": _("Withdrawn"),
    }
    return [
        Pill(label, pill(request, label, show=name).url, counts[name], name == show)
        for name, label in labels.items()
    ]


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def post(request: HttpRequest) -> HttpResponseBase:
    """Hang a notice up in a village: where, for how long, where to object, which of the waiting households."""
    user: Any = request.user
    area, rulebook, step, today = list_place(request, Through.NOTICE)
    cases = cases_waiting(
        user, Through.NOTICE, latest_books(), today, area=area, rulebook=rulebook, step=step.id
    )
    if not cases:
        raise Http404
    least = max(procedure_for(case).steps[step.id].notice_days or 1 for case in cases)
    before = Notice.objects.visible_to(user, today).filter(area=area).order_by("-pk").first()
    initial = {
        "day": today.isoformat(),
        "days": least,
        "place": before.place if before else "",
        "object_at": before.object_at if before else "",
    }
    form = PostForm(request.POST or None, waiting=cases, least=least, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            notice = post_notice(
                area=area,
                rulebook=rulebook,
                step=step.id,
                cases=form.chosen(),
                object_at=form.cleaned_data["object_at"],
                place=form.cleaned_data["place"],
                days=form.cleaned_data["days"],
                by=user,
                day=form.cleaned_data["day"],
                today=today,
            )
        except REFUSED as error:
            for text in explain(error, procedure_for(cases[0]), {}):
                form.add_error(None, text)
        else:
            messages.success(request, _("The notice is recorded. Print the sheet and hang it up."))
            return redirect("cases:notice", notice.pk)
    context = choosing(form, cases, area, step, user, today)
    context["trail"] = _trail(str(area))
    return render(request, "cases/post_notice.html", context, status=422 if form.errors else 200)


def _trail(last: str) -> list[tuple[str, str]]:
    return [
        (_("Cases"), reverse("cases:inbox")),
        (_("Public notices"), reverse("cases:notices")),
        (last, ""),
    ]


def notice_in_scope(request: HttpRequest, pk: int, page: str) -> Notice:
    """The notice with this number, if the person sees it; the look is logged. 404 otherwise."""
    found: Notice = get_object_or_404(
        Notice.objects.visible_to(request.user).select_related("area__parent"), pk=pk
    )
    log_access(
        by=str(request.user.pk),
        page=page,
        subject_kind="notice",
        subject_id=str(found.pk),
        area_path=found.area.path,
    )
    return found


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def notice(request: HttpRequest, number: int) -> HttpResponseBase:
    """A notice: what it shows and until when, what was objected, taking it down; `do` says which button it was."""
    user: Any = request.user
    found = notice_in_scope(request, number, "cases.notice")
    items = list(
        found.items.select_related("case__household__area", "case__rulebook_version")
        .defer("case__rulebook_version__content")
        .order_by("line")
    )
    procedure = procedure_for(items[0].case)
    step, today = procedure.steps[found.step], today_for(procedure)
    hangs = found.status == ListStatus.OPEN
    reads = holds(user, today, ANSWERERS, found.area.path) is not None
    objections = list(
        Objection.objects.visible_to(user, today)
        .filter(item__notice=found)
        .select_related("item__case__household")
        .order_by("filed_on", "pk")
    )
    # What came over the public page is for those who see objectors; what was brought to the office, for who answers.
    over_staff = may_see(user, today, Sight.OBJECTORS, found.area.path)
    read = {one.pk for one in objections if reads and (over_staff or one.message_id is None)}
    open_now = [one for one in objections if one.status == ObjectionStatus.OPEN and one.pk in read and hangs]
    barred = had_a_hand(user, open_now, step=found.step) if open_now else set()
    pressed = request.POST.get("do", "") if request.method == "POST" and hangs else ""
    answers = {
        one.pk: AnswerForm(request.POST if pressed == f"answer-{one.pk}" else None, objection=one)
        for one in open_now
        if one.pk not in barred
    }
    why = WhyForm(request.POST if pressed == "withdraw" else None)
    brought = ObjectionForm(
        request.POST if pressed == "object" else None, notice=found, items=items, today=today
    )
    if pressed and _done(request, found, procedure, today, pressed, answers, why, brought if reads else None):
        return redirect("cases:notice", found.pk)
    disputed = sorted({one.item.line for one in objections if one.status == ObjectionStatus.OPEN})
    together = Together([*answers.values(), brought, why])
    context = {
        "notice": found,
        "title": _title(found, len(items), len(disputed), today, reads=bool(answers)),
        "step": said(step.label),
        "lines": _lines(request, found),
        "shows": shown_by(step),
        "cases": items,
        "objections": [(one, answers.get(one.pk), one.pk in read) for one in objections],
        "reads": reads,
        "barred": barred,
        "brought": brought,
        "why": why,
        "together": together,
        "hangs": hangs,
        "may": hangs and may_take(user, step, found.area, today),
        "due": today >= found.ends_on,
        "contested": any(one.status != ObjectionStatus.REJECTED for one in objections),
        "disputed": listed([in_figures(line) for line in disputed]),
        "takers": listed([str(Role(role).label) for role in step.roles]),
        "today": today,
        "trail": _trail(found.code),
    }
    wrong = any(field.errors for field in together) or bool(together.non_field_errors())
    return render(request, "cases/notice.html", context, status=422 if wrong else 200)


def _title(found: Notice, households: int, disputed: int, today: datetime.date, *, reads: bool) -> str:
    """What is to be done about the notice: wait, answer, take it down; or that it is down."""
    if found.status == ListStatus.CANCELLED:
        return _("Notice %(code)s was withdrawn") % {"code": found.code}
    if found.status == ListStatus.CLOSED:
        return _("Notice %(code)s was taken down on %(day)s") % {
            "code": found.code,
            "day": day(found.closed_on),
        }
    if disputed and reads:
        return ngettext(
            "Answer the objections to %(count)s line", "Answer the objections to %(count)s lines", disputed
        ) % {"count": in_figures(disputed)}
    if disputed:
        return ngettext(
            "Objections to %(count)s line are being looked into",
            "Objections to %(count)s lines are being looked into",
            disputed,
        ) % {"count": in_figures(disputed)}
    if today >= found.ends_on:
        return _("Take the notice down")
    return ngettext(
        "%(count)s household hangs until %(day)s", "%(count)s households hang until %(day)s", households
    ) % {"count": in_figures(households), "day": day(found.last_day)}


def _done(
    request: HttpRequest,
    found: Notice,
    procedure: Procedure,
    today: datetime.date,
    pressed: str,
    answers: dict[int, AnswerForm],
    why: WhyForm,
    brought: ObjectionForm | None,
) -> bool:
    """Do what the button says; whether it was done. What is wrong stands in the form, or in a message."""
    user: Any = request.user
    form: Any = None
    try:
        if pressed == "down":
            close_notice(found, by=user, today=today)
            messages.success(request, _("The notice is taken down. Every household has moved on."))
            return True
        if pressed == "withdraw":
            form = why
            if not form.is_valid():
                return False
            withdraw_notice(found, reason=form.cleaned_data["reason"], by=user, today=today)
            messages.success(request, _("The notice is withdrawn; its households wait for another one."))
            return True
        if pressed == "object" and brought is not None:
            form = brought
            if not form.is_valid():
                return False
            _object(form, user, today)
            messages.success(request, _("The objection is recorded; the clocks of this case stand still."))
            return True
        number = pressed.removeprefix("answer-")
        if number != pressed and not number.isdecimal():
            raise Http404
        form = next((one for key, one in answers.items() if pressed == f"answer-{key}"), None)
        if form is None or not form.is_valid():
            return False
        answer_objection(
            form.objection,
            uphold=form.cleaned_data["uphold"] == "yes",
            answer=form.cleaned_data["answer"],
            by=user,
            today=today,
        )
        messages.success(
            request, _("The objection is answered; the clock goes on with the days that were left.")
        )
        return True
    except REFUSED as error:
        for text in explain(error, procedure, {}):
            form.add_error(None, text) if form is not None else messages.error(request, text)
        return form is None


def _object(form: ObjectionForm, user: Any, today: datetime.date) -> None:
    item: NoticeItem = form.cleaned_data["line"]
    typed = form.cleaned_data
    file_objection(item, text=typed["text"], by=str(user.pk), day=typed["day"], today=today)


@require_GET
@sees(Sight.CASES)
def sheet(request: HttpRequest, number: int) -> HttpResponseBase:
    """The sheet that hangs in the village: the allow-list and nothing else; empty once the notice is down."""
    found = notice_in_scope(request, number, "cases.sheet")
    step, lines = _step_of(found), _lines(request, found)
    context = {
        "notice": found,
        "lines": [(line, said(line.class_label)) for line in lines],
        "step": said(step.label),
        "shows": shown_by(step),
        "address": request.build_absolute_uri(reverse("public:report")).split("://", 1)[-1],
    }
    return render(request, "cases/sheet.html", context)


def _lines(request: HttpRequest, found: Notice) -> list[Line]:
    """What the notice shows; to whoever watches from afar without the names that the village reads."""
    opens = may_see(request.user, timezone.localdate(), Sight.PROTECTED, found.area.path)
    return lines_of(found, names=opens)


def _step_of(found: Notice) -> Step:
    first = found.items.select_related("case__rulebook_version").order_by("line")[0]
    return procedure_for(first.case).steps[found.step]
