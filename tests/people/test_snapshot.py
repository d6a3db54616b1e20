"""The snapshot is what is known on a day, whole, private and without a name."""

import datetime
import hashlib
import json
import stat
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from highground.areas.models import Area
from highground.audit.models import Event
from highground.methods.facts import load_dictionary
from highground.people import snapshot as snapshots
from highground.people.actions import RegisterError
from highground.people.models import Household, Member
from highground.people.moves import merge_households, move_household, move_member
from highground.people.queries import facts_as_of
from highground.people.snapshot import Snapshot, write_snapshot
from tests.people.conftest import TODAY, Fill

pytestmark = pytest.mark.django_db
BEGIN = datetime.date(2020, 1, 1)
LATER = datetime.date(2024, 1, 1)


@pytest.fixture(autouse=True)
def own_home(tmp_path, settings) -> None:
    settings.HIGHGROUND_HOME = tmp_path


@pytest.fixture
def register(fill: Fill) -> list[Household]:
    fill(
        [("1", "V1", BEGIN), ("2", "V3", BEGIN), ("3", "V2", BEGIN)],
        members=[("1/1", "1", BEGIN), ("1/2", "1", BEGIN), ("2/1", "2", BEGIN)],
        observations=[
            ("1", None, "income_wage_12m", "1234567890.5", BEGIN),
            ("1", None, "household_type", "lifted_out", BEGIN),
            ("1", None, "risks", "illness;other", BEGIN),
            ("2", None, "risks", "[]", BEGIN),
            ("1", None, "relocated", "false", BEGIN),
            ("1", None, "household_size", "2", BEGIN),
            ("1", "1/1", "birth_date", "1990-02-28", BEGIN),
            ("1", "1/2", "lives_with", "false", BEGIN),
        ],
        protected=[("1", "1/1", "name", "覃小龙"), ("1", None, "phone", "13900004711")],
        today=BEGIN,
    )
    fill([("1", "V1", BEGIN)], observations=[("1", None, "income_wage_12m", "5", LATER)], today=LATER)
    return list(Household.objects.everywhere(reason="test").order_by("number"))


def take(**options) -> Snapshot:
    return write_snapshot(**{"as_of": TODAY, "by": "9", "today": TODAY, **options})


def households(made: Snapshot) -> dict[str, dict]:
    return {row["household"]: row for row in pq.read_table(made.folder / "households.parquet").to_pylist()}


def test_columns_are_the_dictionarys(register: list[Household]) -> None:
    made = take()
    schema = pq.read_schema(made.folder / "households.parquet")
    facts = load_dictionary().household
    assert schema.names == [
        *("household", "area", "province", "county", "city"),
        *(name for fact in facts for name in (fact.name, f"{fact.name}__date", f"{fact.name}__source")),
    ]
    kinds = {fact.type: schema.field(fact.name).type for fact in facts}
    assert kinds == {
        "money": pa.decimal128(18, 2),
        "integer": pa.int64(),
        "boolean": pa.bool_(),
        "category": pa.string(),
        "date": pa.date32(),
        "list": kinds["list"],
    }
    assert pa.types.is_list(kinds["list"]) and kinds["list"].value_type == pa.string()
    members = pq.read_schema(made.folder / "members.parquet")
    assert members.field("birth_date").type == pa.date32()
    # Nobody has recorded two of the three facts about who is counted: screening then counts everybody.
    assert "lives_with" in members.names
    assert not {"on_register", "shares_budget"} & set(members.names)
    # What no rule may read never leaves the register.
    assert not [name for name in members.names if name.startswith("ethnicity")]


def test_values_with_their_dates_and_sources(register: list[Household]) -> None:
    rows = households(take())
    first, second = rows[register[0].key], rows[register[1].key]
    assert first["income_wage_12m"] == Decimal("5.00")
    assert (first["income_wage_12m__date"], first["income_wage_12m__source"]) == (LATER, "Survey")
    assert (first["household_type"], first["household_size"], first["relocated"]) == ("lifted_out", 2, False)
    assert (first["risks"], second["risks"], rows[register[2].key]["risks"]) == (
        ["illness", "other"],
        [],
        None,
    )
    assert (first["area"], first["county"], first["city"], first["province"]) == (
        "V1",
        "COUNTY",
        "CITY",
        "CN-GX",
    )
    assert (second["area"], second["county"], second["city"], second["province"]) == (
        "V3",
        None,
        None,
        "LA-CH",
    )
    assert second["income_wage_12m"] is None and second["income_wage_12m__date"] is None


def test_as_of_and_as_known_on(register: list[Household], areas: dict[str, Area]) -> None:
    key = register[0].key
    before = LATER - datetime.timedelta(days=1)
    assert households(take(as_of=before))[key]["income_wage_12m"] == Decimal("1234567890.50")
    assert households(take(known_on=before))[key]["income_wage_12m"] == Decimal("1234567890.50")
    assert households(take(as_of=BEGIN - datetime.timedelta(days=1))) == {}
    move_household(register[0], to=areas["V3"], day=LATER, by="9", today=LATER)
    assert households(take())[key]["province"] == "LA-CH"
    assert households(take(as_of=before))[key]["province"] == "CN-GX"


def test_it_says_what_the_register_says(register: list[Household]) -> None:
    made = take()
    rows = households(made)
    for known in facts_as_of(list(register), as_of=TODAY):
        if known.member is None:
            key = next(one.key for one in register if one.pk == known.household)
            assert rows[key][f"{known.fact}__date"] == known.date
    values = sum(
        row[f"{fact.name}__date"] is not None for row in rows.values() for fact in load_dictionary().household
    )
    assert values == sum(known.member is None for known in facts_as_of(register, as_of=TODAY))


def test_only_an_area(register: list[Household], areas: dict[str, Area]) -> None:
    assert set(households(take(area=areas["COUNTY"]))) == {register[0].key, register[2].key}
    made = take(area=areas["V3"])
    assert set(households(made)) == {register[1].key}
    assert made.manifest["members"] == 1 and made.manifest["area"] == "V3"
    # Who moves in brings what was observed elsewhere.
    move_household(register[0], to=areas["V3"], day=LATER, by="9", today=TODAY)
    there = households(take(area=areas["V3"]))
    assert there[register[0].key]["household_type"] == "lifted_out"
    assert set(households(take(area=areas["COUNTY"]))) == {register[2].key}


def test_who_has_left_or_ended_is_not_in_it(register: list[Household]) -> None:
    member = Member.objects.everywhere(reason="test").get(number="1/2")
    move_member(member, to=None, day=LATER, by="9", today=TODAY)
    merge_households(register[0], [register[1]], day=LATER, by="9", today=TODAY)
    made = take()
    rows = pq.read_table(made.folder / "members.parquet", columns=["household", "member"]).to_pylist()
    assert register[1].key not in households(made)
    assert [row["household"] for row in rows] == [register[0].key] * 2
    assert member.key not in {row["member"] for row in rows}


def test_it_is_sorted_private_sealed_by_a_manifest_and_recorded(register: list[Household]) -> None:
    made = take()
    rows = pq.read_table(made.folder / "households.parquet").to_pylist()
    assert [row["area"] for row in rows] == ["V1", "V2", "V3"]
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in made.folder.iterdir()) == [
        "households.parquet",
        "manifest.json",
        "members.parquet",
    ]
    manifest = json.loads((made.folder / "manifest.json").read_text())
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((made.folder / name).read_bytes()).hexdigest() == digest
    event = Event.objects.latest("sequence")
    assert (event.kind, event.subject_id, event.data["files"]) == (
        "people.snapshot",
        manifest["id"],
        manifest["files"],
    )


def test_no_name_number_or_id_of_ours_leaves(register: list[Household]) -> None:
    made = take()
    tables = [pq.read_table(made.folder / f"{name}.parquet") for name in ("households", "members")]
    text = repr([table.to_pylist() for table in tables]) + (made.folder / "manifest.json").read_text()
    for secret in ("覃小龙", "13900004711", "1/1"):
        assert secret not in text
    assert {name for table in tables for name in table.column_names} & {
        "id",
        "number",
        "register",
        "name",
    } == set()


def test_a_failure_leaves_no_folder(
    register: list[Household], settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(snapshots, "_write_durably", fail)
    events = Event.objects.count()
    with pytest.raises(OSError, match="disk full"):
        take()
    assert list((settings.HIGHGROUND_HOME / "snapshots").iterdir()) == []
    assert Event.objects.count() == events


def test_the_future_is_refused(register: list[Household]) -> None:
    with pytest.raises(RegisterError, match="2026-03-02 lies after 2026-03-01"):
        take(as_of=TODAY + datetime.timedelta(days=1))
