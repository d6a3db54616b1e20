"""Forums that really took place, as sourced facts (`data/forum/forums.yaml`)."""

from __future__ import annotations

from importlib.resources import files

import yaml

from highground.forum.enums import ForumStatus
from highground.forum.models import Forum


def add_known_forums() -> int:
    """Add those that are not there yet; how many. What somebody changed here stays."""
    source = files("highground") / "data" / "forum" / "forums.yaml"
    rows = yaml.safe_load(source.read_text(encoding="utf-8"))["forums"]
    held = set(Forum.objects.values_list("code", flat=True))
    made = Forum.objects.bulk_create(
        Forum(status=ForumStatus.CLOSED, **row) for row in rows if row["code"] not in held
    )
    return len(made)
