from telemedicine.models.appointment import Appointment
from telemedicine.models.availability import AvailabilityRule, TimeOff
from telemedicine.models.message import Message
from telemedicine.models.review import Review

__all__ = ["Appointment", "AvailabilityRule", "Message", "Review", "TimeOff"]
