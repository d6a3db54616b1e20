"""Numbers, money, dates and deadlines in the reader's language. What is missing says so; it is never zero."""

import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

Amount = int | float | Decimal

CURRENCIES = {
    "BDT": pgettext_lazy("currency", "taka"),
    "BND": pgettext_lazy("currency", "Brunei dollars"),
    "CNY": pgettext_lazy("currency", "yuan"),
    "IDR": pgettext_lazy("currency", "rupiah"),
    "KHR": pgettext_lazy("currency", "riel"),
    "LAK": pgettext_lazy("currency", "kip"),
    "MMK": pgettext_lazy("currency", "kyat"),
    "MYR": pgettext_lazy("currency", "ringgit"),
    "PHP": pgettext_lazy("currency", "pesos"),
    "SGD": pgettext_lazy("currency", "Singapore dollars"),
    "THB": pgettext_lazy("currency", "baht"),
    "USD": pgettext_lazy("currency", "US dollars"),
    "VND": pgettext_lazy("currency", "dong"),
}
"""How people say each currency of the region; another one is shown by its ISO 4217 code."""


def not_known() -> str:
    """The word for a value that is missing."""
    return _("not known")


def in_chinese() -> bool:
    """Whether the page is read in Chinese, which writes no blank before a unit."""
    return (get_language() or "").startswith("zh")


def number(value: Amount | None, decimals: int | None = None) -> str:
    """12345.5 as "12,345.5". With `decimals`, exactly so many; without, as many as the value has (at most 2)."""
    if value is None:
        return not_known()
    exact = Decimal(str(value))
    if decimals is None:
        exact = round(exact, 2)
        decimals = (
            0 if exact == exact.to_integral_value() else max(0, -int(exact.normalize().as_tuple().exponent))
        )
    return f"{exact:,.{decimals}f}".replace("-", "−")


def signed(value: Amount | None) -> str:
    """With its sign in front, as in a sum: "+30,000", "−5,000"."""
    if value is None:
        return not_known()
    return ("+" if value > 0 else "") + number(value)


def money(value: Amount | None, currency: str = "") -> str:
    """6150 and "CNY" as "6,150 yuan", in Chinese "6,150元"."""
    if value is None:
        return not_known()
    if not currency:
        return number(value)
    unit = str(CURRENCIES.get(currency, currency))
    return f"{number(value)}{unit}" if in_chinese() else f"{number(value)} {unit}"


def percent(share: Amount | None, decimals: int = 0) -> str:
    """A share of one as a percentage: 0.92 as "92 %"."""
    if share is None:
        return not_known()
    text = number(Decimal(str(share)) * 100, decimals)
    return f"{text}%" if in_chinese() else f"{text} %"


def day(value: datetime.date | None) -> str:
    """4 June 2024 · 2024年6月4日."""
    if value is None:
        return not_known()
    return formats.date_format(_local(value), "Y年n月j日" if in_chinese() else "j F Y")


def short_day(value: datetime.date | None) -> str:
    """4 June · 6月4日."""
    if value is None:
        return not_known()
    return formats.date_format(_local(value), "n月j日" if in_chinese() else "j F")


def moment(value: datetime.datetime | None, there: str = "") -> str:
    """A day with the time, in the installation's time zone, or in another one (`there`, by its IANA name)."""
    if value is None:
        return not_known()
    local = value.astimezone(ZoneInfo(there)).replace(tzinfo=None) if there else _local(value)
    return f"{day(local)} {formats.date_format(local, 'H:i')}"


def due(on: datetime.date | None, today: datetime.date) -> str:
    """How long until a deadline: "6 days left", "due tomorrow", "4 days late"."""
    if on is None:
        return _("no deadline")
    left = (on - today).days
    if left < 0:
        return ngettext("%(days)s day late", "%(days)s days late", -left) % {"days": number(-left)}
    if left == 0:
        return _("due today")
    if left == 1:
        return _("due tomorrow")
    return ngettext("%(days)s day left", "%(days)s days left", left) % {"days": number(left)}


def listed(words: list[str]) -> str:
    """Words in a row: "a, b, c" · "a、b、c"."""
    return pgettext("between the words of a list", ", ").join(words)


def _local(value: datetime.date) -> datetime.date:
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value
