"""Questions about referrals and about what was given elsewhere."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Func, IntegerField, OuterRef, QuerySet, Subquery

from harmoniously.core.accounts.models import Patient
from intake.care_words import words_for
from intake.referrals.models import Facility
from intake.rules.care import Care
from telemedicine.models import Elsewhere, Message, Referral, ReferralStatus


def referrals_of(patient: Patient) -> QuerySet[Referral]:
    """Newest first."""
    return Referral.objects.filter(patient=patient).select_related("clinician", "sent_by__clinician")


def letter_of(patient: Patient) -> dict[str, str] | None:
    """Where the newest letter that waits for the patient's signature goes to; None without one."""
    row = Referral.objects.filter(patient=patient, status=ReferralStatus.ASKED).order_by("-asked_at").first()
    return row.facility if row is not None else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a patient to open it."""

    messages: int = 0
    letter: UUID | None = None  # the referral whose letter waits longest for a signature


def waiting_for(patient: Patient) -> Waiting:
    """How many messages are unread, and the letter to sign: one query, for the top of every page."""
    unread = Message.objects.filter(patient=OuterRef("pk")).unread_by_patient().order_by()
    count = unread.values(number=Func("pk", function="COUNT", output_field=IntegerField()))
    asked = Referral.objects.filter(patient=OuterRef("pk"), status=ReferralStatus.ASKED).order_by("asked_at")
    found = Patient.objects.filter(pk=patient.pk).values_list(Subquery(count), Subquery(asked.values("pk")[:1]))
    return Waiting(*found[0])


def elsewhere_of(patient: Patient) -> list[Elsewhere]:
    """What was given elsewhere, by its day, newest first; what was crossed out is left out."""
    rows = Elsewhere.objects.filter(patient=patient, struck_at__isnull=True)
    return sorted(rows, key=lambda row: (row.told["given_on"], row.recorded_at), reverse=True)


def places_for(patient: Patient) -> list[tuple[str, str]]:
    """The directory where the patient lives: each place once for every kind of care it gives, as a choice of a form."""
    rows = Facility.objects.for_state(patient.state) if patient.state else []
    return [
        (f"{row.pk}|{care.care.value}", f"{care.title}: {row.name}, {row.city}")
        for row in rows
        for care in words_for(Care(kind) for kind in row.kinds)
    ]
