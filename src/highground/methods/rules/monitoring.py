"""The sections of a rulebook about monitored households: `checks:` of the record, and `exit:`, what must hold to leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from highground.methods.facts import Fact
from highground.methods.rules.kinds import MONEY
from highground.methods.rules.rulebook import (
    Check,
    ExitCondition,
    ExitMode,
    ExitRules,
    Named,
    Parameter,
    Sustained,
)
from highground.methods.rules.sections import SEVERITIES, Entry, origin_of

if TYPE_CHECKING:
    from highground.methods.rules.bench import Bench

SUSTAINED = "sustained"
_HELD = {"en": "income has been sustained above the line", "zh": "收入持续稳定高于监测线"}


def checks(top: Entry, bench: Bench) -> tuple[Check, ...]:
    """What is wrong with a record, each with its mend."""
    return tuple(_check(entry, bench) for entry in top.listed("checks"))


def _check(entry: Entry, bench: Bench) -> Check:
    entry.only(
        {"id", "label", "when", "blank", "each", "once_known", "mend", "severity", "source", "verified"}
    )
    if entry.content.get("each") not in (None, "member"):
        raise entry.error("each", "is `member`, or left out for a check of the household")
    each_member = entry.content.get("each") == "member"
    names = entry.content.get("blank") or []
    if not isinstance(names, list):
        raise entry.error("blank", "is a list of facts")
    blank = tuple(_fact(entry, "blank", name, bench, member=each_member).name for name in names)
    if not blank:
        entry.need("when")
    once_known = entry.content.get("once_known")
    if once_known is not None:
        _fact(entry, "once_known", once_known, bench, member=False)
    severity = entry.content.get("severity", "medium")
    if severity not in SEVERITIES:
        raise entry.error("severity", f"is one of {', '.join(SEVERITIES)}")
    entry.need("mend")
    when = entry.content.get("when")
    expression = None if when in (None, "") else bench.read(entry.where, when, member=each_member)
    bench.named_facts.update((*blank, *([str(once_known)] if once_known else [])))
    name = str(entry.content["id"])
    return Check(
        id=name,
        label=entry.text("label", default=name.replace("_", " ")),
        expression=expression,
        blank=blank,
        each_member=each_member,
        once_known=once_known,
        mend=entry.text("mend"),
        severity=severity,
        **origin_of(entry),
    )


def _fact(entry: Entry, key: str, name: object, bench: Bench, *, member: bool) -> Fact:
    fact = bench.dictionary.get(str(name))
    if fact is None:
        raise entry.error(key, f"'{name}' is no fact of the dictionary")
    if (fact.entity == "member") != member:
        mend = (
            "leave out `each`"
            if member
            else "write `each: member`"
            if key == "blank"
            else "name one of the household"
        )
        raise entry.error(key, f"'{name}' is a fact of a {fact.entity}; {mend}")
    return fact


def exit_rules(
    top: Entry, bench: Bench, derived: Mapping[str, Named], parameters: Mapping[str, Parameter]
) -> ExitRules | None:
    """What must hold before a risk is marked as eliminated; None where the rulebook does not say."""
    content = top.content.get("exit")
    if content is None:
        return None
    if not isinstance(content, Mapping):
        raise top.error("exit", "is a mapping with `conditions`, `sustained` and `modes`")
    entry = Entry(top.origin, "exit", content)
    entry.only({"conditions", "sustained", "modes"})
    entry.need("conditions")
    conditions = tuple(_condition(one, bench) for one in entry.listed("conditions"))
    sustained = _sustained(entry, derived, parameters)
    asked = {one.id for one in conditions} | ({SUSTAINED} if sustained else set())
    return ExitRules(conditions, sustained, _modes(entry, bench, asked))


def _condition(entry: Entry, bench: Bench) -> ExitCondition:
    entry.only({"id", "label", "when", "source", "verified"})
    name = str(entry.content["id"])
    if name == SUSTAINED:
        raise entry.error("", f"'{SUSTAINED}' is the condition on income; choose another id")
    label = entry.text("label", default=name.replace("_", " "))
    return ExitCondition(name, label, bench.read(entry.where, entry.need("when")), **origin_of(entry))


def _sustained(
    top: Entry, derived: Mapping[str, Named], parameters: Mapping[str, Parameter]
) -> Sustained | None:
    content = top.content.get("sustained")
    if content is None:
        return None
    if not isinstance(content, Mapping):
        raise top.error("sustained", "is a mapping with `amount`, `above`, `months`, `points` and `oldest`")
    entry = Entry(top.origin, "exit.sustained", content)
    entry.only({"label", "amount", "above", "months", "points", "oldest", "source", "verified"})
    amount, above = str(entry.need("amount")), str(entry.need("above"))
    if amount not in derived or not derived[amount].expression.money:
        raise entry.error("amount", f"'{amount}' is no derived amount of money")
    if above not in parameters or parameters[above].type != MONEY:
        raise entry.error("above", f"'{above}' is no parameter of money")
    months, points = _whole(entry, "months", 1), _whole(entry, "points", 1)
    oldest = _whole(entry, "oldest", 0)
    if oldest > months:
        raise entry.error(
            "oldest", f"an income older than the {months} months that are looked at is never found"
        )
    label = entry.text("label") if "label" in content else _HELD
    return Sustained(label, amount, above, months, points, oldest, **origin_of(entry))


def _whole(entry: Entry, key: str, least: int) -> int:
    value: Any = entry.content.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise entry.error(key, f"is a whole number, {least} or more")
    return value


def _modes(top: Entry, bench: Bench, asked: set[str]) -> dict[str, ExitMode]:
    """The ways to leave: the values of the fact `exit_mode`, each with the conditions that it does not ask."""
    known = bench.dictionary["exit_mode"].values
    found = {}
    for name, entry in top.entries("modes"):
        entry.only({"without", "source", "verified"})
        if name not in known:
            raise top.error(f"modes.{name}", f"is no value of 'exit_mode'; known are {', '.join(known)}")
        without = entry.content.get("without") or []
        for one in without:
            if one not in asked:
                raise entry.error("without", f"'{one}' is no condition of `exit`")
        found[name] = ExitMode(name, known[name], tuple(without), **origin_of(entry))
    return found or {name: ExitMode(name, label, ()) for name, label in known.items()}
