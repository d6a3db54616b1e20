"""Notices: what people must know beside the verdicts. A notice never blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Notice:
    """One notice: what kind it is, a sentence, and its figures."""

    kind: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"kind": self.kind, "message": self.message, "details": dict(self.details)}


def counted(number: int, one: str, several: str | None = None) -> str:
    """A number with its noun: "1 household", "1,204 households"."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"
