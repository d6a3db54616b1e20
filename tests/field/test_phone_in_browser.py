"""The phone in a real browser: set up once, then seven tasks without network that survive a reload and a restart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from highground.cases.models import Need, Visit
from highground.field.models import Conflict, Submission, SubmissionFile
from highground.people.models import Household, Observation
from tests.support.casework import lead, start
from tests.support.handset import Handset, choose, photo, picture, save, set_up, sign_in, type_wrong, unlock
from tests.support.phone import everything
from tests.support.register import TODAY, learn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(browser, live_server, tmp_path) -> Iterator[Handset]:
    one = Handset(browser.browser_type, tmp_path / "profile", live_server.url)
    yield one
    assert one.troubles == []


def test_seven_tasks_without_network_survive_reload_and_restart(village, phone) -> None:
    case = lead(start(village.households["2231"], village.staff["huangmei"]), village.staff, to="visit")
    with phone.open() as page:
        set_up(page, "2231", "0122")
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


def test_a_second_visit_neither_asks_again_nor_takes_the_step_twice(village, phone) -> None:
    """Two visits to one house wait on the phone: the first proposes it and answers a question."""
    case = lead(start(village.households["3096"], village.staff["huangmei"]), village.staff, to="visit")
    with phone.open() as page:
        set_up(page, "3096", "0122")
        page.context.set_offline(True)
        choose(page, "3096")
        questions = page.locator(".question")
        asked = questions.evaluate_all("(all) => all.map((one) => one.id)")
        page.locator(f"[id='{asked[0]}'] input[inputmode]").fill("18000")
        for one in page.get_by_role("group", name="Who went with you").get_by_role("checkbox").all():
            one.check()
        page.get_by_label("Propose the household").check()
        page.get_by_label("Class of the household").select_option("sudden_severe")
        page.get_by_label("Illness").check()
        if page.get_by_label("Your reason").count():
            page.get_by_label("Your reason").fill("A bill that nobody can pay.")
        page.get_by_label("Day of the visit").fill(TODAY.isoformat())
        save(page, "1 waiting to send")
        choose(page, "3096")
        page.get_by_text(re.compile("waits to be sent, with what came of it")).wait_for()
        assert page.get_by_role("group", name="Outcome").count() == 0
        assert questions.evaluate_all("(all) => all.map((one) => one.id)") == asked[1:]
        picture(page, "second-visit")
        page.get_by_label("Note").fill("The father is back.")
        page.get_by_label("Day of the visit").fill(TODAY.isoformat())
        save(page, "2 waiting to send")
        page.context.set_offline(False)
        page.get_by_role("heading", name="Nothing waiting to send").wait_for()
    assert list(everything(Submission).values_list("state", "problems")) == [("applied", [])] * 2
    visits = everything(Visit).filter(household=case.household).order_by("pk")
    assert [one.step is not None for one in visits] == [True, False]


ASKED = """
    const asks = StorageManager.prototype.persist;
    window.asked = 0;
    StorageManager.prototype.persist = function () { window.asked += 1; return asks.call(this); };
"""
"""Counts how often the page asks the browser to keep what it stores."""


def test_the_browser_is_asked_to_keep_what_waits(village, phone) -> None:
    warning = re.compile("The browser has not promised to keep")
    with phone.open() as page:
        page.add_init_script(ASKED)
        sign_in(page)
        assert page.evaluate("() => window.asked") == 1
        page.goto("/field/#me")
        page.get_by_text(warning).wait_for()
        session = page.context.new_cdp_session(page)
        session.send("Browser.grantPermissions", {"permissions": ["durableStorage"], "origin": phone.address})
        page.goto("/field/#outbox")
        page.get_by_role("heading", name="Nothing waiting to send").wait_for()
        page.goto("/field/#me")
        page.get_by_role("button", name="Lock now").wait_for()
        assert page.get_by_text(warning).count() == 0


def test_a_value_changed_on_both_sides_waits_for_a_person(village, phone) -> None:
    with phone.open() as page:
        set_up(page, "2231", "0122")
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
    secret = "The roof leaks over the bed of the grandmother"
    plain = "A sentence that nobody sealed, kept to see that the search finds what can be read"
    with phone.open() as page:
        set_up(page, "2231", "0122")
        page.evaluate(KEEP_PLAIN, plain)
        page.context.set_offline(True)
        choose(page, "0122")
        page.get_by_label("Note").fill(secret)
        save(page, "1 waiting to send")
    assert _found(phone.folder, plain)
    assert not _found(phone.folder, secret)
    with phone.open(offline=True) as page:
        page.goto("/field/")
        type_wrong(page, 9)
        page.get_by_text("1 tries left").wait_for()
        type_wrong(page, 1)
        page.get_by_text("Everything on this phone was erased").wait_for()
        picture(page, "erased")
    assert not _found(phone.folder, secret)


KEEP_PLAIN = """(text) => new Promise((done, failed) => {
    const asked = indexedDB.open('plain', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('plain');
    asked.onerror = () => failed(asked.error);
    asked.onsuccess = () => {
        const turn = asked.result.transaction('plain', 'readwrite', { durability: 'strict' });
        turn.objectStore('plain').put({ note: text }, 'note');
        turn.oncomplete = () => { asked.result.close(); done(); };
    };
})"""
"""Keeps a text as the phone keeps its records, but unsealed."""


def _found(folder: Path, text: str) -> list[Path]:
    """The files in which the text stands, in either of the two ways in which a browser keeps text."""
    wanted = (text.encode(), text.encode("utf-16-le"))
    return [
        one for one in folder.rglob("*") if one.is_file() and any(form in one.read_bytes() for form in wanted)
    ]


def test_a_broken_line_costs_one_chunk_of_the_cards_at_most(village, phone) -> None:
    """Sixty households come in chunks of twenty; the second chunk breaks off. What came stays, and only the rest is fetched."""
    area = village.households["2231"].area
    Household.objects.bulk_create(
        Household(key=f"many{number}", number=f"7{number:03}", area=area) for number in range(60)
    )
    asked: list[int] = []

    def pass_on(route) -> None:
        keys = route.request.url.partition("keys=")[2].partition("&")[0].split(",")
        asked.append(len(keys))
        if len(asked) == 2:
            route.abort()
        else:
            route.continue_()

    with phone.open() as page:
        page.context.route("**/field/cards?*", pass_on)
        sign_in(page)
        page.get_by_text("No network").first.wait_for()
        assert asked == [20, 20]
    with phone.open() as page:
        page.context.route("**/field/cards?*", pass_on)
        page.goto("/field/")
        unlock(page)
        every = Household.objects.visible_to(village.staff["huangmei"], TODAY).count()
        for _try in range(75):
            if sum(asked[2:]) >= every - 20:
                break
            page.wait_for_timeout(200)
        page.get_by_text(re.compile("Fetching household cards")).wait_for(state="detached")
    assert every > 60 and sum(asked[2:]) == every - 20
