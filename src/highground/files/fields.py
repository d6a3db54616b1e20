"""The column that names a stored file."""

from __future__ import annotations

from typing import Any

from django.db import models

SHA256 = 64


class FileHash(models.CharField):  # type: ignore[type-arg]
    """The hash of a file in the store. A file that no such column names is swept away (`files/sweeping.py`)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": SHA256, **options})

    def deconstruct(self) -> Any:
        """For the database it is text: migrations need not know what it names."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options
