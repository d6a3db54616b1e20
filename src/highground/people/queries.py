"""Reading the register as of a day, and as it was known on a day."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from highground.methods.facts import Dictionary, load_dictionary
from highground.people.bulk import find_households
from highground.people.models import (
    Household,
    Member,
    Membership,
    Observation,
    OwnFact,
    ProtectedValue,
    Residence,
)
from highground.people.vault import bound_to, open_vault

# A member's statements stay together when the member moves to another household.
_OF_HOUSEHOLD = Case(When(member__isnull=True, then=F("household")))


@dataclass(frozen=True)
class Known:
    """One fact as it was known: its value, since when, until when, from whom."""

    household: int
    member: int | None
    fact: str
    value: str
    date: datetime.date
    valid_to: datetime.date | None
    source: str
    source_kind: str
    recorded_at: datetime.datetime


def register_dictionary() -> Dictionary:
    """The fact dictionary, and after it the own facts of rulebooks that the register has learned. One query."""
    shipped = load_dictionary()
    # What was a rulebook's own may have come into the dictionary since.
    own = {one.name: one.entry for one in OwnFact.objects.order_by("name") if one.name not in shipped}
    return shipped.extended(own, where="own facts on the register") if own else shipped


def end_of(known_on: datetime.date) -> datetime.datetime:
    """The first moment after a day, in the installation's time zone."""
    return timezone.make_aware(
        datetime.datetime.combine(known_on + datetime.timedelta(days=1), datetime.time.min)
    )


def facts_as_of(
    households: Iterable[Household | int],
    *,
    as_of: datetime.date,
    known_on: datetime.date | None = None,
    facts: Collection[str] = (),
) -> list[Known]:
    """What is known of these households and of those who are their members on `as_of`; with `facts` of these alone.

    With `known_on` only statements recorded up to the end of that day count: what a decision maker saw. For
    each fact the statement with the latest `valid_from` up to `as_of` decides, the one recorded last where two
    have the same; if it has ended or withdraws the value, nothing is known. Two queries, whatever the number
    of households; sorted by household, member (the household itself first) and fact. The caller answers for
    the scope of `households`.
    """
    wanted = [household if isinstance(household, int) else household.pk for household in households]
    belongs = dict(_memberships(wanted, as_of, known_on).values_list("member", "household"))
    statements = Observation.objects.everywhere(
        reason="facts of households that the caller has scoped"
    ).filter(Q(household__in=wanted, member__isnull=True) | Q(member__in=list(belongs)))
    if facts:
        statements = statements.filter(fact__in=facts)
    known = [
        Known(
            household=belongs[row.member_id] if row.member_id is not None else row.household_id,
            member=row.member_id,
            fact=row.fact,
            value=row.value,
            date=row.valid_from,
            valid_to=row.valid_to,
            source=row.source.name,
            source_kind=row.source.kind,
            recorded_at=row.recorded_at,
        )
        for row in _latest(statements, [F("member"), _OF_HOUSEHOLD, F("fact")], as_of, known_on)
        .filter(value__isnull=False)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=as_of))
        .select_related("source")
    ]
    return sorted(known, key=lambda one: (one.household, one.member or 0, one.fact))


def members_as_of(
    household: Household, *, as_of: datetime.date, known_on: datetime.date | None = None
) -> QuerySet[Member]:
    """Who belongs to the household on `as_of`, by what was known on `known_on`."""
    return Member.objects.everywhere(reason="members of a household that the caller has scoped").filter(
        pk__in=[row.member_id for row in _memberships([household.pk], as_of, known_on)]
    )


def residence_as_of(
    household: Household, *, as_of: datetime.date, known_on: datetime.date | None = None
) -> Residence | None:
    """Where the household lives on `as_of`; a residence without an area once it has left or ended."""
    found = household.residences.filter(valid_from__lte=as_of).select_related("area")
    if known_on:
        found = found.filter(recorded_at__lt=end_of(known_on))
    return found.order_by("-valid_from", "-recorded_at", "-pk").first()


def history_of(household: Household) -> QuerySet[Observation]:
    """Every statement about the household and its present members, the latest first."""
    return (
        statements_of(household, household.members.filter(present=True))
        .select_related("source", "member")
        .order_by("-valid_from", "-recorded_at", "-pk")
    )


def statements_of(household: Household, members: QuerySet[Member]) -> QuerySet[Observation]:
    """Every statement about the household itself and about these members. One query now, one when it is read."""
    # The ids, not a subquery: beside an OR PostgreSQL would read every statement of the register.
    ids = list(members.values_list("pk", flat=True))
    return Observation.objects.everywhere(
        reason="statements of a household that the caller has scoped"
    ).filter(Q(household=household, member__isnull=True) | Q(member__in=ids))


def known_numbers(numbers: pa.ChunkedArray, *, register: str) -> pa.ChunkedArray:
    """Those of `numbers` under which households are on the register. A fixed number of statements."""
    with transaction.atomic():
        return find_households(numbers, register=register)["number"]


def names_of(values: Iterable[ProtectedValue]) -> dict[tuple[int | None, str], str]:
    """Opened protected values by member (None: the household) and kind. The caller answers for the scope."""
    vault = open_vault()
    return {
        (value.member_id, value.kind): vault.open(
            value.sealed, value.key_id, bound_to(value.household_id, value.member_id, value.kind)
        )
        for value in values
    }


def find_protected(kind: str, text: str, *, user: Any) -> QuerySet[ProtectedValue]:
    """Protected values equal to `text` that `user` may see, found by keyed hash without opening any."""
    hashes = open_vault().lookups(kind, text)
    return (
        ProtectedValue.objects.visible_to(user)
        .filter(kind=kind, lookup__in=hashes)
        .select_related("household")
    )


def _memberships(
    households: list[int], as_of: datetime.date, known_on: datetime.date | None
) -> QuerySet[Membership]:
    everything = Membership.objects.everywhere(reason="members of households that the caller has scoped")
    ever = everything.filter(household__in=households).values("member")
    return _latest(everything.filter(member__in=ever), [F("member")], as_of, known_on).filter(
        household__in=households
    )


def _latest(
    statements: QuerySet[Any], per: list[Any], as_of: datetime.date, known_on: datetime.date | None
) -> QuerySet[Any]:
    """The statement that holds on `as_of` for each value of `per`."""
    statements = statements.filter(valid_from__lte=as_of)
    if known_on:
        statements = statements.filter(recorded_at__lt=end_of(known_on))
    ranked = statements.annotate(
        place=Window(
            RowNumber(),
            partition_by=per,
            order_by=[F("valid_from").desc(), F("recorded_at").desc(), F("pk").desc()],
        )
    )
    # In a query of its own: Django applies a further filter before the window, which would change who is latest.
    everything: QuerySet[Any] = statements.model.objects.everywhere(reason="within the statements given")
    return everything.filter(pk__in=ranked.filter(place=1).values("pk"))
