"""The addresses of an office in which somebody forgot the scope of a page: the leak walk must find it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from highground import urls
from highground.people.models import Household
from highground.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def everybody(request: HttpRequest) -> HttpResponse:
    """The pseudonym of every household, whoever asks."""
    households = Household.objects.everywhere(reason="a test of the leak walk")
    return HttpResponse(", ".join(households.values_list("key", flat=True)))


urlpatterns = [*urls.urlpatterns, path("everybody/", everybody)]
