"""Visits by a phone whose network, browser and server fail again and again, and what must hold afterwards.

The browser, the server and the database are real. Faults are drawn by a seed; what they meet is a matter of timing.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Error

from tests.support.handset import Handset, photo, set_up, unlock
from tests.support.office import ROOT, Office
from tests.support.serving import Line, on_the_line, wait_for

NUMBERS = ("2231", "3096", "0874", "0122")
"""The households that are visited."""

PREPARE = """
from django.utils import timezone
from highground.signals.actions import screen_register
from tests.support.casework import add_staff
from tests.support.register import BOOK, add_register
register = add_register()
today = timezone.localdate()
screen_register(rulebook=BOOK, as_of=today, by="test", today=today)
add_staff(register, sign_in=["huangmei"])
"""

ARRIVED = """
import json
from highground.audit.actions import verify
from highground.cases.models import Need, Visit
from highground.field.models import Submission, SubmissionFile
why = dict(reason="test")
print(json.dumps({
    "visits": list(Visit.objects.everywhere(**why).order_by("pk").values_list("household__number", "note")),
    "needs": sorted(Need.objects.everywhere(**why).values_list("words", flat=True)),
    "submissions": Submission.objects.everywhere(**why).count(),
    "problems": [one for kept in Submission.objects.everywhere(**why) for one in kept.problems],
    "files": SubmissionFile.objects.everywhere(**why).exclude(hash="").count(),
    "lacking": SubmissionFile.objects.everywhere(**why).filter(hash="").count(),
    "sound": verify().sound,
}))
"""

ON_THE_PHONE = ("offline", "reload", "browser_killed", "two_pages", "double_tap")
"""Faults on the side of the phone; those of the line are `Line.KINDS`."""


@dataclass
class Storm:
    """What was saved on the phone, in order, and what struck."""

    saved: list[tuple[str, str]] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    photos: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    arrived: dict[str, Any] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Visits, needs and photos that were saved and did not arrive."""
        missing = Counter(self.saved) - Counter(self._visits)
        words = Counter(self.needs) - Counter(self.arrived["needs"])
        return missing.total() + words.total() + max(0, self.photos - self.arrived["files"])

    @property
    def doubled(self) -> int:
        """Visits, needs and photos that arrived more often than they were saved."""
        more = Counter(self._visits) - Counter(self.saved)
        words = Counter(self.arrived["needs"]) - Counter(self.needs)
        return more.total() + words.total() + max(0, self.arrived["files"] - self.photos)

    @property
    def out_of_order(self) -> list[str]:
        """Households whose visits did not arrive in the order in which they were saved."""
        return [
            number for number in NUMBERS if self._of(self._visits, number) != self._of(self.saved, number)
        ]

    @property
    def _visits(self) -> list[tuple[str, str]]:
        return [(number, note) for number, note in self.arrived["visits"]]

    @staticmethod
    def _of(visits: list[tuple[str, str]], wanted: str) -> list[str]:
        found: dict[str, list[str]] = defaultdict(list)
        for number, note in visits:
            found[number].append(note)
        return found[wanted]


def python(office: Office, code: str) -> str:
    """Run code in an installation with the tests' own helpers at hand."""
    environment = {
        **office.environment,
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "HIGHGROUND_LOG_LEVEL": "ERROR",
    }
    done = subprocess.run(
        [sys.executable, "-c", f"import django\ndjango.setup()\n{code}"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def run(office: Office, chromium: Any, folder: Path, *, faults: int, seed: int) -> Storm:
    """Visit households until so many faults have struck, then let the line be still until everything has gone."""
    chance = random.Random(seed)
    python(office, PREPARE)
    with on_the_line(office, chance) as line:
        phone = _Phone(Handset(chromium, folder, line.url), line, chance)
        phone.page = phone.handset.start()
        set_up(phone.page, *NUMBERS)
        while (phone.storm.struck + line.struck).total() < faults:
            phone.visit()
        line.calm()
        phone.empty()
        phone.page.context.close()
        phone.storm.struck.update(line.struck)
        assert phone.handset.troubles == [], phone.handset.troubles
    phone.storm.arrived = json.loads(python(office, ARRIVED).splitlines()[-1])
    return phone.storm


class _Phone:
    """The worker with the phone in the hand."""

    def __init__(self, handset: Handset, line: Line, chance: random.Random) -> None:
        self.handset, self.line, self.chance = handset, line, chance
        self.storm = Storm()
        self.page: Any = None
        self._faults: list[str] = []

    def visit(self) -> None:
        """Write and save one visit while something fails."""
        fault = self._next_fault()
        if fault in Line.KINDS:
            self.line.arm(fault, after=self.chance.randrange(3))
        if fault == "offline":
            self.page.context.set_offline(True)
        number = self.chance.choice(NUMBERS)
        note = f"Visit {len(self.storm.saved) + 1}"
        self._write(number, note)
        if fault == "double_tap":
            self.page.get_by_role("button", name="Save the visit").dblclick()
        else:
            self.page.get_by_role("button", name="Save the visit").click()
        self._outbox().wait_for()
        self.storm.saved.append((number, note))
        if fault in ON_THE_PHONE:
            self.storm.struck[fault] += 1
            getattr(self, f"_{fault}")()

    def _next_fault(self) -> str:
        """Every kind in turn, in an order that is drawn anew each time: a short storm has them all."""
        if not self._faults:
            self._faults = [*Line.KINDS, *ON_THE_PHONE]
            self.chance.shuffle(self._faults)
        return self._faults.pop()

    def _write(self, number: str, note: str) -> None:
        page = self.page
        page.goto("/field/#households")
        page.get_by_role("link", name=re.compile(f"Household {number}")).click()
        page.get_by_label("Note").fill(note)
        if self.chance.random() < 0.2:
            self.storm.needs.append(f"Medicine {note}")
            page.get_by_label("In their own words").fill(f"Medicine {note}")
        if self.chance.random() < 0.25:
            self.storm.photos += 1
            page.locator("#photos").set_input_files(photo(320, 240, name=f"{note}.jpg"))
            page.get_by_text("Photo added.").wait_for()

    def _outbox(self) -> Any:
        return self.page.get_by_role("heading", name=re.compile("waiting to send"))

    def _offline(self) -> None:
        self.page.wait_for_timeout(self.chance.randrange(300))
        self.page.context.set_offline(False)

    def _reload(self) -> None:
        self.page.wait_for_timeout(self.chance.randrange(200))
        self.page.reload()
        unlock(self.page)

    def _browser_killed(self) -> None:
        self.page.wait_for_timeout(self.chance.randrange(200))
        self.page.context.close()
        self.page = self.handset.start()
        # Where the server is away just now, the page comes from the phone itself.
        self.page.goto("/field/")
        unlock(self.page)

    def _two_pages(self) -> None:
        """A second page of the same phone sends at the same time."""
        other = self.page.context.new_page()
        other.goto("/field/#outbox")
        unlock(other)
        for page in (self.page, other):
            button = page.get_by_role("button", name="Try now")
            if button.count():
                button.dispatch_event("click")
        other.close()

    def _double_tap(self) -> None:
        """What it does is done in `visit`."""

    def empty(self) -> None:
        """Press "Try now" until nothing waits any more."""
        self.page.goto("/field/#outbox")
        self._outbox().wait_for()

        def gone() -> bool:
            if self.page.get_by_role("heading", name="Nothing waiting to send").count():
                return True
            try:
                self.page.get_by_role("button", name="Try now").click(timeout=500)
            except Error:  # the page is drawn anew just now
                return False
            return False

        assert wait_for(gone, 120), self.page.locator("main").inner_text()
