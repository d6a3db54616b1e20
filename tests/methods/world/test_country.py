"""The synthetic country: repeatable, in bounds, nobody from the future, and as large as it says."""

import datetime
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from highground.methods.facts import Fact, load_dictionary
from highground.methods.world import Country, make_country

from .conftest import TODAY

SMALL = {"households": 600, "lao_households": 60}


def test_same_seed_and_day_give_the_same_country() -> None:
    assert make_country(7, TODAY, **SMALL).digest == make_country(7, TODAY, **SMALL).digest


@pytest.mark.parametrize(
    ("seed", "day", "sizes"),
    [
        (8, TODAY, SMALL),
        (7, TODAY + datetime.timedelta(days=1), SMALL),
        (7, TODAY, {**SMALL, "line": 9_000}),
        (7, TODAY, {**SMALL, "counties": 2}),
    ],
)
def test_another_seed_day_line_or_size_gives_another(
    seed: int, day: datetime.date, sizes: dict[str, int]
) -> None:
    assert make_country(seed, day, **sizes).digest != make_country(7, TODAY, **SMALL).digest


def test_sizes_are_what_was_asked_for(country: Country) -> None:
    levels = Counter(country.areas["level"].to_pylist())
    assert levels == {"country": 2, "province": 2, "city": 1, "county": 2, "township": 12, "village": 174}
    assert country.households.num_rows == country.truth.num_rows == 20_800
    assert 900_000 < country.facts.num_rows < 1_300_000


def test_more_counties_have_villages_and_households_each() -> None:
    three = make_country(1, TODAY, counties=3, **SMALL)
    county = pc.utf8_slice_codeunits(three.households["area"], 0, 9).to_pylist()
    counted = Counter(code for code in county if code.startswith("CN"))
    assert set(counted) == {"CN-990121", "CN-990122", "CN-990123"}
    assert sum(counted.values()) == 1_800
    assert min(counted.values()) > 400
    with pytest.raises(ValueError, match="99 counties: there are names for 1 to 6"):
        make_country(1, TODAY, counties=99)
    with pytest.raises(ValueError, match="at least one household per village"):
        make_country(1, TODAY, households=100)


def test_areas_come_after_their_parents_and_invented_ones_say_so(country: Country) -> None:
    before: set[str | None] = {None}
    for area in country.areas.to_pylist():
        assert area["parent"] in before
        before.add(area["code"])
        assert area["synthetic"] == (area["level"] != "country")
        assert area["zh"] or area["lo"]
    assert len(before) == country.areas.num_rows + 1
    assert set(country.households["area"].to_pylist()) == {
        area["code"] for area in country.areas.to_pylist() if area["level"] == "village"
    }


def test_every_area_has_a_name_of_its_own_in_chinese(country: Country) -> None:
    named = country.areas.to_pylist()
    assert all(area["zh"] for area in named)
    lao = [area["zh"] for area in named if area["country"] == "LA"]
    assert len(set(lao)) == len(lao) == 27


def test_villages_of_the_drawings_stand_in_their_townships(country: Country) -> None:
    areas = {area["code"]: area for area in country.areas.to_pylist()}
    found = {
        (area["en"], areas[area["parent"]]["en"]) for area in areas.values() if area["level"] == "village"
    }
    assert {("Baiyun", "Nalong"), ("Datang", "Guanyin"), ("Shangping", "Baisha")} <= found
    chinese = [name for name, above in found if above != "Namsai district"]
    assert len(set(chinese)) == len(chinese) == 150


def test_keys_are_distinct_and_numbers_count_within_each_part(country: Country) -> None:
    for table, column in ((country.households, "household"), (country.members, "member")):
        keys = table[column].to_pylist()
        assert len(set(keys)) == len(keys)
        assert all(len(key) == 9 and key[4] == "-" for key in keys)
    chinese = country.households.slice(0, 20_000)
    assert chinese["number"].to_pylist() == [f"{number:05d}" for number in range(1, 20_001)]
    assert all(country.households["synthetic"].to_pylist())


def test_households_in_no_data_have_neither_members_nor_facts(country: Country) -> None:
    unseen = country.truth.filter(country.truth["unseen"])["household"]
    assert 60 <= len(unseen) <= 75
    for table in (country.members, country.facts):
        assert pc.sum(pc.is_in(table["household"], unseen)).as_py() == 0
    others = country.truth.filter(pc.invert(country.truth["unseen"]))["household"]
    assert set(country.facts["household"].unique().to_pylist()) == set(others.to_pylist())


def _outside(fact: Fact, values: pa.Array) -> list[str]:
    """Values that the dictionary does not allow."""
    if fact.type in ("money", "integer"):
        numbers = values.cast(pa.int64())
        bad = pc.or_(pc.less(numbers, fact.minimum), pc.greater(numbers, fact.maximum))
    elif fact.type == "date":
        bad = pc.is_null(values.cast(pa.date32()))
    elif fact.type == "list":
        parts = {part for value in values.unique().to_pylist() if value != "[]" for part in value.split(";")}
        return sorted(parts - set(fact.values))
    else:
        allowed = ["true", "false"] if fact.type == "boolean" else list(fact.values)
        bad = pc.invert(pc.is_in(values, pa.array(allowed)))
    return values.filter(bad).to_pylist()


def test_every_value_is_one_that_the_dictionary_allows(country: Country) -> None:
    dictionary = load_dictionary()
    values = country.facts.select(["fact", "value", "member"]).combine_chunks()
    names = values["fact"].unique().to_pylist()
    assert len(names) >= 42
    for name in names:
        fact = dictionary[name]
        mine = values.filter(pc.equal(values["fact"], name))
        assert _outside(fact, mine["value"].combine_chunks()) == [], name
        assert mine["member"].null_count == (mine.num_rows if fact.entity == "household" else 0)


def test_no_day_lies_in_the_future_or_before_birth(country: Country) -> None:
    assert pc.max(country.facts["valid_from"]).as_py() <= TODAY
    assert pc.max(country.sources["day"]).as_py() <= TODAY
    facts = country.facts.select(["member", "fact", "value", "valid_from"])
    born = facts.filter(pc.equal(facts["fact"], "birth_date")).select(["member", "value"])
    joined = facts.filter(pc.is_valid(facts["member"])).join(
        born.rename_columns(["member", "born"]), "member"
    )
    early = pc.less(joined["valid_from"].cast(pa.string()), joined["born"])
    assert joined.num_rows > 600_000
    assert joined.filter(early).num_rows == 0


def test_one_value_per_fact_and_day_in_order(country: Country) -> None:
    facts = country.facts
    columns = ["household", "member", "fact", "valid_from"]
    assert facts.group_by(columns).aggregate([]).num_rows == facts.num_rows
    position = pc.index_in(facts["household"], country.households["household"].combine_chunks()).to_numpy()
    assert (position[1:] >= position[:-1]).all()


def test_yearly_income_is_never_a_monthly_feed(country: Country) -> None:
    facts, sources = country.facts, country.sources
    kind = sources["kind"].take(facts["source"])
    income = pc.match_substring_regex(facts["fact"], "^(income|cost)_")
    assert set(kind.filter(income).unique().to_pylist()) == {"visit"}
    assert pc.sum(pc.equal(kind, "department")).as_py() > 50_000
