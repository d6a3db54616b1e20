"""The open needs of an area, and the needs of one household with what can be written down about them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.contrib import messages as notes
from django.core.files.base import File
from django.db.models import Count
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.models import User
from highground.accounts.queries import holds, names_of_users
from highground.audit.actions import log_access
from highground.cases.actions.needs import answer_need, family_says, record_need
from highground.cases.flow import CaseError
from highground.cases.models import Need
from highground.cases.needs.forms import AnswerForm, NeedForm, SaysForm
from highground.cases.needs.queries import LISTS, needs_seen_by, waits
from highground.cases.roles import OFFICE
from highground.files.media import HEAD, UploadRefused, recognise
from highground.files.uploads import keep_upload
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.models import Household
from highground.signals.joined import HouseholdCard
from highground.signals.places import areas_of
from highground.signals.trails import area_trail
from highground.web.lists import page_of, pill


@require_GET
@sees(Sight.CASES)
def needs(request: HttpRequest) -> HttpResponseBase:
    """The needs of the households in the area in view, those first that wait longest; `?show=`, `?area=`."""
    today = timezone.localdate()
    area, chosen = areas_of(request, Sight.CASES)
    everything = needs_seen_by(request.user, chosen or area)
    show = request.GET.get("show", "open")
    show = show if show in LISTS else "open"
    counted = everything.aggregate(
        **{f"in_{name}": Count("pk", filter=wanted) for name, wanted in LISTS.items()}
    )
    counts = {name: counted[f"in_{name}"] for name in LISTS}
    order = ["-said_on", "-pk"] if show == "solved" else ["asked_on", "pk"]
    found = everything.filter(LISTS[show]).select_related("household__area__parent").order_by(*order)
    page = page_of(request, found, total=counts[show])
    labels = {
        "open": _("Open"),
        "answer": _("Without an answer"),
        "family": _("Ask the family"),
        "again": _("Not solved, the family says"),
        "solved": _("Solved, the family says"),
    }
    context = {
        "page": page,
        "rows": [{"need": need, "waits": waits(need, today)} for need in page.rows],
        "counts": counts,
        "show": show,
        "lists": [
            pill(request, label, show=None if name == "open" else name, count=counts[name])
            for name, label in labels.items()
        ],
    }
    return render(request, "cases/needs/needs.html", context)


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def household_needs(request: HttpRequest, key: str) -> HttpResponseBase:
    """What one household asks for. The look is logged. What is written down is posted here (`do`)."""
    user, today = request.user, timezone.localdate()
    household = get_object_or_404(Household.objects.visible_to(user).select_related("area__parent"), key=key)
    if request.method == "POST":
        return _write(request, household, today)
    log_access(
        by=str(user.pk),
        page="needs.household_needs",
        subject_kind="household",
        subject_id=household.key,
        area_path=household.area.path,
    )
    return _show(request, household, today)


def _show(
    request: HttpRequest,
    household: Household,
    today: datetime.date,
    *,
    sent: Form | None = None,
    about: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; `sent` is the form that came back, `about` the need that it was for."""
    user = request.user
    found = list(needs_seen_by(user).filter(household=household).order_by("asked_on", "pk"))
    found.sort(key=lambda need: need.family_says == "solved")
    context = {
        "household": household,
        "trail": [
            *area_trail(user, household.area, today)[-3:],
            (
                _("Household %(number)s") % {"number": household.number},
                reverse("signals:household", args=[household.key]),
            ),
            (_("What the family asks for"), ""),
        ],
        "rows": [
            {
                "need": need,
                "waits": waits(need, today),
                "answer": _form_of(AnswerForm, need, sent, about, {"answer": need.answer}),
                "says": _form_of(SaysForm, need, sent, about, {"says": need.family_says}),
            }
            for need in found
        ],
        "open": sum(need.family_says != "solved" for need in found),
        "names": names_of_users(one for need in found for one in (need.by, need.answered_by, need.said_to)),
        "writes": holds(user, today, OFFICE, household.area.path) is not None,
        "sent": sent,
        "new": sent
        if isinstance(sent, NeedForm)
        else NeedForm(initial={"day": today, "language": get_language()}),
    }
    return render(request, "cases/needs/household.html", context, status=status)


def _form_of(
    kind: type[Form], need: Need, sent: Form | None, about: int | None, initial: dict[str, str]
) -> Form:
    if isinstance(sent, kind) and about == need.pk:
        return sent
    return kind(initial=initial, prefix=None, auto_id=f"id_{need.pk}_%s")


# --- What is written down -----------------------------------------------------------------------


def _write(request: HttpRequest, household: Household, today: datetime.date) -> HttpResponse:
    do, need = request.POST.get("do", ""), _need(request, household)
    if do == "answer" and need:
        form: Form = AnswerForm(request.POST, auto_id=f"id_{need.pk}_%s")
    elif do == "says" and need:
        form = SaysForm(request.POST, auto_id=f"id_{need.pk}_%s")
    elif do == "record":
        form = NeedForm(request.POST, request.FILES)
    else:
        raise Http404
    if form.is_valid():
        try:
            words = _keep(form, household, need, _me(request), today)
        except (CaseError, NotAllowed, UploadRefused) as error:
            form.add_error(None, str(error))
        else:
            notes.success(request, words)
            return redirect("needs:household_needs", household.key)
    return _show(request, household, today, sent=form, about=need.pk if need else None, status=422)


def _need(request: HttpRequest, household: Household) -> Need | None:
    """The need that the form is about; none for a form about no need. 404 for one of another household."""
    number = request.POST.get("need", "")
    if not number:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) < 18):
        raise Http404
    mine = Need.objects.visible_to(request.user).select_related("household__area")
    found: Need = get_object_or_404(mine, pk=int(number), household=household)
    return found


def _keep(form: Form, household: Household, need: Need | None, by: User, today: datetime.date) -> str:
    """Do what the form says; what the person reads. Raises CaseError, NotAllowed, UploadRefused."""
    typed = form.cleaned_data
    if isinstance(form, NeedForm):
        audio = ""
        if typed["audio"]:
            kept = keep_upload(
                _sound(typed["audio"]),
                area_path=household.area.path,
                kind="need",
                by=str(by.pk),
                today=today,
                behind=Sight.CASES,
            )
            audio = kept.hash
        record_need(
            household,
            words=typed["words"],
            language=typed["language"],
            audio=audio,
            by=by,
            day=typed["day"],
            today=today,
        )
        return _("It is kept in their words. It stays open until the family says that it is solved.")
    assert need is not None
    if isinstance(form, AnswerForm):
        answer_need(need, answer=typed["answer"], by=by, today=today)
        return _("The answer is kept. Tell the family, and ask whether it is solved.")
    family_says(need, says=typed["says"], by=by, today=today)
    return _("It is kept what the family says, and that you wrote it down.")


def _sound(file: File[bytes]) -> File[bytes]:
    """The file, if it begins like a recording. Raises UploadRefused."""
    media = recognise(file.read(HEAD))
    if media is not None and media.form != "audio":
        raise UploadRefused(_("Choose a recording of sound."))
    return file


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


# --- On the household's page --------------------------------------------------------------------


def card_of_household(household: Household, user: Any, today: datetime.date) -> HouseholdCard:
    """The open needs of a household, on its page. One query."""
    found: Sequence[Need] = list(
        needs_seen_by(user).filter(LISTS["open"], household=household).order_by("asked_on", "pk")
    )
    rows = [{"need": need, "waits": waits(need, today)} for need in found]
    context = {"rows": rows, "key": household.key}
    return HouseholdCard(_("What the family asks for"), "cases/needs/card.html", context)
