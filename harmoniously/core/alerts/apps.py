from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "harmoniously.core.alerts"
    label = "alerts"
