"""What kind of file it is, told by its content. Names and what a browser says of a file are never believed."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = 64 * 2**10
"""Bytes from the beginning that `recognise` wants to see."""

M4A_BRANDS = (b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"dash")


class UploadRefused(ValueError):
    """A file that is not kept; the message is for the person who chose it: why, and what would be taken."""


@dataclass(frozen=True)
class Media:
    """A kind of file that can be kept: its media type, `image`, `audio`, `pdf` or `document`, and the ending of a name."""

    type: str
    form: str
    ending: str


JPEG = Media("image/jpeg", "image", "jpg")
PNG = Media("image/png", "image", "png")
WEBP = Media("image/webp", "image", "webp")
PDF = Media("application/pdf", "pdf", "pdf")
OGG = Media("audio/ogg", "audio", "ogg")
WEBM = Media("audio/webm", "audio", "webm")
MP3 = Media("audio/mpeg", "audio", "mp3")
M4A = Media("audio/mp4", "audio", "m4a")
WAV = Media("audio/wav", "audio", "wav")
DOCX = Media("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document", "docx")
BY_TYPE = {media.type: media for media in (JPEG, PNG, WEBP, PDF, OGG, WEBM, MP3, M4A, WAV, DOCX)}


def recognise(head: bytes) -> Media | None:
    """What begins with `head` (the first HEAD bytes, or all of it); None for anything that is not kept.

    A first look by signatures. Cleaning reads the whole file and refuses what only begins like one.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return (
            DOCX if any(name in head for name in (b"[Content_Types].xml", b"_rels/.rels", b"word/")) else None
        )
    if head.startswith(b"RIFF"):
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head.startswith(b"OggS"):
        return OGG if b"OpusHead" in head[:100] or b"\x01vorbis" in head[:100] else None
    if head.startswith(b"\x1aE\xdf\xa3"):
        return WEBM if b"webm" in head[:100] else None
    if head[4:8] == b"ftyp":
        return M4A if head[8:12] in M4A_BRANDS else None
    if head.startswith(b"ID3") or mp3_frame(head) is not None:
        return MP3
    return None


_BIT_RATES = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def mp3_frame(data: bytes, at: int = 0) -> int | None:
    """The length in bytes of the MPEG layer III frame that begins at `at`; None when none does."""
    header = data[at : at + 4]
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bits, samples, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer != 1 or bits in (0, 15) or samples == 3:
        return None
    rate = _BIT_RATES[1 if version == 3 else 2][bits - 1] * 1000
    return (144 if version == 3 else 72) * rate // _SAMPLE_RATES[version][samples] + padding
