"""The nearest of very many vectors, found by following a graph of neighbours instead of comparing with each.

HNSW (Malkov and Yashunin 2018) from the package `usearch`, over vectors of one byte a dimension: a million of 384
dimensions take some 600 MiB instead of 1.5 GiB. A hit may be missed now and then; `./run bench search` measures how often.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from highground.methods.search.embedding import Vectors
from highground.methods.search.errors import SearchError

Numbers = NDArray[np.int64]

BRUTE_FORCE = 50_000
"""Up to this many vectors of a language each is compared: that is exact and quick enough."""
NEIGHBOURS, JOINED = 16, 128
"""Links of a vector in the graph, and how many candidates are kept while one is added."""
FEWEST_LOOKED_AT, LOOKED_AT, ONE_IN = 256, 1_536, 400
"""How many candidates are kept while the nearest are looked for: one in 400 of all, within these bounds. At a million vectors 128
found three in five of the ten nearest, 1,536 find all but one in fifty."""


def is_installed() -> bool:
    """True where the package is there."""
    return importlib.util.find_spec("usearch") is not None


class NeighbourGraph:
    """Vectors by a number of theirs. Rows are of unit length, or become so."""

    def __init__(self, dimensions: int) -> None:
        try:
            from usearch.index import Index
        except ImportError as error:
            raise SearchError("a graph of neighbours needs: pip install 'highground[search]'") from error
        self._index = Index(
            ndim=dimensions,
            metric="cos",
            dtype="i8",
            connectivity=NEIGHBOURS,
            expansion_add=JOINED,
            expansion_search=FEWEST_LOOKED_AT,
        )

    def __len__(self) -> int:
        return len(self._index)

    @property
    def numbers(self) -> Numbers:
        """The numbers of all vectors."""
        return np.asarray(self._index.keys, dtype=np.int64)

    def add(self, numbers: Numbers, rows: Vectors) -> None:
        """Take rows in under their numbers, which are new."""
        lengths = np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-6)
        self._index.add(numbers.astype(np.uint64), (rows / lengths).astype(np.float32))

    def remove(self, numbers: Numbers) -> None:
        """Take vectors out."""
        self._index.remove(numbers.astype(np.uint64))

    def rows(self, numbers: Numbers) -> Vectors:
        """The vectors of some numbers, as they are kept: in steps of a 127th."""
        found = np.asarray(self._index.get(numbers.astype(np.uint64), dtype="i8"), dtype=np.float32)
        unit: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True).clip(1e-6)
        return unit

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """Numbers and cosines, nearest first."""
        looked_at = min(LOOKED_AT, max(FEWEST_LOOKED_AT, len(self._index) // ONE_IN))
        self._index.expansion_search = looked_at  # type: ignore[misc]  # its stubs know no setter
        found = self._index.search(vector.astype(np.float32), limit)
        return [(int(row), 1.0 - float(far)) for row, far in zip(found.keys, found.distances, strict=True)]

    def save(self, path: Path) -> None:
        """Write the graph to a file, whole or not at all."""
        draft = path.with_name(path.name + ".new")
        self._index.save(str(draft))
        draft.replace(path)

    def load(self, path: Path) -> None:
        """Read a graph that `save` wrote. Raises SearchError for a file that is none."""
        try:
            self._index.load(str(path))
        except RuntimeError as error:
            raise SearchError(f"{path}: not a graph of neighbours ({error})") from error
