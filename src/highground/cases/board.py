"""The board of an area: how far its cases are, how fast they move, and what would show that the speed was bought.

It tells of the area in view as a whole, to everybody who may see counts there. It names no household, it ranks no
village, and parts of the area stand in the order of the tree, only where enough cases stand behind their figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.cases import board_words as words
from highground.cases.figures import (
    Board,
    Counted,
    Period,
    board_of,
    by_part,
    deadlines_in,
    steps_by_rulebook,
    usual_rulebook,
)
from highground.cases.spread import FEW, Spread
from highground.methods.rules import Rulebook
from highground.signals.places import areas_of, places_in
from highground.signals.rulebooks import latest_books, said
from highground.web.export import csv_response
from highground.web.lists import Pill, pill
from highground.web.numbers import number

MONTHS = (3, 12, 36)
USUAL = 12


@require_GET
@sees(Sight.COUNTS)
def board(request: HttpRequest) -> HttpResponseBase:
    """The figures of the area in view; `?months=`, `?rulebook=`, `?area=`, `?parts=1`; as CSV with `?format=csv`."""
    user, today, books = request.user, timezone.localdate(), latest_books()
    whole, part = areas_of(request, Sight.COUNTS)
    area = part or whole
    assert area is not None  # who sees counts sees them somewhere
    context: dict[str, Any] = {"area": area, "sees_cases": may_see(user, today, Sight.CASES, area.path)}
    if not is_large(area):
        return render(request, "cases/board_small.html", {**context, "parent": _larger(request, area)})
    steps = steps_by_rulebook(user, area, today)
    wanted = request.GET.get("rulebook", "")
    name = wanted if wanted in books and books[wanted].procedure else usual_rulebook(steps, books)
    if not name:
        return render(request, "cases/board_small.html", {**context, "no_procedure": True})
    book, months = books[name], _months(request)
    period, counted = Period.until(today, months), Counted(user, area, name, today)
    least = 1 if context["sees_cases"] else FEW
    figures = board_of(counted, steps.get(name, []), book, period, least=least)
    if request.GET.get("format") == "csv":
        return csv_response("board.csv", csv_header(), csv_rows(figures, book, period, least))
    context |= {
        "board": figures,
        "book": book,
        "title": words.headline(figures),
        "periods": _periods(request, months),
        "rulebooks": _rulebooks(request, books, name),
        "span": words.span(period),
        "least": least,
        **_pictures(figures, book, period, least),
        **_parts(request, counted, period),
    }
    return render(request, "cases/board.html", context)


def is_large(area: Area) -> bool:
    """Whether an area is a township or larger: of a village a board would tell of single families."""
    return Level(area.level).rank < Level.VILLAGE.rank


def _larger(request: HttpRequest, area: Area) -> Area | None:
    """The area above, if this person may count there and it is large enough."""
    above = area.parent
    if above is None or not may_see(request.user, timezone.localdate(), Sight.COUNTS, above.path):
        return None
    return above if is_large(above) else None


def _months(request: HttpRequest) -> int:
    wanted = request.GET.get("months", "")
    return int(wanted) if wanted in {str(one) for one in MONTHS} else USUAL


def _periods(request: HttpRequest, months: int) -> list[Pill]:
    return [
        Pill(
            ngettext("Last %(months)s month", "Last %(months)s months", one) % {"months": number(one)},
            pill(request, "", months=None if one == USUAL else str(one)).url,
            current=one == months,
        )
        for one in MONTHS
    ]


def _rulebooks(request: HttpRequest, books: dict[str, Rulebook], chosen: str) -> list[Pill]:
    """The menu of rulebooks that have a procedure; none where there is no choice."""
    known = [name for name, book in books.items() if book.procedure]
    if len(known) < 2:
        return []
    return [
        Pill(said(books[name].title), pill(request, "", rulebook=name).url, current=name == chosen)
        for name in known
    ]


def _pictures(figures: Board, book: Rulebook, period: Period, least: int) -> dict[str, Any]:
    procedure = book.procedure
    recognising, helping = deadlines_in(procedure) if procedure else ("", [])
    return {
        "under_way": words.under_way_sentence(figures),
        "step_bars": words.step_bars(figures.steps, procedure),
        "late_bars": words.late_bars(figures.steps, procedure),
        "recognition": _speed(figures.recognition, "water"),
        "deadline": words.deadline_mark(figures.in_time, procedure),
        "recognised_in_time": words.in_time_words(figures.in_time, [recognising], least),
        "support": _speed(figures.support, "green"),
        "supported_in_time": words.in_time_words(figures.in_time, helping, least),
        "returns": words.return_words(figures, period, least),
        "classes": words.class_rows(figures.classes, book),
        "changes": words.change_rows(figures.changes, book),
        "incomes": words.income_sentence(figures),
        "late_share": words.share(figures.entries.late, figures.entries.steps, least),
        "late_days": words.days_of(figures.entries.days, figures.entries.days.median),
    }


def _speed(spread: Spread, colour: str) -> dict[str, Any]:
    return {
        "spread": spread,
        "bars": words.speed_bars(spread, colour),
        "half": words.days_of(spread, spread.median),
        "most": words.days_of(spread, spread.most),
    }


def _parts(request: HttpRequest, counted: Counted, period: Period) -> dict[str, Any]:
    """The parts of the area that are townships or larger, where somebody asked for them."""
    smaller = Level(counted.area.level).rank + 1 < Level.VILLAGE.rank
    if not smaller:
        return {}
    asked = request.GET.get("parts") == "1"
    switch = pill(
        request, _("By township") if counted.area.level == Level.COUNTY else _("By part"), parts="1"
    )
    if not asked:
        return {"parts_switch": switch}
    places = [place for place in places_in(counted.area) if is_large(place)]
    spreads = by_part(counted, period, least=FEW)
    rows = [
        {
            "place": place,
            "count": words.too_few()
            if 0 < (one := spreads.get(place.path, Spread())).count < FEW
            else one.count,
            "half": words.days_of(one, one.median),
            "most": words.days_of(one, one.most),
        }
        for place in places
    ]
    off = Pill(switch.label, pill(request, "", parts=None).url, current=True)
    return {"parts_switch": off, "parts": rows, "few": FEW}


def csv_header() -> list[str]:
    """The columns of the figures as a table."""
    return [_("Figure"), _("Of"), _("Value"), _("Unit"), _("Cases behind it"), _("First day"), _("Last day")]


def csv_rows(figures: Board, book: Rulebook, period: Period, least: int) -> Iterator[list[Any]]:
    """Every figure of the board, one a row; an empty value is not known, or has too few cases behind it."""
    now = ["", period.last]
    then = [period.first, period.last]
    cases, days = _("cases"), _("days")
    counts = {bar.label: bar.value for bar in words.late_bars(figures.steps, book.procedure)}
    for bar in words.step_bars(figures.steps, book.procedure):
        yield [_("Cases at each step"), bar.label, bar.value, cases, figures.under_way, *now]
        yield [_("Late"), bar.label, counts.get(bar.label, 0), cases, bar.value, *now]
    for name, spread in (
        (_("From discovery to recognition"), figures.recognition),
        (_("From discovery to first support"), figures.support),
    ):
        yield [name, _("median"), spread.median, days, spread.count, *then]
        yield [name, _("90th percentile"), spread.most, days, spread.count, *then]
    for kept in figures.in_time:
        label = said(book.procedure.steps[kept.step].label) if book.procedure else kept.step
        of = f"{label}: {words.length(kept.days, kept.unit)}"
        yield [_("Within the deadline"), of, _known(kept.kept, kept.count, least), cases, kept.count, *then]
    full, back = period.before(12), figures.returns
    yield [
        _("Came back within twelve months of the exit"), _("twelve months over"), _known(back.back, back.exits, least),
        cases, back.exits, full.first, full.last,
    ]  # fmt: skip
    yield [
        _("Came back within twelve months of the exit"), _("so far"), _known(back.already, back.recent, least),
        cases, back.recent, *then,
    ]  # fmt: skip
    for label, one in words.class_rows(figures.classes, book):
        for of, value in (
            (_("people and rulebook agree"), one.agreed),
            (_("the rulebook named another class"), one.another),
            (_("the rulebook named no class"), one.no),
            (_("the rulebook could not tell"), one.cannot_tell),
            (_("people closed the case although the rulebook named the class"), one.refused),
        ):
            yield [label, of, value, cases, figures.recognised, *then]
    for row in words.change_rows(figures.changes, book):
        behind = figures.recognised if row.before == _("recognition") else figures.exited
        for of, value in (
            (_("lowered"), row.lowered),
            (_("raised"), row.raised),
            (_("changed"), row.otherwise),
        ):
            yield [
                _("Changed before the decision: %(what)s") % {"what": row.before},
                f"{row.fact}: {of}",
                value,
                _("times"),
                behind,
                *then,
            ]
    entries, asking = figures.entries, figures.asking
    yield [_("Steps entered late"), "", entries.late, _("steps"), entries.steps, *then]
    yield [_("Steps entered late"), _("median"), entries.days.median, days, entries.late, *then]
    for of, asked in ((_("median"), asking.questions.median), (_("90th percentile"), asking.questions.most)):
        yield [_("Questions from clue to exit"), of, asked, _("questions"), asking.questions.count, *then]
    yield [_("Asked although known and fresh"), "", asking.fresh, _("questions"), asking.asked, *then]


def _known(part: int, whole: int, least: int) -> int | None:
    return part if whole >= max(least, 1) else None
