"""A brake on pages that need no account: how much may come from one address and for one place.

Kept are keyed hashes, never an address, and no longer than a day.
"""

from __future__ import annotations

import datetime
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings

from highground.cases.models import PublicUse

KEPT = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """`most` uses of one kind `within` a time (at most KEPT)."""

    kind: str
    most: int
    within: datetime.timedelta


# Many people share an address: a village office, a mobile network.
SENT_FROM = Limit("sent from", 20, datetime.timedelta(hours=1))
SENT_FOR = Limit("sent for", 60, datetime.timedelta(hours=1))
ASKED_FROM = Limit("asked from", 60, datetime.timedelta(minutes=15))


class TooMany(Exception):
    """Too much came lately from this address or for this place; `wait` is how long it may take."""

    def __init__(self, wait: datetime.timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


def use(uses: Sequence[tuple[Limit, str]], *, now: datetime.datetime) -> None:
    """Count one use against each of these limits and values. Raises TooMany, and then counts nothing.

    Counted first and looked at then: of many at once none slips through.
    """
    PublicUse.objects.filter(at__lte=now - KEPT).delete()
    counted = [PublicUse.objects.create(key=_key(limit, value), at=now) for limit, value in uses]
    for limit, value in uses:
        recent = PublicUse.objects.filter(key=_key(limit, value), at__gt=now - limit.within)
        if recent.count() > limit.most:
            PublicUse.objects.filter(pk__in=[one.pk for one in counted]).delete()
            raise TooMany(limit.within)


def _key(limit: Limit, value: str) -> str:
    secret = sha256(b"highground.cases.public:" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(secret, f"{limit.kind}:{value}".encode(), sha256).hexdigest()
