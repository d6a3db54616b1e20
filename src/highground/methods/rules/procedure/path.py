"""The pure transition table: which steps may be taken now, and what taking one leads to.

No database, no user: a state is what was done in one case, and `take` gives the next state or says why not. The
office stores states and asks here before every step; the property tests walk here by the ten thousand.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from highground.methods.rules.procedure.graph import (
    DISCOVERY,
    PHASES,
    Effect,
    Outcome,
    Phase,
    Procedure,
    Status,
    Step,
    Through,
    Unit,
    Within,
)

ENDS = frozenset({Status.EXITED, Status.CLOSED})


class NotAllowed(ValueError):
    """A step that may not be taken now, by this person, in this way. `why` is a word for programs."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True)
class Taken:
    """One step as it was taken. `stands` is false once it was sent back, or where it was only noted."""

    step: str
    outcome: str
    by: tuple[str, ...]
    day: datetime.date
    stands: bool = True


@dataclass(frozen=True)
class State:
    """Where one case is: its status and everything taken, in order."""

    discovered: datetime.date
    status: Status = Status.OPEN
    history: tuple[Taken, ...] = ()

    def standing(self, step: str) -> Taken | None:
        """The last time the step was taken and still stands."""
        return next((one for one in reversed(self.history) if one.step == step and one.stands), None)

    def hands_in(self, steps: Iterable[str]) -> set[str]:
        """Everybody who ever took one of these steps in this case, sent back or not."""
        wanted = set(steps)
        return {person for one in self.history if one.step in wanted for person in one.by}


@dataclass(frozen=True)
class Running:
    """A deadline that runs now: which step must stand, counted from which day."""

    step: str
    within: Within
    since: datetime.date


def applies(state: State, step: Step) -> bool:
    """Whether the step is called for: its `only_if` holds, or it has none."""
    if step.only_if is None:
        return True
    other = state.standing(step.only_if.step)
    return other is not None and other.outcome == step.only_if.outcome


def satisfied(procedure: Procedure, state: State, name: str) -> bool:
    """Whether a required step stands. One that is not called for is no obstacle once that is known."""
    step = procedure.steps[name]
    if state.standing(name):
        return True
    condition = step.only_if
    return bool(condition and state.standing(condition.step) and not applies(state, step))


def lacking(procedure: Procedure, state: State, step: Step) -> list[str]:
    """The required steps that do not stand yet."""
    return [name for name in step.requires if not satisfied(procedure, state, name)]


def is_ready(procedure: Procedure, state: State, step: Step) -> bool:
    """Whether the step may be taken now."""
    if step.phase not in PHASES[state.status] or lacking(procedure, state, step) or not applies(state, step):
        return False
    if step.expedited:
        return state.standing(step.id) is None and state.standing(step.expedited.before) is None
    return not step.once or state.standing(step.id) is None


def ready(procedure: Procedure, state: State) -> list[Step]:
    """The steps that may be taken now, in the order of the rulebook."""
    return [step for step in procedure.steps.values() if is_ready(procedure, state, step)]


def next_step(procedure: Procedure, state: State) -> Step | None:
    """The step that leads on: the first that is ready and may not be left out; None in a case that has ended."""
    found = ready(procedure, state)
    must = [step for step in found if step.once and not step.expedited]
    if state.status == Status.MONITORED:
        must = [
            step for step in must if step.phase == Phase.SUPPORT or state.standing(_first_exit(procedure))
        ]
    return next(iter(must), next(iter(step for step in found if not step.expedited), None))


def _first_exit(procedure: Procedure) -> str:
    return first.id if (first := procedure.first_exit) else ""


def check(
    procedure: Procedure,
    state: State,
    *,
    step: str,
    outcome: str,
    by: Iterable[str],
    role: str,
    reason: str = "",
) -> tuple[Step, Outcome]:
    """The step and the outcome if it may be taken. Raises NotAllowed with why and what to do instead."""
    known = procedure.steps.get(step)
    if known is None:
        raise NotAllowed("unknown_step", f"the procedure has no step '{step}'")
    if known.phase not in PHASES[state.status]:
        raise NotAllowed("status", f"'{step}' cannot be taken in a case that is {state.status}")
    if missing := lacking(procedure, state, known):
        raise NotAllowed("requires", f"'{step}' comes after {', '.join(missing)}")
    if not is_ready(procedure, state, known):
        raise NotAllowed("not_now", f"'{step}' stands already, or is not called for")
    chosen = known.outcomes.get(outcome)
    if chosen is None:
        raise NotAllowed("unknown_outcome", f"'{step}' ends with one of {', '.join(known.outcomes)}")
    if chosen.reason and not reason.strip():
        raise NotAllowed("reason", f"'{outcome}' needs a reason in words")
    if role not in known.roles:
        raise NotAllowed("role", f"'{step}' is taken by {', '.join(known.roles)}")
    people = set(by)
    if not people:
        raise NotAllowed("nobody", f"'{step}' must be taken by somebody")
    if people & state.hands_in(known.not_by):
        raise NotAllowed(
            "own_step", f"'{step}' may not be taken by somebody who had a hand in an earlier step"
        )
    return known, chosen


def take(
    procedure: Procedure,
    state: State,
    *,
    step: str,
    outcome: str,
    by: Iterable[str],
    role: str,
    day: datetime.date,
    reason: str = "",
) -> State:
    """The state after a step. Raises NotAllowed as `check` does, and for a day before that of a required step."""
    people = tuple(by)
    known, chosen = check(procedure, state, step=step, outcome=outcome, by=people, role=role, reason=reason)
    earlier = [one.day for name in known.requires if (one := state.standing(name))]
    if day < max(earlier, default=state.discovered):
        raise NotAllowed("back_dated", f"'{step}' on {day} would lie before a step that it rests on")
    now = Taken(step, outcome, people, day, stands=chosen.effect not in (Effect.STAY, Effect.BACK))
    history = (*state.history, now)
    match chosen.effect:
        case Effect.BACK:
            assert chosen.to
            return replace(state, history=tuple(fallen(history, procedure.resting_on(chosen.to))))
        case Effect.KEEP:
            exits = {name for name, one in procedure.steps.items() if one.phase == Phase.EXIT}
            return replace(state, history=tuple(fallen(history, exits)))
        case Effect.RECOGNISE:
            return replace(state, status=Status.MONITORED, history=history)
        case Effect.EXIT:
            return replace(state, status=Status.EXITED, history=history)
        case Effect.CLOSE:
            return replace(state, status=Status.CLOSED, history=history)
        case _:
            return replace(state, history=history)


def fallen(history: Iterable[Taken], steps: set[str]) -> Iterator[Taken]:
    """The history with these steps no longer standing."""
    return (replace(one, stands=False) if one.step in steps else one for one in history)


def running(procedure: Procedure, state: State) -> list[Running]:
    """The deadlines that run now, one per step at most. A case that has ended has none."""
    found: list[Running] = []
    if state.status in ENDS:
        return found
    for step in procedure.steps.values():
        aid = state.standing(step.id) if step.expedited else None
        if aid and step.expedited and not state.standing(step.expedited.before):
            found.append(Running(step.id, step.expedited.make_good, aid.day))
        if step.within is None or step.phase not in PHASES[state.status] or not applies(state, step):
            continue
        if step.once and state.standing(step.id):
            continue
        since = _since(state, step)
        if since is not None:
            within = step.within
            if step.repeats and state.standing(step.id):
                within = replace(within, days=interval(state, step), unit=Unit.CALENDAR)
            found.append(Running(step.id, within, since))
    return found


def _since(state: State, step: Step) -> datetime.date | None:
    assert step.within
    if step.repeats and (last := state.standing(step.id)):
        return last.day
    if step.within.since == DISCOVERY:
        return state.discovered
    start = state.standing(step.within.since)
    return start.day if start else None


def interval(state: State, step: Step) -> int:
    """Days until the next time of a step that repeats and was taken before: the last interval goes on.

    By when it is taken the first time is its `within`.
    """
    times = sum(one.step == step.id and one.stands for one in state.history)
    return step.repeats[min(times, len(step.repeats)) - 1]


def needs_list(step: Step) -> bool:
    """Whether the step is taken for many households at once: in a meeting or on a notice."""
    return step.through in (Through.MEETING, Through.NOTICE)
