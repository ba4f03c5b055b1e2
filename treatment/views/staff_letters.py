"""The letters at the end of a treatment, as prescribers read and make them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from treatment import access
from treatment.letters import letter_pdf
from treatment.services import transfer as transfers


@require_safe
@staff_with(Permission.VIEW_CLINICAL)
def letter(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The summary letter as the patient has it."""
    return letter_pdf(access.discharge_for(request.user, pk, action="discharge.printed").letter)


@require_POST
@staff_with(Permission.PRESCRIBE)
def make_transfer(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Make the letter that the patient allowed."""
    row = access.transfer_for(request.user, pk)
    try:
        transfers.make_letter(transfer=row, by=request.user, now=clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The letter is made. Send it to the recipient whom it names, and to nobody else."))
    return redirect("admin:discharge", patient_id=row.patient_id)


@require_safe
@staff_with(Permission.VIEW_CLINICAL)
def transfer_letter(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The letter for the recipient, while the permission stands."""
    row = access.transfer_for(request.user, pk, action="transfer.printed")
    try:
        transfers.require_permission(row, clock.now())
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("admin:discharge", patient_id=row.patient_id)
    if row.letter is None:
        return redirect("admin:discharge", patient_id=row.patient_id)
    return letter_pdf(row.letter)
