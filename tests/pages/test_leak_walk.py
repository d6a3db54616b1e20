"""The leak walk: every address, opened by every role at home, next door and over the whole country, by those whose role has
ended or not begun, by nobody.

What each may open stands in `doors.py`, which mirrors docs/explanation/access.md; an address that is not in it fails, so
that no page escapes the walk. Whoever looks, no mark of what lies outside their area may be in the answer
(`country.py` puts the marks everywhere first). With `-s` the last line says how much was opened.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from highground.accounts.actions import grant_role
from highground.accounts.enums import Role
from highground.accounts.models import Grant, User
from highground.people.models import Household
from highground.signals.actions import screen_register
from highground.signals.models import AreaTally, Clue, HouseholdVerdict, Sighting
from tests.pages.audited import audit
from tests.pages.country import NEIGHBOURS, Country, person_of, settled, tomorrow, yesterday
from tests.pages.doors import ALWAYS_OPEN, STATUS, TABLE, Door, known_addresses
from tests.pages.walking import (
    Visitor,
    Walk,
    hidden_from,
    of_everybody,
    somebody,
    strange_to,
    walk_at_home,
    walk_next_door,
    words_of,
)
from tests.pages.worked import work_on
from tests.support.places import LONG_AGO
from tests.support.register import BOOK, TODAY
from tests.support.template import Template

pytestmark = pytest.mark.django_db

ON_ONE_DATABASE = pytest.mark.sqlite_only
"""What only opens more of the same pages: that their scopes hold on both databases is shown at home and by the tests of rooms."""

FRESH_ID = re.compile(r"uuid:[0-9a-f-]{36}")
"""What a page draws anew each time it is opened: the id of the form that will be sent."""

WHOLE = {
    Role.PROVINCE_OFFICER: "CN", Role.ANALYST: "CN", Role.AUDITOR: None, Role.OPERATOR: None, Role.CURATOR: None,
    Role.ORGANISER: None,
}  # fmt: skip
"""Who may be held over everything: by the country, or without an area."""

WITHOUT_ACCOUNT = ("/sign-in/", "/language/", "/field/enrol")
"""Addresses that answer to somebody who has not signed in."""


@pytest.fixture(scope="module")
def country(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Country]:
    """The country, settled and screened once for all walks; each test's changes are rolled back."""
    with django_db_blocker.unblock():
        empty = Template().save()
        with settled(tmp_path_factory.mktemp("home")) as country:
            for role, places in NEIGHBOURS.items():
                for code in places:
                    person_of(country, role, code)
            for role, code in WHOLE.items():
                person_of(country, role, code)
            with django_db_blocker.block():
                yield country
        empty.restore()
        empty.drop()


@pytest.fixture(autouse=True)
def quiet(caplog) -> None:
    """Refusals are what the walk is after: with `-s` they do not drown what it says at the end."""
    for name in ("django.request", "django.security.csrf"):
        caplog.set_level(logging.ERROR, logger=name)


@pytest.fixture(scope="module")
def walk() -> Iterator[Walk]:
    """The walk of all tests here; at the end it says how far it went."""
    walk = Walk()
    yield walk
    print(f"\nleak walk: {len(walk.opened)} combinations, {len(walk.leaks)} leaks")


def test_every_address_is_in_the_table() -> None:
    known = known_addresses()
    assert known - TABLE.keys() == set(), "add these to DOORS, so that the walk opens them"
    assert TABLE.keys() - known == set(), "these are in DOORS and do not exist"
    assert all(set(door.answers) == set(Role) for door in TABLE.values())


@pytest.mark.parametrize("role", list(Role))
def test_at_home(walk: Walk, country: Country, role: Role) -> None:
    """Each role opens what the table says, sees its own things, and nothing of the neighbour."""
    assert walk_at_home(walk, country, role, NEIGHBOURS[role][0], TABLE.values()) == []


@ON_ONE_DATABASE
@pytest.mark.parametrize("role", list(WHOLE))
def test_over_the_whole_country(walk: Walk, country: Country, role: Role) -> None:
    """Whoever is held over everything sees all of what the role reads, and nothing of what it does not."""
    assert walk_at_home(walk, country, role, WHOLE[role], TABLE.values()) == []


@ON_ONE_DATABASE
@pytest.mark.parametrize("role", list(Role))
def test_next_door(walk: Walk, country: Country, role: Role) -> None:
    """Asked about the neighbour, a page says what it says of things that do not exist, or shows one's own."""
    assert walk_next_door(walk, country, role, TABLE.values()) == []


def test_a_page_without_a_scope_is_found(country: Country, settings) -> None:
    """A new page that nobody wrote into the table fails, and one that forgot its scope leaks, whoever looks."""
    settings.ROOT_URLCONF = "tests.pages.forgotten"
    assert known_addresses() - TABLE.keys() == {"/everybody/"}
    doors = [Door("/everybody/", dict.fromkeys(Role, "yes"))]
    for role, (home, beside) in NEIGHBOURS.items():
        village = country.within(beside)[0]
        leak = f"/everybody/: key of {village}: {country.households[village].key}"
        for faults in (
            walk_at_home(Walk(), country, role, home, doors),
            walk_next_door(Walk(), country, role, doors),
        ):
            assert any(fault.endswith(leak) for fault in faults), role


@ON_ONE_DATABASE
@pytest.mark.parametrize("other", [Role.ANALYST, Role.PROVINCE_OFFICER])
def test_two_roles_hold_each_in_its_own_area(walk: Walk, country: Country, other: Role) -> None:
    """Who looks after a village and holds another role in the next county reads there what that role reads, no more."""
    user = User.objects.get(username=f"{Role.VILLAGE_WORKER}-Baiyun")
    grant_role(user, role=other, area=country.areas["PINGNAN"], valid_from=LONG_AGO, by="test")
    who = Visitor.named(f"village worker at Baiyun, {other} at Pingnan", user)
    around = {code for code in country.villages if code not in ("BAIYUN", "ANTANG-1")}
    for door in TABLE.values():
        hidden = hidden_from(other, country, ["ANTANG-1"], door) | {
            text: f"{kind} of {code}"
            for code in around
            for kind, text in country.villages[code].words.items()
        }
        for place in ("PINGNAN", "BAIYUN"):
            who.client.post("/area/", {"area": place})
            for address in door.about(country.example(place)):
                response, _text = walk.look(who, address, hidden)
                assert response.status_code in (200, 302, 401, 403, 404, 405), address
    assert [leak for leak in walk.leaks if leak.startswith(who.name)] == []
    # The village is in view, where this person sees no payments: nor sums of what waits to be paid there.
    assert who.client.get("/support/payments/").context["waiting"] == []


@pytest.mark.parametrize("role", [Role.VILLAGE_WORKER, Role.COUNTY_OFFICER, Role.ANALYST])
def test_outside_is_answered_like_what_does_not_exist(country: Country, role: Role) -> None:
    home, beside = NEIGHBOURS[role]
    client = somebody(role, home).client
    numbers = ("case", "line", "delivery", "batch", "work", "clue", "run", "message", "meeting", "called")
    nothing = {
        "area": "NOWHERE",
        "code": "NOWHERE",
        "key": "H000-0000",
        "upload": "0" * 64,
        **dict.fromkeys((*numbers, "notice", "complaint"), 10**9),
    }
    for door in TABLE.values():
        if door.answers[role] == "own":
            there, nowhere = (
                door.address.format(**words)
                for words in (country.example(beside), {**country.example(beside), **nothing})
            )
            assert plain(client.get(there), there) == plain(client.get(nowhere), nowhere)


def plain(response, typed: str) -> str:
    """A page's text without what differs from one request to the next."""
    text = words_of(response, response.content).replace(html.escape(typed), "")
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    return re.sub(r"Good (morning|afternoon|evening)", "", text)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("case", ["ended", "not begun", "for a project", "no grant"])
def test_without_a_grant_today_every_door_is_shut(
    walk: Walk, country: Country, role: Role, case: str
) -> None:
    home, _beside = NEIGHBOURS[role]
    days = {
        "ended": {"valid_to": yesterday()},
        "not begun": {"valid_from": tomorrow()},
        "for a project": {},
        "no grant": {},
    }[case]
    user = User.objects.create(username=f"former {role}")
    if case != "no grant":
        project = case == "for a project"
        Grant.objects.create(
            user=user,
            role=role,
            area=None if project else country.areas[home],
            target_kind="project" if project else "",
            target_id="7" if project else "",
            **{"valid_from": LONG_AGO, **days},
        )
    who, everything = Visitor.named(f"{role}, {case}", user), of_everybody(country)
    for door in TABLE.values():
        address = door.address.format(**country.example(home))
        response, _text = walk.look(who, address, strange_to(door, everything))
        open_to_all = door.is_open or door.address in ALWAYS_OPEN
        assert response.status_code == (STATUS[door.answers[role]] if open_to_all else 403), address
    assert [leak for leak in walk.leaks if leak.startswith(who.name)] == []


def test_nobody_is_asked_to_sign_in(walk: Walk, country: Country) -> None:
    before, example = state(), country.example("BAIYUN")
    everything = {text: kind for code in country.villages for kind, text in country.words(code).items()}
    for door in TABLE.values():
        for address in door.about(example):
            for method, sent in (("get", {}), ("post", {"data": example})):
                response, _text = walk.look(
                    Visitor("nobody"), address, strange_to(door, everything), method, **sent
                )
                if door.is_open or door.address in WITHOUT_ACCOUNT:
                    assert response.status_code in (200, 302, 401, 403, 404, 405, 415, 422)
                else:
                    assert response.status_code == 302
                    assert response.url.startswith("/sign-in/?next=/"), address
    assert [leak for leak in walk.leaks if leak.startswith("nobody")] == []
    assert state() == before


def test_a_person_who_may_not_sign_in_any_more_is_nobody(country: Country) -> None:
    client = somebody(Role.COUNTY_OFFICER, "LONGHE").client
    User.objects.filter(username="county_officer-Longhe").update(is_active=False)
    for door in TABLE.values():
        if not door.is_open and door.address not in WITHOUT_ACCOUNT:
            assert client.get(door.address.format(**country.example("LONGHE"))).url.startswith("/sign-in/")


@pytest.mark.parametrize("role", list(Role))
def test_forms_about_what_is_not_theirs_change_nothing(walk: Walk, country: Country, role: Role) -> None:
    """Whatever somebody posts about the neighbour, or at home to a door that is shut to them, no table changes."""
    home, beside = NEIGHBOURS[role]
    who, strangers, before = somebody(role, home), country.strangers(home), state()
    pressed = {"next": "/clues/", "action": "close", "save": "off", "do": "withdraw", "reason": "because"}
    for place in (beside, home):
        for door in TABLE.values():
            shut = door.answers[role] in ("no", "none")
            if door.address != "/sign-out/" and (place == beside or shut):
                example = country.example(place)
                address = door.address.format(**example)
                response, _text = walk.look(
                    who, address, strange_to(door, strangers), "post", data={**example, **pressed}
                )
                assert response.status_code in (
                    (403, 404, 405) if shut else (200, 302, 401, 403, 404, 405, 415, 422)
                ), address
    assert [leak for leak in walk.leaks if leak.startswith(who.name)] == []
    assert state() == before


def test_no_form_is_taken_without_its_token(country: Country) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="county_officer-Longhe"))
    for door in TABLE.values():
        # A device sends its token in a header of its own; a phone that has none yet sends JSON, which no form can.
        refused = 401 if door.of_device else 415 if door.address == "/field/enrol" else 403
        if door.address == "/knowledge/oai/":
            refused = 200  # A harvester asks by POST as well, and changes nothing.
        assert client.post(door.address.format(**country.example("LONGHE"))).status_code == refused


def state() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for sessions, the log of who looked, and failed attempts to sign in."""
    left_out = {"sessions.session", "audit.accesslog", "accounts.signinfailure"}
    return {
        model._meta.label_lower: sorted(map(repr, model._base_manager.values_list()))
        for model in apps.get_models()
        if model._meta.label_lower not in left_out
    }


@pytest.mark.parametrize(
    "role",
    [Role.VILLAGE_WORKER, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER, Role.ANALYST],
)
@ON_ONE_DATABASE
def test_no_page_changes_when_the_neighbour_does(country: Country, role: Role) -> None:
    """Not even a sum: after whatever happens next door, every page of one's own says exactly what it said before."""
    home, beside = NEIGHBOURS[role]
    client = somebody(role, home).client
    open_to = [door for door in TABLE.values() if door.answers[role] in ("yes", "own")]
    pages = [address for door in open_to for address in door.about(country.example(home))]
    for address in pages:
        client.get(address)  # a price that one page works out is told by another from then on
    before = {address: page_text(client, address) for address in pages}
    happen(country, beside)
    for address in pages:
        assert page_text(client, address) == before[address], address


def page_text(client: Client, address: str) -> str:
    response = client.get(address)
    if response.streaming:
        return b"".join(response.streaming_content).decode(errors="replace")
    return FRESH_ID.sub("uuid:", plain(response, address))


def happen(country: Country, code: str) -> None:
    """New households with clues, verdicts, tallies, sightings and cases in an area, and a run over it."""
    village = country.areas[country.within(code)[0]]
    (run,) = {clue.run_last_id for clue in country.clues.values()} & {country.clues[village.code].run_last_id}
    clue = country.clues[village.code]
    new = []
    for number in range(3):
        household = Household.objects.create(key=f"HNEW-000{number}", number=f"new {number}", area=village)
        fields = {"rulebook": BOOK, "household": household}
        opened = Clue.objects.create(
            **fields,
            rule="sudden_severe",
            kind="class",
            severity=3,
            opened_on=LONG_AGO,
            due_on=LONG_AGO,
            run_opened=clue.run_opened,
            run_last=clue.run_last,
        )
        Sighting.objects.create(clue=opened, run=clue.run_last, change="new")
        queue = ("cannot_tell", "unseen", "")[number]
        HouseholdVerdict.objects.create(**fields, run_id=run, class_verdict="cannot_tell", queue=queue)
        new.append(household)
    work_on({village.code: ("Newton", new[0], new[1])})
    audit(village, {village.code: (new[2], new[1])})
    AreaTally.objects.everywhere(reason="test").filter(area=village).update(households=1_000, possible=500)
    Clue.objects.everywhere(reason="test").filter(pk=clue.pk).update(status="closed")
    screen_register(rulebook=BOOK, as_of=TODAY, area=village, by="test", today=TODAY)
