"""Idle and absolute limits on the real time; polling is not presence (SEC-04, BUG-05, SEC-10)."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from harmoniously.core.accounts import sessions
from harmoniously.core.accounts.models import Clinician, Patient, User
from tests.cast import NOON, signed_in

HOME, STAFF = "/home/", "/admin/"


def is_in(client: Client, path: str) -> bool:
    return client.get(path).status_code == 200


@pytest.mark.parametrize(("minutes", "still_in"), [(29, True), (30, False), (31, False)])
def test_a_patient_is_signed_out_after_30_idle_minutes(patient: Patient, minutes: int, still_in: bool) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        client = signed_in(patient.user)
        assert is_in(client, HOME)
        traveller.shift(timedelta(minutes=minutes))
        assert is_in(client, HOME) is still_in


@pytest.mark.parametrize(("minutes", "still_in"), [(14, True), (15, False)])
def test_staff_are_signed_out_after_15_idle_minutes(prescriber: Clinician, minutes: int, still_in: bool) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        client = signed_in(prescriber.user)
        assert is_in(client, STAFF)
        traveller.shift(timedelta(minutes=minutes))
        assert is_in(client, STAFF) is still_in


def test_whoever_stays_busy_is_signed_out_after_12_hours(patient: Patient) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        client = signed_in(patient.user)
        for _ in range(35):
            assert is_in(client, HOME)
            traveller.shift(timedelta(minutes=20))
        assert is_in(client, HOME)
        traveller.shift(timedelta(minutes=20))
        assert not is_in(client, HOME)


def test_a_running_dose_is_not_interrupted_and_the_hold_ends(patient: Patient) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        client = signed_in(patient.user)
        assert is_in(client, HOME)
        session = client.session
        sessions.hold_open(session, until=NOON + timedelta(hours=4))
        session.save()
        traveller.shift(timedelta(hours=3, minutes=59))
        assert is_in(client, HOME)
        traveller.shift(timedelta(hours=1))
        assert not is_in(client, HOME)


def test_a_hold_lasts_at_most_six_hours(patient: Patient) -> None:
    with time_machine.travel(NOON, tick=False):
        client = signed_in(patient.user)
        session = client.session
        sessions.hold_open(session, until=NOON + timedelta(days=30))
        assert datetime.fromtimestamp(session[sessions.HELD_OPEN], NOON.tzinfo) == NOON + timedelta(hours=6)


def test_a_disabled_account_is_out_at_the_next_request(patient: Patient) -> None:
    client = signed_in(patient.user)
    assert is_in(client, HOME)
    User.objects.filter(pk=patient.user.pk).update(is_active=False)
    assert not is_in(client, HOME)


def test_a_page_that_ran_out_comes_back_after_sign_in(patient: Patient) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        client = signed_in(patient.user)
        assert is_in(client, HOME)
        traveller.shift(timedelta(hours=1))
        assert client.get(HOME).headers["Location"] == "/accounts/login/?next=/home/"
        assert client.get(HOME, headers={"HX-Request": "true"}).status_code in (302, 401)
