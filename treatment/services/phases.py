"""A prescriber sets the phase of a treatment; every change is kept with its author and reason."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.services import advance
from harmoniously.core.common import clock
from harmoniously.core.common.errors import Conflict, RuleViolation
from treatment import policy as policies
from treatment import selectors
from treatment.models import (
    Chart,
    PhaseChange,
    PhaseChoice,
    PhaseReason,
)
from treatment.rules import phases
from treatment.rules.calendar import Frequency
from treatment.rules.phases import Phase
from treatment.selecting import phases as selecting
from treatment.services import plans
from treatment.services.locks import lock_chart
from treatment.services.prescriptions import prescriber_of
from treatment.services.reasons import refuse


def set_phase(
    *,
    patient: Patient,
    to: PhaseChoice | str,
    reason: PhaseReason | str,
    by: User,
    now: datetime,
    rhythm: Frequency | str = "",
    words: str = "",
    seen: str | None = None,
) -> Chart:
    """Put the treatment into another phase, or give the same phase another rhythm.

    What is planned was planned for the old phase and ends with it, with its reminders and links; the patient is told
    and chooses days for the new one. A session that runs goes on under its watch. The same again does nothing.
    `seen` is what the page showed (phase_stand). Raises PermissionDenied, IllegalMove for a step that the phases do not
    have, RuleViolation for a discharge, for a rhythm that is not of the phase or more often than the prescription
    says, or without words for "another reason", Conflict when the phase was set meanwhile.
    """
    prescriber_of(by)
    wanted, why, chosen = PhaseChoice(to), PhaseReason(reason), Frequency(rhythm).value if rhythm else ""
    _require_words(why, words)
    if wanted == PhaseChoice.DISCHARGED:
        raise RuleViolation(_("A discharge has a page of its own: the patient gets a letter."), "letter_missing")
    with transaction.atomic():
        chart = lock_chart(patient)
        if (chart.status, chart.rhythm) == (wanted, chosen):
            return chart
        if seen is not None and seen != phase_stand(chart):
            raise Conflict(
                _("The phase was set since you opened this page. Nothing was saved. Read it as it is, then decide."),
                "changed",
            )
        _check_rhythm(patient, Phase(wanted), chosen)
        facts = facts_of(chart, now=now)
        before = chart.status
        plans.end_plan(patient=patient, reason_code=f"phase_{wanted}", by=by, now=now)
        if wanted != before:
            advance(chart, wanted, by=by, now=now, reason_code=why.value, rhythm=chosen, phase_since=now)
        else:
            chart.rhythm = chosen
            chart.save(update_fields=["rhythm"])
        change = keep_change(chart, before, why, words, facts, by=by, now=now)
        plans.tell_patient(patient=patient, key=f"phase:{change.pk}", now=now)
    return chart


def phase_stand(chart: Chart) -> str:
    """What a page shows of the phase, for it to send back."""
    return " ".join((str(chart.pk), chart.status, chart.rhythm, chart.since.isoformat()))


def _require_words(why: PhaseReason, words: str) -> None:
    if why is PhaseReason.OTHER and not words.strip():
        raise RuleViolation(_("Write the reason in a few words."), "words_missing")


def _check_rhythm(patient: Patient, phase: Phase, chosen: str) -> None:
    if not chosen:
        return
    order = selectors.prescription_in_force(patient)
    ordered = Frequency(order.frequency) if order else None
    refuse(phases.check_rhythm_choice(phase, Frequency(chosen), ordered))


def facts_of(chart: Chart, *, now: datetime) -> dict[str, object]:
    """What a decision about the phase is made on, so that it can be reproduced (design I8)."""
    policy = policies.load()
    today = clock.today(chart.patient.zone, now)
    standing = selecting.standing_of(chart)
    return {
        "taken": [day.isoformat() for day in standing.taken],
        "rules": [item.code for item in selecting.proposals(standing, today, policy)],
        "rhythm_before": chart.rhythm,
    }


def keep_change(
    chart: Chart, before: str, why: PhaseReason, words: str, facts: dict[str, object], *, by: User, now: datetime
) -> PhaseChange:
    """Keep a decision about the phase: who made it, why, and on what."""
    return PhaseChange.objects.create(
        patient=chart.patient,
        chart=chart,
        before=before,
        after=chart.status,
        rhythm=chart.rhythm,
        reason=why,
        words=words.strip(),
        facts=facts,
        policy_version=policies.CURRENT_VERSION,
        at=now,
        by=by,
        created_at=now,
    )
