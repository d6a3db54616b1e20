"""Why a verdict is what it is: every figure, value, person, parameter and rule behind it, and what would clear it."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from highground.methods.rules.answers import Answers
from highground.methods.rules.explaining.case import Case, Json
from highground.methods.rules.explaining.clearing import clears
from highground.methods.rules.explaining.parts import all_derived
from highground.methods.rules.explaining.reasons import reason
from highground.methods.rules.explaining.settling import settles
from highground.methods.rules.explaining.text import as_text
from highground.methods.rules.explaining.values import household_values, members, parameters, persons
from highground.methods.rules.explaining.words import headline, rule_why, why
from highground.methods.rules.intervals import YES
from highground.methods.rules.judging import judge
from highground.methods.rules.record import Record
from highground.methods.rules.rulebook import ClueRule, HouseholdClass, Rulebook, Veto

__all__ = ["Explanation", "explain"]


class Explanation:
    """The explanation of one household's verdicts; its parts are worked out when they are asked for."""

    def __init__(self, record: Record, book: Rulebook) -> None:
        self.judgement = judge(record, book)
        self._case = Case(Answers(record, book), self.judgement)

    @cached_property
    def verdict(self) -> Json:
        """The verdict with its headline and the reason in one sentence: what a list shows."""
        judgement = self.judgement
        return {
            "class_verdict": judgement.class_verdict,
            "class": judgement.class_id,
            "fired": list(judgement.fired),
            "undecided": list(judgement.undecided),
            "unknown": list(judgement.unknown),
            "headline": headline(self._case),
            "why": why(self._case),
        }

    def why(self, rule: str) -> dict[str, str]:
        """The reason for the verdict on one class, clue rule or veto, as a sentence in each language.

        Raises KeyError where the rulebook has no such rule.
        """
        book = self._case.book
        rules: list[HouseholdClass | ClueRule | Veto] = [*book.classes, *book.clues, *book.vetoes]
        for one in rules:
            if one.id == rule:
                return rule_why(self._case, one.expression.tree)
        raise KeyError(f"{book.id} has no rule '{rule}'")

    def as_dict(self) -> dict[str, Any]:
        """The explanation as data that can be written as JSON and recomputed from what it prints.

        Numbers are exact text, amounts in major units; a figure has `value` (None where it is a range), `lo` and
        `hi`. Texts stand apart from them, as `{"en": ..., "zh": ...}`. Keys: `household`, `area`, `as_of`,
        `rulebook`, `window`, `verdict`, `derived`, `conditions`, `classes`, `clues`, `vetoes`, `values`, `persons`,
        `members`, `parameters`, `clears`, `settles`, `unverified`.
        """
        return self._content

    def text(self, language: str = "en") -> str:
        """The explanation to read, in `en` or `zh`."""
        return as_text(self._content, language)

    def __str__(self) -> str:
        return self.text()

    @cached_property
    def _content(self) -> Json:
        case, record, book = self._case, self._case.record, self._case.book
        content: Json = {
            "household": record.household,
            "area": record.area,
            "as_of": record.as_of.isoformat(),
            "rulebook": _rulebook(book),
            "window": _window(book, record.as_of),
            "verdict": self.verdict,
            "derived": all_derived(case),
            "conditions": [
                {
                    "id": name,
                    "label": dict(named.label),
                    **_origin(named),
                    "reason": reason(case, named.expression),
                }
                for name, named in book.conditions.items()
            ],
            "classes": [_rule(case, class_) for class_ in book.classes],
            "clues": [_rule(case, clue) for clue in book.clues],
            "vetoes": [_veto(case, veto) for veto in book.vetoes],
            "values": household_values(case),
            "persons": persons(case),
            "members": members(case),
            "parameters": parameters(case),
            "clears": clears(case),
            "settles": settles(case),
        }
        content["unverified"] = _unverified(book, content)
        return content


def explain(record: Record, book: Rulebook) -> Explanation:
    """Why the rulebook says what it says of one household."""
    return Explanation(record, book)


def _rulebook(book: Rulebook) -> Json:
    return {
        "id": book.id,
        "version": book.version,
        "title": dict(book.title),
        "hash": book.hash,
        "country": book.country,
        "currency": book.currency,
        "synthetic": book.synthetic,
        "assessed": [day.isoformat() for day in book.assessed],
    }


def _window(book: Rulebook, as_of: date) -> list[str] | None:
    if book.income_months is None:
        return None
    return [day.isoformat() for day in book.income_window(as_of)]


def _origin(rule: Any) -> Json:
    return {"source": rule.source, "verified": rule.verified}


def _rule(case: Case, rule: HouseholdClass | ClueRule) -> Json:
    return {
        "id": rule.id,
        "label": dict(rule.label),
        "severity": rule.severity,
        "visit_within": rule.visit_within,
        **_origin(rule),
        "why": rule_why(case, rule.expression.tree),
        "reason": reason(case, rule.expression),
    }


def _veto(case: Case, veto: Veto) -> Json:
    exceptions = [
        {"id": one.id, "label": dict(one.label), "reason": reason(case, one.expression)}
        for one in veto.exceptions
    ]
    speaking = [one.id for one in veto.exceptions if case.judgement.exceptions[veto.id, one.id] == YES]
    return {
        "id": veto.id,
        "label": dict(veto.label),
        **_origin(veto),
        "why": rule_why(case, veto.expression.tree),
        "reason": reason(case, veto.expression),
        "exceptions": exceptions,
        "excepted_by": speaking,
    }


def _unverified(book: Rulebook, content: Json) -> list[Json]:
    """Rules and parameter rows that nobody has verified."""
    found = []
    for kind, entries in (
        ("derived", content["derived"]),
        ("condition", content["conditions"]),
        ("class", content["classes"]),
        ("clue", content["clues"]),
        ("veto", content["vetoes"]),
    ):
        found += [
            {"kind": kind, "id": one["id"], "label": one["label"]} for one in entries if not one["verified"]
        ]
    found += [
        {"kind": "parameter", "id": one["name"], "label": one["label"]}
        for one in content["parameters"]
        if not one["verified"] and one["value"] is not None
    ]
    if not book.counted.verified:
        found.append({"kind": "counted", "id": "counted", "label": dict(book.counted.label)})
    return found
