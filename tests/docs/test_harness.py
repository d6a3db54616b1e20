"""A page that does not tell the truth is found out."""

import pytest

from tests.docs.pages import Block, Step
from tests.docs.test_pages import check_session, check_words, follow, machine, reader

__all__ = ["machine", "reader"]


def test_a_command_that_prints_something_else(reader) -> None:
    follow("page", Step(1, "echo 7 households", "7 ...holds"), reader)
    with pytest.raises(AssertionError, match="it prints"):
        follow("page", Step(1, "echo 7 households", "8 households"), reader)
    with pytest.raises(AssertionError, match="it prints"):
        follow("page", Step(1, "echo 7 households", ""), reader)


def test_a_command_that_ends_otherwise(reader) -> None:
    follow("page", Step(1, "./run highground rulebook show nowhere", "highground: there is no...", 2), reader)
    with pytest.raises(AssertionError, match="ends with 2, not 0"):
        follow(
            "page", Step(1, "./run highground rulebook show nowhere", "highground: there is no..."), reader
        )


def test_only_the_last_command_of_a_block_ends_with_its_code() -> None:
    block = Block(5, "console", {"exit": "2"}, "$ one \\\n> two\nout\n$ three\n")
    assert block.steps == [Step(5, "one two", "out", 0), Step(8, "three", "", 2)]


def test_a_session_that_prints_something_else() -> None:
    check_session("page", Block(1, "pycon", {}, ">>> 6 * 7\n42\n"), {})
    with pytest.raises(AssertionError, match=r"Got:\s+42"):
        check_session("page", Block(1, "pycon", {}, ">>> 6 * 7\n43\n"), {})


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("./run dance", "no verb dance"),
        ("./run highground dance", "no such verb"),
        ("./run highground snapshot --from 2024-01-01", "No such option"),
        ("./run highground import households file.csv", "--mapping"),
        ("highground screen --households a --rulebook b --as-of c", "--out"),
    ],
)
def test_a_command_that_is_only_shown_and_does_not_exist(line: str, problem: str) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception), match=problem):
        check_words(line, line.split())
    check_words("fine", "./run highground import households file.csv --mapping map.yaml".split())
