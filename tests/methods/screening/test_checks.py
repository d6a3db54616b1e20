"""Record checks over a register: each from its sentence, and the SQL against the oracle."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from highground.methods.rules import RulebookError, load_rulebook, read_rulebook
from highground.methods.rules.checking import check_record, concerned
from highground.methods.rules.intervals import UNKNOWN, YES
from highground.methods.rules.rulebook import OutsidePeriod
from highground.methods.screening import CheckResult, InputError, check_records
from tests.methods.screening.random_world import Tables

BOOK = load_rulebook("cn-2021")
DAY = date(2024, 6, 30)
# A monitored household with nothing wrong; four persons, three of whom cannot work.
SOUND: dict[str, Any] = {
    "household": "H1",
    "area": "V1",
    "province": "CN-NM",
    "household_type": "lifted_out",
    "monitored": True,
    "monitored_class": "unstable_lifted_out",
    "recognised_on": date(2024, 1, 10),
    "first_recognised_on": date(2023, 3, 1),
    "recognised_risks": ["illness", "lack_of_labour"],
    "risks_closed": [],
    "measures_delivered": ["health", "employment"],
    "without_labour": False,
    "household_size": 4,
    "income_wage_12m": 30000,
    "income_business_12m": 6000,
    "cost_business_12m": 0,
    "income_property_12m": 0,
    "income_transfer_12m": 0,
    "claims_12m": 0,
    "out_of_pocket_12m": 1000,
    "dwelling_unsafe": False,
    "water_unsafe": False,
    "land_area": 6,
}
GROWN = {
    "school_status": "completed",
    "identity_check": "ok",
    "disability_card_check": "missing",
    "destitute_support": False,
    "vocational_grant": False,
    "vocational_student": False,
    "medical_insurance": True,
    "work_months_away": 0,
    "health_status": "healthy",
    "labour": "none",
}
MEMBERS: list[dict[str, Any]] = [
    {
        **GROWN,
        "member": "a",
        "birth_date": date(1980, 1, 1),
        "labour": "ordinary",
        "health_status": "chronic",
    },
    {**GROWN, "member": "b", "birth_date": date(1982, 1, 1)},
    {**GROWN, "member": "c", "birth_date": date(1950, 1, 1)},
    {**GROWN, "member": "d", "birth_date": date(2014, 1, 1), "school_status": "in_school"},
]
EXITED: dict[str, Any] = {
    "monitored": False,
    "exited_on": date(2024, 6, 10),
    "exit_mode": "assistance",
    "recognised_on": date(2023, 3, 1),
    "risks_closed": ["illness"],
}


def checked(members: list[dict[str, Any]] | None = None, as_of: date = DAY, **facts: Any) -> CheckResult:
    rows = [{"household": "H1", **row} for row in (MEMBERS if members is None else members)]
    return check_records(BOOK, households=[{**SOUND, **facts}], members=rows, as_of=as_of)


def found(members: list[dict[str, Any]] | None = None, as_of: date = DAY, **facts: Any) -> list[str]:
    """The checks that find the record wrong, after making sure that the oracle says the same."""
    result = checked(members, as_of, **facts)
    names = result.findings.column("check").to_pylist()
    said = check_record(result.record("H1"), BOOK)
    assert names == [name for name, truth in said.items() if truth == YES]
    assert result.unknown == {name: int(truth == UNKNOWN) for name, truth in said.items()}
    return [str(name) for name in names]


def with_one(**facts: Any) -> list[dict[str, Any]]:
    """The members, the first of them changed."""
    return [{**MEMBERS[0], **facts}, *MEMBERS[1:]]


def test_a_sound_record_has_no_finding_and_an_exited_one_neither() -> None:
    assert found() == []
    assert found(**EXITED) == []


# --- the facts of the research ---


@pytest.mark.parametrize(
    ("recognised", "as_of", "wrong"),
    [
        (date(2024, 6, 1), date(2024, 6, 30), False),  # fact 15: 29 days, in a month of 30
        (date(2024, 6, 1), date(2024, 7, 1), True),
        (date(2024, 5, 31), date(2024, 6, 29), False),
        (date(2024, 5, 31), date(2024, 6, 30), True),  # June has no 31st
        (date(2024, 5, 2), date(2024, 5, 31), False),  # 29 days, in a month of 31
        (date(2023, 2, 1), date(2023, 3, 2), True),  # 29 days, but February was over
        (date(2023, 2, 1), date(2023, 2, 28), False),
    ],
)
def test_15_no_measure_a_calendar_month_after_the_recognition(
    recognised: date, as_of: date, wrong: bool
) -> None:
    facts = {"recognised_on": recognised, "first_recognised_on": recognised}
    found_now = found(as_of=as_of, measures_delivered=[], **facts)
    assert ("no_measure_after_a_month" in found_now) is wrong
    # a record that says nothing of measures is another finding, with the same month
    blank = found(as_of=as_of, measures_delivered=None, **facts)
    assert ("measures_not_recorded" in blank) is wrong
    assert "no_measure_after_a_month" not in blank


def test_18_eliminated_by_assistance_without_any_measure() -> None:
    assert "exited_without_measure" in found(**{**EXITED, "measures_delivered": []})
    assert "exited_without_measure" not in found(**{**EXITED, "measures_delivered": ["infrastructure"]})
    assert "exited_without_measure" not in found(
        **{**EXITED, "measures_delivered": [], "exit_mode": "natural"}
    )


@pytest.mark.parametrize(
    ("exited", "mode", "wrong"),
    [
        (date(2024, 3, 1), "assistance", True),
        (date(2024, 3, 31), "assistance", True),
        (date(2024, 4, 1), "assistance", True),  # the next month
        (date(2024, 4, 30), "assistance", True),
        (date(2024, 5, 1), "assistance", False),
        (date(2024, 3, 31), "natural", False),
    ],
)
def test_19_eliminated_by_assistance_in_the_month_of_the_recognition_or_the_next(
    exited: date, mode: str, wrong: bool
) -> None:
    facts = {**EXITED, "recognised_on": date(2024, 3, 1), "exited_on": exited, "exit_mode": mode}
    assert ("exited_too_soon" in found(**facts)) is wrong


@pytest.mark.parametrize(
    ("income", "as_of", "wrong"),
    [
        (33200, date(2024, 6, 30), False),  # 8,300 each: at the line, not below it
        (33199.99, date(2024, 6, 30), True),
    ],
)
def test_eliminated_with_income_below_the_line(income: float, as_of: date, wrong: bool) -> None:
    facts = {**EXITED, "income_wage_12m": income, "income_business_12m": 0, "out_of_pocket_12m": 0}
    assert ("exited_below_line" in found(as_of=as_of, **facts)) is wrong


def test_20_the_line_of_the_day_counts_and_without_one_it_cannot_be_told() -> None:
    facts = {**EXITED, "income_wage_12m": 34000, "income_business_12m": 0, "out_of_pocket_12m": 0}
    row = {"parameter": "monitoring_line", "key": "CN-NM", "period": 2025, "value": 9000}
    members = [{"household": "H1", **one} for one in MEMBERS]
    later = {"households": [{**SOUND, **facts}], "members": members, "as_of": date(2025, 1, 31)}
    assert "exited_below_line" not in found(as_of=date(2024, 12, 31), **facts)
    assert check_records(BOOK, **later, parameters=[row]).found["exited_below_line"] == 1
    without = check_records(BOOK, **later)
    assert (without.found["exited_below_line"], without.unknown["exited_below_line"]) == (0, 1)


@pytest.mark.parametrize(
    ("measures", "wrong"),
    [
        (["industry"], True),
        ([], True),
        (["health"], False),
        (["social_assistance"], False),
        (["comprehensive_security", "industry"], False),
    ],
)
def test_21_illness_closed_needs_a_matching_measure(measures: list[str], wrong: bool) -> None:
    assert ("illness_closed" in found(risks_closed=["illness"], measures_delivered=measures)) is wrong
    assert "illness_closed" not in found(risks_closed=["schooling"], measures_delivered=measures)


@pytest.mark.parametrize(
    ("measures", "wrong"),
    [
        (["health"], True),
        (["compulsory_education"], False),
        (["other_education"], False),
        (["social_assistance"], False),
    ],
)
def test_schooling_closed_needs_a_matching_measure(measures: list[str], wrong: bool) -> None:
    assert ("schooling_closed" in found(risks_closed=["schooling"], measures_delivered=measures)) is wrong


def test_22_water_needs_a_water_measure_and_housing_a_housing_measure_or_relocation() -> None:
    water, housing = {"recognised_risks": ["unsafe_water"]}, {"recognised_risks": ["unsafe_housing"]}
    assert "water_without_measure" in found(**water, measures_delivered=["housing_safety"])
    assert "water_without_measure" not in found(**water, measures_delivered=["water_safety"])
    assert "housing_without_measure" in found(**housing, measures_delivered=["water_safety"])
    assert "housing_without_measure" not in found(**housing, measures_delivered=["relocation"])
    assert "housing_without_measure" not in found(**housing, measures_delivered=["housing_safety"])


def test_23_a_household_that_can_work_with_comprehensive_security_only() -> None:
    only = {"measures_delivered": ["comprehensive_security"]}
    assert "comprehensive_security_only" in found(**only)
    assert "comprehensive_security_only" not in found(
        measures_delivered=["comprehensive_security", "employment"]
    )
    assert "comprehensive_security_only" not in found(with_one(labour="weak"), **only)
    assert "comprehensive_security_only" not in found(**{**EXITED, **only})


@pytest.mark.parametrize(
    ("able", "of", "wrong"),
    [(2, 6, True), (1, 6, False), (1, 4, False), (2, 8, False), (3, 8, True), (4, 4, True)],
)
def test_24_lack_of_labour_with_more_than_a_quarter_able(able: int, of: int, wrong: bool) -> None:
    members = [
        {**MEMBERS[0], "member": str(index), "labour": "skilled" if index < able else "weak"}
        for index in range(of)
    ]
    assert ("enough_labour" in found(members)) is wrong


# --- the rest of the catalogue ---


@pytest.mark.parametrize(
    ("check", "wrong", "right"),
    [
        ("illness_without_spending", {"out_of_pocket_12m": 0}, {"out_of_pocket_12m": 0.01}),
        ("illness_without_spending", {"out_of_pocket_12m": 0}, {"out_of_pocket_12m": 0, "recognised_risks": ["other"]}),
        ("disaster_without_kind", {"recognised_risks": ["disaster"]},
         {"recognised_risks": ["disaster"], "disaster_kind": "flood"}),
        ("land_out_of_range", {"land_area": 1001}, {"land_area": 1000}),
        ("monitored_without_risk", {"recognised_risks": []}, {"recognised_risks": ["other"]}),
        ("recognised_before_first", {"first_recognised_on": date(2024, 1, 11)}, {"first_recognised_on": date(2024, 1, 10)}),
        ("recognised_ahead", {"recognised_on": date(2024, 7, 1)}, {"recognised_on": DAY, "first_recognised_on": DAY}),
        ("exited_ahead", {**EXITED, "exited_on": date(2024, 7, 1)}, {**EXITED, "exited_on": DAY}),
        ("class_of_the_other_type", {"household_type": "ordinary"},
         {"household_type": "ordinary", "monitored_class": "marginal"}),
        ("exited_without_labour", {**EXITED, "without_labour": True}, {**EXITED, "without_labour": False}),
        ("exited_unsafe", {**EXITED, "water_unsafe": True}, {**EXITED, "monitored": True, "water_unsafe": True}),
        ("exited_before_recognised", {**EXITED, "recognised_on": date(2024, 6, 11)},
         {**EXITED, "recognised_on": date(2024, 6, 10)}),
        ("exited_and_blank", {**EXITED, "claims_12m": None}, {"claims_12m": None}),
    ],
)  # fmt: skip
def test_a_check_of_the_household(check: str, wrong: dict[str, Any], right: dict[str, Any]) -> None:
    assert check in found(**wrong)
    assert check not in found(**right)


SIX = ["illness", "disability", "schooling", "accident", "lack_of_labour", "other"]


def test_more_than_five_risks() -> None:
    assert "too_many_risks" in found(recognised_risks=SIX)
    assert "too_many_risks" not in found(recognised_risks=SIX[:5])


@pytest.mark.parametrize(
    ("check", "wrong", "right"),
    [
        ("identity_checksum", {"identity_check": "bad_checksum"}, {"identity_check": "bad_length"}),
        ("identity_length", {"identity_check": "bad_length"}, {"identity_check": "ok"}),
        ("disability_card", {"disability_card_check": "bad_checksum"}, {"disability_card_check": "ok"}),
        ("disability_card", {"disability_card_check": "bad_length"}, {"disability_card_check": "missing"}),
        ("illness_without_anyone_ill", {"health_status": "disabled"}, {"health_status": "severe"}),
        ("student_as_migrant_worker", {"school_status": "in_school", "work_months_away": 1}, {"work_months_away": 1}),
        ("grant_without_vocational_school", {"vocational_grant": True}, {"vocational_grant": True, "vocational_student": True}),
        ("without_labour_not_marked", {"labour": "none"}, {"labour": "weak"}),
    ],
)  # fmt: skip
def test_a_check_of_a_member(check: str, wrong: dict[str, Any], right: dict[str, Any]) -> None:
    assert check in found(with_one(**wrong))
    assert check not in found(with_one(**right))


@pytest.mark.parametrize(
    ("born", "wrong"),
    [
        (date(2006, 7, 1), False),  # 17
        (date(2006, 6, 30), True),  # 18 today
        (date(1964, 7, 1), True),  # 59
        (date(1964, 6, 30), False),  # 60 today
    ],
)
def test_support_for_the_destitute_goes_to_no_healthy_adult(born: date, wrong: bool) -> None:
    healthy = {"destitute_support": True, "health_status": "healthy", "birth_date": born}
    check = "destitute_support_of_a_healthy_adult"
    assert (check in found(with_one(**healthy))) is wrong
    assert check not in found(with_one(**healthy, school_status="in_school"))
    assert check not in found(with_one(**{**healthy, "health_status": "chronic"}))


@pytest.mark.parametrize(
    ("born", "status", "reason", "wrong"),
    [
        (date(2018, 6, 30), "out_of_school", None, True),  # 6 today
        (date(2018, 7, 1), "out_of_school", None, False),
        (date(2008, 7, 1), "completed", None, True),  # 15
        (date(2008, 6, 30), "completed", None, False),  # 16 today
        (date(2014, 1, 1), "out_of_school", "illness", False),
        (date(2014, 1, 1), "in_school", None, False),
    ],
)
def test_a_child_is_at_school_or_there_is_a_reason(
    born: date, status: str, reason: str | None, wrong: bool
) -> None:
    members = with_one(birth_date=born, school_status=status, out_of_school_reason=reason)
    assert ("child_without_reason" in found(members)) is wrong


def test_unstable_work_needs_somebody_who_works_away() -> None:
    facts = {"recognised_risks": ["unstable_work"]}
    assert "unstable_work_without_record" in found(**facts)
    assert "unstable_work_without_record" not in found(with_one(work_months_away=1), **facts)
    assert "unstable_work_without_labour" in found(with_one(labour="none"), **facts)
    assert "unstable_work_without_labour" not in found(**facts)


def test_a_household_without_labour_is_marked_or_the_mark_is_blank() -> None:
    members = with_one(labour="none")
    assert "without_labour_mark_blank" in found(members, without_labour=None)
    assert "without_labour_mark_blank" not in found(without_labour=None)
    assert "without_labour_not_marked" not in found(members, without_labour=True)


def test_after_the_elimination_the_guarantees_of_every_member_are_recorded() -> None:
    child = {"birth_date": date(2014, 1, 1), "school_status": None, "medical_insurance": None}
    assert {"exited_and_insurance_blank", "exited_and_schooling_blank"} <= set(
        found(with_one(**child), **EXITED)
    )
    assert found(with_one(**child)) == []
    # who is not of school age has no schooling to record
    assert found(with_one(school_status=None), **EXITED) == []


def test_a_stale_value_is_as_good_as_blank() -> None:
    assert "exited_and_blank" in found(**EXITED, claims_12m__date=date(2023, 5, 1))
    assert "exited_and_blank" not in found(**EXITED, claims_12m__date=date(2023, 8, 1))


def test_who_was_never_recognised_is_not_asked_about_recognition() -> None:
    """Missing facts of recognition leave nothing open in a household that was never monitored."""
    never = {
        name: None
        for name in SOUND
        if name.startswith(("recogn", "first", "monitored_", "measures", "risks"))
    }
    result = checked(**{**never, "without_labour": None}, monitored=False)
    assert result.findings.num_rows == 0
    assert sum(result.unknown.values()) == 0


# --- over a register ---


def test_the_sql_and_the_oracle_say_the_same_of_random_households() -> None:
    tables = Tables(11)
    households, members = tables.households(BOOK, 1_500), tables.members(BOOK, 1_500)
    risks = list(BOOK.dictionary["recognised_risks"].values)
    for row in households[::3]:  # what is rare by chance alone
        row["recognised_risks"] = tables.random.sample(risks, tables.random.randint(3, 8))
        row["measures_delivered"] = tables.random.choice([[], ["comprehensive_security"]])
        row["land_area"] = tables.random.randint(0, 2_000)
        row["monitored"] = True
    for row in members:
        row["labour"] = tables.random.choice(["none", "none", row["labour"]])
    result = check_records(BOOK, households=households, members=members, as_of=DAY)
    expected, unknown = set(), Counter[str]()
    for record in result.records():
        for name, truth in check_record(record, BOOK).items():
            if truth == YES:
                expected.add((record.household, name))
            unknown[name] += truth == UNKNOWN
    rows = result.findings.to_pylist()
    assert {(row["household"], row["check"]) for row in rows} == expected
    assert len(rows) == len(expected)
    assert dict(result.unknown) == unknown
    assert set(result.found) == {one.id for one in BOOK.checks}
    assert min(result.found.values()) > 0, "the households are too uniform"
    assert [(row["area"], row["household"]) for row in rows] == sorted(
        (row["area"], row["household"]) for row in rows
    )


def test_a_finding_says_what_is_the_case_and_of_whom() -> None:
    result = checked(with_one(identity_check="bad_length"), measures_delivered=[], as_of=DAY)
    assert result.findings.to_pylist() == [
        {"household": "H1", "area": "V1", "check": "identity_length", "severity": "high"},
        {"household": "H1", "area": "V1", "check": "no_measure_after_a_month", "severity": "high"},
    ]
    of_member, of_household = result.explained()
    assert of_member.why == {
        "en": "member a has an identity number of a wrong length",
        "zh": "成员a身份证号位数错误",
    }
    assert (of_household.household, of_household.area, of_household.check.id) == (
        "H1",
        "V1",
        "no_measure_after_a_month",
    )
    assert of_household.why["en"] == (
        "the household is already monitored, the day of recognition is at least 1 month ago (2024-01-10, 5 months),"
        " and the household has no measure delivered yet"
    )
    aged = checked(with_one(destitute_support=True, health_status="healthy")).explained()
    (adult,) = (one for one in aged if one.check.id == "destitute_support_of_a_healthy_adult")
    assert "member a has support for the destitute, is healthy, is 18 to 59 years old" in adult.why["en"]
    (blank,) = checked(measures_delivered=None).explained()
    assert blank.why["en"].endswith("; not known, or too old: measures delivered")
    assert [one.id for one in concerned(BOOK.checks[1], result.record("H1"), BOOK)] == ["a"]


def test_what_cannot_be_checked_is_refused() -> None:
    with pytest.raises(InputError, match="vn-2022 has no section `checks`"):
        check_records("vn-2022", households=[SOUND], as_of="2024-06-30")
    with pytest.raises(OutsidePeriod):
        check_records(BOOK, households=[SOUND], as_of="2026-06-30")
    with pytest.raises(InputError, match="no date"):
        check_records(BOOK, households=[SOUND], as_of="June")


# --- how checks are written ---


def book_with(**check: Any) -> Any:
    entry = {"id": "one", "mend": "mend it", **check}
    return read_rulebook(
        {"id": "trial", "currency": "CNY", "classes": [{"id": "c", "when": "monitored"}], "checks": [entry]},
        origin="trial.yaml",
    )


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ({}, "trial.yaml: checks.one.when: is missing"),
        ({"when": "monitored", "mend": ""}, "checks.one.mend: is missing"),
        ({"when": "monitored", "severity": "grave"}, "checks.one.severity: is one of high, medium, low"),
        ({"when": "monitord"}, "'monitord' is not known here; did you mean monitored"),
        ({"when": "monitored", "each": "row"}, "checks.one.each: is `member`"),
        ({"when": "monitored", "each": "member"}, "'monitored' is a fact of the household"),
        ({"blank": ["labour"]}, "checks.one.blank: 'labour' is a fact of a member; write `each: member`"),
        ({"blank": ["land_area"], "each": "member"}, "is a fact of a household; leave out `each`"),
        ({"blank": ["harvest"]}, "'harvest' is no fact of the dictionary"),
        ({"blank": "labour"}, "checks.one.blank: is a list of facts"),
        (
            {"when": "monitored", "once_known": "labour"},
            "checks.one.once_known: 'labour' is a fact of a member",
        ),
        ({"when": "monitored", "source": "S9"}, "checks.one: source 'S9' is not listed"),
        ({"when": "monitored", "why": "x"}, "checks.one.why: unknown key"),
    ],
)
def test_a_check_that_cannot_be_read_names_the_entry_and_the_mend(check: dict[str, Any], said: str) -> None:
    with pytest.raises(RulebookError) as error:
        book_with(**check)
    assert said in str(error.value)


def test_checks_are_part_of_the_hash() -> None:
    one = book_with(when="monitored")
    assert one.hash == book_with(when="monitored  -- a remark").hash
    others = [book_with(when="NOT monitored"), book_with(when="monitored", once_known="exited_on")]
    others += [
        book_with(when="monitored", mend="otherwise"),
        book_with(when="monitored", blank=["land_area"]),
    ]
    assert len({one.hash, *(other.hash for other in others)}) == 5
