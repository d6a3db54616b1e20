"""Needs as people would write them, and how well the practices that come with Highground answer each: our own gold set.

The grades were given by the author of the set (2 answers the need, 1 is of use for it, 0 has nothing to do with it) to every
practice that one of the rankers of `POOLED` placed among the first five. No second judge has read them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from highground.methods.search.errors import SearchError
from highground.methods.search.experts import ExpertFinder
from highground.methods.search.fusing import without_repeats
from highground.methods.search.glossary import load_glossary
from highground.methods.search.index import ANSWER, ARMS, Index
from highground.methods.search.measures import graded_ndcg, mean, precision
from highground.methods.search.steps import Passage

PARTS = ("title", "problem", "done", "results", "failures", "elsewhere")
POOL_DEPTH = 5
VOTING = "voting"
"""TF-IDF with feedback over the texts, as people are found."""
POOLED = (*ARMS, ANSWER, VOTING)
"""The rankers whose first practices were judged."""

Measures = dict[str, dict[str, float]]
Ranker = Callable[[str, str], list[str]]


@dataclass(frozen=True)
class Need:
    """What somebody looks for, in which language, and the grades of practices by their codes."""

    text: str
    language: str
    grades: dict[str, int]


@cache
def load_needs() -> tuple[Need, ...]:
    """The needs of `data/needs.yaml`. Raises SearchError for a grade that is none."""
    content = yaml.safe_load(_data().joinpath("needs.yaml").read_text(encoding="utf-8"))
    found = tuple(Need(one["text"], one["language"], dict(one["grades"])) for one in content["needs"])
    for need in found:
        if wrong := [code for code, grade in need.grades.items() if grade not in (0, 1, 2)]:
            raise SearchError(f"needs.yaml: '{need.text}': the grade of {wrong[0]} is not 0, 1 or 2")
    return found


@cache
def practice_passages() -> list[Passage]:
    """The practices that come with Highground, one passage for each language of each; keys are `code/language`."""
    found = []
    for path in sorted(_data().joinpath("practices").iterdir(), key=lambda one: one.name):
        for one in yaml.safe_load(path.read_text(encoding="utf-8"))["practices"]:
            for language, text in one["texts"].items():
                said = "\n".join(text[part] for part in PARTS if text.get(part))
                found.append(Passage(f"{one['code']}/{language}", language, said))
    return found


def rankers(index: Index) -> dict[str, Ranker]:
    """What ranks practices by their codes, by name; those that can run."""

    def by(arm: str) -> Ranker:
        if arm == ANSWER:
            return lambda text, language: _codes(index.answer(text, language, limit=40).keys)
        return lambda text, language: _codes(index.search(text, language, arm=arm, limit=40))

    finder: ExpertFinder[str] = ExpertFinder(
        {passage.key: passage.text for passage in practice_passages()},
        {passage.key: [passage.key.split("/")[0]] for passage in practice_passages()},
        languages={passage.key: passage.language for passage in practice_passages()},
    )
    found = {arm: by(arm) for arm in (*index.arms, ANSWER)}
    found[VOTING] = lambda text, language: [each.person for each in finder.by_relevance(text, language)]
    return found


def need_figures(index: Index, arms: Collection[str]) -> dict[str, Measures]:
    """Graded nDCG@10 and P@5 (grade 1 or 2) of each arm by language, with the mean over the needs."""
    ranking, needs = rankers(index), load_needs()
    figures: dict[str, Measures] = {}
    for arm in (arm for arm in (*ARMS, ANSWER) if arm in arms and arm in ranking):
        gains: dict[str, list[float]] = {}
        firsts: dict[str, list[float]] = {}
        for need in needs:
            codes = ranking[arm](need.text, need.language)
            useful = {code for code, grade in need.grades.items() if grade}
            gains.setdefault(need.language, []).append(graded_ndcg(codes, need.grades))
            firsts.setdefault(need.language, []).append(precision(codes, useful, POOL_DEPTH))
        figures[arm] = {"nDCG@10": _told(gains), "P@5": _told(firsts)}
    return figures


def glossed(index: Index) -> Index:
    """The same index with the glossary."""
    return Index(index.lexical, index.embedder, index.nearest, load_glossary())


def _told(values: dict[str, list[float]]) -> dict[str, float]:
    every = [value for held in values.values() for value in held]
    return {language: mean(held) for language, held in values.items()} | {"mean": mean(every)}


def _codes(keys: Collection[str]) -> list[str]:
    return without_repeats(key.split("/")[0] for key in keys)


def _data() -> resources.abc.Traversable:
    return resources.files("highground") / "data"
