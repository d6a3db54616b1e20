"""What an instance of a form by others says: facts and parts of a visit by its mapping, the rest to be read by people."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from highground.field.forms.mapping import PARTS
from highground.field.forms.model import FILES, Control, Form, read_form
from highground.field.forms.names import HOUSEHOLDS, MEMBERS
from highground.field.forms.parsing import parse
from highground.field.forms.xpath import BadExpression, Place, World, truth
from highground.field.instance import Answers, BadInstance, parsed, whole
from highground.field.models import TakenForm


@dataclass(frozen=True)
class Entity:
    """A row of an entity list that a form makes or changes; `base` is the version it was made from, 0 for none."""

    list: str
    id: str
    base: int
    creates: bool
    updates: bool

    @classmethod
    def of(cls, element: Element) -> Entity:
        # What a device counted itself since it had the list says nothing about the office: the trunk does.
        base = whole(element.get("trunkVersion", "")) or whole(element.get("baseVersion", "")) or 0
        return cls(
            element.get("dataset", ""), element.get("id", "").strip(), base,
            _is_set(element, "create"), _is_set(element, "update"),
        )  # fmt: skip


def _is_set(element: Element, name: str) -> bool:
    return element.get(name) in ("1", "true")


@dataclass
class _Reading:
    """An instance with its form, and what was found in it."""

    form: Form
    mapping: Mapping[str, str]
    world: World
    problems: list[str] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)
    values: list[tuple[str, str, str]] = field(default_factory=list)


def answers_of(taken: TakenForm, content: bytes, members: frozenset[str]) -> Answers:
    """The answers in an instance of a form by others. `members` are the names of facts of members. Raises BadInstance.

    A constraint that does not hold and a required question without an answer are problems, nothing more.
    """
    root = parsed(content)
    form = read_form(taken.xml)
    if root.tag != form.blank.tag:
        raise BadInstance(f"the form begins with <{root.tag}>, not with <{form.blank.tag}>")
    reading = _Reading(form, taken.mapping, World(root, form.lists, timezone.localtime()))
    entities = [Entity.of(one) for one in root.iter("entity")]
    for node, path in nodes_with_paths(root):
        _check(reading, node, path)
        _take(reading, node, path, members)
    home = next((one for one in entities if one.list == HOUSEHOLDS and one.updates), None)
    base = next((one.base for one in entities if one.list in (HOUSEHOLDS, MEMBERS) and one.base), 0)
    if any(one.creates and one.list in (HOUSEHOLDS, MEMBERS) for one in entities):
        reading.problems.append(
            _("The form asks for a new household or member: add it to the register first.")
        )
    parts = reading.parts
    return Answers(
        instance=(root.findtext("meta/instanceID") or "").strip(),
        form=taken.form_id,
        household=parts.get("household", "") or (home.id if home else ""),
        base=base,
        kind="look",
        day=_day(parts.get("day", ""), reading.problems),
        values=tuple(reading.values),
        note=parts.get("note", ""),
        need_words=parts.get("need_words", ""),
        need_language=parts.get("need_language", ""),
        need_audio=parts.get("need_audio", ""),
        signature=parts.get("signature", ""),
        someone_else=parts.get("someone_else", ""),
        photos=tuple(_other_files(reading)),
        problems=tuple(reading.problems),
        about_household=speaks_of_households(taken),
    )


def speaks_of_households(taken: TakenForm) -> bool:
    """Whether a form says which household it is about; one that does not is kept and read, and changes nothing."""
    return "household" in taken.mapping.values() or any(
        one.get("dataset") in (HOUSEHOLDS, MEMBERS) for one in read_form(taken.xml).blank.iter("entity")
    )


def nodes_with_paths(root: Element) -> Iterator[tuple[Element, str]]:
    """Every node of an instance that holds no others, with its path; the same path again for each turn of a repeat."""

    def below(node: Element, path: str) -> Iterator[tuple[Element, str]]:
        for child in node:
            at = f"{path}/{child.tag}"
            if len(child):
                yield from below(child, at)
            else:
                yield child, at

    yield from below(root, f"/{root.tag}")


def _take(reading: _Reading, node: Element, path: str, members: frozenset[str]) -> None:
    answers, said = reading.mapping.get(path), (node.text or "").strip()
    if not answers or not said:
        return
    if answers in PARTS:
        reading.parts.setdefault(answers, said)
        return
    member = _member_of(reading, node) if answers in members else ""
    if answers in members and not member:
        reading.problems.append(
            _("'%(question)s' says nothing of which member.") % {"question": label_of(reading.form, path)}
        )
        return
    reading.values.append((member, answers, said))


def _member_of(reading: _Reading, node: Element) -> str:
    """The member named beside a node or in a block around it, or by an entity there."""
    paths = {path.rpartition("/")[2] for path, part in reading.mapping.items() if part == "member"}
    block = reading.world.parents.get(node)
    while block is not None:
        for name in paths:
            if said := (block.findtext(f".//{name}") or "").strip():
                return said
        for one in block.findall("meta/entity"):
            if one.get("dataset") == MEMBERS and one.get("id"):
                return str(one.get("id"))
        block = reading.world.parents.get(block)
    return ""


def _check(reading: _Reading, node: Element, path: str) -> None:
    """Note a constraint that does not hold and a question that had to be answered. What cannot be reckoned is passed over."""
    bind = reading.form.binds.get(path)
    if bind is None:
        return
    said = (node.text or "").strip()
    if said and bind.constraint and not _holds(reading, bind.constraint, node, otherwise=True):
        reading.problems.append(
            _("%(question)s: '%(answer)s' does not fit the form's rule. %(rule)s")
            % {
                "question": label_of(reading.form, path),
                "answer": said[:60],
                "rule": words_of(reading.form, bind.message),
            }
        )
    if said or not bind.required or not _is_asked(reading, node, path):
        return
    if _holds(reading, bind.required, node, otherwise=False):
        reading.problems.append(_("%(question)s: not answered.") % {"question": label_of(reading.form, path)})


def _is_asked(reading: _Reading, node: Element, path: str) -> bool:
    """Whether a node and every block around it are relevant."""
    here: Element | None = node
    while here is not None and path:
        bind = reading.form.binds.get(path)
        if bind and bind.relevant and not _holds(reading, bind.relevant, here, otherwise=False):
            return False
        here, path = reading.world.parents.get(here), path.rpartition("/")[0]
    return True


def _holds(reading: _Reading, source: str, node: Element, *, otherwise: bool) -> bool:
    """Whether an expression holds at a node; `otherwise` where it is beyond us or looks into a list of the device."""
    if any(f"'{name}'" in source or f'"{name}"' in source for name in reading.form.tables):
        return otherwise
    place = Place(node, reading.world)
    try:
        return truth(parse(source).value(place), place)
    except BadExpression:
        return otherwise


def _day(said: str, problems: list[str]) -> datetime.date | None:
    if not said:
        return None
    try:
        return datetime.date.fromisoformat(said[:10])
    except ValueError:
        problems.append(_("The day '%(day)s' is no date.") % {"day": said[:20]})
        return None


def _other_files(reading: _Reading) -> Iterator[str]:
    kinds = {one.path for one in reading.form.walk() if one.kind in FILES}
    special = {reading.parts.get("need_audio"), reading.parts.get("signature")}
    for node, path in nodes_with_paths(reading.world.root):
        said = (node.text or "").strip()
        if path in kinds and said and said not in special:
            yield said


# --- To be read ---


def said_in(taken: TakenForm, content: bytes) -> list[tuple[str, str]]:
    """The questions that were answered, with the answers in words, in the reader's language where the form has it."""
    root, form = parsed(content), read_form(taken.xml)
    controls = {one.path: one for one in form.walk()}
    found = []
    for node, path in nodes_with_paths(root):
        control, said = controls.get(path), (node.text or "").strip()
        if control is not None and said and control.kind != "note":
            found.append((label_of(form, path), _in_words(form, control, said)))
    return found


def label_of(form: Form, path: str) -> str:
    """What a question is called; its name where it has no words."""
    control = next((one for one in form.walk() if one.path == path), None)
    return (words_of(form, control.label) if control else "") or path.rpartition("/")[2]


def words_of(form: Form, name: str, shown: Callable[[str], str] = lambda source: "…") -> str:
    """A text of the form in the reader's language, else in its first; a text without a name as it is.

    Where it shows an answer, `shown` says what that comes to.
    """
    wanted = (get_language() or "").partition("-")[0]
    languages = sorted(form.texts, key=lambda one: f"({wanted})" not in one)
    for language in languages:
        if (value := form.texts[language].get(name)) is not None:
            parts = [value.text or ""]
            for part in value:
                parts += [shown(part.get("value", "")), part.tail or ""]
            return " ".join("".join(parts).split())
    return name if not form.texts or "/" not in name else ""


def _in_words(form: Form, control: Control, said: str) -> str:
    """Chosen ids as their labels, where the form itself lists them."""
    if control.options is None:
        return said
    rows = {
        one.findtext("name", ""): one
        for name, kept in form.lists.items()
        if f"'{name}'" in control.options.nodes
        for one in kept.iter("item")
    }
    return ", ".join(_choice(form, rows.get(one), one) for one in said.split()) if rows else said


def _choice(form: Form, row: Element | None, said: str) -> str:
    if row is None:
        return said
    return words_of(form, row.findtext("itextId", "")) or row.findtext("label", "") or said
