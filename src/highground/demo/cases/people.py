"""Whose cases they are: the households of a village, names for their heads, and who works for them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from highground.accounts.actions import add_user, grant_role
from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.areas.models import Area
from highground.demo.cases.scene import DAY, RULEBOOK, Staff
from highground.people.actions import receive, source_of
from highground.people.enums import Protected
from highground.people.models import Household

FAMILY_NAMES = "韦黄覃蒙陆农罗梁谭莫"


GIVEN_NAMES = ("阿秀", "大顺", "美兰", "建国", "小莲", "志强", "桂英", "水生", "春花")
"""Heads of households are called by these on notices; nobody real is meant."""


def county_of(area: Area) -> Area:
    parent = area.parent
    assert parent is not None
    assert parent.parent is not None
    return parent.parent


def staff_of(users: Mapping[str, User], others: Mapping[str, User]) -> Staff:
    mine = {**users, **others}
    return Staff(
        worker=mine.get("worker", users["qinhao"]),
        secretary=mine.get("secretary", users["luoping"]),
        contact=mine.get("contact", users["huangmei"]),
        township=users["pangyun"],
        answers=users["ligong"],
        compares=users["zhaomin"],
        decides=users["weilan"],
    )


def others_of(area: Area, today: datetime.date) -> dict[str, User]:
    """The people of the second village; nobody signs in as one of them."""
    since = today - 365 * DAY
    found = {}
    for name, (shown, role) in {
        "worker": ("He Lin", Role.VILLAGE_WORKER),
        "secretary": ("Fang Yu", Role.FIRST_SECRETARY),
        "contact": ("Su Yan", Role.CONTACT_OFFICER),
    }.items():
        user = add_user(f"demo-{name}", password=None, display_name=shown, by="demo")
        grant_role(user, role=role, area=area, valid_from=since, by="demo")
        found[name] = user
    return found


def households_of(area: Area) -> Iterator[Household]:
    """The households of a village that say most, those with an open clue first."""
    rows = Household.objects.everywhere(reason="filling the demonstration").filter(area=area)
    with_clue = rows.filter(clues__rulebook=RULEBOOK, clues__kind="class", clues__status="open").distinct()
    first = list(with_clue.order_by("number"))
    taken = {household.pk for household in first}
    yield from first
    yield from rows.filter(verdicts__class_verdict="no").exclude(pk__in=taken).order_by("number")


def name_heads(households: Sequence[Household], number: int, day: datetime.date) -> int:
    """Give the heads names, from the one with this number on; the next number."""
    if households:
        text = pa.string()
        names = [
            FAMILY_NAMES[place % len(FAMILY_NAMES)] + GIVEN_NAMES[place % len(GIVEN_NAMES)]
            for place in range(number, number + len(households))
        ]
        receive(
            register=households[0].register,
            protected=pa.table(
                {
                    "household": pa.array([one.number for one in households], text),
                    "member": pa.nulls(len(households), text),
                    "kind": pa.array([str(Protected.NAME)] * len(households), text),
                    "value": pa.array(names, text),
                }
            ),
            source=source_of(kind="import", name="Household registration, heads", day=day),
            by="demo",
            today=day,
        )
    return number + len(households)
