"""`./run bench joining`: how soon somebody on a poor line has joined a session of a forum, and what the page weighs.

A real Chromium with its processor slowed six times, over 400 kbit/s with 400 ms of latency (both emulated through the browser's
own protocol), against the real server, on a first visit with nothing kept. The page is ready once it is painted and its script
runs: from then on a question or a vote is taken. It ranks changes; it is no real phone.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._harness import Bench, percentile
from benchmarks.field import SLOWER, Tap, slow
from benchmarks.forum import prepare, served

READY_SECONDS, MOST_KB = 5, 60
TITLES = {
    "en": "Who pays for the road when the project is over?",
    "zh": "项目结束以后，谁来出钱修路？",
    "km": "តើអ្នកណាបង់ថ្លៃផ្លូវនៅពេលគម្រោងចប់?",
    "lo": "ໃຜຈ່າຍຄ່າທາງເມື່ອໂຄງການສິ້ນສຸດ?",
    "th": "ใครจ่ายค่าถนนเมื่อโครงการสิ้นสุดลง",
    "my": "စီမံကိန်းပြီးဆုံးသောအခါ လမ်းအတွက် မည်သူပေးသနည်း",
}
DRAWN = "() => document.querySelectorAll('#queue li').length === 3"
TOLD = """() => {
  const [page] = performance.getEntriesByType('navigation');
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  return Math.max(page.domContentLoadedEventEnd, paint.startTime) / 1000;
}"""


def sessions() -> None:
    """One running session for each script, with three questions in it."""
    from django.utils import timezone

    from highground.forum.models import Forum, LiveQuestion, Participant, Session

    forum, now = Forum.objects.get(), timezone.now()
    asker = Participant.objects.everywhere(reason="benchmark").order_by("-pk")[0]
    for code, title in TITLES.items():
        made = Session.objects.create(
            forum=forum, code=f"in-{code}", titles={"en": title}, abstract=title, starts=now, minutes=600
        )
        for number in range(3):
            LiveQuestion.objects.create(
                session=made,
                participant=asker,
                key=f"asked-{code}-{number:04}",
                text=title,
                mode="room",
                at=now,
            )


def visit(browser: Any, address: str) -> tuple[float, Tap]:
    """One first visit: seconds until the page is ready, and what was fetched."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    page = context.new_page()
    tap = Tap(slow(page))
    page.goto(address, wait_until="commit", timeout=120_000)
    page.locator("#ask button").wait_for(timeout=120_000)
    page.wait_for_load_state("domcontentloaded", timeout=120_000)
    page.wait_for_timeout(6000)  # fonts and the first look at the queue arrive after the words
    seconds = float(page.evaluate(TOLD))
    assert page.evaluate(DRAWN)
    context.close()
    return seconds, tap


def measure(bench: Bench, port: int, base: str, repeats: int) -> list[str]:
    """All figures into `bench`; those over their target."""
    from playwright.sync_api import sync_playwright

    from tests.support.browser import FLAGS, find_chromium

    over = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for code in TITLES:
            address = f"http://127.0.0.1:{port}{base.replace('/opening/', f'/in-{code}/')}"
            runs = [visit(browser, address) for _ in range(repeats)]
            seconds, tap = [one for one, _tap in runs], runs[0][1]
            weight, fonts = tap.kilobytes(fonts=False), tap.kilobytes(fonts=True)
            median = percentile(seconds, 0.5)
            bench.add(
                code, median_s=round(median, 2), worst_s=round(max(seconds), 2), requests=len(tap.bytes), page_kb=weight,
                font_kb=fonts,
            )  # fmt: skip
            if median > READY_SECONDS or weight > MOST_KB:
                over.append(code)
        browser.close()
    return over


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench joining", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--port", type=int, default=8767)
    given = parser.parse_args()
    bench = Bench(
        "joining", repeats=given.repeats, slower=SLOWER, kbit=400, latency_ms=400, target_s=READY_SECONDS, target_kb=MOST_KB
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="highground-bench-", ignore_cleanup_errors=True) as home:
        os.environ |= {"HIGHGROUND_HOME": home, "DJANGO_SETTINGS_MODULE": "highground.settings"}
        os.environ.pop("DATABASE_URL", None)
        base, _other = prepare(2)
        sessions()
        with served(given.port):
            over = measure(bench, given.port, base, given.repeats)
    bench.finish()
    if over:
        sys.exit(f"joining: over the target: {', '.join(over)}")


if __name__ == "__main__":
    main()
