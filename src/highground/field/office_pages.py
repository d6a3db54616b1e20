"""At the office: what phones sent that a person must look at, and the phones themselves."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from highground.accounts.access import sees
from highground.accounts.devices import issue_device, revoke_device
from highground.accounts.enums import Role, Sight
from highground.accounts.models import Device, Grant
from highground.accounts.queries import held_grants
from highground.audit.actions import log_accesses
from highground.cases.flow import CaseError
from highground.field.forms.answering import said_in
from highground.field.forms.names import is_visit
from highground.field.instance import read_instance
from highground.field.models import Conflict, State, Submission, SubmissionFile
from highground.field.openrosa.codes import code_for
from highground.field.settling import decide_conflict, look_at
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.queries import register_dictionary
from highground.signals.household_page import value_in_words
from highground.signals.rulebooks import said
from highground.web.lists import page_of, pill

LOOKS_AFTER = (Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER)
"""Who may take a lost phone of somebody else out of service, in their own area."""


def waiting(user: Any, today: datetime.date) -> QuerySet[Submission]:
    """The forms that wait for a person: with two values to choose between; flagged, or with word of somebody else who
    needs a visit, and not looked at."""
    open_conflicts = Conflict.objects.visible_to(user, today).filter(submission=OuterRef("pk"), chosen="")
    found: QuerySet[Submission] = Submission.objects.visible_to(user, today)
    to_look_at = Q(state=State.FLAGGED) | ~Q(someone_else="")
    return found.filter(Q(Exists(open_conflicts)) | to_look_at & Q(seen_by=""))


def waiting_in_view(request: HttpRequest) -> int:
    """How many there are, for the navigation. One query."""
    return waiting(request.user, timezone.localdate()).count()


@sees(Sight.CASES)
@require_GET
def from_phones(request: HttpRequest) -> HttpResponseBase:
    """The forms that wait, the oldest first; with `?show=all` all that came in, the newest first, or those of `?number=`.

    Looking at a household's is logged.
    """
    user, today = request.user, timezone.localdate()
    every = request.GET.get("show") == "all"
    sought = request.GET.get("number", "").strip() if every else ""
    rows = Submission.objects.visible_to(user, today) if every else waiting(user, today)
    if sought:
        rows = rows.filter(household__number=sought)
    order = ("-received_at", "-pk") if every else ("received_at", "pk")
    page = page_of(request, rows.select_related("household__area", "sender", "taken_form").order_by(*order))
    conflicts, files = _conflicts_of(page.rows, user, today), _files_of(page.rows, user, today)
    log_accesses(
        by=str(user.pk),
        page="field.from_phones",
        subject_kind="household",
        subjects=[(row.household.key, row.area_path) for row in page.rows if row.household],
    )
    context = {
        "page": page,
        "every": every,
        "sought": sought,
        "pills": [
            pill(request, _("Needs a person"), show=None, number=None),
            pill(request, _("All that came in"), show="all", number=None),
        ],
        "rows": [
            {
                "submission": row,
                "answers": read_instance(row.xml.encode()) if is_visit(row.form) else None,
                "said": said_in(row.taken_form, row.xml.encode()) if row.taken_form else [],
                "conflicts": conflicts.get(row.pk, []),
                "files": files.get(row.pk, []),
                "lacking": sum(not one.hash and not one.problem for one in files.get(row.pk, [])),
                "own": row.sender_id == user.pk,
            }
            for row in page.rows
        ],
    }
    return render(request, "field/from_phones.html", context)


def _conflicts_of(
    rows: Sequence[Submission], user: Any, today: datetime.date
) -> dict[int, list[dict[str, Any]]]:
    """The values to choose between, in words, by form. One query, and one for the rulebooks' own facts."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    dictionary = register_dictionary()
    open_ones = Conflict.objects.visible_to(user, today).filter(submission__in=rows, chosen="")
    for one in open_ones.select_related("at_the_office__source", "member").order_by("pk"):
        fact = dictionary[one.fact]
        found[one.submission_id].append(
            {
                "conflict": one,
                "label": capfirst(said(fact.label)),
                "who": one.member.key if one.member else "",
                "door": value_in_words(fact, one.at_the_door),
                "office": value_in_words(fact, one.at_the_office.value or ""),
            }
        )
    return found


def _files_of(rows: Sequence[Submission], user: Any, today: datetime.date) -> dict[int, list[SubmissionFile]]:
    """The photos, signatures and recordings by form, also those that are still on the phone. One query."""
    found: dict[int, list[SubmissionFile]] = defaultdict(list)
    for one in SubmissionFile.objects.visible_to(user, today).filter(submission__in=rows).order_by("pk"):
        found[one.submission_id].append(one)
    return found


@sees(Sight.CASES)
@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponseBase:
    """Say which value holds."""
    conflict = get_object_or_404(Conflict.objects.visible_to(request.user), pk=number)
    try:
        decide_conflict(
            conflict,
            chosen=request.POST.get("chosen", ""),
            reason=request.POST.get("reason", ""),
            by=request.user,  # type: ignore[arg-type]
            today=timezone.localdate(),
        )
        messages.success(request, _("Decided."))
    except (CaseError, NotAllowed) as error:
        messages.warning(request, str(error))
    return redirect("field:from_phones")


@sees(Sight.CASES)
@require_POST
def looked_at(request: HttpRequest, number: int) -> HttpResponseBase:
    """Take a form off the list."""
    submission = get_object_or_404(Submission.objects.visible_to(request.user), pk=number)
    try:
        look_at(submission, by=request.user, today=timezone.localdate())  # type: ignore[arg-type]
    except NotAllowed as error:
        messages.warning(request, str(error))
    return redirect("field:from_phones")


def devices_for(user: Any, today: datetime.date) -> QuerySet[Device]:
    """One's own phones, and those of the people in the areas that one looks after. One query after the grants."""
    mine = Q(user=user)
    for grant in held_grants(user, today):
        if grant.role in LOOKS_AFTER and grant.area and not grant.target_kind:
            below = Grant.objects.filter(user=OuterRef("user"), area__path__startswith=grant.area.path)
            mine |= Q(Exists(below))
    return (
        Device.objects.filter(mine, revoked_on=None)
        .select_related("user")
        .order_by("user__display_name", "pk")
    )


@sees(Sight.CASES)
@require_http_methods(["GET", "POST"])
def devices(request: HttpRequest) -> HttpResponseBase:
    """The phones in use; one that is lost is taken out of service here and erases itself at its next contact.

    ODK Collect is set up here too, by a code that is shown once and acts for the person who asked for it.
    """
    user, today = request.user, timezone.localdate()
    found = devices_for(user, today)
    code = None
    if request.method == "POST" and request.POST.get("do") == "connect":
        name = request.POST.get("name", "").strip() or "ODK Collect"
        issued = issue_device(user, name=name, by=str(user.pk), today=today)  # type: ignore[arg-type]
        code = code_for(request, issued.token, title="Highground")
    elif request.method == "POST":
        number = request.POST.get("device", "")
        one = get_object_or_404(found, pk=int(number) if number.isdecimal() else 0)
        revoke_device(one, by=str(user.pk), today=today)
        messages.success(
            request, _("This phone opens nothing any more. It erases itself at its next contact.")
        )
        return redirect("field:devices")
    return render(request, "field/devices.html", {"page": page_of(request, found), "code": code})
