"""Many people at once: an impatient finger makes one message, and nobody slips past the brake."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from highground.accounts.enums import Role
from highground.audit.actions import verify
from highground.audit.models import Event
from highground.cases.enums import MessageKind
from highground.cases.flow import CaseError
from highground.cases.models import Message, PublicUse
from highground.cases.public import brake, codes
from highground.cases.public.actions import Letter, Receipt, answer_message, send_message
from tests.support.places import Places, add_person, add_places
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 8


@pytest.fixture
def places(transactional_db) -> Places:
    return add_places()


def at_once(act) -> list[object]:
    """What each of many threads got from `act(number)`, an exception among them."""

    def run(number: int) -> object:
        try:
            return act(number)
        except (brake.TooMany, CaseError) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(run, range(WRITERS)))


def send(places: Places, ticket: str) -> Receipt:
    letter = Letter(kind=MessageKind.REPORT, area=places.baiyun, trouble="illness", words="ill")
    return send_message(letter, ticket=ticket, address="10.0.0.1", today=TODAY)


def test_one_form_sent_eight_times_at_once_is_one_message(places) -> None:
    ticket = codes.new_ticket()
    receipts = at_once(lambda _number: send(places, ticket))
    assert set(receipts) == {Receipt(codes.code_of(ticket), receipts[0].due_on)}
    assert Message.objects.everywhere(reason="test").count() == 1
    assert Event.objects.filter(kind="cases.message").count() == 1
    assert verify().sound


def test_nobody_slips_past_the_brake(places, monkeypatch) -> None:
    monkeypatch.setattr(brake, "SENT_FOR", brake.Limit("sent for", 3, brake.SENT_FOR.within))
    found = at_once(lambda _number: send(places, codes.new_ticket()))
    kept = [one for one in found if isinstance(one, Receipt)]
    assert len(kept) <= 3
    assert Message.objects.everywhere(reason="test").count() == len(kept)
    assert PublicUse.objects.count() == 2 * len(kept)


def test_two_officers_answer_at_once_and_one_wins(places) -> None:
    send(places, codes.new_ticket())
    message = Message.objects.everywhere(reason="test").get()
    officers = [
        add_person(f"officer {number}", Role.TOWNSHIP_OFFICER, places.nalong) for number in range(WRITERS)
    ]
    found = at_once(
        lambda number: answer_message(message, answer=f"by {number}", by=officers[number], today=TODAY)
    )
    (winner,) = [one for one in found if isinstance(one, Message)]
    assert sum(isinstance(one, CaseError) for one in found) == WRITERS - 1
    message.refresh_from_db()
    assert message.answer == winner.answer
    assert Event.objects.filter(kind="cases.answer_message").count() == 1
    assert verify().sound
