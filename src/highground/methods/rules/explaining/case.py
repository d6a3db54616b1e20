"""What every part of an explanation works with: one household, one rulebook, and figures as exact text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from highground.methods.rules.answers import Answers
from highground.methods.rules.intervals import Exact, Interval
from highground.methods.rules.judging import Judgement
from highground.methods.rules.record import Member, Record
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.sentences import LANGUAGES
from highground.methods.rules.sentences.amounts import amount, major, plain
from highground.methods.rules.sentences.speaking import speaker
from highground.methods.rules.sentences.witness import Witness
from highground.methods.rules.tree import Node

Json = dict[str, Any]


def in_languages(said: Callable[[str], str]) -> dict[str, str]:
    """One text per language."""
    return {language: said(language) for language in LANGUAGES}


@dataclass(frozen=True)
class Case:
    """One household under one rulebook."""

    answers: Answers
    judgement: Judgement

    @property
    def record(self) -> Record:
        return self.answers.record

    @property
    def book(self) -> Rulebook:
        return self.answers.book

    def value(self, node: Node, member: Member | None = None) -> Interval:
        """What a node can be, in the units of the engine."""
        return self.answers(node, member)

    def asks(self, node: Node, *, so: bool = True) -> dict[str, str]:
        """What a condition asks."""
        return in_languages(lambda language: speaker(self.book, language).say(node, so=so))

    def noun(self, node: Node) -> dict[str, str]:
        """A number as a noun."""
        return in_languages(lambda language: speaker(self.book, language).noun(node))

    def says(self, node: Node, member: Member | None = None) -> dict[str, str]:
        """What is the case."""
        return in_languages(
            lambda language: Witness(speaker(self.book, language), self.answers, member).say(node)
        )

    def exact(self, value: Exact, *, money: bool) -> str:
        """A number as exact text, amounts in major units."""
        return plain(major(value, self.book) if money else value)

    def figure(self, value: Interval, *, money: bool) -> Json:
        """A number or a range of numbers; `value` is None where it is a range."""
        lo, hi = self.exact(value.lo, money=money), self.exact(value.hi, money=money)
        return {"value": lo if value.known else None, "lo": lo, "hi": hi, "money": money}

    def written(self, value: Exact, *, money: bool) -> dict[str, str]:
        """A number as people write it."""
        return in_languages(lambda language: amount(value, self.book, language, money=money))
