"""What else readings tell: the interval of an effect, the midline, matched pairs, and what the outcome cost."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from pypdf import PdfReader

from highground.methods.impact import effect_interval, randomisation_test, village_changes
from highground.works.actions.readings import take_readings
from highground.works.actions.studies import (
    add_indicator,
    add_villages,
    freeze_plan,
    set_assumptions,
    set_cost,
    start_study,
)
from highground.works.design import content_of
from highground.works.findings import findings_of
from highground.works.further import cost_of
from highground.works.ground import WorksError
from tests.works.studied import design, readings, write

pytestmark = pytest.mark.django_db


def at_midline(blocks, rise: float):
    """Readings of a year between both waves."""
    rows = readings(blocks, "endline", rise=rise, seed=9)
    return [{**row, "wave": "midline", "date": "2025-07-10"} for row in rows]


def take(study, tmp_path, same, **waves) -> None:
    for name, rows in waves.items():
        done = take_readings(study, write(tmp_path / f"{name}.csv", rows), **same)
        assert done.rejects == []


def test_the_midline_is_an_effect_of_its_own(office, blocks, same, tmp_path, enter) -> None:
    study = design(office, blocks)
    first, middle = readings(blocks, "baseline"), at_midline(blocks, 200)
    take(study, tmp_path, same, a=first, b=middle, c=readings(blocks, "endline", rise=400))
    main = findings_of(study, study.plans.get()).main
    rows = first + middle
    changes = village_changes(
        [float(row["value"]) for row in rows],
        [row["wave"] == "midline" for row in rows],
        [row["village"] for row in rows],
    )
    treated = {one.code for villages in blocks.values() for one in villages[:2]}
    block = {one.code: name for name, villages in blocks.items() for one in villages}
    test = randomisation_test(
        list(changes.values()),
        [code in treated for code in changes],
        blocks=[block[code] for code in changes],
        sides="greater",
    )
    assert main.midline.test.effect == pytest.approx(test.effect) and main.midline.test.p == test.p
    assert 100 < test.effect < 300 < main.effect
    page = enter("weilan").get(f"/studies/{study.pk}/").content.decode()
    assert "at the midline +" in page and "90 % interval from +" in page


def test_a_village_that_lacks_the_midline_is_named(office, blocks, same, tmp_path, enter) -> None:
    study = design(office, blocks)
    lost = blocks["North"][3]
    middle = [row for row in at_midline(blocks, 200) if row["village"] != lost.code]
    take(study, tmp_path, same, a=readings(blocks, "baseline"), b=middle, c=readings(blocks, "endline"))
    main = findings_of(study, study.plans.get()).main
    assert main.midline.test is None and main.midline.lacking == [lost.code]
    page = enter("weilan").get(f"/studies/{study.pk}/report/").content.decode()
    assert f"The midline is missing for {lost} and is not compared." in page


def test_the_interval_is_that_of_the_methods_and_needs_enough_villages(
    office, blocks, same, tmp_path
) -> None:
    study = design(office, blocks)
    take(study, tmp_path, same, a=readings(blocks, "baseline"), c=readings(blocks, "endline", rise=400))
    main = findings_of(study, study.plans.get()).main
    told = effect_interval(
        [one.change for one in main.villages],
        [one.treated for one in main.villages],
        blocks=[one.block for one in main.villages],
        share=0.9,
    )
    assert (main.interval.low, main.interval.high) == (pytest.approx(told.low), pytest.approx(told.high))
    assert main.interval.low < main.effect < main.interval.high and not main.paired
    two = start_study(office.area("LONGHE"), title="Two", question="Has income risen?", **same)
    add_villages(two, blocks["North"][:2], treated=True, block="", **same)
    add_villages(two, blocks["North"][2:], treated=False, block="", **same)
    add_indicator(
        two, code="income", label="Income", unit="yuan", source="survey", stage="outcomes", main=True, **same
    )
    freeze_plan(two, **same)
    north = {"North": blocks["North"]}
    take(two, tmp_path, same, a=readings(north, "baseline"), c=readings(north, "endline", rise=900))
    set_cost(two, cost=Decimal(90_000), currency="CNY", cost_source="accounts", reached=20, **same)
    main = findings_of(two, two.plans.get()).main
    assert main.interval is None and cost_of(two, main, content_of(two)) is None


def test_pairs_are_called_so(office, blocks, same, tmp_path) -> None:
    study = start_study(office.area("LONGHE"), title="Pairs", question="Has income risen?", **same)
    for block, villages in blocks.items():
        for number in range(2):
            name = f"{block} {number}"
            add_villages(study, [villages[number]], treated=True, block=name, **same)
            add_villages(study, [villages[number + 2]], treated=False, block=name, **same)
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
    freeze_plan(study, **same)
    take(study, tmp_path, same, a=readings(blocks, "baseline"), c=readings(blocks, "endline", rise=400))
    main = findings_of(study, study.plans.get()).main
    assert main.paired and main.check.assignments == 64


def test_what_the_outcome_cost(office, blocks, same, tmp_path, enter) -> None:
    study = design(office, blocks)
    take(study, tmp_path, same, a=readings(blocks, "baseline"), c=readings(blocks, "endline", rise=400))
    client = enter("weilan")
    form = {"cost": "120000", "currency": "CNY", "cost_source": "accounts of 2025", "reached": "60"}
    assert client.post(f"/studies/{study.pk}/cost/", form).status_code == 302
    study.refresh_from_db()
    main = findings_of(study, study.plans.get()).main
    told = cost_of(study, main, content_of(study))
    assert told.cost == pytest.approx(120_000 / (main.effect * 60))
    assert (told.least, told.most) == (
        pytest.approx(120_000 / (main.interval.high * 60)),
        pytest.approx(120_000 / (main.interval.low * 60)),
    )
    for page in ("", "report/"):
        text = client.get(f"/studies/{study.pk}/{page}").content.decode()
        assert "One yuan of “Income of a household” cost" in text and "Sum: accounts of 2025" in text


def test_where_no_effect_was_shown_no_price_is_named(office, blocks, same, tmp_path, enter) -> None:
    study = design(office, blocks)
    take(study, tmp_path, same, a=readings(blocks, "baseline"), c=readings(blocks, "endline", rise=-400))
    set_cost(study, cost=Decimal(120_000), currency="CNY", cost_source="accounts", reached=60, **same)
    main = findings_of(study, study.plans.get()).main
    assert cost_of(study, main, content_of(study)) is None
    text = enter("weilan").get(f"/studies/{study.pk}/").content.decode()
    assert "No effect was shown, so what the outcome cost is not said; spent were 120,000 yuan." in text


def test_an_outcome_that_ought_to_fall(office, blocks, same, tmp_path) -> None:
    study = design(office, blocks, freeze=False)
    set_assumptions(
        study, sides="less", level=Decimal("0.05"), spread=None, spread_source="", attrition=None, drawn=False, **same
    )  # fmt: skip
    freeze_plan(study, **same)
    take(study, tmp_path, same, a=readings(blocks, "baseline"), c=readings(blocks, "endline", rise=-400))
    set_cost(study, cost=Decimal(120_000), currency="CNY", cost_source="accounts", reached=60, **same)
    main = findings_of(study, study.plans.get()).main
    told = cost_of(study, main, content_of(study))
    assert main.effect < 0 and told.cost == pytest.approx(120_000 / (-main.effect * 60))
    assert told.least < told.cost < told.most


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cost": Decimal(0)}, "above zero"),
        ({"reached": 0}, "above zero"),
        ({"cost_source": " "}, "Say where the sum is from"),
    ],
)
def test_a_sum_has_a_source_and_somebody_whom_it_reached(office, blocks, same, change, said) -> None:
    study = design(office, blocks, freeze=False)
    given = {"cost": Decimal(1), "currency": "CNY", "cost_source": "accounts", "reached": 1, **change}
    with pytest.raises(WorksError, match=said):
        set_cost(study, **given, **same)


def test_the_report_is_a_file_to_keep(office, blocks, same, tmp_path, enter, monkeypatch) -> None:
    from highground.web.pdf import can_print
    from highground.works.pages import studies as pages

    study = design(office, blocks)
    take(study, tmp_path, same, a=readings(blocks, "baseline"), c=readings(blocks, "endline", rise=400))
    client = enter("weilan")
    if can_print():
        assert (
            f"/studies/{study.pk}/report.pdf" in client.get(f"/studies/{study.pk}/report/").content.decode()
        )
        done = client.get(f"/studies/{study.pk}/report.pdf")
        assert done["Content-Type"] == "application/pdf"
        assert 'filename="village-groups-report.pdf"' in done["Content-Disposition"]
        pages_told = [page.extract_text() for page in PdfReader(io.BytesIO(done.content)).pages]
        text = "\n".join(pages_told)
        for first, last in (
            ("Smallest p", "How far the villages lie apart"),
            ("What it rests on", "Assumes that both sides"),
        ):
            (one,) = [page for page in pages_told if first in page]
            assert last in one, f"{first} and {last} stand on one page"
        assert "Village groups" in text and study.plans.get().hash[:20] in text.replace("\n", "")
        assert "Sign out" not in text
    monkeypatch.setattr(pages, "can_print", lambda: False)
    assert client.get(f"/studies/{study.pk}/report.pdf").status_code == 404
    assert "report.pdf" not in client.get(f"/studies/{study.pk}/report/").content.decode()


def test_the_words_of_a_price_are_chinese_too(office, blocks, same, tmp_path) -> None:
    from django.utils import translation

    from highground.works.pages.studies import sentence_of
    from highground.works.words import cost_words

    study = design(office, blocks, freeze=False)
    with translation.override("zh-hans"):
        assert sentence_of(study, None).startswith("方案尚未冻结。")
    freeze_plan(study, **same)
    take(study, tmp_path, same, a=readings(blocks, "baseline"), c=readings(blocks, "endline", rise=400))
    set_cost(study, cost=Decimal(120_000), currency="CNY", cost_source="accounts", reached=60, **same)
    main = findings_of(study, study.plans.get()).main
    with translation.override("zh-hans"):
        told = cost_words(cost_of(study, main, content_of(study)), main, study)
    assert "数据允许的范围是" in told and "allow" not in told
