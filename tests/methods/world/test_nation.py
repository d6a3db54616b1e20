"""The synthetic nation: whole, in order, within the dictionary, with the margins and faults that it names."""

import datetime
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from highground.methods.facts import load_dictionary
from highground.methods.world.nation import Plan, PlanError, make_nation, make_plan
from highground.methods.world.nation.events import make_events
from highground.methods.world.nation.feeds import HOUSEHOLD_FEEDS, PERSON_FEEDS, sent
from highground.methods.world.nation.people import identity_numbers, make_people
from highground.methods.world.nation.plan import Block
from highground.methods.world.nation.register import registers

HOUSEHOLDS, MONTHS, SEED = 60_000, 13, 7
HOUSEHOLD_ROWS = "read_parquet('{root}/register/2026-11/*/households.parquet')"
MEMBER_ROWS = "read_parquet('{root}/register/2026-11/*/members.parquet')"
PERSON_ROWS = " UNION ALL ".join(
    f"SELECT '{feed}' AS feed, identity_number, name, birth_date, area, day, filename"
    f" FROM read_parquet('{{root}}/feeds/{feed}/*/*.parquet', filename = true)"
    for feed in PERSON_FEEDS
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A nation of 60,000 households with thirteen months of feeds."""
    return make_plan(HOUSEHOLDS, MONTHS, SEED)


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> Path:
    """The same on disk."""
    root = tmp_path_factory.mktemp("nation")
    make_nation(plan, root)
    return root


def rows(root: Path, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query; `{root}` is the folder of the nation."""
    return duckdb.connect().execute(query.format(root=root)).fetchall()


# --- layout and order ---


def test_every_province_has_its_files_and_the_counts_agree(nation: Path) -> None:
    world = json.loads((nation / "world.json").read_text())
    assert world["complete"] and world["synthetic"]
    assert len(world["provinces"]) == 31 and sum(world["provinces"].values()) == HOUSEHOLDS
    assert world["register_months"] == ["2026-10", "2026-11"]
    assert world["feed_months"][0] == "2025-11" and world["feed_months"][-1] == "2026-11"
    for code in world["provinces"]:
        for month in world["register_months"]:
            assert (nation / "register" / month / code / "members.parquet").is_file()
        for feed in world["feeds"]:
            for month in world["feed_months"]:
                assert (nation / "feeds" / feed / month / f"{code}.parquet").is_file()
    counted = rows(nation, "SELECT count(*) FROM '{root}/register/*/*/households.parquet'")[0][0]
    assert counted == world["rows"]["households"] == 2 * HOUSEHOLDS
    for feed in world["feeds"]:
        counted = rows(nation, f"SELECT count(*) FROM '{{root}}/feeds/{feed}/*/*.parquet'")[0][0]
        assert counted == world["rows"][feed] > 0


def test_provinces_have_real_proportions(nation: Path) -> None:
    households = json.loads((nation / "world.json").read_text())["provinces"]
    assert households["CN-GD"] == max(households.values()) == pytest.approx(HOUSEHOLDS * 0.089, rel=0.03)
    assert households["CN-XZ"] == min(households.values()) == pytest.approx(HOUSEHOLDS * 0.0026, rel=0.05)


def test_rows_are_in_the_order_of_county_and_household(nation: Path) -> None:
    for path in sorted(nation.glob("register/*/*/households.parquet")):
        keys = pq.read_table(path, columns=["county", "household"]).to_pylist()
        order = [(row["county"], row["household"]) for row in keys]
        assert order == sorted(order) and len(set(order)) == len(order)
    for path in sorted(nation.glob("register/2026-11/*/members.parquet")):
        table = pq.read_table(path, columns=["household"])
        own = pq.read_table(path.with_name("households.parquet"), columns=["household"])
        place = {key: number for number, key in enumerate(own["household"].to_pylist())}
        order = [place[key] for key in table["household"].to_pylist()]
        assert order == sorted(order) and set(order) == set(place.values())


def test_codes_contain_each_other_and_keys_are_unique(nation: Path) -> None:
    broken, keys, households = rows(
        nation,
        "SELECT count(*) FILTER (NOT (starts_with(area, county) AND starts_with(county, city) AND length(area) = 12"
        " AND length(county) = 6 AND length(city) = 4)), count(DISTINCT household), count(*)"
        f" FROM {HOUSEHOLD_ROWS}",
    )[0]
    assert broken == 0 and keys == households == HOUSEHOLDS
    members, numbers, total = rows(
        nation, f"SELECT count(DISTINCT member), count(DISTINCT identity_number), count(*) FROM {MEMBER_ROWS}"
    )[0]
    assert members == numbers == total
    assert rows(nation, f"SELECT count(*) FROM {HOUSEHOLD_ROWS} WHERE household IS NULL OR area IS NULL") == [
        (0,)
    ]


def test_facts_are_those_of_the_dictionary_within_its_bounds(nation: Path) -> None:
    dictionary = load_dictionary()
    keys = {"household", "area", "province", "city", "county", "member", "identity_number", "name"}
    for entity in ("household", "member"):
        table = pq.read_table(nation / "register" / "2026-11" / "CN-GX" / f"{entity}s.parquet")
        for name in set(table.column_names) - keys:
            fact = dictionary[name.removesuffix("__date")]
            assert fact.entity == entity
            if name.endswith("__date"):
                assert table.schema.field(name).type == pa.date32()
                continue
            values = {one for one in table[name].to_pylist() if not isinstance(one, list) and one is not None}
            values |= {one for row in table[name].to_pylist() if isinstance(row, list) for one in row}
            if fact.values:
                assert values <= set(fact.values), name
            if fact.minimum is not None and fact.maximum is not None:
                assert fact.minimum <= min(values) and max(values) <= fact.maximum, name


# --- identity numbers ---


def check_digit(first: str) -> str:
    """The last character of an identity number (GB 11643, which takes it from ISO 7064 MOD 11-2)."""
    product = 0
    for digit in first:
        product = (product + int(digit)) * 2 % 11
    return "0123456789X"[(12 - product) % 11]


def test_identity_numbers_hold_together_and_are_nobodys(nation: Path) -> None:
    found = rows(nation, f"SELECT identity_number, birth_date, sex FROM {MEMBER_ROWS} USING SAMPLE 5000")
    for number, born, sex in found:
        assert len(number) == 18 and number.startswith("99")
        assert number[17] == check_digit(number[:17])
        assert number[6:14] == born.strftime("%Y%m%d")
        assert int(number[16]) % 2 == (sex == "male")


def test_identity_numbers_stay_apart_where_counties_share_a_region() -> None:
    counties = 20_001
    county = np.repeat([0, 1, 10_000, 20_000], 3)
    born = np.full(len(county), -3_000)
    sex = np.tile([0, 1, 1], 4)
    numbers = identity_numbers(county, born, sex, counties)
    assert len({row.tobytes() for row in numbers}) == len(county)
    with pytest.raises(ValueError, match="more than 500 persons of one sex, region and day"):
        identity_numbers(
            np.zeros(501, dtype=np.int64), np.zeros(501, dtype=np.int64), np.zeros(501, dtype=np.int64), 1
        )


# --- margins ---


def share(root: Path, condition: str, source: str) -> float:
    return float(rows(root, f"SELECT avg(CAST({condition} AS INTEGER)) FROM {source}")[0][0])


def test_households_and_incomes_have_real_margins(nation: Path) -> None:
    sizes = dict(rows(nation, f"SELECT household_size, count(*) FROM {HOUSEHOLD_ROWS} GROUP BY 1"))
    assert sizes.keys() == {None, *range(1, 10)}
    members = rows(nation, f"SELECT count(*) FROM {MEMBER_ROWS}")[0][0]
    assert 3.1 < members / HOUSEHOLDS < 3.5
    median, highest = rows(
        nation, "SELECT median(net_income / persons), max(net_income) FROM '{root}/truth/*.parquet'"
    )[0]
    assert highest > 30 * median
    assert 0.2 < share(nation, "income_wage_12m % 1000 = 0 AND income_wage_12m > 0", HOUSEHOLD_ROWS) < 0.5
    assert 0.01 < share(nation, "risks IS NULL", HOUSEHOLD_ROWS) < 0.05
    assert 0.01 < share(nation, "income_wage_12m__date < DATE '2026-11-30' - 400", HOUSEHOLD_ROWS) < 0.06


def test_some_villages_have_more_gaps_than_others(nation: Path) -> None:
    found = rows(
        nation,
        "SELECT quantile_cont(gaps, 0.5), max(gaps) FROM (SELECT avg(CAST(risks IS NULL AS INTEGER)) AS gaps"
        f" FROM {HOUSEHOLD_ROWS} GROUP BY area HAVING count(*) > 100)",
    )
    assert found[0][0] < 0.04 and found[0][1] > 0.08


def test_one_or_two_of_a_hundred_are_within_the_line_and_at_risk(nation: Path) -> None:
    source = f"read_parquet('{{root}}/truth/*.parquet') JOIN {HOUSEHOLD_ROWS} USING (household)"
    within = share(nation, "coalesce(reference_income <= 8300 * persons AND len(risks) > 0, FALSE)", source)
    assert 0.01 < within < 0.02


def test_the_register_changes_in_a_few_per_cent_of_rows(nation: Path) -> None:
    for table, least, most in (("households", 0.02, 0.06), ("members", 0.001, 0.03)):
        before, after = (f"'{{root}}/register/2026-{month}/*/{table}.parquet'" for month in (10, 11))
        new = rows(nation, f"SELECT count(*) FROM (FROM {after} EXCEPT FROM {before})")[0][0]
        gone = rows(nation, f"SELECT count(*) FROM (FROM {before} EXCEPT FROM {after})")[0][0]
        total = rows(nation, f"SELECT count(*) FROM {after}")[0][0]
        assert least < new / total < most and least < gone / total < most


# --- feeds ---


def test_feeds_have_the_faults_that_they_name(nation: Path) -> None:
    source = (
        f"(SELECT f.*, m.identity_number AS known FROM ({PERSON_ROWS}) f"
        f" LEFT JOIN {MEMBER_ROWS} m USING (identity_number))"
    )
    assert 0.002 < share(nation, "identity_number IS NULL", source) < 0.004
    wrong = share(nation, "identity_number IS NOT NULL AND known IS NULL", source)
    assert 0.001 < wrong < 0.004  # mistyped, or of somebody who has moved away since
    month = "strftime(day, '%Y-%m') <> filename.parse_path()[-2]"
    assert 0.003 < share(nation, month, source) < 0.007
    twice = rows(
        nation,
        "SELECT sum(n - 1) / sum(n) FROM (SELECT count(*) AS n FROM '{root}/feeds/medical/*/*.parquet'"
        " GROUP BY identity_number, name, area, day, total, own_paid)",
    )[0][0]
    assert 0.0003 < twice < 0.003


def test_no_row_is_sent_before_it_happened_or_more_than_three_months_later(nation: Path) -> None:
    for feed in PERSON_FEEDS + HOUSEHOLD_FEEDS:
        early, late = rows(
            nation,
            "SELECT min(delay), max(delay) FROM (SELECT date_diff('month', date_trunc('month', day),"
            " CAST(filename.parse_path()[-2] || '-01' AS DATE)) AS delay"
            f" FROM read_parquet('{{root}}/feeds/{feed}/*/*.parquet', filename = true))",
        )[0]
        assert early == 0 and late <= 3


def test_household_feeds_name_households_of_the_province(nation: Path) -> None:
    for feed in HOUSEHOLD_FEEDS:
        strangers = rows(
            nation,
            "SELECT count(*) FROM (SELECT household, replace(filename.parse_path()[-1], '.parquet', '') AS province"
            f" FROM read_parquet('{{root}}/feeds/{feed}/*/*.parquet', filename = true)) f"
            f" ANTI JOIN {HOUSEHOLD_ROWS} h USING (household, province)",
        )[0][0]
        assert strangers == 0


def test_bills_add_up_to_the_truth(nation: Path) -> None:
    """Sent rows, matched by number and counted once, give the hidden spending but for what is faulty or late."""
    paid = (
        "SELECT household, sum(own_paid) AS paid FROM (SELECT DISTINCT * FROM '{root}/feeds/medical/*/*.parquet'"
        " WHERE day >= DATE '2025-12-01')"
        " JOIN '{root}/register/2026-10/*/members.parquet' USING (identity_number) GROUP BY household"
    )
    claims = paid.replace("own_paid", "paid").replace("medical", "insurance")
    equal, above, households = rows(
        nation,
        "SELECT count(*) FILTER (abs(hidden - sent) <= 1), count(*) FILTER (sent > hidden + 1), count(*) FROM ("
        " SELECT net_income - reference_income AS hidden,"
        "  coalesce(p.paid, 0) - coalesce(c.paid, 0) AS sent, c.household IS NULL AS plain"
        f" FROM '{{root}}/truth/*.parquet' LEFT JOIN ({paid}) p USING (household)"
        f" LEFT JOIN ({claims}) c USING (household)) WHERE plain",
    )[0]
    assert above <= 0.001 * households
    assert equal >= 0.98 * households


def test_amounts_paid_are_those_billed_less_those_reimbursed(nation: Path) -> None:
    wrong = rows(
        nation,
        "SELECT count(*) FROM '{root}/feeds/medical/*/*.parquet' WHERE total <> reimbursed + own_paid OR own_paid < 0",
    )
    assert wrong == [(0,)]


# --- chance ---


def test_a_block_is_the_same_whenever_it_is_drawn() -> None:
    large = make_plan(500_000, 2, SEED)
    province = max(large.provinces, key=lambda each: each.households)
    blocks = list(large.blocks(province))
    assert len(blocks) > 1 and sum(block.households for block in blocks) == province.households

    def drawn(block: Block) -> list[pa.Table]:
        people = make_people(large, province, block)
        events = make_events(large, people)
        tables = [table for _, *both in registers(large, people, events) for table in both]
        return [*tables, *(table for _, _, table in sent(large, people, events))]

    alone = drawn(blocks[1])
    first, again = drawn(blocks[0]), drawn(blocks[1])
    assert all(one.equals(other) for one, other in zip(alone, again, strict=True))
    assert not first[0].equals(again[0])


def test_more_households_change_no_proportion_and_lose_nobody() -> None:
    for households in (31, 1_000, 123_457, 30_000_000):
        plan = make_plan(households, 1, SEED)
        assert plan.households == households
        assert sum(block.households for each in plan.provinces for block in plan.blocks(each)) == households
        assert all(each.sizes.min() >= 1 for each in plan.provinces)
        codes = [
            code for each in plan.provinces for block in plan.blocks(each) for code in block.county_codes
        ]
        assert len(set(codes)) == len(codes) == plan.counties and {len(code) for code in codes} == {6}


@pytest.mark.parametrize(
    ("households", "months", "seed", "said"),
    [
        (30, 13, 1, "give at least 31, one for each province"),
        (1_000, 0, 1, "0 months of feeds: give 1 to 60"),
        (1_000, 13, -1, "seed -1: give a whole number from 0"),
        (1_500_000_000, 13, 1, "more counties than codes"),
    ],
)
def test_sizes_that_cannot_be_made_are_refused(households: int, months: int, seed: int, said: str) -> None:
    with pytest.raises(PlanError, match=said):
        make_plan(households, months, seed)


def test_nobody_is_born_after_the_last_day(nation: Path) -> None:
    youngest = rows(nation, "SELECT max(birth_date) FROM '{root}/register/2026-10/*/members.parquet'")[0][0]
    assert datetime.date(2026, 9, 1) < youngest <= datetime.date(2026, 10, 31)
