"""ODK's XPath, read: `parse(". > 0 and selected(../risks, 'illness')")`. What cannot be reckoned with here is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
                    raise BeyondUs(_("'%(part)s' is a part of XPath that is not known here") % {"part": rest})
                raise BadExpression(_("'%(text)s' cannot be read") % {"text": rest})
            yield str(found.lastgroup), found[str(found.lastgroup)]
            at = found.end()

    def whole(self) -> Expression:
        found = self._binary(0)
        if self.at < len(self.tokens):
            raise BadExpression(_("'%(text)s' is not expected there") % {"text": self._peek()})
        return found

    def _peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place][1] if place < len(self.tokens) else ""

    def _kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _take(self, wanted: str = "") -> str:
        word = self._peek()
        if not word or (wanted and word != wanted):
            raise _missing(f"'{wanted}'" if wanted else _("a value"), word)
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
            raise BadExpression(_("it is nested too deeply"))
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
        raise _missing(_("a value"), word)

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
            raise BeyondUs(_("'%(part)s' is a part of XPath that is not known here") % {"part": "//"})
        if self._kind() != "name" and self._peek() not in (".", "..", "*"):
            raise _missing(_("a name after '/'"), self._peek())
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
            raise BeyondUs(
                _("the function %(name)s() is not one that can be reckoned with here") % {"name": name}
            )
        wanted, function = FUNCTIONS[name]
        if len(arguments) not in wanted:
            raise BadExpression(
                _("%(name)s() takes %(wanted)s, not %(given)s")
                % {"name": name, "wanted": _counted(wanted), "given": len(arguments)}
            )
        return Call(name, function, tuple(arguments))


def _counted(wanted: range) -> str:
    if len(wanted) == 1:
        return ngettext("%(count)s argument", "%(count)s arguments", wanted[0]) % {"count": wanted[0]}
    if wanted[-1] < MANY - 1:
        return _("%(least)s to %(most)s arguments") % {"least": wanted[0], "most": wanted[-1]}
    return _("at least %(least)s arguments") % {"least": wanted[0]}


def _missing(what: str, before: str) -> BadExpression:
    if before:
        return BadExpression(_("%(what)s is missing before '%(word)s'") % {"what": what, "word": before})
    return BadExpression(_("%(what)s is missing at the end") % {"what": what})
