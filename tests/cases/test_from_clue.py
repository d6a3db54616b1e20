"""From the page of a clue to its case."""

import pytest
from django.test import Client

from highground.cases.models import Case
from highground.signals.actions import screen_register
from highground.signals.models import Clue
from tests.support.casework import add_staff
from tests.support.pages import check_source
from tests.support.register import BOOK, TODAY, add_register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]


@pytest.fixture
def register(db):
    found = add_register()
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    return found


@pytest.fixture
def staff(register):
    return add_staff(register)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def clue_of(number: str) -> Clue:
    clues = Clue.objects.everywhere(reason="test").filter(household__number=number)
    return clues.order_by("-severity", "pk").first()


def test_a_case_is_started_from_its_clue_once(register, staff) -> None:
    clue, client = clue_of("2231"), signed_in(staff["huangmei"])
    page = client.get(f"/clues/{clue.pk}/")
    check_source(page)
    assert "Start the case" in page.content.decode()
    response = client.post(f"/cases/from-clue/{clue.pk}/")
    case = Case.objects.everywhere(reason="test").get()
    assert response.url == f"/cases/{case.pk}/steps/assign/"
    # All open clues of the household come along.
    assert case.clue_links.count() == 2
    again = client.post(f"/cases/from-clue/{clue.pk}/")
    assert again.url == f"/cases/{case.pk}/"
    page = client.get(f"/clues/{clue.pk}/").content.decode()
    assert "Open the case" in page
    assert "Start the case" not in page
    household = client.get(f"/households/{case.household.key}/").content.decode()
    assert f"/cases/{case.pk}/" in household


def test_who_opens_no_case_is_offered_none(register, staff) -> None:
    clue, client = clue_of("2231"), signed_in(staff["chenxi"])
    assert "Start the case" not in client.get(f"/clues/{clue.pk}/").content.decode()
    response = client.post(f"/cases/from-clue/{clue.pk}/", follow=True)
    assert "A case is opened by" in response.content.decode()
    assert not Case.objects.everywhere(reason="test").exists()


def test_a_clue_elsewhere_starts_nothing(register, staff) -> None:
    client = signed_in(staff["huangmei"])
    assert client.post(f"/cases/from-clue/{clue_of('9001').pk}/").status_code == 404
    assert client.get(f"/cases/from-clue/{clue_of('2231').pk}/").status_code == 405
