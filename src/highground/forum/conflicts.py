"""Who must not judge what: ties that people declare, and those that the experts' database knows.

A reviewer with a profile is everybody that the profile was ever known as: profiles that curators merged count as one person, with
all their names and institutions. Whoever wrote a publication with that person in the last four years is a co-author, whether
anybody declared it or not. The entrant counts in the same way, where a profile bears the entrant's name.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from highground.forum.enums import Tie
from highground.forum.models import Entry, Reviewer
from highground.forum.naming import named_in
from highground.knowledge.enums import LineKind, LineStatus
from highground.knowledge.models import Expert, Line

YEARS = 4
"""So long ago a common publication still ties two people (National Science Foundation, PAPPG, collaborators: 48 months)."""
SELF, STATED = "self", "stated"


def called(name: str) -> str:
    """A name, organisation or address as names are compared: in which order its words stand does not count."""
    return " ".join(sorted(unicodedata.normalize("NFKC", name).casefold().replace(",", " ").split()))


@dataclass
class Person:
    """A person of the experts' database: all profiles that were found to be one."""

    number: int
    names: set[str] = field(default_factory=set)
    institutions: set[str] = field(default_factory=set)
    coauthors: set[str] = field(default_factory=set)
    words: str = ""


class Ties:
    """The ties of these reviewers to these entries. Five queries, however many there are."""

    def __init__(self, reviewers: Sequence[Reviewer], entries: Iterable[Entry], *, year: int) -> None:
        entries = list(entries)
        persons = _persons(reviewers, entries, year)
        self.ties = {one.pk: _ties_of(one, persons.get(one.expert_id)) for one in reviewers}
        self.words = {one.pk: persons[one.expert_id].words for one in reviewers if one.expert_id in persons}
        self.person = {one.pk: persons[one.expert_id].number for one in reviewers if one.expert_id in persons}
        by_name = defaultdict(list)
        for person in {id(one): one for one in persons.values()}.values():
            for name in person.names:
                by_name[called(name)].append(person)
        self.parties = {one.pk: _parties_of(one, by_name[called(one.entrant)]) for one in entries}

    def between(self, reviewer: Reviewer, entry: Entry) -> str:
        """Why this person must not judge this entry: `self`, a value of `Tie`, `stated` (on the profile), or nothing."""
        ties, parties = self.ties[reviewer.pk], self.parties[entry.pk]
        if found := sorted(ties[one] for one in parties if one in ties):
            return SELF if SELF in found else found[0]
        # What somebody wrote on the profile about conflicts is a sentence, not a list.
        if words := self.words.get(reviewer.pk):
            named = [entry.entrant, entry.organisation, *entry.parties]
            return STATED if named_in(words, named) else ""
        return ""


def reason(kind: str) -> str:
    """Why, in words."""
    return {SELF: _("their own"), STATED: _("stated on the profile")}.get(kind) or str(Tie(kind).label)


def _parties_of(entry: Entry, profiles: Iterable[Person]) -> frozenset[str]:
    named = {entry.email, entry.entrant, entry.organisation, *map(str, entry.parties)}
    for one in profiles:
        named |= one.names | one.institutions
    return frozenset(found for name in named if (found := called(name)))


def _ties_of(reviewer: Reviewer, person: Person | None) -> dict[str, str]:
    """Whom a reviewer must not judge, and why."""
    found: dict[str, str] = {}
    groups: list[tuple[str, Iterable[str]]] = [
        *((kind, reviewer.ties.get(kind, ())) for kind in Tie.values),
        (Tie.COAUTHOR, person.coauthors if person else ()),
        (Tie.EMPLOYER, {reviewer.organisation, *(person.institutions if person else ())}),
        (SELF, {reviewer.email, reviewer.name, *(person.names if person else ())}),
    ]
    for kind, names in groups:
        found |= {known: str(kind) for name in names if (known := called(str(name)))}
    return found


def _persons(
    reviewers: Sequence[Reviewer], entries: Sequence[Entry], year: int
) -> Mapping[int | None, Person]:
    """By every profile that counts: the person whose profile it is."""
    gone = Expert.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into")
    merged: dict[int, int] = {pk: into for pk, into in gone if into is not None}

    def root(pk: int) -> int:
        while pk in merged:
            pk = merged[pk]
        return pk

    entrants = {one.entrant.lower() for one in entries}
    alike = Expert.objects.annotate(low=Lower("name")).filter(low__in=entrants).values_list("pk", flat=True)
    asked = {root(one.expert_id) for one in reviewers if one.expert_id is not None}
    wanted = asked | {root(pk) for pk in alike}
    members = wanted | {pk for pk in merged if root(pk) in wanted}
    persons = {pk: Person(pk) for pk in wanted}
    for one in Expert.objects.filter(pk__in=members):
        person = persons[root(one.pk)]
        person.names.add(one.name)
        person.institutions.add(one.institution)
        person.words += f"{one.conflicts}\n"
    for pk, name in _coauthors({pk for pk in members if root(pk) in asked}, root, year):
        persons[pk].coauthors.add(name)
    return {pk: persons[root(pk)] for pk in members}


def _coauthors(members: set[int], root: Any, year: int) -> Iterable[tuple[int, str]]:
    """Person and name of another, for every publication of both in the last years. Two queries."""
    lines = Line.objects.filter(kind=LineKind.PUBLICATION, year__gte=year - YEARS)
    lines = lines.exclude(status=LineStatus.REFUSED)
    written: dict[str, set[int]] = defaultdict(set)
    for key, pk in lines.filter(expert__in=members).values_list("key", "expert"):
        written[key].add(root(pk))
    for key, pk, name in lines.filter(key__in=list(written)).values_list("key", "expert", "expert__name"):
        yield from ((one, name) for one in written[key] if one != root(pk))
