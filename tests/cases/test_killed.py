"""A process is killed again and again while a thousand cases advance: no half step, nothing lost, nothing doubled."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

from tests.support.office import ROOT, Office

PREPARE = """
from django.core.management import call_command
from django.db import transaction
from highground.cases.flow import keep_time, procedure_for, state_of
from highground.cases.models import Case, CaseStep, Deadline, Turn
from highground.signals.actions import screen_register
from highground.support.actions.budgets import set_budget
from tests.support.case_path import open_office
from tests.support.register import BILLS, BOOK, FAMILY, TODAY, add_register
households = {"2231": ("BAIYUN", BILLS)} | {f"K{n:04}": ("BAIYUN", FAMILY) for n in range(1, 1000)}
office = open_office(add_register(households))
screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
for name in ("social_assistance",):
    set_budget(area=office.register.areas["LONGHE"], family=name, year=TODAY.year, amount=1_000_000,
               by=office.staff["county"], today=TODAY)
first = office.recognise("2231")
# The others stand where the first one stands: its rows, copied for every third; the rest have just been opened.
fields = [field.attname for field in Case._meta.concrete_fields if field.attname not in ("id", "household_id")]
steps = list(first.steps.order_by("sequence"))
blank = dict(status="open", class_id="", proposed_class="", rule_class="", differs=None, risks=[], recognised_on=None,
             first_recognised_on=None, contact_id=None, version=0)
with transaction.atomic():
    for place, household in enumerate(sorted(office.register.households.values(), key=lambda one: one.number)):
        if household.pk == first.household_id:
            continue
        values = {name: getattr(first, name) for name in fields}
        monitored = place % 6 == 0
        case = Case.objects.create(household=household, **(values if monitored else values | blank))
        if monitored:
            CaseStep.objects.bulk_create(
                CaseStep(case=case, sequence=one.sequence, step=one.step, outcome=one.outcome, effect=one.effect,
                         day=one.day, recorded_at=one.recorded_at, entered_on=one.entered_on, by=one.by,
                         people=one.people, role=one.role, data=one.data)
                for one in steps
            )
        keep_time(case, procedure_for(case), state_of(case), office.today)
        case.save()
"""

ADVANCE = """
import datetime
from decimal import Decimal
from highground.accounts.models import User
from highground.cases.actions.opening import assign
from highground.cases.models import Case
from highground.support.actions.delivering import deliver
from highground.support.actions.planning import NewLine, make_plan
from tests.support.register import TODAY
staff = {user.username: user for user in User.objects.all()}
today = TODAY + datetime.timedelta(days=9)
for case in Case.objects.everywhere(reason="test").order_by("pk"):
    if case.next_step == "assign":
        assign(case, contact=staff["contact"], by=staff["worker"], today=today)
    elif case.next_step == "plan":
        line = NewLine("temporary_relief", staff["contact"], today, amount=Decimal(100))
        make_plan(case, lines=[line], by=staff["contact"], today=today)
        case.refresh_from_db()
    if case.next_step == "deliver":
        line = case.plan.lines.get()
        deliver(line, day=today, key=f"k{line.pk}", amount=Decimal(100), by=staff["contact"], today=today)
print("done")
"""

CHECK = """
from collections import Counter
from highground.audit.actions import verify
from highground.audit.models import Event
from highground.cases.models import Case, CaseStep
from highground.support.models import Budget, Delivery, PlanLine
from tests.support.sequences import faults_of
why = dict(reason="test")
assert verify().sound
cases = list(Case.objects.everywhere(**why).select_related("household", "rulebook_version"))
assert len(cases) == 1000
for case in cases[::EVERY]:
    assert not faults_of(case), (case, faults_of(case))
taken = Counter(CaseStep.objects.everywhere(**why).filter(step__in=["plan", "deliver"]).values_list("step", flat=True))
kinds = ["cases.plan", "cases.deliver"]
events = Counter(Event.objects.filter(kind__in=kinds).values_list("kind", flat=True))
lines, deliveries = PlanLine.objects.everywhere(**why).count(), Delivery.objects.everywhere(**why).count()
budget = Budget.objects.everywhere(**why).get()
assert taken["plan"] == events["cases.plan"] == lines, (taken, events, lines)
assert taken["deliver"] == events["cases.deliver"] == deliveries, (taken, events, deliveries)
assert budget.spent == deliveries * 10_000 and budget.committed == (lines - deliveries) * 10_000, budget.__dict__
print(lines, deliveries, Counter(case.next_step for case in cases).get("assign", 0))
"""


def program(code: str) -> list[str]:
    return [sys.executable, "-c", f"import django\ndjango.setup()\n{code}"]


def environment(office: Office) -> dict[str, str]:
    return {**office.environment, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "HIGHGROUND_LOG_LEVEL": "ERROR"}


def run(office: Office, code: str) -> str:
    done = subprocess.run(
        program(code), env=environment(office), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_killed_while_a_thousand_cases_advance(new_office):
    office, chance = new_office(migrated=True), random.Random(11)
    run(office, PREPARE)
    kills = 0
    for _ in range(4):
        process = subprocess.Popen(program(ADVANCE), env=environment(office), stdout=subprocess.DEVNULL)
        time.sleep(2 + chance.random() * 3)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait()
        run(office, CHECK.replace("EVERY", "7"))
    assert kills >= 2
    assert run(office, ADVANCE).strip().endswith("done")
    assert run(office, CHECK.replace("EVERY", "1")).split() == ["167", "167", "0"]
