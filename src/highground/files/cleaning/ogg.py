"""Ogg with Opus or Vorbis: the comments are blanked in their place, and the checksums of their pages made anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

OPUS, VORBIS = b"OpusTags", b"\x03vorbis"


@dataclass(frozen=True)
class _Page:
    """Where a page of the stream stands: its start, its segment table, its content."""

    start: int
    flags: int
    segments: bytes
    body: int
    end: int


def clean_ogg(data: bytes) -> bytes:
    """The recording with an empty list of comments, of the same length. Raises ValueError for anything else."""
    pages = list(_pages(data))
    if sum(1 for page in pages if page.flags & 2) != 1:
        raise ValueError("more than one stream")
    places, second = _second_packet(pages)
    packet = bytes(data[place] for place in places)
    name = next((name for name in (OPUS, VORBIS) if packet.startswith(name)), None)
    if name is None:
        raise ValueError("no comments where they belong")
    vendor = int.from_bytes(packet[len(name) : len(name) + 4], "little")
    count = len(name) + 4 + vendor
    if count + 4 > len(packet):
        raise ValueError("the comments are cut off")
    # After an empty list Vorbis wants one set bit; Opus takes whatever follows as padding.
    blank = packet[:count] + bytes(4) + b"\x01" * (name == VORBIS)
    blank = blank[: len(packet)].ljust(len(packet), b"\x00")
    kept = bytearray(data)
    for place, byte in zip(places, blank, strict=True):
        kept[place] = byte
    for page in second:
        kept[page.start + 22 : page.start + 26] = bytes(4)
        kept[page.start + 22 : page.start + 26] = _checksum(kept[page.start : page.end]).to_bytes(4, "little")
    return bytes(kept)


def _pages(data: bytes) -> Iterator[_Page]:
    at = 0
    while at < len(data):
        if data[at : at + 4] != b"OggS":
            raise ValueError(f"no page at {at}")
        segments = data[at + 27 : at + 27 + data[at + 26]]
        body = at + 27 + data[at + 26]
        end = body + sum(segments)
        if end > len(data):
            if at == 0:
                raise ValueError("cut off")
            return  # a recorder that was cut off: the last page is left as it is
        yield _Page(at, data[at + 5], segments, body, end)
        at = end


def _second_packet(pages: list[_Page]) -> tuple[list[int], list[_Page]]:
    """The offsets of the bytes of the second packet, and the pages that hold some of them."""
    places: list[int] = []
    touched: list[_Page] = []
    number = 0
    for page in pages:
        at = page.body
        for length in page.segments:
            if number == 1:
                places += range(at, at + length)
                if page not in touched:
                    touched.append(page)
            at += length
            if length < 255:
                number += 1
        if number > 1:
            return places, touched
    raise ValueError("no comments")


def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _bit in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        table.append(value)
    return table


_CRC = _table()


def _checksum(page: bytes | bytearray) -> int:
    """The checksum of a page (RFC 3533): CRC-32 with the polynomial 04c11db7, neither mirrored nor inverted."""
    value = 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ _CRC[value >> 24 ^ byte]
    return value
