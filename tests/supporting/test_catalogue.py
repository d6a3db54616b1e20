"""The measure catalogue: complete, honest about its sources, changed by an office, strict about mistakes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from highground.files.mapping import MappingError
from highground.methods.facts import load_dictionary
from highground.support.catalogue import CatalogueError, catalogue_of, read_catalogue
from highground.support.findings import Kind, answers, findings_of

COUNTRIES = ("CN", "VN", "LA")
FAMILIES = list(load_dictionary()["measures_delivered"].values)
RISKS = list(load_dictionary()["risks"].values)


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_family_and_every_risk_is_there(country: str, tmp_path: Path) -> None:
    catalogue = catalogue_of(country, tmp_path)
    assert list(catalogue.families) == FAMILIES and len(FAMILIES) == 14
    assert set(catalogue.matches) == set(RISKS)
    assert any(family.developmental for family in catalogue.families.values())
    for match in catalogue.matches.values():
        assert set(match.families) <= set(FAMILIES)
    for measure in catalogue.measures.values():
        assert measure.family in FAMILIES
        assert not (measure.verified and measure.source is None)
        assert all(text["en"] and text["zh"] for text in (measure.label, measure.unit, measure.delivered_by))


def test_each_family_of_china_has_a_measure(tmp_path: Path) -> None:
    catalogue = catalogue_of("CN", tmp_path)
    assert {family for family in FAMILIES if not catalogue.measures_of(family)} == set()


def test_what_the_sources_say(tmp_path: Path) -> None:
    """Facts 21 and 22 of the acceptance list, and the two sums that were read."""
    catalogue = catalogue_of("CN", tmp_path)
    assert catalogue.answering("illness") == ("health", "social_assistance", "comprehensive_security")
    assert catalogue.answering("unsafe_water") == ("water_safety",)
    assert catalogue.answering("unsafe_housing") == ("housing_safety", "relocation")
    assert catalogue.matches["illness"].verified and not catalogue.matches["disability"].verified
    assert catalogue.measures["vocational_grant"].unit_cost == Decimal(3000)
    loan = catalogue.measures["microcredit"].credit
    assert loan is not None and (loan.most, loan.months) == (Decimal(50000), 36)
    assert catalogue.measures["dibao"].unit_cost is None


def test_an_office_changes_and_adds_measures(tmp_path: Path) -> None:
    own = tmp_path / "measures" / "cn.yaml"
    own.parent.mkdir()
    own.write_text(
        "id: longhe\n"
        "sources: {L1: {title: Longhe's list of 2026}}\n"
        "measures:\n"
        "  - {id: vocational_grant, family: other_education, label: {en: grant, zh: 补助}, unit: {en: year, zh: 年},"
        " unit_cost: 4000, delivered_by: {en: school office, zh: 教育局}, cash: true, source: L1}\n"
        "  - {id: beehives, family: industry, label: {en: beehives, zh: 蜂箱}, unit: {en: hive, zh: 箱},"
        " delivered_by: {en: cooperative, zh: 合作社}, verified: false}\n",
        encoding="utf-8",
    )
    catalogue = catalogue_of("CN", tmp_path)
    assert catalogue.measures["vocational_grant"].unit_cost == Decimal(4000)
    assert catalogue.measures["beehives"].family == "industry"
    assert "dibao" in catalogue.measures and catalogue.currency == "CNY"
    own.write_text("id: longhe\n", encoding="utf-8")
    assert "beehives" not in catalogue_of("CN", tmp_path).measures, "a changed file is read anew"


ENTRY = "{id: x, family: health, label: {en: a, zh: b}, unit: {en: a, zh: b}, delivered_by: {en: a, zh: b}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: a\nmeasures: [{id: x}]", r"line 2: `measures\[1\].family`: '' is not one of industry"),
        (
            f"id: a\nmeasures: [{ENTRY}, unit_cost: '1,200'}}]",
            r"`measures\[1\].unit_cost`: '1,200' is not a number",
        ),
        (f"id: a\nmeasures: [{ENTRY}, unit_cost: -5}}]", "below zero; leave it out where it is not known"),
        (f"id: a\nmeasures: [{ENTRY}, source: S99}}]", "there is no source 'S99'"),
        (f"id: a\nmeasures: [{ENTRY}, verified: true}}]", "what is verified names its `source`"),
        (f"id: a\nmeasures: [{ENTRY}, price: 5}}]", "price`: unknown key"),
        (f"id: a\nmeasures: [{ENTRY}}}, {ENTRY}}}]", "stands here twice"),
        ("id: a\nmeasures: 5", "write a list of entries"),
        ("id: a\nfamilies: {weather: {verified: false}}", "is no family of measures"),
        ("id: a\nmatches: {love: {families: [health]}}", "is no risk"),
        ("id: a\nmatches: {illness: {families: [weather]}}", "weather: no family"),
        ("id: a\nmatches: {illness: {verified: false}}", "name the families"),
        (f"id: a\nmeasures: [{ENTRY}, credit: {{months: 1.5}}}}]", "write whole months"),
    ],
)
def test_a_mistake_names_the_file_the_entry_and_the_mend(tmp_path: Path, text: str, said: str) -> None:
    shipped = Path(__file__).parents[2] / "src/highground/data/measures/cn.yaml"
    own = tmp_path / "own.yaml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=said) as refused:
        read_catalogue(shipped, own)
    assert "own.yaml, line" in str(refused.value)


def test_a_country_without_a_catalogue_says_where_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(
        CatalogueError, match=r"no measure catalogue for XX; write one as .*measures/xx\.yaml"
    ):
        catalogue_of("XX", tmp_path)


def test_findings_of_a_plan(tmp_path: Path) -> None:
    catalogue = catalogue_of("CN", tmp_path)

    def kinds(risks: list[str], families: list[str], without_labour: bool | None) -> list[tuple[Kind, str]]:
        return [(one.kind, one.risk) for one in findings_of(risks, families, without_labour, catalogue)]

    assert kinds(["illness"], ["health", "employment"], False) == []
    assert kinds(["illness"], ["industry"], False) == [(Kind.UNMATCHED, "illness")]
    assert kinds(["unsafe_housing"], ["relocation"], True) == []
    assert kinds(["illness"], ["comprehensive_security"], False) == [(Kind.SECURITY_ONLY, "")]
    assert kinds(["illness"], ["comprehensive_security"], True) == []
    assert kinds(["illness"], ["comprehensive_security"], None) == [(Kind.LABOUR_UNKNOWN, "")]
    assert kinds(["illness"], ["health"], False) == [(Kind.NOT_DEVELOPMENTAL, "")]
    assert kinds(["illness", "unsafe_water"], [], False) == [
        (Kind.UNMATCHED, "illness"),
        (Kind.UNMATCHED, "unsafe_water"),
    ]
    (one,) = answers(["illness"], ["health", "industry"], ["health"], catalogue)
    assert (one.planned, one.delivered) == (("health",), ("health",))


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/plan-and-deliver.md").read_text(encoding="utf-8")
    own = tmp_path / "measures" / "cn.yaml"
    own.parent.mkdir()
    own.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    catalogue = catalogue_of("CN", tmp_path)
    assert catalogue.measures["vocational_grant"].verified and not catalogue.measures["beehives"].verified
    assert catalogue.answering("unstable_work") == ("employment", "industry")
