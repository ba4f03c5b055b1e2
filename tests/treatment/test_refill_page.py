"""The prescriber's page about a refill says what an order would say (policy 5, 9, 10, I8)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from tests import cast
from tests.treatment.test_refill_services import low
from treatment.models import RefillRequest, Report, Shipment, Vital, VitalPhase
from treatment.services import refills

HOUR = timedelta(hours=1)


@pytest.mark.django_db
def test_an_answer_is_looked_at_as_the_patient_will_read_it(case):
    """Nothing leaves before; the words are kept to be changed, and other words are looked at anew."""
    now = low(case, case.planned()[0])
    request = refills.request_refill(patient=case.patient, by=case.patient.user, now=now)
    url = reverse("admin:decline_refill", args=[case.patient.pk])
    form = {"request": request.pk, "words": "Not <b>yet</b>: we speak on Monday.", "reason": "Craving."}
    with time_machine.travel(now, tick=False):
        client = cast.signed_in(case.prescriber.user)
        looked = client.post(url, form).content.decode()
        own = {"seen": looked.partition('name="seen" value="')[2].partition('"')[0]}
        changed = client.post(url, {**form, **own, "change": "1"}).content.decode()
        other = client.post(url, {**form, **own, "words": "No, and nothing more."})
        request.refresh_from_db()
        assert (request.status, other.status_code) == ("requested", 200)
        assert client.post(url, {**form, **own}).status_code == 302
        page = cast.signed_in(case.patient.user).get(reverse("treatment:refill")).content.decode()
    told = looked.partition("<p>Dr")[2].partition("</p>")[0]
    assert "Not &lt;b&gt;yet&lt;/b&gt;" in told and told in page
    assert "we speak on Monday" in changed and "<textarea" in changed


@pytest.mark.django_db
def test_a_refill_asks_and_refuses_as_an_order_does(case, django_assert_max_num_queries):
    """Policy 5, 9: what was reported asks for a note about that; readings that refuse an order refuse a refill."""
    now = low(case, case.planned()[0])
    request = refills.request_refill(patient=case.patient, by=case.patient.user, now=now)
    page, order = (reverse(name, args=[case.patient.pk]) for name in ("admin:refill", "admin:approve_refill"))
    client = cast.signed_in(case.prescriber.user)
    client.raise_request_exception = False
    with time_machine.travel(now, tick=False):
        client.get(reverse("admin:index"))
        with django_assert_max_num_queries(12):  # design 7
            calm = client.get(page)
        form = {
            "request": request.pk, "units": 2, "pdmp_state": "CA", "pdmp_checked_at": "9999-12-31T23:00",
            "pdmp_result": "no_concern", "read": "", "reason": "A note about something else.",
        }  # fmt: skip
        assert client.post(order, form).status_code == 422
        form["pdmp_checked_at"] = f"{now - HOUR * 8:%Y-%m-%dT%H:%M}"
        Report.objects.create(patient=case.patient, code="pregnancy", about="x", at=now, created_at=now)
        stale = client.post(order, form)
        assert (stale.status_code, Shipment.objects.count()) == (409, 1)
        content = stale.content.decode()
        assert f'name="read" value="{stale.context["read"]}"' in content and "A note about something else." in content
        form["read"] = stale.context["read"]
        # Of the same kind and day: what was read is not this one.
        Report.objects.create(patient=case.patient, code="pregnancy", about="y", at=now, created_at=now)
        assert form["read"].startswith("reported_pregnancy.")
        second = client.post(order, form)
        assert (second.status_code, Shipment.objects.count()) == (409, 1)
        form["read"] = second.context["read"]
        assert client.post(order, form | {"reason": " "}).status_code == 422
        two_days = [(168, 104, 1), (185, 122, 0)]
        second = case.patient.dose_sessions.order_by("starts_at")[1]
        rows = [
            Vital(
                patient=case.patient, session=second, phase=VitalPhase.GATE,
                attempt=9 + back, round=1, place=1, taken_at=now - HOUR * (24 * back + 1), systolic=systolic,
                diastolic=diastolic, heart_rate=80, created_at=now,
            )
            for systolic, diastolic, back in two_days
        ]  # fmt: skip
        Vital.objects.bulk_create(rows)
        assert client.post(order, form).status_code == 422
        assert 'name="units"' not in client.get(page).content.decode()
        Vital.objects.filter(pk__in=[row.pk for row in rows]).delete()
        assert client.post(order, form).status_code == 302
    done = RefillRequest.objects.get()
    assert (done.status, [one["code"] for one in done.facts["today"]]) == ("approved", ["reported_pregnancy"] * 2)
    assert calm.context["asks"] == []
