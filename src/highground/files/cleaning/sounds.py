"""Recordings without their tags: title, place, author, cover. The sound stays byte for byte.

MP3 and WAV lose the parts around the sound. In M4A, Ogg and WebM the parts with tags are blanked where they
stand, so that nothing that points into the file has to be mended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from highground.files.cleaning.ogg import clean_ogg
from highground.files.cleaning.webm import clean_webm
from highground.files.media import M4A, MP3, OGG, WAV, WEBM, Media, UploadRefused, mp3_frame

FIRST_FRAME_WITHIN = 8 * 2**10


def clean_sound(data: bytes, media: Media) -> bytes:
    """The recording without tags. Raises UploadRefused when it is damaged or a film."""
    cleaners: dict[Media, Callable[[bytes], bytes]] = {
        MP3: clean_mp3,
        WAV: clean_wav,
        M4A: clean_m4a,
        OGG: clean_ogg,
        WEBM: clean_webm,
    }
    try:
        return cleaners[media](data)
    except UploadRefused:
        raise
    except (ValueError, IndexError) as error:
        raise UploadRefused(
            _("This recording is damaged. Record it again, or choose another one.")
        ) from error


def clean_mp3(data: bytes) -> bytes:
    """The frames alone: ID3 and APE tags, and whatever else stands before, between and after them, is left out."""
    at = 0
    while data[at : at + 3] == b"ID3":
        flags, size = data[at + 5], 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        at += 10 + size + (10 if flags & 0x10 else 0)
    first = _next_frame(data, at)
    if first is None or first > at + FIRST_FRAME_WITHIN:
        raise ValueError("no frame")
    frames: list[bytes] = []
    place: int | None = first
    while place is not None:
        length = mp3_frame(data, place)
        if length is None or place + length > len(data):
            place = _next_frame(data, place + 1)
        else:
            frames.append(data[place : place + length])
            place += length
    return b"".join(frames)


def _next_frame(data: bytes, at: int) -> int | None:
    """Where a frame begins that is followed by another one or by the end, or None."""
    while (at := data.find(b"\xff", at)) != -1:
        length = mp3_frame(data, at)
        if length is not None and (at + length == len(data) or mp3_frame(data, at + length)):
            return at
        at += 1
    return None


def clean_wav(data: bytes) -> bytes:
    """The format and the samples, without any other chunk."""
    kept, at, names = bytearray(), 12, set()
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        content = data[at + 8 : at + 8 + size]
        if name in (b"fmt ", b"fact", b"data"):
            names.add(name)
            # A recorder that was cut off leaves a size that is too large.
            kept += name + len(content).to_bytes(4, "little") + content + b"\x00" * (len(content) % 2)
        at += 8 + size + size % 2
    if not {b"fmt ", b"data"} <= names:
        raise ValueError("no samples")
    return b"RIFF" + (4 + len(kept)).to_bytes(4, "little") + b"WAVE" + bytes(kept)


def clean_m4a(data: bytes) -> bytes:
    """The file with every box of tags turned into free space of the same length."""
    kept = bytearray(data)
    names = set()
    for name, start, body, end in _boxes(data, 0, len(data)):
        names.add(name)
        if name == b"hdlr" and data[body + 8 : body + 12] == b"vide":
            raise UploadRefused(_("This is a film. Choose a recording of sound, or a photo."))
        if name in (b"udta", b"meta", b"uuid"):
            kept[start + 4 : start + 8] = b"free"
            kept[body:end] = bytes(end - body)
    if not {b"moov", b"mdat"} <= names:
        raise ValueError("no sound")
    return bytes(kept)


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """The boxes of an MP4 between two offsets, those inside others too: name, start, start of content, end."""
    while at + 8 <= end:
        size, name, body = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], at + 8
        if size == 1:
            size, body = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        elif size == 0:
            size = end - at
        if size < body - at or at + size > end:
            raise ValueError(f"a box that is longer than what holds it, at {at}")
        yield name, at, body, at + size
        if name in (b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf"):
            yield from _boxes(data, body, at + size)
        at += size
