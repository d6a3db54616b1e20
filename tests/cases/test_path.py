"""The path of a case through the office's actions: what each step needs, stores and refuses."""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import partial

import pytest

from highground.audit.actions import verify
from highground.audit.models import Event
from highground.cases.actions.applying import record_application
from highground.cases.actions.comparing import Answer, record_comparison
from highground.cases.actions.deciding import decide, give_emergency_aid
from highground.cases.actions.facts import FactValue
from highground.cases.actions.meetings import call_meeting, close_meeting, decide_item
from highground.cases.actions.notices import close_notice, lines_of, post_notice
from highground.cases.actions.objections import answer_objection, file_objection
from highground.cases.actions.opening import assign, open_case
from highground.cases.actions.visiting import follow_up, record_look, record_visit
from highground.cases.flow import CaseError, Changed, take_step
from highground.cases.models import Case, Deadline, Turn
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.authorisations import NotAuthorised, withdraw_authorisation
from highground.people.queries import facts_as_of
from highground.signals.models import Clue
from tests.support.register import BOOK, TODAY

DAY = datetime.timedelta(days=1)


def facts(household, day) -> dict[str, str]:
    return {one.fact: one.value for one in facts_as_of([household], as_of=day) if one.member is None}


def running(case) -> dict[str, datetime.date | None]:
    return dict(Deadline.objects.everywhere(reason="test").filter(
        case=case, met_on=None, dropped_on=None).values_list("step", "due_on"))  # fmt: skip


def test_from_a_clue_to_a_monitored_household(office):
    case = office.recognise()
    assert (case.status, case.class_id, case.rule_class, case.differs) == (
        "monitored", "sudden_severe", "sudden_severe", False)  # fmt: skip
    known = facts(case.household, office.today)
    assert known["monitored"] == "true"
    assert known["monitored_class"] == "sudden_severe"
    assert known["recognised_on"] == office.today.isoformat()
    assert known["recognised_risks"] == "illness"
    assert known["measures_delivered"] == "[]"
    clues = Clue.objects.everywhere(reason="test").filter(household=case.household)
    assert {clue.status for clue in clues} == {"closed"}
    assert case.next_step == "plan"
    assert set(running(case)) == {"plan", "deliver"}
    assert verify().sound
    kinds = list(
        Event.objects.filter(subject_kind="case").order_by("sequence").values_list("kind", flat=True)
    )
    assert kinds == ["cases.open", "cases.assign", "cases.visit", "cases.apply", "cases.compare",
                     "cases.appraise", "cases.notice", "cases.review", "cases.decide"]  # fmt: skip


def test_the_deadline_counts_from_discovery_and_is_met(office):
    case = office.open()
    assert running(case) == {"visit": TODAY + 3 * DAY, "decide": TODAY + 15 * DAY}
    assert case.due_on == TODAY + 3 * DAY
    office.assign(case)
    office.visit(case)
    assert "visit" not in running(case)
    met = Deadline.objects.everywhere(reason="test").get(case=case, step="visit")
    assert met.met_on == TODAY


def test_inboxes_hold_whose_turn_it_is(office):
    case = office.open()
    turns = Turn.objects.everywhere(reason="test").filter(case=case)
    assert set(turns.values_list("step", flat=True)) == {"assign"}
    office.assign(case)
    assert set(turns.filter(leads=True).values_list("role", flat=True)) == {
        "contact_officer", "village_worker", "first_secretary", "township_officer"}  # fmt: skip
    assert set(turns.filter(leads=False).values_list("step", flat=True)) == {"emergency_aid"}


def test_one_household_has_one_case_at_a_time(office):
    case = office.open()
    with pytest.raises(CaseError, match=f"case {case.pk} of this household is under way"):
        office.open()


def test_a_person_from_elsewhere_opens_nothing(office):
    with pytest.raises(NotAllowed):
        open_case(
            household=office.household(), rulebook=BOOK, by=office.staff["neighbour"], today=office.today
        )
    case = office.open()
    with pytest.raises(NotAllowed) as refused:
        assign(case, contact=office.staff["contact"], by=office.staff["neighbour"], today=office.today)
    assert refused.value.why == "role"


def test_a_visit_needs_as_many_visitors_as_the_pack_says(office):
    case = office.open()
    Case.objects.everywhere(reason="test").filter(pk=case.pk).update(packs=["qinan", "two-visitors"])
    case.refresh_from_db()
    office.assign(case)
    with pytest.raises(CaseError, match="at least 2 people"):
        record_visit(case, outcome="propose", by=office.staff["contact"], day=office.today, today=office.today,
                     proposed_class="sudden_severe", risks=["illness"])  # fmt: skip
    office.visit(case)


def test_a_visit_that_lies_before_the_discovery_is_refused_and_a_late_entry_is_kept_with_both_days(office):
    case = office.open()
    office.assign(case)
    with pytest.raises(NotAllowed) as refused:
        record_visit(case, outcome="propose", by=office.staff["contact"], day=TODAY - DAY, today=TODAY,
                     proposed_class="sudden_severe", risks=["illness"])  # fmt: skip
    assert refused.value.why == "back_dated"
    late = TODAY + 4 * DAY
    step = record_visit(case, outcome="propose", by=office.staff["contact"], day=TODAY + DAY, today=late,
                        proposed_class="sudden_severe", risks=["illness"])  # fmt: skip
    assert (step.day, step.recorded_at.date()) == (TODAY + DAY, late)


def test_facts_of_a_visit_have_the_visit_as_their_source(office):
    case = office.open()
    office.assign(case)
    record_visit(
        case, outcome="propose", by=office.staff["contact"], day=office.today, today=office.today,
        proposed_class="sudden_severe", risks=["illness"], note="The roof is new.", need_words="我们先卖了牛",
        need_language="zh",
        values=[FactValue("out_of_pocket_12m", "30000.50"), FactValue("owns_car", False, confirmed=True)],
    )  # fmt: skip
    (known,) = [
        one for one in facts_as_of([case.household], as_of=office.today) if one.fact == "out_of_pocket_12m"
    ]
    assert (known.value, known.source_kind) == ("30000.5", "visit")
    assert case.questions == 2
    assert case.household.needs.get().words == "我们先卖了牛"
    visit = case.visits.get()
    assert (visit.asked, visit.confirmed, visit.corrected) == (2, 1, 1)


def test_a_dismissed_clue_is_closed_with_its_reason(office):
    case = office.open()
    office.assign(case)
    office.visit(case, "dismiss")
    assert case.status == "closed"
    assert running(case) == {}
    assert not Turn.objects.everywhere(reason="test").filter(case=case).exists()
    assert case.steps.get(step="visit").reason
    assert {one.clue.status for one in case.clue_links.select_related("clue")} == {"closed"}
    assert office.open().earlier == case


def test_a_helper_who_writes_is_named_and_reads_it_back(office):
    case = office.open()
    office.assign(case)
    office.visit(case)
    with pytest.raises(NotAuthorised, match="read it back"):
        record_application(case, outcome="applied", by=office.staff["contact"], day=office.today, today=office.today,
                           helper="Helper One", how="thumbprint")  # fmt: skip
    assert case.steps.filter(step="apply").count() == 0
    record_application(case, outcome="applied", by=office.staff["contact"], day=office.today, today=office.today,
                       helper="Helper One", how="thumbprint", read_back=True)  # fmt: skip
    assert case.household.authorisations.count() == 1


def test_registers_are_asked_only_under_an_authorisation(office):
    case = office.open()
    office.assign(case)
    office.visit(case)
    office.apply(case)
    withdraw_authorisation(case.household, day=office.today, by="1", today=office.today)
    with pytest.raises(NotAuthorised, match="has not allowed"):
        office.compare(case)


def test_a_veto_with_its_exception_goes_to_the_appraisal(office):
    case = office.open()
    office.assign(case)
    office.visit(case)
    office.apply(case)
    record_comparison(
        case, by=office.staff["county2"], day=office.today, today=office.today,
        answers=[Answer("vehicles", "hit", veto="owns_car", excepted_by=("illness",), note="A car of 2012")],
    )  # fmt: skip
    assert case.status == "open"
    assert case.comparisons.get().excepted_by == ["illness"]
    office.appraise([case])
    with pytest.raises(CaseError, match="no veto of the rulebook"):
        other = office.open("1410")
        office.assign(other)
        office.visit(other)
        office.apply(other)
        record_comparison(other, answers=[Answer("vehicles", "hit", veto="yacht")], by=office.staff["county2"],
                          day=office.today, today=office.today)  # fmt: skip


def ready_for_the_meeting(office, number="2231"):
    case = office.open(number)
    office.assign(case)
    office.visit(case)
    office.apply(case)
    return case


def meeting_of(office, *cases):
    return call_meeting(
        area=office.register.areas["LONGHE"], rulebook=BOOK, step="appraise", day=office.today, entitled=31,
        cases=cases, by=office.staff["secretary"], today=office.today,
    )  # fmt: skip


def test_a_meeting_below_its_quorum_decides_nothing(office):
    case = ready_for_the_meeting(office)
    meeting = meeting_of(office, case)
    decide_item(
        meeting.items.get(), outcome="include", in_favour=15, by=office.staff["secretary"], today=office.today
    )
    with pytest.raises(CaseError, match="15 of 31 were there; the meeting needs 16"):
        close_meeting(
            meeting, present=15, minutes="Read out.", by=office.staff["secretary"], today=office.today
        )
    assert case.steps.filter(step="appraise").count() == 0


def test_a_meeting_is_not_closed_with_one_household_undecided(office):
    cases = [ready_for_the_meeting(office, number) for number in ("2231", "1410")]
    meeting = meeting_of(office, *cases)
    decide_item(
        meeting.items.get(case=cases[0]), outcome="include", in_favour=20, by=office.staff["secretary"],
        today=office.today,
    )  # fmt: skip
    with pytest.raises(CaseError, match="1 of 2 households are undecided: 1410"):
        close_meeting(
            meeting, present=20, minutes="Read out.", by=office.staff["secretary"], today=office.today
        )
    assert all(case.steps.filter(step="appraise").count() == 0 for case in cases)


def test_one_meeting_and_one_notice_cover_many_households(office):
    cases = [ready_for_the_meeting(office, number) for number in ("2231", "1410")]
    for case in cases:
        office.compare(case)
    meeting = meeting_of(office, *cases)
    for item in meeting.items.all():
        decide_item(item, outcome="include", in_favour=20, by=office.staff["secretary"], today=office.today)
    taken = close_meeting(
        meeting, present=21, minutes="Read out.", by=office.staff["secretary"], today=office.today
    )
    assert len(taken) == 2
    notice = hang(office, *cases)
    assert [line.number for line in lines_of(notice)] == [1, 2]
    office.today = notice.ends_on
    assert len(close_notice(notice, by=office.staff["secretary"], today=office.today)) == 2
    notice.refresh_from_db()
    assert lines_of(notice) == [], "it was taken down"


def hang(office, *cases, days=None):
    return post_notice(
        area=office.register.areas["LONGHE"], rulebook=BOOK, step="notice", cases=cases, days=days,
        object_at="Village office", by=office.staff["secretary"], day=office.today, today=office.today,
    )  # fmt: skip


def on_notice(office, number="2231"):
    case = ready_for_the_meeting(office, number)
    office.compare(case)
    office.appraise([case])
    return case, hang(office, case)


def test_a_notice_of_four_days_counts_for_nothing_and_one_of_five_does(office):
    case, notice = on_notice(office)
    with pytest.raises(CaseError, match="hung for 4 of 5 full days"):
        close_notice(notice, by=office.staff["secretary"], today=notice.posted_on + 5 * DAY)
    assert case.steps.filter(step="notice").count() == 0
    close_notice(notice, by=office.staff["secretary"], today=notice.posted_on + 6 * DAY)
    assert case.steps.get(step="notice").outcome == "undisputed"


def test_a_notice_shorter_than_the_rule_is_not_hung_up(office):
    case = ready_for_the_meeting(office)
    office.compare(case)
    office.appraise([case])
    with pytest.raises(CaseError, match="4 days are too short: the rule asks for at least 5"):
        hang(office, case, days=4)


def test_an_objection_stops_the_clock_and_is_answered_by_somebody_else(office):
    case, notice = on_notice(office)
    due = running(case)["decide"]
    item = notice.items.get()
    objection = file_objection(
        item, text="They own a shop.", by="public", day=office.today + DAY, today=office.today + DAY
    )
    assert running(case)["decide"] is None
    office.today = notice.ends_on
    with pytest.raises(CaseError, match="still open"):
        close_notice(notice, by=office.staff["secretary"], today=office.today)
    with pytest.raises(NotAllowed):
        answer_objection(
            objection, uphold=True, answer="Yes.", by=office.staff["secretary"], today=office.today
        )
    answer_objection(objection, uphold=False, answer="The shop is rented out by another family.",
                     by=office.staff["township"], today=office.today)  # fmt: skip
    assert running(case)["decide"] == due + (office.today - (TODAY + DAY))
    close_notice(notice, by=office.staff["secretary"], today=office.today)
    assert case.steps.get(step="notice").outcome == "undisputed"


def test_an_objection_upheld_sends_the_household_back_to_the_appraisal(office):
    case, notice = on_notice(office)
    objection = file_objection(
        notice.items.get(), text="Not so.", by="public", day=office.today, today=office.today
    )
    answer_objection(objection, uphold=True, answer="The savings were not counted.", by=office.staff["township"],
                     today=office.today)  # fmt: skip
    office.today = notice.ends_on
    close_notice(notice, by=office.staff["secretary"], today=office.today)
    case.refresh_from_db()
    assert case.next_step == "appraise"
    assert not case.steps.get(step="appraise").stands
    office.appraise([case])
    office.notice([case])
    office.review(case)
    office.decide(case)
    assert case.status == "monitored"


def test_nobody_checks_their_own_step(office):
    case, notice = on_notice(office)
    office.today = notice.ends_on
    close_notice(notice, by=office.staff["secretary"], today=office.today)
    office.review(case)
    with pytest.raises(NotAllowed) as refused:
        decide(case, step="decide", outcome="include", by=office.staff["county2"], today=office.today)
    assert refused.value.why == "own_step", "this officer compared the registers"


def test_two_officers_at_once_one_wins_and_the_other_sees_what_changed(office):
    case, notice = on_notice(office)
    office.today = notice.ends_on
    close_notice(notice, by=office.staff["secretary"], today=office.today)
    case.refresh_from_db()
    seen = case.version
    decide(case, step="review", outcome="agree", by=office.staff["township"], today=office.today, seen=seen)
    with pytest.raises(Changed) as late:
        decide(case, step="review", outcome="send_back", by=office.staff["township2"], today=office.today,
               reason="Look again.", seen=seen)  # fmt: skip
    assert [(one.step, one.outcome) for one in late.value.steps] == [("review", "agree")]
    assert case.steps.filter(step="review").count() == 1


def test_emergency_aid_comes_first_has_a_limit_and_is_made_good(office):
    case = office.open()
    office.assign(case)
    aid = {
        "by": office.staff["township"],
        "day": office.today,
        "today": office.today,
        "reason": "No money for the ward.",
    }
    with pytest.raises(CaseError, match="at most 3000"):
        give_emergency_aid(case, amount=Decimal(3001), risk="illness", **aid)
    with pytest.raises(CaseError, match="illness, accident, disaster"):
        give_emergency_aid(case, amount=Decimal(100), risk="schooling", **aid)
    give_emergency_aid(case, amount=Decimal("2500.50"), risk="illness", **aid)
    assert running(case)["emergency_aid"] == TODAY + 30 * DAY
    assert facts(case.household, office.today)["measures_delivered"] == "social_assistance"
    office.visit(case)
    office.apply(case)
    office.compare(case)
    office.appraise([case])
    office.notice([case])
    with pytest.raises(NotAllowed) as refused:
        office.review(case)
    assert refused.value.why == "own_step", "whoever gave the aid does not review the household"
    decide(case, step="review", outcome="agree", by=office.staff["township2"], today=office.today)
    office.decide(case)
    made_good = Deadline.objects.everywhere(reason="test").get(case=case, step="emergency_aid")
    assert made_good.met_on == office.today
    assert facts(case.household, office.today)["measures_delivered"] == "social_assistance"


def test_the_log_keeps_ids_counts_and_days_and_nothing_of_how_a_family_is(office):
    case = office.open()
    office.assign(case)
    give_emergency_aid(case, amount=Decimal(2500), risk="illness", reason="No money for the ward.",
                       by=office.staff["township2"], day=office.today, today=office.today)  # fmt: skip
    office.visit(case)
    office.apply(case)
    office.compare(case)
    office.appraise([case])
    office.notice([case])
    office.review(case)
    office.decide(case)
    told = {event.kind: event.data for event in Event.objects.filter(subject_kind="case")}
    assert (told["cases.visit"]["asked"], told["cases.visit"]["visitors"]) == (0, 2)
    assert (told["cases.appraise"]["for"], told["cases.appraise"]["entitled"]) == (21, 31)
    assert told["cases.notice"]["line"] == 1 and told["cases.assign"]["contact"]
    always = {"household", "sequence", "outcome", "day", "role", "people"}
    assert set(told["cases.emergency_aid"]) == set(told["cases.decide"]) == set(told["cases.apply"]) == always
    kept = case.steps.get(step="emergency_aid").data
    assert kept == {"amount_minor": 250_000, "risk": "illness"}, "the case itself keeps it"


def test_no_visit_of_any_kind_is_entered_more_than_a_month_late(office):
    case = office.recognise()
    take_step(case, step="plan", outcome="planned", by=office.staff["contact"], day=office.today,
              today=office.today)  # fmt: skip
    by, seen_on = office.staff["contact"], office.today
    late = seen_on + 32 * DAY
    income = [FactValue("income_wage_12m", "60000")]
    for record in (partial(follow_up, case), partial(record_look, case.household)):
        with pytest.raises(CaseError, match=f"a visit of {seen_on} is entered too late"):
            record(by=by, day=seen_on, today=late, values=income)
    assert facts(case.household, late).get("income_wage_12m") != "60000"
    record_look(case.household, by=by, day=seen_on, today=late - DAY, values=income)
    follow_up(case, by=by, day=seen_on + DAY, today=late, values=income)


def test_who_goes_along_holds_a_role_that_visits(office):
    case = office.recognise()
    take_step(case, step="plan", outcome="planned", by=office.staff["contact"], day=office.today,
              today=office.today)  # fmt: skip
    went = {"by": office.staff["contact"], "day": office.today, "today": office.today}
    for stranger in ("neighbour", "analyst"):
        with pytest.raises(CaseError, match="holds no role here in which they could visit"):
            record_look(case.household, visitors=[office.staff[stranger]], **went)
    with pytest.raises(CaseError, match="holds no role here in which they could visit"):
        follow_up(case, visitors=[office.staff["county"]], **went)
    visit = record_look(case.household, visitors=[office.staff["county"]], **went)
    assert len(visit.visitors) == 2
    step = follow_up(case, visitors=[office.staff["worker"], office.staff["contact"]], **went)
    assert len(step.visit.visitors) == 2, "who is named twice went once"


def test_where_people_and_rulebook_differ_both_stand(office):
    case = ready_for_the_meeting(office, "0122")
    assert case.channel == "visit"
    office.compare(case)
    office.appraise([case])
    office.notice([case])
    office.review(case)
    office.decide(case)
    case.refresh_from_db()
    assert (case.class_id, case.rule_class, case.differs) == ("sudden_severe", "", True)
