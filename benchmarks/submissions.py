"""`./run bench submissions`: forms from phones through the real server, as many at once as phones would send.

Each phone has a token of its own and a connection that it keeps; each form has its visit, three facts, and every third
one the family's words. Everything that a form causes (facts, visit, need, event) is stored before it is answered. On SQLite
at least 20 in a second must be taken in.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._harness import Bench, percentile

TARGET_PER_SECOND = 20
HOUSEHOLDS = 400

PREPARE = f"""
import json
from django.utils import timezone
from highground.accounts.devices import issue_device
from highground.people.models import Household
from highground.signals.actions import screen_register
from tests.support.casework import add_staff
from tests.support.register import BILLS, BOOK, add_register
register = add_register({{f"S{{n:04}}": ("BAIYUN", BILLS) for n in range({HOUSEHOLDS})}})
today = timezone.localdate()
screen_register(rulebook=BOOK, as_of=today, by="bench", today=today)
worker = add_staff(register)["huangmei"]
tokens = [issue_device(worker, name=f"phone {{n}}", by=str(worker.pk), today=today).token for n in range(PHONES)]
print(json.dumps({{"tokens": tokens, "keys": [one.key for one in register.households.values()], "today": str(today)}}))
"""

COUNT = """
import json
from highground.audit.actions import verify
from highground.cases.models import Visit
from highground.field.models import Submission
kept = Submission.objects.everywhere(reason="benchmark")
print(json.dumps({"kept": kept.count(), "applied": kept.filter(state="applied").count(),
                  "visits": Visit.objects.everywhere(reason="benchmark").count(), "sound": verify().sound}))
"""


class Phone(threading.Thread):
    """Sends its forms one after the other over one connection."""

    def __init__(self, port: int, token: str, forms: list[str]) -> None:
        super().__init__()
        self.port, self.token, self.forms = port, token, forms
        self.seconds: list[float] = []
        self.refused: list[str] = []

    def run(self) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        for form in self.forms:
            body, kind = multipart(form)
            began = time.perf_counter()
            line.request(
                "POST",
                "/field/submission",
                body,
                {"Content-Type": kind, "Authorization": f"Bearer {self.token}", "X-OpenRosa-Version": "1.0"},
            )
            answer = line.getresponse()
            told = answer.read()
            self.seconds.append(time.perf_counter() - began)
            if answer.status != 201:
                self.refused.append(f"{answer.status} {told[:200]!r}")
        line.close()


def multipart(xml: str) -> tuple[bytes, str]:
    """A form as a phone posts it, and its content type."""
    edge = uuid.uuid4().hex
    head = f'--{edge}\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="visit.xml"\r\n'
    return (
        f"{head}Content-Type: text/xml\r\n\r\n{xml}\r\n--{edge}--\r\n".encode(),
        f"multipart/form-data; boundary={edge}",
    )


def measure(database: str, forms: int, phones: int) -> dict[str, Any]:
    """Forms per second and the spread of the answers on one database."""
    from tests.support import disconnects, postgres
    from tests.support.office import Office
    from tests.support.phone import form
    from tests.support.serving import Server

    with tempfile.TemporaryDirectory(prefix="highground-bench-", ignore_cleanup_errors=True) as folder:
        cluster = postgres.Cluster().start() if database == "postgres" else None
        server = None
        try:
            office = Office(Path(folder) / "office" / "home", cluster.url() if cluster else None)
            office.home.parent.mkdir(parents=True)
            office.run("migrate")
            prepare = PREPARE.replace("PHONES", str(phones))
            told = json.loads(disconnects.python(office, prepare).splitlines()[-1])
            server = Server(office).start()
            made = [
                form(
                    told["keys"][number % HOUSEHOLDS],
                    kind="look",
                    day=told["today"],
                    outcome="calm",
                    note=f"Visit {number}",
                    facts={
                        "income_wage_12m": 20_000 + number,
                        "owns_car": number % 2 == 0,
                        "dwelling_unsafe": number % 5 == 0,
                    },
                    **(
                        {"need_words": f"Medicine {number}", "need_language": "en"} if number % 3 == 0 else {}
                    ),
                )
                for number in range(forms + phones)
            ]
            # One form each first: a process reads its rulebooks and opens its connections once.
            _send(server.port, told["tokens"], made[:phones])
            began, used = time.perf_counter(), server.cpu_seconds()
            senders = _send(server.port, told["tokens"], made[phones:])
            passed, used = time.perf_counter() - began, server.cpu_seconds() - used
            counted = json.loads(disconnects.python(office, COUNT).splitlines()[-1])
        finally:
            if server:
                server.kill()
            if cluster:
                cluster.stop()
    refused = [one for sender in senders for one in sender.refused]
    seconds = [one for sender in senders for one in sender.seconds]
    if refused or counted != {**dict.fromkeys(("kept", "applied", "visits"), forms + phones), "sound": True}:
        sys.exit(f"submissions on {database}: {counted}; refused {len(refused)}: {refused[:3]}")
    return {
        "forms": forms,
        "per_second": round(forms / passed, 1),
        "median_ms": round(percentile(seconds, 0.5) * 1000, 1),
        "p95_ms": round(percentile(seconds, 0.95) * 1000, 1),
        "worst_ms": round(max(seconds) * 1000, 1),
        "server_cpu_ms": round(used / forms * 1000, 1),
        "seconds": round(passed, 1),
    }


def _send(port: int, tokens: list[str], forms: list[str]) -> list[Phone]:
    senders = [Phone(port, token, forms[place :: len(tokens)]) for place, token in enumerate(tokens)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    return senders


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench submissions", description=__doc__)
    parser.add_argument("--forms", type=int, default=1000)
    parser.add_argument("--phones", type=int, default=4, help="how many send at once (default 4)")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    options = parser.parse_args()
    bench = Bench(
        "submissions",
        phones=options.phones,
        target_per_second=TARGET_PER_SECOND,
        load=round(os.getloadavg()[0], 1),
    )
    with tempfile.TemporaryDirectory(prefix="highground-bench-") as folder:
        os.environ["HIGHGROUND_HOME"], os.environ["DJANGO_SETTINGS_MODULE"] = folder, "highground.settings"
        import django

        django.setup()
        for database in ["sqlite", "postgres"] if options.database == "both" else [options.database]:
            found = measure(database, options.forms, options.phones)
            bench.add(database, **found)
            bench.hold(
                database != "sqlite" or found["per_second"] >= TARGET_PER_SECOND,
                f"{found['per_second']} forms a second on SQLite, not {TARGET_PER_SECOND}",
            )
    bench.finish()


if __name__ == "__main__":
    main()
