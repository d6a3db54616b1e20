"""A small register: one province with a county and two villages, and batches to fill it with."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

if TYPE_CHECKING:
    from highground.areas.models import Area
    from highground.people.actions import Received
    from highground.people.models import Source

TODAY = datetime.date(2026, 3, 1)


@pytest.fixture
def areas(db: None) -> dict[str, Area]:
    from highground.areas.actions import AreaRow, import_areas
    from highground.areas.models import Area

    rows = [
        AreaRow(1, "CN", "country"),
        AreaRow(2, "CN-GX", "province", "CN", iso="CN-GX"),
        AreaRow(3, "CITY", "city", "CN-GX"),
        AreaRow(4, "COUNTY", "county", "CITY"),
        AreaRow(5, "V1", "village", "COUNTY"),
        AreaRow(6, "V2", "village", "COUNTY"),
        AreaRow(7, "LA", "country"),
        AreaRow(8, "LA-CH", "province", "LA", iso="LA-CH"),
        AreaRow(9, "V3", "village", "LA-CH"),
    ]
    import_areas(rows, by="command:test", today=TODAY)
    return {area.code: area for area in Area.objects.all()}


@pytest.fixture
def source(db: None) -> Source:
    from highground.people.actions import source_of

    return source_of(kind="import", name="Survey", day=TODAY)


Fill = Callable[..., "Received"]


@pytest.fixture
def fill(areas: dict[str, Area], source: Source) -> Fill:
    """Receive a batch written as plain tuples.

    households: (number, area, day); members: (number, household, day);
    observations: (household, member, fact, value, valid_from); protected: (household, member, kind, value).
    """

    from highground.people.actions import receive

    def table(rows: list[tuple], names: list[str], kinds: list[pa.DataType]) -> pa.Table | None:
        if not rows:
            return None
        columns = [
            pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), kinds, strict=True)
        ]
        return pa.table(columns, names=names)

    text, day = pa.string(), pa.date32()

    def receive_rows(
        households: list[tuple] | None,
        members: list[tuple] = (),
        observations: list[tuple] = (),
        protected: list[tuple] = (),
        **options: Any,
    ) -> Received:
        placed = [(number, areas[code].pk, since) for number, code, since in households or []]
        return receive(
            register=options.pop("register", "main"),
            households=table(placed, ["number", "area", "day"], [text, pa.int64(), day]),
            members=table(list(members), ["number", "household", "day"], [text, text, day]),
            observations=table(
                list(observations),
                ["household", "member", "fact", "value", "valid_from"],
                [text, text, text, text, day],
            ),
            protected=table(list(protected), ["household", "member", "kind", "value"], [text] * 4),
            source=options.pop("source", source),
            by="command:test",
            today=options.pop("today", TODAY),
            **options,
        )

    return receive_rows
