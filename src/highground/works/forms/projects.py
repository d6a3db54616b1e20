"""What partners write of a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from highground.accounts.enums import Role
from highground.areas.countries import load_countries
from highground.areas.models import Area
from highground.support.forms import AmountField, DayField
from highground.works.enums import ORGANISATIONS, Exactness, FigureKind, MoneyKind, PartnerRole
from highground.works.forms.villages import CurrencyField
from highground.works.ground import PROJECT_ROLES, STUDY_LEADS
from highground.works.models import UserGroup, told

SOURCE: dict[str, Any] = {
    "label": gettext_lazy("Source"),
    "max_length": 200,
    "help_text": gettext_lazy("A document with its date, such as the accounts of 2025 of 12 January 2026."),
}


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
    currency = CurrencyField()

    def clean_group(self) -> UserGroup:
        """The group itself."""
        return self.groups[self.cleaned_data["group"]]


class FigureForm(ProjectForm):
    """A figure of the project on a day: of something that was counted before, or of something new."""

    indicator = forms.ChoiceField(label=gettext_lazy("What was counted"), required=False)
    label = forms.CharField(
        label=gettext_lazy("Something new: its name"), max_length=160, required=False,
        help_text=gettext_lazy("Only where it does not stand in the list above."),
    )  # fmt: skip
    unit = forms.CharField(label=gettext_lazy("Its unit"), max_length=40, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("What it tells of"), choices=FigureKind.choices, required=False, widget=forms.RadioSelect,
        initial=FigureKind.OUTPUT,
    )  # fmt: skip
    place = forms.ChoiceField(label=gettext_lazy("Of which village"), required=False)
    value = AmountField(label=gettext_lazy("Value"), min_value=None)
    exactness = forms.ChoiceField(
        label=gettext_lazy("How the source gives it"), choices=Exactness.choices, widget=forms.RadioSelect,
        initial=Exactness.EXACT,
    )  # fmt: skip
    day = DayField(label=gettext_lazy("As of which day"))
    source = forms.CharField(**SOURCE)

    def __init__(
        self, *args: Any, counted: Mapping[str, tuple[str, str]], villages: list[Area], **options: Any
    ) -> None:
        super().__init__(*args, villages=villages, **options)
        self.fields["indicator"].choices = [  # type: ignore[attr-defined]
            ("", gettext_lazy("something new")),
            *((code, f"{label} ({unit})") for code, (label, unit) in counted.items()),
        ]
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("", gettext_lazy("the whole project")), *((one.code, str(one)) for one in villages)
        ]  # fmt: skip

    def clean_place(self) -> Area | None:
        """The village itself."""
        return self.villages.get(self.cleaned_data["place"])


class RoleForm(forms.Form):
    """A role for one project."""

    username = forms.CharField(label=gettext_lazy("User name"), max_length=80)
    role = forms.ChoiceField(label=gettext_lazy("What they are in the project"))
    valid_to = DayField(label=gettext_lazy("Last day of the role"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        writes, reads = (
            gettext_lazy("writes of the project and leads its studies"),
            gettext_lazy("reads alone"),
        )
        ordered = sorted(PROJECT_ROLES, key=lambda role: role not in STUDY_LEADS)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role.value, f"{role.label}: {writes if role in STUDY_LEADS else reads}") for role in ordered
        ]
        self.fields["role"].initial = Role.ANALYST


class MoneyForm(ProjectForm):
    """Money of the project on a day."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What became of it"), choices=MoneyKind.choices, widget=forms.RadioSelect
    )
    amount = AmountField(label=gettext_lazy("Amount"))
    currency = CurrencyField()
    day = DayField(label=gettext_lazy("On which day"))
    source = forms.CharField(**SOURCE)


class PartnerForm(ProjectForm):
    """Who takes part."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=160)
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    role = forms.ChoiceField(
        label=gettext_lazy("What they do"), choices=PartnerRole.choices, widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind of organisation"), choices=tuple(ORGANISATIONS.items()))
    source = forms.CharField(**SOURCE)
