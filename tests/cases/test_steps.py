"""The pages on which steps are taken: what they ask, what they show instead, what they say when something is wrong."""

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from highground.cases.actions.deciding import decide
from highground.cases.forms.base import why_refused
from highground.cases.models import Case, Comparison, Need, Visit
from highground.methods.facts import load_dictionary
from highground.methods.facts.entering import NotAValue, canonical
from highground.people.authorisations import authorised
from highground.people.models import Observation
from highground.signals.actions import screen_register
from tests.support.casework import add_staff, lead, start, who
from tests.support.pages import check_source
from tests.support.register import BOOK, TODAY, add_register, learn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]


@pytest.fixture
def register(db):
    found = add_register()
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    return found


@pytest.fixture
def staff(register):
    return add_staff(register)


class Desk:
    """Somebody at the page of a step: opens it, sends it as it stands with some answers changed."""

    def __init__(self, user, case: Case, step: str) -> None:
        self.client = Client()
        self.client.force_login(user)
        self.address = f"/cases/{case.pk}/steps/{step}/"
        self.opened = self.client.get(self.address)
        assert self.opened.status_code == 200
        check_source(self.opened)

    @property
    def form(self):
        return self.opened.context["form"]

    def prefilled(self) -> dict[str, object]:
        """What the page would send if nothing were typed."""
        found = {}
        for field in self.form:
            value = field.value()
            if value is not None and value is not False and value != "" and value != []:
                found[field.name] = value
        return found

    def send(self, **answers: object):
        """Send the page with these answers; None takes one out."""
        typed = {**self.prefilled(), **answers}
        return self.client.post(
            self.address, {name: value for name, value in typed.items() if value is not None}
        )


def errors_of(response) -> dict[str, list[str]]:
    assert response.status_code == 422, response.status_code
    return {name: list(texts) for name, texts in response.context["form"].errors.items()}


def test_the_contact_officer_is_chosen_among_those_who_may_visit_here(register, staff) -> None:
    case = start(register.households["2231"], staff["huangmei"])
    desk = Desk(staff["huangmei"], case, "assign")
    offered = [label for _value, label in desk.form.fields["contact"].choices]
    assert offered == [
        "Huang Mei · village worker · 0 cases",
        "Li Guo · township officer · 0 cases",
        "Qin Hao · household contact officer · 0 cases",
        "Tang Yu · township officer · 0 cases",
        "Wei Sheng · first secretary · 0 cases",
    ]
    assert errors_of(desk.send(contact=None)) == {"contact": ["Choose who looks after this household."]}
    response = desk.send(contact=str(staff["qinhao"].pk))
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.contact == staff["qinhao"]
    assert "Contact officer: Qin Hao" in desk.client.get(f"/cases/{case.pk}/").content.decode()


def test_a_visit_asks_only_what_is_missing_or_too_old_and_could_change_the_answer(register, staff) -> None:
    case = lead(start(register.households["3096"], staff["huangmei"]), staff, to="visit")
    desk = Desk(staff["qinhao"], case, "visit")
    asked = [name for name in desk.form.fields if name.startswith("fact_")]
    assert asked == ["fact_out_of_pocket_12m"]
    page = desk.opened.content.decode()
    assert "Known and fresh: not asked" in page
    assert "30,000 yuan" in page  # the wages: shown, and not asked
    response = desk.send(
        fact_out_of_pocket_12m="31400",
        note="The roof is sound.",
        need_words="We sold the buffalo first.",
        need_language="za",
        outcome="propose",
        class_id="sudden_severe",
        risks=["illness"],
    )
    assert response.status_code == 302, errors_of(response)
    case.refresh_from_db()
    assert (case.proposed_class, case.risks, case.questions) == ("sudden_severe", ["illness"], 1)
    visit = Visit.objects.everywhere(reason="test").get(case=case)
    assert (visit.asked, visit.confirmed, visit.corrected) == (1, 0, 1)
    need = Need.objects.everywhere(reason="test").get()
    assert (need.words, need.language) == ("We sold the buffalo first.", "za")


def test_nothing_is_asked_twice_while_it_is_fresh(register, staff) -> None:
    case = lead(start(register.households["3096"], staff["huangmei"]), staff, to="visit")
    Desk(staff["qinhao"], case, "visit").send(
        fact_out_of_pocket_12m="31400", outcome="propose", class_id="sudden_severe", risks=["illness"]
    )
    # Sent back, the household is visited again, before any screening has read what was learned.
    case = lead(case, staff, to="notice")
    Case.objects.everywhere(reason="test").filter(pk=case.pk).update(next_step="visit")
    case.steps.filter(step__in=["visit", "apply", "compare", "appraise"]).update(stands=False)
    again = Desk(staff["qinhao"], case, "visit")
    assert [name for name in again.form.fields if name.startswith("fact_")] == []
    assert "Enough is known and fresh: nothing has to be asked." in again.opened.content.decode()
    assert again.prefilled()["class_id"] == "sudden_severe"
    assert again.prefilled()["risks"] == ["illness"]


def test_a_follow_up_asks_what_keeps_the_exit_from_being_told(register, staff) -> None:
    """Wages were said today, so no income is due; the part that nobody knows is asked, and what the exit reads."""
    learn({"3096": {"income_wage_12m": "31000"}}, register.areas, day=TODAY)
    case = lead(start(register.households["3096"], staff["huangmei"]), staff, to="follow_up")
    desk = Desk(staff["qinhao"], case, "follow_up")
    asked = [name for name in desk.form.fields if name.startswith("fact_")]
    assert asked == ["fact_out_of_pocket_12m", "fact_spending_solved", "fact_without_labour"]
    assert "fix_income_wage_12m" in desk.form.fields
    assert desk.send(fact_spending_solved="false", fact_out_of_pocket_12m="0").status_code == 302
    visit = Visit.objects.everywhere(reason="test").get(case=case, step__step="follow_up")
    assert (visit.asked, visit.asked_fresh) == (2, 0)


def test_incomes_are_asked_again_a_month_after_the_last(register, staff, monkeypatch) -> None:
    learn({"2231": {"income_wage_12m": "31000"}}, register.areas, day=TODAY)
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="follow_up")
    incomes = {"income_wage_12m", "income_business_12m", "cost_business_12m", "income_property_12m",
               "income_transfer_12m", "out_of_pocket_12m", "claims_12m"}  # fmt: skip
    for days, due in ((30, set()), (31, incomes)):
        monkeypatch.setattr(
            timezone, "localdate", lambda *_, days=days: TODAY + datetime.timedelta(days=days)
        )
        desk = Desk(staff["qinhao"], case, "follow_up")
        assert {name.removeprefix("fact_") for name in desk.form.fields} & incomes == due
    page = desk.opened.content.decode()
    assert "How much is it now? Confirm it or correct it." in page
    assert desk.prefilled()["fact_income_wage_12m"] == "31000"


def test_what_is_too_old_is_prefilled_to_confirm(register, staff, monkeypatch) -> None:
    later = TODAY + datetime.timedelta(days=500)
    screen_register(rulebook=BOOK, as_of=later, by="test", today=later)
    monkeypatch.setattr(timezone, "localdate", lambda *_: later)
    case = lead(
        start(register.households["0874"], staff["huangmei"], today=later), staff, to="visit", today=later
    )
    desk = Desk(staff["qinhao"], case, "visit")
    typed = desk.prefilled()
    assert typed["fact_income_wage_12m"] == "10000"
    assert "Too old: 10,000 yuan on 1 February 2026" in desk.opened.content.decode()
    response = desk.send(
        fact_income_wage_12m="12000",
        outcome="propose",
        class_id="unstable_lifted_out",
        risks=["illness", "other"],
    )
    assert response.status_code == 302, errors_of(response)
    visit = Visit.objects.everywhere(reason="test").get(case=case)
    # Every question was answered as it was prefilled, but for the wages.
    assert visit.corrected == 1
    assert visit.confirmed == visit.asked - 1 > 5


def test_a_fresh_value_that_is_wrong_can_be_corrected(register, staff) -> None:
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="visit")
    desk = Desk(staff["qinhao"], case, "visit")
    answers = {"outcome": "propose", "class_id": "sudden_severe", "risks": ["illness"]}
    assert errors_of(desk.send(fix_income_wage_12m="12,000", **answers))["fix_income_wage_12m"][0].startswith(
        "'12,000' has a comma"
    )
    assert desk.send(fix_income_wage_12m="28000", fix_claims_12m="16000", **answers).status_code == 302
    facts = Observation.objects.everywhere(reason="test").filter(valid_from=TODAY)
    assert [(one.fact, one.value) for one in facts] == [("income_wage_12m", "28000")]


def test_a_visit_names_what_is_missing(register, staff) -> None:
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="visit")
    Case.objects.everywhere(reason="test").filter(pk=case.pk).update(packs=["two-visitors"])
    desk = Desk(staff["qinhao"], case, "visit")
    assert "At least 1 person goes with you." in desk.opened.content.decode()
    wrong = errors_of(desk.send(outcome="propose", class_id=None, risks=None))
    assert wrong == {
        "visitors": ["At least 1 person goes with you."],
        "class_id": ["Choose the class that you propose."],
        "risks": ["Choose at least one risk."],
    }
    wrong = errors_of(desk.send(outcome="dismiss", visitors=[str(staff["huangmei"].pk)]))
    assert wrong == {"reason": ["Say why, in words that the family could read."]}
    later = (TODAY + datetime.timedelta(days=1)).isoformat()
    response = desk.send(
        outcome="dismiss", reason="Nobody is ill.", visitors=[str(staff["huangmei"].pk)], day=later
    )
    assert "lies after" in str(errors_of(response)["__all__"])
    assert "Nobody is ill." in response.content.decode()
    assert (
        desk.send(
            outcome="dismiss", reason="Nobody is ill.", visitors=[str(staff["huangmei"].pk)]
        ).status_code
        == 302
    )
    case.refresh_from_db()
    assert (case.status, case.proposed_class) == ("closed", "")


def test_the_application_names_the_helper_who_reads_it_back(register, staff) -> None:
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="apply")
    desk = Desk(staff["qinhao"], case, "apply")
    assert errors_of(desk.send(outcome="applied", helper="Huang Mei")) == {
        "read_back": ["Whoever writes for a family reads it back before it is signed."]
    }
    response = desk.send(outcome="applied", helper="Huang Mei", read_back="on", how="thumbprint")
    assert response.status_code == 302, errors_of(response)
    assert authorised(case.household, TODAY)
    page = desk.client.get(f"/cases/{case.pk}/").content.decode()
    assert "somebody wrote it for the family and read it back" in page


def test_registers_answer_and_a_veto_is_weighed(register, staff) -> None:
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="apply")
    assert Desk(staff["qinhao"], case, "apply").send(outcome="applied").status_code == 302
    Case.objects.everywhere(reason="test").filter(pk=case.pk).update(risks=["illness"])
    desk = Desk(staff["weilan"], case, "compare")
    assert desk.prefilled()["except_owns_car"] == ["illness"]
    assert errors_of(desk.send()) == {"__all__": ["Say what at least one register answered."]}
    wrong = errors_of(desk.send(found_vehicles="clear", veto_owns_car="vehicles"))
    assert wrong == {"veto_owns_car": ["Say above that this register found something."]}
    response = desk.send(
        found_vehicles="hit", note_vehicles="a van of 2009", found_housing="clear", veto_owns_car="vehicles"
    )
    assert response.status_code == 302, errors_of(response)
    rows = Comparison.objects.everywhere(reason="test").order_by("pk")
    assert [(one.register, one.found, one.veto, one.excepted_by) for one in rows] == [
        ("vehicles", "hit", "owns_car", ["illness"]),
        ("housing", "clear", "", []),
    ]
    page = desk.client.get(f"/cases/{case.pk}/").content.decode()
    assert "the family owns a car" in page
    assert "not counted, because of a sudden illness" in page


def test_the_county_decides(register, staff) -> None:
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="decide")
    county = who(case, "decide", staff, TODAY)
    desk = Desk(county, case, "decide")
    assert errors_of(desk.send(outcome="exclude", class_id=None)) == {
        "reason": ["Say why, in words that the family could read."]
    }
    assert errors_of(desk.send(outcome="include", class_id=None, risks=None)) == {
        "class_id": ["Choose the class in which the household is monitored."],
        "risks": ["Choose the risks that the help must answer."],
    }
    response = desk.send(outcome="include", class_id="sudden_severe", risks=["illness"])
    assert response.status_code == 302, errors_of(response)
    case.refresh_from_db()
    assert (case.status, case.class_id, case.differs) == ("monitored", "sudden_severe", False)


def test_a_button_chooses_the_outcome(register, staff) -> None:
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="review")
    client = Client()
    client.force_login(who(case, "review", staff, TODAY))
    form = client.get(f"/cases/{case.pk}/steps/review/?outcome=send_back").context["form"]
    assert form["outcome"].value() == "send_back"


def test_whoever_is_slower_sees_what_changed_and_keeps_what_was_typed(register, staff) -> None:
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="review")
    desk = Desk(who(case, "review", staff, TODAY), case, "review")
    Case.objects.everywhere(reason="test").filter(pk=case.pk).update(version=case.version + 1)
    last = case.steps.order_by("-sequence").first()
    case.steps.create(
        sequence=last.sequence + 1, step="emergency_aid", outcome="given", effect="next", day=TODAY,
        recorded_at=timezone.now(), entered_on=TODAY, by=str(staff["weilan"].pk),
        people=[str(staff["weilan"].pk)], role="county_officer",
    )  # fmt: skip
    response = desk.send(outcome="send_back", reason="The minutes are missing.")
    assert response.status_code == 422
    page = response.content.decode()
    assert "The case has changed since you opened this page." in page
    assert "Emergency aid: given at once, by Wei Lan" in page
    assert "The minutes are missing." in page
    # Sent again from this page, it is about the case as it stands now.
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    assert int(seen.group(1)) == last.sequence + 1


def test_aid_that_cannot_wait_has_a_limit_and_a_reason(register, staff) -> None:
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="emergency_aid")
    desk = Desk(staff["weilan"], case, "emergency_aid")
    assert (
        "At most 3,000 yuan. The county decision must follow within 30 days." in desk.opened.content.decode()
    )
    wrong = errors_of(desk.send(amount="3000.01", risk="illness"))
    assert wrong == {
        "amount": ["Give more than nothing and at most 3,000 yuan."],
        "reason": ["Say why it cannot wait."],
    }
    assert "Write digits alone" in str(
        errors_of(desk.send(amount="1,200", risk="illness", reason="x"))["amount"]
    )
    response = desk.send(amount="1200.50", risk="illness", reason="The operation is tomorrow.")
    assert response.status_code == 302, errors_of(response)
    page = desk.client.get(f"/cases/{case.pk}/").content.decode()
    assert "1,200.5 yuan" in page
    assert "Make good: county decision must stand" in page


def test_an_exit_that_the_conditions_do_not_allow_is_refused_with_those_that_fail(register, staff) -> None:
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="follow_up")
    desk = Desk(staff["qinhao"], case, "propose_exit")
    page = desk.opened.content.decode()
    assert "What must hold before the exit" in page
    response = desk.send(outcome="propose", exit_mode="assistance")
    (text,) = errors_of(response)["__all__"]
    assert text.startswith("The household cannot leave yet. Not fulfilled, or not known: ")
    assert "income has been sustained above this year's line" in text
    assert "What must hold before the exit" in desk.client.get(f"/cases/{case.pk}/").content.decode()


def test_the_exit_is_proposed_visited_and_the_family_answers(register, staff, monkeypatch) -> None:
    monkeypatch.setattr("highground.cases.actions.exits.exit_verdicts_of", lambda *_arguments, **_options: [])
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="follow_up")
    followed = Desk(staff["qinhao"], case, "follow_up").send(note="All are well.")
    assert followed.status_code == 302, errors_of(followed)
    proposed = Desk(staff["qinhao"], case, "propose_exit").send(outcome="propose", exit_mode="natural")
    assert proposed.status_code == 302, errors_of(proposed)
    visit = Desk(staff["qinhao"], case, "exit_visit").send(
        outcome="confirmed", visitors=[str(staff["weisheng"].pk)]
    )
    assert visit.status_code == 302, errors_of(visit)
    answer = Desk(staff["weisheng"], case, "family").send(outcome="disagrees", reason="The boy is still ill.")
    assert answer.status_code == 302, errors_of(answer)
    page = Client()
    page.force_login(staff["liguo"])
    assert "The boy is still ill." in page.get(f"/cases/{case.pk}/").content.decode()


def test_who_may_not_take_a_step_reads_who_may(register, staff) -> None:
    case = start(register.households["2231"], staff["huangmei"])
    client = Client()
    client.force_login(staff["chenxi"])
    page = client.get(f"/cases/{case.pk}/steps/assign/").content.decode()
    assert "This step is taken by: village worker, first secretary, township officer, county officer." in page
    assert '<form class="steps"' not in page
    assert client.post(f"/cases/{case.pk}/steps/assign/", {"contact": "1", "seen": "0"}).status_code == 200
    assert case.steps.count() == 0
    assert client.get(f"/cases/{case.pk}/steps/appraise/").status_code == 404
    assert client.get(f"/cases/{case.pk}/steps/nothing/").status_code == 404


def test_elsewhere_is_not_found(register, staff) -> None:
    case = start(register.households["9001"], staff["antang"])
    client = Client()
    client.force_login(staff["weilan"])
    assert client.get(f"/cases/{case.pk}/steps/assign/").status_code == 404
    assert client.post(f"/cases/{case.pk}/steps/assign/", {}).status_code == 404


def test_a_form_costs_as_much_however_much_happened(register, staff) -> None:
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="review")
    client = Client()
    client.force_login(who(case, "review", staff, TODAY))
    addresses = [f"/cases/{case.pk}/", f"/cases/{case.pk}/steps/review/"]

    def costs() -> list[int]:
        found = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            found.append(len(captured))
        return found

    few = costs()
    for _number in range(16):
        decide(
            case, step="review", outcome="send_back", by=who(case, "review", staff, TODAY), today=TODAY,
            reason="once more",
        )  # fmt: skip
        lead(case, staff, to="review")
    assert case.steps.count() > 50
    assert costs() == few


def test_what_cannot_be_is_said_in_the_readers_language(register, staff, settings) -> None:
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="visit")
    desk = Desk(staff["qinhao"], case, "visit")
    desk.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    answers = {"outcome": "propose", "class_id": "sudden_severe", "risks": ["illness"]}
    with translation.override("en"):  # so that no language stays behind
        response = desk.send(fix_income_wage_12m="12,000", **answers)
    assert errors_of(response)["fix_income_wage_12m"] == ["“12,000”含有逗号；请只写数字，小数前用点：12000"]


@pytest.mark.parametrize(
    ("fact", "typed"),
    [
        ("income_wage_12m", ""),
        ("income_wage_12m", "1,5"),
        ("income_wage_12m", "much"),
        ("income_wage_12m", "1.234"),
        ("income_wage_12m", "-9000000000000000"),
        ("household_size", "1.5"),
        ("water_unsafe", "perhaps"),
        ("birth_date", "tomorrow"),
        ("birth_date", "2030-01-01"),
        ("sex", "?"),
        ("risks", 7),
        ("risks", ["?"]),
    ],
)
def test_each_value_that_is_none_is_refused_in_chinese_too(fact, typed) -> None:
    with pytest.raises(NotAValue) as refused:
        canonical(load_dictionary()[fact], typed, today=TODAY)
    assert re.search("[a-z]{4}", str(refused.value))
    with translation.override("zh-hans"):
        said = why_refused(refused.value)
    assert re.search("[\u4e00-\u9fff]", said)
    assert not re.search("date|fact|value|amount|comma|write", said)
