"""Fill an empty office with the synthetic country: areas, register, people who work there, two screenings."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from highground.accounts.actions import add_user, grant_role
from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.areas.models import Area
from highground.demo import register
from highground.demo.cases import add_cases
from highground.demo.departments import add_department_rows
from highground.demo.forum import add_forum
from highground.demo.knowledge import add_knowledge
from highground.demo.messages import add_messages
from highground.demo.progress import Progress
from highground.demo.register import BY
from highground.demo.teams import add_teams
from highground.demo.works import add_works
from highground.methods.rules import load_rulebook
from highground.methods.world import Country, make_country
from highground.people.models import Household
from highground.signals.actions import screen_register

SEED = 20_210_501
RULEBOOKS = ("demo-cn", "demo-la")
FIRST_LIST_AGE = datetime.timedelta(days=6)
"""The list of the first run lay on the table this long: some of its visits are overdue today, some are not."""


class NotADemo(RuntimeError):
    """The database holds what is not the demonstration's; nothing synthetic may be mixed with it."""


@dataclass(frozen=True)
class Person:
    """Somebody who works in the demonstration: what they are called, their roles, and where they hold them."""

    name: str
    """As every reader sees it, whatever their language: in Latin letters and as the person writes it."""
    roles: tuple[Role, ...]
    place: str | None
    """English name of an area; None holds for the whole installation."""
    does: str = "expert"
    """What somebody without a role in an area is here for."""


USERS: Mapping[str, Person] = {
    "weilan": Person("Wei Lan 韦兰", (Role.COUNTY_OFFICER,), "Longhe county"),
    "zhaomin": Person("Zhao Min 赵民", (Role.COUNTY_OFFICER,), "Longhe county"),
    "pangyun": Person("Pang Yun 庞云", (Role.TOWNSHIP_OFFICER,), "Nalong"),
    "ligong": Person("Li Gong 李功", (Role.TOWNSHIP_OFFICER,), "Nalong"),
    "huangmei": Person("Huang Mei 黄梅", (Role.VILLAGE_WORKER, Role.CONTACT_OFFICER), "Baiyun"),
    "qinhao": Person("Qin Hao 覃浩", (Role.VILLAGE_WORKER,), "Baiyun"),
    "luoping": Person("Luo Ping 罗平", (Role.FIRST_SECRETARY,), "Baiyun"),
    "lintao": Person("Lin Tao 林涛", (Role.PROVINCE_OFFICER,), "Yunjiang province"),
    "lujing": Person("Lu Jing 陆静", (Role.ANALYST,), "Yunjiang province"),
    "noy": Person("Noy Keola", (Role.COUNTY_OFFICER,), "Namsai district"),
    "meiyin": Person("Mei Yin 梅音", (Role.CURATOR,), None),
    "ananda": Person("Ananda Rao", (Role.CURATOR,), None),
    "qinfang": Person("Qin Fang 覃芳", (Role.ORGANISER,), None),
    "thida": Person("Thida Oo", (Role.ORGANISER,), None),
    "dara": Person("Sok Dara", (), None),
    "somchai": Person("Somchai Vong", (), None, "study lead of six villages abroad"),
    "auditor": Person("Tan Hui Min 陈慧敏", (Role.AUDITOR,), None),
    "operator": Person("Rizal Adi", (Role.OPERATOR,), None),
}
"""Two of those who check, at every level: nobody checks their own step."""


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
        (
            user,
            ", ".join(
                [
                    person.name,
                    *(map(_label, person.roles) if person.roles else [person.does]),
                    *([person.place] if person.place else []),
                ]
            ),
        )
        for user, person in USERS.items()
    ]


def _label(role: Role) -> str:
    return str(role.label)


def fill(passwords: Mapping[str, str], *, households: int = 20_000, lao_households: int = 800) -> None:
    """Fill the empty office as of today; `passwords` are by user name."""
    today = timezone.localdate()
    with Progress(total=100) as progress:
        progress.say("Laying the tables")
        _migrate()
        progress.step(5)
        progress.say("Inventing a country")
        country = make_country(
            SEED, today, households=households, lao_households=lao_households, line=_line(today)
        )
        progress.step(6)
        progress.say("Drawing its map, opening its offices")
        register.add_areas(country)
        _add_people(passwords, country)
        progress.step(4)
        progress.say(f"Registering {country.households.num_rows:,} households")
        register.add_households(country)
        progress.step(10)
        progress.say(f"Recording {country.facts.num_rows:,} dated facts")
        for part in register.record_facts(country):
            progress.step(45 * part)
        for day, run_on in ((country.first_run, today - FIRST_LIST_AGE), (country.today, today)):
            for rulebook in RULEBOOKS:
                progress.say(f"Screening by {rulebook} as of {day}")
                screen_register(rulebook=rulebook, as_of=day, by=BY, today=run_on)
                progress.step(7)
        progress.say("Bringing cases on their way")
        users = {user.username: user for user in User.objects.all()}
        for part in add_cases(today, users):
            progress.step(4 * part)
        add_messages(today, users)
        progress.say("Reading practices from many countries")
        add_knowledge(today, users)
        progress.say("Sending teams to the villages")
        add_teams(today, users)
        progress.say("Looking at villages and six projects abroad")
        add_works(today, users)
        progress.say("Gathering a forum of eleven countries")
        add_forum(today, users)
        progress.say("Landing what a department sent")
        add_department_rows(today)


def _line(day: datetime.date) -> int:
    """The synthetic monitoring line of the year, which the invented incomes are scaled to."""
    rows = load_rulebook(RULEBOOKS[0]).parameters["monitoring_line"].rows
    return next(int(row.value) for row in rows if row.period == str(day.year))


def _add_people(passwords: Mapping[str, str], country: Country) -> None:
    since = country.today - datetime.timedelta(days=365)
    areas = {area.names["en"]: area for area in Area.objects.filter(synthetic=True)}
    for username, person in USERS.items():
        user = add_user(username, password=passwords[username], display_name=person.name, by=BY)
        for role in person.roles:
            grant_role(
                user,
                role=role,
                area=areas[person.place] if person.place else None,
                valid_from=since,
                by=BY,
            )
