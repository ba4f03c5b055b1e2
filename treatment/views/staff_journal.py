"""What patients share of their journal with their therapist, on the staff site. Nobody else opens these pages."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from treatment import access, journal_prompts
from treatment.selecting import journal as selectors

PAGE = 50


@require_safe
@staff_with(Permission.READ_SHARED_JOURNAL)
def shared_entries(request: StaffRequest) -> HttpResponse:
    """Whose entries are shared with this therapist, newest first; the words stand on the page of each."""
    now = clock.now()
    page = Paginator(selectors.shared_with(request.user, now), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    seen = selectors.opened_by(request.user, [row.entry_id for row in rows])
    record(
        actor=request.user,
        action="shared_journal.listed",
        now=now,
        patients=sorted({str(row.patient_id) for row in rows}),
    )
    context = {
        "title": _("Shared journal entries"),
        "page": page,
        "rows": [{"share": row, "seen": row.entry_id in seen} for row in rows],
    }
    return render(request, "treatment/staff/journal.html", context)


@require_safe
@staff_with(Permission.READ_SHARED_JOURNAL)
def shared_entry(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One shared entry as it was saved last; the reading is recorded and the patient sees it."""
    share = access.shared_entry_for(request.user, pk)
    entry = share.entry
    prompt = journal_prompts.prompt_of(entry.prompt, entry.prompts_version)
    context = {
        "title": _("Journal entry of %(name)s") % {"name": share.patient.display_name},
        "share": share,
        "entry": entry,
        "prompt": prompt.text if prompt else "",
        "zone": share.patient.zone,
    }
    return render(request, "treatment/staff/journal_entry.html", context)
