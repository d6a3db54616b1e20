"""The office's addresses, the style guide, and pages that fail in each way."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path

from highground.urls import handler400, handler403, handler404, handler500
from highground.urls import urlpatterns as office
from highground.web.styleguide import styleguide

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def distrust(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("the disallowed host of Wei Lan")


def break_down(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("Wei Lan, 450000199001010011")


urlpatterns = [
    path("styleguide/", styleguide),
    path("refuse/", refuse),
    path("distrust/", distrust),
    path("break-down/", break_down),
    *office,
]
