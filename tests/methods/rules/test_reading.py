"""Rulebooks as files: what is refused and how it is said, what the hash covers, what `extends` carries over."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from highground.methods.rules import Rulebook, RulebookError, load_rulebook, read_rulebook, with_parameters
from highground.methods.rules.reading import shipped

GOOD: dict[str, Any] = {
    "id": "mine",
    "currency": "CNY",
    "assessed": {"from": "2021-01-01", "to": "2025-12-31"},
    "sources": [{"id": "S1", "title": "a decree", "verified": True}],
    "parameters": {
        "line": {"by": ["province"], "period": "year", "maximum": 100000,
                 "rows": [{"key": "CN-NM", "period": 2024, "value": 8300, "source": "S1", "verified": True}]},
        "town_income": {"by": ["city"], "period": "year", "lag": 1},
    },
    "derived": {"net": {"expression": "income_wage_12m - cost_business_12m"}},
    "conditions": {"within": {"expression": "per_person(net) <= line", "source": "S1"}},
    "classes": [{"id": "poor", "when": "within AND NOT is_empty(risks)"}],
    "clues": [{"id": "roof", "when": "dwelling_unsafe", "severity": "high"}],
    "vetoes": [{"id": "car", "when": "owns_car", "except": [{"id": "ill", "when": "has(risks, 'illness')"}]}],
    "caps": [{"id": "cap", "of": "relocated", "percent": 5}],
}  # fmt: skip


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good rulebook with one place changed; `path` is dotted, numbers are list positions."""
    content = copy.deepcopy(GOOD)
    *above, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place: Any = content
    for part in above:
        place = place[part]
    place[last] = value
    return content


def read(content: dict[str, Any]) -> Rulebook:
    return read_rulebook(content, origin="mine.yaml")


REFUSED = [
    ("classses", [], "mine.yaml: classses: unknown key"),
    ("id", None, "mine.yaml: id: is missing"),
    ("classes", [], "mine.yaml: classes: is missing"),
    ("currency", "yuan", "'yuan' is no ISO 4217 code"),
    ("assessed", {"from": "2025-01-01", "to": "2021-01-01"}, "assessed.to: 2021-01-01 lies before 2025-01-01"),
    ("assessed", {"from": "May 2021"}, "assessed.from: 'May 2021' is no date"),
    ("classes.0.id", "", "classes[1]: needs an `id`"),
    ("classes", [{"id": "a", "when": "relocated"}, {"id": "a", "when": "monitored"}], "classes.a: stands twice"),
    ("clues.0.id", "poor", "clues.poor: a class has the same id"),
    ("clues.0.severity", "urgent", "clues.roof.severity: is one of high, medium, low"),
    ("clues.0.visit_within", "soon", "clues.roof.visit_within: is a whole number of days"),
    ("clues.0.whn", "relocated", "clues.roof.whn: unknown key"),
    ("clues.0.when", 3, "clues.roof: an expression is a text"),
    ("conditions.within.source", "S9", "conditions.within: source 'S9' is not listed"),
    ("conditions.within.label", {"en": "within"}, "conditions.within.label: needs a text"),
    ("conditions.net", {"expression": "relocated"}, "conditions.net: an entry of `derived` has the same name"),
    ("conditions.line", {"expression": "relocated"}, "conditions.line: a parameter has the same name"),
    ("conditions.age", {"expression": "relocated"}, "conditions.age: 'age' already means something"),
    ("conditions.stratum", {"expression": "relocated"}, "'stratum' already means something"),
    ("conditions.Within", {"expression": "relocated"}, "a name has small letters"),
    ("conditions.within", "relocated", "conditions.within: is a mapping"),
    ("derived.net", {"expression": "relocated"}, "derived.net: line 1, column 1: a number is needed here"),
    ("conditions.within", {"expression": "net"}, "conditions.within: line 1, column 1: yes or no is needed here"),
    ("parameters.line.by", ["village"], "parameters.line.by: 'village' keys no parameter"),
    ("parameters.line.by", ["province", "stratum"], "is keyed by one column"),
    ("parameters.line.by", ["relation"], "parameters.line.by: 'relation' keys no parameter"),
    ("parameters.line.by", ["stratum"], "parameters.line.rows: 'stratum' has no value 'CN-NM'; use one of rural, urban"),
    ("parameters.line.period", "month", "a period is `year`"),
    ("parameters.line.type", "ratio", "a parameter is `money` or `integer`"),
    ("parameters.line.rows.0.value", "about 8000", "rows[1]: value 'about 8000' is no number"),
    ("parameters.line.rows.0.value", 830000, "rows[1]: value 830000 is outside 0 to 100000"),
    ("parameters.line.rows.0.period", None, "rows[1]: give the year as `period`"),
    ("parameters.line.rows.0.period", "2024-06", "'2024-06' is no year"),
    ("parameters.line.rows.0.key", None, "rows[1]: the row needs a `key`"),
    ("parameters.line.rows.0.until", 2025, "rows[1]: a row has key, period, source, value, verified"),
    ("parameters.line.rows.0.verified", "perhaps", "verified 'perhaps' is neither true nor false"),
    ("parameters.town_income.lag", "one", "parameters.town_income.lag: is a whole number of periods"),
    ("facts", ["stratum"], "mine.yaml: facts: is a mapping"),
    ("fresh_for", ["stratum"], "mine.yaml: fresh_for: is a mapping"),
    ("notes", "a remark", "mine.yaml: notes: is a list"),
    ("conditions.within.expression", '"within" = 3', 'conditions.within: line 1, column 1: "within" is in double quotes'),
    ("facts", {"stratum": {}}, "fact 'stratum' is already in the fact dictionary"),
    ("fresh_for", {"roof": 3}, "fresh_for.roof: is no fact"),
    ("fresh_for", {"stratum": "long"}, "fresh_for.stratum: is a whole number of days"),
    ("fresh_for", {"stratum": True}, "fresh_for.stratum: is a whole number of days"),
    ("income_window", {"months": "twelve"}, "income_window: write `months: 12`"),
    ("counted", {"label": "x", "expression": "relocated"}, "counted: line 1, column 1: 'relocated' is a fact of the household"),
    ("caps.0.id", "the county's", "caps.the county's.id: has small letters"),
    ("caps.0.percent", 105, "caps.cap.percent: is a whole number from 0 to 100"),
    ("caps.0.classes", ["rich"], "caps.cap.classes: 'rich' is no class"),
    ("caps.0.parameter", "line", "caps.cap.parameter: must be a parameter by county"),
    ("vetoes.0.except.0.when", "broken(", "vetoes.car.except.ill"),
    ("examples", [{"id": "e", "household": {"a": 1}, "expect": {"class": "poor"}}], "examples.e.as_of: is missing"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "said"), REFUSED, ids=[f"{case[0]}={case[1]}"[:40] for case in REFUSED]
)
def test_a_malformed_rulebook_says_file_entry_and_mend(path: str, value: Any, said: str) -> None:
    with pytest.raises(RulebookError, match=r"^mine\.yaml: ") as error:
        read(changed(path, value))
    assert said in str(error.value)


def test_the_good_one_is_good() -> None:
    book = read(GOOD)
    assert (book.id, book.warnings, [one.id for one in book.classes]) == ("mine", (), ["poor"])


def test_a_circle_is_refused_and_shown() -> None:
    content = changed("conditions", {"a": {"expression": "b AND relocated"}, "b": {"expression": "NOT c"},
                                     "c": {"expression": "a"}})  # fmt: skip
    content["classes"] = [{"id": "poor", "when": "a"}]
    with pytest.raises(RulebookError, match="depend on each other in a circle: ") as error:
        read(content)
    circle = str(error.value).rsplit(": ", 1)[1].split(" -> ")
    assert circle[0] == circle[-1] and set(circle) == {"a", "b", "c"}


def test_order_in_the_file_does_not_matter() -> None:
    content = changed("conditions", {"late": {"expression": "early"}, "early": {"expression": "relocated"}})
    content["classes"] = [{"id": "poor", "when": "late"}]
    content["derived"] = {"b": {"expression": "a + 1"}, "a": {"expression": "income_wage_12m"}}
    content["conditions"]["early"]["expression"] = "b > 3"
    assert list(read(content).conditions) == ["early", "late"]


@pytest.mark.parametrize(
    ("text", "part", "truth"),
    [
        ("relocated AND 1 = 1", "1 = 1", "true"),
        ("1 = 1 OR relocated", "1 = 1 OR relocated", "true"),
        ("household_size >= 1 AND relocated", "household_size >= 1", "true"),
        ("income_wage_12m < 0", "income_wage_12m < 0", "false"),
        ("stratum IN ('rural', 'urban')", "stratum IN ('rural', 'urban')", "true"),
        ("any_member(age > 130)", "age > 130", "false"),
    ],
)
def test_a_constant_condition_is_reported(text: str, part: str, truth: str) -> None:
    (warning,) = read(changed("clues.0.when", text)).warnings
    assert warning == f"clues.roof: `{part}` is always {truth}, whatever the facts say"


def test_no_shipped_rulebook_has_a_constant_condition() -> None:
    assert {name: load_rulebook(name).warnings for name in shipped()} == dict.fromkeys(shipped(), ())


# --- the hash ------------------------------------------------------------------------------------------


def from_text(folder: Path, text: str) -> Rulebook:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return load_rulebook(path)


def test_layout_and_comments_do_not_change_the_hash(tmp_path: Path) -> None:
    plain = from_text(tmp_path, yaml.safe_dump(GOOD))
    content = changed("conditions.within.expression", "per_person( net )\n<=  line -- the line")
    again = from_text(
        tmp_path, "# a remark\n" + yaml.safe_dump(content, sort_keys=False, default_flow_style=True)
    )
    assert plain.hash == again.hash


def test_the_hash_of_parameter_rows_is_that_of_their_values(tmp_path: Path) -> None:
    """Rows from CSV are all text, and in no order that means something."""
    rows = [ROW, {**ROW, "key": "CN-HB", "verified": False}]
    texts = [
        {key: str(value).lower() if key == "verified" else str(value) for key, value in row.items()}
        for row in rows
    ]
    hashes = {with_parameters(read(GOOD), one).hash for one in (rows, rows[::-1], texts)}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("conditions.within.expression", "per_person(net) < line"),
        ("parameters.line.rows.0.value", 8301),
        ("parameters.line.rows.0.verified", False),
        ("classes.0.id", "poorer"),
        ("fresh_for", {"dwelling_unsafe": 30}),
        ("version", "2"),
    ],
)
def test_whatever_can_change_an_answer_changes_the_hash(path: str, value: Any) -> None:
    assert read(changed(path, value)).hash != read(GOOD).hash


# --- local parameters ----------------------------------------------------------------------------------

ROW = {
    "parameter": "line",
    "key": "CN-GX",
    "period": 2024,
    "value": 8000.5,
    "source": "county",
    "verified": True,
}


@pytest.mark.parametrize("suffix", ["csv", "yaml", "json", "named.yaml"])
def test_parameters_may_come_from_a_local_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"lines.{suffix}"
    if suffix == "csv":
        path.write_text("parameter,key,period,value,source,verified\nline,CN-GX,2024,8000.50,county,true\n")
    elif suffix == "json":
        path.write_text(json.dumps([ROW]))
    elif suffix == "yaml":
        path.write_text(yaml.safe_dump([ROW]))
    else:
        row = {key: value for key, value in ROW.items() if key != "parameter"}
        path.write_text(yaml.safe_dump({"parameters": {"line": [row]}}))
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(GOOD))
    book = load_rulebook(tmp_path / "mine.yaml", parameters=path)
    rows = {row.key: (row.minor, row.source, row.verified) for row in book.parameters["line"].rows}
    assert rows == {"CN-NM": (830000, "S1", True), "CN-GX": (800050, "county", True)}
    assert book.hash != read(GOOD).hash


def test_a_local_row_replaces_the_shipped_one() -> None:
    book = with_parameters(read(GOOD), [{**ROW, "key": "CN-NM"}])
    assert [row.minor for row in book.parameters["line"].rows] == [800050]


def test_a_row_may_leave_out_the_parameter_where_only_one_fits() -> None:
    rows = [{"key": "CN-GX", "period": 2024, "value": 1}, {"key": "Binzhou", "period": 2023, "value": 2}]
    book = with_parameters(read(GOOD), rows)
    assert [row.key for row in book.parameters["line"].rows] == ["CN-NM", "CN-GX"]
    assert [row.key for row in book.parameters["town_income"].rows] == ["Binzhou"]


def test_two_local_rows_of_one_place_are_refused() -> None:
    with pytest.raises(RulebookError, match="'line' stands twice for CN-GX in 2024; keep one row"):
        with_parameters(read(GOOD), [ROW, {**ROW, "period": "2024", "value": 9000}])
    with pytest.raises(RulebookError, match="parameter table: give a file, or a list of rows"):
        with_parameters(read(GOOD), ["key", "period", "value"])


def test_a_csv_of_rows_may_have_spaces_after_its_commas(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text('key, period, value, source, verified\nCN-GX, 2024, 8000.5, "a\nb", true\n')
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(GOOD))
    row = load_rulebook(tmp_path / "mine.yaml", parameters=path).parameters["line"].rows[-1]
    assert (row.key, row.period, row.minor, row.verified) == ("CN-GX", "2024", 800050, True)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**ROW, "parameter": "lines"}, "there is no parameter 'lines'; known are line, town_income"),
        ({**ROW, "value": "x"}, "value 'x' is no number"),
        ({**ROW, "period": ""}, "give the year as `period`"),
    ],
)
def test_a_bad_row_is_refused(row: dict[str, Any], said: str) -> None:
    with pytest.raises(RulebookError) as error:
        with_parameters(read(GOOD), [row])
    assert said in str(error.value)


@pytest.mark.parametrize("text", ["key,value,until\nCN-GX,1,2\n", "key\nCN-GX\n"])
def test_a_table_with_other_columns_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(text)
    with pytest.raises(
        RulebookError, match=r"lines\.csv: row 1: a parameter row has the columns parameter, key"
    ):
        load_rulebook("cn-2021", parameters=path)


# --- files ---------------------------------------------------------------------------------------------


def test_unknown_names_and_files() -> None:
    with pytest.raises(RulebookError, match="there is no rulebook 'cn-2031'; known are cn-2020, cn-2021"):
        load_rulebook("cn-2031")
    with pytest.raises(RulebookError, match="there is no such rulebook file"):
        load_rulebook("nowhere/mine.yaml")


@pytest.mark.parametrize("text", ["a: [", "- a\n- b", "\x00", "issued: 2021-02-30"])
def test_what_is_no_rulebook_at_all(tmp_path: Path, text: str) -> None:
    with pytest.raises(RulebookError, match=r"^mine\.yaml: "):
        from_text(tmp_path, text)


def test_a_key_twice_is_refused_though_yaml_would_keep_the_last(tmp_path: Path) -> None:
    text = yaml.safe_dump(GOOD) + "clues: []\n"
    with pytest.raises(RulebookError, match=r"(?s)^mine\.yaml: .*the key 'clues' stands twice"):
        from_text(tmp_path, text)
    merged = "id: mine\ncurrency: CNY\nconditions: {a: &a {expression: relocated}, b: {<<: *a, expression: monitored}}\n"
    book = from_text(tmp_path, merged + "classes: [{id: poor, when: a AND b}]\n")
    assert book.conditions["b"].expression.text == "monitored"


@pytest.mark.parametrize(("currency", "digits"), [("CNY", 2), ("LAK", 2), ("VND", 0), ("JPY", 0), ("KWD", 3)])
def test_minor_digits_are_those_of_the_currency(currency: str, digits: int) -> None:
    assert read(changed("currency", currency)).minor_digits == digits


def test_a_rulebook_may_extend_another(tmp_path: Path) -> None:
    text = "id: local\nextends: cn-2021\nparameters:\n  monitoring_line: {by: [province], period: year}\nexamples: []\n"
    book = from_text(tmp_path, text)
    parent = load_rulebook("cn-2021")
    assert book.id == "local" and [one.id for one in book.classes] == [one.id for one in parent.classes]
    assert book.parameters["monitoring_line"].rows == () and "city_income" in book.parameters


def test_what_a_rulebook_extends_is_read_anew_when_it_changes(tmp_path: Path) -> None:
    base, book = tmp_path / "base.yaml", tmp_path / "mine.yaml"
    base.write_text(yaml.safe_dump(GOOD), encoding="utf-8")
    book.write_text("id: mine\nextends: base.yaml\n", encoding="utf-8")
    first = load_rulebook(book)
    base.write_text(yaml.safe_dump(changed("version", "next year's")), encoding="utf-8")
    second = load_rulebook(book)
    assert (second.version, second.id) == ("next year's", "mine")
    assert first.hash != second.hash


def test_rulebooks_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: a\nextends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("id: b\nextends: a.yaml\n")
    with pytest.raises(RulebookError, match="extend each other in a circle"):
        load_rulebook(tmp_path / "a.yaml")


def test_a_file_that_changes_is_read_anew(tmp_path: Path) -> None:
    first = from_text(tmp_path, yaml.safe_dump(GOOD))
    second = from_text(tmp_path, yaml.safe_dump(changed("version", "3")))
    assert (first.version, second.version) == ("1", "3")
