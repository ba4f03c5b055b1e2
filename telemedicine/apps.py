from django.apps import AppConfig


class TelemedicineConfig(AppConfig):
    name = "telemedicine"
