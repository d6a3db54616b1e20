"""The functions of ODK's XPath that Highground's own page knows, each with how many arguments it takes.

Method: https://getodk.github.io/xforms-spec, section XPath Functions.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from highground.field.forms.xpath import (
    EPOCH,
    BadExpression,
    Constant,
    Expression,
    Place,
    Value,
    days,
    nodes_of,
    number,
    text,
    truth,
)

Arguments = Sequence[Expression]
MANY = 500
LONGEST = 2_000
"""Characters of a text that a pattern is tried on."""


def _text(place: Place, arguments: Arguments, which: int) -> str:
    return text(arguments[which].value(place), place)


def _number(place: Place, arguments: Arguments, which: int) -> float:
    return number(arguments[which].value(place), place)


def _if(place: Place, arguments: Arguments) -> Value:
    return arguments[1 if truth(arguments[0].value(place), place) else 2].value(place)


def _coalesce(place: Place, arguments: Arguments) -> Value:
    return next((shown for which in range(len(arguments)) if (shown := _text(place, arguments, which))), "")


def _once(place: Place, arguments: Arguments) -> Value:
    return place.world.text(place.node) or _text(place, arguments, 0)


def _selected(place: Place, arguments: Arguments) -> Value:
    return _text(place, arguments, 1).strip() in _text(place, arguments, 0).split()


def _selected_at(place: Place, arguments: Arguments) -> Value:
    chosen, which = _text(place, arguments, 0).split(), _number(place, arguments, 1)
    return chosen[int(which)] if 0 <= which < len(chosen) else ""


def _count_selected(place: Place, arguments: Arguments) -> Value:
    return float(len(_text(place, arguments, 0).split()))


def _concat(place: Place, arguments: Arguments) -> Value:
    return "".join(
        "".join(place.world.text(node) for node in value) if isinstance(value, list) else text(value, place)
        for value in (one.value(place) for one in arguments)
    )


def _join(place: Place, arguments: Arguments) -> Value:
    parts: list[str] = []
    for one in arguments[1:]:
        value = one.value(place)
        parts += (
            [place.world.text(node) for node in value] if isinstance(value, list) else [text(value, place)]
        )
    return _text(place, arguments, 0).join(parts)


def _substr(place: Place, arguments: Arguments) -> Value:
    shown = _text(place, arguments, 0)
    first = int(_number(place, arguments, 1))
    return shown[first : int(_number(place, arguments, 2))] if len(arguments) > 2 else shown[first:]


def _string_length(place: Place, arguments: Arguments) -> Value:
    return float(len(_text(place, arguments, 0) if arguments else place.world.text(place.node)))


def _regex(place: Place, arguments: Arguments) -> Value:
    """Whether a pattern is found in a text. One that Python cannot read is found in nothing."""
    try:
        return re.search(_text(place, arguments, 1), _text(place, arguments, 0)[:LONGEST]) is not None
    except re.error:
        return False


def _round(place: Place, arguments: Arguments) -> Value:
    value = _number(place, arguments, 0)
    if not math.isfinite(value):
        return value
    digits = int(_number(place, arguments, 1)) if len(arguments) > 1 else 0
    # Halves go away from zero, as in ODK: round(-2.5) is -3.
    return float(Decimal(repr(value)).scaleb(digits).to_integral_value(ROUND_HALF_UP).scaleb(-digits))


def _int(place: Place, arguments: Arguments) -> Value:
    value = _number(place, arguments, 0)
    return float(math.trunc(value)) if math.isfinite(value) else math.nan


def _numbers(place: Place, arguments: Arguments) -> list[float]:
    found: list[float] = []
    for one in arguments:
        value = one.value(place)
        shown: list[Value] = (
            [place.world.text(node) for node in value] if isinstance(value, list) else [value]
        )
        found += [number(each, place) for each in shown if each != ""]
    return found


def _extreme(which: Callable[[list[float]], float]) -> Callable[[Place, Arguments], Value]:
    def found(place: Place, arguments: Arguments) -> Value:
        values = _numbers(place, arguments)
        return which(values) if values and not any(math.isnan(one) for one in values) else math.nan

    return found


def _sum(place: Place, arguments: Arguments) -> Value:
    """Over nodes; one that is empty makes it no number."""
    return float(sum(number([node], place) for node in nodes_of(arguments[0].value(place))))


def _count(place: Place, arguments: Arguments) -> Value:
    return float(
        len([node for node in nodes_of(arguments[0].value(place)) if node not in place.world.hidden])
    )


def _count_non_empty(place: Place, arguments: Arguments) -> Value:
    return float(sum(bool(place.world.text(node)) for node in nodes_of(arguments[0].value(place))))


def _position(place: Place, arguments: Arguments) -> Value:
    """Which of its like a node is, counted from 1."""
    found = nodes_of(arguments[0].value(place))
    if not found or (parent := place.world.parents.get(found[0])) is None:
        return 1.0
    return float([child for child in parent if child.tag == found[0].tag].index(found[0]) + 1)


def _instance(place: Place, arguments: Arguments) -> Value:
    if not isinstance(arguments[0], Constant):
        raise BadExpression(_("instance() wants the name of a list"))
    found = place.world.instances.get(text(arguments[0].what, place))
    # The document, so that the path that follows begins with its root.
    return [] if found is None else [found]


def _current(place: Place, arguments: Arguments) -> Value:
    return [place.current]


def _today(place: Place, arguments: Arguments) -> Value:
    return place.world.now.date().isoformat()


def _now(place: Place, arguments: Arguments) -> Value:
    return place.world.now.isoformat(timespec="milliseconds")


def _date(place: Place, arguments: Arguments) -> Value:
    value = number(arguments[0].value(place), place)
    return "" if math.isnan(value) else datetime.date.fromordinal(EPOCH + math.floor(value)).isoformat()


_FORMATS: dict[str, Callable[[datetime.date], str]] = {
    "Y": lambda day: f"{day.year:04}",
    "y": lambda day: f"{day.year % 100:02}",
    "m": lambda day: f"{day.month:02}",
    "n": lambda day: str(day.month),
    "d": lambda day: f"{day.day:02}",
    "e": lambda day: str(day.day),
}


def _format_date(place: Place, arguments: Arguments) -> Value:
    shown = text(_date(place, arguments), place)
    if not shown:
        return ""
    day = datetime.date.fromisoformat(shown)

    def written(found: re.Match[str]) -> str:
        part = _FORMATS.get(found[1])
        return part(day) if part else found[0]

    return re.sub(r"%(.)", written, _text(place, arguments, 1))


def _decimal_date_time(place: Place, arguments: Arguments) -> Value:
    try:
        return days(_text(place, arguments, 0))
    except ValueError:
        return math.nan


def _boolean_from_string(place: Place, arguments: Arguments) -> Value:
    return _text(place, arguments, 0) in ("1", "true")


FUNCTIONS: dict[str, tuple[range, Callable[[Place, Arguments], Value]]] = {
    "boolean": (range(1, 2), lambda place, given: truth(given[0].value(place), place)),
    "boolean-from-string": (range(1, 2), _boolean_from_string),
    "coalesce": (range(2, 3), _coalesce),
    "concat": (range(MANY), _concat),
    "contains": (range(2, 3), lambda place, given: _text(place, given, 1) in _text(place, given, 0)),
    "count": (range(1, 2), _count),
    "count-non-empty": (range(1, 2), _count_non_empty),
    "count-selected": (range(1, 2), _count_selected),
    "current": (range(1), _current),
    "date": (range(1, 2), _date),
    "decimal-date-time": (range(1, 2), _decimal_date_time),
    "ends-with": (range(2, 3), lambda place, given: _text(place, given, 0).endswith(_text(place, given, 1))),
    "false": (range(1), lambda place, given: False),
    "format-date": (range(2, 3), _format_date),
    "if": (range(3, 4), _if),
    "instance": (range(1, 2), _instance),
    "int": (range(1, 2), _int),
    "join": (range(1, MANY), _join),
    "max": (range(1, MANY), _extreme(max)),
    "min": (range(1, MANY), _extreme(min)),
    "normalize-space": (range(1, 2), lambda place, given: " ".join(_text(place, given, 0).split())),
    "not": (range(1, 2), lambda place, given: not truth(given[0].value(place), place)),
    "now": (range(1), _now),
    "number": (range(1, 2), lambda place, given: _number(place, given, 0)),
    "once": (range(1, 2), _once),
    "position": (range(1, 2), _position),
    "regex": (range(2, 3), _regex),
    "round": (range(1, 3), _round),
    "selected": (range(2, 3), _selected),
    "selected-at": (range(2, 3), _selected_at),
    "starts-with": (
        range(2, 3),
        lambda place, given: _text(place, given, 0).startswith(_text(place, given, 1)),
    ),
    "string": (range(1, 2), lambda place, given: _text(place, given, 0)),
    "string-length": (range(2), _string_length),
    "substr": (range(2, 4), _substr),
    "sum": (range(1, 2), _sum),
    "today": (range(1), _today),
    "true": (range(1), lambda place, given: True),
}
