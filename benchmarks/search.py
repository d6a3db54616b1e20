"""`./run bench search`: how long a query takes among many profiles and passages, by words and by meaning; what building costs.

The lexical indexes are built for real, of made-up words drawn as words are (Zipf), two thirds in Latin letters and one third
in Chinese ones. The vectors of the dense arm are drawn around `--embedded` really embedded ones, because embedding a
million passages takes days: each is one of these plus noise. The rate of embedding is measured, and the full cost worked
out from it. Targets on two cores: p95 80 ms among 100,000 profiles, 150 ms among 1,000,000 passages, recall@10 at least .95
against brute force, 2 GiB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench, cpu_seconds, percentile
from highground.methods.search.approximate import NeighbourGraph, is_installed
from highground.methods.search.embedding import NO_EMBEDDER, Embedder, Vectors, find_embedder
from highground.methods.search.fusing import fuse
from highground.methods.search.lexical import LexicalIndex, Passage

WORDS = 60
VOCABULARY = 50_000
BLOCK = 10_000
NOISE = 0.5
"""Of the length of a vector; two of the same origin then have a cosine of about .8."""


class Texts:
    """Passages of made-up words; the number of one says what it holds."""

    def __init__(self, seed: int) -> None:
        chance = np.random.default_rng(seed)
        syllables = [
            first + second for first in "bdfghklmnprstvw" for second in ("a", "e", "i", "o", "u", "an", "ing")
        ]
        latin = ["".join(chance.choice(syllables, 3)) for _ in range(VOCABULARY)]
        chinese = ["".join(map(chr, chance.integers(0x4E00, 0x5600, 2))) for _ in range(VOCABULARY)]
        weights = 1 / np.arange(1, VOCABULARY + 1)
        self._seed, self._chosen = seed, {"en": latin, "zh": chinese}
        self._edges = np.cumsum(weights / weights.sum())

    def passage(self, number: int) -> Passage:
        """The passage of a number."""
        language = "zh" if number % 3 == 2 else "en"
        drawn = np.random.default_rng([self._seed, number]).random(WORDS)
        words = [self._chosen[language][place] for place in np.searchsorted(self._edges, drawn)]
        return Passage(str(number), language, ("" if language == "zh" else " ").join(words))

    def queries(self, total: int, count: int) -> list[tuple[str, str]]:
        """Four words in a row of passages drawn at random, which is what people remember; and their language."""
        chance, found = np.random.default_rng(self._seed + 1), []
        for number in chance.integers(0, total, count):
            text = self.passage(int(number))
            parts = (
                text.text.split()
                if text.language == "en"
                else [text.text[i : i + 2] for i in range(0, 2 * WORDS, 2)]
            )
            picked = [*parts[10:12], parts[30], parts[45]]
            found.append((("" if text.language == "zh" else " ").join(picked), text.language))
        return found


class Clock:
    """Wall and processor time of one query after another: on a busy machine the two lie far apart."""

    def __init__(self) -> None:
        self._wall: list[float] = []
        self._cpu: list[float] = []

    def __enter__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def __exit__(self, *problem: object) -> None:
        self._wall.append(time.perf_counter() - self._began[0])
        self._cpu.append(time.process_time() - self._began[1])

    def tell(self, bench: Bench, part: str) -> None:
        """Keep the percentiles."""
        bench.times(part, self._wall)
        bench.add(part, cpu_p95_ms=round(percentile(self._cpu, 0.95) * 1000, 2))


def build_lexical(bench: Bench, name: str, texts: Texts, total: int, path: Path) -> LexicalIndex:
    """Build an index in two runs, as if the first had been broken off at half; what is there is not built again."""
    with bench.part(f"{name}: build"):
        for upto in (total // 2, total):
            index = LexicalIndex(path)
            wanted = index.missing(str(number) for number in range(upto))
            index.add(texts.passage(int(key)) for key in wanted)
    seconds = bench.figures(f"{name}: build")["cpu_seconds"]
    bench.add(
        f"{name}: build",
        documents=len(index),
        per_second=round(total / seconds),
        mib=round(sum(each.stat().st_size for each in path.parent.glob(path.name + "*")) / 2**20),
    )
    return index


def ask_lexical(bench: Bench, name: str, index: LexicalIndex, queries: list[tuple[str, str]]) -> None:
    """The time of each query."""
    hits, clock = 0, Clock()
    for query, language in queries:
        with clock:
            found = index.search(query, language, limit=10)
        hits += bool(found)
    clock.tell(bench, f"{name}: lexical query")
    bench.add(f"{name}: lexical query", answered=hits)


def embed(bench: Bench, embedder: Embedder, texts: Texts, count: int, full: int) -> Vectors:
    """Embed passages for real, and say what all would take."""
    began = cpu_seconds()
    rows = np.concatenate(
        [
            embedder.embed(
                [texts.passage(number).text for number in range(first, min(first + 32, count))], "passage"
            )
            for first in range(0, count, 32)
        ]
    )
    spent = cpu_seconds() - began
    bench.add("embedding", embedded=count, cpu_ms_each=round(spent / count * 1000, 1))
    bench.add("embedding", core_hours_for_all=round(spent / count * full / 3600, 1))
    return rows


def drawn(origins: Vectors, total: int) -> Iterator[Vectors]:
    """Vectors around the origins, in blocks; the same at every call."""
    width = origins.shape[1]
    for first in range(0, total, BLOCK):
        chance = np.random.default_rng([7, first])
        rows = origins[chance.integers(0, len(origins), min(BLOCK, total - first))]
        noise = chance.normal(size=rows.shape, scale=NOISE / width**0.5).astype(np.float32)
        moved = rows + noise
        yield moved / np.linalg.norm(moved, axis=1, keepdims=True)


def ask_dense(bench: Bench, graph: NeighbourGraph, origins: Vectors, asked: Vectors) -> None:
    """Time and recall of the graph against a comparison with every vector."""
    found, clock = [], Clock()
    for vector in asked:
        with clock:
            found.append({row for row, _ in graph.nearest(vector, 10)})
    clock.tell(bench, "dense query")
    best = np.full((len(asked), 0), 0.0, np.float32)
    rows = np.zeros((len(asked), 0), np.int64)
    for number, block in enumerate(drawn(origins, len(graph))):
        best = np.concatenate([best, asked @ block.T], axis=1)
        rows = np.concatenate(
            [rows, np.tile(np.arange(len(block)) + number * BLOCK, (len(asked), 1))], axis=1
        )
        kept = np.argsort(-best, axis=1)[:, :10]
        best, rows = np.take_along_axis(best, kept, 1), np.take_along_axis(rows, kept, 1)
    recall = np.mean([len(mine & set(right.tolist())) / 10 for mine, right in zip(found, rows, strict=True)])
    bench.add("dense query", recall_at_10=round(float(recall), 3))


def ask_both(
    bench: Bench,
    index: LexicalIndex,
    graph: NeighbourGraph,
    embedder: Embedder,
    mean: Vectors,
    queries: list[tuple[str, str]],
) -> None:
    """The whole way of a query: embed it, ask both arms, fuse."""
    clock = Clock()
    for query, language in queries:
        with clock:
            (vector,) = embedder.embed([query], "query") - mean
            by_words = index.search(query, language, limit=50)
            fuse({"words": by_words, "meaning": [str(row) for row, _ in graph.nearest(vector, 50)]})
    clock.tell(bench, "passages: fused query")


def main() -> None:
    """Build, ask, tell."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--profiles", type=int, default=100_000)
    options.add_argument("--passages", type=int, default=1_000_000)
    options.add_argument("--vectors", type=int, default=1_000_000)
    options.add_argument("--embedded", type=int, default=20_000)
    options.add_argument("--queries", type=int, default=300)
    given = options.parse_args()
    bench = Bench("search", **vars(given))
    with tempfile.TemporaryDirectory(prefix="highground-bench-") as folder:
        indexes = {}
        for seed, name in enumerate(("profiles", "passages")):
            texts, total = Texts(seed), getattr(given, name)
            indexes[name] = build_lexical(bench, name, texts, total, Path(folder) / f"{name}.db")
            ask_lexical(bench, name, indexes[name], texts.queries(total, given.queries))
        embedder = find_embedder() if is_installed() else None
        if embedder is None:
            print(f"The dense arm is left out: {NO_EMBEDDER}", file=sys.stderr)
        else:
            origins = embed(bench, embedder, texts, given.embedded, given.passages)
            mean = origins.mean(0)
            origins -= mean
            origins /= np.linalg.norm(origins, axis=1, keepdims=True)
            graph = NeighbourGraph(embedder.dimensions)
            with bench.part("dense: build"):
                for block in drawn(origins, given.vectors):
                    graph.add(block)
            queries = texts.queries(given.passages, given.queries)
            asked = embedder.embed([query for query, _ in queries], "query") - mean
            ask_dense(bench, graph, origins, asked)
            ask_both(bench, indexes["passages"], graph, embedder, mean, queries)
        with bench.part("all"):
            pass
    bench.finish()


if __name__ == "__main__":
    main()
