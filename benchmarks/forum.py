"""`./run bench forum`: people join a session within a minute, ask and vote; how long each answer takes, and that nothing is lost.

Serves a home that is thrown away (SQLite) with granian, as an office is served. 150 people open the page of a session within a
minute and poll its queue every four seconds; meanwhile 30 questions and 300 votes are sent. Every answer is timed by the
client. Afterwards the database is asked what it holds.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._harness import ROOT, Bench

TARGET_MS = 300
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
EVERY = 4.0


class Guest:
    """One browser: a kept connection, a cookie, the tag of the queue it has."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address, self.tag, self.token, self.cookie = port, address, "", "", ""
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, address: str, body: str = "", **headers: str) -> tuple[Any, bytes, float]:
        """Send one request: the answer, its body, the seconds it took."""
        began = time.perf_counter()
        self.line.request(
            method, address, body or None, {"Host": "localhost", "Cookie": self.cookie, **headers}
        )
        answer = self.line.getresponse()
        content = answer.read()
        return answer, content, time.perf_counter() - began

    def join(self) -> float:
        answer, content, seconds = self.ask("GET", self.address)
        assert answer.status == 200, answer.status
        self.cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        found = TOKEN.search(content.decode())
        assert found
        self.token = found[1]
        return seconds

    def poll(self) -> float:
        answer, _content, seconds = self.ask("GET", f"{self.address}live", **{"If-None-Match": self.tag})
        assert answer.status in (200, 304), answer.status
        self.tag = answer.getheader("ETag") or ""
        return seconds

    def send(self, items: list[dict[str, Any]]) -> tuple[float, dict[str, Any]]:
        answer, content, seconds = self.ask(
            "POST", f"{self.address}live", json.dumps(items),
            **{"Content-Type": "application/json", "X-CSRFToken": self.token, "Referer": "http://localhost/"},
        )  # fmt: skip
        assert answer.status == 200, (answer.status, content[:300])
        return seconds, json.loads(content)


def prepare(people: int) -> list[str]:
    """A forum whose session runs now, in the database of this process: the address of each guest's page."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from highground.forum import keys
    from highground.forum.models import Forum, Participant, Session

    call_command("migrate", verbosity=0)
    now = timezone.now()
    forum = Forum.objects.create(
        code="bench", names={"en": "Bench"}, place="Nanning", country="CN", year=now.year, first_day=now.date(),
        last_day=now.date(), synthetic=True,
    )  # fmt: skip
    Session.objects.create(forum=forum, code="opening", titles={"en": "Opening"}, starts=now, minutes=600)
    made = Participant.objects.bulk_create(
        Participant(
            forum=forum, name=f"Guest {number}", organisation="Office", country="LA", key=keys.new_key(),
            badge=keys.new_badge(), status="accepted",
        )
        for number in range(people)
    )  # fmt: skip
    return [f"/forum/me/{keys.link_of(keys.PERSON, one.key)}/opening/" for one in made]


def play(
    port: int, addresses: list[str], seconds: float, questions: int, votes: int
) -> dict[str, list[float]]:
    """Everybody at once, each in a thread; the seconds of every answer by what it was."""
    drawn = random.Random(1)
    took: dict[str, list[float]] = {"join": [], "poll": [], "ask": [], "vote": []}
    asked: list[int] = []
    lock, begin = threading.Lock(), time.monotonic()
    people = len(addresses)
    asks = sorted((drawn.uniform(0.2, 0.9) * seconds, drawn.randrange(people)) for _ in range(questions))
    marks = sorted((drawn.uniform(0.3, 1) * seconds, drawn.randrange(people)) for _ in range(votes))
    counted = {"votes": 0}

    def live(number: int) -> None:
        guest = Guest(port, addresses[number])
        at = number / people * seconds
        todo = [(when, "ask") for when, who in asks if who == number] + [
            (when, "vote") for when, who in marks if who == number
        ]
        time.sleep(max(0.0, begin + at - time.monotonic()))
        done = guest.join()
        with lock:
            took["join"].append(done)
        todo = sorted((max(when, at), what) for when, what in todo)
        following = time.monotonic()
        while (now := time.monotonic()) < begin + seconds or todo:
            if todo and now >= begin + todo[0][0]:
                _when, what = todo.pop(0)
                if what == "ask":
                    done, answer = guest.send(
                        [{"ask": f"q-{number:05}-{len(todo):05}", "text": "Who keeps the cow?"}]
                    )
                    ids = [one["id"] for one in answer["queue"]]
                else:
                    with lock:
                        choice = drawn.choice(asked) if asked else 0
                    done, answer = guest.send([{"vote": choice}])
                    ids = [one["id"] for one in answer["queue"]]
                    with lock:
                        counted["votes"] += answer["votes"]
                with lock:
                    took[what].append(done)
                    asked[:] = ids or asked
            elif now >= following:
                following = now + EVERY
                done = guest.poll()
                with lock:
                    took["poll"].append(done)
            else:
                time.sleep(0.05)

    threads = [threading.Thread(target=live, args=(number,)) for number in range(people)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    took["counted"] = [float(counted["votes"])]
    return took


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench forum", description=__doc__)
    parser.add_argument("--people", type=int, default=150)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--questions", type=int, default=30)
    parser.add_argument("--votes", type=int, default=300)
    parser.add_argument("--port", type=int, default=8765)
    given = parser.parse_args()
    bench = Bench(
        "forum", people=given.people, seconds=given.seconds, questions=given.questions, votes=given.votes
    )
    with tempfile.TemporaryDirectory(prefix="highground-bench-") as home:
        os.environ |= {"HIGHGROUND_HOME": home, "DJANGO_SETTINGS_MODULE": "highground.settings"}
        os.environ.pop("DATABASE_URL", None)
        addresses = prepare(given.people)
        with served(given.port):
            took = play(given.port, addresses, given.seconds, given.questions, given.votes)
        from highground.forum.models import LiveQuestion, LiveVote

        counted = int(took.pop("counted")[0])
        for name, seconds in took.items():
            if seconds:
                bench.times(name, seconds)
        held = LiveQuestion.objects.everywhere(reason="benchmark").count()
        voted = LiveVote.objects.everywhere(reason="benchmark").count()
        bench.add(
            "kept",
            questions_sent=len(took["ask"]),
            questions_kept=held,
            votes_counted=counted,
            votes_kept=voted,
        )
        lost = len(took["ask"]) - held + counted - voted
        bench.finish(lost=lost, target_ms=TARGET_MS)
    sys.exit(1 if lost else 0)


@contextmanager
def served(port: int) -> Iterator[None]:
    """The installation of this environment behind `highground serve`."""
    server = subprocess.Popen(
        [sys.executable, "-m", "highground", "serve", "--bind", f"127.0.0.1:{port}"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait(port)
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait(port: int) -> None:
    """Until the server answers."""
    for _try in range(300):
        try:
            Guest(port, "").ask("GET", "/forum/")
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()
