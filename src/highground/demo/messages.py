"""Messages from the public page, in every state, so that the village, the township and the county each find some."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from highground.accounts.models import User
from highground.areas.models import Area
from highground.cases.enums import MessageKind
from highground.cases.models import Message
from highground.cases.public import codes
from highground.cases.public.actions import Letter, answer_message, link_household, send_message, take_up
from highground.people.models import Household

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """A message that was sent `age` days ago, taken up by `by` (a user name), and perhaps answered."""

    age: int
    kind: MessageKind
    words: str = ""
    trouble: str = ""
    name: str = ""
    phone: str = ""
    for_county: bool = False
    notice: tuple[str, str] = ("", "")
    by: str = ""
    linked: bool = False
    answer: str = ""


TOLD = (
    Told(1, MessageKind.REPORT, "孩子发高烧住院，家里钱不够了。", "illness", "覃阿婆", "0770-5550101"),
    Told(4, MessageKind.REPORT, "水管断了三天，要去河边挑水。", "unsafe_water"),
    Told(2, MessageKind.REPORT, "厂里停工，两个人都回来了。", "unstable_work", "蒙叔", by="pangyun", linked=True),
    Told(9, MessageKind.REPORT, "猪都病死了。", "industry_failure", by="pangyun",
         answer="兽医星期三到您家，买猪仔的钱也一起商量。"),
    Told(3, MessageKind.REPORT, "申请交了两次，都说没收到。", "other", for_county=True),
    Told(2, MessageKind.OBJECTION, "他家在镇上有两间铺面。", notice=("小卖部门口那张红纸", "2")),
    Told(5, MessageKind.GRIEVANCE, "填表要收五十块钱。", for_county=True, phone="0770-5550107"),
    Told(20, MessageKind.GRIEVANCE, "公示贴在锁着的屋里，谁也看不到。", by="weilan",
         answer="公示已经改贴到村口，重新计满天数。"),
)  # fmt: skip
"""Invented, like everything in the demonstration."""


def add_messages(today: datetime.date, users: Mapping[str, User]) -> None:
    """Send them from Baiyun, each on its day, and bring each as far as it went."""
    village = Area.objects.get(names__en="Baiyun", level="village", synthetic=True)
    for told in TOLD:
        day = today - told.age * DAY
        code, line = told.notice
        letter = Letter(
            kind=told.kind,
            area=village,
            trouble=told.trouble,
            words=told.words,
            language="zh-hans",
            name=told.name,
            phone=told.phone,
            for_county=told.for_county,
            notice_code=code,
            notice_line=line,
        )
        receipt = send_message(letter, ticket=codes.new_ticket(), address="demonstration", today=day)
        if told.by:
            _go_on(told, receipt.code, village, users[told.by], day)


def _go_on(told: Told, code: str, village: Area, by: User, day: datetime.date) -> None:
    messages = Message.objects.everywhere(reason="the demonstration goes on with what it has just sent")
    message: Message = messages.get(code_hash=codes.code_hash(code))
    take_up(message, by=by, today=day + DAY)
    if told.linked:
        household = Household.objects.visible_to(by).filter(area=village).order_by("-number")[0]
        link_household(message, household=household, by=by, today=day + DAY)
    if told.answer:
        answer_message(message, answer=told.answer, by=by, today=day + 2 * DAY)
