"""What results rest on, in words that stand in each of them; and a published figure beside the one that is found here."""

from __future__ import annotations

from dataclasses import dataclass

EXCHANGEABLE = (
    "the villages of a block could have been treated in each other's place; where no lots were drawn, permutation under"
    " exchangeability"
)
ALIKE = "both sides would have changed alike without the treatment"
CONTINUOUS = "nothing but the treatment changes at the cut-off, and nobody chooses on which side they are"
WEIGHTED = "the weighted mean of the others would have gone on with the treated one, had it not been treated"


@dataclass(frozen=True)
class Published:
    """A figure as it was published and as it is found here; they agree if they differ by no more than `within`."""

    source: str
    what: str
    published: float
    found: float
    within: float

    @property
    def agrees(self) -> bool:
        return abs(self.found - self.published) <= self.within
