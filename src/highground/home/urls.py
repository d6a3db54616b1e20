from django.urls import path

from highground.home import area_page, needs_page, pages

app_name = "home"
urlpatterns = [
    path("", pages.home, name="home"),
    path("areas/", area_page.areas, name="areas"),
    path("areas/<str:code>/", area_page.area, name="area"),
    path("needs-near-me/", needs_page.here, name="needs_here"),
    path("areas/<str:code>/needs/", needs_page.needs, name="needs"),
]
