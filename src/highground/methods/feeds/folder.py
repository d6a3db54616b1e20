"""Land everything that lies in a folder: `FEED/MONTH/PROVINCE.parquet` or `.csv`, each file whole for its month."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from highground.methods.feeds.definitions import Feeds
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.landing import Landing
from highground.methods.feeds.mapping import FeedMapping
from highground.methods.feeds.uses import Uses, wanted
from highground.methods.store.engine import Limits
from highground.methods.store.layout import Store, checked_month

ENDINGS = (".parquet", ".csv", ".csv.gz")


@dataclass(frozen=True)
class Sent:
    """One file of a folder."""

    feed: str
    month: str
    province: str
    path: Path


def files_in(source: Path) -> list[Sent]:
    """The files of a folder by feed, province and month, oldest first. Raises FeedError for a folder without any."""
    found = [
        Sent(path.parent.parent.name, checked_month(path.parent.name), path.name.removesuffix(ending), path)
        for ending in ENDINGS
        for path in source.glob(f"*/*/*{ending}")
    ]
    if not found:
        raise FeedError(f"{source}: holds no files such as medical/2026-11/CN-GX.parquet; check the folder")
    return sorted(found, key=lambda one: (one.feed, one.province, one.month))


def land_folder(
    store: Store,
    source: Path,
    feeds: Feeds,
    uses: Uses,
    *,
    key: bytes,
    today: date,
    rulebooks: Mapping[str, str] | None = None,
    mappings: Mapping[str, FeedMapping] | None = None,
    limits: Limits | None = None,
    progress: Callable[[Sent, dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """Land every file of a folder whose feed a rule in use needs. A file that cannot be used does not stop the rest.

    `progress` is told each file and its manifest. Returns counts over all files, by what became of the rows, with
    `files`, `already` (files landed before), `unused` (feeds that no rule needs) and `refused` (file to reason).
    """
    told: dict[str, Any] = {"files": 0, "already": 0, "unused": [], "refused": {}, "counts": {}}
    by_feed: dict[str, list[Sent]] = {}
    for one in files_in(source):
        by_feed.setdefault(one.feed, []).append(one)
    for name, sent in by_feed.items():
        feed = feeds.named(name)
        if not any(uses.get(fact) for fact in feed.facts):
            told["unused"].append(name)
            continue
        options: dict[str, Any] = {
            "key": key, "today": today, "digits": feeds.minor_digits, "rulebooks": rulebooks, "limits": limits,
        }  # fmt: skip
        with Landing(store, wanted(feed, uses), **options) as landing:
            for one, manifest in _landed(landing, sent, (mappings or {}).get(name), told["refused"]):
                told["files"] += 1
                told["already"] += manifest["already"]
                for what, count in ({} if manifest["already"] else manifest["counts"]).items():
                    told["counts"][what] = told["counts"].get(what, 0) + count
                if progress:
                    progress(one, manifest)
    return told


def _landed(
    landing: Landing, sent: list[Sent], mapping: FeedMapping | None, refused: dict[str, str]
) -> Iterator[tuple[Sent, dict[str, Any]]]:
    for one in sent:
        try:
            yield one, landing.land(one.path, mapping, province=one.province, complete=one.month)
        except FeedError as error:
            refused[str(one.path)] = str(error)
