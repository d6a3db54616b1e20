"""Files that go with an entry: cleaned before a reviewer sees them, kept as they were given for the organisers."""

from __future__ import annotations

import datetime
from pathlib import PurePath
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from highground.files.cleaning import words_of
from highground.files.media import Media, UploadRefused
from highground.files.uploads import keep_both
from highground.forum.actions import note
from highground.forum.actions.call import held_for_writing, names_of
from highground.forum.ground import ForumError
from highground.forum.models import Attachment, Entry
from highground.forum.naming import named_in

MOST = 5
"""Files of one entry."""


@transaction.atomic
def attach(entry: Entry, file: File[bytes], *, now: datetime.datetime) -> Attachment:
    """Keep a PDF, a DOCX or a picture with an entry; one event. Raises ForumError with words for the entrant.

    In an anonymous call a file whose text names the entrant is refused: what stands in the text is no author field that
    could be taken out.
    """
    kept = held_for_writing(entry, now=now)
    numbers = set(kept.attachments.values_list("number", flat=True))
    if len(numbers) >= MOST:
        raise ForumError(_("An entry has at most %(most)s files. Take one out first.") % {"most": MOST})
    names = names_of(kept) if kept.forum.anonymous else ()

    def look(content: bytes, media: Media) -> None:
        if found := named_in(words_of(content, media), names):
            raise ForumError(
                _(
                    "“%(name)s” stands in the text of this file, and reviewers must not read it. Take it out, and choose the "
                    "file again."
                )
                % {"name": found[0]}
            )

    try:
        original, shown = keep_both(file, look=look)
    except UploadRefused as error:
        raise ForumError(str(error)) from error
    made: Attachment = Attachment.objects.create(
        entry=kept,
        number=next(one for one in range(1, MOST + 1) if one not in numbers),
        name=PurePath((file.name or "").replace("\\", "/")).name[-120:],
        media=shown.media,
        size=shown.size,
        original=original.hash,
        shown=shown.hash,
        given_at=now,
    )
    note("forum.attach", kept.forum, f"entry:{kept.pk}", entry=kept.pk, file=shown.hash)
    return made


@transaction.atomic
def detach(entry: Entry, number: int, *, now: datetime.datetime) -> None:
    """Take a file out again; one event."""
    kept = held_for_writing(entry, now=now)
    gone: Any = kept.attachments.filter(number=number).first()
    if gone is None:
        raise ForumError(_("This file is not there any more."))
    gone.delete()
    note("forum.detach", kept.forum, f"entry:{kept.pk}", entry=kept.pk, file=gone.shown)
