"""The words of English and of Chinese: relations, quantities, joining. What is said is decided elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

from highground.methods.rules.intervals import Exact
from highground.methods.rules.sentences.amounts import grouped, plain
from highground.methods.rules.sentences.phrases import Clause


class Grammar(Protocol):
    """What a language must be able to say. `money` chooses between high and many."""

    language: str

    def clause(self, clause: Clause) -> str: ...
    def relation(self, operator: str, *, money: bool) -> str: ...
    def has(self, noun: str, operator: str, right: str, *, money: bool) -> str: ...
    def aged(self, operator: str, years: str) -> str: ...
    def aged_between(self, first: str, last: str) -> str: ...
    def ago(self, noun: str, operator: str, number: Exact, unit: str, *, of_member: bool) -> Clause: ...
    def apart(self, unit: str, first: str, last: str | None = None) -> str: ...
    def quantity(self, operator: str, number: Exact) -> str: ...
    def share(self, operator: str, percent: str) -> str: ...
    def several(self, predicate: str) -> str: ...
    def members(self, quantity: str, predicate: str, *, one: bool) -> Clause: ...
    def share_of_members(self, share: str, predicate: str) -> Clause: ...
    def any_member(self, predicate: str) -> Clause: ...
    def no_member(self, predicate: str) -> Clause: ...
    def every_member(self, predicate: str) -> Clause: ...
    def of_these(self, quantity: str, number: int, listed: Sequence[str], *, one: bool) -> Clause: ...
    def both(self, parts: Sequence[str], *, depth: int) -> str: ...
    def either(self, parts: Sequence[str], *, depth: int) -> str: ...
    def not_so(self, clause: str) -> Clause: ...
    def cannot_tell(self, clause: str) -> str: ...
    def valued(self, noun: str, value: str, *, simple: bool) -> str: ...
    def end(self, value: str, *, least: bool) -> str: ...
    def parameter(self, label: str) -> str: ...
    def plus(self, left: str, right: str) -> str: ...
    def minus(self, left: str, right: str) -> str: ...
    def times(self, factor: Fraction, noun: str) -> str: ...
    def per_person(self, noun: str) -> str: ...
    def bracket(self, noun: str) -> str: ...
    def word(self, key: str) -> str: ...
    def count_of(self, predicate: str) -> str: ...
    def sum_of(self, noun: str) -> str: ...
    def how_many(self, listed: Sequence[str]) -> str: ...


class English:
    """English. Predicates begin with their verb in the third person, so that they can be set in the plural."""

    language = "en"
    _relations = {
        "<=": "is at most",
        "<": "is below",
        ">": "is above",
        ">=": "is at least",
        "=": "equals",
        "<>": "differs from",
    }
    _of = {
        "<=": "of at most",
        "<": "below",
        ">": "above",
        ">=": "of at least",
        "=": "equal to",
        "<>": "other than",
    }
    _ages = {
        "<=": "is at most",
        "<": "is under",
        ">": "is over",
        ">=": "is at least",
        "=": "is",
        "<>": "is not",
    }
    _quantities = {
        "<=": "at most",
        "<": "fewer than",
        ">": "more than",
        ">=": "at least",
        "=": "exactly",
        "<>": "any number but",
    }
    _times = {
        "<=": "at most",
        "<": "less than",
        ">": "more than",
        ">=": "at least",
        "=": "exactly",
        "<>": "not exactly",
    }
    _verbs = {"is": "are", "has": "have", "was": "were", "does": "do", "either": "either"}
    _words = {
        "persons": "the number of persons",
        "age": "age",
        "always": "this always holds",
        "never": "this never holds",
    }

    def clause(self, clause: Clause) -> str:
        return f"{clause.subject} {clause.predicate}".strip()

    def relation(self, operator: str, *, money: bool) -> str:
        return f"{self._relations[operator]} "

    def has(self, noun: str, operator: str, right: str, *, money: bool) -> str:
        return f"has {noun} {self._of[operator]} {right}"

    def aged(self, operator: str, years: str) -> str:
        return f"{self._ages[operator]} {years} years old"

    def aged_between(self, first: str, last: str) -> str:
        return f"is {first} to {last} years old"

    def ago(self, noun: str, operator: str, number: Exact, unit: str, *, of_member: bool) -> Clause:
        if number == 0 and operator in ("<", ">="):
            said = "lies ahead" if operator == "<" else "does not lie ahead"
            return (
                Clause("", f"has a {noun} that {said}") if of_member else Clause(self.parameter(noun), said)
            )
        units = unit if number != 1 else unit.removesuffix("s")
        said = f"{self._times[operator]} {grouped(plain(number))} {units} ago"
        return Clause("", f"has a {noun} {said}") if of_member else Clause(self.parameter(noun), f"is {said}")

    def apart(self, unit: str, first: str, last: str | None = None) -> str:
        if last is None:
            return f"the number of {unit} since {self.parameter(first)}"
        return f"the number of {unit} from {self.parameter(first)} to {self.parameter(last)}"

    def quantity(self, operator: str, number: Exact) -> str:
        return f"{self._quantities[operator]} {grouped(plain(number))}"

    def share(self, operator: str, percent: str) -> str:
        word = "less than" if operator == "<" else self._quantities[operator]
        return f"{word} {percent}"

    def several(self, predicate: str) -> str:
        verb, _, rest = predicate.partition(" ")
        if verb not in self._verbs and verb.endswith("s"):
            plural = verb[:-1]
        else:
            plural = self._verbs.get(verb, verb)
        return f"{plural} {rest}".strip()

    def members(self, quantity: str, predicate: str, *, one: bool) -> Clause:
        return Clause(f"{quantity} {'member' if one else 'members'}", predicate)

    def share_of_members(self, share: str, predicate: str) -> Clause:
        return Clause(f"{share} of the members", predicate)

    def any_member(self, predicate: str) -> Clause:
        return Clause("a member", predicate)

    def no_member(self, predicate: str) -> Clause:
        return Clause("no member", predicate)

    def every_member(self, predicate: str) -> Clause:
        return Clause("every member", predicate)

    def of_these(self, quantity: str, number: int, listed: Sequence[str], *, one: bool) -> Clause:
        return Clause(f"{quantity} of these {number}", f"{'holds' if one else 'hold'} ({'; '.join(listed)})")

    def both(self, parts: Sequence[str], *, depth: int) -> str:
        joined = _series(parts, "and")
        return f"({joined})" if depth > 1 else joined

    def either(self, parts: Sequence[str], *, depth: int) -> str:
        if depth:
            return f"either {_series(parts, 'or')}"
        if any(" and " in part for part in parts):
            return ", or ".join(parts)
        return _series(parts, "or")

    def not_so(self, clause: str) -> Clause:
        return Clause("it", f"is not true that {clause}")

    def cannot_tell(self, clause: str) -> str:
        return f"it cannot be told whether {clause}"

    def valued(self, noun: str, value: str, *, simple: bool) -> str:
        return f"{noun} of {value}" if simple else f"{noun} ({value})"

    def end(self, value: str, *, least: bool) -> str:
        return f"{'at least' if least else 'at most'} {value}"

    def parameter(self, label: str) -> str:
        return label if label.startswith("the ") else f"the {label}"

    def plus(self, left: str, right: str) -> str:
        return f"{left} plus {right}"

    def minus(self, left: str, right: str) -> str:
        return f"{left} minus {right}"

    def times(self, factor: Fraction, noun: str) -> str:
        if factor < 0:
            return f"minus {noun if factor == -1 else self.times(-factor, noun)}"
        if factor < 1:
            return f"{grouped(plain(factor * 100))}% of {noun}"
        return f"{grouped(plain(factor))} times {noun}"

    def per_person(self, noun: str) -> str:
        return f"{noun} per person"

    def bracket(self, noun: str) -> str:
        return f"({noun})"

    def word(self, key: str) -> str:
        return self._words[key]

    def count_of(self, predicate: str) -> str:
        return f"the number of members who {predicate}"

    def sum_of(self, noun: str) -> str:
        return f"{noun} of all members together"

    def how_many(self, listed: Sequence[str]) -> str:
        return f"the number of these that hold ({'; '.join(listed)})"


def _series(parts: Sequence[str], word: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    before = ", ".join(parts[:-1])
    # A part that has an "and" of its own needs the comma that keeps it apart.
    comma = (
        ","
        if len(parts) > 2 or any(f" {joint} " in part for part in parts for joint in ("and", "or"))
        else ""
    )
    return f"{before}{comma} {word} {parts[-1]}"


class Chinese:
    """Simplified Chinese. Verbs do not bend; clauses are joined by commas."""

    language = "zh"
    _high = {"<=": "不高于", "<": "低于", ">": "高于", ">=": "不低于", "=": "等于", "<>": "不等于"}
    _many = {"<=": "不多于", "<": "少于", ">": "多于", ">=": "不少于", "=": "等于", "<>": "不等于"}
    _ages = {
        "<=": "不超过{}周岁",
        "<": "不满{}周岁",
        ">": "超过{}周岁",
        ">=": "年满{}周岁",
        "=": "为{}周岁",
        "<>": "不是{}周岁",
    }
    _quantities = {"<=": "至多有", "<": "不足", ">": "超过", ">=": "至少有", "=": "恰有", "<>": "不是恰有"}
    _times = {"<=": "不超过{}", "<": "不满{}", ">": "超过{}", ">=": "已满{}", "=": "恰为{}", "<>": "不是{}"}
    _units = {"months": "个月", "days": "天"}
    _shares = {"<=": "至多", "<": "不足", ">": "超过", ">=": "至少", "=": "恰好", "<>": "不是恰好"}
    _words = {"persons": "家庭人口数", "age": "年龄", "always": "恒成立", "never": "恒不成立"}

    def clause(self, clause: Clause) -> str:
        return clause.subject + clause.predicate

    def relation(self, operator: str, *, money: bool) -> str:
        return (self._high if money else self._many)[operator]

    def has(self, noun: str, operator: str, right: str, *, money: bool) -> str:
        return f"{noun}{self.relation(operator, money=money)}{right}"

    def aged(self, operator: str, years: str) -> str:
        return self._ages[operator].format(years)

    def aged_between(self, first: str, last: str) -> str:
        return f"为{first}至{last}周岁"

    def ago(self, noun: str, operator: str, number: Exact, unit: str, *, of_member: bool) -> Clause:
        if number == 0 and operator in ("<", ">="):
            said = "尚未到" if operator == "<" else "已到"
        else:
            said = f"至今{self._times[operator].format(grouped(plain(number)) + self._units[unit])}"
        return Clause("", noun + said) if of_member else Clause(noun, said)

    def apart(self, unit: str, first: str, last: str | None = None) -> str:
        counted = {"months": "月数", "days": "天数"}[unit]
        return f"从{first}到{last}的{counted}" if last is not None else f"{first}至今的{counted}"

    def quantity(self, operator: str, number: Exact) -> str:
        return f"{self._quantities[operator]}{grouped(plain(number))}"

    def share(self, operator: str, percent: str) -> str:
        return f"{self._shares[operator]}{percent}"

    def several(self, predicate: str) -> str:
        return predicate

    def members(self, quantity: str, predicate: str, *, one: bool) -> Clause:
        return Clause(f"{quantity}名成员", predicate)

    def share_of_members(self, share: str, predicate: str) -> Clause:
        return Clause(f"{share}的成员", predicate)

    def any_member(self, predicate: str) -> Clause:
        return Clause("有成员", predicate)

    def no_member(self, predicate: str) -> Clause:
        return Clause("没有成员", predicate)

    def every_member(self, predicate: str) -> Clause:
        return Clause("每名成员都", predicate)

    def of_these(self, quantity: str, number: int, listed: Sequence[str], *, one: bool) -> Clause:
        return Clause(f"{number}项中{quantity}项", f"成立（{'；'.join(listed)}）")

    def both(self, parts: Sequence[str], *, depth: int) -> str:
        joined = _chain(parts, "且")
        return f"（{joined}）" if depth else joined

    def either(self, parts: Sequence[str], *, depth: int) -> str:
        joined = _chain(parts, "或")
        return f"（{joined}）" if depth else joined

    def not_so(self, clause: str) -> Clause:
        return Clause("", f"并非{clause}")

    def cannot_tell(self, clause: str) -> str:
        return f"无法判断“{clause}”是否成立"

    def valued(self, noun: str, value: str, *, simple: bool) -> str:
        return f"{noun}{value}" if simple else f"{noun}（{value}）"

    def end(self, value: str, *, least: bool) -> str:
        return f"{'至少' if least else '至多'}{value}"

    def parameter(self, label: str) -> str:
        return label

    def plus(self, left: str, right: str) -> str:
        return f"{left}加{right}"

    def minus(self, left: str, right: str) -> str:
        return f"{left}减{right}"

    def times(self, factor: Fraction, noun: str) -> str:
        if factor < 0:
            return f"负的{noun if factor == -1 else self.times(-factor, noun)}"
        if factor < 1:
            return f"{noun}的{grouped(plain(factor * 100))}%"
        return f"{noun}的{grouped(plain(factor))}倍"

    def per_person(self, noun: str) -> str:
        return f"人均{noun}"

    def bracket(self, noun: str) -> str:
        return f"（{noun}）"

    def word(self, key: str) -> str:
        return self._words[key]

    def count_of(self, predicate: str) -> str:
        return f"{predicate}的成员数"

    def sum_of(self, noun: str) -> str:
        return f"全体成员{noun}合计"

    def how_many(self, listed: Sequence[str]) -> str:
        return f"以下成立的项数（{'；'.join(listed)}）"


def _chain(parts: Sequence[str], word: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    if len(parts) == 2 and not any("，" in part for part in parts):
        return f"{parts[0]}{word}{parts[1]}" if word == "且" else f"{parts[0]}，{word}{parts[1]}"
    return f"{'，'.join(parts[:-1])}，{word}{parts[-1]}"


GRAMMARS: dict[str, Grammar] = {"en": English(), "zh": Chinese()}
