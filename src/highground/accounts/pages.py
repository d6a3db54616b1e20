"""Signing in and out, choosing the area in view, choosing a language."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from highground.accounts.actions import WINDOW, TooManyAttempts, check_password
from highground.accounts.forms import SignInForm
from highground.accounts.models import User
from highground.accounts.shell import choose_area
from highground.web.addresses import address_of
from highground.web.pages import remember_language, safe_next


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a name and a password; say in plain words when they do not fit or when to wait."""
    if request.user.is_authenticated and request.method == "GET":
        return redirect(safe_next(request))
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = check_password(
                    request, **form.cleaned_data, address=address_of(request), now=timezone.now()
                )
            except TooManyAttempts:
                status = 429
                minutes = int(WINDOW.total_seconds() // 60)
                form.add_error(
                    None,
                    _("Too many attempts. Wait %(minutes)s minutes, then try again.") % {"minutes": minutes},
                )
            else:
                if user:
                    return _welcome(request, user)
                form.add_error(
                    None, _("User name and password do not fit together. Check both and try again.")
                )
    return render(request, "accounts/sign_in.html", {"form": form, "next": safe_next(request)}, status=status)


def _welcome(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user)
    response = redirect(safe_next(request))
    if user.language:
        remember_language(response, user.language)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@require_POST
def switch_area(request: HttpRequest) -> HttpResponse:
    """Look at another area from now on. An area outside the person's scope is answered like one that is not."""
    choose_area(request, request.POST.get("area", ""))
    return redirect(safe_next(request))
