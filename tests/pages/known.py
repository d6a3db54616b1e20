"""A practice and an expert that everybody reads, and in every village a question that only its own area and the expert read."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from pypdf import PdfWriter

from highground.areas.models import Area
from highground.files.uploads import keep_both
from highground.knowledge.enums import Standing
from highground.knowledge.models import Attachment, Expert, Practice, PracticeText, Question, Referral
from tests.support.register import TODAY


def know(villages: Mapping[str, tuple[Area, str]]) -> dict[str, dict[str, Any]]:
    """For each village (its area, its name): the number of its question, and the codes of practice and expert."""
    practice = Practice.objects.create(
        code="rice-bank", country="LA", evidence="monitored", source="test", source_date="2019", standing=Standing.PUBLISHED,
        by="test", added_on=TODAY, changed_on=TODAY, mark=1,
    )  # fmt: skip
    PracticeText.objects.create(
        practice=practice, language="en", status="original", title="A rice bank", problem="p", done="d"
    )
    digest = keep_both(io.BytesIO(blank_pdf()))[1]
    attachment = Attachment.objects.create(
        practice=practice, name="A blank page", language="en", hash=digest.hash, media=digest.media, size=digest.size,
        pages=[""], added_on=TODAY, by="test",
    )  # fmt: skip
    expert = Expert.objects.create(
        code="la-noy", name="Noy", country="LA", kind="village", standing=Standing.PUBLISHED, basis="test", by="test",
        added_on=TODAY, confirmed_on=TODAY, mark=1,
    )  # fmt: skip
    found = {}
    for code, (village, name) in villages.items():
        question = Question.objects.create(
            area=village, text=asked(name), language="en", asked_on=TODAY, by="test", practice=practice
        )
        referral = Referral.objects.create(question=question, expert=expert, asked_on=TODAY)
        found[code] = {
            "referral": referral.pk,
            "practice": practice.code,
            "expert": expert.code,
            "attachment": attachment.pk,
        }
    return found


def blank_pdf() -> bytes:
    """One page with nothing on it."""
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(300, 300)
    writer.write(made)
    return made.getvalue()


def asked(name: str) -> str:
    """What a village asks."""
    return f"How is a rice bank begun in {name}?"
