"""What a rulebook's questions cost, on its page before it is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from highground.accounts.enums import Role
from highground.methods.rules import load_rulebook
from highground.methods.screening.price import found_without, price
from highground.signals.actions import screen_register
from highground.signals.models import Run
from highground.signals.pricing import known_of, without
from tests.support.pages import check_source
from tests.support.places import PASSWORD, add_person
from tests.support.register import BOOK, TODAY, add_register

pytestmark = pytest.mark.django_db
DOOR = f"/rulebooks/{BOOK}/price/"


@pytest.fixture
def register(tmp_path, settings):
    settings.HIGHGROUND_HOME = tmp_path
    settings.SYNTHETIC_MARK = tmp_path / "synthetic"
    found = add_register()
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    return found


def client_of(register, role: Role, code: str) -> Client:
    client = Client()
    client.force_login(add_person(f"{role}-{code}", role, register.areas[code], PASSWORD))
    return client


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    check_source(response)
    return response.content.decode()


def test_the_page_tells_the_price_of_the_households_of_ones_own_area(register) -> None:
    """Against the price worked out from the whole snapshot with the neighbours taken out by hand."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    shown = text(client_of(register, Role.COUNTY_OFFICER, "LONGHE"), DOOR)
    folder = (
        Path(settings.HIGHGROUND_HOME) / "snapshots" / Run.objects.everywhere(reason="test").get().snapshot
    )
    rows = pq.read_table(folder / "households.parquet")
    own = rows.filter(pc.field("area").isin(["BAIYUN", "DATANG", "HEPING-1"]))
    told = price(BOOK, households=own, members=folder / "members.parquet", as_of=TODAY)
    assert told.sample == 6 and "on 6 households of Longhe county" in shown
    assert f"1,000 visits bring {round(told.questions):,} questions" in shown
    assert len(re.findall('name="without"', shown)) == len(told.facts) > 0


def test_what_if_says_how_many_would_be_missed(register) -> None:
    client = client_of(register, Role.COUNTY_OFFICER, "LONGHE")
    shown = text(client, f"{DOOR}?without=out_of_pocket_12m")
    known = known_of(client_user(client), register.areas["LONGHE"], load_rulebook(BOOK))
    assert known is not None
    lost = without(load_rulebook(BOOK), known, ["out_of_pocket_12m"])
    assert lost.found == 3
    said = f"{lost.lost} of 3 households that are found would be missed"
    assert (said in shown) == ('value="out_of_pocket_12m"' in shown)
    asked = re.findall('name="without" value="([a-z_0-9]+)"', shown)
    again = text(client, f"{DOOR}?" + "&".join(f"without={one}" for one in asked))
    everything = found_without(load_rulebook(BOOK), asked, **_tables(known), as_of=TODAY)
    assert f"{everything.lost} of {everything.found} households that are found" in again
    assert "callout" not in text(client, f"{DOOR}?without=nothing_known")


def client_user(client: Client):
    from highground.accounts.models import User

    return User.objects.get(pk=client.session["_auth_user_id"])


def _tables(known) -> dict:
    from highground.methods.screening.price import sampled

    households, members = sampled(*known.files, areas={"BAIYUN", "DATANG", "HEPING-1"}, size=5000)
    return {"households": households, "members": members}


def test_the_rulebook_page_shows_the_price_once_it_is_known_and_does_not_wait_for_it(register) -> None:
    client = client_of(register, Role.COUNTY_OFFICER, "LONGHE")
    before = text(client, f"/rulebooks/{BOOK}/")
    assert "What its questions cost" in before and "1,000 visits bring" not in before
    text(client, DOOR)
    assert "1,000 visits bring" in text(client, f"/rulebooks/{BOOK}/")


def test_a_rulebook_that_was_never_used_has_a_price_too(register) -> None:
    assert "1,000 visits bring" in text(
        client_of(register, Role.COUNTY_OFFICER, "LONGHE"), "/rulebooks/cn-2021/price/"
    )


def test_without_a_register_of_that_country_it_says_so(register) -> None:
    client = client_of(register, Role.COUNTY_OFFICER, "LONGHE")
    assert "There is no register here" in text(client, "/rulebooks/vn-2022/price/")
    assert "What its questions cost" not in text(client, "/rulebooks/vn-2022/")


def test_who_sees_no_runs_sees_no_price(register) -> None:
    for role in (Role.VILLAGE_WORKER, Role.TOWNSHIP_OFFICER):
        client = client_of(register, role, "NALONG")
        assert client.get(DOOR).status_code == 403
        assert "What its questions cost" not in text(client, f"/rulebooks/{BOOK}/")
    assert (
        client_of(register, Role.COUNTY_OFFICER, "PINGNAN").get("/rulebooks/none/price/").status_code == 404
    )
