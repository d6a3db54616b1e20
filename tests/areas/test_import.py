"""Areas come in as a tree, twice without change, and what would break the tree comes back."""

import datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from highground.areas.actions import AreaRow, Imported, import_areas
from highground.areas.mapping import load_area_mapping, read_areas
from highground.areas.models import Area, AreaCode
from highground.areas.queries import find
from highground.audit.models import Event
from highground.files.mapping import MappingError
from highground.files.rejects import Reject

TODAY = datetime.date(2026, 3, 1)
pytestmark = pytest.mark.django_db


def bring_in(*rows: AreaRow) -> Imported:
    return import_areas(rows, by="command:test", today=TODAY)


def row(number: int, code: str, level: str, parent: str = "", **fields) -> AreaRow:
    return AreaRow(number, code, level, parent, **fields)


TREE = [
    row(2, "V1", "village", "T1", names={"en": "Heping", "zh": "和平村"}, latitude=23.5, longitude=108.25),
    row(3, "LA", "country", names={"en": "Laos"}),
    row(4, "T1", "county", "P1", codes={"office": "0101"}),
    row(5, "P1", "province", "LA", iso="LA-CH"),
    row(6, "V2", "village", "T1"),
]


def test_children_may_come_before_their_parents() -> None:
    done = bring_in(*TREE)
    assert (done.added, done.rejects) == (5, [])
    village = Area.objects.get(code="V1")
    assert [area.code for area in (village.parent.parent.parent, village.parent.parent, village.parent)] == [
        "LA",
        "P1",
        "T1",
    ]
    assert (village.country, village.depth, village.names["zh"]) == ("LA", 4, "和平村")
    assert (village.latitude, village.longitude) == (23.5, 108.25)
    paths = dict(Area.objects.values_list("code", "path"))
    assert paths["V1"][:12] == paths["V2"][:12] == paths["T1"] and paths["V1"] != paths["V2"]


def test_the_same_rows_twice_change_nothing() -> None:
    bring_in(*TREE)
    before = list(Area.objects.values()), list(AreaCode.objects.values()), Event.objects.count()
    done = bring_in(*TREE)
    assert (done.added, done.changed, done.unchanged) == (0, 0, 5)
    assert before == (list(Area.objects.values()), list(AreaCode.objects.values()), Event.objects.count())


def test_what_is_new_is_added_and_nothing_is_wiped_out() -> None:
    bring_in(*TREE)
    bring_in(row(2, "V3", "village", "T1"))
    done = bring_in(row(2, "V1", "village", "T1", names={"lo": "ເຮີປິງ"}, valid_to=datetime.date(2025, 6, 30)))
    assert (done.added, done.changed) == (0, 1)
    village = Area.objects.get(code="V1")
    assert village.names == {"en": "Heping", "zh": "和平村", "lo": "ເຮີປິງ"}
    assert (village.latitude, village.valid_to) == (23.5, datetime.date(2025, 6, 30))
    assert len(set(Area.objects.values_list("path", flat=True))) == 6


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row(2, "XX", "village", "T9")], {2: "there is no area with this code"}),
        (
            [row(2, "A", "county", "B"), row(3, "B", "county", "A")],
            dict.fromkeys((2, 3), "the parents form a circle"),
        ),
        ([row(2, "A", "county", "A")], {2: "the parents form a circle"}),
        (
            [row(2, "A", "county", "B"), row(3, "B", "province", "T9"), row(4, "C", "village", "A")],
            {
                2: "the parent's row was rejected",
                3: "there is no area with this code",
                4: "the parent's row was rejected",
            },
        ),
        ([row(2, "A", "township", "V1")], {2: "a township cannot lie in a village"}),
        ([row(2, "A", "village", "V1")], {2: "a village cannot lie in a village"}),
        ([row(2, "A", "hamlet", "T1")], {2: "unknown level"}),
        ([row(2, "A", "village")], {2: "only a country has no parent"}),
        ([row(2, "la", "country")], {2: "no country code"}),
        ([row(2, "", "village", "T1")], {2: "no code, or one longer than 40 characters"}),
        (
            [row(2, "A", "village", "T1"), row(5, "A", "village", "T1")],
            {5: "the code stands in row 2 already"},
        ),
        ([row(2, "V1", "village", "P1")], {2: "the area is known as a village of T1"}),
        ([row(2, "V1", "group", "T1")], {2: "the area is known as a village of T1"}),
        ([row(2, "A", "village", "T1", latitude=108.0, longitude=23.0)], {2: "not a point on earth"}),
        ([row(2, "A", "village", "T1", latitude=8.0)], {2: "half a point"}),
        (
            [row(2, "A", "village", "T1", valid_from=TODAY, valid_to=datetime.date(2020, 1, 1))],
            {2: "ends before it begins"},
        ),
    ],
)
def test_rows_that_would_break_the_tree_are_rejected(rows: list[AreaRow], expected: dict[int, str]) -> None:
    bring_in(*TREE)
    done = bring_in(*rows, row(9, "V9", "village", "T1"))
    assert {reject.row: reject.reason for reject in done.rejects} == expected
    assert all(reject.mend for reject in done.rejects)
    # The good row beside them is in, and the tree is as it was.
    assert Area.objects.filter(code="V9").exists()
    assert Area.objects.get(code="V1").parent.code == "T1"


def test_the_number_of_statements_does_not_depend_on_the_rows() -> None:
    bring_in(*TREE)
    counts = []
    for number in (1, 300):
        with CaptureQueriesContext(connection) as queries:
            bring_in(*(row(place, f"N{number}-{place}", "village", "T1") for place in range(number)))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_area_is_found_by_its_own_code_its_iso_code_and_a_schemes_code() -> None:
    bring_in(*TREE)
    assert find("T1") == find("0101", "office") == Area.objects.get(code="T1")
    assert find("LA-CH") == Area.objects.get(code="P1")
    assert find("0101") is None and find("") is None and find("0101", "other") is None


MAPPING = """
file: {encoding: gb18030, delimiter: ";"}
code: 代码
parent: 上级
level: {column: 级别, values: {村: village, 乡: township}}
names: {zh: 名称}
latitude: 纬度
longitude: 经度
valid_from: 起
codes: {nbs: 统计}
"""
FILE = """代码;上级;级别;名称;纬度;经度;起;统计
T5;P1;乡;那隆;;;;450101
V5;T5;村;和平;23,5;108;;
V6;T5;屯;大塘;;;;
V7;T5;村;白云;23.5;108.25;2021-13-01;
V8;T5;村;新村;23.5;108.25;2021-03-01;450102
"""


def test_a_file_with_a_mapping(tmp_path: Path) -> None:
    bring_in(*TREE)
    (tmp_path / "map.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "areas.csv").write_text(FILE, encoding="gb18030")
    rejects: list[Reject] = []
    rows = list(read_areas(tmp_path / "areas.csv", load_area_mapping(tmp_path / "map.yaml"), rejects.append))
    done = bring_in(*rows)
    assert done.added == 2
    assert [(reject.row, reject.column, reject.value) for reject in [*rejects, *done.rejects]] == [
        (3, "latitude", "23,5"),
        (5, "valid_from", "2021-13-01"),
        (4, "level", "屯"),
    ]
    village = find("450102", "nbs")
    assert village is not None
    assert (village.code, village.valid_from, village.name("zh")) == ("V8", datetime.date(2021, 3, 1), "新村")


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("code: 代码\n", r"line 1: `level`: missing"),
        (
            "code: nr\nlevel: {fixed: village}\n",
            r"line 1: `code`: the file has no column 'nr'; it has 代码, 上级",
        ),
        ("code: 代码\nlevel: {}\n", r"line 2: `level`: write either `column` or `fixed`"),
        ("code: 代码\nlevel: {fixed: village}\nlevels: x\n", r"line 3: `levels`: unknown key"),
    ],
)
def test_a_mapping_that_does_not_fit(tmp_path: Path, mapping: str, said: str) -> None:
    (tmp_path / "map.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / "areas.csv").write_text(FILE.replace(";", ","), encoding="utf-8")
    with pytest.raises(MappingError, match=said):
        list(
            read_areas(tmp_path / "areas.csv", load_area_mapping(tmp_path / "map.yaml"), lambda reject: None)
        )
