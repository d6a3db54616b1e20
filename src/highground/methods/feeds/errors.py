"""What the rooms of the feeds raise."""

from __future__ import annotations


class FeedError(ValueError):
    """A feed, a mapping or a file that cannot be used; the message names where, what, and the mend."""
