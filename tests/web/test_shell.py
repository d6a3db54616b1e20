"""What stands around every page, and what every answer carries."""

import logging

import pytest
from django.test import Client
from django.utils import translation

from highground.accounts.enums import Role
from highground.web.logs import WithoutPersonalData
from tests.support.pages import check_source, faults_of
from tests.support.places import PASSWORD, add_area, add_person, add_places

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.urls")]


@pytest.fixture
def places():
    return add_places()


@pytest.fixture
def officer(client, places):
    user = add_person("weilan", Role.COUNTY_OFFICER, places.longhe, display_name="Wei Lan")
    client.force_login(user)
    return user


def test_the_policy_has_no_unsafe_word_and_pages_keep_it(client, officer) -> None:
    response = client.get("/styleguide/")
    check_source(response)
    directives = {part.strip() for part in response["Content-Security-Policy"].split(";")}
    asks = ["script", "style", "img", "font", "connect", "manifest"]
    refuses = ["default-src", "object-src", "base-uri", "frame-ancestors"]
    assert directives == {
        *(f"{kind}-src 'self'" for kind in asks),
        *(f"{kind} 'none'" for kind in refuses),
        "form-action 'self'",
    }
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color:red">',
        "<style>p{}</style>",
        "<script>alert(1)</script>",
        '<a onclick="x()">',
        '<a href="javascript:x()">',
        '<img src="//cdn.example.org/x.png">',
        '<link href="https://fonts.example.org/x.css">',
    ],
)
def test_the_check_of_sources_can_fail(html: str) -> None:
    assert len(faults_of(html)) == 1


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/no-such-page/", 404, "This page is not here"),
        ("/refuse/", 403, "This is not part of your role"),
        ("/distrust/", 400, "The request was not understood"),
        ("/break-down/", 500, "Something went wrong"),
    ],
)
def test_errors_say_what_to_do_next(client, officer, path: str, status: int, says: str) -> None:
    client.raise_request_exception = False
    response = client.get(path)
    page = response.content.decode()
    assert response.status_code == status
    assert says in page
    assert "Go to the first page" in page
    assert "Wei Lan, 45" not in page
    check_source(response)
    with translation.override("zh-hans"):
        chinese = client.get(path, headers={"accept-language": "zh-CN"}).content.decode()
    assert "回到首页" in chinese


def test_a_wrong_host_gets_a_whole_page(client) -> None:
    response = client.get("/sign-in/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "The request was not understood" in response.content.decode()


def test_a_form_without_its_token_is_explained(places) -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert "The form was open for too long" in response.content.decode()


def test_every_page_has_the_frame(client, officer, settings) -> None:
    page = client.get("/styleguide/").content.decode()
    assert '<html lang="en">' in page
    assert 'href="#main">Skip to the page' in page
    assert "Wei Lan" in page
    assert "county officer" in page
    assert "Longhe county" in page
    assert "Demonstration: every person" not in page


def test_the_banner_shows_while_the_mark_is_there(client, settings, tmp_path) -> None:
    settings.SYNTHETIC_MARK = tmp_path / "synthetic"
    assert "people and households are synthetic" not in client.get("/sign-in/").content.decode()
    settings.SYNTHETIC_MARK.touch()
    assert "people and households are synthetic" in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("villages", [1, 50])
def test_the_frame_costs_a_constant_number_of_queries(
    client, places, villages: int, django_assert_num_queries
) -> None:
    for number in range(villages):
        add_area(f"Village {number}", "village", places.nalong)
    client.force_login(add_person("pangyun", Role.TOWNSHIP_OFFICER, places.nalong))
    from highground.web.shell import _items

    counts = sum(1 for item in _items.values() if item.count)
    with django_assert_num_queries(5 + counts):
        # session, user, grants with their areas, areas below, the rulebooks whose cases wait
        page = client.get("/styleguide/").content.decode()
    assert page.count('name="area"') == villages + 2


def test_the_switcher_works_as_a_form_and_keeps_the_choice(client, officer, places) -> None:
    page = client.get("/styleguide/").content.decode()
    assert f'name="area" value="{places.nalong.code}"' in page
    assert places.pingnan.code not in page
    answer = client.post("/area/", {"area": places.nalong.code, "next": "/styleguide/"})
    assert (answer.status_code, answer.url) == (302, "/styleguide/")
    page = client.get("/styleguide/").content.decode()
    assert "Nalong</summary>" in page
    assert f'value="{places.longhe.code}">↑ Longhe county' in page
    assert places.country.code + '"' not in page


def test_a_choice_outlives_its_grant_by_nothing(client, officer, places) -> None:
    client.post("/area/", {"area": places.nalong.code})
    grant = officer.grants.get()
    grant.area = places.pingnan
    grant.save()
    page = client.get("/styleguide/").content.decode()
    assert "Pingnan county</summary>" in page
    assert "Nalong</summary>" not in page


def test_the_language_switch_works_without_javascript(client, officer) -> None:
    page = client.get("/styleguide/").content.decode()
    assert 'name="language" value="zh-hans"' in page
    answer = client.post("/language/", {"language": "zh-hans", "next": "/styleguide/?kind=overdue"})
    assert (answer.status_code, answer.url) == (302, "/styleguide/?kind=overdue")
    page = client.get("/styleguide/").content.decode()
    assert '<html lang="zh-hans">' in page
    assert "县级干部" in page
    assert "龙河县" in page
    assert "还剩6天" in page


@pytest.mark.parametrize("code", ["xx", "", "th", "../../etc", "x; Domain=evil"])
def test_a_language_that_is_not_offered_changes_nothing(client, code: str) -> None:
    answer = client.post("/language/", {"language": code})
    assert answer.status_code == 302
    assert not answer.cookies


def test_every_offered_language_has_a_catalogue_and_no_other_is_offered(settings) -> None:
    assert [code for code, _name in settings.LANGUAGES] == ["en", "zh-hans"]
    assert translation.get_language_info("lo")["name_local"] == "ລາວ"
    assert translation.get_language_info("fil")["name"] == "Filipino"


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"]
)
def test_nobody_is_sent_elsewhere(client, where: str) -> None:
    assert client.post("/language/", {"language": "en", "next": where}).url == "/"


def test_signing_in_leads_on_in_the_persons_language(client, places) -> None:
    add_person("noy", Role.COUNTY_OFFICER, places.longhe, password=PASSWORD, language="zh-hans")
    sent = {"username": "noy", "password": PASSWORD, "next": "/styleguide/"}
    answer = client.post("/sign-in/", sent)
    assert (answer.status_code, answer.url) == (302, "/styleguide/")
    assert '<html lang="zh-hans">' in client.get("/styleguide/").content.decode()
    assert client.post("/sign-out/").url == "/sign-in/"
    assert client.post("/area/").url.startswith("/sign-in/")


def test_a_wrong_password_is_told_in_plain_words_beside_the_form(client, places) -> None:
    add_person("noy", password=PASSWORD)
    answer = client.post("/sign-in/", {"username": "noy", "password": "wrong"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "do not fit together" in page
    assert 'role="alert"' in page
    assert "wrong" not in page.replace("Something went wrong", "")
    empty = client.post("/sign-in/", {"username": "", "password": ""}).content.decode()
    assert 'href="#id_username"' in empty


def test_the_log_drops_what_people_typed(caplog) -> None:
    record = logging.getLogger("django.request").makeRecord(
        "django.request", logging.ERROR, "x.py", 1, "Failed %s", ("/households/?name=Wei+Lan&x=1",), None
    )
    try:
        raise ValueError("450000199001010011")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    WithoutPersonalData().filter(record)
    line = logging.Formatter("{message}", style="{").format(record)
    assert "Wei" not in line
    assert "4500" not in line
    assert line.startswith("Failed /households/?…\nValueError\n")
    assert "test_the_log_drops_what_people_typed" in line
