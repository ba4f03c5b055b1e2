"""Addresses of the webhooks, below /webhooks/twilio/ (twilio_gateway builds them for the provider)."""

from django.urls import path

from harmoniously.core.notifications import views

app_name = "notifications"
urlpatterns = [
    path("status/<uuid:notification_id>/", views.status, name="twilio_status"),
    path("inbound/", views.inbound, name="twilio_inbound"),
]
