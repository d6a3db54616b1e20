"""Mappings: small YAML files that say what the columns of a table mean. Knows the form, not the domain.

Every scalar is kept as the text that stands in the file: a code `01` stays `01`, `no` stays `no`, and the
room that reads the mapping says what is a number, a date or a choice. Every complaint names the file, the
line, the key and the mend.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from highground.files.tables import Layout


class MappingError(ValueError):
    """A mapping that cannot be used; the message names the file, the line, the key and the mend."""


@dataclass
class Section:
    """The keys under one key of a mapping. What is read is ticked off; `close` refuses what is left."""

    file: Path
    at: str
    line: int
    values: dict[str, Any]
    lines: dict[str, int]
    _read: set[str] = field(default_factory=set)

    def error(self, key: str, problem: str) -> MappingError:
        """An error about one key of this section."""
        line = self.lines.get(key, self.line)
        name = f"{self.at}.{key}" if self.at and key else key or self.at
        return MappingError(f"{self.file}, line {line}: `{name}`: {problem}")

    def has(self, key: str) -> bool:
        return key in self.values

    def take(self, key: str) -> Any:
        """The raw value: text, a list, a Section, or None when the key is absent or empty."""
        self._read.add(key)
        value = self.values.get(key)
        return None if value == "" else value

    def text(self, key: str, default: str | None = None) -> str | None:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.error(key, "write one value here, not a list or further keys")
        return value

    def required(self, key: str, what: str) -> str:
        """The text under a key that must be there; `what` says what to write."""
        if (value := self.text(key)) is None:
            raise self.error(key, f"missing; write {what}")
        return value

    def choice(self, key: str, allowed: Sequence[str], default: str) -> str:
        value = self.text(key, default) or default
        if value not in allowed:
            raise self.error(key, f"{value!r} is not one of {', '.join(allowed)}")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        return self.choice(key, ("true", "false"), "true" if default else "false") == "true"

    def number(self, key: str) -> Decimal | None:
        if (value := self.text(key)) is None:
            return None
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise self.error(key, f"{value!r} is not a number; write digits, such as 1000 or 0.5")
        return number

    def day(self, key: str) -> datetime.date | None:
        return None if (value := self.text(key)) is None else self.as_day(key, value)

    def as_day(self, key: str, value: Any) -> datetime.date:
        try:
            return datetime.date.fromisoformat(value)
        except (TypeError, ValueError):
            raise self.error(key, f"{value!r} is not a date; write it as YYYY-MM-DD") from None

    def texts(self, key: str) -> list[str]:
        """One text or a list of texts; empty when the key is absent."""
        value = self.take(key)
        if value is None:
            return []
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in values):
            raise self.error(key, "write one value or a list of values")
        return values

    def section(self, key: str) -> Section | None:
        value = self.take(key)
        if value is not None and not isinstance(value, Section):
            raise self.error(key, "write keys below it, each on its own line")
        return value

    def pairs(self, key: str) -> dict[str, str]:
        """A section of plain pairs, such as the translations of values."""
        if (section := self.section(key)) is None:
            return {}
        return {name: section.text(name) or "" for name in section.values}

    def layout(self) -> Layout:
        """The keys `format`, `encoding`, `delimiter` and `sheet` of this section."""
        delimiter = self.text("delimiter")
        return Layout(
            format=self.choice("format", ("csv", "xlsx", "parquet", "stata"), "csv")
            if self.has("format")
            else None,
            encoding=self.text("encoding") or "utf-8",
            delimiter={"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter),
            sheet=self.text("sheet"),
        )

    def close(self) -> None:
        """Refuse keys that nobody has read: mostly misspelt ones."""
        for key in self.values:
            if key not in self._read:
                known = ", ".join(sorted(self._read))
                raise self.error(key, f"unknown key; known here are {known}")

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)


def load_mapping(path: Path | str) -> Section:
    """Read a mapping. Raises MappingError when it is not YAML, or not keys and values."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise MappingError(f"{path}: cannot be read ({problem.strerror}); check the path") from problem
    except UnicodeDecodeError as problem:
        raise MappingError(f"{path}: not UTF-8; save the mapping as UTF-8") from problem
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise MappingError(
            f"{path}, line {line}: not YAML ({problem.problem}); check indents and colons"
        ) from problem
    except yaml.YAMLError as problem:
        raise MappingError(f"{path}: not YAML ({problem}); save it as plain text") from problem
    content = _content(node, path, "") if node is not None else None
    if not isinstance(content, Section):
        raise MappingError(f"{path}, line 1: a mapping is made of keys and values, such as `source:`")
    return content


def _content(node: yaml.Node, file: Path, at: str) -> Any:
    if isinstance(node, yaml.ScalarNode):
        # An unquoted null is an absent value; a quoted one is text.
        return "" if node.style is None and node.value in ("~", "null") else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_content(part, file, f"{at}[{number}]") for number, part in enumerate(node.value, start=1)]
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise MappingError(f"{file}, line {line}: a key must be one word")
        key = key_node.value
        if key in values:
            raise MappingError(f"{file}, line {line}: `{key}` stands here twice; keep one of them")
        values[key] = _content(value_node, file, f"{at}.{key}" if at else key)
        lines[key] = line
    return Section(file, at, node.start_mark.line + 1, values, lines)
