"""Explanations: complete, honest, and enough to work the verdict out again by hand."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highground.methods.facts import Fact
from highground.methods.rules import Rulebook, list_rulebooks, load_rulebook
from highground.methods.rules.explaining import Explanation, explain
from highground.methods.rules.explaining.values import facts_used
from highground.methods.rules.judging import judge
from highground.methods.rules.record import Known, Record
from tests.methods.rules.households import CASE_3, FOUR, book, expression_book, record
from tests.methods.rules.recomputing import Recomputed

BOOK = book()


def explained(facts: Any, members: Any = FOUR, *, rules: Rulebook = BOOK, **more: Any) -> Explanation:
    return explain(record(rules, facts, members, **more), rules)


def case(**changes: Any) -> dict[str, Any]:
    return {**CASE_3, **changes}


def one(content: dict[str, Any], section: str, name: str, key: str = "id") -> dict[str, Any]:
    return next(entry for entry in content[section] if entry[key] == name)


# --- fact 3, figure by figure ---


def test_the_headline_says_possible_and_the_reason_has_the_figures() -> None:
    verdict = explained(CASE_3).as_dict()["verdict"]
    assert verdict["class"] == "sudden_severe"
    assert verdict["headline"] == {
        "en": "Possible: household in sudden severe difficulty",
        "zh": "疑似：突发严重困难户",
    }
    assert "reference income per person of 5,500 yuan is at most the monitoring line" in verdict["why"]["en"]
    assert verdict["why"]["zh"].endswith("。")


def test_derived_amounts_have_their_parts_their_total_and_their_line() -> None:
    found = one(explained(CASE_3).as_dict(), "derived", "net_income")
    signed = [(part["sign"], part["amount"]["value"], part["name"]) for part in found["parts"]]
    assert signed == [
        (1, "30000", "income_wage_12m"),
        (1, "12000", "income_business_12m"),
        (-1, "5000", "cost_business_12m"),
        (1, "1000", "income_property_12m"),
        (1, "2000", "income_transfer_12m"),
    ]
    assert (found["total"]["value"], found["persons"]["value"]) == ("40000", "4")
    assert (found["per_person"]["value"], found["per_person"]["rounded"]) == ("10000", False)
    line = found["line"]
    assert (line["condition"], line["operator"], line["verdict"]) == ("net_within", "<=", "no")
    assert (line["value"]["value"], line["total"]["value"]) == ("8300", "33200")


def test_a_derived_amount_within_another_can_be_unfolded_to_facts() -> None:
    found = one(explained(CASE_3).as_dict(), "derived", "reference_income")
    assert [part["name"] for part in found["parts"]] == ["net_income", "claims_12m", "out_of_pocket_12m"]
    unfolded = [part["name"] for part in found["unfolded"]]
    assert unfolded[:2] == ["income_wage_12m", "income_business_12m"] and unfolded[-1] == "out_of_pocket_12m"


def test_the_numbers_really_compared_are_whole_and_multiplied() -> None:
    reason = one(explained(CASE_3).as_dict(), "conditions", "net_within")["reason"]
    compared = reason["compared"]
    assert (compared["left"]["value"], compared["operator"], compared["right"]["value"]) == (
        "40000",
        "<=",
        "33200",
    )
    assert (reason["times_persons"], reason["persons"]["value"], reason["verdict"]) == ("right", "4", "no")
    assert "40,000 <= 8,300 x 4 = 33,200: no" in explained(CASE_3).text()


def test_what_is_not_whole_per_person_is_rounded_and_says_so() -> None:
    found = explained(case(income_wage_12m=30000.01), FOUR[:3])
    each = one(found.as_dict(), "derived", "net_income")["per_person"]
    assert (each["value"], each["rounded"]) == ("13333.34", True)
    assert "about 13,333.34 per person" in found.text()


def test_amounts_are_exact_to_the_minor_unit() -> None:
    content = explained(case(income_wage_12m=30000.07)).as_dict()
    assert one(content, "derived", "net_income")["total"]["value"] == "40000.07"


# --- values, members, parameters ---


def test_values_have_their_day_and_source_and_stale_ones_say_since_when() -> None:
    known = {
        "income_wage_12m": Known(day=date(2024, 5, 31), source="visit 12"),
        "dwelling_unsafe": Known(day=date(2022, 6, 29), source="survey", stale=True, stale_value=False),
    }
    found = explained(case(dwelling_unsafe=None), known=known)
    wage = one(found.as_dict(), "values", "income_wage_12m", "fact")
    assert (wage["value"], wage["day"], wage["source"], wage["status"]) == (
        "30000",
        "2024-05-31",
        "visit 12",
        "known",
    )
    dwelling = one(found.as_dict(), "values", "dwelling_unsafe", "fact")
    assert (dwelling["status"], dwelling["value"], dwelling["stale_value"]) == ("stale", None, False)
    assert dwelling["stale_since"] == "2024-06-29"  # fresh for 730 days, so stale from the 731st
    assert "unsafe dwelling is stale since 2024-06-29" in found.text()
    assert "“住房不安全”自2024-06-29起已过期" in found.text("zh")


def test_a_missing_value_is_never_shown_as_zero() -> None:
    found = explained(case(claims_12m=None))
    claims = one(found.as_dict(), "values", "claims_12m", "fact")
    assert (claims["value"], claims["said"], claims["status"]) == (None, None, "missing")
    assert "claims paid: missing" in found.text()
    part = one(found.as_dict(), "derived", "reference_income")["parts"][1]
    assert (part["amount"]["value"], part["status"]) == (None, "missing")


def test_a_missing_amount_and_a_zero_are_told_apart() -> None:
    zero, missing = (
        one(explained(case(claims_12m=given)).as_dict(), "values", "claims_12m", "fact")
        for given in (0, None)
    )
    assert (zero["value"], missing["value"]) == ("0", None)


def test_who_is_counted_and_why_and_what_was_assumed() -> None:
    rows = [*FOUR, {"id": "M5", "shares_budget": False}, {"id": "M6", "shares_budget": None}]
    content = explained(CASE_3, rows).as_dict()
    assert [row["counted"] for row in content["members"]] == ["yes"] * 4 + ["no", "cannot_tell"]
    assert content["members"][0]["assumed"] == ["on_register", "lives_with", "shares_budget"]
    assert content["members"][4]["assumed"] == ["on_register", "lives_with"]
    assert content["members"][4]["why"]["en"] == "does not share the budget"
    assert (content["persons"]["lo"], content["persons"]["hi"], content["persons"]["from"]) == (
        "4",
        "5",
        "members",
    )
    assert "assumed true, as there is no such column" in explained(CASE_3, rows).text()


def test_persons_from_the_households_size_or_from_nothing() -> None:
    given_size = explained(case(household_size=4), ()).as_dict()["persons"]
    assert (given_size["from"], given_size["value"]) == ("household_size", "4")
    nothing = explained(CASE_3, ()).as_dict()["persons"]
    assert (nothing["from"], nothing["value"], nothing["lo"], nothing["hi"]) == ("unknown", None, "1", "100")


def test_persons_are_not_spoken_of_where_no_rule_counts_them() -> None:
    classes = [{"id": "one", "when": "relocated AND household_size > 2"}]
    rules = book(classes=classes, clues=[], vetoes=[], conditions={}, derived={}, parameters={})
    content = explained({"relocated": True, "household_size": 3}, (), rules=rules).as_dict()
    assert content["persons"]["used"] is False
    assert [value["fact"] for value in content["values"]] == ["relocated", "household_size"]
    assert "Who is counted" not in explained({}, (), rules=rules).text()


def test_the_households_size_is_shown_beside_members_only_where_a_rule_names_it() -> None:
    for text, shown in (("persons > 2", False), ("persons > 2 AND household_size > 2", True)):
        content = explained({"household_size": 3}, FOUR, rules=expression_book(one=text)).as_dict()
        assert ("household_size" in [value["fact"] for value in content["values"]]) is shown


def test_the_parameter_row_that_was_used() -> None:
    content = explained(CASE_3, province="CN-JX").as_dict()
    (line,) = content["parameters"]  # the line that no rule reads is not shown
    assert (line["key"], line["period"], line["value"], line["source"]) == (
        "CN-JX",
        "2024",
        "8500",
        "Notice of 2024",
    )
    assert line["verified"] is False
    assert {"kind": "parameter", "id": "monitoring_line", "label": line["label"]} in content["unverified"]


def test_a_missing_parameter_gives_the_reason_and_no_figure() -> None:
    found = explained(CASE_3, province="CN-GX")
    (line,) = found.as_dict()["parameters"]
    assert (line["value"], line["missing"]["zh"]) == (None, "没有CN-GX、2024年的监测线")
    assert "monitoring line" in line["missing"]["en"] and "CN-GX, 2024" in line["missing"]["en"]
    assert found.as_dict()["verdict"]["class_verdict"] == "cannot_tell"
    assert line["missing"]["en"] in found.as_dict()["verdict"]["why"]["en"].replace("No ", "no ")
    reason = one(found.as_dict(), "conditions", "net_within")["reason"]
    assert (reason["compared"], reason["right"]["figure"], reason["missing_parameters"]) == (
        None,
        None,
        ["monitoring_line"],
    )


def test_sensitive_values_are_marked_for_masking() -> None:
    content = explained(CASE_3).as_dict()
    assert one(content, "values", "income_wage_12m", "fact")["sensitive"] is True
    assert one(content, "values", "stratum", "fact")["sensitive"] is False


def test_identity_of_the_rulebook_and_the_income_window() -> None:
    content = explained(CASE_3).as_dict()
    assert (content["rulebook"]["id"], content["rulebook"]["hash"]) == (BOOK.id, BOOK.hash)
    assert content["window"] == ["2023-06-01", "2024-05-31"]
    assert BOOK.hash[:12] in explained(CASE_3).text()


def test_vetoes_stand_beside_the_verdict_with_their_exceptions() -> None:
    found = explained(case(owns_car=True))
    veto = found.as_dict()["vetoes"][0]
    assert (veto["reason"]["verdict"], veto["excepted_by"]) == ("yes", ["shock"])
    assert found.as_dict()["verdict"]["class"] == "sudden_severe"
    assert "excepted by: a sudden illness, disaster or accident" in found.text()
    assert "no exception" in explained(case(owns_car=True, risks=["schooling"])).text()


def test_each_rule_has_its_reason_for_a_list() -> None:
    found = explained(case(dwelling_unsafe=True))
    assert found.why("dwelling_unsafe") == {"en": "The dwelling is unsafe.", "zh": "住房不安全。"}
    assert found.why("marginal")["en"] == (
        "Net income per person of 10,000 yuan is above the monitoring line of 8,300 yuan."
    )
    assert found.verdict == found.as_dict()["verdict"]
    with pytest.raises(KeyError, match="no rule 'nothing'"):
        found.why("nothing")


# --- why not, and why one cannot tell ---


def test_no_class_gives_the_reason_that_all_classes_share() -> None:
    verdict = explained(case(out_of_pocket_12m=2000)).as_dict()["verdict"]
    assert verdict["headline"]["en"] == "No class"
    assert verdict["why"]["en"] == (
        "Reference income per person of 10,500 yuan is above the monitoring line of 8,300 yuan."
    )


def test_no_class_but_a_clue_is_said_so() -> None:
    verdict = explained(case(out_of_pocket_12m=2000, dwelling_unsafe=True)).as_dict()["verdict"]
    assert verdict["headline"]["en"] == "No class, but a clue: unsafe dwelling"


def test_cannot_tell_says_what_would_settle_it_and_nothing_that_would_not() -> None:
    content = explained(case(claims_12m=None, household_type=None, dwelling_unsafe=None)).as_dict()
    assert content["verdict"]["headline"]["en"] == "Cannot tell"
    assert content["verdict"]["why"]["en"] == "Claims paid is missing."
    settles = {entry["id"]: [gap["name"] for gap in entry["gaps"]] for entry in content["settles"]}
    # net income is above the line, so the type of household decides nothing
    assert settles == {None: ["claims_12m"], "dwelling_unsafe": ["dwelling_unsafe"]}


def test_what_settles_reaches_members_and_who_is_counted() -> None:
    rows = [
        {"id": "1", "medical_insurance": None},
        {"id": "2", "shares_budget": None, "medical_insurance": True},
    ]
    rules = expression_book(one="any_member(NOT medical_insurance) AND persons >= 2")
    gaps = explained({}, rows, rules=rules).as_dict()["settles"][0]["gaps"]
    assert [(gap["member"], gap["name"]) for gap in gaps] == [
        ("2", "shares_budget"),
        ("1", "medical_insurance"),
    ]
    assert gaps[1]["said"] == {
        "en": "medical insurance of member 1 is missing",
        "zh": "成员1的“基本医疗保险”缺失",
    }


def test_without_rows_and_size_both_are_asked_for() -> None:
    rules = expression_book(one="any_member(age < 6)", two="per_person(income_wage_12m) < 10")
    gaps = explained({"income_wage_12m": 20}, (), rules=rules).as_dict()["settles"][0]["gaps"]
    assert [(gap["kind"], gap["name"]) for gap in gaps] == [
        ("members", "members"),
        ("fact", "household_size"),
    ]


# --- what would clear it ---


def ways(explanation: Explanation, of: str) -> list[list[dict[str, Any]]]:
    entry = one(explanation.as_dict(), "clears", of)
    return [alternative["steps"] for alternative in entry["alternatives"]]


def test_the_amount_that_is_missing_is_exact() -> None:
    ((step,), *rest) = ways(explained(CASE_3), "sudden_severe")
    assert (step["kind"], step["operator"], step["threshold"], step["now"], step["difference"]) == (
        "amount",
        ">",
        "33200",
        "22000",
        "11200",
    )
    assert step["strict"] is True
    levers = {lever["fact"]: (lever["direction"], lever["amount"]) for lever in step["levers"]}
    assert levers["claims_12m"] == ("more", "11200")
    assert levers["out_of_pocket_12m"] == ("less", "11200")
    assert "cost_business_12m" not in levers  # 5,000 of costs cannot fall by 11,200
    assert step["said"]["en"].startswith(
        "reference income would have to be above 33,200 yuan (8,300 yuan x 4 persons): more than 11,200 yuan more"
    )
    assert all("net income" not in step["said"]["en"] for steps in rest for step in steps)


@pytest.mark.parametrize(("claims", "expected"), [(11200, "yes"), (11200.01, "no")])
def test_the_difference_really_clears_it_and_one_unit_less_does_not(claims: float, expected: str) -> None:
    facts = case(claims_12m=CASE_3["claims_12m"] + claims)
    assert judge(record(BOOK, facts, FOUR), BOOK).class_verdict == expected


def test_a_change_that_only_leads_to_another_class_clears_nothing() -> None:
    low = case(
        income_wage_12m=15000, claims_12m=0, out_of_pocket_12m=0
    )  # marginal: net and reference both within
    said = [step["said"]["en"] for steps in ways(explained(low), "marginal") for step in steps]
    assert any(text.startswith("reference income would have to be above") for text in said)
    assert not any(
        text.startswith("net income would have to be") for text in said
    )  # that would be sudden_severe
    assert not any("lifted out" in text for text in said)  # that would be unstable_lifted_out


def test_every_way_of_findings_alone_clears_the_class_when_it_is_made_true() -> None:
    findings = [
        steps
        for steps in ways(explained(CASE_3), "sudden_severe")
        if all(step["kind"] == "finding" and step["fact"] for step in steps)
    ]
    assert len(findings) == 3
    for steps in findings:
        changed = {
            step["fact"]: [] if step["fact"] == "risks" else step["value"] or step["so"] for step in steps
        }
        assert judge(record(BOOK, case(**changed), FOUR), BOOK).class_verdict == "no", changed


def test_clues_are_cleared_by_what_is_found() -> None:
    rows = [dict(row) for row in FOUR]
    rows[2]["medical_insurance"] = False
    found = explained(case(dwelling_unsafe=True), rows)
    assert ways(found, "dwelling_unsafe")[0][0]["said"] == {
        "en": "it is found that the dwelling is safe",
        "zh": "经核实，住房安全",
    }
    assert ways(found, "no_medical_insurance")[0][0]["said"]["en"] == (
        "it is found that every member has medical insurance (concerns member M3)"
    )


def test_a_count_of_deprivations_says_how_many_must_go() -> None:
    rules = load_rulebook("vn-2022")
    facts = {fact.name: False for fact in facts_used(rules) if fact.type == "boolean"}
    facts |= {"stratum": "rural", "income_per_person_month": 1_400_000}
    facts |= {"deprived_water": True, "deprived_toilet": True, "deprived_telecom": True}
    found = explained(facts, (), rules=rules, as_of=date(2024, 6, 30))
    assert found.as_dict()["verdict"]["class"] == "poor"
    steps = [step for alternative in ways(found, "poor") for step in alternative]
    # two deprivations would make the household near-poor: only more income clears it
    assert [step["kind"] for step in steps] == ["amount"]
    assert (steps[0]["threshold"], steps[0]["difference"]) == ("1500000", "100000")


def test_a_count_that_clears_names_its_conditions() -> None:
    rules = expression_book(one="count_true(owns_car, relocated, dwelling_unsafe, monitored) >= 2")
    facts = {"owns_car": True, "relocated": True, "dwelling_unsafe": True, "monitored": False}
    ((step,),) = ways(explained(facts, (), rules=rules), "one")
    assert (step["kind"], step["number"], step["direction"]) == ("count", 2, "fewer")
    assert [clause["en"] for clause in step["of"]] == [
        "the household owns no car",
        "the household was not relocated",
        "the dwelling is safe",
    ]


# --- it can be recomputed from what it prints ---


def test_fact_3_can_be_recomputed_by_hand() -> None:
    content = json.loads(json.dumps(explained(CASE_3).as_dict()))
    assert Recomputed(content).answer()["class"] == "sudden_severe"


def _sample(fact: Fact) -> st.SearchStrategy[Any]:
    if fact.type == "money":
        top = 20000 if fact.name != "income_per_person_month" else 3_000_000
        return st.one_of(st.integers(0, top), st.just(0), st.just(8300))
    if fact.type == "integer":
        return st.integers(fact.minimum or 0, min(fact.maximum or 0, 12))
    if fact.type == "boolean":
        return st.booleans()
    if fact.type == "category":
        return st.sampled_from(sorted(fact.values))
    if fact.type == "list":
        return st.lists(st.sampled_from(sorted(fact.values)), max_size=2, unique=True)
    return st.dates(date(1950, 1, 1), date(2015, 1, 1))


def _row(facts: list[Fact]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({fact.name: st.none() | _sample(fact) for fact in facts})


WIDE = expression_book(
    share="share_members(medical_insurance) >= 0.25",
    counts="count_members(age < 16 AND school_status = 'out_of_school') >= 2",
    sums="sum_members(work_months_away) > 6 AND per_person(income_wage_12m) > per_person(claims_12m)",
    scaled="1.5 * out_of_pocket_12m - claims_12m >= 0.5 * line_by_place",
    left="monitoring_line * 2 < per_person(net_income)",
    sized="persons <> 3 OR NOT is_empty(risks)",
    everybody="all_members(medical_insurance OR NOT shares_budget)",
)
BOOKS = [WIDE, BOOK, *list_rulebooks()]


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_any_explanation_can_be_recomputed_from_what_it_prints(data: st.DataObject) -> None:
    rules = data.draw(st.sampled_from(BOOKS), label="rulebook")
    facts = facts_used(rules)
    household = data.draw(_row([fact for fact in facts if fact.entity == "household"]))
    members = data.draw(st.lists(_row([fact for fact in facts if fact.entity == "member"]), max_size=4))
    province = data.draw(st.sampled_from(["CN-NM", "CN-GX", None]))
    first, last = rules.assessed
    as_of = max(first, min(last, date(2024, 6, 30)))
    one_record = record(rules, household, members, province=province, as_of=as_of)
    found = explain(one_record, rules)
    answer = Recomputed(json.loads(json.dumps(found.as_dict(), ensure_ascii=False))).answer()
    truth = judge(one_record, rules)
    assert answer["class"] == truth.class_id
    assert answer["class_verdict"] == truth.class_verdict
    assert answer["fired"] == list(truth.fired)
    assert answer["undecided"] == list(truth.undecided)
    assert answer["vetoes"] == [(veto.id, list(veto.excepted_by)) for veto in truth.standing_vetoes]
    # whatever cannot be told says what is not known; whatever is yes is explained in both languages
    assert bool(found.as_dict()["settles"]) == (truth.class_verdict == "cannot_tell" or bool(truth.undecided))
    for entry in found.as_dict()["settles"]:
        assert entry["gaps"]
    _each_lever_clears(found, one_record, rules)
    for language in ("en", "zh"):
        text = found.text(language)
        assert not re.search(r"\bNone\b|Interval|Fraction|\{", text), text


def _each_lever_clears(found: Explanation, before: Record, rules: Rulebook) -> None:
    """The amount that an explanation calls missing, brought by any one of the facts it names, clears the verdict."""
    for entry in found.as_dict()["clears"]:
        for alternative in entry["alternatives"]:
            step = alternative["steps"][0]
            if len(alternative["steps"]) > 1 or step["kind"] != "amount":
                continue
            for lever in step["levers"]:
                unit: int = 10**rules.minor_digits if step["money"] else 1
                needed = Fraction(lever["amount"]) * unit
                whole = math.floor(needed) + 1 if step["strict"] else math.ceil(needed)
                value = before.facts[lever["fact"]]
                assert isinstance(value, int)
                changed = value + (whole if lever["direction"] == "more" else -whole)
                after = judge(replace(before, facts={**before.facts, lever["fact"]: changed}), rules)
                if entry["kind"] == "class":
                    assert after.class_verdict != "yes", alternative
                else:
                    assert entry["id"] not in after.fired, alternative


def _strings(content: Any) -> Iterator[Any]:
    if isinstance(content, dict):
        for value in content.values():
            yield from _strings(value)
    elif isinstance(content, list):
        for value in content:
            yield from _strings(value)
    else:
        yield content


def test_no_number_is_a_float_and_every_figure_is_exact_text() -> None:
    content = explained(CASE_3).as_dict()
    assert not [value for value in _strings(content) if isinstance(value, float | Fraction)]
    assert {type(value) for value in _strings(content)} <= {str, bool, int, type(None)}


def test_the_text_has_nothing_that_the_data_lacks() -> None:
    found = explained(CASE_3)
    data = json.dumps(found.as_dict(), ensure_ascii=False).replace(",", "")
    for number in re.findall(r"\d[\d,]*(?:\.\d+)?", found.text()):
        assert number.replace(",", "") in data, number


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'fr'.*en, zh"):
        explained(CASE_3).text("fr")


# --- the shipped rulebook of China ---

CN = load_rulebook("cn-2021")


def shipped(facts: dict[str, Any], members: Any = FOUR, **more: Any) -> dict[str, Any]:
    facts = {"water_unsafe": False, "monitored": False, **facts}
    return explained(facts, members, rules=CN, **more).as_dict()


@pytest.mark.parametrize(
    ("kind", "expected"), [("lifted_out", "unstable_lifted_out"), ("ordinary", "marginal")]
)
def test_facts_1_and_2_on_the_shipped_rulebook(kind: str, expected: str) -> None:
    facts = case(household_type=kind, income_wage_12m=21600, claims_12m=0, out_of_pocket_12m=0)
    content = shipped(facts)
    assert content["verdict"]["class"] == expected
    assert one(content, "derived", "reference_income")["per_person"]["value"] == "7900"
    assert Recomputed(content).answer()["class"] == expected


def test_facts_3_and_4_on_the_shipped_rulebook() -> None:
    assert shipped(CASE_3)["verdict"]["class"] == "sudden_severe"
    four = shipped(case(out_of_pocket_12m=2000))
    assert four["verdict"]["class_verdict"] == "no"
    assert "10,500 yuan is above the monitoring line of 8,300 yuan" in four["verdict"]["why"]["en"]


def test_fact_5_on_the_shipped_rulebook() -> None:
    rows = [dict(row) for row in FOUR]
    rows[2]["school_status"] = "out_of_school"
    content = shipped(case(income_wage_12m=26000, claims_12m=0, out_of_pocket_12m=0, risks=[]), rows)
    assert (content["verdict"]["class_verdict"], content["verdict"]["fired"]) == (
        "no",
        ["child_out_of_school"],
    )
    assert "member M3" in one(content, "clues", "child_out_of_school")["why"]["en"]


def test_fact_27_on_the_shipped_rulebook() -> None:
    content = shipped(case(owns_car=True))
    assert content["verdict"]["class"] == "sudden_severe"
    assert [
        (veto["id"], veto["excepted_by"]) for veto in content["vetoes"] if veto["reason"]["verdict"] == "yes"
    ] == [("owns_car", ["illness"])]


def test_what_was_inferred_is_marked_in_the_shipped_rulebook() -> None:
    marked = {entry["id"] for entry in shipped(CASE_3)["unverified"]}
    assert "reference_income" in marked


def test_an_explanation_holds_for_one_day_only() -> None:
    early = explain(replace(record(BOOK, CASE_3, FOUR), as_of=date(2024, 1, 1)), BOOK)
    assert early.as_dict()["window"] == ["2023-01-01", "2023-12-31"]
