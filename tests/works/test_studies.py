"""Studies: what the design check allows, the plan before the data, readings and their faults, effects by an oracle."""

from __future__ import annotations

import datetime
import html
from decimal import Decimal
from itertools import combinations, product
from statistics import mean

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from highground.audit.models import Event
from highground.works.actions.readings import take_readings
from highground.works.actions.studies import (
    add_indicator,
    add_villages,
    freeze_plan,
    readings_of,
    remove_village,
    set_assumptions,
    set_theory,
    start_study,
    withdraw_file,
    write_criterion,
)
from highground.works.design import content_of, design_of, hash_of, headline_of
from highground.works.findings import findings_of
from highground.works.grading import grade_of
from highground.works.ground import WorksError
from highground.works.models import FrozenPlan, StudyReading
from tests.support.register import TODAY
from tests.support.workbooks import workbook
from tests.works.studied import COLUMNS, design, readings, write

pytestmark = pytest.mark.django_db


def test_two_of_four_villages_are_not_enough_and_three_blocks_are(office, blocks, same) -> None:
    study = start_study(office.area("LONGHE"), title="Groups", question="Has income risen?", **same)
    assert "No village has been chosen" in headline_of(design_of(content_of(study)))
    add_villages(study, blocks["North"][:2], treated=True, block="North", **same)
    assert "nobody to compare with" in design_of(content_of(study)).problem
    add_villages(study, blocks["North"][2:], treated=False, block="North", **same)
    one = design_of(content_of(study))
    assert (one.whole.check.assignments, one.whole.check.smallest_p) == (6, pytest.approx(1 / 6))
    assert one.whole.verdict[0] == "describe only" and one.whole.effect is None
    assert headline_of(one).endswith("cannot carry this question, so it is described only")
    for block in ("Middle", "South"):
        add_villages(study, blocks[block][:2], treated=True, block=block, **same)
        add_villages(study, blocks[block][2:], treated=False, block=block, **same)
    three = design_of(content_of(study))
    assert (three.whole.check.assignments, three.whole.check.smallest_p) == (216, pytest.approx(1 / 216))
    assert [(row.check.assignments, row.verdict[0]) for row in three.rows] == [
        (6, "describe only"), (6, "describe only"), (6, "describe only"), (216, "can be tested"), (64, "barely"),
    ]  # fmt: skip
    assert headline_of(three) == "Design check: 6 treated villages can carry this question, 2 cannot"


def test_one_rule_of_sides_holds_from_the_check_to_the_effect_that_is_seen(office, blocks, same) -> None:
    study = design(office, blocks, freeze=False)
    one_sided = design_of(content_of(study)).whole
    set_assumptions(
        study,
        sides="two",
        level=Decimal("0.05"),
        spread=300.0,
        spread_source="a survey",
        attrition=None,
        drawn=False,
        **same,
    )
    two_sided = design_of(content_of(study)).whole
    assert two_sided.check.smallest_p == pytest.approx(2 / 216)
    assert one_sided.effect < two_sided.effect, "a rule of one side sees smaller effects"
    # t of .975 and of .8 with 12 - 1 - 3 degrees of freedom (tables), times the spread, times sqrt(1/6 + 1/6)
    assert two_sided.effect == pytest.approx((2.3060 + 0.8889) * 300 * (1 / 3) ** 0.5, rel=1e-3)


def test_no_village_is_its_own_control(office, blocks, same) -> None:
    study = design(office, blocks, freeze=False)
    with pytest.raises(WorksError, match="cannot be treated and its own comparison"):
        add_villages(study, blocks["North"][:1], treated=False, block="North", **same)


def test_a_block_without_a_comparison_is_named(office, blocks, same) -> None:
    study = design(office, blocks, freeze=False)
    for village in blocks["South"][2:]:
        remove_village(study, village.code, **same)
    found = design_of(content_of(study))
    assert found.whole is None and "block South" in found.problem


def test_nothing_after_the_baseline_before_the_plan_is_frozen(office, blocks, same, tmp_path) -> None:
    study = design(office, blocks, freeze=False)
    first = write(tmp_path / "first.csv", readings(blocks, "baseline"))
    last = write(tmp_path / "last.csv", readings(blocks, "endline"))
    assert take_readings(study, first, **same).used == 120
    with pytest.raises(WorksError, match="Freeze the plan first"):
        take_readings(study, last, **same)
    assert StudyReading.objects.everywhere(reason="test").filter(wave="endline").count() == 0
    freeze_plan(study, **same)
    done = take_readings(study, last, **same)
    assert (done.used, done.rejects) == (120, [])
    kinds = list(Event.objects.order_by("sequence").values_list("kind", flat=True))[-3:]
    assert kinds == ["works.take_readings", "works.freeze_plan", "works.take_readings"]


def test_a_changed_plan_is_another_version_and_both_stay(office, blocks, same, tmp_path) -> None:
    study = design(office, blocks)
    first = study.plans.get()
    assert hash_of(first.content) == first.hash and not first.after_endline
    with pytest.raises(WorksError, match="frozen already"):
        freeze_plan(study, **same)
    take_readings(study, write(tmp_path / "a.csv", readings(blocks, "endline")), **same)
    set_assumptions(
        study,
        sides="two",
        level=Decimal("0.05"),
        spread=300.0,
        spread_source="a survey of 2022",
        attrition=5,
        drawn=False,
        **same,
    )
    with pytest.raises(WorksError, match="Say why the plan was changed"):
        freeze_plan(study, **same)
    second = freeze_plan(study, reason="a fall would matter as well", **same)
    assert second.after_endline and study.plans.count() == 2
    first.refresh_from_db()
    assert first.content["sides"] == "greater" and second.content["sides"] == "two"


def test_a_plan_of_a_project_that_is_over_is_retrospective(office, blocks, six_villages) -> None:
    over = next(one for one in six_villages if one.code == "mm-2018")
    assert design(office, blocks, project=over).plans.get().retrospective
    assert not design(office, blocks).plans.get().retrospective


def test_a_plan_names_its_villages_and_its_main_outcome(office, blocks, same) -> None:
    study = start_study(office.area("LONGHE"), title="Groups", question="Has income risen?", **same)
    with pytest.raises(WorksError, match="treated villages, and others"):
        freeze_plan(study, **same)
    add_villages(study, blocks["North"][:2], treated=True, block="", **same)
    add_villages(study, blocks["North"][2:], treated=False, block="", **same)
    with pytest.raises(WorksError, match="main outcome"):
        freeze_plan(study, **same)


def test_effect_and_p_are_those_of_every_assignment_gone_through_by_hand(
    office, blocks, same, tmp_path
) -> None:
    study = design(office, blocks)
    first, last = readings(blocks, "baseline"), readings(blocks, "endline", rise=400)
    take_readings(study, write(tmp_path / "a.csv", first), **same)
    take_readings(study, write(tmp_path / "b.csv", last), **same)

    def mean_of(rows, code):
        return mean(float(row["value"]) for row in rows if row["village"] == code)

    change = {
        block: [mean_of(last, one.code) - mean_of(first, one.code) for one in villages]
        for block, villages in blocks.items()
    }

    def effect_of(picks):
        return mean(
            mean(values[one] for one in pick) - mean(values[one] for one in range(4) if one not in pick)
            for values, pick in zip(change.values(), picks, strict=True)
        )

    ways = [effect_of(picks) for picks in product(combinations(range(4), 2), repeat=3)]
    seen = effect_of([(0, 1)] * 3)
    main = findings_of(study, study.plans.get()).main
    assert main.effect == pytest.approx(seen) and 300 < main.effect < 500
    assert main.p == pytest.approx(sum(way >= seen - 1e-9 for way in ways) / 216)
    assert sum(main.chance) == 216 and main.panel == pytest.approx(main.effect)
    grade = grade_of(findings_of(study, study.plans.get()), study.plans.get())
    assert grade.name in ("tested", "weak")


def test_where_nothing_can_be_tested_there_is_no_p(office, blocks, same, tmp_path) -> None:
    study = start_study(office.area("LONGHE"), title="Two", question="Has income risen?", **same)
    add_villages(study, blocks["North"][:2], treated=True, block="", **same)
    add_villages(study, blocks["North"][2:], treated=False, block="", **same)
    add_indicator(
        study,
        code="income",
        label="Income",
        unit="yuan",
        source="survey",
        stage="outcomes",
        main=True,
        **same,
    )
    plan = freeze_plan(study, **same)
    north = {"North": blocks["North"]}
    for wave in ("baseline", "endline"):
        take_readings(study, write(tmp_path / f"{wave}.csv", readings(north, wave, rise=900)), **same)
    found = findings_of(study, plan)
    assert found.main.p is None and found.main.effect == pytest.approx(900, abs=120)
    grade = grade_of(found, plan)
    assert grade.name == "descriptive only" and "only 6 ways" in grade.reasons[0]


def test_a_wave_that_is_missing_leaves_its_village_out_and_says_so(office, blocks, same, tmp_path) -> None:
    study = design(office, blocks)
    lost = blocks["North"][3].code
    last = [row for row in readings(blocks, "endline", rise=400) if row["village"] != lost]
    take_readings(study, write(tmp_path / "a.csv", readings(blocks, "baseline")), **same)
    take_readings(study, write(tmp_path / "b.csv", last), **same)
    found = findings_of(study, study.plans.get())
    assert found.main.left_out == [(lost, "the endline is missing")]
    assert found.main.check.assignments == 3 * 6 * 6
    grade = grade_of(found, study.plans.get())
    assert grade.name == "weak" and "1 villages had to be left out." in grade.reasons


def test_recall_and_loss_are_flagged(office, blocks, same, tmp_path) -> None:
    study = design(office, blocks)
    first = [{**row, "recalled": "yes"} for row in readings(blocks, "baseline")]
    treated = {one.code for villages in blocks.values() for one in villages[:2]}
    last = [
        row
        for row in readings(blocks, "endline", rise=400)
        if row["village"] not in treated or int(row["household"]) < 5
    ]
    take_readings(study, write(tmp_path / "a.csv", first), **same)
    take_readings(study, write(tmp_path / "b.csv", last), **same)
    found = findings_of(study, study.plans.get())
    assert (found.attrition.treated, found.attrition.treated_lost, found.attrition.others_lost) == (60, 30, 0)
    assert found.main.recalled == 1
    reasons = " ".join(grade_of(found, study.plans.get()).reasons)
    assert "100 % of the baseline was recalled" in reasons and "25 % of households were not found" in reasons
    assert "differs by 50 percentage points" in reasons


BAD = {
    "unit": ({"unit": "USD"}, "income is measured in yuan", "units and currencies are not mixed"),
    "weight of zero": ({"weight": "0"}, "not above 0", "leave the row out"),
    "village": ({"village": "NOWHERE"}, "no village of this study has this code", "write one of"),
    "indicator": ({"indicator": "cows"}, "no indicator of this study has this code", "write one of income"),
    "wave": ({"wave": "later"}, "not one of the known values", "baseline, midline, endline"),
    "value": ({"value": "a lot"}, "not a number", "write digits"),
    "no value": ({"value": ""}, "nothing stands here", "missing is not zero"),
    "no date": ({"date": ""}, "nothing stands here", "missing is not zero"),
    "future": ({"date": "2031-01-01"}, "lies in the future", "write the day"),
    "recalled": ({"recalled": "perhaps"}, "neither yes nor no", "write yes or no"),
    "twice": ({"household": "0"}, "stands in row 2 already", "keep one row"),
    "whole village": ({"household": ""}, "whole villages in others", "give every row a household, or none"),
}


def test_every_row_that_cannot_be_used_is_named_with_its_mend(office, blocks, same, tmp_path) -> None:
    study = design(office, blocks)
    (row,) = readings({"North": blocks["North"][:1]}, "baseline", households=1)
    rows = [
        row,
        *({**row, "household": f"{number}", **change} for number, (change, *_) in enumerate(BAD.values(), 1)),
    ]
    done = take_readings(study, write(tmp_path / "bad.csv", rows), **same)
    assert done.used == 1 and done.file.rejected == len(BAD)
    for number, (name, (_change, reason, mend)) in enumerate(BAD.items(), 3):
        (reject,) = [one for one in done.rejects if one.row == number]
        assert reason in reject.reason and mend in reject.mend, name


def test_a_file_without_a_column_or_a_second_time_is_refused(office, blocks, same, tmp_path) -> None:
    study = design(office, blocks)
    rows = readings(blocks, "baseline")
    from highground.files.tables import TableError

    with pytest.raises(TableError, match="no column unit"):
        take_readings(
            study, write(tmp_path / "a.csv", rows, [one for one in COLUMNS if one != "unit"]), **same
        )
    file = write(tmp_path / "b.csv", rows)
    done = take_readings(study, file, **same)
    with pytest.raises(WorksError, match="taken in already"):
        take_readings(study, file, **same)
    withdraw_file(done.file, why="the wrong year", **same)
    assert StudyReading.objects.everywhere(reason="test").count() == 0
    assert take_readings(study, file, **same).used == 120


def test_a_workbook_is_read_as_well(office, blocks, same, tmp_path) -> None:
    study = design(office, blocks)
    rows = readings(blocks, "baseline", households=1)
    file = tmp_path / "readings.xlsx"
    file.write_bytes(workbook(readings=[list(COLUMNS), *([row[name] for name in COLUMNS] for row in rows)]))
    assert take_readings(study, file, **same).used == 12


def test_a_plan_after_the_endline_and_a_baseline_within_it_are_said(office, blocks, same, tmp_path) -> None:
    study = design(office, blocks)  # frozen today
    late = [{**row, "date": "2026-01-20"} for row in readings(blocks, "baseline")]
    take_readings(study, write(tmp_path / "a.csv", late), **same)
    take_readings(study, write(tmp_path / "b.csv", readings(blocks, "endline", rise=400)), **same)
    with translation.override("en"):
        plan = study.plans.get()
        grade = grade_of(findings_of(study, plan), plan)
    reasons = " ".join(grade.reasons)
    assert grade.name == "weak"
    assert "The endline was read from 10 January 2026 on, and the plan was frozen on 10 March 2026" in reasons
    assert "read when the endline had begun" in reasons
    FrozenPlan.objects.everywhere(reason="test").update(frozen_on=datetime.date(2025, 1, 1))
    readings_of(study).filter(wave="baseline").update(recalled=True)
    with translation.override("en"):
        grade = grade_of(findings_of(study, plan), study.plans.get())
    reasons = " ".join(grade.reasons)
    assert "the plan was frozen on" not in reasons and "had begun" not in reasons
    assert "100 % of the baseline was recalled" in reasons


def test_the_report_lets_the_effect_be_taken_again_by_hand(office, blocks, same, tmp_path, enter) -> None:
    study = design(office, blocks)
    add_indicator(
        study, code="food", label="Food", unit="days", source="survey", stage="outcomes", main=False, **same
    )
    freeze_plan(study, reason="a second outcome", **same)
    for wave in ("baseline", "endline"):
        rows = readings(blocks, wave, rise=400)
        also = [{**row, "indicator": "food", "unit": "days"} for row in rows]
        take_readings(study, write(tmp_path / f"{wave}.csv", rows + also), **same)
    with translation.override("en"):
        told = enter("weilan").get(f"/studies/{study.pk}/report/").content.decode()
        main = findings_of(study, study.plans.last()).main
        for one in main.villages:
            assert f"{round(one.change, 2):,.2f}".rstrip("0").rstrip(".") in told
    assert "2 outcomes were tested, and their p values are not adjusted" in told
    assert "if villages differ by 300 yuan (a survey of 2022)" in told
    assert "90 % interval from" in told.split("How far the evidence goes")[0]


SURVEY = "village,wave,value\na,baseline,10\na,endline,12\nb,baseline,10\nb,endline,16\nc,baseline,20\nc,endline,20\n"


def assume(client, study, text: str, **change):
    sent = {"sides": "greater", "level": "0.05", "spread": "", "spread_source": "", "attrition": ""} | change
    file = SimpleUploadedFile("earlier.csv", text.encode())
    with translation.override("en"):
        return client.post(f"/studies/{study.pk}/assumptions/", sent | {"survey": file})


def test_the_spread_is_taken_from_an_earlier_survey(office, blocks, same, enter) -> None:
    study = design(office, blocks, freeze=False)
    assert assume(enter("weilan"), study, SURVEY).status_code == 302
    study.refresh_from_db()
    assert study.spread == pytest.approx(np.std([2, 6, 0], ddof=1))
    assert study.spread_source == "earlier.csv, 3 villages"
    assert assume(enter("weilan"), study, SURVEY, spread_source="survey of 2022").status_code == 302
    study.refresh_from_db()
    assert study.spread_source == "survey of 2022"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SURVEY.replace("12", "much"), "earlier.csv, row 3, value: "),
        (SURVEY + "d,baseline,4\n", "a wave is missing for d"),
        ("village,wave,value\na,baseline,1\na,endline,2\n", "1 villages are too few"),
        (
            SURVEY.replace("16", "12").replace("20\n", "22\n").replace("baseline,22", "baseline,20"),
            "changed alike",
        ),
        ("village,value\na,1\n", "wave"),
    ],
)
def test_a_survey_that_tells_no_spread(office, blocks, same, enter, text, said) -> None:
    study = design(office, blocks, freeze=False)
    answer = assume(enter("weilan"), study, text)
    assert answer.status_code == 422 and said in html.unescape(answer.content.decode())
    assert "/tmp" not in answer.content.decode()
    study.refresh_from_db()
    assert study.spread == 300.0, "what was known stays"


def test_an_indicator_keeps_its_unit(office, blocks, same) -> None:
    study = design(office, blocks)
    with pytest.raises(WorksError, match="Another unit is another indicator"):
        add_indicator(
            study,
            code="income",
            label="Income",
            unit="USD",
            source="survey",
            stage="outcomes",
            main=False,
            **same,
        )


def test_only_those_who_lead_studies_change_one(office, blocks) -> None:
    study = design(office, blocks)
    for name in ("huangmei", "liguo", "antang"):
        with pytest.raises(WorksError, match="is led by"):
            freeze_plan(study, by=office.staff[name], today=TODAY)
    with pytest.raises(WorksError, match="Say what was found"):
        write_criterion(
            study, criterion="relevance", text="", source="", by=office.staff["weilan"], today=TODAY
        )
    with pytest.raises(WorksError, match="no indicator of this study"):
        set_theory(
            study, stages={}, arrows={"inputs": {"indicator": "cows"}}, by=office.staff["weilan"], today=TODAY
        )
    assert FrozenPlan.objects.everywhere(reason="test").count() == 1
