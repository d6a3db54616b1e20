"""Appraisal meetings and public notices, for recognition and for exit alike."""

from __future__ import annotations

import datetime

from highground.cases.actions.meetings import call_meeting, close_meeting, decide_item
from highground.cases.actions.notices import close_notice, post_notice
from highground.cases.actions.objections import file_objection
from highground.cases.models import Notice
from highground.demo.cases.scene import DAY, RULEBOOK, Scene

OBJECT_AT = "County office for rural affairs, counter 3"


def call_together(scene: Scene, day: datetime.date, step: str) -> None:
    call_meeting(
        area=scene.area,
        rulebook=RULEBOOK,
        step=step,
        day=day,
        entitled=31,
        cases=scene.cases,
        by=scene.staff.secretary,
        today=day,
    )


def hold(scene: Scene, day: datetime.date, step: str, outcome: str) -> None:
    meeting = scene.cases[0].meeting_items.select_related("meeting").latest("pk").meeting
    for item in meeting.items.select_related("case", "meeting__area"):
        decide_item(
            item,
            outcome=outcome,
            in_favour=21 if outcome == "include" else 3,
            against=0 if outcome == "include" else 16,
            abstained=2,
            reason="" if outcome == "include" else "Two sons send money every month.",
            by=scene.staff.secretary,
            today=day,
        )
    close_meeting(
        meeting,
        present=23,
        minutes="Each household was read out and discussed.",
        by=scene.staff.secretary,
        today=day,
    )


def hang_up(scene: Scene, day: datetime.date, step: str) -> None:
    scene.notice = post_notice(
        area=scene.area,
        rulebook=RULEBOOK,
        step=step,
        cases=scene.cases,
        object_at=OBJECT_AT,
        place="Board at the village office",
        by=scene.staff.secretary,
        day=day,
        today=day,
    )


def take_it_down(scene: Scene, day: datetime.date) -> None:
    assert scene.notice is not None
    scene.now = max(day, scene.notice.ends_on)
    close_notice(scene.notice, by=scene.staff.secretary, today=scene.now)


def object_to(notice: Notice, day: datetime.date) -> None:
    item = notice.items.order_by("line")[0]
    file_objection(item, text="They let a shop by the road.", by="public", day=day + DAY, today=day + DAY)
