"""Lists that people work through: a page of rows, an order, filter pills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

PAGE_SIZE = 25


@dataclass(frozen=True)
class ListPage:
    """Some rows of a list, and where they stand in it (`first` and `last` count from 1)."""

    rows: list[Any]
    number: int
    size: int
    total: int

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def previous_number(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next_number(self) -> int | None:
        return self.number + 1 if self.last < self.total else None


def page_of(
    request: HttpRequest,
    rows: QuerySet[Any] | Sequence[Any],
    *,
    size: int = PAGE_SIZE,
    total: int | None = None,
) -> ListPage:
    """The page that `?page=` asks for. Two queries: the count, unless given as `total`, and the rows.

    A page number that is no number is the first page; one beyond the end is the last.
    """
    if total is None:
        total = rows.count() if isinstance(rows, QuerySet) else len(rows)
    last_page = max(1, -(-total // size))
    wanted = request.GET.get("page", "1")
    number = min(max(int(wanted), 1), last_page) if wanted.isascii() and wanted.isdecimal() else 1
    return ListPage(list(rows[(number - 1) * size : number * size]), number, size, total)


def order_of(
    request: HttpRequest, orders: Mapping[str, Sequence[str]], default: str
) -> tuple[str, list[str]]:
    """The order that `?sort=` asks for: its key ("due", or "-due" backwards) and the fields for `order_by`.

    `orders` maps each key to field names; backwards turns every one of them round. An unknown key is the
    default, so that no field can be probed that the page does not offer.
    """
    wanted = request.GET.get("sort", default)
    key = wanted.removeprefix("-")
    if key not in orders:
        wanted, key = default, default.removeprefix("-")
    fields = list(orders[key])
    if wanted.startswith("-"):
        fields = [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in fields]
    return wanted, fields


@dataclass(frozen=True)
class Pill:
    """One filter: what it is called, where it leads, how many rows it would show."""

    label: Any
    url: str
    count: int | None = None
    current: bool = False


def pill(request: HttpRequest, label: Any, *, count: int | None = None, **parameters: str | None) -> Pill:
    """A pill that sets query parameters of this page (None takes one away) and goes back to its first page.

    It is current when every one of them is what the request has already.
    """
    query: QueryDict = request.GET.copy()
    query.pop("page", None)
    current = all(request.GET.get(name) == value for name, value in parameters.items())
    for name, value in parameters.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    encoded = query.urlencode()
    return Pill(label, f"{request.path}?{encoded}" if encoded else request.path, count, current)
