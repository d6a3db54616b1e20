from django.urls import path

from highground.accounts import pages

app_name = "accounts"
urlpatterns = [
    path("sign-in/", pages.sign_in, name="sign_in"),
    path("sign-out/", pages.sign_out, name="sign_out"),
    path("area/", pages.switch_area, name="switch_area"),
]
