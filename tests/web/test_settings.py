"""Settings come from the environment, and a new installation is safe without any."""

import dataclasses
import os
import stat
import subprocess
import sys

SHOW = """
from django.conf import settings as s
print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.ALLOWED_HOSTS)
"""


def test_a_new_installation_has_a_key_of_its_own_that_only_its_owner_reads(new_office) -> None:
    office = new_office()
    show = "from django.conf import settings; print(settings.SECRET_KEY)"
    first = office.python(show).strip()
    key = office.home / "secret_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(first) >= 50
    assert office.python(show).strip() == first == key.read_text()
    assert new_office().python(show).strip() != first


def test_processes_that_start_together_agree_on_the_key(new_office) -> None:
    office = new_office()
    code = "import highground.settings as s; print(s.SECRET_KEY)"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code], env=office.environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    keys = {process.communicate()[0].strip() for process in started}
    assert len(keys) == 1
    assert [file.name for file in office.home.iterdir()] == ["secret_key"]


def test_debug_is_off_and_https_is_strict_when_asked_for(new_office, monkeypatch) -> None:
    office = new_office()
    for name in ("DEBUG", "HIGHGROUND_HTTPS", "ALLOWED_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    assert office.python(SHOW).split(maxsplit=4)[:4] == ["False", "False", "False", "False"]
    monkeypatch.setenv("HIGHGROUND_HTTPS", "1")
    monkeypatch.setenv("ALLOWED_HOSTS", "highground.example, office.example")
    assert office.python(SHOW).strip() == "False True True True ['highground.example', 'office.example']"


def test_sqlite_waits_its_turn_and_lets_readers_read(new_office) -> None:
    office = dataclasses.replace(new_office(), database_url=None)
    code = """
from django.db import connection
with connection.cursor() as cursor:
    for name in ("journal_mode", "busy_timeout", "synchronous", "foreign_keys"):
        print(cursor.execute("PRAGMA " + name).fetchone()[0])
print(connection.transaction_mode)
"""
    assert office.python(code).split() == ["wal", "20000", "1", "1", "IMMEDIATE"]


def test_an_installation_can_be_checked_for_deployment(new_office, monkeypatch) -> None:
    office = new_office()
    monkeypatch.setenv("HIGHGROUND_HTTPS", "1")
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)  # the browser of other tests sets it
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "ERROR"],
        env=office.environment | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
