"""Take the pictures of docs/images anew, from the demonstration in a real browser.

    ./run python tools/screenshots.py

Needs Chromium (tests/support/browser.py says how it is found) and the packages of the tests. A demonstration of its own is
filled in a temporary folder, so this takes a minute.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.browser import FLAGS, find_chromium  # noqa: E402

IMAGES = ROOT / "docs" / "images"
OFFICER = "weilan"
SIZE = {"width": 1280, "height": 860}
PATIENCE = 300


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Return once the server answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own server
            return
        except OSError:
            if server.poll() is not None:
                sys.exit("screenshots: the demonstration did not start")
            time.sleep(0.5)
    sys.exit("screenshots: the demonstration did not answer in time")


def take(page: Page, name: str, *, whole: bool = False) -> None:
    """Write one picture."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png", full_page=whole)
    print(f"docs/images/{name}.png")


def walk(page: Page, address: str, password: str) -> None:
    """From signing in to a household, with a picture of each main page."""
    page.goto(address)
    page.locator("input[name=username]").fill(OFFICER)
    page.locator("input[name=password]").fill(password)
    page.locator("form:has(input[name=password]) button").click()
    page.locator("input[name=password]").wait_for(state="detached")
    page.goto(f"{address}clues/")
    take(page, "worklist")
    page.locator("a.table__name").first.click()
    take(page, "clue", whole=True)
    page.goto(f"{address}clues/cannot-tell/")
    take(page, "cannot-tell")


def main() -> None:
    """Fill a demonstration, serve it, walk through it."""
    IMAGES.mkdir(exist_ok=True)
    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    with tempfile.TemporaryDirectory(prefix="highground-pictures-") as folder:
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        command = [
            sys.executable,
            "-m",
            "highground",
            "demo",
            "--home",
            f"{folder}/demo",
            "--port",
            str(port),
        ]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_for(address, server)
            logins = json.loads(next(Path(folder).rglob("logins.json")).read_text())
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
                walk(browser.new_page(viewport=SIZE, locale="en-GB"), address, logins[OFFICER])
                browser.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)


if __name__ == "__main__":
    main()
