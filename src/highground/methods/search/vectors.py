"""The vectors of passages in a file, made once, and the nearest of them to a query.

Each language lies in a corner of its own, so that texts of the query's language look nearer than they are.
The mean of the indexed passages of a language is taken off its texts before languages are compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from highground.methods.search.approximate import BRUTE_FORCE, NeighbourGraph, graph_of, is_installed
from highground.methods.search.embedding import Embedder, Vectors, identity
from highground.methods.search.lexical import Passage
from highground.methods.search.opening import open_index
from highground.methods.search.text import normalise

BATCH = 32
FEWEST = 8
"""A mean of fewer passages says more about them than about their language; the mean of all is taken instead."""

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE vectors (
    key TEXT PRIMARY KEY, language TEXT NOT NULL, digest BLOB NOT NULL, vector BLOB NOT NULL
) WITHOUT ROWID;
"""


class VectorStore:
    """Vectors of passages in one SQLite file, or in memory where `path` is None.

    Raises SearchError for a file of another model, prefix or normaliser: its vectors can't be compared with new ones.
    """

    def __init__(self, embedder: Embedder, path: Path | None = None) -> None:
        self._embedder = embedder
        mine = identity(embedder)
        self._db = open_index(
            path,
            _TABLES,
            "made by",
            mine,
            lambda other: (
                f"these vectors are of {other}, and this is {mine}; remove the file and build it anew"
            ),
        )

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM vectors").fetchone()[0])

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    def add(self, passages: Iterable[Passage], *, on_batch: Callable[[int], None] | None = None) -> int:
        """Embed what is new or says something else than before; how many passages that was.

        Written batch by batch: after an interruption the same call goes on where it ended.
        """
        made, flow = 0, iter(passages)
        while batch := list(islice(flow, BATCH)):
            new = [passage for passage in batch if not self._holds(passage)]
            if new:
                rows = self._embedder.embed([passage.text for passage in new], "passage")
                self._db.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)",
                    [
                        (
                            passage.key,
                            passage.language,
                            _digest(passage.text),
                            row.astype(np.float16).tobytes(),
                        )
                        for passage, row in zip(new, rows, strict=True)
                    ],
                )
            made += len(new)
            if on_batch:
                on_batch(made)
        return made

    def remove(self, keys: Collection[str]) -> None:
        """Take vectors out; keys that are not there are passed over."""
        self._db.executemany("DELETE FROM vectors WHERE key = ?", [(key,) for key in keys])

    def blocks(self) -> dict[str, tuple[list[str], Vectors]]:
        """Of each language the keys and their vectors, one a row."""
        found: dict[str, tuple[list[str], list[bytes]]] = {}
        for key, language, vector in self._db.execute(
            "SELECT key, language, vector FROM vectors ORDER BY key"
        ):
            keys, rows = found.setdefault(language, ([], []))
            keys.append(key)
            rows.append(vector)
        return {
            language: (
                keys,
                np.frombuffer(b"".join(rows), np.float16).reshape(len(keys), -1).astype(np.float32),
            )
            for language, (keys, rows) in found.items()
        }

    def means(self, keys: Collection[str]) -> dict[str, Vectors]:
        """What `means_of` gives for some of the passages only."""
        chosen = {}
        for language, (held, vectors) in self.blocks().items():
            rows = [place for place, key in enumerate(held) if key in keys]
            chosen[language] = ([held[place] for place in rows], vectors[rows])
        return means_of(chosen)

    def _holds(self, passage: Passage) -> bool:
        row = self._db.execute("SELECT digest FROM vectors WHERE key = ?", [passage.key]).fetchone()
        return row is not None and row[0] == _digest(passage.text)


def _digest(text: str) -> bytes:
    return hashlib.sha256(normalise(text).encode()).digest()[:16]


def means_of(blocks: Mapping[str, tuple[Sequence[str], Vectors]]) -> dict[str, Vectors]:
    """The mean vector of each language that has enough passages, and under "" that of all."""
    rows = [vectors for _, vectors in blocks.values() if len(vectors)]
    if not rows:
        return {}
    means = {language: vectors.mean(0) for language, (_, vectors) in blocks.items() if len(vectors) >= FEWEST}
    return means | {"": np.concatenate(rows).mean(0)}


@dataclass(frozen=True)
class _Block:
    """The passages of one language."""

    keys: Sequence[str]
    vectors: Vectors
    mean: Vectors
    norms: Vectors
    """The length of each vector without the mean."""
    graph: NeighbourGraph | None
    """Where there are too many to compare with each."""


class NearestPassages:
    """Every vector of a language compared with the query, or a graph of neighbours followed where there are many.

    `means` are those of `means_of`, of the blocks themselves if none are given; `brute_force` is the number of
    vectors of a language up to which each is compared. Without the package `usearch` each is compared always.
    """

    def __init__(
        self,
        blocks: Mapping[str, tuple[Sequence[str], Vectors]],
        *,
        means: Mapping[str, Vectors] | None = None,
        brute_force: int = BRUTE_FORCE,
    ) -> None:
        self._means = means_of(blocks) if means is None else dict(means)
        self._blocks = {}
        for language, (keys, vectors) in blocks.items():
            mean = self._mean(language)
            norms = np.linalg.norm(vectors - mean, axis=1).clip(1e-6)
            many = len(keys) > brute_force and is_installed()
            graph = graph_of([vectors - mean], vectors.shape[1]) if many else None
            self._blocks[language] = _Block(keys, vectors, mean, norms, graph)

    def search(
        self, vector: Vectors, language: str, *, limit: int = 10, among: Collection[str] | None = None
    ) -> list[str]:
        """The keys nearest to a query's vector, nearest first; `among` holds the languages that are looked at.

        Within the query's own language nothing is taken off: there is no other corner to compare with.
        """
        looked_at = [each for each in self._blocks if among is None or each in among]
        if not looked_at or limit < 1:
            return []
        own = looked_at == [language]
        asked = vector if own else vector - self._mean(language)
        found = [_nearest(self._blocks[each], asked, own, limit) for each in looked_at]
        best = sorted((pair for pairs in found for pair in pairs), key=lambda pair: (-pair[1], pair[0]))
        return [key for key, _ in best[:limit]]

    def _mean(self, language: str) -> Vectors:
        return self._means[language] if language in self._means else self._means[""]


def _nearest(block: _Block, asked: Vectors, own: bool, limit: int) -> list[tuple[str, float]]:
    if block.graph is not None:
        return [
            (block.keys[row], score * float(np.linalg.norm(asked)))
            for row, score in block.graph.nearest(asked - block.mean if own else asked, limit)
        ]
    scores = block.vectors @ asked
    if not own:
        scores = (scores - block.mean @ asked) / block.norms
    places = np.argpartition(-scores, min(limit, len(scores)) - 1)[:limit]
    return [(block.keys[place], float(scores[place])) for place in places]
