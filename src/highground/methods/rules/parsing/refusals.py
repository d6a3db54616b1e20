"""What an expression may name, and how what the language does not have is refused: with position and mend."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from highground.methods.facts import Dictionary, Fact
from highground.methods.rules.kinds import (
    ExpressionError,
)

FUNCTIONS = (
    "all_members",
    "any_member",
    "count_members",
    "count_true",
    "days_since",
    "has",
    "has_any",
    "is_empty",
    "months_from",
    "months_since",
    "per_person",
    "share_members",
    "sum_members",
)
MENDS: dict[type[exp.Expr], str] = {
    exp.Div: "there is no division; multiply the other side, or use per_person(...) or share_members(...)",
    exp.Mod: "there is no remainder; use comparisons",
    exp.IntDiv: "there is no division; multiply the other side",
    exp.Is: "a rule cannot ask whether a fact is missing; a missing fact gives 'cannot tell' by itself",
    exp.Null: "there is no NULL; a missing fact gives 'cannot tell' by itself",
    exp.Case: "there is no CASE; write named conditions and join them with AND, OR and NOT",
    exp.Cast: "there are no casts; facts have their types in the fact dictionary",
    exp.Subquery: "there are no sub-queries; use any_member(...), count_members(...) and the like",
    exp.Select: "there are no queries; write one condition",
    exp.Like: "there is no text matching; compare with allowed values",
    exp.RegexpLike: "there is no text matching; compare with allowed values",
    exp.DPipe: "there is no joining of texts",
    exp.Placeholder: "there are no placeholders; use a parameter of the rulebook",
    exp.Parameter: "there are no placeholders; use a parameter of the rulebook",
    exp.Collate: "there are no collations",
    exp.Alias: "an expression has no alias",
    exp.Star: "name the fact that is meant",
    exp.NullSafeEQ: "use = or <>",
    exp.Interval: "there are no time spans; use age, months_since(...) or days_since(...)",
    exp.Window: "there are no window functions",
}


@dataclass(frozen=True)
class Scope:
    """What an expression may name. The maps give each name's type (`money` or `count` for numbers)."""

    dictionary: Dictionary
    minor_digits: int
    parameters: Mapping[str, str]
    derived: Mapping[str, str]
    conditions: frozenset[str]
    member: bool = False

    def inside_members(self) -> Scope:
        """The scope within any_member(...) and the like: member facts only."""
        return Scope(self.dictionary, self.minor_digits, {}, {}, frozenset(), member=True)


def line_column(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


class Refusals:
    """Knows the text and the scope; finds positions and facts, and words refusals."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope

    def span(self, node: exp.Expr) -> tuple[int, int]:
        """Offsets of a node in the text, widened to closing brackets."""
        starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
        ends = [part.meta["end"] + 1 for part in node.walk() if "end" in part.meta]
        if not starts:
            return 0, len(self.text)
        start, end = min(starts), max(ends)
        missing = self.text[start:end].count("(") - self.text[start:end].count(")")
        while missing > 0 and end < len(self.text):
            missing -= self.text[end] == ")"
            end += 1
        return start, end

    def refuse(self, node: exp.Expr, message: str, mend: str) -> ExpressionError:
        start, _ = self.span(node)
        return ExpressionError(message, mend, *line_column(self.text, start), self.text)

    def not_in_language(self, node: exp.Expr) -> ExpressionError:
        """The refusal of a kind of node that the language does not have."""
        mend = next((text for kind, text in MENDS.items() if isinstance(node, kind)), None)
        if mend is None and isinstance(node, exp.Func):
            return self.unknown_function(node, node.sql_name().lower())
        name = type(node).__name__.lower()
        return self.refuse(node, f"the language has no '{name}'", mend or "use comparisons, AND, OR and NOT")

    def unknown_function(self, node: exp.Expr, name: str) -> ExpressionError:
        return self.refuse(node, f"there is no function '{name}'", f"use one of {', '.join(FUNCTIONS)}")

    def known_fact(self, node: exp.Expr, name: str) -> Fact:
        """The fact of a name, in the right place. Raises ExpressionError with the nearest names."""
        fact = self.scope.dictionary.get(name)
        if fact is None:
            known = [
                *self.scope.dictionary,
                *self.scope.parameters,
                *self.scope.derived,
                *self.scope.conditions,
            ]
            close = difflib.get_close_matches(name, known, n=3)
            near = (
                f"did you mean {' or '.join(close)}?"
                if close
                else "see the fact dictionary for the names there are"
            )
            if self.scope.member:
                near = f"within members only member facts and age can be named; {near}"
            raise self.refuse(node, f"'{name}' is not known here", near)
        if not fact.in_rules:
            raise self.refuse(
                node,
                f"'{name}' may be read by no rule",
                "it is recorded to see who is missed, and for nothing else",
            )
        if fact.entity == "member" and not self.scope.member:
            raise self.refuse(
                node,
                f"'{name}' is a fact of members",
                "use any_member(...), all_members(...) or count_members(...)",
            )
        if fact.entity == "household" and self.scope.member:
            raise self.refuse(
                node,
                f"'{name}' is a fact of the household",
                "move it out of the brackets and join with AND or OR",
            )
        return fact

    def allowed(self, fact: Fact, value: exp.Expr) -> str:
        if not isinstance(value, exp.Literal) or not value.is_string:
            raise self.refuse(value, f"'{value.sql()}' is no text", "write values in single quotes")
        if value.this not in fact.values:
            raise self.refuse(
                value, f"'{fact.name}' has no value '{value.this}'", f"use one of {', '.join(fact.values)}"
            )
        return str(value.this)
