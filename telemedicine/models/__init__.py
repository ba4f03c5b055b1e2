from telemedicine.models.appointment import Appointment
from telemedicine.models.availability import AvailabilityRule, DateHours, TimeOff, WorkingLimits
from telemedicine.models.message import Message
from telemedicine.models.review import Review
from telemedicine.models.video import Room, Signal

__all__ = [
    "Appointment",
    "AvailabilityRule",
    "DateHours",
    "Message",
    "Review",
    "Room",
    "Signal",
    "TimeOff",
    "WorkingLimits",
]
