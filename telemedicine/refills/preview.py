"""What the patient will read of an answer about the next supply, by their own templates, before it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from harmoniously.core.accounts.models import Clinician, Patient
from treatment.models import RefillRequest
from treatment.selecting.refill_words import answer_words


@dataclass(frozen=True, slots=True)
class Shown:
    """What the patient reads, in which language; `mark` tells these words from any other."""

    html: SafeString
    language: str
    mark: str


def question(patient: Patient, words: str) -> Shown:
    """A question as it stands in their messages."""
    return _shown(patient, words, lambda: ("telemedicine/reviews/_question.html", {"text": words}))


def refusal(patient: Patient, words: str, clinician: Clinician, now: datetime) -> Shown:
    """A refusal as it stands on their page of the next supply."""
    request = RefillRequest(
        status=RefillRequest.Status.DECLINED, decided_by=clinician, decided_at=now, words_to_patient=words
    )
    return _shown(
        patient, words, lambda: ("treatment/_refill_answer.html", {"answer": answer_words(request, patient.zone)})
    )


def _shown(patient: Patient, words: str, part: Callable[[], tuple[str, dict[str, str]]]) -> Shown:
    language = patient.user.language or "en"
    with translation.override(language):
        html = render_to_string(*part())
    # Not the minute that stands in it: it passes while somebody reads.
    mark = hashlib.sha256(json.dumps([str(patient.pk), language, words.splitlines()]).encode()).hexdigest()
    return Shown(html, language, mark)
