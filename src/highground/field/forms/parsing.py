"""ODK's XPath, read: `parse(". > 0 and selected(../risks, 'illness')")`. What cannot be reckoned with here is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from highground.field.forms.functions import FUNCTIONS, MANY
from highground.field.forms.xpath import (
    BadExpression,
    BeyondUs,
    Call,
    Constant,
    Expression,
    Negated,
    Operation,
    Path,
    Step,
)

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<number>\d+\.?\d*|\.\d+)|(?P<sign>!=|<=|>=|\.\.|[-+*=<>|()\[\],./])"""
    r"""|(?P<name>[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?))"""
)
_BINDING = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
MOST_DEEP = 60


@lru_cache(maxsize=4096)
def parse(source: str) -> Expression:
    """An expression, ready to be evaluated. Raises BadExpression."""
    return _Parser(source).whole()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = list(self._cut())
        self.at = self.depth = 0

    def _cut(self) -> Iterator[tuple[str, str]]:
        at = 0
        while at < len(self.source.rstrip()):
            found = _TOKEN.match(self.source, at)
            if found is None:
                rest = self.source[at:].strip()[:20]
                if rest[0] in "@:$":
                    raise BeyondUs(f"'{rest}' is a part of XPath that is not known here")
                raise BadExpression(f"'{rest}' cannot be read")
            yield str(found.lastgroup), found[str(found.lastgroup)]
            at = found.end()

    def whole(self) -> Expression:
        found = self._binary(0)
        if self.at < len(self.tokens):
            raise BadExpression(f"'{self._peek()}' is not expected there")
        return found

    def _peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place][1] if place < len(self.tokens) else ""

    def _kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _take(self, wanted: str = "") -> str:
        word = self._peek()
        if not word or (wanted and word != wanted):
            raise BadExpression(
                f"'{wanted or 'a value'}' is missing" + (f" before '{word}'" if word else " at the end")
            )
        self.at += 1
        return word

    def _binary(self, level: int) -> Expression:
        if level == len(_BINDING):
            return self._unary()
        left = self._binary(level + 1)
        while self._peek() in _BINDING[level] and self._kind() != "text":
            sign = self._take()
            left = Operation(sign, left, self._binary(level + 1))
        return left

    def _unary(self) -> Expression:
        self.depth += 1
        if self.depth > MOST_DEEP:
            raise BadExpression("it is nested too deeply")
        try:
            if self._peek() == "-" and self._kind() == "sign":
                self._take()
                return Negated(self._unary())
            found = self._path()
            while self._peek() == "|":
                self._take()
                found = Operation("|", found, self._path())
            return found
        finally:
            self.depth -= 1

    def _path(self) -> Expression:
        kind, word = self._kind(), self._peek()
        if kind == "text":
            return Constant(self._take()[1:-1])
        if kind == "number":
            return Constant(float(self._take()))
        if word == "(":
            self._take()
            inner = self._binary(0)
            self._take(")")
            return self._onward(inner)
        if kind == "name" and self._peek(1) == "(":
            return self._onward(self._call())
        if word == "/":
            self._take()
            return Path(None, True, self._steps())
        if kind == "name" or word in (".", "..", "*"):
            return Path(None, False, self._steps())
        raise BadExpression("a value is missing" + (f" before '{word}'" if word else " at the end"))

    def _onward(self, start: Expression) -> Expression:
        if self._peek() != "/":
            return start
        self._take()
        return Path(start, False, self._steps())

    def _steps(self) -> tuple[Step, ...]:
        steps = [self._step()]
        while self._peek() == "/":
            self._take()
            steps.append(self._step())
        return tuple(steps)

    def _step(self) -> Step:
        if self._peek() == "/":
            raise BeyondUs("'//' is a part of XPath that is not known here")
        if self._kind() != "name" and self._peek() not in (".", "..", "*"):
            raise BadExpression(f"a name is missing after '/' ({self._peek() or 'at the end'})")
        name, predicates = self._take(), []
        while self._peek() == "[":
            self._take()
            predicates.append(self._binary(0))
            self._take("]")
        return Step(name.rpartition(":")[2], tuple(predicates))

    def _call(self) -> Expression:
        name = self._take()
        self._take("(")
        arguments: list[Expression] = []
        while self._peek() != ")":
            if arguments:
                self._take(",")
            arguments.append(self._binary(0))
        self._take(")")
        if name not in FUNCTIONS:
            raise BeyondUs(f"the function {name}() is not one that can be reckoned with here")
        wanted, function = FUNCTIONS[name]
        if len(arguments) not in wanted:
            raise BadExpression(f"{name}() takes {_counted(wanted)}, not {len(arguments)}")
        return Call(name, function, tuple(arguments))


def _counted(wanted: range) -> str:
    if len(wanted) == 1:
        return f"{wanted[0]} argument{'s' if wanted[0] != 1 else ''}"
    return (
        f"{wanted[0]} to {wanted[-1]} arguments"
        if wanted[-1] < MANY - 1
        else f"at least {wanted[0]} arguments"
    )
