"""A practice gets a PDF, whose words are searched page by page, and loses it again."""

from __future__ import annotations

import datetime
import io
import logging
import time
from typing import IO, Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from pypdf import PdfReader

from highground.audit.actions import record
from highground.files.media import Media, UploadRefused
from highground.files.uploads import keep_both
from highground.knowledge.ground import KnowledgeError, may_attach
from highground.knowledge.languages import tidy
from highground.knowledge.marks import next_mark
from highground.knowledge.models import Attachment, Practice
from highground.methods.search.glossary import LANGUAGES

MOST_PAGES = 500
MOST = 5
"""PDFs of one practice."""
LONGEST_PAGE = 8_000
"""Characters of a page that are searched."""
SECONDS = 60.0
"""For reading the words of all pages; those that come later are not searched."""

logging.getLogger("pypdf").setLevel(logging.ERROR)


def attach(
    practice: Practice,
    file: File[bytes] | IO[bytes],
    *,
    name: str,
    language: str,
    by: Any,
    today: datetime.date,
) -> Attachment:
    """Keep a PDF with a practice, without what it says of its maker; one event.

    Raises KnowledgeError for what is no PDF, for one with too many pages, and for one that is there already.
    """
    if not may_attach(practice, by, today):
        raise KnowledgeError(
            _("Files are attached by a curator, and by whoever told the practice while it waits.")
        )
    name = tidy(name)[:120]
    if not name:
        raise KnowledgeError(_("Say what the file is called."))
    if language not in LANGUAGES:
        raise KnowledgeError(_("Choose the language in which it is written."))
    pages: list[str] = []

    def look(shown: bytes, media: Media) -> None:
        if media.form != "pdf":
            raise UploadRefused(_("Only a PDF can be attached. Save the file as PDF."))
        pages.extend(words_of(shown))

    try:
        _given, shown = keep_both(file, look=look)
    except UploadRefused as error:
        raise KnowledgeError(str(error)) from error
    with transaction.atomic():
        Practice.objects.select_for_update().get(pk=practice.pk)
        if practice.attachments.filter(hash=shown.hash).exists():
            raise KnowledgeError(_("This file is attached already."))
        if practice.attachments.count() >= MOST:
            raise KnowledgeError(
                _("A practice has at most %(count)s files. Remove one first.") % {"count": MOST}
            )
        made = Attachment.objects.create(
            practice=practice, name=name, language=language, hash=shown.hash, media=shown.media,
            size=shown.size, pages=pages, added_on=today, by=str(by.pk),
        )  # fmt: skip
        _changed(practice, "attached", by, shown.hash)
    return made


@transaction.atomic
def detach(attachment: Attachment, *, by: Any, today: datetime.date) -> None:
    """Take a PDF off a practice; one event."""
    practice, digest = attachment.practice, attachment.hash
    if not may_attach(practice, by, today):
        raise KnowledgeError(
            _("Files are attached by a curator, and by whoever told the practice while it waits.")
        )
    attachment.delete()
    _changed(practice, "detached", by, digest)


def words_of(data: bytes) -> list[str]:
    """The words of each page of a PDF, nothing for one that is a picture. Raises UploadRefused for too many pages."""
    reader, until = PdfReader(io.BytesIO(data)), time.monotonic() + SECONDS
    if (count := len(reader.pages)) > MOST_PAGES:
        said = _("This PDF has %(count)s pages; at most %(most)s are taken. Attach the part that matters.")
        raise UploadRefused(said % {"count": count, "most": MOST_PAGES})
    found = []
    for page in reader.pages:
        text = ""
        if time.monotonic() < until:
            try:
                text = page.extract_text()
            except Exception as error:  # a damaged page fails in as many ways as there are objects in a PDF
                logging.getLogger(__name__).info(
                    "a page of a PDF could not be read: %s", type(error).__name__
                )
        found.append(tidy(text.replace("\x00", ""))[:LONGEST_PAGE])
    return found


def _changed(practice: Practice, what: str, by: Any, digest: str) -> None:
    practice.mark = next_mark()
    practice.save(update_fields=["mark"])
    record(
        f"knowledge.{what}", by=str(by.pk), subject_kind="practice", subject_id=practice.code,
        data={"hash": digest},
    )  # fmt: skip
