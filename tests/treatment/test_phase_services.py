"""The prescriber sets the phase: what ends with it, what is kept of it, and who sees what (policy 8, I4, I8)."""

from datetime import time, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from harmoniously.core.common.errors import IllegalMove
from harmoniously.core.notifications.models import Notification
from tests.treatment.conftest import ENDING, START, refused
from treatment import services
from treatment.models import Chart, DoseSession, PhaseChange, SitterInvitation
from treatment.selecting import phases
from treatment.services import discharging


def coming(case):
    return DoseSession.objects.filter(patient=case.patient, status__in=("scheduled", "released", "held"))


def reminders():
    return Notification.objects.filter(template="session_reminder", state="pending")


def test_a_review_ends_what_is_planned_and_nothing_is_planned_until_the_prescriber_decides(
    case, patient_client, prescriber_client
):
    order = case.planned()[0].prescription
    address = reverse("admin:treatment_phase", args=[case.patient.pk])
    with time_machine.travel(START + timedelta(hours=1), tick=False):
        assert prescriber_client.post(address, {"to": "maintenance", "reason": "response"}).status_code == 422
        assert prescriber_client.post(address, {"to": "review", "reason": "other"}).status_code == 422
        assert coming(case).count() == 6
        stale = {"seen": "another phase", "to": "review", "reason": "other", "words": "Qz stale"}
        answer = prescriber_client.post(address, stale)
        assert (answer.status_code, coming(case).count()) == (409, 6)
        assert b"Qz stale" in answer.content
        for _click in range(2):
            prescriber_client.post(address, {"to": "review", "reason": "other", "words": "Qz poor sleep"})
        assert "Qz poor sleep" in prescriber_client.get(address).content.decode()
        page = patient_client.get(reverse("treatment:home")).content.decode()
        assert "Your prescriber looks at how it helped" in page
        assert "Qz poor" not in page
        assert patient_client.get(reverse("treatment:book")).status_code == 302
    assert (coming(case).count(), reminders().count()) == (0, 0)
    change = PhaseChange.objects.get()
    assert (change.before, change.after, change.by) == ("induction", "review", case.prescriber.user)
    by, now = case.patient.user, START + timedelta(hours=2)
    wishes = services.PlanWishes(hour=time(18))
    plan = {"prescription": order, "wishes": wishes, "by": by, "now": now}
    assert refused(services.plan_sessions, **plan) == "phase_review"
    day = START.date() + timedelta(days=9)
    assert refused(services.book_session, patient=case.patient, day=day, hour=time(18), by=by, now=now) == (
        "phase_review"
    )
    go_on = {"patient": case.patient, "to": "maintenance", "reason": "response", "now": now}
    with pytest.raises(PermissionDenied):
        services.set_phase(**go_on, by=by)
    services.set_phase(**go_on, by=case.prescriber.user)
    services.plan_sessions(**plan)
    gaps = [later.starts_at - one.starts_at for one, later in zip(coming(case), coming(case)[1:], strict=False)]
    assert set(gaps) == {timedelta(days=7)}  # twice a week was ordered; maintenance is weekly at most


def test_the_induction_ends_after_four_weeks_and_says_so(case):
    session, _end = case.completed()
    chart = Chart.objects.get(patient=case.patient)
    taken = phases.standing_of(chart).taken
    assert taken == (session.local_day,)
    last = coming(case).order_by("starts_at").last()
    ask = {"session": last, "hour": time(18), "by": case.patient.user, "now": session.starts_at + timedelta(days=2)}
    over = session.local_day + timedelta(weeks=4)
    assert refused(services.move_session, **ask, day=over) == "induction_over"
    services.move_session(**ask, day=over - timedelta(days=1))
    policy = services.gate.policies.load()
    due = [phases.to_decide(case.prescriber, START + timedelta(days=days), policy) for days in (2, 29, 30)]
    assert [len(found) for found in due] == [0, 0, 1]


def test_a_discharge_ends_everything_at_once_and_once_and_never_without_its_letter(case):
    """I4: plan, sessions, reminders, links, prescription and chart in one transaction; none of it while one runs."""
    session, _invitation, now = case.started()
    by, patient = case.prescriber.user, case.patient
    other_way = {"patient": patient, "to": "discharged", "reason": "patient_wish", "by": by, "now": now}
    assert refused(services.set_phase, **other_way) == "letter_missing"
    with pytest.raises(IntegrityError), transaction.atomic():
        Chart.objects.update(closed_at=now, closed_reason="other")
    ask = {"patient": patient, "ending": ENDING, "by": by, "now": now}
    assert refused(discharging.discharge, **ask) == "session_running"
    DoseSession.objects.filter(pk=session.pk).update(status="completed", completed_at=now, sitter_released_at=now)
    case.invited(coming(case).order_by("starts_at").first())
    for _click in range(2):
        row = discharging.discharge(**ask)
    order, chart = session.prescription, row.chart
    order.refresh_from_db()
    assert (chart.status, chart.closed_reason, order.status) == ("discharged", "discharged", "stopped")
    assert (coming(case).count(), reminders().count()) == (0, 0)
    assert not SitterInvitation.objects.filter(session__status="cancelled", revoked_at=None).exists()
    assert PhaseChange.objects.count() == 1
    with pytest.raises(IllegalMove):
        services.phases.advance(chart, "induction", by=by, now=now)
    assert refused(case.draft, now=now) == "no_chart"
