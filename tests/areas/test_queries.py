"""Moving about in the tree."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from highground.areas.actions import import_areas
from highground.areas.enums import Level
from highground.areas.models import SEGMENT, Area
from highground.areas.queries import ancestors, at_level, children, count_below, levels_apart, subtree
from tests.areas.test_import import TODAY, TREE, row

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tree() -> None:
    extra = [
        row(7, "TH", "country"),
        row(8, "TH-10", "province", "TH"),
        *(row(9 + n, f"Z{n}", "village", "T1") for n in range(40)),
    ]
    import_areas([*TREE, *extra], by="command:test", today=TODAY)


def codes(areas) -> list[str]:
    return [area.code for area in areas]


def test_up_and_down() -> None:
    village, province = Area.objects.get(code="V1"), Area.objects.get(code="P1")
    assert codes(ancestors(village)) == ["LA", "P1", "T1"]
    assert codes(ancestors(Area.objects.get(code="LA"))) == []
    assert codes(subtree(province))[:2] == ["P1", "T1"] and len(subtree(province)) == 44
    assert codes(children(None)) == ["LA", "TH"]
    assert codes(children(province)) == ["T1"]
    assert len(at_level(province, Level.VILLAGE)) == 42


def test_counts_of_many_areas_in_one_query() -> None:
    with CaptureQueriesContext(connection) as queries:
        below = count_below(Area.objects.filter(parent=None))
    assert len(queries) == 2
    assert {Area.objects.get(path=path).code: count for path, count in below.items()} == {"LA": 44, "TH": 1}


def test_how_far_one_must_climb_to_where_both_are() -> None:
    by_code = {area.code: area.path for area in Area.objects.all()}
    for one, mine in by_code.items():
        for other, theirs in by_code.items():
            longer = max(mine, theirs, key=len)
            climbs = 0
            while not (mine.startswith(longer) and theirs.startswith(longer)):
                longer, climbs = longer[:-SEGMENT], climbs + 1
            assert levels_apart(mine, theirs) == climbs, (one, other)
