"""Where the home folder of an installation is, without the office's settings."""

from __future__ import annotations

import os
from pathlib import Path


def home_folder() -> Path:
    """`HIGHGROUND_HOME`, else `.highground`, as the office has it."""
    return Path(os.environ.get("HIGHGROUND_HOME") or ".highground").expanduser().resolve()
