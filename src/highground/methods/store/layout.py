"""Where things lie in a store: one folder with the registers, feeds, shocks and runs of a country.

```
registers/2026-11/CN-GX/households.parquet    a register of a month, sorted by county and household
registers/2026-11/CN-GX/members.parquet
feeds/medical/...                             what departments sent (`methods/feeds`)
shocks/...                                    floods, droughts, epidemics
runs/<id>/CN-GX/flagged.parquet               one screening of the country
```

Each folder of a register and each run is complete or not there, and never changes: its `manifest.json` is written
last, with the hash of every file. Any reader of Parquet can read the files where they lie.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "manifest.json"
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


class StoreError(ValueError):
    """Something in a store that cannot be used; the message names the file and the mend."""


@dataclass(frozen=True)
class Store:
    """A store in the folder `root`."""

    root: Path

    @property
    def registers(self) -> Path:
        return self.root / "registers"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def shocks(self) -> Path:
        return self.root / "shocks"

    def register(self, month: str) -> Path:
        """The folder of the register of a month (`2026-11`)."""
        return self.registers / checked_month(month)

    def feed(self, feed: str) -> Path:
        """The folder of a department feed."""
        return self.root / "feeds" / checked_name(feed)

    def run(self, run: str) -> Path:
        """The folder of a run."""
        return self.runs / checked_name(run)

    def register_months(self) -> list[str]:
        """The months whose register is complete, oldest first."""
        return sorted(path.parent.name for path in self.registers.glob(f"*/{MANIFEST}"))


def checked_month(month: str) -> str:
    """A month such as `2026-11`. Raises StoreError."""
    if not _MONTH.fullmatch(month):
        raise StoreError(f"'{month}' is no month; write for example 2026-11")
    return month


def checked_name(name: str) -> str:
    """A name that is a folder's own and leads nowhere else. Raises StoreError."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise StoreError(f"'{name}' is no name of a folder; use letters, digits, dots and dashes")
    return name
