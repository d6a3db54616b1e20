"""`./run bench questions`: how many questions of the full form are needed for the same verdict.

Random households with missing facts are asked one question after another, as the visit form does, and by the full form,
which asks everything that the rulebook reads and that is not known. The verdicts must be the same, at least 60 in 100
questions must be saved, and each question that was asked must come with its proof: two households that differ in that
answer alone and have two verdicts.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._harness import Bench

FEWER_PERCENT = 60


def measure(name: str, households: int, seed: int) -> dict[str, Any]:
    """One rulebook: the questions of the full form, those asked, those without a proof, and other verdicts."""
    from highground.methods.rules import load_rulebook
    from highground.methods.rules.asking import Asking
    from tests.support.asking import interviews, proven

    book = load_rulebook(name)
    asking, began = Asking(book), time.perf_counter()
    form = asked = settled = other = unproven = 0
    proving = 0.0
    for one in interviews(book, households, seed=seed):
        form, asked = form + one.form, asked + len(one.asked)
        settled += not one.asked
        other += one.verdict != one.truth
        before = time.perf_counter()
        unproven += sum(not proven(asking, record, question) for record, question in one.asked)
        proving += time.perf_counter() - before
    seconds = time.perf_counter() - began - proving
    return {
        "form": form,
        "asked": asked,
        "fewer_percent": round(100 * (1 - asked / form), 1),
        "nothing_asked": settled,
        "without_witness": unproven,
        "other_verdicts": other,
        "seconds": round(seconds, 1),
        "households_per_second": round(households / seconds, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench questions", description=__doc__)
    parser.add_argument("--households", type=int, default=10_000, help="households for each rulebook")
    parser.add_argument("--rulebooks", nargs="+", default=["cn-2021", "vn-2022"])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    bench = Bench("questions", households=options.households, seed=options.seed, target_fewer=FEWER_PERCENT)
    for name in options.rulebooks:
        found = measure(name, options.households, options.seed)
        bench.add(name, **found)
        saved = 1 - found["asked"] / found["form"]
        bench.hold(
            100 * saved >= FEWER_PERCENT, f"{name} saves {saved:.1%} of the questions, not {FEWER_PERCENT} %"
        )
        bench.hold(
            not found["without_witness"],
            f"{name} asked {found['without_witness']:,} questions that could have changed no verdict",
        )
        bench.hold(
            not found["other_verdicts"],
            f"{name} told {found['other_verdicts']:,} verdicts that the full form does not",
        )
    bench.finish()


if __name__ == "__main__":
    main()
