"""A small country for tests of pages and access: two counties, townships and villages, and people with roles."""

import datetime
from dataclasses import dataclass

from highground.accounts.actions import add_user, grant_role
from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.areas.models import SEGMENT, Area

LONG_AGO = datetime.date(2020, 1, 1)
PASSWORD = "four-stilts-and-a-roof"


@dataclass(frozen=True)
class Places:
    """Longhe county with two townships of two villages, and Pingnan county beside it with one of each."""

    country: Area
    longhe: Area
    nalong: Area
    baiyun: Area
    datang: Area
    heping: Area
    heping_village: Area
    pingnan: Area
    antang: Area
    antang_village: Area


def add_area(name: str, level: str, parent: Area | None = None, zh: str = "") -> Area:
    """One more area under `parent`."""
    siblings = Area.objects.filter(parent=parent).count()
    path = (parent.path if parent else "") + str(siblings + 1).zfill(SEGMENT)
    code = f"T{path}"
    names = {"en": name, **({"zh-hans": zh} if zh else {})}
    depth = len(path) // SEGMENT
    return Area.objects.create(
        code=code,
        country="CN",
        level=level,
        parent=parent,
        path=path,
        depth=depth,
        names=names,
        synthetic=True,
    )


def add_places() -> Places:
    """Make the small country."""
    country = add_area("Testland", "country")
    longhe = add_area("Longhe county", "county", country, "龙河县")
    nalong = add_area("Nalong", "township", longhe, "那龙镇")
    heping = add_area("Heping", "township", longhe, "和平镇")
    pingnan = add_area("Pingnan county", "county", country, "平南县")
    antang = add_area("Antang", "township", pingnan, "安塘镇")
    return Places(
        country=country,
        longhe=longhe,
        nalong=nalong,
        baiyun=add_area("Baiyun village", "village", nalong, "白云村"),
        datang=add_area("Datang village", "village", nalong, "大塘村"),
        heping=heping,
        heping_village=add_area("Heping village", "village", heping),
        pingnan=pingnan,
        antang=antang,
        antang_village=add_area("Antang village", "village", antang),
    )


def add_person(
    username: str,
    role: Role | None = None,
    area: Area | None = None,
    password: str | None = None,
    **options: str,
) -> User:
    """A person with one role since long ago, unless none is wanted.

    Give `PASSWORD` to a person who signs in through the form; others do without, because hashing is slow.
    """
    user = add_user(username, password=password, by="test", **options)
    if role:
        grant_role(user, role=role, area=area, valid_from=LONG_AGO, by="test")
    return user


def enter(page, name: str) -> None:
    """Sign somebody in whose password is the one of all test people."""
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("main h1").wait_for()
