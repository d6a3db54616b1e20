"""What people fill in: a question, an answer, an outcome, a profile."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from highground.knowledge.actions.experts import CHOICES, LONGEST_ABOUT
from highground.knowledge.enums import Field, Gender, Institution, LineKind
from highground.knowledge.languages import NAMES, concept_words
from highground.knowledge.models import Expert
from highground.knowledge.words import COUNTRIES, country_word
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
        widget=forms.SelectMultiple(attrs={"size": 10}),
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
        field.choices = sorted(labels, key=lambda pair: pair[1])

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
