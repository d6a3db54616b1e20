"""The commands: open a forum, add the known ones, take the pages along, send letters."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from highground.forum.commands import forum
from highground.forum.models import Forum
from highground.outbox.commands import outbox

pytestmark = pytest.mark.django_db

OPEN = [
    "open",
    "nanning-2027",
    "--name",
    "N",
    "--place",
    "Nanning",
    "--country",
    "cn",
    "--first-day",
    "2027-06-22",
]


def test_open_and_what_is_wrong_is_said() -> None:
    run = CliRunner()
    done = run.invoke(forum, [*OPEN, "--call-opens", "2027-01-10", "--call-closes", "2027-03-31"])
    assert done.output == "Opened: /forum/nanning-2027/\n", done.output
    made = Forum.objects.get()
    assert made.call_closes is not None
    assert f"{made.call_closes.astimezone(made.call_opens.tzinfo):%Y-%m-%d %H:%M %z}" in (
        "2027-03-31 16:00 +0000",
        "2027-04-01 00:00 +0800",
    )
    assert "already exists" in run.invoke(forum, OPEN).output
    assert "no time zone called Mars" in run.invoke(forum, [*OPEN, "--time-zone", "Mars"]).output
    assert "no area has the code X" in run.invoke(forum, [*OPEN, "--area", "X"]).output


def test_known_forums_come_once_and_go_along(tmp_path) -> None:
    run = CliRunner()
    assert run.invoke(forum, ["known"]).output == "Added: 7\n"
    assert run.invoke(forum, ["known"]).output == "Added: 0\n"
    assert "index.html" in run.invoke(forum, ["take-along", str(tmp_path / "stick")]).output
    assert "is not empty" in run.invoke(forum, ["take-along", str(tmp_path / "stick")]).output
    chinese = run.invoke(forum, ["take-along", str(tmp_path / "zh"), "--language", "zh-hans"])
    assert "index.html" in chinese.output, chinese.output
    assert "论坛" in (tmp_path / "zh" / "index.html").read_text() and "论坛" not in (
        tmp_path / "stick" / "index.html"
    ).read_text().replace("简体中文", "")
    assert "do not speak xx" in run.invoke(forum, ["take-along", "x", "--language", "xx"]).output


def test_letters_wait_without_a_mail_server(settings) -> None:
    settings.EMAIL_HOST = ""
    assert "no mail server" in CliRunner().invoke(outbox, ["send"]).output
    settings.EMAIL_HOST = "localhost"
    assert CliRunner().invoke(outbox, ["send"]).output == "sent 0, not sent 0\n"
