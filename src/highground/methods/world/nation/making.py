"""The making of a nation on disk: province by province, each whole or not there, so that it can be taken up again.

```
world.json                                  seed, sizes, months, rows, `synthetic: true`; `complete` at the end
register/2026-11/CN-GX/households.parquet   what the register of a month knows
register/2026-11/CN-GX/members.parquet
feeds/medical/2026-11/CN-GX.parquet         what a department sent for a month
truth/CN-GX.parquet                         what nobody knows: who was struck by what, and how they live
made/CN-GX.json                             written last: this province is whole
```
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from highground.methods.store.layout import StoreError
from highground.methods.store.publishing import locked, read_json, sweep, write_json
from highground.methods.world.nation.events import Events, make_events
from highground.methods.world.nation.feeds import FEEDS, sent
from highground.methods.world.nation.people import People, make_people
from highground.methods.world.nation.plan import LAST_MONTH, Plan, Province
from highground.methods.world.nation.register import registers
from highground.methods.world.nation.writing import GATHERED, Files, WorldError

RECIPE = 2
"""Goes up when the same seed would make another nation."""
WORLD = "world.json"


def make_nation(
    plan: Plan, root: Path, progress: Callable[[int], None] = lambda households: None
) -> dict[str, Any]:
    """Write the nation below `root`; what `world.json` says at the end.

    `progress` is called with the number of households done since the last call. Provinces that are whole are
    kept. Raises WorldError where the folder holds another nation, StoreError where another process writes it.
    """
    with locked(root, "making of a nation"):
        _claim(plan, root)
        sweep(root)
        rows: dict[str, int] = {}
        for province in plan.provinces:
            made = _made(plan, root, province)
            if made is None:
                made = _make_province(plan, province, root, progress)
            else:
                progress(province.households)
            for name, count in made["rows"].items():
                kind = _kind(name)
                rows[kind] = rows.get(kind, 0) + count
        content = {**_identity(plan), "complete": True, "rows": rows}
        write_json(root / WORLD, content)
        return content


def _identity(plan: Plan) -> dict[str, Any]:
    """What makes two nations the same one."""
    return {
        "synthetic": True,
        "recipe": RECIPE,
        "seed": plan.seed,
        "households": plan.households,
        "counties": plan.counties,
        "last_month": LAST_MONTH,
        "register_months": plan.register_months,
        "feed_months": plan.feed_months,
        "feeds": list(FEEDS),
        "provinces": {each.code: each.households for each in plan.provinces},
    }


def _claim(plan: Plan, root: Path) -> None:
    """Make sure that the folder is this nation's. Raises WorldError."""
    identity = _identity(plan)
    if not (root / WORLD).exists():
        others = sorted(path.name for path in root.iterdir() if path.name != ".lock")
        if others:
            raise WorldError(f"{root}: holds other things ({others[0]}); give an empty or a new folder")
        write_json(root / WORLD, {**identity, "complete": False})
        return
    there = read_json(root / WORLD)
    different = [name for name, value in identity.items() if there.get(name) != value]
    if different:
        name = different[0]
        raise WorldError(
            f"{root}: holds another nation ({name} differs); give the same seed and sizes, or another folder"
        )


def _marker(root: Path, province: Province) -> Path:
    return root / "made" / f"{province.code}.json"


def _made(plan: Plan, root: Path, province: Province) -> dict[str, Any] | None:
    """What is written of a province that is whole, with every file of the size it had; None where it is not."""
    try:
        made = read_json(_marker(root, province))
    except StoreError:
        return None
    for name, size in made["bytes"].items():
        path = root / name
        if not path.is_file() or path.stat().st_size != size:
            return None
    return made


def _make_province(
    plan: Plan, province: Province, root: Path, progress: Callable[[int], None]
) -> dict[str, Any]:
    marker = _marker(root, province)
    marker.unlink(missing_ok=True)
    group = GATHERED // plan.months
    with Files(root) as files:
        for block in plan.blocks(province):
            people = make_people(plan, province, block)
            events = make_events(plan, people)
            for month, households, members in registers(plan, people, events):
                place = f"register/{month}/{province.code}"
                files.add(f"{place}/households.parquet", households)
                files.add(f"{place}/members.parquet", members)
            for feed, month, rows in sent(plan, people, events):
                files.add(f"feeds/{feed}/{month}/{province.code}.parquet", rows, group=group)
            files.add(f"truth/{province.code}.parquet", truth(people, events))
            progress(block.households)
        made = {"rows": files.rows, "bytes": files.finish()}
    marker.parent.mkdir(exist_ok=True)
    write_json(marker, made)
    return made


def _kind(name: str) -> str:
    """What a file holds: `households`, `members`, `truth`, or its feed."""
    parts = name.split("/")
    return {"register": parts[-1].removesuffix(".parquet"), "feeds": parts[1], "truth": "truth"}[parts[0]]


def truth(people: People, events: Events) -> pa.Table:
    """What nobody knows, one row per household.

    `persons` share the budget; `net_income` of the household over a year in yuan, `reference_income` with the
    claims and without the medical spending of the last twelve months; `illness`, `job_loss`, `disaster`: struck in
    the months of the feeds.
    """
    base = people.base
    struck = {}
    for name, blow in zip(("illness", "job_loss", "disaster"), events.blows, strict=True):
        hit = np.zeros(people.households, dtype=np.bool_)
        hit[blow.household[blow.day <= people.last_day]] = True
        struck[name] = hit
    return pa.table(
        {
            "household": people.household_texts(),
            "persons": base.persons,
            "net_income": base.net,
            "reference_income": base.net + (events.claims - events.out_of_pocket) // 100,
            **struck,
        }
    )
