"""Landing set-wise does what landing row by row does; only what a rule needs is kept; a file lands once."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from highground.methods.feeds.definitions import load_feeds
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.keeping import authorise
from highground.methods.feeds.mapping import read_feed_mapping
from highground.methods.feeds.uses import wanted
from highground.methods.store import Store, StoreError
from tests.methods.feeds.conftest import (
    GX,
    PERSONS,
    TODAY,
    bill,
    current,
    land,
    make_register,
    open_landing,
    rows_of,
)
from tests.methods.feeds.oracle import Oracle

OLDEST = date(2024, 12, 1)
NUMBERS = [
    *(person.number for person in PERSONS),
    "99000119800101002x",
    " 990001-198001010011",
    "９９０００１１９８００１０１００１１",
    "990001195001010000",
    "",
]
DAYS = [
    *(
        "2026-11-02",
        "2026-11-26",
        "2026-10-31",
        "2026-09-30",
        "2024-12-01",
        "2024-11-30",
        "2026-11-27",
        "2036-01-01",
    ),
    *("", "2026-13-01", "2026-02-29", "yesterday"),
]
AMOUNTS = [
    "",
    "0",
    "10",
    "10.00",
    "10.5",
    "0.005",
    "0.004",
    "0.015",
    "9999999.99",
    "10000000",
    "10000000.01",
    "-1",
    "1,000",
    "ten",
]
EPOCH = date(1970, 1, 1)


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    """Rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def rejects(store: Store, manifest: dict[str, Any]) -> list[tuple[int, str, str]]:
    """The rejects of a landing as (row, column, kind)."""
    if manifest["rejects"]["file"] is None:
        return []
    path = store.feed(manifest["feed"]) / manifest["rejects"]["file"]
    with path.open(encoding="utf-8") as file:
        return [(int(row["row"]), row["column"], row["kind"]) for row in csv.DictReader(file)]


def check(store: Store, oracle: Oracle, feed: str, files: list[list[dict[str, str]]], folder: Path) -> None:
    """Land the files both ways and compare everything."""
    for number, rows in enumerate(files):
        path = written(folder / f"{number}.csv", [{**row, "note": str(number)} for row in rows])
        manifest = land(store, feed, path)
        told = oracle.land(rows)
        counts = {name: count for name, count in manifest["counts"].items() if count}
        assert counts == {name: count for name, count in told.counts.items() if count}
        assert rejects(store, manifest) == sorted(told.rejects)
    kept = sorted(
        (month, row["household"], row.get("member"), row.get("own_paid"), row.get("day"), row.get("status"))
        for month, rows in rows_of(store, feed, "landed").items()
        for row in rows
    )
    medical = feed == "medical"
    assert kept == sorted(
        (f"{month[0]}-{month[1]:02d}", household, None if medical else member,
         values.get("own_paid"), None if medical else values["day"], values.get("status"))
        for month, household, member, _, values in oracle.rows
    )  # fmt: skip
    check_months(store, oracle, feed)


def check_months(store: Store, oracle: Oracle, feed: str) -> None:
    """The sums of every month are those of the oracle."""
    sums = {(int(month[:4]), int(month[5:])): rows for month, rows in current(store, feed).items()}
    if feed == "medical":
        expected = oracle.medical_months()
        for month, rows in sums.items():
            found = {row["household"]: (row["out_of_pocket_12m"], row["medical_bills_12m"]) for row in rows}
            assert found == expected.get(month, {})
        return
    for month, by_household in oracle.employment_months(sorted(sums)).items():
        found = {
            row["household"]: (
                row["job_losses_12m"],
                row["members_out_of_work"],
                None
                if row["job_lost_on"] is None
                else date.fromordinal(EPOCH.toordinal() + row["job_lost_on"] // 64),
            )
            for row in sums[month]
        }
        assert found == by_household


def test_a_file_with_every_kind_of_bad_row(store: Store, tmp_path: Path) -> None:
    rows = [
        bill(who % len(PERSONS), record=record, day=day, own_paid=amount, total=total)
        for who, (day, amount, total, record) in enumerate(
            [(day, "10", "", "") for day in DAYS]
            + [("2026-11-03", amount, "", "") for amount in AMOUNTS]
            + [("2026-11-04", "10", total, "") for total in AMOUNTS]
            + [("2026-11-05", "10", "", "r1"), ("2026-11-05", "10", "", "r1"), ("2026-11-05", "11", "", "r1")]
            * 7
        )
    ]
    rows += [{**bill(day="2026-11-06"), "identity_number": number} for number in NUMBERS]
    rows += [bill(day="2026-11-07")] * 20
    oracle = Oracle("medical", PERSONS, oldest=OLDEST, today=TODAY)
    check(store, oracle, "medical", [rows, [*reversed(rows)]], tmp_path)
    assert oracle.rows


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(NUMBERS),
                st.sampled_from(["", "", "r1", "r2"]),
                st.one_of(st.just("2026-11-02"), st.sampled_from(DAYS)),
                st.one_of(st.just(""), st.sampled_from(AMOUNTS)),
                st.one_of(st.just("10"), st.sampled_from(AMOUNTS)),
            ),
            min_size=1,
            max_size=9,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_bills_come_in(files: list[list[tuple[str, ...]]]) -> None:
    columns = ("identity_number", "record", "day", "total", "own_paid")
    told = [[dict(zip(columns, row, strict=True)) for row in rows] for rows in files]
    in_a_new_store(told, "medical")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from([person.number for person in PERSONS[:5]]),
                st.one_of(
                    st.dates(date(2026, 5, 1), TODAY).map(str),
                    st.sampled_from(["2026-11-01", "2026-10-31", "", "2027-01-01"]),
                ),
                st.sampled_from(["at_work", "lost_work", "lost_work", "retired", ""]),
            ),
            min_size=1,
            max_size=9,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_changes_of_work_come_in_late_or_not(files: list[list[tuple[str, ...]]]) -> None:
    columns = ("identity_number", "day", "status")
    in_a_new_store([[dict(zip(columns, row, strict=True)) for row in rows] for rows in files], "employment")


def in_a_new_store(files: list[list[dict[str, str]]], feed: str) -> None:
    """Compare with the oracle in a store of its own."""
    folder = Path(tempfile.mkdtemp(prefix="highground-feeds-"))
    try:
        fresh = Store(folder / "store")
        make_register(folder / "register", fresh)
        check(fresh, Oracle(feed, PERSONS, oldest=OLDEST, today=TODAY), feed, files, folder)
    finally:
        shutil.rmtree(folder)


def test_the_same_content_lands_once_whatever_its_name(
    store: Store, sent: Callable[..., Path], tmp_path: Path
) -> None:
    first = sent([bill(), bill(1)])
    assert land(store, "medical", first)["already"] is False
    other = tmp_path / "another name.csv"
    shutil.copy(first, other)
    before = rows_of(store, "medical", "landed")
    again = land(store, "medical", other)
    assert (again["already"], again["file"]) == (True, "sent.csv")
    assert rows_of(store, "medical", "landed") == before


def test_a_month_that_comes_twice_counts_once(store: Store, sent: Callable[..., Path]) -> None:
    land(store, "medical", sent([bill(), bill(1), bill(2, record="7")]))
    again = land(store, "medical", sent([bill(2, record="7"), bill(1), bill(), bill(3)], "again.csv"))
    assert again["counts"] == {"rows": 4, "landed": 1, "duplicate": 3, "waiting": 0}
    assert [row["medical_bills_12m"] for row in current(store, "medical")["2026-11"]] == [2, 1, 1]


def test_late_rows_are_new_files_of_their_months(store: Store, sent: Callable[..., Path]) -> None:
    land(store, "medical", sent([bill(day="2026-09-02")]), complete="2026-09")
    first = dict(months_files(store, "medical"))
    late = land(
        store,
        "medical",
        sent([bill(day="2026-11-02"), bill(1, day="2026-09-30")], "late.csv"),
        complete="2026-11",
    )
    assert [part["month"] for part in late["parts"]] == ["2026-09", "2026-11"]
    assert len(list((store.feed("medical") / "landed" / "2026-09").iterdir())) == 2
    second = months_files(store, "medical")
    assert first["2026-09"] < second["2026-09"], "the superseded sums stay for the runs that read them"
    assert current(store, "medical")["2026-09"][0]["medical_bills_12m"] == 2
    manifest = json.loads((store.feed("medical") / "months" / "2026-09" / "manifest.json").read_text())
    assert manifest["complete"] == [GX] and len(manifest["provinces"][GX]["inputs"]) == 2


def months_files(store: Store, feed: str) -> dict[str, set[str]]:
    """The files of sums by month."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (store.feed(feed) / "months").glob("*/*.parquet"):
        found[path.parent.name].add(path.name)
    return found


def test_two_months_without_rows_are_both_complete(store: Store, tmp_path: Path) -> None:
    for month in ("2026-09", "2026-10"):
        path = tmp_path / f"{month}.csv"
        path.write_text("identity_number,day,own_paid\n")
        land(store, "medical", path, complete=month)
    for month in ("2026-09", "2026-10"):
        manifest = json.loads((store.feed("medical") / "months" / month / "manifest.json").read_text())
        assert manifest["complete"] == [GX] and manifest["provinces"][GX]["rows"] == 0


def test_only_fields_that_a_rule_needs_are_in_the_store(store: Store, sent: Callable[..., Path]) -> None:
    rows = [bill(total="98765.43", record="bill-4711", own_paid="12345.67")]
    land(store, "medical", sent(rows), uses={"medical_bills_12m": ["r"]})
    everything = b"".join(path.read_bytes() for path in store.root.rglob("*") if path.is_file())
    for value in (9876543, 1234567):
        assert value.to_bytes(8, "little") not in everything
    for text in (PERSONS[0].number, "bill-4711", "98765.43", "12345.67"):
        assert text.encode() not in everything
    landed = next((store.feed("medical") / "landed").rglob("*.parquet"))
    assert pq.read_schema(landed).names == ["household", "county", "row_key", "row_content"]
    assert rows_of(store, "medical", "months")["2026-11"] == [
        {"household": "H001-0001", "county": "450101", "medical_bills_12m": 1}
    ]


def test_a_feed_that_no_rule_needs_is_not_landed() -> None:
    with pytest.raises(
        FeedError, match=r"no rule in use reads a fact of the feed 'medical'.*highground feed use"
    ):
        wanted(load_feeds()["medical"], {"claims_12m": ["r"]})


def test_a_new_rule_that_needs_more_lands_the_file_again(store: Store, sent: Callable[..., Path]) -> None:
    path = sent([bill(), bill(1, own_paid="20")])
    land(store, "medical", path, uses={"medical_bills_12m": ["r"]}, complete="2026-11")
    manifest_path = store.feed("medical") / "months" / "2026-11" / "manifest.json"
    with open_landing(store, "medical"):
        pass
    lacking = json.loads(manifest_path.read_text())
    assert lacking["complete"] == [] and lacking["provinces"][GX]["lacking"] == ["own_paid"]
    assert rows_of(store, "medical", "landed")["2026-11"][0].keys() == {
        "household",
        "county",
        "row_key",
        "row_content",
    }
    again = land(store, "medical", path)
    assert (again["already"], again["generation"], again["counts"]["landed"]) == (False, 2, 2)
    assert [row["own_paid"] for row in rows_of(store, "medical", "landed")["2026-11"]] == [1000, 2000]
    assert json.loads(manifest_path.read_text())["complete"] == [GX]
    assert current(store, "medical")["2026-11"][0]["out_of_pocket_12m"] == 3000


def test_columns_are_read_by_a_mapping(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "bills.csv"
    path.write_bytes(
        "身份证;结算日;自付(分)\n990001198001010011;20261102;123450\n990001199001010033;无;-9\n".encode(
            "gb18030"
        )
    )
    content = {
        "file": {"encoding": "gb18030", "delimiter": ";"},
        "missing": ["-9", "无"],
        "number": "身份证",
        "fields": {
            "day": {"column": "结算日", "form": "%Y%m%d"},
            "own_paid": {"column": "自付(分)", "multiply": "0.01"},
        },
    }
    manifest = land(store, "medical", path, mapping=read_feed_mapping(content, load_feeds()["medical"]))
    assert rejects(store, manifest) == [(3, "结算日", "empty"), (3, "自付(分)", "empty")]
    assert rows_of(store, "medical", "landed")["2026-11"][0]["own_paid"] == 123450


def test_values_are_translated_by_a_mapping(store: Store, sent: Callable[..., Path]) -> None:
    number = PERSONS[0].number
    rows = [{"n": number, "d": "2026-11-02", "s": "1"}, {"n": number, "d": "2026-11-03", "s": "3"}]
    content = {
        "number": "n",
        "fields": {"day": "d", "status": {"column": "s", "values": {"1": "lost_work", "2": "at_work"}}},
    }
    manifest = land(
        store, "employment", sent(rows), mapping=read_feed_mapping(content, load_feeds()["employment"])
    )
    assert rejects(store, manifest) == [(3, "s", "unknown_value")]
    assert rows_of(store, "employment", "landed")["2026-11"][0]["status"] == "lost_work"


def test_parquet_counts_its_rows_from_one(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "bills.parquet"
    table = {
        "identity_number": pa.array([PERSONS[0].number, PERSONS[1].number, None]),
        "day": pa.array([date(2026, 11, 2), date(2026, 12, 2), date(2026, 11, 2)]),
        "own_paid": pa.array([10.5, 11.25, 1.0]),
    }
    pq.write_table(pa.table(table), path)
    manifest = land(store, "medical", path)
    assert rejects(store, manifest) == [(2, "day", "in_future"), (3, "identity_number", "no_number")]
    assert rows_of(store, "medical", "landed")["2026-11"][0]["own_paid"] == 1050


def test_rows_of_a_long_csv_file_are_counted_as_they_stand(store: Store, tmp_path: Path) -> None:
    path, last, wrong = tmp_path / "bills.csv", 1_200_000, {2, 400_000, 800_003, 1_200_000}
    line = f"{PERSONS[0].number},2026-11-02,"
    with path.open("w") as file:
        file.write("identity_number,day,own_paid\n")
        file.writelines(f"{line}{'none' if row in wrong else row}\n" for row in range(2, last + 1))
    manifest = land(store, "medical", path)
    assert manifest["counts"]["landed"] == last - 1 - len(wrong)
    assert {row for row, _, _ in rejects(store, manifest)} == wrong


def test_households_are_found_by_their_key(store: Store, sent: Callable[..., Path]) -> None:
    rows = [
        {"household": "H001-0002", "day": "2026-11-02", "loss": "100.5"},
        {"household": " H001-0002 ", "day": "2026-11-03", "loss": "20"},
        {"household": "H999-0000", "day": "2026-11-03", "loss": "20"},
    ]
    manifest = land(store, "disaster", sent(rows))
    assert manifest["counts"] == {"rows": 3, "landed": 2, "stranger": 1, "waiting": 0}
    assert current(store, "disaster")["2026-11"] == [
        {"household": "H001-0002", "county": "450101", "disaster_loss_12m": 12050, "disasters_6m": 2}
    ]


def test_the_newest_value_is_kept_with_its_day(store: Store, sent: Callable[..., Path]) -> None:
    home = "H001-0002"
    rows = [
        {"household": home, "day": "2026-11-02", "dwelling_unsafe": "yes", "water_unsafe": ""},
        {"household": home, "day": "2026-11-09", "dwelling_unsafe": "no", "water_unsafe": ""},
        {"household": "H001-0001", "day": "2026-11-09", "dwelling_unsafe": "true", "water_unsafe": "false"},
    ]
    land(store, "inspection", sent(rows))
    days = (date(2026, 11, 9) - EPOCH).days
    assert current(store, "inspection")["2026-11"] == [
        {
            "household": "H001-0001",
            "county": "450101",
            "dwelling_unsafe": days * 64 + 1,
            "water_unsafe": days * 64,
        },
        {"household": home, "county": "450101", "dwelling_unsafe": days * 64, "water_unsafe": None},
    ]


def test_people_are_looked_for_in_every_register_without_a_province(
    store: Store, sent: Callable[..., Path], tmp_path: Path
) -> None:
    moved = [type(PERSONS[0])("990002198001010011", "H002-0001", "P002-0001", "520101")]
    make_register(tmp_path / "gz", store, moved, "CN-GZ")
    rows = [bill(), {**bill(), "identity_number": "990002198001010011"}]
    manifest = land(store, "medical", sent(rows), province=None)
    assert [(part["province"], part["rows"]) for part in manifest["parts"]] == [(GX, 1), ("CN-GZ", 1)]
    both = [*moved, type(PERSONS[0])(PERSONS[0].number, "H002-0002", "P002-0002", "520101")]
    make_register(tmp_path / "gz", store, both, "CN-GZ")
    manifest = land(
        store, "medical", sent([bill(record="x"), bill(1, record="y")], "both.csv"), province=None
    )
    assert manifest["counts"] == {"rows": 2, "landed": 1, "ambiguous": 1, "waiting": 0}
    assert manifest["rejects"]["kinds"] == {"several_persons": 1}
    with pytest.raises(FeedError, match="name the province"):
        land(store, "medical", sent(rows, "other.csv"), province=None, complete="2026-11")


def test_assets_are_landed_for_households_alone_that_authorised_it(
    store: Store, sent: Callable[..., Path], tmp_path: Path
) -> None:
    rows = [{"household": f"H001-000{n}", "day": "2026-11-02", "owns_car": "1"} for n in (1, 2, 3)]
    path = sent(rows)
    with pytest.raises(FeedError, match=r"households that authorised it alone.*highground feed authorise"):
        land(store, "vehicles", path)
    assert not rows_of(store, "vehicles", "landed")
    signed = tmp_path / "signed.csv"
    signed.write_text(
        "household,given_on,withdrawn_on\nH001-0001,2026-01-01,\nH001-0002,2026-01-01,2026-11-01\nH001-0003,2026-12-01,\n"
    )
    assert authorise(store, signed) == 3
    manifest = land(store, "vehicles", path)
    assert manifest["counts"] == {"rows": 3, "landed": 1, "unauthorised": 2, "waiting": 0}
    assert manifest["rejects"]["file"] is None
    assert [row["household"] for row in rows_of(store, "vehicles", "landed")["2026-11"]] == ["H001-0001"]
    signed.write_text("household,given_on\nH001-0001,soon\n")
    with pytest.raises(FeedError, match="column 'given_on' holds 1 values that are no dates"):
        authorise(store, signed)


def test_landing_needs_a_register(tmp_path: Path, sent: Callable[..., Path]) -> None:
    with pytest.raises(FeedError, match="land the register first"):
        land(Store(tmp_path / "empty"), "medical", sent([bill()]))


def test_only_one_lands_a_feed_at_a_time(store: Store, sent: Callable[..., Path]) -> None:
    with open_landing(store, "medical"):
        with pytest.raises(StoreError, match="another landing of the feed 'medical' is at work"):
            land(store, "medical", sent([bill()]))
        land(store, "disaster", sent([{"household": "H001-0001", "day": "2026-11-02", "loss": "1"}]))
