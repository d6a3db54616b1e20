"""Small stores for tests: tables as a department would send them, landed, and what a run says in the words of `screen`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from highground.methods.rules.masks import names_of
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.nation.landing import land_register
from highground.methods.store import Store

Rows = list[dict[str, Any]]


def write_raw(folder: Path, households: Rows, members: Rows) -> Path:
    """The rows as one folder per province. A member row follows its household."""
    where = {row["household"]: row["province"] for row in households}
    for province in sorted(set(where.values())):
        (folder / province).mkdir(parents=True)
        for name, rows in (("households", households), ("members", members)):
            mine = [row for row in rows if where.get(row["household"]) == province]
            if mine:
                pq.write_table(pa.Table.from_pylist(mine), folder / province / f"{name}.parquet")
    return folder


def landed(root: Path, book: Rulebook, households: Rows, members: Rows, *, month: str, as_of: date) -> Store:
    """A store with the register of a month."""
    store = Store(root / "store")
    raw = write_raw(root / f"raw-{month}", households, members)
    land_register(store, raw, month=month, as_of=as_of, books=[book])
    return store


def found(store: Store, manifest: Mapping[str, Any]) -> Rows:
    """The flagged households of a run, with names instead of bits, in the order of their keys."""
    bits = manifest["bits"]
    classes, rules = bits["classes"], bits["rules"]
    rows = []
    for path in sorted(store.run(manifest["id"]).glob("*/flagged.parquet")):
        for row in pq.read_table(path).to_pylist():
            yes, maybe = names_of(row["yes"], rules), names_of(row["maybe"], rules)
            held = sorted(names_of(row["held"], rules))
            class_id = next((name for name in yes if name in rules[:classes]), None)
            open_ = [name for name in maybe if name in rules[:classes]]
            stale = names_of(row["stale"], bits["stale"])
            vetoes = names_of(row["vetoes"], bits["vetoes"])
            rows.append(
                {
                    "household": row["household"],
                    "area": row["area"],
                    "class": class_id,
                    "class_verdict": "yes" if class_id else "cannot_tell" if open_ else "no",
                    "fired": [name for name in yes if name not in rules[:classes]],
                    "undecided": [name for name in maybe if name not in rules[:classes]],
                    "unknown": names_of(row["unknown"], bits["unknown"]),
                    "stale": stale + [name for name in held if name not in stale],
                    "held": held,
                    "vetoes": [
                        {
                            "id": name,
                            "excepted_by": [
                                one.split(".", 1)[1] for one in vetoes if one.startswith(f"{name}.")
                            ],
                        }
                        for name in vetoes
                        if "." not in name
                    ],
                }
            )
    return sorted(rows, key=lambda row: row["household"])


def changes(store: Store, manifest: Mapping[str, Any]) -> list[tuple[str, str, str, bool]]:
    """(household, rule, change, stale) as in the table `changes` of a screening."""
    rules = manifest["bits"]["rules"]
    rows = []
    for path in store.run(manifest["id"]).glob("*/flagged.parquet"):
        for row in pq.read_table(path).to_pylist():
            held = names_of(row["held"], rules)
            for change in ("new", "continuing", "cleared"):
                rows += [
                    (row["household"], rule, change, change == "continuing" and rule in held)
                    for rule in names_of(row[change], rules)
                ]
    return sorted(rows)
