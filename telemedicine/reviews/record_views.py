"""The record behind a case: earlier versions, the answers as the patient gave them, and what was signed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.common import clock
from intake.documents import as_pdf
from intake.models import EligibilityDecision
from telemedicine.reviews import access, case_file, record, versions
from telemedicine.reviews.changes import changes
from telemedicine.reviews.compare_forms import CompareForm
from telemedicine.reviews.versions import Version

prescriber_page = staff_with(Permission.REVIEW_CASES)


@prescriber_page
@require_safe
def version(request: StaffRequest, patient_id: UUID, pk: UUID) -> HttpResponse:
    """What the rules said about one version of the answers, under its own policy; nothing is decided here."""
    decision = access.version_for(request.user, patient_id, pk, clock.now())
    return _page(request, decision, "telemedicine/reviews/version.html", record.of_version(decision))


@prescriber_page
@require_safe
def answers(request: StaffRequest, patient_id: UUID, pk: UUID) -> HttpResponse:
    """Every question that was shown, in its words, with the answer; what was left open is marked."""
    now = clock.now()
    decision = access.version_for(request.user, patient_id, pk, now, action="submission.viewed")
    return _page(request, decision, "telemedicine/reviews/answers.html", record.of_answers(decision))


def _page(
    request: StaffRequest, decision: EligibilityDecision, template: str, shown: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    now = clock.now()
    patient = decision.patient_id
    context = {
        **shown,
        "decision": decision,
        "patient": decision.patient,
        "person": case_file.person(decision, now),
        "title": decision.patient.display_name,
        "zone": record.zone_of(request.user),
        "tabs": tabs(shown["versions"], patient=patient),
        "back_url": reverse("admin:case", args=[patient]),
    }
    return render(request, template, context, status=status)


@prescriber_page
@require_safe
def compare(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Any two versions beside each other; the later one is the newer, in whichever order they were chosen."""
    current = access.case_to_compare_for(request.user, patient_id, clock.now())
    chosen = request.GET if "one" in request.GET else None
    form = CompareForm(chosen, versions=versions.history_of(current), zone=record.zone_of(request.user))
    pair = form.pair()
    shown = pair[1] if pair else current
    found = record.of_version(shown) | {"form": form, "changes": changes(*pair) if pair else None}
    found["numbers"] = [versions.place_of(one) for one in pair] if pair else None
    return _page(request, shown, "telemedicine/reviews/compare.html", found, status=422 if form.errors else 200)


@prescriber_page
@require_safe
def document(request: StaffRequest, patient_id: UUID, pk: UUID) -> HttpResponse:
    """A signed consent, or the signed answers, as PDF."""
    return as_pdf(access.document_for(request.user, patient_id, pk, clock.now()))


def tabs(listed: list[Version], *, patient: UUID) -> list[dict[str, Any]]:
    """The pages of a case: the decision, the answers it was made from, and what changed between two versions."""
    shown = next((one for one in listed if one.shown), None)
    if shown is None:
        return []
    case = reverse("admin:case", args=[patient])
    decided = case if shown.is_current else reverse("admin:case_version", args=[patient, shown.key])
    answers = reverse("admin:case_answers", args=[patient, shown.key])
    found = [{"title": _("Case"), "url": decided}, {"title": _("Answers as written"), "url": answers}]
    if len(listed) > 1:
        found.append({"title": _("Compare versions"), "url": reverse("admin:case_compare", args=[patient])})
    return found
