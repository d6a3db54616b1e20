"""The real server of an installation, which a test stops and starts, and a line to it that a test can break."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.office import Office

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
"""Headers that are between two neighbours of a line; the line writes its own."""


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Server:
    """`highground serve` of one installation on a port that stays the same over every start."""

    def __init__(self, office: Office) -> None:
        self.office, self.port = office, free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    @property
    def log(self) -> Path:
        """What the server said, over all its starts."""
        return self.office.home.parent / f"server-{self.port}.log"

    def start(self) -> Server:
        """Start it, unless it runs, and wait until it answers."""
        with self._turn:
            if self._process is not None and self._process.poll() is None:
                return self  # two faults ended it at once, and the other has started it again
            with self.log.open("ab") as output:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "highground", "serve", "--bind", f"127.0.0.1:{self.port}"],
                    env=self.office.environment,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            end = time.monotonic() + 60
            while time.monotonic() < end:
                assert self._process.poll() is None, self.log.read_text()
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                    return self
                time.sleep(0.05)
        raise AssertionError(f"no answer within a minute: {self.log.read_text()}")

    def kill(self) -> None:
        """End it and its workers at once, in the middle of whatever they do."""
        with self._turn:
            if self._process is None:
                return
            for group in self._groups():
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGKILL)
            self._process.wait(10)
            self._process = None

    def _groups(self) -> list[int]:
        """The process groups of the workers, which have one of their own, and of the server itself."""
        assert self._process is not None
        pid = self._process.pid
        return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()), pid]

    def cpu_seconds(self) -> float:
        """Processor time that the server and its workers have used since the start."""
        groups, ticks = set(self._groups()), 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[2]) in groups:
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


class Line:
    """A reverse proxy in front of a server, on which a submission meets the fault that was armed for it.

    `arm(kind, after)` lets `after` submissions pass before the fault strikes the next one. `struck` counts what struck.
    """

    KINDS = ("lost_request", "half_request", "lost_answer", "twice", "sign_in_page", "server_killed")

    def __init__(self, server: Server, chance: random.Random) -> None:
        self.server, self.struck = server, Counter[str]()
        self._chance = chance
        self._armed: list[list[Any]] = []
        self._turn = threading.Lock()
        line = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                line._handle(self)

            do_GET = do_POST = do_HEAD = _pass  # noqa: N815  (the names that http.server looks for)

            def log_message(self, *_said: Any) -> None:
                """Nothing: a line keeps no record of who called."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_where: Any) -> None:
                """Nothing: a browser that hangs up in the middle is what this line is for."""

        self._http = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def arm(self, kind: str, after: int = 0) -> None:
        """Let a fault strike once `after` more submissions have passed."""
        with self._turn:
            self._armed.append([kind, after])

    def calm(self) -> None:
        """Forget the faults that have not struck."""
        with self._turn:
            self._armed.clear()

    def close(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()

    def _fault(self) -> str:
        with self._turn:
            if not self._armed:
                return ""
            if self._armed[0][1] > 0:
                self._armed[0][1] -= 1
                return ""
            kind = str(self._armed.pop(0)[0])
            self.struck[kind] += 1
            return kind

    def _handle(self, call: BaseHTTPRequestHandler) -> None:
        body = call.rfile.read(int(call.headers.get("Content-Length") or 0))
        fault = self._fault() if call.command == "POST" and call.path.startswith("/field/submission") else ""
        answer: tuple[int, list[tuple[str, str]], bytes] | None = None
        with contextlib.suppress(OSError, http.client.HTTPException):
            match fault:
                case "lost_request":
                    pass
                case "half_request":
                    self._send_half(call, body)
                case "lost_answer":
                    self._ask(call, body)
                case "sign_in_page":
                    answer = (200, [("Content-Type", "text/html")], b"<html>Welcome to our wifi</html>")
                case "twice":
                    second = threading.Thread(target=self._quietly, args=(call, body))
                    second.start()
                    answer = self._ask(call, body)
                    second.join()
                case "server_killed":
                    stop = threading.Timer(self._chance.random() * 0.15, self._restart)
                    stop.start()
                    answer = self._ask(call, body)
                case _:
                    answer = self._ask(call, body)
        if answer is None:
            call.close_connection = True
            return
        with contextlib.suppress(OSError):
            self._tell(call, *answer)

    def _restart(self) -> None:
        self.server.kill()
        time.sleep(self._chance.random())
        self.server.start()

    def _headers(self, call: BaseHTTPRequestHandler) -> dict[str, str]:
        return {name: value for name, value in call.headers.items() if name.lower() not in HOP}

    def _ask(self, call: BaseHTTPRequestHandler, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            upstream.request(call.command, call.path, body or None, self._headers(call))
            answer = upstream.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            upstream.close()

    def _quietly(self, call: BaseHTTPRequestHandler, body: bytes) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            self._ask(call, body)

    def _send_half(self, call: BaseHTTPRequestHandler, body: bytes) -> None:
        headers = {**self._headers(call), "Content-Length": str(len(body))}
        head = f"{call.command} {call.path} HTTP/1.1\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in headers.items()
        )
        with socket.create_connection(("127.0.0.1", self.server.port)) as upstream:
            upstream.sendall(head.encode() + b"\r\n" + body[: self._chance.randrange(len(body))])

    def _tell(
        self, call: BaseHTTPRequestHandler, status: int, headers: list[tuple[str, str]], body: bytes
    ) -> None:
        call.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP or name.lower() == "date":
                call.send_header(name, value)
        if status not in (204, 304):
            call.send_header("Content-Length", str(len(body)))
        call.end_headers()
        if call.command != "HEAD":
            call.wfile.write(body)


@contextlib.contextmanager
def on_the_line(office: Office, chance: random.Random) -> Iterator[Line]:
    """The running server of an installation behind a line; both end with the block."""
    server = Server(office).start()
    line = Line(server, chance)
    try:
        yield line
    finally:
        line.close()
        server.kill()


def wait_for(done: Callable[[], bool], seconds: float = 60) -> bool:
    """Ask again and again until it is so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.2)
    return False
