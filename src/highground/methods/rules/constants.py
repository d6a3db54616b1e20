"""Find conditions that say the same for everybody: a sign that a rule is not what its writer meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from highground.methods.rules import tree
from highground.methods.rules.bounds import measure
from highground.methods.rules.rulebook import Expression

if TYPE_CHECKING:
    from highground.methods.rules.bench import Bench


def constant_parts(where: str, expression: Expression, bench: Bench) -> Iterator[str]:
    """A warning for each part of an expression that is always true or always false."""
    pending: list[tree.Node] = [expression.tree]
    while pending:
        node = pending.pop()
        value = _constant(node, expression.text, bench)
        if value is not None:
            part = expression.text[node.start : node.end]
            yield f"{where}: `{part}` is always {'true' if value else 'false'}, whatever the facts say"
        else:
            pending.extend(reversed(node.children()))


def _constant(node: tree.Node, text: str, bench: Bench) -> bool | None:
    match node:
        case tree.Truth():
            return node.value
        case tree.Not():
            below = _constant(node.operand, text, bench)
            return None if below is None else not below
        case tree.And() | tree.Or():
            values = [_constant(part, text, bench) for part in node.operands]
            decisive = isinstance(node, tree.Or)
            if decisive in values:
                return decisive
            return None if None in values else not decisive
        case tree.OneOf():
            return True if len(node.values) == len(bench.dictionary[node.name].values) else None
        case tree.Compare():
            return _comparison(node, text, bench)
        case _:
            return None


def _comparison(node: tree.Compare, text: str, bench: Bench) -> bool | None:
    """What the bounds of both sides say, where they say it for everybody."""
    if isinstance(node.left, tree.ShareMembers | tree.PerPerson) or isinstance(node.right, tree.PerPerson):
        return None
    left, right = measure(node.left, bench.limits, text), measure(node.right, bench.limits, text)
    if left is None or right is None:
        return None
    below, above = left.high < right.low, left.low > right.high
    not_above, not_below = left.high <= right.low, left.low >= right.high
    equal = left.low == left.high == right.low == right.high
    always, never = {
        "<": (below, not_below),
        "<=": (not_above, above),
        ">": (above, not_above),
        ">=": (not_below, below),
        "=": (equal, below or above),
        "<>": (below or above, equal),
    }[node.operator]
    return True if always else False if never else None
