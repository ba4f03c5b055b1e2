"""What must hold of an order and its shipments, whatever is clicked and how often: the law, immutability, I2."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from harmoniously.core.accounts.models import Licence
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.alerts.services import open_hold
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.documents.pdf import render
from harmoniously.core.notifications.models import Notification
from tests import cast
from tests.pdf_text import words_of
from tests.treatment.conftest import START, refused, shown
from treatment import selectors, services
from treatment.models import DoseSession, Prescription, Product, Shipment
from treatment.rules import law
from treatment.selecting.second import may_sign_off
from treatment.services.prescriptions import pdf_data

# The order


def licensed_in_california(clinician):
    last_day = START.date()
    Licence.objects.create(clinician=clinician, state="CA", number="A2", expires_on=last_day)


def test_a_dose_over_the_ceiling_waits_for_a_second_prescriber(
    case, other_prescriber, at, django_assert_max_num_queries
):
    """Every colleague licensed there finds it in the queue and may open it, and nobody else (policy 8, I7)."""
    product = case.order().product
    product.strength_mg = Decimal(230)
    product.save(update_fields=["strength_mg"])
    draft = case.draft(product=product, units_per_session=2, first_shipment_units=4, written_reason="Known response.")
    sign = {"prescription": draft, "by": case.prescriber.user, "now": START}
    assert refused(services.sign_prescription, **sign) == "second_prescriber_needed"
    own = {"prescription": draft, "by": case.prescriber.user, "now": START}
    at(START)
    with pytest.raises(PermissionDenied):
        services.second_sign(**own)
    again = cast.signed_in(case.prescriber.user).post(reverse("admin:second_sign", args=[draft.pk]))
    assert (again.status_code, b"A second person has to agree" in again.content) == (403, True)
    colleague, page = cast.signed_in(other_prescriber.user), reverse("admin:prescription_detail", args=[draft.pk])
    assert (colleague.get(page).status_code, may_sign_off(case.prescriber.user, START).count()) == (404, 0)
    licensed_in_california(other_prescriber)
    assert page in colleague.get(reverse("admin:review_queue")).content.decode()
    with django_assert_max_num_queries(12):  # design 7
        seen = shown(colleague, page)
    agree = reverse("admin:second_sign", args=[draft.pk])
    case.draft(product=product, units_per_session=2, first_shipment_units=4, written_reason="Known for years.")
    assert colleague.post(agree, {"seen": seen}).status_code == 409, "another order than the page showed"
    assert colleague.post(agree, {"seen": shown(colleague, page)}).status_code == 302
    assert b"<h2>Computed" not in colleague.get(page).content, "what speaks against it today is not theirs any more"
    order = services.sign_prescription(**sign)
    case.handed(order)
    services.pause_prescription(prescription=order, reason="safety", note="Call on Monday", by=sign["by"], now=START)
    assert colleague.get(page).status_code == 200, "what one has signed off stays open to that one"
    told = colleague.get(page).content
    # And nothing of the treatment under it (I7); whoever cares for the patient sees both.
    beyond = (
        b"<h2>Sessions",
        b"<h2>Shipments",
        b"<h2>History",
        b"<h2>Handed over",
        b"Call on Monday",
        b"Stop the treatment",
    )
    assert [words for words in beyond if words in told] == []
    assert b"Second prescriber" in told
    cares = cast.signed_in(case.prescriber.user).get(page).content
    assert [words for words in beyond if words not in cares] == []
    stop = reverse("admin:stop_prescription", args=[draft.pk])
    assert colleague.post(stop, {"reason": "other"}).status_code == 404, "who signed off does not care for the patient"


def test_changing_a_draft_takes_the_second_signature_back(case, other_prescriber):
    licensed_in_california(other_prescriber)
    draft = case.draft()
    services.second_sign(prescription=draft, by=other_prescriber.user, now=START)
    again = case.draft(quantity_units=4)
    assert (again.pk, again.second_prescriber_id, again.second_signed_at) == (draft.pk, None, None)


def test_a_start_above_the_range_asks_for_a_written_reason(case):
    assert (
        refused(case.draft, units_per_session=2, quantity_units=8, first_shipment_units=4) == "written_reason_missing"
    )
    reason = "Earlier response at this dose in a clinic."
    assert case.draft(units_per_session=2, quantity_units=8, first_shipment_units=4, written_reason=reason).pk


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"pdmp_state": "", "pdmp_checked_at": None, "pdmp_result": ""}, "pdmp_missing"),
        ({"visit_state": "NY", "pdmp_state": "NY"}, "licence_missing"),
        ({"pdmp_checked_at": START - timedelta(hours=25)}, "pdmp_too_old"),
    ],
)
def test_signing_checks_the_law_again(case, changes, code):
    draft = case.draft(**changes)
    assert refused(services.sign_prescription, prescription=draft, by=case.prescriber.user, now=START) == code


def test_the_flexibilities_end_with_2026(case):
    late = START.replace(year=2027, month=1, day=2)
    case.prescriber.licences.update(expires_on=date(2030, 1, 1))
    late_order = {"now": late, "pdmp_checked_at": late, "written_reason": "Read today: 124/80."}
    draft = case.draft(**late_order)
    assert (
        refused(services.sign_prescription, prescription=draft, by=case.prescriber.user, now=late)
        == "telemedicine_ended"
    )
    seen = case.draft(**late_order, in_person_visit_on=date(2026, 12, 1))
    assert services.sign_prescription(prescription=seen, by=case.prescriber.user, now=late).status == "signed"


def test_an_incomplete_address_or_a_hold_stops_the_signature(case):
    draft = case.draft()
    sign = {"prescription": draft, "by": case.prescriber.user, "now": START}
    open_hold(patient=case.patient, level="moderate", about="test", by=case.patient.user, now=START)
    assert refused(services.sign_prescription, **sign) == "safety_hold"
    SafetyHold.objects.all().delete()
    case.patient.address = {"street": "1 Test Way"}
    case.patient.save(update_fields=["address"])
    assert refused(services.sign_prescription, **sign) == "content_missing"


def test_signing_twice_signs_once(case):
    prescription = case.signed()
    services.sign_prescription(prescription=prescription, by=case.prescriber.user, now=START)
    assert Shipment.objects.count() == 1
    assert AuditEvent.objects.filter(action="prescription.signed").count() == 1


def test_a_signed_prescription_is_immutable_in_the_database(case):
    prescription = case.signed()
    for name, value in (
        ("quantity_units", 12),
        ("strength_mg", 50),
        ("directions", "x"),
        ("status", "draft"),
        ("refills", 5),
        ("signed_at", None),
    ):
        prescription.refresh_from_db()
        setattr(prescription, name, value)
        with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
            prescription.save(update_fields=[name])
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        Prescription.objects.filter(pk=prescription.pk)._raw_delete("default")


def test_a_new_prescription_replaces_the_old_one_and_its_sessions(case):
    case.planned()
    second = case.signed(quantity_units=4)
    assert second.replaces.status == "replaced" or Prescription.objects.get(pk=second.replaces_id).status == "replaced"
    assert not DoseSession.objects.exclude(status="cancelled").exists()
    assert not Notification.objects.filter(template="session_reminder", state="pending").exists()


def test_a_stop_ends_sessions_reminders_and_links_at_once(case):
    sessions = case.planned()
    invitation, _token = case.invited(sessions[0])
    services.stop_prescription(
        prescription=Prescription.objects.get(), reason="side_effects", by=case.prescriber.user, now=START
    )
    invitation.refresh_from_db()
    assert {row.status for row in DoseSession.objects.all()} == {"cancelled"}
    assert invitation.revoked_at
    assert not Notification.objects.filter(
        template__in=["session_reminder", "sitter_invitation"], state="pending"
    ).exists()


def test_a_higher_dose_only_after_a_reviewed_session(case):
    session, end = case.completed()
    changes = {"product": next(row for row in services.install_formulary(now=START) if row.name == "Lozenge 150 mg")}
    assert refused(case.draft, now=end, **changes) == "step_before_review"
    services.review_session(session=session, by=case.prescriber.user, now=end)
    assert case.draft(now=end, **changes).mg_per_session == 150


def test_a_prescriber_without_the_permission_cannot_sign(case, therapist):
    from django.core.exceptions import PermissionDenied

    draft = case.draft()
    with pytest.raises(PermissionDenied):
        services.sign_prescription(prescription=draft, by=therapist.user, now=START)


@pytest.mark.django_db
def test_the_formulary_is_installed_once_and_the_nasal_spray_is_off():
    call_command("install_formulary", stdout=StringIO())
    call_command("install_formulary", stdout=StringIO())
    assert Product.objects.count() == 12
    assert not Product.objects.get(form="nasal_spray").enabled
    assert not selectors.products().filter(form="nasal_spray").exists()


def test_what_is_printed_is_text_and_never_markup(case):
    """21 CFR 1306.05: every part that the law asks for is on the paper, which a screen reader can read (PDF/UA)."""
    typed = "#panic(1) *bold* $x$ <script>alert(1)</script>"
    draft = case.draft(directions=typed)
    assert "isnotsignedandmustnotbefilled" in words_of(render("prescription", pdf_data(draft)))
    row = services.sign_prescription(prescription=draft, by=case.prescriber.user, now=START)
    paper = render("prescription", pdf_data(row))
    written = words_of(paper)
    parts = {name: row.content[name] for name in law.CONTENT_FIELDS} | {"refills": "0", "typed": typed}
    assert all("".join(value.split()) in written for value in parts.values()), written
    assert parts["drug"] == "Ketamine HCl lozenge"
    assert "notanelectronicprescriptionunder21CFR1311" in written
    assert "Signatureoftheprescriber" in written
    # The pharmacy reads that it sends the first part only, and of an order that ended that it sends nothing.
    assert f"{row.first_shipment_units}of{row.quantity_units};therestinparts" in written
    services.stop_prescription(prescription=row, reason="other", by=case.prescriber.user, now=START)
    row.refresh_from_db()
    ended = words_of(render("prescription", pdf_data(row)))
    assert "nottobefilled:stopped" in ended and "Signature" not in ended
    assert all(tag in paper for tag in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"pdfuaid"))


# Supply


def test_shipments_never_exceed_what_was_prescribed(case):
    prescription = case.signed()
    by = case.prescriber.user
    assert (
        refused(services.order_shipment, prescription=prescription, units=5, by=by, now=START)
        == "shipment_over_prescribed"
    )
    services.order_shipment(prescription=prescription, units=4, by=by, now=START)
    assert (
        refused(services.order_shipment, prescription=prescription, units=1, by=by, now=START)
        == "shipment_over_prescribed"
    )
    with pytest.raises(IntegrityError, match="more units shipped"), transaction.atomic():
        Shipment.objects.create(patient=case.patient, prescription=prescription, number=9, units=1, ordered_at=START)


def test_no_shipment_under_a_safety_hold(case):
    prescription = case.signed()
    open_hold(patient=case.patient, level="incomplete", about="test", by=case.patient.user, now=START)
    code = refused(services.order_shipment, prescription=prescription, units=1, by=case.prescriber.user, now=START)
    assert code == "safety_hold"


def test_confirming_the_delivery_twice_is_one_delivery(case):
    case.handed(case.signed())
    shipment = selectors.waiting_shipment(case.patient)
    services.confirm_delivery(shipment=shipment, by=case.patient.user, now=START)
    services.confirm_delivery(shipment=shipment, by=case.patient.user, now=START + timedelta(days=1))
    shipment.refresh_from_db()
    assert shipment.delivered_at == START
