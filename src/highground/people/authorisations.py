"""The signed authorisation to ask other registers about a household: given, withdrawn, in force on a day."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Collection
from pathlib import Path

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from highground.audit.actions import record
from highground.people.actions import RegisterError
from highground.people.bulk import moment
from highground.people.enums import HouseholdStatus, Signed
from highground.people.models import Authorisation, Household, Member
from highground.people.sealed import seal

MOST = 10_000
"""Ids in one query."""


class NotAuthorised(RegisterError):
    """There is no authorisation, or it cannot be taken as it is; the message says what is missing."""


@transaction.atomic
def authorise(
    household: Household,
    *,
    given_on: datetime.date,
    how: Signed | str,
    signed_by: Member | None = None,
    helped: bool = False,
    helper: str = "",
    read_back: bool = False,
    evidence: str = "",
    by: str,
    today: datetime.date,
) -> Authorisation:
    """Keep that the household lets other registers be asked from `given_on` on; one event.

    `signed_by` None is the head. Where somebody else wrote the form (`helped`), `helper` names them and
    `read_back` says that they read it to the signer first. `evidence` is the SHA-256 of a picture of the paper.
    Raises NotAuthorised for a day to come, a signer from elsewhere, or a helper who is not named or did not
    read it back.
    """
    if given_on > today:
        raise NotAuthorised(
            _("the authorisation lies in the future (%(given_on)s); give the day it was signed")
            % {"given_on": given_on}
        )
    if household.status != HouseholdStatus.ACTIVE:
        raise NotAuthorised(_("%(key)s is no longer on the register") % {"key": household.key})
    if signed_by is not None and (signed_by.household_id != household.pk or not signed_by.present):
        raise NotAuthorised(
            _("whoever signs must belong to %(key)s; %(member)s does not")
            % {"key": household.key, "member": signed_by.key}
        )
    if how not in Signed.values:
        raise NotAuthorised(
            _("an authorisation is signed by one of: %(values)s") % {"values": ", ".join(Signed.values)}
        )
    helper = " ".join(helper.split())
    if helped and not helper:
        raise NotAuthorised(_("somebody else wrote the form: give their name"))
    if helped and not read_back:
        raise NotAuthorised(_("somebody else wrote the form: they must read it back before it is signed"))
    if helper and not helped:
        raise NotAuthorised(_("a helper is named: say that somebody else wrote the form"))
    given = Authorisation(
        household=household,
        given_on=given_on,
        signed_by=signed_by,
        how=how,
        helped=helped,
        read_back=read_back,
        evidence=evidence,
        recorded_at=moment(today),
        by=by,
    )
    seal(given, "helper", helper)
    given.save(force_insert=True)
    _event(
        "people.authorise",
        household,
        by,
        {
            "authorisation": given.pk,
            "given_on": given_on.isoformat(),
            "how": str(how),
            "helped": helped,
            "evidence": evidence,
        },
    )
    return given


@transaction.atomic
def withdraw_authorisation(
    household: Household, *, day: datetime.date, by: str, today: datetime.date
) -> list[Authorisation]:
    """From `day` on no register may be asked about the household; what was compared before stays. One event.

    Returns what was withdrawn. Raises NotAuthorised when nothing was in force, or for a day to come.
    """
    if day > today:
        raise NotAuthorised(
            _("the withdrawal lies in the future (%(day)s); give the day it was said") % {"day": day}
        )
    held = list(_in_force(day).filter(household=household).select_for_update().order_by("pk"))
    if not held:
        raise NotAuthorised(
            _("%(key)s has given no authorisation that could be withdrawn on %(day)s")
            % {"key": household.key, "day": day}
        )
    for given in held:
        given.withdrawn_on = day
        given.save(update_fields=["withdrawn_on"])
    _event(
        "people.withdraw_authorisation",
        household,
        by,
        {"authorisations": [given.pk for given in held], "day": day.isoformat()},
    )
    return held


def authorised(household: Household | int, day: datetime.date) -> bool:
    """Whether other registers may be asked about the household on `day`. One query."""
    pk = household if isinstance(household, int) else household.pk
    return _in_force(day).filter(household=pk).exists()


def authorised_households(households: Collection[int], day: datetime.date) -> set[int]:
    """Those of `households` (ids) about which other registers may be asked on `day`. One query for each 10,000."""
    found: set[int] = set()
    wanted = list(households)
    for start in range(0, len(wanted), MOST):
        some = wanted[start : start + MOST]
        found.update(_in_force(day).filter(household__in=some).values_list("household", flat=True))
    return found


@transaction.atomic
def write_authorisations(path: Path, *, by: str) -> int:
    """Write who signed, and who withdrew when, as `highground feed authorise` takes it in; the rows. One event.

    A row for each authorisation: household (its pseudonym), given_on, withdrawn_on. Raises NotAuthorised where the
    file is there already.
    """
    everything = Authorisation.objects.everywhere(
        reason="what was signed is handed to the store, from the command line"
    )
    rows = everything.order_by("household__key", "given_on", "pk").values_list(
        "household__key", "given_on", "withdrawn_on"
    )
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["household", "given_on", "withdrawn_on"])
            count = 0
            for key, given, withdrawn in rows.iterator(chunk_size=5_000):
                writer.writerow([key, given, withdrawn or ""])
                count += 1
    except FileExistsError as error:
        raise NotAuthorised(_("%(path)s is there already; choose another name") % {"path": path}) from error
    record(
        "people.write_authorisations", by=by, subject_kind="file", subject_id=path.name, data={"rows": count}
    )
    return count


def _in_force(day: datetime.date) -> QuerySet[Authorisation]:
    """Authorisations in force on `day`. The day of a withdrawal is no longer one of them."""
    everything: QuerySet[Authorisation] = Authorisation.objects.everywhere(
        reason="whether households that the caller has scoped may be asked about"
    )
    return everything.filter(given_on__lte=day).filter(Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=day))


def _event(kind: str, household: Household, by: str, data: dict[str, object]) -> None:
    record(
        kind,
        by=by,
        subject_kind="household",
        subject_id=household.key,
        area_path=household.area.path,
        data=data,
    )
