"""Whether a household may exit, condition by condition, from the facts as they are known; and what the rulebook says.

A missing fact is no yes: the household does not exit until it is known. People may still decide against an exit that
the rules allow; nobody can decide for one that they do not.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from highground.cases.actions.facts import income_days_of
from highground.cases.enums import CaseStatus, ExitMode
from highground.cases.flow import CaseError, procedure_for
from highground.cases.known import records_of, records_on
from highground.cases.models import Case, CaseStep
from highground.methods.facts.months import later
from highground.methods.rules.exiting import ConditionVerdict, exit_verdicts, income_facts, income_window
from highground.methods.rules.judging import judge
from highground.methods.rules.rulebook import OutsidePeriod, Rulebook
from highground.methods.rules.statement import SCREENED
from highground.methods.screening import check_period
from highground.signals.rulebooks import book_of, said
from highground.web.numbers import listed

OF_THE_CASE = frozenset(
    {
        "monitored",
        "monitored_class",
        "recognised_on",
        "first_recognised_on",
        "recognised_risks",
        "measures_delivered",
        "exited_on",
    }
)
"""Facts that the office writes itself when it decides or delivers: nobody is asked about them."""

ONE_DAY = datetime.timedelta(days=1)


def rule_class_of(case: Case, class_id: str, day: datetime.date) -> tuple[str, bool | None]:
    """The class by the rulebook from what is known of `day`, and whether the people's differs.

    "" and None where the rules cannot tell, or do not assess that day.
    """
    book = book_of(case.rulebook_version.hash)
    try:
        check_period(book, day)
    except OutsidePeriod:
        return "", None
    found = judge(records_on(case.household, book, [day], SCREENED)[day], book)
    if found.class_verdict == "cannot_tell":
        return "", None
    return found.class_id or "", found.class_id != class_id


def check_exit(case: Case, *, mode: str, today: datetime.date) -> None:
    """Raise CaseError naming every condition that does not hold, or cannot be told."""
    verdicts = exit_verdicts_of(case, today=today, mode=mode)
    failing = [said(one.label) for one in verdicts if one.verdict != "yes"]
    if failing:
        raise CaseError(
            _("The household cannot leave yet. Not fulfilled, or not known: %(conditions)s.")
            % {"conditions": listed(failing)}
        )


@dataclass(frozen=True)
class Lacking:
    """What keeps an exit from being told: facts by the key of their member ("" for the household), and the incomes.

    `incomes` are due where the last one is so old that the condition on income could miss one of that age later on;
    a part of the income that is not known is wanted always (`parts`): a day on which it is missing cannot be told.
    """

    facts: frozenset[tuple[str, str]] = frozenset()
    incomes: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()

    def wants(self, fact: str, member: str = "") -> bool:
        """Whether an answer about this fact could change what is told of the exit."""
        return (member, fact) in self.facts or (not member and fact in self.incomes)


def lacking_for_exit(case: Case, *, today: datetime.date) -> Lacking:
    """What to find out about a monitored household before it can be told whether it may leave.

    A constant number of queries, however much is known. `reads` are all facts that the conditions read.
    """
    return lacking_for_exits([case], today=today)[0]


def lacking_for_exits(cases: Sequence[Case], *, today: datetime.date) -> list[Lacking]:
    """`lacking_for_exit` of many cases, in their order. A constant number of queries, however many."""
    watched = [
        place
        for place, case in enumerate(cases)
        if case.status == CaseStatus.MONITORED and book_of(case.rulebook_version.hash).exit is not None
    ]
    monitored = [cases[place] for place in watched]
    verdicts = exit_verdicts_of_all(monitored, today=today)
    incomes = _incomes_due(monitored, today)
    found = [Lacking()] * len(cases)
    for place, case, told, due in zip(watched, monitored, verdicts, incomes, strict=True):
        found[place] = _lacking(book_of(case.rulebook_version.hash), told, due)
    return found


def _lacking(book: Rulebook, verdicts: Iterable[ConditionVerdict], due: frozenset[str]) -> Lacking:
    values = [value for one in verdicts for value in one.values]
    unknown = [
        value
        for one in verdicts
        if one.verdict == "cannot_tell"
        for value in one.values
        if value["value"] is None and value["fact"] not in OF_THE_CASE
    ]
    return Lacking(
        frozenset((str(value.get("member", "")), str(value["fact"])) for value in unknown),
        due,
        income_facts(book),
        frozenset(str(value["fact"]) for value in values) - OF_THE_CASE | income_facts(book),
    )


def incomes_due(case: Case, *, today: datetime.date) -> frozenset[str]:
    """The facts of income to confirm now, so that the condition of the exit always finds one that is old enough.

    Where the oldest of six months must be five months old, they are due a month after the last. None before the
    recognition. One query.
    """
    return _incomes_due([case], today)[0]


def _incomes_due(cases: Sequence[Case], today: datetime.date) -> list[frozenset[str]]:
    """`incomes_due` of many cases. One query."""
    found: list[frozenset[str]] = [frozenset()] * len(cases)
    wanted = []
    for place, case in enumerate(cases):
        book = book_of(case.rulebook_version.hash)
        held = None if book.exit is None else book.exit.sustained
        if held is not None and case.status == CaseStatus.MONITORED:
            since = later(today, -max(held.months - held.oldest, 1)) + ONE_DAY
            wanted.append((place, (case.household, income_facts(book), since)))
    days = income_days_of(asked for _place, asked in wanted)
    for (place, (_household, facts, _since)), told in zip(wanted, days, strict=True):
        found[place] = frozenset() if told else facts
    return found


def exit_verdicts_of(
    case: Case, *, today: datetime.date, mode: str = ExitMode.ASSISTANCE
) -> list[ConditionVerdict]:
    """The exit conditions of the case's rulebook with verdicts and values, as of `today`; none where it states none.

    While an exit is under way the half year of its incomes ends on the day on which it was proposed. A constant number
    of queries. Raises RulebookError for a way of leaving that the rulebook does not have.
    """
    return exit_verdicts_of_all([case], today=today, mode=mode)[0]


def exit_verdicts_of_all(
    cases: Sequence[Case], *, today: datetime.date, mode: str = ExitMode.ASSISTANCE
) -> list[list[ConditionVerdict]]:
    """`exit_verdicts_of` many cases, in their order. A constant number of queries, however many."""
    found: list[list[ConditionVerdict]] = [[] for _case in cases]
    books = [book_of(case.rulebook_version.hash) for case in cases]
    stating = [place for place, book in enumerate(books) if book.exit is not None]
    if not stating:
        return found
    proposed = _proposed_on([cases[place] for place in stating])
    windows = [income_window(books[place], proposed[cases[place].pk] or today)[0] for place in stating]
    days = income_days_of(
        (cases[place].household, income_facts(books[place]), since)
        for place, since in zip(stating, windows, strict=True)
    )
    records = records_of(
        [
            (cases[place].household, books[place], {*told, today})
            for place, told in zip(stating, days, strict=True)
        ]
    )
    for place, told, known in zip(stating, days, records, strict=True):
        points = [known[day] for day in told if day <= today]
        on = proposed[cases[place].pk]
        verdicts = exit_verdicts(books[place], known[today], points, mode=mode, proposed_on=on)
        found[place] = list(verdicts.conditions)
    return found


def _proposed_on(cases: Sequence[Case]) -> dict[int, datetime.date | None]:
    """By case the day on which the exit that is under way was proposed. One query."""
    firsts = {case.pk: procedure_for(case).first_exit for case in cases}
    steps = CaseStep.objects.everywhere(reason="steps of cases that the caller has scoped")
    found: dict[int, datetime.date | None] = dict.fromkeys(firsts)
    for case, step, day in (
        steps.filter(case__in=firsts, stands=True, step__in={one.id for one in firsts.values() if one})
        .order_by("pk")
        .values_list("case", "step", "day")
    ):
        if (first := firsts[case]) is not None and step == first.id:
            found[case] = day
    return found
