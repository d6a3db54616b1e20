"""Read the `procedure:` section of a rulebook: checked, with the packs that a county chose applied.

Errors name the file, the step and the mend. A procedure that could leave a case without a next step, skip what it
requires, or wait in a circle is refused here, before any case runs on it.
"""

from __future__ import annotations

import dataclasses
import graphlib
import zoneinfo
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from highground.methods.rules.procedure.graph import (
    DISCOVERY,
    NOTICE_FIELDS,
    Effect,
    Expedited,
    OnlyIf,
    Outcome,
    Pack,
    Phase,
    Procedure,
    Step,
    Through,
    Unit,
    Within,
)
from highground.methods.rules.sections import Entry

PACKED = {"within", "visitors", "quorum", "notice_days", "repeats", "roles", "requires", "parallel", "not_by"}
"""What a pack may change of a step."""

STEP_KEYS = {
    "id", "label", "phase", "through", "roles", "outcomes", "requires", "parallel", "not_by", "only_if", "within",
    "visitors", "quorum", "notice_days", "shows", "repeats", "expedited", "source", "verified",
}  # fmt: skip
REFUSES = {Effect.BACK, Effect.CLOSE, Effect.KEEP, Effect.STAY}


def read_procedure(top: Entry, packs: Iterable[str] | None = None) -> Procedure | None:
    """The procedure of a rulebook with these packs (without them, its default ones); None if it states none.

    Later packs win over earlier ones. Raises RulebookError.
    """
    content = top.content.get("procedure")
    if content is None:
        return None
    if not isinstance(content, Mapping):
        raise top.error("procedure", "is a mapping with `steps`")
    entry = Entry(top.origin, "procedure", content)
    entry.only({"time_zone", "holidays", "steps", "packs", "default_packs"})
    zone = str(entry.need("time_zone"))
    if zone not in zoneinfo.available_timezones():
        raise entry.error("time_zone", f"'{zone}' is no time zone; write for example Asia/Shanghai")
    entries = {str(one.content["id"]): one for one in entry.listed("steps")}
    available = {pack.id: pack for pack in _packs(entry, entries)}
    default = [str(name) for name in entry.content.get("default_packs") or []]
    for name in default:
        if name not in available:
            raise entry.error("default_packs", f"'{name}' is no pack; known are {', '.join(available)}")
    chosen = list(default if packs is None else packs)
    for name in chosen:
        if name not in available:
            known = ", ".join(available) or "none"
            raise entry.error("packs", f"there is no pack '{name}'; known are {known}")
    steps = {}
    for name, one in entries.items():
        changed = dict(one.content)
        for pack in chosen:
            changed |= available[pack].steps.get(name, {})
        steps[name] = _step(Entry(one.origin, one.where, changed))
    holidays = entry.content.get("holidays")
    procedure = Procedure(steps, zone, str(holidays) if holidays else None, tuple(chosen), available)
    _check_graph(procedure, entry)
    return procedure


def check_packs(top: Entry) -> None:
    """Read the procedure once with each pack alone, so that no pack is broken. Raises RulebookError."""
    procedure = read_procedure(top)
    for name in procedure.available if procedure else ():
        read_procedure(top, [name])


def _packs(entry: Entry, steps: Mapping[str, Entry]) -> list[Pack]:
    found = []
    for one in entry.listed("packs"):
        one.only({"id", "label", "steps", "source", "verified"})
        changes = one.need("steps")
        if not isinstance(changes, Mapping):
            raise one.error("steps", "is a mapping of step ids to what changes")
        for name, change in changes.items():
            if name not in steps:
                raise one.error(f"steps.{name}", f"there is no such step; known are {', '.join(steps)}")
            if not isinstance(change, Mapping) or not set(change) <= PACKED:
                raise one.error(f"steps.{name}", f"may change {', '.join(sorted(PACKED))}")
        name = str(one.content["id"])
        found.append(Pack(name, one.text("label", default=name), dict(changes), **_origin(one)))
    return found


def _origin(entry: Entry) -> dict[str, Any]:
    return {"source": entry.content.get("source"), "verified": bool(entry.content.get("verified", True))}


def _step(entry: Entry) -> Step:
    entry.only(STEP_KEYS)
    name = str(entry.content["id"])
    step = Step(
        id=name,
        label=entry.text("label", default=name.replace("_", " ")),
        phase=_one_of(entry, "phase", Phase),
        through=_one_of(entry, "through", Through),
        roles=_names(entry, "roles", needed=True),
        outcomes=_outcomes(entry),
        requires=_names(entry, "requires"),
        parallel=_names(entry, "parallel"),
        not_by=_names(entry, "not_by"),
        only_if=_only_if(entry),
        within=_within(entry, "within"),
        visitors=_whole(entry, "visitors", 1) or 1,
        quorum=_quorum(entry),
        notice_days=_whole(entry, "notice_days", 1),
        shows=_names(entry, "shows"),
        repeats=tuple(entry.content.get("repeats") or ()),
        expedited=_expedited(entry),
        **_origin(entry),
    )
    if step.through == Through.NOTICE:
        if step.notice_days is None:
            raise entry.error("notice_days", "is missing; say for how many days the notice must hang")
        for shown in step.shows:
            if shown not in NOTICE_FIELDS:
                raise entry.error("shows", f"a notice may never show '{shown}'; {', '.join(NOTICE_FIELDS)}")
    if any(not isinstance(days, int) or days < 1 for days in step.repeats):
        raise entry.error("repeats", "is a list of whole days, such as [15, 30, 60, 90]")
    if step.repeats and step.within is None:
        raise entry.error("within", "a step that repeats says with `within` when it is first due")
    return step


def _one_of(entry: Entry, key: str, kind: Any) -> Any:
    value = str(entry.need(key))
    if value not in set(kind):
        raise entry.error(key, f"'{value}' is not one of {', '.join(kind)}")
    return kind(value)


def _names(entry: Entry, key: str, *, needed: bool = False) -> tuple[str, ...]:
    value = entry.need(key) if needed else entry.content.get(key) or []
    if not isinstance(value, list | tuple):
        raise entry.error(key, "is a list of names")
    return tuple(str(name) for name in value)


def _whole(entry: Entry, key: str, least: int) -> int | None:
    value = entry.content.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise entry.error(key, f"is a whole number from {least} on")
    return value


def _quorum(entry: Entry) -> Fraction | None:
    value = entry.content.get("quorum")
    if value is None:
        return None
    try:
        share = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share <= 1:
        raise entry.error("quorum", "is the share of those entitled who must be there, such as 2/3")
    return share


def _within(entry: Entry, key: str) -> Within | None:
    content = entry.content.get(key)
    if content is None:
        return None
    if not isinstance(content, Mapping):
        raise entry.error(key, "write for example {days: 15, unit: calendar, since: discovery}")
    inner = Entry(entry.origin, f"{entry.where}.{key}", content)
    inner.only({"days", "unit", "since", "source", "verified"})
    days = _whole(inner, "days", 1)
    if days is None:
        raise inner.error("days", "is missing")
    unit = Unit.CALENDAR if "unit" not in content else _one_of(inner, "unit", Unit)
    return Within(days, unit, str(content.get("since", DISCOVERY)), **_origin(inner))


def _outcomes(entry: Entry) -> dict[str, Outcome]:
    found = {}
    for one in entry.listed("outcomes"):
        one.only({"id", "label", "effect", "to", "reason"})
        name = str(one.content["id"])
        effect = Effect.NEXT if "effect" not in one.content else _one_of(one, "effect", Effect)
        to = one.content.get("to")
        if (effect == Effect.BACK) != (to is not None):
            raise one.error("to", "names the step that a `back` goes to, and stands with nothing else")
        reason = bool(one.content.get("reason", effect in REFUSES))
        if effect in REFUSES and not reason:
            raise one.error("reason", "whoever refuses, sends back or puts off says why")
        label = one.text("label", default=name.replace("_", " "))
        found[name] = Outcome(name, label, effect, str(to) if to else None, reason)
    if not found:
        raise entry.error("outcomes", "is missing; name the ways in which the step can end")
    return found


def _only_if(entry: Entry) -> OnlyIf | None:
    content = entry.content.get("only_if")
    if content is None:
        return None
    if not isinstance(content, Mapping) or set(content) != {"step", "outcome"}:
        raise entry.error("only_if", "write {step: NAME, outcome: NAME}")
    return OnlyIf(str(content["step"]), str(content["outcome"]))


def _expedited(entry: Entry) -> Expedited | None:
    content = entry.content.get("expedited")
    if content is None:
        return None
    if not isinstance(content, Mapping):
        raise entry.error("expedited", "is a mapping of risks, limit, before and make_good")
    inner = Entry(entry.origin, f"{entry.where}.expedited", content)
    inner.only({"risks", "limit", "before", "make_good", "verified"})
    make_good, limit = _within(inner, "make_good"), _whole(inner, "limit", 1)
    if make_good is None or limit is None:
        raise inner.error("", "needs a `limit` and a `make_good`: help first never means help unchecked")
    return Expedited(
        _names(inner, "risks", needed=True),
        limit,
        str(inner.need("before")),
        dataclasses.replace(make_good, since=str(entry.content["id"])),
        bool(content.get("verified", True)),
    )


def _check_graph(procedure: Procedure, entry: Entry) -> None:
    """Every name is a step, there is no circle, and every way leads on."""
    steps = procedure.steps
    for step in steps.values():
        named = [*step.requires, *step.parallel, *step.not_by]
        named += [one.to for one in step.outcomes.values() if one.to]
        named += [step.within.since] if step.within and step.within.since != DISCOVERY else []
        named += [step.only_if.step] if step.only_if else []
        named += [step.expedited.before] if step.expedited else []
        for name in named:
            if name not in steps:
                raise entry.error(f"steps.{step.id}", f"there is no step '{name}'")
    try:
        procedure.order()
    except graphlib.CycleError as error:
        raise entry.error(
            "steps", f"steps wait for each other in a circle: {' -> '.join(reversed(error.args[1]))}"
        ) from error
    for step in steps.values():
        _check_step(procedure, step, entry)
    for effect, phase in ((Effect.RECOGNISE, Phase.RECOGNITION), (Effect.EXIT, Phase.EXIT)):
        if not any(_has(step, effect) and step.phase == phase for step in steps.values()):
            raise entry.error("steps", f"no step of the phase '{phase}' ends with the effect '{effect}'")


def _has(step: Step, effect: Effect) -> bool:
    return any(outcome.effect == effect for outcome in step.outcomes.values())


def _check_step(procedure: Procedure, step: Step, entry: Entry) -> None:
    steps, where = procedure.steps, f"steps.{step.id}"
    order = list(Phase)
    for name in step.requires:
        if order.index(steps[name].phase) > order.index(step.phase):
            raise entry.error(where, f"requires '{name}' of a later phase")
        if steps[name].expedited:
            raise entry.error(where, f"requires '{name}', which is taken only in an emergency")
    for name in step.parallel:
        if name in procedure.resting_on(step.id) or step.id in procedure.resting_on(name):
            raise entry.error(where, f"runs in parallel with '{name}', yet one requires the other")
    for outcome in step.outcomes.values():
        if outcome.to and steps[outcome.to].phase != step.phase:
            raise entry.error(where, f"'{outcome.id}' goes back to '{outcome.to}' of another phase")
        if outcome.to and step.id not in procedure.resting_on(outcome.to):
            raise entry.error(
                where, f"'{outcome.id}' goes back to '{outcome.to}', which does not come before it"
            )
        if outcome.effect in (Effect.RECOGNISE, Effect.CLOSE) and step.phase != Phase.RECOGNITION:
            raise entry.error(where, f"'{outcome.id}' can only stand in the phase recognition")
        if outcome.effect in (Effect.EXIT, Effect.KEEP) and step.phase != Phase.EXIT:
            raise entry.error(where, f"'{outcome.id}' can only stand in the phase exit")
    if step.only_if:
        other = steps[step.only_if.step]
        if step.only_if.outcome not in other.outcomes or step.only_if.step not in step.requires:
            raise entry.error(f"{where}.only_if", "names an outcome of a step that it requires")
    if not any(one.effect in (Effect.NEXT, Effect.RECOGNISE, Effect.EXIT) for one in step.outcomes.values()):
        raise entry.error(where, "has no outcome that leads on")
