"""`./run bench field`: how soon the phone's page is ready on a cheap phone over a village line, and what it weighs.

A real Chromium with its processor slowed six times, over 400 kbit/s with 400 ms of latency (both emulated through the
browser's own protocol), against the real server. It ranks changes; it is no real phone.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._harness import Bench, percentile

SLOWER = 6
LINE = {"latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
COLD_SECONDS, WARM_SECONDS, SHELL_KB = 5, 2, 60
FONT_KB = {"my": 60}
"""What the font of a language may weigh; 35 for any other."""

LANGUAGES = {"en": "en-GB", "zh-hans": "zh-CN", "km": "km-KH", "lo": "lo-LA", "th": "th-TH", "my": "my-MM"}

READY = """() => {
  const mark = () => { if (!window.readyAt && document.querySelector('main h1')) window.readyAt = performance.now(); };
  new MutationObserver(mark).observe(document, { childList: true, subtree: true });
}"""
"""Notes when the first page stands: its heading and its controls are drawn at once."""


class Tap:
    """What a page fetched: bytes on the line by address, from the browser's own count."""

    def __init__(self, session: Any) -> None:
        self.bytes: dict[str, float] = defaultdict(float)
        self._addresses: dict[str, str] = {}
        session.send("Network.enable")
        session.on("Network.responseReceived", self._named)
        session.on("Network.loadingFinished", self._weighed)

    def _named(self, told: dict[str, Any]) -> None:
        self._addresses[told["requestId"]] = told["response"]["url"]

    def _weighed(self, told: dict[str, Any]) -> None:
        if told["requestId"] in self._addresses:
            self.bytes[self._addresses[told["requestId"]]] += told["encodedDataLength"]

    def kilobytes(self, *, fonts: bool) -> float:
        """Of fonts, or of everything else."""
        found = sum(size for address, size in self.bytes.items() if address.endswith(".woff2") == fonts)
        return round(found / 1000, 1)


def slow(page: Any, *, line: bool = True) -> Any:
    """Make this page's browser a cheap phone; its session."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    if line:
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", {"offline": False, **LINE})
    return session


def ready(page: Any, goto: Any) -> float:
    """Seconds until the first page stands after `goto`."""
    page.add_init_script(f"({READY})()")
    goto()
    page.locator("main h1").wait_for(timeout=120_000)
    return float(page.evaluate("() => window.readyAt")) / 1000


def cold(browser: Any, address: str, language: str) -> tuple[float, Tap]:
    """One first visit of a phone in this language."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale=LANGUAGES[language], base_url=address
    )
    page = context.new_page()
    tap = Tap(slow(page))
    seconds = ready(page, lambda: page.goto("/field/", timeout=120_000))
    page.wait_for_timeout(2500)  # the font arrives after the words
    context.close()
    return seconds, tap


def warm(playwright: Any, folder: Path, address: str, repeats: int) -> dict[str, list[float]]:
    """A phone that was set up: how soon the lock stands without network, and the list after the PIN."""
    from tests.support.disconnects import NUMBERS
    from tests.support.handset import PIN, Handset, set_up

    handset = Handset(playwright.chromium, folder, address)
    with handset.open() as page:
        set_up(page, *NUMBERS)
        page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        page.wait_for_timeout(3000)
    found: dict[str, list[float]] = {"locked": [], "unlocked": []}
    for _ in range(repeats):
        with handset.open(offline=True) as page:
            slow(page, line=False)
            found["locked"].append(ready(page, lambda page=page: page.goto("/field/")))
            page.get_by_label("PIN", exact=True).fill(PIN)
            began = time.perf_counter()
            page.get_by_role("button", name="Unlock").click()
            page.get_by_role("heading", name=re.compile("Today, ")).wait_for()
            found["unlocked"].append(time.perf_counter() - began)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench field", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="how often each visit is made (default 5)")
    options = parser.parse_args()
    bench = Bench(
        "field",
        repeats=options.repeats,
        slower=SLOWER,
        kbit=400,
        latency_ms=400,
        target_cold_s=COLD_SECONDS,
        target_warm_s=WARM_SECONDS,
        target_shell_kb=SHELL_KB,
        load=round(os.getloadavg()[0], 1),
    )
    with tempfile.TemporaryDirectory(prefix="highground-bench-", ignore_cleanup_errors=True) as folder:
        os.environ["HIGHGROUND_HOME"], os.environ["DJANGO_SETTINGS_MODULE"] = folder, "highground.settings"
        import django

        django.setup()
        over = measure(bench, Path(folder), options.repeats)
    bench.finish()
    if over:
        sys.exit(f"field: over the target: {', '.join(over)}")


def measure(bench: Bench, home: Path, repeats: int) -> list[str]:
    """All figures into `bench`; the names of those over their target."""
    from playwright.sync_api import sync_playwright

    from tests.support import disconnects
    from tests.support.browser import FLAGS, find_chromium
    from tests.support.office import Office
    from tests.support.serving import Server

    office = Office(home / "office" / "home")
    office.home.parent.mkdir(parents=True)
    office.run("migrate")
    disconnects.python(office, disconnects.PREPARE)
    server = Server(office).start()
    over = []
    try:
        address = f"http://127.0.0.1:{server.port}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            for language in LANGUAGES:
                runs = [cold(browser, address, language) for _ in range(repeats)]
                seconds = [one for one, _tap in runs]
                tap = runs[0][1]
                shell, font = tap.kilobytes(fonts=False), tap.kilobytes(fonts=True)
                median = percentile(seconds, 0.5)
                bench.add(
                    f"cold, {language}",
                    median_s=round(median, 2),
                    worst_s=round(max(seconds), 2),
                    requests=len(tap.bytes),
                    shell_kb=shell,
                    font_kb=font,
                )
                if median > COLD_SECONDS or shell > SHELL_KB or font > FONT_KB.get(language, 35):
                    over.append(f"cold, {language}")
            browser.close()
            for name, seconds in warm(playwright, home / "profile", address, repeats).items():
                bench.add(
                    f"warm, {name}",
                    median_s=round(percentile(seconds, 0.5), 2),
                    worst_s=round(max(seconds), 2),
                )
                if percentile(seconds, 0.5) > WARM_SECONDS:
                    over.append(f"warm, {name}")
    finally:
        server.kill()
    return over


if __name__ == "__main__":
    main()
