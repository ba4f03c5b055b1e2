"""The prescriber's pages; they hang under /admin/ in the namespace `admin`."""

from django.urls import path

from telemedicine.reviews import record_views, staff_views
from telemedicine.reviews.deciding import staff_views as deciding

# /admin/cases/<patient>/…
urlpatterns = [
    path("cases/<uuid:patient_id>/", staff_views.case, name="case"),
    path("cases/<uuid:patient_id>/versions/<uuid:pk>/", record_views.version, name="case_version"),
    path("cases/<uuid:patient_id>/versions/<uuid:pk>/answers/", record_views.answers, name="case_answers"),
    path("cases/<uuid:patient_id>/documents/<uuid:pk>/", record_views.document, name="case_document"),
    path("cases/<uuid:patient_id>/compare/", record_views.compare, name="case_compare"),
    path("cases/<uuid:patient_id>/print/", staff_views.print_case, name="print_case"),
    path("cases/<uuid:patient_id>/claim/", staff_views.claim_case, name="claim_case"),
    path("cases/<uuid:patient_id>/give-back/", staff_views.give_back_case, name="give_back_case"),
    path("cases/<uuid:patient_id>/ask/", deciding.ask_patient, name="ask_patient"),
    path("cases/<uuid:patient_id>/approve/", deciding.approve_case, name="approve_case"),
    path("cases/<uuid:patient_id>/decline/", deciding.decline_case, name="decline_case"),
    path("cases/<uuid:patient_id>/in-person/", deciding.require_in_person, name="require_in_person"),
    path("cases/<uuid:patient_id>/met/", deciding.met_in_person, name="met_in_person"),
    path("cases/<uuid:patient_id>/decisions/<uuid:pk>/", deciding.verdict, name="verdict"),
    path("cases/<uuid:patient_id>/decisions/<uuid:pk>/confirm/", deciding.confirm_verdict, name="confirm_verdict"),
    path("cases/<uuid:patient_id>/decisions/<uuid:pk>/undo/", deciding.undo_verdict, name="undo_verdict"),
    path("cases/<uuid:patient_id>/decisions/<uuid:pk>/now/", deciding.carry_out_verdict, name="carry_out_verdict"),
]
