"""Shocks: recorded whole, refused with a reason, and exposing exactly the villages that a plain loop finds."""

import json
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner, Result

from highground.methods.facts import load_dictionary
from highground.methods.shocks import (
    Shock,
    ShockError,
    add_shock,
    clues_after,
    empty_areas,
    end_shock,
    exposed,
    exposed_households,
    read_shock,
    read_shocks,
    villages_exposed,
)
from highground.methods.shocks.commands import shock
from highground.methods.shocks.recording import FACT, exposed_for, kinds
from highground.methods.store.layout import Store, StoreError

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
AS_OF = date(2026, 11, 30)
PROVINCES = {"CN-GX": "45", "CN-YN": "53"}


def households() -> list[dict[str, str]]:
    """Three households in each village: two provinces, cities and counties each, two townships, two villages."""
    rows = []
    for province, division in PROVINCES.items():
        for city in ("01", "02"):
            for county in ("21", "22"):
                for village in ("100200", "100201", "101200", "101201"):
                    code = division + city + county
                    rows += [
                        {
                            "household": f"{code}{village}-{number}",
                            "area": code + village,
                            "province": province,
                            "city": division + city,
                            "county": code,
                        }
                        for number in range(3)
                    ]
    return rows


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with one register; its folder has brackets, which mean nothing."""
    made = Store(tmp_path / "store [1]")
    for province in PROVINCES:
        folder = made.register("2026-11") / province
        folder.mkdir(parents=True)
        rows = [row for row in households() if row["province"] == province]
        pq.write_table(pa.Table.from_pylist(rows), folder / "households.parquet")
    (made.register("2026-11") / "manifest.json").write_text("{}")
    return made


def record(store: Store, **changed: object) -> Shock:
    """Record a flood in one county, with what is changed."""
    said: dict[str, object] = {
        "kind": "flood",
        "areas": ["450121"],
        "began": date(2026, 7, 12),
        "source": "Emergency office",
        "by": "tester",
        "now": NOW,
    }
    return add_shock(store, **(said | changed))  # type: ignore[arg-type]


# --- recording ---


def test_a_shock_is_read_as_it_was_recorded(store: Store) -> None:
    made = record(store, note="two dykes", areas=[" 450121", "4502", "450121"])
    assert made.id == "flood-2026-07-12-450121" and made.areas == ("450121", "4502")
    assert read_shock(store, made.id) == made and read_shocks(store) == [made]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "meteor"}, "'meteor' is no kind of shock; there are: flood, drought"),
        ({"areas": ["", " "]}, "give at least one code"),
        ({"source": "  "}, "say who reported the shock"),
        ({"began": date(2026, 11, 27)}, r"begins on 2026-11-27, after today \(2026-11-26\)"),
        ({"ended": date(2026, 11, 27)}, "ends on 2026-11-27, after today"),
        ({"ended": date(2026, 7, 11)}, "ends on 2026-07-11, before it began on 2026-07-12"),
        ({"now": datetime(2026, 11, 26)}, "needs a time zone"),  # noqa: DTZ001 - that is what is refused
    ],
)
def test_what_cannot_be_is_refused(store: Store, changed: dict[str, object], said: str) -> None:
    with pytest.raises(ShockError, match=said):
        record(store, **changed)
    assert read_shocks(store) == []


def test_a_name_that_leads_out_of_the_store_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="is no name of a folder"):
        record(store, name="../runs/x")


def test_an_id_is_given_once_and_an_end_is_recorded_once(store: Store) -> None:
    made = record(store)
    with pytest.raises(ShockError, match="recorded already; end it, or give another id"):
        record(store)
    end_shock(store, made.id, on=date(2026, 8, 1), by="another", now=NOW)
    assert read_shock(store, made.id).ended == date(2026, 8, 1)
    with pytest.raises(ShockError, match="ended on 2026-08-01; record a new one"):
        end_shock(store, made.id, on=date(2026, 8, 2), by="another", now=NOW)
    with pytest.raises(ShockError, match=f"there is no shock 'hail'; the store has: {made.id}"):
        end_shock(store, "hail", on=date(2026, 8, 1), by="another", now=NOW)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is cut off or damaged"),
        ("{}", "is no shock"),
        ('{"id": "other"}', "is no shock"),
    ],
)
def test_a_damaged_file_is_named(store: Store, content: str, said: str) -> None:
    made = record(store)
    path = store.shocks / f"{made.id}.json"
    path.write_text(content)
    with pytest.raises((ShockError, StoreError), match=said):
        read_shocks(store)


def test_a_file_under_another_name_is_refused(store: Store) -> None:
    made = record(store)
    (store.shocks / f"{made.id}.json").rename(store.shocks / "copy.json")
    with pytest.raises(ShockError, match="has another id"):
        read_shock(store, "copy")


# --- exposure ---


def by_hand(shocks: list[Shock], as_of: date) -> list[tuple[str, str, date, str]]:
    """The exposed villages, by a plain loop over households and shocks."""
    found = set()
    for row in households():
        names = {row["area"], row["area"][:9], row["county"], row["city"], row["province"]}
        for each in shocks:
            last = each.ended + timedelta(days=exposed_for(each.kind)) if each.ended else date.max
            if each.began <= as_of <= last and names & set(each.areas):
                found.add((row["area"], each.kind, each.began, each.id))
    return sorted(found)


def as_rows(table: pa.Table) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in table.to_pylist()]


@pytest.mark.parametrize("seed", range(12))
def test_the_villages_exposed_are_those_a_plain_loop_finds(store: Store, seed: int) -> None:
    chance = Random(seed)
    codes = sorted({row[level] for row in households() for level in ("area", "county", "city", "province")})
    codes += [code[:9] for code in codes if len(code) == 12]
    codes += ["45", "45012110020", "4501211"]  # beginnings of codes name nothing
    for number in range(chance.randint(1, 9)):
        began = date(2025, 1, 1) + timedelta(days=chance.randrange(690))
        days = (date(2026, 11, 26) - began).days
        record(
            store,
            name=f"s{number}",
            kind=chance.choice(kinds()),
            areas=chance.sample(codes, chance.randint(1, 4)),
            began=began,
            ended=chance.choice([None, began + timedelta(days=chance.randint(0, min(days, 40)))]),
        )
    shocks = read_shocks(store)
    for day in (date(2025, 6, 30), date(2026, 3, 31), AS_OF):
        assert as_rows(exposed(store, day)) == by_hand(shocks, day)


def test_a_shock_counts_from_its_first_day_until_some_time_after_its_last(store: Store) -> None:
    record(store, ended=date(2026, 7, 14), areas=["450121100200"])
    last = date(2026, 7, 14) + timedelta(days=exposed_for("flood"))
    for day, villages in (
        (date(2026, 7, 11), 0),
        (date(2026, 7, 12), 1),
        (last, 1),
        (last + timedelta(days=1), 0),
    ):
        assert exposed(store, day).num_rows == villages


def test_one_row_for_each_village_with_all_its_shocks(store: Store) -> None:
    record(store, name="flood", areas=["450121100"])
    record(store, name="flood-again", areas=["450121100200"], began=date(2026, 8, 1))
    record(store, name="prices", kind="price_fall", areas=["CN-GX"], began=date(2026, 5, 1))
    villages = {row["area"]: row for row in villages_exposed(exposed(store, AS_OF)).to_pylist()}
    assert len(villages) == 16
    assert villages["450121100200"] == {
        "area": "450121100200",
        "exposed_to": ["flood", "price_fall"],
        "since": date(2026, 5, 1),
        "events": ["flood", "flood-again", "prices"],
    }
    assert villages["450222101201"]["exposed_to"] == ["price_fall"]


def test_households_are_counted_by_county_and_event(store: Store) -> None:
    record(store, name="flood", areas=["450121100", "5301"])
    counted = exposed_households(store, exposed(store, AS_OF))
    assert as_rows(counted) == [
        ("flood", "450121", 2, 6),
        ("flood", "530121", 4, 12),
        ("flood", "530122", 4, 12),
    ]


def test_a_run_played_again_knows_what_was_known(store: Store) -> None:
    record(store, name="known", ended=None)
    record(store, name="told-later", areas=["4502"], now=NOW + timedelta(days=1))
    end_shock(store, "known", on=date(2026, 7, 13), by="tester", now=NOW + timedelta(days=2))
    far = date(2027, 6, 30)
    assert set(exposed(store, far, known_on=NOW)["event"].to_pylist()) == {"known"}
    assert set(exposed(store, far)["event"].to_pylist()) == {"told-later"}
    assert exposed(store, far, known_on=NOW - timedelta(days=1)).num_rows == 0


def test_clues_lead_back_to_the_shocks_before_them(store: Store) -> None:
    record(store, name="flood", areas=["450121"])
    record(store, name="prices", kind="price_fall", areas=["450121100200"], began=date(2026, 9, 1))
    clues = pa.table(
        {
            "household": ["a", "b", "c", "d"],
            "area": ["450121100200", "450121100200", "450121101201", "450122100200"],
            "opened": [date(2026, 7, 12), date(2026, 10, 1), date(2026, 7, 11), date(2026, 10, 1)],
        }
    )
    found = clues_after(exposed(store, AS_OF), clues)
    assert [(row["event"], row["household"]) for row in found.to_pylist()] == [
        ("flood", "a"),
        ("flood", "b"),
        ("prices", "b"),
    ]


def test_a_code_in_which_nobody_lives_is_found(store: Store) -> None:
    assert empty_areas(store, ["450121", "459999", "CN-GX", "45", "450121100"]) == ["459999", "45"]


def test_without_a_register_it_says_so(tmp_path: Path) -> None:
    empty = Store(tmp_path)
    assert exposed(empty, AS_OF).num_rows == 0
    record(empty)
    with pytest.raises(ShockError, match="has no register yet"):
        exposed(empty, AS_OF)
    with pytest.raises(ShockError, match="has no register of 2026-10; it has none"):
        exposed(empty, AS_OF, month="2026-10")


def test_kinds_are_those_of_the_fact() -> None:
    source = files("highground") / "data" / "shocks.yaml"
    described = yaml.safe_load(source.read_text(encoding="utf-8"))["kinds"]
    assert tuple(described) == kinds() == tuple(load_dictionary()[FACT].values)
    assert all(30 <= exposed_for(kind) <= 730 for kind in kinds())


# --- the command ---


def run(store: Store, *words: str) -> Result:
    return CliRunner().invoke(shock, [*words, "--store", str(store.root)])


def test_the_command_records_ends_lists_and_shows(store: Store) -> None:
    said = run(
        store,
        *("add", "--kind", "flood", "--area", "450121", "--area", "5301", "--from", "2026-07-12"),
        *("--source", "Emergency office"),
    )
    assert said.output == "flood-2026-07-12-450121\n"
    assert run(store, "list").output == "flood-2026-07-12-450121  flood, 2026-07-12 to now\n"
    shown = run(store, "show", "flood-2026-07-12-450121", "--as-of", "2026-11-30").output.splitlines()
    assert shown[1:3] == ["  areas: 450121, 5301", "  source: Emergency office"]
    assert shown[-3:] == [
        "  450121: 4 villages, 12 households",
        "  530121: 4 villages, 12 households",
        "  530122: 4 villages, 12 households",
    ]
    said = run(store, "end", "flood-2026-07-12-450121", "--on", "2026-07-20")
    assert said.output == "flood-2026-07-12-450121  flood, 2026-07-12 to 2026-07-20\n"
    shown = run(store, "show", "flood-2026-07-12-450121", "--as-of", "2028-01-01").output
    assert "exposes nobody on 2028-01-01; flood counts for 180 days after its end" in shown


def test_the_command_refuses_a_code_in_which_nobody_lives(store: Store) -> None:
    said = run(
        store, "add", "--kind", "flood", "--area", "450199", "--from", "2026-07-12", "--source", "Office"
    )
    assert isinstance(said.exception, ShockError) and "lives in 450199; check the codes" in str(
        said.exception
    )
    assert not list(store.shocks.glob("*.json"))


def test_what_is_written_is_plain_json(store: Store) -> None:
    made = record(store, ended=date(2026, 7, 20))
    content = json.loads((store.shocks / f"{made.id}.json").read_text(encoding="utf-8"))
    assert content["areas"] == ["450121"] and content["began"] == "2026-07-12"
    assert content["recorded_at"] == content["end_recorded_at"] == "2026-11-26T09:00:00+00:00"
