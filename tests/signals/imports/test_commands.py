"""The command line of imports and snapshots, in processes of their own; among them one that is killed."""

import datetime
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.office import ROOT, Office

ROWS = 60_000
MAPPING = """
source: {name: Census}
area: {code: BD}
household: {key: number}
date: 2023-12-31
facts: {income_wage_12m: wage, household_size: people}
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


def prepare(office: Office, folder: Path, rows: int) -> tuple[Path, Path]:
    office.run("migrate")
    office.run("import", "areas", str(ROOT / "examples/bangladesh/areas.csv"), "--mapping", str(ROOT / "examples/bangladesh/areas.yaml"))  # fmt: skip
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
    file, mapping = prepare(office, tmp_path, ROWS)
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
    deadline = time.monotonic() + 60
    # Wait for the first batch, then kill the import in the middle of what follows.
    while counts(office)[0] == 0:
        assert time.monotonic() < deadline and process.poll() is None, (
            "the import ended before it could be killed"
        )
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    households, residences, observations, recorded = counts(office)
    assert 0 < households <= ROWS and households % 20_000 == 0
    assert (residences, observations, recorded) == (households, 2 * households, households)
    done = office.run("import", "households", str(file), "--mapping", str(mapping))
    assert f"register: {ROWS - households:,} new households" in done.stdout
    assert counts(office)[:3] == [ROWS, ROWS, 2 * ROWS]


def test_what_the_command_says(new_office: Callable[[], Office], tmp_path: Path) -> None:
    office = new_office()
    file, mapping = prepare(office, tmp_path, 10)
    with file.open("a") as stream:
        stream.write("10,-5,1\n")
    done = office.run("import", "households", str(file), "--mapping", str(mapping), "--dry-run")
    assert done.stdout.splitlines() == [
        "households: 11 rows read, 10 used, 1 rejected",
        f"  rejected rows: {office.home}/rejects/h.households.csv",
        "dry run: nothing was recorded",
    ]
    assert counts(office)[0] == 0
    done = office.run("import", "households", str(file), "--mapping", str(mapping))
    assert "register: 10 new households, 0 new members, 20 observations stored, 0 known before" in done.stdout
    done = office.run("import", "households", str(file), "--mapping", str(mapping))
    assert "register: 0 new households, 0 new members, 0 observations stored, 20 known before" in done.stdout
    done = office.run("snapshot", "--area", "BD", "--as-of", "2023-12-31")
    folder = Path(done.stdout.splitlines()[-1])
    assert done.stdout.splitlines()[0] == "10 households, 0 members"
    assert (folder / "manifest.json").is_file() and folder.parent == office.home / "snapshots"
    done = office.run("keys", "rotate")
    assert done.stdout == "0 protected values sealed under a new key\n"


def test_errors_are_one_line(new_office: Callable[[], Office], tmp_path: Path) -> None:
    office = new_office()
    file, mapping = prepare(office, tmp_path, 1)
    mapping.write_text(MAPPING.replace("household_size: people", "household_size: persons"))
    done = office.run("import", "households", str(file), "--mapping", str(mapping), exit_code=2)
    assert done.stderr.splitlines() == [
        f"highground: {mapping}, line 6: `facts.household_size`: h.csv has no column 'persons'; it has number, wage, people"
    ]
    tomorrow = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=2)
    done = office.run("snapshot", "--as-of", f"{tomorrow}", exit_code=2)
    assert done.stderr.startswith(f"highground: {tomorrow} lies after")
    done = office.run("snapshot", "--area", "XX", exit_code=2)
    assert done.stderr == "highground: there is no area 'XX'; see `highground import areas`\n"


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
    (checkout / "run").write_text(f'#!/bin/sh\ncase $1 in highground) shift; exec {sys.executable} -m highground "$@";; esac\nshift; exec {sys.executable} "$@"\n')  # fmt: skip
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
