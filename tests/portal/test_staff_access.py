"""Who may open what on the staff site: every address, every role, every method (BUG-02, BUG-26, SEC-08, BUG-33)."""

import uuid
from datetime import timedelta
from functools import cache
from itertools import cycle

import pytest
from django.db import transaction
from django.urls import reverse

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.alerts.models import Alert, FollowUp, SafetyHold
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from harmoniously.portal.staff import site
from telemedicine.models import Appointment
from tests import cast
from tests.cast import NOON
from tests.portal.staff_access import PAGES, ROLES
from tests.telemedicine.cases import CANARY, make_decision, make_visit

pytestmark = pytest.mark.django_db
STAFF = [Role.PRESCRIBER, Role.THERAPIST, Role.COORDINATOR, Role.ADMINISTRATOR]
SEALED = (CANARY, "Robin Example", "+15550100123", "1 Test Way")


@pytest.fixture
def case(patient, prescriber):
    """A waiting case, and one row of everything that staff pages show about a patient. Nobody cares for them yet."""
    about = {"patient": patient, "about": "test", "opened_at": NOON}
    Alert.objects.create(kind="session_held", dedupe_key="alert", **about)
    SafetyHold.objects.create(level="moderate", **about)
    FollowUp.objects.create(kind="call_back", dedupe_key="call", due_at=NOON, **about)
    make_visit(patient, prescriber, starts_at=clock.now() + timedelta(days=2), status="booked")
    return make_decision(patient)


@pytest.fixture
def people(case, prescriber, therapist, coordinator, administrator):
    return dict(zip(STAFF, [prescriber.user, therapist.user, coordinator, administrator], strict=True))


def address(entry, case):
    """The address of one pattern, with the keys of the one case and of what was made beside it."""
    names = entry.pattern.converters or entry.pattern.regex.groupindex
    values = {"pk": key_for(entry.name, case), "object_id": uuid.uuid4(), "app_label": "accounts"}
    return reverse(f"admin:{entry.name}", kwargs={name: values.get(name, case.patient_id) for name in names})


def key_for(name, case):
    """The row an address is about; rows of treatment are held against their own doors in tests/treatment."""
    patient = case.patient
    if name == "patient":
        return patient.pk
    if name in ("case_version", "case_answers"):
        return case.pk
    if "alert" in name:
        return Alert.objects.get(patient=patient).pk
    if name == "safety_hold":
        return SafetyHold.objects.get(patient=patient).pk
    if name.startswith("follow_up"):
        return FollowUp.objects.get(patient=patient).pk
    if name.startswith("appointment") or name == "visit":
        return Appointment.objects.get(patient=patient).pk
    return uuid.uuid4()


@cache
def patterns():
    found = [entry for entry in site.get_urls() if getattr(entry, "name", None)]
    for resolver in site.get_urls():
        found += [entry for entry in getattr(resolver, "url_patterns", []) if entry.name]
    return found


def answer_of(path, method, client, case):
    """What this person gets; what they changed is undone before the next one tries."""
    with transaction.atomic():
        response = getattr(client, method)(path, {"decision": case.pk})
        transaction.set_rollback(True)
    if response.status_code in {403, 404}:
        body = response.content.decode()
        assert not any(secret in body for secret in SEALED), "a refusal must not hold the record (BUG-26)"
    return response.status_code


def test_every_page_answers_each_role_as_the_table_says(people, case):
    """Whom the door of a page refuses, or who asks by a method it has not, is tried in the matrix of tests/security."""
    entries = {entry.name: entry for entry in patterns()}
    clients = {role: cast.signed_in(people[role]) for role in STAFF}
    wrong = []
    for name, row in PAGES.items():
        path, open_to = address(entries[name], case), getattr(entries[name].callback, "open_to", STAFF)
        for method, answers in row.items():
            for role, wanted in zip(STAFF, answers, strict=True):
                if role not in open_to:
                    assert wanted in {403, 404, 405}, f"{method} {name} as {role}"
                elif wanted != 405:
                    found = answer_of(path, method, clients[role], case)
                    if found != wanted:
                        wrong.append(f"{method} {name} as {role}: {found}, not {wanted}")
    assert wrong == []


def test_the_table_knows_every_role():
    assert set(ROLES) == {role.value for role in Role}


# The second factor


def test_staff_without_a_second_factor_reach_nothing_but_enrolment(case):
    """SEC-08, BUG-33: every address, Django's own ones included, by whom its own admin would let in anywhere."""
    client = cast.signed_in(User.objects.create_superuser("new@example.com", cast.PASSWORD), second_factor=False)
    for entry in patterns():
        response = client.get(address(entry, case))
        assert response.status_code == 302, entry.name
        assert response.url.startswith("/accounts/"), entry.name
        if entry.name != "logout":
            assert "/2fa/" in response.url, entry.name


def test_a_password_alone_is_not_enough_for_staff_who_have_a_second_factor(case, prescriber):
    """Nor for somebody new who has none yet: at each address one of the two."""
    new = User.objects.create_user("new@example.com", cast.PASSWORD, role=Role.PRESCRIBER)
    clients = cycle([cast.signed_in(user, second_factor=False) for user in (prescriber.user, new)])
    for entry, client in zip(patterns(), clients, strict=False):
        response = client.get(address(entry, case))
        assert response.status_code == 302, entry.name
        assert response.url.startswith("/accounts/"), entry.name


def test_the_sign_in_of_the_staff_site_is_allauths(client):
    response = client.get(reverse("admin:login"))
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_somebody_who_may_not_sign_in_any_more_is_out_on_the_next_request(prescriber, case):
    """SEC-10"""
    client = cast.signed_in(prescriber.user)
    assert client.get(reverse("admin:review_queue")).status_code == 200
    User.objects.filter(pk=prescriber.user_id).update(is_active=False)
    assert client.get(reverse("admin:review_queue")).status_code == 302


# Tables


def test_every_list_and_every_row_on_the_staff_site_leaves_a_trace(people, prescriber, patient):
    """SEC-06"""
    rows = {"accounts_user": prescriber.user, "accounts_clinician": prescriber}
    rows["accounts_carerelation"] = cast.take_into_care(patient, prescriber)
    client = cast.signed_in(people[Role.ADMINISTRATOR])
    for table, row in rows.items():
        AuditEvent.objects.filter(action__startswith=row._meta.model_name).count()
        assert client.get(reverse(f"admin:{table}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:{table}_change", args=[row.pk])).status_code == 200
        actions = set(AuditEvent.objects.values_list("action", flat=True))
        assert {f"{row._meta.model_name}.listed", f"{row._meta.model_name}.viewed"} <= actions


def test_nobody_becomes_staff_or_superuser_through_extra_fields(people):
    """BUG-03"""
    client = cast.signed_in(people[Role.ADMINISTRATOR])
    data = {"email": "New@Example.com", "full_name": "New Person", "role": "coordinator", "is_active": "on"}
    extra = {"id": str(uuid.uuid4()), "is_superuser": "on", "is_staff": "on", "password": "x"}
    assert client.post(reverse("admin:accounts_user_add"), data | extra).status_code == 302
    made = User.objects.get(email="new@example.com")
    assert (made.role, made.is_staff, made.is_superuser, made.has_usable_password()) == (
        "coordinator",
        True,
        False,
        False,
    )
    assert str(made.pk) != extra["id"]


def test_an_administrator_neither_demotes_nor_locks_out_themselves(people):
    admin = people[Role.ADMINISTRATOR]
    client = cast.signed_in(admin)
    client.post(reverse("admin:accounts_user_change", args=[admin.pk]), {"role": "coordinator", "full_name": "Me"})
    admin.refresh_from_db()
    assert (admin.role, admin.is_active, admin.full_name) == ("administrator", True, "Me")


def test_a_patients_account_is_closed_but_never_made_staff(people, patient):
    client = cast.signed_in(people[Role.ADMINISTRATOR])
    address = reverse("admin:accounts_user_change", args=[patient.user_id])
    assert client.get(address).status_code == 200
    assert client.post(address, {"role": "administrator"}).status_code == 302
    patient.user.refresh_from_db()
    assert (patient.user.role, patient.user.is_staff, patient.user.is_active) == ("patient", False, False)


def test_the_bodies_of_refusals_hold_no_record(case, other_prescriber):
    """BUG-26: a prescriber without a licence there and without care."""
    response = cast.signed_in(other_prescriber.user).get(reverse("admin:case", args=[case.patient_id]))
    assert response.status_code == 404
    assert not any(secret in response.content.decode() for secret in SEALED)
    assert AuditEvent.objects.filter(action="eligibilitydecision.refused", patient=case.patient_id).exists()


def test_coordinators_see_who_and_when_but_never_what_was_said(case, coordinator_client):
    Patient.objects.filter(pk=case.patient_id).update(state="CA")
    for name, args in (("patients", []), ("patient", [case.patient_id]), ("index", [])):
        body = coordinator_client.get(reverse(f"admin:{name}", args=args)).content.decode()
        assert CANARY not in body, name
        assert "hypertension" not in body, name
