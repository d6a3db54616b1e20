"""Badges: what stands on them, and a mark by which one is found that was printed before something changed."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass

import segno
from django.utils.safestring import SafeString, mark_safe

from highground.forum.ground import country_name
from highground.forum.models import Participant

MOST = 300
"""Badges on one print-out."""


@dataclass(frozen=True)
class Badge:
    """One badge: the person, what the code looks like, and the country in words."""

    person: Participant
    picture: SafeString
    country: str


def badge_of(person: Participant) -> Badge:
    """The badge of somebody."""
    return Badge(person, _drawn(person.badge), country_name(person.country))


def mark_of(person: Participant) -> str:
    """A hash of all that stands on a badge: another one means that a printed badge is out of date."""
    words = (
        person.badge,
        person.name,
        person.latin,
        person.position,
        person.organisation,
        person.country,
        person.part,
    )
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]


def outdated(people: Iterable[Participant]) -> list[Participant]:
    """Whose printed badge says something else than it would today."""
    return [one for one in people if one.printed and one.printed != mark_of(one)]


def _drawn(code: str) -> SafeString:
    """A QR code as SVG without styles, which the pages of the office do not allow."""
    kept = io.BytesIO()
    segno.make(code, micro=False, error="m").save(
        kept,
        kind="svg",
        scale=4,
        border=2,
        xmldecl=False,
        svgns=False,
        omitsize=True,
        svgclass="qr",
        lineclass=None,
    )
    return mark_safe(kept.getvalue().decode())  # noqa: S308  (drawn by segno from a code of ours)
