from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "harmoniously.core.documents"
    label = "documents"

    def ready(self) -> None:
        """A process that was killed could not tidy up; the one that starts in its stead does."""
        from harmoniously.core.documents import places

        places.tidy()
