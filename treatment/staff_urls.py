"""The prescriber's pages; they hang under /admin/ in the namespace `admin`."""

from django.urls import path

from treatment import staff_views
from treatment.views import staff_journal

urlpatterns = [
    path("patients/<uuid:patient_id>/prescription/", staff_views.draft_prescription, name="draft_prescription"),
    path("prescriptions/<uuid:pk>/", staff_views.prescription_detail, name="prescription_detail"),
    path("prescriptions/<uuid:pk>/sign/", staff_views.sign_prescription, name="sign_prescription"),
    path("prescriptions/<uuid:pk>/second/", staff_views.second_sign, name="second_sign"),
    path("prescriptions/<uuid:pk>/sent/", staff_views.mark_sent, name="mark_sent"),
    path("prescriptions/<uuid:pk>/cancel/", staff_views.cancel_prescription, name="cancel_prescription"),
    path("prescriptions/<uuid:pk>/stop/", staff_views.stop_prescription, name="stop_prescription"),
    path("prescriptions/<uuid:pk>/shipment/", staff_views.order_shipment, name="order_shipment"),
    path("prescriptions/<uuid:pk>/pdf/", staff_views.prescription_pdf, name="prescription_pdf"),
    path("sessions/<uuid:pk>/", staff_views.session_detail, name="dose_session"),
    path("sessions/<uuid:pk>/reviewed/", staff_views.review_session, name="review_session"),
    path("journal/", staff_journal.shared_entries, name="shared_journal"),
    path("journal/<uuid:pk>/", staff_journal.shared_entry, name="shared_journal_entry"),
]
