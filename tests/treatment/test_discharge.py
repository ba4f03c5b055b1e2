"""The end of a treatment, in one step, and letters that say what they may and nothing else (I4, I7, I9)."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.urls import reverse

from harmoniously.core.alerts import presenting
from harmoniously.core.alerts.models import Alert, FollowUp
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.documents.models import SignedDocument
from harmoniously.core.documents.pdf import render as render_pdf
from harmoniously.core.notifications.models import Notification
from harmoniously.core.questions.services import record_assessment
from tests import cast
from tests.pdf_text import words_of
from tests.treatment.conftest import ENDING, START, refused
from treatment import services
from treatment.models import CheckIn, Discharge, DischargeReason, DoseSession, Leftover, Prescription, Transfer
from treatment.rules.adverse import Assessment
from treatment.services import adverse
from treatment.services import discharging as ends
from treatment.services import transfer as transfers

DAY = timedelta(days=1)


def scored(patient, *totals):
    for place, total in enumerate(totals):
        items = [min(3, max(0, total - 3 * item)) for item in range(9)]
        record_assessment(
            patient=patient, instrument="phq9", answers=items, context="check_in", by=patient.user,
            now=START + place * DAY,
        )  # fmt: skip


def test_i4_a_discharge_ends_everything_that_is_planned_and_asked(case, other_patient, coordinator, therapist):
    by, patient = case.prescriber.user, case.patient
    session, end = case.completed()
    services.invite_sitter(
        session=case.patient.dose_sessions.filter(status="scheduled").first(), name="Sam", phone="",
        email="sam@example.com", by=patient.user, now=end,
    )  # fmt: skip
    scored(patient, 20, 6, 9)
    told = adverse.Told(Assessment("headache", end, grade=2), "Qzown")
    adverse.record_event(patient=patient, token=uuid4(), told=told, by=by, now=end)
    scored(other_patient, 27)
    later = end + DAY
    with pytest.raises(DatabaseError), transaction.atomic():
        _crash_between(case, later)
    assert Prescription.objects.get().status == "delivered"  # a crash in the middle ends nothing

    # No letter says that nothing is left while the ledger counts units.
    empty = replace(ENDING, leftover=Leftover.NONE)
    assert refused(ends.discharge, patient=patient, ending=empty, by=by, now=later) == "not_empty"
    first = ends.discharge(patient=patient, ending=ENDING, by=by, now=later)
    again = ends.discharge(patient=patient, ending=ENDING, by=by, now=later + DAY)
    assert first.pk == again.pk
    assert Prescription.objects.get().status == "stopped"
    assert not DoseSession.objects.filter(patient=patient, status__in=DoseSession.OPEN).exists()
    # The dose of the day before is asked about all the same (policy 9: C-SSRS and side effects at 24 h).
    asked = CheckIn.objects.filter(patient=patient).order_by("kind").values_list("kind", "status")
    assert set(asked) == {("after", "open"), ("day", "open"), ("scores", "closed")}
    assert not patient.sitter_invitations.filter(revoked_at__isnull=True, session__status="cancelled").exists()
    # Nothing that was still to come goes out, only the word that there is news.
    waiting = Notification.objects.filter(recipient=patient.user, state="pending", due_at__gt=START)
    assert set(waiting.values_list("template", flat=True)) == {"action_needed", "check_in_due"}
    services.tick(now=later + 30 * DAY)
    left = patient.follow_ups.exclude(state="closed").values_list("kind", flat=True)
    assert set(left) == {"check_in_overdue"}, "a coordinator calls about the last dose, and about nothing else"
    assert refused(services.draft_prescription, patient=patient, order=case.order(), by=by, now=later) == "no_chart"
    with pytest.raises(DatabaseError), transaction.atomic():
        Discharge.objects.update(reason="safety")

    said = words_of(render_pdf("letter", first.letter))
    for words in (
        "WellsinceJune.Qzsummary", "DrElm,inMay.", "100mg", "first:20(severe)", "last:9(mild)", "best:6(mild)",
        "Headache", "RobinExample", "988", "Takeitoutofitspackage",
    ):  # fmt: skip
        assert words in said, words
    assert "first:27" not in said
    assert "Kim" not in said
    assert "Qzown" not in said
    with time_machine.travel(later + DAY, tick=False):
        _pages_after(case, first, other_patient, coordinator, therapist)


def _crash_between(case, now):
    ends.discharge(patient=case.patient, ending=ENDING, by=case.prescriber.user, now=now)
    Discharge.objects.update(reason="safety")  # refused by the trigger, as any crash would be


def _pages_after(case, row, other_patient, coordinator, therapist):
    client = cast.signed_in(case.patient.user)
    home = client.get(reverse("treatment:home")).content.decode()
    assert "ended your treatment" in home
    assert "please answer them" in home, "the questions of the last dose stand right below"
    assert "we ask you nothing more" not in home
    assert reverse("treatment:check_in", args=[CheckIn.objects.get(kind="day").pk]) in home
    page = client.get(reverse("treatment:ended", args=[row.pk])).content.decode()
    assert "If symptoms return" in page
    assert "Qzsummary" in page
    assert client.get(reverse("treatment:ended_letter", args=[row.pk])).headers["Content-Type"] == "application/pdf"
    assert client.get(reverse("treatment:journal")).status_code == 200
    stranger = cast.signed_in(other_patient.user)
    for name in ("ended", "ended_letter"):
        assert stranger.get(reverse(f"treatment:{name}", args=[row.pk])).status_code == 404
    pages = (reverse("admin:discharge", args=[case.patient.pk]), reverse("admin:discharge_letter", args=[row.pk]))
    for user, answer in ((coordinator, 403), (therapist.user, 404), (case.prescriber.user, 200)):
        browser = cast.signed_in(user)
        assert [browser.get(address).status_code for address in pages] == [answer, answer], user.role
    for event in AuditEvent.objects.all():
        assert "Qzsummary" not in event.payload


def test_nobody_is_discharged_during_a_session_or_without_words(case):
    _session, _invitation, now = case.started()
    by = case.prescriber.user
    blank = ends.Ending(DischargeReason.SAFETY, " ", Leftover.NONE, "Dr Elm")
    assert refused(ends.discharge, patient=case.patient, ending=blank, by=by, now=now) == "words_missing"
    assert refused(ends.discharge, patient=case.patient, ending=ENDING, by=by, now=now) == "session_running"


def test_a_letter_goes_only_where_the_patient_signed_and_holds_only_what_was_signed(case, other_client, coordinator):
    """45 CFR 164.508: exact parts, exact recipient, an end, and taking it back stops it at once."""
    by, patient = case.prescriber.user, case.patient
    session, end = case.completed()
    scored(patient, 20, 6)
    with time_machine.travel(end + DAY, tick=False):
        client = cast.signed_in(patient.user)
        last = (end + 30 * DAY).date()
        form = {
            "name": "Dr Ash Elm", "practice": "Elm Practice", "address": "3 Elm Street, Testville, CA 90001", "fax": "",
            "parts": ["scores"], "purpose": "I want to die", "token": uuid4(),
            "expires_on_0": last.month, "expires_on_1": last.day, "expires_on_2": last.year,
        }  # fmt: skip
        shown = client.post(reverse("treatment:letters"), form)
        assert "Dr Ash Elm, Elm Practice" in shown.content.decode()
        assert not Transfer.objects.exists()
        carried = {name: [value for key, value in shown.context["carried"] if key == name] for name in form}
        sign = reverse("treatment:sign_transfer")
        assert client.post(sign, {**carried, "signature": "Somebody Else"}).status_code == 422
        assert not SignedDocument.objects.filter(kind="authorization.transfer").exists()
        for _click in range(2):
            assert client.post(sign, {**carried, "signature": " robin  EXAMPLE"}).status_code == 302
        [row] = Transfer.objects.all()
        # I3: the words that were not signed yet rang, too, and lead to nothing.
        unsigned, alert = Alert.objects.filter(kind="crisis_words").order_by("about")
        assert unsigned.about == f"patient:{patient.pk}"
        assert presenting.words_of(alert) == ["I want to die"]
        # Signing promises that a prescriber makes and sends it: somebody has to know.
        assert FollowUp.objects.get(kind="letter").state == "open"
        assert (row.parts, row.recipient["practice"]) == (["scores"], "Elm Practice")

        prescriber = cast.signed_in(by)
        letter = reverse("admin:transfer_letter", args=[row.pk])
        assert prescriber.get(letter).status_code == 302  # nobody made it yet
        for _click in range(2):
            prescriber.post(reverse("admin:make_transfer", args=[row.pk]))
        said = words_of(prescriber.get(letter).content)
        assert "first:20(severe)" in said
        assert "DrAshElm" in said
        for words in ("100mg", "Completedsessions", "Headache", "Othermedicines"):
            assert words not in said, words
        for name in ("transfer_letter", "permission"):
            assert client.get(reverse(f"treatment:{name}", args=[row.pk])).status_code == 200
            assert other_client.get(reverse(f"treatment:{name}", args=[row.pk])).status_code == 404
        assert cast.signed_in(coordinator).get(letter).status_code == 403
        assert other_client.post(reverse("treatment:revoke_transfer", args=[row.pk])).status_code == 404
        client.post(reverse("treatment:revoke_transfer", args=[row.pk]))
        assert prescriber.get(letter).status_code == 302
        assert FollowUp.objects.get(kind="letter").state == "closed"
    row.refresh_from_db()
    assert refused(transfers.make_letter, transfer=row, by=by, now=end + DAY) == "permission_revoked"
    _a_permission_ends(patient, by, end)


def _a_permission_ends(patient, by, end):
    wish = transfers.Wish(transfers.Recipient("A", "B", "C"), ("course",), "", (end + DAY).date())
    own = {"patient": patient, "wish": wish, "typed_name": patient.legal_name, "by": patient.user}
    fresh = transfers.authorize(token=uuid4(), now=end, **own)
    # The same page again signs once; with other content it is not taken for the first.
    again = {**own, "token": fresh.token, "now": end}
    other = transfers.Wish(transfers.Recipient("B", "B", "C"), ("course",), "", (end + DAY).date())
    assert transfers.authorize(**again) == fresh
    assert refused(transfers.authorize, **again | {"wish": other}) == "raced"
    assert refused(transfers.make_letter, transfer=fresh, by=by, now=end + 3 * DAY) == "permission_expired"
    assert refused(transfers.authorize, token=uuid4(), now=end + 3 * DAY, **own) == "permission_days"
    made = transfers.make_letter(transfer=fresh, by=by, now=end + timedelta(hours=1))
    assert [part["code"] for part in made.letter["sections"]] == ["course"]
