"""An embedding model that the operator provides: a folder in the form in which sentence-embedding models are given away.

Read are `model.onnx` (or `onnx/model.onnx`), `tokenizer.json`, and where they are there `1_Pooling/config.json` (mean or first
token; mean without it) and `config_sentence_transformers.json` (the words that the model wants before a query and a passage,
under `prompts`). Nothing else in the folder is read or run, and nothing is fetched. Needs the extra [onnx].
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from highground.methods.search.embedding import Kind, Vectors
from highground.methods.search.errors import SearchError
from highground.methods.search.text import normalise

LONGEST = 512
"""Tokens of a text that are read; the rest is cut off."""
PROMPTS = ("query", "passage")


class OnnxFolder:
    """The model of a folder. Raises SearchError, naming the file, where it is none, and where the extra is not installed."""

    def __init__(self, folder: Path) -> None:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise SearchError(
                f"{folder}: a model of your own needs: pip install 'highground[onnx]'"
            ) from error
        model = _first(folder, "model.onnx", "onnx/model.onnx")
        words = _first(folder, "tokenizer.json")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime has a type of its own for each fault
            raise SearchError(f"{model}: not an ONNX model ({error})") from error
        try:
            self._tokenizer = Tokenizer.from_file(str(words))
        except Exception as error:  # the package raises Exception itself
            raise SearchError(f"{words}: not a tokenizer ({error})") from error
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()
        self._inputs = {one.name for one in self._session.get_inputs()}
        if unknown := self._inputs - {"input_ids", "attention_mask", "token_type_ids"}:
            raise SearchError(
                f"{model}: wants the input {min(unknown)}, which a sentence-embedding model does not"
            )
        self._first_token = bool(_read(folder / "1_Pooling/config.json").get("pooling_mode_cls_token", False))
        prompts = _read(folder / "config_sentence_transformers.json").get("prompts") or {}
        self._prompts = {kind: str(prompts.get(kind, "")) for kind in PROMPTS}
        digest = hashlib.sha256(model.read_bytes() + words.read_bytes())
        digest.update(json.dumps([self._first_token, self._prompts]).encode())
        self.model = f"onnx-{digest.hexdigest()[:16]}"
        self.dimensions = self.embed(["1"], "query").shape[1]

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """One row of unit length for each text."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        read = self._tokenizer.encode_batch([self._prompts[kind] + normalise(text) for text in texts])
        given = {
            "input_ids": [one.ids for one in read],
            "attention_mask": [one.attention_mask for one in read],
            "token_type_ids": [one.type_ids for one in read],
        }
        mask = np.array(given["attention_mask"], dtype=np.float32)
        asked = {name: np.array(given[name], dtype=np.int64) for name in self._inputs}
        found = np.asarray(self._session.run(None, asked)[0], dtype=np.float32)
        if found.ndim == 3:
            weights = mask[:, :, None] / mask.sum(1).clip(1)[:, None, None]
            found = found[:, 0] if self._first_token else (found * weights).sum(1)
        rows: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True).clip(1e-9)
        return rows


def _first(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise SearchError(f"{folder}: there is no {names[0]}; put a sentence-embedding model in ONNX form there")


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SearchError(f"{path}: not JSON ({error})") from error
    if not isinstance(found, dict):
        raise SearchError(f"{path}: an object is expected")
    return found
