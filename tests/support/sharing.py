"""Tests that need neither database nor browser, shared out between the run on SQLite and its twin.

The tests of the methods wing know no Django, so it is all the same which of the two processes runs them. Each takes
them file by file when it has nothing else left; a file is taken by making a mark of its name, which only one can.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.twin import uses_browser, uses_database


def is_shared(item: pytest.Item) -> bool:
    """Whether either process may run the test."""
    within = item.path.relative_to(item.config.rootpath).parts if _inside(item) else ()
    return "methods" in within and not uses_database(item) and not uses_browser(item)


def _inside(item: pytest.Item) -> bool:
    return item.path.is_relative_to(item.config.rootpath)


class Sharing:
    """In each of the two processes: takes shared files until none is left. `marks` is a folder of both."""

    def __init__(self, marks: Path) -> None:
        self._marks = marks
        self.left_out = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """pytest's own loop, but over the tests of this process."""
        if session.testsfailed or session.config.getoption("collectonly"):
            return None
        order = self._mine(session.items)
        item = next(order, None)
        while item is not None:
            following = next(order, None)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
            item = following
        session.testscollected -= self.left_out
        return True

    def _mine(self, items: list[pytest.Item]) -> Iterator[pytest.Item]:
        """First what is this process's alone, then what it takes of the rest."""
        yield from (item for item in items if not is_shared(item))
        taken: dict[Path, bool] = {}
        for item in filter(is_shared, items):
            if item.path not in taken:
                taken[item.path] = self._take(item.path)
            if taken[item.path]:
                yield item
            else:
                self.left_out += 1

    def _take(self, path: Path) -> bool:
        self._marks.mkdir(exist_ok=True)
        try:
            (self._marks / hashlib.sha256(str(path).encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
