"""The words of the lines of evidence, cut once and kept in a file beside the database, so that no server cuts them anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Connection

from highground.knowledge.enums import LineStatus, Standing
from highground.knowledge.languages import concept_words
from highground.knowledge.models import Expert, Line
from highground.methods.search.experts import Document
from highground.methods.search.opening import open_index
from highground.methods.search.segmenting import SEGMENTER, words
from highground.methods.search.text import normalise

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE lines (id INTEGER PRIMARY KEY, expert INTEGER NOT NULL, tokens TEXT NOT NULL);
CREATE INDEX by_expert ON lines (expert);
"""


class LineStore:
    """The words of each confirmed line of a published expert. Raises SearchError for a file of another segmenter."""

    def __init__(self, path: Path) -> None:
        self._database = open_index(
            path, _TABLES, "segmenter", SEGMENTER, lambda built: f"built with segmenter {built}"
        )

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    def replace(self, experts: list[Expert]) -> tuple[dict[str, Document[int]], set[str]]:
        """Write what speaks for these experts now: the documents that there are, and the names of those that were."""
        gone = {
            str(line) for expert in experts for (line,) in self._db.execute(
                "SELECT id FROM lines WHERE expert = ?", [expert.pk]
            )
        }  # fmt: skip
        made = {
            str(line.pk): Document(_tokens(line), [expert.pk])
            for expert in experts
            if expert.standing == Standing.PUBLISHED
            for line in expert.lines.all()
            if line.status == LineStatus.CONFIRMED
        }
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("DELETE FROM lines WHERE expert = ?", [(expert.pk,) for expert in experts])
        self._db.executemany(
            "INSERT OR REPLACE INTO lines VALUES (?, ?, ?)",
            [(int(name), one.people[0], " ".join(one.tokens)) for name, one in made.items()],
        )
        self._db.execute("COMMIT")
        return made, gone - made.keys()

    def documents(self) -> Iterator[tuple[str, Document[int]]]:
        """All of them by name."""
        for line, expert, tokens in self._db.execute("SELECT id, expert, tokens FROM lines"):
            yield str(line), Document(tokens.split(), [expert])

    @property
    def _db(self) -> Connection:
        return self._database.here


def _tokens(line: Line) -> list[str]:
    """The words of a line, and its concepts in English so that languages meet."""
    text = f"{line.text}\n{' '.join(concept_words(line.concepts, 'en'))}"
    return words(normalise(text), line.language)
