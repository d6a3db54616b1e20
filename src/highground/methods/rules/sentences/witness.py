"""A condition said with a household's values: what is the case, whether the condition is met or not."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from highground.methods.rules.answers import Answers
from highground.methods.rules.intervals import NEGATED, NO, UNKNOWN, YES, Interval
from highground.methods.rules.record import Member
from highground.methods.rules.sentences.amounts import amount
from highground.methods.rules.sentences.phrases import Clause
from highground.methods.rules.sentences.speaking import (
    Speaker,
    age_range,
    facing,
    is_money,
    is_simple,
    of_member,
)
from highground.methods.rules.tree import (
    AllMembers,
    And,
    AnyMember,
    Compare,
    ConditionValue,
    CountMembers,
    CountTrue,
    Node,
    Not,
    Number,
    Or,
    PerPerson,
    ShareMembers,
    Since,
)


@dataclass(frozen=True)
class Witness:
    """Says what is the case for one household, or within it for one member."""

    speaker: Speaker
    answers: Answers
    member: Member | None = None

    def truth(self, node: Node) -> Interval:
        return self.answers(node, self.member)

    def say(self, node: Node) -> str:
        """What is the case, as a clause."""
        return self.speaker.grammar.clause(self.clause(node))

    def clause(self, node: Node) -> Clause:
        match node:
            case Not():
                return self.clause(node.operand)
            case And() if len(node.operands) == 2 and age_range(node.operands) and self.truth(node) == YES:
                return self.speaker.clause(node)
            case And() | Or():
                return self.junction(node)
            case ConditionValue():
                return self.named(node)
            case Compare(left=CountTrue() as left, right=Number() as right) if self.truth(node) == UNKNOWN:
                counted = self.count_true(left, node.operator, right)
                return Clause("", self.speaker.grammar.cannot_tell(self.speaker.grammar.clause(counted)))
            case _ if self.truth(node) == UNKNOWN:
                return Clause("", self.speaker.grammar.cannot_tell(self.speaker.say(node)))
            case Compare():
                return self.comparison(node)
            case AnyMember() | AllMembers():
                return self.members(node)
            case _:
                return self.speaker.clause(node, so=self.truth(node) == YES)

    def junction(self, node: And | Or) -> Clause:
        """Only what decides it: all of what holds for a met AND, what fails for a failed one, and so on."""
        truth = self.truth(node)
        decisive = [operand for operand in node.operands if self.truth(operand) == truth]
        return self.speaker.joined([self.clause(operand) for operand in decisive], conjunction=True)

    def named(self, node: ConditionValue) -> Clause:
        """By its label where that says it all; else by what is behind it."""
        condition = self.speaker.book.conditions[node.name]
        label = condition.label[self.speaker.language]
        truth = self.truth(node)
        if truth == UNKNOWN:
            return Clause("", self.speaker.grammar.cannot_tell(label))
        if truth == YES and not isinstance(condition.expression.tree, Compare):
            return Clause("", label)
        return self.clause(condition.expression.tree)

    def members(self, node: AnyMember | AllMembers) -> Clause:
        """With the members that it is about."""
        said = self.speaker.clause(node, so=self.truth(node) == YES)
        found = self.concerned(node)
        return Clause(said.subject, f"{said.predicate}{self._named_members(found)}") if found else said

    def concerned(self, node: AnyMember | AllMembers) -> list[str]:
        """The counted members by whom it is so that some member meets a condition, or that not all do."""
        wanted = YES if isinstance(node, AnyMember) else NO
        rows = zip(self.answers.record.members, self.answers.counted, strict=True)
        return [
            row.id for row, of_row in rows if of_row == YES and self.answers(node.condition, row) == wanted
        ]

    def _named_members(self, names: list[str]) -> str:
        if self.speaker.language == "zh":
            return f"（成员{'、'.join(names)}）"
        return f" (member {', '.join(names)})" if len(names) == 1 else f" (members {', '.join(names)})"

    # --- comparisons ---

    def comparison(self, node: Compare) -> Clause:
        """A decided comparison, with the value of each side."""
        so = self.truth(node) == YES
        node = facing(node)
        operator = node.operator if so else NEGATED[node.operator]
        if of_member(node):
            return self.speaker.comparison(node, so=so)
        if isinstance(node.right, Number):
            match node.left:
                case CountTrue():
                    return self.count_true(node.left, operator, node.right)
                case CountMembers():
                    said = self.speaker.comparison(node, so=so)
                    return Clause(said.subject, f"{said.predicate}{self.found(self.truth(node.left))}")
                case Since():
                    said = self.speaker.comparison(node, so=so)
                    return Clause(said.subject, f"{said.predicate}{self.on(node.left)}")
                case ShareMembers():
                    number = self.truth(CountMembers(node.start, node.end, node.left.condition))
                    said = self.speaker.comparison(node, so=so)
                    return Clause(said.subject, f"{said.predicate}{self.found(number)}")
        least = operator in (">", ">=")
        left = self.valued(node.left, least=least)
        right = self.valued(node.right, least=not least)
        money = is_money(node.left) or is_money(node.right)
        return Clause(left, f"{self.speaker.grammar.relation(operator, money=money)}{right}")

    def count_true(self, left: CountTrue, operator: str, right: Number) -> Clause:
        """How many hold and which; of those that cannot be told, which."""
        colon, semicolon = ("：", "；") if self.speaker.language == "zh" else (": ", "; ")
        holding = [operand for operand in left.operands if self.truth(operand) == YES]
        listed = semicolon.join(self.speaker.listed(holding))
        shown = [f"{len(holding)}{colon}{listed}" if listed else "0"]
        unknown = [operand for operand in left.operands if self.truth(operand) == UNKNOWN]
        if unknown:
            word = "未知" if self.speaker.language == "zh" else "not known"
            shown.append(f"{word}{colon}{semicolon.join(self.speaker.listed(unknown))}")
        quantity = self.speaker.grammar.quantity(operator, right.value)
        return self.speaker.grammar.of_these(quantity, len(left.operands), shown, one=right.value == 1)

    def found(self, number: Interval) -> str:
        """How many members, of how many, where both are known."""
        of = self.answers.persons
        if not (number.known and of.known):
            return ""
        if self.speaker.language == "zh":
            return f"（{of.lo}人中{number.lo}人）"
        return f" ({number.lo} of {of.lo})"

    def on(self, node: Since) -> str:
        """The day that is meant, and how long ago it is."""
        number = f"{self.truth(node).lo:,}"
        day = self.answers.record.facts[node.name]
        if self.speaker.language == "zh":
            return f"（{day}，{number}{'个月' if node.unit == 'months' else '天'}）"
        return f" ({day}, {number} {node.unit if number != '1' else node.unit.removesuffix('s')})"

    def valued(self, node: Node, *, least: bool) -> str:
        """A noun with its value; where that is a range, the end that decides."""
        if isinstance(node, Number):
            return self.speaker.noun(node)
        value = self.value(node)
        end = value.lo if least else value.hi
        text = amount(end, self.speaker.book, self.speaker.language, money=is_money(node))
        if not value.known:
            text = self.speaker.grammar.end(text, least=least)
        return self.speaker.grammar.valued(self.speaker.noun(node), text, simple=is_simple(node))

    def value(self, node: Node) -> Interval:
        """The value of one side; per person it is divided, for information only."""
        if not isinstance(node, PerPerson):
            return self.truth(node)
        return per_person(self.truth(node.operand), self.answers.persons)


def per_person(amount_: Interval, number: Interval) -> Interval:
    """An amount per person, as an exact fraction, for information only: rules multiply instead."""
    ends = [Fraction(end) / Fraction(of) for end in (amount_.lo, amount_.hi) for of in (number.lo, number.hi)]
    return Interval(min(ends), max(ends))
