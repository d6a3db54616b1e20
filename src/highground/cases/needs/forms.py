"""What is written down of a need."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from highground.cases.enums import FamilySays

SPOKEN = (("za", "Vahcuengh"),)
"""Languages in which families speak and no page is written, each in its own name."""


def languages() -> list[tuple[str, str]]:
    """The languages of the region by their own names; "" where it is another one."""
    known = [(code, get_language_info(code)["name_local"]) for code in settings.PLANNED_LANGUAGES]
    return [*known, *SPOKEN, ("", _("another language"))]


class NeedForm(forms.Form):
    """What the family asks for, in its words or as a recording."""

    words = forms.CharField(
        label=_("What does the family ask for?"),
        help_text=_("In their own words and language. Do not shorten it."),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=languages, required=False)
    audio = forms.FileField(
        label=_("Recording"),
        help_text=_("A recording of what they said, if they agree to it. You can leave this empty."),
        required=False,
    )
    day = forms.DateField(
        label=_("Day on which they said it"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("words") and not cleaned.get("audio") and not self.errors:
            self.add_error("words", _("Write what the family said, or add the recording."))
        return cleaned


class AnswerForm(forms.Form):
    """What is answered to a need."""

    answer = forms.CharField(
        label=_("The answer"),
        max_length=2_000,
        error_messages={"required": _("Write the answer.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SaysForm(forms.Form):
    """What the family says. Nobody else can say it."""

    says = forms.ChoiceField(
        label=_("What does the family say?"),
        help_text=_("Ask them. Only the family can say that it is solved."),
        choices=[(one.value, one.label) for one in FamilySays if one != FamilySays.NOT_ASKED],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the family says.")},
    )
