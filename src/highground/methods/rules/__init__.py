"""The rulebook language: parse, check types, compile to SQL, evaluate in Python (the oracle), say it as a sentence."""

from highground.methods.rules.reading import (
    expressions,
    list_rulebooks,
    load_rulebook,
    read_rulebook,
    with_parameters,
)
from highground.methods.rules.rulebook import OutsidePeriod, Rulebook, RulebookError

__all__ = [
    "OutsidePeriod",
    "Rulebook",
    "RulebookError",
    "expressions",
    "list_rulebooks",
    "load_rulebook",
    "read_rulebook",
    "with_parameters",
]
