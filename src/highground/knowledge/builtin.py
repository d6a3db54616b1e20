"""The practices that come with Highground: real ones, each from a public source, told in words of our own."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def builtin_files() -> list[Path]:
    """The files of `data/practices/`, in order."""
    folder = Path(str(files("highground") / "data" / "practices"))
    return sorted(folder.glob("*.yaml"))
