"""Search by words, held against a plain scan of the texts."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from highground.methods.search.errors import SearchError
from highground.methods.search.lexical import LexicalIndex, Passage
from highground.methods.search.segmenting import words
from highground.methods.search.text import normalise
from tests.methods.search.small import SENTENCES, WATER


@pytest.fixture
def index() -> LexicalIndex:
    made = LexicalIndex()
    made.add(Passage(language, language, text) for language, text in SENTENCES.items())
    return made


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_two_words_are_found_in_every_language(index: LexicalIndex, language: str) -> None:
    found = index.search(WATER[language], language)
    assert found[0] == language or (found[0], language) in {("id", "ms"), ("ms", "id")}
    assert index.search(WATER[language], language, among=[language]) == [language]


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_every_word_of_a_sentence_finds_it(index: LexicalIndex, language: str) -> None:
    for word in words(normalise(SENTENCES[language]), language):
        holding = {key for key, text in SENTENCES.items() if word in words(normalise(text), key)}
        assert language in holding
        assert holding <= set(index.search(word, language, limit=len(SENTENCES)))


def test_the_strictest_hit_comes_first() -> None:
    index = LexicalIndex()
    texts = {
        "some": "goats goats goats and fish",
        "all": "fish are fed to many goats",
        "exact": "a long text, one of many about the sea, in which fish goats appear once beside much else",
    }
    index.add(Passage(key, "en", text) for key, text in texts.items())
    assert (
        index.search("fish goats", "en") == ["exact", "some", "all"]
        or index.search("fish goats", "en")[0] == "exact"
    )
    assert set(index.search("fish goats", "en")) == set(texts)
    assert index.search("many goats", "en", limit=2)[0] == "all"


@pytest.mark.parametrize(
    ("query", "language", "expected"),
    [
        ("水", "zh", ["zh"]),  # a letter inside a word
        ("ទឹ", "km", ["km"]),  # one Khmer syllable
        ("educ", "en", ["en"]),
        ("", "en", []),
        ("?!", "en", []),
        ("no such thing", "en", []),
        ('"water" OR NEAR(', "en", ["en"]),
        ("wat* NOT water", "en", ["en"]),
    ],
)
def test_odd_queries(index: LexicalIndex, query: str, language: str, expected: list[str]) -> None:
    assert index.search(query, language, among=[language]) == expected


def test_a_query_of_five_thousand_letters(index: LexicalIndex) -> None:
    long = ("clean water " + "and what nobody wrote " * 300)[:5_000]
    assert index.search(long, "en")[0] == "en"


def test_changes_are_seen_and_nothing_else_is_touched(index: LexicalIndex) -> None:
    index.add([Passage("en", "en", "Goats are kept in pens.")])
    assert len(index) == len(SENTENCES)
    assert index.search("clean water", "en", among=["en"]) == []
    assert index.search("goats", "en") == ["en"]
    index.remove(["en", "nobody"])
    assert index.search("goats", "en") == []
    assert index.search(WATER["km"], "km")[0] == "km"
    assert list(index.missing(["en", "km", "new"])) == ["en", "new"]
    assert index.search("goats", "en", among=[]) == []


def test_an_interrupted_build_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "words.db"
    index = LexicalIndex(path)

    def passages(broken: bool):
        for number in range(4_500):
            if broken and number == 4_200:
                raise KeyboardInterrupt
            yield Passage(str(number), "en", f"passage number{number} of many")

    with pytest.raises(KeyboardInterrupt):
        index.add(passages(broken=True))
    index.close()
    index = LexicalIndex(path)
    assert len(index) == 4_000
    assert index.search("number3999", "en") == ["3999"]  # search works while it is being built
    wanted = set(index.missing(str(number) for number in range(4_500)))
    assert wanted == {str(number) for number in range(4_000, 4_500)}
    index.add(passage for passage in passages(broken=False) if passage.key in wanted)
    assert len(index) == 4_500
    assert index.search("number4499", "en") == ["4499"]
    index.close()
    with sqlite3.connect(path) as file:
        file.execute("UPDATE meta SET value = '0/icu-1/1'")
    with pytest.raises(SearchError, match=r"words\.db: .* built with segmenter 0/icu-1/1.*anew"):
        LexicalIndex(path)
