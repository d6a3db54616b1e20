"""A progress bar for the terminal; where there is no terminal, one line per stage."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import click

WIDTH = 28


class Progress:
    """Stages of a long job, drawn as one bar that grows to `total`."""

    def __init__(self, total: float) -> None:
        self._total = total
        self._done = 0.0
        self._stage = ""
        self._begun = time.monotonic()
        self._drawn = sys.stdout.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._done = self._total
            self.say(f"Ready after {time.monotonic() - self._begun:.0f} s")
        if self._drawn:
            click.echo()

    def say(self, stage: str) -> None:
        """Begin a stage."""
        self._stage = stage
        if self._drawn:
            self._draw()
        else:
            click.echo(stage)

    def step(self, amount: float) -> None:
        """Some of the job is done."""
        self._done = min(self._done + amount, self._total)
        if self._drawn:
            self._draw()

    def _draw(self) -> None:
        filled = round(WIDTH * self._done / self._total)
        bar = "█" * filled + "░" * (WIDTH - filled)
        click.echo(f"\r{bar} {self._done / self._total:4.0%}  {self._stage:<44}", nl=False)
