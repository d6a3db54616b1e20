"""What the family signs: the application with its authorisation, and its answer to the exit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from highground.cases.actions.applying import record_application
from highground.cases.actions.deciding import family_answers
from highground.cases.forms.base import StepForm
from highground.cases.models import CaseStep
from highground.methods.rules.procedure.graph import Effect
from highground.people.enums import Protected, Signed
from highground.people.models import Member, ProtectedValue
from highground.people.queries import names_of


class FamilyForm(StepForm):
    """The family agrees with its signature, or says why it does not."""

    def build(self, outcome: str) -> None:
        """What it says, how it was signed, its words."""
        self.ask_outcome(outcome, label=_("What does the family say?"))
        self.fields["how"] = signed_field()
        self.ask_reason(_("In the family's own words."))
        self.ask_day()

    def take(self) -> CaseStep:
        """Keep the answer."""
        typed, visited = self.cleaned_data, self.visited
        return family_answers(
            visited.case,
            outcome=typed["outcome"],
            how=typed["how"],
            reason=typed.get("reason", ""),
            by=visited.user,
            day=typed["day"],
            today=visited.today,
            seen=typed["seen"],
        )


class ApplicationForm(StepForm):
    """The family applies and lets other registers be asked; whoever writes for it is named and reads it back."""

    def build(self, outcome: str) -> None:
        """Who signs, how, who helped."""
        self.ask_outcome(outcome, label=_("Does the family apply?"))
        self.members = {str(one.pk): one for one in self.visited.case.household.members.filter(present=True)}
        if len(self.members) > 1:
            names = self._names()
            self.fields["signed_by"] = forms.ChoiceField(
                label=_("Who signs?"),
                choices=[("", _("the head of the household")), *((key, names[key]) for key in self.members)],
                required=False,
                widget=forms.Select,
            )
        self.fields["how"] = signed_field()
        self.fields["helper"] = forms.CharField(
            label=_("Who wrote it for the family?"),
            help_text=_("Leave this empty if the family wrote it itself."),
            required=False,
            max_length=120,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        self.fields["read_back"] = forms.BooleanField(
            label=_("Whoever wrote it read it back before it was signed"), required=False
        )
        self.ask_reason(_("Why does the family not want to?"))
        self.ask_day(_("On which day was it signed?"))

    def _names(self) -> dict[str, str]:
        """Members by name, where the person may read names; by pseudonym otherwise. One query."""
        values = ProtectedValue.objects.visible_to(self.visited.user).filter(
            household=self.visited.case.household, kind=Protected.NAME
        )
        names = names_of(list(values))
        return {key: names.get((one.pk, Protected.NAME), one.key) for key, one in self.members.items()}

    def clean(self) -> dict[str, Any]:
        """A helper is named and reads back; both are said together."""
        cleaned = super().clean()
        chosen = self.outcome()
        if chosen is None or chosen.effect != Effect.NEXT:
            return cleaned
        helper, read_back = cleaned.get("helper", "").strip(), cleaned.get("read_back")
        if helper and not read_back:
            self.add_error("read_back", _("Whoever writes for a family reads it back before it is signed."))
        if read_back and not helper:
            self.add_error("helper", _("Give the name of whoever wrote it and read it back."))
        return cleaned

    def take(self) -> CaseStep:
        """Keep the application and the authorisation."""
        typed, visited = self.cleaned_data, self.visited
        signer: Member | None = self.members.get(typed.get("signed_by", ""))
        return record_application(
            visited.case,
            outcome=typed["outcome"],
            how=typed["how"],
            signed_by=signer,
            helper=typed["helper"],
            read_back=typed["read_back"],
            reason=typed.get("reason", ""),
            by=visited.user,
            day=typed["day"],
            today=visited.today,
            seen=typed["seen"],
        )


def signed_field() -> forms.ChoiceField:
    """How a person showed that they mean it."""
    return forms.ChoiceField(
        label=_("How was it signed?"),
        choices=[(one.value, capfirst(str(one.label))) for one in Signed],
        initial=Signed.SIGNATURE,
        widget=forms.RadioSelect,
    )
