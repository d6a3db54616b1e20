"""One run on both databases: what PostgreSQL found is counted, shown and decides the exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import parts, postgres

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = """
import pytest
from django.db import connection

@pytest.mark.django_db
def test_everywhere():
    connection.ensure_connection()

def test_without_a_database():
    pass

@pytest.mark.django_db
def test_of_one_kind():
    if connection.vendor == "postgresql":
        pytest.skip("only SQLite has this")

@pytest.mark.django_db
def test_expected():
    if connection.vendor == "postgresql":
        pytest.xfail("known")

@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_sqlite():
    assert connection.vendor == "sqlite"

@pytest.mark.django_db
@pytest.mark.postgres_only
def test_postgres():
    assert connection.vendor == "postgresql"
"""
WRONG = """
@pytest.mark.django_db
def test_wrong_on_postgres():
    assert connection.vendor == "sqlite"
"""
SETTINGS = """
[pytest]
addopts = --import-mode=importlib -ra
markers =
    postgres_only: x
    sqlite_only: x
"""
GROUND = """
from tests import conftest

globals().update({name: value for name, value in vars(conftest).items() if not name.startswith("__")})
"""
BROKEN = """
import os
if os.environ.get("DATABASE_URL"):
    os._exit(3)
"""


SHARED = {
    "test_a": "def test_waits_for_the_last():\n    reached('test_c')\n",
    "test_b": "def test_between():\n    pass\n",
    "test_c": "def test_last():\n    HERE.with_suffix('.reached').touch()\n",
}
"""One process alone would wait in the first file for ever: it comes to the last after it."""
AWAIT = """
import time
from pathlib import Path

HERE = Path(__file__)

def reached(name):
    end = time.monotonic() + 120
    while not (HERE.parent / f"{name}.reached").exists():
        assert time.monotonic() < end, "nobody took the other file"
        time.sleep(0.05)

"""


def run(folder: Path, content: str) -> tuple[int, list[str]]:
    """Run a file of tests on both databases; the exit code and the lines."""
    (folder / "test_sample.py").write_text(content)
    (folder / "pytest.ini").write_text(SETTINGS)
    (folder / "conftest.py").write_text(GROUND)
    mine = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DJANGO_SETTINGS_MODULE", "DATABASE_URL"}
    }
    mine["TMPDIR"] = str(folder)
    mine["PYTHONPATH"] = f"{ROOT}:{ROOT / 'src'}"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--no-migrations", "--database=both"]
    done = subprocess.run(
        [*command, str(folder)], cwd=folder, env=mine, capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout.splitlines() + done.stderr.splitlines()


@pytest.fixture(scope="module", autouse=True)
def server() -> None:
    """There is a PostgreSQL to run on."""
    try:
        postgres.binaries()
    except postgres.Unavailable as problem:
        parts.skip_without("postgres", str(problem))


def test_both_are_counted_in_one_last_line(tmp_path: Path) -> None:
    code, lines = run(tmp_path, SAMPLE)
    assert code == 0, "\n".join(lines)
    # SQLite runs five (not the PostgreSQL one), PostgreSQL four of the six (two end as skipped and expected).
    assert lines[-1].strip("= ").startswith("7 passed, 1 skipped, 1 deselected, 1 xfailed in ")
    assert any("only SQLite has this" in line for line in lines)


def test_a_failure_on_postgresql_fails_the_run(tmp_path: Path) -> None:
    code, lines = run(tmp_path, SAMPLE + WRONG)
    assert code == 1
    assert lines[-1].strip("= ").startswith("1 failed, 8 passed, 1 skipped")
    assert any(line.startswith("FAILED") and "test_wrong_on_postgres (PostgreSQL)" in line for line in lines)
    assert any("assert 'postgresql' == 'sqlite'" in line for line in lines)


def test_a_run_that_breaks_off_fails_too(tmp_path: Path) -> None:
    code, lines = run(tmp_path, SAMPLE + BROKEN)
    assert code == 1
    assert lines[-1].strip("= ").startswith("5 passed, 1 deselected, 1 error in ")
    assert any("The run broke off" in line for line in lines)


def test_what_needs_no_database_is_shared_out_and_runs_once(tmp_path: Path) -> None:
    (tmp_path / "methods").mkdir()
    for name, content in SHARED.items():
        (tmp_path / "methods" / f"{name}.py").write_text(AWAIT + content)
    code, lines = run(tmp_path, SAMPLE)
    assert code == 0, "\n".join(lines)
    assert lines[-1].strip("= ").startswith("10 passed, 1 skipped, 1 deselected, 1 xfailed in ")


def test_a_failure_of_the_other_process_in_what_is_shared_is_not_called_postgresql(tmp_path: Path) -> None:
    (tmp_path / "methods").mkdir()
    wrong = "import os\n\ndef test_wrong():\n    HERE.with_suffix('.reached').touch()\n"
    wrong += "    assert not os.environ.get('DATABASE_URL')\n"
    for name in SHARED:
        (tmp_path / "methods" / f"{name}.py").write_text(AWAIT + wrong)
    # The first process has enough to do of its own until the other has taken what is left.
    code, lines = run(tmp_path, f"{AWAIT}def test_busy():\n    reached('methods/test_c')\n")
    assert code == 1, "\n".join(lines)
    failed = [line for line in lines if line.startswith("FAILED")]
    assert any("test_c.py" in line for line in failed)
    assert not any("(PostgreSQL)" in line for line in failed)
