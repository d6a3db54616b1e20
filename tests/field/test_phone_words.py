"""The phone's words, fonts and sound in a browser: new words replace old ones, a font stays, a voice arrives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from highground.cases.models import Need
from highground.field import pages
from highground.field.models import SubmissionFile
from highground.files.uploads import path_of
from tests.support.handset import Handset, choose, picture, save, set_up, unlock
from tests.support.phone import everything
from tests.support.register import TODAY
from tests.support.serving import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(browser, live_server, tmp_path) -> Iterator[Handset]:
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    one = Handset(browser.browser_type, tmp_path / "profile", live_server.url, flags=fake)
    yield one
    assert one.troubles == []


def choose_language(page, name: str) -> None:
    page.goto("/field/#me")
    page.locator("main select").select_option(name)


def test_new_words_replace_the_old_ones_at_the_next_news(village, phone, tmp_path, monkeypatch) -> None:
    with phone.open() as page:
        set_up(page, "0122")
        choose_language(page, "km")
        page.get_by_role("link", name="ថ្ងៃនេះ").wait_for()
        shell = tmp_path / "shell"
        shell.mkdir()
        for file in pages.SHELL.iterdir():
            (shell / file.name).write_bytes(file.read_bytes())
        words = json.loads((shell / "words.km.json").read_text())
        (shell / "words.km.json").write_text(json.dumps({**words, "Today": "ថ្មី"}))
        monkeypatch.setattr(pages, "SHELL", Path(shell))
        page.goto("/field/#today")
        news, today = (
            page.get_by_role("button", name=words["Look for news"]),
            page.get_by_role("link", name="ថ្មី"),
        )

        def renewed() -> bool:
            """While the page looks already, a press is passed over: the worker presses again."""
            news.click()
            return today.count() > 0

        assert wait_for(renewed)
        page.context.set_offline(True)
        page.reload()
        page.get_by_label(words["PIN"], exact=True).fill("274961")
        page.get_by_role("button", name=words["Unlock"]).click()
        page.get_by_role("link", name="ថ្មី").wait_for()


def test_the_font_of_a_script_is_there_without_network(village, phone) -> None:
    loaded = (
        "async () => { await document.fonts.ready;"
        " return [...document.fonts].filter((one) => one.status === 'loaded').map((one) => one.family); }"
    )
    with phone.open(locale="my-MM") as page:
        page.goto("/field/")
        page.get_by_role("heading").first.wait_for()
        assert any("Myanmar" in one for one in page.evaluate(loaded))
        page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        page.wait_for_timeout(1000)
    with phone.open(offline=True, locale="my-MM") as page:
        page.context.new_cdp_session(page).send("Network.clearBrowserCache")
        page.goto("/field/")
        page.get_by_role("heading").first.wait_for()
        assert any("Myanmar" in one for one in page.evaluate(loaded))


def test_a_voice_is_recorded_heard_again_and_arrives_as_a_need(village, phone) -> None:
    with phone.open() as page:
        set_up(page, "0122")
        page.context.set_offline(True)
        choose(page, "0122")
        page.get_by_role("button", name="Record their words").click()
        page.get_by_text("Recording. It stops by itself after 3 minutes.").wait_for()
        page.wait_for_timeout(1200)
        picture(page, "recording")
        page.get_by_role("button", name="Stop recording").click()
        page.get_by_text("The recording is kept.").wait_for()
        page.reload()
        unlock(page)
        page.get_by_role("button", name="Play recording").click()
        page.get_by_role("button", name="Remove recording").wait_for()
        page.get_by_label("Day of the visit").fill(TODAY.isoformat())
        save(page, "1 waiting to send")
        page.context.set_offline(False)
        page.get_by_role("heading", name="Nothing waiting to send").wait_for()
    kept = everything(SubmissionFile).get()
    need = everything(Need).get()
    assert kept.problem == "" and need.audio == kept.hash
    assert need.words == ""
    sound = path_of(kept.hash).read_bytes()
    assert sound.startswith(b"\x1a\x45\xdf\xa3") and len(sound) > 1000, "a WebM file with something in it"
    assert re.match(r"need-[0-9a-f-]{36}\.webm$", kept.name)
