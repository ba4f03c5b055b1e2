"""Addresses of the demo: none of them exists in production."""

from importlib.util import find_spec

from django.urls import path

from harmoniously.nonprod import clock_views
from harmoniously.nonprod.payments import views as payments
from harmoniously.nonprod.personas import views as personas

app_name = "nonprod"
urlpatterns = [
    path("", personas.personas, name="personas"),
    path("be/<slug:key>/", personas.be, name="be"),
    path("clock/", clock_views.move_clock, name="clock"),
    path("pay/<uuid:pk>/", payments.pay, name="pay"),
]
if find_spec("harmoniously.nonprod.mailbox.views"):
    from harmoniously.nonprod.mailbox import views as mailbox

    urlpatterns.append(path("mailbox/", mailbox.mailbox, name="mailbox"))
