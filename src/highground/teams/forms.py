"""What is written down of a team in its village: days, money, training."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from highground.support.catalogue import Catalogue
from highground.support.forms import WITH_A_POINT, AmountField, DayField, money_word
from highground.teams.enums import FundSource
from highground.teams.models import Post

WHOLE = _("Write a whole number.")


def _digits() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "numeric", "class": "short"})


class _OfTeam(forms.Form):
    """A form about the people of one team."""

    def __init__(self, *arguments: Any, posts: Sequence[Post], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.posts = {str(one.pk): one for one in posts}
        self.fields["post"] = forms.ChoiceField(
            label=_("Person"), choices=[(key, str(one.candidate)) for key, one in self.posts.items()]
        )
        self.order_fields(["post"])

    @property
    def post(self) -> Post:
        return self.posts[self.cleaned_data["post"]]


class DaysForm(_OfTeam):
    """How many days of a month somebody was in the village."""

    def __init__(self, *arguments: Any, today: datetime.date, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["month"] = forms.DateField(
            label=_("Month"),
            input_formats=["%Y-%m"],
            initial=f"{today:%Y-%m}",
            widget=forms.DateInput(format="%Y-%m", attrs={"type": "month", "class": "short"}),
            error_messages={"invalid": _("Write the month as 2024-06.")},
        )
        self.fields["days"] = forms.IntegerField(
            label=_("Days"), min_value=0, widget=_digits(), error_messages={"invalid": WHOLE}
        )


class FundForm(forms.Form):
    """Money that came with the team."""

    def __init__(self, *arguments: Any, posts: Sequence[Post], catalogue: Catalogue, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.units = {str(one.candidate.unit_id): one.candidate.unit for one in posts}
        self.fields["source"] = forms.ChoiceField(
            label=_("From"),
            choices=[
                (FundSource.FIRST_SECRETARY.value, FundSource.FIRST_SECRETARY.label),
                *self.units.items(),
            ],
        )
        self.fields["amount"] = AmountField(
            label=_("Amount (%(currency)s)") % {"currency": money_word(catalogue)},
            decimal_places=catalogue.minor_digits,
            error_messages={"required": _("Give the amount."), "invalid": WITH_A_POINT},
        )
        self.fields["purpose"] = forms.CharField(label=_("Used for"), max_length=200)
        self.fields["day"] = DayField(label=_("On"))

    @property
    def given(self) -> dict[str, Any]:
        """The fields as `write_fund` takes them."""
        data = dict(self.cleaned_data)
        unit = self.units.get(data["source"])
        return {**data, "unit": unit, "source": FundSource.UNIT if unit else FundSource.FIRST_SECRETARY}


class TrainingForm(_OfTeam):
    """Training that somebody took part in."""

    skill = forms.CharField(
        label=_("Skill that was learned"),
        max_length=40,
        help_text=_("As in the needs of villages, such as agronomy: the next plan counts it."),
    )
    ended = DayField(label=_("Ended on"))
    days = forms.IntegerField(
        label=_("Days of training"),
        min_value=1,
        widget=_digits(),
        error_messages={"invalid": WHOLE},
    )
    given_by = forms.CharField(label=_("Given by (if known)"), max_length=120, required=False)
