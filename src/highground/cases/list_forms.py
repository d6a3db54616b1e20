"""The forms of lists: which households come before a meeting or hang on a notice, and what is objected."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from highground.cases.actions.notices import LATE
from highground.cases.actions.visiting import MOST_DAYS_LATE, oldest_day
from highground.cases.forms.base import text_field
from highground.cases.models import Case, Notice, NoticeItem, Objection
from highground.web.numbers import number

MOST_PEOPLE = 20_000


class Together:
    """Several forms of one page, for one summary of what is wrong in any of them."""

    def __init__(self, forms_of_page: Sequence[forms.Form]) -> None:
        self.forms = forms_of_page

    def non_field_errors(self) -> list[str]:
        return [str(error) for form in self.forms for error in form.non_field_errors()]

    def __iter__(self) -> Iterator[forms.BoundField]:
        return (field for form in self.forms for field in form)


def day_field(label: Any, hint: Any = "", **attributes: str) -> forms.DateField:
    """A day, written or chosen."""
    return forms.DateField(
        label=label,
        help_text=hint,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **attributes}),
        error_messages={
            "required": gettext_lazy("Give the day."),
            "invalid": gettext_lazy("This is no date; write for example 2024-06-30."),
        },
    )


def count_field(label: Any, hint: Any = "", *, required: bool = True) -> forms.IntegerField:
    """A number of people."""
    return forms.IntegerField(
        label=label,
        help_text=hint,
        required=required,
        min_value=0,
        max_value=MOST_PEOPLE,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "class": "govuk-input--width-4", "autocomplete": "off"}
        ),
        error_messages={
            "required": gettext_lazy("Give a number."),
            "invalid": gettext_lazy("Write digits alone, for example 31."),
            "min_value": gettext_lazy("A number of people is not below zero."),
            "max_value": gettext_lazy("This is more than any village holds."),
        },
    )


class ChooseForm(forms.Form):
    """The households that are put on a list; all that wait, unless somebody takes the tick away."""

    cases = forms.MultipleChoiceField(
        label=gettext_lazy("Which households?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Tick at least one household."),
            "invalid_choice": gettext_lazy(
                "One of these households is not waiting any more. Look at the list again."
            ),
        },
    )

    def __init__(self, *arguments: Any, waiting: Sequence[Case], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.waiting = {str(case.pk): case for case in waiting}
        chosen: Any = self.fields["cases"]
        chosen.choices = [(key, case.household.number) for key, case in self.waiting.items()]
        chosen.initial = list(self.waiting)

    def ticked(self) -> set[str]:
        """The ids that are ticked when the form is shown."""
        value = self["cases"].value()
        return set(value) if value else set()

    def chosen(self) -> list[Case]:
        """The cases that were ticked, in the order of the list."""
        return [case for key, case in self.waiting.items() if key in self.cleaned_data["cases"]]


class CallForm(ChooseForm):
    """Call a meeting: on which day, how many may attend, about whom."""

    day = day_field(gettext_lazy("On which day?"))
    entitled = count_field(
        gettext_lazy("How many people are entitled to attend?"),
        gettext_lazy("Villagers' representatives and all others who may vote."),
    )
    field_order = ("day", "entitled", "cases")

    def clean_entitled(self) -> int:
        """A meeting without anybody decides nothing."""
        entitled: int = self.cleaned_data["entitled"]
        if entitled < 1:
            raise forms.ValidationError(_("At least one person is entitled to attend."))
        return entitled


class PostForm(ChooseForm):
    """Hang a notice up: where, since when, for how many days, where people can object, about whom."""

    place = forms.CharField(
        label=gettext_lazy("Where does it hang?"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say where people can read it.")},
    )
    object_at = forms.CharField(
        label=gettext_lazy("Where can people object?"),
        help_text=gettext_lazy(
            "A place with its hours, or a telephone of the office. It is printed on the notice."
        ),
        max_length=200,
        error_messages={"required": gettext_lazy("Say where people can object.")},
    )
    day = day_field(gettext_lazy("Since when does it hang?"))
    days = count_field(gettext_lazy("For how many days?"))
    field_order = ("place", "object_at", "day", "days", "cases")

    def __init__(self, *arguments: Any, least: int, today: datetime.date, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.least, self.today = least, today
        self.fields["day"].widget.attrs.update({"min": (today - LATE).isoformat(), "max": today.isoformat()})
        self.fields["days"].help_text = ngettext(
            "At least %(days)s full day; the day on which it goes up is not counted.",
            "At least %(days)s full days; the day on which it goes up is not counted.",
            least,
        ) % {"days": number(least)}

    def clean_days(self) -> int:
        """Never fewer than the rule asks."""
        days: int = self.cleaned_data["days"]
        if days < self.least:
            raise forms.ValidationError(
                ngettext(
                    "%(days)s is too short: the rule asks for at least %(least)s day.",
                    "%(days)s is too short: the rule asks for at least %(least)s days.",
                    self.least,
                )
                % {"days": number(days), "least": number(self.least)}
            )
        return days

    def clean_day(self) -> datetime.date:
        """A notice is recorded once it hangs."""
        day: datetime.date = self.cleaned_data["day"]
        if day > self.today:
            raise forms.ValidationError(_("This day lies in the future; record the notice when it hangs."))
        return day


class ObjectionForm(forms.Form):
    """An objection that somebody brought to the township or the county. Who it was is not asked."""

    line = forms.ChoiceField(label=gettext_lazy("Which line of the notice?"))
    text = text_field(gettext_lazy("What is not right?"), gettext_lazy("Without names."), required=True)
    day = day_field(gettext_lazy("On which day was it said?"))

    def __init__(
        self, data: Any = None, *, notice: Notice, items: Sequence[NoticeItem], today: datetime.date
    ) -> None:
        super().__init__(data, prefix="objection", initial={"day": today.isoformat()})
        self.first, self.today = max(notice.posted_on, oldest_day(today)), today
        self.fields["day"].widget.attrs.update({"min": self.first.isoformat(), "max": today.isoformat()})
        self.items = {str(item.pk): item for item in items}
        line: Any = self.fields["line"]
        line.choices = [
            (key, f"{item.line} · {item.case.household.number}") for key, item in self.items.items()
        ]
        self.fields["text"].error_messages["required"] = _("Say what is not right.")

    def clean_line(self) -> NoticeItem:
        """The line itself."""
        return self.items[self.cleaned_data["line"]]

    def clean_day(self) -> datetime.date:
        """Within the time for which the notice hangs."""
        day: datetime.date = self.cleaned_data["day"]
        if not self.first <= day <= self.today:
            raise forms.ValidationError(
                _("Give a day on which the notice hung, and of the last %(days)s at most.")
                % {"days": number(MOST_DAYS_LATE)}
            )
        return day


class AnswerForm(forms.Form):
    """Whether an objection is upheld, and the answer."""

    uphold = forms.ChoiceField(
        label=gettext_lazy("Is the objection upheld?"),
        choices=[
            ("yes", gettext_lazy("Upheld: the household goes back")),
            ("no", gettext_lazy("Not upheld: the household stays on the way")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose whether it is upheld.")},
    )
    answer = text_field(
        gettext_lazy("The answer"), gettext_lazy("The reason, in plain words."), required=True
    )

    def __init__(self, data: Any = None, *, objection: Objection) -> None:
        super().__init__(data, prefix=f"objection-{objection.pk}")
        self.objection = objection
        self.fields["answer"].error_messages["required"] = _("Write the answer.")


class WhyForm(forms.Form):
    """Why a meeting is called off or a notice withdrawn."""

    reason = text_field(gettext_lazy("Why?"), required=True, rows=2)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="why")
        self.fields["reason"].error_messages["required"] = _("Say why.")


def valid(forms_of_page: Iterable[forms.Form]) -> bool:
    """Whether every form is; each is asked, so that all faults are shown at once."""
    return not sum(not form.is_valid() for form in forms_of_page)
