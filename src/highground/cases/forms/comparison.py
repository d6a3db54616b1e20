"""What other registers answered, and which vetoes of the rulebook that raises, with what excepts them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from highground.cases.actions.comparing import Answer, record_comparison
from highground.cases.enums import Found
from highground.cases.forms.base import Section, StepForm, fields_named
from highground.cases.models import CaseStep
from highground.cases.registers import Register
from highground.signals.rulebooks import said


class ComparisonForm(StepForm):
    """One row for each register; a veto names the register that showed it, and what excepts it."""

    def build(self, outcome: str) -> None:
        """A question for each register, then one for each veto."""
        answers = [("", _("not asked")), (Found.CLEAR, _("nothing found")), (Found.HIT, _("something found"))]
        for register in Register:
            self.fields[f"found_{register}"] = forms.ChoiceField(
                label=_("Answer"), choices=answers, required=False, widget=forms.Select
            )
            self.fields[f"note_{register}"] = forms.CharField(
                label=_("What was found"),
                required=False,
                max_length=400,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )
        held = set(self.visited.case.risks)
        for veto in self.visited.book.vetoes:
            self.fields[f"veto_{veto.id}"] = forms.ChoiceField(
                label=_("%(veto)s: which register shows it?") % {"veto": capfirst(said(veto.label))},
                choices=[("", _("none")), *((one.value, capfirst(str(one.label))) for one in Register)],
                required=False,
                widget=forms.Select,
            )
            if veto.exceptions:
                self.fields[f"except_{veto.id}"] = forms.MultipleChoiceField(
                    label=_("It is not counted because of"),
                    help_text=_("A veto is weighed by people; it never refuses by itself."),
                    choices=[(one.id, capfirst(said(one.label))) for one in veto.exceptions],
                    initial=[one.id for one in veto.exceptions if one.id in held],
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                )
        self.ask_day(_("On which day did they answer?"))

    def sections(self) -> list[Section]:
        """The registers, the vetoes, the day."""
        answered = [
            (
                capfirst(str(register.label)),
                list(fields_named(self, [f"found_{register}", f"note_{register}"])),
            )
            for register in Register
        ]
        vetoes = [f"{kind}_{veto.id}" for veto in self.visited.book.vetoes for kind in ("veto", "except")]
        return [
            Section(_("What they answered"), [], rows=answered),
            *([Section(_("Vetoes of the rulebook"), list(fields_named(self, vetoes)))] if vetoes else []),
            Section("", list(fields_named(self, ["day"]))),
        ]

    def clean(self) -> dict[str, Any]:
        """Something was asked, and a veto stands only where something was found."""
        cleaned = super().clean()
        found = {register: cleaned.get(f"found_{register}", "") for register in Register.values}
        if not any(found.values()):
            self.add_error(None, _("Say what at least one register answered."))
        for veto in self.visited.book.vetoes:
            register = cleaned.get(f"veto_{veto.id}", "")
            if register and found.get(register) != Found.HIT:
                self.add_error(f"veto_{veto.id}", _("Say above that this register found something."))
        return cleaned

    def take(self) -> CaseStep:
        """Record the comparison."""
        typed, visited = self.cleaned_data, self.visited
        vetoes: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for veto in visited.book.vetoes:
            if register := typed.get(f"veto_{veto.id}"):
                vetoes.setdefault(register, []).append((veto.id, tuple(typed.get(f"except_{veto.id}", ()))))
        answers = [
            Answer(register, typed[f"found_{register}"], veto, excepted, typed[f"note_{register}"])
            for register in Register.values
            if typed[f"found_{register}"]
            for veto, excepted in vetoes.get(register, [("", ())])
        ]
        return record_comparison(
            visited.case,
            answers=answers,
            by=visited.user,
            day=typed["day"],
            today=visited.today,
            seen=typed["seen"],
        )
