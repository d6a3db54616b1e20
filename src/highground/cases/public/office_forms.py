"""What the office fills in about a message."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from highground.accounts.models import User


class AnswerForm(forms.Form):
    """An answer in words that the sender reads."""

    answer = forms.CharField(
        label=_("Your answer"),
        help_text=_("The sender reads these words. Write nothing about anybody else."),
        max_length=2_000,
        error_messages={"required": _("Write the answer.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class MatchForm(forms.Form):
    """Which line of which notice an objection is about."""

    notice_code = forms.CharField(
        label=_("Number of the notice"),
        max_length=40,
        error_messages={"required": _("Enter the number that stands on the notice.")},
    )
    notice_line = forms.CharField(
        label=_("Line of the notice"),
        max_length=20,
        error_messages={"required": _("Enter the number of the line.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


class AboutForm(forms.Form):
    """Who is complained about, of those who work there."""

    about = forms.ModelChoiceField(
        label=_("Who is it about?"),
        help_text=_("From then on this person cannot read or answer it."),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("nobody who works there"),
    )

    def __init__(self, *arguments: Any, people: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["about"].queryset = people  # type: ignore[attr-defined]
