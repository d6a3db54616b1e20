"""What has been landed of a feed: one manifest for each file, and the landed parts of each month and province."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

    def add(self, name: str, manifest: dict[str, Any]) -> None:
        """Remember a manifest that has just been written."""
        self.manifests[name] = manifest

    def path(self, name: str) -> Path:
        """Where the manifest of a landing lies."""
        return self.folder / "landings" / f"{name}.json"

    def parts(self, *, but: str | None = None) -> Iterator[Part]:
        """The parts that are there, in the order in which their files were landed; without those of one landing."""
        for name, manifest in sorted(self.manifests.items(), key=lambda one: (one[1]["sequence"], one[0])):
            if name != but:
                yield from parts_of(self.folder, name, manifest)

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
        named = {part.path for part in self.parts()}
        yield from (path for path in (self.folder / "landed").glob("*/*.parquet") if path not in named)


def parts_of(folder: Path, name: str, manifest: Mapping[str, Any]) -> Iterator[Part]:
    """The parts that a manifest names and that retention has left."""
    for entry in manifest["parts"]:
        if not entry.get("removed"):
            path = folder / "landed" / entry["month"] / entry["file"]
            yield Part(
                path, entry["month"], entry["province"], entry["sha256"], tuple(manifest["columns"]), name
            )
