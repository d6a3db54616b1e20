"""Every address, opened by every role at home and next door, by those whose role has ended or not begun, by nobody.

What each may open stands in `DOORS`, which mirrors docs/explanation/access.md; an address that is not in it fails, so
that no page escapes the walk. Whoever looks, no mark of what lies outside their area may be in the answer
(`country.py` puts the marks everywhere first).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from highground.accounts.enums import SEES, Role, Sight
from highground.accounts.models import Grant, User
from highground.people.models import Household
from highground.signals.actions import screen_register
from highground.signals.models import AreaTally, Clue, HouseholdVerdict, Sighting
from tests.pages.country import HEALTH, NEIGHBOURS, Country, person_of, settled, tomorrow, yesterday
from tests.support.places import LONG_AGO
from tests.support.register import BOOK, TODAY
from tests.support.template import Template

pytestmark = pytest.mark.django_db

DOORS = """
address                  village secretary contact township county province analyst auditor operator  marks
/                        yes     yes       yes     yes      yes    yes      yes     yes     yes
/language/               form    form      form    form     form   form     form    form    form
/sign-in/                away    away      away    away     away   away     away    away    away
/sign-out/               form    form      form    form     form   form     form    form    form
/area/                   form    form      form    form     form   form     form    form    form
/areas/                  away    away      away    away     away   away     away    no      no
/areas/{code}/           own     own       own     own      own    own      own     no      no
/clues/                  yes     yes       yes     yes      yes    yes      no      no      no        number, short reason
/clues/cannot-tell/      yes     yes       yes     yes      yes    yes      no      no      no        number to ask
/clues/no-data/          yes     yes       yes     yes      yes    yes      no      no      no        number of the silent
/clues/{clue}/           own     own       own     own      own    own      no      no      no        number, bill
/households/{key}/       own     own       own     own      own    own      no      no      no        key, name, second name, bill
/cases/                  yes     yes       yes     yes      yes    yes      no      no      no
/cases/from-clue/{clue}/  form   form      form    form     form   form     no      no      no
/cases/{work}/           own     own       own     own      own    own      no      no      no        seen at the door, compared
/cases/{work}/steps/{step}/  own  own      own     own      own    own      no      no      no        number
/households/{key}/needs/  own    own       own     own      own    own      no      no      no        need
/needs/                  yes     yes       yes     yes      yes    yes      no      no      no        need
/messages/               yes     yes       yes     yes      yes    yes      no      no      no        report
/messages/{message}/     own     own       own     own      own    own      no      no      no        report, sender
/report/                 open    open      open    open     open   open     open    open    open
/report/status/          open    open      open    open     open   open     open    open    open
/report/{kind}/          open    open      open    open     open   open     open    open    open
/support/                yes     yes       yes     yes      yes    yes      no      no      no        number to ask
/support/loans/          yes     yes       yes     yes      yes    yes      no      no      no        number to ask
/support/follow-ups/     yes     yes       yes     yes      yes    yes      no      no      no
/support/by-itself/      yes     yes       yes     yes      yes    yes      yes     yes     yes
/support/cases/{case}/   own     own       own     own      own    own      no      no      no        number to ask
/support/cases/{case}/write/  own  own     own     own      own    own      no      no      no        number to ask
/support/lines/{line}/   own     own       own     own      own    own      no      no      no        number to ask
/support/lines/{line}/arrived/  own  own   own     own      own    own      no      no      no        number to ask
/support/deliveries/{delivery}/evidence/  own  own  own  own  own  own      no      no      no        evidence
/support/budgets/        no      no        no      no       yes    yes      yes     no      no
/support/payments/       no      no        no      no       yes    yes      yes     no      no
/support/payments/{batch}/  no   no        no      no       own    own      own     no      no
/support/payments/{batch}/file/  no  no    no      no       form   form     form    no      no
/support/payments/{batch}/rejects/  no  no  no     no       own    own      no      no      no
/uploads/{upload}/       own     own       own     own      own    own      no      no      no        recording
/rulebooks/              yes     yes       yes     yes      yes    yes      yes     yes     yes
/rulebooks/{rulebook}/   yes     yes       yes     yes      yes    yes      yes     yes     yes
/runs/                   no      no        no      no       yes    yes      yes     no      no
/runs/{run}/             no      no        no      no       own    own      own     no      no
/events/                 no      no        no      no       no     no       no      yes     no
/events/accesses/        no      no        no      no       no     no       no      yes     no        key
/accounts/               no      no        no      no       no     no       no      no      yes
"""
"""yes: opens. own: opens for what lies in one's area, and is "not found" for the rest. no: refused. away: leads on to
another page. form: answers only to a form that is sent. open: opens for everybody, also without an account, and shows
nothing but the names of areas. Marks: what must be seen of one's own area."""

QUERIES = {
    "/clues/": ["format=csv", "area={area}", "area={area}&format=csv", "show=new&sort=-household", "page=99"],
    "/clues/cannot-tell/": ["format=csv", "area={area}", "area={area}&format=csv"],
    "/clues/no-data/": ["format=csv", "area={area}", "area={area}&format=csv"],
    "/cases/": [
        "show=others",
        "format=csv",
        "show=others&format=csv",
        "area={area}",
        "show=overdue&area={area}",
    ],
    "/cases/{work}/steps/{step}/": ["outcome=applied"],
    "/messages/": ["area={area}", "show=answered", "kind=report"],
    "/messages/{message}/": ["household={key}"],
    "/needs/": ["area={area}", "show=answer"],
    "/support/": ["area={area}", "show=overdue"],
    "/support/loans/": ["area={area}", "show=overdue"],
    "/report/": ["place={area}"],
    "/report/{kind}/": ["place={area}", "in={area}"],
    "/events/": ["format=csv", "kind=signals.screen"],
    "/events/accesses/": ["subject={key}"],
    "/accounts/": ["role=county_officer"],
}
"""Questions after an address that change what it shows; each is asked about one's own area and about the neighbour."""

NEVER = ("identity number", "phone", "bank account")
"""Kinds of marks that no page shows but the papers that a household signs, and these not to whoever sees no names."""

HIDDEN = ("number", "name", *NEVER)
"""Kinds of marks, by how they begin, that nobody but those who look after households may see even of their own area."""

OF_PERSONS = ("name", "second name", "sender")
"""Kinds of marks that only those see who go to a household or decide about it."""

COLUMNS = dict(
    zip(
        "village secretary contact township county province analyst auditor operator".split(),
        Role,
        strict=True,
    )
)


@dataclass(frozen=True)
class Door:
    """One row of the table."""

    address: str
    answers: dict[Role, str]
    marks: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return "open" in self.answers.values()

    @property
    def of_something(self) -> bool:
        return "own" in self.answers.values()


def _doors() -> dict[str, Door]:
    heading, *rows = DOORS.strip().splitlines()
    names = heading.split()[1:-1]
    doors = {}
    for row in rows:
        address, *answers = row.split(maxsplit=len(names) + 1)
        marks = answers[len(names)].split(", ") if len(answers) > len(names) else []
        held = {COLUMNS[name]: answer for name, answer in zip(names, answers, strict=False)}
        doors[address] = Door(address, held, tuple(mark.strip() for mark in marks))
    return doors


TABLE = _doors()
ROUTES = {
    "/areas/<str:code>/": "/areas/{code}/",
    "/clues/<int:number>/": "/clues/{clue}/",
    "/households/<str:key>/": "/households/{key}/",
    "/uploads/<str:digest>/": "/uploads/{upload}/",
    "/rulebooks/<str:name>/": "/rulebooks/{rulebook}/",
    "/runs/<int:number>/": "/runs/{run}/",
    "/cases/from-clue/<int:clue>/": "/cases/from-clue/{clue}/",
    "/cases/<int:number>/": "/cases/{work}/",
    "/cases/<int:number>/steps/<str:step>/": "/cases/{work}/steps/{step}/",
    "/households/<str:key>/needs/": "/households/{key}/needs/",
    "/messages/<int:number>/": "/messages/{message}/",
    "/report/<str:kind>/": "/report/{kind}/",
    "/support/cases/<int:number>/": "/support/cases/{case}/",
    "/support/cases/<int:number>/write/": "/support/cases/{case}/write/",
    "/support/lines/<int:number>/": "/support/lines/{line}/",
    "/support/lines/<int:number>/arrived/": "/support/lines/{line}/arrived/",
    "/support/deliveries/<int:number>/evidence/": "/support/deliveries/{delivery}/evidence/",
    "/support/payments/<int:number>/": "/support/payments/{batch}/",
    "/support/payments/<int:number>/file/": "/support/payments/{batch}/file/",
    "/support/payments/<int:number>/rejects/": "/support/payments/{batch}/rejects/",
}


@pytest.fixture(scope="module")
def country(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Country]:
    """The country, settled and screened once for all walks; each test's changes are rolled back."""
    with django_db_blocker.unblock():
        empty = Template().save()
        with settled(tmp_path_factory.mktemp("home")) as country:
            for role, places in NEIGHBOURS.items():
                for code in places:
                    person_of(country, role, code)
            with django_db_blocker.block():
                yield country
        empty.restore()
        empty.drop()


def somebody(role: Role, code: str) -> Client:
    return signed_in(User.objects.get(username=f"{role}-{code.title()}"))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def addresses(door: Door, example: dict[str, Any]) -> list[str]:
    """The door's address about these things, plain and with every question."""
    path = door.address.format(**example)
    return [path, *(f"{path}?{query.format(**example)}" for query in QUERIES.get(door.address, []))]


def text_of(response) -> str:
    """What the answer says, with what the browser is told to fetch and set."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return (
        html.unescape(body.decode(errors="replace"))
        + "\n"
        + "\n".join(f"{name}: {value}" for name, value in response.items())
    )


def leaks(text: str, strangers: dict[str, str], typed: str) -> list[str]:
    """The marks of strangers in a text, but for what the reader typed into the address bar."""
    for word in re.split(r"[/?&=]", typed):
        if word:
            text = re.sub(rf"(?<=[/=]){re.escape(word)}(?![\w-])", "", text)
    return [f"{kind}: {mark}" for mark, kind in strangers.items() if mark in text and mark not in typed]


def strange_to(door: Door, strangers: dict[str, str]) -> dict[str, str]:
    """The marks that a page must not show: on one that is open to everybody, areas are no secret."""
    if not door.is_open:
        return strangers
    return {mark: kind for mark, kind in strangers.items() if kind not in ("name", "code")}


def routes(resolver: URLResolver | None = None, above: str = "/") -> Iterator[str]:
    """Every address that the resolver knows."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield above + str(pattern.pattern)
        else:
            yield from routes(pattern, above + str(pattern.pattern))


def test_every_address_is_in_the_table() -> None:
    known = {ROUTES.get(route, route) for route in routes()}
    assert known - TABLE.keys() == set(), "add these to DOORS, so that the walk opens them"
    assert TABLE.keys() - known == set(), "these are in DOORS and do not exist"
    assert all(set(door.answers) == set(Role) for door in TABLE.values())


@pytest.mark.parametrize("role", list(Role))
def test_at_home(country: Country, role: Role) -> None:
    """Each role opens what the table says, sees its own things, and nothing of the neighbour."""
    home, _beside = NEIGHBOURS[role]
    client, strangers = somebody(role, home), country.strangers(home)
    own = [country.villages[code] for code in country.within(home)]
    village = own[0]
    for door in TABLE.values():
        for address in addresses(door, country.example(home)):
            response = client.get(address)
            assert response.status_code == STATUS[door.answers[role]], address
            text = text_of(response)
            assert leaks(text, strange_to(door, strangers), address) == [], address
            signed = "/papers/" in address and Sight.PROTECTED in SEES[role]
            never = () if signed else NEVER
            held_back = never if Sight.OBJECTORS in SEES[role] else (*never, "complaint")
            assert [kind for one in own for kind in held_back if one.words[kind] in text] == [], address
            if response.status_code == 200 and address == addresses(door, country.example(home))[0]:
                opens = Sight.PROTECTED in SEES[role]
                seen = {mark for mark in door.marks if village.words[mark] in text}
                assert seen == set(door.marks) - set(() if opens else OF_PERSONS), address
                if "second name" in door.marks:
                    assert (HEALTH in text) == opens, address


STATUS = {"yes": 200, "own": 200, "no": 403, "away": 302, "form": 405, "open": 200}


@pytest.mark.parametrize("role", list(Role))
def test_next_door(country: Country, role: Role) -> None:
    """Asked about the neighbour, a page says what it says of things that do not exist, or shows one's own."""
    home, beside = NEIGHBOURS[role]
    client, strangers = somebody(role, home), country.strangers(home)
    client.post("/area/", {"area": beside})
    for door in TABLE.values():
        answer = door.answers[role]
        expected = 404 if answer == "own" else STATUS[answer]
        for address in addresses(door, country.example(beside)):
            response = client.get(address, follow=answer == "away")
            assert response.status_code == (200 if answer == "away" else expected), address
            assert leaks(text_of(response), strange_to(door, strangers), address) == [], address


@pytest.mark.parametrize("role", [Role.VILLAGE_WORKER, Role.COUNTY_OFFICER, Role.ANALYST])
def test_outside_is_answered_like_what_does_not_exist(country: Country, role: Role) -> None:
    home, beside = NEIGHBOURS[role]
    client = somebody(role, home)
    nothing = {
        "code": "NOWHERE",
        "key": "H000-0000",
        "clue": 10**9,
        "run": 10**9,
        "upload": "0" * 64,
        "message": 10**9,
        **dict.fromkeys(("case", "line", "delivery", "batch", "work"), 10**9),
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
    text = response.content.decode().replace(html.escape(typed), "")
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    return re.sub(r"Good (morning|afternoon|evening)", "", text)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("case", ["ended", "not begun", "for a project", "no grant"])
def test_without_a_grant_today_every_door_is_shut(country: Country, role: Role, case: str) -> None:
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
    client = signed_in(user)
    everything = country.strangers("BAIYUN") | {
        text: kind for marks in country.villages.values() for kind, text in marks.words.items()
    }
    for door in TABLE.values():
        address = door.address.format(**country.example(home))
        response = client.get(address)
        open_to_all = door.is_open or door.address in ("/", "/language/", "/sign-in/", "/sign-out/", "/area/")
        assert response.status_code == (STATUS[door.answers[role]] if open_to_all else 403), address
        assert leaks(text_of(response), strange_to(door, everything), address) == [], address


def test_nobody_is_asked_to_sign_in(country: Country) -> None:
    before = state()
    everything = {text: kind for marks in country.villages.values() for kind, text in marks.words.items()}
    for door in TABLE.values():
        for address in addresses(door, country.example("BAIYUN")):
            for response in (Client().get(address), Client().post(address, country.example("BAIYUN"))):
                if door.is_open or door.address in ("/sign-in/", "/language/"):
                    assert response.status_code in (200, 302, 405, 422)
                else:
                    assert response.status_code == 302
                    assert response.url.startswith("/sign-in/?next=/"), address
                assert leaks(text_of(response), strange_to(door, everything), address) == []
    assert state() == before


def test_a_person_who_may_not_sign_in_any_more_is_nobody(country: Country) -> None:
    client = somebody(Role.COUNTY_OFFICER, "LONGHE")
    User.objects.filter(username="county_officer-Longhe").update(is_active=False)
    for door in TABLE.values():
        if not door.is_open and door.address not in ("/sign-in/", "/language/"):
            assert client.get(door.address.format(**country.example("LONGHE"))).url.startswith("/sign-in/")


@pytest.mark.parametrize("role", list(Role))
def test_forms_about_the_neighbour_change_nothing(country: Country, role: Role) -> None:
    """Whatever somebody posts to any address about what is not theirs, no table changes."""
    home, beside = NEIGHBOURS[role]
    client, strangers = somebody(role, home), country.strangers(home)
    before = state()
    for door in TABLE.values():
        example = country.example(beside)
        address = door.address.format(**example)
        if door.address != "/sign-out/":
            response = client.post(address, {**example, "next": "/clues/", "action": "close"})
            assert response.status_code in (302, 403, 404, 405, 422), address
            assert leaks(text_of(response), strange_to(door, strangers), address) == [], address
    assert state() == before


def test_no_form_is_taken_without_its_token(country: Country) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="county_officer-Longhe"))
    for door in TABLE.values():
        assert client.post(door.address.format(**country.example("LONGHE"))).status_code == 403


def state() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for sessions, the log of who looked, and failed attempts to sign in."""
    left_out = {"sessions.session", "audit.accesslog", "accounts.signinfailure"}
    return {
        model._meta.label_lower: sorted(map(repr, model._base_manager.values_list()))
        for model in apps.get_models()
        if model._meta.label_lower not in left_out
    }


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR, Role.OPERATOR])
@pytest.mark.parametrize("whole", [False, True], ids=["county", "whole"])
def test_who_sees_no_household_finds_none(country: Country, role: Role, whole: bool) -> None:
    """No name, number, clue or pseudonym of one's own area either; auditors see pseudonyms, in their logs alone."""
    user = User.objects.get(username=f"{role}-Longhe")
    if whole:
        user = person_of(country, role, "CN" if role == Role.ANALYST else None)
    client = signed_in(user)
    own = {
        text: kind
        for marks in country.villages.values()
        for kind, text in marks.words.items()
        if hidden(kind, role)
    }
    for door in TABLE.values():
        for address in addresses(door, country.example("LONGHE")):
            response = client.get(address)
            assert response.status_code == STATUS[door.answers[role]], address
            assert leaks(text_of(response), own, address) == [], address


def hidden(kind: str, role: Role) -> bool:
    return role != Role.AUDITOR or not kind.startswith("key")


@pytest.mark.parametrize(
    "role",
    [Role.VILLAGE_WORKER, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER, Role.ANALYST],
)
def test_no_page_changes_when_the_neighbour_does(country: Country, role: Role) -> None:
    """Not even a sum: after whatever happens next door, every page of one's own says exactly what it said before."""
    home, beside = NEIGHBOURS[role]
    client = somebody(role, home)
    open_to = [door for door in TABLE.values() if door.answers[role] in ("yes", "own")]
    pages = [address for door in open_to for address in addresses(door, country.example(home))]
    before = {address: page_text(client, address) for address in pages}
    happen(country, beside)
    for address in pages:
        assert page_text(client, address) == before[address], address


def page_text(client: Client, address: str) -> str:
    response = client.get(address)
    if response.streaming:
        return b"".join(response.streaming_content).decode(errors="replace")
    return plain(response, address)


def happen(country: Country, code: str) -> None:
    """New households with clues, verdicts, tallies and sightings in an area, and a run over it."""
    village = country.areas[country.within(code)[0]]
    (run,) = {clue.run_last_id for clue in country.clues.values()} & {country.clues[village.code].run_last_id}
    clue = country.clues[village.code]
    for number in range(3):
        household = Household.objects.create(key=f"HNEW-000{number}", number=f"new {number}", area=village)
        fields = {"rulebook": BOOK, "household": household}
        new = Clue.objects.create(
            **fields,
            rule="sudden_severe",
            kind="class",
            severity=3,
            opened_on=LONG_AGO,
            due_on=LONG_AGO,
            run_opened=clue.run_opened,
            run_last=clue.run_last,
        )
        Sighting.objects.create(clue=new, run=clue.run_last, change="new")
        queue = ("cannot_tell", "unseen", "")[number]
        HouseholdVerdict.objects.create(**fields, run_id=run, class_verdict="cannot_tell", queue=queue)
    AreaTally.objects.everywhere(reason="test").filter(area=village).update(households=1_000, possible=500)
    Clue.objects.everywhere(reason="test").filter(pk=clue.pk).update(status="closed")
    screen_register(rulebook=BOOK, as_of=TODAY, area=village, by="test", today=TODAY)
