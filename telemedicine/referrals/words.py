"""What the patient signs for a referral, and what its parts are called. Never edited once used (45 CFR 164.508(c))."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telemedicine.models import Referral, ReferralStatus

VERSION = "2026.1"
REASON, ELSEWHERE = "reason", "elsewhere"
# In the order of the letter. What substances somebody uses is in none of them (42 CFR part 2).
PARTS = {
    REASON: gettext_lazy("Why you are referred, in your clinician’s words"),
    "course": gettext_lazy("Your course of treatment here: medicine, amounts, sessions"),
    "scores": gettext_lazy("Your questionnaire scores"),
    "events": gettext_lazy("Adverse events"),
    "medicines": gettext_lazy("Your other medicines"),
    ELSEWHERE: gettext_lazy("Ketamine or esketamine that you had elsewhere"),
}

# Where a letter stands, as the patient reads it.
STANDING = {
    ReferralStatus.ASKED: gettext_lazy("Waiting for your signature"),
    ReferralStatus.ALLOWED: gettext_lazy("Signed by you, not sent yet"),
    ReferralStatus.SENT: gettext_lazy("Sent"),
    ReferralStatus.APPOINTMENT: gettext_lazy("Sent, you have an appointment there"),
    ReferralStatus.ATTENDED: gettext_lazy("Sent, you were seen there"),
    ReferralStatus.DECLINED: gettext_lazy("Sent, it did not come about"),
    ReferralStatus.WITHDRAWN: gettext_lazy("Taken back before it was sent"),
}


def standing(referral: Referral) -> str:
    """Where a letter stands, for its patient."""
    return str(STANDING[ReferralStatus(referral.status)])


def statement(facility: dict[str, Any], need: str, parts: list[str], sha256: str) -> list[str]:
    """Every line that the patient signs."""
    where = ", ".join(facility[name] for name in ("name", "address", "phone") if facility.get(name))
    return [
        _("I allow %(practice)s to send the letter on this page, and nothing else, to: %(where)s.")
        % {"practice": settings.CLINIC_NAME, "where": where},
        _("It holds: %(parts)s.") % {"parts": "; ".join(str(PARTS[part]) for part in PARTS if part in parts)},
        _("It is for: %(need)s.") % {"need": need},
        _("I can take this back at any time on this page. What was sent before stays sent."),
        _("My treatment, its payment and what I may receive do not depend on whether I sign."),
        _("Whoever receives it may pass it on, and then federal privacy rules may no longer protect it."),
        _("This permission ends a year from now at the latest. The mark of the letter is %(mark)s.")
        % {"mark": sha256[:12]},
    ]
