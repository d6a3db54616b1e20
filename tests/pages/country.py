"""A screened country of neighbours for tests of what may be seen: the same things stand in every village, each
under markers of its own, so that whatever of a neighbour appears on a page is recognised."""

from __future__ import annotations

import datetime
import io
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.test import override_settings
from django.utils import timezone

from highground.accounts.actions import add_user, grant_role
from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.areas.models import Area
from highground.audit.actions import log_access
from highground.cases.enums import MessageKind
from highground.cases.models import HolidayList, Message, Need
from highground.cases.public.actions import Letter, send_message
from highground.cases.public.codes import new_ticket
from highground.files.models import Upload
from highground.files.uploads import keep_upload
from highground.people.actions import receive, source_of
from highground.people.models import Household, Member
from highground.signals.actions import screen_register
from highground.signals.models import Clue, Run
from tests.pages.audited import audit
from tests.pages.built import build, built
from tests.pages.gathered import gather, marks_of_forum
from tests.pages.helped import BUDGETS, evidence_of, help_families, row_of
from tests.pages.known import asked, know
from tests.pages.phoned import phone_in
from tests.pages.posted import post_people, teammate
from tests.pages.unnumbered import without_number
from tests.pages.worked import words_of, work_on
from tests.support.register import BILLS, BOOK, KNOWN, LONG_AGO, TODAY, Register, add_register

VILLAGES = {"BAIYUN": "Baiyun", "DATANG": "Datang", "HEPING-1": "Heping", "ANTANG-1": "Antang"}
"""Two villages of one township, one of the next township in the county, one of the next county."""

BILL_OF = {code: 45_117 + 404 * place for place, code in enumerate(VILLAGES)}
"""A hospital bill that is found nowhere else."""

NEIGHBOURS = {
    Role.VILLAGE_WORKER: ("BAIYUN", "DATANG"),
    Role.FIRST_SECRETARY: ("BAIYUN", "DATANG"),
    Role.CONTACT_OFFICER: ("BAIYUN", "DATANG"),
    Role.TOWNSHIP_OFFICER: ("NALONG", "HEPING"),
    Role.COUNTY_OFFICER: ("LONGHE", "PINGNAN"),
    Role.PROVINCE_OFFICER: ("LONGHE", "PINGNAN"),
    Role.ANALYST: ("LONGHE", "PINGNAN"),
    Role.AUDITOR: ("LONGHE", "PINGNAN"),
    Role.OPERATOR: ("LONGHE", "PINGNAN"),
    Role.CURATOR: ("LONGHE", "PINGNAN"),
    Role.ORGANISER: ("LONGHE", "PINGNAN"),
}
"""Where each role is held, and the area beside it of which nothing may be seen."""


@dataclass(frozen=True)
class Marks:
    """What in a page would give a village away, by kind."""

    village: str
    path: str
    words: dict[str, str]


@dataclass(frozen=True)
class Country:
    """The areas by code, the marks of each village and what addresses are made of there; by the code of the county its run
    and its marks."""

    areas: dict[str, Area]
    villages: dict[str, Marks]
    households: dict[str, Household]
    clues: dict[str, Clue]
    things: dict[str, dict[str, Any]]
    runs: dict[str, Run]
    counties: dict[str, dict[str, str]]

    def words(self, village: str) -> dict[str, str]:
        """The marks of a village and of its county, by kind."""
        county = next(code for code in self.counties if village in self.within(code))
        return self.villages[village].words | self.counties[county]

    def within(self, code: str) -> list[str]:
        """The codes of the villages in an area."""
        path = self.areas[code].path
        return [village for village, marks in self.villages.items() if marks.path.startswith(path)]

    def strangers(self, code: str) -> dict[str, str]:
        """Every mark of what lies outside an area: text -> what it is. Areas around it are no strangers."""
        path = self.areas[code].path
        found = {}
        for village, marks in self.villages.items():
            if not marks.path.startswith(path):
                found |= {text: f"{kind} of {village}" for kind, text in marks.words.items()}
        for other in self.areas.values():
            if not (path.startswith(other.path) or other.path.startswith(path)):
                found |= {f">{other.code}<": "code", f" at {other.code.title()}": "person"}
                found |= dict.fromkeys(other.names.values(), "name")
        for county, words in self.counties.items():
            place = self.areas[county].path
            if not (path.startswith(place) or place.startswith(path)):
                found |= {text: f"{kind} of {county}" for kind, text in words.items()}
        return found

    def example(self, code: str) -> dict[str, Any]:
        """What a page can be asked about in an area: the words that fill addresses and forms."""
        village = self.within(code)[0]
        path = self.areas[code].path
        run = next(
            run
            for county, run in self.runs.items()
            if path.startswith(self.areas[county].path) or self.areas[county].path.startswith(path)
        )
        return {
            "area": code,
            "county": next(county for county in self.counties if village in self.within(county)),
            "code": code,
            "key": self.households[village].key,
            "clue": self.clues[village].pk,
            "run": run.pk,
            "rulebook": BOOK,
            **self.things[village],
            "upload": self.villages[village].words["hash of the recording"],
        }


@contextmanager
def settled(home: Path) -> Iterator[Country]:
    """The country in the database, with its files in `home`."""
    with override_settings(HIGHGROUND_HOME=home, SYNTHETIC_MARK=home / "synthetic"):
        yield _settle()


def _settle() -> Country:
    places = {}
    for code, name in VILLAGES.items():
        places[f"{name}-bill"] = (code, {**BILLS, "out_of_pocket_12m": str(BILL_OF[code])})
        known = {fact: value for fact, value in BILLS.items() if fact != "out_of_pocket_12m"}
        places[f"{name}-ask"] = (code, known)
        places[f"{name}-silent"] = (code, {})
    register = add_register(places)
    for code in VILLAGES:
        _add_people(register, code)
    everywhere = screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    runs = {
        county: screen_register(
            rulebook=BOOK, as_of=TODAY, area=register.areas[county], by="test", today=TODAY
        )
        for county in ("LONGHE", "PINGNAN")
    }
    assert everywhere.counts["opened"] == 2 * len(VILLAGES)
    households = {code: register.households[f"{name}-bill"] for code, name in VILLAGES.items()}
    found = (
        Clue.objects.everywhere(reason="test").filter(rule="sudden_severe").select_related("household__area")
    )
    clues = {clue.household.area.code: clue for clue in found}
    for household in register.households.values():
        log_access(
            by="0",
            page="test",
            subject_kind="household",
            subject_id=household.key,
            area_path=household.area.path,
        )
    said = {
        code: _say_something(register.areas[code], households[code], name) for code, name in VILLAGES.items()
    }
    helped = help_families(
        register.areas, {code: register.households[f"{name}-ask"] for code, name in VILLAGES.items()}
    )
    worked = work_on(
        {
            code: (name, households[code], register.households[f"{name}-silent"])
            for code, name in VILLAGES.items()
        }
    )
    audited: dict[str, dict[str, int]] = {}
    posted: dict[str, dict[str, Any]] = {}
    for county, inside in (("LONGHE", ("BAIYUN", "DATANG", "HEPING-1")), ("PINGNAN", ("ANTANG-1",))):
        drawn = {code: (register.households[f"{VILLAGES[code]}-silent"], households[code]) for code in inside}
        audited |= audit(register.areas[county], drawn)
        posted |= post_people(
            register.areas[county], {code: (register.areas[code], VILLAGES[code]) for code in inside}
        )
    gathered = {
        code: gather(register.areas[county])
        for county, inside in (("LONGHE", ("BAIYUN", "DATANG", "HEPING-1")), ("PINGNAN", ("ANTANG-1",)))
        for code in inside
    }
    known = know({code: (register.areas[code], name) for code, name in VILLAGES.items()})
    standing = build({code: (register.areas[code], name) for code, name in VILLAGES.items()})
    phoned = phone_in({code: (name, households[code]) for code, name in VILLAGES.items()})
    unnumbered = without_number(VILLAGES)
    things = {
        code: {
            **unnumbered[code],
            **said[code],
            **helped[code],
            **worked[code],
            **audited[code],
            **posted[code],
            **gathered[code],
            **known[code],
            **standing[code],
            **phoned[code],
        }
        for code in VILLAGES
    }
    villages = {
        code: Marks(
            code,
            register.areas[code].path,
            _words(register, code, clues[code])
            | _addresses(clues[code], things[code])
            | {
                "teammate": teammate(VILLAGES[code]),
                "question": asked(VILLAGES[code]),
                "built": built(VILLAGES[code]),
            },
        )
        for code in VILLAGES
    }
    counties = {
        county: _of_county(register.areas[county], run, things[village])
        for (county, run), village in zip(runs.items(), ("BAIYUN", "ANTANG-1"), strict=True)
    }
    return Country(register.areas, villages, households, clues, things, runs, counties)


def _addresses(clue: Clue, things: dict[str, Any]) -> dict[str, str]:
    """Addresses that no page of others leads to."""
    return {
        "address of the clue": f"/clues/{clue.pk}/",
        "address of the case": f"/cases/{things['work']}/",
        "address of the meeting": f"/cases/meetings/{things['called']}/",
        "address of the meeting held": f"/cases/meetings/{things['meeting']}/",
        "address of the notice": f"/cases/notices/{things['notice']}/",
        "address of the complaint": f"/messages/{things['complaint']}/",
        "address of the plan": f"/support/cases/{things['case']}/",
        "address of the line": f"/support/lines/{things['line']}/",
        "address of the row": f"/feeds/rows/medical/{things['feed_row']}/",
    }


def _of_county(county: Area, run: Run, things: dict[str, Any]) -> dict[str, str]:
    """The marks of a county by kind; it keeps a list of holidays."""
    source = f"Calendar of {county.code.title()}"
    HolidayList.objects.create(area=county, year=TODAY.year, off=["2026-05-01"], source=source, by="test")
    return {
        "run": f"/runs/{run.pk}/",
        "hash of the run": run.content_hash,
        "folder of the run": run.folder,
        "holidays": source,
        "budget": f"{BUDGETS[county.code] // 100:,}",
        "batch": f"/support/payments/{things['batch']}/",
        "row sent back": row_of(county.code),
        **marks_of_forum(county),
    }


def _say_something(village: Area, household: Household, name: str) -> dict[str, int]:
    """A report and a complaint from the public page, and a need: what the family said. The first two."""
    report = Letter(
        kind=MessageKind.REPORT,
        area=village,
        trouble="illness",
        words=f"We of {name} are ill",
        name=f"Sender in {name}",
    )
    complaint = Letter(
        kind=MessageKind.GRIEVANCE, area=village, words=f"Money is asked for in {name}", for_county=True
    )
    for letter in (report, complaint):
        send_message(letter, ticket=new_ticket(), address=name, today=TODAY)
    Need.objects.create(
        household=household, words=f"A pot for {name}", asked_on=TODAY, recorded_at=timezone.now(), by="test"
    )
    found = Message.objects.everywhere(reason="test").filter(area=village)
    return {
        "message": found.get(words=report.words).pk,
        "complaint": found.get(words=complaint.words).pk,
    }


def _add_people(register: Register, code: str) -> None:
    """Two people in the household with the bill, with names, numbers and a fact from a hospital of their own."""
    name, text = VILLAGES[code], pa.string()
    home, people = f"{name}-bill", [f"{name}-bill-1", f"{name}-bill-2"]
    facts = [(person, fact, value) for person in people for fact, value in _PERSON.items()]
    facts.append((people[0], "relation", "head"))
    protected = [
        (None, "phone", f"+86 {name} 55"),
        (None, "bank_account", f"6222-{name}"),
        (people[0], "name", f"Wei {name}"),
        (people[0], "identity_number", f"4500-{name}"),
        (people[1], "name", f"Lan {name}"),
    ]
    receive(
        register="main",
        members=pa.table(
            {
                "number": pa.array(people, text),
                "household": pa.array([home] * 2, text),
                "day": pa.array([LONG_AGO] * 2, pa.date32()),
            }
        ),
        observations=pa.table(
            {
                "household": pa.array([home] * len(facts), text),
                "member": pa.array([fact[0] for fact in facts], text),
                "fact": pa.array([fact[1] for fact in facts], text),
                "value": pa.array([fact[2] for fact in facts], text),
                "valid_from": pa.array([KNOWN] * len(facts), pa.date32()),
            }
        ),
        protected=pa.table(
            {
                "household": pa.array([home] * len(protected), text),
                **{
                    column: pa.array([row[place] for row in protected], text)
                    for place, column in enumerate(("member", "kind", "value"))
                },
            }
        ),
        source=source_of(kind="department", name=f"Hospital of {name}", day=KNOWN),
        by="test",
        today=KNOWN,
    )


def _sound(code: str) -> bytes:
    return f"sound of {code} with words".encode()


def _record_sound(area: Area, code: str) -> Upload:
    """A recording that was given at a visit in the village."""
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setparams((1, 1, 8_000, 0, "NONE", ""))
        sound.writeframes(_sound(code))
    return keep_upload(target, area_path=area.path, kind="visit", by="test", today=TODAY)


_PERSON = {
    "birth_date": "1980-05-06",
    "medical_insurance": "true",
    "school_status": "completed",
    "health_status": "chronic",
}
HEALTH = "chronically ill"
"""How a page says what is known of everybody's health."""


def _words(register: Register, code: str, clue: Clue) -> dict[str, str]:
    name = VILLAGES[code]
    home = register.households[f"{name}-bill"]
    members = Member.objects.everywhere(reason="test").filter(household=home)
    return {
        "number": f"{name}-bill",
        "number to ask": f"{name}-ask",
        "number of the silent": f"{name}-silent",
        "name": f"Wei {name}",
        "second name": f"Lan {name}",
        "identity number": f"4500-{name}",
        "phone": f"+86 {name} 55",
        "bank account": f"6222-{name}",
        "report": f"We of {name} are ill",
        "sender": f"Sender in {name}",
        "complaint": f"Money is asked for in {name}",
        "need": f"A pot for {name}",
        "from a phone": f"By phone from {name}",
        "source": f"Hospital of {name}",
        "key": home.key,
        "key to ask": register.households[f"{name}-ask"].key,
        "recording": _sound(code).decode(),
        "evidence": evidence_of(code).decode(),
        **words_of(name),
        "hash of the recording": _record_sound(register.areas[code], code).hash,
        "key of the silent": register.households[f"{name}-silent"].key,
        **{f"key of member {place}": member.key for place, member in enumerate(members)},
        "bill": f"{BILL_OF[code]:,}",
        "short reason": str(clue.evidence["short"]["en"]),
    }


def person_of(country: Country, role: Role, code: str | None, **options: Any) -> User:
    """Somebody with this role in this area since long ago (or for other days), named after both."""
    title = code.title() if code else "Office"
    user = add_user(f"{role}-{title}", password=None, by="test", display_name=f"{role} at {title}")
    days = {"valid_from": LONG_AGO, **options}
    grant_role(user, role=role, area=country.areas[code] if code else None, by="test", **days)
    return user


def yesterday() -> datetime.date:
    return timezone.localdate() - datetime.timedelta(days=1)


def tomorrow() -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=1)
