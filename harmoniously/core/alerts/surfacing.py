"""What a patient sent in their own words is held against the list of `crisis_words`; a hit rings a clinician."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.crisis_words import suggests_crisis
from harmoniously.core.alerts.models import AlertKind
from harmoniously.core.alerts.services import raise_alert, raise_anew
from harmoniously.core.audit.actors import Actor


def surface(*, text: str, patient: Patient, about: str, key: str, by: Actor, now: datetime) -> bool:
    """Whether the words may mean danger; a clinician is then told at once, once for each `key`.

    `about` is what they were written in ("thread:<uuid>"): the alert leads there. A supplement, and the pages say so.
    """
    return surface_any(texts=[text], patient=patient, about=about, key=key, by=by, now=now)


def surface_any(*, texts: Iterable[str], patient: Patient, about: str, key: str, by: Actor, now: datetime) -> bool:
    """The same of several texts of one page: they are read one by one, and ring once."""
    if not any(suggests_crisis(text) for text in texts):
        return False
    dedupe_key = f"{AlertKind.CRISIS_WORDS.value}:{key}"
    raise_alert(kind=AlertKind.CRISIS_WORDS, patient=patient, about=about, dedupe_key=dedupe_key, by=by, now=now)
    return True


def surface_unsaved(*, texts: Iterable[str], patient: Patient, by: Actor, now: datetime) -> bool:
    """The same of what cannot be kept: too long, in an old tab, beside something else that is wrong.

    It leads to no words. However often it is sent, it is one alert until somebody takes it.
    """
    if not any(suggests_crisis(text) for text in texts):
        return False
    kind, about = AlertKind.CRISIS_WORDS, f"patient:{patient.pk}"
    raise_anew(kind=kind, patient=patient, about=about, group=f"{kind}:{about}", by=by, now=now)
    return True


def clinician_told(*, kept: bool = True) -> str:
    """What whoever wrote such words reads above the help, in the language of the page."""
    if kept:
        return _(
            "We worry about what you wrote. It is kept, and our clinician on call was told that you may be in danger. "
            "If you are safe, you need not do anything more."
        )
    return _(
        "We worry about what you wrote. It could not be saved, and our clinician on call was told that you may be in "
        "danger. Call or text 988 at any time, or 911 when it cannot wait."
    )
