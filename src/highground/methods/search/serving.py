"""One process that holds the embedding model for all processes of a server, so that it lies in memory once.

Whoever needs it first starts it; it ends by itself when nobody has been connected for a while. They talk over a socket in a
folder that only this user can enter, in JSON and bare numbers: nothing that comes over it is run.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

import numpy as np

from highground.methods.search.embedding import Embedder, Kind, Vectors, find_embedder
from highground.methods.search.errors import SearchError

IDLE = 60.0
"""Seconds without anybody after which the process ends."""
PATIENCE = 60.0
"""Seconds that a model may take to be read."""


def is_able() -> bool:
    """True where processes can talk over a socket that is a file."""
    return hasattr(socket, "AF_UNIX")


def socket_of(folder: Path | None) -> Path:
    """Where the process with the model of a folder, or the installed one, is met. Raises SearchError for a place of others."""
    place = Path(tempfile.gettempdir()) / f"highground-{os.getuid()}"
    place.mkdir(mode=0o700, exist_ok=True)
    held = place.lstat()
    if held.st_uid != os.getuid() or held.st_mode & 0o077:
        raise SearchError(f"{place}: belongs to somebody else, or others can enter it; remove it")
    named = f"{sys.executable} {Path(__file__)} {folder.resolve() if folder else ''}"
    return place / f"{hashlib.sha256(named.encode()).hexdigest()[:16]}.sock"


class ServedEmbedder:
    """The model in the process that holds it, which is started where it does not run.

    Raises SearchError where there is no model, or the process can't be reached.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder, self._turn = folder, threading.Lock()
        self._connection: Connection | None = None
        self._of = 0
        with self._turn:
            told = self._asked({"ask": "model"})
        self.model, self.dimensions = str(told["model"]), int(str(told["dimensions"]))

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """One row of unit length for each text."""
        with self._turn:
            self._asked({"ask": "embed", "texts": list(texts), "kind": kind})
            assert self._connection is not None
            rows = np.frombuffer(self._connection.recv_bytes(), np.float32)
        return rows.reshape(len(texts), self.dimensions)

    def _asked(self, question: dict[str, object]) -> dict[str, object]:
        """The answer; where the process has ended meanwhile, of a new one."""
        for last in (False, True):
            try:
                if self._connection is None or self._of != os.getpid():
                    self._connection, self._of = _connected(self._folder), os.getpid()
                self._connection.send_bytes(json.dumps(question).encode())
                answer: dict[str, object] = json.loads(self._connection.recv_bytes())
                break
            except (OSError, EOFError) as error:
                self._connection = None
                if last:
                    raise SearchError(f"the embedding process ended ({error or 'no word'})") from error
        if problem := answer.get("problem"):
            raise SearchError(str(problem))
        return answer


def _connected(folder: Path | None) -> Connection:
    path, until = socket_of(folder), time.monotonic() + PATIENCE
    process: subprocess.Popen[bytes] | None = None
    while True:
        with suppress(OSError):
            return Client(str(path), family="AF_UNIX")
        if process is None:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "highground.methods.search.serving", str(folder or "")],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        if time.monotonic() > until:
            raise SearchError("the embedding process does not answer")
        if process.poll() not in (None, 0):
            raise SearchError("the embedding process does not start")
        time.sleep(0.05)


def serve(folder: Path | None) -> None:
    """Hold the model and answer, until nobody has been connected for a while. Ends at once where another does so already."""
    import fcntl

    path = socket_of(folder)
    lock = path.with_suffix(".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    problem, embedder = "", None
    try:
        embedder = find_embedder(folder)
    except SearchError as error:
        problem = str(error)
    path.unlink(missing_ok=True)
    listener = Listener(str(path), family="AF_UNIX", backlog=64)
    guests, turn = _Guests(), threading.Lock()
    threading.Thread(target=guests.leave_when_alone, args=[path], daemon=True).start()
    while True:
        connection = listener.accept()
        guests.count(+1)
        threading.Thread(
            target=_answer, args=[connection, embedder, problem, guests, turn], daemon=True
        ).start()


class _Guests:
    """How many are connected, and since when nobody is."""

    def __init__(self) -> None:
        self._number, self._since, self._turn = 0, time.monotonic(), threading.Lock()

    def count(self, change: int) -> None:
        with self._turn:
            self._number += change
            self._since = time.monotonic()

    def leave_when_alone(self, path: Path) -> None:
        while True:
            time.sleep(min(1.0, IDLE))
            with self._turn:
                if self._number == 0 and time.monotonic() - self._since > IDLE:
                    path.unlink(missing_ok=True)
                    os._exit(0)


def _answer(
    connection: Connection, embedder: Embedder | None, problem: str, guests: _Guests, turn: threading.Lock
) -> None:
    try:
        while True:
            question = json.loads(connection.recv_bytes())
            if embedder is None:
                connection.send_bytes(json.dumps({"problem": problem or "no model is installed"}).encode())
            elif question["ask"] == "model":
                told = {"model": embedder.model, "dimensions": embedder.dimensions}
                connection.send_bytes(json.dumps(told).encode())
            else:
                with turn:
                    rows = embedder.embed(question["texts"], question["kind"])
                connection.send_bytes(b"{}")
                connection.send_bytes(np.ascontiguousarray(rows, dtype=np.float32).tobytes())
    except (OSError, EOFError):
        pass
    finally:
        connection.close()
        guests.count(-1)


if __name__ == "__main__":
    serve(Path(sys.argv[1]) if sys.argv[1:] and sys.argv[1] else None)
