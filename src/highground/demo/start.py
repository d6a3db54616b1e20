"""Start the demonstration: choose its home, fill it when it is empty, say who can sign in, serve."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import click

MARK, UNFINISHED, LOGINS = "synthetic", "filling", "logins.json"
"""Files in the home: it is a demonstration; its filling has begun and not ended; who can sign in."""

MARK_TEXT = "All people, households and their figures in this installation are synthetic.\n"


class DemoError(RuntimeError):
    """The demonstration can't start here; the message says why and how to mend it."""


def default_home() -> Path:
    """The home of the demonstration: `demo` in the installation's own home."""
    return Path(os.environ.get("HIGHGROUND_HOME") or ".highground").expanduser().resolve() / "demo"


def demo(
    host: str = "127.0.0.1", port: int = 8000, home: Path | None = None, *, serve: bool = True
) -> dict[str, str]:
    """Fill the demonstration if it is empty, print the logins, and (unless told not to) serve until Ctrl-C.

    Returns passwords by user name when it does not serve. Sets Django up with the demonstration's home, so
    nothing may have set it up before. Raises DemoError when the place holds an installation that is not a
    demonstration.
    """
    home = (home or default_home()).expanduser().resolve()
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if serve:
        from highground.operate.serving import check_free

        check_free(bind)
    os.umask(0o077)
    _make_way(home)
    os.environ["HIGHGROUND_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "highground.settings")
    import django

    django.setup()
    from highground.demo import filling

    if not (home / LOGINS).exists():
        filling.check_empty()
        with _only_one(home / UNFINISHED):
            passwords = {user: _password() for user in filling.USERS}
            filling.fill(passwords)
            (home / LOGINS).write_text(json.dumps(passwords))
            (home / UNFINISHED).unlink()
    filling.check_filled()
    logins: dict[str, str] = json.loads((home / LOGINS).read_text())
    _say(filling.who_is_who(), logins, f"http://{bind}/", home)
    if serve:
        from highground.operate.serving import serve as run_server

        run_server(bind)
    return logins


@contextmanager
def _only_one(file: Path) -> Iterator[None]:
    """Hold the lock on `file`, which stays behind when the process dies; DemoError when another one holds it."""
    with file.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(
                f"another start is filling {file.parent} right now; wait until it has finished"
            ) from None
        yield


def _make_way(home: Path) -> None:
    """Leave `home` as a marked demonstration, whole or empty; touch nothing that is not one."""
    if not (home / MARK).exists() and home.exists() and any(home.iterdir()):
        raise DemoError(
            f"{home} holds an installation that is no demonstration; choose another place with --home"
        )
    if (home / UNFINISHED).exists():
        with _only_one(home / UNFINISHED):
            if os.environ.get("DATABASE_URL"):
                raise DemoError(
                    "the filling of this demonstration was cut off: let DATABASE_URL name a new, empty "
                    f"database, delete {home}, and start again"
                )
            click.echo("An earlier start was cut off; starting over.")
            shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (home / MARK).write_text(MARK_TEXT)


def _password() -> str:
    """Three words and a number: easy to type, and nobody else's."""
    words = (files("highground") / "data" / "demo" / "words.txt").read_text(encoding="utf-8").split()
    return "-".join([*(secrets.choice(words) for _ in range(3)), str(secrets.randbelow(90) + 10)])


def _say(people: list[tuple[str, str]], logins: dict[str, str], address: str, home: Path) -> None:
    click.echo("\nSign in with one of these (all people and figures are synthetic):\n")
    for user, what in people:
        if user in logins:  # a demonstration of an earlier version lacks those who joined later
            click.echo(f"  {user:<10} {logins[user]:<30} {what}")
    click.echo(f"\nStart with weilan at {address}")
    click.echo(f"Ctrl-C stops; the same command starts again. To begin anew, delete {home}\n")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Where to listen."
)
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="Folder of the demonstration.")
@click.option("--serve/--no-serve", default=True, help="Serve when all is ready, or only make it ready.")
def command(host: str, port: int, home: Path | None, serve: bool) -> None:
    """Fill and serve a synthetic county and district, with their clues, on this machine.

    The first start takes one to two minutes, later ones a few seconds.
    """
    demo(host, port, home, serve=serve)
