"""A proposed dose, and what the prescriber made of it. Nothing is ordered here: "use" fills the form, no more."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import Conflict, RuleViolation
from treatment import policy as policies
from treatment.models import Prescription, Product, TitrationProposal
from treatment.rules.reasons import Reason
from treatment.rules.titration import Move, Proposal, TitrationFacts, propose
from treatment.selecting.picture import Picture, picture_of
from treatment.selecting.titration import plain, titration_facts


@dataclass(frozen=True)
class Proposed:
    """A proposal with what it rests on; `digest` names the facts, so that an answer is about what was read."""

    prescription: Prescription
    facts: TitrationFacts
    proposal: Proposal
    digest: str

    @property
    def changes(self) -> bool:
        """Whether there is another dose to put into the form."""
        return self.proposal.move in (Move.UP, Move.DOWN) and self.proposal.dose is not None


def proposal_for(picture: Picture) -> Proposed | None:
    """The proposal for a patient under a prescription in force; None without one, or before the first session."""
    prescription = picture.in_force
    if prescription is None or picture.last is None:
        return None
    facts = titration_facts(picture, prescription)
    text = json.dumps(plain(facts), sort_keys=True)
    digest = hashlib.sha256(f"{prescription.pk}:{text}".encode()).hexdigest()
    return Proposed(prescription, facts, propose(facts, policies.load()), digest)


def answer_proposal(
    *, patient: Patient, digest: str, answer: str, reason: str = "", clinician: Clinician, now: datetime
) -> TitrationProposal:
    """Keep that the prescriber used or declined what they read, with its facts and the policy's version (design I8).

    The same answer twice is one row. Raises Conflict when the facts have changed since the page was drawn,
    RuleViolation when there is no dose to use.
    """
    with transaction.atomic():
        found = proposal_for(picture_of(patient, now))
        if found is None or found.digest != digest:
            raise Conflict(_("Something has changed since you read the proposal. Read it anew."), "changed")
        if answer == TitrationProposal.Answer.USED and not found.changes:
            raise RuleViolation(_("There is no other dose to put into the form."), "nothing_to_use")
        return _keep(found, patient, answer, reason, clinician=clinician, now=now)


def _keep(
    found: Proposed, patient: Patient, answer: str, reason: str, *, clinician: Clinician, now: datetime
) -> TitrationProposal:
    same = {
        "prescription": found.prescription,
        "clinician": clinician,
        "answer": TitrationProposal.Answer(answer),
        "facts_sha256": found.digest,
    }
    try:
        with transaction.atomic():
            row, made = TitrationProposal.objects.get_or_create(
                **same,
                defaults={
                    "patient": patient,
                    "answered_at": now,
                    "reason": reason.strip(),
                    "facts": plain(found.facts),
                    "proposal": _stored(found.proposal),
                    "policy_version": policies.CURRENT_VERSION,
                    "created_at": now,
                },
            )
    except IntegrityError:
        return TitrationProposal.objects.get(**same)
    if made:
        record(
            actor=clinician.user, action="titration.answered", now=now, subject=row, answer=row.answer,
            move=found.proposal.move.value,
        )  # fmt: skip
    return row


def _stored(proposal: Proposal) -> dict[str, Any]:
    def reasons(items: tuple[Reason, ...]) -> list[dict[str, Any]]:
        return [{"code": item.code, "source": item.source, "facts": dict(item.facts)} for item in items]

    dose = proposal.dose
    return {
        "move": proposal.move.value,
        "strength_mg": str(dose.strength_mg) if dose else None,
        "units": dose.units if dose else None,
        "reasons": reasons(proposal.reasons),
        "limits": reasons(proposal.limits),
    }


def form_values(row: TitrationProposal) -> dict[str, Any]:
    """What a used proposal puts into the form of the order; the prescriber changes, checks, saves and signs it."""
    now_in_force, units = row.prescription, row.proposal["units"]
    product = Product.objects.filter(
        form=now_in_force.product.form, strength_mg=row.proposal["strength_mg"], enabled=True
    ).first()
    most = policies.load(row.policy_version).dosing.first_shipment_sessions
    return {
        "product": product.pk if product else None,
        "units_per_session": units,
        "frequency": now_in_force.frequency,
        "quantity_units": units * now_in_force.session_count,
        "first_shipment_units": units * min(most, now_in_force.session_count),
        "visit_state": row.patient.state,
    }
