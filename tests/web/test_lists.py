"""Pages of rows, orders and filters taken from the address."""

import pytest
from django.test import RequestFactory

from highground.areas.models import Area
from highground.web.lists import order_of, page_of, pill
from tests.support.places import add_area

ORDERS = {"due": ["due_on", "pk"], "area": ["-area__path", "pk"]}


def get(**query: str):
    return RequestFactory().get("/clues/", query)


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("1", 1),
        ("2", 2),
        ("99", 2),
        ("0", 1),
        ("-1", 1),
        ("x", 1),
        ("", 1),
        ("²", 1),
        ("9" * 400, 2),
        ("1e1", 1),
    ],
)
def test_any_page_number_leads_to_a_page(asked: str, number: int) -> None:
    assert page_of(get(page=asked), list(range(38))).number == number


def test_a_page_says_where_it_stands() -> None:
    page = page_of(get(page="2"), list(range(1, 39)))
    assert (page.first, page.last, page.total, page.rows[0]) == (26, 38, 38, 26)
    assert (page.previous_number, page.next_number) == (1, None)
    exactly = page_of(get(), list(range(25)))
    assert (exactly.first, exactly.last, exactly.next_number) == (1, 25, None)
    nothing = page_of(get(), [])
    assert (nothing.first, nothing.last, nothing.total, nothing.next_number) == (0, 0, 0, None)


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 50])
def test_two_queries_however_many_rows(rows: int, django_assert_num_queries) -> None:
    for number in range(rows):
        add_area(f"Area {number}", "county")
    with django_assert_num_queries(2):
        page = page_of(get(), Area.objects.order_by("path"))
    assert page.total == rows
    with django_assert_num_queries(1):
        page_of(get(), Area.objects.order_by("path"), total=rows)


def test_orders_turn_round_as_a_whole() -> None:
    assert order_of(get(), ORDERS, "due") == ("due", ["due_on", "pk"])
    assert order_of(get(sort="-area"), ORDERS, "due") == ("-area", ["area__path", "-pk"])


@pytest.mark.parametrize("asked", ["password", "-password", "", "--due", "area__path"])
def test_an_order_that_is_not_offered_is_the_default(asked: str) -> None:
    assert order_of(get(sort=asked), ORDERS, "-due") == ("-due", ["-due_on", "-pk"])


def test_a_pill_keeps_the_other_filters_and_goes_to_the_first_page() -> None:
    request = get(kind="overdue", township="T1", page="3")
    assert pill(request, "Overdue", kind="overdue").current
    other = pill(request, "All", count=38, kind=None)
    assert (other.url, other.current) == ("/clues/?township=T1", False)
    assert pill(request, "x", kind="a&b=c").url == "/clues/?township=T1&kind=a%26b%3Dc"
    assert pill(get(), "All", kind=None) == pill(get(kind="x"), "All", kind=None).__class__(
        "All", "/clues/", None, True
    )
