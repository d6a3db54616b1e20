"""The authorisation to ask other registers: who signed, who helped, since when, until when; and texts under lock."""

from __future__ import annotations

import datetime
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from django.db import IntegrityError, connection, transaction

from highground.audit.models import Event
from highground.methods.feeds.keeping import authorise as keep
from highground.methods.feeds.matching import AUTHORISED
from highground.methods.feeds.matching import authorised as in_force
from highground.methods.store import Store
from highground.people import vault
from highground.people.actions import rotate_keys
from highground.people.authorisations import (
    NotAuthorised,
    authorise,
    authorised,
    authorised_households,
    withdraw_authorisation,
    write_authorisations,
)
from highground.people.commands import authorisations
from highground.people.models import Authorisation, Household, Member
from highground.people.moves import merge_households
from highground.people.sealed import opened
from tests.people.conftest import TODAY, Fill

pytestmark = pytest.mark.django_db
BEGIN = datetime.date(2020, 1, 1)
GIVEN = datetime.date(2026, 2, 10)
DAY = datetime.timedelta(days=1)
HELPER = "Luo Ping of the next house"


@pytest.fixture(autouse=True)
def own_keys(tmp_path, settings) -> None:
    settings.HIGHGROUND_HOME = tmp_path


@pytest.fixture
def homes(fill: Fill) -> list[Household]:
    fill(
        [("1", "V1", BEGIN), ("2", "V1", BEGIN), ("3", "V2", BEGIN)],
        members=[("1/1", "1", BEGIN), ("2/1", "2", BEGIN)],
    )
    return list(Household.objects.everywhere(reason="test").select_related("area").order_by("number"))


def member(number: str) -> Member:
    return Member.objects.everywhere(reason="test").get(number=number)


def give(household: Household, **options: Any) -> Authorisation:
    return authorise(
        household, **{"given_on": GIVEN, "how": "signature", "by": "7", "today": TODAY, **options}
    )


def stored() -> list[Authorisation]:
    return list(Authorisation.objects.everywhere(reason="test").order_by("pk"))


def test_it_is_in_force_from_the_day_it_was_given(homes: list[Household]) -> None:
    assert not authorised(homes[0], TODAY)
    given = give(homes[0], signed_by=member("1/1"), evidence="a" * 64)
    assert (given.how, given.signed_by, given.helper, given.by) == ("signature", member("1/1"), "", "7")
    assert not authorised(homes[0], GIVEN - DAY)
    assert authorised(homes[0], GIVEN) and authorised(homes[0].pk, TODAY)
    assert not authorised(homes[1], TODAY)
    event = Event.objects.get(kind="people.authorise")
    assert (event.subject_id, event.area_path, event.by) == (homes[0].key, homes[0].area.path, "7")
    assert event.data == {
        "authorisation": given.pk,
        "given_on": "2026-02-10",
        "how": "signature",
        "helped": False,
        "evidence": "a" * 64,
    }


def test_a_withdrawal_stops_later_comparisons_and_keeps_what_was(homes: list[Household]) -> None:
    give(homes[0])
    give(homes[0], given_on=GIVEN + DAY)
    until = GIVEN + 5 * DAY
    assert len(withdraw_authorisation(homes[0], day=until, by="7", today=TODAY)) == 2
    assert authorised(homes[0], until - DAY)
    assert not authorised(homes[0], until) and not authorised(homes[0], TODAY)
    assert Event.objects.filter(kind="people.withdraw_authorisation").count() == 1
    with pytest.raises(NotAuthorised, match="has given no authorisation"):
        withdraw_authorisation(homes[0], day=until, by="7", today=TODAY)
    give(homes[0], given_on=TODAY)
    assert authorised(homes[0], TODAY) and not authorised(homes[0], TODAY - DAY)


def test_many_households_are_asked_about_in_one_query(
    homes: list[Household], django_assert_num_queries
) -> None:
    give(homes[0])
    give(homes[2])
    withdraw_authorisation(homes[2], day=TODAY, by="7", today=TODAY)
    ids = [home.pk for home in homes]
    with django_assert_num_queries(1):
        assert authorised_households(ids, TODAY) == {homes[0].pk}
    assert authorised_households(ids, TODAY - DAY) == {homes[0].pk, homes[2].pk}
    assert authorised_households([], TODAY) == set()


@pytest.mark.parametrize(
    ("helper", "said"),
    [
        ({"helped": True}, "give their name"),
        ({"helped": True, "helper": "  ", "read_back": True}, "give their name"),
        ({"helped": True, "helper": HELPER}, "must read it back"),
        ({"helper": HELPER, "read_back": True}, "say that somebody else wrote"),
    ],
)
def test_fact_14_a_helper_is_named_and_read_it_back(
    homes: list[Household], helper: dict[str, Any], said: str
) -> None:
    with pytest.raises(NotAuthorised, match=said):
        give(homes[0], how="thumbprint", **helper)
    assert stored() == [] and not authorised(homes[0], TODAY)
    kept = give(homes[0], how="thumbprint", helped=True, helper=HELPER, read_back=True)
    kept.refresh_from_db()
    assert (opened(kept, "helper"), kept.how, kept.read_back) == (HELPER, "thumbprint", True)


@pytest.mark.parametrize(
    "fields",
    [
        {"helped": True, "helper": "", "read_back": True},
        {"helped": True, "helper": "x.y", "read_back": False},
        {"helped": False, "helper": "x.y", "read_back": True},
        {"how": "by phone"},
        {"withdrawn_on": GIVEN - DAY},
    ],
)
def test_the_table_refuses_it_too(homes: list[Household], fields: dict[str, Any]) -> None:
    given = give(homes[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        Authorisation.objects.everywhere(reason="test").filter(pk=given.pk).update(**fields)


def test_what_cannot_be_is_refused(homes: list[Household]) -> None:
    with pytest.raises(NotAuthorised, match="lies in the future"):
        give(homes[0], given_on=TODAY + DAY)
    with pytest.raises(NotAuthorised, match="must belong to"):
        give(homes[0], signed_by=member("2/1"))
    with pytest.raises(NotAuthorised, match="signature, thumbprint, witnessed"):
        give(homes[0], how="by phone")
    give(homes[0])
    with pytest.raises(NotAuthorised, match="lies in the future"):
        withdraw_authorisation(homes[0], day=TODAY + DAY, by="7", today=TODAY)
    with pytest.raises(NotAuthorised, match="no authorisation that could"):
        withdraw_authorisation(homes[0], day=GIVEN - DAY, by="7", today=TODAY)
    merge_households(homes[1], [homes[0]], day=TODAY, by="7", today=TODAY)
    homes[0].refresh_from_db()
    with pytest.raises(NotAuthorised, match="no longer on the register"):
        give(homes[0])


def test_the_helper_is_not_in_the_database_in_the_clear(homes: list[Household]) -> None:
    give(homes[0], how="witnessed", helped=True, helper=HELPER, read_back=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_authorisation")
        assert "Luo" not in repr(cursor.fetchall())
    assert "Luo" not in str(list(Event.objects.values()))


def test_a_sealed_text_cannot_be_given_to_another_household(homes: list[Household]) -> None:
    one = give(homes[0], how="thumbprint", helped=True, helper=HELPER, read_back=True)
    other = give(homes[1], how="thumbprint", helped=True, helper="somebody", read_back=True)
    other.helper = one.helper
    with pytest.raises(vault.VaultError, match="was changed or belongs elsewhere"):
        opened(other, "helper")


def test_a_change_of_keys_reaches_sealed_texts(homes: list[Household]) -> None:
    for home in homes:
        give(home, how="thumbprint", helped=True, helper=f"{HELPER} {home.number}", read_back=True)
    give(homes[0])
    before = [one.helper for one in stored()]
    assert rotate_keys(by="9", today=TODAY, rows=2) == 3
    after = stored()
    current = vault.open_vault().current
    assert all(one.helper.startswith(f"{current}.") for one in after[:3]) and after[3].helper == ""
    assert [one.helper for one in after[:3]] != before[:3]
    assert [opened(one, "helper") for one in after] == [f"{HELPER} {n}" for n in "123"] + [""]
    assert Event.objects.get(kind="people.rotate_keys").data["values"] == 3
    assert rotate_keys(by="9", today=TODAY) == 3


def test_what_was_signed_is_written_as_the_store_takes_it_in(homes, tmp_path) -> None:
    one, two, three = homes
    give(one)
    give(two)
    withdraw_authorisation(two, day=GIVEN + DAY, by="7", today=TODAY)
    give(two, given_on=GIVEN + 3 * DAY)
    path = tmp_path / "signed.csv"
    told = CliRunner().invoke(authorisations, [str(path)], catch_exceptions=False)
    assert told.output == "3 authorisations\n"
    assert Event.objects.get(kind="people.write_authorisations").data == {"rows": 3}
    store = Store(tmp_path / "store")
    assert keep(store, path) == 3
    for day in (GIVEN, GIVEN + DAY, GIVEN + 3 * DAY):
        rows = duckdb.connect().execute(in_force(store.root / AUTHORISED, day)).fetchall()
        assert {key for (key,) in rows} == {home.key for home in homes if authorised(home, day)}, day
    with pytest.raises(NotAuthorised, match="is there already"):
        write_authorisations(path, by="test")
    assert three.key not in path.read_text()
