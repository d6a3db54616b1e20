"""`./run bench budgets`: measures for households under the budgets of their counties, with the proof of how close to the best.

Each household has some packages of measures with a value and a cost; a county's budget pays for about two in five of what all
would like best. The seconds are those of choosing and proving together.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench, cpu_seconds
from highground.methods.allocate.measures import choose_measures


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench budgets", description=__doc__)
    parser.add_argument("--households", type=int, default=200_000)
    parser.add_argument("--packages", type=int, default=5)
    parser.add_argument("--counties", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    bench = Bench("budgets", **vars(options))
    chance = np.random.default_rng(options.seed)
    household = np.repeat(np.arange(options.households), options.packages)
    county = np.repeat(chance.integers(0, options.counties, options.households), options.packages)
    cost = chance.integers(50_000, 2_000_000, len(household))
    value = np.round(cost**0.7 * chance.uniform(0.2, 2, len(household)) / 100).astype(np.int64)
    dearest = np.maximum.reduceat(cost, np.arange(0, len(cost), options.packages))
    wish = np.bincount(county[:: options.packages], weights=dearest, minlength=options.counties)
    table = pa.table(
        {
            "household": household,
            "measure": np.tile(np.arange(options.packages), options.households),
            "county": county,
            "value": value,
            "cost": cost,
        }
    )
    budgets = pa.table(
        {"county": np.arange(options.counties), "budget": np.round(0.4 * wish).astype(np.int64)}
    )
    wall, cpu = time.perf_counter(), cpu_seconds()
    rows, made, findings = choose_measures(table, budgets)
    used = {
        "wall_seconds": round(time.perf_counter() - wall, 2),
        "cpu_seconds": round(cpu_seconds() - cpu, 2),
    }
    spent = np.bincount(
        rows.column("county").to_numpy(), weights=rows.column("cost").to_numpy(), minlength=options.counties
    )
    over = int((spent > budgets.column("budget").to_numpy()).sum())
    bench.add("choice", gap_percent=round(100 * made.gap, 4), households_served=len(rows), **used)
    bench.finish(gap=made.gap, budgets_broken=over, findings=len(findings), **used)


if __name__ == "__main__":
    main()
