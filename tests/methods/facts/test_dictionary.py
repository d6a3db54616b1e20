"""The fact dictionary: the names that others rely on, and what a malformed entry says."""

from __future__ import annotations

from typing import Any

import pytest

from highground.methods.facts import DictionaryError, load_dictionary
from highground.methods.facts.dictionary import parse_fact

HOUSEHOLD = """household_type stratum urban_registration relocated monitored household_size income_wage_12m
income_business_12m cost_business_12m income_property_12m income_transfer_12m income_total_12m out_of_pocket_12m
claims_12m consumption_per_person_12m income_per_person_month dwelling_unsafe water_unsafe risks owns_car
deprived_employment deprived_dependants deprived_nutrition deprived_health_services deprived_health_insurance
deprived_adult_education deprived_child_schooling deprived_housing_quality deprived_housing_area deprived_water
deprived_toilet deprived_telecom deprived_information_means deprived_digital_use deprived_waste
monitored_class recognised_on first_recognised_on exited_on exit_mode recognised_risks risks_closed disaster_kind
measures_delivered spending_solved without_labour land_area
medical_bills_12m children_out_of_school job_losses_12m members_out_of_work job_lost_on disaster_loss_12m disasters_6m
subsistence_allowance loan_overdue loan_due_3m exposed_to""".split()
MEMBER = """relation sex birth_date school_status health_status labour medical_insurance work_months_away on_register
lives_with shares_budget identity_check disability_card_check out_of_school_reason vocational_student
vocational_grant destitute_support ethnicity""".split()


def test_the_names_are_those_that_rulebooks_and_outside_users_rely_on() -> None:
    dictionary = load_dictionary()
    assert [fact.name for fact in dictionary.household] == HOUSEHOLD
    assert [fact.name for fact in dictionary.members] == MEMBER


def test_every_fact_is_labelled_in_both_languages() -> None:
    for fact in load_dictionary().values():
        for texts in (fact.label, fact.meaning, *fact.values.values()):
            assert set(texts) == {"en", "zh"} and all(texts.values()), fact.name


def test_amounts_cannot_be_negative_but_for_a_total_that_may_be_a_loss() -> None:
    money = [fact for fact in load_dictionary().values() if fact.type == "money"]
    assert {fact.name for fact in money if fact.minimum != 0} == {"income_total_12m"}


GOOD: dict[str, Any] = {
    "entity": "household",
    "type": "integer",
    "minimum": 0,
    "maximum": 9,
    "label": {"en": "pigs", "zh": "猪"},
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"entity": "village"}, "`entity` must be one of"),
        ({"type": "float"}, "`type` must be one of"),
        ({"minimum": None}, "is a number: give `minimum`"),
        ({"minimum": 10}, "is a number: give `minimum`"),
        ({"type": "boolean"}, "is no number"),
        ({"label": {"en": "pigs"}}, "`label` needs a text in each of en, zh"),
        ({"values": {"a": {"en": "a", "zh": "a"}}}, "`values` belong to category and list"),
        ({"fresh_for": 0}, "`fresh_for` is a whole number of days"),
        ({"fresh_for": True}, "`fresh_for` is a whole number of days"),
        ({"minimum": False}, "is a number: give `minimum`"),
        ({"sensitivity": "secret"}, "`sensitivity` must be one of"),
        ({"in_rules": "never"}, "`in_rules` is true or false"),
        ({"unti": "head"}, "unknown key `unti`"),
    ],
)
def test_a_malformed_entry_is_refused_with_the_mend(change: dict[str, Any], said: str) -> None:
    with pytest.raises(DictionaryError, match=r"mine\.yaml: fact 'pigs'") as error:
        parse_fact("pigs", {**GOOD, **change}, where="mine.yaml")
    assert said in str(error.value)


def test_a_rulebook_may_add_a_fact_but_not_change_one() -> None:
    dictionary = load_dictionary()
    assert dictionary.extended({"pigs": GOOD}, where="mine.yaml")["pigs"].maximum == 9
    with pytest.raises(DictionaryError, match="already in the fact dictionary"):
        dictionary.extended({"stratum": GOOD}, where="mine.yaml")
    assert "pigs" not in dictionary
