"""`./run bench kills`: a run of a country, killed at random moments; what is left, and what the next start makes of it.

A synthetic country is landed and screened undisturbed for two months. Then the second month is screened again and again in a
process of its own that is killed (SIGKILL) after a random part of the time that the undisturbed run took. Each time the run
before must be whole and current, the next start must finish, and the result must be the undisturbed one.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench
from highground.methods.rules import load_rulebook
from highground.methods.screening.nation.checking import verify_run
from highground.methods.screening.nation.running import DONE, latest_run, list_runs, screen_country
from highground.methods.store import Store
from tests.support.country import BOOK, DAYS, landed_country, same_inputs

START = """
import sys
from pathlib import Path
from highground.methods.rules import load_rulebook
from highground.methods.screening.nation.running import screen_country
from highground.methods.store import Store
from tests.support.country import BOOK, DAYS
book = load_rulebook(BOOK)
print("ready", flush=True)
sys.stdin.readline()
screen_country(Store(Path(sys.argv[1])), book, DAYS[1], block=int(sys.argv[2]))
"""


def start(store: Store, block: int) -> subprocess.Popen[str]:
    """A process that has everything loaded and begins the run."""
    paths = os.pathsep.join(sys.path[:2])
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(store.root), str(block)],
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    process.stdout.readline()
    process.stdin.write("\n")
    process.stdin.flush()
    return process


def fresh(source: Store, name: str, before: str) -> Store:
    """A store with the same inputs and only the run of the month before."""
    store = same_inputs(source, name)
    store.runs.mkdir()
    shutil.copytree(source.run(before), store.run(before))
    return store


def main() -> None:
    """Kill, look, start again, compare."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--households", type=int, default=200_000)
    options.add_argument("--provinces", type=int, default=6)
    options.add_argument("--months", type=int, default=13)
    options.add_argument("--kills", type=int, default=10)
    options.add_argument(
        "--block", type=int, default=20_000, help="households held at once; small: many moments"
    )
    options.add_argument("--seed", type=int, default=1)
    told = options.parse_args()
    bench = Bench("kills", households=told.households, provinces=told.provinces, load=os.getloadavg()[0])
    chance, book, wrong = random.Random(told.seed), load_rulebook(BOOK), []
    with tempfile.TemporaryDirectory(prefix="highground-bench-") as name:
        sizes = {"households": told.households, "months": told.months, "provinces": told.provinces}
        source = landed_country(Path(name), **sizes, seed=told.seed)
        before = screen_country(source, book, DAYS[0])["id"]
        store = fresh(source, "undisturbed", before)
        process, began = start(store, told.block), time.perf_counter()
        if process.wait():
            sys.exit("the undisturbed run ended with an error")
        whole = time.perf_counter() - began
        (undisturbed,) = (one for one in list_runs(store) if one["id"] != before)
        bench.add("undisturbed", seconds=round(whole, 1))
        kills = tries = 0
        while kills < told.kills and tries < 3 * told.kills:  # a try may come too late
            tries += 1
            store = fresh(source, "killed", before)
            process, moment = start(store, told.block), chance.uniform(0, whole)
            try:
                process.wait(moment)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
            killed = process.returncode == -signal.SIGKILL
            left = sum(1 for _ in store.runs.glob(f".work-*/*/{DONE}"))
            published = [one["id"] for one in list_runs(store)]
            kept = verify_run(store, before).holds and latest_run(store, BOOK) in (before, undisturbed["id"])
            made = screen_country(store, book, DAYS[1], block=told.block)
            same = made["content_hash"] == undisturbed["content_hash"] and verify_run(store, made["id"]).holds
            clean = not list(store.runs.glob(".work-*"))
            if not (kept and same and clean and set(published) <= {before, undisturbed["id"]}):
                wrong.append(tries)
            kills += killed
            bench.add(
                f"kill {kills}" if killed else f"too late {tries - kills}",
                seconds=round(moment, 2),
                provinces_done=left,
                before_holds=str(kept),
                same_after=str(same),
            )
    bench.finish(
        kills=kills, households=undisturbed["households"], run_hash=undisturbed["content_hash"], wrong=wrong
    )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
