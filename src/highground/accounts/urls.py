from django.urls import path

from highground.accounts import logs, pages

app_name = "accounts"
urlpatterns = [
    path("sign-in/", pages.sign_in, name="sign_in"),
    path("sign-out/", pages.sign_out, name="sign_out"),
    path("area/", pages.switch_area, name="switch_area"),
    path("events/", logs.events, name="events"),
    path("events/accesses/", logs.accesses, name="accesses"),
    path("accounts/", logs.people, name="people"),
]
