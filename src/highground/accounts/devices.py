"""Phones that act for a person: a random token each, of which only the hash is kept, valid for a time, revoked at once.

Checking a password costs 30 ms and more by design; a token of 256 random bits needs no slow hash.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from dataclasses import dataclass

from django.db import transaction

from highground.accounts.models import Device, User
from highground.audit.actions import record

LASTS = datetime.timedelta(days=180)


class DeviceRefused(PermissionError):
    """A token that opens nothing. `revoked` if it did once: the phone wipes itself."""

    def __init__(self, *, revoked: bool) -> None:
        super().__init__("revoked" if revoked else "unknown device")
        self.revoked = revoked


@dataclass(frozen=True)
class Issued:
    """A new device and its token, which is told this once."""

    device: Device
    token: str


@transaction.atomic
def issue_device(user: User, *, name: str, by: str, today: datetime.date) -> Issued:
    """Let a phone act for `user` for half a year; one event."""
    token = secrets.token_urlsafe(32)
    device = Device.objects.create(
        user=user,
        name=name.strip()[:60] or "phone",
        token_hash=hashed(token),
        issued_on=today,
        until=today + LASTS,
    )
    record(
        "accounts.issue_device",
        by=by,
        subject_kind="user",
        subject_id=str(user.pk),
        data={"device": device.pk, "until": device.until.isoformat()},
    )
    return Issued(device, token)


@transaction.atomic
def revoke_device(device: Device, *, by: str, today: datetime.date) -> None:
    """From now on the token opens nothing, and the phone erases itself at its next contact; one event."""
    if device.revoked_on is not None:
        return
    device.revoked_on = today
    device.save(update_fields=["revoked_on"])
    record(
        "accounts.revoke_device",
        by=by,
        subject_kind="user",
        subject_id=str(device.user_id),
        data={"device": device.pk},
    )


def device_of(token: str, today: datetime.date) -> Device:
    """The device with this token, its last contact noted once a day. Raises DeviceRefused. One query, on most days."""
    found = Device.objects.select_related("user").filter(token_hash=hashed(token)).first() if token else None
    if found is None:
        raise DeviceRefused(revoked=False)
    if found.revoked_on is not None or found.until < today or not found.user.is_active:
        raise DeviceRefused(revoked=True)
    if found.seen_on != today:
        found.seen_on = today
        found.save(update_fields=["seen_on"])
    return found


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
