"""The agreements of a patient as their clinicians see them: what stands, how the questions went, the signed papers."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import Permission, staff_with
from harmoniously.core.audit.doors import patient_for
from harmoniously.core.common import clock
from harmoniously.core.documents.consents import rules, selectors
from harmoniously.core.documents.consents.texts import ASKED_ABOUT
from intake import access
from intake import agreement_words as words
from intake.documents import as_pdf


@require_safe
@staff_with(Permission.VIEW_CLINICAL)
def agreements(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What stands and what waits for a signature."""
    patient = patient_for(request.user, patient_id)
    found = selectors.standings(patient, clock.now())
    given = {
        "title": patient.display_name,
        "patient": patient,
        "standings": [words.shown(standing) for standing in found.values()],
        "stopped": words.stopped(rules.stopped(selectors.states(found))),
        "asked": [row for row in selectors.asked(patient, found[ASKED_ABOUT]) if row.attempts],
        "papers": [words.paper(event) for event in selectors.history_of(patient)],
    }
    return render(request, "staff/agreements.html", given)


@require_safe
@staff_with(Permission.VIEW_CLINICAL)
def paper(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A signed document of a patient in care, as PDF."""
    return as_pdf(access.document_for(request.user, pk))
