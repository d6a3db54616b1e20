"""The fact dictionary: what can be known of a household and its members, how it is typed, bounded and how long it stays fresh."""

from highground.methods.facts.dictionary import (
    ENTITIES,
    SENSITIVITIES,
    TYPES,
    Dictionary,
    DictionaryError,
    Fact,
    load_dictionary,
)

__all__ = [
    "ENTITIES",
    "SENSITIVITIES",
    "TYPES",
    "Dictionary",
    "DictionaryError",
    "Fact",
    "load_dictionary",
]
