"""Drawing the audit, and what a visit of it leads to."""

from __future__ import annotations

import datetime
from collections import Counter
from fractions import Fraction

import pytest

from highground.audit.models import Event
from highground.cases.enums import Channel
from highground.cases.models import Case, Visit
from highground.methods.risk import InputError
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.models import Household
from highground.rounds.actions import RoundsError, draw, record_outcome
from highground.rounds.models import AuditDraw, AuditVisit
from highground.signals.models import Clue
from tests.support.casework import start
from tests.support.register import BOOK, TODAY

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def drawn_of(made: AuditDraw) -> dict[str, AuditVisit]:
    visits = AuditVisit.objects.everywhere(reason="test").filter(draw=made)
    return {one.household.number: one for one in visits.select_related("household__area", "draw")}


def make(
    settled, *, seed: int = 7, share: float = 0.3, area: str = "LONGHE", by: str = "weilan"
) -> AuditDraw:
    place = settled.register.areas[area]
    return draw(place, rulebook=BOOK, seed=seed, share=share, by=settled.staff[by], today=TODAY)


def test_the_same_seed_draws_the_same_households_and_another_one_others(settled) -> None:
    first, again, other = make(settled), make(settled), make(settled, seed=8)
    assert set(drawn_of(first)) == set(drawn_of(again)) != set(drawn_of(other))
    assert first.drawn == len(drawn_of(first))


def test_only_a_county_officer_of_the_area_draws(settled) -> None:
    for name in ("antang", "huangmei", "liguo", "chenxi"):
        with pytest.raises(NotAllowed):
            make(settled, by=name)
    with pytest.raises(NotAllowed):
        make(settled, area="CN-9901")
    assert not AuditDraw.objects.everywhere(reason="test").exists()
    assert make(settled, by="antang", area="PINGNAN").population == 12


def test_a_draw_is_seen_in_its_area_and_its_households_in_theirs(settled) -> None:
    made = make(settled, share=1)
    staff = settled.staff
    assert AuditDraw.objects.visible_to(staff["weilan"], TODAY).get() == made
    assert not AuditDraw.objects.visible_to(staff["antang"], TODAY).exists()
    assert AuditVisit.objects.visible_to(staff["weilan"], TODAY).count() == 50
    assert not AuditVisit.objects.visible_to(staff["antang"], TODAY).exists()
    assert not AuditVisit.counted.visible_to(staff["antang"], TODAY).exists()


def test_what_something_flags_is_never_drawn(settled) -> None:
    flagged = set(Clue.objects.everywhere(reason="test").values_list("household__number", flat=True))
    assert flagged == {"F0", "F1", "F2", "F3"}
    start(settled.households["Q000"], settled.staff["weilan"])
    Household.objects.everywhere(reason="test").filter(number="Q001").update(status="moved")
    found = set(drawn_of(make(settled, share=1)))
    assert found == {f"Q{number:03}" for number in range(2, 50)}


def test_probabilities_sum_to_the_number_drawn_in_every_stratum(settled) -> None:
    made = make(settled)
    visits = list(drawn_of(made).values())
    population = Counter()
    for cell in made.cells:
        population[f"{cell['county']} / {cell['fed']}"] += cell["unflagged"]
    drawn = Counter(one.stratum for one in visits)
    assert sum(population.values()) == made.population == 50
    assert set(drawn) == {"LONGHE / yes", "LONGHE / no"}
    for stratum, count in drawn.items():
        assert {one.probability for one in visits if one.stratum == stratum} == {count / population[stratum]}
        whole = Fraction(count, population[stratum]) * population[stratum]
        assert whole == count == -(-3 * population[stratum] // 10)
    assert {one.stratum for one in visits if int(one.household.number[1:]) % 3 == 0} == {"LONGHE / yes"}


def test_a_draw_is_one_event_that_names_nobody(settled) -> None:
    before = Event.objects.count()
    made = make(settled)
    event = Event.objects.order_by("-sequence").first()
    assert event is not None and Event.objects.count() == before + 1
    assert (event.kind, event.subject_id) == ("rounds.draw", str(made.pk))
    assert event.data["drawn"] == made.drawn and len(event.data["content"]) == 64


def test_what_cannot_be_drawn_says_why(settled) -> None:
    with pytest.raises(InputError, match="share"):
        make(settled, share=0)
    with pytest.raises(RoundsError, match="never used"):
        draw(settled.register.areas["LONGHE"], rulebook="other", seed=1, by="test", today=TODAY)
    with pytest.raises(RoundsError, match="nobody to draw"):
        draw(settled.register.areas["HEPING"], rulebook=BOOK, seed=1, by="test", today=TODAY)


def test_a_yes_opens_a_case_by_the_visit_and_a_no_does_not(settled) -> None:
    items = list(drawn_of(make(settled)).values())
    by = settled.staff["huangmei"]
    later = TODAY + DAY
    yes = record_outcome(items[0], outcome="yes", by=by, day=TODAY, today=later)
    record_outcome(items[1], outcome="no", by=by, day=TODAY, today=later)
    case = Case.objects.everywhere(reason="test").get()
    assert (case.household_id, case.channel, case.discovered_on, case.opened_on) == (
        items[0].household_id, Channel.VISIT, TODAY, later,
    )  # fmt: skip
    assert yes.visit is not None and yes.visit.case == case
    assert Visit.objects.everywhere(reason="test").count() == 2


def test_a_yes_goes_on_with_the_case_that_is_under_way(settled) -> None:
    item = next(iter(drawn_of(make(settled)).values()))
    case = start(item.household, settled.staff["weilan"])
    done = record_outcome(item, outcome="yes", by=settled.staff["huangmei"], day=TODAY, today=TODAY)
    assert done.visit is not None and done.visit.case == case
    assert Case.objects.everywhere(reason="test").get() == case


def test_who_does_not_visit_there_records_nothing(settled) -> None:
    item = next(iter(drawn_of(make(settled)).values()))
    for name in ("antang", "chenxi"):
        with pytest.raises(NotAllowed):
            record_outcome(item, outcome="no", by=settled.staff[name], day=TODAY, today=TODAY)
    item.refresh_from_db()
    assert item.outcome == ""


def test_an_answer_stands_and_cannot_tell_may_be_followed_by_one(settled) -> None:
    item = next(iter(drawn_of(make(settled)).values()))
    by = settled.staff["huangmei"]
    for outcome in ("cannot_tell", "no"):
        assert record_outcome(item, outcome=outcome, by=by, day=TODAY, today=TODAY).outcome == outcome
    with pytest.raises(RoundsError, match="answer already"):
        record_outcome(item, outcome="yes", by=by, day=TODAY, today=TODAY)
    for day in (TODAY - DAY, TODAY + DAY):
        with pytest.raises(RoundsError, match="day"):
            record_outcome(item, outcome="yes", by=by, day=day, today=TODAY)
    with pytest.raises(RoundsError, match="no outcome"):
        record_outcome(item, outcome="perhaps", by=by, day=TODAY, today=TODAY)
