from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "harmoniously.portal"
    label = "portal"
