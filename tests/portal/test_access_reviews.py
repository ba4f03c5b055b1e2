"""Who opened what without a reason near it, and that what somebody found about it stays."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from harmoniously.core.accounts.models import EmergencyAccess, Patient, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.audit.models import AccessFinding, AccessItem, AccessReview, AuditEvent
from harmoniously.core.audit.review_models import ItemKind, Verdict
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.portal.access_reviews import services
from harmoniously.portal.system import checks
from tests import cast
from tests.cast import NOON
from tests.telemedicine.cases import make_visit

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
THEN = NOON - 40 * DAY


@pytest.fixture
def colleague():
    return cast.make_user("colleague@example.com", Role.ADMINISTRATOR, full_name="Kit Instance")


def read(who, patient, at, **facts):
    record(actor=who, action="patient.viewed", now=at, subject=patient, **facts)


def begin(by, since=NOON - 90 * DAY):
    return services.begin(since=since, until=NOON, by=by, now=NOON)


def kept(review, kind):
    return list(AccessItem.objects.filter(review=review, kind=kind).order_by("person__email"))


def test_an_opening_without_a_reason_near_it_is_listed(patient, other_patient, prescriber, therapist, administrator):
    """A visit, or anything the same person did for the patient within a week, explains it."""
    read(prescriber.user, patient, THEN)
    read(prescriber.user, patient, THEN + DAY)
    record(actor=prescriber.user, action="appointment.opened", now=THEN, patient=patient)  # a page, too
    read(therapist.user, patient, THEN)
    record(actor=therapist.user, action="message.sent", now=THEN + 7 * DAY, patient=patient)
    read(prescriber.user, other_patient, THEN)
    make_visit(other_patient, prescriber, starts_at=THEN + 3 * DAY)
    read(patient.user, patient, THEN)  # their own record
    read(therapist.user, other_patient, NOON - 91 * DAY)  # before the time
    [item] = kept(begin(administrator), ItemKind.OPENING)
    assert (item.person, item.patient, item.readings) == (prescriber.user, patient, 3)
    assert item.last_at - item.first_at == DAY


def test_nobody_is_left_out_because_many_opened_much(administrator, colleague):
    """Five hundred and six openings: all are listed, counted on the page, and can be judged person by person."""
    users = User.objects.bulk_create(User(email=f"{n}@many.example") for n in range(22))
    patients = Patient.objects.bulk_create(Patient(user=user) for user in users)
    desk = User.objects.bulk_create(
        User(email=f"{n}@desk.example", role=Role.COORDINATOR, is_staff=True) for n in range(23)
    )
    about = {"at": THEN, "role": "coordinator", "action": "patient.viewed", "payload": "{}"}
    AuditEvent.objects.bulk_create(
        AuditEvent(actor=who.pk, patient=whom.pk, chain=who.pk, **about) for who in desk for whom in patients
    )
    review = begin(administrator)
    client, page = cast.signed_in(colleague), f"/admin/access-reviews/{review.pk}/?kind=opening"
    assert "506 entries, of 23 people." in client.get(page).content.decode()
    [first, *_rest] = kept(review, ItemKind.OPENING)
    said = {"items": [first.pk], "verdict": "right", "words": "Moved the files.", "others": "on"}
    assert "22 findings are written down." in client.post(page, said, follow=True).content.decode()
    assert {row.item.person_id for row in AccessFinding.objects.select_related("item")} == {first.person_id}


def test_emergencies_and_accounts_are_listed_as_they_are(patient, prescriber, administrator, coordinator):
    row = EmergencyAccess.objects.create(
        patient=patient, clinician=prescriber, kind="danger", reason="Qzreason", since=THEN, until=THEN + DAY / 24
    )
    for _times in range(3):
        read(prescriber.user, patient, THEN, break_glass=str(row.pk))
    coordinator.last_login, coordinator.created_at = NOON - 90 * DAY, NOON - 200 * DAY
    coordinator.save(update_fields=["last_login", "created_at"])
    review = begin(administrator)
    [item] = kept(review, ItemKind.EMERGENCY)
    assert (item.emergency, item.readings, item.marks) == (row, 3, ["danger"])
    assert kept(review, ItemKind.OPENING) == [], "it is looked at once"
    marked = {item.person: item.marks for item in kept(review, ItemKind.ACCOUNT)}
    assert marked[coordinator] == ["dormant"]
    assert set(marked) == {administrator, prescriber.user, coordinator}
    page = cast.signed_in(administrator).get(f"/admin/access-reviews/{review.pk}/").content.decode()
    assert patient.mrn in page
    assert "Qzreason" not in page, "it may be clinical"
    services.judge(review=review, items=[item.pk], verdict=Verdict.RIGHT, words="", by=administrator, now=NOON)
    row.refresh_from_db()
    assert (row.reviewed_by, row.reviewed_at) == (administrator, NOON)


def test_nobody_judges_what_they_did_and_findings_stay(administrator, colleague, patient):
    read(administrator, patient, THEN)
    review = begin(administrator)
    everything = [item.pk for item in review.items.all()]
    right = {"review": review, "verdict": Verdict.RIGHT, "words": "", "now": NOON}
    for act, code in (
        (lambda: services.judge(items=everything, by=administrator, **right), "own"),
        (lambda: services.finish(review=review, by=administrator, now=NOON), "left"),
        (lambda: services.judge(**{**right, "verdict": Verdict.NOT_ALLOWED}, items=everything, by=colleague), "words"),
    ):
        with pytest.raises(RuleViolation) as refusal:
            act()
        assert refusal.value.code == code
    assert AccessFinding.objects.count() == 0
    others = [item.pk for item in review.items.exclude(person=administrator)]
    assert services.judge(items=others, by=administrator, **right) == len(others)
    assert services.judge(items=others, by=administrator, **right) == 0, "a second click adds nothing"
    for change in (AccessFinding.objects.all().delete, lambda: AccessItem.objects.update(readings=0)):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    services.finish(review=review, by=administrator, now=NOON)
    with pytest.raises(Conflict):
        services.judge(items=others, by=colleague, **right)
    assert AuditEvent.objects.filter(action="access_review.judged").count() == len(others)
    # What the administrator did waits for a colleague, also now.
    mine = [item.pk for item in review.items.filter(person=administrator)]
    page = f"/admin/access-reviews/{review.pk}/?kind=account"
    assert cast.signed_in(administrator).get(page).context["takes"] is False
    assert cast.signed_in(colleague).get(page).context["takes"] is True
    assert services.judge(items=mine, by=colleague, **right) == len(mine)
    own = len(mine)
    assert AuditEvent.objects.get(action="access_review.finished").facts == {"items": len(others) + own, "own": own}


def test_one_review_at_a_time_and_the_next_one_is_due_after_three_months(administrator):
    review = begin(administrator)
    with pytest.raises(Conflict), transaction.atomic():
        begin(administrator)
    services.finish(review=review, by=administrator, now=NOON)

    def overdue(now):
        return "Next access review" in {check.title for check in checks.amiss(now)}

    assert not overdue(NOON + 92 * DAY)
    assert overdue(NOON + 92 * DAY + timedelta(seconds=1))
    assert AccessReview.objects.get().next_due_at == NOON + 92 * DAY


def test_a_whole_review_from_its_pages(administrator, colleague):
    client = cast.signed_in(administrator)
    assert client.post("/admin/access-reviews/", {"since": "2026-08-01", "until": "2026-07-01"}).status_code == 422
    assert client.post("/admin/access-reviews/", {"since": "2026-08-01", "until": "2999-01-01"}).status_code == 422
    assert client.post("/admin/access-reviews/", {"since": "0001-01-02", "until": "0001-03-01"}).status_code == 422
    begun = client.post("/admin/access-reviews/", {"since": "2026-08-01", "until": "2026-10-31"})
    here = f"{begun['Location']}?kind=account"
    assert client.post("/admin/access-reviews/", {"since": "2026-08-01", "until": "2026-10-31"}).status_code == 409
    item = AccessItem.objects.get(person=colleague)
    assert client.post(here, {"items": [item.pk], "verdict": "not_allowed", "words": ""}).status_code == 422
    own = AccessItem.objects.get(person=administrator)
    assert client.post(here, {"items": [own.pk], "verdict": "right"}).status_code == 422
    assert client.post(f"{begun['Location']}done/").status_code == 422
    judged = client.post(here, {"items": [item.pk], "verdict": "follow_up", "words": "Leaves in May."}, follow=True)
    assert "1 finding is written down." in judged.content.decode()
    done = client.post(f"{begun['Location']}done/", follow=True).content.decode()
    assert "The review is done." in done
    assert "Leaves in May." in client.get(here).content.decode()
