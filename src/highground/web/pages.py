"""Pages that belong to no room: language, errors, the style guide; and helpers for redirects."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_supported_language_variant
from django.views.decorators.http import require_POST


def safe_next(request: HttpRequest) -> str:
    """Where to go next: the page named in the request if it is one of ours, else the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else settings.LOGIN_REDIRECT_URL


def remember_language(response: HttpResponseBase, code: str) -> None:
    """Set the language cookie; a language that is not on offer is ignored."""
    try:
        code = get_supported_language_variant(code)
    except LookupError:
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
        httponly=True,
    )


@login_not_required
@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Show every page in another language from now on."""
    response = redirect(safe_next(request))
    remember_language(response, request.POST.get("language", ""))
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _error(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _error(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: also the answer for what exists but lies outside the person's area."""
    return _error(request, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or too old."""
    return _error(request, 403, "web/errors/csrf.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """500: touches neither the database nor the session, which may be what is broken."""
    return render(None, "web/errors/500.html", status=500)


def _error(request: HttpRequest, status: int, template: str = "") -> HttpResponse:
    context: dict[str, Any] = {"status": status}
    return render(request, template or f"web/errors/{status}.html", context, status=status)
