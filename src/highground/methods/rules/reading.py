"""Read a rulebook: YAML to a checked Rulebook.

A rulebook is data. Reading it parses and type-checks every expression, orders what depends on what (and refuses
a cycle), bounds every number, and takes the hash of the canonical content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from highground.methods.facts import load_dictionary
from highground.methods.rules import monitoring, sections
from highground.methods.rules.constants import constant_parts
from highground.methods.rules.parameters import merge_rows, read_parameter_file, read_parameters
from highground.methods.rules.procedure.graph import Procedure
from highground.methods.rules.procedure.reading import check_packs, read_procedure
from highground.methods.rules.rulebook import (
    ExitRules,
    Expression,
    Named,
    ParameterRow,
    Rulebook,
    RulebookError,
)
from highground.methods.rules.sections import Entry

if TYPE_CHECKING:
    from highground.methods.rules.bench import Bench

KEYS = {
    "id", "version", "title", "extends", "country", "currency", "issued", "in_force", "assessed", "predecessor",
    "successor", "synthetic", "sources", "notes", "facts", "fresh_for", "parameters", "counted", "income_window",
    "ranks", "derived", "conditions", "classes", "clues", "vetoes", "caps", "checks", "exit", "procedure", "examples",
}  # fmt: skip
# ISO 4217: the currencies that have not two minor digits.
MINOR_DIGITS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
    "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "CLF": 4, "UYW": 4,
}  # fmt: skip
_NO_HASH = ("examples", "notes")


def shipped() -> dict[str, Path]:
    """The rulebooks that ship with Highground: id to file, in order of the id."""
    folder = Path(str(files("highground") / "data" / "rulebooks"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def list_rulebooks() -> list[Rulebook]:
    """All shipped rulebooks, read and checked."""
    return [load_rulebook(name) for name in shipped()]


def load_rulebook(id_or_path: str | Path, parameters: Any = None) -> Rulebook:
    """A rulebook by its id or from a YAML file, checked.

    `parameters` adds rows to its parameter tables: a CSV, YAML or JSON file, or a list of mappings with
    `parameter`, `key`, `period`, `value`, `source` and `verified`. They are part of the hash.

    Raises RulebookError naming the file, the entry, the position and the mend.
    """
    path = _find(id_or_path)
    content, origin = _content(path, ()), path.name
    if parameters is None:
        return _read_cached(json.dumps(content, default=str), origin)
    return read_rulebook(_with_parameters(content, parameters), origin=origin)


def with_parameters(book: Rulebook, parameters: Any) -> Rulebook:
    """The same rulebook with rows added to its parameter tables (see `load_rulebook`); its hash changes."""
    return read_rulebook(_with_parameters(book.content, parameters), origin=book.origin)


def _with_parameters(content: Mapping[str, Any], parameters: Any) -> dict[str, Any]:
    rows = read_parameter_file(parameters) if isinstance(parameters, str | Path) else list(parameters)
    merged: dict[str, Any] = json.loads(json.dumps(content, default=str))
    merged["parameters"] = merge_rows(merged.get("parameters") or {}, rows)
    return merged


def _find(id_or_path: str | Path) -> Path:
    known = shipped()
    if str(id_or_path) in known:
        return known[str(id_or_path)]
    path = Path(id_or_path)
    if path.suffix in (".yaml", ".yml") or path.exists():
        if not path.is_file():
            raise RulebookError(f"{path}: there is no such rulebook file; check the path")
        return path
    raise RulebookError(
        f"there is no rulebook '{id_or_path}'; known are {', '.join(known)}, or give a YAML file"
    )


@lru_cache(maxsize=64)
def _parsed(path: Path, modified: int, size: int) -> dict[str, Any]:
    """The content of one file. Cached by the file's state; nobody may change what it gives."""
    try:
        content = _Loader(path.read_text(encoding="utf-8")).get_single_data()
    except (
        yaml.YAMLError,
        ValueError,
    ) as error:  # a ValueError is a text that is not UTF-8, or a day such as 2021-02-30
        raise RulebookError(f"{path.name}: this is not readable YAML in UTF-8: {error}") from error
    if not isinstance(content, dict):
        raise RulebookError(f"{path.name}: a rulebook is a mapping of keys such as id, currency and classes")
    return content


class _Loader(yaml.SafeLoader):
    """YAML without a key twice: the later one would take the place of the first, and nobody would see it."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """A mapping as written, before `<<` merges others into it."""
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key '{key.value}' stands twice", problem_mark=key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else "")
        return node


def _content(path: Path, seen: tuple[str, ...]) -> dict[str, Any]:
    """The content of a file with what it extends merged in."""
    state = path.stat()
    content = dict(_parsed(path, state.st_mtime_ns, state.st_size))
    base = content.pop("extends", None)
    if base is None:
        return content
    if str(base) in seen:
        raise RulebookError(
            f"{path.name}: rulebooks extend each other in a circle: {' -> '.join((*seen, str(base)))}"
        )
    merged = _content(_find(path.parent / base if str(base).endswith(".yaml") else base), (*seen, str(base)))
    for key, value in content.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict) and key not in ("title", "assessed"):
            merged[key] = {**merged[key], **value}
        elif key == "sources":
            merged[key] = [*merged.get(key, []), *value]
        else:
            merged[key] = value
    return merged


@lru_cache(maxsize=64)
def _read_cached(content: str, origin: str) -> Rulebook:
    return read_rulebook(json.loads(content), origin=origin)


def read_rulebook(content: Mapping[str, Any], *, origin: str = "rulebook") -> Rulebook:
    """A checked Rulebook from its content as a mapping. Raises RulebookError."""
    top = Entry(origin, "", content)
    top.only(KEYS)
    for key in ("id", "currency", "classes"):
        top.need(key)
    assessed = sections.period(top)
    currency = str(content["currency"])
    if len(currency) != 3 or not currency.isupper():
        raise top.error("currency", f"'{currency}' is no ISO 4217 code; write for example CNY")
    digits = MINOR_DIGITS.get(currency, 2)
    dictionary = sections.dictionary(top, load_dictionary())
    sources = sections.sources(top)
    parameters = read_parameters(top, dictionary, digits)
    # The parser loads only where a rulebook is read: most commands read none.
    from highground.methods.rules.bench import Bench

    bench = Bench(origin, dictionary, digits, parameters)
    counted = sections.counted(top, bench)
    derived, conditions, ranks = sections.named(top, bench)
    classes = sections.classes(top, bench)
    clues = sections.clues(top, bench, {one.id for one in classes})
    vetoes = sections.vetoes(top, bench)
    caps = sections.caps(top, bench, parameters, {one.id for one in classes})
    checks = monitoring.checks(top, bench)
    exit_rules = monitoring.exit_rules(top, bench, derived, parameters)
    canonical = _canonical(content, bench)
    book = Rulebook(
        id=str(content["id"]),
        version=str(content.get("version", "1")),
        title=top.text("title", default=str(content["id"])),
        country=str(content.get("country", "")),
        currency=currency,
        minor_digits=digits,
        issued=top.day("issued"),
        in_force=top.day("in_force"),
        assessed=assessed,
        predecessor=content.get("predecessor"),
        successor=content.get("successor"),
        synthetic=bool(content.get("synthetic", False)),
        sources=sources,
        notes=sections.notes(top),
        dictionary=dictionary,
        parameters=parameters,
        ranks=ranks,
        counted=counted,
        income_months=sections.income_months(top),
        derived=derived,
        conditions=conditions,
        classes=classes,
        clues=clues,
        vetoes=vetoes,
        caps=caps,
        checks=checks,
        exit=exit_rules,
        examples=sections.examples(top),
        procedure=read_procedure(top),
        content=content,
        hash=hashlib.sha256(canonical.encode()).hexdigest(),
        warnings=tuple(_warnings(bench, derived, conditions, classes, clues)),
        origin=origin,
    )
    check_packs(top)
    _check_sources(book, top)
    return book


def procedure_of(book: Rulebook, packs: Iterable[str] | None = None) -> Procedure:
    """The procedure of a rulebook with these packs applied; without them, with its default ones.

    Raises RulebookError where the rulebook states no procedure, or has no such pack.
    """
    found = read_procedure(Entry(book.origin, "", book.content), packs)
    if found is None:
        raise RulebookError(f"{book.id}: the rulebook states no `procedure`, so no case can run by it")
    return found


def _canonical(content: Mapping[str, Any], bench: Bench) -> str:
    """The content that decides verdicts and words, in one fixed form: no comments, no layout, no examples."""
    kept = {key: value for key, value in content.items() if key not in _NO_HASH}
    kept["expressions"] = dict(sorted(bench.texts.items()))
    kept["parameters"] = {
        name: {**entry, "rows": sorted(_row(row) for row in bench.parameters[name].rows)}
        for name, entry in (content.get("parameters") or {}).items()
    }
    kept["dictionary"] = {
        name: [fact.type, fact.minimum, fact.maximum, fact.fresh_for, sorted(fact.values)]
        for name, fact in bench.dictionary.items()
        if name in bench.named_facts
    }
    stripped = _without_expressions(kept)
    return json.dumps(stripped, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":"))


def _row(row: ParameterRow) -> list[Any]:
    """A parameter row as it is looked up, whether its figures came as numbers or, from CSV, as text."""
    return [row.key, row.period or "", row.minor, row.source or "", row.verified]


def _without_expressions(value: Any) -> Any:
    """Raw expression texts taken out: their canonical form is hashed instead."""
    if isinstance(value, Mapping):
        return {
            str(key): _without_expressions(below)
            for key, below in value.items()
            if key not in ("expression", "when", "of")
        }
    if isinstance(value, list):
        return [_without_expressions(below) for below in value]
    return value


def _warnings(bench: Bench, *named: Any) -> Iterator[str]:
    for where, expression in bench.expressions.items():
        yield from constant_parts(where, expression, bench)


def _check_sources(book: Rulebook, top: Entry) -> None:
    """Every source that is named must be listed."""
    named = [
        *((f"derived.{one.name}", one.source) for one in book.derived.values()),
        *((f"ranks.{one.name}", one.source) for one in book.ranks.values()),
        *((f"conditions.{one.name}", one.source) for one in book.conditions.values()),
        *((f"classes.{one.id}", one.source) for one in book.classes),
        *((f"clues.{one.id}", one.source) for one in book.clues),
        *((f"vetoes.{one.id}", one.source) for one in book.vetoes),
        *((f"checks.{one.id}", one.source) for one in book.checks),
        *_sources_of_exit(book.exit),
        *_sources_of_procedure(book.procedure),
    ]
    for where, source in named:
        if source is not None and source not in book.sources:
            raise top.error(where, f"source '{source}' is not listed under `sources`")


def _sources_of_exit(rules: ExitRules | None) -> Iterator[tuple[str, str | None]]:
    if rules is None:
        return
    for one in rules.conditions:
        yield f"exit.conditions.{one.id}", one.source
    for mode in rules.modes.values():
        yield f"exit.modes.{mode.id}", mode.source
    if rules.sustained is not None:
        yield "exit.sustained", rules.sustained.source


def _sources_of_procedure(procedure: Procedure | None) -> Iterator[tuple[str, str | None]]:
    if procedure is None:
        return
    for step in procedure.steps.values():
        yield f"procedure.steps.{step.id}", step.source
        yield f"procedure.steps.{step.id}.within", step.within.source if step.within else None
    for pack in procedure.available.values():
        yield f"procedure.packs.{pack.id}", pack.source


def expressions(book: Rulebook) -> dict[str, Expression]:
    """Every expression of a rulebook by where it stands."""
    groups: list[tuple[str, Named | Any]] = [("counted", book.counted)]
    groups += [(f"derived.{name}", one) for name, one in book.derived.items()]
    groups += [(f"ranks.{name}", one) for name, one in book.ranks.items()]
    groups += [(f"conditions.{name}", one) for name, one in book.conditions.items()]
    groups += [(f"classes.{one.id}", one) for one in book.classes]
    groups += [(f"clues.{one.id}", one) for one in book.clues]
    for veto in book.vetoes:
        groups.append((f"vetoes.{veto.id}", veto))
        groups += [(f"vetoes.{veto.id}.except.{one.id}", one) for one in veto.exceptions]
    groups += [(f"checks.{one.id}", one) for one in book.checks if one.expression is not None]
    if book.exit is not None:
        groups += [(f"exit.conditions.{one.id}", one) for one in book.exit.conditions]
    return {where: one.expression for where, one in groups} | {f"caps.{cap.id}": cap.of for cap in book.caps}
