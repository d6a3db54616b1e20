from django.urls import path


from highground.home import areas, first

app_name = "home"
urlpatterns = [
    path("", first.first, name="first"),
    path("areas/", areas.areas, name="areas"),
    path("areas/<str:code>/", areas.area, name="area"),
]
