"""Numbers as people write them: amounts in major units, grouped, with the name of the currency."""

from __future__ import annotations

from fractions import Fraction

from highground.methods.rules.intervals import Exact
from highground.methods.rules.rulebook import Rulebook

CURRENCIES = {
    "CNY": {"en": "yuan", "zh": "元"},
    "VND": {"en": "dong", "zh": "越南盾"},
    "BDT": {"en": "taka", "zh": "塔卡"},
    "PHP": {"en": "pesos", "zh": "比索"},
    "LAK": {"en": "kip", "zh": "基普"},
}


def currency(book: Rulebook, language: str) -> str:
    """The name of the rulebook's currency, or its ISO code."""
    return CURRENCIES.get(book.currency, {}).get(language, book.currency)


def major(value: Exact, book: Rulebook) -> Fraction:
    """An amount in minor units, in major units."""
    unit: int = 10**book.minor_digits
    return Fraction(value) / unit


def plain(value: Exact) -> str:
    """The exact decimal of a number, `-1234.5`; a fraction `1/3` where no decimal is exact."""
    number = Fraction(value)
    places, rest = 0, number.denominator
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    while rest % 2 == 0 or rest % 5 == 0:
        rest, places = rest // (2 if rest % 2 == 0 else 5), places + 1
    if rest != 1:
        return f"{number.numerator}/{number.denominator}"
    return _decimal(abs(number.numerator) * 10**places // number.denominator, places, number < 0)


def _decimal(digits: int, places: int, negative: bool) -> str:
    whole, part = divmod(digits, 10**places)
    end = f".{part:0{places}d}" if places else ""
    return f"{'-' if negative else ''}{whole}{end}"


def grouped(text: str) -> str:
    """A plain decimal with its thousands grouped: `-1234.5` becomes `-1,234.5`."""
    whole, point, part = text.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}{point}{part}" if "/" not in text else text


def rounded(value: Exact, places: int) -> tuple[Fraction, bool]:
    """`value` rounded half away from zero to decimal places, and whether that changed it."""
    scaled = Fraction(value) * 10**places
    whole = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    result = Fraction(-whole if scaled < 0 else whole, 10**places)
    return result, result != value


def amount(value: Exact, book: Rulebook, language: str, *, money: bool) -> str:
    """A number in the units of the engine as people write it: `8,300 yuan`, `3`; `about ...` where rounded."""
    number = major(value, book) if money else Fraction(value)
    exact, changed = rounded(number, book.minor_digits if money else 2)
    text = plain(exact)
    if money and "." in text:  # 8,300.5 yuan is written 8,300.50
        whole, _, part = text.partition(".")
        text = f"{whole}.{part:0<{book.minor_digits}}"
    text = grouped(text)
    if money:
        name = currency(book, language)
        text = f"{text}{' ' if name.isascii() else ''}{name}"
    if changed:
        text = f"{'约' if language == 'zh' else 'about '}{text}"
    return text


def percent(value: Exact) -> str:
    """A share from 0 to 1 as a percentage."""
    return f"{grouped(plain(Fraction(value) * 100))}%"
