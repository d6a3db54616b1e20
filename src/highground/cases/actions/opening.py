"""Open a case: from clues, from what the household itself said, or from what a visit found; name who knocks."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from highground.accounts.enums import Role, Sight
from highground.accounts.models import User
from highground.accounts.queries import holds, may_see
from highground.areas.models import Area
from highground.areas.queries import ancestor_paths
from highground.audit.actions import record
from highground.cases.actions.contacts import check_visitor
from highground.cases.enums import RUNNING, Channel
from highground.cases.flow import CaseError, keep_time, procedure_for, state_of, take_step
from highground.cases.models import Case, CaseClue, CaseStep, Message, ProcedureChoice
from highground.methods.rules.procedure.graph import Through
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.enums import HouseholdStatus
from highground.people.models import Household
from highground.signals.enums import ClueStatus
from highground.signals.models import Clue, RulebookVersion
from highground.signals.rulebooks import book_of

OPENERS = (
    Role.VILLAGE_WORKER,
    Role.FIRST_SECRETARY,
    Role.CONTACT_OFFICER,
    Role.TOWNSHIP_OFFICER,
    Role.COUNTY_OFFICER,
)


@transaction.atomic
def open_case(
    *,
    household: Household,
    rulebook: str,
    by: User,
    today: datetime.date,
    clues: Sequence[Clue] = (),
    message: Message | None = None,
    channel: Channel | None = None,
    discovered_on: datetime.date | None = None,
) -> Case:
    """Open the case of a household by a rulebook, with its open clues of that rulebook attached; one event.

    Discovery is the day of the earliest clue or message, unless it is given. A household that was monitored before
    keeps the day on which it was first recognised; nothing is discovered before the day on which its earlier case
    ended, so that no deadline is overdue from the start. Raises CaseError where a case is under way, naming it.
    """
    _may_open(household, by, today)
    version = _version(rulebook)
    _one_at_a_time(household)
    cases = Case.objects.everywhere(reason="the cases of a household reached in scope")
    running = _under_way(household, rulebook)
    if running is not None:
        raise CaseError(
            _("case %(case)s of this household is under way; go on with it") % {"case": running.pk}
        )
    attached = list(clues) or list(_open_clues(household, rulebook))
    days = [clue.opened_on for clue in attached] + ([message.sent_on] if message else [])
    found_on = discovered_on or min(days, default=today)
    if found_on > today:
        raise CaseError(
            _("%(found_on)s lies after %(today)s; open a case when something was noticed")
            % {"found_on": found_on, "today": today}
        )
    earlier = cases.filter(household=household, rulebook=rulebook).order_by("-pk").first()
    if ended := earlier and (earlier.exited_on or earlier.closed_on):
        found_on = max(found_on, ended)
    case: Case = Case.objects.create(
        household=household,
        rulebook=rulebook,
        rulebook_version=version,
        packs=packs_of(household.area, rulebook, today, version),
        channel=channel or (Channel.HOUSEHOLD if message else Channel.DATA if attached else Channel.VISIT),
        discovered_on=found_on,
        opened_on=today,
        earlier=earlier,
        first_recognised_on=earlier.first_recognised_on if earlier else None,
    )
    CaseClue.objects.bulk_create(CaseClue(case=case, clue=clue) for clue in attached)
    keep_time(case, procedure_for(case), state_of(case, []), today)
    case.save()
    record(
        "cases.open",
        by=str(by.pk),
        subject_kind="case",
        subject_id=str(case.pk),
        area_path=household.area.path,
        data={
            "household": household.key,
            "rulebook": rulebook,
            "rulebook_hash": version.hash,
            "packs": case.packs,
            "channel": str(case.channel),
            "discovered": found_on.isoformat(),
            "clues": [clue.pk for clue in attached],
            "message": message.pk if message else None,
            "earlier": earlier.pk if earlier else None,
        },
    )
    return case


def look_into(
    household: Household, rulebook: str, *, by: User, day: datetime.date, today: datetime.date
) -> Case:
    """The case under way by a rulebook, else a new one that a visit of `day` opens. Raises as `open_case` does."""
    return _under_way(household, rulebook) or open_case(
        household=household, rulebook=rulebook, by=by, today=today, channel=Channel.VISIT, discovered_on=day
    )


def assign(
    case: Case,
    *,
    contact: User,
    by: User,
    today: datetime.date,
    day: datetime.date | None = None,
    seen: int | None = None,
) -> CaseStep:
    """Name the household contact officer, who must hold a role there that may visit. Raises CaseError, NotAllowed."""
    procedure = procedure_for(case)
    step = next(procedure.through(Through.ASSIGNMENT), None)
    if step is None:
        raise CaseError(_("the rulebook's procedure names no contact officer"))
    check_visitor(contact, case, today)
    with transaction.atomic():
        taken = take_step(
            case,
            step=step.id,
            outcome=next(iter(step.outcomes)),
            by=by,
            day=day or today,
            today=today,
            data={"contact": str(contact.pk)},
            seen=seen,
        )
        Case.objects.everywhere(reason="a case that has just been locked").filter(pk=case.pk).update(
            contact=contact
        )
        case.contact = contact
    return taken


def packs_of(area: Area, rulebook: str, today: datetime.date, version: RulebookVersion) -> list[str]:
    """The packs in force where the household lives: those of the nearest area that chose, else the default ones."""
    choices = ProcedureChoice.objects.everywhere(reason="the packs of the areas around a household in scope")
    near = (
        choices.filter(
            rulebook=rulebook, since__lte=today, area__path__in=[*ancestor_paths(area.path), area.path]
        )
        .order_by("-area__path", "-since", "-pk")
        .first()
    )
    if near is not None:
        return list(near.packs)
    procedure = book_of(version.hash).procedure
    return list(procedure.packs) if procedure else []


def _may_open(household: Household, by: User, today: datetime.date) -> None:
    if not may_see(by, today, Sight.CASES, household.area.path):
        raise NotAllowed("role", _("the household lies outside your area"))
    if holds(by, today, OPENERS, household.area.path) is None:
        labels = ", ".join(str(role.label) for role in OPENERS)
        raise NotAllowed("role", _("a case is opened by: %(labels)s") % {"labels": labels})
    if household.status != HouseholdStatus.ACTIVE:
        raise CaseError(_("this household is not on the register any more"))


def _version(rulebook: str) -> RulebookVersion:
    found = RulebookVersion.objects.filter(rulebook=rulebook).order_by("-pk").first()
    if found is None:
        raise CaseError(
            _("the rulebook '%(rulebook)s' was never used here; screen by it first") % {"rulebook": rulebook}
        )
    return found


def _under_way(household: Household, rulebook: str) -> Case | None:
    cases = Case.objects.everywhere(reason="whether a household reached in scope has a case under way")
    running: Case | None = cases.filter(household=household, rulebook=rulebook, status__in=RUNNING).first()
    return running


def _one_at_a_time(household: Household) -> None:
    households = Household.objects.everywhere(reason="a household reached in scope is locked")
    households.select_for_update().get(pk=household.pk)


def _open_clues(household: Household, rulebook: str) -> QuerySet[Clue]:
    clues = Clue.objects.everywhere(reason="clues of a household reached in scope")
    return clues.filter(household=household, rulebook=rulebook, status=ClueStatus.OPEN).order_by("pk")
