"""The prescriber's pages; they hang under /admin/ in the namespace `admin`."""

from django.urls import path

from telemedicine.reviews import record_views, staff_views

# /admin/queue/ and /admin/cases/<patient>/…
urlpatterns = [
    path("queue/", staff_views.review_queue, name="review_queue"),
    path("cases/<uuid:patient_id>/", staff_views.case, name="case"),
    path("cases/<uuid:patient_id>/versions/<uuid:pk>/", record_views.version, name="case_version"),
    path("cases/<uuid:patient_id>/versions/<uuid:pk>/answers/", record_views.answers, name="case_answers"),
    path("cases/<uuid:patient_id>/documents/<uuid:pk>/", record_views.document, name="case_document"),
    path("cases/<uuid:patient_id>/claim/", staff_views.claim_case, name="claim_case"),
    path("cases/<uuid:patient_id>/give-back/", staff_views.give_back_case, name="give_back_case"),
    path("cases/<uuid:patient_id>/ask/", staff_views.ask_patient, name="ask_patient"),
    path("cases/<uuid:patient_id>/approve/", staff_views.approve_case, name="approve_case"),
    path("cases/<uuid:patient_id>/decline/", staff_views.decline_case, name="decline_case"),
]
