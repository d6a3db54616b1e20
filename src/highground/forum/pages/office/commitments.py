"""The register of commitments in the office: what was promised, evidence, partners."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
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
from highground.forum.enums import PartnerRole
from highground.forum.forms import day_field
from highground.forum.ground import COUNTRIES, ForumError, country_choices, country_name
from highground.forum.models import Commitment, Forum, Partner
from highground.forum.pages.commitments import EvidenceForm, listed, rows_of
from highground.forum.pages.office import around, mine_or_404, number, person, shown, today, tried, who_does
from highground.knowledge.enums import Field


class PromiseForm(forms.Form):
    """What somebody promises."""

    who = forms.CharField(label=gettext_lazy("Who promises"), max_length=160)
    what = forms.CharField(label=gettext_lazy("What"), max_length=300)
    session = forms.ChoiceField(label=gettext_lazy("In which session"), required=False)
    field = forms.ChoiceField(label=gettext_lazy("Field"), choices=[("", ""), *Field.choices], required=False)
    countries = forms.MultipleChoiceField(
        label=gettext_lazy("Countries"), widget=forms.CheckboxSelectMultiple, required=False
    )
    others = forms.CharField(
        label=gettext_lazy("Other countries, by their two letters with commas between"),
        max_length=200,
        required=False,
    )
    places = forms.CharField(
        label=gettext_lazy("Places, one a line"), widget=forms.Textarea, required=False,
        help_text=gettext_lazy("As their country writes them, such as LA: Xieng Ngeun."),
    )  # fmt: skip
    amount = forms.DecimalField(
        label=gettext_lazy("Sum"), min_value=0, max_digits=15, decimal_places=2, required=False
    )
    currency = forms.CharField(label=gettext_lazy("Currency, such as CNY"), max_length=3, required=False)
    promised_on = day_field(pgettext_lazy("a promise", "Promised"))
    begins_on = day_field(gettext_lazy("Begins"), required=False)
    due_on = day_field(gettext_lazy("By when"), required=False)

    def __init__(self, *given: Any, forum: Forum, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["countries"].choices = [(code, country_name(code)) for code in COUNTRIES]  # type: ignore[attr-defined]
        sessions = forum.sessions.order_by("starts", "code")
        self.fields["session"].choices = [("", ""), *((str(one.pk), one.title) for one in sessions)]  # type: ignore[attr-defined]

    def clean_others(self) -> list[str]:
        codes = [one.strip().upper() for one in self.cleaned_data["others"].split(",") if one.strip()]
        if unknown := [one for one in codes if country_name(one) == one]:
            raise forms.ValidationError(_("No country has the letters %(code)s.") % {"code": unknown[0]})
        return codes

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("countries") and not given.get("others") and not self.errors:
            self.add_error("countries", _("Choose at least one country."))
        return given

    def typed(self) -> dict[str, Any]:
        """For the action."""
        given = dict(self.cleaned_data)
        given["countries"] = [*given["countries"], *given.pop("others")]
        given["places"] = [one.strip() for one in given["places"].splitlines() if one.strip()]
        given["amount"] = int(given["amount"] * 100) if given["amount"] is not None else None
        given["currency"] = given["currency"].upper()
        session = given.pop("session")
        given["session_id"] = int(session) if session else None
        return given


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
    rows = rows_of(listed(forum))
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
    forum = mine_or_404(request, code)
    one = get_object_or_404(forum.commitments.select_related("forum__area", "session"), number=commitment)
    form = EvidenceForm(request.POST if request.POST.get("do") == "evidence" else None)
    problem = tried(request, lambda: _do(request, one, form))
    if problem is None and not form.errors:
        return redirect(request.path)
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
    }
    return shown(request, "commitment", context, problem or "")


def _do(request: HttpRequest, one: Commitment, form: EvidenceForm) -> None:
    who = who_does(request)
    match request.POST.get("do"):
        case "evidence" if form.is_valid():
            bring_evidence(one, **form.cleaned_data, by=str(request.user.pk), today=today())
        case "accept":
            rows = one.evidence.filter(accepted=False)
            accept_evidence(get_object_or_404(rows, pk=number(request.POST.get("evidence"))), **who)
        case "withdraw":
            withdraw_commitment(one, reason=request.POST.get("reason", ""), **who)
        case "partner":
            country, organisation, role, email = (
                request.POST.get(name, "").strip() for name in ("country", "organisation", "role", "email")
            )
            if not (country and organisation and role in PartnerRole.values):
                raise ForumError(_("A partner has a country, an organisation and a role."))
            try:
                forms.EmailField(required=False).clean(email)
            except forms.ValidationError:
                raise ForumError(_("The e-mail address of the partner is none.")) from None
            add_partner(one, country=country, organisation=organisation, role=role, email=email, **who)
