"""What goes wrong around a phone: its clock, its memory, its camera, its form, its loss. Each ends in a clear outcome."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image

from highground.accounts.devices import revoke_device
from highground.accounts.models import Device
from highground.cases.models import Need, Visit
from highground.field.handed_in import take_file
from highground.field.instance import read_instance
from highground.field.models import Submission, SubmissionFile
from highground.files.uploads import path_of
from highground.people.models import Observation
from tests.support.casework import lead, start
from tests.support.handset import Handset, choose, photo, picture, save, set_up, type_wrong, unlock
from tests.support.phone import everything
from tests.support.register import TODAY, learn

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "The roof leaks over the bed of the grandmother"


@pytest.fixture
def phone(browser, live_server, tmp_path) -> Iterator[Handset]:
    one = Handset(browser.browser_type, tmp_path / "profile", live_server.url)
    yield one
    assert one.troubles == []


def readable(folder: Path, text: str) -> list[Path]:
    """The files in which the text stands, in either of the two ways in which a browser keeps text."""
    wanted = (text.encode(), text.encode("utf-16-le"))
    return [
        one for one in folder.rglob("*") if one.is_file() and any(form in one.read_bytes() for form in wanted)
    ]


def sent() -> list[Submission]:
    return list(everything(Submission).order_by("pk"))


@pytest.mark.parametrize("days", [2, -2], ids=["ahead", "behind"])
def test_a_clock_two_days_wrong(village, phone, monkeypatch, days) -> None:
    """The page goes by the county's clock: it says so, and the visit has the right day."""
    now = datetime.datetime.now(datetime.UTC)
    today = timezone.localtime().date()
    monkeypatch.setattr(timezone, "localdate", lambda *_: today)
    with phone.open() as page:
        page.context.clock.install(time=now + datetime.timedelta(days=days))
        set_up(page, "0122")
        choose(page, "0122")
        page.get_by_text("The date on this phone is wrong").wait_for()
        assert page.get_by_label("Day of the visit").input_value() == today.isoformat()
        picture(page, f"wrong-clock-{days}")
        page.get_by_label("Note").fill("All quiet.")
        save(page, "Nothing waiting to send")
    (one,) = sent()
    assert (one.state, one.problems) == ("applied", [])
    assert everything(Visit).get().day == today


def test_a_full_phone_says_so_loses_nothing_and_offers_a_file(village, phone) -> None:
    with phone.open() as page:
        set_up(page, "0122")
        page.context.set_offline(True)
        choose(page, "0122")
        page.get_by_label("Note").fill("Written before.")
        save(page, "1 waiting to send")
        choose(page, "2231")
        page.get_by_label("Note").fill(SECRET)
        page.get_by_text("Kept on this phone.").wait_for()
    with phone.open(offline=True) as page:  # a browser that was just started asks anew how much room there is
        session = page.context.new_cdp_session(page)
        session.send("Storage.overrideQuotaForOrigin", {"origin": phone.address, "quotaSize": 1})
        page.goto("/field/")
        unlock(page)
        choose(page, "2231")
        page.get_by_label("In their own words").fill("我们需要药")
        page.get_by_text("The phone is full. This visit is not kept yet.").wait_for()
        picture(page, "full")
        page.locator("#photos").set_input_files(photo())
        page.get_by_text("The phone is full.").wait_for()
        page.get_by_role("button", name="Save the visit").click()
        page.get_by_text("The phone is full. This visit is not kept yet.").wait_for()
        assert page.get_by_label("Note").input_value() == SECRET
        with page.expect_download() as download:
            page.get_by_role("button", name="Export unsent work as a file").click()
        exported = json.loads(Path(download.value.path()).read_text())
        assert [one["note"] for one in exported["visits"]] == ["Written before.", SECRET]
        assert exported["visits"][1]["need_words"] == "我们需要药"
        done = take_file(Path(download.value.path()).read_bytes(), village.staff["huangmei"])
        assert (done.taken, everything(Visit).count()) == (2, 2)
        # Once there is room again, all of it is kept and goes.
        session.send("Storage.overrideQuotaForOrigin", {"origin": phone.address})
        save(page, "2 waiting to send")
        page.context.set_offline(False)
        page.get_by_role("heading", name="Nothing waiting to send").wait_for()
    assert [one.note for one in everything(Visit).order_by("pk")] == ["Written before.", SECRET]
    assert everything(Need).get().words == "我们需要药"


def test_a_full_phone_counts_wrong_pins_over_a_restart_and_erases_itself(village, phone) -> None:
    def full(page) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Storage.overrideQuotaForOrigin", {"origin": phone.address, "quotaSize": 1})
        page.goto("/field/")

    with phone.open() as page:
        set_up(page, "0122")
    with phone.open(offline=True) as page:
        full(page)
        type_wrong(page, 6)
        unlock(page)  # the right one sets the count back, although the database cannot
        page.reload()
        type_wrong(page, 7)
        page.get_by_text("3 tries left").wait_for()
    with phone.open(offline=True) as page:
        full(page)
        page.get_by_text("3 tries left").wait_for()
        type_wrong(page, 3)
        page.get_by_text("Everything on this phone was erased").wait_for()
        page.reload()
        page.get_by_label("Choose a PIN").wait_for()


def test_a_photo_of_thirty_megabytes_is_made_small_and_what_is_no_photo_is_refused(
    village, phone, tmp_path
) -> None:
    big, film = tmp_path / "big.jpg", tmp_path / "film.jpg"
    content = photo(5600, 4200)["buffer"]
    big.write_bytes(content + b"\0" * max(0, 30_000_000 - len(content)))
    film.write_bytes(b"no picture" * 3_000_000)
    with phone.open() as page:
        set_up(page, "0122")
        page.context.set_offline(True)
        choose(page, "0122")
        page.locator("#photos").set_input_files(big)
        page.get_by_text("Photo added.").wait_for(timeout=60_000)
        page.locator("#photos").set_input_files(film)
        page.get_by_text("“film.jpg” could not be read as a photo.").wait_for()
        picture(page, "no-photo")
        page.get_by_label("Note").fill("The wall.")
        save(page, "1 waiting to send")
        page.context.set_offline(False)
        page.get_by_role("heading", name="Nothing waiting to send").wait_for()
    kept = everything(SubmissionFile).get()
    assert kept.hash and kept.problem == ""
    stored = path_of(kept.hash)
    with Image.open(stored) as found:
        assert max(found.size) == 1600
    assert stored.stat().st_size < 3_000_000


def test_the_form_changes_while_a_draft_exists(village, phone) -> None:
    """A look was begun; meanwhile the office opened a case whose visit is due. The answers stay and count for it."""
    home, worker = village.households["3096"], village.staff["huangmei"]
    with phone.open() as page:
        set_up(page, "3096")
        choose(page, "3096")
        page.locator("[id='q-out_of_pocket_12m'] input").first.fill("18000")
        page.get_by_label("Note").fill("The father is in hospital.")
        page.get_by_text("Kept on this phone.").wait_for()
        page.goto("/field/#today")
        case = lead(start(home, worker), village.staff, to="visit")
        page.get_by_role("button", name="Look for news").click()
        page.get_by_text("A visit is due in the family's case.").or_(page.get_by_text("due")).first.wait_for()
        page.get_by_text(re.compile("Looking for news|Fetching")).wait_for(state="detached")
        choose(page, "3096")
        page.get_by_text("The form has changed since you began this visit.").wait_for()
        picture(page, "changed-form")
        assert page.get_by_label("Note").input_value() == "The father is in hospital."
        assert page.locator("[id='q-out_of_pocket_12m'] input").first.input_value() == "18000"
        page.get_by_label("Day of the visit").fill(TODAY.isoformat())
        page.get_by_role("button", name="Save the visit").click()
        page.get_by_role("heading", name=re.compile("waiting to send")).wait_for()
        page.get_by_role("heading", name="Nothing waiting to send").wait_for()
    (one,) = sent()
    answers = read_instance(one.xml.encode())
    assert (answers.kind, answers.case, answers.step) == ("visit", case.pk, "visit")
    seen = everything(Observation).filter(household=home, fact="out_of_pocket_12m").latest("pk")
    assert seen.value == "18000"
    assert everything(Visit).get().note == "The father is in hospital."


def test_a_phone_out_of_service_erases_itself_at_its_next_contact(village, phone) -> None:
    with phone.open() as page:
        set_up(page, "0122")
        page.context.set_offline(True)
        choose(page, "0122")
        page.get_by_label("Note").fill(SECRET)
        save(page, "1 waiting to send")
        revoke_device(Device.objects.get(), by="test", today=TODAY)
        page.context.set_offline(False)
        page.get_by_text("This phone was withdrawn. Everything on it was erased.").wait_for()
        picture(page, "withdrawn")
        names = page.evaluate("async () => (await indexedDB.databases()).map((one) => one.name)")
        kept = page.evaluate(
            "() => new Promise((done) => { const asked = indexedDB.open('highground-field');"
            " asked.onsuccess = () => { const found = [...asked.result.objectStoreNames]; asked.result.close();"
            " done(found); }; })"
        )
        assert names == [] or kept == [] or _empty(page)
    assert sent() == []
    assert readable(phone.folder, SECRET) == []
    with phone.open(offline=True) as page:
        page.goto("/field/")
        page.get_by_role("heading", name="Set up this phone").wait_for()


def _empty(page) -> bool:
    """Whether every store of the page's database is empty but for words and the clock, which say nothing of anybody."""
    return bool(
        page.evaluate(
            "async () => { const db = await new Promise((done) => { const asked = indexedDB.open('highground-field');"
            " asked.onsuccess = () => done(asked.result); });"
            " const all = await Promise.all(['cards', 'drafts', 'files', 'queue'].map((name) => new Promise((done) => {"
            " const asked = db.transaction(name).objectStore(name).count(); asked.onsuccess = () => done(asked.result); })));"
            " db.close(); return all.every((count) => count === 0); }"
        )
    )


def test_nothing_is_readable_after_signing_out(village, phone) -> None:
    with phone.open() as page:
        set_up(page, "0122")
        page.context.set_offline(True)
        choose(page, "0122")
        page.get_by_label("Note").fill(SECRET)
        page.locator("#photos").set_input_files(photo())
        page.get_by_text("Photo added.").wait_for()
        save(page, "1 waiting to send")
        page.goto("/field/#me")
        page.get_by_role("button", name="Sign out and erase").click()
        page.get_by_text("1 visit has not been sent and would be lost.").wait_for()
        picture(page, "sign-out")
        page.get_by_role("button", name="Yes, erase everything").click()
        page.get_by_text("Everything on this phone was erased.").wait_for()
        assert _empty(page)
    for text in (SECRET, "huangmei", "BAIYUN", "0122"):
        assert readable(phone.folder / "Default" / "IndexedDB", text) == [], text
    assert readable(phone.folder, SECRET) == []


def test_taken_out_and_left_as_it_was_a_photo_still_goes(village, phone) -> None:
    """A photo is taken out of a waiting visit, then the change is given up: the photo goes with the visit."""
    with phone.open() as page:
        set_up(page, "0122")
        page.context.set_offline(True)
        choose(page, "0122")
        page.get_by_label("Note").fill("The wall.")
        page.locator("#photos").set_input_files(photo(320, 240))
        page.get_by_text("Photo added.").wait_for()
        save(page, "1 waiting to send")
        page.get_by_role("link", name="Open and change").click()
        page.get_by_role("button", name="Remove photo").click()
        page.get_by_text("Kept on this phone.").wait_for()
        page.get_by_role("button", name="Leave it as it was").click()
        page.get_by_role("heading", name="1 waiting to send").wait_for()
        page.context.set_offline(False)
        page.get_by_role("heading", name="Nothing waiting to send").wait_for()
    assert everything(SubmissionFile).exclude(hash="").count() == 1


def test_files_that_no_visit_holds_are_swept_after_an_hour(village, phone) -> None:
    count = (
        "() => new Promise((done) => { const asked = indexedDB.open('highground-field'); asked.onsuccess = () => {"
        " const all = asked.result.transaction('files').objectStore('files').count();"
        " all.onsuccess = () => { asked.result.close(); done(all.result); }; }; })"
    )
    orphan = (
        "(at) => new Promise((done) => { const asked = indexedDB.open('highground-field'); asked.onsuccess = () => {"
        " const change = asked.result.transaction('files', 'readwrite');"
        " change.objectStore('files').put({ iv: null, data: null, at }, `photo-${at}.jpg`);"
        " change.oncomplete = () => { asked.result.close(); done(); }; }; })"
    )
    with phone.open() as page:
        set_up(page, "0122")
        page.context.set_offline(True)
        choose(page, "0122")
        page.locator("#photos").set_input_files(photo(320, 240))
        page.get_by_text("Photo added.").wait_for()
        page.get_by_text("Kept on this phone.").wait_for()
        now = page.evaluate("() => Date.now()")
        page.evaluate(orphan, now - 61 * 60_000)
        page.evaluate(orphan, now - 1000)
        assert page.evaluate(count) == 3
        page.reload()
        unlock(page)
        page.wait_for_timeout(500)
        # The old one is gone; the young one may belong to a visit of another page, the third to the draft.
        assert page.evaluate(count) == 2


def test_an_answer_found_still_right_counts_as_confirmed(village, phone) -> None:
    long_ago = TODAY - datetime.timedelta(days=800)
    learn({"3096": {"out_of_pocket_12m": "900"}}, village.register.areas, day=long_ago)
    with phone.open() as page:
        set_up(page, "3096")
        choose(page, "3096")
        still = page.get_by_role("button", name=re.compile("^Still right"))
        picture(page, "still-right")
        still.first.click()
        page.get_by_label("Day of the visit").fill(TODAY.isoformat())
        save(page, "Nothing waiting to send")
    visit = everything(Visit).get()
    assert (visit.asked, visit.confirmed, visit.corrected) == (1, 1, 0)
