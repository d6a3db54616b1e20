"""The answers of one visit, read out of the XML that a phone sends.

A document with a DTD is refused: nothing honest has one, and entities are how XML is made to explode.
"""

from __future__ import annotations

import datetime
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

MOST_BYTES = 400_000


class BadInstance(ValueError):
    """This is no form that can be read; the message says what is wrong with it."""


@dataclass(frozen=True)
class Answers:
    """What a form says. `values` are (member key or "", fact, text as typed); `files` the names that it mentions.

    `confirmed` are the (member key or "", fact) of values that were shown as known and found still right.

    `about_household` is false for a form that never says which household it is about.
    """

    instance: str
    form: str
    household: str
    base: int
    kind: str = ""
    case: int | None = None
    step: str = ""
    day: datetime.date | None = None
    values: tuple[tuple[str, str, str], ...] = ()
    confirmed: frozenset[tuple[str, str]] = frozenset()
    visitors: tuple[str, ...] = ()
    outcome: str = ""
    class_id: str = ""
    risks: tuple[str, ...] = ()
    reason: str = ""
    note: str = ""
    need_words: str = ""
    need_language: str = ""
    need_audio: str = ""
    photos: tuple[str, ...] = ()
    signature: str = ""
    someone_else: str = ""
    about_household: bool = True
    problems: tuple[str, ...] = field(default=())

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(name for name in (*self.photos, self.need_audio, self.signature) if name)


@dataclass(frozen=True)
class Header:
    """Which instance of which version of which form it is."""

    instance: str
    form: str
    version: str


def header_of(root: ET.Element) -> Header:
    """What a form says of itself. Raises BadInstance where it lacks an id of its own."""
    instance = _text(root, "meta/instanceID")
    if not instance or len(instance) > 80:
        raise BadInstance("the form has no meta/instanceID of at most 80 characters")
    return Header(instance, root.get("id", ""), root.get("version", ""))


def read_instance(content: bytes) -> Answers:
    """The answers in an instance of the visit form. Raises BadInstance.

    A number or a date that cannot be read is left out and said in `problems`: what else was said still counts.
    """
    root = parsed(content)
    instance = header_of(root).instance
    problems: list[str] = []
    day = None
    if text := _text(root, "day"):
        try:
            day = datetime.date.fromisoformat(text[:10])
        except ValueError:
            problems.append(f"the day '{text[:20]}' is no date")
    return Answers(
        instance=instance,
        form=root.get("id", ""),
        household=_text(root, "household"),
        base=whole(_text(root, "base")) or 0,
        kind=_text(root, "kind"),
        case=whole(_text(root, "case")),
        step=_text(root, "step"),
        day=day,
        values=(*_facts(root.find("facts"), ""), *_of_members(root)),
        confirmed=frozenset(_named(one) for one in _text(root, "confirmed").split()),
        visitors=tuple(_text(root, "visitors").split()),
        outcome=_text(root, "outcome"),
        class_id=_text(root, "class_id"),
        risks=tuple(_text(root, "risks").split()),
        reason=_text(root, "reason"),
        note=_text(root, "note"),
        need_words=_text(root, "need_words"),
        need_language=_text(root, "need_language"),
        need_audio=_text(root, "need_audio"),
        photos=tuple(one.text.strip() for one in root.iter("photo") if one.text and one.text.strip()),
        signature=_text(root, "signature"),
        someone_else=_text(root, "someone_else"),
        problems=tuple(problems),
    )


def parsed(content: bytes) -> ET.Element:
    """The document of a form, its names without name spaces. Raises BadInstance."""
    if len(content) > MOST_BYTES:
        raise BadInstance(f"the form has {len(content):,} bytes; at most {MOST_BYTES:,} can be taken")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInstance("the form is not written in UTF-8") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadInstance("the form has a document type definition, which no form needs")
    # What stands in the declaration was settled above: the text is decoded already.
    text = text.partition("?>")[2] if text.lstrip().startswith("<?xml") else text
    try:
        root = ET.fromstring(text)  # noqa: S314  (a DTD was refused above: there are no entities to expand)
    except ET.ParseError as error:
        raise BadInstance(f"the form is no XML that can be read: {error}") from error
    for one in root.iter():
        one.tag = one.tag.rpartition("}")[2]  # forms put themselves and their meta block into name spaces
    return root


def _text(root: ET.Element, path: str) -> str:
    return (root.findtext(path) or "").strip()


def whole(text: str) -> int | None:
    """A whole number that is written in digits alone; None for anything else."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _facts(block: ET.Element | None, member: str) -> list[tuple[str, str, str]]:
    found: list[ET.Element] = [] if block is None else list(block)
    return [
        (member, one.tag, one.text.strip())
        for one in found
        if one.tag != "member" and one.text and one.text.strip()
    ]


def _named(name: str) -> tuple[str, str]:
    """A fact as the page names it, `fact` or `fact@member`: (member key or "", fact)."""
    fact, _at, member = name.partition("@")
    return member, fact


def _of_members(root: ET.Element) -> list[tuple[str, str, str]]:
    return [
        value
        for block in root.findall("members")
        if (key := _text(block, "member"))
        for value in _facts(block, key)
    ]
