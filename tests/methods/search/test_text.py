"""Every way in which a text is stored comes to one form, and its words are found in every script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highground.methods.search.lexical import LexicalIndex, Passage
from highground.methods.search.segmenting import grams, letters, pieces, words
from highground.methods.search.text import normalise
from highground.methods.search.zawgyi import from_zawgyi, is_able, looks_like_zawgyi
from tests.methods.search.small import SENTENCES


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (unicodedata.normalize("NFD", "Tiếng Việt"), "Tiếng Việt"),
        ("ทํา", "ทำ"),  # Thai sara am in two signs
        ("ນ\u0ecd\u0eb2", "ນ\u0eb3"),  # and Lao
        ("ໜັງສື ໝາ", "ໜັງສື ໝາ"),  # NFKC would take these letters apart
        ("ការ\u200bអប់រំ", "ការអប់រំ"),  # a space that nobody sees
        ("ＡＢＣ　１２３！", "ABC 123!"),
        ("១២៣ ໑໒ ๓๔ ၅၆ ௭௮ ٩", "123 12 34 56 78 9"),
        ("ef\ufb01cient o\ufb03ce", "efficient office"),
        (" a\t\nb\u00a0\u2003c ", "a b c"),
        ("co\u00adoperative\ufeff", "cooperative"),
        ("a\x00b\x1f", "ab"),
        ("half \ud83d broken", "half broken"),
        ("Straße", "Straße"),
        ("", ""),
    ],
)
def test_one_form(written: str, read: str) -> None:
    assert normalise(written) == read


@given(st.text(max_size=60))
def test_normalising_again_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)


def test_zawgyi_is_noticed_and_unicode_is_not() -> None:
    assert looks_like_zawgyi("ျမန္မာႏိုင္ငံ")
    assert looks_like_zawgyi("ေနေကာင္းလား")
    assert not looks_like_zawgyi(SENTENCES["my"])
    assert not any(looks_like_zawgyi(text) for text in SENTENCES.values())
    assert not looks_like_zawgyi("")


@pytest.mark.parametrize(
    ("zawgyi", "unicode"),
    [
        # The title of the Universal Declaration as it stands in the documents of Google's myanmar-tools, and greetings.
        ("အျပည္ျပည္ဆိုင္ရာ လူ႔အခြင့္အေရး ေၾကညာစာတမ္း", "အပြည်ပြည်ဆိုင်ရာ လူ့အခွင့်အရေး ကြေညာစာတမ်း"),
        ("ျမန္မာႏိုင္ငံ", "မြန်မာနိုင်ငံ"),
        ("ေနေကာင္းလား", "နေကောင်းလား"),
        ("မ္း", "မ်း"),
    ],
)
def test_zawgyi_becomes_unicode(zawgyi: str, unicode: str) -> None:
    assert is_able()
    assert looks_like_zawgyi(zawgyi) and not looks_like_zawgyi(unicode)
    assert normalise(zawgyi) == normalise(unicode) == unicodedata.normalize("NFC", unicode)
    assert from_zawgyi(f"PDF {zawgyi} 2026") == f"PDF {unicode} 2026"


def test_a_query_in_zawgyi_finds_a_text_in_unicode() -> None:
    index = LexicalIndex()
    index.add([Passage("report", "my", "မြန်မာနိုင်ငံ ကျေးလက်ဖွံ့ဖြိုးရေး"), Passage("other", "my", SENTENCES["my"])])
    assert index.search("ျမန္မာႏိုင္ငံ", "my") == ["report"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("zh", "易地搬迁", ["易地", "搬迁"]),
        ("th", "มนุษย์ทั้งปวงเกิดมา", ["มนุษย์", "ทั้ง", "ปวง", "เกิด", "มา"]),
        ("km", "មនុស្សទាំងអស់", ["មនុស្ស", "ទាំងអស់"]),
        ("en", "Don't stop, NFL!", ["dont", "stop", "nfl"]),
        ("ta", "நீர்", ["நீர்"]),
        ("xx-no-such", "two words", ["two", "words"]),
        ("en", " ... ", []),
    ],
)
def test_words(language: str, text: str, expected: list[str]) -> None:
    assert words(text, language) == expected


@given(st.text(alphabet=st.characters(min_codepoint=0x1000, max_codepoint=0x109F), max_size=12))
def test_normalising_burmese_again_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(max_size=60), st.sampled_from(sorted(SENTENCES)))
def test_pieces_are_the_whole_text_and_tokens_hold_nothing_but_letters(text: str, language: str) -> None:
    text = normalise(text)
    assert "".join(piece for piece, _ in pieces(text, language)) == text
    for token in [*words(text, language), *grams(text)]:
        assert token == letters(token)
        assert not set(token) & set('"*^:()-+ ')


def test_runs_of_three() -> None:
    assert grams("To be!") == ["tob", "obe"]
    assert grams("To be!", tails=True) == ["tob", "obe", "be", "e"]
    assert grams("a") == []
