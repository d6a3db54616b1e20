"""Rows of department files that came without an identity number: a county officer decides whom each is about.

The rows wait in the store (`methods/feeds/reviewing`), which holds no names. Who may be meant is known by pseudonym
there; what the county may see of them comes from the register, and the officer compares it with the department's file.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.accounts.queries import held_grants
from highground.accounts.scoping import within
from highground.areas.models import Area
from highground.audit.actions import record
from highground.methods.feeds.definitions import Feeds, load_feeds
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.keyfile import lookup_key
from highground.methods.feeds.landing import Landing
from highground.methods.feeds.manifests import Landed
from highground.methods.feeds.reviewing import Pair, Waiting, waiting
from highground.methods.feeds.uses import kept_uses, wanted
from highground.methods.rules.procedure.path import NotAllowed
from highground.methods.store import Store, StoreError
from highground.people.models import Member, ProtectedValue
from highground.people.queries import facts_as_of, names_of

COMPARED = ("birth_date", "sex")


class UndecidedError(RuntimeError):
    """A row about which nothing could be decided; the message says why and what to do instead."""


@dataclass(frozen=True)
class Candidate:
    """Somebody whom a row may be about: what was compared, and who it is where the register opens to the reader."""

    pair: Pair
    member: Member | None
    name: str
    facts: Mapping[str, str]


def office_store() -> Store:
    """The store of this installation, to which departments' files are landed."""
    return Store(settings.HIGHGROUND_HOME / "store")


def office_feeds() -> Feeds:
    """What departments may send here."""
    return load_feeds(settings.FEEDS)


def receives_feeds() -> bool:
    """Whether any file of a department was ever landed here."""
    return (office_store().root / "feeds").is_dir()


def decides(user: Any, today: datetime.date) -> bool:
    """Whether somebody is a county officer anywhere. No query after the first."""
    return any(grant.role == Role.COUNTY_OFFICER for grant in held_grants(user, today))


def own_counties(user: Any, today: datetime.date) -> dict[str, Area]:
    """The counties of which somebody is a county officer, by code. One query after the grants."""
    paths = [
        grant.area.path
        for grant in held_grants(user, today)
        if grant.role == Role.COUNTY_OFFICER and grant.area and not grant.target_kind
    ]
    found = Area.objects.filter(within("path", paths), level="county")
    return {area.code: area for area in found}


def rows_about(counties: Collection[str], own: Collection[str]) -> tuple[list[Waiting], int]:
    """The rows that may be about somebody in `counties` and about nobody outside `own`; how many others may, too."""
    store = office_store()
    found: list[Waiting] = []
    shared = 0
    for feed in office_feeds() if counties else ():
        for one in waiting(store, feed, Landed(store, feed).manifests, counties=counties):
            if all(pair.county in own for pair in one.pairs):
                found.append(one)
            else:
                shared += 1
    return found, shared


def candidates_of(row: Waiting, user: Any, today: datetime.date) -> list[Candidate]:
    """Whom a row may be about, the likeliest first. A fixed number of queries."""
    keys = [pair.member for pair in row.pairs]
    members = {
        member.key: member
        for member in Member.objects.visible_to(user, today)
        .filter(key__in=keys)
        .select_related("household__area__parent")
    }
    protected = ProtectedValue.objects.visible_to(user, today).filter(
        member__in=members.values(), kind="name"
    )
    names = names_of(protected)
    homes = {member.household_id: member.household for member in members.values()}
    facts: dict[int | None, dict[str, str]] = {}
    for one in facts_as_of(list(homes.values()), as_of=today) if homes else ():
        if one.fact in COMPARED:
            facts.setdefault(one.member, {})[one.fact] = one.value
    return [_candidate(pair, members.get(pair.member), names, facts) for pair in row.pairs]


def _candidate(
    pair: Pair,
    member: Member | None,
    names: Mapping[tuple[int | None, str], str],
    facts: Mapping[int | None, Mapping[str, str]],
) -> Candidate:
    if member is None:
        return Candidate(pair, None, pair.member, {})
    return Candidate(pair, member, names.get((member.pk, "name"), member.key), facts.get(member.pk, {}))


def decide_row(row: Waiting, *, member: str | None, reason: str, by: User, today: datetime.date) -> None:
    """Say whom a row is about, or that it is about none of them (`member` None); it is landed at once. One event.

    Raises NotAllowed for somebody who is not a county officer of all whom it may be about, UndecidedError for a
    missing reason, for somebody who is not among them, and where it cannot be decided just now.
    """
    counties = own_counties(by, today)
    if not all(pair.county in counties for pair in row.pairs):
        raise NotAllowed(
            "role", _("Whom a row is about is decided by the county officer of all whom it may mean.")
        )
    if member is not None and member not in {pair.member for pair in row.pairs}:
        raise UndecidedError(_("Choose one of these people, or none of them."))
    if not reason.strip():
        raise UndecidedError(_("Say how you know: the next officer will ask."))
    _land(row, member, reason, by, today)
    pair = next((one for one in row.pairs if one.member == member), None)
    places = sorted({counties[one.county].path for one in row.pairs if one.county})
    with transaction.atomic():
        record(
            "signals.decide_row",
            by=str(by.pk),
            subject_kind="feed_row",
            subject_id=row.id,
            area_path=places[0],
            also_in=places[1:],
            data={
                "feed": row.feed,
                "household": pair.household if pair else "",
                "member": member or "",
                "candidates": len(row.pairs),
            },
        )


def _land(row: Waiting, member: str | None, reason: str, by: User, today: datetime.date) -> None:
    store, feeds = office_store(), office_feeds()
    try:
        books, uses = kept_uses(store)
        with Landing(
            store,
            wanted(feeds.named(row.feed), uses),
            key=lookup_key(settings.HIGHGROUND_HOME),
            today=today,
            digits=feeds.minor_digits,
            rulebooks=books,
        ) as landing:
            landing.decide(row, member=member, by=str(by.pk), reason=reason)
    except StoreError as error:
        raise UndecidedError(
            _("A file of this department is being landed just now. Try again in a few minutes.")
        ) from error
    except FeedError as error:
        raise UndecidedError(
            _("This could not be decided. Whoever runs the machine finds out why: %(reason)s")
            % {"reason": error}
        ) from error


def after(rows: Iterable[Waiting], row: Waiting) -> Waiting | None:
    """The next row to decide: the one behind `row`, else the first; None where there is no other."""
    others = list(rows)
    place = next((index for index, one in enumerate(others) if _same(one, row)), -1)
    ordered = [*others[place + 1 :], *others[: max(place, 0)]]
    return next((one for one in ordered if not _same(one, row)), None)


def _same(one: Waiting, other: Waiting) -> bool:
    return (one.feed, one.id) == (other.feed, other.id)
