"""From the proposal of an exit to its end."""

from __future__ import annotations

import datetime

from highground.cases.actions.deciding import decide, family_answers
from highground.cases.actions.visiting import record_visit
from highground.cases.flow import CaseError
from highground.demo.cases.lists import call_together, hang_up, hold, take_it_down
from highground.demo.cases.scene import Scene, Steps


def _propose_exit(scene: Scene, day: datetime.date) -> None:
    kept = []
    for case in scene.cases:
        try:
            decide(case, step="propose_exit", outcome="propose", by=scene.staff.contact, today=day)
        except CaseError:
            continue  # something is still missing of this family: it stays where it is
        kept.append(case)
    scene.cases = kept


def _exit_visit(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        record_visit(
            case,
            outcome="confirmed",
            by=scene.staff.contact,
            visitors=[scene.staff.worker],
            day=day,
            today=day,
        )


def _exit_family(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        family_answers(case, outcome="agrees", by=scene.staff.contact, day=day, today=day)


def _exit_appraise(scene: Scene, day: datetime.date) -> None:
    call_together(scene, day, "exit_appraise")
    hold(scene, day, "exit_appraise", "include")


def _exit_hang(scene: Scene, day: datetime.date) -> None:
    hang_up(scene, day, "exit_notice")


def _exit_down(scene: Scene, day: datetime.date) -> None:
    take_it_down(scene, day)


def _exit_review(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        decide(case, step="exit_review", outcome="agree", by=scene.staff.township, today=day)


def _exit_decide(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        decide(case, step="exit_decide", outcome="eliminated", by=scene.staff.decides, today=day)


STEPS: Steps = {
    "exit_proposal": (200, _propose_exit),
    "exit_visit": (201, _exit_visit),
    "exit_family": (202, _exit_family),
    "exit_appraise": (205, _exit_appraise),
    "exit_hang": (206, _exit_hang),
    "exit_notice": (212, _exit_down),
    "exit_review": (214, _exit_review),
    "exit_decide": (216, _exit_decide),
}
"""The steps of an exit: how many days after the household was noticed, and what is done then."""
