"""What has been landed of a feed: one manifest for each file, and the landed parts of each month and province."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from highground.methods.feeds.errors import FeedError
from highground.methods.store.layout import Store
from highground.methods.store.publishing import read_json

SHORT = 12
"""Characters of a hash in a file's name."""


@dataclass(frozen=True)
class Part:
    """Rows of one landed file that belong to one month and province."""

    path: Path
    month: str
    province: str
    sha256: str
    columns: tuple[str, ...]
    landing: str


class Landed:
    """The landings of one feed, read once; `add` keeps it up to date."""

    def __init__(self, store: Store, feed: str) -> None:
        self.folder = store.feed(feed)
        self.manifests: dict[str, dict[str, Any]] = {
            path.stem: read_json(path) for path in sorted((self.folder / "landings").glob("*.json"))
        }

        self._order: dict[str, tuple[int, str]] = {}
        self._places: dict[tuple[str, str], dict[str, list[Part]]] = {}
        for name, manifest in self.manifests.items():
            self._index(name, manifest)

    def add(self, name: str, manifest: dict[str, Any]) -> None:
        """Remember a manifest that has just been written."""
        for landings in self._places.values():
            landings.pop(name, None)
        self.manifests[name] = manifest
        self._index(name, manifest)

    def _index(self, name: str, manifest: dict[str, Any]) -> None:
        self._order[name] = (manifest["sequence"], name)
        for part in parts_of(self.folder, name, manifest):
            self._places.setdefault((part.month, part.province), {}).setdefault(name, []).append(part)

    def path(self, name: str) -> Path:
        """Where the manifest of a landing lies."""
        return self.folder / "landings" / f"{name}.json"

    def places(self) -> list[tuple[str, str]]:
        """The months and provinces of which rows are there."""
        return sorted(place for place, landings in self._places.items() if landings)

    def parts(self, month: str, province: str, *, but: str | None = None) -> list[Part]:
        """The parts of a month and province, in the order in which they were landed; without those of one landing."""
        landings = self._places.get((month, province), {})
        names = sorted((name for name in landings if name != but), key=self._order.__getitem__)
        return [part for name in names for part in landings[name]]

    def present(self, parts: Iterable[Part]) -> list[Part]:
        """The same parts. Raises FeedError where one is gone that its manifest names."""
        found = list(parts)
        for part in found:
            if not part.path.is_file():
                file = self.manifests[part.landing]["file"]
                raise FeedError(
                    f"{self.path(part.landing)}: names {part.path.name} of {part.month}, which is not there;"
                    f" land {file} again, or restore it from a backup"
                )
        return found

    def lacks(self, name: str) -> bool:
        """Whether a part of a landing is gone that its manifest names."""
        return any(not part.path.is_file() for part in parts_of(self.folder, name, self.manifests[name]))

    def complete(self) -> set[tuple[str, str]]:
        """The months and provinces of which a department said that all has come."""
        return {
            (one["month"], one["province"])
            for manifest in self.manifests.values()
            for one in manifest["complete"]
        }

    @property
    def next(self) -> int:
        """The place of the next landing in the order of landings."""
        return 1 + max((manifest["sequence"] for manifest in self.manifests.values()), default=0)

    def orphans(self) -> Iterator[Path]:
        """Landed files that no manifest names: what a landing left that was stopped."""
        named = {part.path for place in self.places() for part in self.parts(*place)}
        yield from (path for path in (self.folder / "landed").glob("*/*.parquet") if path not in named)


def parts_of(folder: Path, name: str, manifest: Mapping[str, Any]) -> Iterator[Part]:
    """The parts that a manifest names and that retention has left."""
    for entry in manifest["parts"]:
        if not entry.get("removed"):
            path = folder / "landed" / entry["month"] / entry["file"]
            yield Part(
                path, entry["month"], entry["province"], entry["sha256"], tuple(manifest["columns"]), name
            )


def part_name(province: str, landing: str, generation: int) -> str:
    """The file of a landing's rows of a province. A landing that is written again gets new files."""
    again = f"-{generation}" if generation > 1 else ""
    return f"{province}-{landing[:SHORT]}{again}.parquet"
