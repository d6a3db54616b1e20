"""An expression as a sentence, without values: what a rule asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from highground.methods.rules.intervals import MIRRORED, NEGATED
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.sentences.amounts import amount, percent, plain
from highground.methods.rules.sentences.grammar import GRAMMARS, Grammar
from highground.methods.rules.sentences.phrases import Clause, boolean_clause, category_clause, list_clause
from highground.methods.rules.tree import (
    Add,
    Age,
    AllMembers,
    And,
    AnyMember,
    BooleanFact,
    Compare,
    ConditionValue,
    CountMembers,
    CountTrue,
    DerivedAmount,
    Has,
    IsEmpty,
    MonthsFrom,
    Node,
    Not,
    Number,
    NumberFact,
    OneOf,
    Or,
    ParameterValue,
    PerPerson,
    Persons,
    Scale,
    ShareMembers,
    Since,
    Subtract,
    SumMembers,
    Truth,
)


def is_money(node: Node) -> bool:
    """Whether a numeric node is an amount."""
    match node:
        case Number() | NumberFact() | ParameterValue() | DerivedAmount():
            return node.money
        case Add() | Subtract():
            return is_money(node.left)
        case Scale() | PerPerson() | SumMembers():
            return is_money(node.operand)
        case _:
            return False


def is_simple(node: Node) -> bool:
    """Whether a noun is short enough to carry its value behind it."""
    if isinstance(node, PerPerson):
        return is_simple(node.operand)
    return isinstance(node, NumberFact | ParameterValue | DerivedAmount | SumMembers)


def facing(node: Compare) -> Compare:
    """The comparison as people say it: what can change on the left, and there without a factor.

    `2 * spending > 3 * income` is said as "spending is above 1.5 times income".
    """
    fixed = (Number, ParameterValue)
    if isinstance(node.left, fixed) and not isinstance(node.right, fixed):
        node = replace(node, operator=MIRRORED[node.operator], left=node.right, right=node.left)
    if (
        isinstance(node.left, Scale)
        and node.left.factor > 0
        and not isinstance(node.right, Number | PerPerson)
    ):
        factor, right = 1 / node.left.factor, node.right
        if isinstance(right, Scale):
            factor, right = factor * right.factor, right.operand
        if factor != 1:
            right = Scale(node.right.start, node.right.end, factor, right)
        return replace(node, left=node.left.operand, right=right)
    return node


def age_range(operands: tuple[Node, ...]) -> tuple[Node, Node, Fraction, Fraction] | None:
    """Two of the operands that together say "from .. to .. years old", and the two ages in full years."""
    ends: dict[str, tuple[Node, Fraction]] = {}
    for operand in operands:
        if (
            isinstance(operand, Compare)
            and isinstance(operand.left, Age)
            and isinstance(operand.right, Number)
        ):
            years, operator = operand.right.value, operand.operator
            if operator in (">=", ">") and years.denominator == 1:
                ends["from"] = (operand, years + (operator == ">"))
            if operator in ("<=", "<") and years.denominator == 1:
                ends["to"] = (operand, years - (operator == "<"))
    if len(ends) < 2 or ends["from"][1] >= ends["to"][1]:
        return None
    return ends["from"][0], ends["to"][0], ends["from"][1], ends["to"][1]


@dataclass(frozen=True)
class Speaker:
    """Says nodes of a rulebook in one language. `plural` sets what is said of members in the plural."""

    book: Rulebook
    grammar: Grammar
    plural: bool = False

    @property
    def language(self) -> str:
        return self.grammar.language

    # --- truth ---

    def say(self, node: Node, *, so: bool = True, depth: int = 0) -> str:
        """A condition as a clause; with `so` false, its opposite."""
        return self.grammar.clause(self.clause(node, so=so, depth=depth))

    def clause(self, node: Node, *, so: bool = True, depth: int = 0) -> Clause:
        """The same as subject and predicate, so that clauses with one subject can share it."""
        match node:
            case Not():
                return self.clause(node.operand, so=not so, depth=depth)
            case And() | Or():
                return self.join(node, so=so, depth=depth)
            case ConditionValue():
                return self.named(node, so=so, depth=depth)
            case Compare():
                return self.comparison(node, so=so)
            case Truth():
                return Clause("", self.grammar.word("always" if node.value is so else "never"))
            case AnyMember():
                return self.some_member(node.condition, so=so)
            case AllMembers():
                return self.some_member(Not(node.start, node.end, node.condition), so=not so)
            case _:
                return self.several(self.fact(node, so=so))

    def fact(self, node: Node, *, so: bool) -> Clause:
        """A fact that is so or not."""
        match node:
            case BooleanFact():
                return boolean_clause(self.book.dictionary[node.name], self.language, so=so)
            case OneOf():
                fact = self.book.dictionary[node.name]
                each = [category_clause(fact, value, self.language, so=so) for value in node.values]
                return self.joined(each, conjunction=not so, depth=0)
            case Has():
                return list_clause(self.book.dictionary[node.name], node.value, self.language, so=so)
            case IsEmpty():
                return list_clause(self.book.dictionary[node.name], None, self.language, so=so)
            case _:
                raise TypeError(f"{type(node).__name__} is a number and cannot be said as a sentence")

    def several(self, clause: Clause) -> Clause:
        """In the plural where several members are spoken of."""
        if not self.plural:
            return clause
        return Clause(clause.subject, self.grammar.several(clause.predicate))

    def named(self, node: ConditionValue, *, so: bool, depth: int) -> Clause:
        """A named condition: by its label, or, where it is not so, by what is the case instead."""
        condition = self.book.conditions[node.name]
        if so:
            return Clause("", condition.label[self.language])
        tree = condition.expression.tree
        if isinstance(tree, Compare | BooleanFact | OneOf | Has | IsEmpty | AnyMember | AllMembers | Not):
            return self.clause(tree, so=False, depth=depth)
        return self.grammar.not_so(condition.label[self.language])

    def join(self, node: And | Or, *, so: bool, depth: int) -> Clause:
        conjunction = isinstance(node, And) is so
        ages = age_range(node.operands) if conjunction and so else None
        operands = [operand for operand in node.operands if ages is None or operand not in ages[:2]]
        parts = [
            self.clause(operand, so=so, depth=depth + self.mixes(operand, conjunction, so))
            for operand in operands
        ]
        if ages is not None:
            parts.insert(
                0, self.several(Clause("", self.grammar.aged_between(plain(ages[2]), plain(ages[3]))))
            )
        return self.joined(parts, conjunction=conjunction, depth=depth)

    def mixes(self, node: Node, conjunction: bool, so: bool) -> bool:
        """Whether `node` joins with the other word than the junction above it and must be set apart."""
        while isinstance(node, Not):
            node, so = node.operand, not so
        if not isinstance(node, And | Or):
            return False
        return (isinstance(node, And) is so) != conjunction

    def joined(self, parts: list[Clause], *, conjunction: bool, depth: int = 0) -> Clause:
        """Clauses joined by "and" or "or"; neighbours with one subject say it once."""
        join = self.grammar.both if conjunction else self.grammar.either
        if len(parts) == 1:
            return parts[0]
        if len({part.subject for part in parts}) == 1:
            return Clause(parts[0].subject, join([part.predicate for part in parts], depth=depth))
        texts: list[str] = []
        for before, part in zip([Clause("", ""), *parts], parts, strict=False):
            shared = conjunction and part.subject and part.subject == before.subject
            texts.append(part.predicate if shared else self.grammar.clause(part))
        return Clause("", join(texts, depth=depth))

    def listed(self, nodes: Sequence[Node]) -> list[str]:
        """Conditions for a list; a subject that all of them share is said once."""
        clauses = [self.clause(node) for node in nodes]
        shared = len({clause.subject for clause in clauses}) == 1
        return [
            clause.predicate if shared and index else self.grammar.clause(clause)
            for index, clause in enumerate(clauses)
        ]

    # --- members ---

    def of_one(self) -> Speaker:
        return replace(self, plural=False)

    def of_several(self) -> Speaker:
        return replace(self, plural=True)

    def some_member(self, condition: Node, *, so: bool) -> Clause:
        """That some member meets a condition, or that none does."""
        one = self.of_one()
        if so:
            return self.grammar.any_member(one.say(condition))
        if isinstance(condition, Not):
            return self.grammar.every_member(one.say(condition.operand))
        return self.grammar.no_member(one.say(condition))

    # --- comparisons ---

    def comparison(self, node: Compare, *, so: bool) -> Clause:
        """A comparison of two numbers."""
        node = facing(node)
        operator = node.operator if so else NEGATED[node.operator]
        money = is_money(node.left) or is_money(node.right)
        if isinstance(node.right, Number):
            counted = self.counted(node, operator, node.right.value)
            if counted is not None:
                return counted
        left, right = self.noun(node.left), self.noun(node.right)
        if of_member(node):
            return self.several(Clause("", self.grammar.has(left, operator, right, money=money)))
        return Clause(left, f"{self.grammar.relation(operator, money=money)}{right}")

    def counted(self, node: Compare, operator: str, number: Fraction) -> Clause | None:
        """Comparisons that are said as a quantity: ages, times ago, counts and shares."""
        match node.left:
            case Age():
                years = amount(number, self.book, self.language, money=False)
                return self.several(Clause("", self.grammar.aged(operator, years)))
            case Since():
                noun = self.date_label(node.left.name)
                said = self.grammar.ago(noun, operator, number, node.left.unit, of_member=node.left.member)
                return self.several(said)
            case CountTrue():
                quantity = self.grammar.quantity(operator, number)
                operands = node.left.operands
                return self.grammar.of_these(quantity, len(operands), self.listed(operands), one=number == 1)
            case CountMembers():
                quantity = self.grammar.quantity(operator, number)
                speaker = self.of_one() if number == 1 else self.of_several()
                return self.grammar.members(quantity, speaker.say(node.left.condition), one=number == 1)
            case ShareMembers():
                share = self.grammar.share(operator, percent(number))
                return self.grammar.share_of_members(share, self.of_several().say(node.left.condition))
            case _:
                return None

    # --- numbers ---

    def noun(self, node: Node) -> str:
        """A number as a noun."""
        match node:
            case Number():
                return amount(node.value, self.book, self.language, money=node.money)
            case NumberFact():
                return self.book.dictionary[node.name].label[self.language]
            case ParameterValue():
                return self.grammar.parameter(self.book.parameters[node.name].label[self.language])
            case DerivedAmount():
                return self.book.derived[node.name].label[self.language]
            case Persons() | Age():
                return self.grammar.word("persons" if isinstance(node, Persons) else "age")
            case Since():
                return self.grammar.apart(node.unit, self.date_label(node.name))
            case MonthsFrom():
                first, last = self.date_label(node.first), self.date_label(node.last)
                return self.grammar.apart("months", first, last)
            case Add():
                return self.grammar.plus(self.noun(node.left), self.operand(node.right))
            case Subtract():
                return self.grammar.minus(self.noun(node.left), self.operand(node.right))
            case Scale():
                return self.grammar.times(node.factor, self.operand(node.operand))
            case PerPerson(operand=Scale() as scale):
                inner = PerPerson(node.start, node.end, scale.operand)
                return self.grammar.times(scale.factor, self.noun(inner))
            case PerPerson():
                return self.grammar.per_person(self.operand(node.operand))
            case CountTrue():
                return self.grammar.how_many(self.listed(node.operands))
            case CountMembers():
                return self.grammar.count_of(self.of_several().say(node.condition))
            case SumMembers():
                return self.grammar.sum_of(self.operand(node.operand))
            case _:
                raise TypeError(f"{type(node).__name__} is no number and cannot be said as a noun")

    def date_label(self, name: str) -> str:
        return self.book.dictionary[name].label[self.language]

    def operand(self, node: Node) -> str:
        """A noun within another, bracketed where it is a sum."""
        noun = self.noun(node)
        return self.grammar.bracket(noun) if isinstance(node, Add | Subtract) else noun


def of_member(node: Node) -> bool:
    """Whether a comparison is about a member: it names a member fact outside a sum over members."""
    if isinstance(node, SumMembers | CountMembers | ShareMembers):
        return False
    if isinstance(node, Age) or (isinstance(node, NumberFact | Since | MonthsFrom) and node.member):
        return True
    return any(of_member(child) for child in node.children())


def speaker(book: Rulebook, language: str) -> Speaker:
    """A speaker of one language. Raises ValueError for a language that is not there."""
    if language not in GRAMMARS:
        raise ValueError(f"there is no language '{language}'; use one of {', '.join(GRAMMARS)}")
    return Speaker(book, GRAMMARS[language])
