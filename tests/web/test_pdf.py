"""Pages as PDF: lines broken between words where a script puts no spaces, and nothing fetched from elsewhere."""

from __future__ import annotations

import io
import re

import pytest
from django.template.loader import render_to_string
from pypdf import PdfReader

from highground.web.pdf import BREAK, CannotPrint, _static_file, can_print, pdf_of, with_breaks

KHMER = "មនុស្សទាំងអស់កើតមកមានសេរីភាពនិងសមភាពក្នុងផ្នែកសេចក្ដីថ្លៃថ្នូរនិងសិទ្ធិ"
LAO = "ມະນຸດເກີດມາມີສິດເສລີພາບແລະສະເໝີໜ້າກັນໃນທາງກຽດຕິສັກແລະທາງສິດດ້ວຍມະນຸດມີສະຕິສຳປັດຊັນຍະ"
BURMESE = "လူတိုင်းသည်တူညီလွတ်လပ်သောဂုဏ်သိက္ခာဖြင့်လည်းကောင်းတူညီလွတ်လပ်သောအခွင့်အရေးများဖြင့်"
THAI = "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ"


@pytest.mark.parametrize(
    ("text", "some"),
    [
        (KHMER, ["មនុស្ស", "សេរីភាព", "សិទ្ធិ"]),
        (LAO, ["ມະນຸດ", "ເກີດ", "ສິດ"]),
        (BURMESE, ["လူ", "လွတ်လပ်"]),
        (THAI, ["มนุษย์", "อิสระ", "สิทธิ"]),
    ],
)
def test_words_may_part_where_a_script_puts_no_spaces(text: str, some: list[str]) -> None:
    broken = with_breaks(text)
    words = broken.split(BREAK)
    assert broken.replace(BREAK, "") == text and len(words) > 8
    assert set(some) <= set(words)


def test_other_scripts_and_marks_stay_as_they_are() -> None:
    text = '<p title="a">Income rose by 12 %. 收入增长。</p><p>១២៣។ ๑๒ ໑໒ ၁၂။</p>'
    assert with_breaks(text) == text


def lines_of(html: str) -> list[str]:
    pages = PdfReader(io.BytesIO(pdf_of(html))).pages
    return [line for page in pages for line in page.extract_text().splitlines() if line.strip()]


needs_printer = pytest.mark.skipif(not can_print(), reason="WeasyPrint or Pango is not installed here")


@needs_printer
@pytest.mark.parametrize("text", [KHMER, LAO, BURMESE])
def test_a_sentence_without_spaces_fills_its_lines(text: str) -> None:
    lines = lines_of(f'<body style="width: 60mm; font-size: 12pt"><p>{text}</p></body>')
    assert len(lines) > 2


@needs_printer
def test_nothing_is_fetched_from_elsewhere(tmp_path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("p::after { content: 'leaked' }")
    for address in (secret.as_uri(), "http://127.0.0.1:1/x.css", "../../../etc/passwd", "/media/x.css"):
        assert lines_of(f'<link rel="stylesheet" href="{address}"><p>Here</p>') == ["Here"]


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "https://example.org/static/web/highground.css",
        "https://highground.invalid/media/web/highground.css",
        "https://highground.invalid/static/../../secret_key",
        "https://highground.invalid/static/web/none.css",
    ],
)
def test_addresses_that_are_no_files_of_this_installation(address: str) -> None:
    with pytest.raises(ValueError, match="is no file of this installation"):
        _static_file(address)
    assert _static_file("https://highground.invalid/static/web/highground.css").name == "highground.css"


def test_without_weasyprint_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(CannotPrint, match=r"highground\[pdf\]"):
        pdf_of("<p>Here</p>")


@needs_printer
def test_paper_has_numbers_of_pages_and_bars_in_their_colours() -> None:
    from highground.web.pictures import Bar, Mark
    from highground.web.templatetags.pieces import bars

    rows = [Bar("Water", 64, "gold"), Bar("Road", 80, "green"), Bar("School", None, "plum")]
    told = bars(rows, "Reached", Mark("standard", 100), "Service")
    picture = render_to_string("web/pieces/bars.html", told)
    page = PdfReader(io.BytesIO(pdf_of(f"<head></head><h1>Baiyun</h1>{picture}"))).pages[0]
    text = page.extract_text()
    assert "1 / 1" in text and text.count("Baiyun") == 2, "the heading stands at the foot of the page as well"
    drawn = page.get_contents().get_data().decode("latin-1")
    for red, green, blue in ((0xB4, 0x7A, 0x05), (0x1F, 0x7A, 0x5C), (0xA8, 0x3A, 0x17)):
        colour = rf"0\.{int(red / 255 * 1000):03d}\d* 0\.{int(green / 255 * 1000):03d}\d* 0\.{int(blue / 255 * 1000):03d}"
        assert re.search(colour, drawn), (red, green, blue)
