"""Handing out what was uploaded: photos, papers and recordings, to those who may see what they were given for."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import scope_of
from highground.audit.actions import log_access
from highground.files.models import Upload
from highground.files.uploads import send_upload

BEHIND = (Sight.HOUSEHOLDS, Sight.CASES, Sight.OBJECTORS, Sight.BUDGETS)
"""The kinds of sight that an upload may be kept behind."""


@require_GET
@sees(Sight.HOUSEHOLDS)
def upload(request: HttpRequest, digest: str) -> HttpResponseBase:
    """The file with this SHA-256, to be saved. The look is logged. What is not the reader's is not there."""
    found = visible_upload(request.user, digest, timezone.localdate())
    if found is None:
        raise Http404
    try:
        response = send_upload(found)
    except FileNotFoundError as error:
        raise Http404 from error
    log_access(
        by=str(request.user.pk),
        page="people.upload",
        subject_kind="upload",
        subject_id=str(found.pk),
        area_path=found.area_path,
    )
    return response


def visible_upload(user: Any, digest: str, today: datetime.date) -> Upload | None:
    """The first use of the file with this SHA-256 that `user` may see on `today`, or None."""
    for sight in BEHIND:
        mine = Upload.objects.within(scope_of(user, today, sight), behind=sight)
        if found := mine.filter(hash=digest).order_by("pk").first():
            return found
    return None
