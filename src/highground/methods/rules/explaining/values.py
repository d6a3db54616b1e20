"""Every value that the rulebook reads: from which day and source, stale or missing, and whose."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from highground.methods.facts import Fact
from highground.methods.rules.explaining.case import Case, Json, in_languages
from highground.methods.rules.record import Known, Member, Value
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.tree import (
    AllMembers,
    AnyMember,
    CountMembers,
    Node,
    NumberFact,
    ParameterValue,
    PerPerson,
    Persons,
    ShareMembers,
    SumMembers,
    facts_read,
    walk,
)

COLUMNS = {
    "province": {"en": "province", "zh": "省份"},
    "city": {"en": "city", "zh": "地市"},
    "county": {"en": "county", "zh": "县区"},
}
_YES_NO = {True: {"en": "yes", "zh": "是"}, False: {"en": "no", "zh": "否"}}


def trees(book: Rulebook) -> list[Node]:
    """Every expression that bears on one household's verdicts."""
    expressions = [book.counted.expression]
    expressions += [named.expression for named in (*book.derived.values(), *book.conditions.values())]
    expressions += [class_.expression for class_ in book.classes] + [clue.expression for clue in book.clues]
    for veto in book.vetoes:
        expressions += [veto.expression, *(exception.expression for exception in veto.exceptions)]
    return [expression.tree for expression in expressions]


def facts_used(book: Rulebook) -> list[Fact]:
    """The facts that the rulebook reads, in the order of the dictionary; the household's size where it counts persons."""
    names = {"household_size"} if counts_persons(book) else set()
    for tree in trees(book):
        for node in walk(tree):
            names.update(facts_read(node))
    names |= {column for one in book.parameters.values() for column in one.by if column in book.dictionary}
    return [fact for fact in book.dictionary.values() if fact.name in names]


def counts_persons(book: Rulebook) -> bool:
    """Whether any rule depends on who is counted."""
    kinds = (PerPerson, Persons, AnyMember, AllMembers, CountMembers, SumMembers, ShareMembers)
    return any(isinstance(node, kinds) for tree in trees(book) for node in walk(tree))


def stale_since(known: Known, fact: Fact) -> date | None:
    """The first day on which a value was too old to count; None where it is fresh or undated."""
    if not known.stale or known.day is None or fact.fresh_for is None:
        return None
    return known.day + timedelta(days=fact.fresh_for + 1)


def fact_status(case: Case, name: str, member: Member | None = None) -> Json:
    """Whether a value is known, missing or stale, its day and its source."""
    holder = case.record if member is None else member
    known = holder.known.get(name, Known())
    since = stale_since(known, case.book.dictionary[name])
    present = holder.facts.get(name) is not None
    return {
        "status": "stale" if known.stale else "known" if present else "missing",
        "day": None if known.day is None else known.day.isoformat(),
        "source": known.source,
        "stale_since": None if since is None else since.isoformat(),
    }


def fact_value(case: Case, fact: Fact, member: Member | None = None) -> Json:
    """One value: as data (`value`) and as words (`said`)."""
    holder = case.record if member is None else member
    known = holder.known.get(fact.name, Known())
    value, old = holder.facts.get(fact.name), known.stale_value
    return {
        "fact": fact.name,
        "label": dict(fact.label),
        "type": fact.type,
        "sensitive": fact.sensitivity == "sensitive",
        "value": as_data(case, fact, value),
        "said": None if value is None else as_words(case, fact, value),
        "stale_value": as_data(case, fact, old),
        "stale_said": None if old is None else as_words(case, fact, old),
        "assumed": known.assumed,
        **fact_status(case, fact.name, member),
    }


def as_data(case: Case, fact: Fact, value: Value) -> Any:
    """A value for machines: numbers as exact text in major units, days as ISO text."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return case.exact(value, money=fact.type == "money")
    return value.isoformat() if isinstance(value, date) else list(value)


def as_words(case: Case, fact: Fact, value: Value) -> dict[str, str]:
    """A value for people."""
    if isinstance(value, bool):
        return dict(_YES_NO[value])
    if isinstance(value, int):
        return case.written(value, money=fact.type == "money")
    if isinstance(value, str):
        return dict(fact.values[value]) if value in fact.values else {"en": value, "zh": value}
    if isinstance(value, tuple):
        none = {"en": "none", "zh": "无"}
        joint = {"en": ", ", "zh": "、"}
        return in_languages(
            lambda language: (
                joint[language].join(fact.values[one][language] for one in value) or none[language]
            )
        )
    return {"en": str(value), "zh": str(value)}


def household_values(case: Case) -> list[Json]:
    """The household's own values that the rulebook reads; its size is left out where member rows tell it."""
    by_rows = any(truth.lo for truth in case.judgement.counted)
    named = {node.name for tree in trees(case.book) for node in walk(tree) if isinstance(node, NumberFact)}
    return [
        fact_value(case, fact)
        for fact in facts_used(case.book)
        if fact.entity == "household"
        and not (fact.name == "household_size" and by_rows and fact.name not in named)
    ]


def members(case: Case) -> list[Json]:
    """Each member row: whether the person is counted, why, what was assumed, and the values read."""
    facts = [fact for fact in facts_used(case.book) if fact.entity == "member"]
    rows = []
    for row, truth in zip(case.record.members, case.judgement.counted, strict=True):
        rows.append(
            {
                "id": row.id,
                "counted": truth.verdict,
                "why": case.says(case.book.counted.expression.tree, row),
                "assumed": [fact.name for fact in facts if row.known.get(fact.name, Known()).assumed],
                "values": [fact_value(case, fact, row) for fact in facts],
            }
        )
    return rows


def persons(case: Case) -> Json:
    """How many persons were counted, and from what."""
    if any(truth.lo for truth in case.judgement.counted):
        origin = "members"
    elif any(truth.hi for truth in case.judgement.counted):
        origin = "undecided"
    else:
        origin = "household_size" if case.record.facts.get("household_size") is not None else "unknown"
    label = case.book.counted.label
    said = {
        "members": in_languages(lambda language: label[language]),
        "undecided": {"en": "not known: nobody is certainly counted", "zh": "未知：没有可以确定计入的成员"},
        "household_size": {"en": "the household's size as given", "zh": "填报的家庭人口数"},
        "unknown": {
            "en": "not known: no member rows and no household size",
            "zh": "未知：没有成员记录，也没有家庭人口数",
        },
    }[origin]
    return {
        "from": origin,
        "used": counts_persons(case.book),
        "said": said,
        "verified": case.book.counted.verified,
        **case.figure(case.judgement.persons, money=False),
    }


def parameters(case: Case) -> list[Json]:
    """The row of each parameter that the rules read, or why there is none."""
    found = []
    used = {node.name for tree in trees(case.book) for node in walk(tree) if isinstance(node, ParameterValue)}
    for name, parameter in case.book.parameters.items():
        if name not in used:
            continue
        reading = case.record.parameters[name]
        money = parameter.type == "money"
        source = case.book.sources.get(reading.source or "")
        found.append(
            {
                "name": name,
                "label": dict(parameter.label),
                "key": reading.key,
                "key_label": _key_label(case, parameter.by, reading.key),
                "period": reading.period,
                "value": None if reading.low is None else case.exact(reading.low, money=money),
                "to": None if reading.high is None else case.exact(reading.high, money=money),
                "said": None if reading.low is None else case.written(reading.low, money=money),
                "money": money,
                "source": source.title if source else reading.source,
                "verified": reading.verified,
                "missing": missing_parameter(case, name) if reading.low is None else None,
            }
        )
    return found


def _key_label(case: Case, by: tuple[str, ...], key: str | None) -> dict[str, str] | None:
    """The key in words: an area's code as it is, a category by its label; None where one value holds for all."""
    if key is None or not by:
        return None
    fact = case.book.dictionary.get(by[0])
    return dict(fact.values[key]) if fact is not None and key in fact.values else {"en": key, "zh": key}


def missing_parameter(case: Case, name: str) -> dict[str, str]:
    """Why a parameter is missing: "no monitoring line for CN-GX, 2024"."""
    parameter, reading = case.book.parameters[name], case.record.parameters[name]
    label, column = parameter.label["zh"], parameter.by[0] if parameter.by else None
    if reading.key is None and column is not None:
        chinese = f"没有{label}：该户缺少{COLUMNS.get(column, {}).get('zh', column)}"
    else:
        keyed = _key_label(case, parameter.by, reading.key)
        key = keyed["zh"] if keyed is not None else ""
        period = f"{reading.period}年" if reading.period else ""
        chinese = f"没有{'、'.join(part for part in (key, period) if part)}的{label}"
    return {"en": reading.reason or f"no {parameter.label['en']}", "zh": chinese}
