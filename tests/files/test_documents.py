"""A text document keeps its words and pictures, and nothing of who wrote it."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from highground.files.cleaning import clean, words_of
from highground.files.media import DOCX, HEAD, PDF, UploadRefused, recognise
from highground.files.uploads import keep_both, path_of
from tests.files import samples
from tests.files.samples import MARK


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        assert source.testzip() is None
        return {name: source.read(name) for name in source.namelist()} | {"": source.comment}


def test_nothing_of_the_writer_is_left_in_any_part() -> None:
    given = samples.document()
    assert recognise(given[:HEAD]) == DOCX
    assert sum(MARK in name.encode() + content for name, content in members(given).items()) >= 8
    kept = members(clean(given, DOCX))
    for name, content in kept.items():
        assert MARK not in name.encode() + content, name
    for named in ("rsid", "author", "comment", "docVar", "C:"):
        assert all(named.encode() not in content for content in kept.values()), named


def test_what_it_says_is_whole() -> None:
    """Read with Python's own XML; changes are accepted, what was struck out is gone, every part that is named is there."""
    kept = members(clean(samples.document(), DOCX))
    root = ElementTree.fromstring(kept["word/document.xml"])
    said = "".join(root.itertext()).split("\n")
    assert (
        " ".join(filter(None, said)).split() == "The village lends a cow for a year Calves the folder".split()
    )
    links = ElementTree.fromstring(kept["word/_rels/document.xml.rels"])
    targets = {one.attrib["Id"]: one.attrib["Target"] for one in links if "TargetMode" not in one.attrib}
    assert set(targets.values()) == {"/word/styles1.xml", "/word/header1.xml", "/word/media/picture1.jpg"}
    named = {value for one in root.iter() for key, value in one.attrib.items() if "officeDocument" in key}
    assert named <= {one.attrib["Id"] for one in links}
    with Image.open(io.BytesIO(kept["word/media/picture1.jpg"])) as picture:
        assert picture.size == (40, 20) and not picture.getexif()


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        (("vbaProject", "vbaProject.bin", ""), "holds a program"),
        (("oleObject", "embeddings/a.bin", ""), "carries other files, or leads to some \\(oleObject"),
        (("image", "https://example.org/seen.png", "External"), "leads to some \\(image"),
        (("aFChunk", "chunk.html", ""), "carries other files"),
    ],
)
def test_what_runs_or_fetches_or_carries_is_refused(relation, words) -> None:
    with pytest.raises(UploadRefused, match=words):
        clean(samples.document(relation=relation), DOCX)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"word/document.xml": b'<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>'}, "damaged"),
        ({"word/document.xml": b"<w:document"}, "damaged"),
        ({"word/document.xml": b"<workbook/>"}, "no text document"),
        ({"word/document.xml": b"<a>" * 100_000 + b"</a>" * 100_000}, "damaged|no text"),
        ({f"word/p{number}.xml": b"" for number in range(2_001)}, "too many parts"),
        ({"word/big.bin": bytes(100_000_001)}, "too many parts"),
    ],
)
def test_what_cannot_be_is_refused(parts, words) -> None:
    with pytest.raises(UploadRefused, match=words):
        clean(samples.document(parts=parts), DOCX)


def test_a_picture_of_another_kind_is_refused() -> None:
    given = samples.document(
        relation=("image", "media/a.emf", ""), parts={"word/media/a.emf": b"\x01\0\0\0" * 9}
    )
    with pytest.raises(UploadRefused, match="no JPEG, PNG or WebP"):
        clean(given, DOCX)
    with pytest.raises(UploadRefused, match="damaged"):
        clean(samples.document()[:900], DOCX)


def test_words_are_found_wherever_they_stand() -> None:
    split = b"""<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p>
    <w:r><w:t>Sou</w:t></w:r><w:r><w:t>k Lama</w:t></w:r></w:p></w:body></w:document>"""
    document = clean(samples.document(parts={"word/document.xml": split}), DOCX)
    assert "Souk Lama" in words_of(document, DOCX)
    assert "the roof leaks" in words_of(clean(samples.paper(), PDF), PDF)


def test_both_are_stored_and_only_the_given_one_names_anybody(settings, tmp_path) -> None:
    settings.HIGHGROUND_HOME = tmp_path
    for given in (samples.document(), samples.paper(), samples.photo()):
        original, shown = keep_both(io.BytesIO(given))
        assert path_of(original.hash).read_bytes() == given
        assert path_of(shown.hash).stat().st_size == shown.size
        assert MARK not in path_of(shown.hash).read_bytes()
    with pytest.raises(UploadRefused, match="Choose a PDF, a text document"):
        keep_both(io.BytesIO(samples.wav()))


@pytest.mark.parametrize("address", ["file:///C:/Users/Wei-Lan-was-here/cows.xlsx", r"C:\Wei-Lan-was-here"])
def test_a_link_in_a_pdf_names_no_folder(address) -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_annotation(0, Link(rect=(0, 0, 9, 9), url=address))
    writer.add_annotation(0, Link(rect=(0, 0, 9, 9), url="https://example.org/cows"))
    remote = DictionaryObject(
        {NameObject("/S"): NameObject("/GoToR"), NameObject("/F"): TextStringObject(address)}
    )
    writer.pages[0]["/Annots"][0].get_object()[NameObject("/PA")] = remote
    target = io.BytesIO()
    writer.write(target)
    kept = clean(target.getvalue(), PDF)
    assert "Wei-Lan" in words_of(target.getvalue(), PDF) and "Wei-Lan" not in words_of(kept, PDF)
    links = [one.get_object()["/A"]["/URI"] for one in PdfReader(io.BytesIO(kept)).pages[0]["/Annots"]]
    assert links == ["about:blank", "https://example.org/cows"]


def test_a_book_is_not_read_while_somebody_waits() -> None:
    assert "roof" in words_of(samples.paper(pages=300), PDF)
    with pytest.raises(UploadRefused, match="more than 300 pages"):
        words_of(samples.paper(pages=301), PDF)
