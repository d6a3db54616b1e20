from django.urls import path

from highground.home import area_page, pages

app_name = "home"
urlpatterns = [
    path("", pages.home, name="home"),
    path("areas/", area_page.areas, name="areas"),
    path("areas/<str:code>/", area_page.area, name="area"),
]
