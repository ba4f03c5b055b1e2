"""An invented patient reads, answers and signs, as the pages do it."""

from datetime import datetime

from harmoniously.core.accounts.models import Patient
from harmoniously.core.documents.consents import selectors, services
from harmoniously.core.documents.consents.texts import ASKED_ABOUT


def sign_everything(patient: Patient, now: datetime) -> None:
    """Everything that is due is read, asked about and signed; what is signed already is left alone."""
    by = patient.user
    due = {kind: row.text for kind, row in selectors.standings(patient, now).items() if row.due}
    for kind, text in due.items():
        services.mark_read(patient=patient, kind=kind, sha256=text.sha256, by=by, now=now)
    if ASKED_ABOUT in due:
        for row in selectors.asked(patient, selectors.standings(patient, now)[ASKED_ABOUT]):
            services.answer(
                patient=patient,
                version=row.version,
                number=row.number,
                choice=row.question.right,
                attempt=row.attempts + 1,
                by=by,
                now=now,
            )
    shown = {kind: text.sha256 for kind, text in due.items()}
    services.sign(patient=patient, shown=shown, typed_name=patient.legal_name, source="intake", by=by, now=now)
