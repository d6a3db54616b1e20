# ruff: noqa: N999
"""`./run bench import`: a large file of households onto the register, against saving row by row.

Writes an invented CSV of the asked size, imports it twice with the command line in a process of its own, and
measures rows a second, the peak memory of the importing process, and statements per batch. The baseline in the
same run saves the same rows one by one through Django's ORM, a transaction each, on a sample. On the database of
`DATABASE_URL`, which should be an empty one; else on SQLite in a home that is thrown away.
"""

import argparse
import datetime
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._harness import Bench, measured

FACTS = {
    "income_wage_12m": 40_000,
    "income_business_12m": 20_000,
    "cost_business_12m": 10_000,
    "income_transfer_12m": 5_000,
    "out_of_pocket_12m": 8_000,
    "household_size": 7,
}
UNUSED = 40
"""Columns that the mapping does not name: exports of real registers have many."""

VILLAGES = 150
DAY = datetime.date(2023, 12, 31)
MAPPING = """
source: {name: Benchmark, kind: synthetic, day: 2024-01-01}
area: {column: village}
household: {key: number, register: REGISTER}
date: 2023-12-31
facts: {FACTS, dwelling_unsafe: unsafe}
"""


def write_file(path: Path, megabytes: int, seed: int) -> int:
    """A CSV of about this size; the number of its rows."""
    draw = random.Random(seed)
    unused = [f"c{number}" for number in range(UNUSED)]
    rows, size, limit = 0, 0, megabytes * 10**6
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(["number", "village", *FACTS, "unsafe", *unused]) + "\n")
        while size < limit:
            values = [str(draw.randint(1, most)) for most in FACTS.values()]
            other = [f"{draw.getrandbits(24):x}" for _ in unused]
            line = (
                ",".join([f"{rows}", f"V{rows % VILLAGES}", *values, draw.choice(["0", "1", ""]), *other])
                + "\n"
            )
            size += file.write(line)
            rows += 1
    return rows


def write_mapping(path: Path, register: str) -> Path:
    facts = ", ".join(f"{name}: {name}" for name in FACTS)
    path.write_text(MAPPING.replace("REGISTER", register).replace("FACTS", facts))
    return path


def import_by_command(file: Path, mapping: Path) -> dict[str, Any]:
    """Run the import in a process of its own; seconds, processor seconds and peak memory of that process."""
    command = [
        sys.executable,
        "-m",
        "highground",
        "import",
        "households",
        str(file),
        "--mapping",
        str(mapping),
    ]
    return measured(command)


def prepare() -> None:
    """The tables and the villages."""
    import django

    django.setup()
    from django.core.management import call_command

    from highground.areas.actions import AreaRow, import_areas

    call_command("migrate", verbosity=0)
    villages = [AreaRow(number + 2, f"V{number}", "village", "XX") for number in range(VILLAGES)]
    import_areas(
        [AreaRow(1, "XX", "country"), *villages], by="command:bench", today=datetime.date(2024, 1, 1)
    )


def statements_per_batch(file: Path, folder: Path) -> dict[int, int]:
    """Statements of an import of one row and of one full batch (rows -> statements)."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from highground.files.layout import batch_rows
    from highground.signals.imports.actions import import_households
    from highground.signals.imports.mapping import load_household_mapping

    columns = len(file.open().readline().split(","))
    counts = {}
    # The first import adds the source; the counts are of those that follow.
    for number, rows in enumerate((1, 1, batch_rows(columns, None))):
        part = folder / f"part{number}.csv"
        with file.open() as whole, part.open("w") as out:
            out.writelines(line for line, _ in zip(whole, range(rows + 1), strict=False))
        mapping = load_household_mapping(
            write_mapping(folder / "part.yaml", f"part{number}"), today=datetime.date(2024, 1, 1)
        )
        with CaptureQueriesContext(connection) as queries:
            import_households(part, mapping, by="command:bench", today=datetime.date(2024, 1, 1))
        counts[rows] = len(queries)
    return counts


def save_row_by_row(file: Path, sample: int) -> float:
    """The baseline: each row read, looked up and saved through the ORM in a transaction; seconds."""
    import csv

    from django.db import transaction
    from django.utils import timezone

    from highground.areas.models import Area
    from highground.people.actions import source_of
    from highground.people.models import Household, Observation, Residence
    from highground.people.pseudonyms import new_keys

    source = source_of(kind="synthetic", name="Row by row", day=DAY)
    keys = new_keys(sample)
    began = time.perf_counter()
    with file.open(newline="") as stream:
        for row, key in zip(csv.DictReader(stream), keys, strict=False):
            with transaction.atomic():
                stamp: dict[str, Any] = {"valid_from": DAY, "recorded_at": timezone.now(), "by": "bench"}
                area = Area.objects.get(code=row["village"])
                everyone = Household.objects.everywhere(reason="baseline")
                household = everyone.filter(register="orm", number=row["number"]).first()
                if household is None:
                    household = Household(key=key, register="orm", number=row["number"], area=area)
                    household.save()
                    Residence(household=household, area=area, **stamp).save()
                for name in [*FACTS, "dwelling_unsafe"]:
                    value = row["unsafe" if name == "dwelling_unsafe" else name]
                    known = Observation.objects.everywhere(reason="baseline").filter(
                        household=household, member=None, fact=name, valid_from__lte=DAY
                    )
                    latest = known.order_by("-valid_from", "-recorded_at", "-pk").first()
                    if value and (latest is None or latest.value != value):
                        Observation(
                            household=household, fact=name, value=value, source=source, **stamp
                        ).save()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench import", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200, help="size of the file (default 200)")
    parser.add_argument("--sample", type=int, default=500, help="rows that the baseline saves (default 500)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="highground-bench-") as name:
        folder = Path(name)
        os.environ |= {"HIGHGROUND_HOME": name, "DJANGO_SETTINGS_MODULE": "highground.settings"}
        run(folder, options)


def run(folder: Path, options: argparse.Namespace) -> None:
    """Measure and tell."""
    file = folder / "households.csv"
    rows = write_file(file, options.megabytes, options.seed)
    prepare()
    from django.db import connection

    bench = Bench(
        "import",
        megabytes=round(file.stat().st_size / 10**6),
        rows=rows,
        database=connection.vendor,
        seed=options.seed,
    )
    statements = statements_per_batch(file, folder)
    for size, count in statements.items():
        bench.add(f"statements, {size:,} rows", statements=count)
    seconds = save_row_by_row(file, options.sample)
    baseline = options.sample / seconds
    bench.add(
        "row by row (baseline)",
        rows=options.sample,
        seconds=round(seconds, 2),
        rows_per_second=round(baseline),
    )
    connection.close()
    mapping = write_mapping(folder / "map.yaml", "main")
    for part in ("import", "the same again"):
        figures = import_by_command(file, mapping)
        speed = rows / figures["seconds"]
        bench.add(
            part,
            rows=rows,
            **figures,
            rows_per_second=round(speed),
            times_baseline=round(speed / baseline, 1),
        )
    bench.finish()


if __name__ == "__main__":
    main()
