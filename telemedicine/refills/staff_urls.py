"""The prescriber's page of a refill; it hangs under /admin/ in the namespace `admin`."""

from django.urls import path

from telemedicine.refills import staff_views

# /admin/refills/<patient>/…
urlpatterns = [
    path("refills/<uuid:patient_id>/", staff_views.refill, name="refill"),
    path("refills/<uuid:patient_id>/approve/", staff_views.approve, name="approve_refill"),
    path("refills/<uuid:patient_id>/ask/", staff_views.ask, name="ask_refill"),
    path("refills/<uuid:patient_id>/decline/", staff_views.decline, name="decline_refill"),
    path("refills/<uuid:patient_id>/renew/", staff_views.renew, name="renew_approval"),
]
