"""Words of rulebooks in templates: `{{ texts|said }}`, `{{ fired|rules:book }}`."""

from collections.abc import Iterable
from typing import Any

from django import template

from highground.methods.rules import Rulebook
from highground.signals.rulebooks import fact_label, rule_words, said
from highground.web.numbers import listed

register = template.Library()
register.filter("said", said)


@register.filter
def facts(names: Iterable[str], book: Rulebook | None) -> str:
    """The names of facts and parameters as a list of words."""
    return listed([said(fact_label(book, name)) for name in names])


@register.filter
def rules(names: Iterable[str], book: Rulebook | None) -> str:
    """The names of classes and clue rules as a list of words."""
    return listed([rule_words(book, name) for name in names])


@register.filter
def entry(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, None where there is no such entry."""
    return mapping.get(key)


@register.filter
def reason(book: Rulebook | None, rule: str) -> str:
    """A class ("possible: …") or clue rule in the reader's language."""
    return rule_words(book, rule)
