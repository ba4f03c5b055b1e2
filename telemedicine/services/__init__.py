"""The verbs of telemedicine: booking, reminders, visits and messages.

The booking verbs are named here because other parts of the practice say `telemedicine.services.book(…)`.
"""

from telemedicine.services.booking import SlotTaken, book, cancel, confirm, hold, release_expired_holds
from telemedicine.services.moving import reschedule
from telemedicine.services.taking import NO_LEAD

__all__ = ["NO_LEAD", "SlotTaken", "book", "cancel", "confirm", "hold", "release_expired_holds", "reschedule"]
