"""Service times: by when each kind of message is answered, and by whom."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from highground.cases.enums import MessageKind


@dataclass(frozen=True)
class ServiceTime:
    """`days` are calendar days after the day of sending; `by` says who answers, `source` who says so (`en`, `zh`; empty)."""

    days: int
    by: Mapping[str, str]
    source: Mapping[str, str]
    verified: bool

    def due(self, sent_on: datetime.date) -> datetime.date:
        """The last day in time for a message of `sent_on`."""
        return sent_on + datetime.timedelta(days=self.days)


@cache
def service_times() -> Mapping[MessageKind, ServiceTime]:
    """The file `data/service-times.yaml`. Raises KeyError for a kind without a time, or a source without a title."""
    text = (files("highground") / "data" / "service-times.yaml").read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    return {kind: _time(content["times"][kind.value], content["sources"]) for kind in MessageKind}


def _time(entry: Mapping[str, Any], sources: Mapping[str, Mapping[str, str]]) -> ServiceTime:
    return ServiceTime(
        days=int(entry["days"]),
        by=entry["by"],
        source=sources[entry["source"]] if "source" in entry else {},
        verified=entry["verified"] is True,
    )
