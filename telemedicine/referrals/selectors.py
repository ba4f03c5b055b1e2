"""Questions about referrals and about what was given elsewhere."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Func, IntegerField, OuterRef, QuerySet, Subquery

from harmoniously.core.accounts.models import Patient
from telemedicine.models import Elsewhere, Message, Referral, ReferralStatus


def referrals_of(patient: Patient) -> QuerySet[Referral]:
    """Newest first."""
    return Referral.objects.filter(patient=patient).select_related("clinician", "sent_by__clinician")


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
