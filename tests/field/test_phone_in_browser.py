"""The phone in a real browser: set up once, then seven tasks without network that survive a reload and a restart."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from highground.cases.models import Need, Visit
from highground.field.models import Conflict, Submission, SubmissionFile
from highground.people.models import Observation
from tests.support.browser import FLAGS, find_chromium
from tests.support.casework import lead, start
from tests.support.phone import everything
from tests.support.places import PASSWORD
from tests.support.register import TODAY, learn

pytestmark = pytest.mark.django_db(transaction=True)
PIN = "274961"
PICTURES = Path("tests/.last/pictures")


class Phone:
    """A browser with a profile folder of its own, which can be closed and started again."""

    def __init__(self, chromium: Any, folder: Path, address: str) -> None:
        self.chromium, self.folder, self.address = chromium, folder, address
        self.troubles: list[str] = []

    @contextmanager
    def open(self, *, offline: bool = False) -> Iterator[Any]:
        context = self.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=find_chromium(),
            headless=True,
            args=FLAGS,
            viewport={"width": 360, "height": 740},
            locale="en-GB",
            timezone_id="Asia/Shanghai",
            base_url=self.address,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        context.on("weberror", lambda error: self.troubles.append(f"script error: {error.error}"))
        context.on(
            "console",
            lambda said: "Content Security Policy" in said.text and self.troubles.append(said.text),
        )
        context.set_offline(offline)
        page = context.pages[0] if context.pages else context.new_page()
        yield page
        context.close()


@pytest.fixture
def phone(browser, live_server, tmp_path) -> Iterator[Phone]:
    one = Phone(browser.browser_type, tmp_path / "profile", live_server.url)
    yield one
    assert one.troubles == []


def picture(page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(PICTURES / f"phone-{name}.png"), full_page=True)
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} scrolls sideways"


def set_up(page) -> None:
    page.goto("/field/")
    picture(page, "set-up")
    page.get_by_label("Your name in Highground").fill("huangmei")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Choose a PIN").fill(PIN)
    page.get_by_label("The PIN again").fill(PIN)
    page.get_by_role("button", name="Set up this phone").click()
    page.get_by_role("heading", name=re.compile("Today, ")).wait_for()
    page.goto("/field/#households")
    page.get_by_role("link", name=re.compile("Household 2231")).wait_for()
    page.get_by_role("link", name=re.compile("Household 0122")).wait_for()
    page.get_by_text(re.compile("Fetching household cards")).wait_for(state="detached")
    page.goto("/field/#today")


def unlock(page) -> None:
    page.get_by_label("PIN", exact=True).fill(PIN)
    page.get_by_role("button", name="Unlock").click()
    page.get_by_role("heading", name=re.compile("Today|Household|waiting")).wait_for()


def choose(page, number: str) -> None:
    page.goto("/field/#households")
    page.get_by_role("link", name=re.compile(f"Household {number}")).click()
    page.get_by_role("heading", name=f"Household {number}").wait_for()


def save(page, waiting: str) -> None:
    page.get_by_role("button", name="Save the visit").click()
    page.get_by_role("heading", name=waiting).wait_for()


def photo() -> dict[str, Any]:
    kept = io.BytesIO()
    Image.effect_noise((2400, 1800), 90).convert("RGB").save(kept, "JPEG", quality=90)
    return {"name": "roof.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def test_seven_tasks_without_network_survive_reload_and_restart(village, phone) -> None:
    case = lead(start(village.households["2231"], village.staff["huangmei"]), village.staff, to="visit")
    with phone.open() as page:
        set_up(page)
        page.get_by_role("link", name=re.compile("Household 2231")).first.wait_for()
        page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        picture(page, "today")
    with phone.open(offline=True) as page:  # a restart without network
        page.goto("/field/")
        picture(page, "locked")
        unlock(page)
        assert page.get_by_role("heading", name=re.compile("Today, ")).is_visible()
        # 1 and 2: the due list, and a card
        page.get_by_role("link", name=re.compile("Household 2231")).first.click()
        page.get_by_text("What we know of this household").click()
        picture(page, "visit")
        # 3 and 4: a visit with a photo, left half-way by a reload
        page.get_by_label("Note").fill("The roof leaks over the bed.")
        page.get_by_label("In their own words").fill("我们需要药")
        page.locator("input[type=file]").first.set_input_files(photo())
        page.get_by_text("Photo added.").wait_for()
        page.get_by_text("Kept on this phone.").wait_for()
        page.reload()
        unlock(page)
        page.get_by_label("Note").wait_for()
        assert page.get_by_label("Note").input_value() == "The roof leaks over the bed."
        save(page, "1 waiting to send")
        # 5: a second visit to the same house, and one to another house
        choose(page, "2231")
        page.get_by_label("Note").fill("Second visit: the father is back.")
        save(page, "2 waiting to send")
        choose(page, "0122")
        page.get_by_label("Note").fill("All quiet.")
        save(page, "3 waiting to send")
        # 6: an unsent visit is changed
        page.get_by_role("link", name="Open and change").last.click()
        page.get_by_label("Note").fill("All quiet, the dog barks.")
        save(page, "3 waiting to send")
        picture(page, "outbox")
    assert everything(Submission).count() == 0
    learn({"2231": {"owns_car": "true"}}, village.register.areas, day=TODAY)
    with phone.open() as page:  # 7: the outbox empties itself once there is a network
        page.goto("/field/")
        unlock(page)
        page.goto("/field/#outbox")
        page.get_by_role("heading", name="Nothing waiting to send").wait_for()
        picture(page, "sent")
    notes = list(everything(Visit).order_by("pk").values_list("household__number", "note"))
    assert notes == [
        ("2231", "The roof leaks over the bed."),
        ("2231", "Second visit: the father is back."),
        ("0122", "All quiet, the dog barks."),
    ]
    assert everything(Need).get().words == "我们需要药"
    assert everything(SubmissionFile).exclude(hash="").count() == 1
    assert case.household.visits.count() == 2


def test_a_value_changed_on_both_sides_waits_for_a_person(village, phone) -> None:
    with phone.open() as page:
        set_up(page)
        choose(page, "3096")
        page.context.set_offline(True)
        page.locator("[id='q-out_of_pocket_12m'] input").first.fill("18000")
        page.get_by_label("Day of the visit").fill(TODAY.isoformat())
        save(page, "1 waiting to send")
        learn({"3096": {"out_of_pocket_12m": "31000"}}, village.register.areas, day=TODAY)
        page.context.set_offline(False)
        page.get_by_role("heading", name="Nothing waiting to send").wait_for()
        page.get_by_text("someone at the county compares it").wait_for()
    kept = everything(Conflict).get()
    assert (kept.at_the_door, kept.at_the_office.value) == ("18000", "31000")
    held = everything(Observation).filter(household=kept.household, fact="out_of_pocket_12m")
    assert [one.value for one in held] == ["31000"]


def test_nothing_can_be_read_in_the_profile_folder(village, phone) -> None:
    """Neither while it is in use nor after a wrong PIN too often."""
    from playwright.sync_api import expect

    secret = "The roof leaks over the bed of the grandmother"
    with phone.open() as page:
        set_up(page)
        page.context.set_offline(True)
        choose(page, "0122")
        page.get_by_label("Note").fill(secret)
        save(page, "1 waiting to send")
    assert not _found(phone.folder, secret)
    with phone.open(offline=True) as page:
        page.goto("/field/")
        pin, send = page.get_by_label("PIN", exact=True), page.get_by_role("button", name="Unlock")
        for _try in range(9):
            pin.fill("111112")
            send.click()
            expect(pin).to_have_value("")
            expect(send).to_be_enabled()
        pin.fill("111112")
        send.click()
        page.get_by_text("Everything on this phone was erased").wait_for()
        picture(page, "erased")
    assert not _found(phone.folder, secret)


def _found(folder: Path, text: str) -> list[Path]:
    """The files in which the text stands, in either of the two ways in which a browser keeps text."""
    wanted = (text.encode(), text.encode("utf-16-le"))
    return [
        one for one in folder.rglob("*") if one.is_file() and any(form in one.read_bytes() for form in wanted)
    ]
