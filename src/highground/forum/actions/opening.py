"""Open a forum, and set what changes in the course of its year."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see, scope_of
from highground.areas.models import Area
from highground.forum.actions import note
from highground.forum.enums import ForumStatus
from highground.forum.ground import ForumError, only_organisers, zone
from highground.forum.models import Forum

COMMAND = "command:forum"
MOST_DAYS = 14


@transaction.atomic
def open_forum(
    *,
    code: str,
    names: dict[str, str],
    place: str,
    country: str,
    area: Area | None,
    time_zone: str,
    first_day: datetime.date,
    days: int,
    call_opens: datetime.date | None = None,
    call_closes: datetime.date | None = None,
    by: Any = None,
    today: datetime.date,
) -> Forum:
    """Open a forum for registration; one event. The call opens and closes at midnight of its place, after its last day.

    `by`: an organiser of the area, of all areas where none is given; None for the command line. Raises ForumError, naming what
    is wrong.
    """
    there = zone(time_zone)
    if by is not None and not (
        may_see(by, today, Sight.FORUM, area.path) if area else "" in scope_of(by, today, Sight.FORUM)
    ):
        raise ForumError(_("Choose an area in which you are an organiser."))
    if not 1 <= days <= MOST_DAYS:
        raise ForumError(_("A forum lasts 1 to %(most)s days.") % {"most": MOST_DAYS})
    made = Forum(
        code=code,
        names={language: name for language, name in names.items() if name},
        place=place,
        country=country.upper(),
        area=area,
        time_zone=time_zone,
        first_day=first_day,
        last_day=first_day + datetime.timedelta(days=days - 1),
        year=first_day.year,
        status=ForumStatus.OPEN,
        call_opens=call_opens and _midnight(call_opens, there),
        call_closes=call_closes and _midnight(call_closes + datetime.timedelta(days=1), there),
    )
    try:
        made.full_clean(exclude=["themes"])
    except ValidationError as error:
        said = [f"{name}: {' '.join(words)}" for name, words in error.message_dict.items()]
        raise ForumError("; ".join(said)) from error
    made.save()
    note("forum.open", made, str(by.pk) if by else COMMAND)
    return made


def _midnight(day: datetime.date, there: datetime.tzinfo) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), there)


@transaction.atomic
def set_forum(
    forum: Forum,
    *,
    status: str,
    call_theme: str,
    anonymous: bool,
    themes: Mapping[str, str] | None = None,
    by: Any,
    today: datetime.date,
    **dates: datetime.date | datetime.datetime | None,
) -> Forum:
    """How far the forum has come, what its call asks for, whether reviewers see names, its `themes` by language, and its `dates`
    (first_day, last_day, call_opens, call_closes; those left out stay); one event.

    Names that reviewers were not shown stay hidden: an anonymous call is not opened once entries were handed in.
    """
    only_organisers(by, forum, today)
    if status not in ForumStatus.values:
        raise ForumError(_("Choose how far the forum has come."))
    handed_in = forum.entries.filter(submitted_at__isnull=False)
    if forum.anonymous and not anonymous and handed_in.exists():
        raise ForumError(
            _("Entrants were told that reviewers do not see their names; that cannot be changed now.")
        )
    if anonymous and not forum.anonymous and handed_in.exists():
        raise ForumError(
            _(
                "Entries were handed in under names; what stands in their texts and files cannot be hidden any more."
            )
        )
    for name in ("first_day", "last_day", "call_opens", "call_closes"):
        setattr(forum, name, dates.get(name, getattr(forum, name)))
    _only_in_order(forum)
    forum.status, forum.call_theme, forum.anonymous = status, call_theme.strip(), anonymous
    if themes is not None:
        forum.themes = {language: words.strip() for language, words in themes.items() if words.strip()}
    forum.save(update_fields=["status", "call_theme", "anonymous", "themes", *dates])
    note("forum.set", forum, str(by.pk), status=str(status), anonymous=anonymous)
    return forum


def _only_in_order(forum: Forum) -> None:
    if forum.last_day and not (forum.first_day and 0 <= (forum.last_day - forum.first_day).days < MOST_DAYS):
        raise ForumError(_("A forum lasts 1 to %(most)s days.") % {"most": MOST_DAYS})
    if forum.call_closes and not (forum.call_opens and forum.call_opens < forum.call_closes):
        raise ForumError(_("The call closes after it opens."))
