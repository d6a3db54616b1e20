"""An area that moves takes along what lies below it, and leaves nothing behind but its history."""

import datetime
import io

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test.utils import CaptureQueriesContext

from highground.areas.actions import AreaRow, Imported, import_areas
from highground.areas.commands import import_areas as command
from highground.areas.models import SEGMENT, Area, AreaCode, FormerPath
from highground.audit.actions import verify
from highground.audit.models import Event
from highground.files.models import Upload
from highground.files.uploads import keep_upload
from tests.files import samples

TODAY = datetime.date(2026, 3, 1)
pytestmark = pytest.mark.django_db


def row(code: str, level: str, parent: str = "", **fields) -> AreaRow:
    return AreaRow(0, code, level, parent, **fields)


def bring_in(*rows: AreaRow, move: bool = True) -> Imported:
    return import_areas(rows, by="command:test", today=TODAY, move=move)


def paths() -> dict[str, str]:
    return dict(Area.objects.values_list("code", "path"))


def check_tree() -> None:
    """Every area lies right below its parent, as deep as its path says, and nothing lies where something once lay."""
    for area in Area.objects.select_related("parent"):
        assert area.path[:-SEGMENT] == (area.parent.path if area.parent else "")
        assert area.depth == len(area.path) // SEGMENT
    assert not set(paths().values()) & set(FormerPath.objects.values_list("path", flat=True))


@pytest.fixture(autouse=True)
def tree() -> dict[str, str]:
    """Two counties of two townships of two villages of two groups each, and another country."""
    rows = [
        row("CN", "country"),
        row("LA", "country"),
        row("P", "province", "CN"),
        row("L", "province", "LA"),
    ]
    for a in "AB":
        rows.append(row(a, "county", "P"))
        for t in "12":
            rows.append(row(f"{a}{t}", "township", a))
            for v in "12":
                rows.append(row(f"{a}{t}{v}", "village", f"{a}{t}", codes={"nbs": f"{a}-{t}-{v}"}))
                rows += [row(f"{a}{t}{v}{g}", "group", f"{a}{t}{v}") for g in "12"]
    bring_in(*rows)
    check_tree()
    return paths()


def test_a_village_moves_with_its_groups(tree: dict[str, str]) -> None:
    done = bring_in(row("A11", "village", "B2", names={"en": "Heping"}, codes={"nbs": "B-2-9"}))
    assert (done.added, done.changed, done.unchanged, done.moved, done.rejects) == (0, 1, 0, 1, [])
    check_tree()
    now = paths()
    changed = {code for code in tree if tree[code] != now[code]}
    assert changed == {"A11", "A111", "A112"}
    assert now["A11"].startswith(tree["B2"])
    assert now["A11"] not in tree.values()
    village = Area.objects.get(code="A11")
    assert (village.parent.code, village.names) == ("B2", {"en": "Heping"})
    # Both codes lead to it, so that a table from before the reform still finds it.
    assert set(AreaCode.objects.filter(area=village).values_list("code", flat=True)) == {"A-1-1", "B-2-9"}
    event = Event.objects.get(kind="areas.import", data__has_key="moved")
    assert event.data["moved"] == [f"{tree['A11']}:{now['A11']}"]
    assert set(event.areas) == {tree["A11"], now["A11"]}
    assert verify().sound
    assert set(FormerPath.objects.values_list("area__code", "path", "until")) == {
        (code, tree[code], TODAY) for code in changed
    }


def test_the_same_rows_again_move_nothing(tree: dict[str, str]) -> None:
    rows = [row("A11", "village", "B2"), row("A2", "township", "B")]
    assert bring_in(*rows).moved == 2
    now, events = paths(), Event.objects.count()
    done = bring_in(*rows)
    assert (done.changed, done.unchanged, done.moved) == (0, 2, 0)
    assert (paths(), Event.objects.count()) == (now, events)


def test_everything_moves_at_once(tree: dict[str, str]) -> None:
    """A township to the other county, a village of it elsewhere, one into it, one into a township that is new."""
    done = bring_in(
        row("A22", "village", "NEW"),
        row("B11", "village", "A1"),
        row("A11", "village", "B2"),
        row("A1", "township", "B"),
        row("NEW", "township", "A"),
        row("B113", "group", "B11"),
        row("B21", "village", "B2"),
    )
    assert (done.added, done.changed, done.unchanged, done.moved, done.rejects) == (2, 4, 1, 4, [])
    check_tree()
    parents = dict(Area.objects.filter(level="village").values_list("code", "parent__code"))
    assert parents == {
        "A11": "B2", "A12": "A1", "A21": "A2", "A22": "NEW",
        "B11": "A1", "B12": "B1", "B21": "B2", "B22": "B2",
    }  # fmt: skip
    counties = {code: path[: 3 * SEGMENT] for code, path in paths().items()}
    assert {code for code in ("A1", "A12", "B11", "B113", "A11") if counties[code] == tree["B"]} == {
        "A1", "A12", "B11", "B113", "A11",
    }  # fmt: skip
    assert counties["A22"] == counties["NEW"] == tree["A"]


def test_a_place_that_was_left_is_never_given_again(tree: dict[str, str]) -> None:
    last = max(tree[code] for code in ("A11", "A12"))
    bring_in(row("A12", "village", "B1"))
    bring_in(row("A13", "village", "A1"))
    bring_in(row("A12", "village", "A1"))
    bring_in(row("A14", "village", "A1"))
    check_tree()
    now = paths()
    assert last not in now.values()
    assert sorted(now[code] for code in ("A13", "A12", "A14")) == [now["A13"], now["A12"], now["A14"]]
    assert FormerPath.objects.filter(area__code="A12").count() == 2


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([row("A", "county", "A1")], "a county cannot lie in a township"),
        ([row("A1", "township", "A11")], "a township cannot lie in a village"),
        ([row("A1", "township", "A1")], "the parents form a circle"),
        ([row("A", "county", "A11"), row("A11", "village", "A")], "the parents form a circle"),
        ([row("A11", "village", "A2X")], "there is no area with this code"),
        ([row("A11", "group", "A2")], "the area is known as a village of A1"),
        ([row("A", "county", "L")], "the area is known as a county of P, in another country"),
    ],
)
def test_what_would_break_the_tree_is_refused(tree: dict[str, str], rows: list[AreaRow], reason: str) -> None:
    done = bring_in(*rows)
    assert {reject.reason for reject in done.rejects} == {reason}
    assert (done.changed, done.moved) == (0, 0)
    assert paths() == tree


def test_a_move_must_be_meant(tree: dict[str, str]) -> None:
    done = bring_in(row("A11", "village", "B2"), move=False)
    assert [(reject.column, reject.value, reject.reason) for reject in done.rejects] == [
        ("parent", "B2", "the area is known as a village of A1")
    ]
    assert "--move" in done.rejects[0].mend
    assert paths() == tree


def test_the_number_of_statements_does_not_depend_on_what_lies_below() -> None:
    counts = []
    for number in (1, 1500):
        bring_in(*(row(f"N{number}-{place}", "group", "A11") for place in range(number)))
        with CaptureQueriesContext(connection) as queries:
            bring_in(row("A11", "village", "B2" if number == 1 else "A1"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_on_the_command_line(tmp_path, settings) -> None:
    settings.HIGHGROUND_HOME = tmp_path
    (tmp_path / "map.yaml").write_text("code: code\nparent: parent\nlevel: {fixed: village}\n")
    (tmp_path / "areas.csv").write_text("code,parent\nA11,B2\n")
    arguments = [str(tmp_path / "areas.csv"), "--mapping", str(tmp_path / "map.yaml")]
    refused = CliRunner().invoke(command, arguments)
    assert (refused.exit_code, "1 rows rejected" in refused.output) == (1, True)
    done = CliRunner().invoke(command, [*arguments, "--move"])
    assert done.exit_code == 0
    assert "0 added, 1 changed, 0 as before" in done.output
    assert "1 of the changed lies in another area now, with everything below it" in done.output


def test_what_was_uploaded_there_goes_along(tree: dict[str, str], tmp_path, settings) -> None:
    settings.HIGHGROUND_HOME = tmp_path
    kept = {
        code: keep_upload(io.BytesIO(samples.photo()), area_path=tree[code], kind="test", by="7", today=TODAY)
        for code in ("A11", "A111", "A12")
    }
    bring_in(row("A11", "village", "B2"))
    now = paths()
    found = Upload.objects.within([now["B"]], behind=kept["A11"].behind).values_list("pk", flat=True)
    assert set(found) == {kept["A11"].pk, kept["A111"].pk}
