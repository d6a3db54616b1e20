"""What somebody without an account fills in: few fields, most of them by choice."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from highground.cases.enums import MessageKind
from highground.cases.public import codes

MOST_WORDS = 2_000

TROUBLES = {
    "illness": _("Somebody is ill, or treatment costs too much"),
    "disability": _("Somebody is disabled"),
    "schooling": _("School or study costs too much"),
    "disaster": _("Flood, drought, storm, fire or earthquake"),
    "accident": _("An accident"),
    "lack_of_labour": _("Hardly anybody in the family can work"),
    "unsafe_housing": _("The house is not safe"),
    "unsafe_water": _("The water is not safe, or there is too little"),
    "unstable_work": _("Work was lost or is uncertain"),
    "industry_failure": _("The harvest, the animals or the business failed"),
    "other": _("Something else"),
}
"""The risks of the fact dictionary, as people say them."""


def words_wanted(label: Any, missing: Any) -> forms.CharField:
    """The sender's own words, where a message says nothing without them."""
    return forms.CharField(
        label=label,
        help_text=_("In any language."),
        max_length=MOST_WORDS,
        error_messages={"required": missing},
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class LetterForm(forms.Form):
    """What every letter has: a way to reach the sender, a ticket, and a field that only machines fill in."""

    words = forms.CharField(
        label=_("In your own words"),
        help_text=_("In any language. You can leave this empty."),
        max_length=MOST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    name = forms.CharField(
        label=_("Your name"),
        help_text=_("You can leave this empty."),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Phone or another way to reach you"),
        help_text=_("You can leave this empty. Without it nobody can call you back: ask with your code."),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    ticket = forms.CharField(max_length=200, widget=forms.HiddenInput)

    about: tuple[str, ...] = ("words",)
    """The fields about the matter itself, in order."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.order_fields([*self.about, "name", "phone", "website", "ticket"])

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields about the matter itself, to be drawn."""
        return [self[name] for name in self.about]

    def clean_website(self) -> str:
        """A machine fills in every field. The form comes back with the field empty, so that no person is lost."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("Please send the form once more."))
        return ""

    def clean_ticket(self) -> str:
        ticket = str(self.cleaned_data["ticket"])
        if not codes.good_ticket(ticket):
            raise forms.ValidationError(_("The form was open for too long. Please send it once more."))
        return ticket

    def again(self) -> None:
        """Before the form is shown again: a fresh ticket where the old one was refused, an empty trap."""
        data = {name: self.data.get(name, "") for name in self.fields} | {"website": ""}
        if "ticket" in self.errors:
            data["ticket"] = codes.new_ticket()
        self.data = data


class ReportForm(LetterForm):
    """We are in difficulty."""

    about = ("trouble", "words", "readers")
    trouble = forms.ChoiceField(
        label=_("What is the trouble?"),
        help_text=_("Choose what weighs most."),
        choices=list(TROUBLES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what weighs most.")},
    )
    readers = forms.ChoiceField(
        label=_("Who may read this?"),
        choices=[
            ("all", _("Those who look after our village and township, and the county")),
            ("county", _("Only the county: somebody who works in the village is part of the trouble")),
        ],
        initial="all",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who may read this.")},
    )


class ObjectionForm(LetterForm):
    """I object to a public notice."""

    about = ("notice_code", "notice_line", "words")
    words = words_wanted(_("What is not right?"), _("Say in a few words what is not right."))
    notice_code = forms.CharField(
        label=_("Number of the notice"),
        help_text=_("It stands at the top of the notice, for example K7MP3X."),
        max_length=40,
        error_messages={"required": _("Enter the number that stands on the notice.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    notice_line = forms.CharField(
        label=_("Line of the notice"),
        help_text=_("The number in front of the household."),
        max_length=20,
        error_messages={"required": _("Enter the number of the line.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


class ComplaintForm(LetterForm):
    """I have a complaint."""

    about = ("staff", "words")
    words = words_wanted(_("What happened?"), _("Say in a few words what happened."))
    staff = forms.ChoiceField(
        label=_("Is it about somebody who works in the village?"),
        help_text=_("The county alone reads complaints. The village never sees them."),
        choices=[("yes", _("Yes")), ("no", _("No")), ("unsure", _("I am not sure"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the answers.")},
    )


FORMS: dict[MessageKind, type[LetterForm]] = {
    MessageKind.REPORT: ReportForm,
    MessageKind.OBJECTION: ObjectionForm,
    MessageKind.GRIEVANCE: ComplaintForm,
}


class CodeForm(forms.Form):
    """The code of a message."""

    code = forms.CharField(
        label=_("Your code"),
        help_text=_("Nine letters and digits, for example K7MP-3XQA-9."),
        max_length=40,
        error_messages={"required": _("Enter your code.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        code = codes.tidy(str(self.cleaned_data["code"]))
        if code is None:
            raise forms.ValidationError(
                _("There is a slip in this code. Compare it with what you wrote down.")
            )
        return code
