"""Reasons in words: for the patient (plain, what to do next) and for staff (short, with the numbers)."""

import re
from collections.abc import Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.common import clock
from treatment.rules.reasons import Reason
from treatment.words_after import AFTER_PATIENT, AFTER_STAFF, WHAT

Sentence = Promise | str

# How it feels, in one tap; and what helps then.
NOTES: Mapping[str, Sentence] = {
    "calm": gettext_lazy("Calm"),
    "light": gettext_lazy("Floating"),
    "moved": gettext_lazy("Tearful"),
    "uneasy": gettext_lazy("Uneasy"),
    "dizzy": gettext_lazy("Dizzy"),
    "sick": gettext_lazy("Sick"),
}
NOTE_HELP: Mapping[str, Sentence] = {
    "uneasy": gettext_lazy("Breathe out slowly. It passes. Your sitter is with you."),
    "dizzy": gettext_lazy("Stay lying down and close your eyes."),
    "sick": gettext_lazy("Turn onto your side, and tell your sitter."),
}

PATIENT: Mapping[str, Sentence] = {
    # the gate
    "sitter_not_confirmed": gettext_lazy("Your sitter has not confirmed yet. Ask them to open the private link."),
    "sitter_not_adult": gettext_lazy("Your sitter needs to be 18 or older."),
    "sitter_not_reachable": gettext_lazy("Your sitter needs to be with you, or close by, before you begin."),
    "address_not_confirmed": gettext_lazy("We need the address where you are today, in case you need an ambulance."),
    "fasting_not_met": gettext_lazy("Wait until it is four hours since you last ate, then answer this again."),
    "liquids_not_met": gettext_lazy("Wait until it is one hour since you last drank, then answer this again."),
    "driving_planned": gettext_lazy(
        "You cannot drive until tomorrow, after a night's sleep. Plan your day without it."
    ),
    "not_seated": gettext_lazy("Sit quietly for five minutes before you measure."),
    "alcohol_or_cannabis": gettext_lazy("You had alcohol or cannabis in the last 24 hours. Choose another day."),
    "new_medicine": gettext_lazy("You have a new medicine. Your clinician checks it before your next session."),
    "illness": gettext_lazy("You are not well today. Choose a day when you have recovered."),
    "pregnancy_possible": gettext_lazy("You may be pregnant. Your clinician will talk with you before anything else."),
    "risk_high": gettext_lazy("Your answers tell us that you may not be safe. A clinician has been called."),
    "risk_moderate": gettext_lazy("Your answers tell us that this is a hard time. A clinician will contact you first."),
    "risk_incomplete": gettext_lazy("Some of the safety questions are open. A clinician will contact you first."),
    "risk_low": gettext_lazy("You told us about hard thoughts. Help is there at any hour: call or text 988."),
    "safety_hold": gettext_lazy("A clinician wants to speak with you before your next session."),
    "case_hold": gettext_lazy(
        "Your newer answers have to be looked at first. Take no dose until your clinician tells you how to go on."
    ),
    "consent_missing": gettext_lazy("Read and sign your agreements first. Then answer the last page again."),
    "sign_to_review": gettext_lazy(
        "A clinician reads what you told us first, and contacts you before the next session."
    ),
    "supply_to_review": gettext_lazy(
        "A clinician reads what you told us about your medicine, and contacts you before the next session."
    ),
    "unreleased_session": gettext_lazy(
        "Your sitter has not ended your last session. A clinician looks at it first, and contacts you."
    ),
    "prescription_not_valid": gettext_lazy("Your prescription is not in force today. Your clinician knows."),
    "prescription_expired": gettext_lazy("Your prescription has run out. Your clinician knows."),
    "prescription_not_yet": gettext_lazy("Your prescription is not in force yet."),
    "no_supply": gettext_lazy("Our records show no medicine left for a session. Your clinic will call you."),
    "supply_used_up": gettext_lazy(
        "Everything that was prescribed has been taken. Your clinician decides what is next."
    ),
    "supply_not_at_home": gettext_lazy("Tell us first that your medicine has arrived."),
    "supply_unknown": gettext_lazy("We cannot see what you have at home. Your clinic will call you."),
    "interval_too_short": gettext_lazy("It is less than %(hours)s hours since your last session. Wait until then."),
    "evaluation_due": gettext_lazy(
        "It is more than %(weeks)s weeks since your last session. Meet your clinician again before the next one."
    ),
    "unanswered": gettext_lazy("A question is still open."),
    "bp_missing": gettext_lazy("Your blood pressure is still to be measured."),
    "bp_second_reading": gettext_lazy("One more reading is needed."),
    "bp_repeat": gettext_lazy("Your blood pressure was %(systolic)s over %(diastolic)s. Rest, then measure again."),
    "bp_repeat_early": gettext_lazy("Rest for %(minutes)s minutes before you measure again."),
    "bp_repeat_late": gettext_lazy("That was longer than needed, and it still counts."),
    "bp_still_high": gettext_lazy("Your blood pressure stayed above 140 over 90. No dose today."),
    "bp_clinician": gettext_lazy(
        "Your blood pressure was %(systolic)s over %(diastolic)s. A clinician calls you today."
    ),
    "bp_emergency": gettext_lazy(
        "Your blood pressure was %(systolic)s over %(diastolic)s. If you have chest pain, a severe headache, trouble "
        "seeing or speaking, or weakness, call 911 now."
    ),
    "heart_rate_low": gettext_lazy("Your heart rate was %(rate)s. That is too slow for a dose today."),
    "heart_rate_high": gettext_lazy("Your heart rate was %(rate)s. That is too fast for a dose today."),
    # the calendar
    "session_in_past": gettext_lazy("That time has passed. Choose a later one."),
    "session_too_close": gettext_lazy("Keep at least %(hours)s hours between two sessions. Choose another time."),
    "held_day": gettext_lazy("Nothing is taken on a day on hold. Choose another day."),
    "before_medicine": gettext_lazy("Your medicine had not arrived by then."),
    "after_prescription": gettext_lazy("Your prescription ends before that day."),
    "day_taken": gettext_lazy("You have a session on that day already."),
    "week_full": gettext_lazy(
        "That week has as many sessions as your treatment allows now: %(most)s, Monday to Sunday."
    ),
    "too_soon_for_rhythm": gettext_lazy("Your sessions are at least %(days)s days apart now. Choose a later day."),
    "induction_over": gettext_lazy(
        "Your first %(weeks)s weeks are over by then. Your prescriber looks with you at how it helped, and says how it "
        "goes on."
    ),
    "induction_full": gettext_lazy(
        "All sessions of your first weeks are planned or done. After them your prescriber says how it goes on."
    ),
    "all_planned": gettext_lazy("All sessions of your prescription are planned or done."),
    "home_planned": gettext_lazy(
        "Every session that your medicine at home is enough for is planned. Choose the next one when more has arrived."
    ),
    "phase_review": gettext_lazy(
        "Your prescriber looks at how your sessions helped. Nothing new is planned until that is decided."
    ),
    "phase_discharged": gettext_lazy("This treatment has ended. Nothing new is planned."),
    "plan_until_review": gettext_lazy(
        "%(planned)s sessions fit into your first weeks. After them your prescriber says how it goes on."
    ),
    "not_licensed_there": gettext_lazy(
        "Your prescriber may not treat you in the state where you will be. No session can take place there."
    ),
    "plan_shorter": gettext_lazy("%(planned)s of %(asked)s sessions fit before your prescription ends."),
    # a reading during the session
    "reading_emergency": gettext_lazy(
        "That pressure is very high. Call 911 now if there is chest pain, a severe headache, trouble seeing or "
        "speaking, weakness, or a faint. The clinician on duty has been told."
    ),
    "reading_told": gettext_lazy("That pressure is high. The clinician on duty has been told. Rest and measure again."),
    # the release
    "release_too_early": gettext_lazy("The earliest end is %(minutes)s minutes after the start."),
    "not_oriented": gettext_lazy("They need to know where they are and what day it is."),
    "not_walking": gettext_lazy("They need to walk steadily without help."),
    "release_reading_missing": gettext_lazy(
        "A blood pressure reading is needed now, two hours or more after the start."
    ),
    "release_systolic": gettext_lazy(
        "The upper number is %(systolic)s and was %(start)s at the start. Wait until it is within %(within)s, and "
        "measure again."
    ),
    # supply
    "units_missing": gettext_lazy("Enter how many units: 1 or more."),
    "more_than_at_home": gettext_lazy("Our records show %(at_home)s at home. Check the number, or count what is left."),
    "count_impossible": gettext_lazy("At most %(most)s have reached you. Check the number."),
    "shipment_empty": gettext_lazy("A shipment needs at least one unit."),
    "shipment_over_prescribed": gettext_lazy("Only %(left)s units may still be sent under this prescription."),
    **AFTER_PATIENT,
}

STAFF: Mapping[str, Sentence] = {
    "newer_answers_exclude": gettext_lazy("Newer answers: %(text)s"),
    "medicine_new": gettext_lazy("New since the approval: %(name)s. %(text)s"),
    "medicine_new_plain": gettext_lazy("New since the approval: %(name)s. No rule names it."),
    "reported_medicine": gettext_lazy("A new medicine was reported on %(on)s. Ask which one, and write what it means."),
    "reported_pregnancy": gettext_lazy("A possible pregnancy was reported on %(on)s. Write what the test said."),
    "pressure_missing": gettext_lazy("No blood pressure of the last %(days)s days is known. Write why that is enough."),
    "pressure_high": gettext_lazy(
        "The newest blood pressure, %(on)s: %(systolic)s/%(diastolic)s. Write why you order."
    ),
    "pressure_uncontrolled": gettext_lazy(
        "Blood pressure on the newest two days is too high: %(systolic)s/%(diastolic)s on %(on)s. Not until it is "
        "controlled."
    ),
    "pressure_emergency": gettext_lazy(
        "A reading of %(systolic)s/%(diastolic)s on %(on)s. No order while that is among the readings that count."
    ),
    "state_differs": gettext_lazy(
        "At the last visit the patient was in %(said)s, but the order says %(visit)s. Ask, and write why."
    ),
    "home_unlicensed": gettext_lazy("You have no licence in %(state)s, where the patient lives. Write why you order."),
    "sign_unread": gettext_lazy(
        "A check-in or a reported event tells of something that stops the treatment. Read it first."
    ),
    "supply_unread": gettext_lazy("Something in the supply ledger waits to be read. Read it first."),
    "left_over": gettext_lazy("%(units)s units of another order should still be at home. Say what becomes of them."),
    "treatment_paused": gettext_lazy("The treatment is paused since %(on)s. Signing a new order ends the pause."),
    "draft_outdated": gettext_lazy(
        "Something asks for your reason that was not there when the draft was saved. Change the draft: read it, write "
        "your reason anew, and save."
    ),
    # What the last check-ins told of, in a proposal: the numbers stand in the check-in.
    "mania_signs": gettext_lazy("The last check-in told of signs of mania."),
    "psychosis_signs": gettext_lazy("The last check-in told of signs of psychosis."),
    "phq9_worse": gettext_lazy("The PHQ-9 is worse by 5 points or more."),
    "ketamine_extra": gettext_lazy("The last check-in told of more ketamine than prescribed, or of other ketamine."),
    "pressure_urgent": gettext_lazy("The last check-in told of an urgent blood pressure at home."),
    "bladder_sign": gettext_lazy("The last check-in told of a bladder sign."),
    "emergency_sign": gettext_lazy("The last check-in told of a sign of an emergency."),
    "feeling_help": gettext_lazy("The patient asked for help after the dose."),
    "units_unaccounted": gettext_lazy("Units that nobody can account for: %(units)s."),
    "units_too_many": gettext_lazy("Units more at home than there should be: %(units)s."),
    "units_given_up": gettext_lazy(
        "The patient says that %(units)s units were destroyed or given back. Ask how, and write what follows."
    ),
    "early_refill_pattern": gettext_lazy("More was asked for early %(times)s times within %(days)s days."),
    "supply_to_review": gettext_lazy("Something about the medicine at home waits to be read by a prescriber."),
    "start_above_range": gettext_lazy(
        "%(dose)s mg is above the usual first dose of %(low)s to %(high)s mg. Write why."
    ),
    "start_below_range": gettext_lazy("%(dose)s mg is below the usual first dose of %(low)s to %(high)s mg."),
    "start_halved": gettext_lazy("The usual first dose is halved to %(low)s to %(high)s mg (%(because)s)."),
    "weight_unknown": gettext_lazy("The weight is not known."),
    "step_too_large": gettext_lazy("From %(previous)s mg the next step is at most %(limit)s mg, not %(dose)s mg."),
    "step_before_review": gettext_lazy(
        "A higher dose needs the last completed session to be reviewed by a prescriber."
    ),
    "high_dose": gettext_lazy("%(dose)s mg is %(limit)s mg or more. Write why."),
    "second_prescriber_needed": gettext_lazy("Over %(limit)s mg a second prescriber signs off first."),
    "second_prescriber_signed": gettext_lazy("Over %(limit)s mg; a second prescriber has signed off."),
    "directions_units": gettext_lazy(
        "The order says %(units)s units each session, the directions say “%(named)s”. Write the same in both."
    ),
    "directions_mg": gettext_lazy(
        "The directions say “%(named)s”; a unit is %(strength)s mg, a session %(dose)s mg. Write the same in both."
    ),
    "directions_doubtful": gettext_lazy("The directions say “%(named)s”. Write why that fits the dose of the order."),
    "product_off": gettext_lazy("This product is off in the formulary."),
    "dose_not_positive": gettext_lazy("The dose must be more than nothing."),
    "quantity_not_whole_sessions": gettext_lazy("The quantity must be a multiple of the %(units)s units of a session."),
    "first_shipment_too_large": gettext_lazy("The first shipment is at most two sessions' supply: %(most)s units."),
    "first_shipment_too_small": gettext_lazy("The first shipment is at least one session's supply: %(units)s units."),
    "dea_number_form": gettext_lazy("The DEA number must be two letters and seven digits."),
    "dea_number_checksum": gettext_lazy("The DEA number does not check."),
    "npi_form": gettext_lazy("The NPI must be ten digits."),
    "npi_checksum": gettext_lazy("The NPI does not check."),
    "prescription_expired": gettext_lazy("The last day for filling was %(last)s."),
    "refills_too_many": gettext_lazy("At most %(most)s refills."),
    "telemedicine_ended": gettext_lazy(
        "The telemedicine flexibilities ended on %(until)s. A first controlled prescription needs a recorded in-person "
        "visit."
    ),
    "pdmp_missing": gettext_lazy("Record the state, time and result of the monitoring programme."),
    "pdmp_other_state": gettext_lazy(
        "The monitoring programme of %(state)s was read, but the patient is in %(visit)s."
    ),
    "pdmp_in_future": gettext_lazy("The monitoring programme cannot have been read in the future."),
    "pdmp_too_old": gettext_lazy("The monitoring programme was read more than %(hours)s hours ago. Read it again."),
    "pdmp_concern": gettext_lazy("The monitoring programme shows a concern. Write why you order."),
    "licence_missing": gettext_lazy("You have no licence in the state where the patient is (%(state)s)."),
    "licence_expired": gettext_lazy("Your licence in %(state)s has expired."),
    "content_missing": gettext_lazy("The order lacks: %(part)s."),
    "consent_missing": gettext_lazy(
        "The patient has not signed the present agreements, or took one back. Nothing new is ordered before that."
    ),
    "case_hold": gettext_lazy("Newer answers speak against the treatment. Decide on the case first."),
    "not_licensed_there": gettext_lazy("You have no licence in the state where the patient is on that day."),
    "rhythm_not_of_phase": gettext_lazy("Sessions do not come that often, or that rarely, in this phase."),
    "rhythm_over_order": gettext_lazy("That is more often than the prescription says. Write a new one first."),
    "phase_review": gettext_lazy("Nothing is planned in review. Decide on the phase first."),
    "review_due_sessions": gettext_lazy("%(count)s sessions of the induction are done: decide how it goes on."),
    "review_due_weeks": gettext_lazy("The %(weeks)s weeks of the induction are over. Sessions taken: %(count)s."),
    "review_possible": gettext_lazy("%(count)s sessions of the induction are done: a review is possible."),
    "pace_fast": gettext_lazy("A week had more sessions than the phase allows (%(most)s)."),
    "pace_slow": gettext_lazy("%(days)s days since the last session: rarer than the phase foresees."),
    "unreleased_session": gettext_lazy("The sitter never released the last session. End it first."),
    "safety_hold": gettext_lazy("A safety hold stops shipments. Clear it with a contact and a safety plan first."),
    **AFTER_STAFF,
}

CHECK_IN_OVER = gettext_lazy("That check-in is over. There is nothing more to answer in it.")
CALL_NOW = gettext_lazy(
    "If it is bad or getting worse, call 911 now. The clinician on duty has been told and calls you."
)

PARTS: Mapping[str, Sentence] = {
    "issued_on": gettext_lazy("date of issue"),
    "patient_name": gettext_lazy("the patient's full name"),
    "patient_address": gettext_lazy("the patient's full address"),
    "drug": gettext_lazy("the drug"),
    "strength": gettext_lazy("the strength"),
    "form": gettext_lazy("the form"),
    "quantity": gettext_lazy("the quantity"),
    "directions": gettext_lazy("directions"),
    "prescriber_name": gettext_lazy("the prescriber's name"),
    "prescriber_address": gettext_lazy("the prescriber's address"),
    "dea_number": gettext_lazy("the prescriber's DEA number"),
    "age": gettext_lazy("age 65 or over"),
    "weight": gettext_lazy("weight under 50 kg"),
    "cyp_inhibitor": gettext_lazy("a CYP inhibitor, or not known"),
}

SIDE_EFFECTS: Mapping[str, Sentence] = {
    "dissociation": gettext_lazy("Feeling detached or far away"),
    "dizziness": gettext_lazy("Dizziness"),
    "sleepiness": gettext_lazy("Sleepiness"),
    "nausea": gettext_lazy("Feeling sick to the stomach"),
    "vomiting": gettext_lazy("Throwing up"),
    "headache": gettext_lazy("Headache"),
    "anxiety": gettext_lazy("Feeling anxious or on edge"),
    "blurred_vision": gettext_lazy("Blurred or double vision"),
    "unsteadiness": gettext_lazy("Feeling unsteady on your feet"),
    "confusion": gettext_lazy("Confusion"),
    "trouble_speaking": gettext_lazy("Trouble speaking"),
    "bad_taste": gettext_lazy("A bad taste"),
    "sleep_change": gettext_lazy("A change in your sleep"),
    "racing_heart": gettext_lazy("A racing heart"),
    "urinary_frequency": gettext_lazy("Having to pass urine more often"),
    "urinary_pain": gettext_lazy("Pain when passing urine"),
    "urinary_blood": gettext_lazy("Blood in the urine"),
}

FLAGS: Mapping[str, Sentence] = {
    "side_effect_severe": gettext_lazy("%(effect)s: %(rating)s of 3"),
    "bladder_sign": gettext_lazy("Bladder: %(effect)s, %(rating)s of 3"),
    "mood_worse": gettext_lazy("Mood is worse than before the session"),
    "mania_signs": gettext_lazy("Signs of mania"),
    "psychosis_signs": gettext_lazy("Signs of psychosis"),
    "risk_high": gettext_lazy("C-SSRS since last contact: high"),
    "risk_moderate": gettext_lazy("C-SSRS since last contact: moderate"),
    "risk_incomplete": gettext_lazy("C-SSRS since last contact: incomplete"),
    "phq9_worse": gettext_lazy("PHQ-9 went from %(before)s to %(now)s: worse by 5 or more"),
    "questionnaire_incomplete": gettext_lazy("%(instrument)s has an open answer, so there is no score"),
    "self_harm_item": gettext_lazy("PHQ-9 item 9, thoughts of death or self-harm: %(rating)s of 3"),
    "feeling_unwell": gettext_lazy("Two hours after the dose: does not feel well"),
    "feeling_help": gettext_lazy("Two hours after the dose: asked for help"),
    "emergency_sign": gettext_lazy("Two hours after the dose: %(sign)s"),
    "sitter_gone": gettext_lazy("The sitter left before the release"),
    "craving": gettext_lazy("Craving for ketamine between sessions: %(rating)s of 3"),
    "ketamine_extra": gettext_lazy("Took more ketamine than prescribed, or other ketamine"),
    "substance_more": gettext_lazy("More than before, or new: %(substance)s"),
    "pressure_high": gettext_lazy("Blood pressure at home %(systolic)s/%(diastolic)s"),
    "pressure_urgent": gettext_lazy("Blood pressure at home %(systolic)s/%(diastolic)s: urgent"),
}

SIGNS: Mapping[str, Sentence] = {
    "breathing": gettext_lazy("Trouble breathing"),
    "chest_pain": gettext_lazy("Pain or pressure in the chest"),
    "headache": gettext_lazy("A very bad headache"),
    "weakness": gettext_lazy("Weakness of the face or an arm, or trouble speaking"),
    "faint": gettext_lazy("Fainted, or hurt in a fall"),
    "vomiting": gettext_lazy("Throwing up again and again"),
    "suicidal": gettext_lazy("Wanting to end your life, and afraid you might act on it"),
}

SUBSTANCES: Mapping[str, Sentence] = {
    "alcohol": gettext_lazy("Alcohol"),
    "cannabis": gettext_lazy("Cannabis"),
    "opioids": gettext_lazy("Opioids, such as oxycodone or heroin"),
    "calming": gettext_lazy("Calming or sleeping pills"),
    "stimulants": gettext_lazy("Stimulants, such as cocaine or meth"),
    "other": gettext_lazy("Another drug"),
}


def _day(value: str) -> str:
    """2027-02-08 -> "8 February 2027"; anything else as it is."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        return value
    return clock.long_date_words(date.fromisoformat(value))


def _facts(facts: Mapping[str, str]) -> dict[str, str]:
    """Codes inside facts become words: the parts of an order, the causes of a halved dose, a side effect, a day."""
    known = {name: _day(value) for name, value in facts.items()}
    if "part" in known:
        known["part"] = str(PARTS.get(known["part"], known["part"]))
    if "because" in known:
        known["because"] = ", ".join(str(PARTS.get(cause, cause)) for cause in known["because"].split())
    if "what" in known:
        known["what"] = str(WHAT.get(known["what"], PARTS.get(known["what"], known["what"])))
    if "effects" in known:
        known["effects"] = ", ".join(str(SIDE_EFFECTS.get(name, name)) for name in known["effects"].split())
    if "sign" in known:
        known["sign"] = str(SIGNS.get(known["sign"], known["sign"])).lower()
    if "substance" in known:
        known["substance"] = str(SUBSTANCES.get(known["substance"], known["substance"])).lower()
    if "effect" in known:
        known["effect"] = str(SIDE_EFFECTS.get(known["effect"], known["effect"]))
    return known


def _text(sentence: Sentence | None, facts: Mapping[str, str]) -> str:
    if sentence is None:
        return _("This is not possible now.")
    return str(sentence) % _facts(facts)


def patient_text(item: Reason) -> str:
    """The reason as a patient or sitter reads it."""
    return _text(PATIENT.get(item.code) or STAFF.get(item.code), dict(item.facts))


def staff_text(item: Reason) -> str:
    """The reason as a prescriber reads it."""
    return _text(STAFF.get(item.code) or PATIENT.get(item.code), dict(item.facts))


def stored_text(code: str, facts: Mapping[str, str], *, for_staff: bool = False) -> str:
    """A reason that was stored with a session, in words."""
    tables = (FLAGS, STAFF, PATIENT) if for_staff else (PATIENT, STAFF, FLAGS)
    return _text(next((table[code] for table in tables if code in table), None), facts)
