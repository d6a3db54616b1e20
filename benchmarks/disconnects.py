"""`./run bench disconnects`: visits by phone while the network, the browser and the server fail again and again.

A real Chromium, a real server that is killed and started again, and a line between them that loses requests and answers
and sends twice. Afterwards the register is compared with what was saved on the phone: nothing may be lost or doubled,
and the visits to each household must stand in the order in which they were saved.
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

from benchmarks._harness import Bench


def measure(home: Path, database_url: str | None, faults: int, seed: int) -> dict[str, Any]:
    """One storm on an installation of its own in `home`."""
    from playwright.sync_api import sync_playwright

    from tests.support import disconnects
    from tests.support.office import Office

    office = Office(home / "office" / "home", database_url)
    office.home.parent.mkdir(parents=True)
    office.run("migrate")
    began = time.perf_counter()
    with sync_playwright() as playwright:
        storm = disconnects.run(office, playwright.chromium, home / "profile", faults=faults, seed=seed)
    return {
        "faults": storm.struck.total(),
        "visits": len(storm.saved),
        "needs": len(storm.needs),
        "photos": storm.photos,
        "lost": storm.lost,
        "doubled": storm.doubled,
        "households_out_of_order": len(storm.out_of_order),
        "events_sound": storm.arrived["sound"],
        "seconds": round(time.perf_counter() - began, 1),
        **dict(sorted(storm.struck.items())),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench disconnects", description=__doc__)
    parser.add_argument("--faults", type=int, default=200, help="how many faults strike (default 200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    options = parser.parse_args()
    bench = Bench("disconnects", faults=options.faults, seed=options.seed)
    with tempfile.TemporaryDirectory(prefix="highground-bench-", ignore_cleanup_errors=True) as folder:
        os.environ["HIGHGROUND_HOME"], os.environ["DJANGO_SETTINGS_MODULE"] = folder, "highground.settings"
        import django

        django.setup()
        from tests.support import postgres

        cluster = postgres.Cluster().start() if options.database == "postgres" else None
        try:
            url = cluster.url() if cluster else None
            figures = measure(Path(folder), url, options.faults, options.seed)
        finally:
            if cluster:
                cluster.stop()
    bench.add(options.database, **figures)
    bench.finish()
    if figures["lost"] or figures["doubled"] or figures["households_out_of_order"]:
        sys.exit("disconnects: what arrived is not what was saved")


if __name__ == "__main__":
    main()
