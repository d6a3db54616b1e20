"""What is wrong with a row, and how to mend it, in words."""

from __future__ import annotations

from highground.methods.facts import Fact
from highground.signals.imports.readers import EARLIEST

AREA = {
    "missing": ("no area", "fill in the code of the area"),
    "unknown": ("there is no area with this code", "correct the code, or import the area first"),
    "ended": ("the area does not exist on this day", "use the code of the area that holds on the day"),
}
DAY = {
    "unreadable": ("not a date", "write it as YYYY-MM-DD, or name its `form` in the mapping"),
    "future": ("a date in the future", "correct the date; a fact cannot hold from a day that has not come"),
    "past": (f"a date before {EARLIEST.year}", "correct the date"),
}


def of_value(problem: str, fact: Fact) -> tuple[str, str]:
    if problem == "range":
        unit = f" {fact.unit}" if fact.unit else ""
        reason = f"{fact.name} lies between {fact.minimum} and {fact.maximum}{unit}"
        return reason, "correct the amount, or the unit (`multiply`) in the mapping"
    return {
        "number": (
            "not a number",
            "write digits and a decimal point, without blanks and thousands separators",
        ),
        "whole": ("not a whole number", "write a whole number"),
        "truth": ("neither true nor false", "write true or false, or translate the value in the mapping"),
        "values": (
            f"not one of {', '.join(fact.values)}",
            "correct the value, or translate it in the mapping (`values`)",
        ),
        "date": ("not a date", "write it as YYYY-MM-DD, or name its `form` in the mapping"),
        "future": ("a date in the future", "correct the date"),
        "past": (f"a date before {EARLIEST.year}", "correct the date"),
    }[problem]
