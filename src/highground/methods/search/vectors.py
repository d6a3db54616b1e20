"""The vectors of passages in a file, made once.

Each language lies in a corner of its own, so that texts of the query's language look nearer than they are.
The mean of the indexed passages of a language is taken off its texts before languages are compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from sqlite3 import Connection

import numpy as np

from highground.methods.search.approximate import Numbers
from highground.methods.search.embedding import Embedder, Vectors, identity
from highground.methods.search.opening import open_index
from highground.methods.search.steps import Passage
from highground.methods.search.text import normalise

BATCH = 32
READ = 20_000
"""Vectors that are read at once."""
FEWEST = 8
"""A mean of fewer passages says more about them than about their language; the mean of all is taken instead."""

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, language TEXT NOT NULL, digest BLOB NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX by_language ON vectors (language, id);
CREATE TABLE means (language TEXT PRIMARY KEY, mean BLOB NOT NULL);
"""
_FORM = 2
"""Of the tables above: a file of another form is built anew."""


class VectorStore:
    """Vectors of passages in one SQLite file, or in memory where `path` is None.

    Each has a number that goes up and is never given again: what changed has a new one. Raises SearchError for a file of
    another model, prefix or normaliser: its vectors can't be compared with new ones.
    """

    def __init__(self, embedder: Embedder, path: Path | None = None) -> None:
        self._embedder, self.path = embedder, path
        mine = f"{identity(embedder)}/{_FORM}"
        self._database = open_index(
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

    @property
    def dimensions(self) -> int:
        """How long a vector is."""
        return self._embedder.dimensions

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    def add(self, passages: Iterable[Passage], *, on_batch: Callable[[int], None] | None = None) -> int:
        """Embed what is new or says something else than before; how many passages that was.

        Written batch by batch: after an interruption the same call goes on where it ended.
        """
        made, flow = 0, iter(passages)
        while batch := list(islice(flow, BATCH)):
            new = self._new(batch)
            if new:
                rows = self._embedder.embed([passage.text for passage in new], "passage")
                self.put(new, rows)
            made += len(new)
            if on_batch:
                on_batch(made)
        return made

    def put(self, passages: Sequence[Passage], rows: Vectors) -> None:
        """Keep vectors that are made already."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(
            "INSERT OR REPLACE INTO vectors (key, language, digest, vector) VALUES (?, ?, ?, ?)",
            [
                (passage.key, passage.language, _digest(passage.text), row.astype(np.float16).tobytes())
                for passage, row in zip(passages, rows, strict=True)
            ],
        )
        self._db.execute("COMMIT")

    def remove(self, keys: Collection[str]) -> None:
        """Take vectors out; keys that are not there are passed over."""
        self._db.executemany("DELETE FROM vectors WHERE key = ?", [(key,) for key in keys])

    def blocks(self) -> dict[str, tuple[list[str], Vectors]]:
        """Of each language the keys and their vectors, one a row."""
        return {language: self.block(language) for language in self.counts()}

    def block(self, language: str) -> tuple[list[str], Vectors]:
        """The keys of a language and their vectors, one a row."""
        asked = "SELECT key, vector FROM vectors WHERE language = ? ORDER BY key"
        rows = self._db.execute(asked, [language]).fetchall()
        return [key for key, _ in rows], self._rows([vector for _, vector in rows])

    def counts(self) -> dict[str, int]:
        """How many vectors there are of each language."""
        return dict(self._db.execute("SELECT language, count(*) FROM vectors GROUP BY language").fetchall())

    def means(self, keys: Collection[str]) -> dict[str, Vectors]:
        """What `means_of` gives for some of the passages only."""
        chosen = {}
        for language, (held, vectors) in self.blocks().items():
            rows = [place for place, key in enumerate(held) if key in keys]
            chosen[language] = ([held[place] for place in rows], vectors[rows])
        return means_of(chosen)

    def last_number(self) -> int:
        """The number of the latest vector."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM vectors").fetchone()[0])

    def numbers(self, language: str) -> Numbers:
        """The numbers of a language's vectors, in order."""
        asked = "SELECT id FROM vectors WHERE language = ? ORDER BY id"
        return np.array([number for (number,) in self._db.execute(asked, [language])], dtype=np.int64)

    def newer(self, number: int) -> dict[str, tuple[Numbers, list[str], Vectors]]:
        """Of each language the vectors after a number: their numbers, keys and rows."""
        found: dict[str, list[tuple[int, str, bytes]]] = {}
        asked = "SELECT language, id, key, vector FROM vectors WHERE id > ? ORDER BY id"
        for language, *row in self._db.execute(asked, [number]):
            found.setdefault(language, []).append((row[0], row[1], row[2]))
        return {
            language: (
                np.array([each for each, _, _ in rows], dtype=np.int64),
                [key for _, key, _ in rows],
                self._rows([vector for _, _, vector in rows]),
            )
            for language, rows in found.items()
        }

    def read(self, numbers: Numbers) -> Iterator[tuple[Numbers, Vectors]]:
        """The vectors of numbers in order, some thousands at a time; those that are gone are passed over."""
        for first in range(0, len(numbers), READ):
            yield self.rows_of(numbers[first : first + READ])

    def rows_of(self, numbers: Numbers) -> tuple[Numbers, Vectors]:
        """Those of the numbers that are there, in order, and their vectors."""
        asked = f"SELECT id, vector FROM vectors WHERE id IN ({', '.join('?' * len(numbers))}) ORDER BY id"
        rows = self._db.execute(asked, numbers.tolist()).fetchall()
        return np.array([row[0] for row in rows], dtype=np.int64), self._rows([row[1] for row in rows])

    def keys_of(self, numbers: Sequence[int]) -> dict[int, str]:
        """The keys of numbers; those that are gone are left out."""
        asked = f"SELECT id, key FROM vectors WHERE id IN ({', '.join('?' * len(numbers))})"
        return dict(self._db.execute(asked, list(numbers)).fetchall())

    def numbers_of(self, language: str, keys: Sequence[str]) -> dict[int, str]:
        """The numbers of those of the keys that are of a language."""
        found: dict[int, str] = {}
        for first in range(0, len(keys), READ):
            some = keys[first : first + READ]
            asked = (
                f"SELECT id, key FROM vectors WHERE language = ? AND key IN ({', '.join('?' * len(some))})"
            )
            found |= dict(self._db.execute(asked, [language, *some]).fetchall())
        return found

    def mean(self, language: str) -> Vectors:
        """The mean of a language with very many vectors: taken once, and kept with them."""
        row = self._db.execute("SELECT mean FROM means WHERE language = ?", [language]).fetchone()
        if row:
            return np.frombuffer(row[0], np.float32)
        total, count = np.zeros(self.dimensions, np.float64), 0
        for numbers, rows in self.read(self.numbers(language)):
            total, count = total + rows.sum(0, dtype=np.float64), count + len(numbers)
        mean = (total / max(count, 1)).astype(np.float32)
        self._db.execute("INSERT OR REPLACE INTO means VALUES (?, ?)", [language, mean.tobytes()])
        return mean

    @property
    def _db(self) -> Connection:
        return self._database.here

    def _rows(self, blobs: Sequence[bytes]) -> Vectors:
        read = np.frombuffer(b"".join(blobs), np.float16).reshape(len(blobs), self.dimensions)
        return read.astype(np.float32)

    def _new(self, batch: Sequence[Passage]) -> list[Passage]:
        """Those of which no vector is held, or one of another text or language."""
        asked = f"SELECT key, language, digest FROM vectors WHERE key IN ({', '.join('?' * len(batch))})"
        held = {key: rest for key, *rest in self._db.execute(asked, [passage.key for passage in batch])}
        latest = {passage.key: passage for passage in batch}
        return [
            passage
            for key, passage in latest.items()
            if held.get(key) != [passage.language, _digest(passage.text)]
        ]


def _digest(text: str) -> bytes:
    return hashlib.sha256(normalise(text).encode()).digest()[:16]


def means_of(blocks: Mapping[str, tuple[Sequence[str], Vectors]]) -> dict[str, Vectors]:
    """The mean vector of each language that has enough passages, and under "" that of all."""
    return joined_means(
        {language: (len(rows), rows.mean(0)) for language, (_, rows) in blocks.items() if len(rows)}
    )


def joined_means(means: Mapping[str, tuple[int, Vectors]]) -> dict[str, Vectors]:
    """The means of the languages that have enough passages, and under "" that of all, from the counts and means of each."""
    total = sum(count for count, _ in means.values())
    if not total:
        return {}
    every = sum((mean * (count / total) for count, mean in means.values()), np.float32(0))
    return {language: mean for language, (count, mean) in means.items() if count >= FEWEST} | {
        "": np.asarray(every, dtype=np.float32)
    }
