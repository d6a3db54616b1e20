"""An office filled with a small country, on every database: all of it is there, as the world made it."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from highground.accounts.enums import Role
from highground.accounts.models import Grant, User
from highground.areas.models import Area
from highground.audit.actions import verify
from highground.cases.models import Case, Turn
from highground.cases.public.queries import readable_by, waiting_for
from highground.demo.filling import (
    FIRST_LIST_AGE,
    RULEBOOKS,
    SEED,
    USERS,
    NotADemo,
    check_empty,
    fill,
    who_is_who,
)
from highground.knowledge.models import Expert, Practice, Referral
from highground.methods.world import RUN_GAP_DAYS, Country, make_country
from highground.people.models import Household, Member, Observation
from highground.people.queries import facts_as_of
from highground.signals.models import Clue, HouseholdVerdict, Run
from highground.signals.unnumbered import own_counties, rows_about
from highground.teams import planning
from highground.teams.models import Plan, Post
from highground.works.findings import findings_of
from highground.works.models import AssetTask, Project, Study
from highground.works.queries.projects import projects_of, seen_sites

pytestmark = pytest.mark.django_db

SIZES = {"households": 1_500, "lao_households": 120}
PASSWORDS = {user: f"terrace-paddy-{number}" for number, user in enumerate(USERS)}
WORKERS = (Role.VILLAGE_WORKER, Role.FIRST_SECRETARY, Role.CONTACT_OFFICER, Role.TOWNSHIP_OFFICER)
WHY = "the test compares everything"


@pytest.fixture
def country(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Country:
    """The country that the database has just been filled with."""
    settings.HIGHGROUND_HOME = tmp_path
    # What hangs on the weights of a plan takes six plans more; tests/teams looks at it.
    monkeypatch.setattr(planning, "WEIGHED_UP_TO", 0)
    check_empty()
    fill(PASSWORDS, **SIZES)
    return make_country(SEED, timezone.localdate(), **SIZES)


def _known_in_the_world(
    country: Country,
) -> dict[tuple[str, str | None, str], tuple[str, datetime.date, str]]:
    """The last value, day and source of every fact, by the numbers of household and member."""
    number = {
        row["household"]: f"{'longhe' if row['area'].startswith('CN') else 'namsai'} {row['number']}"
        for row in country.households.to_pylist()
    }
    member = {
        row["member"]: f"{number[row['household']]}-{row['number']}" for row in country.members.to_pylist()
    }
    source = country.sources["name"].to_pylist()
    return {
        (number[row["household"]], member.get(row["member"]), row["fact"]): (
            row["value"],
            row["valid_from"],
            source[row["source"]],
        )
        for row in country.facts.to_pylist()  # in order of days, so that the last one stays
    }


def test_the_office_holds_the_country_and_has_screened_it_twice(country: Country) -> None:
    households = Household.objects.everywhere(reason=WHY)
    assert households.count() == households.filter(synthetic=True).count() == 1_620
    assert Member.objects.everywhere(reason=WHY).count() == country.members.num_rows
    codes = country.areas["code"].to_pylist()
    assert Area.objects.filter(code__in=codes).count() == country.areas.num_rows
    _check_facts(country, list(households))
    _check_days(country)
    _check_people()
    _check_runs(country)
    _check_cases()
    _check_messages()
    _check_knowledge()
    _check_teams()
    _check_works()
    _check_department_rows()
    assert verify().sound
    with pytest.raises(NotADemo, match="already holds an installation"):
        check_empty()


def _check_facts(country: Country, households: list[Household]) -> None:
    """Every fact of everybody, as the office knows it today, is the last one of the world."""
    number = {one.pk: f"{one.register} {one.number}" for one in households}
    member = {one.pk: f"{one.register} {one.number}" for one in Member.objects.everywhere(reason=WHY)}
    known = {
        (number[row.household], member.get(row.member), row.fact): (row.value, row.date, row.source)
        for start in range(0, len(households), 400)
        for row in facts_as_of(households[start : start + 400], as_of=country.today)
    }
    # What is known of households with a case is more than the world made: people went there.
    world = _known_in_the_world(country)
    with_case = set(
        Case.objects.everywhere(reason=WHY).values_list("household__register", "household__number")
    )
    named = {f"{register} {number}" for register, number in with_case}
    assert {key: value for key, value in known.items() if key[0] not in named} == {
        key: value for key, value in world.items() if key[0] not in named
    }
    assert len(known) > 60_000


def _check_department_rows() -> None:
    """Bills without an identity number wait for the county officer, one of them for a choice between two."""
    rows, shared = rows_about(*[own_counties(User.objects.get(username="weilan"), timezone.localdate())] * 2)
    assert len(rows) == 3 and not shared and max(len(row.pairs) for row in rows) >= 2


def _check_days(country: Country) -> None:
    """Nothing was recorded before it held, or later than the month after."""
    everything = Observation.objects.everywhere(reason=WHY)
    for valid_from, recorded_at in everything.values_list("valid_from", "recorded_at").iterator():
        late = (timezone.localdate(recorded_at) - valid_from).days
        assert 0 <= late <= 31
    past = facts_as_of(
        list(Household.objects.everywhere(reason=WHY)[:50]), as_of=country.today, known_on=country.first_run
    )
    assert past
    assert max(row.date for row in past) <= country.first_run


def _check_people() -> None:
    """Each role is held by somebody who can sign in, in the right place; who checks is never alone."""
    for user, password in PASSWORDS.items():
        assert authenticate(None, username=user, password=password) is not None
        assert authenticate(None, username=user, password=f"{password}x") is None
    held = {
        (grant.user.username, grant.role, grant.area.names["en"] if grant.area else None)
        for grant in Grant.objects.filter(target_kind="").select_related("user", "area")
        if grant.user.username in USERS
    }
    given = {(user, role, person.place) for user, person in USERS.items() for role in person.roles}
    assert held == given
    assert {role for _user, role, _place in held} == set(Role)
    for role in (Role.VILLAGE_WORKER, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER):
        places = [place for _user, one, place in held if one == role and place != "Namsai district"]
        assert len(places) == 2 and len(set(places)) == 1, role
    assert ("weilan", "Wei Lan 韦兰, county officer, Longhe county") in who_is_who()
    assert ("huangmei", "Huang Mei 黄梅, village worker, household contact officer, Baiyun") in who_is_who()


def _check_cases() -> None:
    """Cases stand at many steps, and each role of the path finds work that only it can do."""
    cases = Case.objects.everywhere(reason=WHY)
    assert {"visit", "appraise", "review"} <= set(cases.values_list("next_step", flat=True))
    roles = set(Turn.objects.everywhere(reason=WHY).filter(leads=True).values_list("role", flat=True))
    assert {str(role) for role in WORKERS} <= roles


def _check_knowledge() -> None:
    """Real practices, invented experts of eleven countries, and questions at every step."""
    assert Practice.objects.filter(standing="published", synthetic=False).count() == 60
    experts = Expert.objects.all()
    assert experts.count() == 40 and all(one.synthetic for one in experts)
    assert len({one.country for one in experts}) == 11
    asked = Referral.objects.everywhere(reason=WHY)
    assert set(asked.values_list("progress", flat=True)) == {"asked", "advised"}
    assert {"partly", "failed"} <= set(asked.values_list("works_3", flat=True))


def _check_messages() -> None:
    """The village, the township and the county find messages that wait for them, and the county more of them."""
    people = {
        name: User.objects.get(username=name) for name in ("qinhao", "pangyun", "weilan", "lintao", "noy")
    }
    waiting = {name: waiting_for(user).count() for name, user in people.items()}
    assert waiting == {"qinhao": 3, "pangyun": 3, "weilan": 6, "lintao": 6, "noy": 0}
    states = set(readable_by(people["weilan"]).values_list("status", flat=True))
    assert states == {"received", "taken_up", "answered"}


def _check_works() -> None:
    """Six real villages, which one person studies, and an invented study with both waves whose effect is found."""
    assert Project.objects.everywhere(reason=WHY).count() == 3
    somchai = User.objects.get(username="somchai")
    assert len(seen_sites(projects_of(somchai, timezone.localdate()), somchai, timezone.localdate())) == 6
    study = Study.objects.everywhere(reason=WHY).get()
    found = findings_of(study, study.plans.get()).main
    assert found is not None and found.check is not None and found.check.assignments == 216
    assert found.p is not None and found.p < 0.05 and found.effect is not None and 600 < found.effect < 1_200
    assert AssetTask.objects.everywhere(reason=WHY).get().closed_on is None


def _check_teams() -> None:
    """Teams are in the villages by a plan that somebody approved, and the next plan waits for that."""
    plans = Plan.objects.everywhere(reason=WHY).order_by("pk")
    assert [one.status for one in plans] == ["published", "draft"]
    assert all(one.certificate["wrong"] == [] for one in plans)
    posts = Post.objects.everywhere(reason=WHY)
    assert posts.filter(village__names__en="Baiyun").exists() and posts.filter(months__isnull=False).exists()


def _check_runs(country: Country) -> None:
    """Two runs per rulebook, the second compared with the first; every part of the country has clues."""
    runs = list(Run.objects.everywhere(reason=WHY).order_by("pk"))
    days = [country.today - datetime.timedelta(days=RUN_GAP_DAYS), country.today]
    assert [(run.rulebook, run.as_of) for run in runs] == [(book, day) for day in days for book in RULEBOOKS]
    assert [run.previous for run in runs] == [None, None, runs[0], runs[1]]
    assert [run.counts["households"] for run in runs] == [1_500, 120] * 2
    assert runs[2].counts["in_no_data"] == round(0.003 * 1_500)
    assert HouseholdVerdict.objects.everywhere(reason=WHY).count() == 1_620
    for book in RULEBOOKS:
        clues = Clue.objects.everywhere(reason=WHY).filter(rulebook=book)
        assert clues.filter(opened_on=country.today - FIRST_LIST_AGE).exists()
        assert clues.filter(opened_on=country.today).exists()
