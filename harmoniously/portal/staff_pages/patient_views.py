"""Who the patients are and what is arranged with them: never an answer, a finding or a note."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.audit import services as audit
from harmoniously.core.audit.doors import patient_for
from harmoniously.core.common import clock
from harmoniously.portal.staff_pages import patient_selectors
from treatment.selecting.refill_words import staff_words
from treatment.selecting.refills import next_supply
from treatment.selectors import sessions_of

PAGE = 50


@staff_with()
@require_safe
def patients(request: StaffRequest) -> HttpResponse:
    """The patients this person may know of: all for coordinators and administrators, those in care for clinicians."""
    now = clock.now()
    query = request.GET.get("q", "").strip()[:254]
    page = Paginator(patient_selectors.patients_of(request.user, query, now), PAGE).get_page(request.GET.get("page"))
    audit.record(actor=request.user, action="patients.listed", now=now, page=page.number, searched=bool(query))
    context = {
        "title": _("Patients") if can(request.user, Permission.VIEW_PEOPLE) else _("My patients"),
        "page": page,
        "query": query,
        "opens_case": can(request.user, Permission.REVIEW_CASES),
    }
    return render(request, "staff/patients.html", context)


@staff_with()
@require_safe
def patient(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One patient: how to reach them, their visits, what a coordinator still has to do."""
    found = patient_for(request.user, pk, clinical=False)
    now = clock.now()
    follows_up = can(request.user, Permission.WORK_FOLLOW_UPS)
    # The door lets clinicians through only with their own patients, so that what is clinical may stand here.
    clinical = can(request.user, Permission.VIEW_CLINICAL)
    sessions = list(sessions_of(found).order_by("starts_at"))
    supply = next_supply(found, now, sessions=sessions, with_request=False)
    chart, due = patient_selectors.phase_of(found, supply.prescription, sessions, now) if clinical else (None, "")
    context = {
        "title": found.display_name,
        "clinical": clinical,
        "prescriptions": patient_selectors.orders_of(found) if clinical else [],
        "sessions": sessions[: -patient_selectors.SHOWN - 1 : -1] if clinical else [],
        # Only where it stands and since when: no dose, no quantity (for coordinators too).
        "refill": staff_words(supply),
        "chart": chart,
        "due": due,
        "prescribes": can(request.user, Permission.PRESCRIBE),
        "patient": found,
        "visits": patient_selectors.visits_of(found),
        "follow_ups": patient_selectors.follow_ups_of(found) if follows_up else None,
        "team": patient_selectors.team_of(found, now),
        "opens_case": can(request.user, Permission.REVIEW_CASES),
        "arranges": can(request.user, Permission.MANAGE_SCHEDULE),
        "writes": follows_up or can(request.user, Permission.VIEW_CLINICAL),
        "now": now,
    }
    return render(request, "staff/patient.html", context)
