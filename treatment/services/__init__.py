"""The verbs of treatment. Keyword-only, with who acts (`by`) and when (`now`); one transaction each."""

from treatment.services.booking import book_session, move_session, say_where, skip_session
from treatment.services.charts import open_chart
from treatment.services.checkins import answer_check_in, half_answered, review_check_in, save_page
from treatment.services.ending import (
    EndReason,
    cancel_prescription,
    pause_prescription,
    resume_prescription,
    stop_prescription,
)
from treatment.services.formulary import install_formulary
from treatment.services.gate import answer_gate, finish_gate, record_gate_reading
from treatment.services.handing import Handed, hand_over
from treatment.services.orders import Order
from treatment.services.parcels import (
    confirm_delivery,
    is_stopped,
    note_delivered,
    note_filled,
    note_lost,
    note_returned,
    note_shipped,
    order_shipment,
    take_delivery_back,
)
from treatment.services.phases import set_phase
from treatment.services.plans import PlanWishes, plan_sessions
from treatment.services.preparation import prepare_session
from treatment.services.prescriptions import draft_prescription, second_sign, sign_prescription
from treatment.services.sessions import (
    complete_session,
    read_hold,
    review_session,
    sitter_release,
    start_session,
)
from treatment.services.sitters import invite_sitter, sitter_confirm, sitter_decline
from treatment.services.supply import more_asked, read_flag, write_entry
from treatment.services.ticks import tick
from treatment.services.watching import get_help, note_feeling, reading_advice, record_vital, sitter_check

__all__ = [
    "EndReason",
    "Handed",
    "Order",
    "PlanWishes",
    "answer_check_in",
    "answer_gate",
    "book_session",
    "cancel_prescription",
    "complete_session",
    "confirm_delivery",
    "draft_prescription",
    "finish_gate",
    "get_help",
    "half_answered",
    "hand_over",
    "install_formulary",
    "invite_sitter",
    "is_stopped",
    "more_asked",
    "move_session",
    "note_delivered",
    "note_filled",
    "note_lost",
    "note_returned",
    "note_shipped",
    "note_feeling",
    "open_chart",
    "order_shipment",
    "pause_prescription",
    "plan_sessions",
    "read_flag",
    "read_hold",
    "prepare_session",
    "reading_advice",
    "review_check_in",
    "record_gate_reading",
    "record_vital",
    "resume_prescription",
    "review_session",
    "save_page",
    "say_where",
    "second_sign",
    "set_phase",
    "sign_prescription",
    "sitter_check",
    "sitter_confirm",
    "sitter_decline",
    "sitter_release",
    "take_delivery_back",
    "skip_session",
    "start_session",
    "stop_prescription",
    "tick",
    "write_entry",
]
