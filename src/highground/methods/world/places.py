"""The invented places: a province with its city, counties, townships and villages, and a Lao-like district."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pyarrow as pa
import yaml

from highground.methods.world.chance import Ints, stream

AREA_SCHEMA = pa.schema(
    [
        ("code", pa.string()),
        ("country", pa.string()),
        ("level", pa.string()),
        ("parent", pa.string()),
        ("iso", pa.string()),
        ("en", pa.string()),
        ("zh", pa.string()),
        ("lo", pa.string()),
        ("synthetic", pa.bool_()),
    ]
)

VILLAGES_PER_COUNTY = 150
FIRST_COUNTY = 21
"""Counties of a Chinese city are numbered from 21."""


@dataclass(frozen=True)
class Places:
    """All areas as a table (parents before children), and the villages that households live in.

    `chinese` and `lao` hold village codes; `township` gives, for each Chinese village, the position of its
    township in `township_names`, counted over all counties.
    """

    areas: pa.Table
    chinese: list[str]
    lao: list[str]
    township: Ints
    township_names: list[str]


@cache
def place_names() -> dict[str, Any]:
    """The names and codes of the invented places (`data/demo/places.yaml`)."""
    source = files("highground") / "data" / "demo" / "places.yaml"
    names: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return names


def make_places(seed: int, counties: int) -> Places:
    """The area tree with `counties` counties of 12 townships and 150 villages, and the Lao-like district.

    Raises ValueError when there are no names for so many counties.
    """
    names = place_names()["china"]
    if not 1 <= counties <= len(names["counties"]):
        raise ValueError(f"{counties} counties: there are names for 1 to {len(names['counties'])}")
    tree = _Tree()
    tree.add("CN", "country", "CN", None, {"en": "China", "zh": "中国"}, synthetic=False)
    province, city = names["province"], names["city"]
    tree.add("CN", "province", province["code"], "CN", province)
    tree.add("CN", "city", city["code"], province["code"], city)
    villages: list[str] = []
    township: list[int] = []
    township_names: list[str] = []
    for number, county in enumerate(names["counties"][:counties]):
        code = f"{city['code']}{FIRST_COUNTY + number}"
        tree.add("CN", "county", code, city["code"], county)
        for place, named in enumerate(_village_names(seed, number)):
            parent = f"{code}{100 + place}"
            tree.add("CN", "township", parent, code, names["townships"][place])
            codes = [f"{parent}{200 + order}" for order in range(1, len(named) + 1)]
            for village_code, village in zip(codes, named, strict=True):
                tree.add("CN", "village", village_code, parent, village)
            villages += codes
            township += [len(township_names)] * len(codes)
            township_names.append(f"{names['townships'][place]['en']}, {county['en']}")
    lao = _add_lao(tree)
    return Places(
        areas=pa.Table.from_pylist(tree.rows, schema=AREA_SCHEMA),
        chinese=villages,
        lao=lao,
        township=np.asarray(township, dtype=np.int64),
        township_names=township_names,
    )


class _Tree:
    """Rows of the area table, in the order of writing."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []

    def add(
        self,
        country: str,
        level: str,
        code: str,
        parent: str | None,
        names: Mapping[str, str],
        *,
        synthetic: bool = True,
    ) -> None:
        self.rows.append(
            {
                "code": code,
                "country": country,
                "level": level,
                "parent": parent,
                "iso": names.get("iso"),
                "en": names["en"],
                "zh": names.get("zh"),
                "lo": names.get("lo"),
                "synthetic": synthetic,
            }
        )


def _village_names(seed: int, county: int) -> list[list[dict[str, str]]]:
    """Names of the villages of one county, per township; no name twice in a county."""
    names = place_names()["china"]
    fixed = names["village_fixed"] if county == 0 else {}
    taken = {tuple(parts) for named in fixed.values() for parts in named}
    zh = dict(names["village_first"] + names["village_second"])
    free = [
        (first, second)
        for first, _ in names["village_first"]
        for second, _ in names["village_second"]
        if (first, second) not in taken
    ]
    chance = stream(seed, f"village names {county}")
    order = iter(chance.permutation(len(free)).tolist())
    result = []
    sizes = _township_sizes(chance, len(names["townships"]))
    for township, size in zip(names["townships"], sizes, strict=True):
        parts = [tuple(pair) for pair in fixed.get(township["en"], [])]
        parts += [free[next(order)] for _ in range(size - len(parts))]
        result.append(
            [{"en": f"{first}{second}", "zh": f"{zh[first]}{zh[second]}村"} for first, second in parts]
        )
    return result


def _township_sizes(chance: np.random.Generator, townships: int) -> Sequence[int]:
    """Villages per township: 9 to 16, adding up to the villages of a county."""
    sizes = chance.integers(10, 15, size=townships, endpoint=True)
    while sizes.sum() != VILLAGES_PER_COUNTY:
        step = 1 if sizes.sum() < VILLAGES_PER_COUNTY else -1
        place = chance.integers(townships)
        sizes[place] = np.clip(sizes[place] + step, 9, 16)
    result: list[int] = sizes.tolist()
    return result


def _add_lao(tree: _Tree) -> list[str]:
    """Write the Lao-like province, its district and villages; the codes of the villages."""
    names = place_names()["lao"]
    province, district = names["province"], names["district"]
    tree.add("LA", "country", "LA", None, {"en": "Lao PDR", "zh": "老挝", "lo": "ລາວ"}, synthetic=False)
    tree.add("LA", "province", province["code"], "LA", province)
    tree.add("LA", "county", district["code"], province["code"], district)
    codes = []
    for order, (en, lo, zh) in enumerate(names["villages"], start=1):
        codes.append(f"{district['code']}{order:03d}")
        tree.add("LA", "village", codes[-1], district["code"], {"en": en, "lo": lo, "zh": zh})
    return codes
