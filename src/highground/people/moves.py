"""Households and members that change: moves, splits and merges, each a dated statement with its event."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from highground.areas.models import Area
from highground.audit.actions import record
from highground.people.actions import RegisterError
from highground.people.bulk import moment
from highground.people.enums import HouseholdStatus, LinkKind
from highground.people.models import Household, HouseholdLink, Member, Membership, ProtectedValue, Residence
from highground.people.pseudonyms import new_keys


@transaction.atomic
def move_household(
    household: Household, *, to: Area | None, day: datetime.date, by: str, today: datetime.date
) -> None:
    """From `day` on the household lives in `to`; None when it left the areas of this register."""
    _refuse_future(day, today)
    _refuse_ended(household)
    before = household.area
    Residence.objects.create(household=household, area=to, valid_from=day, recorded_at=moment(today), by=by)
    _settle(household, otherwise=HouseholdStatus.MOVED)
    _event(
        "people.move_household",
        household,
        by,
        {"from": before.code, "to": to.code if to else "", "day": f"{day}"},
        also=[before, *([to] if to else [])],
    )


@transaction.atomic
def move_member(
    member: Member, *, to: Household | None, day: datetime.date, by: str, today: datetime.date
) -> None:
    """From `day` on the member belongs to `to`; None when the member left or died."""
    _refuse_future(day, today)
    if to is not None:
        _refuse_ended(to)
    before = member.household
    _place_members([member], to, day=day, by=by, today=today)
    _event(
        "people.move_member",
        before,
        by,
        {"member": member.key, "to": to.key if to else "", "day": f"{day}"},
        also=[to.area] if to else [],
    )


@transaction.atomic
def split_household(
    household: Household,
    *,
    members: Sequence[Member],
    number: str,
    area: Area | None = None,
    day: datetime.date,
    by: str,
    today: datetime.date,
) -> Household:
    """Some members found a household of their own on `day`; the new household.

    It lives in `area` (where the old one does, without it) under its own `number`. Facts of members go with
    them; facts of the old household stay with it, because nobody has yet asked the new one. When nobody
    remains the old household has ended.
    """
    _refuse_future(day, today)
    _refuse_ended(household)
    if not members:
        raise RegisterError(_("a split needs the members who leave; name at least one"))
    if any(member.household_id != household.pk or not member.present for member in members):
        raise RegisterError(
            _("somebody who is not a member of %(household)s today cannot leave it")
            % {"household": household.key}
        )
    new = Household(
        key=_free_key(),
        register=household.register,
        number=number,
        area=area or household.area,
        synthetic=household.synthetic,
    )
    new.save(force_insert=True)
    at = moment(today)
    Residence.objects.create(household=new, area=new.area, valid_from=day, recorded_at=at, by=by)
    HouseholdLink.objects.create(
        kind=LinkKind.SPLIT, earlier=household, later=new, day=day, recorded_at=at, by=by
    )
    _place_members(members, new, day=day, by=by, today=today)
    if not household.members.filter(present=True).exists():
        _end(household, HouseholdStatus.SPLIT, day=day, by=by, today=today)
    _event(
        "people.split_household",
        household,
        by,
        {"new": new.key, "members": sorted(member.key for member in members), "day": f"{day}"},
        also=[new.area],
    )
    return new


@transaction.atomic
def merge_households(
    into: Household, others: Iterable[Household], *, day: datetime.date, by: str, today: datetime.date
) -> None:
    """From `day` on the members of `others` belong to `into`; the others have ended. Their history stays."""
    _refuse_future(day, today)
    _refuse_ended(into)
    at = moment(today)
    gone = list(others)
    if not gone or into in gone:
        raise RegisterError(_("name the households that end, and leave out the one that stays"))
    for other in gone:
        _refuse_ended(other)
        _place_members(list(other.members.filter(present=True)), into, day=day, by=by, today=today)
        HouseholdLink.objects.create(
            kind=LinkKind.MERGE, earlier=other, later=into, day=day, recorded_at=at, by=by
        )
        _end(other, HouseholdStatus.MERGED, day=day, by=by, today=today)
    _event(
        "people.merge_households",
        into,
        by,
        {"others": sorted(other.key for other in gone), "day": f"{day}"},
        also=[other.area for other in gone],
    )


def _place_members(
    members: Sequence[Member], to: Household | None, *, day: datetime.date, by: str, today: datetime.date
) -> None:
    at = moment(today)
    Membership.objects.bulk_create(
        Membership(member=member, household=to, valid_from=day, recorded_at=at, by=by) for member in members
    )
    for member in members:
        latest = (
            member.memberships.order_by("-valid_from", "-recorded_at", "-pk")
            .select_related("household")
            .first()
        )
        member.present = latest is not None and latest.household is not None
        if latest is not None and latest.household is not None:
            member.household = latest.household
        member.save(update_fields=["present", "household"])
        # Who may read a person's name follows the person.
        ProtectedValue.objects.everywhere(reason="names follow a member who moves").filter(
            member=member
        ).update(household=member.household)


def _end(
    household: Household, status: HouseholdStatus, *, day: datetime.date, by: str, today: datetime.date
) -> None:
    Residence.objects.create(household=household, area=None, valid_from=day, recorded_at=moment(today), by=by)
    household.status = status
    household.save(update_fields=["status"])


def _settle(household: Household, *, otherwise: HouseholdStatus) -> None:
    """Let the household's row say what its latest residence says."""
    latest = (
        household.residences.order_by("-valid_from", "-recorded_at", "-pk").select_related("area").first()
    )
    if latest is not None and latest.area is not None:
        household.area, household.status = latest.area, HouseholdStatus.ACTIVE
    else:
        household.status = otherwise
    household.save(update_fields=["area", "status"])


def _free_key() -> str:
    """A key that is not in use; the unique constraint still has the last word."""
    taken = Household.objects.everywhere(reason="choosing a new household's key")
    while True:
        (key,) = new_keys(1)
        if not taken.filter(key=key).exists():
            return key


def _refuse_future(day: datetime.date, today: datetime.date) -> None:
    if day > today:
        raise RegisterError(
            _("%(day)s lies after %(today)s; record it when it has happened") % {"day": day, "today": today}
        )


def _refuse_ended(household: Household) -> None:
    if household.status in (HouseholdStatus.MERGED, HouseholdStatus.SPLIT):
        raise RegisterError(
            _("household %(household)s has ended; use the one that its members belong to now")
            % {"household": household.key}
        )


def _event(kind: str, household: Household, by: str, data: dict[str, Any], *, also: Iterable[Area]) -> None:
    """Record what was done; the areas of everybody whom it touches keep the event, so that no auditor misses it."""
    record(
        kind,
        by=by,
        subject_kind="household",
        subject_id=household.key,
        area_path=household.area.path,
        also_in=[area.path for area in also],
        data=data,
    )
