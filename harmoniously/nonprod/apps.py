from django.apps import AppConfig


class NonprodConfig(AppConfig):
    name = "harmoniously.nonprod"
    label = "nonprod"
