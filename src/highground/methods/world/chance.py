"""Chance that can be repeated: one stream of random numbers per seed and topic."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

KEY_LETTERS = np.array(list("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))


def stream(seed: int, topic: str) -> np.random.Generator:
    """The random numbers of one topic; drawing more in one topic leaves every other topic as it was."""
    return np.random.default_rng([seed, crc32(topic.encode())])


def draw_days(chance: np.random.Generator, low: int, high: int, size: int) -> Ints:
    """`size` whole numbers of days from `low` to `high`, both included."""
    return chance.integers(low, high, size=size, endpoint=True, dtype=np.int64)


def draw_index(chance: np.random.Generator, shares: npt.ArrayLike, size: int) -> Ints:
    """`size` positions in `shares`, drawn with these probabilities (they are scaled to one)."""
    steps = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.searchsorted(steps / steps[-1], chance.random(size), side="right").astype(np.int64)


def make_keys(seed: int, count: int) -> list[str]:
    """`count` distinct pseudonyms such as `H7K2-93QD`, the same for the same seed.

    Each is the image of its position under a one-to-one scrambling of 40-bit numbers, so none can repeat.
    """
    mask = np.uint64((1 << 40) - 1)
    value = np.arange(count, dtype=np.uint64)
    for round_key in stream(seed, "keys").integers(0, 1 << 40, size=3, dtype=np.uint64):
        value = (value * np.uint64(0x5851F42D4D) + round_key) & mask
        value ^= value >> np.uint64(19)
    digits = (value[:, None] >> np.arange(35, -1, -5, dtype=np.uint64)[None, :]) & np.uint64(31)
    letters = KEY_LETTERS[digits]
    text = np.concatenate([letters[:, :4], np.full((count, 1), "-"), letters[:, 4:]], axis=1)
    keys: list[str] = np.ascontiguousarray(text).view("<U9").ravel().tolist()
    return keys
