"""What the office sees of messages from the public: those that wait, and one of them with what can be done about it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.contrib import messages as notes
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.models import User
from highground.accounts.queries import may_see
from highground.areas.models import Area
from highground.audit.actions import log_access
from highground.cases.enums import RUNNING, MessageKind, MessageStatus, ObjectionStatus
from highground.cases.flow import CaseError
from highground.cases.models import Case, Message, Objection
from highground.cases.public import actions
from highground.cases.public.forms import TROUBLES
from highground.cases.public.office_forms import AboutForm, AnswerForm, MatchForm
from highground.cases.public.queries import (
    may_answer,
    objections_seen_by,
    readable_by,
    sender_of,
    working_at,
)
from highground.cases.public.service import service_times
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.models import Household
from highground.signals.places import areas_of
from highground.signals.rulebooks import latest_books, said
from highground.signals.trails import area_trail
from highground.web.lists import Pill, page_of, pill

MOST_OBJECTIONS = 25
MOST_HOUSEHOLDS = 5


@require_GET
@sees(Sight.CASES, Sight.OBJECTORS)
def messages(request: HttpRequest) -> HttpResponseBase:
    """The messages that this person may read, in the area in view; `?show=`, `?kind=`, `?area=`."""
    user, today = request.user, timezone.localdate()
    area, chosen = areas_of(request, Sight.CASES)
    everything = readable_by(user, chosen or area)
    lists = _lists(today)
    show = request.GET.get("show", "waiting")
    show = show if show in lists else "waiting"
    kind = request.GET.get("kind", "")
    counts = everything.aggregate(
        **{name: Count("pk", filter=condition) for name, condition in lists.items()},
        **{f"kind_{one}": Count("pk", filter=lists[show] & Q(kind=one)) for one in MessageKind.values},
    )
    found = everything.filter(lists[show]).select_related("area__parent")
    if kind in MessageKind.values:
        found = found.filter(kind=kind)
    total = counts[f"kind_{kind}"] if kind in MessageKind.values else counts[show]
    order = ["-answered_on", "-pk"] if show == "answered" else ["due_on", "pk"]
    context = {
        "page": page_of(request, found.order_by(*order), total=total),
        "counts": counts,
        "show": show,
        "lists": [
            pill(request, _("Waiting"), show=None, count=counts["waiting"]),
            pill(request, _("Overdue"), show="overdue", count=counts["overdue"]),
            pill(request, _("Answered"), show="answered", count=counts["answered"]),
        ],
        "kinds": _kinds(request, counts),
        "objections": _open_objections(user, chosen or area),
        "troubles": TROUBLES,
        "today": today,
        "area": chosen or area,
    }
    return render(request, "cases/public/messages.html", context)


def _lists(today: datetime.date) -> dict[str, Q]:
    waiting = ~Q(status=MessageStatus.ANSWERED)
    return {
        "waiting": waiting,
        "overdue": waiting & Q(due_on__lt=today),
        "answered": Q(status=MessageStatus.ANSWERED),
    }


def _kinds(request: HttpRequest, counts: dict[str, int]) -> list[Pill]:
    labels = {
        MessageKind.REPORT: _("Reports of difficulties"),
        MessageKind.OBJECTION: _("Objections"),
        MessageKind.GRIEVANCE: _("Complaints"),
    }
    return [
        pill(request, _("All"), kind=None),
        *(
            pill(request, label, kind=kind.value, count=counts[f"kind_{kind.value}"])
            for kind, label in labels.items()
        ),
    ]


def _open_objections(user: Any, area: Area | None) -> list[Objection]:
    """Open objections in the cases that the person sees: that they are there, never who or what."""
    found = objections_seen_by(user, area).filter(status=ObjectionStatus.OPEN)
    found = found.select_related("item__notice__area", "item__case__household")
    return list(found.order_by("filed_on", "pk")[:MOST_OBJECTIONS])


@sensitive_post_parameters("answer")
@require_http_methods(["GET", "POST"])
@sees(Sight.CASES, Sight.OBJECTORS)
def message(request: HttpRequest, number: int) -> HttpResponseBase:
    """One message. The look is logged. What is done about it is posted here, with `do` saying what."""
    user, today = request.user, timezone.localdate()
    readable = readable_by(user).select_related("area__parent", "household__area", "about")
    found: Message = get_object_or_404(readable, pk=number)
    if request.method == "POST" and (verb := VERBS.get(request.POST.get("do", ""))):
        forms = _forms(request, found, request.POST)
        try:
            leads_to = verb(request, found, forms, today)
        except (CaseError, NotAllowed) as error:
            notes.error(request, str(error))
        else:
            if leads_to:
                return redirect(leads_to)
        return _show(request, found, forms, today, status=422)
    log_access(
        by=str(user.pk),
        page="public.message",
        subject_kind="message",
        subject_id=str(found.pk),
        area_path=found.area.path,
    )
    return _show(request, found, _forms(request, found, None), today)


Forms = dict[str, Any]


def _forms(request: HttpRequest, found: Message, data: Any) -> Forms:
    """The forms of the page; the one that was sent is bound."""
    sent = data.get("do") if data else ""
    typed = {"notice_code": found.notice_code, "notice_line": found.notice_line}
    return {
        "answer": AnswerForm(data if sent in ("answer", "uphold", "reject") else None),
        "match": MatchForm(data if sent == "match" else None, initial=typed),
        "about": AboutForm(
            data if sent == "about" else None,
            people=working_at(found.area).exclude(pk=_me(request).pk),
            initial={"about": found.about_id},
        ),
    }


def _show(
    request: HttpRequest, found: Message, forms: Forms, today: datetime.date, status: int = 200
) -> HttpResponse:
    user = request.user
    acts = may_answer(user, found, today)
    wanted = request.GET.get("household", "").strip()
    context = {
        "message": found,
        "title": _title(found),
        "trail": [
            (_("Messages"), reverse("public:messages")),
            *area_trail(user, found.area, today)[-3:],
            (_title(found), ""),
        ],
        "trouble": TROUBLES.get(found.trouble, ""),
        "times": service_times()[MessageKind(found.kind)],
        "sender": sender_of(found, user, today),
        "acts": acts and found.status != MessageStatus.ANSWERED,
        "people": _names(found),
        "sees_objectors": may_see(user, today, Sight.OBJECTORS, found.area.path),
        "objection": _objection(user, found),
        "forms": forms,
        "sees_household": found.household
        and may_see(user, today, Sight.HOUSEHOLDS, found.household.area.path),
        "wanted": wanted,
        "households": _households(user, wanted) if wanted and acts else [],
        "cases": _cases(user, found),
        "rulebooks": _rulebooks(found),
        "today": today,
    }
    return render(request, "cases/public/message.html", context, status=status)


def _title(found: Message) -> str:
    if found.kind == MessageKind.OBJECTION:
        return _("An objection to a public notice")
    if found.kind == MessageKind.GRIEVANCE:
        return _("A complaint")
    return _("A family says that it is in difficulty")


def _names(found: Message) -> dict[str, str]:
    ids = {one for one in (found.taken_up_by, found.answered_by) if one.isdecimal()}
    return {str(one.pk): str(one) for one in User.objects.filter(pk__in=ids)} if ids else {}


def _objection(user: Any, found: Message) -> Objection | None:
    if found.kind != MessageKind.OBJECTION:
        return None
    return objections_seen_by(user).filter(message=found).select_related("item__notice", "item__case").first()


def _households(user: Any, number: str) -> QuerySet[Household]:
    """Households with this number that the person sees; of any other one it says what it says of none."""
    found: QuerySet[Household] = Household.objects.visible_to(user).filter(number=number)
    return found.select_related("area").order_by("pk")[:MOST_HOUSEHOLDS]


def _cases(user: Any, found: Message) -> list[Case]:
    if found.household_id is None:
        return []
    mine = Case.objects.visible_to(user).filter(household=found.household_id, status__in=RUNNING)
    return list(mine.order_by("pk"))


def _rulebooks(found: Message) -> list[tuple[str, str]]:
    """The rulebooks by which a case can be opened there: id and title."""
    if found.household_id is None:
        return []
    return [
        (name, said(book.title))
        for name, book in latest_books().items()
        if book.procedure and book.country == found.area.country
    ]


# --- What is done -------------------------------------------------------------------------------


def _take_up(request: HttpRequest, found: Message, forms: Forms, today: datetime.date) -> str:
    actions.take_up(found, by=_me(request), today=today)
    return _done(request, found, _("You look into this message now. The sender is told so."))


def _answer(request: HttpRequest, found: Message, forms: Forms, today: datetime.date) -> str:
    if not forms["answer"].is_valid():
        return ""
    text = forms["answer"].cleaned_data["answer"]
    actions.answer_message(found, answer=text, by=_me(request), today=today)
    return _done(request, found, _("The answer is there for the sender."))


def _answer_objection(request: HttpRequest, found: Message, forms: Forms, today: datetime.date) -> str:
    if not forms["answer"].is_valid():
        return ""
    text, uphold = forms["answer"].cleaned_data["answer"], request.POST["do"] == "uphold"
    actions.answer_filed_objection(found, uphold=uphold, answer=text, by=_me(request), today=today)
    return _done(request, found, _("The objection is answered; the clock of the case goes on."))


def _match(request: HttpRequest, found: Message, forms: Forms, today: datetime.date) -> str:
    if not forms["match"].is_valid():
        return ""
    actions.match_objection(found, **forms["match"].cleaned_data, by=_me(request), today=today)
    return _done(
        request, found, _("The objection is filed; the clock of the case stands still until it is answered.")
    )


def _about(request: HttpRequest, found: Message, forms: Forms, today: datetime.date) -> str:
    if not forms["about"].is_valid():
        return ""
    actions.say_about_whom(found, about=forms["about"].cleaned_data["about"], by=_me(request), today=today)
    return _done(request, found, _("It is kept who this is about."))


def _link(request: HttpRequest, found: Message, forms: Forms, today: datetime.date) -> str:
    mine = Household.objects.visible_to(request.user).select_related("area")
    household = get_object_or_404(mine, key=request.POST.get("household", ""))
    actions.link_household(found, household=household, by=_me(request), today=today)
    return _done(request, found, _("The report is linked with the household."))


def _open(request: HttpRequest, found: Message, forms: Forms, today: datetime.date) -> str:
    rulebook = request.POST.get("rulebook", "")
    if rulebook not in dict(_rulebooks(found)):
        raise CaseError(_("Choose a rulebook by which the case runs."))
    case = actions.open_case_from(found, rulebook=rulebook, by=_me(request), today=today)
    notes.success(request, _("The case is open: the household said so itself."))
    return reverse("cases:case", args=[case.pk])


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _done(request: HttpRequest, found: Message, words: str) -> str:
    notes.success(request, words)
    return reverse("public:message", args=[found.pk])


VERBS: dict[str, Callable[[HttpRequest, Message, Forms, datetime.date], str]] = {
    "take_up": _take_up,
    "answer": _answer,
    "uphold": _answer_objection,
    "reject": _answer_objection,
    "match": _match,
    "about": _about,
    "link": _link,
    "open": _open,
}
"""What can be done with a message. Each returns where to go on, "" where its form has an error."""
