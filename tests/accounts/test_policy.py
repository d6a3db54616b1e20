"""One test per sentence of docs/explanation/access.md, by its number."""

import ast
import datetime
import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import Error
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.http import HttpRequest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

import highground
from highground.accounts import actions
from highground.accounts.actions import (
    NotYourself,
    TooManyAttempts,
    check_password,
    end_grant,
    grant_role,
)
from highground.accounts.checks import closed_from_above
from highground.accounts.devices import issue_device
from highground.accounts.enums import SEES, WITHOUT_AREA, Role, Sight
from highground.accounts.models import Device, Grant, SignInFailure, User
from highground.accounts.queries import holds, may_see, scope_of
from highground.accounts.scoping import ScopedManager, UnscopedQuery, common, touching
from highground.areas.actions import AreaRow, import_areas
from highground.audit.models import AccessLog, Event
from highground.cases.actions.contacts import hand_over
from highground.cases.actions.needs import answer_need, family_says, record_need
from highground.cases.enums import MessageKind
from highground.cases.flow import CaseError, procedure_for
from highground.cases.models import Message, Need, PublicUse, Visit
from highground.cases.public import brake
from highground.cases.public.actions import Letter, say_about_whom, send_message
from highground.cases.public.codes import code_of, new_ticket
from highground.cases.public.queries import may_answer, readable_by, sender_of
from highground.field.forms.names import HOUSEHOLDS
from highground.field.forms.taking import check_may_take_in, take_in, withdraw
from highground.field.models import Submission
from highground.field.openrosa.lists import lists_for
from highground.field.queries import forms_for
from highground.field.receiving import receive, receive_from
from highground.files.uploads import keep_upload
from highground.knowledge.actions import asking
from highground.knowledge.actions import experts as profiles
from highground.knowledge.actions.practices import set_practice_standing
from highground.knowledge.actions.telling import may_tell
from highground.knowledge.enums import Standing
from highground.knowledge.ground import KnowledgeError, may_ask
from highground.knowledge.hiding import Band, tell
from highground.knowledge.models import Expert, Practice, PracticeText
from highground.knowledge.queries import referral_for
from highground.methods.facts import load_dictionary
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.masking import is_masked, opens_persons
from highground.people.models import Household, ProtectedValue
from highground.people.moves import move_household
from highground.rounds import plan_actions
from highground.rounds.actions import draw
from highground.rounds.models import AuditDraw, AuditVisit
from highground.rounds.plan_actions import SETTERS, mark_away, move, set_plan
from highground.rounds.planning import plan_of
from highground.signals.actions import screen_register
from highground.signals.unnumbered import UndecidedError, decide_row, rows_about
from highground.support.actions.budgets import set_budget
from highground.support.actions.ground import SupportError
from highground.support.actions.paying import create_batch, write_batch
from highground.support.actions.reconciling import reconcile
from highground.support.models import PaymentBatch
from highground.teams.actions import approve, publish
from highground.teams.ground import TeamsError, may_plan
from highground.teams.models import Plan
from highground.works.actions.industry import add_asset, close_task, set_state
from highground.works.actions.readings import take_readings
from highground.works.actions.roles import end_project_role, give_project_role
from highground.works.actions.services import advance, propose_work
from highground.works.actions.studies import add_indicator, add_villages, freeze_plan, start_study
from highground.works.ground import WorksError
from highground.works.models import Enterprise, IndustryLink, Project, ProjectSite, Study, StudyVillage
from highground.works.queries.projects import projects_of, seen_sites, seen_village
from tests.files import samples
from tests.pages.doors import NEVER
from tests.support.case_path import open_office
from tests.support.phone import form
from tests.support.places import LONG_AGO, PASSWORD, Places, add_person, add_places
from tests.support.register import BOOK, add_register
from tests.support.register import TODAY as REGISTERED
from tests.support.unnumbered import send_rows
from tests.support.workbooks import workbook

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
TODAY = datetime.date(2024, 6, 18)
VILLAGE = [Role.VILLAGE_WORKER, Role.FIRST_SECRETARY, Role.CONTACT_OFFICER]
OFFICE = [*VILLAGE, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER]


@pytest.fixture
def places() -> Places:
    return add_places()


@pytest.fixture
def households(places: Places) -> dict[str, Household]:
    return {
        name: Household.objects.create(
            key=f"{name[:4].upper()}-0001", number=name, area=getattr(places, name)
        )
        for name in ("baiyun", "datang", "heping_village", "antang_village")
    }


def seen_by(user: User, today: datetime.date = TODAY) -> set[str]:
    return {household.number for household in Household.objects.visible_to(user, today)}


def test_every_sentence_has_its_test() -> None:
    text = (ROOT / "docs/explanation/access.md").read_text()
    sentences = re.findall(r"^(\d+)\. ", text, re.MULTILINE)
    numbers = {name.split("_")[1] for name in globals() if re.match(r"test_\d+_", name)}
    assert sentences == [str(number) for number in range(1, len(sentences) + 1)]
    assert numbers == set(sentences)


def test_1_an_account_alone_sees_nothing(places, households) -> None:
    user = add_person("new")
    assert seen_by(user) == set()
    assert all(scope_of(user, TODAY, sight) == [] for sight in Sight)


def test_2_a_grant_holds_on_its_first_and_last_day(places, households) -> None:
    user = add_person("for-one-week")
    last = TODAY + datetime.timedelta(days=6)
    grant_role(user, role=Role.VILLAGE_WORKER, area=places.baiyun, valid_from=TODAY, valid_to=last, by="test")
    user = User.objects.get(pk=user.pk)
    assert seen_by(user, TODAY) == {"baiyun"}
    assert seen_by(user, last) == {"baiyun"}


def test_3_a_grant_reaches_down_and_nowhere_else(places, households) -> None:
    township = add_person("township", Role.TOWNSHIP_OFFICER, places.nalong)
    assert seen_by(township) == {"baiyun", "datang"}
    assert seen_by(add_person("county", Role.COUNTY_OFFICER, places.longhe)) == {
        "baiyun",
        "datang",
        "heping_village",
    }
    assert not may_see(township, TODAY, Sight.HOUSEHOLDS, places.longhe.path)
    assert not may_see(township, TODAY, Sight.HOUSEHOLDS, places.heping.path)
    assert may_see(township, TODAY, Sight.HOUSEHOLDS, places.datang.path)


def test_4_nothing_before_the_first_day_or_after_the_last(places, households) -> None:
    user = add_person("for-one-day")
    grant_role(
        user, role=Role.VILLAGE_WORKER, area=places.baiyun, valid_from=TODAY, valid_to=TODAY, by="test"
    )
    user = User.objects.get(pk=user.pk)
    assert seen_by(user, TODAY) == {"baiyun"}
    assert seen_by(user, TODAY - datetime.timedelta(days=1)) == set()
    assert seen_by(user, TODAY + datetime.timedelta(days=1)) == set()


def test_5_a_person_who_may_not_sign_in_holds_nothing(places, households) -> None:
    user = add_person("left", Role.COUNTY_OFFICER, places.longhe)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert seen_by(User.objects.get(pk=user.pk)) == set()
    assert Grant.objects.filter(user=user).count() == 1


def test_6_grants_add_up_each_in_its_own_area(places, households) -> None:
    user = add_person("two-roles", Role.VILLAGE_WORKER, places.baiyun)
    grant_role(user, role=Role.ANALYST, area=places.pingnan, valid_from=LONG_AGO, by="test")
    grant_role(user, role=Role.VILLAGE_WORKER, area=places.heping_village, valid_from=LONG_AGO, by="test")
    user = User.objects.get(pk=user.pk)
    assert seen_by(user) == {"baiyun", "heping_village"}
    assert may_see(user, TODAY, Sight.COUNTS, places.antang.path)
    assert not may_see(user, TODAY, Sight.HOUSEHOLDS, places.antang.path)


def test_7_a_grant_for_a_project_opens_no_area(places, households) -> None:
    user = add_person("project")
    Grant.objects.create(
        user=user, role=Role.COUNTY_OFFICER, target_kind="project", target_id="7", valid_from=LONG_AGO
    )
    user = User.objects.get(pk=user.pk)
    assert all(scope_of(user, TODAY, sight) == [] for sight in Sight)
    assert seen_by(user) == set()


@pytest.mark.parametrize("role", list(Role))
def test_8_only_auditor_administrator_curator_and_organiser_may_hold_a_role_without_an_area(
    role: Role,
) -> None:
    user = add_person("nowhere")
    if role in WITHOUT_AREA:
        grant_role(user, role=role, valid_from=LONG_AGO, by="test")
        return
    with pytest.raises(ValidationError):
        grant_role(user, role=role, valid_from=LONG_AGO, by="test")
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(user=user, role=role, valid_from=LONG_AGO)


def test_9_nobody_gives_a_role_to_themselves(places) -> None:
    user = add_person("operator", Role.OPERATOR)
    with pytest.raises(NotYourself):
        grant_role(user, role=Role.COUNTY_OFFICER, area=places.longhe, valid_from=TODAY, by=str(user.pk))
    assert [grant.role for grant in user.grants.all()] == [Role.OPERATOR]


def test_10_giving_and_ending_a_role_are_events(places) -> None:
    user = add_person("officer", Role.COUNTY_OFFICER, places.longhe)
    end_grant(user.grants.get(), by="test", today=TODAY)
    kinds = list(Event.objects.values_list("kind", "area_path"))
    assert kinds == [
        ("accounts.add_user", ""),
        ("accounts.grant_role", places.longhe.path),
        ("accounts.end_grant", places.longhe.path),
    ]
    assert scope_of(User.objects.get(pk=user.pk), TODAY) == []


@pytest.mark.parametrize("role", OFFICE)
def test_11_the_office_sees_households(role: Role, places, households) -> None:
    user = add_person("office", role, places.nalong)
    assert seen_by(user) == {"baiyun", "datang"}


def test_12_runs_are_for_county_and_province() -> None:
    assert [role for role in OFFICE if Sight.RUNS in SEES[role]] == [
        Role.COUNTY_OFFICER,
        Role.PROVINCE_OFFICER,
    ]


def test_13_an_analyst_sees_counts_budgets_rulebooks_runs_and_villages_only(places, households) -> None:
    user = add_person("analyst", Role.ANALYST, places.longhe)
    allowed = [sight for sight in Sight if scope_of(user, TODAY, sight) == [places.longhe.path]]
    assert allowed == [Sight.BUDGETS, Sight.COUNTS, Sight.RULEBOOKS, Sight.RUNS, Sight.WORKS]
    assert seen_by(user) == set()
    assert list(ProtectedValue.objects.visible_to(user, TODAY)) == []


def test_14_an_auditor_sees_the_logs_and_no_household(places, households) -> None:
    user = add_person("auditor", Role.AUDITOR)
    assert [sight for sight in Sight if scope_of(user, TODAY, sight)] == [Sight.RULEBOOKS, Sight.EVENTS]
    assert scope_of(user, TODAY, Sight.EVENTS) == [""]
    assert seen_by(user) == set()


def test_15_an_administrator_sees_accounts_and_no_household(places, households) -> None:
    user = add_person("operator", Role.OPERATOR)
    assert [sight for sight in Sight if scope_of(user, TODAY, sight)] == [Sight.RULEBOOKS, Sight.ACCOUNTS]
    assert seen_by(user) == set()


def test_16_everyone_with_a_role_reads_rulebooks() -> None:
    assert set(SEES) == set(Role)
    assert all(Sight.RULEBOOKS in sights for sights in SEES.values())


@pytest.mark.parametrize(
    "ask",
    [
        lambda rows: list(rows.all()),
        lambda rows: rows.filter(number="baiyun"),
        lambda rows: rows.get(number="baiyun"),
        lambda rows: rows.count(),
        lambda rows: rows.exists(),
        lambda rows: rows.first(),
        lambda rows: rows.values_list("number"),
        lambda rows: rows.in_bulk(),
        lambda rows: rows.update(number="x"),
        lambda rows: rows.get_or_create(number="baiyun"),
        lambda rows: rows.aggregate(models.Count("pk")),
        lambda rows: rows.raw("SELECT * FROM people_household"),
        lambda rows: rows.iterator(),
        lambda rows: rows.none(),
    ],
)
def test_17_an_unscoped_query_raises(ask, households) -> None:
    with pytest.raises(UnscopedQuery, match="visible_to"):
        ask(Household.objects)


def test_what_is_visible_in_an_area_is_visible_and_lies_there(places, households) -> None:
    several = add_person("several", Role.VILLAGE_WORKER, places.baiyun)
    grant_role(several, role=Role.VILLAGE_WORKER, area=places.heping_village, valid_from=TODAY, by="test")
    people = [
        add_person("nowhere"),
        User.objects.get(pk=several.pk),
        add_person("township", Role.TOWNSHIP_OFFICER, places.nalong),
        add_person("county", Role.COUNTY_OFFICER, places.longhe),
    ]
    paths = ["", *(place.path for place in vars(places).values())]
    for user in people:
        for path in paths:
            lying = Household.objects.visible_to(user, TODAY).filter(area__path__startswith=path)
            assert set(Household.objects.visible_in(path, user, TODAY)) == set(lying), (user, path)
    assert common([""], places.longhe.path) == [places.longhe.path]
    assert common([""], "") == [""]
    assert common([], "") == []


def test_18_everywhere_wants_a_reason_and_no_page_asks_for_it(households) -> None:
    assert Household.objects.everywhere(reason="counting all of them").count() == 4
    with pytest.raises(UnscopedQuery):
        Household.objects.everywhere(reason="  ")
    source = Path(highground.__file__).parent
    callers = []
    for file in source.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "everywhere":
                callers.append(file.relative_to(source))
                reasons = [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
                assert reasons, f"{file}:{node.lineno} gives no reason"
    barred = {"pages.py", "forms.py", "shell.py", "views.py"}
    assert callers
    assert [
        file for file in callers if file.name in barred or {"templatetags", "pages"} & set(file.parts)
    ] == []


def test_19_no_way_down_from_an_area() -> None:
    assert closed_from_above(None) == []

    class Leak(models.Model):
        area = models.ForeignKey("areas.Area", on_delete=models.CASCADE)
        objects = ScopedManager()

        class Meta:
            app_label = "people"

        def __str__(self) -> str:
            return "leak"

    try:
        assert [error.id for error in closed_from_above(None) if isinstance(error, Error)] == [
            "accounts.E001"
        ]
    finally:
        from django.apps import apps

        del apps.all_models["people"]["leak"]
        apps.clear_cache()


def _views(patterns, path="") -> list[tuple[str, object]]:
    found = []
    for pattern in patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += _views(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            found.append((here, pattern.callback))
    return found


def test_20_pages_ask_to_sign_in_unless_opened_on_purpose(client) -> None:
    views = _views(get_resolver().url_patterns)
    opened = {path for path, view in views if not getattr(view, "login_required", True)}
    public = {"report/", "report/status/", "report/<str:kind>/"}
    # These answer to the token of a device alone, or hold nothing about anybody.
    phone = {path for path in opened if path.startswith("field/")}
    # Practices, profiles and forums are for everybody, or answer to the link that somebody was sent; their offices are not.
    closed = ("knowledge/curate/", "knowledge/mine/", "knowledge/questions/", "forum/office/")
    shared = {
        path for path in opened if path.startswith(("knowledge/", "forum/")) and not path.startswith(closed)
    }
    assert opened <= {"sign-in/", "language/", "styleguide/", "health/"} | public | phone | shared
    assert len(views) > len(opened)
    response = client.post("/area/", {"area": "T0001"})
    assert response.status_code == 302
    assert response.url == "/sign-in/?next=/area/"


def test_21_outside_is_like_absent(client, places) -> None:
    user = add_person("county", Role.COUNTY_OFFICER, places.longhe)
    client.force_login(user)
    answers = []
    for code in (places.pingnan.code, "no-such-area"):
        response = client.post("/area/", {"area": code, "next": "/language/"})
        answers.append((response.status_code, response.url, dict(client.session)))
    assert answers[0] == answers[1]
    assert "area" not in client.session


def test_22_guessing_waits_also_for_names_that_do_not_exist(client, monkeypatch) -> None:
    monkeypatch.setattr(actions, "MOST_FAILURES_PER_NAME", 3)
    add_person("weilan", password=PASSWORD)
    for name in ("weilan", "nobody"):
        statuses = [
            client.post(
                "/sign-in/",
                {"username": name, "password": f"guess {attempt}"},
                REMOTE_ADDR=f"10.0.0.{attempt}",
            ).status_code
            for attempt in range(4)
        ]
        assert statuses == [422] * 3 + [429]
    right = client.post("/sign-in/", {"username": "weilan", "password": PASSWORD})
    assert right.status_code == 429
    assert "_auth_user_id" not in client.session


def test_22b_guessing_many_names_from_one_address_waits(client, monkeypatch) -> None:
    monkeypatch.setattr(actions, "MOST_FAILURES_PER_ADDRESS", 3)
    for attempt in range(3):
        client.post("/sign-in/", {"username": f"name{attempt}", "password": "x"}, REMOTE_ADDR="10.9.9.9")
    assert (
        client.post("/sign-in/", {"username": "name99", "password": "x"}, REMOTE_ADDR="10.9.9.9").status_code
        == 429
    )
    assert (
        client.post("/sign-in/", {"username": "name99", "password": "x"}, REMOTE_ADDR="10.1.1.1").status_code
        == 422
    )


def test_22c_a_house_with_many_addresses_counts_as_one(client, monkeypatch) -> None:
    monkeypatch.setattr(actions, "MOST_FAILURES_PER_ADDRESS", 3)
    answers = [
        client.post(
            "/sign-in/", {"username": f"name{n}", "password": "x"}, REMOTE_ADDR=f"2001:db8:0:{subnet}::{n}"
        ).status_code
        for subnet, n in ((1, 1), (1, 2), (1, 3), (1, 4), (2, 1))
    ]
    assert answers == [422, 422, 422, 429, 422]


@pytest.mark.django_db(transaction=True)
def test_22d_guesses_at_once_are_counted_before_they_are_looked_at(monkeypatch) -> None:
    monkeypatch.setattr(actions, "MOST_FAILURES_PER_NAME", 3)
    looked_at = []

    def slow(_request, **given) -> None:
        looked_at.append(given["password"])
        time.sleep(0.2)

    def guess(number: int) -> bool:
        try:
            check_password(
                HttpRequest(), username="weilan", password=f"{number}", address=f"10.0.0.{number}", now=now
            )
        except TooManyAttempts:
            return False
        finally:
            connection.close()
        return True

    monkeypatch.setattr(actions, "authenticate", slow)
    now = timezone.now()
    with ThreadPoolExecutor(12) as pool:
        let_through = sum(pool.map(guess, range(12)))
    assert let_through == len(looked_at) <= 3
    # Those who were turned away are not counted on top.
    assert SignInFailure.objects.count() == 2 * let_through


def test_23_no_name_or_address_in_the_clear(client) -> None:
    add_person("weilan", password=PASSWORD)
    client.post("/sign-in/", {"username": "weilan", "password": "wrong"}, REMOTE_ADDR="10.20.30.40")
    kept = str(list(SignInFailure.objects.values()))
    assert SignInFailure.objects.count() == 2
    client.post("/sign-in/", {"username": "weilan", "password": PASSWORD}, REMOTE_ADDR="10.20.30.40")
    events = str(list(Event.objects.values()))
    assert "accounts.sign_in" in events
    for text in (kept, events):
        assert "weilan" not in text
        assert "10.20.30.40" not in text


def test_24_who_sees_households_sees_cases(places) -> None:
    for role in Role:
        user = add_person(f"somebody {role}", role, None if role in WITHOUT_AREA else places.nalong)
        assert scope_of(user, TODAY, Sight.CASES) == scope_of(user, TODAY, Sight.HOUSEHOLDS)
        assert bool(scope_of(user, TODAY, Sight.CASES)) == (role in OFFICE)


def test_25_the_village_does_not_see_who_objected(places) -> None:
    seeing = []
    for role in Role:
        user = add_person(f"somebody {role}", role, None if role in WITHOUT_AREA else places.longhe)
        if may_see(user, TODAY, Sight.OBJECTORS, places.baiyun.path):
            seeing.append(role)
    assert seeing == [Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER]
    both = add_person("both", Role.VILLAGE_WORKER, places.baiyun)
    grant_role(both, role=Role.COUNTY_OFFICER, area=places.pingnan, valid_from=LONG_AGO, by="test")
    assert not may_see(User.objects.get(pk=both.pk), TODAY, Sight.OBJECTORS, places.baiyun.path)


def test_26_budgets_are_for_county_province_and_analyst() -> None:
    assert [role for role in Role if Sight.BUDGETS in SEES[role]] == [
        Role.COUNTY_OFFICER,
        Role.PROVINCE_OFFICER,
        Role.ANALYST,
    ]


def test_27_one_acts_as_what_one_is_there_on_that_day(places) -> None:
    user = add_person("two-roles", Role.VILLAGE_WORKER, places.baiyun)
    grant_role(
        user, role=Role.TOWNSHIP_OFFICER, area=places.nalong, valid_from=TODAY, valid_to=TODAY, by="test"
    )
    grant_role(user, role=Role.AUDITOR, valid_from=LONG_AGO, by="test")
    Grant.objects.create(
        user=user, role=Role.COUNTY_OFFICER, target_kind="project", target_id="7", valid_from=LONG_AGO
    )
    user = User.objects.get(pk=user.pk)
    everything = frozenset(Role)
    yesterday = TODAY - datetime.timedelta(days=1)
    assert holds(user, TODAY, everything, places.baiyun.path) == Role.VILLAGE_WORKER
    assert holds(user, TODAY, [Role.TOWNSHIP_OFFICER], places.baiyun.path) == Role.TOWNSHIP_OFFICER
    assert holds(user, TODAY, everything, places.datang.path) == Role.TOWNSHIP_OFFICER
    assert holds(user, yesterday, everything, places.datang.path) is None
    assert holds(user, TODAY, [Role.VILLAGE_WORKER], places.datang.path) is None
    assert holds(user, TODAY, everything, places.longhe.path) is None
    assert holds(user, TODAY, [], places.baiyun.path) is None
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert holds(User.objects.get(pk=user.pk), TODAY, everything, places.baiyun.path) is None


def test_27b_asking_again_costs_no_query(places, django_assert_num_queries) -> None:
    user = add_person("village", Role.VILLAGE_WORKER, places.baiyun)
    with django_assert_num_queries(1):
        for path in (places.baiyun.path, places.datang.path, places.longhe.path) * 10:
            holds(user, TODAY, [Role.VILLAGE_WORKER], path)


def test_28_the_auditors_of_both_areas_see_what_crosses_their_border(places, households) -> None:
    move_household(households["baiyun"], to=places.antang_village, day=TODAY, by="7", today=TODAY)
    move_household(households["datang"], to=places.heping_village, day=TODAY, by="7", today=TODAY)
    for county, seen in ((places.longhe, {"baiyun", "datang"}), (places.pingnan, {"baiyun"})):
        auditor = add_person(f"auditor-{county.code}", Role.AUDITOR, county)
        events = Event.objects.filter(touching(scope_of(auditor, TODAY, Sight.EVENTS)))
        moves = events.filter(kind="people.move_household").values_list("subject_id", flat=True)
        assert sorted(moves) == sorted(households[name].key for name in seen)


def test_29_an_area_that_moves_takes_its_households_along(places, households, client) -> None:
    people = {
        name: add_person(name, role, getattr(places, place))
        for name, role, place in (
            ("here", Role.COUNTY_OFFICER, "longhe"),
            ("there", Role.COUNTY_OFFICER, "pingnan"),
            ("village", Role.VILLAGE_WORKER, "baiyun"),
            ("auditor-here", Role.AUDITOR, "longhe"),
            ("auditor-there", Role.AUDITOR, "pingnan"),
        )
    }
    move_household(households["baiyun"], to=places.datang, day=LONG_AGO, by="7", today=TODAY)
    move_household(households["datang"], to=places.baiyun, day=LONG_AGO, by="7", today=TODAY)
    assert seen_by(people["here"]) == {"baiyun", "datang", "heping_village"}
    row = AreaRow(1, places.baiyun.code, "village", places.antang.code)
    assert import_areas([row], by="command:test", today=TODAY, move=True).moved == 1
    now = {name: User.objects.get(username=name) for name in people}
    assert seen_by(now["here"]) == {"baiyun", "heping_village"}
    assert seen_by(now["there"]) == {"datang", "antang_village"}
    assert seen_by(now["village"]) == {"datang"}
    for name, kinds in (
        ("auditor-here", {"people.move_household", "areas.import"}),
        ("auditor-there", {"areas.import"}),
    ):
        client.force_login(now[name])
        page = client.get("/events/")
        seen = {event.kind for event in page.context["page"].rows}
        assert seen - {"accounts.grant_role"} == kinds
        # What was filed under the old place is still called by the name of the area.
        assert "Baiyun" in page.content.decode()


def test_30_what_came_with_an_objection_opens_for_those_who_see_objectors(
    client, places, tmp_path, settings
) -> None:
    settings.HIGHGROUND_HOME = tmp_path
    kept = {
        behind: keep_upload(
            io.BytesIO(content),
            area_path=places.baiyun.path,
            kind="test",
            behind=behind,
            by="test",
            today=TODAY,
        )
        for behind, content in ((Sight.HOUSEHOLDS, samples.photo()), (Sight.OBJECTORS, samples.mp3()))
    }
    for role in OFFICE:
        client.force_login(add_person(f"a {role}", role, places.longhe))
        for behind, upload in kept.items():
            opens = client.get(f"/uploads/{upload.hash}/").status_code == 200
            assert opens == (behind in SEES[role]), (role, behind)
    assert AccessLog.objects.filter(page="people.upload").count() == len(OFFICE) + 2


@pytest.mark.parametrize("role", list(Role))
def test_31_names_and_sensitive_facts_of_persons_are_for_those_who_go_there_or_decide(
    role: Role, places
) -> None:
    user = add_person("somebody", role, None if role in WITHOUT_AREA else places.nalong)
    opens = role in OFFICE and role != Role.PROVINCE_OFFICER
    assert scope_of(user, TODAY, Sight.PROTECTED) == ([places.nalong.path] if opens else [])
    home, beside = (
        Household.objects.create(key=f"H{area.pk}", number=area.code, area=area)
        for area in (places.baiyun, places.antang_village)
    )
    assert opens_persons(user, home, TODAY) == opens
    assert not opens_persons(user, beside, TODAY)
    hidden = [fact.name for fact in load_dictionary().values() if is_masked(fact, opens)]
    sensitive = [fact.name for fact in load_dictionary().members if fact.sensitivity == "sensitive"]
    assert {"health_status", "birth_date"} <= set(sensitive)
    assert hidden == ([] if opens else sensitive)


def test_32_numbers_and_accounts_stand_on_signed_papers_alone() -> None:
    """The walk of tests/pages looks for these marks on every page, for every role."""
    assert {"identity number", "phone", "bank account"} <= set(NEVER)


def message(kind: str, area, **fields) -> Message:
    letter = Letter(
        kind=MessageKind(kind), area=area, words="what happened", name="Mo", phone="555", **fields
    )
    receipt = send_message(letter, ticket=new_ticket(), address=f"{kind} {fields}", today=TODAY)
    found = Message.objects.everywhere(reason="test").order_by("-pk").first()
    found.code = receipt.code
    return found


def page_about(client, code: str) -> str:
    text = client.post("/report/status/", {"code": code}).content.decode().replace(code, "")
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", text)


def test_33_the_public_pages_show_areas_and_what_became_of_a_message(client, places, households) -> None:
    add_person("county", Role.COUNTY_OFFICER, places.longhe)
    sent = message("report", places.baiyun)
    shown = ""
    for address in ("/report/", "/report/report/", f"/report/report/?in={places.nalong.code}"):
        shown += client.get(address).content.decode()
    shown += client.get(f"/report/grievance/?place={places.baiyun.code}").content.decode()
    shown += page_about(client, sent.code)
    assert "Baiyun village" in shown
    for household in households.values():
        assert household.key not in shown
    assert "what happened" not in shown
    assert "Mo" not in re.findall(r"\w+", shown)


def test_34_what_does_not_exist_is_answered_like_what_does(client, places) -> None:
    waiting = message("report", places.baiyun)
    assert page_about(client, waiting.code) == page_about(client, code_of(new_ticket()))
    lost = message("objection", places.baiyun, notice_code="ZZZZZZ", notice_line="1")
    assert (lost.kind, lost.status) == ("objection", "received")
    assert page_about(client, lost.code) == page_about(client, waiting.code)


@pytest.mark.parametrize("role", list(Role))
def test_35_reports_are_for_those_who_see_cases_the_rest_for_those_who_see_objectors(
    role: Role, places
) -> None:
    user = add_person("somebody", role, None if role in WITHOUT_AREA else places.longhe)
    mild, whisper = message("report", places.baiyun), message("report", places.baiyun, for_county=True)
    strict = [whisper, message("objection", places.baiyun), message("grievance", places.baiyun)]
    read = set(readable_by(user))
    assert (mild in read) == may_see(user, TODAY, Sight.CASES)
    for one in strict:
        assert (one in read) == may_see(user, TODAY, Sight.OBJECTORS)
    beside = message("report", places.antang_village)
    assert beside not in readable_by(user)


def test_36_nobody_answers_about_themselves_or_their_own_village(places) -> None:
    county, other = (add_person(name, Role.COUNTY_OFFICER, places.longhe) for name in ("county", "other"))
    complaint = message("grievance", places.baiyun, for_county=True)
    for role in (*VILLAGE, Role.TOWNSHIP_OFFICER):
        assert not may_answer(add_person(f"a {role}", role, places.baiyun), complaint, TODAY)
    assert may_answer(county, complaint, TODAY)
    say_about_whom(complaint, about=other, by=county, today=TODAY)
    complaint.refresh_from_db()
    assert not may_answer(other, complaint, TODAY)
    assert complaint not in readable_by(other)
    grant_role(county, role=Role.FIRST_SECRETARY, area=places.baiyun, valid_from=LONG_AGO, by="test")
    assert not may_answer(User.objects.get(pk=county.pk), complaint, TODAY)


@pytest.mark.parametrize("role", OFFICE)
def test_37_a_sender_is_shown_to_those_who_see_names_or_objectors(role: Role, client, places) -> None:
    user = add_person("somebody", role, places.longhe)
    mild, complaint = message("report", places.baiyun), message("grievance", places.baiyun)
    assert bool(sender_of(mild, user, TODAY)) == (Sight.PROTECTED in SEES[role])
    assert bool(sender_of(complaint, user, TODAY)) == (Sight.OBJECTORS in SEES[role])
    assert "555" not in mild.sender
    client.force_login(user)
    assert client.get(f"/messages/{mild.pk}/").status_code == 200
    assert AccessLog.objects.filter(subject_kind="message", subject_id=str(mild.pk)).count() == 1


@pytest.mark.parametrize("role", list(Role))
def test_38_a_need_is_closed_by_the_family_and_written_down_by_those_who_see_it(
    role: Role, places, households
) -> None:
    user = add_person("somebody", role, None if role in WITHOUT_AREA else places.nalong)
    household = households["baiyun"]
    if not may_see(user, TODAY, Sight.HOUSEHOLDS, household.area.path):
        with pytest.raises(NotAllowed):
            record_need(household, words="a pot", by=user, day=TODAY, today=TODAY)
        return
    need = record_need(household, words="a pot", by=user, day=TODAY, today=TODAY)
    answer_need(need, answer="It is on its way.", by=user, today=TODAY)
    assert need.family_says == ""
    family_says(need, says="solved", by=user, today=TODAY)
    assert (need.family_says, need.said_to) == ("solved", str(user.pk))
    with pytest.raises(NotAllowed):
        record_need(households["antang_village"], words="a pot", by=user, day=TODAY, today=TODAY)


def test_39_too_much_waits_and_no_address_is_kept(places, monkeypatch) -> None:
    monkeypatch.setattr(brake, "SENT_FOR", brake.Limit("sent for", 2, datetime.timedelta(hours=1)))
    for _turn in range(2):
        message("report", places.baiyun)
    with pytest.raises(brake.TooMany):
        message("grievance", places.baiyun)
    assert "report" not in str(list(PublicUse.objects.values()))
    old = timezone.now() + datetime.timedelta(hours=25)
    brake.use([(brake.ASKED_FROM, "10.0.0.9")], now=old)
    assert PublicUse.objects.count() == 1
    assert "10.0.0.9" not in str(list(PublicUse.objects.values()))


def test_40_who_made_a_batch_does_not_reconcile_it_and_files_are_recorded(places, tmp_path) -> None:
    maker, other = (add_person(name, Role.COUNTY_OFFICER, places.longhe) for name in ("maker", "other"))
    batch = PaymentBatch.objects.create(
        area=places.longhe, currency="CNY", created_on=TODAY, created_by=str(maker.pk)
    )
    answer = tmp_path / "return.csv"
    answer.write_text("line,amount,status\n")
    with pytest.raises(NotAllowed) as refused:
        reconcile(batch, file=answer, by=maker, today=TODAY)
    assert refused.value.why == "own_step"
    assert reconcile(batch, file=answer, by=other, today=TODAY).rejected == 0
    file = write_batch(batch, by=other, today=TODAY)
    assert Event.objects.get(kind="support.write_batch").data["content"] == file.sha256


@pytest.mark.parametrize("role", list(Role))
def test_41_budgets_and_batches_are_the_countys(role: Role, places) -> None:
    user = add_person("somebody", role, None if role in WITHOUT_AREA else places.longhe)
    allowed = role in (Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
    fields = {"area": places.longhe, "family": "health", "by": user, "today": TODAY}
    if not allowed:
        with pytest.raises(NotAllowed):
            set_budget(year=2026, amount=Decimal(5), **fields)
        with pytest.raises(NotAllowed):
            create_batch(**fields)
        return
    assert set_budget(year=2026, amount=Decimal(5), **fields).amount == 500
    with pytest.raises(SupportError, match="nothing waits"):
        create_batch(**fields)


def test_42_a_phone_sees_what_its_person_sees_and_no_longer(client, places, households, monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    user = add_person("goes there", Role.VILLAGE_WORKER, places.baiyun)
    token = issue_device(user, name="phone", by="test", today=TODAY).token

    def seen() -> set[str]:
        answer = client.get("/field/bundle", headers={"Authorization": f"Bearer {token}"})
        return {one["key"] for one in answer.json()["households"]}

    assert seen() == set(Household.objects.visible_to(user, TODAY).values_list("key", flat=True)) != set()
    Grant.objects.filter(user=user).update(valid_to=TODAY - datetime.timedelta(days=1))
    assert seen() == set()
    assert (
        client.get("/field/").status_code == 200
        and "goes there" not in client.get("/field/").content.decode()
    )


def test_43_a_lost_phone_opens_nothing_and_strangers_are_not_changed(
    client, places, households, monkeypatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    user = add_person("goes there", Role.VILLAGE_WORKER, places.baiyun)
    issued = issue_device(user, name="phone", by="test", today=TODAY)
    mine = set(Household.objects.visible_to(user, TODAY).values_list("pk", flat=True))
    stranger = Household.objects.everywhere(reason="test").exclude(pk__in=mine).first()
    receipt = receive(
        form(stranger, kind="look", note="seen").encode(), {}, device=issued.device, today=TODAY
    )
    assert receipt.state == "flagged" and not stranger.visits.exists()
    officers = {
        "near": add_person("near", Role.TOWNSHIP_OFFICER, places.nalong),
        "far": add_person("far", Role.TOWNSHIP_OFFICER, places.antang),
    }
    client.force_login(officers["far"])
    assert client.post("/phones/devices/", {"device": issued.device.pk}).status_code == 404
    client.force_login(officers["near"])
    assert client.post("/phones/devices/", {"device": issued.device.pk}).status_code == 302
    answer = client.get("/field/bundle", headers={"Authorization": f"Bearer {issued.token}"})
    assert (answer.status_code, answer.json()["error"]) == (401, "revoked")


@pytest.mark.parametrize("role", Role)
def test_44_a_contact_officer_is_changed_by_those_who_name_one(role: Role, tmp_path, settings) -> None:
    settings.HIGHGROUND_HOME, settings.SYNTHETIC_MARK = tmp_path, tmp_path / "synthetic"
    register = add_register()
    screen_register(rulebook=BOOK, as_of=REGISTERED, by="test", today=REGISTERED)
    office = open_office(register)
    case = office.open()
    office.assign(case)
    reach = None if role in WITHOUT_AREA else register.areas["LONGHE"]
    who = add_person(f"a {role}", role, reach)
    names = role in procedure_for(case).steps["assign"].roles
    with nullcontext() if names else pytest.raises(NotAllowed):
        hand_over(case, to=office.staff["worker"], by=who, today=office.today)
    assert Event.objects.filter(kind="cases.hand_over").count() == names
    case.refresh_from_db()
    assert case.contact == office.staff["worker" if names else "contact"]
    with pytest.raises(CaseError, match="no role in the household's area"):
        hand_over(case, to=office.staff["neighbour"], by=office.staff["township"], today=office.today)


@pytest.fixture
def rounds_of(tmp_path, settings):
    """A register that was screened, its office, and the plan of Longhe county."""
    settings.HIGHGROUND_HOME, settings.SYNTHETIC_MARK = tmp_path, tmp_path / "synthetic"
    register = add_register()
    screen_register(rulebook=BOOK, as_of=REGISTERED, by="test", today=REGISTERED)
    return register


@pytest.mark.parametrize("role", Role)
def test_45_the_audit_is_drawn_by_a_county_officer_alone(role: Role, rounds_of) -> None:
    county = rounds_of.areas["LONGHE"]
    who = add_person(f"a {role}", role, None if role in WITHOUT_AREA else county)
    draws = role == Role.COUNTY_OFFICER
    with nullcontext() if draws else pytest.raises(NotAllowed):
        draw(county, rulebook=BOOK, seed=1, share=1, by=who, today=REGISTERED)
    assert AuditDraw.objects.everywhere(reason="test").exists() == draws
    made = draw(county, rulebook=BOOK, seed=2, share=1, by="command", today=REGISTERED)
    worker = add_person("in one village", Role.VILLAGE_WORKER, rounds_of.areas["BAIYUN"])
    seen = AuditVisit.objects.visible_to(worker, REGISTERED).filter(draw=made)
    assert {one.household.area.code for one in seen} <= {"BAIYUN"}


def test_46_the_plan_of_a_county_is_shown_to_each_for_their_own_area(rounds_of, client, monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: REGISTERED)
    for name, code in (("near", "BAIYUN"), ("far", "ANTANG-1")):
        client.force_login(add_person(name, Role.VILLAGE_WORKER, rounds_of.areas[code]))
        shown = client.get("/rounds/plan/?show=all&area=LONGHE").content.decode()
        assert ("2231" in shown) == (name == "near") and "1410" not in shown


@pytest.mark.parametrize("role", Role)
def test_47_leaders_say_who_goes_and_everybody_that_they_are_away(role: Role, rounds_of) -> None:
    area = None if role in WITHOUT_AREA else rounds_of.areas["NALONG"]
    who = add_person(f"a {role}", role, area)
    other = add_person("another", Role.VILLAGE_WORKER, rounds_of.areas["NALONG"])
    add_person("a third", Role.VILLAGE_WORKER, rounds_of.areas["NALONG"])
    found = plan_of(rounds_of.areas["LONGHE"], REGISTERED)
    task = next(one.call.task for one in found.rounds if one.call.number == "2231")
    leads = role in (Role.FIRST_SECRETARY, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER)
    person, day = found.people[str(other.pk)], found.days[0]
    third = next(name for name, one in found.people.items() if one.user.username == "a third")
    verbs = (
        lambda: move(found, task, visitor=str(other.pk), day=None, by=who),
        lambda: mark_away(person, first=day, last=day, by=who, today=REGISTERED),
        lambda: plan_actions.hand_over(found, str(other.pk), third, by=who),
    )
    for verb in verbs:
        with nullcontext() if leads else pytest.raises(NotAllowed):
            verb()
    if str(who.pk) in found.people:
        assert mark_away(found.people[str(who.pk)], first=day, last=day, by=who, today=REGISTERED)
    with nullcontext() if role in SETTERS else pytest.raises(NotAllowed):
        set_plan(rounds_of.areas["NALONG"], visits_a_day=3, share=0.1, by=who, today=REGISTERED)


def test_50_the_code_of_an_app_acts_for_whoever_made_it(
    client, places, households, monkeypatch, caplog
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    worker = add_person("goes there", Role.VILLAGE_WORKER, places.baiyun)
    officer = add_person("leads", Role.COUNTY_OFFICER, places.longhe)
    client.force_login(officer)
    asked = {"do": "connect", "name": "phone", "user": worker.pk}
    page = client.post("/phones/devices/", asked).content.decode()
    address = re.search(r'class="address">([^<]+)<', page)
    assert address and Device.objects.get().user == officer, "nobody makes one for somebody else"
    token = address[1].rpartition("/")[2]
    client.logout()
    assert client.get(f"{address[1]}/formList").status_code == 200
    mine = households_of_lists(officer)
    assert mine == set(Household.objects.visible_to(officer, TODAY).values_list("key", flat=True)) != set()
    client.force_login(officer)
    for door in ("/phones/devices/", "/phones/"):
        assert token not in client.get(door).content.decode()
    assert token not in caplog.text
    client.post("/phones/devices/", {"device": Device.objects.get().pk})
    assert client.get(f"{address[1]}/formList").status_code == 403


def households_of_lists(user: User) -> set[str]:
    """The households in the lists of somebody's device."""
    return {key for key, _path in lists_for(user, TODAY)[HOUSEHOLDS].keys}


@pytest.mark.parametrize("role", Role)
def test_51_forms_by_others_are_taken_in_by_the_county_and_shown_there(role: Role, places) -> None:
    who = add_person(f"a {role}", role, None if role in WITHOUT_AREA else places.longhe)
    may = role in (Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
    with nullcontext() if may else pytest.raises(NotAllowed):
        check_may_take_in(who, places.longhe, TODAY)
    with pytest.raises(NotAllowed):
        check_may_take_in(who, places.pingnan, TODAY)
    rows = [["type", "name", "label"], ["text", "a", "A"]]
    taken = take_in(
        workbook(survey=rows, settings=[["form_id"], ["x"]]), area=places.longhe, by="command", today=TODAY
    )
    with nullcontext() if may else pytest.raises(NotAllowed):
        withdraw(taken, by=who, today=TODAY)
    shown = forms_for(who, TODAY).filter(pk=taken.pk).exists()
    assert shown == may_see(who, TODAY, Sight.CASES, places.longhe.path)
    near, far = (
        add_person(f"{name} {role}", Role.VILLAGE_WORKER, area)
        for name, area in (("near", places.baiyun), ("far", places.antang))
    )
    assert forms_for(near, TODAY).filter(pk=taken.pk).exists()
    assert not forms_for(far, TODAY).filter(pk=taken.pk).exists()


def test_52_what_cannot_be_placed_is_kept_and_changes_nothing(places, households) -> None:
    user = add_person("goes there", Role.VILLAGE_WORKER, places.baiyun)
    stranger = add_person("next door", Role.VILLAGE_WORKER, places.antang)
    mine = Household.objects.visible_to(user, TODAY).first()
    elsewhere = Household.objects.visible_to(stranger, TODAY).first()
    said = {"kind": "look", "note": "seen", "need_words": "rice"}
    sent = [
        form(elsewhere, **said),
        form("nobody", **said),
        form(mine, **said).replace('id="visit"', 'id="unheard-of"'),
    ]
    Household.objects.everywhere(reason="test").filter(pk=mine.pk).update(status="moved")
    sent.append(form(mine, **said))
    for number, xml in enumerate(sent):
        receipt = receive_from(user, xml.encode(), {}, today=TODAY)
        kept = Submission.objects.everywhere(reason="test").latest("pk")
        assert receipt.state == "flagged" and kept.xml == xml, number
        assert kept.visit is None and kept.need is None
    assert not Visit.objects.everywhere(reason="test").exists()
    assert not Need.objects.everywhere(reason="test").exists()
    assert Submission.objects.visible_to(stranger, TODAY).count() == 1, "the form about their own household"


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_48_candidates_and_plans_are_for_the_county_and_the_province(role: Role) -> None:
    places = add_places()
    who = add_person(f"a {role}", role, None if role in WITHOUT_AREA else places.longhe)
    planners = (Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
    assert may_see(who, TODAY, Sight.TEAMS) == may_see(who, TODAY, Sight.HOUSEHOLDS)
    assert may_see(who, TODAY, Sight.POSTINGS) == (role in planners)
    assert may_plan(who, places.longhe, TODAY) == (role in planners)
    assert not may_plan(who, places.pingnan, TODAY)


@pytest.mark.django_db
def test_49_whoever_made_a_plan_of_teams_does_not_approve_it() -> None:
    places = add_places()
    maker, other = (add_person(name, Role.COUNTY_OFFICER, places.longhe) for name in ("maker", "other"))
    plan = Plan.objects.create(
        area=places.longhe, number=1, norms="cn-2021", status="draft", by=str(maker.pk), made_on=TODAY
    )
    with pytest.raises(TeamsError):
        approve(plan, by=maker, today=TODAY)
    with pytest.raises(TeamsError):
        publish(plan, since=TODAY, by=other, today=TODAY)
    approve(plan, by=other, today=TODAY)
    assert publish(plan, since=TODAY, by=maker, today=TODAY) == 0


PROFILE = {
    "name": "Sok Dara",
    "country": "KH",
    "kind": "village",
    "about": "Since 2009.",
    "languages": ["km"],
}


def published(curators: list[User], **values: Any) -> Expert:
    """A profile to which both curators have agreed."""
    expert = profiles.add_expert({**PROFILE, **values}, by="test", today=TODAY, basis="test")
    for one in curators:
        profiles.vet(expert, by=one, today=TODAY)
    return Expert.objects.get(pk=expert.pk)


@pytest.fixture
def curators(db) -> list[User]:
    return [add_person(name, Role.CURATOR) for name in ("first", "second")]


def test_53_what_is_published_is_read_by_everybody_as_far_as_the_person_shows_it(curators) -> None:
    waiting = profiles.add_expert(PROFILE, by="test", today=TODAY, basis="test")
    assert Client().get(f"/knowledge/experts/{waiting.code}/").status_code == 404
    quiet, open_ = (
        published(curators, name=name, shown=shown) for name, shown in (("Noy", []), ("Mei", ["about"]))
    )
    pages = [Client().get(f"/knowledge/experts/{one.code}/").content.decode() for one in (quiet, open_)]
    assert ["Since 2009." in page for page in pages] == [False, True]


def test_54_two_agree_to_a_profile_and_another_one_to_a_practice(curators) -> None:
    first, second = curators
    expert = profiles.add_expert(PROFILE, by="test", today=TODAY, basis="test")
    profiles.claim(profiles.invite(expert, by=first, today=TODAY), by=second, today=TODAY)
    expert.refresh_from_db()
    assert not profiles.vet(expert, by=first, today=TODAY)
    with pytest.raises(KnowledgeError):
        profiles.vet(expert, by=second, today=TODAY)
    practice = Practice.objects.create(
        code="rice-bank", country="LA", evidence="monitored", source="s", source_date="2019", by=str(first.pk),
        added_on=TODAY, changed_on=TODAY,
    )  # fmt: skip
    PracticeText.objects.create(
        practice=practice, language="en", status="original", title="t", problem="p", done="d"
    )
    readers = {404: [add_person("officer", Role.PROVINCE_OFFICER, add_places().country)], 200: curators}
    for status, users in readers.items():
        for user in users:
            client = Client()
            client.force_login(user)
            assert client.get("/knowledge/practices/rice-bank/").status_code == status, user
    with pytest.raises(KnowledgeError):
        set_practice_standing(practice, Standing.PUBLISHED, by=first, today=TODAY)
    set_practice_standing(practice, Standing.PUBLISHED, by=second, today=TODAY)
    assert Client().get("/knowledge/practices/rice-bank/").status_code == 200


def test_55_an_invitation_makes_one_owner_who_alone_changes_and_erases(curators) -> None:
    expert, owner = published(curators), add_person("owner")
    token = profiles.invite(expert, by=curators[0], today=TODAY)
    profiles.claim(token, by=owner, today=TODAY)
    expert.refresh_from_db()
    with pytest.raises(KnowledgeError):
        profiles.claim(token, by=add_person("late"), today=TODAY)
    for verb in (profiles.change_profile, lambda *given, **options: profiles.erase(given[0], **options)):
        with pytest.raises(KnowledgeError):
            verb(expert, {}, by=curators[0], today=TODAY)
    assert all(scope_of(owner, TODAY, sight) == [] for sight in Sight)
    assert may_tell(owner, TODAY) and not may_tell(add_person("nobody"), TODAY)
    profiles.erase(expert, by=owner, today=TODAY)


@pytest.mark.parametrize("role", list(Role))
def test_56_who_asks_an_expert_and_who_reads_it(role: Role, curators) -> None:
    places = add_places()
    expert, owner = published(curators), add_person("owner")
    profiles.claim(profiles.invite(expert, by=curators[0], today=TODAY), by=owner, today=TODAY)
    expert.refresh_from_db()
    asker = add_person("asker", Role.COUNTY_OFFICER, places.longhe)
    asked = asking.ask(expert, area=places.longhe, text="How?", language="en", by=asker, today=TODAY)
    who = add_person(f"a {role}", role, None if role in WITHOUT_AREA else places.longhe)
    beside = add_person("beside", role, None if role in WITHOUT_AREA else places.pingnan)
    askers = (Role.FIRST_SECRETARY, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
    assert may_ask(who, places.longhe, TODAY) == (role in askers)
    assert not may_ask(who, places.pingnan, TODAY)
    reads = may_see(who, TODAY, Sight.HOUSEHOLDS)
    assert (referral_for(asked.pk, who, TODAY) is not None) == reads
    assert referral_for(asked.pk, beside, TODAY) is None and referral_for(asked.pk, owner, TODAY)


def test_57_of_others_causes_are_told_in_tens() -> None:
    """tests/knowledge/test_hiding.py subtracts and waits a quarter, over thousands of tables."""
    column = tell({"own": 14, "b": 23, "c": 9, "d": 11}, {"own"})
    assert column.cells == {"own": 14, "b": Band(20), "c": None, "d": None}


def test_58_a_curator_sees_what_waits_and_no_household(curators) -> None:
    assert SEES[Role.CURATOR] == {Sight.CURATION, Sight.RULEBOOKS}
    client = Client()
    client.force_login(curators[0])
    opened = [
        client.get(f"/{page}/").status_code
        for page in ("knowledge/curate", "knowledge/questions", "cases", "clues")
    ]
    assert opened == [200, 403, 403, 403]


@pytest.mark.parametrize("everywhere", [True, False])
def test_59_an_organiser_runs_the_forums_of_their_area(everywhere, places) -> None:
    from highground.forum.queries import organised_by, people_of
    from tests.pages.gathered import gather

    mine, other = gather(places.longhe)["forum"], gather(places.pingnan)["forum"]
    organiser = add_person("organiser", Role.ORGANISER, None if everywhere else places.longhe)
    seen = {one.code: one for one in organised_by(organiser, timezone.localdate())}
    assert set(seen) == ({mine, other} if everywhere else {mine})
    assert people_of(seen[mine], organiser, timezone.localdate()).count() == 1
    assert not may_see(organiser, timezone.localdate(), Sight.HOUSEHOLDS)


def test_60_a_link_of_a_forum_opens_that_one_thing(places) -> None:
    from highground.forum import keys, links
    from highground.forum.actions.taking_part import withdraw
    from highground.forum.models import Participant
    from tests.pages.gathered import gather

    gather(places.longhe)
    guest = Participant.objects.everywhere(reason="test").select_related("forum__area").get()
    good = keys.link_of(keys.PERSON, guest.key)
    assert links.participant_by(good) == guest
    for wrong in (
        keys.link_of(keys.DOOR, guest.key),
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        guest.key,
        "",
    ):
        assert links.participant_by(wrong) is None
    withdraw(guest, by="test")
    assert links.participant_by(good) is None


def test_61_a_reviewer_of_an_anonymous_call_sees_no_entrant(client, places) -> None:
    from highground.files.uploads import path_of
    from highground.forum import keys
    from highground.forum.models import Entry, Review, Reviewer
    from tests.pages.gathered import gather

    gather(places.longhe)
    entry = Entry.objects.everywhere(reason="test").get()
    reviewer = Reviewer.objects.everywhere(reason="test").get()
    Entry.objects.everywhere(reason="test").update(entrant="Anna of the Hills", organisation="Hill Union")
    base = f"/forum/review/{keys.link_of(keys.REVIEWER, reviewer.key)}/1/"
    assert client.get(f"{base}1").status_code == 404
    Review.objects.create(entry=entry, reviewer=reviewer)
    page = client.get(base).content.decode()
    planted = entry.attachments.get().name.encode()
    file, own = (
        client.get(f"{address}1")
        for address in (base, f"/forum/entry/{keys.link_of(keys.ENTRY, entry.key)}/")
    )
    assert planted in path_of(entry.attachments.get().original).read_bytes()
    for answer in (file, own):
        assert planted not in b"".join(answer.streaming_content) + str(answer.headers).encode()
    assert client.get(f"/forum/office/{entry.forum.code}/entries/1/1").status_code == 302
    assert entry.texts.get().title in page
    assert not any(name in page for name in ("Anna of the Hills", "Hill Union", entry.email))


def test_62_evidence_of_a_commitment_is_accepted_by_another(places) -> None:
    from highground.forum.actions.commitments import accept_evidence, bring_evidence
    from highground.forum.ground import ForumError
    from highground.forum.models import Commitment
    from tests.pages.gathered import gather

    gather(places.longhe)
    one, today = Commitment.objects.select_related("forum__area").get(), timezone.localdate()
    first, second = (add_person(name, Role.ORGANISER, places.longhe) for name in ("first", "second"))
    brought = bring_evidence(
        one, day=one.promised_on, text="Seen", source="Report", status="kept", by=str(first.pk), today=max(today, one.promised_on)
    )  # fmt: skip
    with pytest.raises(ForumError):
        accept_evidence(brought, by=first, today=today)
    assert accept_evidence(brought, by=second, today=today).status == "kept"


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_63_villages_are_for_those_who_see_households_and_analysts(role: Role) -> None:
    places = add_places()
    who = add_person(f"a {role}", role, None if role in WITHOUT_AREA else places.longhe)
    assert may_see(who, TODAY, Sight.WORKS) == (may_see(who, TODAY, Sight.HOUSEHOLDS) or role == Role.ANALYST)
    same = {"since": TODAY, "by": "test"}
    tea = Enterprise.objects.create(area=places.baiyun, name="Tea", kind="workshop", owner="members", **same)
    family = Household.objects.create(key="key-63", number="63", area=places.baiyun)
    IndustryLink.objects.create(enterprise=tea, household=family, kind="job", **same)
    assert Enterprise.objects.visible_to(who, TODAY).exists() == may_see(who, TODAY, Sight.WORKS)
    assert IndustryLink.objects.visible_to(who, TODAY).exists() == may_see(who, TODAY, Sight.HOUSEHOLDS)


def _project(code: str, *areas: Any) -> Project:
    project: Project = Project.objects.create(code=code, country="CN", title={"en": code})
    ProjectSite.objects.bulk_create([ProjectSite(project=project, area=area) for area in areas])
    return project


@pytest.mark.django_db
def test_64_a_role_for_a_project_opens_it_and_no_area() -> None:
    places = add_places()
    mine, other = _project("mine", places.baiyun, places.antang_village), _project("other", places.datang)
    lead, worker = add_person("lead"), add_person("worker", Role.VILLAGE_WORKER, places.baiyun)
    Grant.objects.create(
        user=lead, role=Role.ANALYST, target_kind="project", target_id="mine", valid_from=LONG_AGO
    )
    assert list(projects_of(lead, TODAY)) == [mine] and other not in projects_of(worker, TODAY)
    assert scope_of(lead, TODAY, Sight.WORKS) == []
    assert seen_village(lead, places.baiyun.code, TODAY) == places.baiyun
    assert seen_village(lead, places.datang.code, TODAY) is None
    sites = {who: [site.area for site in seen_sites([mine], who, TODAY)] for who in (lead, worker)}
    assert sites == {lead: [places.baiyun, places.antang_village], worker: [places.baiyun]}


@pytest.mark.django_db
def test_65_a_study_is_seen_whole_or_not_at_all() -> None:
    places = add_places()
    project = _project("mine", places.baiyun)
    study = Study.objects.create(
        made_in=places.longhe, project=project, title="A study", question="?", made_on=TODAY, by="test"
    )
    for area, treated in ((places.baiyun, True), (places.heping_village, False)):
        StudyVillage.objects.create(study=study, area=area, treated=treated)
    county, township = (
        add_person(name, role, area)
        for name, role, area in (
            ("county", Role.COUNTY_OFFICER, places.longhe), ("township", Role.TOWNSHIP_OFFICER, places.nalong)
        )
    )  # fmt: skip
    lead = add_person("lead")
    Grant.objects.create(
        user=lead, role=Role.ANALYST, target_kind="project", target_id="mine", valid_from=LONG_AGO
    )
    seen = {who.username: Study.objects.visible_to(who, TODAY).exists() for who in (county, township, lead)}
    assert seen == {"county": True, "township": False, "lead": True}


@pytest.mark.django_db
def test_66_nobody_approves_their_own_work_and_no_endline_comes_before_the_plan(tmp_path) -> None:
    places = add_places()
    maker, other = (add_person(name, Role.COUNTY_OFFICER, places.longhe) for name in ("maker", "other"))
    same = {"by": maker, "today": TODAY}
    work = propose_work(
        places.baiyun, title="A well", service="water", budget=None, currency="CNY", due=None, **same
    )
    with pytest.raises(WorksError):
        advance(work, stage="approved", day=TODAY, **same)
    advance(work, stage="approved", day=TODAY, by=other, today=TODAY)
    study = start_study(places.longhe, title="A study", question="?", **same)
    add_villages(study, [places.baiyun], treated=True, block="", **same)
    add_villages(study, [places.datang], treated=False, block="", **same)
    add_indicator(study, code="i", label="I", unit="u", source="s", stage="outcomes", main=True, **same)
    file = tmp_path / "end.csv"
    file.write_text(
        f"village,wave,indicator,value,unit,date\n{places.baiyun.code},endline,i,1,u,{TODAY.isoformat()}\n"
    )
    with pytest.raises(WorksError):
        take_readings(study, file, **same)
    freeze_plan(study, **same)
    assert take_readings(study, file, **same).used == 1


@pytest.mark.django_db
def test_67_roles_for_a_project_and_sales_are_for_the_officers_of_its_villages() -> None:
    places = add_places()
    project = _project("mine", places.baiyun, places.heping_village)
    guest = add_person("guest")
    told = {"username": "guest", "role": Role.ANALYST, "valid_to": None, "today": TODAY}
    refused = {
        "secretary": (Role.FIRST_SECRETARY, places.baiyun), "township": (Role.TOWNSHIP_OFFICER, places.nalong),
        "of a part": (Role.COUNTY_OFFICER, places.nalong), "analyst": (Role.ANALYST, places.longhe),
    }  # fmt: skip
    lead = add_person("lead")
    Grant.objects.create(
        user=lead, role=Role.COUNTY_OFFICER, target_kind="project", target_id="mine", valid_from=LONG_AGO
    )
    for who in (lead, *(add_person(name, role, area) for name, (role, area) in refused.items())):
        with pytest.raises(WorksError):
            give_project_role(project, **told, by=who)
    county = add_person("county", Role.COUNTY_OFFICER, places.longhe)
    grant = give_project_role(project, **told, by=county)
    assert seen_village(guest, places.baiyun.code, TODAY) == places.baiyun
    with pytest.raises(WorksError):
        end_project_role(project, number=grant.pk, by=lead, today=TODAY)
    asset = add_asset(
        places.baiyun, code="A-1", name="Shed", kind="operating", funds="county", cost=Decimal(9), currency="CNY",
        owner="village", keeper="village", since=LONG_AGO, by=county, today=TODAY,
    )  # fmt: skip
    secretary = User.objects.get(username="secretary")
    with pytest.raises(WorksError):
        set_state(asset, state="sold", why="sold", by=secretary, today=TODAY)
    task = set_state(asset, state="idle", why="empty", by=secretary, today=TODAY)
    with pytest.raises(WorksError):
        close_task(task, done="sold", state="sold", by=secretary, today=TODAY)
    close_task(task, done="sold", state="sold", by=county, today=TODAY)


@pytest.mark.django_db
def test_68_a_row_without_a_number_is_decided_by_a_county_officer_of_all_whom_it_may_mean(
    tmp_path, settings
) -> None:
    settings.HIGHGROUND_HOME = tmp_path
    register = add_register()
    send_rows(tmp_path)
    own, shared = rows_about(["LONGHE"], ["LONGHE"])
    assert ([row.row for row in own], shared) == ([2, 5], 1)
    assert len(rows_about(["PINGNAN"], ["PINGNAN"])[0]) == 1
    county, pingnan, township, province = (
        add_person(name, role, register.areas[code])
        for name, role, code in (
            ("county", Role.COUNTY_OFFICER, "LONGHE"), ("pingnan", Role.COUNTY_OFFICER, "PINGNAN"),
            ("township", Role.TOWNSHIP_OFFICER, "NALONG"), ("province", Role.PROVINCE_OFFICER, "CN-ZZ"),
        )
    )  # fmt: skip
    told = {"member": None, "today": REGISTERED}
    for who in (pingnan, township, province):
        with pytest.raises(NotAllowed):
            decide_row(own[0], reason="I know.", by=who, **told)
    with pytest.raises(UndecidedError):
        decide_row(own[0], reason="", by=county, **told)
    decide_row(own[0], reason="I know.", by=county, **told)
    assert rows_about(["LONGHE"], ["LONGHE"])[0] == own[1:]
