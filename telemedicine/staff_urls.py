"""Schedule, visits and messages on the staff site; they hang under /admin/ in the namespace `admin`."""

from django.urls import path

from telemedicine.conversation import staff_views as messages
from telemedicine.notes import amending_views as amending
from telemedicine.notes import staff_views as notes
from telemedicine.notes import withholding_views as withholding
from telemedicine.referrals import staff_views as referrals
from telemedicine.staff_views import appointment, arrange, board, calls, discharge, guest, hours, schedule, visit

urlpatterns = [
    # /admin/schedule/…
    path("schedule/", schedule.week, name="schedule"),
    path("schedule/day/", board.day, name="day_board"),
    path("schedule/day/now/", board.now_there, name="day_now"),
    path("schedule/free/", arrange.free, name="free_times"),
    path("schedule/book/", arrange.find, name="book"),
    path("schedule/book/<uuid:patient_id>/", arrange.book_for, name="book_for"),
    path("schedule/misfits/", schedule.misfits, name="misfits"),
    path("schedule/due/", schedule.due, name="due_visits"),
    path("schedule/hours/", hours.everybody, name="hours_of"),
    path("schedule/hours/<uuid:pk>/", hours.of_one, name="hours"),
    # /admin/appointments/<appointment>/…: who and when
    path("appointments/<uuid:pk>/", appointment.appointment, name="appointment"),
    path("appointments/<uuid:pk>/move/", arrange.move, name="appointment_move"),
    path("appointments/<uuid:pk>/cancel/", appointment.cancel, name="appointment_cancel"),
    path("appointments/<uuid:pk>/missed/", appointment.missed, name="appointment_missed"),
    path("appointments/<uuid:pk>/undo/", appointment.undo, name="appointment_undo"),
    path("appointments/<uuid:pk>/hold/", appointment.hold, name="appointment_hold"),
    # /admin/visits/<appointment>/: the visit as its clinician holds it
    path("visits/<uuid:pk>/", visit.visit, name="visit"),
    path("visits/<uuid:pk>/call/", calls.call, name="call"),
    path("visits/<uuid:pk>/call/state/", calls.call_state, name="call_state"),
    path("visits/<uuid:pk>/call/join/", calls.call_join, name="call_join"),
    path("visits/<uuid:pk>/call/send/", calls.call_send, name="call_send"),
    path("visits/<uuid:pk>/guest/", guest.guest, name="visit_guest"),
    path("visits/<uuid:pk>/note/", notes.write, name="visit_note"),
    path("visits/<uuid:pk>/note/keep/", notes.keep, name="keep_note"),
    path("visits/<uuid:pk>/note/check/", notes.check, name="check_note"),
    path("visits/<uuid:pk>/note/sign/", notes.sign, name="sign_note"),
    # /admin/notes/<note>/: what was signed
    path("notes/<uuid:pk>/", notes.signed, name="signed_note"),
    path("notes/<uuid:pk>/pdf/", notes.signed_pdf, name="signed_note_pdf"),
    path("notes/<uuid:pk>/hold-back/", withholding.hold_back, name="hold_note_back"),
    path("notes/<uuid:pk>/give/", withholding.give, name="give_note"),
    path("notes/<uuid:pk>/amend/", amending.amend, name="amend_note"),
    path("notes/<uuid:pk>/amend/keep/", amending.keep, name="keep_amendment"),
    path("notes/<uuid:pk>/amend/check/", amending.check, name="check_amendment"),
    path("notes/<uuid:pk>/amend/sign/", amending.sign, name="sign_amendment"),
    # /admin/patients/<patient>/discharge/: the end of a treatment with everything around it
    path("patients/<uuid:patient_id>/discharge/", discharge.ending, name="discharge"),
    # /admin/referrals/<referral>/…, /admin/elsewhere/<treatment>/…
    path("patients/<uuid:patient_id>/referrals/", referrals.of_patient, name="patient_referrals"),
    path("patients/<uuid:patient_id>/elsewhere/", referrals.elsewhere, name="elsewhere"),
    path("elsewhere/<uuid:pk>/strike/", referrals.strike, name="elsewhere_strike"),
    path("referrals/<uuid:pk>/", referrals.referral, name="referral"),
    path("referrals/<uuid:pk>/letter/", referrals.letter, name="referral_letter"),
    path("referrals/<uuid:pk>/call-off/", referrals.call_off, name="referral_call_off"),
    path("referrals/<uuid:pk>/outcome/", referrals.outcome, name="referral_outcome"),
    # /admin/messages/…
    path("messages/", messages.threads, name="messages"),
    path("messages/sent/", messages.sent, name="messages_sent"),
    path("messages/<uuid:pk>/", messages.thread, name="message_thread"),
    path("messages/<uuid:pk>/hand-over/", messages.hand_over, name="message_hand_over"),
    path("messages/<uuid:pk>/close/", messages.close, name="message_close"),
    path("messages/<uuid:pk>/reopen/", messages.reopen, name="message_reopen"),
    path("messages/<uuid:pk>/take/", messages.take, name="message_take"),
    path("messages/files/<uuid:pk>/", messages.file, name="message_file"),
    path("patients/<uuid:patient_id>/messages/", messages.of_patient, name="patient_messages"),
]
