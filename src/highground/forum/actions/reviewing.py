"""Reviewers, who reviews what, and what they think. A conflict of interest is never weighed against anything."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from highground.forum import keys
from highground.forum.actions import note
from highground.forum.actions.call import LOCKED
from highground.forum.conflicts import Ties, reason
from highground.forum.enums import Criterion, EntryStatus, Gender, ReviewStatus, Tie
from highground.forum.ground import ForumError, only_organisers, today_at
from highground.forum.models import Entry, Forum, Review, Reviewer
from highground.knowledge.enums import Field
from highground.methods.allocate.panel import Demand, Expert, Panels, assign

SEATS, MOST_SEATS = 3, 9
"""Reviews that each entry gets, where nobody asks for another number, and at most."""
ROUND = "round"
"""The time in which all reviews are written, for those who are away."""
STANDS = (ReviewStatus.ASKED, ReviewStatus.DONE)
MOST_TIES = 200


@dataclass(frozen=True)
class Wanted:
    """What is asked of those who review one entry: how many, of one country at most, women wished for, and from when to when."""

    seats: int = SEATS
    of_country: int | None = None
    women: int = 0
    begins: datetime.date | None = None
    ends: datetime.date | None = None

    def check(self) -> None:
        """Raise ForumError, naming what cannot be."""
        if not 1 <= self.seats <= MOST_SEATS:
            raise ForumError(_("An entry gets 1 to %(most)s reviews.") % {"most": MOST_SEATS})
        if self.of_country is not None and self.of_country < 1:
            raise ForumError(_("At least one reviewer of a country may review an entry."))
        if not 0 <= self.women <= self.seats:
            raise ForumError(_("As many women can be wished for as there are reviews."))
        if (self.begins is None) != (self.ends is None) or (
            self.begins and self.ends and self.ends < self.begins
        ):
            raise ForumError(
                _("Reviews begin on a day and end on the same or a later one: give both, or none.")
            )

    def misses(self, one: Reviewer) -> bool:
        """Whether somebody is away in all of that time."""
        times = (one.away_from, self.begins, self.ends, one.away_until)
        return None not in times and times[0] <= times[1] and times[2] <= times[3]  # type: ignore[operator]


@transaction.atomic
def add_reviewer(
    forum: Forum,
    *,
    by: Any,
    today: datetime.date,
    ties: Mapping[str, Sequence[str]] | None = None,
    **who: Any,
) -> Reviewer:
    """Somebody who reviews, by a link of their own; one event. `expert`: the profile in the experts' database, if there is."""
    only_organisers(by, forum, today)
    if unknown := set(who.get("fields", ())) - set(Field.values):
        raise ForumError(_("%(field)s is no field. Choose one of the list.") % {"field": sorted(unknown)[0]})
    expert = who.get("expert")
    if forum.reviewers.filter(email__iexact=who["email"]).exists() or (
        expert is not None and forum.reviewers.filter(expert=expert).exists()
    ):
        raise ForumError(_("This reviewer is there already."))
    made: Reviewer = Reviewer.objects.create(forum=forum, key=keys.new_key(), ties=_tidy(ties or {}), **who)
    note("forum.add_reviewer", forum, str(by.pk), reviewer=made.pk)
    return made


@transaction.atomic
def declare_ties(reviewer: Reviewer, ties: Mapping[str, Sequence[str]]) -> int:
    """Whom a reviewer must not judge, by kind; one event. Reviews that fall under it go to others: how many."""
    held = Reviewer.objects.everywhere(reason=LOCKED).select_for_update().get(pk=reviewer.pk)
    held.ties = _tidy(ties)
    held.save(update_fields=["ties"])
    rows = Review.objects.everywhere(reason=LOCKED).filter(reviewer=held, status__in=STANDS)
    parted = _part(held.forum, list(rows.select_related("entry", "reviewer")))
    note("forum.ties", held.forum, f"reviewer:{held.pk}", reviewer=held.pk, parted=parted)
    return parted


@transaction.atomic
def set_away(
    reviewer: Reviewer, *, away_from: datetime.date | None, away_until: datetime.date | None
) -> None:
    """The days on which somebody does not review; one event. Reviews that were asked already stay."""
    if (away_from is None) != (away_until is None) or (away_from and away_until and away_until < away_from):
        raise ForumError(_("Give the first and the last day on which you are away, or none."))
    reviewer.away_from, reviewer.away_until = away_from, away_until
    reviewer.save(update_fields=["away_from", "away_until"])
    note("forum.away", reviewer.forum, f"reviewer:{reviewer.pk}", reviewer=reviewer.pk)


def _tidy(ties: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    if unknown := set(ties) - set(Tie.values):
        raise ForumError(_("%(kind)s is no kind of tie.") % {"kind": sorted(unknown)[0]})
    kept = {
        kind: [str(one).strip()[:160] for one in names if str(one).strip()] for kind, names in ties.items()
    }
    if sum(map(len, kept.values())) > MOST_TIES:
        raise ForumError(_("At most %(most)s names can be kept.") % {"most": MOST_TIES})
    return {kind: names for kind, names in kept.items() if names}


def _part(forum: Forum, reviews: Sequence[Review]) -> int:
    """Take reviews from people who turn out to have a conflict, whether they are written or not; how many."""
    found = Ties([one.reviewer for one in reviews], [one.entry for one in reviews], year=forum.year)
    gone = [one.pk for one in reviews if found.between(one.reviewer, one.entry)]
    rows = Review.objects.everywhere(reason=LOCKED).filter(pk__in=gone, entry__status=EntryStatus.SUBMITTED)
    return rows.update(status=ReviewStatus.CONFLICT, scores={}, why="")


def propose(
    forum: Forum,
    *,
    by: Any,
    today: datetime.date,
    wanted: Wanted = Wanted(),
    seconds: float = 10.0,
) -> Panels:
    """Who could review what: reviews that exist stay, conflicts stand, gaps are filled. Nothing is written."""
    only_organisers(by, forum, today)
    wanted.check()
    entries = list(
        Entry.objects.visible_to(by, today)
        .filter(forum=forum, status=EntryStatus.SUBMITTED)
        .prefetch_related("texts")
    )
    reviews = list(Review.objects.visible_to(by, today).filter(entry__in=entries))
    rows = Reviewer.objects.visible_to(by, today).filter(forum=forum, withdrawn_on__isnull=True)
    people = list(rows.select_related("expert"))
    ties = Ties(people, entries, year=forum.year)
    barred = {(one.reviewer_id, one.entry_id) for one in reviews if one.status == ReviewStatus.CONFLICT}
    barred |= {(who.pk, one.pk) for who in people for one in entries if ties.between(who, one)}
    known = {one.pk for one in people}
    kept = [
        (str(one.entry_id), str(one.reviewer_id))
        for one in reviews
        if one.status in STANDS and one.reviewer_id in known and (one.reviewer_id, one.entry_id) not in barred
    ]
    experts = _experts(people, ties, barred, wanted)
    return assign(experts, _demands(entries, wanted), kept=kept, seconds=seconds)


def of_the_field(forum: Forum, pairs: Collection[tuple[str, str]]) -> int:
    """How many of these pairs (entry, reviewer) bring an entry to somebody of its field. Two queries."""
    fields = {str(pk): field for pk, field in forum.entries.values_list("pk", "field")}
    people = {str(one.pk): _fields_of(one) for one in forum.reviewers.select_related("expert")}
    return sum(fields[entry] in people[reviewer] for entry, reviewer in pairs)


def _fields_of(one: Reviewer) -> frozenset[str]:
    """What somebody reviews: as was written here, and as the profile says today."""
    return frozenset(one.fields) | frozenset(one.expert.fields if one.expert else ())


def _experts(
    people: Iterable[Reviewer], ties: Ties, barred: set[tuple[int, int]], wanted: Wanted
) -> list[Expert]:
    """Reviewers in the terms of `methods.allocate.panel`; two rows of one person share a name with an `@`."""
    return [
        Expert(
            code=str(one.pk),
            country=one.country,
            fields=_fields_of(one),
            languages=frozenset(one.languages),
            known_as=frozenset(
                {one.email.casefold(), *(f"@{who}" for who in [ties.person.get(one.pk)] if who)}
            ),
            must_not=frozenset(f"entry:{entry}" for reviewer, entry in barred if reviewer == one.pk),
            most=one.most,
            woman=one.gender == Gender.WOMAN,
            away=frozenset({ROUND} if wanted.misses(one) else ()),
        )
        for one in people
    ]


def _demands(entries: Iterable[Entry], wanted: Wanted) -> list[Demand]:
    return [
        Demand(
            code=str(one.pk),
            country=one.country,
            field=one.field,
            languages=frozenset(text.language for text in one.texts.all() if text.title),
            parties=frozenset({f"entry:{one.pk}"}),
            seats=wanted.seats,
            time=ROUND if wanted.begins else "",
            women=wanted.women,
            of_country=wanted.of_country,
        )
        for one in entries
    ]


@transaction.atomic
def ask_reviewers(forum: Forum, pairs: Sequence[tuple[str, str]], *, by: Any, today: datetime.date) -> int:
    """Ask these reviewers (entry, reviewer); those asked before stay, but for a conflict that has come up since.

    One event; how many are new. Raises ForumError for a pair with a conflict of interest, saying which.
    """
    only_organisers(by, forum, today)
    entries = {
        str(one.pk): one
        for one in Entry.objects.visible_to(by, today).filter(forum=forum, status=EntryStatus.SUBMITTED)
    }
    reviewers = {str(one.pk): one for one in forum.reviewers.filter(withdrawn_on__isnull=True)}
    ties = Ties(list(reviewers.values()), entries.values(), year=forum.year)
    rows = Review.objects.visible_to(by, today).filter(entry__forum=forum).select_related("entry", "reviewer")
    parted = _part(forum, [one for one in rows if one.status in STANDS])
    known = {(one.entry_id, one.reviewer_id) for one in rows}
    fresh = []
    for entry, reviewer in sorted(pairs):
        one, who = entries[entry], reviewers[reviewer]
        if kind := ties.between(who, one):
            raise ForumError(
                _("%(who)s has a conflict of interest with entry %(number)s: %(kind)s.")
                % {"who": who, "number": one.number, "kind": reason(kind)}
            )
        if (one.pk, who.pk) not in known:
            fresh.append(Review(entry=one, reviewer=who))
    Review.objects.bulk_create(fresh)
    note("forum.ask_reviewers", forum, str(by.pk), count=len(fresh), parted=parted)
    return len(fresh)


@transaction.atomic
def review(
    reviewer: Reviewer, entry: Entry, scores: Mapping[str, int], why: str, *, now: datetime.datetime
) -> Review:
    """What a reviewer thinks: 0 to 3 for each of the four criteria, with a reason. Can be changed until the decision."""
    found = _asked(reviewer, entry)
    if set(scores) != set(Criterion.values) or any(not 0 <= score <= 3 for score in scores.values()):
        raise ForumError(_("Give each of the four criteria 0, 1, 2 or 3."))
    if not why.strip():
        raise ForumError(_("Say why, in words that help the entrant."))
    found.scores, found.why, found.status, found.done_at = dict(scores), why.strip(), ReviewStatus.DONE, now
    found.save(update_fields=["scores", "why", "status", "done_at"])
    note("forum.review", entry.forum, f"reviewer:{reviewer.pk}", entry=entry.pk)
    return found


@transaction.atomic
def declare_conflict(reviewer: Reviewer, entry: Entry) -> None:
    """A reviewer recognises an entry that is not theirs to judge: it goes to somebody else. One event."""
    found = _asked(reviewer, entry)
    found.status, found.scores, found.why = ReviewStatus.CONFLICT, {}, ""
    found.save(update_fields=["status", "scores", "why"])
    note("forum.conflict", entry.forum, f"reviewer:{reviewer.pk}", entry=entry.pk)


def _asked(reviewer: Reviewer, entry: Entry) -> Review:
    if entry.status != EntryStatus.SUBMITTED:
        raise ForumError(_("This entry is decided already."))
    rows = Review.objects.everywhere(reason=LOCKED).filter(reviewer=reviewer, entry=entry)
    found: Review | None = rows.filter(status__in=STANDS).first()
    if found is None:
        raise ForumError(_("You were not asked about this entry."))
    return found


@transaction.atomic
def withdraw_reviewer(reviewer: Reviewer, *, by: str, now: datetime.datetime) -> int:
    """Somebody reviews no more: what is done stands, what is open goes back to be given to others. How many went back."""
    reviewer.withdrawn_on = today_at(reviewer.forum, now)
    reviewer.save(update_fields=["withdrawn_on"])
    rows = Review.objects.everywhere(reason=LOCKED).filter(reviewer=reviewer, status=ReviewStatus.ASKED)
    back = rows.update(status=ReviewStatus.WITHDRAWN)
    note("forum.withdraw_reviewer", reviewer.forum, by, reviewer=reviewer.pk, back=back)
    return back
