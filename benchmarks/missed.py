"""`./run bench missed`: counties of which the truth is known, audited from end to end.

Households are written down one by one, with who is in difficulty; `draw_audit` draws 5 % of them, a part gives no answer,
and `missed` estimates. The figures are seconds, households a second, and how often the 95 % interval of the missed share
holds the truth: altogether, by prevalence, and by how many in difficulty the sample can be expected to hold. Altogether it
must be 93 to 97 in 100.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench
from highground.methods.risk import draw_audit, missed
from tests.methods.risk.counties import SEXES, Counties, make_counties, names

AT_ONCE = 50
PREVALENCES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
HELD = (0.93, 0.97)
EXPECTED = (0, 1, 3, 10, 30, 100, np.inf)


def households(counties: Counties, first: int, last: int) -> tuple[pa.Table, np.ndarray, np.ndarray]:
    """The frame of some counties, a row for each household; which are in difficulty; each one's stratum."""
    wanted = np.flatnonzero((counties.county >= first) & (counties.county < last))
    counts = counties.households[wanted].reshape(-1)
    kind = np.repeat(np.arange(len(counts)), counts)
    stratum = wanted[kind // 4]
    frame = pa.table(
        {
            "household": pa.array(np.arange(len(kind))),
            "county": names(np.arange(last)).take(pa.array(counties.county[stratum])),
            "part": pa.array(counties.stratum[stratum]),
            "sex": pa.array(SEXES).take(pa.array(kind // 2 % 2)),
        }
    )
    return frame, kind % 2 == 0, stratum


def answers(
    chance: np.random.Generator, counties: Counties, difficulty: np.ndarray, stratum: np.ndarray
) -> pa.Array:
    """The outcome of each visit, some without an answer."""
    said = np.where(difficulty, "yes", "no")
    return pa.array(said, mask=chance.random(len(said)) >= counties.answering[stratum])


def held(groups: pa.Table, counties: Counties, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether each interval holds its truth, and how many in difficulty its sample could be expected to hold."""
    rows = [row for row in groups.to_pylist() if row["by"] == "county"]
    truth = counties.missed()[first:last]
    found = np.bincount(counties.county, weights=counties.found.sum(axis=1))[first:last]
    share = np.divide(truth, truth + found, out=np.zeros(len(truth)), where=truth + found > 0)
    inside = [row["share_low"] <= one <= row["share_high"] for row, one in zip(rows, share, strict=True)]
    expected = [row["answered"] / row["unflagged"] * one for row, one in zip(rows, truth, strict=True)]
    return np.array(inside), np.array(expected)


def walk(counties: Counties, chance: np.random.Generator, seed: int) -> dict[str, Any]:
    """Draw, visit and estimate, some counties at a time: seconds, households, and what was held."""
    totals, count = counties.totals(), len(counties.prevalence)
    of_totals = np.repeat(counties.county, 2)
    seen: dict[str, Any] = {"draw": 0.0, "estimate": 0.0, "drawn": 0, "inside": [], "expected": []}
    for first in range(0, count, AT_ONCE):
        last = min(count, first + AT_ONCE)
        frame, difficulty, stratum = households(counties, first, last)
        began = time.perf_counter()
        draw = draw_audit(frame, strata=["county", "part"], seed=seed + first)
        seen["draw"] += time.perf_counter() - began
        rows = draw.sample.column("household").cast(pa.int64()).to_numpy()
        outcome = answers(chance, counties, difficulty[rows], stratum[rows])
        sample = draw.sample.append_column("outcome", outcome)
        sample = sample.append_column("sex", frame.column("sex").take(pa.array(rows)))
        some = totals.filter(pa.array((of_totals >= first) & (of_totals < last)))
        began = time.perf_counter()
        groups = missed(sample, some, strata=["county", "part"], by=["county", "sex"]).groups
        seen["estimate"] += time.perf_counter() - began
        seen["drawn"] += len(rows)
        inside, expected = held(groups, counties, first, last)
        seen["inside"] += inside.tolist()
        seen["expected"] += expected.tolist()
    return seen


def add_coverage(bench: Bench, name: str, inside: np.ndarray) -> None:
    """Keep how many of the intervals hold their truth."""
    if len(inside):
        bench.add(name, counties=len(inside), percent=round(100 * float(inside.mean()), 2))


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench missed", description=__doc__)
    parser.add_argument("--counties", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = np.random.default_rng(options.seed)
    counties = make_counties(chance, options.counties)
    seen = walk(counties, chance, options.seed)
    bench = Bench("missed", counties=options.counties, seed=options.seed, target_percent=[93, 97])
    for part, rows in (("draw", int(counties.size.sum())), ("estimate", seen["drawn"])):
        rate = round(rows / seen[part])
        bench.add(part, households=rows, seconds=round(seen[part], 2), households_per_second=rate)
    inside, expected = np.array(seen["inside"]), np.array(seen["expected"])
    add_coverage(bench, "held", inside)
    share = float(inside.mean())
    bench.hold(
        HELD[0] <= share <= HELD[1],
        f"the intervals hold the truth in {share:.1%} of the counties, not in 93 to 97 %",
    )
    for low, high in pairwise(PREVALENCES):
        band = (counties.prevalence >= low) & (counties.prevalence < high)
        add_coverage(bench, f"held, {low:.1%} to {high:.1%} in difficulty", inside[band])
    for least, most in pairwise(EXPECTED):
        band = (expected >= least) & (expected < most)
        add_coverage(bench, f"held, {least:g} to {most:g} expected in the sample", inside[band])
    bench.finish()


if __name__ == "__main__":
    main()
