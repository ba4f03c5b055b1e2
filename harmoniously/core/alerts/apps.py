from uuid import UUID

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "harmoniously.core.alerts"
    label = "alerts"

    def ready(self) -> None:
        """What a patient texted stands on no page of a clinician; the alert itself shows it."""
        from harmoniously.core.alerts.presenting import name_words

        name_words("text", _text_words)
        # What could not be saved is kept nowhere; the page says so to whoever looks for it.
        name_words("patient", lambda _key: [])


def _text_words(pk: UUID) -> list[str]:
    from harmoniously.core.notifications.models import InboundText

    return [row.body for row in InboundText.objects.filter(pk=pk)]
