"""The forms of a meeting under way: what it says of each household, attendance and minutes, written by several people."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from highground.cases.actions.meetings import mark, mark_of_item, mark_of_minutes
from highground.cases.forms.base import text_field
from highground.cases.list_forms import count_field
from highground.cases.models import Meeting, MeetingItem
from highground.methods.rules.procedure.graph import Step
from highground.signals.rulebooks import said
from highground.web.numbers import listed, number


class WrittenTogether(forms.Form):
    """A part of a page at which several people write. `seen` is the mark of what the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    mark_now = ""

    def written(self) -> str:
        """The mark of what was typed, once the form was cleaned."""
        raise NotImplementedError

    @property
    def behind(self) -> bool:
        """Whether somebody else has written here since the page was opened."""
        return self.cleaned_data.get("seen", "") not in ("", self.mark_now)

    @property
    def touched(self) -> bool:
        """Whether something else was typed than the page showed."""
        return self.written() != (self.cleaned_data.get("seen") or self.mark_now)

    def check_seen(self, changed: str, *, every: bool) -> None:
        """Say what somebody else wrote, and leave what was typed; where nothing was, show what stands.

        What was not touched is no fault, unless `every` part of the page is needed, as for closing the meeting.
        """
        if not self.behind or not (self.touched or every):
            return
        typed: Any = self.data.copy()  # type: ignore[attr-defined]
        if not self.touched:
            for name, value in self.initial.items():
                typed[self.add_prefix(name)] = "" if value is None else str(value)
        typed[self.add_prefix("seen")] = self.mark_now
        self.data = typed
        self.add_error(None, changed)


class VerdictForm(WrittenTogether):
    """What the meeting says of one household. Nothing is required until the meeting is closed."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("The meeting is"), required=False, widget=forms.RadioSelect
    )
    in_favour = count_field(gettext_lazy("Votes for"), required=False)
    against = count_field(gettext_lazy("Votes against"), required=False)
    abstained = count_field(gettext_lazy("Abstained"), required=False)
    reason = text_field(gettext_lazy("Why?"), rows=2)

    def __init__(self, data: Any = None, *, item: MeetingItem, meeting: Meeting, step: Step) -> None:
        self.item, self.meeting, self.step = item, meeting, step
        self.mark_now = mark_of_item(item)
        initial = {**_of_item(item), "seen": self.mark_now}
        super().__init__(data, prefix=f"household-{item.pk}", initial=initial)
        outcome: Any = self.fields["outcome"]
        outcome.choices = [(one.id, capfirst(said(one.label))) for one in step.outcomes.values()]
        wanting = [said(one.label) for one in step.outcomes.values() if one.reason]
        self.fields["reason"].help_text = (
            _("In the words of the meeting. Needed for: %(outcomes)s.") % {"outcomes": listed(wanting)}
            if wanting
            else _("In the words of the meeting.")
        )

    @property
    def said(self) -> bool:
        """Whether anything was written in this row."""
        return any(self.cleaned_data.get(name) not in (None, "", 0) for name in self.fields if name != "seen")

    def written(self) -> str:
        """The mark of what was typed in this row."""
        votes = (self.cleaned_data.get(name) or 0 for name in ("in_favour", "against", "abstained"))
        return mark(self.cleaned_data.get("outcome", ""), *votes, self.cleaned_data.get("reason", ""))

    def check_row(self, who: str, *, every: bool) -> None:
        """Say what `who` wrote of this household since the page was opened."""
        chosen = self.step.outcomes.get(self.item.outcome)
        words = {
            "number": self.item.case.household.number,
            "who": who,
            "outcome": said(chosen.label) if chosen else _("undecided"),
            "for": number(self.item.in_favour),
            "against": number(self.item.against),
            "abstained": number(self.item.abstained),
        }
        self.check_seen(
            _(
                "Household %(number)s: %(who)s has written since you opened this page: %(outcome)s, %(for)s for, "
                "%(against)s against, %(abstained)s abstained. Look, then save again."
            )
            % words,
            every=every,
        )

    def votes(self) -> int:
        """How many votes were given in all."""
        return sum(self.cleaned_data.get(name) or 0 for name in ("in_favour", "against", "abstained"))

    def clean(self) -> dict[str, Any]:
        """What the meeting cannot have said: a refusal without a reason, more votes than people, votes for nothing."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        household = {"number": self.item.case.household.number}
        chosen = self.step.outcomes.get(cleaned.get("outcome", ""))
        if chosen and chosen.reason and not cleaned.get("reason", "").strip():
            self.add_error(
                "reason", _("Household %(number)s: say why, in the words of the meeting.") % household
            )
        if self.votes() > self.meeting.entitled:
            self.add_error("in_favour", self._too_many(self.meeting.entitled))
        if not chosen and "outcome" not in self.errors and self.said:
            self.add_error("outcome", _("Household %(number)s: say what the meeting decided.") % household)
        return cleaned

    def check_closed(self, present: int | None) -> None:
        """What must hold besides once the meeting is closed: a decision, and no more votes than people were there."""
        household = {"number": self.item.case.household.number}
        if not self.cleaned_data.get("outcome") and "outcome" not in self.errors:
            self.add_error("outcome", _("Household %(number)s is undecided.") % household)
        if present is not None and present < self.votes() <= self.meeting.entitled:
            self.add_error("in_favour", self._too_many(present))

    def _too_many(self, people: int) -> str:
        return ngettext(
            "Household %(number)s: %(votes)s votes, but only %(people)s person can have voted.",
            "Household %(number)s: %(votes)s votes, but only %(people)s people can have voted.",
            people,
        ) % {
            "number": self.item.case.household.number,
            "votes": number(self.votes()),
            "people": number(people),
        }


def _of_item(item: MeetingItem) -> dict[str, Any]:
    """What was noted so far; counts of nothing stay empty."""
    return {
        "outcome": item.outcome,
        "in_favour": item.in_favour or None,
        "against": item.against or None,
        "abstained": item.abstained or None,
        "reason": item.reason,
    }


class MinutesForm(WrittenTogether):
    """Attendance and minutes, once for all households."""

    present = count_field(gettext_lazy("How many were there?"), required=False)
    minutes = text_field(gettext_lazy("Minutes"), gettext_lazy("Once for all households."), rows=6)

    def __init__(self, data: Any = None, *, meeting: Meeting, needed: int) -> None:
        self.meeting, self.needed, self.mark_now = meeting, needed, mark_of_minutes(meeting)
        initial = {"present": meeting.present or None, "minutes": meeting.minutes, "seen": self.mark_now}
        super().__init__(data, initial=initial)
        people = {"needed": number(self.needed), "entitled": number(meeting.entitled)}
        self.fields["present"].help_text = (
            _("At least %(needed)s of %(entitled)s must be there; otherwise the meeting decides nothing.")
            % people
        )

    def written(self) -> str:
        """The mark of what was typed."""
        return mark(self.cleaned_data.get("present") or 0, self.cleaned_data.get("minutes", ""))

    def clean_present(self) -> int | None:
        """No more than are entitled."""
        present: int | None = self.cleaned_data["present"]
        if present is not None and present > self.meeting.entitled:
            people = {"entitled": number(self.meeting.entitled)}
            raise forms.ValidationError(_("Only %(entitled)s people are entitled to attend.") % people)
        return present

    def check_closed(self, today: datetime.date) -> None:
        """What must hold once the meeting is closed: enough people, minutes, and that it was held."""
        present = self.cleaned_data.get("present")
        if present is None and "present" not in self.errors:
            self.add_error("present", _("Say how many were there."))
        elif present is not None and present < self.needed:
            people = {
                "present": number(present),
                "entitled": number(self.meeting.entitled),
                "needed": number(self.needed),
            }
            self.add_error(
                "present",
                _(
                    "%(present)s of %(entitled)s were there; it takes %(needed)s. The meeting decided nothing: call it off "
                    "and call another one."
                )
                % people,
            )
        if not self.cleaned_data.get("minutes", "").strip():
            self.add_error("minutes", _("Write the minutes."))
        if self.meeting.day > today:
            self.add_error(None, _("The meeting has not been held yet; it can be closed on its day."))
