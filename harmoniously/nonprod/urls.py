"""Addresses of the demo: none of them exists in production."""

from django.urls import path

from harmoniously.nonprod import clock_views
from harmoniously.nonprod.mailbox import views as mailbox
from harmoniously.nonprod.payments import views as payments
from harmoniously.nonprod.personas import views as personas

app_name = "nonprod"
urlpatterns = [
    path("", personas.personas, name="personas"),
    path("be/<slug:key>/", personas.be, name="be"),
    path("clock/", clock_views.move_clock, name="clock"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("pay/<uuid:pk>/", payments.pay, name="pay"),
]
