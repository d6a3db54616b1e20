from django.conf import settings
from django.urls import path

from highground.web import pages

app_name = "web"
urlpatterns = [path("language/", pages.switch_language, name="switch_language")]
