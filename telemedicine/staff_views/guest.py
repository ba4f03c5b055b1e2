"""Who else joins a visit, as its clinician arranges it."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from telemedicine import access
from telemedicine.services import guests
from telemedicine.views.inviting import inviting


@staff_with(Permission.VIEW_CLINICAL)
@require_http_methods(["GET", "HEAD", "POST"])
def guest(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Invite one person, let them in, take the invitation back. The patient agrees on their own page."""
    visit = access.clinical_visit_for(request.user, pk)
    acts = {"admit": guests.admit, "end": guests.end}
    context = {"title": visit.get_kind_display(), "zone": visit.clinician.zone, "is_staff": True}
    return inviting(request, visit, "telemedicine/staff/guest.html", "admin:visit_guest", acts, context)
