"""What ODK Collect and KoboCollect ask for. The standard is OpenRosa 1.0 with entity lists; no address redirects."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from highground.audit.actions import log_accesses
from highground.field.forms.offered import Offered, offered_to
from highground.field.instance import BadInstance
from highground.field.models import State, TakenForm
from highground.field.openrosa import answers
from highground.field.openrosa.doors import from_collect
from highground.field.openrosa.lists import List, lists_for, still_there
from highground.field.receiving import OtherContent, Receipt, receive

MOST_IDS = 500
"""So many rows of a list are checked at once."""


@from_collect
@require_safe
def form_list(request: HttpRequest) -> HttpResponseBase:
    """The forms of this person: the visit form of each rulebook in use, and those taken in for the area."""

    def address(form: Offered, what: str) -> str:
        return _address(request, what, form_id=form.form_id)

    return answers.xml(answers.form_list(offered_to(request.user, timezone.localdate()), address))


@from_collect
@require_safe
def form(request: HttpRequest, form_id: str) -> HttpResponseBase:
    """One form as an XForm."""
    found = _form(request, form_id)
    return answers.with_headers(HttpResponse(found.xml, content_type="text/xml; charset=utf-8"))


@from_collect
@require_safe
def manifest(request: HttpRequest, form_id: str) -> HttpResponseBase:
    """The files of one form, each with what changes when it does."""

    def address(file: List, what: str) -> str:
        if what == "file":
            return _address(request, what, form_id=form_id, name=file.name)
        return _address(request, what)

    return answers.xml(answers.manifest(_files(request, _form(request, form_id)).values(), address))


@from_collect
@require_safe
def file(request: HttpRequest, form_id: str, name: str) -> HttpResponseBase:
    """One file of a form. The look at each household whose values stand in it is logged."""
    found = _files(request, _form(request, form_id)).get(name)
    if found is None:
        raise Http404
    log_accesses(by=str(request.user.pk), page="field.list", subject_kind="household", subjects=found.keys)
    return answers.with_headers(HttpResponse(found.content, content_type="text/csv; charset=utf-8"))


@from_collect
@require_safe
def integrity(request: HttpRequest) -> HttpResponseBase:
    """Which of these rows (`?id=a,b`) a device must forget: the household moved away, or left the register."""
    wanted = [one for one in request.GET.get("id", "").split(",") if one][:MOST_IDS]
    kept = still_there(wanted, request.user, timezone.localdate())  # type: ignore[arg-type]
    return answers.xml(answers.integrity((key, key not in kept) for key in wanted))


@from_collect
@require_http_methods(["HEAD", "POST"])
def submission(request: HttpRequest) -> HttpResponseBase:
    """Take in one form with the files that came along; sent again, it gets the same answer and counts once."""
    if request.method == "HEAD":
        response = answers.with_headers(HttpResponse(status=204))
        response["Location"] = request.build_absolute_uri()
        return response
    sent = request.FILES.get("xml_submission_file")
    if sent is None:
        return answers.message(_("There is no form in what was sent (xml_submission_file)."), 400)
    files = {name: one for name, one in request.FILES.items() if name != "xml_submission_file"}
    try:
        receipt = receive(sent.read(), files, device=request.device, today=timezone.localdate())  # type: ignore[attr-defined]
    except BadInstance as error:
        return answers.message(str(error), 400)
    except OtherContent as error:
        return answers.message(str(error), 409)
    return _told(receipt)


def _told(receipt: Receipt) -> HttpResponse:
    """201 for what is in the record, 202 for what is kept and waits for a person at the office."""
    words = [
        _("Taken in. Thank you.") if receipt.state == State.APPLIED else _("Kept. The office looks at it.")
    ]
    words += receipt.problems
    if receipt.lacking:
        words.append(_("Still to come: %(files)s.") % {"files": ", ".join(receipt.lacking)})
    return answers.message(
        " ".join(words), 202 if receipt.state == State.FLAGGED else 201, nature="submit_success"
    )


def _form(request: HttpRequest, form_id: str) -> Offered:
    for one in offered_to(request.user, timezone.localdate()):
        if one.form_id == form_id:
            return one
    raise Http404


def _files(request: HttpRequest, form: Offered) -> dict[str, List]:
    """The lists that a form reads, and the files that came with it."""
    made = lists_for(request.user, timezone.localdate()) if form.lists else {}  # type: ignore[arg-type]
    return {name: made[name] for name in form.lists} | (_tables(form.taken) if form.taken else {})


def _address(request: HttpRequest, what: str, **parts: Any) -> str:
    token = request.resolver_match.kwargs["token"] if request.resolver_match else ""
    return request.build_absolute_uri(reverse(f"field:collect_{what}", kwargs={"token": token, **parts}))


def _tables(taken: TakenForm) -> dict[str, List]:
    return {one.name: List(one.name, one.content.encode()) for one in taken.files.order_by("name")}
