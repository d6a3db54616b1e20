"""Whether a monitored household may leave: each exit condition with its verdict, the values and a sentence.

The people decide; these verdicts say whether the procedure of leaving may begin. A fact that is missing is "cannot
tell", and who cannot be told is not let go. The line of the as-of day's own year counts, also for incomes dated in the
year before; without a line for that year nobody leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from highground.methods.facts.months import complete_months, later
from highground.methods.rules.answers import Answers
from highground.methods.rules.explaining.case import Case, Json, in_languages
from highground.methods.rules.explaining.values import fact_value, missing_parameter
from highground.methods.rules.explaining.words import finished, rule_why
from highground.methods.rules.intervals import NO, UNKNOWN
from highground.methods.rules.judging import judge
from highground.methods.rules.monitoring import SUSTAINED
from highground.methods.rules.record import Record
from highground.methods.rules.rulebook import ExitMode, ExitRules, Rulebook, RulebookError, Sustained, Text
from highground.methods.rules.sentences.amounts import amount
from highground.methods.rules.sentences.speaking import speaker
from highground.methods.rules.sentences.witness import per_person
from highground.methods.rules.statement import facts_of
from highground.methods.rules.tree import Compare, DerivedAmount, Node, ParameterValue, PerPerson


@dataclass(frozen=True)
class ConditionVerdict:
    """One condition: `yes`, `no` or `cannot_tell`, the sentence that says what is the case, and the values read.

    Each of `values` is as in an explanation, with `day` and `source`; of a member with `member`. `points` are the
    dated incomes of the condition on income: `day`, `verdict`, `total`, `persons`, `per_person`, `line`, `sentence`.
    """

    id: str
    label: Text
    verdict: str
    sentence: Mapping[str, str]
    values: tuple[Json, ...] = ()
    points: tuple[Json, ...] = ()
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class ExitVerdict:
    """What the rulebook says of leaving in one way: `yes` only if every condition that the way asks is yes."""

    household: str
    as_of: date
    mode: ExitMode
    conditions: tuple[ConditionVerdict, ...]
    rulebook: str
    rulebook_hash: str

    @property
    def verdict(self) -> str:
        """`no` if a condition is not met, else `cannot_tell` if one cannot be told, else `yes`."""
        found = {one.verdict for one in self.conditions}
        return next((one for one in ("no", "cannot_tell") if one in found), "yes")

    def as_dict(self) -> dict[str, Any]:
        """The verdict as data that can be written as JSON."""
        return {
            "household": self.household,
            "as_of": self.as_of.isoformat(),
            "mode": self.mode.id,
            "verdict": self.verdict,
            "rulebook": self.rulebook,
            "rulebook_hash": self.rulebook_hash,
            "conditions": [
                {
                    "id": one.id,
                    "label": dict(one.label),
                    "verdict": one.verdict,
                    "sentence": dict(one.sentence),
                    "values": list(one.values),
                    "points": list(one.points),
                    "source": one.source,
                    "verified": one.verified,
                }
                for one in self.conditions
            ],
        }


def exit_verdicts(
    book: Rulebook,
    record: Record,
    points: Sequence[Record],
    *,
    mode: str = "assistance",
    proposed_on: date | None = None,
) -> ExitVerdict:
    """Whether the household of `record` may leave by `mode` on the day of the record, condition by condition.

    `points` has a record for each day on which an income was found out (`income_facts` names the facts): the
    household as it was known on that day. Days outside the window of the condition on income are left aside. Where the
    exit was proposed before (`proposed_on`), that window begins so many months before that day and still reaches to the
    day of the record: deciding in the open takes days, and an income that was old enough does not become too old by it.

    Raises RulebookError where the rulebook has no exit conditions or no such mode, ValueError for a point that lies
    after the day of the record or is of another household.
    """
    rules = _rules(book)
    if mode not in rules.modes:
        raise RulebookError(
            f"{book.id}: there is no way '{mode}' to exit; use one of {', '.join(rules.modes)}"
        )
    for point in points:
        if point.as_of > record.as_of or point.household != record.household:
            raise ValueError(
                f"income of {point.household} on {point.as_of} does not belong to {record.household} on {record.as_of}"
            )
    case = Case(Answers(record, book), judge(record, book))
    without = rules.modes[mode].without
    found = [_condition(case, one) for one in rules.conditions if one.id not in without]
    if rules.sustained is not None and SUSTAINED not in without:
        since, _ = income_window(book, proposed_on or record.as_of)
        found.append(_sustained(case, rules.sustained, points, since))
    return ExitVerdict(record.household, record.as_of, rules.modes[mode], tuple(found), book.id, book.hash)


def income_facts(book: Rulebook) -> frozenset[str]:
    """The facts behind the amount of the condition on income: a day on which one of them was found out is a point."""
    held = _rules(book).sustained
    if held is None:
        return frozenset()
    return frozenset(facts_of(book, book.derived[held.amount].expression.tree))


def income_window(book: Rulebook, as_of: date) -> tuple[date, date]:
    """First and last day on which an income counts for the condition on income: so many calendar months back."""
    held = _rules(book).sustained
    return (as_of if held is None else later(as_of, -held.months)), as_of


def _rules(book: Rulebook) -> ExitRules:
    if book.exit is None:
        raise RulebookError(f"{book.id} has no section `exit`, so nobody can leave by it")
    return book.exit


def _condition(case: Case, condition: Any) -> ConditionVerdict:
    tree = condition.expression.tree
    return ConditionVerdict(
        id=condition.id,
        label=condition.label,
        verdict=case.value(tree).verdict,
        sentence=rule_why(case, tree),
        values=tuple(_values(case, tree)),
        source=condition.source,
        verified=condition.verified,
    )


def _values(case: Case, tree: Node) -> list[Json]:
    """The values that a condition reads, of the household and of its counted members, in the order of the dictionary."""
    names = facts_of(case.book, tree)
    facts = [fact for fact in case.book.dictionary.values() if fact.name in names]
    found = [fact_value(case, fact) for fact in facts if fact.entity == "household"]
    for row, truth in zip(case.record.members, case.judgement.counted, strict=True):
        if truth != NO:
            mine = [fact for fact in facts if fact.entity == "member"]
            found += [{**fact_value(case, fact, row), "member": row.id} for fact in mine]
    return found


# --- income over time ---


def _sustained(case: Case, held: Sustained, points: Sequence[Record], start: date) -> ConditionVerdict:
    """Every income since `start` is above the line of today; enough of them, the oldest old enough."""
    money = case.book.derived[held.amount].expression.money
    asked = Compare(
        0,
        0,
        ">",
        PerPerson(0, 0, DerivedAmount(0, 0, held.amount, money)),
        ParameterValue(0, 0, held.above, True),
    )
    days = {point.as_of: point for point in points if point.as_of >= start}
    # Each income as it was known on its day, against the line as it is today.
    cases = [_case(replace(days[day], parameters=case.record.parameters), case.book) for day in sorted(days)]
    found = [_point(one, asked, held) for one in cases]
    verdict, sentence = _told(case, held, start, [(one, one.value(asked)) for one in cases], found)
    return ConditionVerdict(
        SUSTAINED, held.label, verdict, sentence, (), tuple(found), held.source, held.verified
    )


def _case(record: Record, book: Rulebook) -> Case:
    return Case(Answers(record, book), judge(record, book))


def _point(case: Case, asked: Compare, held: Sustained) -> Json:
    reading = case.record.parameters[held.above]
    total = case.judgement.derived[held.amount]
    return {
        "day": case.record.as_of.isoformat(),
        "verdict": case.value(asked).verdict,
        "total": case.figure(total, money=True),
        "persons": case.figure(case.judgement.persons, money=False),
        "per_person": _each(case, total),
        "line": None if reading.low is None else case.exact(reading.low, money=True),
        "sentence": rule_why(case, asked),
    }


def _each(case: Case, total: Any) -> dict[str, str] | None:
    """The amount per person in words, for information; None where it is not known."""
    each = per_person(total, case.judgement.persons)
    return case.written(each.lo, money=True) if each.known else None


def _told(
    case: Case, held: Sustained, start: date, answers: list[tuple[Case, Any]], points: list[Json]
) -> tuple[str, dict[str, str]]:
    """The verdict on income over time, and the sentence for it."""
    if case.record.parameters[held.above].low is None:
        missing = missing_parameter(case, held.above)
        return "cannot_tell", in_languages(
            lambda language: finished(
                {
                    "en": f"there is {missing['en']}; without it nobody can leave",
                    "zh": f"{missing['zh']}，不能标注风险消除",
                }[language],
                language,
            )
        )
    for wanted, verdict in ((NO, "no"), (UNKNOWN, "cannot_tell")):
        for (one, truth), point in zip(answers, points, strict=True):
            if truth == wanted:
                return verdict, _on(one.record.as_of, point["sentence"])
    if len(answers) < held.points:
        return "cannot_tell", _too_few(held, start, len(answers))
    oldest = min(one.record.as_of for one, _ in answers)
    if complete_months(oldest, case.record.as_of) < held.oldest:
        return "cannot_tell", {
            "en": f"The oldest income since {start} is of {oldest}, less than {held.oldest} months ago.",
            "zh": f"{start}以来最早的收入核算为{oldest}，距今不满{held.oldest}个月。",
        }
    return "yes", in_languages(
        lambda language: _all_above(case, held, len(answers), (start, oldest), language)
    )


def _on(day: date, sentence: Mapping[str, str]) -> dict[str, str]:
    """A sentence about one day."""
    return {
        "en": f"On {day}: {sentence['en'][:1].lower()}{sentence['en'][1:]}",
        "zh": f"{day}：{sentence['zh']}",
    }


def _too_few(held: Sustained, start: date, number: int) -> dict[str, str]:
    dated = {0: "No income is", 1: "Only 1 income is"}.get(number, f"Only {number} incomes are")
    return {
        "en": f"{dated} dated since {start}; at least {held.points} are needed.",
        "zh": f"{start}以来只有{number}次收入核算，至少需要{held.points}次。",
    }


def _all_above(case: Case, held: Sustained, number: int, days: tuple[date, date], language: str) -> str:
    """The sentence for incomes since the first of two days, the oldest of the second, that are all above the line."""
    start, oldest = days
    line = case.record.parameters[held.above].low
    assert line is not None
    label = speaker(case.book, language).noun(ParameterValue(0, 0, held.above, True))
    written = amount(line, case.book, language, money=True)
    name = case.book.derived[held.amount].label[language]
    if language == "zh":
        return f"{start}以来的{number}次人均{name}均高于{label}{written}，最早一次为{oldest}。"
    of = f"all {number}" if number > 1 else "the one"
    several = "amounts" if number > 1 else "amount"
    return finished(
        f"{of} {several} of {name} per person since {start} "
        f"{'are' if number > 1 else 'is'} above {label} of {written}; the oldest is of {oldest}",
        language,
    )
