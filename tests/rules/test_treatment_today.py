"""Today's facts about an order, each at its edge (policy sections 5, 7, 9 and 10)."""

from datetime import date, timedelta

from treatment import policy
from treatment.rules.reasons import Weight
from treatment.rules.today import Found, Pressure, TodayFacts, check_today, newest_days

POLICY = policy.load()
TODAY = date(2026, 11, 20)
CALM = Pressure(TODAY, 124, 80)


def said(**changes):
    facts = TodayFacts(**{"today": TODAY, "pressures": (CALM,), **changes})
    return {item.code: item.weight for item in check_today(facts, POLICY)}


def read(ago, systolic, diastolic):
    return Pressure(TODAY - timedelta(days=ago), systolic, diastolic)


def test_the_newest_blood_pressure_decides():
    missing, high = {"pressure_missing": Weight.ASK}, {"pressure_high": Weight.ASK}
    uncontrolled, emergency = {"pressure_uncontrolled": Weight.REFUSE}, {"pressure_emergency": Weight.REFUSE}
    for readings, found in (
        ((), missing),
        ((read(30, 140, 90),), {}),
        ((read(31, 124, 80),), missing),
        ((read(-1, 124, 80),), missing),
        ((read(0, 140, 90),), {}),
        ((read(0, 141, 90),), high),
        ((read(0, 140, 91),), high),
        # The mean of the day: 139 and 142 are 140.5.
        ((read(0, 139, 80), read(0, 142, 80)), high),
        ((read(0, 138, 80), read(0, 142, 80)), {}),
        # The newest day decides over an older one, which still counts when both are severe.
        ((read(9, 150, 95), read(0, 124, 80)), {}),
        ((read(9, 124, 80), read(0, 165, 95)), high),
        ((read(0, 165, 95),), high),
        ((read(9, 160, 80), read(0, 159, 99)), high),
        ((read(9, 160, 80), read(0, 160, 80)), uncontrolled),
        ((read(9, 150, 100), read(0, 161, 80)), uncontrolled),
        ((read(30, 179, 119), read(0, 124, 80)), {}),
        ((read(30, 180, 80), read(0, 124, 80)), emergency),
        ((read(30, 130, 120), read(0, 124, 80)), emergency),
        ((read(31, 180, 120), read(0, 124, 80)), {}),
    ):
        assert said(pressures=readings) == found, readings
    assert [day.on for day in newest_days((read(3, 1, 1), read(1, 1, 1)), today=TODAY, policy=POLICY)] == [
        TODAY - timedelta(days=1),
        TODAY - timedelta(days=3),
    ]


def finding(tier, medicine="", code="x"):
    return Found(code, tier, "words", "policy 7", medicine)


def test_what_was_said_since_the_approval_refuses_asks_or_is_noted():
    for changes, found in (
        ({"newer": (finding("exclude"),)}, {"newer_answers_exclude": Weight.REFUSE}),
        ({"newer": (finding("review"),)}, {}),
        ({"newer": (finding("exclude", "Percocet"),)}, {"medicine_new": Weight.REFUSE}),
        # On the approved list already, and the prescriber read it then.
        ({"newer": (finding("review", "Xanax"),)}, {}),
        ({"newer": (finding("review", "Xanax"),), "new_medicines": ("xanax",)}, {"medicine_new": Weight.ASK}),
        ({"newer": (finding("information", "Biaxin"),), "new_medicines": ("Biaxin",)}, {"medicine_new": Weight.ASK}),
        ({"newer": (finding("note", "Zoloft"),), "new_medicines": ("Zoloft",)}, {"medicine_new": Weight.NOTE}),
        ({"new_medicines": ("Vitamin D",)}, {"medicine_new_plain": Weight.NOTE}),
        ({"reported": (("medicine", TODAY),)}, {"reported_medicine": Weight.ASK}),
        ({"reported": (("pregnancy", TODAY),)}, {"reported_pregnancy": Weight.ASK}),
        ({"sign_to_review": True}, {"sign_unread": Weight.REFUSE}),
        ({"supply_to_review": True}, {"supply_unread": Weight.REFUSE}),
        ({"left_over": 1}, {"left_over": Weight.NOTE}),
        ({"said_state": "CA", "visit_state": "CA", "home_state": "CA"}, {}),
        ({"said_state": "NV", "visit_state": "CA"}, {"state_differs": Weight.ASK}),
        ({"said_state": "", "visit_state": "CA"}, {}),
        ({"home_state": "NY", "licensed_at_home": False}, {"home_unlicensed": Weight.ASK}),
    ):
        assert said(**changes) == found, changes


def test_every_reason_names_its_source():
    facts = TodayFacts(
        today=TODAY,
        newer=(finding("exclude"),),
        new_medicines=("Vitamin D",),
        reported=(("medicine", TODAY), ("pregnancy", TODAY)),
        said_state="NV",
        visit_state="CA",
        home_state="NV",
        licensed_at_home=False,
        sign_to_review=True,
        supply_to_review=True,
        left_over=1,
    )
    assert len(check_today(facts, POLICY)) == 10
    assert all(item.source for item in check_today(facts, POLICY))
