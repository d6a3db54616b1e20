"""Shocks as they are written down in the store: one JSON file each, with who said so and when it was recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from highground.methods.facts import load_dictionary
from highground.methods.store.layout import Store, checked_name
from highground.methods.store.publishing import locked, read_json, write_json

FACT = "exposed_to"
"""The fact of a household that names the kinds of shocks to which its village is exposed."""


class ShockError(ValueError):
    """A shock that cannot be recorded or read; the message names it and the mend."""


@dataclass(frozen=True)
class Shock:
    """One shock: `began` to `ended` (both included; None while it lasts), and who recorded what when.

    `areas` are codes of provinces (ISO 3166-2), cities, counties, townships or villages. Times are UTC.
    """

    id: str
    kind: str
    areas: tuple[str, ...]
    began: date
    source: str
    recorded_by: str
    recorded_at: datetime
    note: str = ""
    ended: date | None = None
    end_recorded_by: str | None = None
    end_recorded_at: datetime | None = None

    def as_known(self, on: datetime) -> Shock | None:
        """The shock as it was recorded at a time: without an end recorded later; None if it was not recorded yet."""
        if self.recorded_at > on:
            return None
        if self.end_recorded_at is not None and self.end_recorded_at > on:
            return replace(self, ended=None, end_recorded_by=None, end_recorded_at=None)
        return self

    def exposes(self, day: date) -> bool:
        """Whether its villages are exposed on a day."""
        if day < self.began:
            return False
        return self.ended is None or day <= self.ended + timedelta(days=exposed_for(self.kind))


@cache
def _kinds() -> Mapping[str, Mapping[str, Any]]:
    source = files("highground") / "data" / "shocks.yaml"
    kinds: Mapping[str, Mapping[str, Any]] = yaml.safe_load(source.read_text(encoding="utf-8"))["kinds"]
    return kinds


def kinds() -> tuple[str, ...]:
    """The kinds of shocks, in the order of the fact dictionary."""
    return tuple(load_dictionary()[FACT].values)


def exposed_for(kind: str) -> int:
    """Days after the last day of a shock for which its villages count as exposed."""
    return int(_kinds()[kind]["exposed_for"])


def read_shocks(store: Store) -> list[Shock]:
    """All shocks of a store, oldest first. Raises ShockError, StoreError for a file that is no shock."""
    found = [read_shock(store, path.stem) for path in sorted(store.shocks.glob("*.json"))]
    return sorted(found, key=lambda shock: (shock.began, shock.id))


def read_shock(store: Store, shock: str) -> Shock:
    """One shock. Raises ShockError where there is none, StoreError where its file is damaged."""
    path = _path(store, shock)
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in store.shocks.glob("*.json")))
        raise ShockError(f"there is no shock '{shock}'; the store has: {known or 'none'}")
    content = read_json(path)
    try:
        read = Shock(
            **{
                **content,
                "areas": tuple(content["areas"]),
                **{name: _day(content[name]) for name in ("began", "ended")},
                **{name: _time(content[name]) for name in ("recorded_at", "end_recorded_at")},
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ShockError(f"{path}: is no shock ({error}); restore it from a backup") from error
    if read.id != path.stem or read.kind not in kinds():
        raise ShockError(f"{path}: has another id or an unknown kind; restore it from a backup")
    return read


def add_shock(
    store: Store,
    *,
    kind: str,
    areas: Sequence[str],
    began: date,
    source: str,
    by: str,
    now: datetime,
    ended: date | None = None,
    note: str = "",
    name: str | None = None,
) -> Shock:
    """Record a shock; its id is `name`, made of kind, first day and first area where it is not given.

    `now` is the time of recording, with its time zone. Raises ShockError. Whether anybody lives in the areas is for
    `exposed` to say: a shock may be recorded before the register is there.
    """
    codes = tuple(dict.fromkeys(code.strip() for code in areas if code.strip()))
    if kind not in kinds():
        raise ShockError(f"'{kind}' is no kind of shock; there are: {', '.join(kinds())}")
    if not codes:
        raise ShockError("a shock strikes areas; give at least one code")
    if not source.strip():
        raise ShockError("say who reported the shock (source)")
    _check_days(began, ended, now)
    name = checked_name(name or f"{kind}-{began}-{codes[0]}")
    shock = Shock(name, kind, codes, began, source.strip(), by, _in_utc(now), note.strip())
    if ended is not None:
        shock = replace(shock, ended=ended, end_recorded_by=by, end_recorded_at=shock.recorded_at)
    with locked(store.shocks, "recording of a shock"):
        if _path(store, name).exists():
            raise ShockError(f"the shock '{name}' is recorded already; end it, or give another id")
        _write(store, shock)
    return shock


def end_shock(store: Store, shock: str, *, on: date, by: str, now: datetime) -> Shock:
    """Record the last day of a shock. Raises ShockError where it has one already, or could not end on that day."""
    with locked(store.shocks, "recording of a shock"):
        before = read_shock(store, shock)
        if before.ended is not None:
            raise ShockError(f"the shock '{shock}' ended on {before.ended}; record a new one if it came back")
        _check_days(before.began, on, now)
        after = replace(before, ended=on, end_recorded_by=by, end_recorded_at=_in_utc(now))
        _write(store, after)
    return after


def _check_days(began: date, ended: date | None, now: datetime) -> None:
    if now.tzinfo is None:
        raise ShockError("the time of recording needs a time zone")
    today = now.date()
    for what, day in (("begins", began), ("ends", ended)):
        if day is not None and day > today:
            raise ShockError(f"the shock {what} on {day}, after today ({today}); record it when it has come")
    if ended is not None and ended < began:
        raise ShockError(f"the shock ends on {ended}, before it began on {began}; correct one of the days")


def _path(store: Store, shock: str) -> Path:
    return store.shocks / f"{checked_name(shock)}.json"


def _write(store: Store, shock: Shock) -> None:
    content = {
        name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(shock).items()
    }
    write_json(_path(store, shock.id), content)


def _in_utc(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(microsecond=0)


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
