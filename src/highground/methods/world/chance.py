"""Chance that can be repeated: one stream of random numbers per seed and topic."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

KEY_LETTERS = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", dtype=np.uint8)


def stream(seed: int, topic: str, *place: int) -> np.random.Generator:
    """The random numbers of one topic (at one place); drawing more in one leaves every other as it was."""
    return np.random.default_rng([seed, crc32(topic.encode()), *place])


def draw_days(chance: np.random.Generator, low: int, high: int, size: int) -> Ints:
    """`size` whole numbers of days from `low` to `high`, both included."""
    return chance.integers(low, high, size=size, endpoint=True, dtype=np.int64)


def draw_index(chance: np.random.Generator, shares: npt.ArrayLike, size: int) -> Ints:
    """`size` positions in `shares`, drawn with these probabilities (they are scaled to one)."""
    steps = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.searchsorted(steps / steps[-1], chance.random(size), side="right").astype(np.int64)


def make_keys(seed: int, count: int) -> list[str]:
    """`count` distinct pseudonyms such as `H7K2-93QD`, the same for the same seed."""
    keys: list[str] = key_texts(key_numbers(seed, np.arange(count, dtype=np.uint64))).to_pylist()
    return keys


def key_numbers(seed: int, position: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The numbers behind the pseudonyms at these positions: a one-to-one scrambling of 40-bit numbers."""
    mask = np.uint64((1 << 40) - 1)
    value = position.copy()
    for round_key in stream(seed, "keys").integers(0, 1 << 40, size=3, dtype=np.uint64):
        value = (value * np.uint64(0x5851F42D4D) + round_key) & mask
        value ^= value >> np.uint64(19)
    return value


def key_texts(numbers: npt.NDArray[np.uint64]) -> pa.StringArray:
    """Pseudonyms as text; their order as text is the order of the numbers."""
    letters = np.full((len(numbers), 9), ord("-"), dtype=np.uint8)
    for place, shift in enumerate(range(35, -1, -5)):
        digits = (numbers >> np.uint64(shift)) & np.uint64(31)
        letters[:, place + (place > 3)] = KEY_LETTERS[digits]
    return fixed_texts(letters)


def fixed_texts(letters: npt.NDArray[np.uint8], missing: Bools | None = None) -> pa.StringArray:
    """Texts of one length from their bytes, one row each; null where `missing` is true."""
    rows, width = letters.shape
    offsets = pa.py_buffer(np.arange(0, (rows + 1) * width, width, dtype=np.int32))
    valid = None if missing is None else pa.array(~missing).buffers()[1]
    return pa.StringArray.from_buffers(rows, offsets, pa.py_buffer(np.ascontiguousarray(letters)), valid)
