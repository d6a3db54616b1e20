"""Plans in the words of whoever reads them, both versions in the report, and a report that only describes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from highground.works.actions.readings import take_readings
from highground.works.actions.studies import add_villages, freeze_plan, set_assumptions
from highground.works.design import changed_between
from tests.works.studied import design, readings, write

pytestmark = pytest.mark.django_db


def take(study, tmp_path, same, blocks, *, rise: float = 400) -> None:
    for wave in ("baseline", "endline"):
        file = write(tmp_path / f"{wave}.csv", readings(blocks, wave, rise=rise))
        take_readings(study, file, **same)


def test_a_changed_plan_in_words_and_both_versions_in_the_report(
    office, blocks, same, tmp_path, enter
) -> None:
    study = design(office, blocks)
    take(study, tmp_path, same, blocks)
    first = study.plans.get()
    set_assumptions(
        study,
        sides="two",
        level=Decimal("0.05"),
        spread=None,
        spread_source="",
        attrition=5,
        drawn=True,
        **same,
    )
    add_villages(study, [office.area("BAIYUN")], treated=False, block="South", **same)
    second = freeze_plan(study, reason="a fall would matter as well", **same)
    with translation.override("en"):
        told = changed_between(first.content, second.content)
    assert ("Counts as a finding", "a rise", "a change either way") in told
    assert ("Drawn by lot", "no", "yes") in told and ("Spread between villages", "300.0", "–") in told
    assert ("Village BAIYUN", "–", "comparison · South") in told
    with translation.override("zh-hans"):
        chinese = changed_between(first.content, second.content)
    assert not any(word in str(chinese) for word in ("greater", "two", "True", "treated", "None"))
    client = enter("weilan")
    plan = client.get(f"/studies/{study.pk}/plan/", headers={"accept-language": "en"}).content.decode()
    assert (
        "<td>a rise</td>" in plan
        and "<td>a change either way</td>" in plan
        and "<td>greater</td>" not in plan
    )
    assert "Income of a household (yuan) · survey · Outcomes · main outcome" in plan
    report = client.get(f"/studies/{study.pk}/report/", headers={"accept-language": "en"}).content.decode()
    assert first.hash in report and second.hash in report
    assert "Why it was changed: a fall would matter as well" in report


def test_what_is_described_only_names_no_test(office, blocks, same, tmp_path, enter) -> None:
    study = design(office, {"North": blocks["North"]})
    take(study, tmp_path, same, {"North": blocks["North"]}, rise=3_000)
    client = enter("weilan")
    for page in ("", "report/"):
        told = client.get(f"/studies/{study.pk}/{page}", headers={"accept-language": "en"}).content.decode()
        assert "Descriptive only: there are 6 ways" in told
        assert (
            "p = 0" not in told and "interval from" not in told and "randomisation inference over" not in told
        )
    assert "Nothing is tested." in told


def test_units_of_the_standards_are_words_of_the_reader(office, same, tmp_path, enter) -> None:
    from highground.works.actions.services import write_reading
    from tests.support.register import TODAY

    write_reading(
        office.area("BAIYUN"), service="water", value=Decimal(60), day=TODAY, source="survey", **same
    )
    client = enter("weilan")
    for address in ("/villages/BAIYUN/", "/villages/BAIYUN/write/reading/"):
        chinese = client.get(address, headers={"accept-language": "zh-hans"}).content.decode()
        english = client.get(address, headers={"accept-language": "en"}).content.decode()
        assert "%（占户数）" in chinese and "of households" not in chinese
        assert "% of households" in english
