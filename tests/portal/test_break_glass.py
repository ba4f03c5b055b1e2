"""Opening a record in an emergency (SEC-03): a reason, one record, an hour, reading only, and everything recorded."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from harmoniously.core.accounts.models import EmergencyAccess
from harmoniously.core.accounts.selectors import emergencies_to_review
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.notifications.models import Notification
from tests import cast
from tests.cast import NOON
from tests.telemedicine.cases import make_decision

pytestmark = pytest.mark.django_db
REASON = "The sitter is on the telephone and cannot wake the patient."
MINUTE = timedelta(minutes=1)


@pytest.fixture
def outsider(patient, administrator):
    """A prescriber without a licence where the patient is, and not on the team."""
    make_decision(patient)
    return cast.make_clinician("outsider@example.com", states=("NV",), display_name="Dr Casey Outside")


def opens(client, patient, **changes):
    form = {"mrn": patient.mrn.lower(), "kind": "called", "reason": REASON, **changes}
    return client.post(reverse("admin:break_glass"), form, follow=True)


def chart(client, patient, name="case"):
    return client.get(reverse(f"admin:{name}", args=[patient.pk]))


def test_without_a_reason_the_record_stays_closed(outsider, patient):
    client = cast.signed_in(outsider.user)
    assert opens(client, patient, reason="").status_code == 403
    assert opens(client, patient, reason="urgent").status_code == 403
    assert opens(client, patient, kind="").status_code == 403
    assert opens(client, patient, mrn="H-0000000").status_code == 422
    assert chart(client, patient).status_code == 404
    assert not EmergencyAccess.objects.exists()
    assert not Notification.objects.exists()


def test_with_a_reason_it_opens_for_sixty_minutes_and_says_so_on_every_page(outsider, patient):
    with time_machine.travel(NOON, tick=False) as clock:
        client = cast.signed_in(outsider.user)
        page = opens(client, patient)
        assert page.status_code == 200
        own = page.redirect_chain[-1][0]
        for minute, status in ((0, 200), (59, 200), (60, 403), (61, 403)):
            clock.move_to(NOON + minute * MINUTE)
            client = cast.signed_in(outsider.user)
            assert [chart(client, patient, name).status_code for name in ("case", "patient")] == [status] * 2, minute
            assert client.get(own).status_code == status
            assert (b"Opened in an emergency" in chart(client, patient).content) == (status == 200)
            assert b"Claim this case" not in chart(client, patient).content
    reads = AuditEvent.objects.filter(action="case.viewed", patient=patient.pk)
    opening = EmergencyAccess.objects.get()
    assert {event.facts.get("break_glass") for event in reads} == {str(opening.pk)}
    assert REASON not in str(list(AuditEvent.objects.values_list("payload", flat=True)))


def test_the_privacy_officer_is_told_that_it_happened_and_not_of_whom(outsider, patient, administrator, settings):
    opens(cast.signed_in(outsider.user), patient)
    settings.PRIVACY_OFFICER_EMAIL = "privacy@example.com"
    second = cast.make_patient("second@example.com", legal_name="Second Example")
    opens(cast.signed_in(outsider.user), second)
    first, other = Notification.objects.filter(template="record_opened").order_by("created_at")
    assert (first.recipient, first.address, other.address) == (administrator, "", "privacy@example.com")
    assert set(first.variables) == set(other.variables) == {"when_at", "link"}


def test_it_gives_reading_of_one_patient_to_one_clinician_and_nothing_else(outsider, patient, prescriber):
    client = cast.signed_in(outsider.user)
    second = cast.make_patient("second@example.com")
    case, other = patient.eligibility_decisions.get(), make_decision(second)
    opens(client, patient)
    opens(client, patient)  # a second click
    assert EmergencyAccess.objects.count() == 1
    for name in ("claim_case", "ask_patient", "approve_case", "decline_case"):
        sent = client.post(reverse(f"admin:{name}", args=[patient.pk]), {"decision": case.pk})
        assert sent.status_code == 403, name
    assert chart(client, second).status_code == 404, other
    colleague = cast.make_clinician("colleague@example.com", states=("NV",))
    browser = cast.signed_in(colleague.user)
    assert chart(browser, patient).status_code == 404
    assert browser.get(reverse("admin:break_glass_open", args=[EmergencyAccess.objects.get().pk])).status_code == 404
    in_care = cast.signed_in(prescriber.user)
    cast.take_into_care(patient, prescriber)
    assert opens(in_care, patient).status_code == 422  # the record is open to them anyway


def test_it_ends_early_and_waits_for_whoever_reviews_it(outsider, patient):
    client = cast.signed_in(outsider.user)
    opens(client, patient)
    opening = emergencies_to_review().get()
    assert opening.reason == REASON
    for _click in range(2):
        client.post(reverse("admin:break_glass_end", args=[opening.pk]))
    assert chart(client, patient).status_code == 403
    assert AuditEvent.objects.filter(action="emergencyaccess.ended").count() == 1
    opening.refresh_from_db()
    assert opening.until == opening.ended_at
