"""A procedure as pages show it: its picture, a band for each phase, and the same as a table."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from highground.accounts.enums import Role
from highground.methods.facts import load_dictionary
from highground.methods.rules.procedure.graph import Effect, Outcome, Procedure, Step
from highground.methods.rules.procedure.picture import draw
from highground.methods.rules.procedure.svg import band_svg
from highground.methods.rules.procedure.words import PHASES, Words
from highground.signals.rulebooks import said
from highground.web.numbers import in_chinese


def words_of(procedure: Procedure) -> Words:
    """A procedure in the reader's language, with the roles and risks as the office calls them."""
    risks = load_dictionary()["risks"].values
    return Words(
        procedure,
        "zh" if in_chinese() else "en",
        roles={role.value: str(role.label) for role in Role},
        risks={name: said(label) for name, label in risks.items()},
    )


def shown_procedure(procedure: Procedure) -> dict[str, Any]:
    """The context of `signals/procedure.html`: pictures and rows of the table."""
    words = words_of(procedure)
    return {
        "bands": [_picture(band) for band in draw(words)],
        "rows": [_row(words, step) for step in procedure.steps.values()],
        "unverified": not all(step.verified for step in procedure.steps.values()),
    }


def _picture(band: Any) -> SafeString:
    label = _("%(phase)s, as a picture; the same stands below as a table") % {"phase": band.title}
    return mark_safe(band_svg(band, label))  # noqa: S308  (every text in it is escaped by svg.py)


def _row(words: Words, step: Step) -> dict[str, Any]:
    return {
        "phase": said(PHASES[step.phase]),
        "title": capfirst(words.title(step.id)),
        "taken_by": words.taken_by(step),
        "after": words.titles(step.requires),
        "lines": [(line.text, line.verified) for line in words.lines(step)],
        "outcomes": [_outcome(words, one) for one in step.outcomes.values()],
        "source": step.source,
        "verified": step.verified,
    }


def _outcome(words: Words, outcome: Outcome) -> str:
    """An outcome with where it leads, where that is not simply on."""
    label = said(outcome.label)
    match outcome.effect:
        case Effect.BACK:
            return _("%(outcome)s → back to: %(step)s") % {
                "outcome": label,
                "step": words.title(outcome.to or ""),
            }
        case Effect.CLOSE:
            return _("%(outcome)s → the case ends") % {"outcome": label}
        case Effect.KEEP:
            return _("%(outcome)s → stays monitored") % {"outcome": label}
        case Effect.RECOGNISE:
            return _("%(outcome)s → monitored") % {"outcome": label}
        case Effect.EXIT:
            return _("%(outcome)s → exited, still watched") % {"outcome": label}
        case _:
            return label
