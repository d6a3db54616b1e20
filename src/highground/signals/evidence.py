"""Why a clue was opened, kept on the clue: the sentences in every language and the figures behind them.

The whole explanation is made again from the run's folder when somebody opens the clue (`kept.py`); what is kept
here is what a list of clues needs.
"""

from __future__ import annotations

from typing import Any

from highground.methods.rules.answers import Answers
from highground.methods.rules.explaining.case import Case, in_languages
from highground.methods.rules.explaining.values import as_words
from highground.methods.rules.explaining.words import finished, rule_why
from highground.methods.rules.judging import judge
from highground.methods.rules.record import Record
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.sentences.speaking import speaker
from highground.methods.rules.sentences.witness import Witness
from highground.methods.rules.tree import And, Compare, ConditionValue, Has, IsEmpty, Node, Not
from highground.signals.rulebooks import rules_of


def evidence_of(record: Record, book: Rulebook, rules: list[str]) -> dict[str, dict[str, Any]]:
    """For each of `rules` (ids of classes and clue rules that are yes): `why`, the whole reason as a sentence;
    `short`, its figures alone; both by language."""
    case = Case(Answers(record, book), judge(record, book))
    trees = {rule: one.expression.tree for rule, one in rules_of(book).items()}
    return {rule: {"why": rule_why(case, trees[rule]), "short": _short(case, trees[rule])} for rule in rules}


def _short(case: Case, tree: Node) -> dict[str, str]:
    """The comparisons and the listed values in a rule, said with their figures; the whole reason if there are none.

    What a class only asks in general (in scope, lifted out before) is left to the whole reason.
    """

    def said(language: str) -> str:
        witness = Witness(speaker(case.book, language), case.answers)
        parts = []
        for operand in tree.operands if isinstance(tree, And) else (tree,):
            plain = _plain(case, operand)
            if isinstance(plain, Compare):
                parts.append(witness.say(operand))
            elif isinstance(plain, IsEmpty | Has) and not plain.member:
                parts.append(_listed(case, plain, language))
        if not parts:
            return rule_why(case, tree)[language]
        return finished({"en": "; ", "zh": "；"}[language].join(parts), language)

    return in_languages(said)


def _plain(case: Case, node: Node) -> Node:
    """What stands behind names of conditions and negations."""
    while isinstance(node, ConditionValue | Not):
        node = (
            case.book.conditions[node.name].expression.tree
            if isinstance(node, ConditionValue)
            else node.operand
        )
    return node


def _listed(case: Case, node: IsEmpty | Has, language: str) -> str:
    fact = case.book.dictionary[node.name]
    words = as_words(case, fact, case.record.facts.get(node.name) or ())[language]
    colon = "：" if language == "zh" else ": "
    return f"{fact.label[language]}{colon}{words}"
