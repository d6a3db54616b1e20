"""A run opens a clue per new household and rule, attaches what goes on, and notes what cleared."""

import datetime
import json

import pytest
from django.db import connection

from highground.audit.models import Event
from highground.methods.rules import OutsidePeriod
from highground.methods.screening import load_result
from highground.people.models import Household
from highground.signals.actions import ScreeningError, screen_register
from highground.signals.kept import RunGone, explain_again, runs_folder
from highground.signals.models import AreaTally, Clue, HouseholdVerdict, Run, Sighting
from tests.support.register import BILLS, BOOK, FAMILY, TODAY, learn

pytestmark = pytest.mark.django_db
NEXT = TODAY + datetime.timedelta(days=30)


def clues() -> dict[tuple[str, str], Clue]:
    found = Clue.objects.everywhere(reason="test").select_related("household", "run_last", "cleared_by")
    return {(clue.household.number, clue.rule): clue for clue in found}


def again(register, facts, **options):
    learn(facts, register.areas, day=NEXT)
    return screen_register(**{"rulebook": BOOK, "as_of": NEXT, "by": "test", "today": NEXT, **options})


def test_the_first_run_opens_a_clue_for_every_yes(register, run) -> None:
    found = clues()
    assert set(found) == {
        ("2231", "sudden_severe"),
        ("2231", "medical_spending"),
        ("0874", "unstable_lifted_out"),
        ("1410", "dwelling_unsafe"),
        ("9001", "sudden_severe"),
        ("9001", "medical_spending"),
    }
    clue = found["2231", "sudden_severe"]
    assert (clue.kind, clue.severity, clue.status) == ("class", 3, "open")
    assert (clue.opened_on, clue.due_on) == (TODAY, TODAY + datetime.timedelta(days=3))
    assert "6,150 yuan" in clue.evidence["short"]["en"]
    assert "6,150元" in clue.evidence["short"]["zh"]
    assert clue.evidence["short"]["en"].endswith("risks: illness.")
    assert run.counts["opened"] == 6
    assert run.counts["households"] == 9


def test_each_household_waits_in_its_queue_with_what_is_missing(register, run) -> None:
    found = {
        verdict.household.number: verdict
        for verdict in HouseholdVerdict.objects.everywhere(reason="test").select_related("household")
    }
    assert {number for number, verdict in found.items() if verdict.queue == "unseen"} == {"2718", "9002"}
    assert {number for number, verdict in found.items() if verdict.queue == "cannot_tell"} == {"3096", "9003"}
    assert found["3096"].missing == [
        "birth_date", "medical_insurance", "out_of_pocket_12m", "school_status",
    ]  # fmt: skip
    assert found["0122"].class_verdict == "no"
    assert found["2231"].class_id == "sudden_severe"


def test_what_is_missing_holds_everything_that_an_explanation_would_ask_for(register, run) -> None:
    """The set-wise list against the explanation of each household, which works on one record at a time."""
    waiting = HouseholdVerdict.objects.everywhere(reason="test").filter(queue="cannot_tell")
    for verdict in waiting.select_related("household"):
        content = explain_again(run, verdict.household.key).as_dict()
        gaps = [gap for settling in content["settles"] for gap in settling["gaps"]]
        asked = {gap["name"] for gap in gaps if gap["kind"] == "fact"}
        assert asked
        assert asked <= set(verdict.missing)


def test_the_tallies_count_each_area_where_households_live(register, run) -> None:
    found = {tally.area.code: tally for tally in AreaTally.objects.everywhere(reason="test")}
    assert set(found) == {"BAIYUN", "DATANG", "HEPING-1", "ANTANG-1"}
    antang = found["ANTANG-1"]
    assert (antang.households, antang.possible, antang.cannot_tell, antang.unseen) == (3, 1, 1, 1)


def test_while_a_clue_is_open_later_runs_attach_to_it(register, run) -> None:
    first = clues()["2231", "sudden_severe"]
    later = again(register, {"2231": {**BILLS, "out_of_pocket_12m": "41400"}})
    clue = clues()["2231", "sudden_severe"]
    assert clue.pk == first.pk
    assert (clue.run_opened_id, clue.run_last_id) == (run.pk, later.pk)
    assert clue.due_on == first.due_on
    assert "3,650 yuan" in clue.evidence["short"]["en"]
    changes = Sighting.objects.everywhere(reason="test").filter(clue=clue).order_by("run")
    assert [sighting.change for sighting in changes] == ["new", "continuing"]
    assert (later.counts["opened"], later.counts["continuing"], later.counts["cleared"]) == (0, 6, 0)


def test_what_cleared_is_noted_and_stays_open(register, run) -> None:
    later = again(register, {"2231": FAMILY})
    clue = clues()["2231", "sudden_severe"]
    assert (clue.status, clue.cleared_by) == ("open", later)
    assert "6,150 yuan" in clue.evidence["short"]["en"]
    assert later.counts["cleared"] == 2


def test_what_had_cleared_and_fires_again_is_the_same_clue(register, run) -> None:
    again(register, {"2231": FAMILY})
    last = again(register, {"2231": BILLS}, as_of=NEXT)
    clue = clues()["2231", "sudden_severe"]
    assert (clue.cleared_by, clue.run_last) == (None, last)
    assert len(clues()) == 6


def test_yes_that_can_no_longer_be_told_goes_on_and_is_marked(register, run) -> None:
    again(register, {"2231": {"out_of_pocket_12m": None}})
    clue = clues()["2231", "sudden_severe"]
    assert clue.stale
    assert clue.cleared_by is None
    assert "6,150 yuan" in clue.evidence["short"]["en"]


def test_a_clue_that_people_closed_is_not_opened_again_while_the_rule_goes_on(register, run) -> None:
    Clue.objects.everywhere(reason="test").filter(household__number="1410").update(status="closed")
    later = again(register, {})
    assert later.counts["opened"] == 0
    assert clues()["1410", "dwelling_unsafe"].status == "closed"


def test_a_run_over_a_county_leaves_the_others_alone(register) -> None:
    run = screen_register(rulebook=BOOK, as_of=TODAY, area=register.areas["PINGNAN"], by="test", today=TODAY)
    assert {number for number, _ in clues()} == {"9001"}
    assert run.counts["households"] == 3
    assert Run.objects.everywhere(reason="test").get().area.code == "PINGNAN"


def test_the_run_is_kept_whole_and_can_be_read_again(register, run) -> None:
    result = load_result(runs_folder() / run.folder)
    assert result.verdicts.num_rows == 9
    assert run.manifest["rulebook_hash"] == result.book.hash == run.rulebook_version.hash


def test_one_event_per_run_with_counts_and_content(register, run) -> None:
    event = Event.objects.get(kind="signals.screen")
    assert event.subject_id == str(run.pk)
    assert event.data["content"] == run.content_hash
    assert (event.data["opened"], event.data["in_cannot_tell"], event.data["in_no_data"]) == (6, 2, 2)
    assert "2231" not in json.dumps(event.data["content"] + event.subject_id)


def test_a_run_cannot_go_back_before_the_last_one(register, run) -> None:
    with pytest.raises(ScreeningError, match="runs go forward"):
        screen_register(rulebook=BOOK, as_of=TODAY - datetime.timedelta(days=1), by="test", today=TODAY)


def test_a_day_outside_the_rulebook_leaves_nothing_behind(register) -> None:
    with pytest.raises(OutsidePeriod):
        screen_register(rulebook="cn-2021", as_of=TODAY, by="test", today=TODAY)
    assert not runs_folder().exists() or not list(runs_folder().iterdir())


def test_a_run_whose_verdicts_were_changed_is_not_compared_with(register, run) -> None:
    path = runs_folder() / run.folder / "verdicts.parquet"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(RunGone, match="restore it from a backup"):
        again(register, {})
    assert len(clues()) == 6


def test_statements_do_not_grow_with_the_households(register, django_assert_max_num_queries) -> None:
    """Fifty more households with clues of their own: the same number of statements."""
    with django_assert_max_num_queries(60) as few:
        screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    places = {f"M{number}": ("BAIYUN", BILLS) for number in range(50)}
    learn(dict.fromkeys(places, BILLS), register.areas, places, day=NEXT)
    with django_assert_max_num_queries(60) as many:
        screen_register(rulebook=BOOK, as_of=NEXT, by="test", today=NEXT)
    assert Household.objects.everywhere(reason="test").count() == 59
    assert len(many.captured_queries) - len(few.captured_queries) <= 4


def test_the_database_plans_with_the_numbers_after_the_run(register, run) -> None:
    """Without them a list of one village reads every household of the country."""
    asked = {
        "sqlite": "SELECT CAST(stat AS integer) FROM sqlite_stat1 WHERE idx = 'clue_by_deadline'",
        "postgresql": "SELECT CAST(reltuples AS integer) FROM pg_class WHERE relname = 'signals_clue'",
    }
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        assert cursor.fetchone() == (6,)
