"""SQL that reads one column of a batch as a fact: its canonical value, and what is wrong with it.

The fragments are put together from the mapping's checked parts; column names and values are quoted.
"""

from __future__ import annotations

import datetime

from highground.signals.imports.mapping import Entry, When

EARLIEST = datetime.date(1850, 1, 1)
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
SAFE_BEFORE_FACTOR = 10**15
"""Numbers beyond this are out of every fact's bounds and could overflow when they are multiplied."""

TRUE = ("true", "yes", "y", "1", "是", "有")
FALSE = ("false", "no", "n", "0", "否", "无")
SEPARATORS = "[;；、|]"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def date_literal(day: datetime.date) -> str:
    return f"DATE '{day.isoformat()}'"


def text_of(column: str) -> str:
    """A column without blanks around it; empty text is null."""
    return f"nullif(trim(b.{_quoted(column)}, ' \t　'), '')"


def joined(columns: tuple[str, ...]) -> str:
    # `||` makes a number null as soon as one of its parts is.
    return " || '/' || ".join(text_of(column) for column in columns)


def day_of(when: When) -> str:
    if when.fixed is not None:
        return date_literal(when.fixed)
    text = text_of(when.column or "")
    if when.values:
        cases = " ".join(f"WHEN {literal(value)} THEN {date_literal(day)}" for value, day in when.values)
        return f"CASE {text} {cases} END"
    if when.form:
        return f"CAST(try_strptime({text}, {literal(when.form)}) AS DATE)"
    return f"TRY_CAST({text} AS DATE)"


def value_of(entry: Entry, number: int, today: datetime.date) -> list[str]:
    """SQL for the canonical value of an entry, its problem, and for money whether it was rounded."""
    raw = text_of(entry.column)
    if entry.missing:
        raw = f"CASE WHEN {raw} IN ({', '.join(literal(text) for text in entry.missing)}) THEN NULL ELSE {raw} END"
    text = raw
    if entry.values and entry.fact.type != "list":
        cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in entry.values)
        text = f"nullif(CASE {raw} {cases} ELSE {raw} END, '')"
    value, problem = _READERS[entry.fact.type](entry, text, today)
    parts = [
        f"{problem} AS problem_{number}",
        f"CASE WHEN {problem} IS NULL THEN {value} END AS value_{number}",
    ]
    if entry.fact.type == "money":
        amount = _amount(entry, text)
        parts.append(
            f"coalesce({problem} IS NULL AND {amount} <> round({amount}, 2), false) AS rounded_{number}"
        )
    return parts


def _amount(entry: Entry, text: str) -> str:
    number = f"(CASE WHEN regexp_full_match({text}, '{NUMBER}') THEN TRY_CAST({text} AS DECIMAL(38, 10)) END)"
    if entry.multiply == 1:
        return number
    return f"(CASE WHEN abs({number}) < {SAFE_BEFORE_FACTOR} THEN {number} * {entry.multiply:f} END)"


def _money(entry: Entry, text: str, today: datetime.date) -> tuple[str, str]:
    amount = _amount(entry, text)
    value = f"rtrim(rtrim(CAST(CAST(round({amount}, 2) AS DECIMAL(38, 2)) AS VARCHAR), '0'), '.')"
    return value, _number_problem(entry, text, amount)


def _whole(entry: Entry, text: str, today: datetime.date) -> tuple[str, str]:
    amount = _amount(entry, text)
    other = f"WHEN {amount} <> floor({amount}) THEN 'whole'"
    return f"CAST(CAST({amount} AS BIGINT) AS VARCHAR)", _number_problem(entry, text, amount, other)


def _number_problem(entry: Entry, text: str, amount: str, other: str = "") -> str:
    fact = entry.fact
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN NOT regexp_full_match({text}, '{NUMBER}') THEN 'number' "
        f"WHEN {amount} IS NULL OR {amount} < {fact.minimum} OR {amount} > {fact.maximum} THEN 'range' {other} END"
    )


def _truth(entry: Entry, text: str, today: datetime.date) -> tuple[str, str]:
    true, false = (", ".join(literal(word) for word in words) for words in (TRUE, FALSE))
    value = (
        f"CASE WHEN lower({text}) IN ({true}) THEN 'true' WHEN lower({text}) IN ({false}) THEN 'false' END"
    )
    return value, f"CASE WHEN {text} IS NOT NULL AND lower({text}) NOT IN ({true}, {false}) THEN 'truth' END"


def _category(entry: Entry, text: str, today: datetime.date) -> tuple[str, str]:
    allowed = ", ".join(literal(value) for value in entry.fact.values)
    return text, f"CASE WHEN {text} IS NOT NULL AND {text} NOT IN ({allowed}) THEN 'values' END"


def _list(entry: Entry, text: str, today: datetime.date) -> tuple[str, str]:
    """Items are translated one by one; the canonical list has the dictionary's order and no item twice."""
    pattern = literal(entry.separator) if entry.separator else f"'{SEPARATORS}'"
    split = (
        f"string_split({text}, {pattern})" if entry.separator else f"regexp_split_to_array({text}, {pattern})"
    )
    item = "trim(item)"
    if entry.values:
        cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in entry.values)
        item = f"CASE {item} {cases} ELSE {item} END"
    # A list that is translated as a whole (such as 无 to []) is looked up before it is split.
    whole = {old: new for old, new in entry.values if new == "[]"}
    empty = ", ".join(literal(word) for word in ["[]", *whole])
    items = f"list_filter(list_transform({split}, lambda item: {item}), lambda item: item <> '')"
    allowed = "[" + ", ".join(literal(value) for value in entry.fact.values) + "]"
    value = (
        f"CASE WHEN {text} IN ({empty}) THEN '[]' "
        f"ELSE array_to_string(list_filter({allowed}, lambda item: list_contains({items}, item)), ';') END"
    )
    bad = f"len({items}) = 0 OR NOT list_has_all({allowed}, {items})"
    return value, f"CASE WHEN {text} IS NOT NULL AND {text} NOT IN ({empty}) AND ({bad}) THEN 'values' END"


def _calendar(entry: Entry, text: str, today: datetime.date) -> tuple[str, str]:
    day = (
        f"CAST(try_strptime({text}, {literal(entry.form)}) AS DATE)"
        if entry.form
        else f"TRY_CAST({text} AS DATE)"
    )
    problem = (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN {day} IS NULL THEN 'date' WHEN {day} > {date_literal(today)} THEN 'future' "
        f"WHEN {day} < {date_literal(EARLIEST)} THEN 'past' END"
    )
    return f"CAST({day} AS VARCHAR)", problem


_READERS = {
    "money": _money,
    "integer": _whole,
    "boolean": _truth,
    "category": _category,
    "list": _list,
    "date": _calendar,
}
