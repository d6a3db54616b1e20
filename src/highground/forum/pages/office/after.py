"""Commitments, proceedings, exchange and follow-ups in the office."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum import keys
from highground.forum.actions.commitments import (
    accept_evidence,
    add_partner,
    bring_evidence,
    promise,
    withdraw_commitment,
)
from highground.forum.actions.remaining import (
    add_follow_up,
    ask_learner,
    close_follow_up,
    keep_summary,
    make_practice,
    record_learning,
)
from highground.forum.enums import LearningKind, PartnerRole, Used
from highground.forum.ground import ForumError, country_choices, country_name
from highground.forum.models import Duty, FollowUp, Forum, Learner, Partner
from highground.forum.pages.commitments import EvidenceForm, rows_of
from highground.forum.pages.office import around, mine_or_404, number, person, today
from highground.knowledge.enums import Field
from highground.knowledge.models import Expert


class PromiseForm(forms.Form):
    """What somebody promises."""

    who = forms.CharField(label=gettext_lazy("Who promises"), max_length=160)
    what = forms.CharField(label=gettext_lazy("What"), max_length=300)
    session = forms.ChoiceField(label=gettext_lazy("In which session"), required=False)
    countries = forms.MultipleChoiceField(label=gettext_lazy("Countries"))
    places = forms.CharField(
        label=gettext_lazy("Places, one a line"), widget=forms.Textarea, required=False,
        help_text=gettext_lazy("As their country writes them, such as LA: Xieng Ngeun."),
    )  # fmt: skip
    amount = forms.DecimalField(
        label=gettext_lazy("Sum"), min_value=0, max_digits=15, decimal_places=2, required=False
    )
    currency = forms.CharField(label=gettext_lazy("Currency, such as CNY"), max_length=3, required=False)
    promised_on = forms.DateField(
        label=gettext_lazy("Promised"), widget=forms.DateInput(attrs={"type": "date"})
    )
    due_on = forms.DateField(
        label=gettext_lazy("By when"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )

    def __init__(self, *given: Any, forum: Forum, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["countries"].choices = country_choices()  # type: ignore[attr-defined]
        sessions = forum.sessions.order_by("starts", "code")
        self.fields["session"].choices = [("", ""), *((str(one.pk), one.title) for one in sessions)]  # type: ignore[attr-defined]

    def typed(self) -> dict[str, Any]:
        """For the action."""
        given = dict(self.cleaned_data)
        given["places"] = [one.strip() for one in given["places"].splitlines() if one.strip()]
        given["amount"] = int(given["amount"] * 100) if given["amount"] is not None else None
        given["currency"] = given["currency"].upper()
        session = given.pop("session")
        given["session_id"] = int(session) if session else None
        return given


class LearningForm(forms.Form):
    """A course, study visit or exchange."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=LearningKind.choices)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    host = forms.CharField(label=gettext_lazy("Who teaches"), max_length=160)
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    skills = forms.CharField(label=gettext_lazy("Skills, with commas between"), required=False)
    begins_on = forms.DateField(label=gettext_lazy("Begins"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(label=gettext_lazy("Ends"), widget=forms.DateInput(attrs={"type": "date"}))
    learners = forms.CharField(
        label=gettext_lazy("Who learned"),
        help_text=gettext_lazy(
            "One person a line: name; country code; organisation; learned from; code in the pool of work teams; code of the "
            "expert's profile. The last three may be left out."
        ),
        widget=forms.Textarea,
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["country"].choices = [("", ""), *country_choices()]  # type: ignore[attr-defined]

    def clean_learners(self) -> list[dict[str, str]]:
        names, found = ("name", "country", "organisation", "taught_by", "candidate", "expert"), []
        for line in self.cleaned_data["learners"].splitlines():
            parts = [part.strip()[:120] for part in line.split(";")]
            if line.strip() and (len(parts) < 3 or len(parts[1]) != 2):
                raise forms.ValidationError(
                    _("%(line)s: write name; country code; organisation.") % {"line": line[:60]}
                )
            if line.strip():
                found.append(dict(zip(names, parts, strict=False)) | {"country": parts[1].upper()})
        return found

    def typed(self) -> dict[str, Any]:
        """For the action."""
        skills = [one.strip() for one in self.cleaned_data["skills"].split(",") if one.strip()]
        return {**self.cleaned_data, "skills": skills}


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def commitments(request: HttpRequest, code: str) -> HttpResponseBase:
    """The register of what was promised here."""
    forum, status = mine_or_404(request, code), 200
    form = PromiseForm(request.POST if request.method == "POST" else None, forum=forum)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = promise(forum, by=person(request), today=today(), **form.typed())
                return redirect("forum:office_commitment", code=code, commitment=made.number)
            except ForumError as error:
                form.add_error(None, str(error))
    rows = rows_of(list(forum.commitments.prefetch_related("evidence").order_by("number")))
    context = around(
        request,
        forum,
        ngettext("%(count)s commitment", "%(count)s commitments", len(rows)) % {"count": len(rows)},
    ) | {
        "rows": rows,
        "form": form,
    }
    return render(request, "forum/office/commitments.html", context, status=status)


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def commitment(request: HttpRequest, code: str, commitment: int) -> HttpResponseBase:
    """One commitment: its evidence, its partners with their links, and how it ends (`do`)."""
    forum, problem = mine_or_404(request, code), ""
    one = get_object_or_404(forum.commitments.select_related("forum__area"), number=commitment)
    form = EvidenceForm(request.POST if request.POST.get("do") == "evidence" else None)
    if request.method == "POST":
        who: dict[str, Any] = {"by": person(request), "today": today()}
        try:
            match request.POST.get("do"):
                case "evidence" if form.is_valid():
                    bring_evidence(one, **form.cleaned_data, by=str(request.user.pk), today=today())
                case "accept":
                    rows = one.evidence.filter(accepted=False)
                    accept_evidence(get_object_or_404(rows, pk=number(request.POST.get("evidence"))), **who)
                case "withdraw":
                    withdraw_commitment(one, reason=request.POST.get("reason", ""), **who)
                case "partner":
                    country, organisation, role = (
                        request.POST.get(name, "").strip() for name in ("country", "organisation", "role")
                    )
                    if not (country and organisation and role in PartnerRole.values):
                        raise ForumError(_("A partner has a country, an organisation and a role."))
                    add_partner(one, country=country, organisation=organisation, role=role, **who)
            if not form.errors:
                return redirect(request.path)
        except ForumError as error:
            problem = str(error)
    partners = Partner.objects.visible_to(request.user, today()).filter(commitment=one, ended_on__isnull=True)
    context = around(request, forum, one.what, one.who) | {
        "row": rows_of([one])[0],
        "evidence": one.evidence.order_by("-day", "-pk"),
        "me": str(request.user.pk),
        "partners": [
            (
                partner,
                country_name(partner.country),
                request.build_absolute_uri(
                    reverse("forum:partner", args=[keys.link_of(keys.PARTNER, partner.key)])
                ),
            )
            for partner in partners
        ],
        "roles": PartnerRole.choices,
        "countries": country_choices(),
        "form": form,
        "problem": problem,
    }
    return render(
        request, "forum/office/commitment.html", context, status=422 if problem or form.errors else 200
    )


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def after(request: HttpRequest, code: str) -> HttpResponseBase:
    """What remains: summaries, talks that may become practices, what people learned, follow-ups (`do`)."""
    forum, problem = mine_or_404(request, code), ""
    if request.method == "POST":
        try:
            _do(request, forum)
            return redirect(request.path)
        except ForumError as error:
            problem = str(error)
    talks = Duty.objects.visible_to(request.user, today()).filter(session__forum=forum, duty="speaker")
    learners = Learner.objects.visible_to(request.user, today()).filter(learning__forum=forum)
    context = around(request, forum, _("What remains")) | {
        "sessions": forum.sessions.exclude(kind="break").order_by("starts", "code"),
        "talks": talks.select_related("participant", "session", "entry").order_by("session__starts", "pk"),
        "fields": Field.choices,
        "learners": learners.select_related("learning").order_by("learning__ends_on", "name"),
        "used": Used.choices,
        "learning_form": LearningForm(auto_id="learning_%s"),
        "follow_ups": forum.follow_ups.order_by("done_on", "due_on"),
        "today": today(),
        "problem": problem,
    }
    return render(request, "forum/office/after.html", context, status=422 if problem else 200)


def _do(request: HttpRequest, forum: Forum) -> None:
    who: dict[str, Any] = {"by": person(request), "today": today()}
    sent = request.POST
    match sent.get("do"):
        case "summary":
            session = get_object_or_404(
                forum.sessions.select_related("forum__area"), pk=number(sent.get("session"))
            )
            keep_summary(session, words=sent.get("words", ""), **who)
        case "practice":
            rows = Duty.objects.visible_to(request.user, today()).filter(session__forum=forum)
            duty = get_object_or_404(
                rows.select_related("session__forum__area", "participant", "entry"),
                pk=number(sent.get("duty")),
            )
            expert = (
                Expert.objects.filter(code=sent.get("expert", "")).first() if sent.get("expert") else None
            )
            made = make_practice(duty, field=sent.get("field", ""), expert=expert, **who)
            messages.success(request, _("A draft waits for the curators: %(code)s.") % {"code": made.code})
        case "learner":
            people = Learner.objects.visible_to(request.user, today()).filter(learning__forum=forum)
            one = get_object_or_404(
                people.select_related("learning__forum__area"), pk=number(sent.get("learner"))
            )
            ask_learner(one, used=sent.get("used", ""), told=sent.get("told", ""), **who)
        case "learning":
            form = LearningForm(request.POST)
            if not form.is_valid():
                raise ForumError(
                    _("An exchange has a title, who teaches, a country, two days, and who learned.")
                )
            record_learning(forum, **form.typed(), **who)
        case "follow_up":
            try:
                due = forms.DateField().clean(sent.get("due_on"))
            except forms.ValidationError:
                raise ForumError(_("Give the day by which it is done.")) from None
            add_follow_up(forum, text=sent.get("text", ""), owner=sent.get("owner", ""), due_on=due, **who)
        case "done":
            todo = FollowUp.objects.visible_to(request.user, today()).filter(
                forum=forum, done_on__isnull=True
            )
            found = get_object_or_404(todo.select_related("forum__area"), pk=number(sent.get("follow_up")))
            close_follow_up(found, outcome=sent.get("outcome", ""), **who)
