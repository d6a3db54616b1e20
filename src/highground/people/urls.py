from django.urls import path

from highground.people import uploads

app_name = "people"
urlpatterns = [path("uploads/<str:digest>/", uploads.upload, name="upload")]
