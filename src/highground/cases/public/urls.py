from django.urls import path

from highground.cases.public import pages

app_name = "public"
urlpatterns = [
    path("report/", pages.report, name="report"),
    path("report/status/", pages.status, name="status"),
    path("report/<str:kind>/", pages.letter, name="letter"),
]
