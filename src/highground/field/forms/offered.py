"""Which forms a person's device lists: the visit form of each rulebook in use, and those taken in for the area."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from highground.accounts.enums import Sight
from highground.accounts.queries import scope_of
from highground.field.forms.names import LISTS
from highground.field.forms.visit import visit_form
from highground.field.models import TakenForm
from highground.field.queries import forms_for
from highground.signals.models import RulebookVersion

_READ = re.compile(r'src="jr://file-csv/([^"]+)\.csv"')


@dataclass(frozen=True)
class Offered:
    """A form as a device lists it. `lists` are those of Highground that it reads; `taken` is its row, if others wrote it."""

    form_id: str
    version: str
    title: str
    xml: str
    taken: TakenForm | None = None

    @property
    def hash(self) -> str:
        """What a device compares, as the form list of OpenRosa wants it. It guards nothing."""
        return f"md5:{md5(self.xml.encode(), usedforsecurity=False).hexdigest()}"

    @property
    def lists(self) -> tuple[str, ...]:
        return tuple(name for name in LISTS if name in read_by(self.xml))


def read_by(xml: str) -> list[str]:
    """The names of the tables that an XForm reads."""
    return list(dict.fromkeys(_READ.findall(xml)))


def offered_to(user: Any, today: datetime.date) -> list[Offered]:
    """The forms of this person's device, newest versions alone. Two queries, once the rulebooks are read."""
    if not scope_of(user, today, Sight.CASES):
        return []
    newest = dict(RulebookVersion.objects.order_by("pk").values_list("rulebook", "hash"))
    made = [visit_form(content_hash) for content_hash in newest.values()]
    return [
        *(Offered(one.form_id, one.version, one.title, one.xml) for one in made),
        *(
            Offered(one.form_id, one.version, one.title, one.xml, one)
            for one in _newest(forms_for(user, today))
        ),
    ]


def _newest(forms: Iterable[TakenForm]) -> list[TakenForm]:
    latest = {one.form_id: one for one in forms}
    return [one for one in latest.values() if one.withdrawn_on is None]
