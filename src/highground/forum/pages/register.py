"""Register for a forum, or nominate people for it. No account is needed; the link is the key."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from highground.cases.public import brake
from highground.cases.public.pages import small
from highground.forum import keys
from highground.forum.actions.taking_part import nominate, register, withdraw
from highground.forum.enums import TakingPart
from highground.forum.forms import PersonForm
from highground.forum.ground import ForumError, country_name, today_at
from highground.forum.links import delegation_by
from highground.forum.models import Delegation
from highground.forum.pages import REGISTERED_FROM, forum_or_404, held, number_of, trail
from highground.web.addresses import address_of


@login_not_required
@small
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def register_page(request: HttpRequest, code: str) -> HttpResponseBase:
    """Somebody registers; afterwards the page of their own."""
    forum = forum_or_404(code)
    form = PersonForm(request.POST if request.method == "POST" else None, forum=forum, own=True)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                brake.use([(REGISTERED_FROM, address_of(request))], now=timezone.now())
                made = register(forum, form.person(), days=form.chosen())
            except brake.TooMany:
                status = 429
                form.add_error(None, _("Too many registrations came from here lately. Try again in an hour."))
            except ForumError as error:
                form.add_error(None, str(error))
            else:
                messages.success(
                    request, _("You are registered. Keep the address of this page: it is your key.")
                )
                return redirect("forum:person", link=keys.link_of(keys.PERSON, made.key))
    context = {
        "form": form,
        "forum": forum,
        "title": _("Take part in %(forum)s") % {"forum": forum.name},
        "sentence": _("In the room or on line, day by day. The organisers answer by e-mail."),
        "button": _("Register"),
        "trail": trail(forum, (_("Register"), "")),
    }
    return render(request, "forum/form.html", context, status=status)


@login_not_required
@small
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def delegation_page(request: HttpRequest, link: str) -> HttpResponseBase:
    """The people of a delegation, and a form for one more."""
    delegation: Delegation = held(delegation_by(link))
    forum, now = delegation.forum, timezone.now()
    sent = request.method == "POST" and request.POST.get("do") == "nominate"
    initial = {"country": delegation.country, "organisation": delegation.organisation}
    form = PersonForm(request.POST if sent else None, forum=forum, own=False, initial=initial)
    who = f"delegation:{delegation.pk}"
    status = 200
    if request.method == "POST" and not sent:
        person = delegation.participants.filter(pk=number_of(request.POST.get("who", ""))).first()
        withdraw(held(person), by=who)
        messages.success(request, _("Withdrawn."))
        return redirect(request.path)
    if sent:
        status = 422
        if form.is_valid():
            try:
                nominate(delegation, form.person(), days=form.chosen(), by=who, today=today_at(forum, now))
            except ForumError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("Nominated."))
                return redirect(request.path)
    people = delegation.participants.exclude(status=TakingPart.WITHDRAWN).order_by("protocol", "latin", "pk")
    context = {
        "form": form,
        "forum": forum,
        "delegation": delegation,
        "country": country_name(delegation.country),
        "people": people,
        "taken": sum(one.status != TakingPart.DECLINED for one in people),
        "trail": trail(forum, (delegation.organisation, "")),
    }
    return render(request, "forum/delegation.html", context, status=status)


def delegation_address(delegation: Delegation) -> str:
    """The address of a delegation's page, without the host."""
    return reverse("forum:delegation", args=[keys.link_of(keys.DELEGATION, delegation.key)])
