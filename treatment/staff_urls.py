"""The prescriber's pages; they hang under /admin/ in the namespace `admin`."""

from django.urls import path

from treatment import (
    check_in_staff_views,
    staff_orders,
    staff_parcels,
    staff_supply,
    staff_titration,
    staff_views,
)
from treatment.views import staff_adverse, staff_journal, staff_letters, staff_phase

urlpatterns = [
    path("patients/<uuid:patient_id>/phase/", staff_phase.phase, name="treatment_phase"),
    path("patients/<uuid:patient_id>/prescription/", staff_views.draft_prescription, name="draft_prescription"),
    path("patients/<uuid:patient_id>/proposal/", staff_titration.answer, name="answer_proposal"),
    path("prescriptions/<uuid:pk>/", staff_orders.prescription_detail, name="prescription_detail"),
    path("prescriptions/<uuid:pk>/sign/", staff_orders.sign_prescription, name="sign_prescription"),
    path("prescriptions/<uuid:pk>/second/", staff_orders.second_sign, name="second_sign"),
    path("prescriptions/<uuid:pk>/sent/", staff_orders.hand_over, name="hand_over"),
    path("prescriptions/<uuid:pk>/cancel/", staff_orders.cancel_prescription, name="cancel_prescription"),
    path("prescriptions/<uuid:pk>/stop/", staff_orders.stop_prescription, name="stop_prescription"),
    path("prescriptions/<uuid:pk>/pause/", staff_orders.pause_prescription, name="pause_prescription"),
    path("prescriptions/<uuid:pk>/resume/", staff_orders.resume_prescription, name="resume_prescription"),
    path("prescriptions/<uuid:pk>/pdf/", staff_views.prescription_pdf, name="prescription_pdf"),
    # parcels and the ledger
    path("parcels/", staff_parcels.parcels, name="parcels"),
    path("parcels/<uuid:pk>/", staff_parcels.parcel, name="parcel"),
    path("parcels/<uuid:pk>/filled/", staff_parcels.filled, name="parcel_filled"),
    path("parcels/<uuid:pk>/shipped/", staff_parcels.shipped, name="parcel_shipped"),
    path("parcels/<uuid:pk>/delivered/", staff_parcels.delivered, name="parcel_delivered"),
    path("parcels/<uuid:pk>/undelivered/", staff_parcels.undelivered, name="parcel_undelivered"),
    path("parcels/<uuid:pk>/lost/", staff_parcels.lost, name="parcel_lost"),
    path("parcels/<uuid:pk>/returned/", staff_parcels.returned, name="parcel_returned"),
    path("patients/<uuid:patient_id>/supply/", staff_supply.ledger, name="supply_ledger"),
    path("supply-flags/<uuid:pk>/read/", staff_supply.read_flag, name="read_supply_flag"),
    # sessions
    path("sessions/<uuid:pk>/", staff_views.session_detail, name="dose_session"),
    path("sessions/<uuid:pk>/reviewed/", staff_views.review_session, name="review_session"),
    path("sessions/<uuid:pk>/hold-read/", staff_views.read_session_hold, name="read_session_hold"),
    path("discharges/<uuid:pk>/letter/", staff_letters.letter, name="discharge_letter"),
    path("transfers/<uuid:pk>/make/", staff_letters.make_transfer, name="make_transfer"),
    path("transfers/<uuid:pk>/letter/", staff_letters.transfer_letter, name="transfer_letter"),
    path("adverse-events/", staff_adverse.events, name="adverse_events"),
    path("patients/<uuid:patient_id>/adverse-events/", staff_adverse.record_event, name="record_adverse_event"),
    path("adverse-events/<uuid:pk>/", staff_adverse.event, name="adverse_event"),
    path("adverse-events/<uuid:pk>/dismiss/", staff_adverse.dismiss, name="dismiss_adverse_event"),
    path("adverse-events/<uuid:pk>/sent/", staff_adverse.submitted, name="adverse_event_sent"),
    path("adverse-events/<uuid:pk>/report/", staff_adverse.report, name="adverse_event_report"),
    path("check-ins/<uuid:pk>/adverse-event/", staff_adverse.from_flag, name="adverse_event_from_flag"),
    path("journal/", staff_journal.shared_entries, name="shared_journal"),
    path("journal/<uuid:pk>/", staff_journal.shared_entry, name="shared_journal_entry"),
    path("check-ins/<uuid:pk>/", check_in_staff_views.check_in, name="check_in"),
    path("check-ins/<uuid:pk>/read/", check_in_staff_views.read_check_in, name="read_check_in"),
    path("patients/<uuid:patient_id>/outcomes/", check_in_staff_views.outcomes, name="outcomes"),
]
