"""A private link: what it shows while it is good, and when it is not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.treatment.conftest import START
from treatment import services
from treatment.models import SitterInvitation

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("change", "status"), [("revoked", 410), ("cancelled", 410), ("expired", 410), ("wrong", 404)])
def test_a_dead_link_says_that_it_has_ended_and_of_nobody(case, at, change, status):
    session = case.planned()[0]
    invitation, token = case.invited(session)
    if change == "revoked":
        case.invited(session)
    if change == "cancelled":
        services.stop_prescription(
            prescription=session.prescription, reason="other", by=case.prescriber.user, now=START + timedelta(hours=1)
        )
    if change == "expired":
        at(invitation.expires_at)
    if change == "wrong":
        token = token[:-1]
    address = reverse("treatment:sitter", args=[token])
    for found in (Client().get(address), Client().post(f"{address}confirm/", {"adult": "on", "stays": "on"})):
        assert found.status_code == status
        body = found.content.decode()
        assert ("This link has ended" in body) is (status == 410)
        assert not any(word in body for word in ("Robin", "Sam", "Test Way"))
    invitation.refresh_from_db()
    assert invitation.confirmed_at is None


def test_the_sitter_sees_no_clinical_word(case, at):
    session, invitation, _now = case.started()
    _row, token = invitation, None
    SitterInvitation.objects.filter(pk=invitation.pk).update(token_digest=services.sitters.digest_of("t" * 43))
    token = "t" * 43
    at(session.started_at + timedelta(minutes=5))
    text = Client().get(reverse("treatment:sitter", args=[token])).content.decode().lower()
    for word in ("ketamine", "lozenge", " mg", "depress", "prescri"):
        assert word not in text
