"""A request that is overtaken while somebody answers it: by a withdrawal, or by another window (UX-06, UX-08)."""

from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from harmoniously.core.accounts.models import Patient
from intake import services
from intake.requests import handing, settling
from intake.requests.models import Errand, InformationRequest, mark_of
from tests.cast import NOON
from tests.intake.test_requests import DAY, HIGH, SKIPPED_PHQ9, errand_of, hand_in
from tests.intake.walk import READING, date_boxes, items

pytestmark = pytest.mark.django_db


@time_machine.travel(NOON, tick=False)
def test_ux_08_what_is_withdrawn_or_answered_in_another_window_is_said_so(
    patient: Patient, patient_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = hand_in(patient, {"blood_pressure": [HIGH]}, **SKIPPED_PHQ9)
    item, about = "answer:pregnancy_possible", {"patient": patient, "decision": decision, "texts_sealed": []}
    about |= {"item_sealed": item, "item_mark": mark_of(patient.pk, item), "due_at": NOON + DAY, "created_at": NOON}
    InformationRequest.objects.create(**about)
    page, _query = errand_of(patient, "answer:phq9")
    begun = patient_client.post(page)["Location"]
    # Two windows answer one short page whose answer opens another.
    keep = services.save_page

    def overtaken(**about: Any) -> Any:
        keep(**{**about, "given": {**about["given"], "breastfeeding": True}})
        return keep(**about)

    with monkeypatch.context() as raced:
        raced.setattr(services, "save_page", overtaken)
        opens = {"can_become_pregnant": "yes", "breastfeeding": "no"}
        there = patient_client.post(errand_of(patient, item)[0], opens, follow=True)
    assert (there.status_code, b"Nothing was overwritten" in there.content) == (200, True)

    def withdrawn(**_about: Any) -> None:
        settling.close_all(patient=patient, by=patient.user, now=NOON)
        raise services.HandedIn("")

    reading, not_needed = {**READING, **date_boxes("taken_on", 11, 3, 2026)}, b"This is not needed any more. What you"
    for module, verb, url, given in (
        (handing, "reading", errand_of(patient, "reading")[0], reading),
        (services, "save_page", begun, items([0] * 9)),
    ):
        with transaction.atomic(), monkeypatch.context() as raced:
            raced.setattr(module, verb, withdrawn)
            assert not_needed in patient_client.post(url, given, follow=True).content, verb
            transaction.set_rollback(True)
    settling.close_all(patient=patient, by=patient.user, now=NOON)
    assert [row.answers for row in Errand.objects.all()] == [{}, {}]  # no second copy of all answers stays
    late = patient_client.post(begun, items([0] * 9), follow=True)
    assert (late.wsgi_request.path, not_needed in late.content, b"You handed in" in late.content) == (page, True, False)
