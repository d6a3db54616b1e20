"""What every benchmark shares: time, processor time, peak memory, percentiles, and how figures are told.

A benchmark prints a table for people and, as its last line, one JSON object:

    bench = Bench("import", rows=100_000)
    with bench.part("read"):
        ...
    bench.add("import", seconds=12.3, rows_per_second=8130)
    bench.hold(seconds <= 60, "the import took more than a minute")
    bench.finish()

Where something that was held did not hold, `finish` ends the program with 1 and says what, after the JSON object.
"""

import contextlib
import json
import math
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def peak_memory() -> int:
    """The most memory this process has held at once, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def cpu_seconds() -> float:
    """Processor time of this process and the children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "processor": _processor(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "version": _version(),
    }


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version() -> str:
    """The commit that was measured, marked when there are changes on top of it."""
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"


class Bench:
    """Collects figures under names and tells them at the end."""

    def __init__(self, name: str, **settings: Any) -> None:
        self._name = name
        self._settings = settings
        self._figures: dict[str, dict[str, Any]] = {}
        self._short: list[str] = []

    def hold(self, kept: bool, otherwise: str) -> None:
        """Keep whether a target was met; `otherwise` is the sentence for where it was not."""
        if not kept:
            self._short.append(otherwise)

    def add(self, part: str, **figures: Any) -> None:
        """Keep figures of one part."""
        self._figures.setdefault(part, {}).update(figures)

    def figures(self, part: str) -> dict[str, Any]:
        """The figures of one part so far."""
        return self._figures[part]

    @contextlib.contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure a block: seconds, processor seconds, and the peak memory of the process so far."""
        wall, cpu = time.perf_counter(), cpu_seconds()
        yield
        self.add(
            name,
            seconds=round(time.perf_counter() - wall, 4),
            cpu_seconds=round(cpu_seconds() - cpu, 4),
            peak_mib=round(peak_memory() / 2**20, 1),
        )

    def times(self, part: str, seconds: Sequence[float]) -> None:
        """Keep the percentiles of repeated measurements, in milliseconds."""
        spread = {
            f"p{round(share * 100)}_ms": percentile(seconds, share) * 1000 for share in (0.5, 0.95, 0.99)
        }
        self.add(part, runs=len(seconds), **{name: round(value, 2) for name, value in spread.items()})

    def finish(self, **answer: Any) -> None:
        """Print the table and, last, the JSON object; `answer` stands in it beside the figures.

        Ends the program with 1 where a target was not met.
        """
        columns = list(dict.fromkeys(name for figures in self._figures.values() for name in figures))
        rows = [["", *columns]]
        rows += [
            [part, *(_cell(figures.get(name)) for name in columns)] for part, figures in self._figures.items()
        ]
        widths = [max(len(row[place]) for row in rows) for place in range(len(columns) + 1)]
        settings = ", ".join(f"{name} {_cell(value)}" for name, value in self._settings.items())
        print(f"{self._name}: {settings}" if settings else self._name)
        for row in rows:
            first, *rest = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            print("  ".join([first.strip().ljust(widths[0]), *rest]).rstrip())
        told = {
            "bench": self._name,
            "settings": self._settings,
            "figures": self._figures,
            "machine": machine(),
            "targets_missed": self._short,
            **answer,
        }
        print(json.dumps(told, ensure_ascii=False, default=str), flush=True)
        if self._short:
            sys.exit("\n".join(f"{self._name}: {one}" for one in self._short))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)


def measured(command: Sequence[str]) -> dict[str, Any]:
    """Run a command to its end: wall and processor seconds and the peak memory of its process.

    Ends the benchmark where the command fails.
    """
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
        "peak_mib": round(used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10), 1),
    }


def on_database(script: str, database: str, **options: Any) -> dict[str, Any]:
    """What `script --measure` prints as JSON on one database (`sqlite` or `postgres`), in a home that is thrown away.

    A process of its own, because the settings of a process hold one database; the PostgreSQL cluster is thrown away, too.
    """
    from tests.support import postgres

    with tempfile.TemporaryDirectory(prefix="highground-bench-") as home:
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {"HIGHGROUND_HOME": home, "DJANGO_SETTINGS_MODULE": "highground.settings"}
        cluster = postgres.Cluster().start() if database == "postgres" else None
        try:
            if cluster:
                environment["DATABASE_URL"] = cluster.url()
            given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
            done = subprocess.run(
                [sys.executable, script, "--measure", *given],
                env={**environment, "HIGHGROUND_LOG_LEVEL": "ERROR"},
                stdout=subprocess.PIPE,
                text=True,
            )
        finally:
            if cluster:
                cluster.stop()
    if done.returncode:
        sys.exit(f"{Path(script).name} on {database} ended with {done.returncode}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures
