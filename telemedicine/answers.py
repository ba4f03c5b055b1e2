"""The private link in a reminder: it says when the visit is and takes a "yes, I will come", without signing in.

Signed, not stored. It is good for one visit as it stands: moved or cancelled, an old link changes nothing.
"""

from uuid import UUID

from django.core.signing import BadSignature, Signer

from telemedicine.models import Appointment

_SALT = "telemedicine.answer"


def token_of(appointment: Appointment) -> str:
    """The part of the address that opens the page of this visit as it stands."""
    return Signer(salt=_SALT, sep="~").sign(f"{appointment.pk.hex}-{appointment.sequence}")


def visit_of(token: str) -> tuple[Appointment, bool] | None:
    """The visit of a link, and whether it stands as it did then; None for a link that we did not write."""
    try:
        key, _dash, sequence = Signer(salt=_SALT, sep="~").unsign(token).partition("-")
        found = Appointment.objects.with_people().filter(pk=UUID(key)).first()
    except (BadSignature, ValueError):
        return None
    return (found, found.sequence == int(sequence)) if found is not None else None
