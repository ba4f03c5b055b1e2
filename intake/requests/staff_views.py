"""Documents for the prescriber who has the patient in care: download one, and say whether it does."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, IllegalMove, RuleViolation
from intake.requests import access, handing
from intake.requests.forms import JudgeForm
from intake.requests.models import PaperStatus
from intake.requests.paper_views import attachment
from intake.requests.selectors import staff_title


@require_safe
@staff_with()
def paper(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A document as an attachment; 404 for everybody who does not care for the patient."""
    return attachment(access.paper_for(request.user, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_with(Permission.REVIEW_CASES)
def judge_paper(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Say that a document does not do, with words for the patient, or that it does after all."""
    found = access.paper_for(request.user, pk)
    back = reverse("admin:case", args=[found.patient_id])
    offered = JudgeForm.ACCEPT if found.status == PaperStatus.NOT_ACCEPTED else JudgeForm.REJECT
    form = JudgeForm(request.POST if request.method == "POST" else None, initial={"verdict": offered})
    if request.method == "POST" and form.is_valid():
        said = {"accept": form.accepting, "words": form.cleaned_data["words"]}
        try:
            made = handing.look_at(paper=found, by=request.user, now=clock.now(), **said)
        except (Conflict, IllegalMove) as overtaken:
            # How it stands now is on the page, and what it was overtaken by.
            messages.warning(request, overtaken.message)
            return redirect("admin:judge_paper", found.pk)
        except RuleViolation as refusal:
            form.add_error("words", refusal.message)
        else:
            text = _("Noted. The case was decided anew with the documents that do.") if made else _("Noted.")
            messages.success(request, text)
            return redirect(back)
    given = {"paper": found, "form": form, "back_url": back, "title": staff_title(found.kind)}
    return render(request, "intake/requests/judge.html", given, status=422 if form.is_bound else 200)
