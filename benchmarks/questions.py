"""`./run bench questions`: how many questions of the full form are needed for the same verdict.

Random households with missing facts are asked one question after another, as the visit form does, and by the full form,
which asks everything that the rulebook reads and that is not known. The verdicts must be the same; the figures are the
share of questions asked and households a second.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._harness import Bench


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench questions", description=__doc__)
    parser.add_argument("--households", type=int, default=10_000, help="households for each rulebook")
    parser.add_argument("--rulebooks", nargs="+", default=["cn-2021", "vn-2022"])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    from highground.methods.rules import load_rulebook
    from tests.support.asking import interviews

    bench = Bench("questions", households=options.households, seed=options.seed)
    for name in options.rulebooks:
        began = time.perf_counter()
        form = asked = settled = other = 0
        for one in interviews(load_rulebook(name), options.households, seed=options.seed):
            form, asked = form + one.form, asked + len(one.asked)
            settled += not one.asked
            other += one.verdict != one.truth
        seconds = time.perf_counter() - began
        bench.add(
            name,
            form=form,
            asked=asked,
            fewer_percent=round(100 * (1 - asked / form), 1),
            nothing_asked=settled,
            other_verdicts=other,
            seconds=round(seconds, 1),
            households_per_second=round(options.households / seconds, 1),
        )
    bench.finish()


if __name__ == "__main__":
    main()
