"""A value as somebody typed it, into the one form in which it is kept.

The form is that of `people.models.Observation.value`: money with at most two decimals and no needless zeros, whole
numbers, `true` and `false`, ISO dates, category ids, lists joined by `;` in the dictionary's order (`[]` is empty).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from decimal import Decimal

from highground.methods.facts.dictionary import Fact

_NUMBER = re.compile(r"-?\d{1,16}(\.\d+)?")
_WHOLE = re.compile(r"-?\d{1,16}")


class NotAValue(ValueError):
    """What was typed is no value of the fact; the message says why and what to type instead."""


def canonical(fact: Fact, typed: object, *, today: datetime.date) -> str:
    """The value of `fact` in the form in which it is kept.

    `typed` is text, or a bool, number, date or list of ids. Raises NotAValue for an amount with a comma, a number
    outside the dictionary's bounds, a day after `today`, an unknown category.
    """
    if fact.type == "list":
        return _list(fact, typed)
    text = _plain(typed)
    if text == "":
        raise NotAValue("type a value, or leave the fact unanswered")
    if fact.type in ("money", "integer"):
        return _number(fact, text)
    if fact.type == "boolean":
        found = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}
        if text.lower() not in found:
            raise NotAValue(f"'{text}' is neither yes nor no")
        return found[text.lower()]
    if fact.type == "date":
        return _day(text, today)
    if text not in fact.values:
        raise NotAValue(f"'{text}' is not one of {', '.join(fact.values)}")
    return text


def _plain(typed: object) -> str:
    if isinstance(typed, bool):
        return "true" if typed else "false"
    return "" if typed is None else str(typed).strip()


def _number(fact: Fact, text: str) -> str:
    if "," in text or "，" in text:
        raise NotAValue(
            f"'{text}' has a comma; write digits alone, with a point before decimals: {text.replace(',', '')}"
        )
    if fact.type == "integer":
        if not _WHOLE.fullmatch(text):
            raise NotAValue(f"'{text}' is no whole number")
        value = Decimal(text)
    else:
        if not _NUMBER.fullmatch(text):
            raise NotAValue(f"'{text}' is no amount; write for example 1200 or 1200.50")
        value = Decimal(text)
        if value != value.quantize(Decimal("0.01")):
            raise NotAValue(f"'{text}' has more than two decimals")
    assert fact.minimum is not None
    assert fact.maximum is not None
    if not fact.minimum <= value <= fact.maximum:
        raise NotAValue(f"'{text}' lies outside {fact.minimum} to {fact.maximum}")
    value = value.normalize()
    return f"{value:f}" if value else "0"


def _day(text: str, today: datetime.date) -> str:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise NotAValue(f"'{text}' is no date; write for example 2024-06-30") from None
    if day > today:
        raise NotAValue(f"{day} lies in the future")
    return day.isoformat()


def items_of(kept: str) -> list[str]:
    """The ids in a list as it is kept."""
    return [] if kept == "[]" else kept.split(";")


def _list(fact: Fact, typed: object) -> str:
    if isinstance(typed, str):
        text = typed.strip()
        chosen: Iterable[object] = [] if text in ("", "[]") else text.split(";")
    elif isinstance(typed, Iterable):
        chosen = typed
    else:
        raise NotAValue("name the values of the list")
    wanted = {str(one).strip() for one in chosen}
    for one in wanted:
        if one not in fact.values:
            raise NotAValue(f"'{one}' is not one of {', '.join(fact.values)}")
    return ";".join(name for name in fact.values if name in wanted) or "[]"
