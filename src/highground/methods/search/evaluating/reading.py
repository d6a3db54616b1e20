"""Test sets in the formats in which they are given away."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from highground.methods.search.errors import SearchError

Place = tuple[int, int]
Name = int | str


@dataclass
class Parallel:
    """A text in many languages, cut into passages that say the same: `passages[language][article, paragraph]`."""

    passages: dict[str, dict[Place, str]] = field(default_factory=dict)

    def shared(self) -> list[Place]:
        """The passages that every language has, in order."""
        held = [set(texts) for texts in self.passages.values()]
        return sorted(set.intersection(*held)) if held else []

    def told(self) -> Parallel:
        """Without the languages that have no passage, because no other would be left with one."""
        return Parallel({language: held for language, held in self.passages.items() if held})


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

    documents: dict[Name, str]
    authors: dict[Name, list[Name]]
    queries: list[tuple[Name, frozenset[Name]]]
    """The document that is the query, and its fields."""
    people: dict[Name, frozenset[Name]]
    """A person with known fields, and these."""

    def right(self, fields: frozenset[Name]) -> set[Name]:
        """The people who have one of the fields."""
        return {person for person, known in self.people.items() if known & fields}


def read_parallel(folder: Path) -> Parallel | None:
    """The languages of every `udhr/*.json` in a folder: {language: [[title, [paragraph, ...]], ...]}.

    None where there is no such file. Raises SearchError for a file of another form, and for a language in two files.
    """
    found = Parallel()
    for path in sorted((folder / "udhr").glob("*.json")):
        with _reading(path) as content:
            for language, articles in content.items():
                _once(language, found.passages, "the language")
                found.passages[language] = {
                    (number, place): _text(paragraph)
                    for number, (_, paragraphs) in enumerate(map(_list, _list(articles)))
                    for place, paragraph in enumerate(_list(paragraphs))
                }
    return found if found.passages else None


def read_questions(folder: Path) -> Questions | None:
    """The languages of every `xquad/xquad.LANG.json` in a folder, in the form of SQuAD 1.1.

    None where there is no such file. Raises SearchError for a file of another form, and for two different questions of one id.
    """
    found = Questions()
    for path in sorted((folder / "xquad").glob("xquad.*.json")):
        language = path.name.removeprefix("xquad.").removesuffix(".json")
        with _reading(path) as content:
            held = [
                paragraph for article in _list(content["data"]) for paragraph in _list(article["paragraphs"])
            ]
            found.paragraphs[language] = [_text(paragraph["context"]) for paragraph in held]
            asked, answered = found.asked.setdefault(language, {}), found.answered.setdefault(language, {})
            for number, paragraph in enumerate(held):
                for each in _list(paragraph["qas"]):
                    name = str(_name(each["id"]))
                    if (asked.get(name), answered.get(name)) != (_text(each["question"]), number):
                        _once(name, asked, "the question")
                    asked[name], answered[name] = each["question"], number
    return found if found.paragraphs else None


def read_experts(folder: Path) -> dict[str, Experts]:
    """Every `expert-*/expert-*.json` in a folder, by the stem of the file.

    Raises SearchError for a file of another form, and for two different documents or people of one id.
    """
    found: dict[str, Experts] = {}
    for path in sorted(folder.glob("expert-*/expert-*.json")):
        with _reading(path) as content:
            _once(path.stem, found, "the set")
            documents = _by_name(content["documents"], "doc", "the document")
            people = _by_name(content["experts"], "candidate", "the person")
            queries = [(_name(each["doc"]), _names(each["fields"])) for each in _list(content["queries"])]
            if unknown := [name for name, _ in queries if name not in documents]:
                raise SearchError(f"the query {unknown[0]} is no document of the file")
            found[path.stem] = Experts(
                documents={name: _text(each["text"]) for name, each in documents.items()},
                authors={name: list(map(_name, _list(each["authors"]))) for name, each in documents.items()},
                queries=queries,
                people={name: _names(each["fields"]) for name, each in people.items()},
            )
    return found


@contextmanager
def _reading(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON object in a file; what is wrong with its form is said with the file's name."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_object)
        if not isinstance(content, dict):
            raise SearchError("an object is expected")
        yield content
    except UnicodeDecodeError as error:
        raise SearchError(f"{path}: not in UTF-8; save it in UTF-8 ({error})") from error
    except KeyError as error:
        raise SearchError(
            f"{path}: an entry has no {error}; the format is described in docs/reference/search.md"
        ) from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise SearchError(f"{path}: not in the format of docs/reference/search.md ({error})") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; Python by itself would keep the last of two entries with one key, and say nothing."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        _once(key, made, "the key")
        made[key] = value
    return made


def _once(name: Name, held: Collection[Name], what: str) -> None:
    if name in held:
        raise SearchError(f"{what} '{name}' stands there twice; leave one out")


def _by_name(entries: object, key: str, what: str) -> dict[Name, dict[str, Any]]:
    """Entries by the id that stands under a key of each."""
    made: dict[Name, dict[str, Any]] = {}
    for each in _list(entries):
        name = _name(each[key])
        if made.setdefault(name, each) != each:
            _once(name, made, what)
    return made


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise SearchError(f"{value!r:.40} stands where a text is expected")
    return value


def _list(value: object) -> list[Any]:
    """A list; a text or an object in its place would be taken apart into letters or keys."""
    if not isinstance(value, list):
        raise SearchError(f"{value!r:.40} stands where a list is expected")
    return value


def _name(value: object) -> Name:
    """An id: a whole number, or a text; a text of digits is the number."""
    if isinstance(value, str):
        return int(value) if value.isdecimal() and value.isascii() else value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise SearchError(f"{value!r:.40} stands where a whole number or a text is expected")


def _names(value: object) -> frozenset[Name]:
    return frozenset(map(_name, _list(value)))
