"""Rules as sentences: natural in English and Chinese, and never saying what is not the case."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from highground.methods.facts import load_dictionary
from highground.methods.rules import Rulebook, expressions, list_rulebooks
from highground.methods.rules.judging import judge
from highground.methods.rules.rulebook import Expression
from highground.methods.rules.sentences import LANGUAGES, say, say_not, say_number, say_with
from highground.methods.rules.sentences.amounts import amount, grouped, plain, rounded
from highground.methods.rules.sentences.phrases import phrases
from highground.methods.rules.tree import Compare, Number, NumberFact, Truth
from tests.methods.rules.households import CASE_3, CONTENT, FOUR, book, expression_book, record

BOOK = book()
DICTIONARY = load_dictionary()


def class_of(text: str) -> tuple[Rulebook, Expression]:
    rules = expression_book(asked=text)
    return rules, rules.classes[0].expression


def said(text: str, language: str = "en") -> str:
    rules, expression = class_of(text)
    return say(expression, rules, language)


def said_with(text: str, facts: dict[str, Any], members: Any = (), language: str = "en", **more: Any) -> str:
    rules, expression = class_of(text)
    return say_with(expression, record(rules, facts, members, **more), rules, language)


# --- numbers as people write them ---


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(0), "0"),
        (Fraction(-5, 4), "-1.25"),
        (Fraction(12345678, 1000), "12345.678"),
        (Fraction(1, 8), "0.125"),
        (Fraction(1, 3), "1/3"),
        (100, "100"),
        (Fraction(-1, 1000), "-0.001"),
    ],
)
def test_plain_numbers_are_exact(value: Fraction, expected: str) -> None:
    assert plain(value) == expected
    assert Fraction(expected) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1234567.5", "1,234,567.5"), ("-1000", "-1,000"), ("-0.5", "-0.5"), ("1/3", "1/3")],
)
def test_thousands_are_grouped(text: str, expected: str) -> None:
    assert grouped(text) == expected


def test_rounding_is_half_away_from_zero_and_says_when_it_rounds() -> None:
    assert rounded(Fraction(5, 2), 0) == (3, True)
    assert rounded(Fraction(-5, 2), 0) == (-3, True)
    assert rounded(Fraction(10), 2) == (10, False)


@pytest.mark.parametrize(
    ("currency", "value", "english", "chinese"),
    [
        ("CNY", 830000, "8,300 yuan", "8,300元"),
        ("CNY", 830050, "8,300.50 yuan", "8,300.50元"),
        ("CNY", Fraction(10001, 3), "about 33.34 yuan", "约33.34元"),
        ("VND", 1500000, "1,500,000 dong", "1,500,000越南盾"),
        ("BDT", 350000, "3,500 taka", "3,500塔卡"),
        ("THB", -10000000, "-100,000 THB", "-100,000 THB"),
    ],
)
def test_amounts_carry_the_name_of_their_currency(
    currency: str, value: Fraction, english: str, chinese: str
) -> None:
    rules = book(currency=currency)
    assert [amount(value, rules, language, money=True) for language in LANGUAGES] == [english, chinese]


# --- what a rule asks ---


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        (
            "per_person(net_income) <= monitoring_line",
            "net income per person is at most the monitoring line",
            "人均纯收入不高于监测线",
        ),
        (
            "NOT per_person(net_income) <= monitoring_line",
            "net income per person is above the monitoring line",
            "人均纯收入高于监测线",
        ),
        (
            "per_person(income_wage_12m) < 1.5 * monitoring_line",
            "wage income per person is below 1.5 times the monitoring line",
            "人均工资性收入低于监测线的1.5倍",
        ),
        (
            "monitoring_line < out_of_pocket_12m * 2",
            "out-of-pocket spending is above 50% of the monitoring line",
            "合规自付支出高于监测线的50%",
        ),
        (
            "income_wage_12m + claims_12m - (cost_business_12m + out_of_pocket_12m) >= 5000",
            (
                "wage income plus claims paid minus (farm and business costs plus out-of-pocket spending)"
                " is at least 5,000 yuan"
            ),
            "工资性收入加理赔收入减（生产经营性支出加合规自付支出）不低于5,000元",
        ),
        ("household_size <> 3", "household size differs from 3", "家庭人口数不等于3"),
        ("persons > 2", "the number of persons is above 2", "家庭人口数多于2"),
        (
            "(stratum = 'rural' AND NOT urban_registration) OR relocated",
            "the household lives in a rural place and is not registered as urban, or was relocated",
            "该户（居住在农村且不是城镇户籍），或为易地搬迁户",
        ),
        (
            "owns_car AND (relocated OR dwelling_unsafe)",
            "the household owns a car, and either the household was relocated or the dwelling is unsafe",
            "该户拥有小轿车，且（该户为易地搬迁户，或住房不安全）",
        ),
        (
            "NOT (owns_car OR relocated)",
            "the household owns no car and was not relocated",
            "该户没有小轿车且不是易地搬迁户",
        ),
        (
            "household_type IN ('ordinary', 'lifted_out')",
            "the household is an ordinary household or was lifted out of registered poverty",
            "该户为一般农户，或为脱贫户",
        ),
        ("has(risks, 'illness')", "illness is among the risks", "返贫致贫风险包括“因病”"),
        ("is_empty(risks)", "the household has no risk on record", "该户没有已记录的风险"),
        (
            "any_member(school_status = 'out_of_school' AND age >= 6 AND age < 16)",
            "a member is 6 to 15 years old and is out of school",
            "有成员为6至15周岁且失学辍学",
        ),
        ("NOT any_member(age < 16)", "no member is under 16 years old", "没有成员不满16周岁"),
        (
            "any_member(NOT medical_insurance)",
            "a member has no medical insurance",
            "有成员未参加基本医疗保险",
        ),
        (
            "all_members(medical_insurance)",
            "every member has medical insurance",
            "每名成员都已参加基本医疗保险",
        ),
        (
            "NOT all_members(medical_insurance)",
            "a member has no medical insurance",
            "有成员未参加基本医疗保险",
        ),
        (
            "count_members(health_status = 'severe' OR age > 60) >= 2",
            "at least 2 members are severely ill or are over 60 years old",
            "至少有2名成员患大病，或超过60周岁",
        ),
        (
            "count_members(lives_with AND shares_budget) < 1",
            "fewer than 1 member lives with the household and shares the budget",
            "不足1名成员与家庭共同居住且与家庭共享收支",
        ),
        (
            "share_members(labour = 'none') > 0.25",
            "more than 25% of the members are unable to work",
            "超过25%的成员无劳动能力",
        ),
        (
            "any_member(work_months_away >= 6)",
            "a member has months worked away of at least 6",
            "有成员外出务工月数不少于6",
        ),
        (
            "sum_members(work_months_away) >= 12",
            "months worked away of all members together is at least 12",
            "全体成员外出务工月数合计不少于12",
        ),
        (
            "count_true(deprived_water, deprived_toilet, deprived_waste) >= 2",
            (
                "at least 2 of these 3 hold (the household lacks safe water; lacks a hygienic toilet;"
                " lacks waste collection)"
            ),
            "3项中至少有2项成立（该户缺少安全用水；缺少卫生厕所；缺少垃圾收集处理）",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(text: str, english: str, chinese: str) -> None:
    assert said(text) == english
    assert said(text, "zh") == chinese


def test_a_named_condition_is_said_by_its_label_and_its_opposite_by_what_is_the_case() -> None:
    text = "in_scope AND NOT net_within AND at_risk"
    assert said(text) == (
        "the household is in scope, net income per person is above the monitoring line,"
        " and a risk weighs on the household"
    )
    assert said("NOT in_scope") == "it is not true that the household is in scope"
    assert said("NOT in_scope", "zh") == "并非该户在监测范围内"


def test_the_opposite_of_a_rule() -> None:
    rules, expression = class_of("owns_car AND NOT relocated")
    assert say_not(expression, rules) == "the household owns no car or was relocated"
    assert say_not(expression, rules, "zh") == "该户没有小轿车，或为易地搬迁户"


def test_a_derived_amount_as_a_noun() -> None:
    assert say_number(BOOK.derived["reference_income"].expression, BOOK) == (
        "net income plus claims paid minus out-of-pocket spending"
    )


def test_a_rulebooks_own_facts_are_said_with_their_labels() -> None:
    facts: dict[str, Any] = {
        "electricity": {
            "entity": "household",
            "type": "boolean",
            "label": {"en": "electricity", "zh": "通电"},
        },
        "roof": {
            "entity": "household",
            "type": "category",
            "label": {"en": "roof", "zh": "屋顶"},
            "values": {"straw": {"en": "straw", "zh": "茅草"}},
        },
        "trained": {"entity": "member", "type": "boolean", "label": {"en": "trained", "zh": "受过培训"}},
    }
    rules = book(
        facts=facts,
        classes=[{"id": "one", "when": "NOT electricity AND roof = 'straw' AND any_member(NOT trained)"}],
        conditions={},
        clues=[],
        vetoes=[],
    )
    asked = rules.classes[0].expression
    assert say(asked, rules) == (
        "“electricity” does not apply, roof is “straw”, and a member is not marked “trained”"
    )
    assert say(asked, rules, "zh") == "“通电”为否，屋顶为“茅草”，且有成员“受过培训”为否"


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"'fr'.*en, zh"):
        say(Truth(0, 0, True), BOOK, "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_expression_of_every_shipped_rulebook_can_be_said(language: str) -> None:
    for rules in list_rulebooks():
        for where, expression in expressions(rules).items():
            texts = [say_number(expression, rules, language)] if expression.bounds else []
            if not expression.bounds:
                texts = [say(expression, rules, language), say_not(expression, rules, language)]
                assert texts[0] != texts[1], where
            for text in texts:
                opening, closing = ("(", ")") if language == "en" else ("（", "）")
                assert text.count(opening) == text.count(closing), text
                assert not re.search(r"_|None|  |\bis is\b|，，", text), text


# --- the phrases themselves ---


def test_every_boolean_and_every_category_value_of_the_dictionary_has_its_phrase() -> None:
    wanted = set()
    for fact in DICTIONARY.values():
        if not fact.in_rules:
            continue  # no rule reads it, so nothing is ever said of it
        if fact.type == "boolean":
            wanted.add(fact.name)
        elif fact.type == "category":
            wanted |= {f"{fact.name}={value}" for value in fact.values}
        elif fact.type == "list":
            wanted.add(f"{fact.name}=[]")
    assert set(phrases()) == wanted


def test_phrases_say_two_different_things_and_only_members_lack_a_subject() -> None:
    verbs = {"is", "was", "has", "lacks", "owns", "lives", "shares", "does", "uses"}
    for key, by_language in phrases().items():
        assert set(by_language) == set(LANGUAGES)
        for language, (subject, so, not_so) in by_language.items():
            assert so and not_so and so != not_so, key
            assert bool(subject) == (DICTIONARY[key.split("=")[0]].entity == "household"), key
            if language == "en":
                assert {so.split()[0], not_so.split()[0]} <= verbs, key


# --- with a household's values ---


def test_fact_3_is_said_with_its_figures() -> None:
    one = record(BOOK, CASE_3, FOUR)
    assert say_with(BOOK.classes[2].expression, one, BOOK) == (
        "the household is in scope,"
        " net income per person of 10,000 yuan is above the monitoring line of 8,300 yuan,"
        " reference income per person of 5,500 yuan is at most the monitoring line of 8,300 yuan,"
        " and a risk weighs on the household"
    )
    assert say_with(BOOK.classes[2].expression, one, BOOK, "zh") == (
        "该户在监测范围内，人均纯收入10,000元高于监测线8,300元，人均参考收入5,500元不高于监测线8,300元，且该户存在风险"
    )


def test_a_failed_rule_says_only_what_fails() -> None:
    one = record(BOOK, {**CASE_3, "out_of_pocket_12m": 2000}, FOUR)
    assert say_with(BOOK.classes[2].expression, one, BOOK) == (
        "reference income per person of 10,500 yuan is above the monitoring line of 8,300 yuan"
    )


def test_what_cannot_be_told_says_so() -> None:
    one = record(BOOK, {**CASE_3, "claims_12m": None}, FOUR)
    assert say_with(BOOK.classes[2].expression, one, BOOK) == (
        "it cannot be told whether reference income is within the line"
    )
    assert said_with("relocated", {}, language="zh") == "无法判断“该户为易地搬迁户”是否成立"


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("NOT dwelling_unsafe", {"dwelling_unsafe": True}, "the dwelling is unsafe"),
        ("owns_car OR relocated", {"owns_car": False, "relocated": True}, "the household was relocated"),
        (
            "owns_car OR relocated",
            {"owns_car": False, "relocated": False},
            "the household owns no car and was not relocated",
        ),
        ("household_size <= 3", {"household_size": 4}, "household size of 4 is above 3"),
        (
            "per_person(income_wage_12m) > 33",
            {"income_wage_12m": 100, "household_size": 3},
            "wage income per person of about 33.33 yuan is above 33 yuan",
        ),
        (
            "2 * out_of_pocket_12m > 3 * monitoring_line",
            {"out_of_pocket_12m": 12450.01},
            "out-of-pocket spending of 12,450.01 yuan is above 1.5 times the monitoring line (12,450 yuan)",
        ),
        (
            "per_person(income_wage_12m + claims_12m) >= 10",
            {"income_wage_12m": 20, "household_size": 1},
            "(wage income plus claims paid) per person (at least 20 yuan) is at least 10 yuan",
        ),
        (
            "count_true(owns_car, relocated, dwelling_unsafe) >= 2",
            {"owns_car": True, "relocated": True, "dwelling_unsafe": False},
            "at least 2 of these 3 hold (2: the household owns a car; was relocated)",
        ),
        (
            "count_true(owns_car, relocated, dwelling_unsafe) >= 2",
            {"owns_car": False, "relocated": False, "dwelling_unsafe": None},
            "fewer than 2 of these 3 hold (0; not known: the dwelling is unsafe)",
        ),
    ],
)
def test_values_stand_beside_what_they_are_compared_with(
    text: str, facts: dict[str, Any], expected: str
) -> None:
    assert said_with(text, facts) == expected


def test_a_count_that_cannot_be_told_lists_only_what_holds_and_what_is_not_known() -> None:
    text = "count_true(owns_car, relocated, dwelling_unsafe) >= 2"
    facts = {"owns_car": True, "relocated": False}
    assert said_with(text, facts) == (
        "it cannot be told whether at least 2 of these 3 hold"
        " (1: the household owns a car; not known: the dwelling is unsafe)"
    )
    assert said_with(text, facts, language="zh") == (
        "无法判断“3项中至少有2项成立（1：该户拥有小轿车；未知：住房不安全）”是否成立"
    )


def test_members_are_named_where_the_rule_is_about_them() -> None:
    rows = [{"id": "7", "medical_insurance": True}, {"id": "8", "medical_insurance": False}]
    assert (
        said_with("any_member(NOT medical_insurance)", {}, rows)
        == "a member has no medical insurance (member 8)"
    )
    assert (
        said_with("any_member(NOT medical_insurance)", {}, rows, "zh") == "有成员未参加基本医疗保险（成员8）"
    )
    assert (
        said_with("all_members(medical_insurance)", {}, rows)
        == "a member has no medical insurance (member 8)"
    )
    assert said_with("count_members(medical_insurance) >= 1", {}, rows) == (
        "at least 1 member has medical insurance (1 of 2)"
    )
    assert said_with("share_members(medical_insurance) > 0.5", {}, rows) == (
        "at most 50% of the members have medical insurance (1 of 2)"
    )
    insured = [{**row, "medical_insurance": True} for row in rows]
    assert said_with("any_member(NOT medical_insurance)", {}, insured) == "every member has medical insurance"


def test_a_comparison_that_rests_on_one_end_of_a_range_names_that_end() -> None:
    node = Compare(
        0, 0, "<=", NumberFact(0, 0, "out_of_pocket_12m", False, True), Number(0, 0, Fraction(10**14), True)
    )
    assert say_with(node, record(BOOK, {}), BOOK) == (
        "out-of-pocket spending of at most 1,000,000,000,000 yuan is at most 1,000,000,000,000 yuan"
    )


def test_what_is_said_follows_the_oracle_for_every_shipped_example() -> None:
    for rules in list_rulebooks():
        for example in rules.examples:
            facts = {name: value for name, value in example.household.items() if name in rules.dictionary}
            one = record(rules, facts, as_of=example.as_of, province=example.household.get("province"))
            judgement = judge(one, rules)
            for name, truth in judgement.conditions.items():
                text = say_with(rules.conditions[name].expression, one, rules)
                assert text.startswith("it cannot be told") == (not truth.known), (rules.id, example.id, text)


def test_the_small_rulebook_stays_in_the_shape_of_the_shipped_one() -> None:
    """The figures above speak for cn-2021 only while the two agree on the arithmetic."""
    shipped = next(rules for rules in list_rulebooks() if rules.id == "cn-2021")
    for name in ("net_income", "reference_income"):
        assert CONTENT["derived"][name]["expression"] == shipped.derived[name].expression.text
