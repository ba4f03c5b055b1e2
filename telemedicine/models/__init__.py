from telemedicine.models.appointment import Appointment
from telemedicine.models.availability import AvailabilityRule, DateHours, TimeOff, WorkingLimits
from telemedicine.models.change import VisitChange
from telemedicine.models.feed import CalendarFeed
from telemedicine.models.guest import Guest
from telemedicine.models.message import HandOver, Message, MessageFile, Thread, ThreadStatus, Topic
from telemedicine.models.note import NoteAmendment, VisitNote, WithheldNote
from telemedicine.models.referral import Elsewhere, ElsewhereKind, Referral, ReferralStatus
from telemedicine.models.review import Review
from telemedicine.models.verdict import InPersonVisit, Verdict
from telemedicine.models.video import Room, Signal
from telemedicine.models.waiting import OfferedTime, WaitingWish
from telemedicine.models.work import ClaimEnd, WorkClaim

__all__ = [
    "Appointment",
    "AvailabilityRule",
    "CalendarFeed",
    "ClaimEnd",
    "DateHours",
    "Elsewhere",
    "ElsewhereKind",
    "Guest",
    "HandOver",
    "InPersonVisit",
    "Message",
    "MessageFile",
    "NoteAmendment",
    "OfferedTime",
    "Referral",
    "ReferralStatus",
    "Review",
    "Room",
    "Signal",
    "Thread",
    "ThreadStatus",
    "TimeOff",
    "Topic",
    "Verdict",
    "VisitChange",
    "VisitNote",
    "WithheldNote",
    "WaitingWish",
    "WorkClaim",
    "WorkingLimits",
]
