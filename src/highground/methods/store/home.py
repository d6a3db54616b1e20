"""Where the home folder of an installation and its store are, without the office's settings."""

from __future__ import annotations

import os
from pathlib import Path

from highground.methods.store.layout import Store


def home_folder() -> Path:
    """`HIGHGROUND_HOME`, else `.highground`, as the office has it."""
    return Path(os.environ.get("HIGHGROUND_HOME") or ".highground").expanduser().resolve()


def store_in(folder: Path | None) -> Store:
    """The store in a folder, else in `store` of the home folder."""
    return Store(folder or home_folder() / "store")
