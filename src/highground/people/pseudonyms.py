"""Keys by which pages and files call households and members: random, short to read out, without meaning."""

from __future__ import annotations

import secrets

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U, which are misread."""


def new_keys(count: int, first: str = "H") -> list[str]:
    """`count` different keys such as H7K2-93QD (35 random bits each). They may collide with keys in use."""
    keys: set[str] = set()
    while len(keys) < count:
        bits = secrets.randbits(35)
        text = "".join(LETTERS[(bits >> shift) & 31] for shift in range(0, 35, 5))
        keys.add(f"{first}{text[:3]}-{text[3:]}")
    return list(keys)
