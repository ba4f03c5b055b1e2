"""A HIGH answer in the very moment of something else: it is neither lost nor an error (I3, policy section 4)."""

from threading import Event
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.alerts import holds
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.alerts.services import clear_hold, open_hold
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.services import record
from intake import drafts, services
from intake.pages import INTAKE
from tests.cast import NOON, PLAN
from tests.intake.test_requests import hand_in
from tests.intake.walk import url_of
from tests.threads import PATIENCE, at_once, lingering

pytestmark = pytest.mark.django_db(transaction=True)
BODY = {"heart_rate": 80, "height": 170.0, "weight": 70.0}


def test_i3_a_page_is_saved_and_the_hold_is_cleared_in_one_order(patient: Patient, prescriber: Clinician) -> None:
    hold = open_hold(patient=patient, level="moderate", about="x:1", by=SYSTEM, now=NOON)
    holding, done = Event(), Event()
    write_trail = lingering(record, holding, done)

    @transaction.atomic
    def save() -> None:
        drafts.lock_case(patient)
        write_trail(actor=SYSTEM, action="submission.saved", now=NOON, patient=patient)

    def clear() -> SafetyHold:
        assert holding.wait(PATIENCE)
        cleared = clear_hold(hold=hold, contact_note="Spoke.", safety_plan=PLAN, by=prescriber.user, now=NOON)
        done.set()
        return cleared

    assert at_once(save, clear) == [None, hold]


@pytest.mark.parametrize("meanwhile", ["another tab saves", "a clinician clears the hold"])
def test_i3_danger_is_heeded_while(
    meanwhile: str, patient: Patient, patient_client: Client, prescriber: Clinician, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(patient)
    draft = services.amend(patient=patient, reason="changed", by=patient.user, now=NOON)
    about: dict[str, Any] = {"submission": draft, "version": 99, "by": patient.user, "now": NOON}
    clearing, holding = meanwhile == "a clinician clears the hold", Event()
    if clearing:
        thoughts = {"wish_dead": True, "suicidal_thoughts": True}
        services.save_page(page=INTAKE.by_key["cssrs_thoughts"], given=thoughts, **about)
        first = SafetyHold.objects.get(patient=patient, level="incomplete")
        monkeypatch.setattr(holds, "record", lingering(holds.record, holding))
    else:
        monkeypatch.setattr(drafts, "_write", lingering(drafts._write, holding))

    def other() -> Any:
        if not clearing:
            return services.save_page(page=INTAKE.by_key["body"], given=BODY, **about)
        return clear_hold(hold=first, contact_note="Spoke.", safety_plan=PLAN, by=prescriber.user, now=NOON)

    def danger() -> Any:
        assert holding.wait(PATIENCE)
        # In the other tab the questions before it are open again: that page is not saved, and heeded all the same.
        return patient_client.post(
            url_of("cssrs_plans"), {"version": 99, "method": "no", "intent": "yes", "plan": "no"}
        )

    with time_machine.travel(NOON, tick=False):
        _other, said = at_once(other, danger)
    draft.refresh_from_db()
    assert said["Location"] == reverse("intake:crisis")
    assert SafetyHold.objects.get(patient=patient, cleared_at__isnull=True).level == "high"
    assert draft.crisis_at == NOON
    if clearing:
        assert (draft.answers["cssrs_plans"]["intent"], SafetyHold.objects.filter(cleared_at=NOON).count()) == (True, 1)
    else:
        assert draft.answers["body"] == BODY
