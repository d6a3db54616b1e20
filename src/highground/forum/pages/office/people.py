"""Who takes part: answer requests, look people up; delegations with their links."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum import keys
from highground.forum.actions.taking_part import QUESTIONS, answer_requests, invite_delegation
from highground.forum.badges import outdated
from highground.forum.enums import TakingPart
from highground.forum.forms import DelegationForm
from highground.forum.ground import ForumError, country_name, days_of
from highground.forum.models import Delegation, Forum, Participant
from highground.forum.pages.office import around, mine_or_404, number, person, shown, today, tried
from highground.forum.pages.register import delegation_address
from highground.forum.queries import people_of, standing_of
from highground.web.export import csv_response
from highground.web.lists import page_of, pill


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def people(request: HttpRequest, code: str) -> HttpResponseBase:
    """Everybody, by the protocol; those who wait can be answered here. `?format=csv` hands out the list."""
    forum = mine_or_404(request, code)
    problem = tried(request, lambda: _answer(request, forum))
    if problem is None:
        return redirect(request.get_full_path())
    rows = people_of(forum, request.user, today())
    standing = standing_of(forum, request.user, today())
    status = request.GET.get("status", "")
    if status in TakingPart.values:
        rows = rows.filter(status=status)
    if asked := request.GET.get("q", "").strip():
        rows = rows.filter(Q(name__icontains=asked) | Q(latin__icontains=asked) | Q(badge__iexact=asked))
    if request.GET.get("format") == "csv":
        return _table(forum, rows)
    page = page_of(request, rows, size=50)
    context = around(request, forum, _("Who takes part")) | {
        "page": page,
        "rows": [(one, country_name(one.country), keys.link_of(keys.PERSON, one.key)) for one in page.rows],
        "old": {one.pk for one in outdated(page.rows)},
        "pills": [
            pill(request, _("Everybody"), count=sum(standing.values()), status=None),
            *(
                pill(request, TakingPart(one).label, count=count, status=str(one))
                for one, count in standing.items()
            ),
        ],
        "asked": asked,
        "picked": status,
        "waiting": standing[TakingPart.NOMINATED],
        "declined": standing[TakingPart.DECLINED],
    }
    return shown(request, "people", context, problem)


def _answer(request: HttpRequest, forum: Forum) -> None:
    done = answer_requests(
        forum,
        [number(one) for one in request.POST.getlist("who")],
        accept=request.POST.get("do") == "accept",
        reason=request.POST.get("reason", ""),
        by=person(request),
        today=today(),
    )
    messages.success(request, _("Answered: %(count)s") % {"count": done})


def _table(forum: Forum, rows: QuerySet[Participant]) -> HttpResponseBase:
    """Everybody with what was asked after acceptance, for those who write visa letters, book and cook."""
    days = days_of(forum)
    header = [_("Name"), _("Name in Latin letters"), _("Position"), _("Organisation"), _("Country"), _("E-mail"),
              _("Takes part as"), _("State"), _("Badge"), *map(str, days), _("Visa letter"), _("Arrives"), _("Leaves"), _("Diet"),
              _("Interpretation into"), _("What makes it easier")]  # fmt: skip

    def row(one: Participant) -> list[Any]:
        modes = {kept.day: kept.get_mode_display() for kept in one.days.all()}
        return [one.name, one.latin, one.position, one.organisation, one.country, one.email, one.get_part_display(),
                one.get_status_display(), one.badge, *(modes.get(day, "") for day in days),
                *(one.answers.get(name, "") for name in QUESTIONS)]  # fmt: skip

    found = rows.prefetch_related("days").iterator(chunk_size=500)
    return csv_response(f"{forum.code}-people.csv", header, map(row, found))


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def delegations(request: HttpRequest, code: str) -> HttpResponseBase:
    """Who was invited to nominate, how many seats are taken, and the link of each."""
    forum = mine_or_404(request, code)
    form = DelegationForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                invite_delegation(forum, **form.cleaned_data, by=person(request), today=today())
                messages.success(request, _("Invited. Send the link below to whoever nominates."))
                return redirect(request.path)
            except ForumError as error:
                form.add_error(None, str(error))
    seated = Q(participants__status__in=[TakingPart.NOMINATED, TakingPart.ACCEPTED])
    rows = Delegation.objects.visible_to(request.user, today()).filter(forum=forum)
    rows = rows.annotate(taken=Count("participants", filter=seated)).order_by("protocol", "country")
    context = around(request, forum, _("Who nominates")) | {
        "rows": [
            (one, country_name(one.country), request.build_absolute_uri(delegation_address(one)))
            for one in rows
        ],
        "form": form,
    }
    return render(request, "forum/office/delegations.html", context, status=status)
