"""A run is kept whole, can be read back and explained, and a changed one is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from highground.methods.screening import InputError, ScreenResult, load_result, screen

ROW = {
    "household": "H1", "area": "V1", "province": "CN-NM", "household_type": "ordinary", "stratum": "rural",
    "urban_registration": False, "relocated": False, "monitored": False, "household_size": 4,
    "income_wage_12m": 20000, "income_business_12m": 0, "cost_business_12m": 0, "income_property_12m": 0,
    "income_transfer_12m": 0, "out_of_pocket_12m": 0, "claims_12m": 0, "risks": ["illness"],
}  # fmt: skip


@pytest.fixture
def result() -> ScreenResult:
    return screen("cn-2021", households=[ROW, {"household": "H2"}], as_of="2024-06-30", from_empty=True)


def test_what_was_saved_is_read_back(result: ScreenResult, tmp_path: Path) -> None:
    loaded = load_result(result.save(tmp_path / "run"))
    assert loaded.verdicts.equals(result.verdicts) and loaded.changes.equals(result.changes)
    assert loaded.summary() == result.summary()
    assert loaded.book.hash == result.book.hash
    assert str(loaded.explain("H1")) == str(result.explain("H1"))


def test_a_run_is_never_overwritten(result: ScreenResult, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "run")
    before = (folder / "manifest.json").read_bytes()
    with pytest.raises(InputError, match="is not empty; a run is never overwritten"):
        result.save(folder)
    assert (folder / "manifest.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"], "nothing half-written is left"


def test_a_changed_or_torn_run_is_refused(result: ScreenResult, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "run")
    with (folder / "verdicts.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(InputError, match=r"verdicts\.parquet: is missing or was changed after the run"):
        load_result(folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(InputError, match="there is no run here"):
        load_result(folder)


def test_the_manifest_says_what_was_run(result: ScreenResult, tmp_path: Path) -> None:
    manifest = json.loads((result.save(tmp_path / "run") / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["rulebook_hash"] == result.book.hash and manifest["as_of"] == "2024-06-30"
    assert set(manifest["files"]) == {
        "changes.parquet", "input_households.parquet", "input_m.parquet", "rulebook.json", "verdicts.parquet",
    }  # fmt: skip


def test_the_verdicts_have_the_columns_that_others_rely_on(result: ScreenResult) -> None:
    assert result.verdicts.column_names[:12] == [
        "household", "area", "class", "class_verdict", "fired", "unknown", "vetoes", "stale", "change",
        "rulebook", "rulebook_hash", "as_of",
    ]  # fmt: skip
    assert result.changes.column_names == ["household", "rule", "change", "stale"]


def test_the_same_run_twice_is_the_same(tmp_path: Path) -> None:
    folders = []
    for name in ("one", "two"):
        again = screen("cn-2021", households=[ROW, {"household": "H2"}], as_of="2024-06-30")
        folders.append(again.save(tmp_path / name))
    manifests = [json.loads((folder / "manifest.json").read_text(encoding="utf-8")) for folder in folders]
    assert manifests[0] == manifests[1]


def test_a_household_that_is_not_in_the_run(result: ScreenResult) -> None:
    with pytest.raises(KeyError, match="household H9 is not in this run"):
        result.explain("H9")


def test_unverified_values_are_noticed(result: ScreenResult) -> None:
    assert {"reference_income", "child_out_of_school"} <= {
        notice.details["name"] for notice in result.notices if notice.kind == "unverified"
    }
    row = {**ROW, "province": "CN-JX"}
    marked = screen("cn-2021", households=[row], as_of="2024-06-30")
    assert any(notice.details.get("name") == "monitoring_line" for notice in marked.notices)


def test_what_a_verdict_rests_on_is_marked_where_it_is_not_verified(result: ScreenResult) -> None:
    """The ages of compulsory schooling are not verified either, but no class rests on them."""
    rules = ["counted", "reference_income", "reference_within"]
    assert result.verdicts.column("unverified").to_pylist() == [rules, rules]
    guessed = screen("cn-2021", households=[{**ROW, "province": "CN-JX"}], as_of="2024-06-30")
    assert guessed.verdicts.column("unverified").to_pylist() == [[*rules, "monitoring_line"]]
    plain = {"household": "H1", "stratum": "rural", "income_per_person_month": 9e6}
    assert screen("vn-2022", households=[plain], as_of="2024-06-30").verdicts.column(
        "unverified"
    ).to_pylist() == [[]]
