"""From an explanation to what a page draws: how the figure is made up, how the rule was asked, what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from highground.signals.rulebooks import said
from highground.web.numbers import number
from highground.web.pictures import Bar, Mark, Step

Json = dict[str, Any]
_SIGNS = {"<=": "≤", ">=": "≥", "<>": "≠"}


@dataclass(frozen=True)
class Picture:
    """A waterfall (`steps`) or bars with the line drawn in."""

    label: str
    mark: Mark | None
    steps: tuple[Step, ...] = ()
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True)
class Asked:
    """One condition of a rule: its verdict, what is the case, and the numbers compared."""

    verdict: str
    says: str
    compared: str = ""


def rule_in(content: Json, rule: str) -> Json | None:
    """The class or clue rule of an explanation with this id."""
    for one in (*content["classes"], *content["clues"]):
        if one["id"] == rule:
            return dict(one)
    return None


def value_of(figure: Json | None) -> Decimal | None:
    """A figure of an explanation as a number; None where it is a range."""
    return Decimal(figure["value"]) if figure and figure["value"] is not None else None


def picture_of(content: Json, rule: Json) -> Picture | None:
    """The figure that decides the rule: the last amount it compares with a line, else a comparison."""
    named = set(_conditions(rule["reason"]))
    amounts = [one for one in content["derived"] if one["line"] and one["line"]["condition"] in named]
    if amounts:
        return _waterfall(amounts[-1])
    behind = [one["reason"] for one in content["conditions"] if one["id"] in named]
    compared = [
        node
        for reason in (rule["reason"], *behind)
        for node in _nodes(reason)
        if node["kind"] == "comparison" and node["verdict"] == rule["reason"]["verdict"] and node["compared"]
    ]
    # An amount of money says more than a count.
    compared.sort(key=lambda node: not node["compared"]["left"]["money"])
    return _compared_bars(compared[0]) if compared else None


def _waterfall(amount: Json) -> Picture:
    steps = [
        Step(
            said(part["label"]).capitalize(),
            None if (value := value_of(part["amount"])) is None else part["sign"] * value,
        )
        for part in amount["unfolded"]
    ]
    label, each = said(amount["label"]).capitalize(), value_of(amount["per_person"])
    total = (
        label if each is None else _("%(amount)s (%(each)s each)") % {"amount": label, "each": number(each)}
    )
    steps.append(Step(total, total=True))
    return Picture(label, _line(amount), steps=tuple(steps))


def _line(amount: Json) -> Mark | None:
    line, persons = amount["line"], value_of(amount["persons"])
    value, total = value_of(line["value"]), value_of(line["total"])
    if value is None or total is None:
        return None
    words = {
        "line": said(line["label"]),
        "value": number(value),
        "persons": number(persons),
        "total": number(total),
    }
    text = (
        _("%(line)s %(value)s × %(persons)s = %(total)s") if line["per_person"] else _("%(line)s %(value)s")
    )
    return Mark(text % words, total)


def _compared_bars(node: Json) -> Picture | None:
    left, right = (value_of(node["compared"][side]) for side in ("left", "right"))
    if left is None or right is None:
        return None
    label = said(node["left"]["label"]).capitalize()
    mark = Mark(f"{said(node['right']['label'])} {number(right)}", right)
    return Picture(label, mark, bars=(Bar(label, left, "clay"),))


def _nodes(reason: Json) -> Iterator[Json]:
    yield reason
    for below in reason.get("of", ()):
        yield from _nodes(below)


def _conditions(reason: Json) -> Iterator[str]:
    return (node["id"] for node in _nodes(reason) if node["kind"] == "condition")


def asked(content: Json, rule: Json) -> list[Asked]:
    """The conditions of a rule, one after the other, those behind a name taken apart."""
    reason = rule["reason"]
    conditions = {one["id"]: one for one in content["conditions"]}
    operands = reason["of"] if reason["kind"] in ("all", "any") else [reason]
    return [row for node in operands for row in _asked(node, conditions)]


def _asked(node: Json, conditions: dict[str, Json]) -> Iterator[Asked]:
    if node["kind"] == "condition":
        named = conditions[node["id"]]
        inner = named["reason"]
        says = said(inner["says"]) if inner["kind"] == "comparison" else said(named["label"])
        if inner["verdict"] != "yes":
            says = said(inner["says"])
        yield Asked(node["verdict"], _sentence(says), _compared(inner))
        return
    yield Asked(node["verdict"], _sentence(said(node["says"])), _compared(node))
    left = node.get("left") or {}
    for below in left.get("of", ()):  # how many of these hold: each of them
        yield Asked(below["verdict"], _sentence(said(below["says"])))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _compared(node: Json) -> str:
    """The numbers compared in a condition: "24,600 ≤ 8,300 × 4 = 33,200"; several, one after the other."""
    return "; ".join(text for one in _nodes(node) if (text := _comparison(one)))


def _comparison(node: Json) -> str:
    compared = node.get("compared")
    if not compared:
        return ""
    sides = {side: value_of(compared[side]) for side in ("left", "right")}
    if None in sides.values():
        return ""
    words = {side: number(value) for side, value in sides.items()}
    if times := node["times_persons"]:
        factor, persons = value_of(node[times]["figure"]), value_of(node["persons"])
        words[times] = f"{number(factor)} × {number(persons)} = {words[times]}"
    operator = compared["operator"]
    return f"{words['left']} {_SIGNS.get(operator, operator)} {words['right']}"
