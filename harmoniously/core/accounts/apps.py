from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "harmoniously.core.accounts"
    label = "accounts"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from harmoniously.core.accounts.second_factor import enrolment_counts_as_use

        authenticator_added.connect(enrolment_counts_as_use, dispatch_uid="accounts.enrolment_counts_as_use")
