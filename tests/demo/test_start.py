"""Starting the demonstration at full size: after an interruption, again, and where it must not start."""

import fcntl
import signal
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.support.office import Office, Offices

from .conftest import Filled, files_below, start


@pytest.mark.sqlite_only
def test_an_interrupted_start_leaves_nothing_broken(filled: Filled) -> None:
    assert "Recording" in filled.interrupted
    assert "Start with weilan" not in filled.interrupted
    assert filled.printed.startswith("An earlier start was cut off; starting over.")
    assert not (filled.office.home / "filling").exists()
    counted = filled.office.python(
        "from highground.people.models import Household, Observation\n"
        "from highground.signals.models import Clue\n"
        "print(*(model.objects.everywhere(reason='test').count() for model in (Household, Observation, Clue)))"
    )
    households, observations, clues = map(int, counted.split())
    assert households == 20_800
    assert 900_000 < observations < 2_000_000
    assert 500 < clues < 1_500
    assert (filled.office.home / "synthetic").read_text().startswith("All people, households")


@pytest.mark.sqlite_only
def test_the_second_start_fills_nothing_and_names_the_same_logins(filled: Filled) -> None:
    before = (filled.office.home / "logins.json").read_bytes()
    again = filled.outer.run("demo", "--no-serve").stdout
    assert "Recording" not in again
    assert Filled(filled.outer, filled.office, "", again).logins() == filled.logins()
    assert (filled.office.home / "logins.json").read_bytes() == before


@pytest.mark.sqlite_only
def test_it_serves_says_that_all_is_synthetic_and_stops_on_ctrl_c(filled: Filled) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start(filled.outer, "--port", str(port))
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "Ctrl-C" in line:
                break
        page = _page(f"http://127.0.0.1:{port}/")
        assert "synthetic" in page
        assert 'name="password"' in page
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert "Traceback" not in rest


def _page(address: str) -> str:
    """The page at an address, once the server listens; an error page fails the test."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")


def test_a_taken_port_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        office = Office(tmp_path / "home")
        office.home.mkdir()
        said = office.run("demo", "--port", str(taken.getsockname()[1]), exit_code=2).stderr
    assert "can't be used" in said
    assert files_below(tmp_path) == set()


def test_it_refuses_a_home_that_is_no_demonstration(tmp_path: Path) -> None:
    office = Office(tmp_path / "home")
    office.home.mkdir()
    (office.home / "db.sqlite3").write_text("not ours")
    said = office.run("demo", "--no-serve", "--home", str(office.home), exit_code=2).stderr
    assert "holds an installation that is no demonstration" in said
    assert files_below(tmp_path) == {"home/db.sqlite3"}
    assert (office.home / "db.sqlite3").read_text() == "not ours"


def test_it_refuses_a_database_that_somebody_uses(new_office: Offices, tmp_path: Path) -> None:
    real = new_office(migrated=True)
    real.python(
        "from highground.accounts.actions import add_user\n"
        "add_user('real', password='a-real-password-1', by='test')"
    )
    url = real.database_url or f"sqlite:///{real.home / 'db.sqlite3'}"
    there = Office(tmp_path / "home", url)
    there.home.mkdir()
    said = there.run("demo", "--no-serve", exit_code=2).stderr
    assert "already holds an installation" in said
    assert real.python("from highground.areas.models import Area\nprint(Area.objects.count())") == "0\n"
    assert there.run("demo", "--no-serve", exit_code=2).stderr == said


def test_two_starts_do_not_fill_the_same_place(tmp_path: Path) -> None:
    office = Office(tmp_path / "home")
    home = office.home / "demo"
    home.mkdir(parents=True)
    (home / "synthetic").write_text("")
    with (home / "filling").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        said = office.run("demo", "--no-serve", exit_code=2).stderr
    assert "another start is filling" in said
    assert files_below(home) == {"synthetic", "filling"}
