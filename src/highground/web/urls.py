from django.conf import settings
from django.urls import path

from highground.web import pages
from highground.web.styleguide import styleguide

app_name = "web"
urlpatterns = [path("language/", pages.switch_language, name="switch_language")]
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
