"""The code by which a sender asks what became of a message: easy to read aloud, hard to guess, known to the sender alone.

Eight characters in two groups and a check character: `K7MP-3XQA-9`. No 0, 1, I, L or O. The check character finds every
single wrong character and every two neighbours that were swapped (a weighted sum over a prime number of characters). What
is stored is a keyed hash (`people/vault.py`).

A form carries a ticket, a signed random number, from which its code is made: a form that is sent twice by an
impatient finger is one message with one code.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import secrets

from django.conf import settings
from django.core import signing

from highground.people.vault import open_vault

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8
OPEN_FOR = datetime.timedelta(hours=24)
"""How long a form may be open before it is sent."""

_KIND = "message_code"
_SALT = "highground.cases.ticket"


def new_ticket() -> str:
    """A ticket for a form that is shown."""
    return signing.TimestampSigner(salt=_SALT).sign(secrets.token_urlsafe(16))


def good_ticket(ticket: str) -> bool:
    """Whether the ticket is one of ours and not too old."""
    try:
        signing.TimestampSigner(salt=_SALT).unsign(ticket, max_age=OPEN_FOR)
    except signing.BadSignature:
        return False
    return True


def code_of(ticket: str, turn: int = 0) -> str:
    """The code of a ticket; the next one (`turn`) where the sender changed the form and sent it again."""
    secret = hashlib.sha256(b"highground.cases.code:" + settings.SECRET_KEY.encode()).digest()
    digest = hmac.new(secret, f"{turn}:{ticket}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest, "big")
    drawn = ""
    for _place in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        drawn += ALPHABET[place]
    return shown(drawn + _check(drawn))


def shown(code: str) -> str:
    """The code as it is written: K7MP-3XQA-9."""
    return "-".join(part for part in (code[:4], code[4:8], code[8:]) if part)


def tidy(typed: str) -> str | None:
    """The code as it is written, from what somebody typed; None where it cannot be a code."""
    plain = "".join(character for character in typed.upper() if character.isalnum())
    right = len(plain) == LENGTH + 1 and all(character in ALPHABET for character in plain)
    return shown(plain) if right and _check(plain[:LENGTH]) == plain[LENGTH] else None


def code_hash(code: str) -> str:
    """The keyed hash under which a message is stored."""
    return open_vault().lookup(_KIND, code)


def code_hashes(code: str) -> list[str]:
    """The hashes under which a message may be stored, by every key that there ever was."""
    return open_vault().lookups(_KIND, code)


def _check(drawn: str) -> str:
    weighted = sum(weight * ALPHABET.index(character) for weight, character in enumerate(drawn, start=1))
    return ALPHABET[weighted % len(ALPHABET)]
