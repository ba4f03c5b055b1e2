"""People who all wait for a prescriber: applications as they are, most of them quiet and some of them urgent."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from django.db import models, transaction

from harmoniously.core.accounts.models import Clinician, Patient, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.nonprod.seeding.people import FIRST_NAMES, LAST_NAMES
from intake.models import EligibilityDecision, Submission
from telemedicine.models import Appointment, Review

AT_ONCE = 1000
HOUR = timedelta(hours=1)
# Of two hundred: whose answers tell of a risk, who is held, who was seen, whom a colleague has, whom somebody asked.
OF = 200
RISKY, HELD, SEEN, CLAIMED, ASKED = 3, 1, 10, 6, 6
ORDER = (User, Patient, Submission, EligibilityDecision, SafetyHold, Appointment, Review)


def wait(number: int, *, states: list[str], clinician: Clinician, now: datetime) -> None:
    """Have so many more people wait for whoever is licensed in these states; the shares above stand in any thousand."""
    rng = Random(Patient.objects.count())
    people = (_one(rng, place, states, clinician, now) for place in range(number))
    while batch := list(islice(people, AT_ONCE)):
        with transaction.atomic():
            for model in ORDER:
                rows = [row for rows in batch for row in rows if type(row) is model]
                model._base_manager.bulk_create(rows)


def _one(rng: Random, place: int, states: list[str], clinician: Clinician, now: datetime) -> list[models.Model]:
    first, last, at = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES), now - rng.random() * 2000 * HOUR
    user = User(email=f"w{rng.getrandbits(64):x}@demo.example", full_name=f"{first} {last}", role=Role.PATIENT)
    patient = Patient(user=user, legal_name=user.full_name, preferred_name=first, state=rng.choice(states))
    sheet = Submission(patient=patient, status="submitted", form_version="1", saved_at=at, submitted_at=at)
    turn = place % OF
    decision = EligibilityDecision(
        patient=patient,
        submission=sheet,
        outcome=rng.choice(("eligible_for_review", "needs_information")),
        suicide_risk="moderate" if turn < RISKY else rng.choice(("none", "low")),
        policy_version="2026.1",
        facts={},
        findings=[],
        summary={},
        decided_at=at,
    )
    return [user, patient, sheet, decision, *_around(patient, decision, turn, clinician, now)]


def _around(patient: Patient, decision: Any, turn: int, clinician: Clinician, now: datetime) -> Iterator[models.Model]:
    turn -= RISKY
    if 0 <= turn < HELD:
        yield SafetyHold(patient=patient, level="moderate", about="bench", opened_at=now)
    turn -= HELD
    if 0 <= turn < SEEN:
        # Long ago enough that no two of them meet: years of visits would be needed for all of them to be recent.
        at = now - timedelta(days=3)
        yield Appointment(
            patient=patient, clinician=clinician, kind="evaluation", status="completed", starts_at=at, ends_at=at + HOUR
        )
    turn -= SEEN
    hands = {"patient": patient, "decision": decision, "clinician": clinician, "claimed_at": now}
    if 0 <= turn < CLAIMED:
        yield Review(status="claimed", **hands)
    elif 0 <= turn - CLAIMED < ASKED:
        yield Review(status="asked", asked_at=now, answer_due_at=now + 72 * HOUR, **hands)
