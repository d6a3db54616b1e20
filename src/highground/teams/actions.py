"""Verbs of the teams: start a plan, lock, mend after withdrawals, approve, publish; write down days, money, training."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.areas.models import Area
from highground.audit.actions import record
from highground.methods.allocate.policy import MOST_WEIGHT
from highground.support.actions.ground import SupportError, catalogue_for, to_minor
from highground.teams.enums import FundSource, PlanStatus
from highground.teams.ground import TeamsError, may_count, may_plan, norms_of
from highground.teams.models import (
    Candidate,
    DaysThere,
    Fund,
    Plan,
    Post,
    Posting,
    SendingUnit,
    Training,
    VillageNeed,
)
from highground.teams.planning import start
from highground.teams.queries import needs_below, posted_elsewhere

BATCH = 2000


@transaction.atomic
def start_plan(
    area: Area,
    *,
    norms: str,
    weights: dict[str, int] | None = None,
    pool: bool = False,
    parent: Plan | None = None,
    by: User,
    today: datetime.date,
) -> Plan:
    """Have a plan of an area worked out in the background; with a parent around its locks and close to it.

    Units send people to the village that they are paired with, and those without one are paired; or all in one `pool`.
    Raises TeamsError for somebody who may not plan there, and where there is nothing to plan from.
    """
    _only_planners(by, area, today)
    norms_of(norms)
    for value in (weights or {}).values():
        if not 0 <= value <= MOST_WEIGHT:
            raise TeamsError(
                _(
                    "A weight is a whole number from 0 to %(most)s: below 0 it would reward a team for what it lacks."
                )
                % {"most": MOST_WEIGHT}
            )
    if not VillageNeed.objects.visible_to(by, today).filter(village__path__startswith=area.path).exists():
        raise TeamsError(
            _("No village of %(area)s has stated what it needs. Import that first.") % {"area": area}
        )
    people = Candidate.objects.visible_to(by, today).filter(unit__area__path__startswith=area.path)
    if not people.filter(withdrawn_on__isnull=True).exists():
        raise TeamsError(_("There are no candidates in %(area)s. Import them first.") % {"area": area})
    plan: Plan = _new(area, norms=norms, weights=weights or {}, pool=pool, parent=parent, by=by, today=today)
    start(plan)
    return plan


def _new(area: Area, *, by: User, today: datetime.date, **fields: Any) -> Plan:
    last = Plan.objects.visible_to(by, today).filter(area=area).aggregate(last=Max("number"))["last"]
    plan: Plan = Plan.objects.create(
        area=area, number=(last or 0) + 1, by=str(by.pk), made_on=today, **fields
    )
    return plan


def _only_planners(by: User, area: Area, today: datetime.date) -> None:
    if not may_plan(by, area, today):
        raise TeamsError(_("Plans of teams are made by a county officer or a province officer of the area."))


def _only_draft(plan: Plan) -> None:
    if plan.status != PlanStatus.DRAFT:
        raise TeamsError(_("Only a draft can be changed. Plan again to change what was approved."))


@transaction.atomic
def set_lock(posting: Posting, *, locked: bool, by: User, today: datetime.date) -> None:
    """Hold somebody where they are when it is planned again, or let them go; one event."""
    plan = posting.plan
    _only_planners(by, plan.area, today)
    _only_draft(plan)
    posting.locked = locked
    posting.save(update_fields=["locked"])
    _record("teams.lock" if locked else "teams.unlock", plan, by, candidate=posting.candidate.code)


@transaction.atomic
def mend_after(
    plan: Plan, codes: Collection[str], *, may_move_others: bool, by: User, today: datetime.date
) -> Plan:
    """People drop out of a plan: a new plan without them is worked out from it. One event names how many.

    Nobody else moves unless `may_move_others`. Raises TeamsError where nobody is named, or somebody who is not in the plan.
    """
    _only_planners(by, plan.area, today)
    if plan.status not in (PlanStatus.DRAFT, PlanStatus.APPROVED, PlanStatus.PUBLISHED):
        raise TeamsError(_("This plan has not been worked out. Wait until it is."))
    wanted = {code for code in codes if code}
    posted = set(plan.postings.filter(candidate__code__in=wanted).values_list("candidate__code", flat=True))
    if not wanted:
        raise TeamsError(_("Choose who has withdrawn."))
    if strange := sorted(wanted - posted):
        raise TeamsError(_("%(code)s has no post in this plan.") % {"code": strange[0]})
    people = Candidate.objects.visible_to(by, today)
    people.filter(code__in=wanted).update(withdrawn_on=today)
    made = _new(
        plan.area, norms=plan.norms, weights=plan.weights, pool=plan.pool, parent=plan,
        withdrawn=sorted(wanted), mode="resolve" if may_move_others else "local", by=by, today=today,
    )  # fmt: skip
    _record("teams.withdraw", plan, by, people=len(wanted), mended=made.pk)
    start(made)
    return made


@transaction.atomic
def approve(plan: Plan, *, by: User, today: datetime.date) -> None:
    """Somebody else than who made it agrees to a plan; one event."""
    _only_planners(by, plan.area, today)
    _only_draft(plan)
    if plan.by == str(by.pk):
        raise TeamsError(_("Whoever made a plan does not approve it. Ask a colleague."))
    plan.status, plan.approved_by, plan.approved_on = PlanStatus.APPROVED, str(by.pk), today
    plan.save(update_fields=["status", "approved_by", "approved_on"])
    _record("teams.approve", plan, by)


@transaction.atomic
def publish(plan: Plan, *, since: datetime.date, by: User, today: datetime.date) -> int:
    """The plan becomes what holds from a day on: posts begin and end, who stays keeps their first day. How many begin.

    Units without a village are paired with the one that the plan found for them. A fixed number of queries. Raises
    TeamsError where the plan is not approved.
    """
    _only_planners(by, plan.area, today)
    if plan.status != PlanStatus.APPROVED:
        raise TeamsError(_("Only an approved plan can be published."))
    wanted = {
        (candidate, village): role
        for candidate, village, role in plan.postings.values_list("candidate", "village", "role")
    }
    away = posted_elsewhere(plan.area, reason="who of a plan that the caller publishes is posted already")
    if (
        taken := away.filter(candidate__in=plan.postings.values("candidate"))
        .select_related("candidate")
        .first()
    ):
        raise TeamsError(
            _("%(name)s has been posted outside %(area)s since this was planned. Plan again.")
            % {"name": taken.candidate, "area": plan.area}
        )
    posts = Post.objects.visible_to(by, today).filter(
        village__path__startswith=plan.area.path, until__isnull=True
    )
    held = {(one.candidate_id, one.village_id): one for one in posts}
    ending = [one for key, one in held.items() if wanted.get(key) != one.role]
    if any(one.since > since for one in ending):
        raise TeamsError(_("Somebody's post begins after this day. Choose a later one."))
    Post.objects.visible_to(by, today).filter(pk__in=[one.pk for one in ending]).update(until=since)
    staying = {key for key, one in held.items() if wanted.get(key) == one.role}
    new = [key for key in wanted if key not in staying]
    Post.objects.bulk_create(
        (
            Post(
                candidate_id=key[0],
                village_id=key[1],
                role=wanted[key],
                since=since,
                norms=plan.norms,
                plan=plan,
            )
            for key in new
        ),
        batch_size=BATCH,
    )
    _pair(plan)
    plan.status, plan.published_on = PlanStatus.PUBLISHED, today
    plan.save(update_fields=["status", "published_on"])
    _record("teams.publish", plan, by, begin=len(new), end=len(ending), since=since.isoformat())
    return len(new)


def _pair(plan: Plan) -> None:
    """The pairings that a plan found become those of its units, where they still have none."""
    found = dict(plan.pairings)
    reason = "units of a plan that the caller publishes"
    every = SendingUnit.objects.everywhere(reason=reason)
    units = list(every.filter(code__in=found, paired=None))
    villages = dict(needs_below(plan.area, reason=reason).values_list("village__code", "village"))
    for one in units:
        one.paired_id = villages.get(found[one.code])
    every.bulk_update(units, ["paired"], batch_size=BATCH)


@transaction.atomic
def write_days(post: Post, *, month: datetime.date, days: int, by: User, today: datetime.date) -> None:
    """How many days of a month somebody was in the village; what was written before is replaced. One event."""
    _only_counters(by, post.village, today)
    month = month.replace(day=1)
    after = (month + datetime.timedelta(days=31)).replace(day=1)
    if not 0 <= days <= (after - month).days:
        raise TeamsError(
            _("This month has %(days)s days. Write so many or fewer.") % {"days": (after - month).days}
        )
    if month > today or after <= post.since or (post.until and month >= post.until):
        raise TeamsError(_("Choose a month of the post that has begun."))
    DaysThere.objects.bulk_create(
        [DaysThere(post=post, month=month, days=days, by=str(by.pk))],
        update_conflicts=True,
        unique_fields=["post", "month"],
        update_fields=["days", "by"],
    )
    _record_in(post.village, "teams.days", "post", post.pk, by, month=f"{month:%Y-%m}", days=days)


@transaction.atomic
def write_fund(
    village: Area,
    *,
    source: FundSource,
    unit: SendingUnit | None,
    amount: Decimal,
    purpose: str,
    day: datetime.date,
    by: User,
    today: datetime.date,
) -> Fund:
    """Money that came to a village with its team; `amount` in major units of the country's currency. One event.

    Raises TeamsError for somebody who does not write this down there, a day to come, an amount that is none, and a unit
    that sent nobody to the village.
    """
    _only_counters(by, village, today)
    if day > today:
        raise TeamsError(_("This day is still to come. Write down money once it was used."))
    if not purpose.strip():
        raise TeamsError(_("Say what the money was used for."))
    sent = Post.objects.visible_to(by, today).filter(village=village, candidate__unit=unit)
    if source == FundSource.UNIT and (unit is None or not sent.exists()):
        raise TeamsError(_("Choose a unit that has sent somebody to this village."))
    try:
        catalogue = catalogue_for(village.country)
        minor = to_minor(amount, catalogue)
    except SupportError as error:
        raise TeamsError(str(error)) from error
    if minor <= 0:
        raise TeamsError(_("Write an amount above zero."))
    fund: Fund = Fund.objects.create(
        village=village, source=source, unit=unit if source == FundSource.UNIT else None, amount=minor,
        currency=catalogue.currency, purpose=purpose.strip(), day=day, by=str(by.pk),
    )  # fmt: skip
    _record_in(village, "teams.fund", "fund", fund.pk, by, source=str(source), amount=minor)
    return fund


@transaction.atomic
def write_training(
    post: Post,
    *,
    skill: str,
    ended: datetime.date,
    days: int,
    given_by: str = "",
    by: User,
    today: datetime.date,
) -> Training:
    """Training that somebody on a team took part in; the next plan counts the skill as theirs. One event.

    Raises TeamsError for somebody who does not write this down there, a day outside the post or to come, and the same
    training twice.
    """
    _only_counters(by, post.village, today)
    skill = skill.strip()
    if not skill:
        raise TeamsError(_("Say which skill was learned."))
    if not post.since <= ended <= today or (post.until and ended > post.until):
        raise TeamsError(_("Choose a day of the post that has begun."))
    if not 1 <= days <= 366:
        raise TeamsError(_("Write the days of the training as a whole number, 1 or more."))
    known = Training.objects.visible_to(by, today).filter(post=post, skill=skill, day=ended)
    if known.exists():
        raise TeamsError(_("This training is written down already."))
    training: Training = Training.objects.create(
        post=post, skill=skill, day=ended, days=days, given_by=given_by.strip(), by=str(by.pk)
    )
    candidate = post.candidate
    if skill not in candidate.abilities:
        candidate.trained = [*candidate.trained, skill]
        candidate.save(update_fields=["trained"])
    _record_in(post.village, "teams.training", "post", post.pk, by, skill=skill, days=days)
    return training


def _only_counters(by: User, village: Area, today: datetime.date) -> None:
    if not may_count(by, village, today):
        raise TeamsError(
            _(
                "What a team does in its village is written down by the first secretary or an officer of the area."
            )
        )


def _record_in(village: Area, kind: str, subject: str, number: int, by: User, **data: Any) -> None:
    record(
        kind, by=str(by.pk), subject_kind=subject, subject_id=str(number), area_path=village.path, data=data
    )


def _record(kind: str, plan: Plan, by: User, **data: Any) -> None:
    record(
        kind,
        by=str(by.pk),
        subject_kind="team_plan",
        subject_id=str(plan.pk),
        area_path=plan.area.path,
        data={"number": plan.number, **data},
    )
