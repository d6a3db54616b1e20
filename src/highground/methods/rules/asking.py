"""What to ask at the door: only facts that are not known and could still change the verdict.

A question is worth its minute where two answers to it lead to two verdicts, with everything else that is not known
said in one and the same way. Intervals name the candidates fast; a search for such a pair of answers
(`Asking.witness`) keeps those out that only seem to matter. Questions are asked one after another, each chosen by
what was answered before, the one first that leaves the fewest to ask.

What is asked for is the verdict: the class and the clue rules of the rulebook. Vetoes are weighed by people and do
not change it. Method: own work of this project; the intervals are those of `tree.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from highground.methods.facts import Fact
from highground.methods.rules.answers import Answers
from highground.methods.rules.gaps import gaps
from highground.methods.rules.intervals import UNKNOWN, YES
from highground.methods.rules.judging import class_verdict
from highground.methods.rules.parameters import look_up
from highground.methods.rules.record import Known, Record, Value
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.tree import Compare, Has, Node, Number, OneOf, facts_read, walk

MOST_TRIES = 400
"""Records looked at in the search for two answers that make a difference."""

MOST_LIKELY, MANY = 4, 16
"""Values of a fact that are tried to see how much would be left to ask; of more facts than that, two each."""

CLASS = ""
"""What the class rules decide together; every clue rule decides for itself."""

Outcome = tuple[str, ...]
Likely = Mapping[str, Sequence[Value]]


@dataclass(frozen=True)
class Question:
    """A fact of the household, or of the member with this id ("" of the household); `needed_by` are class and clue ids."""

    fact: str
    member: str = ""
    needed_by: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """The fact and whose it is."""
        return self.fact, self.member


def questions(record: Record, book: Rulebook) -> list[Question]:
    """Every question that could still change the verdict, in the order of the rulebook; empty once it is settled.

    That is the smallest set that settles the verdict whatever the answers are.
    """
    return Asking(book).all(record)


def next_question(record: Record, book: Rulebook, likely: Likely | None = None) -> Question | None:
    """The question that settles the verdict soonest, None where no answer could change it any more.

    `likely` says by fact which values are usual (in the units of the engine); without it a few telling ones are taken.
    """
    return Asking(book, likely).next(record)


def answered(record: Record, book: Rulebook, question: Question, value: Value) -> Record:
    """The household with this answer: what is keyed by the fact is looked up again. None leaves it open."""
    name = question.fact
    if question.member:
        rows = tuple(
            dataclasses.replace(row, facts={**row.facts, name: value}, known={**row.known, name: Known()})
            if row.id == question.member
            else row
            for row in record.members
        )
        return dataclasses.replace(record, members=rows)
    keyed = {
        parameter: look_up(one, record.as_of, {name: None if value is None else str(value)})
        for parameter, one in book.parameters.items()
        if tuple(one.by[:1]) == (name,)
    }
    return dataclasses.replace(
        record,
        facts={**record.facts, name: value},
        known={**record.known, name: Known()},
        parameters={**record.parameters, **keyed},
    )


def candidates(record: Record, book: Rulebook) -> list[Question]:
    """Facts whose intervals leave something open, each with the rules that wait for it. Some may turn out not to matter.

    A member row that nobody wrote and a parameter that nobody set cannot be asked at the door.
    """
    answers = Answers(record, book)
    found: dict[tuple[str, str], list[str]] = {}
    for rules in _open(answers).values():
        for name, tree in rules:
            for key in _asked_for(answers, tree):
                found.setdefault(key, []).append(name)
    return [Question(fact, member, tuple(needed)) for (fact, member), needed in found.items()]


def outcome(record: Record, book: Rulebook) -> Outcome:
    """The verdict as far as it is known: the class verdict, the class if there is one, and the clue rules that fire.

    A clue that is not fired and one that cannot be told are alike here: where no answer can fire it, none is asked for.
    """
    answers = Answers(record, book)
    fired = (one.id for one in book.clues if answers(one.expression.tree) == YES)
    return (*_class_told(answers), *fired)


def _class_told(answers: Answers) -> Outcome:
    """The class verdict, and the class if there is one."""
    verdict, first = class_verdict(
        {class_.id: answers(class_.expression.tree) for class_ in answers.book.classes}
    )
    return verdict, first or ""


def _open(answers: Answers) -> dict[str, list[tuple[str, Node]]]:
    """What is open, by what it decides: "" for the class, else one clue; the rules with their trees.

    Classes after the first that is surely met decide nothing any more.
    """
    decided = {
        name: _open_rules(answers, name) for name in (CLASS, *(clue.id for clue in answers.book.clues))
    }
    return {name: rules for name, rules in decided.items() if rules}


def _open_rules(answers: Answers, decided: str) -> list[tuple[str, Node]]:
    """The open rules with their trees: those of classes, or the one clue."""
    found = []
    for rule in answers.book.classes if decided == CLASS else answers.book.clues:
        if decided not in (CLASS, rule.id):
            continue
        truth = answers(rule.expression.tree)
        if truth == UNKNOWN:
            found.append((rule.id, rule.expression.tree))
        elif decided == CLASS and truth == YES:
            break
    return found


def _asked_for(answers: Answers, tree: Node) -> Iterator[tuple[str, str]]:
    """The facts that an open tree waits for, each with the member whose it is."""
    for gap in gaps(answers, tree, at_door=True):
        if gap.kind == "fact" and gap.name in answers.book.dictionary:
            yield gap.name, gap.member.id if gap.member else ""


class Asking:
    """Chooses questions by one rulebook. `likely` says by fact which values are usual, in the units of the engine."""

    def __init__(self, book: Rulebook, likely: Likely | None = None) -> None:
        self.book = book
        self.likely = likely or {}

    def next(self, record: Record) -> Question | None:
        """The question that settles the verdict soonest, None where no answer could change it any more."""
        return next((one for one in self._ranked(record) if self.could_change(record, one)), None)

    def all(self, record: Record, *, soonest_first: bool = False) -> list[Question]:
        """Every question that could still change the verdict, in the order of the rulebook or the soonest settling first."""
        found = self._ranked(record) if soonest_first else candidates(record, self.book)
        return [one for one in found if self.could_change(record, one)]

    def _ranked(self, record: Record) -> list[Question]:
        found = candidates(record, self.book)
        if len(found) < 2:
            return found
        tried = MOST_LIKELY if len(found) <= MANY else 2
        left = {one.key: self._left(record, one, tried) for one in found}
        return sorted(found, key=lambda one: left[one.key])

    def completed(self, record: Record) -> Record:
        """The household with something said where no answer matters any more, so that its verdict can be told.

        Intervals leave open what holds either way (`a OR NOT a`); once `next` asks nothing, whatever is said is right.
        """
        while found := candidates(record, self.book):
            record = answered(record, self.book, found[0], self.values(record, found[0])[0])
        return record

    def _left(self, record: Record, question: Question, tried: int) -> float:
        """How many candidates are left on average after an answer."""
        values = self.likely.get(question.fact) or self.values(record, question)
        some = values[:: max(1, len(values) // tried)]
        after = (candidates(answered(record, self.book, question, value), self.book) for value in some)
        return sum(len(found) for found in after) / len(some)

    # --- does an answer make a difference? ---

    def could_change(self, record: Record, question: Question) -> bool:
        """Whether two answers lead to two verdicts, everything else that is not known said in one way."""
        return self.witness(record, question) is not None

    def witness(self, record: Record, question: Question) -> tuple[Record, Record] | None:
        """Two households that differ in the answer alone and have two verdicts; the rest is said so that it matters.

        Searched for by saying the other facts that the same rules wait for one after another, so that this one stays
        open, until it is the only one. None where nothing is found within `MOST_TRIES` records.
        """
        tries = iter(range(MOST_TRIES))
        for decided in _open(Answers(record, self.book)):
            if pair := self._differing(record, question, decided, tries):
                return pair
        return None

    def _differing(
        self, record: Record, question: Question, decided: str, tries: Iterator[int]
    ) -> tuple[Record, Record] | None:
        answers = Answers(record, self.book)
        rules = _open_rules(answers, decided)
        found = dict.fromkeys(key for _name, tree in rules for key in _asked_for(answers, tree))
        if question.key not in found:
            return None
        other = next((Question(*key) for key in found if key != question.key), question)
        told: dict[Outcome, Record] = {}
        for value in self.values(record, other):
            if next(tries, None) is None:
                return None
            said = answered(record, self.book, other, value)
            if other.key != question.key:
                if pair := self._differing(said, question, decided, tries):
                    return pair
                continue
            told.setdefault(self._told(said, decided), said)
            if len(told) > 1:
                first, second = told.values()
                return first, second
        return None

    def _told(self, record: Record, decided: str) -> Outcome:
        """What the rules say of the class, or whether one clue fires."""
        answers = Answers(record, self.book)
        if decided == CLASS:
            return _class_told(answers)
        clue = next(one for one in self.book.clues if one.id == decided)
        return ("fires" if answers(clue.expression.tree) == YES else "",)

    # --- telling values ---

    def values(self, record: Record, question: Question) -> list[Value]:
        """Telling values of a fact: its ends, and around everything with which the rulebook compares it."""
        fact = self.book.dictionary[question.fact]
        named = self._named.get(fact.name, set())
        match fact.type:
            case "boolean":
                return [False, True]
            case "category":
                others = [name for name in fact.values if name not in named]
                return [*(name for name in fact.values if name in named), *others[:1]]
            case "list":
                others = [name for name in fact.values if name not in named]
                single: list[Value] = [(name,) for name in (*others[:1], *named)]
                return [(), *single, tuple(fact.values)]
            case "date":
                return list(self._days(record.as_of, fact))
            case _:
                return self._numbers(record, fact)

    def _numbers(self, record: Record, fact: Fact) -> list[Value]:
        unit = 10**self.book.minor_digits if fact.type == "money" else 1
        low, high = (fact.minimum or 0) * unit, (fact.maximum or 0) * unit
        near = {round(value) + step for value in self._compared.get(fact.name, ()) for step in (-1, 0, 1)}
        near |= set(self._usual(record)) if fact.type == "money" else {0, 1}
        return [low, *sorted(value for value in near if low < value < high), high]

    def _usual(self, record: Record) -> Iterator[int]:
        """Amounts around the lines that hold for the household, for one person and for all."""
        yield 0
        persons = max(len(record.members), 1)
        for name, parameter in self.book.parameters.items():
            line = record.parameters[name].high
            if parameter.type == "money" and line is not None:
                yield from (line // 2, line, line * persons // 2, line * persons, 2 * line * persons)

    def _days(self, as_of: date, fact: Fact) -> Iterator[date]:
        """Days around those at which a rule changes its mind, and some between."""
        compared = {round(value) for value in self._compared.get(fact.name, ())}
        if fact.entity == "member":  # a date of birth
            for years in sorted(
                {0, 30, 70, *(n + step for n in compared for step in (-1, 0, 1) if n + step >= 0)}
            ):
                yield _years_before(as_of, years) - timedelta(days=1)
            return
        for months in sorted({0, 6, 24, *(n + step for n in compared for step in (-1, 0, 1))}):
            yield as_of - timedelta(days=31 * months)
            yield as_of - timedelta(days=months)

    @cached_property
    def _named(self) -> dict[str, set[str]]:
        """The values of categories and lists that the rulebook names, by fact."""
        found: dict[str, set[str]] = {}
        for node in self._nodes:
            if isinstance(node, OneOf):
                found.setdefault(node.name, set()).update(node.values)
            elif isinstance(node, Has):
                found.setdefault(node.name, set()).add(node.value)
        return found

    @cached_property
    def _compared(self) -> dict[str, list[int]]:
        """The numbers that stand in comparisons with a fact, by fact; in the units of the engine."""
        found: dict[str, list[int]] = {}
        for node in self._nodes:
            if not isinstance(node, Compare):
                continue
            below = [each for side in node.children() for each in walk(side)]
            numbers = [round(each.value) for each in below if isinstance(each, Number)]
            for name in (name for each in below for name in facts_read(each)):
                found.setdefault(name, []).extend(numbers)
        return found

    @cached_property
    def _nodes(self) -> list[Node]:
        book = self.book
        parts = (book.derived.values(), book.conditions.values(), book.classes, book.clues, (book.counted,))
        return [node for many in parts for one in many for node in walk(one.expression.tree)]


def _years_before(day: date, years: int) -> date:
    year = day.year - years
    return day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)
