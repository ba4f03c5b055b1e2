"""The clinicians of a practice of thousands."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.accounts.roles import Role
from harmoniously.core.common.states import US_STATES
from harmoniously.nonprod.personas.people import BY_KEY
from harmoniously.nonprod.personas.services import account
from harmoniously.nonprod.seeding.people import FIRST_NAMES, LAST_NAMES
from harmoniously.nonprod.seeding.practice import employ

# Who is engaged beside the three of the stories: twenty in all.
PRESCRIBERS, THERAPISTS = 14, 3


@dataclass(frozen=True)
class Staff:
    """The clinicians of a practice of thousands: those of the stories, and who does the same for copies of them."""

    west: Clinician
    east: Clinician
    therapist: Clinician
    prescribers: tuple[Clinician, ...]
    therapists: tuple[Clinician, ...]

    @property
    def everybody(self) -> tuple[Clinician, ...]:
        return (self.west, self.east, self.therapist, *self.prescribers, *self.therapists)

    def stand_ins(self, number: int) -> dict[UUID, UUID]:
        """Who stands in the copies with this number for whom of the stories, clinicians and their accounts alike."""
        prescribers, therapists = (self.west, *self.prescribers), (self.therapist, *self.therapists)
        pairs = (
            (self.west, prescribers[number % len(prescribers)]),
            (self.east, prescribers[(number + 1) % len(prescribers)]),
            (self.therapist, therapists[number % len(therapists)]),
        )
        return {old.pk: new.pk for old, new in pairs} | {old.user_id: new.user_id for old, new in pairs}


def engage() -> Staff:
    """Seventeen more clinicians, licensed everywhere, for a practice of thousands; the second time nobody more."""
    everywhere = tuple(state.code for state in US_STATES)
    hired = []
    for index, (first, last) in enumerate(zip(FIRST_NAMES[::2], LAST_NAMES, strict=False)):
        if index == PRESCRIBERS + THERAPISTS:
            break
        prescribes = index < PRESCRIBERS
        role, title = (Role.PRESCRIBER, "Dr ") if prescribes else (Role.THERAPIST, "")
        user = account(f"clinician-{index + 1}@demo.example", f"{title}{first} {last}", role)
        zone = ("America/New_York", "America/Chicago", "America/Los_Angeles")[index % 3]
        dea, credentials = ("AB1234563", "MD") if prescribes else ("", "LMFT")
        found = Clinician.objects.filter(user=user).first()
        hired.append(found or employ(user, credentials, everywhere, zone, dea))
    west, east, therapist = (
        Clinician.objects.get(user__email=email)
        for email in (BY_KEY["prescriber"].email, "prescriber-east@demo.example", BY_KEY["therapist"].email)
    )
    return Staff(west, east, therapist, tuple(hired[:PRESCRIBERS]), tuple(hired[PRESCRIBERS:]))
