"""The page of somebody who takes part: where they stand, their days, what is asked of them, their badge, their sessions."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from highground.cases.public.pages import small
from highground.forum import keys
from highground.forum.actions.live import is_on, join, mode_of, take_live
from highground.forum.actions.remaining import answer_consent
from highground.forum.actions.taking_part import answer_questions, choose_days, withdraw
from highground.forum.badges import badge_of
from highground.forum.enums import TakingPart
from highground.forum.forms import AnswersForm, DaysForm
from highground.forum.ground import ForumError, zone, zone_of
from highground.forum.links import live_of, participant_by
from highground.forum.models import Participant, Session
from highground.forum.pages import held, number_of, trail
from highground.forum.programme import local_time
from highground.forum.queries import Asked, queue_of


@login_not_required
@small
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def person_page(request: HttpRequest, link: str) -> HttpResponseBase:
    """What somebody sees of their own taking part, and changes (`do`)."""
    one: Participant = held(participant_by(link))
    forum, do = one.forum, request.POST.get("do", "")
    days = {kept.day: kept.mode for kept in one.days.all()}
    forms: dict[str, Form] = {
        "days": DaysForm(request.POST if do == "days" else None, forum=forum, now=days),
    }
    if one.status == TakingPart.ACCEPTED:
        forms["answers"] = AnswersForm(request.POST if do == "answers" else None, participant=one)
    status = 200
    if request.method == "POST":
        if do == "withdraw":
            withdraw(one, by=f"participant:{one.pk}")
            return render(request, "forum/gone.html", {"forum": forum, "trail": trail(forum)})
        if do == "consent":
            duty = held(one.duties.filter(pk=number_of(request.POST.get("duty", ""))).first())
            answer_consent(duty, agrees=request.POST.get("agrees") == "yes", by=f"participant:{one.pk}")
            return redirect(request.path)
        status = 422
        form = held(forms.get(do))
        if form.is_valid() and _keep(do, form, one):
            messages.success(request, _("It is kept."))
            return redirect(request.path)
    accepted = one.status == TakingPart.ACCEPTED
    sessions = forum.sessions.filter(starts__isnull=False, cancelled=False).select_related("room")
    now = timezone.now()
    context = {
        "one": one,
        "forum": forum,
        "forms": forms,
        "bound": next((form for form in forms.values() if form.is_bound), None),
        "link": link,
        "talks": one.duties.filter(duty="speaker").select_related("session"),
        "accepted": accepted,
        "sessions": [
            (session, is_on(session, now), _elsewhere(one, session))
            for session in sessions.order_by("starts", "room")
        ]
        if accepted
        else [],
        "trail": trail(forum, (_("My page"), "")),
    }
    return render(request, "forum/person.html", context, status=status)


def _elsewhere(one: Participant, session: Session) -> str:
    """When a session begins where this person sits; nothing where that is the forum's own time."""
    return local_time(session.starts, zone_of(one.forum), zone(one.time_zone)) if session.starts else ""


def _keep(do: str, form: Any, one: Participant) -> bool:
    try:
        if do == "days":
            choose_days(one, form.chosen(), by=f"participant:{one.pk}")
        else:
            answer_questions(one, form.cleaned_data, by=f"participant:{one.pk}")
    except ForumError as error:
        form.add_error(None, str(error))
        return False
    return True


@login_not_required
@require_GET
def badge_page(request: HttpRequest, link: str) -> HttpResponseBase:
    """The badge of somebody who was accepted, to print or to show on the phone."""
    one: Participant = held(participant_by(link))
    if one.status != TakingPart.ACCEPTED:
        held(None)
    context = {"badges": [badge_of(one)], "forum": one.forum, "back": reverse("forum:person", args=[link])}
    return render(request, "forum/badges.html", context)


@login_not_required
@small
@require_http_methods(["GET", "HEAD", "POST"])
def session_page(request: HttpRequest, link: str, code: str) -> HttpResponseBase:
    """A session: the link to it, and the queue of questions. Works without a script by sending the form."""
    one, session = _there(link, code)
    now, problem, status = timezone.now(), "", 200
    if request.method == "POST":
        try:
            done = take_live(session, one, [_typed(request)], now=now)
            problem = next(iter(done.refused.values()), "")
        except ForumError as error:
            problem = str(error)
        if not problem:
            return redirect(request.path)
        status = 422
    elif request.method == "GET":
        join(session, one, now=now)
    context = {
        "one": one,
        "session": session,
        "forum": one.forum,
        "queue": queue_of(session, one),
        "on": is_on(session, now),
        "local": _elsewhere(one, session),
        "mode": mode_of(one, now),
        "link": session.link or (session.room.link if session.room else ""),
        "key": keys.new_key(),
        "problem": problem,
        "live": reverse("forum:live", args=[link, code]),
        "trail": trail(one.forum, (_("My page"), reverse("forum:person", args=[link])), (session.title, "")),
    }
    return render(request, "forum/session.html", context, status=status)


def _typed(request: HttpRequest) -> dict[str, Any]:
    vote = request.POST.get("vote", "")
    if vote:
        return {"vote": int(vote) if vote.isdecimal() and len(vote) < 18 else vote}
    return {"ask": request.POST.get("key", ""), "text": request.POST.get("text", "")}


@login_not_required
@small
@require_http_methods(["GET", "POST"])
def live(request: HttpRequest, link: str, code: str) -> HttpResponseBase:
    """The queue as JSON: unchanged (304) while nothing new came; a batch of questions and votes is sent here."""
    if request.method == "GET":
        version = live_of(link, code)
        if version is None:
            raise Http404
        tag = f'W/"{version}"'
        if request.headers.get("If-None-Match") == tag:
            return HttpResponse(status=304, headers={"ETag": tag, "Cache-Control": "no-cache"})
    one, session = _there(link, code)
    answer: dict[str, Any] = {}
    if request.method == "POST":
        try:
            items = json.loads(request.body)
            if not isinstance(items, list):
                raise ForumError(_("Send a list of questions and votes."))
            done = take_live(session, one, items, now=timezone.now())
        except (ValueError, RecursionError, ForumError) as error:
            return JsonResponse({"error": str(error)}, status=422)
        answer = {"kept": done.kept, "refused": done.refused, "votes": done.votes}
        session.refresh_from_db(fields=["live"])
    tag = f'W/"{session.live}"'
    answer["queue"] = [_shown(one) for one in queue_of(session, one)]
    return JsonResponse(answer, headers={"ETag": tag, "Cache-Control": "no-cache"})


def _shown(asked: Asked) -> dict[str, Any]:
    return {
        "id": asked.pk,
        "text": asked.text,
        "mode": asked.mode,
        "status": asked.status,
        "votes": asked.votes,
        "mine": asked.mine,
        "voted": asked.voted,
    }


def _there(link: str, code: str) -> tuple[Participant, Session]:
    one: Participant = held(participant_by(link))
    if one.status != TakingPart.ACCEPTED:
        held(None)
    rows = Session.objects.select_related("room", "forum").filter(forum=one.forum_id, code=code)
    return one, held(rows.first())
