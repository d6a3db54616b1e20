"""Who may read which messages, who may answer them, and what the sender is told."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from highground.accounts.enums import Sight
from highground.accounts.models import Grant, User
from highground.accounts.queries import holds, may_see
from highground.areas.models import Area
from highground.areas.queries import ancestor_paths
from highground.cases.enums import ListStatus, MessageKind, MessageStatus
from highground.cases.models import Message, NoticeItem, Objection
from highground.cases.public.codes import code_hashes
from highground.cases.roles import COUNTY, OFFICE, VILLAGE
from highground.people.sealed import opened


def readable_by(user: Any, area: Area | None = None) -> QuerySet[Message]:
    """The messages that `user` may read, in `area` (anywhere without it); never one that is about `user`.

    The village and the township read self-reports that are not about village staff; whoever sees objectors reads
    everything.
    """
    found: QuerySet[Message] = Message.objects.visible_to(user) | Message.reports.visible_to(user)
    if area is not None:
        found = found.filter(area__path__startswith=area.path)
    return found.exclude(about=user)


def waiting_for(user: Any, area: Area | None = None) -> QuerySet[Message]:
    """Those of them that have no answer yet."""
    return readable_by(user, area).exclude(status=MessageStatus.ANSWERED)


def may_answer(user: Any, message: Message, today: datetime.date) -> bool:
    """Whether `user` may take the message up, answer it, and say what it is about.

    A self-report is for everybody who works there. What is about village staff, an objection or a complaint is for the
    county or the province: for nobody who works in that village as well, and never for the person complained about.
    """
    path = message.area.path
    if message.about_id == user.pk:
        return False
    if is_for_all(message):
        return holds(user, today, OFFICE, path) is not None
    return holds(user, today, COUNTY, path) is not None and holds(user, today, VILLAGE, path) is None


def is_for_all(message: Message) -> bool:
    """Whether the village and the township may read it: a self-report that is not about village staff."""
    return message.kind == MessageKind.REPORT and not message.for_county


def sender_of(message: Message, user: Any, today: datetime.date) -> dict[str, str]:
    """How to reach the sender ("name", "phone"); nothing where none was given or `user` may not see it.

    Who reports a difficulty is seen by those who see the names of that place; who objects or complains, by those alone
    who see objectors.
    """
    sight = Sight.PROTECTED if is_for_all(message) else Sight.OBJECTORS
    if not message.sender or not may_see(user, today, sight, message.area.path):
        return {}
    return dict(json.loads(opened(message, "sender")))


def working_at(area: Area) -> QuerySet[User]:
    """Those who hold a role today in this place or above it, by name."""
    today = timezone.localdate()
    held = (
        Grant.objects.filter(role__in=OFFICE, area__path__in=[*ancestor_paths(area.path), area.path])
        .filter(valid_from__lte=today)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today))
    )
    return User.objects.filter(is_active=True, pk__in=held.values("user")).order_by(
        "display_name", "username"
    )


def objections_seen_by(user: Any, area: Area | None = None) -> QuerySet[Objection]:
    """The objections in the cases that `user` sees, without what was said: that, and by whom, is in the message."""
    found: QuerySet[Objection] = Objection.objects.visible_to(user).defer("text", "answer")
    if area is not None:
        found = found.filter(item__case__household__area__path__startswith=area.path)
    return found


def message_under(code: str) -> Message | None:
    """The message that was sent under this code (as `codes.tidy` writes it). One query."""
    messages: QuerySet[Message] = Message.objects.everywhere(
        reason="the sender asks with the code of the message"
    )
    return messages.filter(code_hash__in=code_hashes(code)).first()


def line_named(code: str, line: str) -> NoticeItem | None:
    """The line of a notice that hangs, by the notice's number and the line as somebody typed them. One query."""
    number = "".join(character for character in code.upper() if character.isalnum())
    digits = "".join(character for character in line if character.isdecimal() and character.isascii())
    if not number or not digits or len(digits) > 4:
        return None
    items: QuerySet[NoticeItem] = NoticeItem.objects.everywhere(
        reason="an objection names a public notice; whether it exists is not told to the sender"
    )
    return (
        items.filter(notice__code=number, notice__status=ListStatus.OPEN, line=int(digits))
        .select_related("notice__area")
        .first()
    )
