"""Who goes there, and help that cannot wait."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

from django import forms
from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.accounts.models import User
from highground.cases.actions.contacts import visitors_of
from highground.cases.actions.deciding import give_emergency_aid
from highground.cases.actions.opening import assign
from highground.cases.enums import RUNNING
from highground.cases.flow import procedure_for
from highground.cases.forms.base import Section, StepForm, choice_widget, people_who_may
from highground.cases.models import Case, CaseStep
from highground.methods.facts import load_dictionary
from highground.signals.rulebooks import said
from highground.web.numbers import money, number


class AssignmentForm(StepForm):
    """One question: who goes. Each person is shown with how many households they look after already."""

    def build(self, outcome: str) -> None:
        """Offer those who may visit here."""
        visited = self.visited
        self.people, self.fields["contact"] = contact_field(visited.case, visited.user, visited.today)

    def take(self) -> CaseStep:
        """Name the contact officer."""
        typed, visited = self.cleaned_data, self.visited
        contact = self.people[typed["contact"]]
        return assign(visited.case, contact=contact, by=visited.user, today=visited.today, seen=typed["seen"])


class HandOverForm(forms.Form):
    """Who looks after the household from now on. `seen` is who did when the page was opened."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, case: Case, user: Any, today: datetime.date) -> None:
        super().__init__(data, initial={"seen": str(case.contact_id or "")})
        self.people, self.fields["contact"] = contact_field(case, user, today, another=True)

    def sections(self) -> list[Section]:
        """The one question."""
        return [Section("", [self["contact"]])]

    def contact(self) -> User:
        """Who was chosen, once the form was cleaned."""
        return self.people[self.cleaned_data["contact"]]


def contact_field(
    case: Case, user: Any, today: datetime.date, *, another: bool = False
) -> tuple[dict[str, User], forms.ChoiceField]:
    """Those who may visit the household by their ids, and the question who of them looks after it.

    For `another`, whoever looks after it now is not offered, and nobody is chosen beforehand.
    """
    offered = people_who_may(visitors_of(procedure_for(case)), case, today)
    if another:
        offered = [(one, role) for one, role in offered if one.pk != case.contact_id]
    load = _load([one for one, _role in offered], user)
    choices = []
    for one, role in offered:
        held = ngettext("%(count)s case", "%(count)s cases", load[one.pk]) % {"count": number(load[one.pk])}
        choices.append((str(one.pk), f"{one} · {role.label} · {held}"))
    field = forms.ChoiceField(
        label=_("The new contact officer") if another else _("Who looks after this household?"),
        help_text=_("The contact officer visits, writes down what the family says, and follows up."),
        choices=choices,
        initial=str(case.contact_id) if case.contact_id and not another else None,
        widget=choice_widget(choices),
        error_messages={
            "required": _("Choose who looks after this household."),
            "invalid_choice": _(
                "This person looks after the household already, or holds no role here in which they could visit it."
            ),
        },
    )
    return {str(one.pk): one for one, _role in offered}, field


def _load(people: list[User], user: Any) -> Counter[int]:
    """How many cases under way each person looks after, of those that `user` sees. One query."""
    cases = Case.objects.visible_to(user).filter(contact__in=people, status__in=RUNNING)
    return Counter(dict(cases.order_by().values_list("contact").annotate(count=Count("pk"))))


class EmergencyForm(StepForm):
    """Help first: how much, for which risk, why it cannot wait."""

    def build(self, outcome: str) -> None:
        """Ask for the amount within the limit, and for a risk that allows help before recognition."""
        expedited = self.visited.step.expedited
        assert expedited
        limit = money(expedited.limit, self.visited.book.currency)
        before = said(self.visited.procedure.steps[expedited.before].label)
        self.fields["amount"] = forms.DecimalField(
            label=_("How much?"),
            help_text=_("At most %(limit)s. The %(step)s must follow within %(days)s days.")
            % {"limit": limit, "step": before, "days": number(expedited.make_good.days)},
            min_value=0,
            max_digits=14,
            localize=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-10"}),
            error_messages={
                "required": _("Give the amount."),
                "invalid": _("Write digits alone, with a point before decimals: 1200 or 1200.50."),
            },
        )
        labels = load_dictionary()["risks"].values
        self.fields["risk"] = forms.ChoiceField(
            label=_("Because of which risk?"),
            choices=[(one, capfirst(said(labels[one])) if one in labels else one) for one in expedited.risks],
            initial=next((one for one in self.visited.case.risks if one in expedited.risks), None),
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose the risk.")},
        )
        self.ask_reason(_("Why can it not wait for the decision?"))
        self.ask_day(_("On which day was it given?"))

    def clean_amount(self) -> Any:
        """Not above what the rulebook allows before recognition."""
        amount, expedited = self.cleaned_data["amount"], self.visited.step.expedited
        assert expedited
        if not 0 < amount <= expedited.limit:
            limit = money(expedited.limit, self.visited.book.currency)
            raise forms.ValidationError(_("Give more than nothing and at most %(limit)s.") % {"limit": limit})
        return amount

    def clean(self) -> dict[str, Any]:
        """Help before recognition always says why."""
        cleaned = super().clean()
        if not cleaned.get("reason", "").strip() and "reason" not in self.errors and "reason" in self.fields:
            self.add_error("reason", _("Say why it cannot wait."))
        return cleaned

    def take(self) -> CaseStep:
        """Give the aid."""
        typed, visited = self.cleaned_data, self.visited
        return give_emergency_aid(
            visited.case,
            amount=typed["amount"],
            risk=typed["risk"],
            reason=typed.get("reason", ""),
            by=visited.user,
            day=typed["day"],
            today=visited.today,
            seen=typed["seen"],
        )
