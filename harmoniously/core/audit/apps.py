from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "harmoniously.core.audit"
    label = "audit"

    def ready(self) -> None:
        from harmoniously.core.audit.receivers import connect

        connect()
