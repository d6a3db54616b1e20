"""How to say that a fact is so: from `data/phrases.yaml`, and from the labels where nothing stands there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from highground.methods.facts import Fact


@dataclass(frozen=True)
class Clause:
    """A subject and what is said of it. An empty subject is brought by the sentence, or stands in the predicate."""

    subject: str
    predicate: str


@cache
def phrases() -> Mapping[str, Mapping[str, tuple[str, str, str]]]:
    """By fact (`fact`, `fact=value` or `fact=[]`) and language: subject, said where so, said where not."""
    source = files("highground") / "data" / "phrases.yaml"
    content = yaml.safe_load(source.read_text(encoding="utf-8"))
    return {
        key: {language: (str(said[0]), str(said[1]), str(said[2])) for language, said in by_language.items()}
        for key, by_language in content.items()
    }


def boolean_clause(fact: Fact, language: str, *, so: bool) -> Clause:
    """That a boolean fact is so, or is not."""
    found = _found(fact.name, language, so=so)
    if found is not None:
        return found
    label = fact.label[language]
    if language == "zh":
        return Clause(
            "" if fact.entity == "member" else f"“{label}”", _own(fact, label, "为是" if so else "为否")
        )
    if fact.entity == "member":
        return Clause("", f"is marked “{label}”" if so else f"is not marked “{label}”")
    return Clause(f"“{label}”", "applies" if so else "does not apply")


def _own(fact: Fact, label: str, said: str) -> str:
    return f"“{label}”{said}" if fact.entity == "member" else said


def category_clause(fact: Fact, value: str, language: str, *, so: bool) -> Clause:
    """That a category fact has a value, or has not."""
    found = _found(f"{fact.name}={value}", language, so=so)
    if found is not None:
        return found
    label, said = fact.label[language], fact.values[value][language]
    if language == "zh":
        predicate = f"{'为' if so else '不为'}“{said}”"
        return Clause("", label + predicate) if fact.entity == "member" else Clause(label, predicate)
    if fact.entity == "member":
        return Clause("", f"{'has' if so else 'does not have'} “{said}” as {label}")
    return Clause(label, f"{'is' if so else 'is not'} “{said}”")


def list_clause(fact: Fact, value: str | None, language: str, *, so: bool) -> Clause:
    """That a list fact holds a value (None: is empty), or does not."""
    found = _found(f"{fact.name}={'[]' if value is None else value}", language, so=so)
    if found is not None:
        return found
    label = fact.label[language]
    if language == "zh":
        said = f"包括“{fact.values[value]['zh']}”" if value is not None else "为空"
        negated = said if so else f"不{said}"
        return Clause("", label + negated) if fact.entity == "member" else Clause(label, negated)
    if fact.entity == "member":
        held = "entries" if value is None else f"“{fact.values[value]['en']}”"
        negation = so if value is None else not so
        return Clause("", f"has {'no ' if negation else ''}{held} under {label}")
    if value is None:
        return Clause(f"the list of {label}", "is empty" if so else "is not empty")
    return Clause(fact.values[value]["en"], f"{'is' if so else 'is not'} among the {label}")


def _found(key: str, language: str, *, so: bool) -> Clause | None:
    said = phrases().get(key, {}).get(language)
    return None if said is None else Clause(said[0], said[1] if so else said[2])
