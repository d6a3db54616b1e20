"""The call for practices: drafts, entries, who reviews what, reviews, decisions."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from highground.forum import keys
from highground.forum.actions import note
from highground.forum.enums import Criterion, EntryStatus, ReviewStatus
from highground.forum.ground import ForumError, only_organisers, today_at, zone
from highground.forum.models import Entry, EntryText, Forum, Review, Reviewer
from highground.methods.allocate.panel import Demand, Expert, Panels, assign
from highground.web.numbers import day as day_in_words

TEXTS = ("title", "problem", "done", "results")
NEEDED = ("title", "problem", "done")
SEATS = 3
"""Reviews that each entry gets."""
LOCKED = "an entry whose signed link or whose organiser stands behind the request is locked by its id"
DECIDED = (EntryStatus.ACCEPTED, EntryStatus.WAITING, EntryStatus.DECLINED)


class Late(ForumError):
    """The call has closed."""


class Elsewhere(ForumError):
    """The draft was changed elsewhere since this page was opened."""


def call_is_open(forum: Forum, now: datetime.datetime) -> bool:
    """Whether entries are taken: from the opening on, up to and without the moment of closing."""
    return bool(forum.call_opens and forum.call_closes and forum.call_opens <= now < forum.call_closes)


def _only_while_open(forum: Forum, entrant_zone: str, now: datetime.datetime) -> None:
    if forum.call_closes is not None and now >= forum.call_closes:
        at = forum.call_closes.astimezone(zone(entrant_zone))
        raise Late(
            _(
                "The call closed on %(day)s at %(time)s, your time (%(zone)s). Nothing can be handed in after that."
            )
            % {"day": day_in_words(at.date()), "time": f"{at:%H:%M:%S}", "zone": entrant_zone}
        )
    if not call_is_open(forum, now):
        raise ForumError(_("The call is not open yet."))


@transaction.atomic
def begin_entry(forum: Forum, *, now: datetime.datetime, **who: str) -> Entry:
    """Begin a draft; its link is its key. `who`: entrant, email, organisation, country, language, time_zone, field."""
    zone(who["time_zone"])
    _only_while_open(forum, who["time_zone"], now)
    Forum.objects.select_for_update().get(pk=forum.pk)
    last = Entry.objects.everywhere(reason=LOCKED).filter(forum=forum).aggregate(last=Max("number"))["last"]
    made: Entry = Entry.objects.create(forum=forum, number=(last or 0) + 1, key=keys.new_key(), **who)
    EntryText.objects.create(entry=made, language=made.language, original=True)
    note("forum.begin_entry", forum, f"entry:{made.pk}", entry=made.pk)
    return made


@transaction.atomic
def save_draft(
    entry: Entry, texts: Mapping[str, Mapping[str, str]], *, version: int, now: datetime.datetime
) -> Entry:
    """Keep what was written, by language. `version` is the one that the page was opened with; the entry with its new one.

    Raises Late after the call has closed, and Elsewhere where the draft was saved from another page in between.
    """
    kept = _locked(entry)
    _only_while_open(kept.forum, kept.time_zone, now)
    if kept.status not in (EntryStatus.DRAFT, EntryStatus.SUBMITTED):
        raise ForumError(_("This entry is decided or withdrawn; nothing can be changed any more."))
    if version != kept.version:
        raise Elsewhere(
            _(
                "This draft was changed on another page or device. Copy what you wrote, load it again, and put it in."
            )
        )
    for language, words in texts.items():
        EntryText.objects.everywhere(reason=LOCKED).update_or_create(
            entry=kept,
            language=language,
            defaults={name: str(words.get(name, ""))[: 200 if name == "title" else 20_000] for name in TEXTS}
            | {"original": language == kept.language},
        )
    kept.version += 1
    kept.save(update_fields=["version"])
    note("forum.save_entry", kept.forum, f"entry:{kept.pk}", entry=kept.pk, version=kept.version)
    return kept


@transaction.atomic
def hand_in(entry: Entry, *, now: datetime.datetime) -> Entry:
    """Hand an entry in; one event. A second after the deadline is after the deadline."""
    kept = _locked(entry)
    _only_while_open(kept.forum, kept.time_zone, now)
    if kept.status != EntryStatus.DRAFT:
        raise ForumError(_("This entry was handed in already."))
    own = kept.texts.get(original=True)
    if lacking := [name for name in NEEDED if not getattr(own, name).strip()]:
        labels = [str(EntryText._meta.get_field(name).verbose_name) for name in lacking]  # type: ignore[union-attr]
        raise ForumError(_("Still to be written: %(what)s.") % {"what": ", ".join(labels)})
    kept.status, kept.submitted_at = EntryStatus.SUBMITTED, now
    kept.save(update_fields=["status", "submitted_at"])
    note("forum.hand_in", kept.forum, f"entry:{kept.pk}", entry=kept.pk)
    return kept


def _locked(entry: Entry) -> Entry:
    rows = Entry.objects.everywhere(reason=LOCKED).select_related("forum__area")
    found: Entry = rows.select_for_update(of=["self"]).get(pk=entry.pk)
    return found


@transaction.atomic
def add_reviewer(forum: Forum, *, by: Any, today: datetime.date, **who: Any) -> Reviewer:
    """Somebody who reviews, by a link of their own; one event."""
    only_organisers(by, forum, today)
    if forum.reviewers.filter(email__iexact=who["email"]).exists():
        raise ForumError(_("This reviewer is there already."))
    made: Reviewer = Reviewer.objects.create(forum=forum, key=keys.new_key(), **who)
    note("forum.add_reviewer", forum, str(by.pk), reviewer=made.pk)
    return made


def parties_of(entry: Entry) -> frozenset[str]:
    """Who has a part in an entry: the entrant's address and the organisation."""
    return frozenset({entry.email.casefold(), entry.organisation.casefold()})


def propose(forum: Forum, *, by: Any, today: datetime.date, seconds: float = 10.0) -> Panels:
    """Who could review what: reviews that exist stay, declared conflicts stand, gaps are filled. Nothing is written."""
    only_organisers(by, forum, today)
    entries = list(
        Entry.objects.visible_to(by, today)
        .filter(forum=forum, status=EntryStatus.SUBMITTED)
        .prefetch_related("texts")
    )
    reviews = list(Review.objects.visible_to(by, today).filter(entry__in=entries))
    barred = {(one.entry_id, one.reviewer_id) for one in reviews if one.status == ReviewStatus.CONFLICT}
    experts = [
        Expert(
            code=str(one.pk),
            country=one.country,
            fields=frozenset(one.fields),
            languages=frozenset(one.languages),
            known_as=frozenset({one.email.casefold(), one.organisation.casefold()}),
            must_not=frozenset(str(name).casefold() for name in one.conflicts)
            | {f"entry:{entry}" for entry, reviewer in barred if reviewer == one.pk},
            most=one.most,
        )
        for one in Reviewer.objects.visible_to(by, today).filter(forum=forum, withdrawn_on__isnull=True)
    ]
    demands = [
        Demand(
            code=str(one.pk),
            country=one.country,
            field=one.field,
            languages=frozenset(text.language for text in one.texts.all() if text.title),
            parties=parties_of(one) | {f"entry:{one.pk}"},
            seats=SEATS,
        )
        for one in entries
    ]
    known = {one.code for one in experts}
    kept = [
        (str(one.entry_id), str(one.reviewer_id))
        for one in reviews
        if one.status in (ReviewStatus.ASKED, ReviewStatus.DONE) and str(one.reviewer_id) in known
    ]
    try:
        return assign(experts, demands, kept=kept, seconds=seconds)
    except ValueError as error:
        raise ForumError(
            _("A review stands although there is a conflict: %(what)s") % {"what": error}
        ) from error


@transaction.atomic
def ask_reviewers(forum: Forum, pairs: Sequence[tuple[str, str]], *, by: Any, today: datetime.date) -> int:
    """Ask these reviewers (entry, reviewer); those asked before stay. One event; how many are new."""
    only_organisers(by, forum, today)
    entries = {
        str(one.pk): one
        for one in Entry.objects.visible_to(by, today).filter(forum=forum, status=EntryStatus.SUBMITTED)
    }
    reviewers = {str(one.pk): one for one in forum.reviewers.filter(withdrawn_on__isnull=True)}
    known = set(
        Review.objects.visible_to(by, today).filter(entry__forum=forum).values_list("entry_id", "reviewer_id")
    )
    fresh = []
    for entry, reviewer in sorted(pairs):
        one, who = entries[entry], reviewers[reviewer]
        own = {
            who.email.casefold(),
            who.organisation.casefold(),
            *(str(name).casefold() for name in who.conflicts),
        }
        if own & parties_of(one):
            raise ForumError(
                _("%(who)s has a conflict of interest with entry %(number)s.")
                % {"who": who, "number": one.number}
            )
        if (one.pk, who.pk) not in known:
            fresh.append(Review(entry=one, reviewer=who))
    Review.objects.bulk_create(fresh)
    note("forum.ask_reviewers", forum, str(by.pk), count=len(fresh))
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
    found: Review | None = rows.filter(status__in=[ReviewStatus.ASKED, ReviewStatus.DONE]).first()
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


@transaction.atomic
def decide(entry: Entry, *, status: str, reason: str, by: Any, today: datetime.date) -> Entry:
    """Accept, put on the waiting list or decline, with a reason; one event. Needs at least one review."""
    kept = _locked(entry)
    only_organisers(by, kept.forum, today)
    if status not in DECIDED or kept.status in (EntryStatus.DRAFT, EntryStatus.WITHDRAWN):
        raise ForumError(_("Only an entry that was handed in can be decided."))
    if not reason.strip():
        raise ForumError(_("Say why, in words that the entrant reads."))
    if not kept.reviews.filter(status=ReviewStatus.DONE).exists():
        raise ForumError(_("Nobody has reviewed this entry yet."))
    kept.status, kept.reason, kept.decided_by, kept.decided_on = status, reason.strip(), str(by.pk), today
    kept.save(update_fields=["status", "reason", "decided_by", "decided_on"])
    note("forum.decide", kept.forum, str(by.pk), entry=kept.pk, status=str(status))
    return kept
