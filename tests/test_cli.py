"""The command line loads only what a verb needs, and says what went wrong in one line."""

import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

from highground import cli
from tests.support.office import Office, Offices

DROP_A_TRIGGER = """
from django.db import connection
from highground.audit.triggers import TABLE, _wanted
name = next(iter(_wanted(connection)))
connection.cursor().execute(f"DROP TRIGGER {name}" + (f" ON {TABLE}" if connection.vendor == "postgresql" else ""))
print(name)
"""


def leaves() -> list[tuple[str, ...]]:
    """The words of every verb, groups opened."""
    found: list[tuple[str, ...]] = []

    def walk(group: cli.Rooms, words: tuple[str, ...]) -> None:
        for name in group.list_commands(click.Context(group)):
            verb = group._verbs[name]
            if isinstance(verb, cli.Rooms):
                walk(verb, (*words, name))
            else:
                found.append((*words, name))

    walk(cli.cli, ())
    return found


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An installation on SQLite that was never migrated."""
    return Office(home=tmp_path / "home")


@pytest.mark.parametrize("words", leaves(), ids=" ".join)
def test_every_verb_has_help(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"Usage: highground {' '.join(words)}")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["import", "--help"], ["rulebook", "list"], ["screen", "--households"]]
)
def test_the_analysts_verbs_and_all_help_import_no_django(arguments: list[str]) -> None:
    program = f"""
import sys
from highground.cli import main
try:
    main({arguments!r})
except SystemExit:
    pass
assert "django" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scren"], "No such command"),
        (["rulebook", "show", "no-such-book"], "no-such-book"),
        (["restore", "no-such-file"], "no-such-file"),
        (["import", "areas", "--builtin"], "run: highground migrate"),
        (["serve", "--bind", "8000"], "give a host and a port"),
        (["serve", "--bind", "127.0.0.1:0"], "run: highground migrate"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_line_and_exit_code_2(office: Office, arguments: list[str], says: str) -> None:
    if arguments[-1].endswith(":0"):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            arguments = [*arguments[:-1], f"127.0.0.1:{free.getsockname()[1]}"]
    done = office.run(*arguments, exit_code=2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    if done.stderr.startswith("highground:"):
        assert done.stderr.count("\n") == 1


def test_a_port_in_use_is_said_with_the_mend(office: Office) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = office.run("serve", "--bind", f"127.0.0.1:{port}", exit_code=2)
    assert f"127.0.0.1:{port} can't be used" in done.stderr
    assert "choose another port" in done.stderr


def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    office = Office(
        home=tmp_path / "home", database_url=f"postgresql://nobody@{'%2F'.join(['', 'tmp', 'nowhere'])}/none"
    )
    done = office.run("import", "areas", "--builtin", exit_code=2)
    assert "the database does not answer" in done.stderr


def test_a_defect_of_the_program_is_not_hidden() -> None:
    assert cli.say(ValueError("x")) is None
    assert cli.say(KeyError("x")) is None
    assert (
        cli.say(FileNotFoundError(2, "No such file or directory", "rows.csv"))
        == "rows.csv: No such file or directory"
    )


def test_a_reader_that_stops_early_is_no_error(office: Office) -> None:
    program = f"{sys.executable} -m highground rulebook show cn-2021 | head -1"
    done = subprocess.run(
        ["/bin/sh", "-c", program],
        env=office.environment,
        capture_output=True,
        text=True,
        cwd=office.home.parent,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1


def test_doctor_says_what_is_missing_and_how_to_mend_it(new_office: Offices) -> None:
    office = new_office()
    said = office.run("doctor", exit_code=1).stdout
    assert "missing  tables:" in said
    assert "mend: highground migrate" in said
    ready = new_office(migrated=True)
    said = ready.run("doctor").stdout
    assert "ok       tables: up to date" in said
    assert "ok       event log guards" in said
    trigger = ready.python(DROP_A_TRIGGER).strip()
    said = ready.run("doctor", exit_code=1).stdout
    assert f"missing  event log guards: missing: {trigger}" in said
    ready.run("migrate")
    ready.run("doctor")
