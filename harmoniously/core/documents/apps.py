from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "harmoniously.core.documents"
    label = "documents"
