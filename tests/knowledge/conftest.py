"""An office with the practices that come with Highground, two curators, an officer who asks, and an expert who answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from highground.accounts.models import User
    from highground.knowledge.models import Expert
    from tests.support.places import Places

PROFILE = {
    "name": "Sok Dara", "country": "KH", "place": "Battambang", "languages": ["km", "en"], "fields": ["health"],
    "declared": ["health-insurance"], "kind": "village", "institution": "Health committee", "gender": "woman",
    "about": "Village health funds since 2009.", "about_language": "en", "shown": ["place", "about"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_home(tmp_path, settings) -> None:
    """A home of its own for the index, which goes by words: search by meaning has a test of its own."""
    settings.HIGHGROUND_HOME = tmp_path
    settings.SYNTHETIC_MARK = tmp_path / "synthetic"
    settings.SEARCH_BY_MEANING = False


@dataclass(frozen=True)
class Office:
    """Who is there, and the one published profile, which belongs to `dara`."""

    places: Places
    curators: list[User]
    officer: User
    dara: User
    expert: Expert


@pytest.fixture
def office(db) -> Office:
    from highground.accounts.enums import Role
    from highground.knowledge.actions.experts import Suggested, add_expert, add_lines, claim, invite, vet
    from highground.knowledge.enums import LineKind, LineStatus
    from tests.support.places import add_person, add_places
    from tests.support.register import TODAY

    places = add_places()
    curators = [add_person(name, Role.CURATOR) for name in ("mei", "ananda")]
    officer = add_person("weilan", Role.COUNTY_OFFICER, places.longhe)
    dara = add_person("dara")
    expert = add_expert(PROFILE, by=str(curators[0].pk), today=TODAY, basis="asked by letter")
    lines = [
        Suggested(
            LineKind.PROJECT, "Health equity fund: paying hospital bills of poor families", "p1", year=2015
        ),
        Suggested(
            LineKind.SESSION, "Illness and debt in villages, a session on health insurance", "p2", year=2019
        ),
    ]
    add_lines(expert, lines, by=str(curators[0].pk), today=TODAY, status=LineStatus.CONFIRMED)
    claim(invite(expert, by=curators[0], today=TODAY), by=dara, today=TODAY)
    for one in curators:
        vet(expert, by=one, today=TODAY)
    expert.refresh_from_db()
    return Office(places, curators, officer, dara, expert)


@cache
def builtin() -> list[Any]:
    """The practices that come with Highground, read once for all tests."""
    from highground.knowledge.builtin import builtin_files
    from highground.knowledge.reading import read_practices

    return [record for path in builtin_files() for record in read_practices(path).records]


@pytest.fixture
def practices(db) -> None:
    """The practices that come with Highground, published."""
    from highground.knowledge.actions.practices import add_practices
    from tests.support.register import TODAY

    add_practices(builtin(), by="test", today=TODAY, published=True)
