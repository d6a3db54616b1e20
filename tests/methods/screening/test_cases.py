"""The acceptance facts of the mechanism: households whose verdict is known beforehand.

Numbers in the names are those of the list of facts in the project's research on the mechanism.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from highground.methods.rules import OutsidePeriod, load_rulebook, read_rulebook
from highground.methods.rules.judging import judge
from highground.methods.screening import ScreenResult, screen

AS_OF = "2024-06-30"
CALM: dict[str, Any] = {
    "household": "H1",
    "area": "V1",
    "province": "CN-NM",
    "household_type": "lifted_out",
    "stratum": "rural",
    "urban_registration": False,
    "relocated": False,
    "monitored": False,
    "household_size": 4,
    "income_wage_12m": 31600,
    "income_business_12m": 0,
    "cost_business_12m": 0,
    "income_property_12m": 0,
    "income_transfer_12m": 0,
    "out_of_pocket_12m": 0,
    "claims_12m": 0,
    "dwelling_unsafe": False,
    "water_unsafe": False,
    "risks": ["illness"],
    "owns_car": False,
}
PARTS = {
    "household_type": "ordinary",
    "income_wage_12m": 30000,
    "income_business_12m": 12000,
    "cost_business_12m": 5000,
    "income_property_12m": 1000,
    "income_transfer_12m": 2000,
    "out_of_pocket_12m": 22000,
    "claims_12m": 4000,
}


def china(
    rulebook: str = "cn-2021", as_of: str = AS_OF, members: Any = None, **changes: Any
) -> dict[str, Any]:
    """The verdict on one household that differs from a calm one as said."""
    result = screen(rulebook, households=[{**CALM, **changes}], members=members, as_of=as_of)
    return result.verdicts.to_pylist()[0]


def test_1_lifted_out_household_within_the_line_with_an_illness() -> None:
    row = china()
    assert (row["class"], row["class_verdict"]) == ("unstable_lifted_out", "yes")


def test_2_the_same_figures_in_an_ordinary_household() -> None:
    assert china(household_type="ordinary")["class"] == "marginal"


def test_3_bills_bring_a_household_above_the_line_below_it() -> None:
    assert china(**PARTS)["class"] == "sudden_severe"


def test_4_small_bills_give_no_class_and_clear_what_was() -> None:
    before = screen("cn-2021", households=[{**CALM, **PARTS}], as_of="2024-05-31", from_empty=True)
    now = screen(
        "cn-2021", households=[{**CALM, **PARTS, "out_of_pocket_12m": 2000}], as_of=AS_OF, previous=before
    )
    row = now.verdicts.to_pylist()[0]
    assert (row["class"], row["class_verdict"], row["change"]) == (None, "no", "cleared")
    assert now.changes.to_pylist() == [
        {"household": "H1", "rule": "sudden_severe", "change": "cleared", "stale": False}
    ]


CHILD = {"household": "H1", "birth_date": "2012-03-01", "medical_insurance": True}


def test_5_a_child_out_of_school_is_a_clue_and_no_class() -> None:
    members = [
        {**CHILD, "member": "1", "birth_date": "1984-02-01", "school_status": "completed"},
        {**CHILD, "member": "2", "school_status": "out_of_school"},
    ]
    row = china(members=members, income_wage_12m=18000, risks=[])
    assert (row["class"], row["class_verdict"], row["fired"]) == (None, "no", ["child_out_of_school"])


@pytest.mark.parametrize(
    ("born", "fires"),
    [("2018-06-30", True), ("2018-07-01", False), ("2008-07-01", True), ("2008-06-30", False)],
)
def test_5_compulsory_school_age_ends_where_it_ends(born: str, fires: bool) -> None:
    row = china(members=[{**CHILD, "member": "1", "birth_date": born, "school_status": "out_of_school"}])
    assert ("child_out_of_school" in row["fired"]) is fires


def test_6_no_line_for_a_province_decides_nothing() -> None:
    result = screen("cn-2021", households=[{**CALM, "province": "CN-GX"}], as_of=AS_OF)
    row = result.verdicts.to_pylist()[0]
    assert (row["class"], row["class_verdict"]) == (None, "cannot_tell")
    assert any("no monitoring line for CN-GX, 2024" in notice.message for notice in result.notices)
    assert china(province="CN-GX", income_wage_12m=0)["class_verdict"] == "cannot_tell"
    assert china(province="XX-YY")["class_verdict"] == "cannot_tell"
    assert china(as_of="2023-06-30")["class_verdict"] == "cannot_tell"


def test_7_the_income_window_ends_with_the_month_before() -> None:
    book = load_rulebook("cn-2021")
    assert book.income_window("2021-06-15") == (date(2020, 6, 1), date(2021, 5, 31))
    assert book.income_window(date(2024, 3, 1)) == (date(2023, 3, 1), date(2024, 2, 29))
    assert book.income_window(date(2024, 1, 31)) == (date(2023, 1, 1), date(2023, 12, 31))


def test_8_a_relocated_household_with_urban_registration_is_in_scope() -> None:
    moved = {"stratum": "urban", "urban_registration": True, "income_wage_12m": 28000}
    assert china(**moved, relocated=True)["class"] == "unstable_lifted_out"
    assert china(**moved, relocated=False)["class_verdict"] == "no"


def county(flagged: int, **changes: Any) -> ScreenResult:
    rows = [
        {
            **CALM,
            "household": f"H{index:03}",
            "county": "C1",
            "income_wage_12m": 4000 if index < flagged else 99999,
        }
        for index in range(100)
    ]
    return screen("cn-2020", households=[{**row, **changes} for row in rows], as_of="2020-12-31")


def test_9_the_cap_of_2020_gives_notice_and_blocks_nobody() -> None:
    over = county(6)
    assert over.summary()["classes"]["unstable_lifted_out"] == 6
    assert [notice.details["flagged"] for notice in over.notices if notice.kind == "cap"] == [6]
    assert [notice for notice in county(5).notices if notice.kind == "cap"] == []


def test_9_a_county_may_have_another_cap() -> None:
    rows = [
        {**CALM, "household": f"H{i}", "county": "C1", "income_wage_12m": 4000 if i < 8 else 99999}
        for i in range(100)
    ]
    added = [{"parameter": "cap_percent", "key": "C1", "value": 10, "source": "S14", "verified": True}]
    result = screen("cn-2020", households=rows, as_of="2020-12-31", parameters=added)
    assert [notice for notice in result.notices if notice.kind == "cap"] == []


def test_9_there_is_no_cap_from_2021() -> None:
    rows = [{**CALM, "household": f"H{index}", "county": "C1"} for index in range(20)]
    result = screen("cn-2021", households=rows, as_of=AS_OF)
    assert result.summary()["classes"]["unstable_lifted_out"] == 20
    assert not [notice for notice in result.notices if notice.kind == "cap"]


def test_9_a_row_of_a_parameter_file_need_not_name_what_it_can_only_mean(tmp_path: Path) -> None:
    """A key by county can only be the cap, a row without a key only the standard."""
    file = tmp_path / "rows.csv"
    file.write_text(
        "key, period, value, source, verified\nC1,,10,S14,true\n,2020,5000,S13,true\n", encoding="utf-8"
    )
    rows = [{**CALM, "household": f"H{i}", "county": "C1", "income_wage_12m": 29999} for i in range(10)]
    result = screen("cn-2020", households=rows, as_of="2020-12-31", parameters=file)
    assert (
        result.summary()["classes"]["unstable_lifted_out"] == 10
    )  # 7,499.75 a head: below 7,500, above 6,000
    assert [notice.details["percent"] for notice in result.notices if notice.kind == "cap"] == [10]


@pytest.mark.parametrize(("income", "verdict"), [(5999, "yes"), (5999.99, "yes"), (6000, "no")])
def test_10_the_line_of_2020_is_strictly_below_6000(income: float, verdict: str) -> None:
    row = china("cn-2020", "2020-12-31", household_size=1, income_wage_12m=income)
    assert row["class_verdict"] == verdict


CITY = [
    {
        "parameter": "city_income",
        "key": "CN-3716",
        "period": 2023,
        "value": 40000,
        "source": "test",
        "verified": True,
    }
]


@pytest.mark.parametrize(
    ("monitored", "spent", "fires"),
    [
        (False, 20001, True),
        (False, 20000, False),
        (True, 20001, False),
        (True, 60000, False),
        (True, 60001, True),
    ],
)
def test_26_the_departmental_warning_has_two_bars(monitored: bool, spent: int, fires: bool) -> None:
    row = {**CALM, "city": "CN-3716", "monitored": monitored, "out_of_pocket_12m": spent}
    result = screen("cn-2021", households=[row], as_of="2024-09-30", parameters=CITY)
    assert ("medical_spending" in result.verdicts.to_pylist()[0]["fired"]) is fires


def test_26_without_the_city_or_its_income_it_cannot_be_told() -> None:
    for changes in ({}, {"city": "CN-9999"}):
        row = screen(
            "cn-2021", households=[{**CALM, **changes}], as_of=AS_OF, parameters=CITY
        ).verdicts.to_pylist()[0]
        assert "medical_spending" in row["undecided"] and "medical_spending" not in row["fired"]


def test_27_a_car_never_rejects_and_a_sudden_illness_excepts_it() -> None:
    row = china(**PARTS, owns_car=True)
    assert (row["class"], row["vetoes"]) == (
        "sudden_severe",
        [{"id": "owns_car", "excepted_by": ["illness"]}],
    )
    other = china(owns_car=True, risks=["lack_of_labour"])
    assert (other["class"], other["vetoes"]) == (
        "unstable_lifted_out",
        [{"id": "owns_car", "excepted_by": []}],
    )
    assert china(owns_car=None)["vetoes"] == []


DEPRIVATIONS = {
    "vn-2016": "health_services health_insurance adult_education child_schooling housing_quality housing_area water "
    "toilet telecom information_means",
    "vn-2022": "employment dependants nutrition health_insurance adult_education child_schooling housing_quality "
    "housing_area water toilet telecom information_means",
    "vn-2027": "employment dependants nutrition health_insurance adult_education child_schooling housing_quality "
    "housing_area water toilet telecom digital_use waste",
}


def viet_nam(year: int, stratum: str, income: float, deprived: int) -> str | None:
    """The class of a household with so many deprivations, by the rulebook that assesses the year."""
    rulebook = "vn-2016" if year <= 2021 else "vn-2022" if year <= 2026 else "vn-2027"
    row: dict[str, Any] = {
        "household": "H1",
        "area": "X",
        "stratum": stratum,
        "income_per_person_month": income,
    }
    for index, name in enumerate(DEPRIVATIONS[rulebook].split()):
        row[f"deprived_{name}"] = index < deprived
    found = screen(rulebook, households=[row], as_of=date(year, 6, 30)).verdicts.to_pylist()[0]
    assert found["class_verdict"] == ("no" if found["class"] is None else "yes")
    return found["class"]


@pytest.mark.parametrize(
    ("year", "stratum", "income", "deprived", "expected"),
    [
        (2023, "rural", 1_400_000, 3, "poor"),  # 29
        (2023, "rural", 1_400_000, 2, "near_poor"),
        (2026, "rural", 1_600_000, 5, None),
        (2023, "rural", 1_500_000, 3, "poor"),  # within is at most
        (2023, "rural", 1_500_001, 3, None),
        (2023, "urban", 1_900_000, 3, "poor"),  # 30
        (2023, "urban", 2_100_000, 6, None),
        (2021, "rural", 690_000, 0, "poor"),  # 31
        (2022, "rural", 690_000, 0, "near_poor"),
        (2026, "rural", 2_000_000, 4, None),  # 32
        (2027, "rural", 2_000_000, 4, "poor"),
        (2019, "rural", 850_000, 3, "poor"),  # 33
        (2019, "rural", 850_000, 2, "near_poor"),
        (2019, "rural", 1_100_000, 4, None),
        (2019, "urban", 900_000, 0, "poor"),
        (2019, "urban", 1_300_000, 2, "near_poor"),
    ],
)
def test_29_to_33_viet_nam(
    year: int, stratum: str, income: float, deprived: int, expected: str | None
) -> None:
    assert viet_nam(year, stratum, income, deprived) == expected


@pytest.mark.parametrize(
    ("rulebook", "as_of", "said"),
    [
        ("vn-2016", "2022-01-01", r"vn-2016 assesses 2016-01-01 to 2021-12-31.*use vn-2022"),
        ("vn-2022", "2021-12-31", "use vn-2016"),
        ("vn-2022", "2027-01-01", "use vn-2027"),
        ("cn-2020", "2021-05-01", "use cn-2021"),
        ("cn-2021", "2021-04-30", "use cn-2020"),
        ("cn-2021", "2026-01-01", "lies outside$"),
    ],
)
def test_a_day_outside_the_assessed_period_is_refused(rulebook: str, as_of: str, said: str) -> None:
    with pytest.raises(OutsidePeriod, match=said):
        screen(rulebook, households=[CALM], as_of=as_of)


# --- missing is not zero -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["income_wage_12m", "household_size", "risks", "household_type", "stratum"])
def test_a_missing_fact_that_matters_is_cannot_tell(name: str) -> None:
    row = china(**{name: None})
    assert (row["class"], row["class_verdict"]) == (None, "cannot_tell")
    assert row["unknown"]


def test_a_missing_fact_that_cannot_change_the_answer_is_not_asked() -> None:
    """What is already above the line stays above it, whatever the missing transfer was."""
    assert china(income_wage_12m=90000, income_transfer_12m=None)["class_verdict"] == "no"
    assert china(income_wage_12m=90000, risks=None)["class_verdict"] == "no"


def test_unknown_names_the_conditions_that_could_change_the_verdict() -> None:
    assert china(risks=None)["unknown"] == ["at_risk"]
    assert china(household_type=None)["unknown"] == ["lifted_out", "ordinary"]


@pytest.mark.parametrize(
    ("rows", "income", "verdict"),
    [
        ([("rural", 1500), ("urban", 2000)], 1500, "yes"),  # within both lines
        ([("rural", 1500), ("urban", 2000)], 2001, "no"),
        ([("rural", 1500), ("urban", 2000)], 1501, "cannot_tell"),
        ([("rural", 1500)], 1500, "cannot_tell"),  # it may be urban, and then no line is known
        ([("rural", 1500)], 2001, "cannot_tell"),
    ],
)
def test_a_line_by_stratum_where_the_stratum_is_not_known(
    rows: list[tuple[str, int]], income: int, verdict: str
) -> None:
    line = {"by": ["stratum"], "rows": [{"key": key, "value": value, "source": "x"} for key, value in rows]}
    rule = {"id": "poor", "when": "income_per_person_month <= line"}
    book = read_rulebook({"id": "b", "currency": "CNY", "parameters": {"line": line}, "classes": [rule]})
    result = screen(book, households=[{"household": "H1", "income_per_person_month": income}], as_of=AS_OF)
    assert result.verdicts.column("class_verdict").to_pylist() == [verdict]
    assert judge(result.record("H1"), book).class_verdict == verdict
    missing = [notice.message for notice in result.notices if notice.kind == "missing_parameter"]
    assert ["line: stratum is not known" in message for message in missing] == [True] * (len(rows) == 1)


def test_a_stale_fact_is_not_known() -> None:
    row = china(income_wage_12m__date=date(2022, 1, 1))
    assert row["class_verdict"] == "cannot_tell" and row["stale"] == ["income_wage_12m"]
    fresh = china(income_wage_12m__date=date(2024, 1, 1))
    assert fresh["class_verdict"] == "yes" and fresh["stale"] == []


def test_a_stale_size_matters_only_where_no_member_rows_tell_it() -> None:
    old = {"household_size__date": date(2020, 1, 1), "income_wage_12m": None}
    assert china(**old)["stale"] == ["household_size"]
    assert china(**old, members=[{"household": "H1", "member": "1"}])["stale"] == []


def test_members_are_counted_as_the_rulebook_says() -> None:
    """Someone who works away but shares the budget counts; someone married out does not."""
    at_home = {"household": "H1", "on_register": True, "lives_with": True, "shares_budget": True}
    members = [
        {**at_home, "member": "head"},
        {**at_home, "member": "away", "lives_with": False},
        {**at_home, "member": "wife", "on_register": False},
        {**at_home, "member": "married out", "lives_with": False, "shares_budget": False},
    ]
    # 24,900 for three is exactly the line; for four or two it would not be at the line
    assert china(members=members, income_wage_12m=24900)["class_verdict"] == "yes"
    assert china(members=members, income_wage_12m=24900.01)["class_verdict"] == "no"
    unknown = [*members[:2], {**members[2], "shares_budget": None}]
    assert china(members=unknown, income_wage_12m=20000)["class_verdict"] == "cannot_tell"
    assert china(members=unknown, income_wage_12m=16000)["class_verdict"] == "yes"
