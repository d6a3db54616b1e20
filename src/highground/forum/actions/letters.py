"""What the forum writes to people. Every letter waits in the outbox until somebody has looked at it."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from highground.forum import keys
from highground.forum.actions.call import DECIDED
from highground.forum.enums import EntryStatus, ReviewStatus
from highground.forum.ground import only_organisers
from highground.forum.models import Entry, Forum
from highground.outbox.actions import Draft, write_letters

PAGES_IN = {"zh": "zh-hans"}
"""The language of the pages for a language of people, where they differ."""


@transaction.atomic
def write_decisions(forum: Forum, *, site: str, by: Any, now: datetime.datetime, today: datetime.date) -> int:
    """A letter to each entrant whose entry is decided, in the entrant's language; how many are new. Reviewers are not named."""
    only_organisers(by, forum, today)
    rows = Entry.objects.visible_to(by, today).filter(forum=forum, status__in=DECIDED)
    drafts = [_decision(one, site) for one in rows.prefetch_related("texts", "reviews").order_by("number")]
    return write_letters(drafts, about_kind="forum", about_id=forum.code, by=str(by.pk), now=now)


def _decision(entry: Entry, site: str) -> Draft:
    title = next((one.title for one in entry.texts.all() if one.original), "")
    address = site + reverse("forum:entry", args=[keys.link_of(keys.ENTRY, entry.key)])
    with translation.override(PAGES_IN.get(entry.language, entry.language)):
        said = {
            EntryStatus.ACCEPTED: _(
                "Your entry is accepted. The organisers will ask you when you can speak."
            ),
            EntryStatus.WAITING: _(
                "Your entry is on the waiting list. You hear from us when a place is free."
            ),
            EntryStatus.DECLINED: _("Your entry is not among those accepted this time."),
        }[EntryStatus(entry.status)]
        reviews = [one.why for one in entry.reviews.all() if one.status == ReviewStatus.DONE]
        parts = [
            _("Dear %(name)s,") % {"name": entry.entrant},
            _("this is about your entry “%(title)s”.") % {"title": title},
            said,
            _("The reason: %(reason)s") % {"reason": entry.reason},
            *(_("A reviewer wrote: %(words)s") % {"words": words} for words in reviews),
            _("Your entry: %(address)s") % {"address": address},
        ]
        subject = f"{entry.forum.name}: {title}"
    digest = f"decision:{entry.pk}:{entry.status}:{entry.decided_on}"
    return Draft(digest, entry.email, subject, "\n\n".join(parts), entry.language)
