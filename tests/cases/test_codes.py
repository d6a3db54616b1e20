"""The code that a sender writes down."""

import itertools
import random

import pytest

from highground.cases.public import codes


@pytest.fixture
def code(db) -> str:
    return codes.code_of(codes.new_ticket())


def test_a_code_is_two_groups_and_a_check_character_without_look_alikes(code) -> None:
    assert [len(part) for part in code.split("-")] == [4, 4, 1]
    assert set(code) - {"-"} <= set(codes.ALPHABET)
    assert not set(codes.ALPHABET) & set("01ILO")
    assert codes.tidy(code) == code


@pytest.mark.parametrize(
    "spoil", [str.lower, lambda text: text.replace("-", " "), lambda text: f"  {text}. "]
)
def test_how_it_is_typed_does_not_matter(code, spoil) -> None:
    assert codes.tidy(spoil(code)) == code


def test_every_wrong_character_is_found(code) -> None:
    plain = code.replace("-", "")
    for place, character in itertools.product(range(9), codes.ALPHABET):
        if character != plain[place]:
            assert codes.tidy(plain[:place] + character + plain[place + 1 :]) is None


def test_every_two_neighbours_that_were_swapped_are_found() -> None:
    drawn = random.Random(7)
    for _turn in range(200):
        text = "".join(drawn.choice(codes.ALPHABET) for _ in range(codes.LENGTH))
        plain = text + codes._check(text)
        for place in range(codes.LENGTH):
            swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
            assert (codes.tidy(swapped) is None) == (swapped != plain)


@pytest.mark.parametrize(
    "typed", ["", "K7MP", "K7MP-3XQA-99", "K7MP-3XQ0-9", "秘密秘密秘密秘密秘", "K7MP3XQA" * 99]
)
def test_what_cannot_be_a_code(typed) -> None:
    assert codes.tidy(typed) is None


def test_one_ticket_makes_one_code_and_each_ticket_another(db) -> None:
    ticket = codes.new_ticket()
    assert codes.code_of(ticket) == codes.code_of(ticket)
    assert codes.code_of(ticket, 1) != codes.code_of(ticket)
    assert len({codes.code_of(codes.new_ticket()) for _ in range(200)}) == 200


def test_only_our_own_tickets_count_and_not_for_ever(monkeypatch) -> None:
    ticket = codes.new_ticket()
    assert codes.good_ticket(ticket)
    assert not codes.good_ticket(ticket[:-1] + ("A" if ticket[-1] != "A" else "B"))
    assert not codes.good_ticket("made up")
    monkeypatch.setattr("time.time", lambda: __import__("datetime").datetime.now().timestamp() + 25 * 3600)
    assert not codes.good_ticket(ticket)


def test_what_is_stored_is_a_keyed_hash(code) -> None:
    assert codes.code_hash(code) in codes.code_hashes(code)
    assert code.replace("-", "") not in codes.code_hash(code).upper()
    assert len(codes.code_hash(code)) == 64
