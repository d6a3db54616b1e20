"""Who reviews: people, what they know, whom they must not judge, and their links."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum import keys
from highground.forum.actions.reviewing import add_reviewer
from highground.forum.enums import Gender
from highground.forum.forms import TiesForm
from highground.forum.ground import LANGUAGES, ForumError, country_choices, country_name
from highground.forum.models import Reviewer
from highground.forum.pages.office import around, mine_or_404, person, today
from highground.forum.queries import could_review
from highground.knowledge.enums import Field, Standing
from highground.knowledge.models import Expert


class ReviewerForm(TiesForm):
    """Somebody who reviews."""

    expert = forms.SlugField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    organisation = forms.CharField(label=gettext_lazy("Organisation"), max_length=160)
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Reads"), choices=list(LANGUAGES.items()), widget=forms.CheckboxSelectMultiple
    )
    fields_known = forms.MultipleChoiceField(
        label=gettext_lazy("Fields"),
        help_text=gettext_lazy("Entries go to reviewers of their field first."),
        choices=Field.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    gender = forms.ChoiceField(label=gettext_lazy("Gender"), choices=Gender.choices, initial=Gender.UNSTATED)
    most = forms.IntegerField(label=gettext_lazy("Entries at most"), min_value=1, max_value=100, initial=8)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["country"].choices = [("", ""), *country_choices()]  # type: ignore[attr-defined]

    def clean_expert(self) -> Any:
        return Expert.objects.filter(code=self.cleaned_data["expert"] or None).first()

    def typed(self) -> dict[str, Any]:
        """For the action."""
        names = ("expert", "name", "email", "country", "organisation", "languages", "gender", "most")
        given = {name: self.cleaned_data[name] for name in names}
        return given | {"fields": self.cleaned_data["fields_known"], "ties": self.ties()}


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def reviewers(request: HttpRequest, code: str) -> HttpResponseBase:
    """Who reviews, with the link of each; add somebody, perhaps from the experts' database (`?expert=`, `?q=`)."""
    forum, status = mine_or_404(request, code), 200
    chosen = Expert.objects.filter(code=request.GET.get("expert", ""), standing=Standing.PUBLISHED).first()
    form = ReviewerForm(request.POST if request.method == "POST" else None, initial=_of_expert(chosen))
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                add_reviewer(forum, by=person(request), today=today(), **form.typed())
                return redirect(request.path)
            except ForumError as error:
                form.add_error(None, str(error))
    rows = Reviewer.objects.visible_to(request.user, today()).filter(forum=forum).select_related("expert")
    asked = request.GET.get("q", "").strip()[:80]
    context = around(request, forum, _("Who reviews")) | {
        "rows": [
            (
                one,
                country_name(one.country),
                _tongues(one.languages),
                [dict(Field.choices).get(code, code) for code in one.fields],
                address(request, one),
            )
            for one in rows.order_by("name")
        ],
        "experts": [
            (one, country_name(one.country), _tongues(one.languages)) for one in could_review(forum, asked)
        ],
        "q": asked,
        "form": form,
    }
    return render(request, "forum/office/reviewers.html", context, status=status)


def _tongues(codes: list[str]) -> str:
    return ", ".join(LANGUAGES.get(code, code) for code in codes)


def _of_expert(one: Expert | None) -> dict[str, Any]:
    """What the experts' database knows of somebody, for the form."""
    if one is None:
        return {}
    return {
        "expert": one.code, "name": one.name, "country": one.country, "organisation": one.institution,
        "languages": [code for code in one.languages if code in LANGUAGES],
        "fields_known": [code for code in one.fields if code in Field.values],
        "gender": one.gender if one.gender in Gender.values else Gender.UNSTATED,
    }  # fmt: skip


def address(request: HttpRequest, reviewer: Reviewer) -> str:
    """The whole address of a reviewer's page."""
    return request.build_absolute_uri(
        reverse("forum:reviewer", args=[keys.link_of(keys.REVIEWER, reviewer.key)])
    )
