"""The canonical form of an event, its hash, and the keyed hash that stands for a personal value."""

import datetime
import hashlib
import hmac
import json
import re
from typing import Any

from django.conf import settings

START = "0" * 64
"""What the first event names as the hash before it."""

_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+\-]{0,200}")


class NotPlain(ValueError):
    """Event data held something other than ids, codes, whole numbers, dates and hashes."""


def salted(value: str) -> str:
    """A keyed hash (HMAC-SHA256, hex) that stands for a personal value in an event."""
    key = hashlib.sha256(b"highground.audit.salted:" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def check_plain(value: Any, at: str = "data") -> None:
    """Raise `NotPlain` unless `value` is made of ids, codes, whole numbers, dates and hashes.

    Text with a blank or a letter beyond ASCII is most likely a name or a sentence: it must be hashed with
    `salted` or kept in a table of its own. Fractions are refused because databases print them differently.
    """
    if value is None or isinstance(value, bool | int):
        return
    if isinstance(value, str):
        if not _PLAIN.fullmatch(value):
            raise NotPlain(
                f"{at}: text that is no id, code or hash; store it elsewhere or hash it with salted()"
            )
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_plain(str(key), f"{at} key")
            check_plain(inner, f"{at}.{key}")
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            check_plain(inner, f"{at}[{position}]")
    else:
        raise NotPlain(
            f"{at}: {type(value).__name__} is not allowed; use text, whole numbers or lists of them"
        )


def event_hash(
    *,
    sequence: int,
    at: datetime.datetime,
    kind: str,
    by: str,
    subject_kind: str,
    subject_id: str,
    area_path: str,
    data: dict[str, Any],
    previous: str,
    also_in: str = "",
) -> str:
    """SHA-256 (hex) over the canonical JSON of an event: sorted keys, no blanks, UTC to the microsecond.

    An event of one area has no `also_in` in it, as before there was one.
    """
    content = {
        "sequence": sequence,
        "at": at.astimezone(datetime.UTC).isoformat(timespec="microseconds"),
        "kind": kind,
        "by": by,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "area_path": area_path,
        "data": data,
        "previous": previous,
    }
    if also_in:
        content["also_in"] = also_in
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
