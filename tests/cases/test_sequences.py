"""No sequence of actions by anybody breaks a case: 250 random ones on each database; `./run bench sequences` has more."""

from __future__ import annotations

import random

from highground.audit.actions import verify
from highground.signals.actions import screen_register
from tests.support.register import BILLS, BOOK, TODAY, add_register
from tests.support.sequences import Walk, add_people

SEQUENCES = 250
LENGTH = 8


def test_no_sequence_of_actions_breaks_a_case(db):
    register = add_register({f"S{number:04}": ("BAIYUN", BILLS) for number in range(SEQUENCES)})
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    walk = Walk(add_people(register), random.Random(20260310))
    for number, household in enumerate(register.households.values()):
        # Every twentieth goes on nearly straight, so that the way out is walked too.
        far = number % 20 == 0
        walk.sequence(household, 40 if far else LENGTH, 0.98 if far else 0.8)
    assert verify().sound
    assert walk.tally["refused own_step"] > 5
    assert walk.tally["refused role"] > 25
    assert walk.tally["refused requires"] > 25
    assert walk.tally["refused to withdraw"]
    assert all(walk.tally[f"ended {status}"] for status in ("open", "monitored", "exited", "closed"))
