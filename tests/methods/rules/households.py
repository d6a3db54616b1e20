"""A small rulebook in the shape of China's of 2021, and households written down as a person would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from highground.methods.rules import Rulebook, read_rulebook
from highground.methods.rules.parameters import look_up
from highground.methods.rules.record import Known, Member, Record, Value

AS_OF = date(2024, 6, 30)

CONTENT: dict[str, Any] = {
    "id": "small-cn",
    "version": "1",
    "title": {"en": "A small rulebook", "zh": "小规则"},
    "country": "CN",
    "currency": "CNY",
    "assessed": {"from": "2021-05-01", "to": "2025-12-31"},
    "sources": [{"id": "notice", "title": "Notice of 2024", "verified": True}],
    "income_window": {"months": 12},
    "counted": {
        "label": {"en": "people on the register who share the budget", "zh": "在册且共享收支的人员"},
        "expression": "shares_budget AND (on_register OR lives_with)",
    },
    "parameters": {
        "monitoring_line": {
            "label": {"en": "monitoring line", "zh": "监测线"},
            "type": "money",
            "by": ["province"],
            "period": "year",
            "maximum": 100000,
            "rows": [
                {"key": "CN-NM", "period": "2024", "value": 8300, "source": "notice", "verified": True},
                {"key": "CN-JX", "period": "2024", "value": 8500, "source": "notice", "verified": False},
            ],
        },
        "line_by_place": {
            "label": {"en": "line for the place", "zh": "城乡线"},
            "type": "money",
            "by": ["stratum"],
            "maximum": 10000,
            "rows": [{"key": "rural", "value": 1500}, {"key": "urban", "value": 2000}],
        },
    },
    "derived": {
        "net_income": {
            "label": {"en": "net income", "zh": "纯收入"},
            "expression": "income_wage_12m + income_business_12m - cost_business_12m"
            " + income_property_12m + income_transfer_12m",
        },
        "reference_income": {
            "label": {"en": "reference income", "zh": "参考收入"},
            "expression": "net_income + claims_12m - out_of_pocket_12m",
            "verified": False,
        },
    },
    "conditions": {
        "in_scope": {
            "label": {"en": "the household is in scope", "zh": "该户在监测范围内"},
            "expression": "(stratum = 'rural' AND NOT urban_registration) OR relocated",
        },
        "net_within": {
            "label": {"en": "net income is within the line", "zh": "纯收入在监测线以内"},
            "expression": "per_person(net_income) <= monitoring_line",
        },
        "reference_within": {
            "label": {"en": "reference income is within the line", "zh": "参考收入在监测线以内"},
            "expression": "per_person(reference_income) <= monitoring_line",
        },
        "at_risk": {
            "label": {"en": "a risk weighs on the household", "zh": "该户存在风险"},
            "expression": "NOT is_empty(risks)",
        },
        "child_out": {
            "label": {
                "en": "a child of compulsory-school age is out of school",
                "zh": "有义务教育阶段儿童失学辍学",
            },
            "expression": "any_member(age >= 6 AND age < 16 AND school_status = 'out_of_school')",
        },
    },
    "classes": [
        {
            "id": "unstable_lifted_out",
            "label": {"en": "unstable lifted-out household", "zh": "脱贫不稳定户"},
            "when": "in_scope AND household_type = 'lifted_out' AND net_within AND reference_within AND at_risk",
            "severity": "high",
        },
        {
            "id": "marginal",
            "label": {"en": "marginal household at risk of poverty", "zh": "边缘易致贫户"},
            "when": "in_scope AND household_type = 'ordinary' AND net_within AND reference_within AND at_risk",
            "severity": "high",
        },
        {
            "id": "sudden_severe",
            "label": {"en": "household in sudden severe difficulty", "zh": "突发严重困难户"},
            "when": "in_scope AND NOT net_within AND reference_within AND at_risk",
            "severity": "high",
        },
    ],
    "clues": [
        {
            "id": "dwelling_unsafe",
            "label": {"en": "unsafe dwelling", "zh": "住房安全"},
            "when": "dwelling_unsafe",
        },
        {
            "id": "child_out_of_school",
            "label": {"en": "a child out of school", "zh": "失学辍学"},
            "when": "child_out",
        },
        {
            "id": "no_medical_insurance",
            "label": {"en": "a member without medical insurance", "zh": "未参保"},
            "when": "any_member(NOT medical_insurance)",
        },
    ],
    "vetoes": [
        {
            "id": "car",
            "label": {"en": "owns a car", "zh": "拥有小轿车"},
            "when": "owns_car",
            "except": [
                {
                    "id": "shock",
                    "label": {"en": "a sudden illness, disaster or accident", "zh": "突发疾病、灾害或事故"},
                    "when": "has(risks, 'illness') OR has(risks, 'disaster') OR has(risks, 'accident')",
                }
            ],
        }
    ],
}


def book(**changes: Any) -> Rulebook:
    """The small rulebook, with sections replaced by `changes`."""
    return read_rulebook({**CONTENT, **changes}, origin="small-cn.yaml")


def expression_book(**named: str) -> Rulebook:
    """The small rulebook with its conditions and classes replaced by one class per expression."""
    classes = [{"id": name, "label": name.replace("_", " "), "when": when} for name, when in named.items()]
    return book(classes=classes, clues=[], vetoes=[])


def minor(name: str, value: Any, rules: Rulebook) -> Value:
    """A value as the engines keep it: money in minor units, lists as tuples."""
    if value is None:
        return None
    if rules.dictionary[name].type == "money":
        return int(value * 10**rules.minor_digits)
    return tuple(value) if isinstance(value, list) else value  # type: ignore[no-any-return]


def record(
    rules: Rulebook,
    facts: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]] = (),
    *,
    province: str | None = "CN-NM",
    as_of: date = AS_OF,
    known: Mapping[str, Known] | None = None,
    household: str = "H1",
) -> Record:
    """A household with amounts in major units. A member has an `id`; its `shares_budget` and the like are
    assumed true where they are not given."""
    assumed = {"on_register": True, "lives_with": True, "shares_budget": True}
    rows = []
    for index, member in enumerate(members):
        given = {name: value for name, value in member.items() if name != "id"}
        rows.append(
            Member(
                str(member.get("id", index + 1)),
                {**assumed, **{name: minor(name, value, rules) for name, value in given.items()}},
                {name: Known(assumed=True) for name in assumed if name not in given},
            )
        )
    keys = {"province": province, "city": None, "county": None}
    keys |= {
        one: facts.get(one)
        for parameter in rules.parameters.values()
        for one in parameter.by
        if one not in keys
    }
    return Record(
        household=household,
        as_of=as_of,
        facts={name: minor(name, value, rules) for name, value in facts.items()},
        members=tuple(rows),
        parameters={name: look_up(one, as_of, keys) for name, one in rules.parameters.items()},
        area="150100",
        known=known or {},
    )


# Fact 3 of the research: net 40,000 for four persons, reference 22,000.
CASE_3: dict[str, Any] = {
    "household_type": "ordinary",
    "stratum": "rural",
    "urban_registration": False,
    "relocated": False,
    "income_wage_12m": 30000,
    "income_business_12m": 12000,
    "cost_business_12m": 5000,
    "income_property_12m": 1000,
    "income_transfer_12m": 2000,
    "claims_12m": 4000,
    "out_of_pocket_12m": 22000,
    "risks": ["illness"],
    "dwelling_unsafe": False,
    "owns_car": False,
}
FOUR = tuple(
    {
        "id": f"M{number}",
        "birth_date": born,
        "school_status": status,
        "medical_insurance": True,
    }
    for number, (born, status) in enumerate(
        [
            (date(1980, 3, 1), "completed"),
            (date(1982, 7, 1), "completed"),
            (date(2012, 2, 29), "in_school"),
            (date(2020, 7, 1), "not_school_age"),
        ],
        start=1,
    )
)
