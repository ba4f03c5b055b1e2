"""A draft and what is asked for, answered side by side: the newer answer stands, in whichever of them it is (I9)."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.common.errors import RuleViolation
from intake import services
from intake.models import EligibilityDecision, Sheet, Submission
from intake.pages import INTAKE
from intake.requests import errands, handing
from intake.requests.models import Errand, InformationRequest
from intake.selectors import route_of
from tests.cast import NOON
from tests.intake.test_requests import hand_in
from tests.intake.walk import WELLBUTRIN, ZOLOFT

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)
TRAMADOL = {"name": "tramadol", "dose": "50 mg", "frequency": "unknown"}
PHENELZINE = {"name": "phenelzine", "dose": "45 mg", "frequency": "daily"}
NO = {"wish_dead": False, "suicidal_thoughts": False}
YES = {"wish_dead": True, "suicidal_thoughts": True}


def now_of(sheet: Sheet) -> dict[str, Any]:
    """The sheet as it is now, and all of it seen."""
    fresh = type(sheet).objects.get(pk=sheet.pk)
    return {"submission": fresh, "version": fresh.version, "by": fresh.patient.user}


def say(sheet: Sheet, key: str, given: dict[str, Any]) -> None:
    services.save_page(page=INTAKE.by_key[key], given=given, now=LATER, **now_of(sheet))


def nothing_to_fear(sheet: Sheet) -> None:
    say(sheet, "cssrs_thoughts", NO)
    say(sheet, "cssrs_behavior", {"behavior_lifetime": False})


def put(sheet: Sheet, key: str, entry: str, **given: Any) -> None:
    """Add an entry, or change some of the one with that id."""
    page, about = INTAKE.by_key[key], now_of(sheet)
    old: dict[str, Any] = next((one for one in about["submission"].answers[key]["items"] if one["id"] == entry), {})
    given = {name: value for name, value in old.items() if name not in ("id", "_on")} | given
    services.save_entry(page=page, entry=UUID(entry), given=given, now=LATER, **about)
    services.finish_list(page=page, complete=True, now=LATER, **now_of(sheet))


def both(patient: Patient) -> tuple[Submission, Errand]:
    """A draft with changes, and the errand of the one thing that is asked for."""
    asked = InformationRequest.objects.get(patient=patient, status="open")
    draft = services.amend(patient=patient, reason="changed", by=patient.user, now=NOON)
    return draft, errands.begin(asked=asked, now=NOON)


def close(sheet: Sheet) -> EligibilityDecision:
    """Hand in a draft or an errand as it is now."""
    seen = now_of(sheet)
    if isinstance(sheet, Submission):
        return services.submit(submission=seen["submission"], by=seen["by"], now=LATER)
    return handing.errand(errand=seen["submission"], version=seen["version"], by=seen["by"], now=LATER)


@pytest.mark.parametrize("newer", ["draft", "errand"])
def test_policy_4_an_older_no_lifts_nothing_that_a_newer_yes_has_stopped(patient: Patient, newer: str) -> None:
    hand_in(patient, cssrs_thoughts={"_skipped": "on"})
    draft, errand = both(patient)
    older, younger = (errand, draft) if newer == "draft" else (draft, errand)
    nothing_to_fear(older)
    assert active_hold(patient) is None
    say(younger, "cssrs_thoughts", YES)
    with pytest.raises(RuleViolation):
        close(older)
    hold = active_hold(patient)
    assert hold is not None
    assert hold.level == "incomplete"
    assert now_of(younger)["submission"].answers["cssrs_thoughts"].items() >= YES.items()
    assert EligibilityDecision.objects.filter(patient=patient).count() == 1


def test_i9_an_errand_never_overwrites_newer_answers_unseen(patient: Patient) -> None:
    first = hand_in(patient, {"medicines": [TRAMADOL]})
    draft, errand = both(patient)
    (tramadol,) = (one["id"] for one in first.submission.answers["medicines"]["items"])
    put(errand, "medicines", tramadol, frequency="as_needed")
    seen = now_of(errand)["version"]
    put(draft, "medicines", uuid4().hex, **PHENELZINE)
    nothing_to_fear(draft)
    assert {one["code"] for one in close(draft).findings} >= {"medicine.MAOI"}

    with pytest.raises(services.StalePage):
        handing.errand(errand=errand, version=seen, by=patient.user, now=LATER)
    again = now_of(errand)["submission"]
    assert [one["name"] for one in again.answers["medicines"]["items"]] == ["tramadol", "phenelzine"]
    assert not errands.said_here(again)  # to be looked through once more, with what is newer
    assert route_of(again).open == INTAKE.by_key["medicines"]
    put(errand, "medicines", tramadol, frequency="as_needed")
    counted = {one["name"]: one["frequency"] for one in close(errand).facts["medicines"]}
    assert counted == {"tramadol": "as_needed", "phenelzine": "daily"}


def test_i9_a_draft_does_not_undo_what_an_errand_changed(patient: Patient) -> None:
    trials = [{**ZOLOFT, "dose": "", "dose_unknown": "on"}, WELLBUTRIN, {**ZOLOFT, "medicine": "Effexor", "weeks": "2"}]
    first = hand_in(patient, {"antidepressants": trials})
    draft, errand = both(patient)
    zoloft, wellbutrin, effexor = (one["id"] for one in first.submission.answers["antidepressants"]["items"])
    put(errand, "antidepressants", zoloft, dose=150, dose_unit="mg")
    page = INTAKE.by_key["antidepressants"]
    services.remove_entry(page=page, entry=UUID(effexor), now=LATER, **now_of(errand))
    services.finish_list(page=page, complete=True, now=LATER, **now_of(errand))
    put(draft, "antidepressants", wellbutrin, dose=450)
    nothing_to_fear(draft)

    doses = [
        {one["medicine"]: one["max_daily_dose_mg"] for one in close(sheet).facts["antidepressant_trials"]}
        for sheet in (errand, draft)
    ]
    assert doses == [{"Zoloft": 150, "Wellbutrin XL": 300}, {"Zoloft": 150, "Wellbutrin XL": 450}]
