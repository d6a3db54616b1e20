"""The folder of a plan: postings, prices, the policy it was made under, and what they were made from."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from highground.methods.allocate.arrays import InputError, Ints
from highground.methods.allocate.building import Task, build
from highground.methods.allocate.certificate import roles
from highground.methods.allocate.planning import Plan
from highground.methods.allocate.policy import Finding, Policy, read_policy
from highground.methods.allocate.prices import SCALE, Prices, no_prices
from highground.methods.allocate.problem import SEAT
from highground.methods.allocate.tables import Tables, check_kind, input_hash, place_in, read_tables
from highground.methods.store.publishing import sha256_of

COLUMNS = {
    "plan": {"person": "id", "village": "id", "role": "text", "locked": "yes/no"},
    "prices": {"kind": "text", "id": "id", "price": "whole"},
}


@dataclass(frozen=True)
class Kept:
    """A plan as it was read back."""

    postings: pa.Table
    prices: pa.Table
    policy: Policy
    findings: tuple[Finding, ...]
    manifest: dict[str, Any]
    withdrawn: pa.Array | None

    def task(self, folder: Path) -> Task:
        """The task it answers, from the folder of its input."""
        return build(read_tables(folder), self.policy, withdrawn=self.withdrawn, findings=self.findings)


def postings_of(task: Task, chosen: Ints) -> pa.Table:
    """The rows of a plan, in the order of villages and then of people; the same plan gives the same rows."""
    problem = task.problem
    place, person = problem.place[chosen], problem.person[chosen]
    role = roles(task, chosen)
    order = np.lexsort((person, ~(np.asarray(role) == "first_secretary"), place))
    chosen = chosen[order]
    ids, villages = task.tables.people.column("person"), task.tables.villages.column("village")
    return pa.table(
        {
            "person": ids.take(pa.array(problem.person[chosen])),
            "village": villages.take(pa.array(problem.place[chosen])),
            "role": role.take(pa.array(order)),
            "locked": pa.array(np.isin(chosen, problem.locked)),
        }
    )


def write_plan(
    out: Path,
    folder: Path,
    task: Task,
    chosen: Ints,
    prices: Prices,
    *,
    seed: int,
    withdrawn: pa.Array | None = None,
    course: tuple[tuple[float, float], ...] = (),
) -> None:
    """Write a plan into a new folder, and how the search went. Raises InputError where the folder already holds files."""
    if out.exists() and any(out.iterdir()):
        raise InputError(f"{out}: this folder already holds files; name a new one")
    out.mkdir(parents=True, exist_ok=True)
    pq.write_table(postings_of(task, chosen), out / "plan.parquet")
    pq.write_table(_prices_table(task, prices), out / "prices.parquet")
    (out / "policy.yaml").write_text(task.policy.text(), encoding="utf-8")
    manifest = {
        "input": input_hash(folder),
        "policy": sha256_of(out / "policy.yaml"),
        "plan": sha256_of(out / "plan.parquet"),
        "prices": sha256_of(out / "prices.parquet"),
        "seed": seed,
        "objective": task.problem.score(chosen),
        "filled": len(chosen),
    }
    if withdrawn is not None:
        with (out / "withdrawn.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["person"])
            writer.writerows([one] for one in withdrawn.to_pylist())
        manifest["withdrawn"] = sha256_of(out / "withdrawn.csv")
    if course:
        (out / "course.json").write_text(json.dumps([list(one) for one in course]) + "\n", encoding="utf-8")
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def course_of(made: Plan) -> tuple[tuple[float, float], ...]:
    """Score and bound of a plan as the search went on, in points, both as if all its seats had been filled from the start."""
    seats = SEAT * SCALE * len(made.pairs)
    return tuple(((worth - seats) / SCALE, (most - seats) / SCALE) for worth, most in made.course)


def read_plan(folder: Path) -> Kept:
    """Read a plan's folder. Raises InputError naming the file for what is missing or can't be read."""
    tables = {name: _read_table(folder / f"{name}.parquet", columns) for name, columns in COLUMNS.items()}
    manifest = _read_manifest(folder / "manifest.json")
    if not (folder / "policy.yaml").is_file():
        raise InputError(f"{folder / 'policy.yaml'}: this file is missing")
    policy, findings = read_policy(folder / "policy.yaml")
    gone = folder / "withdrawn.csv"
    withdrawn = read_withdrawn(gone) if gone.is_file() else None
    return Kept(tables["plan"], tables["prices"], policy, tuple(findings), manifest, withdrawn)


def _read_table(path: Path, columns: Mapping[str, str]) -> pa.Table:
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: can't be read ({str(error).splitlines()[0]})") from error
    for column, kind in columns.items():
        if table.column_names.count(column) != 1:
            raise InputError(f"{path}: there is no column '{column}', or more than one")
        values = table.column(column)
        check_kind(path, column, values.type, kind)
        if values.null_count:
            row = pc.index(pc.is_null(values), True).as_py() + 1
            raise InputError(f"{path}: column '{column}': row {row} is empty")
    return table


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: can't be read ({error})") from error
    if not isinstance(manifest, dict):
        raise InputError(f"{path}: not a JSON object")
    if type(manifest.get("seed")) is not int:
        raise InputError(f"{path}: 'seed' must be a whole number")
    return manifest


def read_withdrawn(path: Path) -> pa.Array:
    """The people of a CSV file with the column `person`, as text, in order. Raises InputError for a file without it."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if "person" not in (reader.fieldnames or []):
                raise InputError(f"{path}: there is no column 'person'; write it in the first line")
            rows = [(row["person"] or "").strip() for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: can't be read ({error})") from error
    for number, one in enumerate(rows, 2):
        if not one:
            raise InputError(f"{path}: line {number} has no person; take the line out")
    return pa.array(sorted(set(rows)), pa.string())


def check_withdrawn(path: Path, gone: pa.Array, tables: Tables, kept: Kept) -> None:
    """Raise InputError for somebody who is neither among the people nor in the plan: else they would keep their post unseen."""
    known = (tables.people.column("person"), kept.postings.column("person"))
    strange = np.flatnonzero((place_in(gone, known[0]) < 0) & (place_in(gone, known[1]) < 0))
    if len(strange):
        raise InputError(
            f"{path}: person '{gone[int(strange[0])]}' is neither among the people nor in the plan ({len(strange):,} such"
            " rows); correct the id, or take the row out"
        )


def differences(kept: Kept, plan: Path, folder: Path) -> list[str]:
    """Which parts are not those that the manifest names."""
    now = {
        "input": input_hash(folder),
        "policy": sha256_of(plan / "policy.yaml"),
        "plan": sha256_of(plan / "plan.parquet"),
        "prices": sha256_of(plan / "prices.parquet"),
    }
    if kept.withdrawn is not None or "withdrawn" in kept.manifest:
        gone = plan / "withdrawn.csv"
        now["withdrawn"] = sha256_of(gone) if gone.is_file() else "none"
    return [name for name, value in now.items() if kept.manifest.get(name) != value]


def _prices_table(task: Task, prices: Prices) -> pa.Table:
    """The prices that are not zero, in hundredths of a point; a couple has the id of its first person."""
    people = task.tables.people.column("person").cast(pa.string())
    ids = {"unit": task.tables.units.column("unit").cast(pa.string())}
    parts = [("seat", pa.array(["seat"]), np.array([prices.seat])), ("person", people, prices.person)]
    for cap, price in zip(task.problem.caps, prices.caps, strict=True):
        if cap.name in ids:
            named = ids[cap.name]
        else:
            named = people.take(pa.array(_first_of_groups(cap.group.astype(np.int64), len(cap.most))))
        parts.append((cap.name, named, price))
    rows = [
        pa.table(
            {
                "kind": pa.array([kind] * int((price != 0).sum()), pa.string()),
                "id": _plain(named.filter(pa.array(price != 0))),
                "price": pa.array(price[price != 0], pa.int64()),
            }
        )
        for kind, named, price in parts
    ]
    return pa.concat_tables(rows).combine_chunks()


def _plain(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _first_of_groups(group: Ints, count: int) -> Ints:
    first = np.zeros(count, dtype=np.int64)
    inside = np.flatnonzero(group >= 0)[::-1]
    first[group[inside]] = inside
    return first


def prices_from(task: Task, table: pa.Table) -> Prices:
    """The prices of a table for a task; ids that it does not know are left out."""
    prices = no_prices(task.problem)
    people = task.tables.people.column("person")
    seat = SEAT * 100
    for kind in pc.unique(table.column("kind")).to_pylist():
        some = table.filter(pc.equal(table.column("kind"), kind))
        values = some.column("price").to_numpy()
        if kind == "seat":
            seat = int(values[0])
            continue
        known = people if kind != "unit" else task.tables.units.column("unit")
        at = place_in(some.column("id"), known)
        values, at = values[at >= 0], at[at >= 0]
        if kind == "person":
            prices.person[at] = values
        for cap, price in zip(task.problem.caps, prices.caps, strict=True):
            if cap.name == kind:
                group = at if kind == "unit" else cap.group[at]
                price[group[group >= 0]] = values[group >= 0]
    return Prices(prices.person, prices.caps, seat)
