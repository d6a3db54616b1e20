"""`./run bench poverty`: FGT 0 to 2 with the standard errors of a clustered survey, whole and by nine regions.

An invented survey of `--rows` people in households (the clusters) in nine regions (the strata). The baseline in the same
run is samplics, which gives the same means and errors; where it is not installed, that is told. The figure of R's
convey was taken elsewhere and is printed as such.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench, cpu_seconds, peak_memory
from highground.methods.poverty import Design, poverty

REGIONS = 9
LINE = 10_000.0
CONVEY = {"rows": 1_000_000, "design_seconds": 11.2, "one_measure_seconds": 3.6, "by_region_seconds": 35.3}
"""R's convey 1.0.1 on another survey of a million rows, on a machine of the same kind, 2026-11-23."""


def invented(rows: int, seed: int) -> pa.Table:
    """A survey: households of one to five people within regions, amounts with a heavy tail."""
    chance = np.random.default_rng(seed)
    household = np.repeat(np.arange(rows), chance.integers(1, 6, rows))[:rows]
    region = household % REGIONS
    amount = np.exp(chance.normal(9.6, 0.5, household[-1] + 1)[household] + chance.normal(0, 0.1, rows))
    return pa.table(
        {
            "household": household,
            "region": pa.array(region).cast(pa.int8()),
            "weight": chance.uniform(200, 900, rows),
            "amount": np.round(amount, 2),
        }
    )


def by_samplics(table: pa.Table) -> tuple[float, list[tuple[float, float]]]:
    """FGT 0 to 2 by samplics: the seconds, and each estimate with its standard error."""
    from samplics.estimation import TaylorEstimator
    from samplics.utils.types import PopParam

    frame = table.to_pandas()
    amount = frame["amount"].to_numpy()
    weight, region, household = (frame[name].to_numpy() for name in ("weight", "region", "household"))
    found = []
    began = time.perf_counter()
    for power in range(3):
        told = TaylorEstimator(PopParam.mean)
        short = np.where(amount <= LINE, (1 - amount / LINE) ** power, 0.0)
        told.estimate(y=short, samp_weight=weight, stratum=region, psu=household)
        found.append((float(np.ravel(told.point_est)[0]), float(np.ravel(told.stderror)[0])))
    return time.perf_counter() - began, found


def main() -> None:
    """Make the survey, estimate, compare, tell."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--no-baseline", action="store_true", help="leave samplics out")
    told = options.parse_args()
    bench = Bench("poverty", rows=told.rows, load=round(os.getloadavg()[0], 1))
    table = invented(told.rows, told.seed)
    began, cpu = time.perf_counter(), cpu_seconds()
    survey = Design(table, weight="weight", strata="region", psu="household")
    design = time.perf_counter() - began
    whole = poverty(survey, "amount", line=LINE)
    both = time.perf_counter() - began
    bench.add("design", seconds=round(design, 3))
    bench.add("fgt0-2", seconds=round(both - design, 3), rows_per_second=round(told.rows / both))
    again = time.perf_counter()
    poverty(survey, "amount", line=LINE, by="region")
    regions = time.perf_counter() - again
    bench.add("fgt0-2 by 9 regions", seconds=round(regions, 3))
    spent, peak = cpu_seconds() - cpu, peak_memory() / 2**30
    baseline: dict[str, object] = {}
    if not told.no_baseline:
        try:
            seconds, others = by_samplics(table)
        except ImportError:
            print("samplics is not installed; pip install samplics to compare", file=sys.stderr)
        else:
            pairs = list(zip(whole.rows(), others, strict=True))
            bench.add("samplics, fgt0-2", seconds=round(seconds, 3))
            baseline = {
                "samplics_ratio": round(seconds / both, 1),
                "estimate_differs": max(abs(row["estimate"] - one) for row, (one, _) in pairs),
                "error_differs": max(abs(row["se"] - one) for row, (_, one) in pairs),
            }
    bench.finish(
        seconds=round(both, 3),
        by_region_seconds=round(regions, 3),
        cpu_seconds=round(spent, 2),
        peak_gib=round(peak, 2),
        convey_elsewhere=CONVEY,
        **baseline,
    )


if __name__ == "__main__":
    main()
