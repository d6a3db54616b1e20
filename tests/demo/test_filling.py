"""The filled demonstration: everything invented is there, exactly as the world made it, and nothing else."""

import datetime
import json

import pytest

from highground.demo.filling import SEED, USERS
from highground.methods.world import make_country

from .conftest import Filled


@pytest.fixture(scope="module")
def counts(filled: Filled) -> dict[str, object]:
    """What the database holds, counted once."""
    code = """
import json
from django.db.models import Count
from highground.areas.models import Area
from highground.people.models import Household, Member, Observation, Source
why = {"reason": "test"}
households = Household.objects.everywhere(**why)
observations = Observation.objects.everywhere(**why)
print(json.dumps({
    "households": households.count(),
    "synthetic": households.filter(synthetic=True).count(),
    "members": Member.objects.everywhere(**why).count(),
    "observations": observations.count(),
    "sources": Source.objects.count(),
    "areas": Area.objects.count(),
    "marked areas": Area.objects.filter(synthetic=True).count(),
    "in no data": households.filter(observations=None).count(),
    "latest": str(observations.latest("valid_from").valid_from),
    "later than recorded": sum(row.valid_from > row.recorded_at.date() for row in observations.order_by("-valid_from")[:5000]),
}))
"""
    found: dict[str, object] = json.loads(filled.office.python(code))
    return found


def test_everything_is_there_and_marked_as_invented(filled: Filled, counts: dict[str, object]) -> None:
    assert counts["households"] == counts["synthetic"] == 20_800
    assert counts["in no data"] == 68
    assert counts["areas"] == 193
    assert counts["marked areas"] == 191
    assert 900_000 < int(str(counts["observations"])) < 2_000_000
    assert counts["later than recorded"] == 0
    assert (filled.office.home / "synthetic").read_text().startswith("Every person and figure")


def test_the_register_says_what_the_world_says(filled: Filled) -> None:
    code = """
import json
from django.utils import timezone
from highground.people.models import Household
from highground.people.queries import facts_as_of
chosen = Household.objects.everywhere(reason="test").filter(number__in=["00007", "04321", "19999"]).order_by("register", "number")
known = facts_as_of(list(chosen), as_of=timezone.localdate())
label = {household.pk: f"{household.register} {household.number}" for household in chosen}
rows = sorted([label[row.household], row.member is not None, row.fact, row.value, str(row.date), row.source] for row in known)
print(json.dumps({"today": str(timezone.localdate()), "rows": rows}))
"""
    found = json.loads(filled.office.python(code))
    country = make_country(SEED, datetime.date.fromisoformat(found["today"]))
    number = dict(
        zip(
            country.households["household"].to_pylist(),
            zip(
                country.households["area"].to_pylist(), country.households["number"].to_pylist(), strict=True
            ),
            strict=True,
        )
    )
    source = country.sources["name"].to_pylist()
    last: dict[tuple[str, str | None, str], list[object]] = {}
    for row in country.facts.to_pylist():
        area, own = number[row["household"]]
        if own in ("00007", "04321", "19999"):
            register = "longhe" if area.startswith("CN") else "namsai"
            last[row["household"], row["member"], row["fact"]] = [
                f"{register} {own}",
                row["member"] is not None,
                row["fact"],
                row["value"],
                str(row["valid_from"]),
                source[row["source"]],
            ]
    assert len(last) > 100
    assert found["rows"] == sorted(last.values())


def test_each_role_can_sign_in_and_holds_one_grant(filled: Filled) -> None:
    code = """
import json
from django.contrib.auth import authenticate
from highground.accounts.models import Grant
for user, password in LOGINS.items():
    assert authenticate(None, username=user, password=password) is not None, user
    assert authenticate(None, username=user, password=password + "x") is None, user
print(json.dumps(sorted([g.user.username, g.role, g.area.names["en"] if g.area else None] for g in Grant.objects.all())))
"""
    logins = filled.logins()
    assert set(logins) == set(USERS)
    held = json.loads(filled.office.python(code.replace("LOGINS", repr(logins))))
    assert held == sorted([name, str(person.role.value), person.place] for name, person in USERS.items())
    assert len({person.role for person in USERS.values()}) == 7


def test_the_event_log_holds(filled: Filled) -> None:
    assert filled.office.run("audit", "verify").returncode == 0
