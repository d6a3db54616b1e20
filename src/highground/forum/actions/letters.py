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
from highground.forum.enums import EntryStatus, ReviewStatus, TakingPart
from highground.forum.exports import icalendar_of
from highground.forum.ground import ForumError, only_organisers
from highground.forum.models import Delegation, Duty, Entry, Forum, Participant, Partner, Release, Reviewer
from highground.forum.programme import changes_between
from highground.outbox.actions import Draft, write_letters
from highground.outbox.models import Letter, LetterStatus

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


@transaction.atomic
def write_answers(forum: Forum, *, site: str, by: Any, now: datetime.datetime, today: datetime.date) -> int:
    """A letter to each person who registered, was accepted or was declined, once for each; how many are new."""
    only_organisers(by, forum, today)
    rows = Participant.objects.visible_to(by, today).filter(forum=forum)
    rows = rows.exclude(status=TakingPart.WITHDRAWN).select_related("forum", "delegation").order_by("pk")
    drafts = [_answer(one, site) for one in rows if _address(one)]
    return write_letters(drafts, about_kind="forum", about_id=forum.code, by=str(by.pk), now=now)


def _address(one: Participant) -> str:
    """Where somebody is written to: at the own address, else where those write from who nominated them."""
    return one.email or (one.delegation.contact if one.delegation else "")


def _answer(one: Participant, site: str) -> Draft:
    address = site + reverse("forum:person", args=[keys.link_of(keys.PERSON, one.key)])
    with translation.override(PAGES_IN.get(one.language, one.language)):
        said = {
            TakingPart.NOMINATED: [
                _("You are registered. The organisers will answer you."),
                _("This page is your key, keep it: %(address)s") % {"address": address},
            ],
            TakingPart.ACCEPTED: [
                _(
                    "You are expected. Your badge, your days and what we need to know of you are on your own page."
                ),
                _("This page is your key, keep it: %(address)s") % {"address": address},
            ],
            TakingPart.DECLINED: [
                _("We cannot receive you this time."),
                _("The reason: %(reason)s") % {"reason": one.reason},
            ],
        }[TakingPart(one.status)]
        parts = [_("Dear %(name)s,") % {"name": one.name}, *said]
        subject = one.forum.name
    return Draft(f"answer:{one.pk}:{one.status}", _address(one), subject, "\n\n".join(parts), one.language)


@transaction.atomic
def write_changes(forum: Forum, *, site: str, by: Any, now: datetime.datetime, today: datetime.date) -> int:
    """A letter to everybody on duty in a session that changed since the version they last heard of, with their calendar.

    Whoever has had no such letter knows the first version. How many are new.
    """
    only_organisers(by, forum, today)
    releases = list(forum.releases.order_by("number"))
    if len(releases) < 2:
        raise ForumError(_("There is no version before this one: nothing has changed."))
    duties = Duty.objects.visible_to(by, today).filter(session__forum=forum)
    mine: dict[Participant, set[str]] = {}
    for one in duties.select_related("participant__forum", "participant__delegation", "session").order_by(
        "pk"
    ):
        mine.setdefault(one.participant, set()).add(one.session.code)
    told = _told(forum)
    changed = (
        _change(who, codes, releases, told.get(who.pk, 1), site)
        for who, codes in mine.items()
        if _address(who)
    )
    drafts = [draft for draft in changed if draft]
    return write_letters(drafts, about_kind="forum", about_id=forum.code, by=str(by.pk), now=now)


def _told(forum: Forum) -> dict[int, int]:
    """By participant, the number of the last version that a letter told of, unless the letter was dropped."""
    letters = Letter.objects.filter(about_kind="forum", about_id=forum.code, key__startswith="changes:")
    found: dict[int, int] = {}
    for key in letters.exclude(status=LetterStatus.DROPPED).values_list("key", flat=True):
        _kind, who, number = key.split(":")
        found[int(who)] = max(found.get(int(who), 1), int(number))
    return found


def _change(who: Participant, codes: set[str], releases: list[Release], told: int, site: str) -> Draft | None:
    known = next(one for one in releases if one.number >= told)
    before, after = (
        [one for one in version.sessions if one["code"] in codes] for version in (known, releases[-1])
    )
    with translation.override(PAGES_IN.get(who.language, who.language)):
        changes = changes_between(before, after)
        if not changes:
            return None
        address = site + reverse("forum:programme", args=[who.forum.code])
        parts = [
            _("Dear %(name)s,") % {"name": who.name},
            _("the programme has changed where you are on duty:"),
            "\n".join(f"- {one}" for one in changes),
            _("The programme: %(address)s") % {"address": address},
        ]
        subject = _("%(forum)s: your sessions have changed") % {"forum": who.forum.name}
    calendar = icalendar_of(who.forum, releases, only=codes)
    key = f"changes:{who.pk}:{releases[-1].number}"
    return Draft(key, _address(who), subject, "\n\n".join(parts), who.language, calendar)


@transaction.atomic
def write_invitations(
    forum: Forum, *, site: str, by: Any, now: datetime.datetime, today: datetime.date
) -> int:
    """The link of each delegation, reviewer and partner to whoever holds it, once; how many are new."""
    only_organisers(by, forum, today)
    delegations = Delegation.objects.visible_to(by, today).filter(forum=forum)
    reviewers = Reviewer.objects.visible_to(by, today).filter(forum=forum, withdrawn_on__isnull=True)
    partners = Partner.objects.visible_to(by, today).filter(commitment__forum=forum, ended_on__isnull=True)
    drafts = [_of_delegation(one, forum, site) for one in delegations.order_by("pk")]
    drafts += [_of_reviewer(one, forum, site) for one in reviewers.order_by("pk")]
    drafts += [
        _of_partner(one, forum, site)
        for one in partners.exclude(email="").select_related("commitment").order_by("pk")
    ]
    return write_letters(drafts, about_kind="forum", about_id=forum.code, by=str(by.pk), now=now)


def _of_delegation(one: Delegation, forum: Forum, site: str) -> Draft:
    address = site + reverse("forum:delegation", args=[keys.link_of(keys.DELEGATION, one.key)])
    parts = [
        _("%(organisation)s may nominate up to %(seats)s people for %(forum)s.")
        % {"organisation": one.organisation, "seats": one.seats, "forum": forum.name},
        _("This page is your key, keep it: %(address)s") % {"address": address},
    ]
    subject = _("%(forum)s: whom do you nominate?") % {"forum": forum.name}
    return Draft(f"invite:delegation:{one.pk}", one.contact, subject, "\n\n".join(parts))


def _of_reviewer(one: Reviewer, forum: Forum, site: str) -> Draft:
    address = site + reverse("forum:reviewer", args=[keys.link_of(keys.REVIEWER, one.key)])
    language = one.languages[0] if one.languages else "en"
    with translation.override(PAGES_IN.get(language, language)):
        parts = [
            _("Dear %(name)s,") % {"name": one.name},
            _("thank you for reviewing entries of %(forum)s. First write down whom you must not judge.")
            % {"forum": forum.name},
            _("This page is your key, keep it: %(address)s") % {"address": address},
        ]
        subject = _("%(forum)s: your reviews") % {"forum": forum.name}
    return Draft(f"invite:reviewer:{one.pk}", one.email, subject, "\n\n".join(parts), language)


def _of_partner(one: Partner, forum: Forum, site: str) -> Draft:
    address = site + reverse("forum:partner", args=[keys.link_of(keys.PARTNER, one.key)])
    parts = [
        _("%(organisation)s has a part in this: %(what)s. Tell us what you see of it.")
        % {"organisation": one.organisation, "what": one.commitment.what},
        _("This page is your key, keep it: %(address)s") % {"address": address},
    ]
    subject = _("%(forum)s: how does it stand?") % {"forum": forum.name}
    return Draft(f"invite:partner:{one.pk}", one.email, subject, "\n\n".join(parts))
