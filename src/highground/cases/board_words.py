"""A board in words and pictures: what stands behind each figure, and what is said where nothing does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.cases.changes import EXIT, RECOGNITION, Changes, is_income
from highground.cases.enums import CaseStatus
from highground.cases.figures import Board, ByClass, InTime, Period, StepCount, deadlines_in
from highground.cases.spread import FEW, Spread
from highground.methods.rules import Rulebook
from highground.methods.rules.procedure.graph import Phase, Procedure, Unit
from highground.signals.rulebooks import fact_label, rule_label, said
from highground.web.numbers import day, number, percent
from highground.web.pictures import Bar, Mark

_COLOURS = {Phase.RECOGNITION: "water", Phase.SUPPORT: "green", Phase.EXIT: "brand"}


def not_known_yet() -> str:
    """What stands where no case stands behind a figure."""
    return _("not known yet")


def too_few() -> str:
    """What stands where so few cases stand behind a figure that it would tell of single families."""
    return _("fewer than %(count)s cases") % {"count": number(FEW)}


def days(value: int) -> str:
    """So many days."""
    return ngettext("%(days)s day", "%(days)s days", value) % {"days": number(value)}


def days_of(spread: Spread, value: int | None) -> str:
    """One figure of a spread of days."""
    if spread.few:
        return too_few()
    return not_known_yet() if value is None else days(value)


def share(part: int, whole: int, least: int) -> str:
    """A part of a whole in percent, where enough cases stand behind it."""
    if not whole:
        return not_known_yet()
    return too_few() if whole < least else percent(part / whole)


def span(period: Period) -> str:
    """From one day to another."""
    return _("%(first)s to %(last)s") % {"first": day(period.first), "last": day(period.last)}


def step_bars(steps: Iterable[StepCount], procedure: Procedure | None) -> list[Bar]:
    """Cases under way by the step that is next, in the order of the procedure. Later steps only where somebody stands."""
    counts = _sums(steps, "count")
    known = procedure.steps if procedure else {}
    bars = [
        Bar(capfirst(said(step.label)), counts.get(name, 0), _COLOURS[step.phase])
        for name, step in known.items()
        if name in counts
        or (step.phase == Phase.RECOGNITION and step.once and not step.expedited and not step.only_if)
    ]
    # Steps of an older version of the rulebook, and cases in which nothing waits but a date.
    return bars + [
        Bar(name or _("no step waits"), counts[name], "grey") for name in sorted(counts) if name not in known
    ]


def late_bars(steps: Iterable[StepCount], procedure: Procedure | None) -> list[Bar]:
    """Late cases by the step that is next, in the order of the procedure; only where somebody is late."""
    counts = {name: count for name, count in _sums(steps, "late").items() if count}
    known = procedure.steps if procedure else {}
    names = [*(name for name in known if name in counts), *sorted(counts.keys() - known.keys())]
    return [
        Bar(capfirst(said(known[name].label)) if name in known else name, counts[name], "clay")
        for name in names
    ]


def _sums(steps: Iterable[StepCount], what: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in steps:
        found[one.step] = found.get(one.step, 0) + getattr(one, what)
    return found


def speed_bars(spread: Spread, colour: str) -> list[Bar]:
    """Half of the cases, and nine of ten, took at most so many days."""
    return [
        Bar(_("Half took at most"), spread.median, colour),
        Bar(_("Nine of ten took at most"), spread.most, colour),
    ]


def deadline_mark(in_time: Sequence[InTime], procedure: Procedure | None) -> Mark | None:
    """The deadline of recognition as a line, where all had the same and it counts days from the discovery."""
    recognising = deadlines_in(procedure)[0] if procedure else ""
    found = [one for one in in_time if one.step == recognising]
    if len(found) != 1 or found[0].unit != Unit.CALENDAR:
        return None
    return Mark(_("deadline %(days)s") % {"days": days(found[0].days)}, found[0].days)


def in_time_words(in_time: Sequence[InTime], steps: Iterable[str], least: int) -> list[str]:
    """How many kept each deadline of these steps, one sentence for each length."""
    wanted = set(steps)
    return [
        _("Within the deadline of %(length)s: %(share)s (%(kept)s of %(count)s)")
        % {
            "length": length(one.days, one.unit),
            "share": share(one.kept, one.count, least),
            "kept": number(one.kept),
            "count": number(one.count),
        }
        if one.count >= least
        else _("Within the deadline of %(length)s: %(few)s")
        % {"length": length(one.days, one.unit), "few": too_few()}
        for one in in_time
        if one.step in wanted
    ]


def length(count: int, unit: str) -> str:
    """A deadline in its unit."""
    words = {
        Unit.CALENDAR: ngettext("%(days)s day", "%(days)s days", count),
        Unit.WORKING: ngettext("%(days)s working day", "%(days)s working days", count),
        Unit.MONTHS: ngettext("%(days)s month", "%(days)s months", count),
    }[Unit(unit)]
    return words % {"days": number(count)}


@dataclass(frozen=True)
class ChangeRow:
    """One fact that was changed before decisions of a kind; `asks` where an income moved the way that pays twice as often."""

    before: str
    fact: str
    lowered: int
    raised: int
    otherwise: int
    asks: bool


def change_rows(changes: Iterable[Changes], book: Rulebook) -> list[ChangeRow]:
    """The changes in words."""
    labels = {RECOGNITION: _("recognition"), EXIT: _("exit")}
    return [
        ChangeRow(
            labels[one.before],
            capfirst(said(fact_label(book, one.fact))),
            one.lowered,
            one.raised,
            one.otherwise,
            is_income(one.fact) and _paying(one) >= 2 * max(1, one.total - _paying(one)),
        )
        for one in changes
    ]


def income_sentence(board: Board) -> str:
    """How often incomes moved the way that brings a recognition or an exit about, with what they are held against."""
    if not board.recognised and not board.exited:
        return _("Nobody was recognised or exited in the period: not known yet.")
    incomes = [one for one in board.changes if is_income(one.fact)]
    sums = {what: sum(_paying(one) for one in incomes if one.before == what) for what in (RECOGNITION, EXIT)}
    return _(
        "Incomes were lowered %(lowered)s times before %(recognised)s recognitions, and raised %(raised)s times before "
        "%(exited)s exits."
    ) % {
        "lowered": number(sums[RECOGNITION]),
        "recognised": number(board.recognised),
        "raised": number(sums[EXIT]),
        "exited": number(board.exited),
    }


def _paying(one: Changes) -> int:
    return one.lowered if one.before == RECOGNITION else one.raised


def class_rows(classes: Iterable[ByClass], book: Rulebook) -> list[tuple[str, ByClass]]:
    """Each class by its name."""
    return [(capfirst(said(rule_label(book, one.class_id))), one) for one in classes]


def return_words(board: Board, period: Period, least: int) -> list[str]:
    """Who came back: of the exits that have had their twelve months, and of those of the period so far."""
    full, months = board.returns, period.before(12)
    words = {
        "span": span(months),
        "exits": number(full.exits),
        "back": number(full.back),
        "share": share(full.back, full.exits, least),
        "recent": number(full.recent),
        "already": number(full.already),
    }
    if not full.exits:
        first = _("Nobody exited from %(span)s, so whether households come back is not known yet.") % words
    elif full.exits < least:
        first = _("From %(span)s: %(few)s exited.") % {**words, "few": too_few()}
    else:
        first = (
            _(
                "Of %(exits)s exits from %(span)s, %(back)s came back within twelve months of the exit (%(share)s)."
            )
            % words
        )
    if not full.recent:
        return [first]
    return [
        first,
        _(
            "Of %(recent)s exits in the period, %(already)s came back so far; their twelve months are not over."
        )
        % words,
    ]


def headline(board: Board) -> str:
    """The answer: how long a recognition takes."""
    speed = board.recognition
    if speed.few:
        return _("Too few recognitions to say how long one takes")
    if speed.median is None or speed.most is None:
        return _("How long a recognition takes is not known yet")
    return _("Half are recognised within %(half)s, nine of ten within %(most)s") % {
        "half": days(speed.median),
        "most": days(speed.most),
    }


def under_way_sentence(board: Board) -> str:
    """Where the cases under way stand."""
    return _("%(open)s being verified, %(monitored)s monitored") % {
        "open": number(board.count(CaseStatus.OPEN)),
        "monitored": number(board.count(CaseStatus.MONITORED)),
    }
