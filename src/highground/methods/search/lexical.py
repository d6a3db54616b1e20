"""Search by words, in SQLite's full-text index: words cut by ICU, runs of three letters beside them.

A query is answered in steps, the strictest first, until there are enough hits: passages that hold it as it
stands, that hold all of its words, and that hold some of them. Each step is ordered by BM25.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from highground.methods.search.fusing import fuse, without_repeats
from highground.methods.search.opening import open_index
from highground.methods.search.segmenting import GRAM, SEGMENTER, grams, letters, words
from highground.methods.search.text import normalise

MOST_TERMS = 64
"""A longer query is asked with its rarest words only."""
COMMON = 0.1
"""A word in more than this share of the passages is left out of the last step if rarer ones remain."""
FEW = 1_000
"""Below this number of passages no word counts as common."""
LONGEST_PHRASE = 12

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE passages (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, language TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX by_language ON passages (language);
CREATE VIRTUAL TABLE by_word USING fts5(tokens, content='', tokenize='ascii');
CREATE VIRTUAL TABLE by_gram USING fts5(tokens, content='', tokenize='ascii');
CREATE VIRTUAL TABLE word_counts USING fts5vocab(by_word, row);
"""
BATCH = 2_000


@dataclass(frozen=True)
class Passage:
    """A text to be found: its key, the code of its language, and what it says."""

    key: str
    language: str
    text: str


class LexicalIndex:
    """Passages in one SQLite file, or in memory where `path` is None.

    Raises SearchError for a file that was written by another version of the normaliser or of ICU.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._counts: dict[str, int] = {}
        self._db = open_index(
            path,
            _TABLES,
            "segmenter",
            SEGMENTER,
            lambda built: (
                f"this index was built with segmenter {built}, and this is {SEGMENTER}; build it anew"
            ),
        )

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM passages").fetchone()[0])

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    def add(self, passages: Iterable[Passage], *, on_batch: Callable[[int], None] | None = None) -> int:
        """Take passages in, each in place of an older one with the same key; how many there were.

        Written in batches: after an interruption what was written stays, and `missing` tells the rest.
        """
        flow, taken = iter(passages), 0
        while batch := list(islice(flow, BATCH)):
            with self._writing():
                self._remove([passage.key for passage in batch])
                self._insert(list({passage.key: passage for passage in batch}.values()))
            taken += len(batch)
            if on_batch:
                on_batch(taken)
        return taken

    def remove(self, keys: Collection[str]) -> None:
        """Take passages out; keys that are not there are passed over."""
        with self._writing():
            self._remove(keys)

    def missing(self, keys: Iterable[str]) -> Iterator[str]:
        """Those of the keys that the index does not hold yet."""
        flow = iter(keys)
        while batch := list(islice(flow, BATCH)):
            held = {key for _, key, *_ in self._rows(batch)}
            yield from (key for key in batch if key not in held)

    def text(self, keys: Collection[str]) -> dict[str, Passage]:
        """The passages of these keys, with their texts normalised."""
        return {key: Passage(key, language, text) for _, key, language, text in self._rows(keys)}

    def search(
        self, query: str, language: str, *, limit: int = 10, among: Collection[str] | None = None
    ) -> list[str]:
        """The keys of the best passages, best first; `among` holds the languages that are looked at."""
        keys, _exact = self.search_telling_exact(query, language, limit=limit, among=among)
        return keys

    def search_telling_exact(
        self, query: str, language: str, *, limit: int = 10, among: Collection[str] | None = None
    ) -> tuple[list[str], int]:
        """As `search`, and how many of the first keys hold the query as it stands; none for a query of many words."""
        text = normalise(query)
        terms = without_repeats(words(text, language))
        if not terms or limit < 1 or (among is not None and not among):
            return [], 0
        exact = found = without_repeats(self._exact(text, language, limit, among))
        for step in self._steps(terms):
            if len(found) >= limit:
                break
            found = without_repeats([*found, *step(limit, among)])
        return self._keys(found[:limit]), min(len(exact), limit)

    def naming(
        self, names: Collection[str], language: str, *, limit: int = 10, among: Collection[str] | None = None
    ) -> list[str]:
        """The keys of passages that hold one of the names as it stands, best first."""
        phrases = [_quoted(*cut) for name in names if (cut := words(normalise(name), language))]
        if not phrases or limit < 1 or (among is not None and not among):
            return []
        return self._keys(self._matches("by_word", " OR ".join(phrases), limit, among))

    def languages(self) -> list[str]:
        """The languages of the passages."""
        return [
            each for (each,) in self._db.execute("SELECT DISTINCT language FROM passages ORDER BY language")
        ]

    def _steps(self, terms: list[str]) -> Iterator[Callable[[int, Collection[str] | None], list[int]]]:
        """The steps after the exact one, the strictest first; a step is asked only where those before found too little."""
        terms = self._rarest(terms)
        if len(terms) > 1:
            yield lambda limit, among: self._matches(
                "by_word", " AND ".join(map(_quoted, terms)), limit, among
            )
        telling = [term for term in terms if not self._is_common(term)] or terms[:1]
        yield lambda limit, among: self._matches("by_word", " OR ".join(map(_quoted, telling)), limit, among)

    def _exact(self, text: str, language: str, limit: int, among: Collection[str] | None) -> list[int]:
        """Passages that hold the query as it stands: word by word, or letter by letter where words are cut otherwise."""
        sequence, bare = words(text, language), letters(text)
        if len(sequence) > LONGEST_PHRASE:
            return []
        spelled = f"{_quoted(bare)}*" if len(bare) < GRAM else _quoted(*grams(bare))
        by_word = self._matches("by_word", _quoted(*sequence), limit, among)
        by_letter = self._matches("by_gram", spelled, limit, among)
        return [place for place, _ in fuse({"words": by_word, "letters": by_letter})]

    def _matches(self, table: str, match: str, limit: int, among: Collection[str] | None) -> list[int]:
        """Row ids that an FTS5 expression finds, best BM25 first."""
        if among is None:
            rows = self._db.execute(
                f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rank, rowid LIMIT ?",
                [match, limit],
            )
        else:
            rows = self._db.execute(
                f"SELECT f.rowid FROM {table} f JOIN passages p ON p.id = f.rowid WHERE {table} MATCH ?"
                f" AND p.language IN ({_marks(among)}) ORDER BY f.rank, f.rowid LIMIT ?",
                [match, *among, limit],
            )
        return [place for (place,) in rows]

    def _rarest(self, terms: list[str]) -> list[str]:
        """The terms that some passage holds, rarest first, at most MOST_TERMS; the first term if none is held."""
        known = sorted((term for term in terms if self._count(term)), key=self._count)
        return known[:MOST_TERMS] or terms[:1]

    def _is_common(self, term: str) -> bool:
        total = len(self)
        return total >= FEW and self._count(term) > COMMON * total

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
        self._db.executemany("DELETE FROM passages WHERE id = ?", [(place,) for place, *_ in rows])

    def _rows(self, keys: Collection[str]) -> list[tuple[int, str, str, str]]:
        marks = _marks(keys)
        asked = f"SELECT id, key, language, text FROM passages WHERE key IN ({marks})"
        return self._db.execute(asked, list(keys)).fetchall()

    def _keys(self, places: Sequence[int]) -> list[str]:
        asked = f"SELECT id, key FROM passages WHERE id IN ({_marks(places)})"
        names = dict(self._db.execute(asked, list(places)).fetchall())
        return [names[place] for place in places]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._counts.clear()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


_CUTS: dict[str, Callable[[str, str], str]] = {
    "by_word": lambda text, language: " ".join(words(text, language)),
    "by_gram": lambda text, language: " ".join(grams(text, tails=True)),
}
"""What each full-text table holds of a normalised text."""


def _quoted(*tokens: str) -> str:
    """An FTS5 phrase. Tokens hold letters, digits and marks only, so that nothing in them is an operator."""
    return f'"{" ".join(tokens)}"'


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))
