"""Who acts on forums, what day it is where they are held, and the error that refuses."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pycountry
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see, scope_of
from highground.forum.models import Forum

COUNTRIES = ("BN", "CN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN")
"""The countries that the forum is for; anybody else may come as well."""

ZONES = (
    "Asia/Shanghai", "Asia/Bangkok", "Asia/Brunei", "Asia/Dili", "Asia/Ho_Chi_Minh", "Asia/Jakarta", "Asia/Kuala_Lumpur",
    "Asia/Makassar", "Asia/Jayapura", "Asia/Manila", "Asia/Phnom_Penh", "Asia/Singapore", "Asia/Vientiane", "Asia/Yangon",
    "Asia/Dhaka", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo", "Africa/Addis_Ababa", "Africa/Nairobi", "America/New_York",
    "America/Sao_Paulo", "Australia/Sydney", "Europe/London", "Europe/Rome", "Pacific/Fiji", "UTC",
)  # fmt: skip
"""Time zones that a list offers; any other that the machine knows is taken as well."""

LANGUAGES = {
    "en": "English", "zh": "中文", "th": "ไทย", "lo": "ລາວ", "km": "ខ្មែរ", "my": "မြန်မာ", "vi": "Tiếng Việt",
    "id": "Bahasa Indonesia", "ms": "Bahasa Melayu", "fil": "Filipino", "ta": "தமிழ்",
}  # fmt: skip
"""Languages of the forum, each in its own name."""


class ForumError(RuntimeError):
    """Something that cannot be done with a forum; the message says why and what to do instead."""


def may_organise(user: Any, forum: Forum, today: datetime.date) -> bool:
    """Whether a person runs this forum: an organiser without an area, or of the area that hosts it."""
    if not user.is_authenticated:
        return False
    if forum.area is None:
        return "" in scope_of(user, today, Sight.FORUM)
    return may_see(user, today, Sight.FORUM, forum.area.path)


def only_organisers(user: Any, forum: Forum, today: datetime.date) -> None:
    """Raise ForumError unless the person runs this forum."""
    if not may_organise(user, forum, today):
        raise ForumError(_("Only an organiser of this forum does that."))


def area_path(forum: Forum) -> str:
    """The path of the hosting area, for events."""
    return forum.area.path if forum.area else ""


def zone(name: str) -> ZoneInfo:
    """A time zone by its name in the IANA database. Raises ForumError for another name."""
    if name not in _known_zones():
        raise ForumError(
            _("There is no time zone called %(name)s. Choose one such as Asia/Vientiane.") % {"name": name}
        )
    return ZoneInfo(name)


@cache
def _known_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_of(forum: Forum) -> ZoneInfo:
    """The time zone of the forum's place."""
    return ZoneInfo(forum.time_zone)


def today_at(forum: Forum, now: datetime.datetime) -> datetime.date:
    """What day it is where the forum is held."""
    return now.astimezone(zone_of(forum)).date()


def days_of(forum: Forum) -> list[datetime.date]:
    """The days of a forum; none where they are not known."""
    if forum.first_day is None or forum.last_day is None:
        return []
    return [
        forum.first_day + datetime.timedelta(days=number)
        for number in range((forum.last_day - forum.first_day).days + 1)
    ]


def country_name(code: str) -> str:
    """What a country is called in the reader's language; the code itself where nobody knows it."""
    found = pycountry.countries.get(alpha_2=code)
    if found is None:
        return code
    name = str(getattr(found, "common_name", found.name))
    return _short_names().get((code, (get_language() or "en")[:2]), name)


@cache
def _short_names() -> dict[tuple[str, str], str]:
    zh = {
        "BN": "文莱", "CN": "中国", "ID": "印度尼西亚", "KH": "柬埔寨", "LA": "老挝", "MM": "缅甸", "MY": "马来西亚",
        "PH": "菲律宾", "SG": "新加坡", "TH": "泰国", "TL": "东帝汶", "VN": "越南",
    }  # fmt: skip
    en = {"LA": "Laos", "BN": "Brunei", "VN": "Viet Nam"}
    return {(code, "zh"): name for code, name in zh.items()} | {
        (code, "en"): name for code, name in en.items()
    }


def country_choices() -> list[tuple[str, str]]:
    """The countries of the forum first, then all others."""
    ours = sorted(((code, country_name(code)) for code in COUNTRIES), key=lambda one: one[1])
    others = sorted(
        (
            (one.alpha_2, country_name(one.alpha_2))
            for one in pycountry.countries
            if one.alpha_2 not in COUNTRIES
        ),
        key=lambda one: one[1],
    )
    return [(gettext("Countries of the forum"), ours), (gettext("Other countries"), others)]  # type: ignore[list-item]
