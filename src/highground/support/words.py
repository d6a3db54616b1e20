"""What measures, families, risks and refusals are called, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from highground.cases.flow import Changed
from highground.methods.facts import load_dictionary
from highground.signals.rulebooks import said
from highground.support.catalogue import Catalogue
from highground.web.numbers import listed


def family_label(family: str) -> str:
    """A family of measures; its id where it is unknown."""
    return said(load_dictionary()["measures_delivered"].values.get(family)) or family


def risk_label(risk: str) -> str:
    """A risk; its id where it is unknown."""
    return said(load_dictionary()["risks"].values.get(risk)) or risk


def measure_label(catalogue: Catalogue, measure: str) -> str:
    """A measure; its id where the catalogue does not have it any more."""
    known = catalogue.measures.get(measure)
    return said(known.label) if known else measure


def family_words(families: Iterable[str]) -> str:
    """Families in a row."""
    return listed([family_label(family) for family in families])


def refusal(error: Exception) -> str:
    """Why something cannot be done: the message itself in English, else what kind of thing it is."""
    if isinstance(error, Changed):
        return _("The case has changed since you opened this page: look at it again, then decide.")
    why = getattr(error, "why", "")
    text = _refusals().get(why, "")
    if text and not (get_language() or "en").startswith("en"):
        return text
    return capfirst(str(error)) or text


def _refusals() -> dict[str, str]:
    return {
        "role": _("Your role does not do this here. Ask somebody whose role does."),
        "own_step": _("Whoever made a batch does not reconcile it: somebody else must."),
        "status": _("This is done only while the household is monitored."),
        "not_now": _("The plan stands already: add measures to it."),
        "overspent": _("The county's budget for this family of measures does not have that much left."),
        "no_budget": _(
            "The county has set no budget for this family of measures in that year. A county officer sets one first, "
            "or the measure is planned without an amount."
        ),
        "responsible": _("Name a person responsible who sees this household."),
        "due": _("Give a day by which it is done; it cannot lie before the plan."),
        "back_dated": _("The day lies before what it rests on. Check the day."),
        "future": _("The day lies in the future. Record it when it has happened."),
        "amount": _("This amount cannot be. Write it with a point and without commas, such as 1200.50."),
        "quantity": _("Give how many, at least 1."),
        "state": _("This is delivered, dropped or answered already."),
        "reason": _("Say why, in words that the family could read."),
        "measure": _("The catalogue has no such measure, or the measure is of another kind."),
        "risk": _("This is no risk of the case."),
        "empty": _("Choose at least one measure."),
        "nothing": _("Nothing waits to be paid here."),
        "file": _("This file is no return of a payment batch: it needs the columns line, amount and status."),
        "family": _("There is no such family of measures."),
        "county": _("A budget belongs to a county."),
    }
