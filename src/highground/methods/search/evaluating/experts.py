"""Documents, their authors, and people whose fields are known: who is found for a document of a field?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from highground.methods.search.evaluating.reading import Experts, Name
from highground.methods.search.experts import Evidence, ExpertFinder
from highground.methods.search.measures import average_precision, means, ndcg, precision

EXPERT_ARMS = ("relevance", "normalised", "productivity")
LANGUAGE = "en"
"""The sets are in English. ICU cuts other scripts by their letters all the same."""

Measures = dict[str, dict[str, float]]


def expert_figures(texts: Experts, arms: Collection[str]) -> dict[str, Measures]:
    """AP, P@10 and nDCG@10 of each arm, as means over the queries and over each half of them.

    Ranked are the people with known fields, those without evidence last; right is who shares a field with the
    query. The document that asks speaks for nobody. A query for which nobody is right is passed over.
    """
    finder = ExpertFinder(
        {str(name): text for name, text in texts.documents.items()},
        {str(name): authors for name, authors in texts.authors.items()},
        languages=LANGUAGE,
    )
    rank: dict[str, Callable[[str, str], list[Evidence[Name]]]] = {
        "relevance": lambda text, own: finder.by_relevance(text, LANGUAGE, without=[own]),
        "normalised": lambda text, own: finder.by_normalised_relevance(text, LANGUAGE, without=[own]),
        "productivity": lambda text, own: finder.by_output(without=[own]),
    }
    return {arm: _measured(texts, rank[arm]) for arm in EXPERT_ARMS if arm in arms}


def _measured(texts: Experts, rank: Callable[[str, str], list[Evidence[Name]]]) -> Measures:
    values: dict[str, list[float]] = {"AP": [], "P@10": [], "nDCG@10": []}
    for query, fields in texts.queries:
        right = texts.right(fields)
        if not right:
            continue
        found = [
            each.person for each in rank(texts.documents[query], str(query)) if each.person in texts.people
        ]
        ranking = [*found, *sorted(texts.people.keys() - set(found), key=_in_order)]
        values["AP"].append(average_precision(ranking, right))
        values["P@10"].append(precision(ranking, right))
        values["nDCG@10"].append(ndcg(ranking, right))
    return {measure: _with_halves(each) for measure, each in values.items()}


def _with_halves(values: Sequence[float]) -> dict[str, float]:
    """The mean, that of every second query, and that of the others."""
    return means({"mean": values, "first half": values[::2], "second half": values[1::2]})


def _in_order(name: Name) -> tuple[bool, Name]:
    """Numbers before texts, which can't be compared."""
    return isinstance(name, str), name
