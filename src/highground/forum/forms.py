"""What people fill in to take part."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from highground.forum.actions.taking_part import QUESTIONS, Person
from highground.forum.enums import Gender, Mode, Part, Tie
from highground.forum.ground import LANGUAGES, ZONES, country_choices, days_of
from highground.forum.models import Forum, Participant
from highground.web.numbers import day as day_in_words

LATIN_HINT = gettext_lazy("For those who cannot read the script of the name. It stands on the badge as well.")


def zone_choices(now: str = "") -> list[tuple[str, str]]:
    """Time zones to choose from, the one in use among them."""
    return [(one, one.replace("_", " ")) for one in sorted({*ZONES, now} - {""})]


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A day that is picked from a calendar."""
    picked = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=picked, **more)


class DaysForm(forms.Form):
    """How somebody takes part on each day of a forum."""

    def __init__(
        self, *given: Any, forum: Forum, now: dict[datetime.date, str] | None = None, **more: Any
    ) -> None:
        super().__init__(*given, **more)
        self.days = days_of(forum)
        for day in self.days:
            self.fields[f"day-{day}"] = forms.ChoiceField(
                label=day_in_words(day),
                choices=[*Mode.choices, ("", _("not on this day"))],
                widget=forms.RadioSelect,
                required=False,
                initial=(now or {}).get(day, "" if now is not None else Mode.ROOM),
            )

    def chosen(self) -> dict[datetime.date, str]:
        """The days that were chosen, with how."""
        found = {day: self.cleaned_data[f"day-{day}"] for day in self.days}
        return {day: mode for day, mode in found.items() if mode}

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if self.days and not any(typed.get(f"day-{day}") for day in self.days):
            raise forms.ValidationError(_("Choose at least one day."))
        return typed


class PersonForm(DaysForm):
    """Who somebody is, and the days."""

    name = forms.CharField(label=gettext_lazy("Name, as it should stand on the badge"), max_length=120)
    latin = forms.CharField(
        label=gettext_lazy("Name in Latin letters"), max_length=120, required=False, help_text=LATIN_HINT
    )
    position = forms.CharField(label=gettext_lazy("Position"), max_length=120, required=False)
    organisation = forms.CharField(label=gettext_lazy("Organisation"), max_length=160)
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    email = forms.EmailField(
        label=gettext_lazy("E-mail"), help_text=gettext_lazy("The organisers write to you there.")
    )
    gender = forms.ChoiceField(label=gettext_lazy("Gender"), choices=Gender.choices, initial=Gender.UNSTATED)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=list(LANGUAGES.items()))
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    part = forms.ChoiceField(label=gettext_lazy("Takes part as"), choices=Part.choices, initial=Part.DELEGATE)
    consents = forms.BooleanField(
        label=gettext_lazy("The name may stand in the published list of those who took part"), required=False
    )

    def __init__(self, *given: Any, own: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["country"].choices = [("", ""), *country_choices()]  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = zone_choices()  # type: ignore[attr-defined]
        self.fields["time_zone"].initial = more["forum"].time_zone
        if own:
            del self.fields["part"]
        else:
            self.fields["email"].required = False
            self.fields["email"].help_text = _(
                "Of the person alone. Left empty, the organisers write to you instead, with the link of the person's page."
            )

    def person(self) -> Person:
        """What was typed, for the action."""
        names = Person.__dataclass_fields__
        return Person(**{name: value for name, value in self.cleaned_data.items() if name in names})


class AnswersForm(forms.Form):
    """What is asked once somebody was accepted."""

    visa = forms.ChoiceField(
        label=gettext_lazy("Do you need a letter for your visa?"),
        choices=[
            ("", gettext_lazy("not known yet")),
            ("yes", gettext_lazy("yes")),
            ("no", gettext_lazy("no")),
        ],
        required=False,
    )
    arrives = forms.CharField(
        label=gettext_lazy("When and how do you arrive?"), max_length=200, required=False
    )
    leaves = forms.CharField(label=gettext_lazy("When and how do you leave?"), max_length=200, required=False)
    diet = forms.CharField(
        label=gettext_lazy("Is there something that you do not eat?"), max_length=200, required=False
    )
    interpretation = forms.ChoiceField(
        label=gettext_lazy("Into which language do you need interpretation?"), required=False
    )
    needs = forms.CharField(
        label=gettext_lazy("Does something make it easier for you to take part?"),
        help_text=gettext_lazy(
            "A step-free way, large type, a seat near the front, somebody who comes along."
        ),
        max_length=300,
        required=False,
    )

    def __init__(self, *given: Any, participant: Participant, **more: Any) -> None:
        super().__init__(*given, **{"initial": participant.answers, **more})
        assert set(self.fields) == set(QUESTIONS)
        self.fields["interpretation"].choices = [("", _("none")), *LANGUAGES.items()]  # type: ignore[attr-defined]


def lines_of(typed: str) -> list[str]:
    """What stands one a line."""
    return [one.strip() for one in typed.splitlines() if one.strip()]


class TiesForm(forms.Form):
    """Whom a reviewer must not judge, by kind; names, addresses and organisations one a line."""

    def __init__(self, *given: Any, ties: Mapping[str, list[str]] | None = None, **more: Any) -> None:
        super().__init__(*given, **more)
        for kind in Tie:
            self.fields[f"tie-{kind.value}"] = forms.CharField(
                label=capfirst(kind.label),
                widget=forms.Textarea(attrs={"rows": 2}),
                required=False,
                max_length=4000,
                initial="\n".join((ties or {}).get(kind.value, [])),
            )

    def ties(self) -> dict[str, list[str]]:
        """For the action."""
        return {kind: lines_of(self.cleaned_data[f"tie-{kind}"]) for kind in Tie.values}


class AwayForm(forms.Form):
    """The days on which somebody does not review."""

    away_from = day_field(gettext_lazy("Away from"), required=False)
    away_until = day_field(gettext_lazy("Away until"), required=False)


class DelegationForm(forms.Form):
    """A government or organisation that nominates."""

    country = forms.ChoiceField(label=gettext_lazy("Country"))
    organisation = forms.CharField(label=gettext_lazy("Government or organisation"), max_length=160)
    contact = forms.EmailField(label=gettext_lazy("E-mail of whoever nominates"))
    seats = forms.IntegerField(
        label=gettext_lazy("May nominate at most"), min_value=1, max_value=200, initial=15
    )
    protocol = forms.IntegerField(
        label=gettext_lazy("Place in the protocol"), min_value=1, max_value=9999, initial=100
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["country"].choices = [("", ""), *country_choices()]  # type: ignore[attr-defined]
