"""Verbs on accounts: add a person, grant and end a role, sign in with a brake on guessing."""

import datetime
import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest

from highground.accounts.enums import Role
from highground.accounts.models import Grant, SignInFailure, User
from highground.audit.actions import record
from highground.audit.chain import salted

WINDOW = datetime.timedelta(minutes=15)
MOST_FAILURES_PER_NAME = 8
MOST_FAILURES_PER_ADDRESS = 40


class TooManyAttempts(Exception):
    """Too many failed attempts lately, for this name or from this address."""


class NotYourself(ValueError):
    """Nobody gives a role to themselves."""


@transaction.atomic
def add_user(
    username: str, *, password: str | None, display_name: str = "", language: str = "", by: str
) -> User:
    """Add a person who may sign in but sees nothing yet. Raises `ValidationError` for a weak password."""
    user = User(username=username, display_name=display_name, language=language)
    if password is not None:
        validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    record("accounts.add_user", by=by, subject_kind="user", subject_id=str(user.pk))
    return user


@transaction.atomic
def close_account(user: User, *, by: str) -> bool:
    """End an account that never held a role, and forget who had it; False, and nothing done, for one that did."""
    if Grant.objects.filter(user=user).exists():
        return False
    user.username, user.display_name, user.language, user.is_active = f"erased-{user.pk}", "", "", False
    user.set_unusable_password()
    user.save()
    record("accounts.close", by=by, subject_kind="user", subject_id=str(user.pk))
    return True


@transaction.atomic
def grant_role(
    user: User,
    *,
    role: Role,
    area: Any = None,
    target: tuple[str, str] = ("", ""),
    valid_from: datetime.date,
    valid_to: datetime.date | None = None,
    by: str,
    seen_in: Sequence[str] = (),
) -> Grant:
    """Give `user` a role in an area (None only for those who hold one without) from one day to another.

    With a `target` (a kind and an id, such as a project) it is a role for that alone, and has no area: the auditors of the
    paths in `seen_in` see the event.
    """
    if by == str(user.pk):
        raise NotYourself("a role is given by somebody else")
    kind, name = target
    grant = Grant(
        user=user, role=role, area=area, target_kind=kind, target_id=name, valid_from=valid_from,
        valid_to=valid_to,
    )  # fmt: skip
    grant.full_clean()
    grant.save()
    record(
        "accounts.grant_role",
        by=by,
        subject_kind="user",
        subject_id=str(user.pk),
        area_path=area.path if area else next(iter(seen_in), ""),
        also_in=seen_in[1:],
        data={
            "grant": grant.pk,
            "role": str(role),
            "from": valid_from.isoformat(),
            "to": valid_to.isoformat() if valid_to else None,
            **({kind: name} if kind else {}),
        },
    )
    return grant


@transaction.atomic
def end_grant(grant: Grant, *, by: str, today: datetime.date, seen_in: Sequence[str] = ()) -> None:
    """Let a role end: yesterday is its last day. A grant that had not begun is deleted. `seen_in` as in `grant_role`."""
    record(
        "accounts.end_grant",
        by=by,
        subject_kind="user",
        subject_id=str(grant.user_id),
        area_path=grant.area.path if grant.area else next(iter(seen_in), ""),
        also_in=seen_in[1:],
        data={"grant": grant.pk, "role": grant.role},
    )
    if grant.valid_from >= today:
        grant.delete()
    else:
        grant.valid_to = today - datetime.timedelta(days=1)
        grant.save(update_fields=["valid_to"])


def check_password(
    request: HttpRequest, *, username: str, password: str, address: str, now: datetime.datetime
) -> User | None:
    """The person with this name and password, or None.

    After `MOST_FAILURES_PER_NAME` failures for a name or `MOST_FAILURES_PER_ADDRESS` from an address within
    `WINDOW`, raises `TooManyAttempts` without looking at the password. Names that do not exist are counted
    the same way, so that the brake does not tell which names do.
    """
    name_key, address_key = _key("name", username.casefold()), _key("address", address)
    # Counted as failed before the password is looked at: of many guesses at once none slips through.
    attempt = SignInFailure.objects.bulk_create(
        [SignInFailure(key=name_key, at=now), SignInFailure(key=address_key, at=now)]
    )
    mine = SignInFailure.objects.filter(pk__in=[one.pk for one in attempt])
    recent = SignInFailure.objects.filter(at__gt=now - WINDOW)
    if (
        recent.filter(key=name_key).count() > MOST_FAILURES_PER_NAME
        or recent.filter(key=address_key).count() > MOST_FAILURES_PER_ADDRESS
    ):
        mine.delete()
        raise TooManyAttempts
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        SignInFailure.objects.filter(at__lte=now - WINDOW).delete()
        return None
    mine.delete()
    SignInFailure.objects.filter(key=name_key).delete()
    with transaction.atomic():
        record(
            "accounts.sign_in",
            by=str(user.pk),
            subject_kind="user",
            subject_id=str(user.pk),
            data={"address": salted(address)},
        )
    return user


def _key(kind: str, value: str) -> str:
    secret = sha256(b"highground.accounts.sign_in:" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(secret, f"{kind}:{value}".encode(), sha256).hexdigest()
