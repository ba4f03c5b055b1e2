"""The prescriber's answer to a proposed dose."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from harmoniously.core.accounts.models import Patient
from harmoniously.core.accounts.permissions import Permission, StaffRequest, staff_with
from harmoniously.core.common import clock, returning
from harmoniously.core.common.errors import RuleViolation
from treatment import access, words
from treatment.models import TitrationProposal
from treatment.rules.reasons import Reason
from treatment.rules.titration import Move
from treatment.selecting.picture import Picture
from treatment.services.prescriptions import prescriber_of
from treatment.services.titration import answer_proposal, form_values, proposal_for

MOVES = {
    Move.STAY: ("neutral", gettext_lazy("Stay")),
    Move.UP: ("brand", gettext_lazy("Step up")),
    Move.DOWN: ("caution", gettext_lazy("Step down")),
    Move.LOOK: ("danger", gettext_lazy("Stop and look")),
}


class AnswerForm(forms.Form):
    """Used or declined, and about which facts."""

    answer = forms.ChoiceField(choices=TitrationProposal.Answer.choices)
    digest = forms.CharField(max_length=64)
    reason = forms.CharField(max_length=1000, required=False)


def _texts(reasons: tuple[Reason, ...]) -> list[dict[str, str]]:
    return [{"text": words.staff_text(item), "source": item.source} for item in reasons]


def proposal_context(picture: Picture) -> dict[str, Any] | None:
    """The proposal as the prescriber's pages show it; None when there is nothing to propose."""
    found = proposal_for(picture)
    if found is None or found.facts.session is None:
        return None
    tone, words_of = MOVES[found.proposal.move]
    return {
        "tone": tone,
        "move": words_of,
        "dose": found.proposal.dose,
        "last_mg": found.facts.session.mg,
        "reasons": _texts(found.proposal.reasons),
        "limits": _texts(found.proposal.limits),
        "changes": found.changes,
        "digest": found.digest,
    }


def used_values(request: StaffRequest, patient: Patient) -> dict[str, Any] | None:
    """What a used proposal puts into the form, when the address names one of this patient."""
    try:
        key = UUID(request.GET.get("proposal", ""))
    except ValueError:
        return None
    row = access.proposal_of(patient, key)
    return form_values(row) if row is not None else None


@require_POST
@staff_with(Permission.PRESCRIBE)
def answer(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Use it (which fills the form of the order), or not."""
    patient = access.patient_for(request.user, patient_id)
    form = AnswerForm(request.POST)
    back = returning.word_of(request)
    draft = reverse("admin:draft_prescription", args=[patient.pk]) + returning.query(back)
    if not form.is_valid():
        messages.error(request, _("Use one of the buttons."))
        return redirect(draft)
    data = form.cleaned_data
    try:
        clinician = prescriber_of(request.user)
        row = answer_proposal(
            patient=patient,
            digest=data["digest"],
            answer=data["answer"],
            reason=data["reason"],
            clinician=clinician,
            now=clock.now(),
        )
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect(draft)
    if row.answer == TitrationProposal.Answer.USED:
        messages.info(request, _("The proposal is in the form. Change what you want, check, save and sign."))
        return redirect(f"{draft}{'&' if back else '?'}proposal={row.pk}")
    messages.success(request, _("Noted: not followed."))
    return returning.done(request, patient.pk, "admin:draft_prescription", patient.pk)
