"""The analyst's command line: on files, without a database, with clear answers and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from highground.cli import cli, main

HOUSEHOLDS = (
    "household,area,stratum,income_per_person_month,deprived_employment,deprived_dependants,deprived_nutrition,"
    "deprived_health_insurance,deprived_adult_education,deprived_child_schooling,deprived_housing_quality,"
    "deprived_housing_area,deprived_water,deprived_toilet,deprived_telecom,deprived_information_means\n"
    "H1,X1,rural,1400000,1,1,1,0,0,0,0,0,0,0,0,0\n"
    "H2,X1,rural,1400000,1,1,,0,0,0,0,0,0,0,0,0\n"
    "H3,X2,urban,2500000,1,1,1,1,0,0,0,0,0,0,0,0\n"
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def households(tmp_path: Path) -> Path:
    path = tmp_path / "households.csv"
    path.write_text(HOUSEHOLDS, encoding="utf-8")
    return path


def test_a_file_is_screened_into_a_folder(households: Path, tmp_path: Path) -> None:
    result = run("screen", "--households", households, "--rulebook", "vn-2022", "--as-of", "2024-06-30",
                 "--out", tmp_path / "run", "--json")  # fmt: skip
    assert result.exit_code == 0
    summary = json.loads(result.output)
    assert summary["verdicts"] == {"yes": 1, "no": 1, "cannot_tell": 1}
    assert summary["classes"] == {"poor": 1, "near_poor": 0}
    assert (tmp_path / "run" / "manifest.json").is_file()


def test_a_second_run_is_compared_with_the_first(households: Path, tmp_path: Path) -> None:
    run(
        "screen",
        "--households",
        households,
        "--rulebook",
        "vn-2022",
        "--as-of",
        "2024-06-30",
        "--out",
        tmp_path / "1",
    )
    households.write_text(HOUSEHOLDS.replace("1400000", "1600000"), encoding="utf-8")
    result = run("screen", "--households", households, "--rulebook", "vn-2022", "--as-of", "2025-06-30",
                 "--previous", tmp_path / "1", "--out", tmp_path / "2")  # fmt: skip
    assert "new 0   continuing 0   cleared 1" in result.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("--as-of", "2021-06-30"),
            "vn-2022 assesses 2022-01-01 to 2026-12-31, and 2021-06-30 lies outside; use vn-2016",
        ),
        (("--as-of", "soon"), "as-of date 'soon' is no date"),
        (("--rulebook", "vn-2032"), "there is no rulebook 'vn-2032'"),
        (("--households", "nowhere.csv"), "nowhere.csv: there is no such household table"),
        (("--previous", "nowhere"), "nowhere: there is no run here"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    households: Path, tmp_path: Path, change: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"--households": str(households), "--rulebook": "vn-2022", "--as-of": "2024-06-30",
               "--out": str(tmp_path / "run"), change[0]: change[1]}  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        main(["screen", *(part for pair in options.items() for part in pair)])
    error = capsys.readouterr().err
    assert ended.value.code == 2 and said in error and error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_the_rulebooks_that_ship_all_hold() -> None:
    result = run("rulebook", "check")
    assert result.exit_code == 0, result.output
    assert result.output.count("holds") == len(run("rulebook", "list").output.splitlines())


def test_a_failing_example_is_said_and_fails(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "id: mine\ncurrency: CNY\nclasses: [{id: moved, when: relocated}]\n"
        "examples: [{id: e, as_of: 2024-01-01, household: {relocated: false}, expect: {class: moved}}]\n"
    )
    result = run("rulebook", "check", path)
    assert result.exit_code == 1
    assert "e: class is None by SQL, expected 'moved'" in result.output
    assert "e: class is None by the oracle, expected 'moved'" in result.output


@pytest.mark.parametrize(
    ("language", "said"), [("en", "monitoring line, CN-NM, 2024: 8,300 (S4)"), ("zh", "监测线")]
)
def test_a_rulebook_says_itself(language: str, said: str) -> None:
    result = run("rulebook", "show", "cn-2021", "--language", language)
    assert said in result.output


def test_the_analysts_verbs_do_not_load_the_office(households: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from highground.cli import cli; "
        "cli.main(['rulebook', 'list'], standalone_mode=False); "
        "assert 'django' not in sys.modules, 'Django was imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
