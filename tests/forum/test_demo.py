"""The forum of the demonstration is whole, and its public pages work from a folder without a server."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from highground.accounts.enums import Role
from highground.demo.forum import ENTRIES, PEOPLE, SESSIONS, add_forum
from highground.forum.actions.programme import sessions_of
from highground.forum.enums import EntryStatus, TakingPart
from highground.forum.leaving import write_site
from highground.forum.models import Commitment, Entry, Forum, Participant
from highground.forum.programme import warnings_of
from highground.outbox.models import Letter
from tests.support.places import add_person

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 26)


@pytest.fixture
def filled(db) -> Forum:
    users = {name: add_person(name, Role.ORGANISER) for name in ("qinfang", "thida")}
    add_forum(TODAY, users)
    return Forum.objects.get(code="nanning-2026")


def test_a_forum_in_nanning(filled, tmp_path: Path) -> None:
    people = Participant.objects.everywhere(reason="test").filter(forum=filled, status=TakingPart.ACCEPTED)
    assert (people.count(), len({one.country for one in people})) == (PEOPLE, 11)
    entries = Entry.objects.everywhere(reason="test").filter(forum=filled)
    assert entries.count() == ENTRIES and not entries.filter(status=EntryStatus.SUBMITTED).exists()
    assert Letter.objects.count() == ENTRIES
    sessions = sessions_of(filled)
    assert len(sessions) == SESSIONS and all(one.starts and one.room for one in sessions)
    assert [one.text for one in warnings_of(sessions) if one.hard] == []
    assert {one.status for one in Commitment.objects.all()} == {"kept", "under_way", "partly", "promised"}
    known = Forum.objects.filter(synthetic=False)
    assert known.count() >= 7 and all(one.source for one in known)
    _take_along(tmp_path / "stick")


def _take_along(folder: Path) -> None:
    write_site(folder)
    with pytest.raises(FileExistsError):
        write_site(folder)
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) == 1 + 4 * Forum.objects.count()
    for page in pages:
        text = page.read_text()
        assert "<form" not in text
        for _kind, address in re.findall(r'(href|src)="([^"#?]+)"', text):
            assert not address.startswith("/"), (page, address)
            assert address.startswith("http") or (page.parent / address).is_file(), (page, address)
    assert "Opening" in (folder / "nanning-2026" / "programme.html").read_text()
    assert list((folder / "static").rglob("*.css"))
