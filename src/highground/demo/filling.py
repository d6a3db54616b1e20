"""Fill an empty office with the synthetic country: areas, register, people who work there, two screenings."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from highground.accounts.actions import add_user, grant_role
from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.areas.actions import AreaRow, import_areas
from highground.areas.models import Area
from highground.demo.progress import Progress
from highground.methods.world import Country, make_country
from highground.people.actions import receive, record_observations, source_of
from highground.people.models import Household, Member

SEED = 20_210_501
BY = "demo"
LANGUAGES = ("en", "zh", "lo")
REGISTERS = {"CN": "longhe", "LA": "namsai"}


class NotADemo(RuntimeError):
    """The database holds what is not the demonstration's; nothing synthetic may be mixed with it."""


@dataclass(frozen=True)
class Person:
    """Somebody who works in the demonstration: what they are called, their role, and where they hold it."""

    name: str
    role: Role
    place: str | None
    """English name of an area; None holds for the whole installation."""


USERS: Mapping[str, Person] = {
    "weilan": Person("Wei Lan", Role.COUNTY_OFFICER, "Longhe county"),
    "pangyun": Person("Pang Yun", Role.TOWNSHIP_OFFICER, "Nalong"),
    "huangmei": Person("Huang Mei", Role.VILLAGE_TEAM, "Baiyun"),
    "lintao": Person("Lin Tao", Role.PROVINCE_OFFICER, "Yunjiang province"),
    "lujing": Person("Lu Jing", Role.ANALYST, "Yunjiang province"),
    "noy": Person("Noy Keola", Role.COUNTY_OFFICER, "Namsai district"),
    "auditor": Person("Tan Hui Min", Role.AUDITOR, None),
    "operator": Person("Rizal Adi", Role.OPERATOR, None),
}


def check_filled() -> None:
    """Bring the tables of a filled demonstration up to this version. Raises NotADemo for any other database."""
    if "people_household" not in connection.introspection.table_names() or not _households().exists():
        raise NotADemo(
            f"the demonstration's database is gone; delete {settings.HIGHGROUND_HOME} and start again"
        )
    if _households().filter(synthetic=False).exists():
        raise NotADemo(
            "the database holds households that are not synthetic, so it is no demonstration; "
            "unset DATABASE_URL, or choose another place with --home"
        )
    _migrate()


def check_empty() -> None:
    """Raise NotADemo unless the database has no tables, or tables in which nobody is."""
    tables = connection.introspection.table_names()
    people = "accounts_user" in tables and User.objects.exists()
    if people or ("people_household" in tables and _households().exists()):
        raise NotADemo(
            "the database already holds an installation, and the demonstration is never mixed with one: "
            "unset DATABASE_URL, or name an empty database"
        )


def _households() -> QuerySet[Household]:
    return Household.objects.everywhere(reason="the demonstration looks whether it is alone")


def _migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)


def who_is_who() -> list[tuple[str, str]]:
    """User name, and in words who that is."""
    return [
        (user, f"{person.name}, {Role(person.role).label}{f', {person.place}' if person.place else ''}")
        for user, person in USERS.items()
    ]


def fill(passwords: Mapping[str, str]) -> None:
    """Fill the empty office as of today; `passwords` are by user name."""
    today = timezone.localdate()
    with Progress(total=100) as progress:
        progress.say("Laying the tables")
        _migrate()
        progress.step(5)
        progress.say("Inventing a country")
        country = make_country(SEED, today)
        progress.step(6)
        progress.say("Drawing its map, opening its offices")
        _add_areas(country, today)
        _add_people(passwords, country)
        progress.step(4)
        progress.say(f"Registering {country.households.num_rows:,} households")
        _add_register(country)
        progress.step(10)
        progress.say(f"Recording {country.facts.num_rows:,} dated facts")
        for part in _record_facts(country):
            progress.step(50 * part)


def _add_areas(country: Country, today: datetime.date) -> None:
    rows = [
        AreaRow(
            row=number,
            code=area["code"],
            level=area["level"],
            parent=area["parent"] or "",
            names={language: area[language] for language in LANGUAGES if area[language]},
            iso=area["iso"] or "",
            synthetic=area["synthetic"],
        )
        for number, area in enumerate(country.areas.to_pylist(), start=1)
    ]
    import_areas(rows, by=BY, today=today)


def _add_people(passwords: Mapping[str, str], country: Country) -> None:
    since = country.today - datetime.timedelta(days=365)
    areas = {area.names["en"]: area for area in Area.objects.filter(synthetic=True)}
    for username, person in USERS.items():
        user = add_user(username, password=passwords[username], display_name=person.name, by=BY)
        grant_role(
            user,
            role=person.role,
            area=areas[person.place] if person.place else None,
            valid_from=since,
            by=BY,
        )


def _add_register(country: Country) -> None:
    """Add households and members, each part of the country under the numbering of its own register."""
    since = country.sources["day"][0].as_py()
    areas = dict(Area.objects.values_list("code", "pk"))
    households, members = country.households, _members(country)
    for nation, register in REGISTERS.items():
        mine = households.filter(pc.starts_with(households["area"], nation))
        theirs = members.filter(pc.equal(members["register"], register))
        receive(
            register=register,
            households=pa.table(
                {
                    "number": mine["number"],
                    "area": pa.array([areas[code] for code in mine["area"].to_pylist()], pa.int64()),
                    "day": pa.repeat(pa.scalar(since, pa.date32()), mine.num_rows),
                }
            ),
            members=theirs.select(["number", "household"]).append_column(
                "day", pa.repeat(pa.scalar(since, pa.date32()), theirs.num_rows)
            ),
            source=source_of(kind="import", name=f"Household registration, {register}", day=since),
            by=BY,
            today=since,
            synthetic=True,
        )


def _registers(households: pa.Table) -> pa.ChunkedArray:
    """The numbering that each household's number belongs to."""
    return pc.if_else(pc.starts_with(households["area"], "CN"), REGISTERS["CN"], REGISTERS["LA"])


def _members(country: Country) -> pa.Table:
    """Members as the registers number them: register, household (its number), number (unique in the register)."""
    home = pc.index_in(country.members["household"], country.households["household"].combine_chunks())
    numbers = country.households["number"].take(home)
    return pa.table(
        {
            "register": _registers(country.households).take(home),
            "household": numbers,
            "number": pc.binary_join_element_wise(numbers, country.members["number"].cast(pa.string()), "-"),
        }
    )


def _ids(model: type[Household] | type[Member], numbered: pa.Table) -> pa.Array:
    """The database's ids for rows of register and number."""
    rows = model.objects.everywhere(reason="filling the demonstration").values_list(
        "register", "number", "pk"
    )
    known = {(register, number): pk for register, number, pk in rows.iterator(chunk_size=20_000)}
    pairs = zip(numbered["register"].to_pylist(), numbered["number"].to_pylist(), strict=True)
    return pa.array([known[pair] for pair in pairs], pa.int64())


def _record_facts(country: Country) -> Iterator[float]:
    """Record every source's facts as it would have come in, on its last day; yields the share done each time."""
    facts = country.facts.append_column("position", pa.array(range(country.facts.num_rows)))
    facts = facts.sort_by([("source", "ascending"), ("position", "ascending")])
    households = pa.table(
        {"register": _registers(country.households), "number": country.households["number"]}
    )
    home = pc.index_in(facts["household"], country.households["household"].combine_chunks())
    who = pc.index_in(facts["member"], country.members["member"].combine_chunks())
    table = pa.table(
        {
            "household": _ids(Household, households).take(home),
            "member": _ids(Member, _members(country)).take(who),
            **{name: facts[name] for name in ("fact", "value", "valid_from")},
        }
    )
    starts = np.flatnonzero(np.diff(facts["source"].to_numpy(), prepend=-1))
    ends = np.append(starts[1:], facts.num_rows)
    sources = country.sources.to_pylist()
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        known = sources[facts["source"][start].as_py()]
        rows = table.slice(start, end - start)
        last_day = pc.max(rows["valid_from"]).as_py()
        source = source_of(kind=known["kind"], name=known["name"], day=known["day"])
        record_observations(rows, by=BY, source=source, today=last_day)
        yield (end - start) / facts.num_rows
