"""Rules as sentences in English and Chinese: what a rule asks, and with a household's values, what is the case."""

from __future__ import annotations

from highground.methods.rules.answers import Answers
from highground.methods.rules.record import Record
from highground.methods.rules.rulebook import Expression, Rulebook
from highground.methods.rules.sentences.speaking import speaker
from highground.methods.rules.sentences.witness import Witness
from highground.methods.rules.tree import Node

LANGUAGES = ("en", "zh")

__all__ = ["LANGUAGES", "say", "say_not", "say_number", "say_with"]


def say(asked: Expression | Node, book: Rulebook, language: str = "en") -> str:
    """A condition as a clause without values: "net income per person is at most the monitoring line"."""
    return speaker(book, language).say(_tree(asked))


def say_not(asked: Expression | Node, book: Rulebook, language: str = "en") -> str:
    """The opposite of a condition: "net income per person is above the monitoring line"."""
    return speaker(book, language).say(_tree(asked), so=False)


def say_number(asked: Expression | Node, book: Rulebook, language: str = "en") -> str:
    """A number as a noun: "wage income plus claims paid"."""
    return speaker(book, language).noun(_tree(asked))


def say_with(asked: Expression | Node, record: Record, book: Rulebook, language: str = "en") -> str:
    """What is the case for a household: "net income per person of 10,000 yuan is above the monitoring line of
    8,300 yuan". Where a condition is not met, what is the case instead; where it cannot be told, that it cannot.
    """
    return Witness(speaker(book, language), Answers(record, book)).say(_tree(asked))


def _tree(asked: Expression | Node) -> Node:
    return asked.tree if isinstance(asked, Expression) else asked
