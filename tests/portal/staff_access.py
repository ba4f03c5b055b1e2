"""What the staff site answers about a patient whose case waits and whom nobody cares for yet, and on its lists.

tests/security/access_table.py has a row for every address, about a patient in treatment. Here stand the pages whose
answer differs by that, and the lists as a therapist sees them. The answer of a page is the first digit that matters:
200 it opens, 302 it did something and leads on, 403 another role's page, 404 not there for this person, 405 another
method.
"""

from __future__ import annotations

# In the order of the columns.
ROLES = ("patient", "prescriber", "therapist", "coordinator", "administrator")


# name -> (method -> answers for prescriber, therapist, coordinator, administrator)
PAGES: dict[str, dict[str, tuple[int, int, int, int]]] = {
    "index": {"get": (200, 200, 200, 200)},
    "review_queue": {"get": (200, 403, 403, 403), "post": (405, 403, 403, 403)},
    "case": {"get": (200, 403, 403, 403), "post": (405, 403, 403, 403)},
    "case_version": {"get": (200, 403, 403, 403), "post": (405, 403, 403, 403)},
    "case_answers": {"get": (200, 403, 403, 403), "post": (405, 403, 403, 403)},
    "claim_case": {"get": (405, 403, 403, 403), "post": (302, 403, 403, 403)},
    "give_back_case": {"get": (405, 403, 403, 403), "post": (302, 403, 403, 403)},
    "ask_patient": {"get": (405, 403, 403, 403), "post": (422, 403, 403, 403)},
    "approve_case": {"get": (405, 403, 403, 403), "post": (422, 403, 403, 403)},
    "decline_case": {"get": (405, 403, 403, 403), "post": (422, 403, 403, 403)},
    "patients": {"get": (200, 200, 200, 200), "post": (405, 405, 405, 405)},
    "patient": {"get": (404, 404, 200, 200), "post": (405, 405, 405, 405)},
    "audit_trail": {"get": (403, 403, 403, 200), "post": (403, 403, 403, 405)},
    "agreements": {"get": (404, 404, 403, 403), "post": (405, 405, 405, 405)},
    "outcomes": {"get": (404, 404, 403, 403), "post": (405, 405, 405, 405)},
    # visits, messages; the patient of these is in nobody's care yet
    "schedule": {"get": (200, 200, 200, 200), "post": (405, 405, 405, 405)},
    "book": {"get": (403, 403, 200, 403), "post": (403, 403, 422, 403)},
    "book_for": {"get": (403, 403, 200, 403), "post": (403, 403, 422, 403)},
    "due_visits": {"get": (403, 403, 200, 403), "post": (403, 403, 405, 403)},
    "hours_of": {"get": (302, 302, 200, 200), "post": (405, 405, 405, 405)},
    "hours": {"get": (404, 404, 404, 404), "post": (404, 404, 404, 404)},
    "appointment": {"get": (404, 404, 200, 200), "post": (405, 405, 405, 405)},
    "appointment_move": {"get": (403, 403, 200, 403), "post": (403, 403, 422, 403)},
    "appointment_cancel": {"get": (403, 403, 405, 403), "post": (403, 403, 422, 403)},
    "appointment_missed": {"get": (403, 403, 405, 403), "post": (403, 403, 422, 403)},
    "visit": {"get": (404, 404, 403, 403), "post": (404, 404, 403, 403)},
    "call": {"get": (404, 404, 403, 403), "post": (405, 405, 403, 403)},
    "call_state": {"get": (404, 404, 403, 403), "post": (405, 405, 405, 405)},
    "call_join": {"get": (405, 405, 405, 405), "post": (404, 404, 403, 403)},
    "call_send": {"get": (405, 405, 405, 405), "post": (404, 404, 403, 403)},
    # notes, of a visit that nobody knows
    "visit_note": {"get": (404, 404, 403, 403), "post": (404, 404, 403, 403)},
    "keep_note": {"get": (405, 405, 403, 403), "post": (404, 404, 403, 403)},
    "check_note": {"get": (404, 404, 403, 403), "post": (405, 405, 403, 403)},
    "sign_note": {"get": (405, 405, 403, 403), "post": (404, 404, 403, 403)},
    "signed_note": {"get": (404, 404, 403, 403), "post": (405, 405, 403, 403)},
    "signed_note_pdf": {"get": (404, 404, 403, 403), "post": (405, 405, 403, 403)},
    "amend_note": {"get": (404, 404, 403, 403), "post": (404, 404, 403, 403)},
    "check_amendment": {"get": (404, 404, 403, 403), "post": (405, 405, 403, 403)},
    "sign_amendment": {"get": (405, 405, 403, 403), "post": (404, 404, 403, 403)},
    "patient_referrals": {"get": (404, 404, 403, 403), "post": (404, 404, 403, 403)},
    "elsewhere": {"get": (404, 404, 403, 403), "post": (404, 404, 403, 403)},
    "messages": {"get": (200, 200, 200, 404), "post": (405, 405, 405, 405)},
    "messages_sent": {"get": (200, 200, 200, 404), "post": (405, 405, 405, 405)},
    "patient_messages": {"get": (404, 404, 200, 404), "post": (404, 404, 422, 404)},
    # the next supply, of somebody for whom nothing waits and whom nobody cares for
    "refill": {"get": (404, 403, 403, 403), "post": (405, 403, 403, 403)},
    "approve_refill": {"get": (405, 403, 403, 403), "post": (404, 403, 403, 403)},
    "ask_refill": {"get": (405, 403, 403, 403), "post": (404, 403, 403, 403)},
    "decline_refill": {"get": (405, 403, 403, 403), "post": (404, 403, 403, 403)},
    "renew_approval": {"get": (405, 403, 403, 403), "post": (404, 403, 403, 403)},
    # prescriptions
    "answer_proposal": {"get": (405, 405, 405, 405), "post": (404, 403, 403, 403)},
    "parcels": {"get": (200, 403, 200, 403), "post": (405, 405, 405, 405)},
    "supply_ledger": {"get": (404, 404, 403, 403), "post": (404, 404, 403, 403)},
    # the phase
    "treatment_phase": {"get": (404, 404, 403, 403), "post": (404, 404, 403, 403)},
    "draft_prescription": {"get": (404, 403, 403, 403), "post": (404, 403, 403, 403)},
    # the end of a treatment
    "discharge": {"get": (404, 404, 403, 403), "post": (404, 404, 403, 403)},
    # adverse events
    "adverse_events": {"get": (200, 200, 403, 403), "post": (405, 405, 405, 405)},
    "record_adverse_event": {"get": (404, 404, 403, 403), "post": (404, 404, 403, 403)},
    "adverse_event": {"get": (404, 404, 403, 403), "post": (404, 404, 403, 403)},
    # what patients share of their journal
    "shared_journal": {"get": (403, 200, 403, 403), "post": (405, 405, 405, 405)},
    "shared_journal_entry": {"get": (403, 404, 403, 403), "post": (405, 405, 405, 405)},
    # alerts, holds, the worklist
    "alerts": {"get": (200, 200, 200, 403), "post": (405, 405, 405, 403)},
    "alert_detail": {"get": (200, 200, 200, 403), "post": (405, 405, 405, 403)},
    "acknowledge_alert": {"get": (405, 405, 405, 403), "post": (422, 422, 422, 403)},
    "resolve_alert": {"get": (405, 405, 405, 403), "post": (422, 422, 422, 403)},
    "alert_contact": {"get": (405, 405, 405, 403), "post": (422, 422, 422, 403)},
    "take_over_alert": {"get": (405, 405, 405, 403), "post": (302, 302, 302, 403)},
    # who is on call
    "on_call": {"get": (200, 200, 200, 200), "post": (405, 405, 405, 405)},
    "alert_times": {"get": (403, 403, 403, 200), "post": (403, 403, 403, 405)},
    "accept_duty": {"get": (405, 405, 405, 403), "post": (302, 302, 302, 403)},
    "enter_duty_week": {"get": (403, 403, 403, 405), "post": (403, 403, 403, 422)},
    "enter_duty_exception": {"get": (403, 403, 403, 405), "post": (403, 403, 403, 422)},
    "remove_duty": {"get": (403, 403, 403, 405), "post": (403, 403, 403, 302)},
    "safety_hold": {"get": (200, 403, 403, 403), "post": (422, 403, 403, 403)},
    "safety_plan": {"get": (404, 404, 403, 403), "post": (404, 404, 403, 403)},
    "worklist": {"get": (403, 403, 200, 403), "post": (403, 403, 405, 403)},
    "follow_up_claim": {"get": (403, 403, 405, 403), "post": (403, 403, 302, 403)},
    "follow_up_close": {"get": (403, 403, 200, 403), "post": (403, 403, 422, 403)},
}

# Tables of Django's admin: who may see them, who may add and change. Everybody else gets 403. Nothing is deleted.
TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "accounts_user": (("administrator",), ("administrator",)),
    "accounts_clinician": (("administrator",), ("administrator",)),
    "accounts_oncall": (("administrator",), ("administrator",)),
    "accounts_carerelation": (("administrator",), ()),
    "intake_facility": (("administrator",), ("administrator",)),
    "treatment_product": (("administrator",), ("administrator",)),
    "treatment_pharmacy": (("administrator",), ("administrator",)),
}
