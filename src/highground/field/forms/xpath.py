"""Values and expressions of the part of ODK's XPath that Highground reckons with, evaluated on an instance.

XPath 1.0 without axes, and the functions of the ODK XForms specification that are named in `functions.py`
(https://getodk.github.io/xforms-spec). Dates are text; where a number is wanted they count as days since 1970-01-01, as
that specification says.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from xml.etree.ElementTree import Element

Value = str | float | bool | list[Element]

EPOCH = datetime.date(1970, 1, 1).toordinal()


class BadExpression(ValueError):
    """An expression that cannot be reckoned with here; the message says which part of it, and why."""


class BeyondUs(BadExpression):
    """An expression of which nothing is wrong, but that only ODK Collect can reckon with."""


@dataclass
class World:
    """What an instance is reckoned in: its root, who is whose parent, other instances by name, and the moment.

    `hidden` are the nodes that are not relevant: nothing stands in them for anybody who asks.
    """

    root: Element
    instances: Mapping[str, Element]
    now: datetime.datetime
    hidden: set[Element] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.look_again()

    def look_again(self) -> None:
        """After nodes were added or taken away."""
        self.parents = {child: parent for parent in self.root.iter() for child in parent}

    def text(self, node: Element) -> str:
        """What stands in a node."""
        return "" if node in self.hidden else (node.text or "").strip()


@dataclass(frozen=True)
class Place:
    """Where an expression is evaluated. `origin` is the node whose expression it is, also within a predicate."""

    node: Element
    world: World
    origin: Element | None = None

    @property
    def current(self) -> Element:
        return self.node if self.origin is None else self.origin


class Expression(Protocol):
    """A parsed expression."""

    def value(self, place: Place) -> Value: ...


@dataclass(frozen=True)
class Constant:
    """A text or a number."""

    what: str | float

    def value(self, place: Place) -> Value:
        return self.what


@dataclass(frozen=True)
class Step:
    """One step of a path: a name, `*`, `.` or `..`, with its predicates."""

    name: str
    predicates: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class Path:
    """A path from the document (`/`), the place (``), or what an expression gives."""

    start: Expression | None
    absolute: bool
    steps: tuple[Step, ...]

    def value(self, place: Place) -> Value:
        nodes, steps = self._begin(place)
        for step in steps:
            nodes = _filtered(
                [near for node in nodes for near in _near(node, step.name, place.world)], step, place
            )
        return nodes

    def _begin(self, place: Place) -> tuple[list[Element], tuple[Step, ...]]:
        if self.start is not None:
            return nodes_of(self.start.value(place)), self.steps
        if not self.absolute:
            return [place.node], self.steps
        root, first = place.world.root, self.steps[0]
        return ([root] if first.name in (root.tag, "*") else []), self.steps[1:]


@dataclass(frozen=True)
class Call:
    """A function with its arguments, which it evaluates itself."""

    name: str
    function: Callable[[Place, Sequence[Expression]], Value]
    arguments: tuple[Expression, ...]

    def value(self, place: Place) -> Value:
        return self.function(place, self.arguments)


@dataclass(frozen=True)
class Operation:
    """Two sides and what is between them."""

    sign: str
    left: Expression
    right: Expression

    def value(self, place: Place) -> Value:
        match self.sign:
            case "or":
                return truth(self.left.value(place), place) or truth(self.right.value(place), place)
            case "and":
                return truth(self.left.value(place), place) and truth(self.right.value(place), place)
            case "=" | "!=" | "<" | "<=" | ">" | ">=":
                return _compared(self.sign, self.left.value(place), self.right.value(place), place)
            case "|":
                return nodes_of(self.left.value(place)) + nodes_of(self.right.value(place))
        return _reckoned(
            self.sign, number(self.left.value(place), place), number(self.right.value(place), place)
        )


@dataclass(frozen=True)
class Negated:
    """Minus something."""

    what: Expression

    def value(self, place: Place) -> Value:
        return -number(self.what.value(place), place)


# --- Values ---


def nodes_of(value: Value) -> list[Element]:
    """The nodes of a value; none of anything else."""
    return value if isinstance(value, list) else []


def text(value: Value, place: Place) -> str:
    """A value as text; of nodes the first one's. A whole number has no point."""
    if isinstance(value, list):
        return place.world.text(value[0]) if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value


def number(value: Value, place: Place) -> float:
    """A value as a number; a date as days since 1970-01-01; NaN for what is none."""
    if isinstance(value, bool | float):
        return float(value)
    shown = text(value, place)
    try:
        return float(shown) if re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", shown) else days(shown)
    except ValueError:
        return math.nan


def days(shown: str) -> float:
    """A date, or a date with a time, as days since 1970-01-01. Raises ValueError."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", shown):
        return float(datetime.date.fromisoformat(shown).toordinal() - EPOCH)
    if not re.match(r"\d{4}-\d{2}-\d{2}T", shown):
        raise ValueError(shown)
    moment = datetime.datetime.fromisoformat(shown)
    return moment.astimezone(datetime.UTC).timestamp() / 86_400


def truth(value: Value, place: Place) -> bool:
    """A value as yes or no."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def _compared(sign: str, left: Value, right: Value, place: Place) -> bool:
    """Where nodes are compared, one pair that fits is enough."""
    if isinstance(left, list) and not isinstance(right, bool):
        return any(_compared(sign, place.world.text(node), right, place) for node in left)
    if isinstance(right, list) and not isinstance(left, bool):
        return any(_compared(sign, left, place.world.text(node), place) for node in right)
    if sign in ("=", "!="):
        if isinstance(left, bool) or isinstance(right, bool):
            same = truth(left, place) == truth(right, place)
        elif isinstance(left, float) or isinstance(right, float):
            same = number(left, place) == number(right, place)
        else:
            same = left == right
        return same == (sign == "=")
    one, other = number(left, place), number(right, place)
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[sign]


def _reckoned(sign: str, one: float, other: float) -> float:
    match sign:
        case "+":
            return one + other
        case "-":
            return one - other
        case "*":
            return one * other
        case "mod":
            return math.fmod(one, other) if other else math.nan
    return one / other if other else math.nan if not one or math.isnan(one) else math.copysign(math.inf, one)


def _near(node: Element, name: str, world: World) -> Iterator[Element]:
    if name == ".":
        yield node
    elif name == "..":
        if (parent := world.parents.get(node)) is not None:
            yield parent
    else:
        yield from (child for child in node if name in ("*", child.tag))


def _filtered(nodes: list[Element], step: Step, place: Place) -> list[Element]:
    for predicate in step.predicates:
        kept = []
        for order, node in enumerate(nodes, start=1):
            value = predicate.value(Place(node, place.world, place.current))
            if value == order if isinstance(value, float) else truth(value, place):
                kept.append(node)
        nodes = kept
    return nodes
