"""The index of practices and profiles: a file beside the database, made from it, brought up to date by what changed.

Every change of knowledge carries a number (`marks.py`), written in its own transaction. The index remembers the number
it has read up to; before it answers it reads what came after, so that a crash between the two loses nothing, and an
office on several machines needs nothing more. Search by words works at once; vectors are made by `highground practices
index` and for single changes as they come.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model

from highground.knowledge.enums import LineStatus, Standing
from highground.knowledge.languages import concept_words
from highground.knowledge.lines import LineStore
from highground.knowledge.marks import last_mark, next_mark
from highground.knowledge.models import Expert, Practice, PracticeText
from highground.methods.search.embedding import Embedder, Remembering, find_embedder
from highground.methods.search.errors import SearchError
from highground.methods.search.experts import ExpertFinder
from highground.methods.search.glossary import LANGUAGES, load_glossary
from highground.methods.search.index import Answer, Index
from highground.methods.search.large import LargeIndex, is_large, open_words
from highground.methods.search.nearest import StoredPassages
from highground.methods.search.serving import ServedEmbedder, is_able
from highground.methods.search.steps import Passage, WordIndex
from highground.methods.search.vectors import VectorStore

log = logging.getLogger(__name__)

PRACTICE, EXPERT = "practice", "expert"
LINES = 12
"""Lines of evidence, the latest, that a profile is found by."""
FEW = 8
"""Passages up to which vectors are made at once; more wait for the command."""
TAKEN = 500
"""Practices or experts that are taken in at a time."""

_turn = threading.RLock()
"""For whoever brings the index up to date. Those who search do not wait for each other."""


@dataclass
class Searched:
    """The index of this process, with what it was made of."""

    folder: Path
    words: WordIndex[Any]
    lines: LineStore
    vectors: VectorStore | None
    mark: int
    notice: str
    index: Index
    nearest: StoredPassages | None = None
    people: ExpertFinder[int] | None = None
    """Of the lines of evidence; made when the first asks for it."""

    def answer(self, query: str, language: str, *, limit: int, having: Collection[str] = ()) -> Answer:
        """What the index finds among what has the facets."""
        found = self.index.answer(query, language, limit=limit, having=having)
        return replace(found, notice=self.notice or found.notice)

    def finder(self) -> ExpertFinder[int]:
        """People by the lines that speak for them."""
        if self.people is None:
            with _turn:
                made: ExpertFinder[int] = ExpertFinder()
                made.load(self.lines.documents())
                self.people = made
        return self.people


_open: dict[Path, Searched] = {}


def facets_of(kind: str, **values: str | list[str]) -> frozenset[str]:
    """What a search can be narrowed by: the kind, and each value that is given."""
    found = {kind}
    for name, value in values.items():
        for each in [value] if isinstance(value, str) else value:
            if each:
                found.add(f"{name}:{each}")
    return frozenset(found)


def passages_of(practice: Practice) -> list[Passage]:
    """What is searched of a practice: its words in each language, and each page of its files."""
    facets = facets_of(PRACTICE, country=practice.country, evidence=practice.evidence, field=practice.fields)
    texts = [
        Passage(
            f"{PRACTICE}/{practice.code}/{text.language}",
            text.language,
            "\n".join(
                part
                for part in (text.title, text.problem, text.done, text.results, text.failures, text.elsewhere)
                if part
            ),
            facets,
        )
        for text in practice.texts.all()
    ]
    paged = facets | {_pages_of(practice)}
    return texts + [
        Passage(
            f"{PRACTICE}/{practice.code}/{one.language}/{one.pk}/{number}",
            one.language,
            f"{one.name}\n{words}",
            paged,
        )
        for one in practice.attachments.all()
        for number, words in enumerate(one.pages, start=1)
        if words
    ]


def _pages_of(practice: Practice) -> str:
    """The facet of the pages of a practice's files, by which those are found that are gone."""
    return f"pages:{practice.code}"


def passage_of(expert: Expert) -> Passage:
    """What is searched of a profile: what everybody reads of it."""
    parts = [expert.name, *concept_words(expert.declared, expert.about_language)]
    if "about" in expert.shown:
        parts.append(expert.about)
    confirmed = [line for line in expert.lines.all() if line.status == LineStatus.CONFIRMED]
    parts += [line.text for line in sorted(confirmed, key=lambda one: -(one.year or 0))[:LINES]]
    facets = facets_of(EXPERT, country=expert.country)
    return Passage(f"{EXPERT}/{expert.code}", expert.about_language, "\n".join(filter(None, parts)), facets)


def current() -> Searched:
    """The index with all that is committed in it. One query where nothing changed.

    While another thread takes in what changed, whoever searches gets what is there so far.
    """
    held, mark = _opened(), last_mark()
    if mark == held.mark:
        return held
    if not _turn.acquire(blocking=held.mark == 0):
        return held
    try:
        return _brought_up_to_date()
    finally:
        _turn.release()


def build(*, afresh: bool = False, say: Callable[[int, int], None] | None = None) -> dict[str, int]:
    """Write what is missing, vectors included; with `afresh` everything anew. How many passages of each kind there are.

    `say(done, whole)` is told how far the vectors are. What was written stays when it is interrupted.
    """
    with _turn:
        folder = settings.HIGHGROUND_HOME / "search"
        if afresh:
            _forget(folder)
            _remove(*folder.glob("*"))
        held = _brought_up_to_date(vectors=False)
        if embedder() is not None and held.vectors is None:
            _remove(*folder.glob("vectors*"))
            _forget(folder)
            held = _brought_up_to_date(vectors=False)
        if not isinstance(held.words, LargeIndex) and is_large(len(held.words)):
            held = _enlarged(held)
        if held.vectors is not None:
            whole = len(held.words)
            held.vectors.add(_everything(), on_batch=(lambda done: say(done, whole)) if say else None)
            StoredPassages(held.vectors, save=True)
            with transaction.atomic():
                next_mark()  # so that servers which run already look at the new vectors
            held = _brought_up_to_date()
        return {"passages": len(held.words), "vectors": len(held.vectors) if held.vectors else 0}


@cache
def embedder() -> Embedder | None:
    """What searches by meaning here; None without the extra, or where the operator turned it off."""
    if not settings.SEARCH_BY_MEANING:
        return None
    try:
        found = (
            ServedEmbedder(settings.EMBEDDING_MODEL) if is_able() else find_embedder(settings.EMBEDDING_MODEL)
        )
    except SearchError as problem:
        log.warning("search goes by words only: %s", problem)
        return None
    return Remembering(found) if found else None


def _brought_up_to_date(*, vectors: bool = True) -> Searched:
    """The index with everything in it that changed since it was last looked at.

    A database that was put back from a backup knows fewer changes than its index: then the index is made again.
    """
    held, mark = _opened(), last_mark()
    if mark < held.mark:
        _forget(held.folder)
        _remove(*held.folder.glob("words*"), *held.folder.glob("lines*"), held.folder / "mark")
        held = _opened()
    elif mark != held.mark and _is_replaced(held):
        _forget(held.folder)
        held = _opened()
    if mark != held.mark:
        _catch_up(held, mark, vectors=vectors)
    return held


def _opened() -> Searched:
    folder: Path = settings.HIGHGROUND_HOME / "search"
    if folder in _open:
        return _open[folder]
    with _turn:
        if folder not in _open:
            _open[folder] = _opened_anew(folder)
        return _open[folder]


def _opened_anew(folder: Path) -> Searched:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole = (folder / "lines.sqlite").exists()
    try:
        words, lines = open_words(folder, _expected(folder)), LineStore(folder / "lines.sqlite")
    except SearchError:
        # Written by another version of the segmenter: it is made of the database, so it is made again.
        _remove(*folder.glob("words*"), *folder.glob("lines*"), folder / "mark")
        words, lines = open_words(folder, _expected(folder)), LineStore(folder / "lines.sqlite")
    vectors, notice = None, ""
    if (model := embedder()) is not None:
        try:
            vectors = VectorStore(model, folder / "vectors.sqlite")
        except SearchError as problem:
            notice = f"{problem}; until then: highground practices index"
            logging.getLogger(__name__).warning("search goes by words alone: %s", notice)
    mark = folder / "mark"
    known = mark.read_text() if mark.exists() and whole and len(words) else "0"
    held = Searched(folder, words, lines, vectors, int(known), notice, Index(words, glossary=load_glossary()))
    _point(held)
    return held


def _expected(folder: Path) -> int:
    """How many passages an index will hold that is not there yet. Two queries, once."""
    if any(folder.glob("words*")):
        return 0
    texts = PracticeText.objects.filter(practice__standing=Standing.PUBLISHED).count()
    return texts + Expert.objects.filter(standing=Standing.PUBLISHED).count()


def _is_replaced(held: Searched) -> bool:
    """True where the command has moved the words into the large index meanwhile."""
    return (held.folder / "words.tantivy").exists() and not isinstance(held.words, LargeIndex)


def _enlarged(held: Searched) -> Searched:
    """The words in the index for very many passages, which takes the place of the other one when it is whole."""
    folder, draft = held.folder, held.folder / "words.draft"
    large = LargeIndex(draft)
    large.add(_everything())
    large.close()
    (folder / "mark").write_text(str(held.mark))
    draft.rename(folder / "words.tantivy")
    _forget(folder)
    _remove(*folder.glob("words.sqlite*"))
    with transaction.atomic():
        next_mark()
    return _brought_up_to_date(vectors=False)


def _forget(folder: Path) -> None:
    held = _open.pop(folder, None)
    if held:
        held.words.close()
        held.lines.close()
        if held.vectors:
            held.vectors.close()


def _remove(*paths: Path) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _point(held: Searched) -> None:
    """Let the index look at the vectors that there are now."""
    some = held.vectors is not None and len(held.vectors) > 0
    held.nearest = StoredPassages(held.vectors) if held.vectors is not None and some else None
    model = embedder() if held.nearest else None
    held.index = Index(held.words, model, held.nearest, glossary=load_glossary())


def _catch_up(held: Searched, mark: int, *, vectors: bool) -> None:
    """Take in what changed after the mark of the index, up to the change with this mark."""
    fresh = len(held.words) == 0
    few: list[Passage] = []
    lost: list[str] = []
    practices = Practice.objects.filter(mark__gt=held.mark).prefetch_related("texts", "attachments")
    experts = Expert.objects.filter(mark__gt=held.mark).prefetch_related("lines")
    changed = chain(practices.iterator(chunk_size=TAKEN), experts.iterator(chunk_size=TAKEN))
    while some := list(islice(changed, TAKEN)):
        new = [passage for one in some for passage in _passages(one)]
        stays = {passage.key for passage in new}
        gone = [key for one in some for key in _every_key(held, one) if key not in stays]
        if not fresh:
            held.words.remove(gone)
        held.words.add(new)
        lost += gone if held.vectors is not None else []
        few += new if len(few) <= FEW else []
        written = held.lines.replace([one for one in some if isinstance(one, Expert)])
        if held.people is not None and any(written):
            held.people.update(*written)
    held.words.refresh()
    if held.vectors is not None:
        held.vectors.remove(lost)
        if vectors:
            if len(few) <= FEW:
                held.vectors.add(few)
            if held.nearest is None:
                _point(held)
            else:
                held.nearest.catch_up(lost)
    held.mark = mark
    draft = held.folder / "mark.new"
    draft.write_text(str(mark))
    draft.replace(held.folder / "mark")


def _passages(one: Model) -> list[Passage]:
    """What is searched of a practice or an expert; nothing where it is not published."""
    if isinstance(one, Practice) and one.standing == Standing.PUBLISHED:
        return passages_of(one)
    return [passage_of(one)] if isinstance(one, Expert) and one.standing == Standing.PUBLISHED else []


def _every_key(held: Searched, one: Model) -> list[str]:
    """The keys that the passages of a practice or an expert can have, with those of pages that the index holds."""
    if isinstance(one, Expert):
        return [f"{EXPERT}/{one.code}"]
    if not isinstance(one, Practice):
        return []
    pages = held.words.keys_with([_pages_of(one)])
    return [*(f"{PRACTICE}/{one.code}/{each}" for each in LANGUAGES), *pages]


def _everything() -> Iterator[Passage]:
    practices = Practice.objects.filter(standing=Standing.PUBLISHED).prefetch_related("texts", "attachments")
    experts = Expert.objects.filter(standing=Standing.PUBLISHED).prefetch_related("lines")
    for one in chain(practices.iterator(chunk_size=TAKEN), experts.iterator(chunk_size=TAKEN)):
        yield from _passages(one)
