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
    """What was typed is no value of the fact; the message says why and what to type instead.

    `text` and `about` are the message before it was filled in, for whoever says it in another language.
    """

    def __init__(self, text: str, **about: object) -> None:
        self.text, self.about = text, about
        super().__init__(text % about)


def gettext_noop(text: str) -> str:
    """Mark a text for translation; whoever shows it looks the translation up."""
    return text


def canonical(fact: Fact, typed: object, *, today: datetime.date) -> str:
    """The value of `fact` in the form in which it is kept.

    `typed` is text, or a bool, number, date or list of ids. Raises NotAValue for an amount with a comma, a number
    outside the dictionary's bounds, a day after `today`, an unknown category.
    """
    if fact.type == "list":
        return _list(fact, typed)
    text = _plain(typed)
    if text == "":
        raise NotAValue(gettext_noop("type a value, or leave the fact unanswered"))
    if fact.type in ("money", "integer"):
        return _number(fact, text)
    if fact.type == "boolean":
        found = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}
        if text.lower() not in found:
            raise NotAValue(gettext_noop("'%(typed)s' is neither yes nor no"), typed=text)
        return found[text.lower()]
    if fact.type == "date":
        return _day(text, today)
    if text not in fact.values:
        raise _unknown(fact, text)
    return text


def _plain(typed: object) -> str:
    if isinstance(typed, bool):
        return "true" if typed else "false"
    return "" if typed is None else str(typed).strip()


def _number(fact: Fact, text: str) -> str:
    if "," in text or "，" in text:
        raise NotAValue(
            gettext_noop(
                "'%(typed)s' has a comma; write digits alone, with a point before decimals: %(digits)s"
            ),
            typed=text,
            digits=text.replace(",", "").replace("，", ""),
        )
    if fact.type == "integer":
        if not _WHOLE.fullmatch(text):
            raise NotAValue(gettext_noop("'%(typed)s' is no whole number"), typed=text)
        value = Decimal(text)
    else:
        if not _NUMBER.fullmatch(text):
            raise NotAValue(
                gettext_noop("'%(typed)s' is no amount; write for example 1200 or 1200.50"), typed=text
            )
        value = Decimal(text)
        if value != value.quantize(Decimal("0.01")):
            raise NotAValue(gettext_noop("'%(typed)s' has more than two decimals"), typed=text)
    assert fact.minimum is not None
    assert fact.maximum is not None
    if not fact.minimum <= value <= fact.maximum:
        raise NotAValue(
            gettext_noop("'%(typed)s' lies outside %(least)s to %(most)s"),
            typed=text,
            least=fact.minimum,
            most=fact.maximum,
        )
    value = value.normalize()
    return f"{value:f}" if value else "0"


def _unknown(fact: Fact, typed: str) -> NotAValue:
    values = ", ".join(fact.values)
    return NotAValue(gettext_noop("'%(typed)s' is not one of %(values)s"), typed=typed, values=values)


def _day(text: str, today: datetime.date) -> str:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise NotAValue(
            gettext_noop("'%(typed)s' is no date; write for example 2024-06-30"), typed=text
        ) from None
    if day > today:
        raise NotAValue(gettext_noop("%(day)s lies in the future"), day=day)
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
        raise NotAValue(gettext_noop("name the values of the list"))
    wanted = {str(one).strip() for one in chosen}
    for one in wanted:
        if one not in fact.values:
            raise _unknown(fact, one)
    return ";".join(name for name in fact.values if name in wanted) or "[]"
