"""The functions of the language: lists, counts, per person, and everything over members."""

from __future__ import annotations

from sqlglot import exp

from highground.methods.rules import tree
from highground.methods.rules.kinds import COUNT, MONEY, PER_PERSON_COUNT, PER_PERSON_MONEY, SHARE, TRUTH
from highground.methods.rules.parsing.refusals import FUNCTIONS, Refusals


class Functions(Refusals):
    """Reads calls; what stands in their brackets is read by the reader that this is a part of."""

    def read(self, node: exp.Expr, depth: int = 0) -> tuple[tree.Node, str]:
        """Any node, with its type."""
        raise NotImplementedError

    def truth(self, node: exp.Expr, depth: int) -> tree.Node:
        """A node that must be true or false."""
        raise NotImplementedError

    def number(self, node: exp.Expr, depth: int) -> tuple[tree.Node, str]:
        """A node that must be a number."""
        raise NotImplementedError

    def function(self, node: exp.Anonymous, depth: int) -> tuple[tree.Node, str]:
        name = str(node.this)
        if name not in FUNCTIONS:
            raise self.unknown_function(node, name)
        if name in ("has", "has_any", "is_empty"):
            return self.list_function(node, name), TRUTH
        if name in ("months_since", "days_since", "months_from"):
            return self.date_function(node, name), COUNT
        if name == "count_true":
            if not node.expressions:
                raise self.refuse(node, "count_true() counts nothing", "name the conditions to count")
            operands = tuple(self.truth(part, depth) for part in node.expressions)
            return tree.CountTrue(*self.span(node), operands=operands), COUNT
        if len(node.expressions) != 1:
            raise self.refuse(node, f"{name}(...) takes one argument", f"it has {len(node.expressions)}")
        if self.scope.member:
            raise self.refuse(node, f"{name}(...) cannot stand within members", "move it out of the brackets")
        if name == "per_person":
            return self.per_person(node, depth)
        return self.over_members(node, name, depth)

    def per_person(self, node: exp.Anonymous, depth: int) -> tuple[tree.Node, str]:
        operand, kind = self.number(node.expressions[0], depth)
        if kind not in (MONEY, COUNT) or isinstance(operand, tree.Number):
            raise self.refuse(
                node, f"per_person of a {kind} means nothing", "take it of an amount or a count"
            )
        per_person = PER_PERSON_MONEY if kind == MONEY else PER_PERSON_COUNT
        return tree.PerPerson(*self.span(node), operand=operand), per_person

    def list_function(self, node: exp.Anonymous, name: str) -> tree.Node:
        given = len(node.expressions)
        fitting = {"has": given == 2, "has_any": given > 2, "is_empty": given == 1}[name]
        if not fitting or not isinstance(node.expressions[0], exp.Column):
            example = {
                "has": "has(risks, 'illness')",
                "has_any": "has_any(risks, 'illness', 'disability')",
                "is_empty": "is_empty(risks)",
            }[name]
            raise self.refuse(node, f"{name} is not written so", f"write for example {example}")
        fact = self.known_fact(node.expressions[0], node.expressions[0].name)
        if fact.type != "list":
            raise self.refuse(node, f"'{fact.name}' is no list", "compare it with = instead")
        span, member = self.span(node), fact.entity == "member"
        if name == "is_empty":
            return tree.IsEmpty(*span, name=fact.name, member=member)
        values = [self.allowed(fact, value) for value in node.expressions[1:]]
        if len(set(values)) < len(values):
            raise self.refuse(node, "a value stands twice in the list", "write each value once")
        held = tuple(tree.Has(*span, name=fact.name, member=member, value=value) for value in values)
        return held[0] if name == "has" else tree.Or(*span, operands=held)

    def date_function(self, node: exp.Anonymous, name: str) -> tree.Node:
        wanted = 2 if name == "months_from" else 1
        columns = [part for part in node.expressions if isinstance(part, exp.Column)]
        if len(node.expressions) != wanted or len(columns) != wanted:
            example = "months_from(recognised_on, exited_on)" if wanted == 2 else f"{name}(recognised_on)"
            raise self.refuse(node, f"{name} is not written so", f"write for example {example}")
        facts = [self.known_fact(column, column.name) for column in columns]
        for fact in facts:
            if fact.type != "date":
                raise self.refuse(
                    node, f"'{fact.name}' is no date", f"name a date, as in {name}(recognised_on)"
                )
        span, member = self.span(node), facts[0].entity == "member"
        if name == "months_from":
            return tree.MonthsFrom(*span, first=facts[0].name, last=facts[1].name, member=member)
        return tree.Since(*span, unit=name.removesuffix("_since"), name=facts[0].name, member=member)

    def over_members(self, node: exp.Anonymous, name: str, depth: int) -> tuple[tree.Node, str]:
        outer, self.scope = self.scope, self.scope.inside_members()
        try:
            argument, kind = self.read(node.expressions[0], depth)
        finally:
            self.scope = outer
        span = self.span(node)
        if name == "sum_members":
            if kind not in (MONEY, COUNT):
                raise self.refuse(
                    node, f"sum_members of a {kind} means nothing", "sum a numeric fact of members"
                )
            return tree.SumMembers(*span, operand=argument), kind
        if kind != TRUTH:
            raise self.refuse(node, f"{name} needs a condition, not a {kind}", "compare it with something")
        if name == "any_member":
            return tree.AnyMember(*span, condition=argument), TRUTH
        if name == "all_members":
            return tree.AllMembers(*span, condition=argument), TRUTH
        if name == "count_members":
            return tree.CountMembers(*span, condition=argument), COUNT
        return tree.ShareMembers(*span, condition=argument), SHARE
