"""Search by words, in SQLite's full-text index: words cut by ICU, runs of three letters beside them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from sqlite3 import Connection

from highground.methods.search.opening import open_index
from highground.methods.search.segmenting import SEGMENTER, grams, words
from highground.methods.search.steps import BATCH, Among, Passage, WordIndex, same
from highground.methods.search.text import normalise

__all__ = ["LexicalIndex", "Passage"]

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE passages (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, language TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX by_language ON passages (language);
CREATE TABLE facets (facet TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (facet, id)) WITHOUT ROWID;
CREATE INDEX facets_of ON facets (id);
CREATE VIRTUAL TABLE by_word USING fts5(tokens, content='', tokenize='ascii');
CREATE VIRTUAL TABLE by_gram USING fts5(tokens, content='', tokenize='ascii');
CREATE VIRTUAL TABLE word_counts USING fts5vocab(by_word, row);
"""


class LexicalIndex(WordIndex[int]):
    """Passages in one SQLite file, or in memory where `path` is None.

    Raises SearchError for a file that was written by another version of the normaliser or of ICU.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._counts: dict[str, int] = {}
        """Of words that were asked for in how many passages they are; under "" how many passages there are."""
        self._database = open_index(
            path,
            _TABLES,
            "segmenter",
            SEGMENTER,
            lambda built: (
                f"this index was built with segmenter {built}, and this is {SEGMENTER}; build it anew"
            ),
        )

    def __len__(self) -> int:
        if "" not in self._counts:
            self._counts[""] = self._db.execute("SELECT count(*) FROM passages").fetchone()[0]
        return self._counts[""]

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    def add(self, passages: Iterable[Passage], *, on_batch: Callable[[int], None] | None = None) -> int:
        """Take passages in, each in place of an older one with the same key; how many there were."""
        flow, taken = iter(passages), 0
        while batch := list(islice(flow, BATCH)):
            latest = {passage.key: passage for passage in batch}
            with self._writing():
                held = self.text(latest)
                new = [passage for key, passage in latest.items() if not same(held.get(key), passage)]
                self._remove([passage.key for passage in new])
                self._insert(new)
            taken += len(batch)
            if on_batch:
                on_batch(taken)
        return taken

    def remove(self, keys: Collection[str]) -> None:
        """Take passages out; keys that are not there are passed over."""
        with self._writing():
            self._remove(keys)

    def text(self, keys: Collection[str]) -> dict[str, Passage]:
        """The passages of these keys, with their texts normalised."""
        rows = self._rows(keys)
        marks, facets = _marks(rows), dict[int, set[str]]()
        asked = f"SELECT id, facet FROM facets WHERE id IN ({marks})"
        for place, facet in self._db.execute(asked, [place for place, *_ in rows]):
            facets.setdefault(place, set()).add(facet)
        return {
            key: Passage(key, language, text, frozenset(facets.get(place, ())))
            for place, key, language, text in rows
        }

    def languages(self) -> list[str]:
        """The languages of the passages."""
        return [
            each for (each,) in self._db.execute("SELECT DISTINCT language FROM passages ORDER BY language")
        ]

    def keys_with(self, facets: Collection[str]) -> Iterator[str]:
        """The keys of all passages with all of the facets."""
        where, values = _narrowed(Among(None, tuple(facets)), "p.id")
        for (key,) in self._db.execute(f"SELECT p.key FROM passages p WHERE 1{where}", values):
            yield key

    def count_with(self, facets: Collection[str]) -> int:
        """How many `keys_with` gives."""
        where, values = _narrowed(Among(None, tuple(facets)), "p.id")
        return int(self._db.execute(f"SELECT count(*) FROM passages p WHERE 1{where}", values).fetchone()[0])

    @property
    def _db(self) -> Connection:
        return self._database.here

    def _with_all(self, terms: Sequence[str], limit: int, among: Among) -> list[int]:
        return self._matches("by_word", " AND ".join(map(_quoted, terms)), limit, among)

    def _with_any(self, phrases: Sequence[Sequence[str]], limit: int, among: Among) -> list[int]:
        return self._matches("by_word", " OR ".join(_quoted(*phrase) for phrase in phrases), limit, among)

    def _with_grams(self, run: Sequence[str], limit: int, among: Among) -> list[int]:
        return self._matches("by_gram", _quoted(*run), limit, among)

    def _with_beginning(self, beginning: str, limit: int, among: Among) -> list[int]:
        return self._matches("by_gram", f"{_quoted(beginning)}*", limit, among)

    def _matches(self, table: str, match: str, limit: int, among: Among) -> list[int]:
        """Row ids that an FTS5 expression finds, best BM25 first."""
        where, values = _narrowed(among, "f.rowid")
        rows = self._db.execute(
            f"SELECT f.rowid FROM {table} f WHERE {table} MATCH ?{where} ORDER BY f.rank, f.rowid LIMIT ?",
            [match, *values, limit],
        )
        return [place for (place,) in rows]

    def _count(self, term: str) -> int:
        """How many passages hold a word."""
        if term not in self._counts:
            row = self._db.execute("SELECT doc FROM word_counts WHERE term = ?", [term]).fetchone()
            self._counts[term] = row[0] if row else 0
        return self._counts[term]

    def _insert(self, passages: Sequence[Passage]) -> None:
        first = self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM passages").fetchone()[0]
        rows = [
            (place, passage.key, passage.language, normalise(passage.text))
            for place, passage in enumerate(passages, start=first)
        ]
        self._db.executemany("INSERT INTO passages VALUES (?, ?, ?, ?)", rows)
        self._db.executemany(
            "INSERT INTO facets VALUES (?, ?)",
            [
                (facet, place)
                for place, passage in enumerate(passages, start=first)
                for facet in passage.facets
            ],
        )
        for table, cut in _CUTS.items():
            tokens = [(place, cut(text, language)) for place, _, language, text in rows]
            self._db.executemany(f"INSERT INTO {table} (rowid, tokens) VALUES (?, ?)", tokens)

    def _remove(self, keys: Collection[str]) -> None:
        """An index without content forgets a row only when it is told what the row held."""
        rows = self._rows(keys)
        for table, cut in _CUTS.items():
            tokens = [(place, cut(text, language)) for place, _, language, text in rows]
            self._db.executemany(
                f"INSERT INTO {table} ({table}, rowid, tokens) VALUES ('delete', ?, ?)", tokens
            )
        for table in ("passages", "facets"):
            self._db.executemany(f"DELETE FROM {table} WHERE id = ?", [(place,) for place, *_ in rows])

    def _rows(self, keys: Collection[str]) -> list[tuple[int, str, str, str]]:
        marks = _marks(keys)
        asked = f"SELECT id, key, language, text FROM passages WHERE key IN ({marks})"
        return self._db.execute(asked, list(keys)).fetchall()

    def _keys(self, places: Sequence[int]) -> list[str]:
        asked = f"SELECT id, key FROM passages WHERE id IN ({_marks(places)})"
        names = dict(self._db.execute(asked, list(places)).fetchall())
        return [names[place] for place in places if place in names]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        self._counts.clear()


_CUTS: dict[str, Callable[[str, str], str]] = {
    "by_word": lambda text, language: " ".join(words(text, language)),
    "by_gram": lambda text, language: " ".join(grams(text, tails=True)),
}
"""What each full-text table holds of a normalised text."""


def _narrowed(among: Among, place: str) -> tuple[str, list[str]]:
    """The conditions on a row id for what is looked at, and their values."""
    where, values = "", list[str]()
    if among.languages is not None:
        chosen = f"p.id = {place} AND p.language IN ({_marks(among.languages)})"
        where += f" AND EXISTS (SELECT 1 FROM passages p WHERE {chosen})"
        values += among.languages
    for facet in among.facets:
        where += f" AND EXISTS (SELECT 1 FROM facets WHERE facet = ? AND id = {place})"
        values.append(facet)
    return where, values


def _quoted(*tokens: str) -> str:
    """An FTS5 phrase. Tokens hold letters, digits and marks only, so that nothing in them is an operator."""
    return f'"{" ".join(tokens)}"'


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))
