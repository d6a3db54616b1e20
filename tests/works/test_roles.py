"""Roles for one project: who gives them, to whom, and that they are seen, ended and recorded."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import translation

from highground.accounts.actions import add_user
from highground.accounts.enums import Role
from highground.accounts.models import Grant
from highground.audit.models import Event
from highground.works.actions.roles import end_project_role, give_project_role
from highground.works.ground import WorksError, may_write_of
from highground.works.models import Project, ProjectSite
from highground.works.queries.projects import roles_for
from tests.support.places import LONG_AGO
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db
PAGE = "/projects/zz-1/roles/"


@pytest.fixture
def project(office) -> Project:
    """A project in one village of the county."""
    one = Project.objects.create(code="zz-1", title={"en": "Water for all"}, country="CN")
    ProjectSite.objects.create(project=one, area=office.area("BAIYUN"))
    return one


@pytest.fixture
def partner(office):
    """Somebody with an account and without any role."""
    return add_user("somphone", password=None, display_name="Somphone", by="test")


def give(project, by, **change):
    told = {"username": "somphone", "role": Role.ANALYST, "valid_to": None}
    return give_project_role(project, **(told | change), by=by, today=TODAY)


def test_a_role_is_given_on_the_page_opens_the_project_and_ends_there(
    office, project, partner, enter
) -> None:
    county, guest = enter("weilan"), Client()
    guest.force_login(partner)
    assert guest.get("/projects/zz-1/").status_code == 403
    with translation.override("en"):
        assert PAGE in county.get("/projects/zz-1/").content.decode()
        assert "Nobody yet." in county.get(PAGE).content.decode()
    sent = {"do": "give", "username": "somphone", "role": "analyst", "valid_to": "2031-12-31"}
    assert county.post(PAGE, sent).status_code == 302
    (grant,) = roles_for(project, TODAY)
    assert (grant.user, grant.valid_from, grant.valid_to) == (partner, TODAY, datetime.date(2031, 12, 31))
    assert guest.get("/projects/zz-1/").status_code == 200
    assert "Somphone" in county.get(PAGE).content.decode()
    event = Event.objects.filter(kind="accounts.grant_role", subject_id=str(partner.pk)).get()
    assert office.area("BAIYUN").path in event.areas, "the auditors of its villages see it"
    assert county.post(PAGE, {"end": grant.pk}).status_code == 302
    assert guest.get("/projects/zz-1/").status_code == 403
    event = Event.objects.filter(kind="accounts.end_grant", subject_id=str(partner.pk)).get()
    assert office.area("BAIYUN").path in event.areas


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"username": "nobody"}, "Nobody signs in as nobody"),
        ({"username": "weilan"}, "Nobody gives a role to themselves"),
        ({"role": Role.OPERATOR}, "a role that sees villages"),
        ({"valid_to": TODAY - datetime.timedelta(1)}, "has been already"),
    ],
)
def test_roles_that_cannot_be_given(office, project, partner, change, said) -> None:
    with translation.override("en"), pytest.raises(WorksError, match=said):
        give(project, office.staff["weilan"], **change)
    assert not roles_for(project, TODAY).exists()


def test_the_same_role_twice_and_one_that_is_not_held(office, project, partner, enter) -> None:
    grant = give(project, office.staff["weilan"])
    with translation.override("en"), pytest.raises(WorksError, match="holds this role already"):
        give(project, office.staff["mofang"])
    end_project_role(project, number=grant.pk, by=office.staff["mofang"], today=TODAY)
    with translation.override("en"), pytest.raises(WorksError, match="Nobody holds this role"):
        end_project_role(project, number=grant.pk, by=office.staff["mofang"], today=TODAY)
    assert enter("weilan").post(PAGE, {"end": "no number"}).status_code == 422
    assert enter("weilan").post(PAGE, {"do": "give", "username": "", "role": "analyst"}).status_code == 422


@pytest.mark.parametrize("name", ["huangmei", "weisheng", "liguo", "antang"])
def test_others_neither_see_nor_give_roles(office, project, partner, enter, name) -> None:
    with pytest.raises(WorksError):
        give(project, office.staff[name])
    assert enter(name).get(PAGE).status_code == 404
    assert (
        enter(name).post(PAGE, {"do": "give", "username": "somphone", "role": "analyst"}).status_code == 404
    )


def test_an_officer_of_some_of_its_villages_gives_none(office, project, partner, enter) -> None:
    ProjectSite.objects.create(project=project, area=office.area("PINGNAN"))
    with pytest.raises(WorksError):
        give(project, office.staff["weilan"])
    assert give(project, office.staff["chenxi"]).user == partner, "the province looks after both"


def test_who_holds_a_role_for_the_project_gives_none(office, project, partner) -> None:
    add_user("friend", password=None, by="test")
    Grant.objects.create(
        user=partner, role=Role.COUNTY_OFFICER, target_kind="project", target_id="zz-1", valid_from=LONG_AGO
    )
    assert may_write_of(partner, project, TODAY)
    with pytest.raises(WorksError):
        give(project, partner, username="friend")
    client = Client()
    client.force_login(partner)
    assert client.get(PAGE).status_code == 404
    with translation.override("en"):
        assert PAGE not in client.get("/projects/zz-1/").content.decode()


def test_what_the_villages_of_a_project_have_opens_with_its_role(office, project, partner, same) -> None:
    from highground.works.actions.industry import add_asset, add_enterprise

    there, elsewhere = office.area("BAIYUN"), office.area("DATANG")
    told = {
        "kind": "public", "funds": "county", "cost": 9, "currency": "CNY", "owner": "village", "keeper": "village",
        "since": LONG_AGO,
    }  # fmt: skip
    assets = [add_asset(area, code=area.code, name="Tank", **told, **same) for area in (there, elsewhere)]
    firms = [
        add_enterprise(area, name="Tea", kind="workshop", owner="members", since=LONG_AGO, **same)
        for area in (there, elsewhere)
    ]
    give(project, office.staff["weilan"])
    client = Client()
    client.force_login(partner)
    for kind, (mine, other) in (("assets", assets), ("enterprises", firms)):
        assert client.get(f"/{kind}/{mine.pk}/").status_code == 200
        assert client.get(f"/{kind}/{other.pk}/").status_code == 404
    sent = {"do": "state", "state": "idle", "why": "empty"}
    assert client.post(f"/assets/{assets[0].pk}/", sent).status_code == 422, "it opens, and is kept by others"
