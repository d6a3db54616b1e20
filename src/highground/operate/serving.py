"""The web server: granian, watched over by this process.

Ctrl-C in a terminal goes to every process of its group, and a granian worker that hears of it twice (from the
terminal and from its own parent) hangs until it is killed. So the server has a group of its own, and the one
word to stop comes from here. A worker that is still starting does not hear it; the server ends that one itself
after five seconds, and says so.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from typing import NoReturn

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>."""


class CannotServe(RuntimeError):
    """The server can't start; the message says why and how to mend it."""


def parse_bind(bind: str) -> tuple[str, int]:
    """`127.0.0.1:8000` or `[::1]:8000` as host and port."""
    host, _, port = bind.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise CannotServe(f"--bind {bind}: give a host and a port, for example 127.0.0.1:8000")
    return host, int(port)


def check_free(bind: str) -> tuple[str, int]:
    """The host and port of `bind`; `CannotServe` when nobody could listen there."""
    host, port = parse_bind(bind)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotServe(
            f"{bind} can't be used ({error.strerror}): stop what listens there, or choose another port, for "
            f"example {port + 1 if port < 65535 else port - 1}"
        ) from error
    return host, port


def check_migrated() -> None:
    """`CannotServe` when tables are missing or older than this version."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    connection.close()
    if waiting:
        raise CannotServe(f"the database lacks {len(waiting)} migration(s); run: highground migrate")


def serve(bind: str) -> NoReturn:
    """Serve until Ctrl-C or a signal to end, which lets the requests in hand finish; then end this process."""
    host, port = check_free(bind)
    check_migrated()
    from highground.web.assets import publish

    publish()
    cores = os.cpu_count() or 1
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    command += ["--workers", str(min(4, cores)), "--blocking-threads", str(min(4, 2 * cores))]
    command += ["--log-level", "warning", "--workers-kill-timeout", "5", "highground.wsgi:application"]
    sys.stdout.flush()
    server = subprocess.Popen(command, process_group=0, preexec_fn=_end_with_parent)  # noqa: S603
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: server.terminate())
    sys.exit(server.wait())


def _end_with_parent() -> None:
    """Where the system can: the server ends even if this process is killed without a word."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
