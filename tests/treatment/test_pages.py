"""The pages, walked as a patient, a sitter and a prescriber walk them."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.test import Client
from django.urls import reverse

from harmoniously.core.alerts.models import Alert
from harmoniously.core.alerts.selectors import active_hold
from tests import cast
from tests.treatment.conftest import CALM, START, shown
from treatment import selectors, services
from treatment.models import CheckIn, Prescription, Report, SitterCheck, SitterInvitation

YES_NO = {True: "yes", False: "no"}
FORM = {
    "units_per_session": 1,
    "frequency": "twice_weekly",
    "quantity_units": 6,
    "first_shipment_units": 2,
    "refills": 0,
    "directions": "Hold one lozenge at a time under the tongue for 10 minutes, then spit out.",
    "visit_state": "CA",
    "pdmp_state": "CA",
    "pdmp_checked_at": "2026-11-02T08:30",
    "pdmp_result": "no_concern",
}


def gate_post(page):
    """The form of one page of the gate, on a calm day."""
    if page == "place":
        return {"street": "1 Test Way", "city": "Testville", "state": "CA", "zip": "90001"}
    return {name: YES_NO[value] for name, value in CALM[page].items() if isinstance(value, bool)}


def reading_post(number, systolic=120, diastolic=80, rate=70):
    """A reading before the dose by its number, and during the session by a key of its own."""
    pressure = {"pressure_0": systolic, "pressure_1": diastolic, "heart_rate": rate}
    return {**pressure, "number": number, "key": UUID(int=number)}


def url(name, row, *more):
    return reverse(f"treatment:{name}", args=[row.pk, *more])


def told_what_waits(client, session):
    """What takes an hour is said before the cuff is on, and a low risk is shown where help is (policy 4 and 9)."""
    for page in CALM:
        said = {**gate_post(page), **({"wish_dead": "yes"} if page == "safety" else {"liquids_ok": "no"})}
        answer = client.post(url("gate_page", session, page), said)
    assert answer["Location"] == url("gate_outcome", session)
    waits = client.get(answer["Location"]).content.decode().partition("<main")[2]
    assert ("Measure your blood pressure" in waits, "tel:988" in waits) == (False, True)


def through_gate(client, session):
    for page in CALM:
        answer = client.post(url("gate_page", session, page), gate_post(page))
        assert answer.status_code == 302, page
    for number in (1, 2):
        client.post(url("gate_reading", session), reading_post(number))


def test_a_prescriber_writes_checks_and_signs(case, prescriber_client, at):
    product = next(row for row in services.install_formulary(now=START) if row.name == "Lozenge 100 mg")
    address = reverse("admin:draft_prescription", args=[case.patient.pk])
    assert prescriber_client.get(address).status_code == 200
    checked = prescriber_client.post(address, {**FORM, "product": product.pk, "action": "check"})
    assert b"100 mg" in checked.content
    assert not Prescription.objects.exists()
    saved = prescriber_client.post(address, {**FORM, "product": product.pk, "action": "save"})
    draft = Prescription.objects.get()
    assert saved["Location"] == reverse("admin:prescription_detail", args=[draft.pk])
    assert b"Sign the prescription" in prescriber_client.get(saved["Location"]).content
    sign, page = reverse("admin:sign_prescription", args=[draft.pk]), saved["Location"]
    old = {"seen": shown(prescriber_client, page)}
    # Another window wrote another order meanwhile: neither the old page's signature nor its draft counts (I9).
    other = {**FORM, "product": product.pk, "action": "save", "directions": "Two hours after a light meal."}
    assert prescriber_client.post(address, {**other, **old}).status_code == 302
    for stale in (old, {}):  # a signature without what was seen counts for nothing
        answer = prescriber_client.post(sign, stale)
        assert (answer.status_code, Prescription.objects.get().status) == (409, "draft")
        assert b"Two hours after a light meal." in answer.content
    answer = prescriber_client.post(
        address, {**FORM, "product": product.pk, "action": "save", "quantity_units": 8, **old}
    )
    assert (answer.status_code, Prescription.objects.get().quantity_units) == (409, 6)
    assert b'value="8"' in answer.content
    for _click in range(2):
        assert prescriber_client.post(sign, {"seen": shown(prescriber_client, page)}).status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.shipments.count()) == ("signed", 1)
    # What was typed is not lost when a reason is missing, nor when the order ended meanwhile.
    pause, note = reverse("admin:pause_prescription", args=[draft.pk]), {"pause-note": "Blood test first."}
    assert [prescriber_client.post(pause, data).status_code for data in (note, {**note, "pause-reason": "x"})] == [
        422
    ] * 2
    services.stop_prescription(prescription=draft, reason="safety", by=case.prescriber.user, now=START)
    answer = prescriber_client.post(pause, {**note, "pause-reason": "safety"})
    assert answer.status_code == 409
    assert b"Blood test first." in answer.content
    pdf = prescriber_client.get(reverse("admin:prescription_pdf", args=[draft.pk]))
    assert pdf.content.startswith(b"%PDF")


def test_a_draft_answers_only_what_its_page_had_shown(case, prescriber_client, at):
    """I8: a report that came after the page was made is read first; the reason that was written was about another."""
    product = next(row for row in services.install_formulary(now=START) if row.name == "Lozenge 100 mg")
    address = reverse("admin:draft_prescription", args=[case.patient.pk])
    form = {**FORM, "product": product.pk, "action": "save", "written_reason": "Qz asked for by the patient."}

    def marks():
        page = prescriber_client.get(address).context
        return {"seen": page["seen"], "read": page["read"]}

    old = marks()
    Report.objects.create(patient=case.patient, code="medicine", at=START + timedelta(minutes=1), about="check_in:x")
    at(START + timedelta(minutes=2))
    answer = prescriber_client.post(address, {**form, **old})
    said = answer.content.decode()
    assert (answer.status_code, Prescription.objects.count()) == (409, 0)
    assert "This is new since you opened the page" in said
    assert "Qz asked for by the patient." in said
    again = {"seen": answer.context["seen"], "read": answer.context["read"]}
    assert again == marks()
    assert prescriber_client.post(address, {**form, **again}).status_code == 302


def test_directions_that_say_the_opposite_of_the_product_are_refused(case, prescriber_client, patient_client, at):
    product = next(row for row in services.install_formulary(now=START) if row.name == "Lozenge 100 mg")
    address = reverse("admin:draft_prescription", args=[case.patient.pk])
    form = {**FORM, "product": product.pk, "action": "save"}
    answer = prescriber_client.post(address, {**form, "directions": "Hold for 10 minutes, then swallow."})
    assert answer.status_code == 422
    assert "patients spit out this product" in answer.content.decode()
    assert not Prescription.objects.exists()
    prescriber_client.post(address, form)
    services.sign_prescription(prescription=Prescription.objects.get(), by=case.prescriber.user, now=START)
    page = patient_client.get(url("prescription", Prescription.objects.get())).content.decode()
    assert "10 minutes, then spit out" in page
    assert "swallow" not in page


def test_signing_asks_for_a_second_factor_that_is_fresh(case, prescriber, at):
    draft = case.draft()
    client = cast.signed_in(prescriber.user)
    at(START + timedelta(minutes=5, seconds=1))
    answer = client.post(reverse("admin:sign_prescription", args=[draft.pk]))
    draft.refresh_from_db()
    assert answer.status_code == 302
    assert draft.status == "draft"


def test_a_patient_goes_from_the_parcel_to_the_plan(case, patient_client, at, django_assert_max_num_queries):
    prescription = case.signed()
    shipment = prescription.shipments.get()
    # Nothing can have come before the pharmacy has the order: no button, and no way around it.
    assert b"My medicine has arrived" not in patient_client.get(reverse("treatment:home")).content
    patient_client.post(url("arrived", shipment))
    case.handed(prescription)
    assert selectors.waiting_shipment(case.patient) == shipment
    assert b"My medicine has arrived" in patient_client.get(reverse("treatment:home")).content
    answer = patient_client.post(url("arrived", shipment))
    assert answer["Location"] == url("plan", prescription)
    assert patient_client.get(answer["Location"]).status_code == 200
    again = patient_client.post(url("arrived", shipment))
    assert again.status_code == 302
    planned = patient_client.post(url("plan", prescription), {"hour": "18:00", "no_weekdays": ["5", "6"]})
    assert planned.status_code == 302, planned.content.decode()
    days = [row.local_day.weekday() for row in selectors.sessions_of(case.patient)]
    assert len(days) == 6
    assert not set(days) & {5, 6}
    assert patient_client.get(reverse("treatment:home")).status_code == 200
    pdf = patient_client.get(url("prescription_pdf", prescription))
    assert pdf.content.startswith(b"%PDF")
    with django_assert_max_num_queries(12):
        assert patient_client.get(url("prescription", prescription)).status_code == 200


def test_a_bad_plan_keeps_what_was_typed(case, patient_client, at):
    prescription = case.signed()
    case.handed(prescription)
    case.arrived()
    answer = patient_client.post(url("plan", prescription), {"hour": "18:00", "no_weekdays": list("0123456")})
    assert answer.status_code == 422
    assert b"Leave at least one day" in answer.content


def invite(client, session):
    answer = client.post(url("invite", session), {"name": "Sam", "phone": "213 555 0124", "email": ""})
    shown = client.get(answer["Location"]).content.decode()
    token = shown.split("/s/")[1].split("/")[0]
    again = client.get(answer["Location"]).content.decode()
    assert token not in again
    return token


def test_the_day_of_a_session_from_the_link_to_the_check_in(case, patient_client, at):
    session = case.planned()[0]
    token = invite(patient_client, session)
    assert SitterInvitation.objects.get().token_digest != token
    guest = Client()
    link = reverse("treatment:sitter", args=[token])
    assert guest.get(link).status_code == 200
    guest.post(reverse("treatment:sitter_confirm", args=[token]), {"adult": "on", "stays": "on"})

    at(session.starts_at)
    patient_client = cast.signed_in(case.patient.user)
    assert b"readiness check" in patient_client.get(url("session", session)).content
    for page in CALM:
        assert patient_client.get(url("gate_page", session, page)).status_code == 200
    assert patient_client.get(url("gate", session))["Location"] == url("gate_page", session, "sitter")
    told_what_waits(patient_client, session)
    through_gate(patient_client, session)
    ready = patient_client.get(url("gate_outcome", session)).content.decode()
    assert ("Begin now" in ready, "1 × Lozenge 100 mg, no more" in ready) == (True, True)
    patient_client.post(url("begin", session))
    patient_client.post(url("begin", session))
    session.refresh_from_db()
    assert session.status == "started"
    assert sorted(CheckIn.objects.values_list("kind", flat=True)) == ["after", "day", "scores"]
    live = patient_client.get(url("live", session))
    assert b"Get help" in live.content
    state = patient_client.get(url("state", session)).json()
    assert (state["hold_left"], state["phase"]) == (600, "hold")

    watch_and_release(session, patient_client, guest, token, at)
    check_in = session.check_in
    assert b"opens the day after your session" in patient_client.get(url("check_in", check_in)).content
    at(check_in.due_at + timedelta(hours=1))
    fresh = cast.signed_in(case.patient.user)
    first = fresh.get(url("check_in", check_in))
    assert first["Location"] == url("check_in_page", check_in, "body")
    answer_pages(fresh, check_in, safety={"wish_dead": "yes"})
    check_in.refresh_from_db()
    assert check_in.status == "answered"
    assert "tel:988" in fresh.get(url("check_in_sent", check_in)).content.decode().partition("<main")[2]


def watch_and_release(session, patient_client, guest, token, at):
    started = session.started_at
    at(started + timedelta(minutes=15))
    check = {"responds": "yes", "breathing_normal": "yes", "key": uuid4()}
    guest.post(reverse("treatment:sitter_check", args=[token]), check)
    guest.post(reverse("treatment:sitter_check", args=[token]), check)
    assert SitterCheck.objects.count() == 1
    at(started + timedelta(minutes=45))
    assert b"Note your blood pressure" in patient_client.get(url("live", session)).content
    patient_client.post(url("reading", session), reading_post(1))
    release = {"oriented": "yes", "walking": "yes"}
    at(started + timedelta(minutes=119))
    guest.post(reverse("treatment:sitter_release", args=[token]), release)
    session.refresh_from_db()
    assert session.status == "started"
    at(started + timedelta(minutes=121))
    link = reverse("treatment:sitter", args=[token])
    assert guest.get(link).status_code == 200
    guest.post(reverse("treatment:sitter_reading", args=[token]), reading_post(2, 125))
    guest.post(reverse("treatment:sitter_release", args=[token]), release)
    session.refresh_from_db()
    assert session.status == "completed"
    assert guest.get(link).status_code == 200
    assert b"What happens next" in patient_client.get(url("done", session)).content


def answer_pages(client, check_in, **changes):
    from treatment.rules.checkin import SIDE_EFFECTS
    from treatment.services.checkins import PAGES

    for page, names in PAGES.items():
        data = {name: "0" for name in names if name in SIDE_EFFECTS}
        if page == "mood":
            data = {"mood": "better", "mania_signs": "no", "psychosis_signs": "no"}
        if page == "safety":
            data = {"wish_dead": "no", "suicidal_thoughts": "no", "behavior": "no"}
        assert client.get(url("check_in_page", check_in, page)).status_code == 200
        answer = client.post(url("check_in_page", check_in, page), {**data, **changes.get(page, {})})
        assert answer.status_code == 302, (page, answer.content[-2000:])
    return answer


def test_a_high_risk_in_the_check_in_leads_to_the_crisis_page(case, at):
    session, _end = case.completed()
    at(session.check_in.due_at)
    client = cast.signed_in(case.patient.user)
    answer = answer_pages(client, session.check_in, safety={"behavior": "yes"})
    assert answer["Location"] == reverse("intake:crisis")
    assert Alert.objects.filter(kind="suicide_risk_high").count() == 1


def test_a_high_risk_at_the_gate_leads_to_the_crisis_page_and_holds(case, at):
    session = case.planned()[0]
    at(session.starts_at)
    client = cast.signed_in(case.patient.user)
    # One yes with the rest open holds already; the rest of it may be left open once it is high (I3).
    assert client.post(url("gate_page", session, "safety"), {"suicidal_thoughts": "yes"}).status_code == 422
    assert active_hold(case.patient).level == "incomplete"
    answer = client.post(url("gate_page", session, "safety"), {"suicidal_thoughts": "yes", "intent": "yes"})
    session.refresh_from_db()
    assert answer["Location"] == reverse("intake:crisis")
    assert "I am safe now, call me" in client.get(answer["Location"]).content.decode()
    assert session.status == "held"
    kinds = set(Alert.objects.values_list("kind", flat=True))
    assert kinds == {"suicide_risk_high", "session_held"}
    assert client.get(url("gate_outcome", session)).status_code == 200


def test_a_prescriber_outside_the_care_relation_gets_404(case, other_prescriber, at):
    prescription = case.signed()
    client = cast.signed_in(other_prescriber.user)
    for name in ("prescription_detail", "prescription_pdf"):
        assert client.get(reverse(f"admin:{name}", args=[prescription.pk])).status_code == 404
    assert client.get(reverse("admin:draft_prescription", args=[case.patient.pk])).status_code == 404
    assert client.post(reverse("admin:stop_prescription", args=[prescription.pk])).status_code == 404


def test_a_page_takes_few_queries(case, patient_client, at, django_assert_max_num_queries):
    session = case.planned()[0]
    for address in (reverse("treatment:home"), url("session", session)):
        patient_client.get(address)
        with django_assert_max_num_queries(12):
            assert patient_client.get(address).status_code == 200


def test_looking_at_the_outcome_decides_nothing_and_checking_again_does(case, patient_client, at):
    """ASVS 3.5.3: a page that is only looked at releases no dose; the sitter confirms after the readings."""
    session = case.planned()[0]
    invitation, _token = case.invited(session)
    at(session.starts_at)
    client = cast.signed_in(case.patient.user)
    through_gate(client, session)
    services.sitter_confirm(invitation=invitation, adult=True, stays=True, now=session.starts_at)
    assert b"Everything is there now" in client.get(url("gate_outcome", session)).content
    session.refresh_from_db()
    assert session.status == "scheduled"
    client.post(url("gate_outcome", session))
    session.refresh_from_db()
    assert session.status == "released"
