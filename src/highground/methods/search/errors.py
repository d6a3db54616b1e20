"""What search says when it cannot go on."""


class SearchError(ValueError):
    """An index or a file that search cannot use; the message says which, why, and the mend."""
