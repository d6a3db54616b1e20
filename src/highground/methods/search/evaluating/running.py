"""Every set of a folder against every arm: what `highground search eval` prints."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from highground.methods.search.embedding import Embedder, Remembering
from highground.methods.search.errors import SearchError
from highground.methods.search.evaluating import needs, parallel, questions
from highground.methods.search.evaluating.experts import EXPERT_ARMS, expert_figures
from highground.methods.search.evaluating.reading import (
    Experts,
    Parallel,
    Questions,
    read_experts,
    read_parallel,
    read_questions,
)
from highground.methods.search.index import ANSWER, ARMS, LEXICAL, Index
from highground.methods.search.lexical import LexicalIndex, Passage
from highground.methods.search.nearest import NearestPassages
from highground.methods.search.vectors import VectorStore

Measures = dict[str, dict[str, float]]
Figures = dict[str, dict[str, Measures]]
"""Set -> arm -> measure -> language, pair or `mean` -> value."""
Say = Callable[[str], None]

HELD_OUT = " (held out)"
ALL_ARMS = (*ARMS, ANSWER, *EXPERT_ARMS)


MISSING = {
    "Acc@1": "no other language to find it in",
    "nDCG@10": "no other language to find it in",
    "Acc@1" + HELD_OUT: "no other language to find it in, or no second passage",
    "nDCG@10" + HELD_OUT: "no other language to find it in, or no second passage",
    "found@10": f"no two words side by side that at most {parallel.MOST_WITH_PAIR} passages hold",
}
"""Why a figure of a measure can't be told."""
NO_QUESTION = "no question that is in both"
NOBODY = "no query for which a person is right"


def evaluate(folder: Path, arms: Collection[str], *, embedder: Embedder | None, say: Say) -> Figures:
    """Measure the arms on every set in a folder; `say` hears what is under way, and what can't be measured.

    Arms that a set does not have, or that need an embedder where there is none, are left out, and so is a figure that
    there is nothing to take of. All files are read before the first arm runs. Raises SearchError where there is no set.
    """
    figures: Figures = {}
    able = [arm for arm in ARMS if arm in arms and (embedder is not None or arm == LEXICAL)]
    kept = Remembering(embedder, most=1_000_000) if embedder else None
    texts, asked, people = read_parallel(folder), read_questions(folder), read_experts(folder)
    if not (texts or asked or people):
        raise SearchError(
            f"{folder}: no test set; expected are udhr/*.json, xquad/xquad.LANG.json or expert-*/expert-*.json"
        )
    if texts and able:
        figures["udhr"] = _of_parallel(_told(texts, say), able, kept, say)
    if asked and able:
        figures["xquad"] = _of_questions(asked, able, kept, say)
    of_people = [arm for arm in EXPERT_ARMS if arm in arms]
    for name, held in people.items() if of_people else ():
        figures[name] = _of_experts(name, held, of_people, say)
    if set(arms) & {*ARMS, ANSWER}:
        figures["needs"] = _of_needs([*able, *({ANSWER} & set(arms))], kept, say)
    return {name: by_arm for name, by_arm in figures.items() if by_arm}


def _of_experts(name: str, texts: Experts, arms: Collection[str], say: Say) -> dict[str, Measures]:
    say(f"{name}: {len(texts.queries)} queries, {len(texts.people)} people")
    if passed_over := sum(not texts.right(fields) for _, fields in texts.queries):
        say(f"{name}: {passed_over} queries are passed over; nobody has a field of theirs")
    told = {
        arm: _measurable(name, arm, measures, ["mean"], say, dict.fromkeys(measures, NOBODY))
        for arm, measures in expert_figures(texts, arms).items()
    }
    return {arm: measures for arm, measures in told.items() if measures}


def _measurable(
    name: str, arm: str, measures: Measures, keys: Collection[str], say: Say, why: Mapping[str, str]
) -> Measures:
    """The measures that have a figure; which of `keys` have none, and why, is said."""
    for measure, values in measures.items():
        if without := [key for key in keys if key not in values]:
            said = why[measure]
            say(f"left out: {name}, {arm}, {measure}: {', '.join(without)}: {said}")
    return {measure: values for measure, values in measures.items() if values}


def _told(texts: Parallel, say: Say) -> Parallel:
    """Without the languages that have no passage, which is said."""
    for language, held in texts.passages.items():
        if not held:
            say(f"left out: udhr, {language}: it has no passage")
    return texts.told()


def _of_needs(arms: Collection[str], embedder: Remembering | None, say: Say) -> dict[str, Measures]:
    """Our own gold set, which needs no folder."""
    say(f"needs: {len(needs.load_needs())} needs, {len(needs.practice_passages())} texts of practices")
    index, _ = _index(needs.practice_passages(), embedder)
    figures = needs.need_figures(needs.glossed(index), arms)
    for arm, measures in figures.items():
        _tell(say, "needs", arm, measures)
    return figures


def _of_parallel(
    texts: Parallel, arms: Collection[str], embedder: Remembering | None, say: Say
) -> dict[str, Measures]:
    places = texts.shared()
    for language, held in texts.passages.items():
        if left_out := len(held) - len(places):
            say(f"udhr: {left_out} passages of {language} are left out; another language lacks them")
    if not places:
        say("left out: udhr: no passage that every language has")
        return {}
    say(f"udhr: {len(texts.passages)} languages, {len(places)} passages each")
    index, store = _index(parallel.passages_of(texts), embedder)
    figures: dict[str, Measures] = {}
    for arm in arms:
        found: Measures = {"Acc@1": parallel.first_hits(index, texts, arm, places)}
        found["nDCG@10"] = parallel.mixed_pool(index, texts, arm, places)
        if arm != LEXICAL and store is not None:
            found |= _held_out(texts, arm, index, store)
        say(f"udhr: {arm}: short queries")
        if embedder is not None and arm != LEXICAL:
            embedder.embed(parallel.all_word_pairs(texts), "query")
        found["found@10"] = parallel.short_queries(index, texts, arm)
        if measures := _measurable("udhr", arm, found, list(texts.passages), say, MISSING):
            figures[arm] = measures
            _tell(say, "udhr", arm, measures)
    return figures


def _held_out(texts: Parallel, arm: str, index: Index, store: VectorStore) -> Measures:
    """Each half of the passages asks while the means of the languages are those of the other half alone.

    A single passage has no other half.
    """
    places, halves = texts.shared(), []
    if len(places) < 2:
        return {"Acc@1" + HELD_OUT: {}, "nDCG@10" + HELD_OUT: {}}
    for half in (places[::2], places[1::2]):
        keys = {parallel.key_of(language, place) for language in texts.passages for place in places}
        keys -= {parallel.key_of(language, place) for language in texts.passages for place in half}
        apart = Index(index.lexical, index.embedder, NearestPassages(store.blocks(), means=store.means(keys)))
        halves.append(
            {
                "Acc@1": parallel.first_hits(apart, texts, arm, half),
                "nDCG@10": parallel.mixed_pool(apart, texts, arm, half),
            }
        )
    return {
        measure + HELD_OUT: {key: (value + halves[1][measure][key]) / 2 for key, value in values.items()}
        for measure, values in halves[0].items()
    }


def _of_questions(
    texts: Questions, arms: Collection[str], embedder: Remembering | None, say: Say
) -> dict[str, Measures]:
    say(f"xquad: {', '.join(texts.asked)}")
    index, _ = _index(questions.paragraphs_of(texts), embedder)
    if embedder is not None and set(arms) != {LEXICAL}:
        embedder.embed([question for held in texts.asked.values() for question in held.values()], "query")
    figures: dict[str, Measures] = {}
    for arm in arms:
        found = {"nDCG@10": questions.answers(index, texts, arm)}
        why = {"nDCG@10": NO_QUESTION}
        if measures := _measurable("xquad", arm, found, questions.keys_of(texts), say, why):
            figures[arm] = measures
            _tell(say, "xquad", arm, measures)
    return figures


def _tell(say: Say, name: str, arm: str, measures: Measures) -> None:
    """The means so far, for whoever waits."""
    said = (f"{measure} {values['mean']:.3f}" for measure, values in measures.items())
    say(f"{name}: {arm}: {', '.join(said)}")


def _index(passages: list[Passage], embedder: Remembering | None) -> tuple[Index, VectorStore | None]:
    lexical = LexicalIndex()
    lexical.add(passages)
    if embedder is None:
        return Index(lexical), None
    store = VectorStore(embedder)
    store.add(passages)
    return Index(lexical, embedder, NearestPassages(store.blocks())), store
