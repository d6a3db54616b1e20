"""The kinds of arrays that every file here speaks of, and the two sums over runs that they share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Bits = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


class InputError(ValueError):
    """A file, a table or a setting that cannot be used; the message names it and the mend."""


def starts_of(sorted_codes: npt.NDArray[np.integer], count: int) -> Ints:
    """Where each code from 0 to `count` begins in `sorted_codes`; one longer than `count`."""
    return np.searchsorted(sorted_codes, np.arange(count + 1)).astype(np.int64)


def ranges(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """All positions of several ranges one after the other, and for each position the number of its range."""
    counts = ends - starts
    which = np.repeat(np.arange(len(starts)), counts)
    offset = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    return starts[which] + offset, which


def rank_within(codes: npt.NDArray[np.integer]) -> Ints:
    """For each position, how many earlier positions hold the same code."""
    order = np.argsort(codes, kind="stable")
    inside = codes[order]
    first = np.ones(len(codes), dtype=np.bool_)
    first[1:] = inside[1:] != inside[:-1]
    begin = np.maximum.accumulate(np.where(first, np.arange(len(codes)), 0))
    rank = np.empty(len(codes), dtype=np.int64)
    rank[order] = np.arange(len(codes)) - begin
    return rank
