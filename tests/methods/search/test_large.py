"""The index for very many passages answers as the small one does, and is built in steps that stay."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from highground.methods.search.errors import SearchError
from highground.methods.search.large import LargeIndex, is_installed, is_large, open_words
from highground.methods.search.lexical import LexicalIndex
from highground.methods.search.steps import Passage, WordIndex
from tests.methods.search.small import SENTENCES, WATER
from tests.support.parts import skip_without


@pytest.fixture(autouse=True)
def extra() -> None:
    if not is_installed():
        skip_without(
            "search", "the extra [search] is not installed; ./run highground search eval installs it"
        )


def both(folder: Path) -> tuple[WordIndex, WordIndex]:
    large, small = LargeIndex(folder / "words.tantivy"), LexicalIndex()
    passages = [
        Passage(each, each, text, frozenset({"all", f"in:{each}"})) for each, text in SENTENCES.items()
    ]
    passages += [Passage(f"goat {n}", "en", f"Goats {'and goats ' * n}in pens") for n in range(5)]
    assert large.add(passages) == small.add(passages) == len(large) == len(small) == 16
    return large, small


def test_it_finds_what_the_small_index_finds(tmp_path: Path) -> None:
    large, small = both(tmp_path)
    assert large.languages() == small.languages()
    queries = [
        *WATER.items(),
        ("km", "ទឹក"),
        ("en", "w"),
        ("en", "cl"),
        ("en", "clean rivers and goats"),
        ("en", "?"),
    ]
    for language, query in queries:
        for narrowed in ({}, {"among": ["km", "en"]}, {"having": ["all"]}, {"having": ["all", "in:km"]}):
            wanted = small.search_telling_exact(query, language, **narrowed)
            found = large.search_telling_exact(query, language, **narrowed)
            assert (set(found[0]), found[1]) == (set(wanted[0]), wanted[1]), (query, narrowed)
    assert large.search("goats in pens", "en", limit=3) == small.search("goats in pens", "en", limit=3)
    assert large.naming(["clean water"], "en") == small.naming(["clean water"], "en") == ["en"]
    assert large.search("clean water", "en", among=[]) == []
    assert sorted(large.keys_with(["all"])) == sorted(small.keys_with(["all"])) == sorted(SENTENCES)
    assert large.count_with(["all", "in:km"]) == small.count_with(["all", "in:km"]) == 1
    assert large.text(["km"]) == small.text(["km"])


def test_letters_count_only_where_they_follow_one_another(tmp_path: Path) -> None:
    large = LargeIndex(tmp_path / "words.tantivy")
    apart = [Passage(f"apart {n:02}", "en", "shed hedges edger") for n in range(30)]
    far = Passage(
        "far",
        "en",
        "Paths lead to the terrace and its hedgerows, with many more words, so that it comes late",
    )
    large.add([*apart, far])
    assert large.search("hedger", "en", limit=2)[0] == "far"
    assert large.search_telling_exact("hedger", "en", limit=2)[1] == 1


def test_what_changed_takes_the_place_of_what_was_and_what_is_the_same_is_not_written(tmp_path: Path) -> None:
    large, _ = both(tmp_path)
    large.add([Passage("en", "en", "A well with a pump"), Passage("en", "en", "A well with a rope")])
    assert (large.search("pump", "en"), large.search("rope", "en"), len(large)) == ([], ["en"], 16)
    before = {path.name for path in tmp_path.glob("words.tantivy/*.store")}
    large.add([Passage("en", "en", "A well with a rope")])
    assert {path.name for path in tmp_path.glob("words.tantivy/*.store")} == before
    large.remove(["en", "nothing"])
    assert (large.search("rope", "en"), len(large)) == ([], 15)
    assert list(large.missing(["en", "km"])) == ["en"]


def test_a_build_that_was_killed_goes_on_and_is_searched_meanwhile(tmp_path: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from highground.methods.search import large
from highground.methods.search.steps import Passage
large.BETWEEN_COMMITS = 2_000
def some():
    for number in range(10_000):
        if number == 7_000:
            os.kill(os.getpid(), 9)
        yield Passage(str(number), "en", f"passage {number} of many")
large.LargeIndex(Path(sys.argv[1])).add(some())
"""
    folder = tmp_path / "words.tantivy"
    assert subprocess.run([sys.executable, "-c", script, str(folder)]).returncode == -9
    index = LargeIndex(folder)
    assert len(index) == 6_000
    assert index.search("passage 5999 of many", "en")[:1] == ["5999"]
    wanted = (str(number) for number in range(10_000))
    rest = index.missing(wanted)
    assert index.add(Passage(key, "en", f"passage {key} of many") for key in rest) == 4_000
    assert len(index) == 10_000


def test_two_who_write_wait_for_each_other(tmp_path: Path) -> None:
    indexes = [LargeIndex(tmp_path / "words.tantivy") for _ in range(2)]
    writers = [
        threading.Thread(
            target=index.add, args=([Passage(f"{place} {n}", "en", f"word{n}") for n in range(50)],)
        )
        for place, index in enumerate(indexes)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    for index in indexes:
        index.refresh()
        assert len(index) == 100


def test_an_index_of_another_segmenter_is_refused(tmp_path: Path) -> None:
    both(tmp_path)
    (tmp_path / "words.tantivy" / "segmenter").write_text("0/icu-1/1")
    with pytest.raises(SearchError, match=r"words\.tantivy: .* segmenter 0/icu-1/1, .* build it anew"):
        LargeIndex(tmp_path / "words.tantivy")


def test_many_passages_get_the_large_index(tmp_path: Path) -> None:
    assert not is_large(50_000) and is_large(50_001)
    assert isinstance(open_words(tmp_path, 50_000), LexicalIndex)
    assert isinstance(open_words(tmp_path, 50_001), LexicalIndex)  # the one that is there stays
    both(tmp_path)
    assert isinstance(open_words(tmp_path), LargeIndex)
