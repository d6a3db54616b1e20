"""A real browser for tests: Debian's Chromium, driven by Playwright.

`page` opens pages of the live server. It fails the test when a page raises a script error, breaks the
content security policy or asks any other host for anything: none of these can be seen on a screenshot.
"""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.parts import skip_without

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
]
MEND = "install Chromium (Debian: apt-get install chromium) or set HIGHGROUND_CHROMIUM to its path"


def find_chromium() -> str | None:
    """The path of Chromium: HIGHGROUND_CHROMIUM, else the first known name in PATH."""
    if given := os.environ.get("HIGHGROUND_CHROMIUM"):
        return shutil.which(given)
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser():
    """One headless Chromium for the whole session (a Playwright `Browser`)."""
    executable = find_chromium()
    if executable is None:
        skip_without("chromium", f"no browser was found: {MEND}")
    playwright_api = pytest.importorskip("playwright.sync_api")
    # Playwright keeps an event loop in this thread, and Django would take every query here for async code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, headless=True, args=FLAGS)
        yield running
        running.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser, live_server) -> Iterator:
    """A page in a clean browser context at 1280 x 900, with `live_server` as its base address."""
    home = urlsplit(live_server.url).netloc
    troubles: list[str] = []
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": 1280, "height": 900},
        locale="en-GB",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    opened = context.new_page()

    def watch_request(request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != home:
            troubles.append(f"asked another host: {request.url}")

    def watch_console(message) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            troubles.append(f"broke the content security policy: {message.text}")

    context.on("request", watch_request)
    context.on("console", watch_console)
    context.on("weberror", lambda error: troubles.append(f"script error: {error.error}"))
    yield opened
    context.close()
    assert troubles == []


@pytest.fixture
def console(page) -> list[str]:
    """Every error that the browser's console shows."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found
