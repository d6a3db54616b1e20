"""What people fill in: a question, an answer, an outcome, a profile."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from highground.knowledge.actions.experts import CHOICES, LONGEST_ABOUT
from highground.knowledge.cards import evidence_words
from highground.knowledge.enums import Evidence, Field, Gender, Institution, LineKind, Zone
from highground.knowledge.languages import NAMES, concept_words
from highground.knowledge.models import Expert, Practice, PracticeText
from highground.knowledge.reading import WORDS, causes
from highground.knowledge.words import COUNTRIES, cause_word, country_word
from highground.methods.search.glossary import load_glossary

SHOWN_WORDS = {
    "place": _("place"),
    "institution": _("institution"),
    "gender": _("gender"),
    "about": _("about you"),
    "free_from": _("when you are free"),
    "orcid": _("ORCID"),
    "conflicts": _("conflicts of interest"),
}


class ProfileForm(forms.Form):
    """A profile as its owner writes it, and which fields everybody reads."""

    name = forms.CharField(label=_("Name"), max_length=120)
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    institution = forms.CharField(label=_("Institution"), max_length=160, required=False)
    kind = forms.ChoiceField(label=_("Kind of institution"), choices=Institution.choices)
    gender = forms.ChoiceField(label=_("Gender"), choices=Gender.choices, required=False)
    languages = forms.MultipleChoiceField(
        label=_("Languages that you speak"), choices=list(NAMES.items()), widget=forms.CheckboxSelectMultiple
    )
    fields_of_work = forms.MultipleChoiceField(
        label=_("Fields"), choices=Field.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    declared = forms.MultipleChoiceField(
        label=_("What you know about"),
        help_text=_("Choose several. What stands here is yours to say; evidence is shown apart from it."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    about = forms.CharField(
        label=_("About you"),
        max_length=LONGEST_ABOUT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    free_from = forms.DateField(
        label=_("Free from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    conflicts = forms.CharField(
        label=_("Conflicts of interest"),
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    orcid = forms.RegexField(
        label="ORCID",
        regex=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$",
        required=False,
        error_messages={"invalid": _("Write it as 0000-0002-1825-0097.")},
    )
    shown = forms.MultipleChoiceField(
        label=_("What everybody may read"),
        help_text=_("Your name, country, languages, fields and evidence are the profile itself."),
        choices=[(name, SHOWN_WORDS[name]) for name in CHOICES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *arguments: Any, reader: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        glossary = load_glossary()
        labels = [(one, concept_words([one], reader)[0]) for one in glossary.concepts]
        field: Any = self.fields["declared"]
        field.choices = sorted(labels, key=lambda pair: pair[1].casefold())

    @classmethod
    def of(cls, expert: Expert, reader: str) -> ProfileForm:
        """The form with what the profile says now."""
        names = [name for name in cls.base_fields if name != "fields_of_work"]
        return cls(
            initial={**{name: getattr(expert, name) for name in names}, "fields_of_work": expert.fields},
            reader=reader,
        )

    def values(self) -> dict[str, Any]:
        """The values of the profile."""
        cleaned = dict(self.cleaned_data)
        cleaned["fields"] = cleaned.pop("fields_of_work")
        return cleaned


class NewProfileForm(ProfileForm):
    """The same for somebody new: also the country, and why the profile may be here."""

    country = forms.ChoiceField(label=_("Country"))
    basis = forms.CharField(
        label=_("Why it may be here"),
        help_text=_("As: asked by letter on 3 March and agreed; or the public record that it comes from."),
        max_length=160,
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field: Any = self.fields["country"]
        field.choices = sorted(((code, country_word(code)) for code in COUNTRIES), key=lambda pair: pair[1])
        self.order_fields(["name", "country", "basis"])


class LineForm(forms.Form):
    """One line of evidence."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=[(one.value, one.label) for one in LineKind if one != LineKind.ANSWER]
    )
    text = forms.CharField(label=_("What was done, in one line"), max_length=400)
    year = forms.IntegerField(label=_("Year"), min_value=1900, max_value=2100, required=False)
    practice = forms.SlugField(
        label=_("Code of the practice, if it is one of ours"), max_length=60, required=False
    )


CURRENCIES = (
    "USD", "CNY", "KHR", "LAK", "MMK", "THB", "VND", "IDR", "MYR", "PHP", "SGD", "BND", "BDT", "GHS",
)  # fmt: skip
HUNDRED = 100
"""A cost is kept in hundredths of its currency."""


def _told(label: Any, name: str, *, rows: int = 4, needed: bool = False, hint: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
    return forms.CharField(label=label, max_length=WORDS[name], required=needed, widget=area, help_text=hint)


class PracticeForm(forms.Form):
    """A practice as somebody who has done it tells it: what must be said first, what may be said after it."""

    title = forms.CharField(label=_("What would you call it?"), max_length=WORDS["title"])
    language = forms.ChoiceField(label=_("Written in"), choices=list(NAMES.items()))
    problem = _told(_("What was the problem?"), "problem", needed=True)
    done = _told(_("What did you do?"), "done", rows=6, needed=True)
    results = _told(_("What came of it?"), "results", hint=_("With numbers, if you counted."))
    failures = _told(
        _("Where did it fail?"),
        "failures",
        hint=_("Others learn most from this. Left empty, the page says that none is reported."),
    )
    elsewhere = _told(_("Who else has tried it?"), "elsewhere", rows=2)
    country = forms.ChoiceField(label=_("Country"))
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    since = forms.IntegerField(label=_("Year it began"), min_value=1900, max_value=2100, required=False)
    until = forms.IntegerField(
        label=_("Year it ended"),
        min_value=1900,
        max_value=2100,
        required=False,
        help_text=_("Empty if it goes on."),
    )
    fields_of_work = forms.MultipleChoiceField(
        label=_("Fields"), choices=Field.choices, widget=forms.CheckboxSelectMultiple
    )
    causes = forms.MultipleChoiceField(
        label=_("Causes of poverty that it helps against"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    zones = forms.MultipleChoiceField(
        label=_("Land"), choices=Zone.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    institutions = forms.MultipleChoiceField(
        label=_("Who runs it"),
        choices=Institution.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    amount = forms.DecimalField(
        label=_("Cost per household"), min_value=0, max_digits=13, decimal_places=2, required=False
    )
    currency = forms.ChoiceField(
        label=_("Currency"), choices=[("", ""), *((one, one) for one in CURRENCIES)], required=False
    )
    evidence = forms.ChoiceField(label=_("How is it known that it works?"))
    source = forms.CharField(
        label=_("Where is it from?"),
        max_length=300,
        help_text=_(
            "A report, a page, or who tells it. Everybody reads this: name nobody who did not agree."
        ),
    )
    url = forms.URLField(
        label=_("Address of a page about it"), max_length=400, required=False, assume_scheme="https"
    )
    file = forms.FileField(
        label=_("A report or a form, as PDF"), required=False, help_text=_("Its words are searched as well.")
    )

    def __init__(self, *arguments: Any, reader: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        choices = {
            "country": sorted(((code, country_word(code)) for code in COUNTRIES), key=lambda pair: pair[1]),
            "causes": [(one, cause_word(one, reader)) for one in causes()],
            "evidence": [
                (grade, f"{label}: {said}")
                for grade, (label, said) in zip(reversed(Evidence.values), evidence_words(), strict=True)
            ][::-1],
        }
        for name, pairs in choices.items():
            field: Any = self.fields[name]
            field.choices = pairs

    @classmethod
    def of(cls, told: Practice, text: PracticeText, reader: str) -> PracticeForm:
        """The form with what the practice says now."""
        own = ("country", "place", "since", "until", "causes", "zones", "institutions", "currency", "evidence",
               "source", "url")  # fmt: skip
        initial = {
            **{name: getattr(told, name) for name in own},
            **{name: getattr(text, name) for name in WORDS},
        }
        amount = None if told.cost is None else Decimal(told.cost) / HUNDRED
        initial |= {"language": text.language, "fields_of_work": told.fields, "amount": amount}
        return cls(initial=initial, reader=reader)

    def clean(self) -> dict[str, Any]:
        """A cost has its currency, and an end comes after its beginning."""
        cleaned = dict(super().clean() or {})
        if (cleaned.get("amount") is None) != (not cleaned.get("currency")):
            self.add_error("currency", _("Write both the cost and its currency, or neither."))
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            self.add_error("until", _("It ends before it begins."))
        return cleaned

    def values(self, today: datetime.date) -> dict[str, Any]:
        """What the practice says in figures and lists."""
        cleaned = self.cleaned_data
        names = ("country", "place", "since", "until", "causes", "zones", "institutions", "currency", "evidence",
                 "source", "url")  # fmt: skip
        amount = cleaned["amount"]
        return {
            **{name: cleaned[name] for name in names},
            "fields": cleaned["fields_of_work"],
            "cost": None if amount is None else int(amount * HUNDRED),
            "source_date": today.isoformat(),
        }

    def text(self) -> dict[str, str]:
        """What it says in words."""
        return {name: self.cleaned_data[name] for name in WORDS}
