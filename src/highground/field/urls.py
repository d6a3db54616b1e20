"""Addresses of the phone. Those that a device calls end without a slash."""

from django.urls import path

from highground.field import pages

app_name = "field"
urlpatterns = [
    path("field/", pages.shell, name="shell"),
    path("field/sw.js", pages.part, {"name": "sw.js"}, name="worker"),
    path("field/field.css", pages.part, {"name": "field.css"}, name="style"),
    path("field/js/<str:name>", pages.part, name="part"),
    path("field/words/<str:language>.json", pages.words, name="words"),
    path("field/manifest.webmanifest", pages.manifest, name="manifest"),
    path("field/enrol", pages.enrol, name="enrol"),
    path("field/bundle", pages.bundle, name="bundle"),
    path("field/cards", pages.cards, name="cards"),
    path("field/submission", pages.submission, name="submission"),
]
