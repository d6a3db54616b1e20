"""One change that would help to clear a verdict: the amount missing, or what would have to be found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from highground.methods.rules.explaining.case import Case, Json, in_languages
from highground.methods.rules.explaining.parts import terms
from highground.methods.rules.intervals import MIRRORED, NEGATED, YES, Exact
from highground.methods.rules.oracle import sides
from highground.methods.rules.sentences.phrases import category_clause
from highground.methods.rules.sentences.speaking import is_money, speaker
from highground.methods.rules.sentences.witness import Witness
from highground.methods.rules.tree import (
    AllMembers,
    AnyMember,
    Compare,
    CountMembers,
    CountTrue,
    DerivedAmount,
    Node,
    Number,
    NumberFact,
    OneOf,
    PerPerson,
    ShareMembers,
    walk,
)

_WORDS = {
    ">": {"en": "above", "zh": "高于"},
    ">=": {"en": "at least", "zh": "不低于"},
    "<": {"en": "below", "zh": "低于"},
    "<=": {"en": "at most", "zh": "不高于"},
}
_AND = {"en": "; and ", "zh": "；并且"}


def described(case: Case, node: Node, so: bool, value: str | None) -> Json:
    """A change as data with its words (`said`).

    `kind` is `amount` (with `operator`, `threshold`, `now`, `difference` and the facts that could bring it as
    `levers`), `count` (so many of the conditions in `of`), or `finding` (of a `fact`, or about `members`).
    """
    if isinstance(node, Compare):
        measured = _count(case, node, so) or _amount(case, node, so)
        if measured is not None:
            return measured
    if isinstance(node, OneOf) and value is not None:
        fact = case.book.dictionary[node.name]
        found = in_languages(
            lambda language: speaker(case.book, language).grammar.clause(
                category_clause(fact, value, language, so=True)
            )
        )
    else:
        found = case.asks(node, so=so)
    said = {"en": f"it is found that {found['en']}", "zh": f"经核实，{found['zh']}"}
    step: Json = {
        "kind": "finding",
        "fact": getattr(node, "name", None),
        "value": value,
        "so": so,
        "said": said,
    }
    if isinstance(node, AnyMember | AllMembers):
        step["members"] = Witness(speaker(case.book, "en"), case.answers).concerned(node)
        if step["members"]:
            said["en"] += f" (concerns member {', '.join(step['members'])})"
            said["zh"] += f"（涉及成员{'、'.join(step['members'])}）"
    return step


def sentence(steps: Sequence[Json]) -> dict[str, str]:
    """The steps of one alternative as one sentence."""
    return in_languages(lambda language: _AND[language].join(step["said"][language] for step in steps))


# --- amounts ---


def _moves(node: Node) -> bool:
    """Whether a side depends on the household at all."""
    return any(isinstance(part, NumberFact | DerivedAmount) for part in walk(node))


def _amount(case: Case, node: Compare, so: bool) -> Json | None:
    """How far a comparison is from what is wanted; None where that is no single distance."""
    if not _moves(node.left) and _moves(node.right):
        node = replace(node, operator=MIRRORED[node.operator], left=node.right, right=node.left)
    operator = node.operator if so else NEGATED[node.operator]
    compared = sides(node, case.record, case.book)
    fixed = isinstance(node.left, CountMembers | ShareMembers) or isinstance(node.right, PerPerson)
    if compared is None or operator not in _WORDS or fixed or not _moves(node.left):
        return None
    if not (compared.left.known and compared.right.known):
        return None
    amount = node.left.operand if isinstance(node.left, PerPerson) else node.left
    money = is_money(amount)
    now, threshold = Fraction(compared.left.lo), Fraction(compared.right.lo)
    more = operator in (">", ">=")
    difference = threshold - now if more else now - threshold
    strict = operator in (">", "<")
    levers = list(_levers(case, amount, difference, more, strict))
    return {
        "kind": "amount",
        "label": case.noun(amount),
        "operator": operator,
        "threshold": case.exact(threshold, money=money),
        "now": case.exact(now, money=money),
        "difference": case.exact(difference, money=money),
        "direction": "more" if more else "less",
        "strict": strict,
        "money": money,
        "persons": case.figure(case.judgement.persons, money=False) if compared.times else None,
        "levers": levers,
        "said": _said(case, node, operator, threshold, difference, levers),
    }


def _levers(case: Case, amount: Node, difference: Exact, more: bool, strict: bool) -> list[Json]:
    """The household's facts that could bring the difference, each alone: more of one, or less of another."""
    found = []
    for factor, leaf in terms(amount, case.book, unfold=True):
        if not isinstance(leaf, NumberFact) or leaf.member:
            continue
        needed = Fraction(difference) / abs(factor)
        direction = "more" if (factor > 0) is more else "less"
        value = case.value(leaf)
        fact = case.book.dictionary[leaf.name]
        unit: int = 10**case.book.minor_digits if leaf.money else 1
        room = (
            (fact.maximum or 0) * unit - value.lo
            if direction == "more"
            else value.lo - (fact.minimum or 0) * unit
        )
        if room > needed or (room == needed and not strict):
            found.append(
                {
                    "fact": leaf.name,
                    "label": dict(fact.label),
                    "direction": direction,
                    "amount": case.exact(needed, money=leaf.money),
                }
            )
    return found


def _said(
    case: Case, node: Compare, operator: str, threshold: Exact, difference: Exact, levers: list[Json]
) -> dict[str, str]:
    amount = node.left.operand if isinstance(node.left, PerPerson) else node.left
    money = is_money(amount)
    label, limit = case.noun(amount), case.written(threshold, money=money)
    missing, more = case.written(difference, money=money), operator in (">", ">=")
    english = f"{label['en']} would have to be {_WORDS[operator]['en']} {limit['en']}"
    chinese = f"{label['zh']}须{_WORDS[operator]['zh']}{limit['zh']}"
    if isinstance(node.left, PerPerson):
        persons, each = case.written(case.judgement.persons.lo, money=False), case.value(node.right).lo
        line = case.written(each, money=money)
        english += f" ({line['en']} x {persons['en']} {'person' if persons['en'] == '1' else 'persons'})"
        chinese += f"（{line['zh']}×{persons['zh']}人）"
    strict = operator in (">", "<")
    english += f": {'more than ' if strict else ''}{missing['en']} {'more' if more else 'less'}"
    chinese += f"：须{'增加' if more else '减少'}{'超过' if strict else ''}{missing['zh']}"
    ends = {language: _lever_words(levers, language) for language in ("en", "zh")}
    return {"en": english + ends["en"], "zh": chinese + ends["zh"]}


def _lever_words(levers: list[Json], language: str) -> str:
    """The facts that could bring the difference, more of some or less of others."""
    more = [lever["label"][language] for lever in levers if lever["direction"] == "more"]
    less = [lever["label"][language] for lever in levers if lever["direction"] == "less"]
    if len(levers) < 2:
        return ""
    if language == "zh":
        parts = [f"增加{'、'.join(more)}"] if more else []
        parts += [f"减少{'、'.join(less)}"] if less else []
        return f"（如{'，或'.join(parts)}）"
    parts = [f"as more {_or(more)}"] if more else []
    parts += [f"as less {_or(less)}"] if less else []
    return f", for example {', or '.join(parts)}"


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


# --- counts of conditions ---


def _count(case: Case, node: Compare, so: bool) -> Json | None:
    """How many conditions of a count would have to change; None where it is no such count."""
    operator = node.operator if so else NEGATED[node.operator]
    if not isinstance(node.left, CountTrue) or not isinstance(node.right, Number) or operator not in _WORDS:
        return None
    number, limit = case.value(node.left), node.right.value
    if not number.known:
        return None
    more = operator in (">", ">=")
    distance = limit - number.lo if more else number.lo - limit
    whole = distance.numerator // distance.denominator
    needed = whole + 1 if operator in (">", "<") or distance > whole else whole
    candidates = [operand for operand in node.left.operands if (case.value(operand) == YES) is not more]
    clauses = [case.asks(operand, so=more) for operand in candidates]
    english = f"it is found of {needed} of these that {'; '.join(clause['en'] for clause in clauses)}"
    chinese = f"经核实，以下各项中有{needed}项成立：{'；'.join(clause['zh'] for clause in clauses)}"
    if needed == len(clauses):
        english = f"it is found that {_and([clause['en'] for clause in clauses])}"
        chinese = f"经核实，{'；'.join(clause['zh'] for clause in clauses)}"
    return {
        "kind": "count",
        "number": needed,
        "direction": "more" if more else "fewer",
        "of": clauses,
        "said": {"en": english, "zh": chinese},
    }


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
