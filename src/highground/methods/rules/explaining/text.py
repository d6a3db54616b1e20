"""An explanation to read: the same content as the data, line by line, so that it can be checked with a pencil."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from highground.methods.rules.sentences.amounts import grouped

Json = dict[str, Any]

# Ends of a range from here on only say that a fact is missing; the data has them exactly.
BEYOND = 10**10

WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "household": "Household",
        "area": "area",
        "as_of": "as of",
        "rulebook": "Rulebook",
        "version": "version",
        "window": "Income window",
        "synthetic": "synthetic",
        "derived": "How the figures are made up",
        "persons_each": "for {persons}: {each} per person (for information; the rule multiplies)",
        "about": "about ",
        "conditions": "Conditions",
        "classes": "Possible classes, in order",
        "clues": "Clue rules",
        "vetoes": "Reasons against, for people to weigh",
        "excepted": "excepted by",
        "not_excepted": "no exception",
        "values": "Values used",
        "missing": "missing",
        "stale": "stale since",
        "counted": "Who is counted",
        "persons": ("{} person", "{} persons"),
        "member": "member",
        "counts": {"yes": "counted", "no": "not counted", "cannot_tell": "perhaps counted"},
        "assumed": "assumed true, as there is no such column",
        "parameters": "Parameters",
        "verified": {True: "verified", False: "not verified"},
        "clears": "What would clear it",
        "nothing": "nothing that the rule reads, taken alone",
        "settles": "What would settle what cannot be told",
        "unverified": "Not verified",
        "verdicts": {"yes": "yes", "no": "no", "cannot_tell": "cannot tell"},
        "no_line": "a parameter is missing, so nothing is decided",
        "open": " (",
        "close": ")",
        "or_more": "{} or more",
        "or_less": "{} or less",
        "unknown": "not known",
        "between": "{} to {}",
        "colon": ": ",
        "comma": ", ",
        "stop": "; ",
    },
    "zh": {
        "household": "农户",
        "area": "地区",
        "as_of": "截至",
        "rulebook": "规则",
        "version": "版本",
        "window": "收入计算期",
        "synthetic": "模拟",
        "derived": "数字的由来",
        "persons_each": "{persons}：人均{each}（仅供参考，规则用乘法比较）",
        "about": "约",
        "conditions": "条件",
        "classes": "可能的类别（按顺序）",
        "clues": "线索规则",
        "vetoes": "反向情形（供人研判）",
        "excepted": "例外情形",
        "not_excepted": "无例外情形",
        "values": "使用的数据",
        "missing": "缺失",
        "stale": "过期，自",
        "counted": "计入人口",
        "persons": ("{}人", "{}人"),
        "member": "成员",
        "counts": {"yes": "计入", "no": "不计入", "cannot_tell": "可能计入"},
        "assumed": "无此列，视为是",
        "parameters": "参数",
        "verified": {True: "已核实", False: "未核实"},
        "clears": "怎样才会解除",
        "nothing": "规则所用的任何单项都不足以解除",
        "settles": "怎样才能作出判断",
        "unverified": "未核实",
        "verdicts": {"yes": "是", "no": "否", "cannot_tell": "无法判断"},
        "no_line": "缺少参数，不作判断",
        "open": "（",
        "close": "）",
        "or_more": "{}或更多",
        "or_less": "{}或更少",
        "unknown": "未知",
        "between": "{}至{}",
        "colon": "：",
        "comma": "，",
        "stop": "；",
    },
}


def as_text(content: Json, language: str) -> str:
    """The whole explanation. Raises ValueError for a language that is not there."""
    if language not in WORDS:
        raise ValueError(f"there is no language '{language}'; use one of {', '.join(WORDS)}")
    return "\n".join(_Page(content, language).lines()) + "\n"


class _Page:
    def __init__(self, content: Json, language: str) -> None:
        self.content = content
        self.language = language
        self.words = WORDS[language]

    def said(self, texts: dict[str, str]) -> str:
        return texts[self.language]

    def lines(self) -> Iterator[str]:
        verdict = self.content["verdict"]
        yield self.said(verdict["headline"])
        yield self.said(verdict["why"])
        yield ""
        yield from self.head()
        for title, section in (
            ("derived", self.derived()),
            ("conditions", self.conditions()),
            ("classes", self.rules("classes")),
            ("clues", self.rules("clues")),
            ("vetoes", self.vetoes()),
            ("values", self.values()),
            ("counted", self.members()),
            ("parameters", self.parameters()),
            ("clears", self.clears()),
            ("settles", self.settles()),
            ("unverified", (f"  {self.said(one['label'])}" for one in self.content["unverified"])),
        ):
            found = list(section)
            if found:
                yield ""
                yield self.words[title]
                yield from found

    def head(self) -> Iterator[str]:
        words, book = self.words, self.content["rulebook"]
        area = self.bracket(f"{words['area']} {self.content['area']}") if self.content["area"] else ""
        yield f"{words['household']} {self.content['household']}{area}, {words['as_of']} {self.content['as_of']}"
        marked = f", {words['synthetic']}" if book["synthetic"] else ""
        name = f"{book['id']}, {words['version']} {book['version']}, {book['hash'][:12]}{marked}"
        yield f"{words['rulebook']}{words['colon']}{self.said(book['title'])}{self.bracket(name)}"
        if self.content["window"]:
            yield f"{words['window']}{words['colon']}{' – '.join(self.content['window'])}"

    def bracket(self, text: str) -> str:
        return f"{self.words['open']}{text}{self.words['close']}"

    # --- figures ---

    def figure(self, figure: Json) -> str:
        if figure["value"] is not None:
            return grouped(figure["value"])
        ends = [grouped(figure["lo"]), grouped(figure["hi"])]
        open_below, open_above = (abs(Fraction(figure[end])) >= BEYOND for end in ("lo", "hi"))
        if open_below and open_above:
            return str(self.words["unknown"])
        if open_above:
            return str(self.words["or_more"].format(ends[0]))
        if open_below:
            return str(self.words["or_less"].format(ends[1]))
        return str(self.words["between"].format(*ends))

    def persons(self, figure: Json) -> str:
        one, several = self.words["persons"]
        return str((one if figure["value"] == "1" else several).format(self.figure(figure)))

    def derived(self) -> Iterator[str]:
        for one in self.content["derived"]:
            yield f"  {self.said(one['label'])}"
            for part in one["parts"]:
                sign = "-" if part["sign"] < 0 else "+"
                times = self.bracket(f"x {part['factor']}") if part["factor"] != "1" else ""
                origin = self.origin(part) if part["kind"] == "fact" else ""
                yield f"    {sign} {self.figure(part['amount']):>12}  {self.said(part['label'])}{times}{origin}"
            yield f"    = {self.figure(one['total']):>12}  {self.said(one['label'])}"
            if one["per_person"] is not None:
                about = self.words["about"] if one["per_person"]["rounded"] else ""
                each = about + self.figure(one["per_person"])
                yield "      " + self.words["persons_each"].format(
                    persons=self.persons(one["persons"]), each=each
                )

    def origin(self, value: Json) -> str:
        """Day and source of a value, or that it is missing or stale."""
        words = self.words
        if value["status"] == "missing":
            return self.bracket(words["missing"])
        parts = [part for part in (value["day"], value["source"]) if part]
        if value["status"] == "stale":
            parts.append(f"{words['stale']} {value['stale_since'] or '?'}")
        return self.bracket(words["comma"].join(parts)) if parts else ""

    # --- rules ---

    def conditions(self) -> Iterator[str]:
        for one in self.content["conditions"]:
            yield from self.verdict(one["reason"], self.said(one["label"]), self.said(one["reason"]["says"]))
            yield from self.comparisons(one["reason"])

    def verdict(self, reason: Json, label: str, says: str) -> Iterator[str]:
        verdict = self.words["verdicts"][reason["verdict"]]
        yield f"  {verdict:<11} {label}" + (f"{self.words['colon']}{says}" if says and says != label else "")

    def comparisons(self, reason: Json) -> Iterator[str]:
        """The numbers really compared, each on its line."""
        if reason["kind"] == "comparison" and reason["compared"] is not None:
            yield f"              {self.comparison(reason)}"
        if reason["kind"] == "comparison" and reason["missing_parameters"]:
            yield f"              {self.words['no_line']}"
        for below in reason.get("of", ()):
            yield from self.comparisons(below)

    def comparison(self, reason: Json) -> str:
        compared = reason["compared"]
        sides = {side: self.figure(compared[side]) for side in ("left", "right")}
        times = reason["times_persons"]
        if times:
            factor = self.figure(reason[times]["figure"])
            sides[times] = f"{factor} x {self.figure(reason['persons'])} = {sides[times]}"
        verdict = self.words["verdicts"][reason["verdict"]]
        return f"{sides['left']} {compared['operator']} {sides['right']}{self.words['colon']}{verdict}"

    def rules(self, section: str) -> Iterator[str]:
        for one in self.content[section]:
            yield from self.verdict(one["reason"], self.said(one["label"]), self.said(one["why"]))
            yield from self.comparisons(one["reason"])

    def vetoes(self) -> Iterator[str]:
        for one in self.content["vetoes"]:
            yield from self.verdict(one["reason"], self.said(one["label"]), self.said(one["why"]))
            if one["reason"]["verdict"] == "yes":
                named = [
                    self.said(each["label"]) for each in one["exceptions"] if each["id"] in one["excepted_by"]
                ]
                listed = self.words["excepted"] + self.words["colon"] + self.words["comma"].join(named)
                yield f"              {listed if named else self.words['not_excepted']}"

    # --- values ---

    def value(self, value: Json) -> str:
        shown = value["said"] or value["stale_said"]
        text = self.said(shown) if shown else self.words["missing"]
        return f"{self.said(value['label'])}{self.words['colon']}{text}{self.origin(value) if shown else ''}"

    def values(self) -> Iterator[str]:
        for value in self.content["values"]:
            yield f"  {self.value(value)}"

    def members(self) -> Iterator[str]:
        persons = self.content["persons"]
        if not persons["used"]:
            return
        yield f"  {self.persons(persons)}{self.words['colon']}{self.said(persons['said'])}"
        for row in self.content["members"]:
            counts = self.words["counts"][row["counted"]]
            yield f"  {self.words['member']} {row['id']}{self.words['colon']}{counts}{self.bracket(self.said(row['why']))}"
            assumed = [self.said(one["label"]) for one in row["values"] if one["assumed"]]
            if assumed:
                yield f"    {self.words['assumed']}{self.words['colon']}{self.words['comma'].join(assumed)}"
            for value in row["values"]:
                if not value["assumed"]:
                    yield f"    {self.value(value)}"

    def parameters(self) -> Iterator[str]:
        for one in self.content["parameters"]:
            if one["missing"] is not None:
                yield f"  {self.said(one['missing'])}"
                continue
            asked = [
                part
                for part in (self.said(one["key_label"]) if one["key_label"] else None, one["period"])
                if part
            ]
            until = "" if one["value"] == one["to"] else f" – {grouped(one['to'])}"
            origin = [one["source"], self.words["verified"][one["verified"]]]
            name = self.words["comma"].join([self.said(one["label"]), *asked])
            yield (
                f"  {name}{self.words['colon']}{self.said(one['said'])}{until}"
                f"{self.bracket(self.words['stop'].join(part for part in origin if part))}"
            )

    # --- what next ---

    def clears(self) -> Iterator[str]:
        for one in self.content["clears"]:
            yield f"  {self.said(one['label'])}"
            for alternative in one["alternatives"]:
                yield f"    - {self.said(alternative['said'])}"
            if not one["alternatives"]:
                yield f"    - {self.words['nothing']}"

    def settles(self) -> Iterator[str]:
        for one in self.content["settles"]:
            yield f"  {self.said(one['label'])}"
            for gap in one["gaps"]:
                yield f"    - {self.said(gap['said'])}"
