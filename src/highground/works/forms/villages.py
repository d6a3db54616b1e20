"""The forms of works, enterprises and assets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pycountry
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from highground.support.forms import AmountField, DayField
from highground.works.enums import (
    AssetKind,
    AssetState,
    Condition,
    EnterpriseKind,
    LinkKind,
    PhotoTime,
    WorkStage,
)
from highground.works.models import IndustryLink, Project


class CurrencyField(forms.CharField):
    """A currency by the three letters of ISO 4217, in whatever case they are written."""

    def __init__(self, **options: Any) -> None:
        label = gettext_lazy("Currency (ISO 4217)")
        super().__init__(**{"label": label, "max_length": 3, **options})

    def clean(self, value: Any) -> str:
        """The letters in capitals."""
        text = str(super().clean(value)).upper()
        if text and not pycountry.currencies.get(alpha_3=text):
            raise forms.ValidationError(
                _("No currency has this code. Write its three letters, such as CNY or LAK.")
            )
        return text


class OfProject(forms.Form):
    """A form of something that may belong to one of the projects in the village."""

    def __init__(self, *args: Any, projects: Sequence[Project], **options: Any) -> None:
        super().__init__(*args, **options)
        self.projects = {one.code: one for one in projects}
        if not projects:
            del self.fields["project"]
            return
        choices = [("", gettext_lazy("no project")), *((one.code, str(one)) for one in projects)]
        self.fields["project"].choices = choices  # type: ignore[attr-defined]

    def clean_project(self) -> Project | None:
        """The project itself."""
        return self.projects.get(self.cleaned_data["project"])


class ReadingForm(forms.Form):
    """What somebody found of a service."""

    service = forms.ChoiceField(label=gettext_lazy("What was looked at"))
    value = AmountField(label=gettext_lazy("Value, in the unit that stands beside it"))
    day = DayField(label=gettext_lazy("On which day"))
    source = forms.CharField(
        label=gettext_lazy("Source"), max_length=200, help_text=gettext_lazy("Such as: yearly check of 2026.")
    )

    def __init__(self, *args: Any, standards: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["service"].choices = [  # type: ignore[attr-defined]
            (name, f"{label} ({unit})") for name, (label, unit) in standards.items()
        ]


class WorkForm(OfProject):
    """A proposed work."""

    title = forms.CharField(label=gettext_lazy("What is to be built"), max_length=160)
    service = forms.ChoiceField(label=gettext_lazy("For which service"))
    budget = AmountField(label=gettext_lazy("Budget"), required=False)
    currency = CurrencyField()
    due = DayField(label=gettext_lazy("Planned completion"), required=False)
    keeper = forms.CharField(label=gettext_lazy("Who keeps it up"), max_length=120, required=False)
    day = DayField(
        label=gettext_lazy("Proposed on"), required=False,
        help_text=gettext_lazy("Empty: today. Write an earlier day for a work that is under way already."),
    )  # fmt: skip
    project = forms.ChoiceField(label=gettext_lazy("Of which project"), required=False)

    def __init__(self, *args: Any, standards: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["service"].choices = [  # type: ignore[attr-defined]
            (name, label) for name, (label, _unit) in standards.items()
        ]


class StageForm(forms.Form):
    """The next stage of a work, and who keeps it up."""

    stage = forms.ChoiceField(label=gettext_lazy("Stage"))
    day = DayField(label=gettext_lazy("On which day"))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)
    keeper = forms.CharField(
        label=gettext_lazy("Who keeps it up"), max_length=120, required=False,
        help_text=gettext_lazy("Must be said before the hand-over."),
    )  # fmt: skip

    def __init__(self, *args: Any, after: str, approves: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if after == WorkStage.PROPOSED and not approves:
            self.fields["stage"].help_text = _(
                "A county or province officer who did not propose it writes down that it is approved."
            )
        order: list[WorkStage] = [one for one in WorkStage if one != WorkStage.GIVEN_UP]
        here = order.index(WorkStage(after)) if after in order else len(order)
        coming = [*order[here + 1 : here + 2], WorkStage.GIVEN_UP]
        self.fields["stage"].choices = [(one.value, one.label) for one in coming]  # type: ignore[attr-defined]


class SpendingForm(forms.Form):
    """Money spent on a work."""

    amount = AmountField(label=gettext_lazy("Amount"))
    currency = CurrencyField()
    day = DayField(label=gettext_lazy("On which day"))
    note = forms.CharField(label=gettext_lazy("For what"), max_length=160, required=False)


class PhotoForm(forms.Form):
    """A photo of a work."""

    file = forms.FileField(label=gettext_lazy("Photo"))
    taken = forms.ChoiceField(label=gettext_lazy("Taken"), choices=PhotoTime.choices)
    day = DayField(label=gettext_lazy("On which day"), required=False)
    caption = forms.CharField(label=gettext_lazy("What it shows"), max_length=160)


class CheckForm(forms.Form):
    """Whether a work still works."""

    found = forms.ChoiceField(label=gettext_lazy("Found"), choices=Condition.choices)
    day = DayField(label=gettext_lazy("On which day"))
    note = forms.CharField(
        label=gettext_lazy("What is wrong and who mends it"), max_length=300, required=False
    )


class EnterpriseForm(forms.Form):
    """An enterprise of a village."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=EnterpriseKind.choices)
    owner = forms.CharField(label=gettext_lazy("Owner"), max_length=120)
    since = DayField(label=gettext_lazy("Since"))


class LinkForm(forms.Form):
    """A household that earns from an enterprise."""

    number = forms.CharField(label=gettext_lazy("Number of the household"), max_length=60)
    kind = forms.ChoiceField(label=gettext_lazy("Earns by"), choices=LinkKind.choices)
    since = DayField(label=gettext_lazy("Since"))
    until = DayField(label=gettext_lazy("Until"), required=False)


class OfLink(forms.Form):
    """A form about one of the households that earn from an enterprise."""

    link = forms.ChoiceField(label=gettext_lazy("Household"))

    def __init__(self, *args: Any, links: Sequence[IndustryLink], **options: Any) -> None:
        super().__init__(*args, **options)
        self.links = {str(one.pk): one for one in links}
        self.fields["link"].choices = [  # type: ignore[attr-defined]
            (name, f"{one.household.number} · {one.get_kind_display()}") for name, one in self.links.items()
        ]

    def clean_link(self) -> IndustryLink:
        """The link itself."""
        return self.links[self.cleaned_data["link"]]


class EndForm(OfLink):
    """A household no longer earns from an enterprise."""

    until = DayField(label=gettext_lazy("Last day"))


class LinkYearForm(OfLink):
    """What a household earned in a year."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1990, max_value=2100)
    amount = AmountField(label=gettext_lazy("Earned"))
    currency = CurrencyField()


class EarningForm(forms.Form):
    """A year of an enterprise."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1990, max_value=2100)
    revenue = AmountField(label=gettext_lazy("Earned"))
    to_households = AmountField(label=gettext_lazy("Of that paid to households"))
    currency = CurrencyField()


class AssetForm(OfProject):
    """An asset of the register."""

    code = forms.CharField(label=gettext_lazy("Number in the register"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=160)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=AssetKind.choices)
    funds = forms.CharField(label=gettext_lazy("Source of funds"), max_length=160)
    cost = AmountField(label=gettext_lazy("Cost"))
    currency = CurrencyField()
    owner = forms.CharField(label=gettext_lazy("Owner"), max_length=120)
    keeper = forms.CharField(label=gettext_lazy("Keeper"), max_length=120)
    since = DayField(label=gettext_lazy("Since"))
    contract = forms.CharField(label=gettext_lazy("Contract with"), max_length=160, required=False)
    contract_until = DayField(label=gettext_lazy("Contract until"), required=False)
    project = forms.ChoiceField(label=gettext_lazy("Of which project"), required=False)


class StateForm(forms.Form):
    """What became of an asset."""

    state = forms.ChoiceField(label=gettext_lazy("State"), choices=AssetState.choices)
    why = forms.CharField(label=gettext_lazy("What was found"), max_length=300)


class CloseForm(forms.Form):
    """What was done about an asset, and what it is now."""

    done = forms.CharField(label=gettext_lazy("What was done"), max_length=300)
    state = forms.ChoiceField(
        label=gettext_lazy("The asset is now"),
        choices=[(one.value, one.label) for one in (AssetState.IN_USE, AssetState.SOLD, AssetState.WORN_OUT)],
    )


class IncomeForm(forms.Form):
    """Income of an asset in a year, and to whom it went."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1990, max_value=2100)
    amount = AmountField(label=gettext_lazy("Income"))
    to_households = AmountField(label=gettext_lazy("Of that to monitored households"))
    to_village = AmountField(label=gettext_lazy("Of that to works of the village"))
    kept = AmountField(label=gettext_lazy("Of that kept for repairs"))
    published_on = DayField(label=gettext_lazy("Published in the village on"), required=False)
