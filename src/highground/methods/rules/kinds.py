"""What kinds of values an expression has, and the error that refuses one. Known without the parser, which loads slowly."""

from __future__ import annotations

from dataclasses import dataclass

TRUTH, COUNT, MONEY, NUMBER = "truth", "count", "money", "number"
PER_PERSON_MONEY, PER_PERSON_COUNT, SHARE = "money per person", "count per person", "share"


@dataclass(frozen=True)
class ExpressionError(ValueError):
    """An expression that the language does not have. `line` and `column` count from 1."""

    message: str
    mend: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}; {self.mend}"
