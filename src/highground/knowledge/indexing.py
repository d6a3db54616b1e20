"""The index of practices and profiles: a file beside the database, made from it, brought up to date by what changed.

Every change of knowledge carries a number (`marks.py`), written in its own transaction. The index remembers the number
it has read up to; before it answers it reads what came after, so that a crash between the two loses nothing, and an
office on several machines needs nothing more. Search by words works at once; vectors are made by `highground practices
index` and for single changes as they come.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import transaction

from highground.knowledge.enums import LineStatus, Standing
from highground.knowledge.languages import concept_words
from highground.knowledge.marks import last_mark, next_mark
from highground.knowledge.models import Expert, Practice
from highground.methods.search.embedding import Embedder, Remembering, find_embedder
from highground.methods.search.errors import SearchError
from highground.methods.search.glossary import LANGUAGES, load_glossary
from highground.methods.search.index import DEPTH, Answer, Index
from highground.methods.search.lexical import LexicalIndex, Passage
from highground.methods.search.vectors import NearestPassages, VectorStore

PRACTICE, EXPERT = "practice", "expert"
LINES = 12
"""Lines of evidence, the latest, that a profile is found by."""
FEW = 8
"""Passages up to which vectors are made at once; more wait for the command."""

_turn = threading.RLock()


@dataclass
class _Open:
    """The index of this process, with what it was made of."""

    folder: Path
    lexical: LexicalIndex
    vectors: VectorStore | None
    mark: int
    notice: str
    index: Index
    pointed: int = 0
    """How many vectors it looks at."""


_open: dict[Path, _Open] = {}


def passages_of(practice: Practice) -> list[Passage]:
    """What is searched of a practice: its words in each language."""
    return [
        Passage(
            f"{PRACTICE}/{practice.code}/{text.language}",
            text.language,
            "\n".join(
                part
                for part in (text.title, text.problem, text.done, text.results, text.failures, text.elsewhere)
                if part
            ),
        )
        for text in practice.texts.all()
    ]


def passage_of(expert: Expert) -> Passage:
    """What is searched of a profile: what everybody reads of it."""
    parts = [expert.name, *concept_words(expert.declared, expert.about_language)]
    if "about" in expert.shown:
        parts.append(expert.about)
    confirmed = [line for line in expert.lines.all() if line.status == LineStatus.CONFIRMED]
    parts += [line.text for line in sorted(confirmed, key=lambda one: -(one.year or 0))[:LINES]]
    return Passage(f"{EXPERT}/{expert.code}", expert.about_language, "\n".join(filter(None, parts)))


def answer(query: str, language: str, *, limit: int) -> tuple[Answer, set[str]]:
    """What the index finds with all that is committed in it, and which of the passages hold words of the query."""
    with _turn:
        held = _current()
        found = held.index.answer(query, language, limit=limit)
        by_words = set(held.lexical.search(query, language, limit=max(limit, DEPTH)))
        return replace(found, notice=held.notice or found.notice), by_words


def build(*, afresh: bool = False, say: Callable[[int, int], None] | None = None) -> dict[str, int]:
    """Write what is missing, vectors included; with `afresh` everything anew. How many passages of each kind there are.

    `say(done, whole)` is told how far the vectors are. What was written stays when it is interrupted.
    """
    with _turn:
        folder = settings.HIGHGROUND_HOME / "search"
        if afresh:
            _forget(folder)
            for file in folder.glob("*"):
                file.unlink()
        held = _current(vectors=False)
        if embedder() is not None and held.vectors is None:
            (folder / "vectors.sqlite").unlink(missing_ok=True)
            _forget(folder)
            held = _current(vectors=False)
        if held.vectors is not None:
            wanted = list(_everything())
            held.vectors.add(wanted, on_batch=(lambda done: say(done, len(wanted))) if say else None)
            with transaction.atomic():
                next_mark()  # so that servers which run already look at the new vectors
            held = _current()
        return {"passages": len(held.lexical), "vectors": len(held.vectors) if held.vectors else 0}


@cache
def embedder() -> Embedder | None:
    """What searches by meaning here; None without the extra, or where the operator turned it off."""
    found = find_embedder() if settings.SEARCH_BY_MEANING else None
    return Remembering(found) if found else None


def _current(*, vectors: bool = True) -> _Open:
    """The index with everything in it that changed since it was last looked at.

    A database that was put back from a backup knows fewer changes than its index: then the index is made again.
    """
    held, mark = _opened(), last_mark()
    if mark < held.mark:
        folder = held.folder
        _forget(folder)
        for file in [*folder.glob("words.sqlite*"), folder / "mark"]:
            file.unlink(missing_ok=True)
        held = _opened()
    if mark != held.mark:
        _catch_up(held, mark, vectors=vectors)
    return held


def _opened() -> _Open:
    folder: Path = settings.HIGHGROUND_HOME / "search"
    if folder not in _open:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            lexical = LexicalIndex(folder / "words.sqlite")
        except SearchError:
            # Written by another version of the segmenter: it is made of the database, so it is made again.
            for file in folder.glob("words.sqlite*"):
                file.unlink()
            (folder / "mark").unlink(missing_ok=True)
            lexical = LexicalIndex(folder / "words.sqlite")
        vectors, notice = None, ""
        if (model := embedder()) is not None:
            try:
                vectors = VectorStore(model, folder / "vectors.sqlite")
            except SearchError as problem:
                notice = f"{problem}; until then: highground practices index"
        mark = folder / "mark"
        known = mark.read_text() if mark.exists() and len(lexical) else "0"
        held = _Open(folder, lexical, vectors, int(known), notice, Index(lexical, glossary=load_glossary()))
        _point(held)
        _open[folder] = held
    return _open[folder]


def _forget(folder: Path) -> None:
    held = _open.pop(folder, None)
    if held:
        held.lexical.close()
        if held.vectors:
            held.vectors.close()


def _point(held: _Open) -> None:
    """Let the index look at the vectors that there are now."""
    blocks = held.vectors.blocks() if held.vectors else {}
    nearest = NearestPassages(blocks) if blocks else None
    held.pointed = sum(len(keys) for keys, _rows in blocks.values())
    held.index = Index(held.lexical, embedder() if nearest else None, nearest, glossary=load_glossary())


def _catch_up(held: _Open, mark: int, *, vectors: bool) -> None:
    """Take in what changed after the mark of the index, up to the change with this mark."""
    new: list[Passage] = []
    gone: list[str] = []
    for practice in Practice.objects.filter(mark__gt=held.mark).prefetch_related("texts"):
        gone += [f"{PRACTICE}/{practice.code}/{language}" for language in LANGUAGES]
        if practice.standing == Standing.PUBLISHED:
            new += passages_of(practice)
    for expert in Expert.objects.filter(mark__gt=held.mark).prefetch_related("lines"):
        gone.append(f"{EXPERT}/{expert.code}")
        if expert.standing == Standing.PUBLISHED:
            new.append(passage_of(expert))
    stays = {passage.key for passage in new}
    if gone := [key for key in gone if key not in stays]:
        held.lexical.remove(gone)
        if held.vectors is not None:
            held.vectors.remove(gone)
    held.lexical.add(new)
    if vectors and held.vectors is not None:
        if len(new) <= FEW:
            held.vectors.add(new)
        if new or gone or len(held.vectors) != held.pointed:
            _point(held)
    held.mark = mark
    draft = held.folder / "mark.new"
    draft.write_text(str(mark))
    draft.replace(held.folder / "mark")


def _everything() -> Iterator[Passage]:
    for practice in Practice.objects.filter(standing=Standing.PUBLISHED).prefetch_related("texts"):
        yield from passages_of(practice)
    for expert in Expert.objects.filter(standing=Standing.PUBLISHED).prefetch_related("lines"):
        yield passage_of(expert)
