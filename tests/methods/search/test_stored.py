"""The nearest of a store of vectors: kept up to date, the same as when read anew, with graphs that lie in files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from highground.methods.search.approximate import is_installed
from highground.methods.search.embedding import Kind, Vectors
from highground.methods.search.index import Having, Index
from highground.methods.search.lexical import LexicalIndex
from highground.methods.search.nearest import NearestPassages, StoredPassages
from highground.methods.search.steps import Passage
from highground.methods.search.vectors import VectorStore
from tests.methods.search.test_vectors import NO_EXTRA
from tests.support.parts import skip_without


class Drawn:
    """Vectors of texts that are numbers."""

    model, dimensions = "drawn", 16

    def embed(self, texts: list[str], kind: Kind) -> Vectors:
        rows = np.stack([np.random.default_rng(int(text)).normal(size=16) for text in texts]).astype(
            np.float32
        )
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def passages(first: int, last: int) -> list[Passage]:
    return [
        Passage(f"k{n}", ("en", "km", "zh")[n % 3], str(n), frozenset({"odd" if n % 2 else "even"}))
        for n in range(first, last)
    ]


def asked(count: int = 20) -> Vectors:
    return Drawn().embed([str(10_000 + n) for n in range(count)], "query")


def test_what_is_kept_up_to_date_answers_as_what_is_read_anew(tmp_path: Path) -> None:
    store = VectorStore(Drawn(), tmp_path / "vectors.sqlite")
    store.add(passages(0, 60))
    kept = StoredPassages(store)
    store.add([*passages(60, 90), Passage("k3", "en", "777"), Passage("k4", "zh", "4")])
    store.remove(["k5", "k6"])
    kept.catch_up(["k5", "k6"])
    anew = NearestPassages(store.blocks())
    for vector in asked():
        assert kept.search(vector, "km", limit=12) == anew.search(vector, "km", limit=12)
        assert kept.search(vector, "en", limit=5, among=["en"]) == anew.search(
            vector, "en", limit=5, among=["en"]
        )
    kept.catch_up()
    assert kept.search(asked()[0], "km", limit=100) == anew.search(asked()[0], "km", limit=100)


def test_a_graph_is_completed_from_the_store_and_not_made_again(tmp_path: Path) -> None:
    if not is_installed():
        skip_without("search", NO_EXTRA)
    store = VectorStore(Drawn(), tmp_path / "vectors.sqlite")
    store.add(passages(0, 600))
    StoredPassages(store, brute_force=50, save=True)
    files = sorted(path.name for path in tmp_path.glob("*.graph"))
    assert files == ["vectors.en.graph", "vectors.km.graph", "vectors.zh.graph"]
    store.add([*passages(600, 660), Passage("k3", "en", "777")])
    store.remove(["k9"])
    told: list[tuple[int, int]] = []
    kept = StoredPassages(store, brute_force=50, say=lambda done, whole: told.append((done, whole)))
    assert sorted(told) == [(219, 219), (220, 220), (220, 220)]
    exact = NearestPassages(store.blocks(), means={each: store.mean(each) for each in ("en", "km", "zh")})
    alike = sum(len(set(kept.search(vector, "km")) & set(exact.search(vector, "km"))) for vector in asked(40))
    assert alike >= 380  # of 400
    (tmp_path / "vectors.en.graph").write_bytes(b"no graph")
    again = StoredPassages(store, brute_force=50)
    assert again.search(asked()[0], "en", among=["en"]) == kept.search(asked()[0], "en", among=["en"])


def test_a_search_is_narrowed_before_it_begins() -> None:
    lexical, store = LexicalIndex(), VectorStore(Drawn())
    every = passages(0, 300)
    lexical.add(every)
    store.add(every)
    sizes = [10_000, 20] if is_installed() else [10_000]
    for brute_force in sizes:
        nearest = StoredPassages(store, brute_force=brute_force)
        for vector in asked(5):
            whole = nearest.search(vector, "km", limit=300)
            odd = [key for key in whole if int(key[1:]) % 2]
            found = nearest.search(vector, "km", limit=8, chosen=Having(lexical, ["odd"]))
            assert len(found) == 8 and all(int(key[1:]) % 2 for key in found)
            assert len(set(found) & set(odd[:8])) >= 7
    index = Index(lexical, Drawn(), StoredPassages(store))
    assert all(int(key[1:]) % 2 == 0 for key in index.answer("4", "zh", having=["even"]).keys)
    assert index.answer("4", "zh", having=["none"]).keys == []
