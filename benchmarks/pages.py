"""`./run bench pages`: how long the server takes for each page, as a county's officer and as one of the whole country.

Fills a home that is thrown away (and a PostgreSQL cluster that is thrown away) with invented households in eight
counties of 150 villages, then opens each page again and again through Django's test client: real templates, the real
database, no network. A list should answer within 200 ms (95th percentile).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._harness import Bench, on_database, percentile

TARGET_MS = 200
PAGES = {
    "home": "/",
    "area: county": "/areas/C0/",
    "area: township": "/areas/T0-0/",
    "area: village": "/areas/V0-0/",
    "clues": "/clues/",
    "clues: overdue": "/clues/?show=overdue",
    "clues: this week": "/clues/?show=week",
    "clues: new": "/clues/?show=new",
    "clues: cleared": "/clues/?show=cleared",
    "clues: one reason": "/clues/?rule=demo-cn:sudden_severe",
    "clues: one part": "/clues/?area={part}",
    "clues: due backwards": "/clues/?sort=-due",
    "clues: severity": "/clues/?sort=severity",
    "clues: household": "/clues/?sort=household",
    "clues: last page": "/clues/?page=999999",
    "cannot tell": "/clues/cannot-tell/",
    "cannot tell: last page": "/clues/cannot-tell/?page=999999",
    "no data": "/clues/no-data/",
    "no data: last page": "/clues/no-data/?page=999999",
    "runs": "/runs/",
    "run": "/runs/{run}/",
    "rulebooks": "/rulebooks/",
    "rulebook": "/rulebooks/demo-cn/",
    "household": "/households/{key}/",
    "clue": "/clues/{clue}/",
}
PARTS = {"county": "T0-0", "national": "CN-ZZ"}


def measure(households: int, repeats: int) -> dict[str, Any]:
    """Fill the database of this process and open every page as both people; figures by page and person."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from benchmarks import _villages
    from highground.accounts.models import User
    from highground.signals.models import Clue, Run

    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    _villages.fill(households, timezone.localdate())
    filled = round(time.perf_counter() - began, 1)
    clues = Clue.objects.everywhere(reason="benchmark").filter(household__area__path__startswith=_path("C0"))
    # One that was really screened, so that its run can explain it.
    clue = clues.select_related("household").filter(rule="sudden_severe", cleared_by=None).earliest("pk")
    run = Run.objects.everywhere(reason="benchmark").latest("pk")
    words = {"key": clue.household.key, "clue": clue.pk, "run": run.pk}
    figures = {"filled in": {"seconds": filled}}
    for name, part in PARTS.items():
        client = Client(SERVER_NAME="localhost")
        client.force_login(User.objects.get(username=name))
        for page, address in PAGES.items():
            figures[f"{page}, {name}"] = timed(client, address.format(part=part, **words), repeats)
    return figures


def _path(code: str) -> str:
    from highground.areas.models import Area

    return Area.objects.get(code=code).path


def timed(client: Any, address: str, repeats: int) -> dict[str, Any]:
    """Open one page: rows in its list, queries, and how long it takes once everything is read in."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext, setup_test_environment, teardown_test_environment

    client.get(address)
    setup_test_environment()  # so that the answer tells what its template was given
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
        if answer.streaming:
            b"".join(answer.streaming_content)
    asked = len(queries)  # before the next request clears the log
    teardown_test_environment()
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    page = answer.context.get("page") if answer.context else None
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        answer = client.get(address)
        if answer.streaming:
            b"".join(answer.streaming_content)
        seconds.append(time.perf_counter() - began)
    return {
        "rows": getattr(page, "total", None),
        "queries": asked,
        "median_ms": round(percentile(seconds, 0.5) * 1000, 1),
        "p95_ms": round(percentile(seconds, 0.95) * 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench pages", description=__doc__)
    parser.add_argument("--households", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--repeats", type=int, default=30, help="how often each page is opened (default 30)")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.households, options.repeats)))
        return
    databases = ["sqlite", "postgres"] if options.database == "both" else [options.database]
    bench = Bench("pages", households=options.households, repeats=options.repeats, target_p95_ms=TARGET_MS)
    for database in databases:
        figures = on_database(__file__, database, households=options.households, repeats=options.repeats)
        for part, told in figures.items():
            bench.add(f"{database}: {part}", **told)
        timed = {part: told["p95_ms"] for part, told in figures.items() if "p95_ms" in told}
        medians = {part: told["median_ms"] for part, told in figures.items() if "median_ms" in told}
        county = sum(value for part, value in medians.items() if part.endswith(", county"))
        national = sum(value for part, value in medians.items() if part.endswith(", national"))
        bench.add(
            f"{database}: all pages",
            p95_ms=max(timed.values()),
            over_target=sum(value > TARGET_MS for value in timed.values()),
            county_to_national=round(county / national, 2),
        )
    bench.finish()


if __name__ == "__main__":
    main()
