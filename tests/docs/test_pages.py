"""The pages are true: what they show is run, and prints what they say it prints."""

import doctest
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.docs.commands import Machine, Reader
from tests.docs.pages import DOCS, Block, Step, blocks, pages

VERBS_OF_RUN = {"demo", "test", "check", "bench", "highground", "python"}
NAMES = [str(page.relative_to(DOCS)) for page in pages()]
SHOWN = [*NAMES, *(f"../{name}" for name in ("README.md", "CONTRIBUTING.md"))]
RUN = [name for name in NAMES if any(one.language in ("console", "pycon") for one in blocks(DOCS / name))]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """The process in which commands run."""
    made = Machine()
    yield made
    made.stop()


@pytest.fixture
def reader(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Someone who follows a page in an empty folder."""
    monkeypatch.chdir(tmp_path)
    made = Reader(tmp_path, machine)
    yield made
    made.close()


@pytest.mark.parametrize("name", RUN)
def test_a_page_does_what_it_says(name: str, reader: Reader) -> None:
    names: dict[str, object] = {}
    for block in blocks(DOCS / name):
        if "file" in block.words:
            target = reader.folder / block.words["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.content, encoding=block.words.get("encoding", "utf-8"))
        elif block.language == "console":
            for step in block.steps:
                follow(name, step, reader)
        elif block.language == "pycon":
            check_session(name, block, names)


def follow(name: str, step: Step, reader: Reader) -> None:
    """Run one command; it ends and prints as the page says."""
    code, output = reader.run(step.command)
    found = "".join(f"{line.rstrip()}\n" for line in output.splitlines())
    wanted = f"{step.output.rstrip()}\n" if step.output.strip() else ""
    where = f"docs/{name}, line {step.line}: {step.command}"
    alike = doctest.OutputChecker().check_output(wanted, found, doctest.ELLIPSIS)
    assert alike, f"{where}\nthe page says:\n{wanted}\nit prints:\n{found}"
    assert code == step.exit_code, f"{where}\nends with {code}, not {step.exit_code}\n{found}"


def check_session(name: str, block: Block, names: dict[str, object]) -> None:
    """Run a session of Python; names live on in `names`."""
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    test = doctest.DocTestParser().get_doctest(block.content, names, f"docs/{name}", name, block.line - 1)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=options)
    runner.run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    assert runner.failures == 0, "".join(said)


@pytest.mark.parametrize("name", SHOWN)
def test_commands_that_are_only_shown_exist(name: str) -> None:
    for block in blocks(DOCS / name):
        if block.language == "sh":
            for number, line in enumerate(block.content.replace("\\\n", "").splitlines(), block.line):
                check_words(f"docs/{name}, line {number}: {line}", shlex.split(line, comments=True))


def check_words(where: str, words: list[str]) -> None:
    """A line that calls ./run or highground names a verb that there is, with options that it has."""
    if "./run" in words:
        words = words[words.index("./run") + 1 :]
        assert words[0] in VERBS_OF_RUN, f"{where}\n./run has no verb {words[0]}"
    if words and words[0] == "highground":
        check_verb(where, words[1:])


def check_verb(where: str, words: list[str]) -> None:
    """The verb is there and takes these options. Values (files that must exist) are not looked at."""
    from highground.cli import SCREEN_FILES, SCREEN_OFFICE, cli, load

    command: click.Command | None = cli
    context = click.Context(cli)
    while isinstance(command, click.Group):
        assert words, f"{where}\nnames no verb"
        command, words = command.get_command(context, words[0]), words[1:]
        assert command is not None, f"{where}\nthere is no such verb"
    assert command is not None
    if command.name == "screen":
        command = load(SCREEN_FILES if "--households" in words else SCREEN_OFFICE)
    asked = [one.opts[0] for one in command.params if isinstance(one, click.Option) and one.prompt]
    answers = [word for option in asked if option not in words for word in (option, "an answer")]
    try:
        command.make_context(command.name, [*words, *answers])
    except click.BadParameter as error:
        if isinstance(error, click.MissingParameter):
            pytest.fail(f"{where}\n{error.format_message()}")
    except click.UsageError as error:
        pytest.fail(f"{where}\n{error.format_message()}")
