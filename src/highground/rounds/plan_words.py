"""The plan of visits in words: why somebody is visited, why by whom, and what is not reached in time."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from highground.areas.models import Area
from highground.cases.models import CaseClue, Need
from highground.methods.rounds import Planned, Why, WhyLeft
from highground.rounds.enums import Kind
from highground.rounds.planning import DayPlan, Round
from highground.signals.models import Clue
from highground.signals.rulebooks import said
from highground.web.numbers import listed, number

MOST_WORDS = 100
"""Of a family's own words so many characters stand in a list."""


@dataclass(frozen=True)
class Row:
    """One visit as a list shows it. `late` is empty where it is made in time."""

    one: Round
    area: Area | None
    url: str
    why: str
    also: str
    visitor: str
    because: str
    day: datetime.date | None
    due: datetime.date | None
    late: str


def rows_of(plan: DayPlan, rounds: Sequence[Round], user: Any, today: datetime.date) -> list[Row]:
    """What stands beside each of these visits. Four queries, whatever their number; none but of what `user` sees."""
    reasons = reasons_of(rounds, user, today)
    areas = Area.objects.filter(path__in={one.call.path for one in rounds}).select_related("parent")
    places = {area.path: area for area in areas}
    return [_row(plan, one, places.get(one.call.path), reasons.get(one.call.task, "")) for one in rounds]


def _row(plan: DayPlan, one: Round, area: Area | None, reason: str) -> Row:
    call, planned = one.call, one.planned
    late = planned.late if planned else one.left.why if one.left else None
    also = [str(Kind(kind).label) for kind in call.also]
    return Row(
        one=one,
        area=area,
        url=_address(one),
        why=why_of(one, reason, _),
        also=_("also: %(what)s") % {"what": listed(also)} if also else "",
        visitor=str(plan.people[planned.visitor].user) if planned else "",
        because=because(planned, call.together) if planned else "",
        day=planned.day if planned else None,
        due=call.due,
        late=capfirst(why_late(late)) if late else "",
    )


def _address(one: Round) -> str:
    kind, pk = one.call.task.split(":")[:2]
    if kind == "case":
        return reverse("cases:case", args=[pk])
    if kind == "clue":
        return reverse("signals:clue", args=[pk])
    return reverse("signals:household", args=[one.call.key])


def found_by(clue: Clue) -> str:
    """What the last run found, as the evidence says it."""
    return said(clue.evidence.get("short"))


def reasons_of(
    rounds: Sequence[Round], user: Any, today: datetime.date, of_clue: Callable[[Clue], str] = found_by
) -> dict[str, str]:
    """What calls for each visit in a few words, by task; a clue as `of_clue` says it.

    Three queries; none but of what `user` sees.
    """
    tasks: dict[str, dict[int, str]] = defaultdict(dict)
    for one in rounds:
        kind, pk = one.call.task.split(":")[:2]
        tasks[kind][int(pk)] = one.call.task
    found: dict[str, str] = {}
    for clue in Clue.objects.visible_to(user, today).filter(pk__in=tasks["clue"]):
        found[tasks["clue"][clue.pk]] = of_clue(clue)
    links = CaseClue.objects.visible_to(user, today).filter(case__in=tasks["case"])
    for link in links.select_related("clue").order_by("case", "-clue__severity", "clue"):
        found.setdefault(tasks["case"][link.case_id], of_clue(link.clue))
    for need in Need.objects.visible_to(user, today).filter(pk__in=tasks["need"]):
        words = need.words if len(need.words) <= MOST_WORDS else f"{need.words[:MOST_WORDS]}…"
        found[tasks["need"][need.pk]] = f"“{words}”" if words else ""
    return found


PLAIN: Mapping[Kind, str] = {
    Kind.VISIT: gettext_noop("A visit is due in the family's case."),
    Kind.FOLLOW_UP: gettext_noop("A follow-up: how is the family now?"),
    Kind.CLUE: gettext_noop("A clue asks for a look."),
    Kind.NEED: gettext_noop("The family asked for something."),
    Kind.AUDIT: gettext_noop("Drawn by lot. Nothing flags it; look with fresh eyes."),
    Kind.UNSEEN: gettext_noop("Nobody has seen this household for a year."),
}
"""What calls for a visit, where nothing more is known of it."""


def why_of(one: Round, reason: str, say: Callable[[str], str]) -> str:
    """Why somebody goes, with what `reasons_of` knows of it; `say` puts a sentence of `PLAIN` into a language."""
    plain = say(PLAIN[one.call.kind])
    if one.call.kind in (Kind.FOLLOW_UP, Kind.NEED):
        return f"{plain} {reason}".strip()
    return reason or plain


def because(planned: Planned, together: int = 1) -> str:
    """Why this visitor, in a few words."""
    near = ngettext(
        "%(count)s visit in this village that day",
        "%(count)s visits in this village that day",
        planned.together,
    ) % {"count": number(planned.together)}
    words = {
        Why.BY_HAND: _("set by hand"),
        Why.PREFERRED: _("the family's contact officer"),
        Why.AT_HOME: _("works in this village"),
        Why.SAME_PLACE: near,
        Why.NEAREST: _("the shortest way that day"),
        Why.ONLY: _("nobody else may go"),
    }[planned.why]
    if together > 1:
        company = ngettext("with %(count)s more", "with %(count)s more", together - 1)
        return f"{words} · {company % {'count': number(together - 1)}}"
    return words


def why_late(why: WhyLeft) -> str:
    """Why a visit is not made, or not in time."""
    return {
        WhyLeft.NOBODY: _("nobody holds a role that may make this visit"),
        WhyLeft.AWAY: _("who may go is away until then"),
        WhyLeft.FULL: _("until then everybody who may go makes visits that are due as early or matter more"),
        WhyLeft.OVERDUE: _("its day has passed; it comes as early as the others allow"),
        WhyLeft.BY_HAND: _("it was set on a later day by hand"),
    }[why]


def csv_header() -> list[str]:
    """The columns of the plan as a table."""
    return [
        _("Day"), _("Visitor"), _("Because"), _("Household"), _("Pseudonym"), _("Township"), _("Village"),
        _("What calls"), _("Why"), _("Due"), _("Not in time"),
    ]  # fmt: skip


def csv_cells(row: Row) -> list[Any]:
    """One visit as a row of the table."""
    call, parent = row.one.call, row.area.parent if row.area else None
    return [
        row.day, row.visitor, row.because, call.number, call.key, str(parent or ""), str(row.area or ""),
        str(Kind(call.kind).label), row.why, row.due, row.late,
    ]  # fmt: skip
