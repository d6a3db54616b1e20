from django.urls import path

from highground.cases.needs import pages

app_name = "needs"
urlpatterns = [
    path("needs/", pages.needs, name="needs"),
    path("households/<str:key>/needs/", pages.household_needs, name="household_needs"),
]
