from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "highground.web"
    label = "web"
