"""`./run bench board`: how long the server takes for a county's board, its inbox and a case, with thousands of cases.

Fills a home that is thrown away (and a PostgreSQL cluster that is thrown away) with one county of 5,000 cases under way
and 5,000 past ones, with all their steps, deadlines, visits and facts, and a smaller neighbour; then opens each page
again and again through Django's test client as the county's officer. The board should answer within 300 ms (95th
percentile).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._harness import Bench, on_database

TARGET_MS = 300
PAGES = {
    "board": "/cases/board/",
    "board: 36 months": "/cases/board/?months=36",
    "board: by township": "/cases/board/?parts=1",
    "board: as CSV": "/cases/board/?format=csv",
    "inbox": "/cases/",
    "inbox: waiting for others": "/cases/?show=others",
    "case": "/cases/{case}/",
    "home": "/",
}
TARGETS = tuple(name for name in PAGES if name.startswith("board"))
"""The pages that the target is for."""


def measure(under_way: int, past: int, repeats: int) -> dict[str, Any]:
    """Fill the database of this process and open every page; figures by page."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db.models import Count
    from django.test import Client
    from django.utils import timezone

    from benchmarks import _cases
    from benchmarks.pages import timed
    from highground.accounts.models import User
    from highground.cases.models import Case, CaseStep

    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    _cases.fill(under_way, past, timezone.localdate())
    filled = round(time.perf_counter() - began, 1)
    cases = Case.objects.everywhere(reason="benchmark")
    steps = CaseStep.objects.everywhere(reason="benchmark").count()
    figures = {"filled in": {"seconds": filled, "cases": cases.count(), "steps": steps}}
    county = cases.filter(household__area__code__startswith="V0-", status="monitored")
    longest = county.annotate(many=Count("steps")).order_by("-many", "pk").first()
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="county"))
    for page, address in PAGES.items():
        figures[page] = timed(client, address.format(case=longest.pk), repeats)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench board", description=__doc__)
    parser.add_argument("--under-way", type=int, default=5000, help="cases under way in the county")
    parser.add_argument("--past", type=int, default=5000, help="cases that have ended in the county")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--repeats", type=int, default=30, help="how often each page is opened (default 30)")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.under_way, options.past, options.repeats)))
        return
    databases = ["sqlite", "postgres"] if options.database == "both" else [options.database]
    bench = Bench(
        "board",
        under_way=options.under_way,
        past=options.past,
        repeats=options.repeats,
        target_p95_ms=TARGET_MS,
    )
    for database in databases:
        figures = on_database(
            __file__, database, under_way=options.under_way, past=options.past, repeats=options.repeats
        )
        for part, told in figures.items():
            bench.add(f"{database}: {part}", **told)
        timed = [told["p95_ms"] for part, told in figures.items() if part in TARGETS]
        bench.add(
            f"{database}: the board's pages",
            p95_ms=max(timed),
            over_target=sum(value > TARGET_MS for value in timed),
        )
    bench.finish()


if __name__ == "__main__":
    main()
