"""A planning run as a background job: write the tables, let the planner work in a process of its own, keep what it found.

The row of the plan is the queue: whoever finds it waiting takes it (`work`). A run that was cut off is taken again once
nothing was heard of it for `SILENT`: it begins anew in a new folder, so that no half plan is ever kept. The planner and the
checker are the commands `highground teams plan` and `certify`: two programs, of which the second trusts nothing of the first.
"""

from __future__ import annotations

import csv
import datetime
import json
import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from highground.audit.actions import record
from highground.methods.allocate.policy import Policy
from highground.teams.enums import PlanStatus
from highground.teams.ground import BY_THE_PLANNER, TeamsError, norms_if_there, norms_of
from highground.teams.models import Candidate, Plan, Posting
from highground.teams.queries import needs_below
from highground.teams.tables import write_input

SILENT = datetime.timedelta(minutes=30)
BATCH = 2000
WEIGHED_UP_TO = 3_000
"""Villages up to which a plan is made six times more, to see what hangs on its weights."""
log = logging.getLogger(__name__)


class PlannerFailed(RuntimeError):
    """The planner or the checker ended with an error; the message is its last line."""


def folder_of(plan: Plan) -> Path:
    """Where the tables and the plan of a run lie: `in` and `plan`."""
    return Path(settings.HIGHGROUND_HOME) / "teams" / str(plan.pk)


def policy_of(plan: Plan) -> Policy:
    """The weights and hard rules that a plan is made under."""
    return norms_of(plan.norms).weights.but(**plan.weights)


def start(plan: Plan) -> None:
    """Have a waiting plan worked out beside the server, once the transaction that made it is through."""

    def begin() -> None:
        threading.Thread(target=_work_alone, args=(plan.pk,), name=f"plan-{plan.pk}", daemon=True).start()

    transaction.on_commit(begin)


def take_up(plan: Plan) -> None:
    """Begin again where the process that worked a plan out has died, as after a restart of the server."""
    if plan.pk in waiting():
        start(plan)


def _work_alone(number: int) -> None:
    try:
        work(number)
    except Exception:
        log.exception("plan %s was not worked out", number)
    finally:
        connection.close()


def waiting() -> list[int]:
    """The plans that wait, and those of which nothing was heard for too long."""
    every = Plan.objects.everywhere(reason=BY_THE_PLANNER)
    return list(every.filter(_to_be_done()).order_by("pk").values_list("pk", flat=True))


def _to_be_done() -> Q:
    silent = Q(status=PlanStatus.RUNNING, heard_at__lt=timezone.now() - SILENT)
    return Q(status=PlanStatus.WAITING) | silent


def work(number: int) -> bool:
    """Work a plan out, if nobody else has taken it; whether it was taken."""
    every = Plan.objects.everywhere(reason=BY_THE_PLANNER)
    taken = every.filter(_to_be_done(), pk=number).update(
        status=PlanStatus.RUNNING, heard_at=timezone.now(), share=0
    )
    if not taken:
        return False
    plan = every.select_related("area", "parent").get(pk=number)
    try:
        _run(plan)
    except Exception as error:
        every.filter(pk=number, status=PlanStatus.RUNNING).update(
            status=PlanStatus.FAILED, problem=str(error)[:2000]
        )
        if not isinstance(error, PlannerFailed | TeamsError):
            raise
    return True


def _run(plan: Plan) -> None:
    folder = folder_of(plan)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    norms = norms_of(plan.norms)
    pairs = write_input(folder / "in", plan, norms)
    (folder / "policy.yaml").write_text(policy_of(plan).text(), encoding="utf-8")
    out, tables = folder / "plan", folder / "in"
    if plan.mode == "plan" or plan.parent is None:
        words = ["plan", "--in", tables, "--policy", folder / "policy.yaml", "--out", out, "--progress"]
    else:
        gone = folder / "withdrawn.csv"
        with gone.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["person"], *([one] for one in plan.withdrawn)])
        before = folder_of(plan.parent) / "plan"
        words = ["repair", before, "--in", tables, "--withdrawn", gone, "--out", out, "--mode", plan.mode]
    told = _call(words, lambda line: _heard(plan.pk, line))
    shown = _read_json(_call(["certify", out, "--in", tables, "--json"], lambda line: None).splitlines()[-1])
    shown["villages"] = pq.read_metadata(tables / "villages.parquet").num_rows
    shown["borrowed"] = borrowed_in(out / "plan.parquet", tables)
    course = out / "course.json"
    _keep(
        plan,
        certificate=shown,
        course=_read_json(course.read_text()) if course.is_file() else [],
        findings=[line.removeprefix("note: ") for line in told.splitlines() if line.startswith("note: ")],
        barred={"people": pairs.barred, "pairs": dict(pairs.forbidden)},
    )
    if shown["villages"] <= WEIGHED_UP_TO and not shown["wrong"]:
        told = _call(["weigh", out, "--in", tables, "--json"], lambda line: None)
        Plan.objects.everywhere(reason=BY_THE_PLANNER).filter(pk=plan.pk).update(
            weighed=_read_json(told.splitlines()[-1])
        )


def borrowed_in(plan: Path, tables: Path) -> list[list[Any]]:
    """How many people each county sends to each other one, the most first: `[from, to, people]`, codes of counties.

    Who lives in no county, or is posted to a village of none, is not counted.
    """
    pairs = (
        pq.read_table(plan, columns=["person", "village"])
        .join(pq.read_table(tables / "people.parquet", columns=["person", "county"]), "person")
        .rename_columns(["person", "village", "home"])
        .join(pq.read_table(tables / "villages.parquet", columns=["village", "county"]), "village")
    )
    pairs = pairs.filter(pc.not_equal(pairs["home"], pairs["county"]))
    found = pairs.group_by(["home", "county"]).aggregate([([], "count_all")]).to_pylist()
    rows = [[one["home"], one["county"], one["count_all"]] for one in found]
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def _read_json(text: str) -> Any:
    """JSON in which what is no number (the gap of a plan worth nothing) is null: databases keep nothing else."""
    return json.loads(text, parse_constant=lambda _word: None)


def _call(words: list[Any], heard: Callable[[str], None]) -> str:
    """Run a verb of `highground teams` in a process of its own; what it wrote. `heard` gets each line of its stderr."""
    with subprocess.Popen(  # noqa: S603 - our own program, with words of our own and the paths of a plan
        [sys.executable, "-m", "highground", "teams", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        last = ""
        for line in process.stderr:
            heard(line)
            last = line.strip() or last
        told = process.stdout.read()
    # The checker ends with 1 where something does not hold, and says what.
    if process.returncode not in (0, 1) or (process.returncode == 1 and not told):
        raise PlannerFailed(last or f"the planner ended with {process.returncode}")
    return told


def _heard(number: int, line: str) -> None:
    try:
        share = float(line)
    except ValueError:
        return
    Plan.objects.everywhere(reason=BY_THE_PLANNER).filter(pk=number).update(
        share=share, heard_at=timezone.now()
    )


@transaction.atomic
def _keep(plan: Plan, *, certificate: dict[str, Any], **found: Any) -> None:
    """Keep the postings and the certificate; one event. Set-wise: two queries for the ids, then batches."""
    rows = pq.read_table(folder_of(plan) / "plan" / "plan.parquet").to_pylist()
    reason = BY_THE_PLANNER
    people = dict(
        Candidate.objects.everywhere(reason=reason)
        .filter(unit__area__path__startswith=plan.area.path)
        .values_list("code", "pk")
    )
    villages = dict(needs_below(plan.area, reason=reason).values_list("village__code", "village"))
    Posting.objects.everywhere(reason=reason).filter(plan=plan).delete()
    Posting.objects.bulk_create(
        (
            Posting(
                plan=plan, candidate_id=people[row["person"]], village_id=villages[row["village"]], role=row["role"],
                locked=row["locked"],
            )
            for row in rows
        ),
        batch_size=BATCH,
    )  # fmt: skip
    plan.status = PlanStatus.FAILED if certificate["wrong"] else PlanStatus.DRAFT
    plan.problem = "\n".join(certificate["wrong"])
    plan.certificate, plan.share = certificate, 1
    for name, value in found.items():
        setattr(plan, name, value)
    plan.save()
    record(
        "teams.plan",
        by=plan.by,
        subject_kind="team_plan",
        subject_id=str(plan.pk),
        area_path=plan.area.path,
        data={
            "number": plan.number,
            "mode": plan.mode,
            "norms": plan.norms,
            "policy": policy_of(plan).hash,
            "postings": len(rows),
            "objective": certificate["objective"],
            "vacancies": certificate["vacancies"],
        },
    )


def weights_of(plan: Plan) -> dict[str, int]:
    """The weights of a plan, those of its norms where nothing else was said, as far as these are still there."""
    if norms_if_there(plan.norms) is None:
        return dict(plan.weights)
    return {name: value for name, value in policy_of(plan).values().items() if not isinstance(value, bool)}
