"""Units, candidates and needs from files: what is kept, and what a bad row is told."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from highground.audit.models import Event
from highground.files.mapping import MappingError
from highground.files.tables import TableError
from highground.teams.ground import TeamsError
from highground.teams.importing import Imported, import_table
from highground.teams.models import Candidate, SendingUnit, VillageNeed
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db
REASON = {"reason": "test"}


def read(office, kind: str, file: Path, mapping: Path | None = None, by: str = "weilan") -> Imported:
    return import_table(
        kind, file, mapping, area=office.register.areas["LONGHE"], by=office.staff[by], today=TODAY
    )


def told(done: Imported) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.reason) for one in done.rejects]


def test_a_county_is_imported_twice_and_stands_once(imported) -> None:
    for kind, file in imported.files.items():
        read(imported, kind, file)
    assert SendingUnit.objects.everywhere(**REASON).count() == 4
    assert Candidate.objects.everywhere(**REASON).count() == 16
    need = VillageNeed.objects.everywhere(**REASON).get(village__code="BAIYUN")
    assert (need.members, need.language, need.at_risk, len(need.needs)) == (2, "Zhuang", 20, 2)
    someone = Candidate.objects.everywhere(**REASON).get(code="LONGHE-P000")
    assert someone.home.code == "BAIYUN" and someone.area.code == "LONGHE" and not someone.may_lead
    event = Event.objects.filter(kind="teams.import").last()
    assert event.data["rows"] == 3 and event.data["rejected"] == 0


def test_bad_rows_are_named_and_the_others_kept(imported, tmp_path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(
        "code,name,unit,woman,may_lead,born,home\n"
        "N1,New One,LONGHE-U0,yes,no,1990,\n"
        "N2,,LONGHE-U9,perhaps,no,90,ANTANG-1\n"
        "N1,Twice,LONGHE-U0,yes,no,,\n"
        "N3,Third,LONGHE-U0,no,,1990,NALONG\n"
    )
    done = read(imported, "people", file)
    assert done.used == 1
    assert told(done) == [
        (3, "name", "nothing stands here"),
        (3, "unit", "no sending unit has this code"),
        (3, "home", "no area of Longhe county has this code"),
        (3, "woman", "neither yes nor no"),
        (3, "born", "not a whole number from 1930 to 2020"),
        (4, "code", "stands in row 2 already"),
        (5, "home", "Nalong is no village"),
        (5, "may_lead", "nothing stands here"),
    ]


def test_a_mapping_says_what_columns_and_values_mean(imported, tmp_path) -> None:
    file, mapping = tmp_path / "gongbu.csv", tmp_path / "mapping.yaml"
    file.write_text("工号,姓名,单位,性别,第一书记\nG1,韦兰,LONGHE-U0,女,合格\n")
    mapping.write_text(
        "people:\n  columns: {code: 工号, name: 姓名, unit: 单位, woman: 性别, may_lead: 第一书记}\n"
        "  values: {may_lead: {合格: yes}}\n"
    )
    done = read(imported, "people", file, mapping)
    assert done.used == 1 and not done.rejects
    assert Candidate.objects.everywhere(**REASON).get(code="G1").woman
    mapping.write_text("people:\n  columns: {kode: 工号}\n")
    with pytest.raises(MappingError, match="`kode` is no column of people"):
        read(imported, "people", file, mapping)
    with pytest.raises(TableError, match="no column code"):
        read(imported, "people", file)


def test_a_mapping_says_how_a_file_is_written_and_is_read_to_the_end(imported, tmp_path) -> None:
    file, mapping = tmp_path / "units.csv", tmp_path / "mapping.yaml"
    file.write_bytes("code;name;area;cap\nG1;农业农村局;LONGHE;3\n".encode("gb18030"))
    mapping.write_text("units:\n  file: {encoding: gb18030, delimiter: ';'}\n")
    assert read(imported, "units", file, mapping).used == 1
    assert SendingUnit.objects.everywhere(**REASON).get(code="G1").name == "农业农村局"
    for wrong, said in (("units: {file: {coding: gbk}}", "coding"), ("unit: {columns: {code: a}}", "unit")):
        mapping.write_text(wrong)
        with pytest.raises(MappingError, match=rf"`(units\.file\.)?{said}`"):
            read(imported, "units", file, mapping)


def test_columns_that_nothing_asks_for_are_named(imported, tmp_path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("code,name,unit,woman,may_lead,occupaton\nN1,New One,LONGHE-U0,yes,no,school teacher\n")
    done = read(imported, "people", file)
    assert done.used == 1 and done.unread == ("occupaton",)
    assert read(imported, "units", imported.files["units"]).unread == ()


def test_who_has_withdrawn_stays_so_until_the_file_says_otherwise(imported, tmp_path) -> None:
    every = Candidate.objects.everywhere(**REASON)
    gone = every.filter(code="LONGHE-P001")
    gone.update(withdrawn_on=TODAY - datetime.timedelta(days=3))
    read(imported, "people", imported.files["people"])
    assert gone.get().withdrawn_on == TODAY - datetime.timedelta(days=3)
    file = tmp_path / "people.csv"
    file.write_text(
        "code,name,unit,woman,may_lead,withdrawn\n"
        "LONGHE-P001,Wei Hao,LONGHE-U1,yes,yes,no\nLONGHE-P002,Qin Jing,LONGHE-U2,no,yes,yes\n"
    )
    read(imported, "people", file)
    assert gone.get().withdrawn_on is None and every.get(code="LONGHE-P002").withdrawn_on == TODAY


def test_codes_of_the_neighbour_are_not_taken_over(imported, tmp_path) -> None:
    file = tmp_path / "units.csv"
    file.write_text("code,name,area,cap\nLONGHE-U0,Ours now,ANTANG,3\nNEW,New unit,PINGNAN,2\n")
    done = import_table(
        "units", file, None, area=imported.register.areas["PINGNAN"], by=imported.staff["antang"], today=TODAY
    )
    assert done.used == 1
    assert told(done) == [(2, "code", "this code is used outside your area")]
    assert SendingUnit.objects.everywhere(**REASON).get(code="LONGHE-U0").name == "County office 1"


@pytest.mark.parametrize("by", ["liguo", "huangmei", "antang"])
def test_only_planners_of_the_area_import(office, by: str) -> None:
    with pytest.raises(TeamsError, match="county officer"):
        read(office, "units", office.files["units"], by=by)
