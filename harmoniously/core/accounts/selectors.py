"""Questions about people."""

from datetime import date, datetime

from django.db.models import QuerySet

from harmoniously.core.accounts.models import CareRelation, Clinician, EmergencyAccess, Patient, StateSwitch, User
from harmoniously.core.accounts.roles import Role


def cared_for(patient: Patient, *, at: datetime) -> bool:
    """Whether any clinician cares for the patient at a moment."""
    return care_of(patient, at=at).exists()


def care_of(patient: Patient, *, at: datetime) -> QuerySet[CareRelation]:
    """Who cares for the patient at a moment."""
    return CareRelation.objects.filter(patient=patient, since__lte=at).exclude(until__lte=at)


def care_relations(user: User, *, at: datetime) -> QuerySet[CareRelation]:
    """Whom the account's clinician cares for at the moment."""
    return CareRelation.objects.filter(clinician__user=user, since__lte=at).exclude(until__lte=at)


def on_care_team(user: User, patient: Patient, *, at: datetime) -> bool:
    """Whether the account belongs to a clinician who cares for the patient at the moment."""
    return care_relations(user, at=at).filter(patient=patient).exists()


def emergencies_of(user: User) -> QuerySet[EmergencyAccess]:
    """The records that the account opened in an emergency, the newest first; whether one lasts is in `until`."""
    return EmergencyAccess.objects.filter(clinician__user=user).select_related("patient", "clinician")


def emergencies_to_review() -> QuerySet[EmergencyAccess]:
    """Every opening that nobody looked at afterwards, the oldest first, running ones among them."""
    rows = EmergencyAccess.objects.filter(reviewed_at__isnull=True).select_related("patient", "clinician__user")
    return rows.order_by("since")


def prescribers_in(state: str, *, on: date) -> list[Clinician]:
    """Active prescribers licensed in a state on a day, by name."""
    found = Clinician.objects.select_related("user").filter(
        user__is_active=True, user__role=Role.PRESCRIBER, licences__state=state, licences__expires_on__gte=on
    )
    return list(found.distinct())


def closed_states() -> frozenset[str]:
    """The states in which the practice takes no new patients now. One query."""
    newest = StateSwitch.objects.order_by("state", "-at", "-created_at").distinct("state")
    return frozenset(row.state for row in newest if not row.is_open)
