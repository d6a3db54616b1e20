"""The acceptance facts of the case path (11, 12, 14-20 and 25), through the office's own actions.

What a rulebook says of a record alone (facts 15 to 24) is tested with its boundaries in `tests/methods/rules` and
`tests/methods/screening`; fact 13 with the printed sheet in `test_notice_pages.py`.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from highground.cases.actions.applying import record_application
from highground.cases.actions.deciding import decide, family_answers, give_emergency_aid
from highground.cases.actions.exits import exit_verdicts_of, incomes_due
from highground.cases.actions.facts import FactValue, write_facts
from highground.cases.actions.opening import open_case
from highground.cases.actions.settings import choose_packs
from highground.cases.actions.visiting import record_visit
from highground.cases.flow import CaseError, take_step
from highground.cases.models import Case, Deadline
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.enums import SourceKind
from highground.people.queries import facts_as_of
from tests.support.case_path import DAY
from tests.support.register import BOOK, TODAY
from tests.support.sequences import add_member

WELL = {
    "income_wage_12m": "60000",
    "income_business_12m": "12000",
    "cost_business_12m": "0",
    "income_property_12m": "0",
    "income_transfer_12m": "0",
    "out_of_pocket_12m": "0",
    "claims_12m": "0",
    "dwelling_unsafe": "false",
    "water_unsafe": "false",
    "spending_solved": "true",
    "without_labour": "false",
}
"""A household of one far above the line."""


def deadlines(case) -> dict[str, datetime.date]:
    rows = Deadline.objects.everywhere(reason="test").filter(case=case, met_on=None, dropped_on=None)
    return dict(rows.values_list("step", "due_on"))


def learn(office, case, day, **facts: object) -> None:
    if not case.household.members.exists():
        add_member(case.household)
    member = case.household.members.get()
    of_member = {"medical_insurance": "true", "labour": "ordinary", "birth_date": "1980-01-01"}
    write_facts(
        case.household,
        [
            *(FactValue(name, value) for name, value in (WELL | facts).items()),
            *(FactValue(name, value, member=member) for name, value in of_member.items()),
        ],
        kind=SourceKind.VISIT,
        source="Visit",
        day=day,
        by=office.staff["contact"],
        today=day,
    )


def supported(office, number="2231", *, measure=True) -> Case:
    """A monitored household with a plan, and (unless told not to) a measure delivered."""
    case = office.recognise(number)
    for step, outcome in (("plan", "planned"), *((("deliver", "delivered"),) if measure else ())):
        take_step(
            case, step=step, outcome=outcome, by=office.staff["contact"], day=office.today, today=office.today
        )
    if measure:
        write_facts(case.household, [FactValue("measures_delivered", ["health"])], kind=SourceKind.VISIT,
                    source="Visit", day=office.today, by=office.staff["contact"], today=office.today)  # fmt: skip
    return case


def propose(office, case, **more: str):
    return decide(
        case, step="propose_exit", outcome="propose", by=office.staff["contact"], today=office.today, **more
    )


def well_for(office, case, *, months: int) -> None:
    """So many calendar months after the recognition, well all the time and with incomes on record."""
    begun = case.recognised_on
    year, month = divmod(begun.year * 12 + begun.month - 1 + months, 12)
    office.today = datetime.date(year, month + 1, begun.day)
    for days in (160, 80, 2):
        learn(office, case, office.today - DAY * days)


def leave(office, case, number_of_visitors: int = 2) -> None:
    """The whole chain of an exit."""
    propose(office, case)
    visitors = [office.staff["worker"]][: number_of_visitors - 1]
    record_visit(case, outcome="confirmed", by=office.staff["contact"], visitors=visitors, day=office.today,
                 today=office.today)  # fmt: skip
    family_answers(case, outcome="agrees", by=office.staff["contact"], day=office.today, today=office.today)
    office.appraise([case], "exit_appraise")
    office.notice([case], "exit_notice")
    office.review(case, "exit_review")
    office.decide(case, "exit_decide", "eliminated")
    case.refresh_from_db()


def test_fact_11_fifteen_days_from_discovery_and_day_zero_is_not_counted(office):
    case = office.open()
    assert deadlines(case)["decide"] == TODAY + 15 * DAY


def test_fact_12_the_pack_of_anhui_counts_working_days(office):
    choose_packs(area=office.register.areas["LONGHE"], rulebook=BOOK, packs=["anhui"], since=TODAY,
                 by=office.staff["county"], today=TODAY)  # fmt: skip
    case = office.open()
    assert case.packs == ["anhui"]
    # Tuesday 10 March 2026: two working days end on Thursday, twenty on Wednesday 8 April (Monday 6 April is off).
    assert deadlines(case) == {"visit": datetime.date(2026, 3, 12), "decide": datetime.date(2026, 4, 8)}
    late = Case.objects.everywhere(reason="test").filter(pk=case.pk, due_on__lt=datetime.date(2026, 3, 13))
    assert late.exists()


def test_fact_12_a_case_keeps_the_packs_with_which_it_was_opened(office):
    case = office.open()
    choose_packs(area=office.register.areas["LONGHE"], rulebook=BOOK, packs=["anhui"], since=TODAY,
                 by=office.staff["county"], today=TODAY)  # fmt: skip
    office.assign(case)
    assert deadlines(case)["decide"] == TODAY + 15 * DAY


def test_fact_14_no_appraisal_before_the_signed_authorisation(office):
    case = office.open()
    office.assign(case)
    office.visit(case)
    with pytest.raises(CaseError, match="not ready for the meeting: application and authorisation"):
        office.appraise([case])
    record_application(case, outcome="applied", by=office.staff["contact"], day=office.today, today=office.today,
                       how="thumbprint", helper="Helper One", read_back=True)  # fmt: skip
    office.appraise([case])


def test_fact_16_five_months_are_too_few_and_six_are_enough_to_begin(office):
    case = supported(office)
    well_for(office, case, months=5)
    with pytest.raises(CaseError, match="six calendar months"):
        propose(office, case)
    assert not case.steps.filter(step="propose_exit").exists()
    well_for(office, case, months=6)
    assert {one.verdict for one in exit_verdicts_of(case, today=office.today)} == {"yes"}
    propose(office, case)


def test_what_a_department_delivers_every_month_is_no_reading_of_the_income(office):
    case = supported(office)
    for months in range(1, 7):
        office.today += 30 * DAY
        write_facts(case.household, [FactValue("out_of_pocket_12m", str(100 * months))], kind=SourceKind.DEPARTMENT,
                    source="Medical", day=office.today, by=office.staff["county"], today=office.today)  # fmt: skip
    assert "income_wage_12m" in incomes_due(case, today=office.today), "still asked"
    learn(office, case, office.today)
    assert not incomes_due(case, today=office.today)
    verdicts = {one.id: one.verdict for one in exit_verdicts_of(case, today=office.today)}
    assert verdicts["sustained"] != "yes", (
        "one income that somebody told, and six deliveries, are no half year"
    )


def test_fact_17_a_household_wholly_without_labour_is_kept(office):
    case = supported(office)
    well_for(office, case, months=6)
    learn(office, case, office.today, without_labour="true")
    with pytest.raises(CaseError, match="without labour"):
        propose(office, case)


def test_fact_18_without_a_measure_nobody_leaves_by_assistance(office):
    case = supported(office, measure=False)
    well_for(office, case, months=6)
    with pytest.raises(CaseError, match="at least one measure"):
        propose(office, case)


def test_fact_19_who_is_well_by_itself_may_leave_at_once(office):
    case = supported(office, measure=False)
    for days in (155, 2):
        learn(office, case, office.today - DAY * days)
    with pytest.raises(CaseError, match="six calendar months"):
        propose(office, case)
    propose(office, case, exit_mode="natural")
    assert case.exit_mode == "natural"


def test_fact_20_the_line_of_the_year_counts(office):
    case = supported(office)
    well_for(office, case, months=6)
    for days in (150, 2):
        # 8,200 a person: above the line of the year before (8,100), below that of this year (8,300).
        learn(office, case, office.today - DAY * days, income_wage_12m="8200", income_business_12m="0")
    with pytest.raises(CaseError, match="income has been sustained above this year's line"):
        propose(office, case)
    said = [one.sentence["en"] for one in exit_verdicts_of(case, today=office.today) if one.verdict == "no"]
    assert any("8,300" in text for text in said)


def test_a_missing_fact_cannot_be_told_and_so_nobody_leaves(office):
    case = supported(office)
    well_for(office, case, months=6)
    write_facts(case.household, [FactValue("spending_solved", None)], kind=SourceKind.VISIT, source="Visit",
                day=office.today, by=office.staff["contact"], today=office.today)  # fmt: skip
    verdicts = {one.id: one.verdict for one in exit_verdicts_of(case, today=office.today)}
    assert verdicts["spending_solved"] == "cannot_tell"
    with pytest.raises(CaseError, match="large rigid spending"):
        propose(office, case)


def test_the_conditions_must_still_hold_on_the_day_of_the_decision(office):
    case = supported(office)
    well_for(office, case, months=6)
    propose(office, case)
    learn(office, case, office.today, dwelling_unsafe="true")
    record_visit(case, outcome="confirmed", by=office.staff["contact"], visitors=[office.staff["worker"]],
                 day=office.today, today=office.today)  # fmt: skip
    family_answers(case, outcome="agrees", by=office.staff["contact"], day=office.today, today=office.today)
    office.appraise([case], "exit_appraise")
    office.notice([case], "exit_notice")
    with pytest.raises(CaseError, match="dwelling is safe"):
        office.review(case, "exit_review")


def test_two_visit_before_an_exit_and_a_family_that_does_not_agree_is_answered(office):
    case = supported(office)
    well_for(office, case, months=6)
    propose(office, case)
    with pytest.raises(CaseError, match="at least 2 people"):
        record_visit(
            case, outcome="confirmed", by=office.staff["contact"], day=office.today, today=office.today
        )
    record_visit(case, outcome="confirmed", by=office.staff["contact"], visitors=[office.staff["worker"]],
                 day=office.today, today=office.today)  # fmt: skip
    with pytest.raises(NotAllowed, match="reason in words"):
        family_answers(
            case, outcome="disagrees", by=office.staff["contact"], day=office.today, today=office.today
        )
    family_answers(case, outcome="disagrees", by=office.staff["contact"], day=office.today, today=office.today,
                   reason="The treatment goes on.")  # fmt: skip
    with pytest.raises(CaseError, match="not ready for the meeting: answer to the family"):
        office.appraise([case], "exit_appraise")
    office.review(case, "answer_family", "keep")
    case.refresh_from_db()
    assert (case.status, case.next_step) == ("monitored", "follow_up")
    assert case.exited_on is None


def test_fact_25_who_comes_back_keeps_the_day_of_the_first_recognition(office):
    case = supported(office)
    first = case.recognised_on
    well_for(office, case, months=6)
    leave(office, case)
    assert (case.status, case.exited_on, case.exit_mode) == ("exited", office.today, "assistance")
    known = {one.fact: one.value for one in facts_as_of([case.household], as_of=office.today)}
    assert (known["monitored"], known["exited_on"]) == ("false", office.today.isoformat())
    assert known["first_recognised_on"] == first.isoformat()
    office.today += 30 * DAY
    again = open_case(household=case.household, rulebook=BOOK, by=office.staff["worker"], today=office.today)
    assert (again.earlier, again.first_recognised_on, again.recognised_on) == (case, first, None)
    office.assign(again)
    office.visit(again)
    office.apply(again)
    office.compare(again)
    office.appraise([again])
    office.notice([again])
    office.review(again)
    office.decide(again)
    again.refresh_from_db()
    assert (again.recognised_on, again.first_recognised_on) == (office.today, first)
    known = {one.fact: one.value for one in facts_as_of([case.household], as_of=office.today)}
    assert (known["recognised_on"], known["first_recognised_on"]) == (
        office.today.isoformat(),
        first.isoformat(),
    )
    assert known["measures_delivered"] == "[]", "what was delivered before belongs to the earlier time"


def test_who_comes_back_with_emergency_aid_keeps_nothing_else_of_the_earlier_time(office):
    case = supported(office)
    well_for(office, case, months=6)
    leave(office, case)
    office.today += 30 * DAY
    again = open_case(household=case.household, rulebook=BOOK, by=office.staff["worker"], today=office.today)
    office.assign(again)
    give_emergency_aid(again, amount=Decimal(2000), risk="illness", reason="The ward asks for a deposit.",
                       by=office.staff["township2"], day=office.today, today=office.today)  # fmt: skip

    def delivered() -> str:
        known = {one.fact: one.value for one in facts_as_of([case.household], as_of=office.today)}
        return known["measures_delivered"]

    assert delivered() == "social_assistance"
    office.visit(again)
    office.apply(again)
    office.compare(again)
    office.appraise([again])
    office.notice([again])
    office.review(again)
    office.decide(again)
    assert delivered() == "social_assistance"
