"""What would settle what cannot be told: the missing and stale facts, and the missing parameters, that matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from highground.methods.rules.explaining.case import Case, Json
from highground.methods.rules.explaining.values import fact_status, missing_parameter
from highground.methods.rules.intervals import NO, UNKNOWN
from highground.methods.rules.record import Member
from highground.methods.rules.tree import (
    Age,
    AllMembers,
    And,
    AnyMember,
    BooleanFact,
    Compare,
    ConditionValue,
    CountMembers,
    CountTrue,
    DerivedAmount,
    Has,
    IsEmpty,
    MonthsFrom,
    Node,
    Not,
    NumberFact,
    OneOf,
    Or,
    ParameterValue,
    PerPerson,
    Persons,
    ShareMembers,
    Since,
    SumMembers,
    facts_read,
)


@dataclass(frozen=True)
class Gap:
    """Something that is not known. `member` is the row's id; `kind` is `fact`, `parameter` or `members`."""

    kind: str
    name: str
    member: Member | None = None


def gaps(case: Case, node: Node) -> list[Gap]:
    """What is not known below an unknown condition and could change it, in the order of the expression."""
    found: list[Gap] = []
    for gap in _gaps(case, node, None):
        if gap not in found:
            found.append(gap)
    return found


def _gaps(case: Case, node: Node, member: Member | None) -> Iterator[Gap]:
    """Gaps below a condition; only unknown parts can hold any that matter."""
    if case.value(node, member) != UNKNOWN:
        return
    match node:
        case And() | Or() | Not():
            for child in node.children():
                yield from _gaps(case, child, member)
        case ConditionValue():
            yield from _gaps(case, case.book.conditions[node.name].expression.tree, member)
        case Compare():
            if isinstance(node.left, PerPerson) != isinstance(node.right, PerPerson):
                yield from _person_gaps(case)
            for side in node.children():
                yield from _number_gaps(case, side, member)
        case AnyMember() | AllMembers():
            yield from _member_gaps(case, node.condition)
        case BooleanFact() | OneOf() | Has() | IsEmpty():
            yield Gap("fact", node.name, member if node.member else None)


def _number_gaps(case: Case, node: Node, member: Member | None) -> Iterator[Gap]:
    match node:
        case NumberFact() | Age() | Since() | MonthsFrom():
            holder = member if isinstance(node, Age) or node.member else None
            for name in facts_read(node):
                if (holder or case.record).facts.get(name) is None:
                    yield Gap("fact", name, holder)
        case ParameterValue():
            yield from _parameter_gaps(case, node.name)
        case DerivedAmount():
            yield from _number_gaps(case, case.book.derived[node.name].expression.tree, None)
        case CountTrue():
            for operand in node.operands:
                yield from _gaps(case, operand, member)
        case CountMembers() | ShareMembers():
            yield from _member_gaps(case, node.condition)
        case SumMembers():
            yield from _counted_gaps(case)
            for row, truth in zip(case.record.members, case.judgement.counted, strict=True):
                if truth != NO:
                    yield from _number_gaps(case, node.operand, row)
        case Persons():
            yield from _person_gaps(case)
        case _:
            for child in node.children():
                yield from _number_gaps(case, child, member)


def _parameter_gaps(case: Case, name: str) -> Iterator[Gap]:
    reading = case.record.parameters[name]
    if reading.low is None:
        yield Gap("parameter", name)
    elif reading.low != reading.high:
        yield Gap("fact", case.book.parameters[name].by[0])


def _member_gaps(case: Case, condition: Node) -> Iterator[Gap]:
    yield from _counted_gaps(case)
    for row, truth in zip(case.record.members, case.judgement.counted, strict=True):
        if truth != NO:
            yield from _gaps(case, condition, row)


def _counted_gaps(case: Case) -> Iterator[Gap]:
    """Who is counted: the rows themselves, or what decides about a row."""
    if not any(truth.hi for truth in case.judgement.counted):
        yield Gap("members", "members")
    for row in case.record.members:
        yield from _gaps(case, case.book.counted.expression.tree, row)


def _person_gaps(case: Case) -> Iterator[Gap]:
    """The number of persons: who is counted, or without member rows the household's size."""
    if case.judgement.persons.known:
        return
    if any(truth.hi for truth in case.judgement.counted):
        yield from _counted_gaps(case)
    elif case.record.facts.get("household_size") is None:
        yield Gap("fact", "household_size")


def described(case: Case, gap: Gap) -> Json:
    """A gap as data, with its words."""
    member = None if gap.member is None else gap.member.id
    found: Json = {
        "kind": gap.kind,
        "name": gap.name,
        "member": member,
        "status": "missing",
        "stale_since": None,
    }
    if gap.kind == "members":
        return {
            **found,
            "label": {"en": "member rows", "zh": "成员记录"},
            "said": _missing(case, "members", gap, None),
        }
    if gap.kind == "parameter":
        label = dict(case.book.parameters[gap.name].label)
        return {**found, "label": label, "said": missing_parameter(case, gap.name)}
    label = dict(case.book.dictionary[gap.name].label)
    status = fact_status(case, gap.name, gap.member)
    said = _missing(case, gap.name, gap, status["stale_since"] if status["status"] == "stale" else None)
    return {**found, **status, "label": label, "said": said}


def _missing(case: Case, name: str, gap: Gap, since: str | None) -> dict[str, str]:
    if name == "members":
        return {"en": "there are no member rows", "zh": "没有成员记录"}
    label = case.book.dictionary[name].label
    english = f"“{label['en']}”" if ":" in label["en"] else label["en"]
    chinese = f"“{label['zh']}”"
    if gap.member is not None:
        english, chinese = f"{english} of member {gap.member.id}", f"成员{gap.member.id}的{chinese}"
    if since is not None:
        return {"en": f"{english} is stale since {since}", "zh": f"{chinese}自{since}起已过期"}
    return {"en": f"{english} is missing", "zh": f"{chinese}缺失"}


def settles(case: Case) -> list[Json]:
    """For the class verdict and each clue rule that cannot be told: what would settle it."""
    found = []
    if case.judgement.class_verdict == "cannot_tell":
        merged: list[Gap] = []
        for class_ in case.book.classes:
            merged += [gap for gap in gaps(case, class_.expression.tree) if gap not in merged]
        found.append(_settling(case, "class", None, {"en": "the class", "zh": "类别"}, merged))
    for clue in case.book.clues:
        if clue.id in case.judgement.undecided:
            found.append(_settling(case, "clue", clue.id, dict(clue.label), gaps(case, clue.expression.tree)))
    return found


def _settling(case: Case, kind: str, of: str | None, label: dict[str, str], found: list[Gap]) -> Json:
    return {"kind": kind, "id": of, "label": label, "gaps": [described(case, gap) for gap in found]}
