"""What a county sets for its procedure: the packs for cases opened from a day on, and its lists of holidays."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.accounts.queries import holds
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.audit.actions import record
from highground.cases.flow import CaseError, locked, restart_clocks
from highground.cases.holidays import Days
from highground.cases.models import Deadline, HolidayList, ProcedureChoice
from highground.methods.rules.procedure.graph import Unit
from highground.methods.rules.procedure.path import NotAllowed
from highground.methods.rules.reading import procedure_of
from highground.methods.rules.rulebook import RulebookError
from highground.signals.models import RulebookVersion
from highground.signals.rulebooks import book_of


@transaction.atomic
def choose_packs(
    *, area: Area, rulebook: str, packs: Sequence[str], since: datetime.date, by: User, today: datetime.date
) -> ProcedureChoice:
    """Choose the packs of a county for cases opened from `since` on; later packs win over earlier ones. One event.

    Cases that are open keep the packs with which they were opened. A second choice for the same day takes the place
    of the first. Raises NotAllowed, and CaseError for a day gone by, an unknown pack or packs that do not fit together.
    """
    _may_set(area, by, today)
    if since < today:
        raise CaseError(
            _("%(since)s has gone by; packs are chosen for cases still to be opened") % {"since": since}
        )
    version = RulebookVersion.objects.filter(rulebook=rulebook).order_by("-pk").first()
    procedure = book_of(version.hash).procedure if version else None
    if version is None or procedure is None:
        raise CaseError(
            _("the rulebook '%(rulebook)s' was never used here, or states no procedure")
            % {"rulebook": rulebook}
        )
    for name in packs:
        if name not in procedure.available:
            known = ", ".join(procedure.available) or "none"
            raise CaseError(
                _("there is no pack '%(name)s'; known are %(known)s") % {"name": name, "known": known}
            )
    try:
        procedure_of(book_of(version.hash), packs)
    except RulebookError as error:
        raise CaseError(_("these packs do not fit together: %(error)s") % {"error": error}) from error
    choices = ProcedureChoice.objects.everywhere(reason="the choice of a county that was checked above")
    choice, _created = choices.update_or_create(
        area=area, rulebook=rulebook, since=since, defaults={"packs": list(packs), "by": str(by.pk)}
    )
    record(
        "cases.choose_packs",
        by=str(by.pk),
        subject_kind="rulebook",
        subject_id=rulebook,
        area_path=area.path,
        data={"packs": list(packs), "since": since.isoformat(), "rulebook_hash": version.hash},
    )
    found: ProcedureChoice = choice
    return found


@transaction.atomic
def set_holidays(
    *, area: Area, year: int, days: Days, source: str, by: User, today: datetime.date
) -> HolidayList:
    """Keep a county's list of a year, in place of the published one and of its own earlier one. One event.

    Deadlines in working days that run through that year are counted again. Raises NotAllowed, and CaseError without
    a source or for a list without a day off.
    """
    _may_set(area, by, today)
    if not source.strip():
        raise CaseError(_("say where the list comes from"))
    if not days.off or any(day.year != year for day in (*days.off, *days.worked)):
        raise CaseError(_("a list of holidays names days off, all of them in %(year)s") % {"year": year})
    lists = HolidayList.objects.everywhere(reason="the list of a county that was checked above")
    kept, _created = lists.update_or_create(
        area=area,
        year=year,
        defaults={
            "off": [day.isoformat() for day in days.off],
            "worked": [day.isoformat() for day in days.worked],
            "source": source.strip(),
            "by": str(by.pk),
        },
    )
    counted = _count_again(area, year, today)
    record(
        "cases.set_holidays",
        by=str(by.pk),
        subject_kind="area",
        subject_id=area.code,
        area_path=area.path,
        data={"year": year, "off": len(days.off), "worked": len(days.worked), "cases": counted},
    )
    found: HolidayList = kept
    return found


def _count_again(area: Area, year: int, today: datetime.date) -> int:
    """Bring the working-day deadlines that touch the year up to date; of how many cases."""
    running = Deadline.objects.everywhere(reason="the deadlines of a county whose holidays have changed")
    touched = running.filter(
        Q(due_on__isnull=True) | Q(due_on__year__gte=year),
        case__household__area__path__startswith=area.path,
        met_on=None,
        dropped_on=None,
        unit=str(Unit.WORKING),
        since__year__lte=year,
    )
    cases = sorted(set(touched.values_list("case", flat=True)))
    for pk in cases:
        restart_clocks(locked(pk), today)
    return len(cases)


def _may_set(area: Area, by: User, today: datetime.date) -> None:
    if area.level != Level.COUNTY:
        raise CaseError(_("%(area)s is no county; packs and holidays are set by counties") % {"area": area})
    if holds(by, today, [Role.COUNTY_OFFICER], area.path) is None:
        raise NotAllowed(
            "role", _("the procedure is set by: %(label)s") % {"label": Role.COUNTY_OFFICER.label}
        )
