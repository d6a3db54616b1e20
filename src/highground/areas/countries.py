"""First-level divisions of the forum's countries, and what each country calls the levels of its tree."""

from __future__ import annotations

import gettext
from functools import cache
from importlib.resources import files
from typing import Any

import pycountry
import yaml

from highground.areas.actions import AreaRow

DOMAIN = "iso3166-2"


@cache
def load_countries() -> dict[str, Any]:
    """The file `data/areas/countries.yaml`."""
    source = files("highground") / "data" / "areas" / "countries.yaml"
    return dict(yaml.safe_load(source.read_text(encoding="utf-8")))


def level_name(country: str, level: str, language: str = "en") -> str:
    """What a country calls a level, in `language`, else in English, else our own word for the level."""
    names = load_countries()["countries"].get(country, {}).get("levels", {}).get(level, {})
    return str(names.get(language) or names.get(language.split("-")[0]) or names.get("en") or level)


def builtin_rows() -> list[AreaRow]:
    """China, the ten ASEAN countries of the forum and Timor-Leste, each with its provinces.

    Codes are ISO 3166-2's, read through pycountry, with names in the country's languages and in Chinese
    where its translators have written one. `countries.yaml` leaves out what is no province (groups of
    islands, regions), and adds later changes, each marked as not verified.
    """
    content = load_countries()
    changes = {change["code"]: change for change in content["changes"]}
    rows: list[AreaRow] = []
    for country, entry in content["countries"].items():
        rows.append(AreaRow(0, country, "country", names=entry["names"]))
        translators = {language: _translator(language) for language in ["zh", *entry["languages"]]}
        left_out, kept = set(entry.get("leave_out_types", ())), set(entry.get("keep", ()))
        found: list[Any] = pycountry.subdivisions.get(country_code=country)  # type: ignore[no-untyped-call]
        divisions = sorted(found, key=lambda division: division.code)
        for division in divisions:
            if division.type in left_out and division.code not in kept:
                continue
            names = {"en": division.name}
            for language, translate in translators.items():
                if (name := translate.gettext(division.name)) != division.name:
                    names[language] = name
            rows.append(_row(country, division.code, names, changes.get(division.code, {})))
    present = {row.code for row in rows}
    rows += [
        _row(change["country"], code, {}, change)
        for code, change in changes.items()
        if code not in present and "country" in change
    ]
    return rows


def _row(country: str, code: str, names: dict[str, str], change: dict[str, Any]) -> AreaRow:
    note = str(change.get("note", ""))
    if "into" in change:
        note = f"part of {change['into']} afterwards"
    return AreaRow(
        row=0,
        code=code,
        level="province",
        parent=country,
        names={**names, **change.get("names", {})},
        iso=code,
        valid_from=change.get("valid_from"),
        valid_to=change.get("valid_to"),
        verified=not change,
        note=note,
    )


def _translator(language: str) -> gettext.NullTranslations:
    folder = {"zh": "zh_CN"}.get(language, language)
    return gettext.translation(DOMAIN, pycountry.LOCALES_DIR, [folder], fallback=True)
