"""Commitments: promise, take part, bring evidence, accept it, withdraw."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from highground.forum import keys
from highground.forum.actions import note
from highground.forum.enums import PartnerRole, PromiseStatus
from highground.forum.ground import ForumError, only_organisers
from highground.forum.models import Commitment, Evidence, Forum, Partner


@transaction.atomic
def promise(forum: Forum, *, by: Any, today: datetime.date, **fields: Any) -> Commitment:
    """Write down what somebody promised at a forum; one event. It needs who, what, where and since when."""
    only_organisers(by, forum, today)
    if not fields["who"].strip() or not fields["what"].strip():
        raise ForumError(_("A commitment says who promises what."))
    if fields.get("amount") is not None and not fields.get("currency"):
        raise ForumError(_("A sum needs a currency."))
    if fields.get("due_on") and fields["due_on"] < fields["promised_on"]:
        raise ForumError(_("It cannot be due before it was promised."))
    if fields.get("due_on") and fields.get("begins_on") and fields["due_on"] < fields["begins_on"]:
        raise ForumError(_("It cannot be due before it begins."))
    Forum.objects.select_for_update().get(pk=forum.pk)
    last = forum.commitments.aggregate(last=Max("number"))["last"]
    made = Commitment.objects.create(forum=forum, number=(last or 0) + 1, **fields)
    note("forum.promise", forum, str(by.pk), commitment=made.pk)
    return made


@transaction.atomic
def add_partner(
    commitment: Commitment,
    *,
    country: str,
    organisation: str,
    role: str = PartnerRole.PARTNER,
    email: str = "",
    by: Any,
    today: datetime.date,
) -> Partner:
    """Give a country or organisation a part in one initiative: a link that reaches this one and nothing else. One event."""
    only_organisers(by, commitment.forum, today)
    if commitment.partners.filter(country=country, organisation=organisation).exists():
        raise ForumError(_("This organisation has a part in it already."))
    made: Partner = Partner.objects.create(
        commitment=commitment,
        country=country,
        organisation=organisation,
        role=role,
        email=email,
        key=keys.new_key(),
    )
    note("forum.add_partner", commitment.forum, str(by.pk), commitment=commitment.pk, partner=made.pk)
    return made


@transaction.atomic
def bring_evidence(
    commitment: Commitment,
    *,
    day: datetime.date,
    text: str,
    source: str,
    status: str,
    by: str,
    today: datetime.date,
) -> Evidence:
    """What was seen on a day, where it can be looked up, and what it speaks for; it counts once another has accepted it."""
    if not commitment.promised_on <= day <= today:
        raise ForumError(_("Give a day from the day of the promise up to today."))
    if not text.strip() or not source.strip():
        raise ForumError(_("Say what was seen, and where it can be looked up."))
    if status not in set(PromiseStatus.values) - {PromiseStatus.WITHDRAWN}:
        raise ForumError(_("Say what the evidence speaks for."))
    if commitment.status == PromiseStatus.WITHDRAWN:
        raise ForumError(_("This commitment was withdrawn."))
    made = Evidence.objects.create(
        commitment=commitment, day=day, text=text.strip(), source=source.strip()[:300], status=status, by=by
    )
    note("forum.evidence", commitment.forum, by, commitment=commitment.pk, evidence=made.pk)
    return made


@transaction.atomic
def accept_evidence(evidence: Evidence, *, by: Any, today: datetime.date) -> Commitment:
    """An organiser who did not bring it has looked at it; the newest accepted evidence says how the commitment stands."""
    commitment = (
        Commitment.objects.select_for_update(of=["self"])
        .select_related("forum__area")
        .get(pk=evidence.commitment_id)
    )
    only_organisers(by, commitment.forum, today)
    if evidence.by == str(by.pk):
        raise ForumError(_("Whoever brought evidence does not accept it: somebody else must."))
    if commitment.status == PromiseStatus.WITHDRAWN:
        raise ForumError(_("This commitment was withdrawn."))
    evidence.accepted, evidence.accepted_by = True, str(by.pk)
    evidence.save(update_fields=["accepted", "accepted_by"])
    newest = commitment.evidence.filter(accepted=True).order_by("-day", "-pk").first()
    if newest is not None:
        commitment.status = newest.status
        commitment.save(update_fields=["status"])
    note(
        "forum.accept_evidence", commitment.forum, str(by.pk), commitment=commitment.pk, evidence=evidence.pk
    )
    return commitment


@transaction.atomic
def withdraw_commitment(commitment: Commitment, *, reason: str, by: Any, today: datetime.date) -> None:
    """Whoever promised takes it back: it stays in the register, with the reason. One event."""
    only_organisers(by, commitment.forum, today)
    if not reason.strip():
        raise ForumError(_("Say why it was withdrawn."))
    commitment.status, commitment.reason = PromiseStatus.WITHDRAWN, reason.strip()
    commitment.save(update_fields=["status", "reason"])
    note("forum.withdraw_commitment", commitment.forum, str(by.pk), commitment=commitment.pk)


def overlaps() -> list[tuple[str, list[Commitment]]]:
    """Places in which more than one initiative is under way or promised: the place, and which. One query."""
    live = Commitment.objects.filter(status__in=[PromiseStatus.PROMISED, PromiseStatus.UNDER_WAY])
    found: dict[str, list[Commitment]] = {}
    names: dict[str, str] = {}
    for one in live.select_related("forum").order_by("promised_on", "pk"):
        for place in dict.fromkeys(_plain(place, one.countries) for place in one.places):
            found.setdefault(place, []).append(one)
        for place in one.places:
            names.setdefault(_plain(place, one.countries), place)
    return [(names[place], ones) for place, ones in sorted(found.items()) if len(ones) > 1]


_OF_COUNTRY = re.compile(r"\s*([A-Za-z]{2})\s*[:：]\s*(.+)", re.DOTALL)


def _plain(place: str, countries: Sequence[str]) -> str:
    """A place as places are compared: country, then the name without case, width, punctuation and spaces.

    A place without its country lies in the only country of its commitment, where there is one.
    """
    found = _OF_COUNTRY.fullmatch(place)
    country, name = (
        (found[1].upper(), found[2]) if found else (countries[0] if len(countries) == 1 else "", place)
    )
    letters = unicodedata.normalize("NFKC", name).casefold()
    return f"{country} " + "".join(one for one in letters if unicodedata.category(one)[0] not in "ZPC")


def standing_of(commitments: Any) -> Mapping[str, int]:
    """How many commitments stand where."""
    counted = dict.fromkeys(PromiseStatus.values, 0)
    for one in commitments:
        counted[one.status] += 1
    return counted
