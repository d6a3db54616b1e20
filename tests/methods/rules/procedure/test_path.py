"""No sequence of actions breaks the procedure: 10,000 random ones by random people in random roles."""

from __future__ import annotations

import datetime
import random
from dataclasses import replace

import pytest

from highground.methods.rules import list_rulebooks
from highground.methods.rules.procedure.graph import (
    PHASES,
    Effect,
    Phase,
    Procedure,
    Status,
    Unit,
    Within,
)
from highground.methods.rules.procedure.path import (
    ENDS,
    NotAllowed,
    State,
    applies,
    is_ready,
    next_step,
    ready,
    running,
    take,
)
from highground.methods.rules.reading import procedure_of

START = datetime.date(2024, 3, 1)
BOOKS = [book for book in list_rulebooks() if book.procedure]
# Rulebooks that share a procedure (demo-cn extends cn-2021) are walked once.
WALKED = [
    book for place, book in enumerate(BOOKS) if book.procedure not in [one.procedure for one in BOOKS[:place]]
]
ROLES = (
    "village_worker",
    "first_secretary",
    "contact_officer",
    "township_officer",
    "county_officer",
    "analyst",
)


def broken_edges(procedure: Procedure, state: State) -> list[str]:
    """By brute force, apart from the code under test: what stands although something it requires does not."""
    standing = {one.step: one.outcome for one in state.history if one.stands}
    found = []
    for name in standing:
        for needed in procedure.steps[name].requires:
            condition = procedure.steps[needed].only_if
            excused = condition is not None and standing.get(condition.step) not in (None, condition.outcome)
            if needed not in standing and not excused:
                found.append(f"{name} without {needed}")
    return found


def own_checks(procedure: Procedure, state: State) -> list[str]:
    """The last step, which was just added, against all before it."""
    *before, last = state.history
    barred = procedure.steps[last.step].not_by
    return [
        f"{last.by} checked {earlier.step} by {last.step}"
        for earlier in before
        if earlier.step in barred and set(last.by) & set(earlier.by)
    ]


def walk(procedure: Procedure, chance: random.Random, length: int = 80) -> tuple[State, int]:
    """A random walk: mostly attempts that may be refused, on any step, by anybody."""
    state, refused, day = State(discovered=START), 0, START
    everything, possible = list(procedure.steps.values()), ready(procedure, State(discovered=START))
    for _ in range(length):
        step = chance.choice(everything if chance.random() < 0.3 else possible)
        leads_on = next(iter(step.outcomes))
        outcome = leads_on if chance.random() < 0.8 else chance.choice([*step.outcomes, "nonsense"])
        day += datetime.timedelta(days=chance.choice([-2, 0, 0, 1, 3]))
        before = state
        try:
            state = take(
                procedure,
                state,
                step=step.id,
                outcome=outcome,
                by=[f"p{chance.randrange(20)}"],
                role=chance.choice(ROLES if chance.random() < 0.2 else step.roles),
                day=day,
                reason=chance.choice(["because", "because", ""]),
            )
        except NotAllowed:
            assert state is before
            refused += 1
            continue
        assert not broken_edges(procedure, state)
        assert not own_checks(procedure, state)
        if state.status in ENDS:
            break
        possible = ready(procedure, state)
        assert possible, f"no next step after {state.history}"
        assert next_step(procedure, state)
        assert all(running_is_due(procedure, state, one.step) for one in running(procedure, state))
    return state, refused


def running_is_due(procedure: Procedure, state: State, name: str) -> bool:
    step = procedure.steps[name]
    return bool(step.repeats or step.expedited or not state.standing(name))


@pytest.mark.parametrize("book", WALKED, ids=lambda book: book.id)
def test_no_sequence_of_actions_breaks_the_procedure(book):
    chance = random.Random(20210501)
    share = -(-10_000 // len(WALKED))
    ends = dict.fromkeys(Status, 0)
    refused = 0
    procedures = [procedure_of(book, [name]) for name in book.procedure.available] or [book.procedure]
    for number in range(share):
        state, refusals = walk(procedures[number % len(procedures)], chance)
        ends[state.status] += 1
        refused += refusals
    assert refused > share, "the walk tried what is forbidden"
    assert all(ends[status] for status in (Status.MONITORED, Status.EXITED, Status.CLOSED)), ends


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.id)
def test_a_deadline_runs_until_its_step_stands_or_the_case_ends(book):
    procedure, chance = book.procedure, random.Random(7)
    for _ in range(300):
        state, day = State(discovered=START), START
        for _ in range(40):
            if state.status in ENDS:
                assert running(procedure, state) == []
                break
            now = {one.step for one in running(procedure, state)}
            for step in procedure.steps.values():
                called = step.phase in PHASES[state.status] and applies(state, step)
                if step.within is None or step.repeats or not called or step.expedited:
                    continue
                begun = step.within.since == "discovery" or state.standing(step.within.since)
                assert (step.id in now) == bool(begun and not state.standing(step.id))
            step = chance.choice(ready(procedure, state))
            outcome = chance.choice(list(step.outcomes))
            try:
                state = take(
                    procedure, state, step=step.id, outcome=outcome, by=[f"p{chance.randrange(30)}"],
                    role=step.roles[0], day=day, reason="so",
                )  # fmt: skip
            except NotAllowed:
                continue


@pytest.fixture
def procedure() -> Procedure:
    return procedure_of(next(book for book in BOOKS if book.id == "cn-2021"))


def go(procedure: Procedure, state: State, *moves: str, day: datetime.date = START) -> State:
    """Steps taken by different people: `step.outcome@person`."""
    for move in moves:
        (step, _, rest) = move.partition(".")
        (outcome, _, person) = rest.partition("@")
        role = procedure.steps[step].roles[0]
        state = take(
            procedure, state, step=step, outcome=outcome, by=[person], role=role, day=day, reason="because"
        )
    return state


IN = ("assign.assigned@a", "visit.propose@b", "apply.applied@b", "compare.compared@k", "appraise.include@a",
      "notice.undisputed@a", "review.agree@t", "decide.include@c")  # fmt: skip


def test_the_whole_way_in_and_out(procedure):
    state = go(procedure, State(discovered=START), *IN)
    assert state.status == Status.MONITORED
    state = go(procedure, state, "plan.planned@b", "deliver.delivered@b", "follow_up.seen@b", "follow_up.seen@b",
               "propose_exit.propose@b", "exit_visit.confirmed@b", "family.agrees@b", "exit_appraise.include@a",
               "exit_notice.undisputed@a", "exit_review.agree@t", "exit_decide.eliminated@c")  # fmt: skip
    assert state.status == Status.EXITED
    assert next_step(procedure, state) is None
    assert broken_edges(procedure, state) == []


def test_nobody_checks_their_own_step(procedure):
    state = go(procedure, State(discovered=START), *IN[:6])
    with pytest.raises(NotAllowed) as refused:
        take(procedure, state, step="review", outcome="agree", by=["b"], role="township_officer", day=START)
    assert refused.value.why == "own_step"


def test_who_was_sent_back_still_had_a_hand_in_it(procedure):
    state = go(procedure, State(discovered=START), *IN[:5], "notice.undisputed@n", "review.send_back@t")
    assert state.standing("appraise") is None
    assert state.standing("notice") is None
    assert state.standing("compare"), "the comparison does not rest on the appraisal"
    state = go(procedure, state, "appraise.include@d", "notice.undisputed@d")
    with pytest.raises(NotAllowed, match="earlier step"):
        take(procedure, state, step="review", outcome="agree", by=["n"], role="township_officer", day=START)


def test_comparison_may_run_beside_the_appraisal_and_the_notice_but_not_after_the_decision(procedure):
    state = go(procedure, State(discovered=START), *IN[:3], *IN[4:7])
    assert [step.id for step in ready(procedure, state)] == ["compare", "emergency_aid"]
    with pytest.raises(NotAllowed, match="comes after compare"):
        take(procedure, state, step="decide", outcome="include", by=["c"], role="county_officer", day=START)


def test_appraisal_is_impossible_before_the_signed_authorisation(procedure):
    state = go(procedure, State(discovered=START), *IN[:2])
    with pytest.raises(NotAllowed, match="comes after apply"):
        take(
            procedure, state, step="appraise", outcome="include", by=["a"], role="first_secretary", day=START
        )


def test_an_upheld_objection_sends_the_household_back_to_the_appraisal(procedure):
    state = go(procedure, State(discovered=START), *IN[:5], "notice.upheld@a")
    assert not is_ready(procedure, state, procedure.steps["notice"])
    assert is_ready(procedure, state, procedure.steps["appraise"])
    assert [one.stands for one in state.history if one.step in ("appraise", "notice")] == [False, False]


def test_emergency_aid_comes_first_and_must_be_made_good(procedure):
    state = go(procedure, State(discovered=START), "assign.assigned@a", "emergency_aid.given@t")
    (make_good,) = [one for one in running(procedure, state) if one.step == "emergency_aid"]
    assert (make_good.since, make_good.within.days) == (START, 30)
    with pytest.raises(NotAllowed, match="stands already"):
        go(procedure, state, "emergency_aid.given@t")
    state = go(procedure, state, *IN[1:6])
    with pytest.raises(NotAllowed) as refused:
        go(procedure, state, "review.agree@t")
    assert refused.value.why == "own_step", "whoever gave the aid does not make it good"
    state = go(procedure, state, "review.agree@t2", "decide.include@c")
    assert not [one for one in running(procedure, state) if one.step == "emergency_aid"]


def test_a_family_that_does_not_agree_is_answered(procedure):
    state = go(procedure, State(discovered=START), *IN, "plan.planned@b", "propose_exit.propose@b",
               "exit_visit.confirmed@b", "family.disagrees@b")  # fmt: skip
    with pytest.raises(NotAllowed, match="comes after answer_family"):
        take(
            procedure,
            state,
            step="exit_appraise",
            outcome="include",
            by=["a"],
            role="first_secretary",
            day=START,
        )
    assert {one.step for one in running(procedure, state)} >= {"answer_family"}
    gone_on = go(
        procedure, state, "answer_family.go_on@t", "exit_appraise.include@a", "exit_notice.undisputed@a"
    )
    with pytest.raises(NotAllowed) as refused:
        go(procedure, gone_on, "exit_review.agree@t")
    assert refused.value.why == "own_step", "whoever answered the family does not review its exit"
    with pytest.raises(NotAllowed) as refused:
        go(procedure, gone_on, "exit_review.agree@t2", "exit_decide.eliminated@t")
    assert refused.value.why == "own_step"
    assert go(procedure, gone_on, "exit_review.agree@t2", "exit_decide.eliminated@c").status == Status.EXITED
    kept = go(procedure, state, "answer_family.keep@t")
    assert kept.status == Status.MONITORED
    assert not [one for one in kept.history if one.stands and procedure.steps[one.step].phase == Phase.EXIT]
    went_on = go(procedure, state, "answer_family.go_on@t")
    assert is_ready(procedure, went_on, procedure.steps["exit_appraise"])


def test_refusing_needs_a_reason(procedure):
    state = go(procedure, State(discovered=START), "assign.assigned@a")
    with pytest.raises(NotAllowed, match="reason in words"):
        take(
            procedure,
            state,
            step="visit",
            outcome="dismiss",
            by=["b"],
            role="contact_officer",
            day=START,
            reason=" ",
        )
    for step in procedure.steps.values():
        for outcome in step.outcomes.values():
            if outcome.effect in (Effect.BACK, Effect.CLOSE, Effect.KEEP):
                assert outcome.reason


def test_a_step_does_not_lie_before_what_it_rests_on(procedure):
    state = go(
        procedure, State(discovered=START), "assign.assigned@a", day=START + datetime.timedelta(days=2)
    )
    with pytest.raises(NotAllowed) as refused:
        go(procedure, state, "visit.propose@b", day=START)
    assert refused.value.why == "back_dated"


def test_follow_ups_come_at_growing_intervals(procedure):
    state = go(procedure, State(discovered=START), *IN, "plan.planned@b")
    days = []
    for _ in range(6):
        (due,) = [one for one in running(procedure, state) if one.step == "follow_up"]
        days.append(due.within.days)
        state = go(procedure, state, "follow_up.seen@b")
    assert days == [15, 30, 60, 90, 90, 90]


def test_the_first_time_of_a_step_that_repeats_is_due_by_its_own_deadline(procedure):
    """What `within` says, with its unit; `repeats` counts from the first time on, in days."""
    first = Within(2, Unit.MONTHS, "plan")
    step = replace(procedure.steps["follow_up"], within=first, repeats=(7, 21))
    changed = replace(procedure, steps={**procedure.steps, "follow_up": step})
    state = go(changed, State(discovered=START), *IN, "plan.planned@b")
    found = []
    for _ in range(4):
        (due,) = [one for one in running(changed, state) if one.step == "follow_up"]
        found.append((due.within.days, due.within.unit))
        state = go(changed, state, "follow_up.seen@b")
    assert found == [(2, Unit.MONTHS), *((days, Unit.CALENDAR) for days in (7, 21, 21))]
