"""PDFs of practices: their words are found by page, what cannot be attached is told, and what is taken off is gone."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from highground.knowledge.actions.attachments import MOST, MOST_PAGES, attach, detach
from highground.knowledge.enums import Standing
from highground.knowledge.ground import KnowledgeError
from highground.knowledge.matching import Wanted, look_for
from highground.knowledge.models import Attachment, Practice
from tests.support.register import TODAY

CODE = "kh-rice-bank-svay-rieng"


def pdf(*pages: str) -> bytes:
    """A PDF with one line on each page; nothing on a page without words."""
    writer, made = PdfWriter(), io.BytesIO()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    for words in pages:
        page = writer.add_blank_page(300, 300)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        if words:
            stream = DecodedStreamObject()
            stream.set_data(f"BT /F1 12 Tf 20 200 Td ({words}) Tj ET".encode())
            page[NameObject("/Contents")] = writer._add_object(stream)
    writer.write(made)
    return made.getvalue()


def given(office, *pages: str, name: str = "Evaluation 2012", language: str = "en") -> Attachment:
    practice = Practice.objects.get(code=CODE)
    return attach(
        practice, io.BytesIO(pdf(*pages)), name=name, language=language, by=office.curators[0], today=TODAY
    )


def test_three_hundred_pages_are_searched_page_by_page(office, practices) -> None:
    text = [f"Chapter {number}" if number % 50 else "" for number in range(1, 301)]
    text[216] = "Threshing floors flooded by the Waiko river"
    made = given(office, *text)
    assert (len(made.pages), sum(map(bool, made.pages))) == (300, 294)
    (first, *_rest) = look_for(Wanted(text="threshing floors"), "en").practices
    assert (first.practice.code, first.why.page) == (CODE, (made.pk, 217))
    chapters = look_for(Wanted(text="chapter"), "en").practices
    assert sum(one.practice.code == CODE for one in chapters) == 1
    assert not look_for(Wanted(text="threshing floors", country="LA"), "en").practices[:1] or (
        look_for(Wanted(text="threshing floors", country="LA"), "en").practices[0].practice.code != CODE
    )
    detach(made, by=office.curators[0], today=TODAY)
    assert all(one.why.page is None for one in look_for(Wanted(text="threshing floors"), "en").practices)


def test_a_practice_itself_comes_before_the_pages_of_its_files(office, practices) -> None:
    given(office, "A village rice bank at the border", "more of it")
    (first, *_rest) = look_for(Wanted(text="A village rice bank at the border"), "en").practices
    assert first.practice.code == CODE


@pytest.mark.parametrize(
    ("content", "values", "said"),
    [
        (b"no pdf at all", {}, "PDF"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, {}, "PDF|damaged|picture"),
        (b"", {}, "empty"),
        (pdf("a")[:-200], {}, "PDF"),
        (pdf(*[""] * (MOST_PAGES + 1)), {}, "501 pages; at most 500"),
        (pdf("a"), {"name": "  "}, "what the file is called"),
        (pdf("a"), {"language": "tlh"}, "language"),
        (pdf("a"), {"by": "officer"}, "by a curator"),
    ],
)
def test_what_cannot_be_attached_is_told(office, practices, content, values, said) -> None:
    by = office.officer if values.pop("by", "") else office.curators[0]
    options = {"name": "Report", "language": "en"} | values
    with pytest.raises(KnowledgeError, match=said):
        attach(Practice.objects.get(code=CODE), io.BytesIO(content), **options, by=by, today=TODAY)
    assert not Attachment.objects.exists()


def test_a_file_is_attached_once_and_a_practice_has_few(office, practices) -> None:
    given(office, "one")
    with pytest.raises(KnowledgeError, match="attached already"):
        given(office, "one")
    for number in range(1, MOST):
        given(office, f"file {number}")
    with pytest.raises(KnowledgeError, match="at most 5 files"):
        given(office, "one more")


def test_a_curator_attaches_on_the_page_and_everybody_opens_it(office, practices, client) -> None:
    page, curate = f"/knowledge/practices/{CODE}/", "/knowledge/curate/"
    assert b"Attach a PDF" not in client.get(page).content
    client.force_login(office.curators[0])
    assert b"Attach a PDF" in client.get(page).content
    values = {"do": "attach", "practice": CODE, "name": "<b>Evaluation</b>", "language": "km"}
    file = SimpleUploadedFile("report.pdf", pdf("Sovann wrote this", ""), "application/pdf")
    said = client.post(curate, {**values, "file": file}, follow=True).content.decode()
    assert "Attached: 2 pages, of which 1 hold words" in said
    assert client.post(curate, values).status_code == 422
    made = Attachment.objects.get()
    client.logout()
    text = client.get(page).content.decode()
    assert "&lt;b&gt;Evaluation" in text and "<b>Evaluation" not in text
    opened = client.get(f"{page}files/{made.pk}/")
    assert b"".join(opened.streaming_content).startswith(b"%PDF")
    assert opened["Content-Disposition"] == f'attachment; filename="{CODE}-{made.pk}.pdf"'
    assert f'files/{made.pk}/#page=1"' in client.get("/knowledge/?q=Sovann+wrote").content.decode()
    Practice.objects.filter(code=CODE).update(standing=Standing.WITHDRAWN)
    assert client.get(f"{page}files/{made.pk}/").status_code == 404
    Practice.objects.filter(code=CODE).update(standing=Standing.PUBLISHED)
    client.force_login(office.curators[0])
    client.post(curate, {"do": "detach", "practice": CODE, "number": made.pk})
    assert not Attachment.objects.exists()
