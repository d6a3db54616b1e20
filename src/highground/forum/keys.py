"""Links that open one thing without an account: a delegation's, a participant's, an entrant's, a reviewer's, a partner's.

A link is the random key of its row with a signature (HMAC-SHA256 under the installation's secret key). A link that nobody was
given is refused before the database is asked, so that guessing costs the guesser alone.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from django.conf import settings

from highground.cases.public.codes import code_of, tidy

DELEGATION, PERSON, ENTRY, REVIEWER, PARTNER, DOOR = (
    "delegation",
    "person",
    "entry",
    "reviewer",
    "partner",
    "door",
)
_LINK = re.compile(r"([a-z2-7]{16})-([a-z2-7]{16})")
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def new_key() -> str:
    """The secret part of a link: 80 random bits."""
    return "".join(secrets.choice(_LETTERS) for _place in range(16))


def link_of(kind: str, key: str) -> str:
    """The word that stands in the address of this kind of page."""
    return f"{key}-{_signature(kind, key)}"


def key_of(kind: str, link: str) -> str | None:
    """The key in a link of this kind; None where it is none of ours."""
    found = _LINK.fullmatch(link)
    if found is None or not hmac.compare_digest(_signature(kind, found[1]), found[2]):
        return None
    return found[1]


def new_badge() -> str:
    """A badge's code with its check character: `K7MP-3XQA-9`."""
    return code_of(secrets.token_urlsafe(16))


def read_badge(typed: str) -> str | None:
    """The code of a badge from what was typed or scanned; None where it cannot be one."""
    return tidy(typed)


def _signature(kind: str, key: str) -> str:
    secret = hashlib.sha256(b"highground.forum.keys:" + settings.SECRET_KEY.encode()).digest()
    digest = hmac.new(secret, f"{kind}:{key}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:10], "big")
    return "".join(_LETTERS[(number >> (5 * place)) & 31] for place in range(16))
