"""A form being filled in: what is asked by what was answered, what comes of calculations, and the instance in the end.

    filling = Filling(read_form(xml), instances, now=..., instance_id="uuid:...")
    filling.put("/data/water/wage", "1200")
    filling.settle()
    filling.xml()

Method: the ODK XForms specification (https://getodk.github.io/xforms-spec). What is not relevant counts as empty and is left
out of the instance; nothing that was typed is lost while the form is open. Tests hold it against ODK Web Forms.
"""

from __future__ import annotations

import copy
import csv
import datetime
import io
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from highground.field.forms.model import Bind, Control, Form
from highground.field.forms.parsing import parse
from highground.field.forms.xpath import Place, Value, World, nodes_of, number, text, truth

MOST_ROUNDS = 25
"""So often calculations are repeated until nothing changes; a form that never comes to rest is a circle."""

MOST_TURNS = 50


class NeverSettles(ValueError):
    """The calculations of a form go round in a circle."""


@dataclass(frozen=True)
class Asked:
    """A question as it stands now. `name` is its path with the turn of each repeat, as `/data/pupil[2]/school`."""

    name: str
    control: Control
    node: Element

    @property
    def turn(self) -> int:
        """Which turn of its repeat it is."""
        return _turn(self.name.rpartition("/")[2])[1]


@dataclass(frozen=True)
class Choice:
    """One of the answers that can be chosen: its id, and its label as the name of a text or as a text."""

    value: str
    label: str


class Filling:
    """One instance of a form, open to be filled in."""

    def __init__(
        self, form: Form, instances: Mapping[str, Element], *, now: datetime.datetime, instance_id: str
    ) -> None:
        self.form = form
        self.root = copy.deepcopy(form.blank)
        self.instance_id = instance_id
        self.blanks: dict[str, Element] = {}
        self._take_templates_out(self.root, f"/{self.root.tag}")
        self.world = World(self.root, {**form.lists, **instances}, now)
        for path, bind in form.binds.items():
            for node in self._at(path) if "@" not in path else ():
                node.text = node.text or _preloaded(bind.preload, now, instance_id)
        for one in form.defaults:
            for node in self._at(one.path):
                node.text = self.text_of(one.value, node)
        self.settle()

    # --- Answers ---

    def asks(self, name: str) -> bool:
        """Whether this is the name of a question, which somebody may answer."""
        path = re.sub(r"\[\d+\]", "", name)
        return any(
            one.path == path and one.kind not in ("group", "repeat", "note") for one in self.form.walk()
        )

    def put(self, name: str, answer: str) -> None:
        """Answer a question by its name. Turns of a repeat that are not there yet are added. Raises KeyError."""
        node, path = self.root, f"/{self.root.tag}"
        for step in name.removeprefix(f"{path}/").split("/"):
            tag, turn = _turn(step)
            path = f"{path}/{tag}"
            while len(found := node.findall(tag)) < turn and path in self.blanks and turn <= MOST_TURNS:
                self._add_turn(node, path)
            if len(found) < turn:
                raise KeyError(name)
            node = found[turn - 1]
        node.text = answer

    def open_repeats(self) -> list[tuple[str, Control]]:
        """The repeats of which somebody says how often they come, outside of others."""
        return [
            (one.path, one)
            for one in self.form.walk()
            if one.kind == "repeat"
            and not one.count
            and not any(one.path.startswith(f"{path}/") for path in self.blanks)
        ]

    def count(self, repeat: str) -> int:
        """How many turns a repeat has."""
        return len(self._at(repeat))

    def turns(self, repeat: str, wanted: int) -> None:
        """Let one of the `open_repeats` have so many turns. Raises KeyError for another one."""
        if repeat not in dict(self.open_repeats()):
            raise KeyError(repeat)
        above, _slash, tag = repeat.rpartition("/")
        for parent in self._at(above):
            self._set_turns(parent, repeat, tag, wanted)

    def settle(self) -> None:
        """Reckon what is relevant, how often repeats come and what calculations give, until nothing changes."""
        for _round in range(MOST_ROUNDS):
            if not self._settle_once():
                return
        raise NeverSettles("the calculations of this form go round in a circle")

    def _settle_once(self) -> bool:
        changed = False
        for control in self.form.walk():
            if control.kind == "repeat" and control.count:
                changed |= self._repeat(control)
        self.world.look_again()
        hidden = set(self._hidden(self.root, f"/{self.root.tag}"))
        changed |= hidden != self.world.hidden
        self.world.hidden = hidden
        for path, bind in self.form.binds.items():
            if bind.calculate:
                changed |= self._calculate(path, bind)
        return changed

    def _repeat(self, control: Control) -> bool:
        above, _slash, tag = control.path.rpartition("/")
        changed = False
        for parent in self._at(above):
            told = self._value(control.count, parent)
            wanted = number(told, Place(parent, self.world))
            changed |= self._set_turns(parent, control.path, tag, 0 if math.isnan(wanted) else int(wanted))
        return changed

    def _set_turns(self, parent: Element, path: str, tag: str, wanted: int) -> bool:
        wanted = max(0, min(wanted, MOST_TURNS))
        found = parent.findall(tag)
        for extra in found[wanted:]:
            parent.remove(extra)
        for _more in range(wanted - len(found)):
            self._add_turn(parent, path)
        return len(found) != wanted

    def _add_turn(self, parent: Element, path: str) -> None:
        """Another turn of a repeat, after the last one or where its template stood."""
        blank = self.blanks[path]
        found = parent.findall(blank.tag)
        place = list(parent).index(found[-1]) + 1 if found else self._place_of(parent, path)
        parent.insert(place, copy.deepcopy(blank))
        self.world.look_again()

    def _place_of(self, parent: Element, path: str) -> int:
        """Where a repeat without turns belongs: after what stands before it in the blank form."""
        whole = self.form.blank
        for tag in path.split("/")[2:-1]:
            whole = next(iter(whole.findall(tag)))
        order = list(dict.fromkeys(child.tag for child in whole))
        before = set(order[: order.index(path.rpartition("/")[2])])
        return sum(child.tag in before for child in parent)

    def _calculate(self, path: str, bind: Bind) -> bool:
        changed = False
        path, _at, attribute = path.partition("/@")
        for node in self._at(path):
            if node in self.world.hidden:
                continue
            shown = self.text_of(bind.calculate, node)
            if attribute:
                changed |= node.get(attribute) != shown
                node.set(attribute, shown)
            else:
                changed |= (node.text or "") != shown
                node.text = shown
        return changed

    def _hidden(self, node: Element, path: str, *, above: bool = False) -> Iterator[Element]:
        bind = self.form.binds.get(path)
        gone = above or bool(
            bind and bind.relevant and not truth(self._value(bind.relevant, node), Place(node, self.world))
        )
        if gone:
            yield node
        for child in node:
            yield from self._hidden(child, f"{path}/{child.tag}", above=gone)

    # --- Reading it ---

    def asked(self) -> Iterator[Asked]:
        """The questions, groups and turns that are relevant now, in order."""
        yield from self._asked(self.form.controls, self.root, f"/{self.root.tag}", f"/{self.root.tag}")

    def _asked(self, controls: tuple[Control, ...], node: Element, path: str, name: str) -> Iterator[Asked]:
        for control in controls:
            if not control.path:
                yield from self._asked(control.inside, node, path, name)
                continue
            for at, found in self._down(node, name, control.path.removeprefix(f"{path}/").split("/")):
                if found in self.world.hidden:
                    continue
                yield Asked(at, control, found)
                yield from self._asked(control.inside, found, control.path, at)

    def _down(self, node: Element, name: str, steps: list[str]) -> Iterator[tuple[str, Element]]:
        first, *rest = steps
        path = re.sub(r"\[\d+\]", "", f"{name}/{first}")
        for turn, child in enumerate(node.findall(first), start=1):
            at = f"{name}/{first}[{turn}]" if path in self.blanks else f"{name}/{first}"
            if rest:
                yield from self._down(child, at, rest)
            else:
                yield at, child

    def choices(self, asked: Asked) -> list[Choice]:
        """What can be chosen now."""
        if asked.control.options is None:
            return []
        options = asked.control.options
        rows = nodes_of(parse(options.nodes).value(Place(asked.node, self.world, asked.node)))
        return [Choice(row.findtext(options.value, ""), row.findtext(options.label, "")) for row in rows]

    def wrong(self, asked: Asked) -> str:
        """What is wrong with an answer: "required", "constraint", or nothing."""
        bind = self.form.binds.get(asked.control.path)
        if bind is None:
            return ""
        place, said = Place(asked.node, self.world), (asked.node.text or "").strip()
        if not said:
            return (
                "required" if bind.required and truth(self._value(bind.required, asked.node), place) else ""
            )
        if bind.constraint and not truth(self._value(bind.constraint, asked.node), place):
            return "constraint"
        return ""

    def xml(self) -> str:
        """The instance, without what is not relevant."""
        kept = copy.deepcopy(self.root)
        for node, twin in zip(list(self.root.iter()), list(kept.iter()), strict=True):
            if node in self.world.hidden:
                twin.set("__gone", "")
        for parent in list(kept.iter()):
            for child in [one for one in parent if "__gone" in one.attrib]:
                parent.remove(child)
        return ET.tostring(kept, encoding="unicode")

    # --- Inside ---

    def _take_templates_out(self, node: Element, path: str) -> None:
        for child in list(node):
            at = f"{path}/{child.tag}"
            if "template" in child.attrib:
                del child.attrib["template"]
                self.blanks[at] = child
                node.remove(child)
            self._take_templates_out(child, at)

    def _at(self, path: str) -> list[Element]:
        """Every node at a path."""
        first, *steps = path.strip("/").split("/")
        nodes = [self.root] if first == self.root.tag else []
        for step in steps:
            nodes = [child for node in nodes for child in node.findall(step)]
        return nodes

    def _value(self, source: str, node: Element) -> Value:
        return parse(source).value(Place(node, self.world, node))

    def text_of(self, source: str, node: Element) -> str:
        """What an expression comes to at a node, as text; nothing where that is no number."""
        shown = text(self._value(source, node), Place(node, self.world))
        return "" if shown == "NaN" else shown


def _turn(step: str) -> tuple[str, int]:
    found = re.fullmatch(r"([^\[\]]+)(?:\[(\d+)\])?", step)
    if found is None:
        raise KeyError(step)
    return found[1], int(found[2] or 1)


def _preloaded(preload: str, now: datetime.datetime, instance_id: str) -> str | None:
    """What a form knows of itself when it is opened."""
    return {
        "uid": instance_id,
        "timestamp start": now.isoformat(timespec="milliseconds"),
        "timestamp end": now.isoformat(timespec="milliseconds"),
        "date today": now.date().isoformat(),
    }.get(preload)


def table(content: str) -> Element:
    """A CSV table as an instance that expressions look things up in."""
    instance = Element("instance")
    root = ET.SubElement(instance, "root")
    for row in csv.DictReader(io.StringIO(content)):
        item = ET.SubElement(root, "item")
        for name, value in row.items():
            ET.SubElement(item, name).text = value
    return instance
