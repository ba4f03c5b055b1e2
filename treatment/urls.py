"""Addresses of the patient's treatment and the sitter's private link; at the root, because they have two prefixes."""

from django.urls import path

from treatment.views import (
    adverse,
    booking,
    checkins,
    gate,
    journal,
    letters,
    live,
    medicine,
    offline,
    outcomes,
    overview,
    preparation,
    refill,
    sitter,
)

app_name = "treatment"
urlpatterns = [
    # the plan
    path("treatment/", overview.home, name="home"),
    path("treatment/arrived/<uuid:pk>/", overview.arrived, name="arrived"),
    path("treatment/plan/<uuid:pk>/", overview.plan, name="plan"),
    path("treatment/prescriptions/<uuid:pk>/", overview.prescription, name="prescription"),
    path("treatment/prescriptions/<uuid:pk>/pdf/", overview.prescription_pdf, name="prescription_pdf"),
    path("treatment/medicine/", medicine.medicine, name="medicine"),
    # the next supply
    path("treatment/refill/", refill.refill, name="refill"),
    path("treatment/refill/<uuid:pk>/withdraw/", refill.withdraw, name="refill_withdraw"),
    path("treatment/days/", booking.book, name="book"),
    # where reminders lead: no word about health in it
    path("ready/", preparation.ready, name="ready"),
    # one session
    path("treatment/sessions/<uuid:pk>/", overview.session, name="session"),
    path("treatment/sessions/<uuid:pk>/move/", booking.move, name="move"),
    path("treatment/sessions/<uuid:pk>/skip/", booking.skip, name="skip"),
    path("treatment/sessions/<uuid:pk>/where/", booking.where, name="where"),
    path("treatment/sessions/<uuid:pk>/prepare/", preparation.prepare, name="prepare"),
    path("treatment/sessions/<uuid:pk>/sitter/", overview.invite, name="invite"),
    path("treatment/sessions/<uuid:pk>/ready/", gate.gate, name="gate"),
    path("treatment/sessions/<uuid:pk>/ready/pressure/", gate.reading, name="gate_reading"),
    path("treatment/sessions/<uuid:pk>/ready/outcome/", gate.outcome, name="gate_outcome"),
    path("treatment/sessions/<uuid:pk>/ready/<slug:page>/", gate.page, name="gate_page"),
    path("treatment/sessions/<uuid:pk>/begin/", live.begin, name="begin"),
    path("treatment/sessions/<uuid:pk>/now/", live.live, name="live"),
    path("treatment/sessions/<uuid:pk>/now/state/", live.state, name="state"),
    path("treatment/sessions/<uuid:pk>/now/reading/", live.reading, name="reading"),
    path("treatment/sessions/<uuid:pk>/now/note/", live.note, name="note"),
    path("treatment/sessions/<uuid:pk>/now/help/", live.get_help, name="help"),
    path("treatment/sessions/<uuid:pk>/done/", live.done, name="done"),
    # afterwards
    path("treatment/check-in/", checkins.check_ins, name="check_ins"),
    path("treatment/outcomes/", outcomes.outcomes, name="outcomes"),
    path("treatment/check-in/<uuid:pk>/", checkins.check_in, name="check_in"),
    path("treatment/check-in/<uuid:pk>/sent/", checkins.sent, name="check_in_sent"),
    path("treatment/check-in/<uuid:pk>/<slug:page>/", checkins.page, name="check_in_page"),
    # something that did not go well
    path("treatment/reports/", adverse.tell, name="tell"),
    path("treatment/reports/<uuid:pk>/", adverse.told, name="told"),
    path("treatment/reports/<uuid:pk>/safety/", adverse.safety, name="report_safety"),
    # the end, and the letters
    path("treatment/ended/<uuid:pk>/", letters.ended, name="ended"),
    path("treatment/ended/<uuid:pk>/letter/", letters.ended_letter, name="ended_letter"),
    path("treatment/letters/", letters.letters, name="letters"),
    path("treatment/letters/sign/", letters.sign_transfer, name="sign_transfer"),
    path("treatment/letters/<uuid:pk>/", letters.transfer_letter, name="transfer_letter"),
    path("treatment/letters/<uuid:pk>/permission/", letters.permission, name="permission"),
    path("treatment/letters/<uuid:pk>/take-back/", letters.revoke, name="revoke_transfer"),
    # the journal
    path("treatment/journal/", journal.journal, name="journal"),
    path("treatment/journal/write/", journal.write, name="journal_write"),
    path("treatment/journal/keep/", journal.keep, name="journal_keep"),
    path("treatment/journal/file/", journal.export, name="journal_file"),
    path("treatment/journal/<uuid:pk>/", journal.entry, name="journal_entry"),
    path("treatment/journal/<uuid:pk>/edit/", journal.edit, name="journal_edit"),
    path("treatment/journal/<uuid:pk>/share/", journal.share, name="journal_share"),
    path("treatment/journal/<uuid:pk>/take-back/", journal.take_back, name="journal_take_back"),
    path("treatment/journal/<uuid:pk>/drop/", journal.drop_draft, name="journal_drop_draft"),
    path("treatment/journal/<uuid:pk>/delete/", journal.delete, name="journal_delete"),
    # what both session pages need to go on without a network; nothing in it is anybody's
    path("session-worker.js", offline.worker, name="worker"),
    path("session-offline/patient/", offline.patient, name="offline_patient"),
    path("session-offline/sitter/", offline.sitter, name="offline_sitter"),
    # the sitter, by a private link
    path("s/<str:token>/", sitter.page, name="sitter"),
    path("s/<str:token>/confirm/", sitter.confirm, name="sitter_confirm"),
    path("s/<str:token>/decline/", sitter.decline, name="sitter_decline"),
    path("s/<str:token>/check/", sitter.check, name="sitter_check"),
    path("s/<str:token>/reading/", sitter.reading, name="sitter_reading"),
    path("s/<str:token>/release/", sitter.release, name="sitter_release"),
    path("s/<str:token>/help/", sitter.get_help, name="sitter_help"),
    path("s/<str:token>/state/", sitter.state, name="sitter_state"),
]
