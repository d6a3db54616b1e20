"""What the forms of steps have in common: whose case, on which version it was opened, what went wrong in plain words."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from highground.accounts.enums import Role
from highground.accounts.models import Grant, User
from highground.areas.queries import ancestor_paths
from highground.cases.flow import CaseError, Changed
from highground.cases.models import Case, CaseStep
from highground.methods.facts import load_dictionary
from highground.methods.facts.entering import NotAValue
from highground.methods.rules import Rulebook
from highground.methods.rules.procedure.graph import Outcome, Procedure, Step
from highground.methods.rules.procedure.path import NotAllowed, State
from highground.people.actions import RegisterError
from highground.signals.rulebooks import book_of, said
from highground.web.numbers import listed

REFUSED = (NotAllowed, CaseError, NotAValue, RegisterError)
"""What an action raises when something cannot be done; each says why and what to do instead."""

MOST_RADIOS = 8


@dataclass(frozen=True)
class Visited:
    """All that a form needs to know: the case, its procedure and state, the step, who takes it and when."""

    case: Case
    procedure: Procedure
    state: State
    step: Step
    user: Any
    today: datetime.date

    @property
    def book(self) -> Rulebook:
        return book_of(self.case.rulebook_version.hash)


@dataclass(frozen=True)
class Section:
    """Some fields of a form under a heading; `closed` ones are asked only of those who open them.

    `rows` are fields that stand beside each other, under a name of their own.
    """

    title: str
    fields: list[forms.BoundField]
    note: str = ""
    closed: bool = False
    rows: Sequence[tuple[str, list[forms.BoundField]]] = ()


class StepForm(forms.Form):
    """A step about to be taken. `take` calls the action; whatever it raises of `REFUSED` is said by `explain`."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, visited: Visited, outcome: str = "", **options: Any) -> None:
        self.visited = visited
        super().__init__(*arguments, **options)
        self.fields["seen"].initial = visited.case.version
        self.build(outcome)

    def build(self, outcome: str) -> None:
        """Add the fields of this form; `outcome` is the one that the person has chosen already."""

    def take(self) -> CaseStep:
        """Take the step with what was typed."""
        raise NotImplementedError

    def sections(self) -> list[Section]:
        """The visible fields under their headings."""
        return [Section("", [self[name] for name in self.fields if not self[name].is_hidden])]

    # --- Fields that several forms ask for ---

    def ask_outcome(self, chosen: str = "", *, label: Any = "") -> None:
        """The ways in which the step can end; nothing to choose where there is only one."""
        outcomes = self.visited.step.outcomes
        choices = [(one.id, capfirst(said(one.label))) for one in outcomes.values()]
        first = chosen if chosen in outcomes else next(iter(outcomes)) if len(outcomes) == 1 else None
        self.fields["outcome"] = forms.ChoiceField(
            label=label or _("What comes of it?"),
            choices=choices,
            initial=first,
            widget=forms.RadioSelect if len(outcomes) > 1 else forms.HiddenInput,
            error_messages={"required": _("Choose what comes of it.")},
        )

    def ask_day(self, label: Any = "") -> None:
        """The day on which it happened, today unless said otherwise."""
        self.fields["day"] = forms.DateField(
            label=label or _("On which day?"),
            initial=self.visited.today.isoformat(),
            widget=forms.DateInput(
                format="%Y-%m-%d", attrs={"type": "date", "max": self.visited.today.isoformat()}
            ),
            error_messages={
                "required": _("Give the day on which it happened."),
                "invalid": _("This is no date; write for example 2024-06-30."),
            },
        )

    def ask_reason(self, hint: Any = "") -> None:
        """Why, in words. Needed for the outcomes that refuse, send back or put off."""
        wanting = [said(one.label) for one in self.visited.step.outcomes.values() if one.reason]
        if not wanting:
            return
        always = len(wanting) == len(self.visited.step.outcomes)
        needed = "" if always else _("Needed for: %(outcomes)s.") % {"outcomes": listed(wanting)}
        self.fields["reason"] = text_field(_("Why?"), " ".join(part for part in (hint, needed) if part))

    def ask_class(self, *, possible: str = "") -> None:
        """The class and the risks, as proposed so far."""
        book, case = self.visited.book, self.visited.case
        classes = [(one.id, capfirst(said(one.label))) for one in book.classes]
        self.fields["class_id"] = forms.ChoiceField(
            label=_("Which class?"),
            choices=classes,
            required=False,
            initial=case.class_id or case.proposed_class or possible,
            widget=forms.RadioSelect,
        )
        self.fields["risks"] = forms.MultipleChoiceField(
            label=_("Which risks weigh on the family?"),
            choices=[
                (name, capfirst(said(label))) for name, label in load_dictionary()["risks"].values.items()
            ],
            required=False,
            initial=list(case.risks),
            widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--many"}),
        )

    # --- What was chosen ---

    def outcome(self) -> Outcome | None:
        """The outcome that was chosen, once the form was cleaned."""
        return self.visited.step.outcomes.get(self.cleaned_data.get("outcome", ""))

    def clean(self) -> dict[str, Any]:
        """A refusal without a reason is found here already, beside its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = self.outcome()
        if chosen and chosen.reason and "reason" in self.fields and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say why, in words that the family could read."))
        return cleaned

    def moved_on(self) -> None:
        """After Changed: the next sending is about the case as it stands now. What was typed stays."""
        data = QueryDict(mutable=True)
        for name, values in self.data.lists():  # type: ignore[attr-defined]
            data.setlist(name, values)
        data["seen"] = str(self.visited.case.version)
        self.data = data


def text_field(label: Any, hint: Any = "", *, rows: int = 3, required: bool = False) -> forms.CharField:
    """A few lines of text."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def people_who_may(step_roles: Iterable[str], case: Case, today: datetime.date) -> list[tuple[User, Role]]:
    """Who holds one of these roles where the household lives, each once, by name. One query."""
    return people_in([(step_roles, case.household.area.path)], today)[0]


def people_in(
    wanted: Sequence[tuple[Iterable[str], str]], today: datetime.date
) -> list[list[tuple[User, Role]]]:
    """For each of these roles and area paths: who holds one of the roles there, each once, by name. One query."""
    asked = [(frozenset(roles), path) for roles, path in wanted]
    grants = list(
        Grant.objects.filter(
            role__in={role for roles, _path in asked for role in roles},
            area__path__in={above for _roles, path in asked for above in (*ancestor_paths(path), path)},
            target_kind="",
            valid_from__lte=today,
            user__is_active=True,
        )
        .exclude(valid_to__lt=today)
        .select_related("user", "area")
        .order_by("user__display_name", "user__username", "role")
    )
    found = []
    for roles, path in asked:
        people: dict[int, tuple[User, Role]] = {}
        for grant in grants:
            assert grant.area is not None
            if grant.role in roles and path.startswith(grant.area.path):
                people.setdefault(grant.user_id, (grant.user, Role(grant.role)))
        found.append(list(people.values()))
    return found


def explain(error: Exception, procedure: Procedure, names: dict[str, str]) -> list[str]:
    """What went wrong and what to do, in the reader's language where it is known which kind of thing went wrong."""
    if isinstance(error, Changed):
        return [
            _(
                "The case has changed since you opened this page. What you typed is still here: look, then decide."
            ),
            *(_done(one, procedure, names) for one in error.steps),
        ]
    return [capfirst(why_refused(error))]


def why_refused(error: Exception) -> str:
    """Why something cannot be done, in the reader's language; the methods speak English and name what went wrong."""
    if isinstance(error, NotAllowed) and (text := _refusals().get(error.why)):
        return text
    if isinstance(error, NotAValue):
        return _(error.text) % error.about
    return str(error)


def _done(one: CaseStep, procedure: Procedure, names: dict[str, str]) -> str:
    step = procedure.steps.get(one.step)
    outcome = step.outcomes.get(one.outcome) if step else None
    return _("%(step)s: %(outcome)s, by %(who)s") % {
        "step": capfirst(said(step.label)) if step else one.step,
        "outcome": said(outcome.label) if outcome else one.outcome,
        "who": names.get(one.by, one.by),
    }


def _refusals() -> dict[str, str]:
    return {
        "requires": _("Another step must be taken first; see the timeline of the case."),
        "role": _("Your role does not take this step here. Ask somebody whose role does."),
        "own_step": _("You had a hand in a step that this one checks: somebody else must take it."),
        "reason": _("Say why, in words that the family could read."),
        "not_now": _("This step stands already, or is not called for any more."),
        "unknown_outcome": _("Choose what comes of it."),
        "unknown_step": _("The rulebook of this case does not have this step."),
        "status": _("This step cannot be taken in a case that stands where this one does."),
        "back_dated": _("The day lies before a step that this one rests on. Check the day."),
    }


def choice_widget(choices: Sequence[Any]) -> forms.Widget:
    """Radios for a few choices, a list for many."""
    return forms.RadioSelect() if len(choices) <= MOST_RADIOS else forms.Select()


def fields_named(form: forms.Form, names: Iterable[str]) -> Iterator[forms.BoundField]:
    """The fields of these names that the form has."""
    return (form[name] for name in names if name in form.fields)
