"""A letter that waits to be signed, what a clinic gave before, a bill, and thanks that need no answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from intake.models import Facility
from intake.rules.care import Care
from telemedicine.conversation import services as conversation
from telemedicine.conversation import staff_services as desk
from telemedicine.models import Topic
from telemedicine.referrals import services as referrals

if TYPE_CHECKING:
    from harmoniously.nonprod.seeding.life import Life


def refer(life: Life, *, words: str = "We suggest talk therapy beside the sessions, once a week.") -> None:
    """The clinician enters what was given elsewhere and asks the patient to sign a letter."""
    about: dict[str, Any] = {"patient": life.patient, "by": life.clinician.user, "now": life.now}
    given_on = life.now.date().replace(day=1, month=1).isoformat()
    told = {"kind": "iv", "given_on": given_on, "dose": "40 mg as told", "place": "Cypress Infusion Center"}
    referrals.record_elsewhere(token=life.uuid(), told={**told, "course": "Helped for a week. Some nausea."}, **about)
    place = Facility.objects.that_offer(need=Care.THERAPY.value, state=life.patient.state).first()
    if place is not None:
        wish = referrals.Wish(place, Care.THERAPY, words, ("course", "scores"))
        referrals.refer(token=life.uuid(), wish=wish, **about)


def ask_about_a_bill(life: Life) -> None:
    """Something for the coordinators."""
    life.write("Why are there two receipts for my first visit? I think I paid once.", topic=Topic.BILL)


def thank(life: Life) -> None:
    """A message that needs no answer: the clinician reads it and closes the conversation."""
    thread = life.write("Thank you for the talk. I slept better this week.").thread
    life.later(timedelta(hours=2))
    conversation.open_thread(thread=thread, by=life.clinician.user, now=life.now)
    desk.close(thread=thread, by=life.clinician.user, now=life.now)
