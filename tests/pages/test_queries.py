"""What pages about one thing cost: the same queries however much there is to tell, for a county and for the country."""

from __future__ import annotations

import datetime

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from highground.accounts.enums import Role
from highground.people.actions import receive, source_of
from highground.people.models import Household, Member
from highground.signals.actions import screen_register
from highground.signals.models import Clue, Run
from tests.support.homes import own_home
from tests.support.places import add_person
from tests.support.register import BILLS, BOOK, KNOWN, LONG_AGO, TODAY, add_register, learn

__all__ = ["own_home"]

pytestmark = pytest.mark.django_db
NUMBER = "2231"


def add_members(first: int, last: int, day: datetime.date) -> None:
    """Members of the household with these numbers, each with a fact."""
    text, count = pa.string(), last - first
    people = pa.array([f"{NUMBER}-{member}" for member in range(first, last)], text)
    home = pa.array([NUMBER] * count, text)
    receive(
        register="main",
        members=pa.table(
            {"number": people, "household": home, "day": pa.array([LONG_AGO] * count, pa.date32())}
        ),
        observations=pa.table(
            {
                "household": home,
                "member": people,
                "fact": pa.array(["medical_insurance"] * count, text),
                "value": pa.array(["true"] * count, text),
                "valid_from": pa.array([day] * count, pa.date32()),
            }
        ),
        source=source_of(kind="department", name=f"Insurance of {day}", day=day),
        by="test",
        today=day,
    )


def costs(client: Client, pages: list[str]) -> dict[str, int]:
    """Queries per page, once what is read only the first time has been read."""
    found = {}
    for address in pages:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        found[address] = len(captured)
    return found


def test_fifty_members_and_more_runs_cost_as_much_as_one() -> None:
    # So high that the rule says yes however many people share the income.
    bills = {**BILLS, "out_of_pocket_12m": "50000", "household_size": "2"}
    register = add_register({NUMBER: ("BAIYUN", bills)})
    add_members(0, 1, KNOWN)
    run = screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    clue = Clue.objects.everywhere(reason="test").get(rule="medical_spending")
    key = Household.objects.everywhere(reason="test").get().key
    people = {
        name: add_person(name, role, register.areas[code])
        for name, role, code in (
            ("county", Role.COUNTY_OFFICER, "LONGHE"),
            ("national", Role.PROVINCE_OFFICER, "CN"),
        )
    }
    clients = {name: Client() for name in people}
    for name, client in clients.items():
        client.force_login(people[name])
    pages = [f"/households/{key}/", f"/clues/{clue.pk}/", f"/runs/{run.pk}/", f"/rulebooks/{BOOK}/"]
    few = costs(clients["county"], pages)
    add_members(1, 51, KNOWN)
    for days in range(1, 4):
        day = TODAY + datetime.timedelta(days=days)
        learn(
            {NUMBER: {**bills, "out_of_pocket_12m": str(50_000 + days)}},
            register.areas,
            {NUMBER: ("BAIYUN", {})},
            day=day,
        )
        screen_register(rulebook=BOOK, as_of=day, by="test", today=day)
    assert Member.objects.everywhere(reason="test").count() == 51
    assert Run.objects.everywhere(reason="test").count() == 4
    assert costs(clients["county"], pages) == few
    # The way to the household is longer from the top of the country, but one query reads all of it; names are not asked for.
    from_afar = costs(clients["national"], pages)
    assert from_afar == {**few, pages[0]: few[pages[0]] - 1}
