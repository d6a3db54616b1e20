"""A published figure beside the one that is found here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """A figure as it was published and as it is found here; they agree if they differ by no more than `within`."""

    source: str
    what: str
    published: float
    found: float
    within: float

    @property
    def agrees(self) -> bool:
        return abs(self.found - self.published) <= self.within
