"""The phone's page in a real browser with a profile folder of its own, as a worker uses it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from tests.support.browser import FLAGS, find_chromium
from tests.support.places import PASSWORD

PIN = "274961"
PICTURES = Path("tests/.last/pictures")


class Handset:
    """A browser of 360 x 740 which can be closed and started again with what it has kept."""

    def __init__(self, chromium: Any, folder: Path, address: str, *, flags: tuple[str, ...] = ()) -> None:
        self.chromium, self.folder, self.address, self.flags = chromium, folder, address, flags
        self.troubles: list[str] = []

    def start(self, *, offline: bool = False, **options: Any) -> Any:
        """A page of a browser that was just started. Whoever starts it closes its context."""
        context = self.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=find_chromium(),
            headless=True,
            args=[*FLAGS, *self.flags],
            **{
                "viewport": {"width": 360, "height": 740},
                "locale": "en-GB",
                "timezone_id": "Asia/Shanghai",
                "base_url": self.address,
                "reduced_motion": "reduce",
                **options,
            },
        )
        context.set_default_timeout(15_000)
        context.on("weberror", lambda error: self.troubles.append(f"script error: {error.error}"))
        context.on(
            "console",
            lambda said: "Content Security Policy" in said.text and self.troubles.append(said.text),
        )
        context.set_offline(offline)
        return context.pages[0] if context.pages else context.new_page()

    @contextmanager
    def open(self, *, offline: bool = False, **options: Any) -> Iterator[Any]:
        """A page for the length of a block."""
        page = self.start(offline=offline, **options)
        yield page
        page.context.close()


def picture(page: Any, name: str) -> None:
    """Keep a picture for people to look at; the page must not scroll sideways."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(PICTURES / f"phone-{name}.png"), full_page=True)
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} scrolls sideways"


def sign_in(page: Any, *, username: str = "huangmei", password: str = PASSWORD) -> None:
    """Set the phone up, up to the list of today."""
    page.goto("/field/")
    page.get_by_label("Your name in Highground").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_label("Choose a PIN").fill(PIN)
    page.get_by_label("The PIN again").fill(PIN)
    page.get_by_role("button", name="Set up this phone").click()
    page.get_by_role("heading", name=re.compile("Today, ")).wait_for()


def set_up(page: Any, *numbers: str) -> None:
    """Set the phone up and wait for the cards of these households."""
    sign_in(page)
    page.goto("/field/#households")
    for number in numbers:
        page.get_by_role("link", name=re.compile(f"Household {number}")).wait_for()
    page.get_by_text(re.compile("Fetching household cards")).wait_for(state="detached")
    page.goto("/field/#today")


def unlock(page: Any) -> None:
    """Type the PIN."""
    page.get_by_label("PIN", exact=True).fill(PIN)
    page.get_by_role("button", name="Unlock").click()
    page.get_by_role("heading", name=re.compile("Today|Household|waiting")).wait_for()


def type_wrong(page: Any, times: int) -> None:
    """Type a wrong PIN so often."""
    from playwright.sync_api import expect

    pin, send = page.get_by_label("PIN", exact=True), page.get_by_role("button", name="Unlock")
    for _try in range(times):
        pin.fill("111112")
        send.click()
        expect(page.locator("form button:disabled")).to_have_count(0, timeout=15_000)


def choose(page: Any, number: str) -> None:
    """Open the visit of a household from the list of all."""
    page.goto("/field/#households")
    page.get_by_role("link", name=re.compile(f"Household {number}")).click()
    page.get_by_role("heading", name=f"Household {number}").wait_for()


def save(page: Any, waiting: str) -> None:
    """Save the visit; the outbox then says how many wait."""
    page.get_by_role("button", name="Save the visit").click()
    page.get_by_role("heading", name=waiting).wait_for()


def photo(width: int = 2400, height: int = 1800, *, name: str = "roof.jpg") -> dict[str, Any]:
    """A photo as a file chooser takes it."""
    kept = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(kept, "JPEG", quality=90)
    return {"name": name, "mimeType": "image/jpeg", "buffer": kept.getvalue()}
