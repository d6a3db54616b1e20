"""`./run bench spark`: the same country screened by DuckDB and by Spark on this machine; what each costs, and whether they agree.

A synthetic country of `--households` with two months of the register and `--months` of feeds is landed. Then both engines
make the run of each month; the second compares with the first. Every file of every province must have the same content.
Processor time and memory of Spark are those of its Java process, from its start.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench, cpu_seconds
from highground.methods.rules import load_rulebook
from highground.methods.screening.nation.running import screen_country
from highground.methods.screening.nation.spark_session import NO_SPARK, require_java, start_spark
from highground.methods.store import Store, StoreError
from tests.support.country import BOOK, DAYS, landed_country, same_inputs


def java() -> tuple[float, float]:
    """Processor seconds and peak GiB of the Java process that Spark runs in; zeros where there is none."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    for child in children:
        stat = Path(f"/proc/{child}/stat").read_text()
        if "(java)" in stat:
            user, system = stat.rpartition(")")[2].split()[11:13]
            status = Path(f"/proc/{child}/status").read_text()
            peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
            return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK"), int(peak) / 2**20
    return 0.0, 0.0


def runs(bench: Bench, store: Store, engine: str) -> list[dict[str, Any]]:
    """Make the run of each month, and keep what it took."""
    made = []
    for place, as_of in enumerate(DAYS):
        wall, cpu = time.perf_counter(), cpu_seconds() + java()[0]
        made.append(screen_country(store, load_rulebook(BOOK), as_of, engine=engine))
        spent = {
            "seconds": round(time.perf_counter() - wall, 1),
            "cpu_seconds": round(cpu_seconds() + java()[0] - cpu, 1),
        }
        bench.add(f"{engine}, {('first', 'second')[place]} month", **spent)
    return made


def differing(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """The provinces and tables whose content differs."""
    found = [
        f"{province}/{name}"
        for province, entry in ours["provinces"].items()
        for name, digest in entry["content"].items()
        if theirs["provinces"][province]["content"][name] != digest
    ]
    return found + (["gone"] if ours["gone"]["content"] != theirs["gone"]["content"] else [])


def main() -> None:
    """Land a country, screen it on both engines, compare."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--households", type=int, default=200_000)
    options.add_argument("--months", type=int, default=13)
    options.add_argument(
        "--provinces", type=int, help="only the first of them, with as many households together"
    )
    options.add_argument("--seed", type=int, default=1)
    told = options.parse_args()
    try:
        import pyspark  # noqa: F401

        require_java()
    except ImportError:
        sys.exit(f"bench: {NO_SPARK}")
    except StoreError as problem:
        sys.exit(f"bench: {problem}")
    bench = Bench("spark", households=told.households, months=told.months, load=os.getloadavg()[0])
    with tempfile.TemporaryDirectory(prefix="highground-bench-") as name:
        folder = Path(name)
        with bench.part("landing"):
            store = landed_country(
                folder,
                households=told.households,
                months=told.months,
                seed=told.seed,
                provinces=told.provinces,
                say=lambda text: print(text, file=sys.stderr, flush=True),
            )
        other = same_inputs(store, "on-spark")
        ours = runs(bench, store, "duckdb")
        wall = time.perf_counter()
        session = start_spark("", folder)
        bench.add(
            "spark, start", seconds=round(time.perf_counter() - wall, 1), cpu_seconds=round(java()[0], 1)
        )
        theirs = runs(bench, other, "spark")
        bench.add("spark, second month", peak_gib=round(java()[1], 2))
        session.stop()
    wrong = [name for one, two in zip(ours, theirs, strict=True) for name in differing(one, two)]
    second = [bench.figures(f"{engine}, second month") for engine in ("duckdb", "spark")]
    same = not wrong and [one["content_hash"] for one in ours] == [one["content_hash"] for one in theirs]
    bench.hold(same, f"Spark and DuckDB differ in {', '.join(wrong) or 'the content hash'}")
    bench.finish(
        households=ours[-1]["households"],
        flagged=ours[-1]["flagged"],
        same=same,
        differing=wrong,
        run_hash=ours[-1]["content_hash"],
        spark_hash=theirs[-1]["content_hash"],
        cpu_ratio=round(second[1]["cpu_seconds"] / second[0]["cpu_seconds"], 1),
        wall_ratio=round(second[1]["seconds"] / second[0]["seconds"], 1),
    )


if __name__ == "__main__":
    main()
