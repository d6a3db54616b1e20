"""`./run bench impact`: what each kind of error finds between villages in which nothing was done.

Six villages are called treated, and 6, 12 or 30 others are drawn beside them, `--draws` times; nothing was done anywhere,
so that a test at 5 % should find an effect in one of twenty. The 87 villages of Bangladesh in the Handbook on Impact
Evaluation if `--data` names their file, else invented ones that vary as much.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from statistics import NormalDist

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench
from highground.methods.impact import (
    effect_interval,
    effects_under_chance,
    least_squares,
    minimum_detectable_effect,
    placebo_detectable,
    placebo_rejections,
    randomisation_test,
)
from highground.methods.impact.regression import Floats

TREATED = 6
OTHERS = (6, 12, 30)
DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "bangladesh_hh_9198.dta"


def villages(path: Path) -> tuple[Floats, Floats, bool]:
    """The change of each household in log spending, its village, and whether they are invented."""
    if not path.is_file():
        chance = np.random.default_rng(0)
        village = np.repeat(np.arange(87), 10).astype(float)
        return chance.normal(0, 0.23, 87)[village.astype(int)] + chance.normal(0, 0.45, 870), village, True
    import pandas as pd

    frame = pd.read_stata(path, convert_categoricals=False)
    frame["village"] = frame["thanaid"].astype(int) * 10 + frame["villid"]
    frame["spending"] = np.log(frame["exptot"])
    wide = frame.pivot(index="nh", columns="year", values="spending")
    village = frame.groupby("nh")["village"].first().reindex(wide.index)
    return (wide[1] - wide[0]).to_numpy(np.float64), village.to_numpy(np.float64), False


def by_households(change: Floats, village: Floats, others: int, draws: int, clustered: bool) -> float:
    """How often the errors of households, as if each were drawn by itself or clustered, find an effect at 5 %."""
    names, chance, found = np.unique(village), np.random.default_rng(0), 0
    level = NormalDist().inv_cdf(0.975)
    for _ in range(draws):
        drawn = chance.permutation(names)[: TREATED + others]
        rows = np.isin(village, drawn)
        treated = np.isin(village[rows], drawn[:TREATED]).astype(float)
        fit = least_squares(change[rows], {"treated": treated}, clusters=village[rows] if clustered else None)
        found += abs(fit.t("treated")) > level
    return found / draws


def many_assignments() -> float:
    """Seconds for what the page of a study asks of three outcomes where ten of twenty villages are treated."""
    chance, treated = np.random.default_rng(0), [True] * 10 + [False] * 10
    began = time.perf_counter()
    for _ in range(3):
        change = chance.normal(size=20)
        randomisation_test(change, treated, sides="greater")
        effects_under_chance(change, treated)
        effect_interval(change, treated)
    return time.perf_counter() - began


def main() -> None:
    """Draw, test, tell."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--draws", type=int, default=2_000)
    options.add_argument("--data", type=Path, default=DATA)
    told = options.parse_args()
    change, village, invented = villages(told.data)
    bench = Bench("impact", draws=told.draws, invented=invented, load=round(os.getloadavg()[0], 1))
    means = np.array([change[village == name].mean() for name in np.unique(village)])
    spread = float(means.std(ddof=1))
    sizes = {}
    for others in OTHERS:
        began = time.perf_counter()
        sizes[others] = placebo_rejections(means, TREATED, others, draws=told.draws)
        bench.add(
            f"6 treated, {others} others",
            randomisation=sizes[others],
            households=round(by_households(change, village, others, told.draws, False), 4),
            clustered=round(by_households(change, village, others, told.draws, True), 4),
            detectable=round(placebo_detectable(means, TREATED, others), 3),
            by_formula=round(minimum_detectable_effect(spread, TREATED, others), 3),
            by_normal=round(minimum_detectable_effect(spread, TREATED, others, normal=True), 3),
            seconds=round(time.perf_counter() - began, 1),
        )
    bench.add("184,756 assignments, 3 outcomes", seconds=round(many_assignments(), 2))
    bench.finish(sizes=sizes, spread=round(spread, 4))


if __name__ == "__main__":
    main()
