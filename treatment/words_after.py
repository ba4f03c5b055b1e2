"""What refills, visits that are due and proposed doses say: for the patient, and for staff."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

AFTER_PATIENT: dict[str, Promise | str] = {
    "refill_safety_hold": gettext_lazy("A clinician wants to speak with you first, and will call you."),
    "refill_case_hold": gettext_lazy("Your clinician looks at your newer answers first."),
    "refill_sign_unread": gettext_lazy("A clinician reads what you told us first."),
    "refill_unreleased": gettext_lazy(
        "Your sitter has not ended your last session. A clinician looks at it first, and contacts you."
    ),
    "refill_paused": gettext_lazy("Your prescriber has paused your treatment. They tell you when it goes on."),
    "refill_ledger": gettext_lazy(
        "Your prescriber looks at your supply first, and writes to you if something is open."
    ),
    "refill_consent": gettext_lazy("Read and sign your agreements."),
    "refill_evaluation": gettext_lazy(
        "It is more than %(weeks)s weeks since your last session. Meet your prescriber again first."
    ),
    "refill_visit": gettext_lazy("Meet your prescriber by video. That visit is overdue."),
    "refill_check_in": gettext_lazy("Answer the check-in after your last session."),
    "refill_scores": gettext_lazy("Answer the short questionnaires about how you have been."),
    "refill_not_due": gettext_lazy("It is not time for your next supply yet."),
    "refill_not_in_force": gettext_lazy("Your prescription is not in force. Your prescriber writes a new one."),
    "refill_expired": gettext_lazy(
        "Your prescription could be filled until %(last)s. Your prescriber writes a new one."
    ),
    "refill_used_up": gettext_lazy("Everything that was prescribed has been sent. Your prescriber writes a new one."),
    "refill_count_reached": gettext_lazy(
        "Your prescription was refilled %(most)s times, which is the most. Your prescriber writes a new one."
    ),
}

AFTER_STAFF: dict[str, Promise | str] = {
    "refill_safety_hold": gettext_lazy("A safety hold is open. Clear it with a contact and a safety plan first."),
    "refill_case_hold": gettext_lazy("Newer answers speak against the treatment. Decide on the case first."),
    "refill_sign_unread": gettext_lazy(
        "A check-in or a reported event tells of something that stops the treatment. Read it first."
    ),
    "refill_unreleased": gettext_lazy("The sitter never released the last session. End it first."),
    "refill_paused": gettext_lazy("The treatment is paused. Resume it first."),
    "refill_ledger": gettext_lazy("The supply ledger is not clean: something about it waits to be read."),
    "refill_consent": gettext_lazy("The patient has not signed the present agreements, or took one back."),
    "refill_evaluation": gettext_lazy(
        "More than %(weeks)s weeks have passed without a session: a new evaluation comes first."
    ),
    "refill_visit": gettext_lazy("The video check-in is overdue."),
    "refill_check_in": gettext_lazy("A check-in is not answered."),
    "refill_scores": gettext_lazy("PHQ-9 or GAD-7 is due."),
    "refill_not_due": gettext_lazy("There is enough at home or on its way, or nothing is prescribed."),
    "refill_not_in_force": gettext_lazy("No prescription is in force. Write a new one."),
    "refill_expired": gettext_lazy("The last day for filling was %(last)s. Write a new prescription."),
    "refill_used_up": gettext_lazy("Everything that was prescribed has been sent. Write a new prescription."),
    "refill_count_reached": gettext_lazy("It was refilled %(most)s times, the most there may be. Write a new one."),
    "evaluation_due": gettext_lazy(
        "More than %(weeks)s weeks have passed without a session. Evaluate anew and approve first."
    ),
    "titration_no_session": gettext_lazy("No session has been taken yet."),
    "titration_safety_hold": gettext_lazy("A safety hold is open."),
    "titration_case_hold": gettext_lazy("Newer answers speak against the treatment."),
    "titration_sign_to_review": gettext_lazy(
        "A check-in or a reported event tells of something that stops the treatment."
    ),
    "titration_supply_to_review": gettext_lazy("The supply ledger waits to be read."),
    "titration_unreleased_session": gettext_lazy("The last session runs past the time for its release."),
    "titration_evaluation_due": gettext_lazy("A new evaluation is due: 12 weeks without a session."),
    "titration_not_released": gettext_lazy("The sitter never released the last session."),
    "titration_severe_effect": gettext_lazy("Severe after the last session: %(effects)s."),
    "titration_pressure": gettext_lazy("A reading in the last session called the clinician."),
    "titration_no_lower": gettext_lazy("No lower dose can be made from whole units."),
    "titration_down_limit": gettext_lazy("A quarter less or lower: at most %(limit)s mg, in whole units."),
    "titration_lowered": gettext_lazy("The order was lowered from %(previous)s to %(ordered)s mg since."),
    "titration_running": gettext_lazy("The last session has not ended."),
    "titration_unknown": gettext_lazy("Not known: %(what)s."),
    "titration_effect": gettext_lazy("A side effect was rated %(rating)s of 3."),
    "titration_response": gettext_lazy("PHQ-9 fell from %(first)s to %(now)s: a response."),
    "titration_no_response": gettext_lazy("PHQ-9 went from %(first)s to %(now)s: no response yet."),
    "titration_no_step_fits": gettext_lazy("No whole unit lies between this dose and the limit of %(limit)s mg."),
    "titration_step_limit": gettext_lazy("From %(previous)s mg at most %(limit)s mg (+100 mg and +50 per cent)."),
    "titration_usual_step": gettext_lazy("A proposal goes up by %(step)s mg at most."),
    "titration_step_halved": gettext_lazy("The step is halved (%(because)s)."),
}

# What a proposal does not know.
WHAT: dict[str, Promise | str] = {
    "age": gettext_lazy("the date of birth"),
    "weight": gettext_lazy("the weight"),
    "cyp_inhibitor": gettext_lazy("whether a CYP inhibitor is taken"),
    "effects": gettext_lazy("the side effects and mood after the last session"),
    "pressure": gettext_lazy("a blood pressure after the last dose"),
    "phq9": gettext_lazy("a PHQ-9 before the treatment and after the last session"),
}
