"""The server answers, ends on Ctrl-C, and starts again."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.office import Office, Offices


@pytest.fixture(scope="module")
def office(new_office: Offices) -> Office:
    return new_office(migrated=True)


@contextlib.contextmanager
def serving(office: Office) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """Run `highground serve` on a free port: its address once it answers, the process, and what it says."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    said = office.home.parent / "server.log"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "highground", "serve", "--bind", place],
            env=office.environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        for _ in range(300):
            assert process.poll() is None, said.read_text()
            with contextlib.suppress(OSError), socket.create_connection(place.split(":")):
                break
            time.sleep(0.1)
        yield f"http://{place}", process, said
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def status(address: str) -> int:
    """The status of a page, followed to where it leads."""
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("whole_group", [True, False], ids=["Ctrl-C", "a signal to end"])
def test_it_answers_until_it_is_stopped(office: Office, whole_group: bool) -> None:
    with serving(office) as (address, process, said):
        assert status(f"{address}/static/web/highground.css") == 200
        if whole_group:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        # a worker that was still starting did not hear of it, and was ended by the server
        assert [line for line in said.read_text().splitlines() if "Killing worker-" not in line] == []
    assert not _listens(address)


def test_the_server_ends_when_its_parent_is_killed(office: Office) -> None:
    with serving(office) as (address, process, _):
        process.kill()
        process.wait(10)
        for _ in range(200):
            if not _listens(address):
                return
            time.sleep(0.1)
    raise AssertionError(f"{address} still answers")


def _listens(address: str) -> bool:
    host, port = address.removeprefix("http://").split(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port))):
        return True
    return False


def test_it_does_not_serve_what_was_not_migrated(new_office: Offices) -> None:
    said = new_office().run("serve", "--bind", "127.0.0.1:65000", exit_code=2).stderr
    assert "run: highground migrate" in said


def test_what_every_answer_needs_is_kept_out_of_the_collectors_way(office: Office) -> None:
    script = "import gc, highground.wsgi; print(gc.get_freeze_count(), len(gc.get_objects()))"
    done = subprocess.run(
        [sys.executable, "-c", script], env=office.environment, capture_output=True, check=True
    )
    kept, others = map(int, done.stdout.split())
    assert kept > 100 * others
