"""`./run bench panel`: who sits on which of 40 panels, 150 experts whole and 2,000 experts pruned.

Eleven countries, twelve fields, five seats a session, 3 % of the pairs in conflict, two sessions for one expert at most (one of
2,000 experts: three of 150), two of a country at most, two women wished for, each away at one time in six. Points between 0 and
100 stand for what an expert has done. Targets: 150 x 40 proven within 0.5 % in 10 s; 2,000 x 40 pruned in 10 s with a bound
of the whole problem, which has 60 s of its own; no conflict. The
gap is told of the points beside those that every filled seat brings, which is the stricter way.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench
from highground.methods.allocate.panel import FILLED, Demand, Expert, Panels, assign, conflicted, merged

COUNTRIES = ("CN", "LA", "KH", "MM", "VN", "TH", "ID", "MY", "PH", "SG", "BN")
FIELDS = [f"field {number}" for number in range(12)]
LANGUAGES = ("en", "zh", "lo", "km", "my", "vi", "th", "id", "ms", "fil")
TIMES = [f"time {number}" for number in range(6)]
CONFLICTS = 0.03


def draw(
    experts: int, sessions: int, seed: int
) -> tuple[list[Expert], list[Demand], dict[tuple[str, str], int]]:
    """Experts, sessions, and points for what each has done about it."""
    drawn = random.Random(seed)
    demands = [
        Demand(
            f"s{number}",
            field=drawn.choice(FIELDS),
            languages=frozenset({"en", drawn.choice(LANGUAGES)}),
            parties=frozenset({f"part in {number}"}),
            seats=5,
            time=drawn.choice(TIMES),
            women=2,
            of_country=2,
        )
        for number in range(sessions)
    ]
    people = [
        Expert(
            f"e{number}",
            country=drawn.choice(COUNTRIES),
            fields=frozenset(drawn.sample(FIELDS, 2)),
            languages=frozenset({drawn.choice(LANGUAGES), drawn.choice(("en", "zh"))}),
            known_as=frozenset(
                {f"{number // 2}@example.org"} if number % 50 < 2 else {f"{number}@example.net"}
            ),
            must_not=frozenset(
                f"part in {session}" for session in range(sessions) if drawn.random() < CONFLICTS
            ),
            most=2,
            woman=drawn.random() < 0.4,
            away=frozenset({drawn.choice(TIMES)}),
        )
        for number in range(experts)
    ]
    points = {(one.code, who.code): round(100 * drawn.betavariate(1, 4)) for one in demands for who in people}
    return people, demands, points


def violations(people: list[Expert], demands: list[Demand], found: Panels) -> int:
    """Seats whose holder has a conflict of interest, alone or under another name."""
    known = {one.code: one for one in merged(people)}
    wanted = {one.code: one for one in demands}
    return sum(conflicted(known[expert], wanted[demand]) for demand, expert in found.pairs)


def measure(bench: Bench, name: str, experts: int, sessions: int, seed: int, seconds: float) -> None:
    """One instance: the search alone, and then with the bound."""
    people, demands, points = draw(experts, sessions, seed)
    began = time.perf_counter()
    quick = assign(people, demands, affinity=points, seconds=seconds, bound_seconds=0)
    searched = time.perf_counter() - began
    found = quick if quick.proven else assign(people, demands, affinity=points, seconds=seconds)
    whole = time.perf_counter() - began - (0 if quick.proven else searched)
    bench.add(
        name,
        pairs=len(points),
        seconds=round(searched, 1),
        seconds_with_bound=round(whole, 1),
        score=found.score,
        bound=found.bound,
        gap_percent=round(100 * (found.bound - found.score) / (found.score - FILLED * len(found.pairs)), 3),
        empty=sum(found.empty.values()),
        violations=violations(people, demands, found),
    )


def main() -> None:
    """Three draws of each size."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=3)
    options.add_argument("--sessions", type=int, default=40)
    options.add_argument("--seconds", type=float, default=8.0, help="of the search")
    given = options.parse_args()
    bench = Bench("panel", **vars(given))
    for experts in (150, 2_000):
        for seed in range(given.draws):
            measure(bench, f"{experts} experts, draw {seed}", experts, given.sessions, seed, given.seconds)
    bench.finish()


if __name__ == "__main__":
    main()
