"""Every address of the office, room by room."""

from django.urls import include, path

ROOMS = (
    "web", "accounts", "people", "signals", "cases", "cases.public", "cases.needs", "support", "rounds", "teams",
    "works", "knowledge", "forum", "field", "home",
)  # fmt: skip
urlpatterns = [path("", include(f"highground.{room}.urls")) for room in ROOMS]

handler400 = "highground.web.pages.bad_request"
handler403 = "highground.web.pages.permission_denied"
handler404 = "highground.web.pages.page_not_found"
handler500 = "highground.web.pages.server_error"
