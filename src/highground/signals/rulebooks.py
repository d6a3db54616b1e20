"""Rulebooks as pages need them: read once per version, and what their parts are called."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from django.utils.translation import gettext as _

from highground.methods.rules import Rulebook
from highground.methods.rules.reading import read_rulebook
from highground.methods.rules.rulebook import ClueRule, HouseholdClass
from highground.signals.models import RulebookVersion
from highground.web.numbers import in_chinese

Text = Mapping[str, str]


def said(texts: Text | None) -> str:
    """A text of the rulebooks (`en`, `zh`) in the reader's language."""
    if not texts:
        return ""
    return texts.get("zh" if in_chinese() else "en") or next(iter(texts.values()))


@lru_cache(maxsize=32)
def book_of(content_hash: str) -> Rulebook:
    """A rulebook as it was when it was used, by the hash of its content: each is read once."""
    stored = RulebookVersion.objects.get(hash=content_hash)
    return read_rulebook(stored.content, origin=f"{stored.rulebook}.yaml")


def latest_books() -> dict[str, Rulebook]:
    """The rulebooks that were used, by id, each in the version used last. One query, once they are read."""
    return {
        name: book_of(content_hash)
        for name, content_hash in RulebookVersion.objects.order_by("pk").values_list("rulebook", "hash")
    }


def rules_of(book: Rulebook) -> dict[str, HouseholdClass | ClueRule]:
    """The classes and the clue rules of a rulebook by id, in its order."""
    rules: list[HouseholdClass | ClueRule] = [*book.classes, *book.clues]
    return {rule.id: rule for rule in rules}


def rule_label(book: Rulebook | None, rule: str) -> Text:
    """What a class or clue rule is called; its id where the rulebook does not know it any more."""
    found = rules_of(book).get(rule) if book else None
    return found.label if found else {"en": rule, "zh": rule}


def rule_words(book: Rulebook | None, rule: str) -> str:
    """A class or clue rule as a reason, in the reader's language. A class is never said but as a possibility."""
    label = said(rule_label(book, rule))
    if book and rule in {one.id for one in book.classes}:
        return _("possible: %(label)s") % {"label": label}
    return label


def fact_label(book: Rulebook | None, name: str) -> Text:
    """What a fact (or `parameter:NAME`) is called."""
    if book and name.startswith("parameter:"):
        parameter = book.parameters.get(name.removeprefix("parameter:"))
        return parameter.label if parameter else {"en": name, "zh": name}
    fact = book.dictionary.get(name) if book else None
    return fact.label if fact else {"en": name, "zh": name}
