"""Opening a record in an emergency: the reason first, then an hour of reading (SEC-03).

A clinician outside of the team who opens an address of the record meets 404, as everybody does, and learns nothing. Who
knows the record number and gives a reason passes here; 403 says that the reason is missing, and later that it is over.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from harmoniously.core.accounts.models import EmergencyAccess
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.accounts.selectors import emergencies_of
from harmoniously.core.audit.doors import EMERGENCY_ONLY
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.forms import CardRadioSelect
from harmoniously.portal.dashboard import zone_of
from harmoniously.portal.staff_pages import break_glass, patient_selectors

SHOWN = 10
clinician_page = staff_with(Permission.VIEW_CLINICAL)


class OpenForm(forms.Form):
    """Whose record, and why."""

    mrn = forms.CharField(
        label=gettext_lazy("Record number"),
        help_text=gettext_lazy("H- and seven characters, as on letters and labels."),
        max_length=12,
        error_messages={"required": gettext_lazy("Enter the record number.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What kind of emergency"),
        choices=EmergencyAccess.Kind.choices,
        widget=CardRadioSelect(),
        error_messages={"required": gettext_lazy("Choose what kind of emergency it is.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("What happened, and why you need this record now"),
        help_text=gettext_lazy("The privacy officer reads this. Without a reason the record stays closed."),
        min_length=break_glass.SHORTEST_REASON,
        max_length=2000,
        error_messages={
            "required": gettext_lazy("Write what happened and why you need this record now."),
            "min_length": gettext_lazy("Please write a little more: what happened, and why now."),
        },
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@clinician_page
def start(request: StaffRequest) -> HttpResponse:
    """Give the number and the reason. Without a reason the answer is 403, for a number that nobody has 422."""
    now = clock.now()
    form = OpenForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422 if form.is_valid() or not {"reason", "kind"} & set(form.errors) else 403
        if form.is_valid():
            try:
                opening = break_glass.open_record(**form.cleaned_data, by=request.user, now=now)
            except RuleViolation as refusal:
                form.add_error("mrn" if refusal.code in ("unknown", "in_care") else None, refusal.message)
            else:
                return redirect("admin:break_glass_open", opening.pk)
    openings = list(emergencies_of(request.user)[:SHOWN])
    record(actor=request.user, action="emergencyaccess.listed", now=now, shown=len(openings))
    context = {
        "title": _("Open a record in an emergency"),
        "form": form,
        "openings": openings,
        "now": now,
        "zone": zone_of(request.user),
    }
    return render(request, "staff/break_glass.html", context, status=status)


@clinician_page
@require_safe
def opened(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What the opening leads to, while it lasts; afterwards 403."""
    now = clock.now()
    opening = _own(request, pk)
    if opening.until <= now:
        record(actor=request.user, action="emergencyaccess.refused", now=now, subject=opening)
        raise PermissionDenied(EMERGENCY_ONLY)
    record(actor=request.user, action="emergencyaccess.viewed", now=now, subject=opening, break_glass=str(opening.pk))
    context = {
        "title": opening.patient.display_name,
        "opening": opening,
        "opens_case": can(request.user, Permission.REVIEW_CASES),
        "has_case": patient_selectors.has_case(opening.patient),
        "zone": zone_of(request.user),
    }
    return render(request, "staff/break_glass_open.html", context)


@clinician_page
@require_POST
def end(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Close the record before the hour is over."""
    now: datetime = clock.now()
    break_glass.end(opening=_own(request, pk), by=request.user, now=now)
    messages.success(request, _("The record is closed to you again."))
    return redirect("admin:break_glass")


def _own(request: StaffRequest, pk: UUID) -> EmergencyAccess:
    found = emergencies_of(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
