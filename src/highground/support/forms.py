"""The forms of support: a plan line by line, a delivery, changes, loans and claims, budgets, payments."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.cases.forms.base import people_who_may
from highground.cases.models import Case
from highground.methods.rules.procedure.graph import Through
from highground.signals.rulebooks import said
from highground.support.actions.ground import catalogue_for_case, roles_of, to_major
from highground.support.actions.planning import NewLine
from highground.support.catalogue import Catalogue, Measure
from highground.support.models import PlanLine
from highground.support.words import family_label, risk_label
from highground.web.numbers import money

WITH_A_POINT = gettext_lazy("Write the amount with a point and without commas, such as 1200.50.")
NO_DATE = gettext_lazy("This is no date; write for example 2024-06-30.")
IN_HOW_MANY_DAYS = 30
"""The day that a new line proposes: so many days from now."""


class DayField(forms.DateField):
    """A day, chosen or written as 2024-06-30."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("error_messages", {}).setdefault("invalid", NO_DATE)
        options.setdefault(
            "widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "short"})
        )
        super().__init__(**options)


class AmountField(forms.DecimalField):
    """An amount in major units. A comma is no thousands mark and no point: it is refused."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("error_messages", {}).setdefault("invalid", WITH_A_POINT)
        options.setdefault("min_value", 0)
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}))
        super().__init__(max_digits=15, **options)


@dataclass(frozen=True)
class Offered:
    """What forms about a case offer: the catalogue, who can be responsible, the risks."""

    case: Case
    catalogue: Catalogue
    people: dict[str, User]
    person_choices: list[tuple[str, str]]
    measure_choices: list[Any]

    @property
    def decimals(self) -> int:
        return self.catalogue.minor_digits


def offered(case: Case, today: datetime.date) -> Offered:
    """What can be chosen in a case. One query. The families that answer its risks come first."""
    catalogue = catalogue_for_case(case)
    roles = dict.fromkeys([*roles_of(case, Through.PLAN), *roles_of(case, Through.DELIVERY)])
    found = people_who_may([str(role) for role in roles], case, today)
    return Offered(
        case,
        catalogue,
        {str(user.pk): user for user, _role in found},
        [(str(user.pk), f"{user} · {Role(role).label}") for user, role in found],
        _measure_choices(catalogue, case.risks),
    )


def _measure_choices(catalogue: Catalogue, risks: Sequence[str]) -> list[Any]:
    first = list(dict.fromkeys(family for risk in risks for family in catalogue.answering(risk)))
    rest = [family for family in catalogue.families if family not in first]
    groups = [
        (
            capfirst(family_label(family)),
            [(one.id, _named(one, catalogue)) for one in catalogue.measures_of(family)],
        )
        for family in (*first, *rest)
    ]
    return [("", _("Choose a measure")), *((label, choices) for label, choices in groups if choices)]


def _named(measure: Measure, catalogue: Catalogue) -> str:
    """A measure with what it costs, where that is known."""
    label = capfirst(said(measure.label))
    if measure.unit_cost is None:
        return label
    cost = money(measure.unit_cost, catalogue.currency)
    return _("%(measure)s (%(cost)s for each %(unit)s)") % {
        "measure": label,
        "cost": cost,
        "unit": said(measure.unit),
    }


class LineForm(forms.Form):
    """One measure of a plan. A form that names no measure and says nothing else is left out."""

    def __init__(self, *arguments: Any, offered: Offered, today: datetime.date, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.offered = offered
        self.empty_permitted = False
        case = offered.case
        self.fields["measure"] = forms.ChoiceField(
            label=_("Which measure?"), choices=offered.measure_choices, required=False
        )
        self.fields["risk"] = forms.ChoiceField(
            label=_("Which risk does it answer?"),
            choices=[
                *((risk, capfirst(risk_label(risk))) for risk in case.risks),
                ("", _("Help in general")),
            ],
            required=False,
        )
        self.fields["responsible"] = forms.ChoiceField(
            label=_("Who sees to it?"),
            choices=[("", _("Choose a person")), *offered.person_choices],
            required=False,
            initial=str(case.contact_id) if str(case.contact_id) in offered.people else "",
        )
        self.fields["due_on"] = DayField(
            label=_("By when?"),
            required=False,
            initial=(today + datetime.timedelta(days=IN_HOW_MANY_DAYS)).isoformat(),
        )
        self.fields["quantity"] = forms.IntegerField(
            label=_("How many?"),
            min_value=1,
            max_value=1_000_000,
            required=False,
            initial=1,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
        )
        self.fields["amount"] = AmountField(
            label=_("Cost in all, if known (%(currency)s)") % {"currency": money_word(offered.catalogue)},
            required=False,
            decimal_places=offered.decimals,
        )
        self.fields["note"] = forms.CharField(label=_("Note"), required=False, max_length=1000)

    @property
    def is_blank(self) -> bool:
        """Whether nobody asked for anything here."""
        typed = self.cleaned_data
        return not typed.get("measure") and not typed.get("note") and typed.get("amount") is None

    def clean(self) -> dict[str, Any]:
        """A line with a measure has a person and a day."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if "amount" in self.errors or "note" in self.errors or not self.is_blank:
            if not typed.get("measure") and "measure" not in self.errors:
                self.add_error("measure", _("Choose the measure."))
            if not typed.get("responsible") and "responsible" not in self.errors:
                self.add_error("responsible", _("Name the person responsible."))
            if not typed.get("due_on") and "due_on" not in self.errors:
                self.add_error("due_on", _("Give the day by which it is done."))
        return typed

    def line(self) -> NewLine:
        """What was typed, for the action."""
        typed = self.cleaned_data
        return NewLine(
            measure=typed["measure"],
            risk=typed["risk"],
            responsible=self.offered.people.get(typed["responsible"]),
            due_on=typed["due_on"],
            quantity=typed["quantity"] or 1,
            amount=typed["amount"],
            note=typed["note"],
        )


class LineForms(forms.BaseFormSet):  # type: ignore[type-arg]
    """The measures of a plan, one form each. `refused` is what the action said of them."""

    refused = ""

    def lines(self) -> list[NewLine]:
        """The lines that were filled in."""
        return [form.line() for form in self.forms if not form.is_blank]

    def clean(self) -> None:
        """A plan without any measure is no plan."""
        if not any(self.errors) and not self.lines():
            raise forms.ValidationError(_("Choose at least one measure."))


def line_forms(
    data: Any, offered: Offered, today: datetime.date, *, risks: Sequence[str], count: int
) -> LineForms:
    """The forms of a plan: one for each of `risks`, chosen already, and empty ones up to `count`."""
    kind: Any = forms.formset_factory(
        LineForm, formset=LineForms, extra=count, min_num=0, max_num=40, absolute_max=40
    )
    made = kind(
        data,
        prefix="line",
        form_kwargs={"offered": offered, "today": today},
    )
    if data is None:
        for place, form in enumerate(made.forms):
            form.fields["risk"].initial = risks[place] if place < len(risks) else ""
    return made  # type: ignore[no-any-return]


class DeliveryForm(forms.Form):
    """What arrived, when, on what evidence. `key` makes a form that is sent twice one delivery."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(
        self,
        *arguments: Any,
        line: PlanLine,
        measure: Measure | None,
        catalogue: Catalogue,
        today: datetime.date,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        unit = said(measure.unit) if measure else ""
        cash = bool(measure and measure.cash)
        self.fields["day"] = DayField(
            label=_("On which day did it arrive?"),
            initial=today.isoformat(),
            error_messages={"required": _("Give the day on which it happened."), "invalid": NO_DATE},
        )
        self.fields["quantity"] = forms.IntegerField(
            label=_("How many?") + (f" ({unit})" if unit else ""),
            min_value=1,
            max_value=1_000_000,
            initial=line.quantity,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
        )
        promised = line.committed or line.amount
        self.fields["amount"] = AmountField(
            label=_("What it cost (%(currency)s)") % {"currency": money_word(catalogue)},
            help_text=_("It is paid to the household through a payment batch.") if cash else "",
            required=cash,
            decimal_places=catalogue.minor_digits,
            initial=plain(promised, catalogue) if promised else None,
            error_messages={
                "required": _("Give the amount that the household gets."),
                "invalid": WITH_A_POINT,
            },
        )
        self.fields["more"] = forms.BooleanField(
            label=_("More of it comes later"),
            required=False,
        )
        self.fields["evidence"] = forms.FileField(
            label=_("Photo or paper"),
            help_text=_(
                "A picture of what arrived, or of the receipt. Where and with which camera is taken out of it."
            ),
            required=False,
        )
        self.fields["note"] = forms.CharField(
            label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
        )


class ChangeForm(forms.Form):
    """Who sees to a measure, by when, and what it costs."""

    def __init__(self, *arguments: Any, line: PlanLine, offered: Offered, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.people = offered.people
        self.fields["responsible"] = forms.ChoiceField(
            label=_("Who sees to it?"),
            choices=offered.person_choices,
            initial=str(line.responsible_id),
            error_messages={"required": _("Name the person responsible.")},
        )
        self.fields["due_on"] = DayField(
            label=_("By when?"),
            initial=line.due_on.isoformat(),
            error_messages={"required": _("Give the day by which it is done."), "invalid": NO_DATE},
        )
        self.fields["quantity"] = forms.IntegerField(
            label=_("How many?"),
            min_value=1,
            max_value=1_000_000,
            initial=line.quantity,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
        )
        self.fields["amount"] = AmountField(
            label=_("Cost in all, if known (%(currency)s)") % {"currency": money_word(offered.catalogue)},
            required=False,
            decimal_places=offered.decimals,
            initial=plain(line.amount, offered.catalogue),
        )
        self.fields["note"] = forms.CharField(
            label=_("Note"), required=False, max_length=1000, initial=line.note
        )


class DropForm(forms.Form):
    """Why a measure is taken out of a plan."""

    reason = forms.CharField(
        label=gettext_lazy("Why is it dropped?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Say why, in words that the family could read.")},
    )


class MoneyForm(forms.Form):
    """An amount and a day, and for a loan the day on which it is due."""

    def __init__(
        self,
        *arguments: Any,
        catalogue: Catalogue,
        today: datetime.date,
        amount: str,
        day: str,
        due: str = "",
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.fields["amount"] = AmountField(
            label=f"{amount} ({money_word(catalogue)})",
            decimal_places=catalogue.minor_digits,
            error_messages={"required": _("Give the amount."), "invalid": WITH_A_POINT},
        )
        self.fields["day"] = DayField(label=day, initial=today.isoformat())
        if due:
            self.fields["due_on"] = DayField(label=due)


class BudgetForm(forms.Form):
    """What a county may spend on a family of measures in a year."""

    def __init__(self, *arguments: Any, catalogue: Catalogue, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["family"] = forms.ChoiceField(
            label=_("Family of measures"),
            choices=[(name, capfirst(family_label(name))) for name in catalogue.families],
        )
        self.fields["amount"] = AmountField(
            label=_("Amount for the year (%(currency)s)") % {"currency": money_word(catalogue)},
            decimal_places=catalogue.minor_digits,
            error_messages={"required": _("Give the amount."), "invalid": WITH_A_POINT},
        )


class BatchForm(forms.Form):
    """What goes out in a payment batch."""

    def __init__(self, *arguments: Any, families: Sequence[str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["family"] = forms.ChoiceField(
            label=_("Family of measures"),
            choices=[("", _("All families")), *((name, capfirst(family_label(name))) for name in families)],
            required=False,
        )


class ReturnForm(forms.Form):
    """The file that the bank sent back."""

    file = forms.FileField(
        label=gettext_lazy("The file"),
        help_text=gettext_lazy(
            "A CSV or Excel file with the columns line, amount and status (paid or failed)."
        ),
        error_messages={"required": gettext_lazy("Choose the file.")},
    )


def money_word(catalogue: Catalogue) -> str:
    """What the currency is called."""
    return money(Decimal(0), catalogue.currency).removeprefix("0").strip()


def plain(amount: int | None, catalogue: Catalogue) -> str | None:
    """Minor units as somebody types them: 1200.50."""
    major = to_major(amount, catalogue.minor_digits)
    if major is None:
        return None
    return str(int(major)) if major == major.to_integral_value() else str(major)
