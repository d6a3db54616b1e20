"""Protected attributes cannot be read without the key file, swapped between people, or found in what leaves."""

import datetime
import json
import stat

import pytest
from django.conf import settings
from django.db import connection

from highground.audit.models import Event
from highground.methods.feeds.hashing import normalise
from highground.people import vault
from highground.people.actions import rotate_keys
from highground.people.models import Member, ProtectedValue
from highground.people.queries import names_of
from tests.people.conftest import TODAY, Fill

pytestmark = pytest.mark.django_db
BEGIN = datetime.date(2020, 1, 1)
NAME, PHONE = "覃小龙", "+86 139-0000-4711"


@pytest.fixture(autouse=True)
def own_keys(tmp_path, settings) -> None:
    settings.HIGHGROUND_HOME = tmp_path


@pytest.fixture
def values(fill: Fill) -> list[ProtectedValue]:
    fill(
        [("1", "V1", BEGIN), ("2", "V1", BEGIN)],
        members=[("1/1", "1", BEGIN)],
        protected=[("1", "1/1", "name", NAME), ("1", None, "phone", PHONE), ("2", None, "phone", "12")],
    )
    return stored()


def stored() -> list[ProtectedValue]:
    return list(ProtectedValue.objects.everywhere(reason="test").order_by("household", "kind"))


def test_values_open_with_the_key_file(values: list[ProtectedValue]) -> None:
    member = Member.objects.everywhere(reason="test").get()
    assert names_of(values[:2]) == {(member.pk, "name"): NAME, (None, "phone"): PHONE}


def test_the_database_alone_tells_nothing(values: list[ProtectedValue]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_protectedvalue")
        rows = repr(
            [[bytes(cell) if isinstance(cell, memoryview) else cell for cell in row] for row in cursor]
        )
    for text in (NAME, PHONE, normalise(PHONE)):
        assert text not in rows and repr(text.encode())[2:-1] not in rows
    assert NAME not in str(list(Event.objects.values()))
    # Equal values of two people do not look alike once sealed.
    safe = vault.open_vault()
    assert safe.seal(NAME, "a") != safe.seal(NAME, "a")


def test_a_sealed_value_cannot_be_given_to_another_person(values: list[ProtectedValue]) -> None:
    _, mine, other = values
    other.sealed = mine.sealed
    with pytest.raises(
        vault.VaultError, match=f"household:{other.household_id}:phone was changed or belongs elsewhere"
    ):
        names_of([other])
    mine.sealed = bytes(mine.sealed)[:-1] + bytes([bytes(mine.sealed)[-1] ^ 1])
    with pytest.raises(vault.VaultError, match="was changed"):
        names_of([mine])


def test_a_missing_key_is_named(values: list[ProtectedValue]) -> None:
    values[0].key_id = "beef"
    with pytest.raises(vault.VaultError, match="key beef is not in the key file; restore the keys folder"):
        names_of(values[:1])


def test_look_up_does_not_mind_how_it_is_written(values: list[ProtectedValue]) -> None:
    safe = vault.open_vault()
    assert safe.lookup("phone", "+86１３９ 00004711") == values[1].lookup
    assert safe.lookup("bank_account", PHONE) != values[1].lookup


def test_keys_are_changed_for_every_value(values: list[ProtectedValue]) -> None:
    path = settings.HIGHGROUND_HOME / "keys" / "protected.json"
    first = vault.open_vault().current
    before = [(bytes(value.sealed), value.lookup) for value in values]
    assert rotate_keys(by="9", today=TODAY, rows=2) == 3
    after = stored()
    assert {value.key_id for value in after} == {vault.open_vault().current} != {first}
    assert all(
        bytes(value.sealed) != old[0] and value.lookup != old[1]
        for value, old in zip(after, before, strict=True)
    )
    assert set(names_of(after[:2]).values()) == {NAME, PHONE}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    # The old key stays for older backups, and finds what a rotation has not reached.
    assert next(entry["id"] for entry in json.loads(path.read_text())["keys"]) == first
    assert before[1][1] in vault.open_vault().lookups("phone", PHONE)
    assert Event.objects.filter(kind="people.rotate_keys", data__values=3).count() == 1


def test_a_new_value_replaces_the_old_one_and_the_same_stays(
    values: list[ProtectedValue], fill: Fill
) -> None:
    rotate_keys(by="9", today=TODAY)
    kept = stored()
    done = fill([("1", "V1", BEGIN)], protected=[("1", None, "phone", PHONE.replace("-", " "))])
    assert done.protected == 0 and [value.pk for value in stored()] == [value.pk for value in kept]
    done = fill([("1", "V1", BEGIN)], protected=[("1", None, "phone", "110")])
    assert done.protected == 1 and names_of(stored()[1:2]) == {(None, "phone"): "110"}
    assert len(stored()) == 3
