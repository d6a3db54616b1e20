"""A whole rulebook as readable text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from highground.methods.rules.rulebook import ExitRules, Rulebook, Sustained
from highground.methods.rules.sentences import say, say_number

WORDS = {
    "en": {
        "assessed": "Assesses", "to": "to", "version": "version", "counted": "Who is counted", "classes": "Classes",
        "clues": "Other reasons to knock", "vetoes": "Weighed against", "unless": "unless", "amounts": "Amounts",
        "conditions": "Conditions", "parameters": "Parameters", "sources": "Sources", "notes": "Notes",
        "unverified": "not verified", "none": "no value yet", "possible": "possible: ", "caps": "Caps (notices only)",
        "visit": "visit within {} days", "rulebook_hash": "hash", "checks": "Record checks: what is wrong, and the mend",
        "exit": "Before a risk is marked as eliminated", "without": "does not ask",
    },
    "zh": {
        "assessed": "适用于", "to": "至", "version": "版本", "counted": "计入人口", "classes": "类别",
        "clues": "其他入户线索", "vetoes": "负面情形", "unless": "例外：", "amounts": "金额", "conditions": "条件",
        "parameters": "参数", "sources": "来源", "notes": "说明", "unverified": "未核实", "none": "尚无数值",
        "possible": "疑似：", "caps": "规模提示（仅提示）", "visit": "{}天内入户", "rulebook_hash": "哈希",
        "checks": "数据质量核查：问题与处理办法", "exit": "标注风险消除须满足", "without": "不要求",
    },
}  # fmt: skip


def describe(book: Rulebook, language: str = "en") -> str:
    """The rulebook in words: classes, conditions, amounts, parameters with their sources, notes."""
    return "\n".join(_lines(book, language))


def _lines(book: Rulebook, language: str) -> Iterator[str]:
    words = WORDS[language]

    def mark(verified: bool) -> str:
        return "" if verified else f" [{words['unverified']}]"

    first, last = book.assessed
    yield f"{book.title[language]} ({book.id}, {words['version']} {book.version})"
    yield f"{words['assessed']} {first} {words['to']} {last}; {words['rulebook_hash']} {book.hash[:12]}"
    yield f"\n{words['classes']}"
    for one in book.classes:
        visit = words["visit"].format(one.visit_within)
        yield f"  {words['possible']}{one.label[language]}{mark(one.verified)} ({visit})"
        yield f"    {say(one.expression, book, language)}"
    if book.clues:
        yield f"\n{words['clues']}"
    for rule in book.clues:
        visit = words["visit"].format(rule.visit_within)
        yield f"  {rule.label[language]}{mark(rule.verified)} ({visit}): {say(rule.expression, book, language)}"
    if book.vetoes:
        yield f"\n{words['vetoes']}"
    for veto in book.vetoes:
        excepted = ", ".join(one.label[language] for one in veto.exceptions)
        unless = f" ({words['unless']} {excepted})" if excepted else ""
        yield f"  {veto.label[language]}{mark(veto.verified)}{unless}"
    yield f"\n{words['conditions']}"
    for named in book.conditions.values():
        yield f"  {named.label[language]}{mark(named.verified)}: {say(named.expression, book, language)}"
    if book.derived:
        yield f"\n{words['amounts']}"
    for named in book.derived.values():
        yield f"  {named.label[language]}{mark(named.verified)} = {say_number(named.expression, book, language)}"
    yield f"\n{words['counted']}\n  {book.counted.label[language]}{mark(book.counted.verified)}"
    if book.caps:
        yield f"\n{words['caps']}"
    for cap in book.caps:
        yield f"  {cap.label[language]}: {cap.percent} %{mark(cap.verified)}"
    if book.exit is not None:
        yield f"\n{words['exit']}"
        yield from _exit(book.exit, language, mark)
    if book.checks:
        yield f"\n{words['checks']}"
    colon = "：" if language == "zh" else ": "
    for check in book.checks:
        yield f"  {check.label[language]}{mark(check.verified)}{colon}{check.mend[language]}"
    if book.parameters:
        yield f"\n{words['parameters']}"
    for parameter in book.parameters.values():
        if not parameter.rows:
            yield f"  {parameter.label[language]}: {words['none']}"
        for row in parameter.rows:
            where = ", ".join(part for part in (row.key if parameter.by else None, row.period) if part)
            source = f" ({row.source})" if row.source else ""
            yield f"  {parameter.label[language]}, {where}: {row.value:,}{source}{mark(row.verified)}"
    if book.sources:
        yield f"\n{words['sources']}"
    for listed in book.sources.values():
        yield f"  {listed.id}: {listed.title}{mark(listed.verified)}"
    if book.notes:
        yield f"\n{words['notes']}"
    for note in book.notes:
        yield f"  {note[language]}"


def _exit(rules: ExitRules, language: str, mark: Callable[[bool], str]) -> Iterator[str]:
    for one in rules.conditions:
        yield f"  {one.label[language]}{mark(one.verified)}"
    if rules.sustained is not None:
        held = rules.sustained
        yield f"  {held.label[language]}{mark(held.verified)}: {say_sustained(held, language)}"
    labels = {one.id: one.label[language] for one in rules.conditions}
    for mode in rules.modes.values():
        if mode.without:
            colon, stop = ("：", "；") if language == "zh" else (": ", "; ")
            listed = stop.join(labels.get(name, name) for name in mode.without)
            yield f"  {mode.label[language]}{mark(mode.verified)} {WORDS[language]['without']}{colon}{listed}"


def say_sustained(held: Sustained, language: str = "en") -> str:
    """What "sustained" asks, in numbers."""
    if language == "zh":
        return f"近{held.months}个月内至少{held.points}次收入核算，每次均高于当年标准，其中最早一次距今已满{held.oldest}个月"
    incomes = "income" if held.points == 1 else "incomes"
    return (
        f"every income dated within {held.months} calendar months is above it, at least {held.points} {incomes}, "
        f"the oldest at least {held.oldest} months old"
    )
