"""A household as the rulebook's oracle reads it, out of the register's statements: on one day, or on many."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q

from highground.areas.models import Area
from highground.areas.queries import ancestor_paths
from highground.methods.facts import Fact
from highground.methods.facts.entering import items_of
from highground.methods.rules import Rulebook
from highground.methods.rules.parameters import look_up, to_minor
from highground.methods.rules.record import Known, Member, Record, Value
from highground.methods.rules.statement import EXITED, facts_needed
from highground.people.models import Household, Membership, Observation

# Who belongs to the household counts as true where that was recorded of none of its members.
ASSUMED_TRUE = ("on_register", "lives_with", "shares_budget")


def records_on(
    household: Household,
    book: Rulebook,
    days: Iterable[datetime.date],
    sections: tuple[str, ...] = EXITED,
) -> dict[datetime.date, Record]:
    """The household as it is known of each of these days, with the facts that `sections` of the rulebook read.

    What was recorded later about a day counts; the area is the present one. Four queries, however many days. The
    caller answers for the scope.
    """
    return records_of([(household, book, days)], sections)[0]


def records_of(
    wanted: Sequence[tuple[Household, Rulebook, Iterable[datetime.date]]], sections: tuple[str, ...] = EXITED
) -> list[dict[datetime.date, Record]]:
    """`records_on` of many households, in their order. Four queries, however many households and days.

    The households' areas are at hand, else each takes a query.
    """
    homes = {household.pk: household for household, _book, _days in wanted}
    memberships = Membership.objects.everywhere(reason="members of a household that the caller has scoped")
    ever: dict[int, set[int]] = defaultdict(set)
    for home, member in memberships.filter(household__in=homes).values_list("household", "member").distinct():
        ever[home].add(member)
    everybody: set[int] = set().union(*ever.values())
    moves: dict[int, list[Membership]] = defaultdict(list)
    for move in (
        memberships.filter(member__in=everybody)
        .select_related("member")
        .order_by("valid_from", "recorded_at", "pk")
    ):
        moves[move.member_id].append(move)
    books = {book.hash: book for _household, book, _days in wanted}
    names = {key: facts_needed(book, sections) for key, book in books.items()}
    statements: dict[tuple[int | None, int | None], list[Observation]] = defaultdict(list)
    for one in (
        Observation.objects.everywhere(reason="facts of a household that the caller has scoped")
        .filter(
            Q(household__in=homes, member__isnull=True) | Q(member__in=everybody),
            fact__in={name for read in names.values() for name in read},
        )
        .select_related("source")
        .order_by("valid_from", "recorded_at", "pk")
    ):
        statements[(None, one.member_id) if one.member_id else (one.household_id, None)].append(one)
    places = _places(homes.values())
    found = []
    for household, book, days in wanted:
        people = ever[household.pk]
        their_moves = [move for member in people for move in moves[member]]
        told = [
            one
            for key in ((household.pk, None), *((None, member) for member in people))
            for one in statements[key]
        ]
        found.append(
            {
                day: _record(household, book, day, their_moves, told, places[household.pk], names[book.hash])
                for day in days
            }
        )
    return found


def _places(households: Iterable[Household]) -> dict[int, dict[str, str | None]]:
    """By household the ISO code of its province and the codes of its city and county, as a snapshot has them."""
    homes = list(households)
    paths = {path for one in homes for path in ancestor_paths(one.area.path)}
    above = {area.path: area for area in Area.objects.filter(path__in=paths)}
    found: dict[int, dict[str, str | None]] = {}
    for household in homes:
        places: dict[str, str | None] = dict.fromkeys(("province", "city", "county"))
        way = (above.get(path) for path in ancestor_paths(household.area.path))
        for area in (*filter(None, way), household.area):
            if area.level == "province":
                places["province"] = area.iso or area.code
            elif area.level in places:
                places[area.level] = area.code
        found[household.pk] = places
    return found


def _record(
    household: Household,
    book: Rulebook,
    day: datetime.date,
    moves: list[Membership],
    statements: list[Observation],
    places: dict[str, str | None],
    names: set[str],
) -> Record:
    """The record of one day: of each fact and each membership the last statement up to that day holds."""
    holding: dict[tuple[int | None, str], Observation] = {}
    for one in statements:
        if one.valid_from <= day:
            holding[one.member_id, one.fact] = one
    belongs = {one.member_id: one for one in moves if one.valid_from <= day}
    present = sorted(
        (one.member for one in belongs.values() if one.household_id == household.pk), key=lambda one: one.key
    )
    facts = [fact for fact in book.dictionary.values() if fact.name in names]
    own = [fact for fact in facts if fact.entity == "household"]
    of_members = [fact for fact in facts if fact.entity == "member"]
    said = {name for (member, name) in holding if member in {one.pk for one in present}}
    values, known = _values(own, None, holding, book, day)
    keys = {**places, **{fact.name: values[fact.name] for fact in own if fact.type == "category"}}
    rows = []
    for member in present:
        of_member, known_of_member = _values(of_members, member.pk, holding, book, day)
        for name in ASSUMED_TRUE:
            if name in of_member and name not in said:
                of_member[name], known_of_member[name] = True, Known(assumed=True)
        rows.append(Member(member.key, of_member, known_of_member))
    return Record(
        household=household.key,
        as_of=day,
        facts=values,
        members=tuple(rows),
        parameters={name: look_up(one, day, keys) for name, one in book.parameters.items()},  # type: ignore[arg-type]
        area=household.area.code,
        known=known,
    )


def _values(
    facts: list[Fact],
    member: int | None,
    holding: dict[tuple[int | None, str], Observation],
    book: Rulebook,
    day: datetime.date,
) -> tuple[dict[str, Value], dict[str, Known]]:
    values: dict[str, Value] = {}
    known: dict[str, Known] = {}
    for fact in facts:
        one = holding.get((member, fact.name))
        values[fact.name] = None
        if one is None or one.value is None or (one.valid_to is not None and one.valid_to < day):
            known[fact.name] = Known()
            continue
        value = _read(fact, one.value, book.minor_digits)
        stale = fact.fresh_for is not None and (day - one.valid_from).days > fact.fresh_for
        values[fact.name] = None if stale else value
        known[fact.name] = Known(one.valid_from, one.source.name, stale, value if stale else None)
    return values, known


def _read(fact: Fact, value: str, minor_digits: int) -> Value:
    """A stored value in the units of the engine; None for one that the dictionary does not allow any more."""
    read: Any
    match fact.type:
        case "money" | "integer":
            number = to_minor(value, minor_digits if fact.type == "money" else 0)
            unit = 10**minor_digits if fact.type == "money" else 1
            assert fact.minimum is not None and fact.maximum is not None
            return number if fact.minimum * unit <= number <= fact.maximum * unit else None
        case "boolean":
            return value == "true"
        case "date":
            return datetime.date.fromisoformat(value)
        case "list":
            read = tuple(sorted(items_of(value)))
            return read if set(read) <= set(fact.values) else None
        case _:
            return value if value in fact.values else None
