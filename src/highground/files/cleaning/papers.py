"""PDF written anew from its pages: no author, no programs, nothing attached."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from highground.files.cleaning.images import without_segments
from highground.files.media import UploadRefused

MOST_OBJECTS = 200_000
MOST_PAGES = 300
_PROGRAMS = {"/JS", "/JavaScript", "/XFA"}
_ATTACHED = {"/EmbeddedFile", "/EmbeddedFiles", "/EF", "/RichMediaContent"}
_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/GoToE"}
_ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
_NOTED = ("/Metadata", "/PieceInfo", "/LastModified", "/AA", "/OpenAction")
_SIGNS_OF_AN_AUTHOR = ("/T", "/M", "/CreationDate", "/NM")
_REACHED = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


def clean_pdf(data: bytes) -> bytes:
    """The pages of the PDF in a new file.

    Raises UploadRefused when it is damaged, locked with a password, runs programs or carries files.
    """
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise UploadRefused(_("This PDF is locked with a password. Save it without one."))
        for found in _objects(reader.trailer["/Root"]):
            _check(found)
        writer = PdfWriter()
        for page in reader.pages:
            writer.add_page(page)
        if not len(writer.pages):
            raise UploadRefused(_("This PDF has no pages."))
        writer.metadata = None
        for found in _objects(writer.root_object):
            _strip(found)
        target = io.BytesIO()
        writer.write(target)
    except UploadRefused:
        raise
    # A damaged file fails wherever the reader happens to be: its own errors, and Python's on wrong values.
    except (
        PyPdfError,
        OSError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        AssertionError,
        NotImplementedError,
        RecursionError,
    ) as error:
        raise UploadRefused(_("This PDF is damaged. Print it to a new PDF, and choose that.")) from error
    return target.getvalue()


def words_of_pdf(data: bytes) -> Iterator[str]:
    """The text of each page, and every string that stands beside it (of notes, forms, layers, pictures in JPEG 2000).

    Raises UploadRefused for more pages than can be read while somebody waits.
    """
    reader = PdfReader(io.BytesIO(data))
    if len(reader.pages) > MOST_PAGES:
        raise UploadRefused(
            _("This PDF has more than %(most)s pages. Choose a shorter one.") % {"most": MOST_PAGES}
        )
    for page in reader.pages:
        # A font without a map to letters has no text, and a reader fails at a strange one wherever it happens to be.
        with contextlib.suppress(Exception):
            yield page.extract_text()
    for found in _objects(reader.trailer["/Root"]):
        yield from (str(one) for one in found.values() if isinstance(one, TextStringObject))
        if isinstance(found, StreamObject) and _filters(found)[-1:] == ["/JPXDecode"]:
            yield found._data.decode(errors="ignore")


def _objects(root: Any) -> Iterator[DictionaryObject]:
    """Every dictionary that can be reached from `root`, each once."""
    seen: set[tuple[int, int]] = set()
    waiting, count = [root], 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            one = one.get_object()
        count += 1
        if count > MOST_OBJECTS:
            raise UploadRefused(_("This PDF has too many parts. Print it to a new PDF, and choose that."))
        if isinstance(one, DictionaryObject):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, ArrayObject):
            waiting.extend(one)


def _check(found: DictionaryObject) -> None:
    """Refuse what does something or carries something."""
    names = found.keys()
    if names & _PROGRAMS or found.get("/S") in _ACTIONS:
        raise UploadRefused(_("This PDF holds a program. Print it to a new PDF, and choose that."))
    if names & _ATTACHED or found.get("/Subtype") in _ANNOTATIONS:
        raise UploadRefused(_("This PDF carries other files. Print it to a new PDF, and choose that."))


def _strip(found: DictionaryObject) -> None:
    """Take out of a part what its writers noted."""
    for name in _NOTED:
        found.pop(NameObject(name), None)
    if found.get("/S") == "/GoToR" or (
        found.get("/S") == "/URI" and not _REACHED.match(str(found.get("/URI", "")))
    ):
        # A link to a file names the folder of whoever made it.
        for name in ("/F", "/D"):
            found.pop(NameObject(name), None)
        found[NameObject("/S")] = NameObject("/URI")
        found[NameObject("/URI")] = TextStringObject("about:blank")
    if found.get("/Type") == "/Annot" and found.get("/Subtype") != "/Widget":
        for name in _SIGNS_OF_AN_AUTHOR:
            found.pop(NameObject(name), None)
    if isinstance(found, StreamObject) and _filters(found)[-1:] == ["/DCTDecode"]:
        # The picture as its camera wrote it. pypdf has no way to set encoded data but this.
        found._data = without_segments(found.get_data())
        found[NameObject("/Filter")] = NameObject("/DCTDecode")
        found.pop(NameObject("/DecodeParms"), None)


def _filters(stream: StreamObject) -> list[str]:
    filters = stream.get("/Filter", [])
    if isinstance(filters, IndirectObject):
        filters = filters.get_object()
    return list(map(str, filters)) if isinstance(filters, list) else [str(filters)]
