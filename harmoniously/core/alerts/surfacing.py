"""What a patient sent in their own words is held against the list of `crisis_words`; a hit rings a clinician."""

from datetime import datetime

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.crisis_words import suggests_crisis
from harmoniously.core.alerts.models import AlertKind
from harmoniously.core.alerts.services import raise_alert
from harmoniously.core.audit.actors import Actor


def surface(*, text: str, patient: Patient, about: str, key: str, by: Actor, now: datetime) -> bool:
    """Whether the words may mean danger; a clinician is then told at once, once for each `key`.

    `about` is what they were written in ("thread:<uuid>"): the alert leads there. A supplement, and the pages say so.
    """
    if not suggests_crisis(text):
        return False
    dedupe_key = f"{AlertKind.CRISIS_WORDS.value}:{key}"
    raise_alert(kind=AlertKind.CRISIS_WORDS, patient=patient, about=about, dedupe_key=dedupe_key, by=by, now=now)
    return True
