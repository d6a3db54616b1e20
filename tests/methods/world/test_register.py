"""What the register knows on a day: never more than was known, and exactly the truth where nothing hides it."""

import datetime
import random

import pyarrow as pa
import pyarrow.compute as pc

from highground.methods.facts import load_dictionary
from highground.methods.world import Country

from .conftest import TODAY

Register = tuple[pa.Table, pa.Table]


def _typed(text: str | None, kind: str) -> object:
    if text is None:
        return None
    if kind in ("money", "integer"):
        return int(text)
    if kind == "boolean":
        return text == "true"
    if kind == "date":
        return datetime.date.fromisoformat(text)
    if kind == "list":
        return [] if text == "[]" else text.split(";")
    return text


def test_each_value_is_the_last_one_known_on_the_day(country: Country, before: Register) -> None:
    dictionary = load_dictionary()
    chosen = random.Random(5).sample(country.households["household"].to_pylist(), 300)
    mine = country.facts.filter(pc.is_in(country.facts["household"], pa.array(chosen))).to_pylist()
    source = country.sources["name"].to_pylist()
    last: dict[tuple[str, str], tuple[str, datetime.date, str]] = {}
    for row in mine:  # in order of days
        if row["valid_from"] <= country.first_run:
            last[row["member"] or row["household"], row["fact"]] = (
                row["value"],
                row["valid_from"],
                source[row["source"]],
            )
    compared = 0
    for table, key, facts in (
        (before[0], "household", dictionary.household),
        (before[1], "member", dictionary.members),
    ):
        for row in table.filter(pc.is_in(table["household"], pa.array(chosen))).to_pylist():
            for fact in facts:
                value, day, name = last.get((row[key], fact.name), (None, None, None))
                assert row[fact.name] == _typed(value, fact.type)
                assert row[f"{fact.name}__date"] == day
                assert row[f"{fact.name}__source"] == name
                compared += value is not None
    assert compared == len(last) > 10_000


def test_a_row_for_every_household_in_order_with_its_places(country: Country, today: Register) -> None:
    households, members = today
    assert households.num_rows == country.households.num_rows
    assert set(households["household"].to_pylist()) == set(country.households["household"].to_pylist())
    assert households["area"].to_pylist() == sorted(households["area"].to_pylist())
    assert set(households["province"].to_pylist()) == {"CN-ZZ", "LA-ZZ"}
    lao = households.filter(pc.equal(households["province"], "LA-ZZ"))
    assert lao.num_rows == lao["city"].null_count == 800
    assert set(lao["county"].to_pylist()) == {"LA-9901"}
    assert members["member"].to_pylist() != []
    assert set(members["member"].to_pylist()) == set(country.members["member"].to_pylist())


def test_register_and_truth_agree_where_no_shock_struck(country: Country, today: Register) -> None:
    households, members = today
    counted = members.filter(
        pc.and_(members["shares_budget"], pc.or_(members["on_register"], members["lives_with"]))
    )
    persons = {
        row["household"]: row["member_count"]
        for row in counted.group_by("household").aggregate([("member", "count")]).to_pylist()
    }
    registered = {row["household"]: row for row in households.to_pylist()}
    exact = 0
    for true in country.truth.slice(0, 20_000).to_pylist():
        row = registered[true["household"]]
        parts = [row[f"income_{part}_12m"] for part in ("wage", "business", "property", "transfer")]
        cost = row["cost_business_12m"]
        if true["struck"] or cost is None or None in parts or persons[true["household"]] != true["persons"]:
            continue
        net = sum(parts) - cost
        assert net / true["persons"] == true["income"]
        assert (net + row["claims_12m"] - row["out_of_pocket_12m"]) / true["persons"] == true["reference"]
        exact += 1
    assert exact > 17_000


def test_shocks_are_in_the_truth_before_they_reach_the_register(country: Country, today: Register) -> None:
    registered = {row["household"]: row for row in today[0].to_pylist()}
    hidden = known = 0
    for true in country.truth.slice(0, 20_000).to_pylist():
        row = registered[true["household"]]
        if true["struck"] and not true["unseen"]:
            if row["risks"]:
                known += 1
            else:
                hidden += 1
    assert known > 200
    assert hidden > 50


def test_the_two_runs_differ_as_shocks_and_mending_do(before: Register, today: Register) -> None:
    assert before[0]["household"].to_pylist() == today[0]["household"].to_pylist()
    for fact, new, gone in (("dwelling_unsafe", 1, 3), ("water_unsafe", 5, 5)):
        pairs = list(zip(before[0][fact].to_pylist(), today[0][fact].to_pylist(), strict=True))
        assert pairs.count((False, True)) >= new
        assert pairs.count((True, False)) >= gone
        assert pairs.count((True, True)) >= 20
    lists = list(zip(before[0]["risks"].to_pylist(), today[0]["risks"].to_pylist(), strict=True))
    grown = [pair for pair in lists if pair[1] is not None and len(pair[1]) > len(pair[0] or [])]
    assert any("disaster" in now for _, now in grown)
    assert any("unstable_work" in now for _, now in grown)
    claims = list(zip(before[0]["claims_12m"].to_pylist(), today[0]["claims_12m"].to_pylist(), strict=True))
    assert sum(now is not None and now > (then or 0) for then, now in claims) >= 5
    assert set(pc.unique(today[0]["risks__date"]).to_pylist()) > set()


def test_some_facts_went_stale_between_the_runs(before: Register, today: Register) -> None:
    fresh_for = load_dictionary()["income_wage_12m"].fresh_for
    assert fresh_for is not None
    stale = []
    for (households, _), day in ((before, TODAY - datetime.timedelta(days=35)), (today, TODAY)):
        since = day - datetime.timedelta(days=fresh_for)
        found = households["income_wage_12m__date"].to_pylist()
        stale.append(sum(known is not None and known < since for known in found))
    assert 200 < stale[0] < stale[1] < 1_000
