"""An XForm, read: its questions in order, what binds them, its words in each language, its lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from xml.etree.ElementTree import Element

from defusedxml import ElementTree as SafeTree

FILES = ("image", "audio", "video", "file")
"""Kinds of questions that are answered by a file."""


class BadForm(ValueError):
    """This is no XForm that can be read."""


@dataclass(frozen=True)
class Bind:
    """What holds for the node at a path; expressions as they are written, "" for none."""

    path: str
    type: str = "string"
    relevant: str = ""
    required: str = ""
    constraint: str = ""
    message: str = ""
    calculate: str = ""
    readonly: str = ""
    preload: str = ""
    saveto: str = ""


@dataclass(frozen=True)
class Options:
    """Where the choices of a question stand: an expression for the rows, and which part is the value and the label."""

    nodes: str
    value: str
    label: str


@dataclass(frozen=True)
class Control:
    """A question, a group or a repeat: `kind` is text, integer, decimal, date, select1, select, note, image and so on.

    `label`, `hint` are names of texts, or texts. `count` is how often a repeat comes, if the form says so.
    """

    kind: str
    path: str
    label: str = ""
    hint: str = ""
    options: Options | None = None
    inside: tuple[Control, ...] = ()
    count: str = ""

    def walk(self) -> Iterator[Control]:
        yield self
        for one in self.inside:
            yield from one.walk()


@dataclass(frozen=True)
class Default:
    """A value that a question has when the form is opened."""

    path: str
    value: str


@dataclass(frozen=True)
class Form:
    """All of an XForm. `blank` is its empty instance; `lists` are those inside it, `tables` the names of those beside it.

    `texts` are by language and name; where a text shows an answer, that part is the element `output`.
    """

    form_id: str
    version: str
    title: str
    blank: Element
    binds: Mapping[str, Bind]
    controls: tuple[Control, ...]
    texts: Mapping[str, Mapping[str, Element]]
    lists: Mapping[str, Element] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    defaults: tuple[Default, ...] = ()

    def walk(self) -> Iterator[Control]:
        """Every question, group and repeat, in order."""
        for one in self.controls:
            yield from one.walk()

    def expressions(self) -> Iterator[tuple[str, str, str]]:
        """Each expression with the path of its question and the column of an XLSForm in which it was written."""
        for path, bind in self.binds.items():
            for column, source in (
                ("relevant", bind.relevant),
                ("required", bind.required),
                ("constraint", bind.constraint),
                ("calculation", bind.calculate),
                ("readonly", bind.readonly),
            ):
                if source:
                    yield path, column, source
        for one in self.defaults:
            yield one.path, "default", one.value
        for control in self.walk():
            if control.options:
                yield control.path, "choice_filter", control.options.nodes
            if control.count:
                yield control.path, "repeat_count", control.count


@lru_cache(maxsize=32)
def read_form(xml: str) -> Form:
    """The form in an XForm. Raises BadForm."""
    try:
        document = SafeTree.fromstring(xml.encode())
    except (SafeTree.ParseError, ValueError) as error:
        raise BadForm(f"this is no XForm that can be read: {error}") from error
    for one in document.iter():
        one.tag = plain(one.tag)
        one.attrib = {plain(name): value for name, value in one.attrib.items()}
    model, body = document.find("head/model"), document.find("body")
    blank = model.find("instance/*") if model is not None else None
    if model is None or body is None or blank is None:
        raise BadForm("this is no XForm: it lacks a model, an instance or a body")
    others = model.findall("instance")[1:]
    binds = {one.path: one for one in map(_bind, model.findall("bind"))}
    return Form(
        form_id=blank.get("id", ""),
        version=blank.get("version", ""),
        title=document.findtext("head/title") or blank.get("id", ""),
        blank=blank,
        binds=binds,
        controls=tuple(_controls(body, binds)),
        texts={
            one.get("lang", ""): {
                text.get("id", ""): value for text in one if (value := _words(text)) is not None
            }
            for one in model.findall("itext/translation")
        },
        lists={one.get("id", ""): one for one in others if not one.get("src")},
        tables={one.get("id", ""): one.get("src", "").rpartition("/")[2] for one in others if one.get("src")},
        defaults=tuple(
            Default(one.get("ref", ""), one.get("value", ""))
            for one in model.findall("setvalue")
            if "odk-instance-first-load" in one.get("event", "")
        ),
    )


def plain(name: str) -> str:
    """A name without its name space."""
    return name.rpartition("}")[2]


def _words(text: Element) -> Element | None:
    return next((value for value in text.findall("value") if not value.get("form")), None)


def _bind(element: Element) -> Bind:
    return Bind(
        path=element.get("nodeset", ""),
        type=element.get("type", "string"),
        relevant=element.get("relevant", ""),
        required=element.get("required", ""),
        constraint=element.get("constraint", ""),
        message=_reference(element.get("constraintMsg", "")),
        calculate=element.get("calculate", ""),
        readonly=element.get("readonly", ""),
        preload=" ".join(filter(None, (element.get("preload"), element.get("preloadParams")))),
        saveto=element.get("saveto", ""),
    )


def _reference(text: str) -> str:
    """The name of a text in `jr:itext('name')`; another text as it is."""
    return text.removeprefix("jr:itext('").removesuffix("')") if text.startswith("jr:itext('") else text


def _controls(parent: Element, binds: Mapping[str, Bind]) -> Iterator[Control]:
    for one in parent:
        path = one.get("ref") or one.get("nodeset") or ""
        if one.tag == "group":
            repeat = one.find("repeat")
            held = one if repeat is None else repeat
            yield Control(
                kind="group" if repeat is None else "repeat",
                path=path if repeat is None else repeat.get("nodeset", ""),
                label=_text_of(one, "label"),
                inside=tuple(_controls(held, binds)),
                count="" if repeat is None else repeat.get("count", "").strip(),
            )
        elif one.tag in ("input", "select1", "select", "upload", "trigger", "range", "rank"):
            bind = binds.get(path, Bind(path))
            yield Control(
                kind=_kind(one, bind),
                path=path,
                label=_text_of(one, "label"),
                hint=_text_of(one, "hint"),
                options=_options(one),
            )


def _kind(element: Element, bind: Bind) -> str:
    if element.tag == "upload":
        return element.get("mediatype", "file/*").partition("/")[0].replace("application", "file")
    if element.tag != "input":
        return element.tag
    if bind.readonly in ("true()", "true"):
        return "note"
    return {"string": "text", "int": "integer"}.get(bind.type, bind.type)


def _text_of(element: Element, tag: str) -> str:
    found = element.find(tag)
    if found is None:
        return ""
    return _reference(found.get("ref", "")) or "".join(found.itertext()).strip()


def _options(element: Element) -> Options | None:
    itemset = element.find("itemset")
    if itemset is None:
        return None
    value, label = itemset.find("value"), itemset.find("label")
    shown = label.get("ref", "") if label is not None else ""
    return Options(
        nodes=itemset.get("nodeset", ""),
        value=value.get("ref", "name") if value is not None else "name",
        label="itextId" if shown == "jr:itext(itextId)" else shown,
    )
