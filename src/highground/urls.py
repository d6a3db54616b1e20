"""Every address of the office, room by room."""

from importlib.util import find_spec

from django.urls import include, path

urlpatterns = [path("", include("highground.web.urls")), path("", include("highground.accounts.urls"))]
for room in ("areas", "people", "signals", "home"):
    if find_spec(f"highground.{room}") and find_spec(f"highground.{room}.urls"):
        urlpatterns.append(path("", include(f"highground.{room}.urls")))

handler400 = "highground.web.pages.bad_request"
handler403 = "highground.web.pages.permission_denied"
handler404 = "highground.web.pages.page_not_found"
handler500 = "highground.web.pages.server_error"
