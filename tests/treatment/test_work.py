"""The one queue: every kind in one order, counts that are right, and nothing in two hands."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.http import Http404
from django.urls import reverse

from harmoniously.core.accounts.models import CareRelation, Licence
from harmoniously.core.accounts.roles import Role
from harmoniously.core.alerts.models import SafetyHold
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import compiled
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.portal import staff_context
from harmoniously.portal.staff_context import counts as menu
from telemedicine.models import Review, WorkClaim
from telemedicine.refills import services as refills
from telemedicine.reviews import services as reviews
from telemedicine.reviews.rules.triage import CASES, Kind, Work, work_key
from telemedicine.work import access, services, sources
from telemedicine.work.colleagues import colleagues
from telemedicine.work.reading import PARTS, Show, read
from tests import cast
from tests.treatment import every_kind
from tests.treatment.conftest import START
from tests.treatment.every_kind import HOUR, NOW, item, shown
from treatment.models import (
    AdverseEvent,
    CheckIn,
    RefillRequest,
)
from treatment.services import review_check_in

pytestmark = pytest.mark.django_db


everything = every_kind.everything


def test_every_kind_stands_in_one_order_and_says_why_and_since_when(everything):
    found = shown(everything.prescriber.user)
    told = [(line.kind, line.urgency.words, line.since) for line in found]
    assert told == [
        (Kind.CHECK_IN, "Treatment stopped", "3 hours"),
        (Kind.SESSION, "Treatment stopped", "2 hours"),
        (Kind.SUPPLY, "Treatment stopped", "60 minutes"),
        (Kind.CHECK_IN, "Priority", "60 minutes"),
        (Kind.EVENT, "Late", "4 hours"),
        (Kind.SECOND, "Decision due", "24 hours"),
        (Kind.REFILL, "Decision due", "5 hours"),
        (Kind.RENEWAL, "Decision due", "60 minutes"),
        (Kind.INFORMATION, "Arrived", "2 hours"),
        (Kind.APPLICATION, "Waiting", "6 hours"),
    ]
    assert all(line.why and line.todo and line.url for line in found)


def test_the_order_in_sql_is_the_order_of_the_rules(everything):
    """Under every hold the patient can be under, and with every fact that puts something on a rung."""
    doctor, patient = everything.prescriber.user, everything.patient
    event, request = AdverseEvent.objects.get(), RefillRequest.objects.get()
    seen = set()
    for level in (None, "moderate", "high"):
        SafetyHold.objects.filter(patient=patient).delete()
        if level:
            SafetyHold.objects.create(patient=patient, level=level, about="test", opened_at=NOW)
        for late, asked in ((False, False), (True, True), (False, True)):
            AdverseEvent.objects.filter(pk=event.pk).update(
                status="open" if late else "reported", look_due_at=NOW if late else NOW + HOUR
            )
            ago = timedelta(hours=48) if late else timedelta(hours=47, minutes=59)
            RefillRequest.objects.filter(pk=request.pk).update(
                requested_at=NOW - ago, status="asked" if asked else "requested"
            )
            found = [row for row in sources.ordered(doctor, NOW) if row["what"] not in CASES]
            keys = [work_key(_work(row, level, late, asked)) for row in found]
            assert [(row["rung"], row["risk"], row["since"]) for row in found] == keys
            assert keys == sorted(keys)
            seen |= {row["rung"] for row in found}
    assert seen == {0, 1, 2, 3, 4, 5, 9}


def _work(row, level, late, asked):
    """The same row as the rule reads it."""
    kind = Kind(row["what"])
    stops = kind in (Kind.SESSION, Kind.SUPPLY)
    if kind is Kind.CHECK_IN:
        stops = CheckIn.objects.get(pk=row["key"]).stops
    timed, refill = kind in (Kind.EVENT, Kind.REFILL), kind is Kind.REFILL
    return Work(kind, row["since"], hold=level, stops=stops, late=late and timed, asked=asked and refill)


def test_the_counts_are_those_of_the_lists_and_of_the_menu(everything):
    doctor = everything.prescriber.user
    services.claim(item=item(doctor, Kind.SUPPLY), by=doctor, now=NOW)
    found = read(doctor, NOW, Show(), 0, 1).counts
    for part in (*PARTS, *Kind):
        assert found.of(Show(part)) == len(shown(doctor, part)), part
    assert found.total == menu(doctor, NOW)["queue"] == 10
    assert (found.of(Show("mine")), found.of(Show("free"))) == (2, 8)
    assert found.total == sum(found.of(Show(kind)) for kind in Kind)


def test_the_menu_counts_no_further_than_it_tells(everything, monkeypatch):
    """At most one more of each kind is looked at; what is told is the number, or that there are more."""
    assert (staff_context.how_many(1000), staff_context.how_many(1001)) == (1000, "1,000+")
    monkeypatch.setattr(compiled, "_kept", {})
    monkeypatch.setattr(staff_context, "COUNTED_TO", 0)
    assert menu(everything.prescriber.user, NOW)["queue"] == len(set(Kind) - {Kind.INFORMATION}) < 10
    assert menu(everything.prescriber.user, NOW, queue=10)["queue"] == 10


def test_what_is_put_together_once_answers_for_whoever_asks_and_for_now(everything, monkeypatch):
    """The texts of the queries are kept for a process; who asks, and when, is filled in."""
    monkeypatch.setattr(compiled, "_kept", {})  # of this process, and so of other tests
    colleague = _licensed(everything.patient)
    services.claim(item=item(colleague.user, Kind.REFILL), by=colleague.user, now=NOW)
    seen = set()
    for who in (everything.prescriber.user, colleague.user):
        for now in (NOW - 2 * HOUR, NOW, NOW + timedelta(hours=45)):
            rows = list(sources.ordered(who, now))
            assert sources.head(who, now, 5) == rows[:5]
            assert read(who, now, Show(), 2, 50).rows == rows[2:]
            own = [row for row in rows if row["holder"] == who.clinician.pk]
            assert read(who, now, Show("mine"), 0, 50).rows == own
            seen |= {str(rows), str(own)}
            assert menu(who, now)["queue"] == sum(found.count() for found in sources.waiting(who, now).values())
    assert len(seen) > 5, "they must differ for this to mean anything"
    assert compiled._kept
    assert None not in compiled._kept.values()


def test_what_is_kept_is_one_text_whoever_it_is_put_together_for(everything):
    """Words and numbers in a query are kept as they are: none of them may be somebody's, or of a moment."""
    doctors = [everything.prescriber.user, _licensed(everything.patient).user]
    office = [cast.make_user(f"{name}-desk@example.com", Role.COORDINATOR) for name in ("north", "south")]
    for people in (doctors, office):
        assert len(_texts(people, staff_context._lists, staff_context._values)) == 1
    assert len(_texts(doctors, sources.ordered, sources.values)) == 1


def _texts(people, build, values):
    moments = [moment.replace(microsecond=compiled.ODD) for moment in (NOW, NOW + 40 * HOUR)]
    found = [compiled._keep(partial(build, who), partial(values, who), now) for who in people for now in moments]
    # What is handed over as JSON is wrapped anew each time.
    return {(kept.sql, str([(name, getattr(one, "adapted", one)) for name, one in kept.places])) for kept in found}


def test_the_page_shows_every_kind_with_twelve_queries(everything, at, django_assert_max_num_queries):
    at(NOW)
    client = cast.signed_in(everything.prescriber.user)
    services.claim(item=item(everything.prescriber.user, Kind.SUPPLY), by=everything.prescriber.user, now=NOW)
    with django_assert_max_num_queries(12):
        body = client.get(reverse("admin:review_queue")).content.decode()
    assert body.count('scope="row"') == 10
    assert '<span class="count">10</span>' in body
    assert "PHQ-9 went from 10 to 16" in body
    with django_assert_max_num_queries(12):
        today = client.get(reverse("admin:index")).content.decode()
    assert body.count("Treatment stopped") == today.count("Treatment stopped") == 3


# In one pair of hands


def test_nothing_is_in_two_hands_and_a_second_click_does_nothing(everything):
    doctor, colleague = everything.prescriber.user, _licensed(everything.patient)
    for kind in (Kind.REFILL, Kind.CHECK_IN, Kind.APPLICATION):
        own, theirs = item(doctor, kind), item(colleague.user, kind)
        for _click in range(2):
            services.claim(item=theirs, by=colleague.user, now=NOW)
        for act in (services.claim, services.release):
            with pytest.raises(Conflict, match="Casey Colleague"):
                act(item=own if kind is not Kind.APPLICATION else theirs, by=doctor, now=NOW)
        for _click in range(2):
            services.release(item=theirs, by=colleague.user, now=NOW)
        services.claim(item=theirs, by=doctor, now=NOW)
    assert WorkClaim.objects.filter(ended_at=None).count() == 2
    trail = AuditEvent.objects.filter(patient=everything.patient.pk, action__startswith="work.")
    assert list(trail.values_list("action", flat=True)) == ["work.claimed", "work.released", "work.claimed"] * 2


def _licensed(patient):
    """A colleague who cares for the patient, too."""
    found = cast.make_clinician("casey@example.com", display_name="Dr Casey Colleague")
    cast.take_into_care(patient, found, START)
    return found


def test_who_gets_something_handed_over_finds_it_marked_and_twice_is_once(everything):
    doctor, to = everything.prescriber.user, _licensed(everything.patient)
    held = item(doctor, Kind.SESSION)
    with pytest.raises(RuleViolation, match="Claim it first"):
        services.hand_over(item=held, to=to, by=doctor, now=NOW)
    services.claim(item=held, by=doctor, now=NOW)
    assert to in colleagues(held, doctor, NOW)
    for _click in range(2):
        services.hand_over(item=held, to=to, by=doctor, now=NOW + HOUR)
    [line] = [line for line in shown(to.user, "mine") if line.kind is Kind.SESSION]
    assert (line.hands.mine, line.hands.handed_by) == (True, doctor.display_name)
    assert shown(doctor, "session")[0].hands.name == str(to)
    with pytest.raises(Conflict, match="Casey"):
        services.release(item=held, by=doctor, now=NOW)
    assert WorkClaim.objects.filter(ended_at=None).count() == 1


def test_the_page_of_what_a_colleague_has_in_hand_says_so(everything, at):
    """UX-18"""
    at(NOW)
    colleague = _licensed(everything.patient)
    held = item(colleague.user, Kind.CHECK_IN)
    services.claim(item=held, by=colleague.user, now=NOW)
    page = reverse("admin:check_in", args=[held.row.pk])
    mine, theirs = (cast.signed_in(who.user).get(page).content.decode() for who in (colleague, everything.prescriber))
    assert ("You have this in hand" in mine, "Dr Casey Colleague" in theirs) == (True, True)
    other = reverse("admin:adverse_event", args=[AdverseEvent.objects.get().pk])
    assert "has this in hand" not in cast.signed_in(everything.prescriber.user).get(other).content.decode()


def test_sec03_a_claim_opens_nothing_and_goes_only_to_who_may_do_it(everything):
    doctor, stranger = everything.prescriber.user, cast.make_clinician("stranger@example.com")
    check_in, draft = item(doctor, Kind.CHECK_IN), item(doctor, Kind.SECOND)
    services.claim(item=check_in, by=doctor, now=NOW)
    services.claim(item=draft, by=doctor, now=NOW)
    with pytest.raises(Http404):
        access.item_for(stranger.user, Kind.CHECK_IN, check_in.row.pk, NOW)
    with pytest.raises(RuleViolation, match="may not do this"):
        services.hand_over(item=check_in, to=stranger, by=doctor, now=NOW)
    assert stranger not in colleagues(check_in, doctor, NOW)
    own_draft = draft.row.prescriber
    assert (stranger in colleagues(draft, doctor, NOW), own_draft in colleagues(draft, doctor, NOW)) == (True, False)
    with pytest.raises(RuleViolation, match="may not do this"):
        services.hand_over(item=draft, to=own_draft, by=doctor, now=NOW)
    Licence.objects.filter(clinician=stranger).update(expires_on=START.date())
    assert stranger not in colleagues(draft, doctor, NOW)
    services.hand_over(item=draft, to=cast.make_clinician("third@example.com"), by=doctor, now=NOW)
    assert not CareRelation.objects.filter(patient=draft.patient, clinician__user__email="third@example.com").exists()


def test_what_is_done_or_left_for_a_day_is_in_nobodys_hands(everything):
    doctor = everything.prescriber.user
    read, left = item(doctor, Kind.CHECK_IN), item(doctor, Kind.SUPPLY)
    for each in (read, left):
        services.claim(item=each, by=doctor, now=NOW)
    assert services.sweep(now=NOW + HOUR) == 0
    review_check_in(check_in=read.row, by=doctor, now=NOW + HOUR)
    assert services.sweep(now=NOW + HOUR) == 1
    assert services.sweep(now=NOW + timedelta(hours=24, seconds=-1)) == 0
    assert services.sweep(now=NOW + timedelta(hours=24)) == 1
    ended = dict(WorkClaim.objects.values_list("subject", "ended_how"))
    assert ended == {read.row.pk: "over", left.row.pk: "lapsed"}


def test_who_left_or_lost_the_patient_holds_nothing(everything):
    doctor, gone = everything.prescriber.user, _licensed(everything.patient)
    flag, new = item(doctor, Kind.SUPPLY), item(doctor, Kind.APPLICATION)
    for each in (flag, new):
        services.claim(item=each, by=gone.user, now=NOW)
    type(gone.user).objects.filter(pk=gone.user.pk).update(role=Role.THERAPIST)
    assert {line.hands.name for line in shown(doctor, "supply")} == {""}
    for each in (flag, new):
        services.claim(item=item(doctor, each.kind), by=doctor, now=NOW)
    assert Review.objects.get(decision=new.row).clinician == everything.prescriber
    CareRelation.objects.filter(patient=everything.patient).update(until=NOW)
    assert services.sweep(now=NOW + HOUR) == 1


def test_a_request_that_a_colleague_has_in_hand_is_not_answered_by_another(everything):
    """Two answers to one patient would be worse than one that waits."""
    doctor, colleague = everything.prescriber, _licensed(everything.patient)
    services.claim(item=item(colleague.user, Kind.REFILL), by=colleague.user, now=NOW)
    request = RefillRequest.objects.get()
    said = {"request": request, "clinician": doctor, "now": NOW}
    with pytest.raises(Conflict, match="Casey"):
        refills.decline(reason="Not yet: the check-in says so.", words_to_patient="Not yet.", **said)
    with pytest.raises(Conflict, match="Casey"):
        refills.ask(question="How did it go?", form_token=uuid.uuid4(), **said)
    with pytest.raises(Conflict, match="Casey"):
        refills.approve(patient=everything.patient, **said)
    with pytest.raises(Conflict, match="in hand"):  # from a page that was opened before anybody asked
        refills.approve(patient=everything.patient, **{**said, "request": None})
    request.refresh_from_db()
    assert request.status == "requested"


def test_an_application_is_handed_over_with_its_care(everything):
    doctor, to = everything.prescriber, cast.make_clinician("casey@example.com", display_name="Dr Casey Colleague")
    new = item(doctor.user, Kind.APPLICATION)
    services.claim(item=new, by=doctor.user, now=NOW)
    Licence.objects.filter(clinician=to).update(state="NY")
    with pytest.raises(RuleViolation, match="may not do this"):
        services.hand_over(item=new, to=to, by=doctor.user, now=NOW)
    Licence.objects.filter(clinician=to).update(state="CA")
    for _click in range(2):
        services.hand_over(item=item(doctor.user, Kind.APPLICATION), to=to, by=doctor.user, now=NOW)
    review = Review.objects.get(decision=new.row)
    assert (review.clinician, review.handed_by, review.status) == (to, doctor.user, "claimed")
    caring = CareRelation.objects.filter(patient=new.patient, until=None)
    assert [relation.clinician for relation in caring] == [to]
    with pytest.raises(Conflict, match="Casey"):
        reviews.give_back(decision=new.row, by=doctor.user, now=NOW)
    reviews.give_back(decision=new.row, by=to.user, now=NOW)
    assert Review.objects.get(decision=new.row).handed_by is None


def test_the_buttons_lead_back_to_the_line_and_a_faster_colleague_is_named(everything, at):
    at(NOW)
    doctor, colleague = everything.prescriber, _licensed(everything.patient)
    client, key = cast.signed_in(doctor.user), item(doctor.user, Kind.SUPPLY).row.pk
    act = {name: reverse(f"admin:{name}_work", args=["supply", key]) for name in ("claim", "release")}
    done = client.post(act["claim"], {"show": "supply", "page": "1"})
    assert (done.status_code, done.url) == (302, f"/admin/queue/?show=supply&page=1#w-{key}")
    late = cast.signed_in(colleague.user).post(act["claim"], {"show": "supply"})
    assert (late.status_code, "Dr Jordan Sample" in late.content.decode()) == (409, True)
    page = reverse("admin:work_item", args=["supply", key])
    assert client.post(page, {"to": str(uuid.uuid4())}).status_code == 422
    assert client.post(page, {"to": str(colleague.pk)}).status_code == 302
    assert client.post(act["release"]).status_code == 409
    assert client.post(reverse("admin:claim_work", args=["nothing", key])).status_code == 404
