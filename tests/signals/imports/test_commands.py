"""The command line of imports and snapshots, in processes of their own; among them one that is killed."""

import datetime
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from highground.areas.actions import AreaRow, import_areas
from highground.files.mapping import MappingError
from highground.people.actions import RegisterError
from highground.people.commands import keys, snapshot
from highground.signals.imports.commands import households
from tests.support.office import ROOT, Office

ROWS = 60_000
MAPPING = """
source: {name: Census}
area: {code: BD}
household: {key: number}
date: 2023-12-31
facts: {income_wage_12m: wage, household_size: people}
"""
PREPARE = """
import datetime
from django.core.management import call_command
from highground.areas.actions import AreaRow, import_areas
call_command("migrate", verbosity=0)
import_areas([AreaRow(1, "BD", "country")], by="command:test", today=datetime.date(2024, 1, 1))
"""
WAIT = """
import time
from highground.people.models import Household
end = time.monotonic() + 120
while not Household.objects.everywhere(reason="test").exists():
    assert time.monotonic() < end, "no batch arrived"
    time.sleep(0.01)
"""
COUNT = """
from highground.people.models import Household, Observation, Residence
from highground.audit.models import Event
from highground.audit.actions import verify
everywhere = dict(reason="test")
households = Household.objects.everywhere(**everywhere)
print(households.count(), Residence.objects.everywhere(**everywhere).count(),
      Observation.objects.everywhere(**everywhere).count(),
      sum(Event.objects.filter(kind="people.receive").values_list("data__households", flat=True)),
      verify().sound)
"""


RUN = """#!/bin/sh
verb=$1
shift
[ "$verb" = python ] || exec {python} -m highground "$@"
exec {python} "$@"
"""


def write_files(folder: Path, rows: int) -> tuple[Path, Path]:
    (folder / "map.yaml").write_text(MAPPING)
    with (folder / "h.csv").open("w") as file:
        file.write("number,wage,people\n")
        file.writelines(f"{number},{number % 9000},{number % 7 + 1}\n" for number in range(rows))
    return folder / "h.csv", folder / "map.yaml"


def counts(office: Office) -> list[int]:
    *numbers, sound = office.python(COUNT).split()
    assert sound == "True"
    return [int(number) for number in numbers]


def test_an_import_that_is_killed_leaves_whole_batches_and_can_be_finished(
    new_office: Callable[[], Office], tmp_path: Path
) -> None:
    office = new_office()
    file, mapping = write_files(tmp_path, ROWS)
    office.python(PREPARE)
    command = [
        sys.executable,
        "-m",
        "highground",
        "import",
        "households",
        str(file),
        "--mapping",
        str(mapping),
    ]
    process = subprocess.Popen(
        command, env=office.environment, stdout=subprocess.PIPE, start_new_session=True
    )
    # Wait for the first batch, then kill the import in the middle of what follows.
    office.python(WAIT)
    assert process.poll() is None, "the import ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept, residences, observations, recorded = counts(office)
    assert 0 < kept <= ROWS and kept % 20_000 == 0
    assert (residences, observations, recorded) == (kept, 2 * kept, kept)
    done = office.run("import", "households", str(file), "--mapping", str(mapping))
    assert f"register: {ROWS - kept:,} new households" in done.stdout
    assert counts(office)[:3] == [ROWS, ROWS, 2 * ROWS]


def test_two_imports_at_once_do_not_double_anything(new_office: Callable[[], Office], tmp_path: Path) -> None:
    office = new_office()
    file, mapping = write_files(tmp_path, 5_000)
    office.python(PREPARE)
    command = [
        sys.executable,
        "-m",
        "highground",
        "import",
        "households",
        str(file),
        "--mapping",
        str(mapping),
    ]
    both = [subprocess.Popen(command, env=office.environment, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=300) for process in both] == [0, 0]
    assert counts(office) == [5_000, 5_000, 10_000, 5_000]


@pytest.fixture
def here(tmp_path: Path, settings, db: None) -> tuple[Path, Path]:
    """A home for this process, with the country in it; a file of ten households and its mapping."""
    settings.HIGHGROUND_HOME = tmp_path / "home"
    import_areas([AreaRow(1, "BD", "country")], by="command:test", today=datetime.date(2024, 1, 1))
    return write_files(tmp_path, 10)


def say(command: click.Command, *words: object) -> str:
    done = CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_what_the_commands_say(here: tuple[Path, Path], tmp_path: Path) -> None:
    file, mapping = here
    with file.open("a") as stream:
        stream.write("10,-5,1\n")
    assert say(households, file, "--mapping", mapping, "--dry-run").splitlines() == [
        "households: 11 rows read, 10 used, 1 rejected",
        f"  rejected rows: {tmp_path}/home/rejects/h.households.csv",
        "dry run: nothing was recorded",
    ]
    first, second = (say(households, file, "--mapping", mapping).splitlines()[-1] for _ in range(2))
    assert first == "register: 10 new households, 0 new members, 20 observations stored, 0 known before"
    assert second == "register: 0 new households, 0 new members, 0 observations stored, 20 known before"
    counted, folder = say(snapshot, "--area", "BD", "--as-of", "2023-12-31").splitlines()
    assert counted == "10 households, 0 members"
    assert (Path(folder) / "manifest.json").is_file() and Path(
        folder
    ).parent == tmp_path / "home" / "snapshots"
    assert say(keys, "rotate") == "0 protected values sealed under a new key\n"


def test_a_file_without_one_good_row_is_an_answer_of_no(here: tuple[Path, Path]) -> None:
    file, mapping = here
    file.write_text("number,wage,people\n1,-5,1\n")
    done = CliRunner().invoke(households, [str(file), "--mapping", str(mapping)])
    assert done.exit_code == 1
    assert "households: 1 rows read, 0 used, 1 rejected" in done.output


def test_errors_name_the_place(here: tuple[Path, Path]) -> None:
    file, mapping = here
    mapping.write_text(MAPPING.replace("household_size: people", "household_size: persons"))
    where = re.escape(
        f"{mapping}, line 6: `facts.household_size`: h.csv has no column 'persons'; it has number, wage"
    )
    with pytest.raises(MappingError, match=where):
        say(households, file, "--mapping", mapping)
    with pytest.raises(RegisterError, match=r"^9999-01-01 lies after"):
        say(snapshot, "--as-of", "9999-01-01")
    with pytest.raises(RegisterError, match=r"there is no area 'XX'; see `highground import areas`"):
        say(snapshot, "--area", "XX")


def test_the_bangladesh_example_from_anywhere(shared_data: Path, tmp_path: Path) -> None:
    data = shared_data / "bangladesh_hh_9198.dta"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("HIGHGROUND_", "DJANGO_"))
    }
    script = ROOT / "examples" / "bangladesh" / "run.sh"
    # Without the script's ./run, which sets up an environment of its own: the one that runs the tests will do.
    checkout = tmp_path / "checkout"
    (checkout / "examples").mkdir(parents=True)
    (checkout / "examples" / "bangladesh").symlink_to(script.parent)
    (checkout / "run").write_text(RUN.format(python=sys.executable))
    (checkout / "run").chmod(0o755)
    environment["PYTHONPATH"] = str(ROOT / "src")
    done = subprocess.run(
        ["sh", "checkout/examples/bangladesh/run.sh", os.path.relpath(data, tmp_path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "275 103 222 226"


@pytest.mark.parametrize("arguments", [[], ["nothing.dta"]])
def test_the_bangladesh_example_says_how_it_is_used(arguments: list[str]) -> None:
    script = ROOT / "examples" / "bangladesh" / "run.sh"
    done = subprocess.run(["sh", str(script), *arguments], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: run.sh DATA.dta")
