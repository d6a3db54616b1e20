"""Is a run what it says it is: its files by their hashes, its inputs where they are still kept, and made again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow.parquet as pq

from highground.methods.rules.reading import read_rulebook
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.nation.content import content_hash
from highground.methods.screening.nation.plan import SHOCKS, Plan, plan_again
from highground.methods.screening.nation.running import Progress, content_of, make_run
from highground.methods.store.engine import Limits
from highground.methods.store.layout import MANIFEST, Store, StoreError
from highground.methods.store.publishing import read_json, sha256_of


@dataclass(frozen=True)
class Verified:
    """What was found: `wrong` are sentences about what does not hold, `gone` the inputs that are no longer kept."""

    run: str
    files: int
    wrong: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the run is what its manifest says. Inputs that are gone do not speak against it."""
        return not self.wrong


def verify_run(store: Store, run: str) -> Verified:
    """Hash everything that a run wrote and read. Raises StoreError where there is no such run."""
    folder = store.run(run)
    manifest = read_json(folder / MANIFEST)
    wrong: list[str] = []
    expected = {
        f"{province}/{name}": (digest, entry["content"][name.removesuffix(".parquet")])
        for province, entry in manifest["provinces"].items()
        for name, digest in entry["files"].items()
    }
    expected["gone.parquet"] = (manifest["gone"]["file"], manifest["gone"]["content"])
    if manifest.get("shocks"):
        expected[SHOCKS] = (manifest["shocks"]["file"], manifest["shocks"]["content"])
    for name, (digest, content) in sorted(expected.items()):
        path = folder / name
        if not path.is_file():
            wrong.append(f"{path}: is missing; restore it from a backup")
        elif sha256_of(path) != digest:
            wrong.append(f"{path}: was changed after the run; restore it from a backup")
        elif content_hash(pq.read_table(path)) != content:
            wrong.append(f"{path}: does not have the content that the manifest states")
    if _rulebook(store, run).hash != manifest["rulebook_hash"]:
        wrong.append(f"{folder / 'rulebook.json'}: is not the rulebook of the run")
    stated = content_of(manifest["provinces"], manifest["gone"], manifest["rulebook_hash"], manifest["as_of"])
    if stated != manifest["content_hash"]:
        wrong.append(f"{folder / MANIFEST}: its hash does not cover what it lists")
    gone = []
    for name, digest in manifest["inputs"].items():
        path = store.root / name
        if not path.is_file():
            gone.append(name)
        elif sha256_of(path) != digest:
            wrong.append(f"{path}: was changed since the run read it")
    return Verified(run, len(expected), tuple(wrong), tuple(gone))


@dataclass(frozen=True)
class Replayed:
    """A run made again from its manifest: both content hashes, and the provinces where they differ."""

    run: str
    content_hash: str
    again: str
    differing: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the content is the same."""
        return self.content_hash == self.again


def replay_run(
    store: Store,
    run: str,
    *,
    engine: str = "duckdb",
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Replayed:
    """Make a run again from what its manifest names and compare; nothing of the store changes.

    Raises StoreError where an input is gone (past its retention) or was changed: then only `verify_run` can speak.
    """
    manifest = read_json(store.run(run) / MANIFEST)
    plan = plan_of(store, run, manifest)
    for name, digest in plan.inputs.items():
        if sha256_of(store.root / name) != digest:
            raise StoreError(
                f"{run} cannot be made again: {name} was changed since; restore it from a backup"
            )
    work = store.runs / f".replay-{run}-{os.getpid()}"
    work.mkdir(mode=0o700)
    try:
        again = make_run(plan, work, engine, limits, progress)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    differing = [
        name
        for name, entry in manifest["provinces"].items()
        if again["provinces"][name]["content"] != entry["content"]
    ]
    return Replayed(run, manifest["content_hash"], again["content_hash"], tuple(differing))


def plan_of(store: Store, run: str, manifest: Mapping[str, Any]) -> Plan:
    """What a run read. Raises StoreError where an input is gone."""
    for name in manifest["inputs"]:
        if not (store.root / name).is_file():
            raise StoreError(
                f"{run} read {name}, which is gone (past its retention?); `run verify` still checks what it wrote"
            )
    return plan_again(store, _rulebook(store, run), date.fromisoformat(manifest["as_of"]), manifest)


def _rulebook(store: Store, run: str) -> Rulebook:
    folder = store.run(run)
    content = json.loads((folder / "rulebook.json").read_text(encoding="utf-8"))
    return read_rulebook(content, origin=read_json(folder / MANIFEST)["origin"])
