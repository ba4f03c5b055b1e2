"""A photo ID for the coordinator who compares it: that document of the patient, and no other."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, StaffRequest, can, staff_with
from harmoniously.core.alerts.models import FollowUp
from harmoniously.core.alerts.presenting import NextStep
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.forms import CardRadioSelect
from intake.requests import handing, papers
from intake.requests.models import Paper, PaperKind, PaperStatus
from intake.requests.paper_views import attachment


class ComparedForm(forms.Form):
    """Whose ID it is."""

    SAME, ANOTHER = "same", "another"

    verdict = forms.ChoiceField(
        label=_lazy("What the photo shows"),
        choices=[
            (SAME, _lazy("The patient’s name and birth date, on an ID that is valid")),
            (ANOTHER, _lazy("Something else, or it cannot be read: ask for another one")),
        ],
        widget=CardRadioSelect,
        error_messages={"required": _lazy("Choose what the photo shows.")},
    )
    words = forms.CharField(
        label=_lazy("If another one is needed: what is wrong with it?"),
        help_text=_lazy("The patient reads this."),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )


def to_compare(row: FollowUp) -> NextStep:
    """Where a coordinator compares the photo that a follow-up asks about."""
    return NextStep(_("Compare it"), reverse("admin:identity_check", args=[row.about.partition(":")[2]]))


def identity_for(user: User, pk: UUID) -> Paper:
    """A photo ID that was put on the worklist, for whoever works on it; everything else is Http404."""
    if not can(user, Permission.WORK_FOLLOW_UPS):
        raise Http404
    found = Paper.objects.select_related("patient__user", "upload", "compared_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    if found.kind != PaperKind.IDENTITY or not FollowUp.objects.filter(about=found.about).exists():
        record(actor=user, action="paper.refused", now=clock.now(), subject=found)
        raise Http404
    record(actor=user, action="paper.viewed", now=clock.now(), subject=found)
    return found


def _waits(paper: Paper) -> bool:
    return paper.compared_at is None and paper.status == PaperStatus.ON_FILE


@require_safe
@staff_with(Permission.WORK_FOLLOW_UPS)
def identity_photo(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The photo as an attachment, while it waits to be compared."""
    found = identity_for(request.user, pk)
    if not _waits(found):
        raise Http404
    return attachment(found)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_with(Permission.WORK_FOLLOW_UPS)
def identity_check(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The photo beside what the patient told us; what is said here settles it, or asks for another one."""
    found = identity_for(request.user, pk)
    form = ComparedForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            _say(found, form.cleaned_data, request)
        except Conflict as overtaken:
            form.add_error(None, overtaken.message)
            found.refresh_from_db()  # what happened to it meanwhile stands on the page
            status = 409
        except RuleViolation as refusal:
            form.add_error("words", refusal.message)
        else:
            return redirect("admin:worklist")
    given = {
        "title": _("Compare the photo ID"),
        "paper": found,
        "patient": found.patient,
        "form": form,
        "waits": _waits(found),
        "zone": found.patient.zone,
    }
    return render(request, "staff/identity.html", given, status=status)


def _say(found: Paper, said: dict[str, Any], request: StaffRequest) -> None:
    doing: dict[str, Any] = {"paper": found, "by": request.user, "now": clock.now()}
    if said["verdict"] == ComparedForm.SAME:
        papers.compared(**doing)
        messages.success(request, _("Noted: the ID is the patient’s."))
    else:
        handing.look_at(accept=False, words=said["words"], **doing)
        messages.success(request, _("The patient is asked for another one, with your words."))
