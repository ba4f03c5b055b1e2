"""A suicide risk, at the moment it is answered: crisis page, alert, hold (policy section 4, I3)."""

import pytest
from django.test import Client
from django.urls import reverse

from harmoniously.core.accounts.models import Clinician, Patient
from harmoniously.core.alerts import services as alerting
from harmoniously.core.alerts.models import Alert, SafetyHold
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.common import clock
from harmoniously.core.questions.models import Assessment
from intake.models import EligibilityDecision, Submission
from intake.services import submit
from tests.cast import NOON, PLAN, make_clinician, signed_in
from tests.intake.walk import ANSWERS, Walker, items, key_of, make_draft, url_of

pytestmark = pytest.mark.django_db
THOUGHTS = {"wish_dead": "yes", "suicidal_thoughts": "yes"}
INTENT = {"method": "no", "intent": "yes", "plan": "no"}


@pytest.fixture(autouse=True)
def on_call(db: None) -> Clinician:
    return make_clinician("on-call@example.com", on_call=1, display_name="Dr On Call")


@pytest.fixture
def walker(patient_client: Client, patient: Patient) -> Walker:
    """Somebody who stands before the C-SSRS and whose answers to it will be HIGH."""
    Submission.objects.filter(patient=patient).delete()
    draft = make_draft(patient)
    kept = ("about_you", "where_you_are", "emergency_contact", "indications", "phq9", "gad7")
    draft.answers = {key: draft.answers[key] for key in kept}
    draft.save()
    return Walker(patient_client, cssrs_thoughts=THOUGHTS, cssrs_plans=INTENT)


def test_i3_what_is_typed_freely_rings_when_it_may_mean_danger_and_opens_to_whoever_takes_it(
    patient: Patient, patient_client: Client, on_call: Clinician
) -> None:
    make_draft(patient)
    walker, help_now = Walker(patient_client), reverse("intake:crisis")
    hay, die, more = "Hay fever.", "I want to die", "Hay fever, and I want to kill myself"
    said = ((hay, 0, False), (die, 1, True), (die, 1, False), (die, 1, False), (hay, 1, False), (more, 2, True))
    for number, (words, told, helped) in enumerate(said):
        codes = ["cystitis_active" if number == 3 else "none"]  # the same words beside another answer are not new
        answer = walker.post("conditions_body", {"codes": codes, "other": words})
        rows = Alert.objects.filter(kind="crisis_words").order_by("opened_at")
        assert (rows.count(), answer["Location"] == help_now) == (told, helped), words
    assert "on call was told" in patient_client.get(help_now).content.decode()
    clinician, [_first, newest] = signed_in(on_call.user), rows
    there = reverse("admin:alert_detail", args=[newest.pk])
    assert more not in clinician.get(there).content.decode()
    alerting.acknowledge(alert=newest, by=on_call.user, now=clock.now(), note="Calling.")
    assert more in clinician.get(there).content.decode()
    walker.post("conditions_body", {"codes": ["none"], "other": ""})
    assert "were changed since" in clinician.get(there).content.decode()
    # What cannot be saved is heeded all the same: too long, in an old tab, under a hold. Until it is taken it is one.
    for held, typed in ((0, {"other": f"{die} " * 200}), (0, {"codes": ["none"], "other": die}), (1, {"other": more})):
        if held:
            alerting.open_hold(patient=patient, level="high", about="x:1", by=patient.user, now=clock.now())
            typed = {"codes": ["none"], **typed}
        answer = patient_client.post(url_of("conditions_body"), {**typed, "version": "0"})
        unsaved = Alert.objects.get(about=f"patient:{patient.pk}")
        assert (answer["Location"], unsaved.newest_at is not None) == (help_now, "codes" in typed), typed
    alerting.acknowledge(alert=unsaved, by=on_call.user, now=clock.now(), note="Calling.")
    patient_client.post(url_of("conditions_body"), {"codes": ["none"], "other": die, "version": "0"})
    assert Alert.objects.filter(about=f"patient:{patient.pk}").count() == 2


def test_item_9_opens_the_cssrs_before_anything_else(walker: Walker) -> None:
    response = walker.post("phq9", items([0, 0, 0, 0, 0, 0, 0, 0, 1]))
    assert key_of(response["Location"]) == "cssrs_thoughts"
    assert b"Thank you for telling us" in walker.client.get(response["Location"]).content


def test_without_item_9_gad7_follows(walker: Walker) -> None:
    assert key_of(walker.post("phq9", items([3] * 8 + [0]))["Location"]) == "gad7"


def test_a_no_to_question_2_leads_to_question_6(walker: Walker) -> None:
    response = walker.post("cssrs_thoughts", {"wish_dead": "yes", "suicidal_thoughts": "no"})
    assert key_of(response["Location"]) == "cssrs_behavior"


def test_high_leads_to_the_crisis_page_at_once(walker: Walker, patient: Patient) -> None:
    walker.post("cssrs_thoughts")
    response = walker.post("cssrs_plans")

    assert response["Location"] == "/intake/help-now/"
    page = walker.client.get("/intake/help-now/").content.decode()
    assert all(words in page for words in ("tel:988", "sms:988", "tel:911", "741741", "I am safe now, call me"))
    hold = active_hold(patient)
    assert hold is not None
    assert hold.level == "high"


def test_posting_a_high_risk_twice_raises_one_alert(walker: Walker, patient: Patient) -> None:
    walker.post("cssrs_thoughts")
    given = {"version": 99, **INTENT}
    first, second = (walker.client.post(url_of("cssrs_plans"), given) for _ in range(2))

    assert first["Location"] == second["Location"] == "/intake/help-now/"
    assert list(Alert.objects.filter(patient=patient).values_list("kind", flat=True)) == ["suicide_risk_high"]
    assert Assessment.objects.filter(patient=patient, instrument="cssrs", band="high").count() == 1
    # I3: what is said once somebody took it is news, under the same hold; so is asking for help.
    taken, caller = Alert.objects.get(patient=patient), make_clinician("caller@example.com").user
    alerting.acknowledge(alert=taken, by=caller, now=clock.now(), note="Calling.")
    walker.client.post(url_of("cssrs_plans"), given)
    assert walker.client.post("/intake/help-now/call-me/").status_code == 302
    called = Alert.objects.get(patient=patient, kind="help_pressed")
    alerting.acknowledge(alert=called, by=caller, now=clock.now(), note="Calling.")
    walker.client.post("/intake/help-now/call-me/")
    open_ones = Alert.objects.filter(patient=patient, status="open").values_list("kind", flat=True)
    assert sorted(open_ones) == ["help_pressed", "suicide_risk_high"]


def test_the_crisis_page_stands_in_for_the_flow(walker: Walker) -> None:
    walker.post("cssrs_thoughts")
    walker.post("cssrs_plans")
    for address in ("/intake/", "/intake/check/", "/intake/result/", "/intake/questions/01/"):
        assert walker.client.get(address)["Location"] == "/intake/help-now/", address


def test_call_me_tells_the_on_call_person_once(walker: Walker, patient: Patient) -> None:
    walker.post("cssrs_thoughts")
    walker.post("cssrs_plans")
    for _ in range(2):
        assert walker.client.post("/intake/help-now/call-me/")["Location"] == "/intake/help-now/"

    assert Alert.objects.filter(patient=patient, kind="help_pressed").count() == 1
    assert b"We are going to call you" in walker.client.get("/intake/help-now/").content


def test_once_a_clinician_cleared_the_hold_the_questions_are_asked_again(walker: Walker, patient: Patient) -> None:
    walker.post("cssrs_thoughts")
    walker.post("cssrs_plans")
    clearing = make_clinician("clearing@example.com")
    hold = SafetyHold.objects.get(patient=patient)
    alerting.clear_hold(hold=hold, contact_note="spoke", safety_plan=PLAN, by=clearing.user, now=NOON)

    assert key_of(walker.begin()) == "cssrs_thoughts"
    walker.post("cssrs_thoughts", ANSWERS["cssrs_thoughts"])
    assert walker.client.get(url_of("cssrs_behavior")).status_code == 200


def test_moderate_opens_a_hold_and_goes_on(walker: Walker, patient: Patient) -> None:
    walker.post("cssrs_thoughts")
    walker.post("cssrs_plans", {"method": "yes", "intent": "no", "plan": "no"})
    response = walker.post("cssrs_behavior")

    hold = active_hold(patient)
    assert hold is not None
    assert (hold.level, key_of(response["Location"])) == ("moderate", "antidepressants")
    assert Alert.objects.get(patient=patient).kind == "suicide_risk_moderate"


def test_unanswered_questions_hold_until_they_are_answered(walker: Walker, patient: Patient) -> None:
    walker.post("cssrs_thoughts", {"_skipped": "on"})
    walker.post("cssrs_behavior")
    hold = active_hold(patient)
    assert hold is not None
    assert hold.level == "incomplete"

    walker.post("cssrs_thoughts", ANSWERS["cssrs_thoughts"])
    assert active_hold(patient) is None


def test_a_high_risk_found_only_when_handing_in_leads_to_help_too(patient: Patient, patient_client: Client) -> None:
    draft = make_draft(patient, cssrs_thoughts=THOUGHTS, cssrs_plans=INTENT)
    decision = submit(submission=draft, by=patient.user, now=NOON)

    assert decision.outcome == "crisis"
    assert Alert.objects.get(patient=patient).kind == "suicide_risk_high"
    assert patient_client.get("/intake/result/")["Location"] == "/intake/help-now/"
    assert EligibilityDecision.objects.get(patient=patient).suicide_risk == "high"


def cleared(patient: Patient) -> None:
    """A clinician spoke with the patient."""
    hold = SafetyHold.objects.get(patient=patient, cleared_at=None)
    by = make_clinician("clearing@example.com").user
    alerting.clear_hold(hold=hold, contact_note="spoke", safety_plan=PLAN, by=by, now=clock.now())


def test_after_a_crisis_found_when_handing_in_the_questions_are_asked_again(
    patient: Patient, patient_client: Client
) -> None:
    draft = make_draft(patient, cssrs_thoughts=THOUGHTS, cssrs_plans=INTENT)
    submit(submission=draft, by=patient.user, now=clock.now())
    cleared(patient)

    assert b"Help comes first" in patient_client.get("/intake/result/").content
    response = patient_client.post("/intake/change/", {"reason": "changed"})
    assert key_of(response["Location"]) == "cssrs_thoughts"


def test_policy_4_copied_answers_lift_no_hold_and_item_9_asks_again(patient_client: Client, patient: Patient) -> None:
    make_draft(patient)
    patient_client.post("/intake/check/")
    alerting.open_hold(patient=patient, level="incomplete", about="check_in:1", by=patient.user, now=clock.now())
    walker = Walker(patient_client)
    patient_client.post("/intake/change/", {"reason": "changed"})
    assert key_of(patient_client.post("/intake/check/", follow=True).redirect_chain[-1][0]) == "cssrs_thoughts"
    assert b"ask you again" in patient_client.get("/intake/").content
    walker.changing = True
    # Half of it keeps the hold; all of it without a finding ends it.
    walker.step("cssrs_thoughts")
    assert active_hold(patient) is not None
    assert walker.run() == "/intake/check/"
    assert active_hold(patient) is None

    # Item 9 rises, and rises again: each time what was said before it says nothing any more.
    for points in (1, 3):
        response = walker.client.post(f"{url_of('phq9')}?change=1", {"version": 999, **items([2] * 8 + [points])})
        assert key_of(response["Location"]) == "cssrs_thoughts", points
        assert key_of(patient_client.post("/intake/check/", follow=True).redirect_chain[-1][0]) == "cssrs_thoughts"
        walker.run()
    assert not Submission.objects.get(patient=patient, status="submitted").page_versions


def test_policy_4_half_of_the_questions_with_a_yes_holds_at_once(walker: Walker, patient: Patient) -> None:
    walker.post("cssrs_thoughts", {"wish_dead": "no", "suicidal_thoughts": "no"})
    assert active_hold(patient) is None
    walker.post("cssrs_thoughts", {"wish_dead": "yes", "suicidal_thoughts": "no"})
    hold = active_hold(patient)
    assert hold is not None
    assert (hold.level, Alert.objects.count()) == ("incomplete", 0)


@pytest.mark.parametrize(
    ("given", "there"),
    [
        ({"intent": "yes", "version": "999"}, "open"),  # the others are missing: neither valid nor saved
        ({"intent": "yes", "version": "0", "later": "1"}, "overtaken"),
        ({"intent": "yes", "version": "999", "later": "1"}, "complete"),  # half a page beside a whole one
        ({**INTENT, "version": "0"}, "overtaken"),
        ({**INTENT, "version": "0"}, "no longer asked"),
        ({**INTENT, "version": "1"}, "handed in"),
        ({**INTENT, "version": "1"}, "never begun"),
    ],
)
def test_policy_4_a_danger_is_acted_upon_whatever_becomes_of_its_page(
    patient_client: Client, patient: Patient, given: dict[str, str], there: str
) -> None:
    calm = {"method": "no", "intent": "no", "plan": "no"}
    draft = None if there == "never begun" else make_draft(patient, cssrs_thoughts=THOUGHTS, cssrs_plans=calm)
    if draft is not None:
        draft.page_versions = {"cssrs_plans": 7} if there == "overtaken" else {}
        if there == "open":
            del draft.answers["cssrs_plans"]
        if there == "no longer asked":
            draft.answers["cssrs_thoughts"]["suicidal_thoughts"] = False
        draft.save()
    if there == "handed in":
        patient_client.post("/intake/check/")

    assert patient_client.post(url_of("cssrs_plans"), given)["Location"] == reverse("intake:crisis")
    assert Alert.objects.filter(patient=patient, kind="suicide_risk_high").count() == 1
    cleared(patient)
    if there not in ("handed in", "never begun"):
        assert key_of(Walker(patient_client).begin()) == "cssrs_thoughts"
