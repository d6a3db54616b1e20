"""Reviewers, who reviews what, and what they think. A conflict of interest is never weighed against anything."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from highground.forum import keys
from highground.forum.actions import note
from highground.forum.actions.call import LOCKED
from highground.forum.conflicts import Ties, reason
from highground.forum.enums import Criterion, EntryStatus, ReviewStatus, Tie
from highground.forum.ground import ForumError, only_organisers, today_at
from highground.forum.models import Entry, Forum, Review, Reviewer
from highground.methods.allocate.panel import Demand, Expert, Panels, assign

SEATS = 3
"""Reviews that each entry gets."""
STANDS = (ReviewStatus.ASKED, ReviewStatus.DONE)
MOST_TIES = 200


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


def propose(forum: Forum, *, by: Any, today: datetime.date, seconds: float = 10.0) -> Panels:
    """Who could review what: reviews that exist stay, conflicts stand, gaps are filled. Nothing is written."""
    only_organisers(by, forum, today)
    entries = list(
        Entry.objects.visible_to(by, today)
        .filter(forum=forum, status=EntryStatus.SUBMITTED)
        .prefetch_related("texts")
    )
    reviews = list(Review.objects.visible_to(by, today).filter(entry__in=entries))
    people = list(Reviewer.objects.visible_to(by, today).filter(forum=forum, withdrawn_on__isnull=True))
    ties = Ties(people, entries, year=forum.year)
    barred = {(one.reviewer_id, one.entry_id) for one in reviews if one.status == ReviewStatus.CONFLICT}
    barred |= {(who.pk, one.pk) for who in people for one in entries if ties.between(who, one)}
    known = {one.pk for one in people}
    kept = [
        (str(one.entry_id), str(one.reviewer_id))
        for one in reviews
        if one.status in STANDS and one.reviewer_id in known and (one.reviewer_id, one.entry_id) not in barred
    ]
    return assign(_experts(people, ties, barred), _demands(entries), kept=kept, seconds=seconds)


def _experts(people: Iterable[Reviewer], ties: Ties, barred: set[tuple[int, int]]) -> list[Expert]:
    """Reviewers in the terms of `methods.allocate.panel`; two rows of one person share a name with an `@`."""
    return [
        Expert(
            code=str(one.pk),
            country=one.country,
            fields=frozenset(one.fields),
            languages=frozenset(one.languages),
            known_as=frozenset(
                {one.email.casefold(), *(f"@{who}" for who in [ties.person.get(one.pk)] if who)}
            ),
            must_not=frozenset(f"entry:{entry}" for reviewer, entry in barred if reviewer == one.pk),
            most=one.most,
        )
        for one in people
    ]


def _demands(entries: Iterable[Entry]) -> list[Demand]:
    return [
        Demand(
            code=str(one.pk),
            country=one.country,
            field=one.field,
            languages=frozenset(text.language for text in one.texts.all() if text.title),
            parties=frozenset({f"entry:{one.pk}"}),
            seats=SEATS,
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
