"""Two profiles of one person: found by likeness, joined by a curator, put apart again if that was wrong."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from highground.audit.actions import record
from highground.knowledge.enums import LineStatus, Standing
from highground.knowledge.ground import KnowledgeError, may_curate
from highground.knowledge.marks import next_mark
from highground.knowledge.models import Expert, Line, Merge, Referral
from highground.methods.search.segmenting import letters
from highground.methods.search.text import normalise

MOVED = "referrals of a profile that a curator merges go to the one that is kept"


@dataclass(frozen=True)
class Pair:
    """Two profiles that may be one person, and why; `one` is the one that stays unless somebody knows better."""

    one: Expert
    other: Expert
    why: str


def likely_pairs() -> list[Pair]:
    """Published and waiting profiles with the same ORCID, the same publication, or the same name and country.

    Not those that a person has told apart. Three queries.
    """
    experts = {one.pk: one for one in Expert.objects.exclude(standing=Standing.WITHDRAWN).order_by("pk")}
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in experts.values():
        if one.orcid:
            groups["orcid", one.orcid].append(one.pk)
        # The order of given name and family name differs by country, so that words are compared without it.
        name = " ".join(sorted(letters(word) for word in normalise(one.name).split()))
        groups["name", f"{name}/{one.country}"].append(one.pk)
    lines = Line.objects.filter(expert__in=experts, source__in=("orcid", "openalex", "bibtex"))
    for key, expert in lines.exclude(status=LineStatus.REFUSED).values_list("key", "expert"):
        groups["publication", key].append(expert)
    said = {
        "orcid": _("the same ORCID"),
        "name": _("the same name and country"),
        "publication": _("the same publication, and a like name"),
    }
    found: dict[tuple[int, int], str] = {}
    for (kind, _value), members in groups.items():
        for pair in combinations(sorted(set(members)), 2):
            if kind != "publication" or _alike(*(experts[key] for key in pair)):
                found.setdefault(pair, said[kind])
    apart = {frozenset(pair) for pair in _told_apart().values_list("kept", "gone")}
    pairs = [
        ((experts[one], experts[other]), why)
        for (one, other), why in found.items()
        if {one, other} not in apart
    ]
    return [Pair(min(two, key=_stays), max(two, key=_stays), why) for two, why in pairs]


def _stays(one: Expert) -> tuple[bool, bool, int]:
    """Of two profiles the one with an owner stays, else the one that everybody reads, else the older one."""
    return one.owner_id is None, one.standing != Standing.PUBLISHED, one.pk


def merged_lately() -> QuerySet[Merge]:
    """Merges that can be undone, the latest first."""
    rows = Merge.objects.select_related("kept", "gone").filter(undone_on__isnull=True)
    return rows.exclude(gone__merged_into__isnull=True).order_by("-pk")


def _told_apart() -> QuerySet[Merge]:
    return Merge.objects.filter(undone_on__isnull=False)


def kept_apart_lately() -> QuerySet[Merge]:
    """Pairs of which somebody said that they are two people, the latest first."""
    both = {"kept__merged_into__isnull": True, "gone__merged_into__isnull": True}
    rows = _told_apart().filter(**both).exclude(gone__standing=Standing.WITHDRAWN)
    return rows.exclude(kept__standing=Standing.WITHDRAWN).select_related("kept", "gone").order_by("-pk")


@transaction.atomic
def keep_apart(one: Expert, other: Expert, *, by: Any, today: datetime.date) -> None:
    """A curator says that two likely profiles are two people: they are not listed again. One event."""
    _only_curator(by, today)
    _require_two(one, other)
    Merge.objects.create(kept=one, gone=other, by=str(by.pk), on=today, undone_on=today)
    record(
        "knowledge.apart",
        by=str(by.pk),
        subject_kind="expert",
        subject_id=str(one.pk),
        data={"other": other.pk},
    )


def _require_two(one: Expert, other: Expert) -> None:
    if one.pk == other.pk or one.merged_into_id or other.merged_into_id:
        raise KnowledgeError(_("Choose two different profiles that have not been merged."))


def _alike(one: Expert, other: Expert) -> bool:
    """Whether two names share a word: authors of one paper are mostly different people."""
    words = [{letters(word) for word in each.name.split() if len(word) > 1} for each in (one, other)]
    return bool(words[0] & words[1])


@transaction.atomic
def merge(kept: Expert, gone: Expert, *, by: Any, today: datetime.date) -> Merge:
    """The lines and questions of one profile go to the other, which stays; one event. It can be undone."""
    _only_curator(by, today)
    _require_two(kept, gone)
    if gone.owner_id is not None:
        if kept.owner_id is not None:
            raise KnowledgeError(
                _("Both profiles have owners. They must agree which one stays, and one erases hers.")
            )
        raise KnowledgeError(_("The profile that goes has an owner. Keep that one."))
    held = set(Line.objects.filter(expert=kept).values_list("key", flat=True))
    lines = list(Line.objects.filter(expert=gone).exclude(key__in=held).values_list("pk", flat=True))
    asked = Referral.objects.everywhere(reason=MOVED)
    known = asked.filter(expert=kept).values("question")
    referrals = list(asked.filter(expert=gone).exclude(question__in=known).values_list("pk", flat=True))
    Line.objects.filter(pk__in=lines).update(expert=kept)
    asked.filter(pk__in=referrals).update(expert=kept)
    made: Merge = Merge.objects.create(
        kept=kept, gone=gone, by=str(by.pk), on=today,
        moved={"lines": lines, "referrals": referrals, "standing": gone.standing},
    )  # fmt: skip
    gone.merged_into, gone.standing = kept, Standing.WITHDRAWN
    _touch(kept, gone)
    record(
        "knowledge.merge",
        by=str(by.pk),
        subject_kind="expert",
        subject_id=str(kept.pk),
        data={"gone": gone.pk},
    )
    return made


@transaction.atomic
def undo_merge(made: Merge, *, by: Any, today: datetime.date) -> None:
    """Put two profiles apart as they were; what came after the merge stays with the kept one. One event."""
    _only_curator(by, today)
    if Merge.objects.filter(pk=made.pk, undone_on__isnull=True).update(undone_on=today) != 1:
        raise KnowledgeError(_("This merge has been undone already."))
    kept, gone = made.kept, made.gone
    Line.objects.filter(pk__in=made.moved["lines"], expert=kept).update(expert=gone)
    Referral.objects.everywhere(reason=MOVED).filter(pk__in=made.moved["referrals"], expert=kept).update(
        expert=gone
    )
    gone.merged_into, gone.standing = None, made.moved["standing"]
    _touch(kept, gone)
    record(
        "knowledge.unmerge",
        by=str(by.pk),
        subject_kind="expert",
        subject_id=str(kept.pk),
        data={"gone": gone.pk},
    )


def _touch(*experts: Expert) -> None:
    mark = next_mark()
    for one in experts:
        one.mark = mark
        one.save(update_fields=["merged_into", "standing", "mark"])


def _only_curator(by: Any, today: datetime.date) -> None:
    if not may_curate(by, today):
        raise KnowledgeError(_("Profiles are merged by a curator."))
