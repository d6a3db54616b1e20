"""Whether an identity number holds together, told from the number alone. Nothing here keeps or shows a number.

A Chinese citizen's number (GB 11643-1999) has 17 digits and a check character by ISO 7064 MOD 11-2. The number
of a disability card begins with it: 20 characters, or 22 for a card that was issued again (mechanism.md A6; what
its last characters mean was not found in a source, so only the length and the number inside are checked).
"""

from __future__ import annotations

from enum import StrEnum

CITIZEN, CARDS = 18, (20, 22)
_WEIGHTS = [2**place % 11 for place in range(17, 0, -1)]
_CHECK = "10X98765432"


class Check(StrEnum):
    """What was found. The values are those of the facts `identity_check` and `disability_card_check`."""

    OK = "ok"
    BAD_CHECKSUM = "bad_checksum"
    BAD_LENGTH = "bad_length"
    MISSING = "missing"


def check_identity(number: str | None) -> Check:
    """An identity number, alone or at the beginning of a disability card's, without blanks or hyphens."""
    if not number:
        return Check.MISSING
    if len(number) not in (CITIZEN, *CARDS):
        return Check.BAD_LENGTH
    return Check.OK if holds_together(number[:CITIZEN]) else Check.BAD_CHECKSUM


def check_disability_card(number: str | None) -> Check:
    """The number of a disability card; a plain citizen's number is no card."""
    if not number or len(number) == CITIZEN:
        return Check.MISSING
    return check_identity(number)


def holds_together(number: str) -> bool:
    """Whether a citizen's number of 18 characters has the check character that its digits give."""
    return (
        number[:17].isascii() and number[:17].isdigit() and check_character(number[:17]) == number[17].upper()
    )


def check_character(digits: str) -> str:
    """The check character of 17 digits: ISO 7064 MOD 11-2, written 0 to 9 and X."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return _CHECK[total % 11]
