"""What departments and the register say of households."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import pyarrow as pa

from highground.people.actions import receive, source_of
from tests.support.register import KNOWN, LONG_AGO


def feed(numbers: Sequence[str], day: datetime.date) -> None:
    """A department's delivery about these households."""
    count = len(numbers)
    receive(
        register="main",
        observations=pa.table(
            {
                "household": pa.array(list(numbers), pa.string()),
                "fact": pa.array(["owns_car"] * count, pa.string()),
                "value": pa.array(["false"] * count, pa.string()),
                "valid_from": pa.array([day] * count, pa.date32()),
            }
        ),
        source=source_of(kind="department", name=f"Vehicles of {day}", day=day),
        by="test",
        today=day,
    )


def add_heads(sexes: Mapping[str, str]) -> None:
    """The head of each household, with their sex."""
    tell_of_heads("relation", dict.fromkeys(sexes, "head"))
    tell_of_heads("sex", sexes)


def tell_of_heads(fact: str, values: Mapping[str, str]) -> None:
    """What is recorded of the head of each household."""
    text, count = pa.string(), len(values)
    homes, people = list(values), [f"{number}-1" for number in values]
    receive(
        register="main",
        members=pa.table(
            {
                "number": pa.array(people, text),
                "household": pa.array(homes, text),
                "day": pa.array([LONG_AGO] * count, pa.date32()),
            }
        ),
        observations=pa.table(
            {
                "household": pa.array(homes, text),
                "member": pa.array(people, text),
                "fact": pa.array([fact] * count, text),
                "value": pa.array(list(values.values()), text),
                "valid_from": pa.array([KNOWN] * count, pa.date32()),
            }
        ),
        source=source_of(kind="import", name=f"Heads: {fact}", day=KNOWN),
        by="test",
        today=KNOWN,
    )
