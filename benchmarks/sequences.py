"""`./run bench sequences`: random people do random things to cases, on both databases, and nothing may break.

What `./run test` does with 250 sequences, with as many as asked for (10,000 without being told): each opens a case
and tries actions on it; after each one the steps, the deadlines and the inboxes are checked by brute force, and in the
end the chain of events. The figure is actions a second; the result is that no fault was found.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._harness import Bench, on_database


def measure(sequences: int, length: int, seed: int) -> dict[str, Any]:
    """Walk in the database of this process; figures."""
    import django

    django.setup()
    from django.core.management import call_command

    from highground.audit.actions import verify
    from highground.signals.actions import screen_register
    from tests.support.register import BILLS, BOOK, TODAY, add_register
    from tests.support.sequences import Walk, add_people

    call_command("migrate", verbosity=0)
    register = add_register({f"S{number:06}": ("BAIYUN", BILLS) for number in range(sequences)})
    screen_register(rulebook=BOOK, as_of=TODAY, by="bench", today=TODAY)
    walk = Walk(add_people(register), random.Random(seed))
    began = time.perf_counter()
    for number, household in enumerate(register.households.values()):
        far = number % 10 == 0
        walk.sequence(household, 3 * length if far else length, 0.98 if far else 0.8)
    seconds = time.perf_counter() - began
    assert verify().sound, "the chain of events does not verify"
    ended = {name: count for name, count in walk.tally.items() if name.startswith("ended")}
    actions = sum(count for name, count in walk.tally.items() if not name.startswith("ended"))
    return {
        "sequences": sequences,
        "actions": actions,
        "refused": sum(count for name, count in walk.tally.items() if name.startswith("refused")),
        "faults": 0,
        "seconds": round(seconds, 1),
        "actions_per_second": round(actions / seconds, 1),
        **{name.replace(" ", "_"): count for name, count in sorted(ended.items())},
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench sequences", description=__doc__)
    parser.add_argument("--sequences", type=int, default=10_000)
    parser.add_argument("--length", type=int, default=16, help="actions tried on each case (default 16)")
    parser.add_argument("--seed", type=int, default=int(datetime.date(2026, 3, 10).strftime("%Y%m%d")))
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.sequences, options.length, options.seed)))
        return
    databases = ["sqlite", "postgres"] if options.database == "both" else [options.database]
    bench = Bench("sequences", sequences=options.sequences, length=options.length, seed=options.seed)
    for database in databases:
        bench.add(
            database,
            **on_database(
                __file__, database, sequences=options.sequences, length=options.length, seed=options.seed
            ),
        )
    bench.finish()


if __name__ == "__main__":
    main()
