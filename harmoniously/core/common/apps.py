from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "harmoniously.core.common"
    label = "common"

    def ready(self) -> None:
        from harmoniously.core.common.production import refuse_unsafe_production

        refuse_unsafe_production()
