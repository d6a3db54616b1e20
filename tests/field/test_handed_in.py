"""A phone that can send no more: its unsent work is handed in as a file, once, and by the person whose work it is."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from django.utils.translation import override

from highground.cases.models import Visit
from highground.field.handed_in import BadFile, take_file
from highground.field.models import Submission, SubmissionFile
from tests.field.test_receiving import photo
from tests.support.phone import everything, form
from tests.support.register import TODAY


def visit(village, number: str, **more: Any) -> dict[str, Any]:
    """A visit as the phone's file holds it."""
    xml = form(village.households[number], kind="look", day=TODAY, outcome="calm", **more)
    files = [
        {"name": name, "type": "image/jpeg", "role": "photo", "base64": base64.b64encode(photo()).decode()}
        for name in more.get("photo", [])
    ]
    return {"user": str(village.staff["huangmei"].pk), "number": number, "xml": xml, "files": files}


def packed(*visits: dict[str, Any]) -> bytes:
    return json.dumps({"from": "Highground", "made": "2026-03-10T08:00:00Z", "visits": visits}).encode()


def test_what_a_phone_gave_out_counts_as_if_it_had_sent_it(village, phone_of) -> None:
    huangmei = village.staff["huangmei"]
    first, second = (
        visit(village, "0122", note="Dry.", photo=["roof.jpg"]),
        visit(village, "2231", note="Ill."),
    )
    done = take_file(packed(first, second), huangmei)
    assert (done.taken, done.problems) == (2, [])
    assert [one.note for one in everything(Visit).order_by("pk")] == ["Dry.", "Ill."]
    assert everything(SubmissionFile).get(name="roof.jpg").hash
    # The phone finds a network after all, and the file is handed in once more.
    assert phone_of().send(first["xml"]).json()["state"] == "applied"
    assert take_file(packed(first, second), huangmei).taken == 2
    assert everything(Visit).count() == everything(Submission).count() == 2


def test_each_hands_in_their_own_work_on_the_page(village, client) -> None:
    content = packed(visit(village, "0122", note="Dry."))

    def hand_in(name: str) -> str:
        client.force_login(village.staff[name])
        file = io.BytesIO(content)
        file.name = "highground-unsent-2026-03-10.json"
        return client.post("/phones/file/", {"file": file}, follow=True).content.decode()

    with override("en"):
        assert "holds the work of somebody else" in hand_in("weilan")
        assert everything(Submission).count() == 0
        assert "1 visit is here now." in hand_in("huangmei")
        assert 'href="/phones/file/"' in client.get("/phones/").content.decode()
        assert "There is something to mend" in client.post("/phones/file/", {}).content.decode()


def test_what_cannot_be_taken_in_is_said_and_the_rest_is(village) -> None:
    good, other = visit(village, "0122", note="Dry."), visit(village, "2231", note="Ill.")
    huangmei = village.staff["huangmei"]
    take_file(packed(good), huangmei)
    changed = {**good, "xml": good["xml"].replace("Dry.", "Wet.")}
    with override("en"):
        done = take_file(packed(changed, {**other, "xml": "<data"}, other), huangmei)
    assert done.taken == 1
    assert "Visit 1, household 0122: another version of it came in before" in done.problems[0]
    assert "Visit 2, household 2231: " in done.problems[1]
    assert sorted(everything(Visit).values_list("note", flat=True)) == ["Dry.", "Ill."]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda _one: b"\xff\xfe", "no file of unsent work"),
        (lambda _one: b"[]", "no file of unsent work"),
        (lambda one: packed({**one, "user": None}), "somebody else"),
        (lambda one: packed({key: one[key] for key in ("user", "number")}), "Visit 1 of this file cannot be read"),
        (lambda one: packed({**one, "files": [{"name": "a.jpg", "base64": "no!"}]}), "Visit 1 of this file cannot"),
        (lambda one: packed(one, "visit"), "no file of unsent work"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_whole(village, spoil, says) -> None:
    with override("en"), pytest.raises(BadFile, match=says):
        take_file(spoil(visit(village, "0122", note="Dry.")), village.staff["huangmei"])
    assert everything(Submission).count() == 0
