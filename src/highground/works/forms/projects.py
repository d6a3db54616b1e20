"""What partners write of a project."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from highground.areas.countries import load_countries
from highground.areas.models import Area
from highground.support.forms import AmountField, DayField
from highground.works.enums import MoneyKind, PartnerRole
from highground.works.forms.villages import CURRENCY
from highground.works.models import UserGroup, told

SOURCE: dict[str, Any] = {
    "label": gettext_lazy("Source"),
    "max_length": 200,
    "help_text": gettext_lazy("A document with its date, such as the accounts of 2025 of 12 January 2026."),
}
ORGANISATIONS = [
    ("10", gettext_lazy("government")),
    ("21", gettext_lazy("international NGO")),
    ("22", gettext_lazy("national NGO")),
    ("40", gettext_lazy("multilateral organisation")),
    ("60", gettext_lazy("foundation")),
    ("70", gettext_lazy("private company")),
    ("80", gettext_lazy("university or research")),
    ("90", gettext_lazy("other")),
]
"""Kinds of organisations, by their codes in IATI's list."""


class ProjectForm(forms.Form):
    """A form that may choose among the villages and the user groups of a project."""

    def __init__(
        self, *args: Any, villages: list[Area], groups: list[UserGroup], country: str, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.villages = {one.code: one for one in villages}
        self.groups = {str(one.pk): one for one in groups}
        countries = load_countries()["countries"]
        choices = {
            "village": [(one.code, str(one)) for one in villages],
            "group": [(str(one.pk), f"{one} · {one.area}") for one in groups],
            "country": sorted(((code, told(one["names"])) for code, one in countries.items()), key=lambda one: one[1]),
        }  # fmt: skip
        for name, offered in choices.items():
            if name in self.fields:
                self.fields[name].choices = offered  # type: ignore[attr-defined]
        if "country" in self.fields:
            self.fields["country"].initial = country

    def clean_currency(self) -> str:
        """Three capital letters."""
        text: str = self.cleaned_data["currency"].upper()
        if not (text.isascii() and text.isalpha()):
            raise forms.ValidationError(_("Write the three letters of the currency, such as LAK."))
        return text


class GroupForm(ProjectForm):
    """A user group of a village."""

    village = forms.ChoiceField(label=gettext_lazy("Village"))
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("Such as: water group of the upper village.")
    )  # fmt: skip
    members = forms.IntegerField(label=gettext_lazy("Members"), min_value=1, required=False)

    def clean_village(self) -> Area:
        """The village itself."""
        return self.villages[self.cleaned_data["village"]]


class YearForm(ProjectForm):
    """A year of a user group."""

    group = forms.ChoiceField(label=gettext_lazy("User group"))
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1990, max_value=2100)
    income = AmountField(label=gettext_lazy("Taken in"))
    spending = AmountField(label=gettext_lazy("Spent"))
    currency = forms.CharField(**CURRENCY)

    def clean_group(self) -> UserGroup:
        """The group itself."""
        return self.groups[self.cleaned_data["group"]]


class MoneyForm(ProjectForm):
    """Money of the project on a day."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What became of it"), choices=MoneyKind.choices, widget=forms.RadioSelect
    )
    amount = AmountField(label=gettext_lazy("Amount"))
    currency = forms.CharField(**CURRENCY)
    day = DayField(label=gettext_lazy("On which day"))
    source = forms.CharField(**SOURCE)


class PartnerForm(ProjectForm):
    """Who takes part."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=160)
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    role = forms.ChoiceField(
        label=gettext_lazy("What they do"), choices=PartnerRole.choices, widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind of organisation"), choices=ORGANISATIONS)
    source = forms.CharField(**SOURCE)
