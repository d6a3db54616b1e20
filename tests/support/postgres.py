"""A throwaway PostgreSQL cluster for tests: a temporary folder, a socket in it, no network.

PostgreSQL refuses to run as root, so for root the server runs as an unprivileged user.
"""

import atexit
import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

MEND = "install it (Debian: apt-get install postgresql) or set DATABASE_URL to a PostgreSQL of yours"
USER = "highground"
DATABASE = "highground"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "50",
    "autovacuum_naptime": "1h",
}


class Unavailable(Exception):
    """There is no PostgreSQL that tests could use; the message says why and how to mend it."""


def binaries() -> Path:
    """The folder of the newest PostgreSQL server, from PATH or where Debian keeps it."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql")
    folders = [folder / "bin" for folder in versions.glob("*") if (folder / "bin" / "initdb").exists()]
    if not folders:
        raise Unavailable(f"no PostgreSQL server was found: {MEND}")
    return max(folders, key=lambda folder: int(folder.parent.name))


def _unprivileged() -> pwd.struct_passwd | None:
    """The user who runs the server when we are root; None when we are somebody else already."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Unavailable("root may not run PostgreSQL and there is no user postgres or nobody")


class Cluster:
    """One server in a temporary folder; `url(database)` is what DATABASE_URL takes."""

    def __init__(self) -> None:
        self._binaries = binaries()
        self._account = _unprivileged()
        self.folder = Path(tempfile.mkdtemp(prefix="highground-pg-", dir="/tmp"))
        if self._account:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        self._log = self.folder / "log"
        self._server: subprocess.Popen[bytes] | None = None

    def _command(self, name: str, *arguments: str) -> dict[str, object]:
        account = self._account
        return {
            "args": [str(self._binaries / name), *arguments],
            "user": account.pw_uid if account else None,
            "group": account.pw_gid if account else None,
            "extra_groups": [] if account else None,
            "cwd": self.folder,
            "env": {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            "stdin": subprocess.DEVNULL,
        }

    def start(self) -> "Cluster":
        """Make the cluster and wait until it answers; `Unavailable` says what went wrong."""
        data = self.folder / "data"
        made = subprocess.run(
            **self._command(  # type: ignore[call-overload]
                "initdb",
                f"--pgdata={data}",
                f"--username={USER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-sync",
            ),
            capture_output=True,
            text=True,
        )
        if made.returncode:
            self.stop()
            raise Unavailable(f"initdb failed: {made.stderr.strip()[-500:]}")
        options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(
                **self._command(
                    "postgres", "-D", str(data), f"-cunix_socket_directories={self.folder}", *options
                ),  # type: ignore[call-overload]
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        atexit.register(self.stop)
        self._wait()
        self.create(DATABASE)
        return self

    def _wait(self, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            asked = subprocess.run(**self._command("pg_isready", "-q", "-h", str(self.folder)))  # type: ignore[call-overload]
            if asked.returncode == 0:
                return
            if self._server and self._server.poll() is not None:
                break
            time.sleep(0.05)
        said = self._log.read_text(errors="replace")[-500:]
        self.stop()
        raise Unavailable(f"the throwaway PostgreSQL did not start: {said}")

    def create(self, database: str) -> str:
        """Make an empty database and return its URL."""
        subprocess.run(
            **self._command("createdb", "-h", str(self.folder), "-U", USER, database),  # type: ignore[call-overload]
            check=True,
        )
        return self.url(database)

    def url(self, database: str = DATABASE) -> str:
        """What DATABASE_URL takes to reach `database` in this cluster."""
        return f"postgresql://{USER}@{quote(str(self.folder), safe='')}/{database}"

    def stop(self) -> None:
        """Stop the server at once and remove every trace; safe to call twice."""
        atexit.unregister(self.stop)
        if self._server and self._server.poll() is None:
            self._server.send_signal(3)  # SIGQUIT: immediate shutdown, nothing here is worth a checkpoint
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.wait(10)
            if self._server.poll() is None:
                self._server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
