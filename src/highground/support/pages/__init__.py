"""What people see of support: plans, measures that are due, deliveries, budgets, payments, loans."""

from typing import Any

from django.http import HttpRequest


def person(request: HttpRequest) -> Any:
    """Who is signed in: no page is opened by anybody else."""
    return request.user
