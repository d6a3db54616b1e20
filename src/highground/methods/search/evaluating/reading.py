"""Test sets in the formats in which they are given away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from highground.methods.search.errors import SearchError

Place = tuple[int, int]


@dataclass
class Parallel:
    """A text in many languages, cut into passages that say the same: `passages[language][article, paragraph]`."""

    passages: dict[str, dict[Place, str]] = field(default_factory=dict)

    def shared(self) -> list[Place]:
        """The passages that every language has, in order."""
        places = set.intersection(*(set(texts) for texts in self.passages.values()))
        return sorted(places)


@dataclass
class Questions:
    """Questions and the paragraphs that answer them, in many languages, joined by the id of the question."""

    paragraphs: dict[str, list[str]] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """Language -> id -> question."""
    answered: dict[str, dict[str, int]] = field(default_factory=dict)
    """Language -> id -> number of the paragraph."""


@dataclass(frozen=True)
class Experts:
    """Documents with their authors, queries with their fields, and the people whose fields are known."""

    documents: dict[int, str]
    authors: dict[int, list[int]]
    queries: dict[int, frozenset[int]]
    """The document that is the query, and its fields."""
    people: dict[int, frozenset[int]]
    """A person with known fields, and these."""


def read_parallel(folder: Path) -> Parallel | None:
    """The languages of every `udhr/*.json` in a folder: {language: [[title, [paragraph, ...]], ...]}.

    None where there is no such file. Raises SearchError for a file of another form.
    """
    found = Parallel()
    for path in sorted((folder / "udhr").glob("*.json")):
        with _reading(path) as content:
            for language, articles in content.items():
                found.passages[language] = {
                    (number, place): _text(paragraph)
                    for number, (_, paragraphs) in enumerate(articles)
                    for place, paragraph in enumerate(paragraphs)
                }
    return found if found.passages else None


def read_questions(folder: Path) -> Questions | None:
    """The languages of every `xquad/xquad.LANG.json` in a folder, in the form of SQuAD 1.1.

    None where there is no such file. Raises SearchError for a file of another form.
    """
    found = Questions()
    for path in sorted((folder / "xquad").glob("xquad.*.json")):
        language = path.name.removeprefix("xquad.").removesuffix(".json")
        with _reading(path) as content:
            held = [paragraph for article in content["data"] for paragraph in article["paragraphs"]]
            found.paragraphs[language] = [_text(paragraph["context"]) for paragraph in held]
            asked = [(number, asked) for number, paragraph in enumerate(held) for asked in paragraph["qas"]]
            found.asked[language] = {str(each["id"]): _text(each["question"]) for _, each in asked}
            found.answered[language] = {str(each["id"]): number for number, each in asked}
    return found if found.paragraphs else None


def read_experts(folder: Path) -> dict[str, Experts]:
    """Every `expert-*/expert-*.json` in a folder, by the stem of the file. Raises SearchError for another form."""
    found = {}
    for path in sorted(folder.glob("expert-*/expert-*.json")):
        with _reading(path) as content:
            documents = {int(each["doc"]): each for each in content["documents"]}
            found[path.stem] = Experts(
                documents={name: _text(each["text"]) for name, each in documents.items()},
                authors={name: [int(who) for who in each["authors"]] for name, each in documents.items()},
                queries={int(each["doc"]): _fields(each) for each in content["queries"]},
                people={int(each["candidate"]): _fields(each) for each in content["experts"]},
            )
            unknown = found[path.stem].queries.keys() - documents.keys()
            if unknown:
                raise SearchError(f"{path}: the query {min(unknown)} is no document of the file")
    return found


@contextmanager
def _reading(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON object in a file; what is wrong with its form is said with the file's name."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise SearchError("an object is expected")
        yield content
    except KeyError as error:
        raise SearchError(
            f"{path}: an entry has no {error}; the format is described in docs/reference/search.md"
        ) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise SearchError(f"{path}: not in the format of docs/reference/search.md ({error})") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise SearchError(f"{value!r:.40} stands where a text is expected")
    return value


def _fields(entry: dict[str, Any]) -> frozenset[int]:
    return frozenset(int(each) for each in entry["fields"])
