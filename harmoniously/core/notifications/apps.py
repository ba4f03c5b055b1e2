from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "harmoniously.core.notifications"
    label = "notifications"
