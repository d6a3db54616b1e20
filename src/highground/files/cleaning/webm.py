"""WebM with sound: tags, titles and attachments become empty elements of the same length."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from highground.files.media import UploadRefused

SEGMENT, CLUSTER = b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"
INFO, TRACKS, TRACK = b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\xae"
HOLDERS = (SEGMENT, CLUSTER, INFO, TRACKS, TRACK)
CODEC, VOID = b"\x86", b"\xec"
NOTES = {
    b"\x12\x54\xc3\x67": "tags",
    b"\x19\x41\xa4\x69": "attachments",
    b"\x10\x43\xa7\x70": "chapters",
    b"\x7b\xa9": "title",
    b"\x73\x84": "name of the file",
    b"\x44\x61": "day and time",
    b"\x53\x6e": "name of the track",
}


def clean_webm(data: bytes) -> bytes:
    """The recording with empty tags. Raises UploadRefused for a film, ValueError for anything else."""
    kept = bytearray(data)
    names = set()
    for name, start, body, end in _elements(data):
        names.add(name)
        if name == CODEC and data[body:end].startswith(b"V_"):
            raise UploadRefused(_("This is a film. Choose a recording of sound, or a photo."))
        if name in NOTES:
            kept[start:end] = _void(end - start)
    if not {TRACKS, CLUSTER} <= names:
        raise ValueError("no sound")
    return bytes(kept)


def _elements(data: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    """The elements of the file in order: id, start, start of content, end.

    What holds others is walked through, the rest is stepped over. Recorders in browsers do not know how long the
    segment and its clusters become. A last element that was cut off ends the walk.
    """
    at = 0
    while at < len(data):
        length = _width(data[at], 4)
        name, at_size = data[at : at + length], at + length
        if at_size >= len(data):
            return
        width = _width(data[at_size], 8)
        body = at_size + width
        size = int.from_bytes(data[at_size:body], "big") & (1 << 7 * width) - 1
        unknown = size == (1 << 7 * width) - 1
        if unknown and name not in (SEGMENT, CLUSTER):
            raise ValueError(f"an element without a length at {at}")
        end = body if name in HOLDERS else body + size
        yield name, at, body, min(end, len(data))
        at = end


def _width(first: int, most: int) -> int:
    """How many bytes a number takes, told by the zeros before the first set bit."""
    width = 9 - first.bit_length()
    if width > most:
        raise ValueError("no element")
    return width


def _void(length: int) -> bytes:
    """An element of `length` bytes (at least 2) that says nothing."""
    width = 8 if length >= 9 else 1
    size = length - 1 - width
    return VOID + (1 << 7 * width | size).to_bytes(width, "big") + bytes(size)
