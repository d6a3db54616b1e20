"""A procedure in words: what each step asks for, and what a pack changes of it, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from highground.methods.rules.procedure.graph import (
    DISCOVERY,
    Effect,
    Pack,
    Phase,
    Procedure,
    Step,
    Text,
    Unit,
    Within,
)

PHASES: Mapping[Phase, Text] = {
    Phase.RECOGNITION: {"en": "From discovery to recognition", "zh": "从发现到认定"},
    Phase.SUPPORT: {"en": "Support", "zh": "帮扶"},
    Phase.EXIT: {"en": "Exit", "zh": "退出"},
}

_ENGLISH_UNITS = {
    Unit.CALENDAR: ("day", "days"),
    Unit.WORKING: ("working day", "working days"),
    Unit.MONTHS: ("month", "months"),
}
_CHINESE_UNITS = {Unit.CALENDAR: "天", Unit.WORKING: "个工作日", Unit.MONTHS: "个月"}
_SAID: Mapping[str, Mapping[str, str]] = {
    "en": {
        "within": "within {time} after “{since}”",
        "discovered": "within {time} of discovery",
        "visitors": "at least {number} visitors",
        "quorum": "at least {share} of those entitled must be there",
        "notice": "hangs for at least {time}",
        "repeats": "again after {days} days",
        "only_if": "only if “{step}” ends with: {outcome}",
        "after": "after: {steps}",
        "others": "by somebody who had no hand in it",
        "back": "can go back to: {step}",
        "close": "can end the case",
        "keep": "can keep the household monitored",
        "expedited": "help first, up to {limit}, for {risks}; made good within {time}",
        "roles": "taken by {roles}",
        "requires": "comes after {steps}",
        "parallel": "may run beside {steps}",
        "not_by": "not by those who took {steps}",
        "nothing": "nothing",
        "not_verified": "{text} (not verified)",
    },
    "zh": {
        "within": "“{since}”后{time}内",
        "discovered": "发现后{time}内",
        "visitors": "至少{number}人入户",
        "quorum": "应到人数的{share}以上到会",
        "notice": "公示不少于{time}",
        "repeats": "此后每隔{days}天",
        "only_if": "仅当“{step}”为：{outcome}",
        "after": "在此之后：{steps}",
        "others": "由未参与前面步骤的人办理",
        "back": "可退回：{step}",
        "close": "可在此结案",
        "keep": "可决定继续监测",
        "expedited": "可先行救助，限额{limit}，限{risks}；{time}内补办",
        "roles": "办理人：{roles}",
        "requires": "在{steps}之后",
        "parallel": "可与{steps}同时进行",
        "not_by": "办理过{steps}的人不得办理",
        "nothing": "无",
        "not_verified": "{text}（未核实）",
    },
}


@dataclass(frozen=True)
class Line:
    """One thing that a step asks for. `kind`: deadline, check, back, end, after, or empty for the rest."""

    text: str
    kind: str = ""
    verified: bool = True


class Words:
    """A procedure said in one language; `roles` are what the office calls its roles, `risks` the risks."""

    def __init__(
        self,
        procedure: Procedure,
        language: str = "en",
        *,
        roles: Mapping[str, str] | None = None,
        risks: Mapping[str, str] | None = None,
    ) -> None:
        self.procedure, self.language = procedure, language
        self.roles, self.risks = roles or {}, risks or {}

    def label(self, text: Text) -> str:
        """A label of the rulebook in this language."""
        return text.get(self.language) or next(iter(text.values()))

    def title(self, name: str) -> str:
        """What a step is called; its id where the procedure does not know it."""
        known = self.procedure.steps.get(name)
        return self.label(known.label) if known else name

    def titles(self, names: Iterable[str]) -> str:
        """Several steps."""
        return self._join([self.title(name) for name in names])

    def taken_by(self, step: Step) -> str:
        """Who may take the step."""
        return self._join([self.roles.get(name, name.replace("_", " ")) for name in step.roles])

    def time(self, number: int, unit: Unit) -> str:
        """So many days, working days or months."""
        if self.language == "zh":
            return f"{number}{_CHINESE_UNITS[unit]}"
        one, many = _ENGLISH_UNITS[unit]
        return f"{number} {one if number == 1 else many}"

    def within(self, within: Within) -> str:
        """A deadline."""
        time = self.time(within.days, within.unit)
        if within.since == DISCOVERY:
            return self._say("discovered", time=time)
        return self._say("within", time=time, since=self.title(within.since))

    def lines(self, step: Step) -> Iterator[Line]:
        """What the step asks for besides its place in the graph, the deadline first."""
        if step.within:
            yield Line(self.within(step.within), "deadline", step.within.verified)
        if step.notice_days:
            yield Line(
                self._say("notice", time=self.time(step.notice_days, Unit.CALENDAR)),
                "deadline",
                step.verified,
            )
        if step.repeats:
            days = self._join([str(days) for days in step.repeats])
            yield Line(self._say("repeats", days=days), "deadline", step.verified)
        if step.expedited:
            risks = self._join([self.risks.get(name, name) for name in step.expedited.risks])
            good = step.expedited.make_good
            time = self.time(good.days, good.unit)
            text = self._say("expedited", limit=f"{step.expedited.limit:,}", risks=risks, time=time)
            yield Line(text, "deadline", step.expedited.verified and good.verified)
        if step.visitors > 1:
            yield Line(self._say("visitors", number=step.visitors))
        if step.quorum:
            yield Line(self._say("quorum", share=_share(step.quorum)))
        if step.parallel:
            yield Line(self._say("parallel", steps=self.titles(step.parallel)), "after")
        if step.only_if:
            yield Line(self._only_if(step), "after")
        if step.not_by:
            yield Line(self._say("others"), "check")
        back = {outcome.to for outcome in step.outcomes.values() if outcome.to}
        yield from (
            Line(self._say("back", step=self.title(name)), "back")
            for name in self.procedure.steps
            if name in back
        )
        effects = {outcome.effect for outcome in step.outcomes.values()}
        if Effect.CLOSE in effects:
            yield Line(self._say("close"), "end")
        if Effect.KEEP in effects:
            yield Line(self._say("keep"), "back")

    def after(self, step: Step) -> str:
        """The steps of an earlier phase that this one comes after; empty for none."""
        before = [name for name in step.requires if self.procedure.steps[name].phase != step.phase]
        return self._say("after", steps=self.titles(before)) if before else ""

    def not_verified(self, text: str) -> str:
        """A text of which no source says so."""
        return self._say("not_verified", text=text)

    def changes(self, pack: Pack) -> list[Line]:
        """What a pack changes, step by step."""
        found = []
        for name, change in pack.steps.items():
            for key, value in change.items():
                text, verified = self._change(key, value)
                found.append(Line(f"{self.title(name)}: {text}", verified=verified and pack.verified))
        return found

    def _change(self, key: str, value: Any) -> tuple[str, bool]:
        match key:
            case "within":
                unit = Unit(value.get("unit", Unit.CALENDAR))
                within = Within(value["days"], unit, value.get("since", DISCOVERY))
                return self.within(within), bool(value.get("verified", True))
            case "notice_days":
                return self._say("notice", time=self.time(value, Unit.CALENDAR)), True
            case "visitors":
                return self._say("visitors", number=value), True
            case "quorum":
                return self._say("quorum", share=_share(Fraction(str(value)))), True
            case "repeats":
                return self._say("repeats", days=self._join([str(days) for days in value])), True
            case "roles":
                return self._say(
                    "roles", roles=self._join([self.roles.get(name, name) for name in value])
                ), True
            case _:
                return self._say(key, steps=self.titles(value) or self._say("nothing")), True

    def _only_if(self, step: Step) -> str:
        assert step.only_if
        other = self.procedure.steps[step.only_if.step]
        outcome = self.label(other.outcomes[step.only_if.outcome].label)
        return self._say("only_if", step=self.label(other.label), outcome=outcome)

    def _join(self, words: list[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(words)

    def _say(self, key: str, **words: object) -> str:
        return _SAID[self.language][key].format(**words)


def _share(share: Fraction) -> str:
    return f"{share.numerator}/{share.denominator}"
