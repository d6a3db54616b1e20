"""The call for practices: drafts, entries, decisions."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from highground.forum import keys
from highground.forum.actions import note
from highground.forum.enums import EntryStatus, ReviewStatus
from highground.forum.ground import LANGUAGES, ForumError, only_organisers, zone
from highground.forum.models import Entry, EntryText, Forum
from highground.forum.naming import named_in, named_in_file
from highground.knowledge.enums import Field
from highground.web.numbers import day as day_in_words

TEXTS = ("title", "problem", "done", "results")
MOST_PARTIES = 40
NEEDED = ("title", "problem", "done")
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
def begin_entry(forum: Forum, *, now: datetime.datetime, parties: Sequence[str] = (), **who: str) -> Entry:
    """Begin a draft; its link is its key. `who`: entrant, email, organisation, country, language, time_zone, field.

    `parties`: who else has a part in it.
    """
    zone(who["time_zone"])
    if who.get("field") and who["field"] not in Field.values:
        raise ForumError(_("%(field)s is no field. Choose one of the list.") % {"field": who["field"]})
    _only_while_open(forum, who["time_zone"], now)
    Forum.objects.select_for_update().get(pk=forum.pk)
    last = Entry.objects.everywhere(reason=LOCKED).filter(forum=forum).aggregate(last=Max("number"))["last"]
    made: Entry = Entry.objects.create(
        forum=forum,
        number=(last or 0) + 1,
        key=keys.new_key(),
        parties=[one[:160] for one in parties][:MOST_PARTIES],
        **who,
    )
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
    kept = held_for_writing(entry, now=now)
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
    if kept.status == EntryStatus.SUBMITTED:
        _only_unnamed(kept)
    kept.version += 1
    kept.save(update_fields=["version"])
    note("forum.save_entry", kept.forum, f"entry:{kept.pk}", entry=kept.pk, version=kept.version)
    return kept


def held_for_writing(entry: Entry, *, now: datetime.datetime) -> Entry:
    """The entry, locked, if its entrant may still change it. Raises Late after the call has closed."""
    kept = _locked(entry)
    _only_while_open(kept.forum, kept.time_zone, now)
    if kept.status not in (EntryStatus.DRAFT, EntryStatus.SUBMITTED):
        raise ForumError(_("This entry is decided or withdrawn; nothing can be changed any more."))
    return kept


@transaction.atomic
def set_parties(entry: Entry, parties: Sequence[str], *, now: datetime.datetime) -> None:
    """Who else has a part in an entry, as long as it can be changed; one event."""
    kept = held_for_writing(entry, now=now)
    kept.parties = [one[:160] for one in parties][:MOST_PARTIES]
    kept.save(update_fields=["parties"])
    note("forum.parties", kept.forum, f"entry:{kept.pk}", entry=kept.pk, count=len(kept.parties))


def names_of(entry: Entry) -> tuple[str, str]:
    """What must not stand in front of a reviewer of an anonymous call: the entrant's name and address."""
    return entry.entrant, entry.email


def _only_unnamed(entry: Entry) -> None:
    """Raise ForumError where the words of an entry that is reviewed without names name the entrant."""
    if not entry.forum.anonymous:
        return
    for text in entry.texts.all():
        for name in TEXTS:
            if found := named_in(getattr(text, name), names_of(entry)):
                raise ForumError(
                    _(
                        "“%(name)s” stands in “%(field)s” (%(language)s). Reviewers must not read it: write “we” instead."
                    )
                    % {
                        "name": found[0],
                        "field": EntryText._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
                        "language": LANGUAGES.get(text.language, text.language),
                    }
                )
    for file in entry.attachments.all():
        if found := named_in_file(file.shown, file.media, names_of(entry)):
            raise ForumError(
                _(
                    "“%(name)s” stands in the text of the file %(file)s. Take it out, and choose the file again."
                )
                % {"name": found[0], "file": file.name}
            )


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
    _only_unnamed(kept)
    kept.status, kept.submitted_at = EntryStatus.SUBMITTED, now
    kept.save(update_fields=["status", "submitted_at"])
    note("forum.hand_in", kept.forum, f"entry:{kept.pk}", entry=kept.pk)
    return kept


def _locked(entry: Entry) -> Entry:
    rows = Entry.objects.everywhere(reason=LOCKED).select_related("forum__area")
    found: Entry = rows.select_for_update(of=["self"]).get(pk=entry.pk)
    return found


@transaction.atomic
def withdraw_entry(entry: Entry, *, now: datetime.datetime) -> None:
    """The entrant takes an entry back before it is decided; one event. Its files go, its words stay with the organisers alone.

    Reviews that were asked for are asked no more. It cannot be handed in again; another can be begun while the call is open.
    """
    kept = _locked(entry)
    if kept.status not in (EntryStatus.DRAFT, EntryStatus.SUBMITTED):
        raise ForumError(_("This entry is decided or withdrawn; nothing can be changed any more."))
    kept.status = EntryStatus.WITHDRAWN
    kept.save(update_fields=["status"])
    files = kept.attachments.count()
    kept.attachments.all().delete()
    kept.reviews.filter(status=ReviewStatus.ASKED).update(status=ReviewStatus.WITHDRAWN)
    note("forum.withdraw_entry", kept.forum, f"entry:{kept.pk}", entry=kept.pk, files=files)


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
