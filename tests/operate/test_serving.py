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
        # The server has workers of its own, so the whole group ends.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def status(address: str) -> int:
    """The status of a page, followed to where it leads."""
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_it_answers_until_ctrl_c_and_then_again(office: Office) -> None:
    for _ in range(2):
        with serving(office) as (address, process, said):
            assert status(f"{address}/static/web/highground.css") == 200
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
            assert "Traceback" not in said.read_text()
            assert "UserWarning" not in said.read_text()
    office.run("doctor")


def test_it_does_not_serve_what_was_not_migrated(new_office: Offices) -> None:
    said = new_office().run("serve", "--bind", "127.0.0.1:65000", exit_code=2).stderr
    assert "run: highground migrate" in said
