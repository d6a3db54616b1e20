from django.urls import path

from highground.cases.public import inside, pages

app_name = "public"
urlpatterns = [
    path("report/", pages.report, name="report"),
    path("report/status/", pages.status, name="status"),
    path("report/<str:kind>/", pages.letter, name="letter"),
    path("messages/", inside.messages, name="messages"),
    path("messages/<int:number>/", inside.message, name="message"),
]
