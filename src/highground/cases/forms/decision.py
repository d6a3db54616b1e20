"""Reviews and decisions: an outcome, a reason where it is needed, and what the effect of the outcome asks for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from highground.cases.actions.deciding import decide
from highground.cases.enums import ExitMode
from highground.cases.forms.base import Section, StepForm, fields_named
from highground.cases.models import CaseStep
from highground.methods.rules.procedure.graph import Effect


class DecisionForm(StepForm):
    """People decide. Recognising names the class and the risks, leaving says how the risk went away."""

    def build(self, outcome: str) -> None:
        """The outcomes, the class where one of them recognises, the mode where one leads towards the exit."""
        step = self.visited.step
        self.ask_outcome(outcome, label=_("What do you decide?"))
        effects = {one.effect for one in step.outcomes.values()}
        self.recognises = Effect.RECOGNISE in effects
        if self.recognises:
            self.ask_class()
        # Whoever proposes the exit says how the risk went away; whoever decides on it may see it otherwise.
        if step == self.visited.procedure.first_exit or Effect.EXIT in effects:
            self.fields["exit_mode"] = forms.ChoiceField(
                label=_("How did the risk go away?"),
                choices=[(one.value, capfirst(str(one.label))) for one in ExitMode],
                initial=self.visited.case.exit_mode or ExitMode.ASSISTANCE,
                widget=forms.RadioSelect,
            )
        self.ask_reason()

    def sections(self) -> list[Section]:
        """The decision first; class and risks stand below, as the visit proposed them."""
        found = [Section("", list(fields_named(self, ["outcome", "exit_mode", "reason"])))]
        if self.recognises:
            found.append(
                Section(
                    _("If the household is included"),
                    list(fields_named(self, ["class_id", "risks"])),
                    _("As the visit proposed it. Change it where you decide otherwise."),
                )
            )
        return [section for section in found if section.fields]

    def clean(self) -> dict[str, Any]:
        """Recognising needs a class and at least one risk."""
        cleaned = super().clean()
        chosen = self.outcome()
        if chosen and chosen.effect == Effect.RECOGNISE:
            if not cleaned.get("class_id"):
                self.add_error("class_id", _("Choose the class in which the household is monitored."))
            if not cleaned.get("risks"):
                self.add_error("risks", _("Choose the risks that the help must answer."))
        return cleaned

    def take(self) -> CaseStep:
        """Decide."""
        typed, visited = self.cleaned_data, self.visited
        return decide(
            visited.case,
            step=visited.step.id,
            outcome=typed["outcome"],
            reason=typed.get("reason", ""),
            class_id=typed.get("class_id", ""),
            risks=typed.get("risks", []),
            exit_mode=typed.get("exit_mode", ""),
            by=visited.user,
            today=visited.today,
            seen=typed["seen"],
        )
