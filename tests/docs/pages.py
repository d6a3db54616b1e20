"""The blocks of a documentation page: what is run, what is written to a file, what is only shown.

A fence's first word is its language; the words after it are for these tests and are not rendered:

    ```csv file=my/households.csv     written to that file
    ```console                        `$ COMMAND` lines are run, what stands below each is what it must print
    ```console exit=2                 the last command of the block ends with 2
    ```pycon                          run as a doctest; names live on through the page
    ```sh                             shown only; words after `highground` are checked against the command line

`...` in an output stands for anything.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^```(\S+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One command of a console block and what it must print."""

    line: int
    command: str
    output: str
    exit_code: int = 0


@dataclass(frozen=True)
class Block:
    """One fenced block; `line` is that of its first line of content."""

    line: int
    language: str
    words: dict[str, str] = field(hash=False)
    content: str = ""

    @property
    def steps(self) -> list[Step]:
        """The commands of a console block, in order."""
        found: list[tuple[int, str, list[str]]] = []
        for number, line in enumerate(self.content.splitlines(), self.line):
            if line.startswith("$ "):
                found.append((number, line[2:], []))
            elif found and found[-1][1].endswith("\\") and line.startswith("> "):
                found[-1] = (found[-1][0], found[-1][1][:-1] + line[2:], [])
            else:
                assert found, f"line {number}: output before the first command"
                found[-1][2].append(line)
        codes = [0] * (len(found) - 1) + [int(self.words.get("exit", "0"))]
        return [
            Step(number, command, "\n".join(output), code)
            for (number, command, output), code in zip(found, codes, strict=True)
        ]


def pages() -> list[Path]:
    """Every page under docs/."""
    return sorted(DOCS.rglob("*.md"))


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        words = dict(word.split("=", 1) for word in match[2].split())
        line = text[: match.start(3)].count("\n") + 1
        found.append(Block(line, match[1], words, match[3]))
    return found
