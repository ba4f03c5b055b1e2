"""Adverse events in words: the closed list of terms, criteria, grades, and why something cannot be kept."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from treatment import words
from treatment.rules.adverse import Action, Causality, Criterion, Outcome
from treatment.rules.checkin import SIDE_EFFECTS
from treatment.rules.reasons import Reason

_MORE: Mapping[str, Promise] = {
    "high_blood_pressure": _("High blood pressure"),
    "chest_pain": _("Chest pain"),
    "fainting": _("Fainting"),
    "fall_or_injury": _("A fall or an injury"),
    "trouble_breathing": _("Trouble breathing"),
    "not_wakeable": _("Could not be woken"),
    "seizure": _("A seizure"),
    "allergic_reaction": _("An allergic reaction"),
    "mouth_sores": _("Sores in the mouth"),
    "mania": _("Mania"),
    "psychosis": _("Psychosis"),
    "depression_worse": _("Depression that became worse"),
    "suicidal_thoughts": _("Thoughts of suicide"),
    "suicide_attempt": _("A suicide attempt"),
    "craving_or_misuse": _("Craving, or more taken than prescribed"),
    "overdose": _("Too much taken"),
    "bladder_disease": _("A disease of the bladder"),
    "liver_disease": _("A disease of the liver"),
    "pregnancy_exposure": _("Taken during pregnancy"),
    "other": _("Something else"),
}
TERMS: Mapping[str, Promise | str] = {**{code: words.SIDE_EFFECTS[code] for code in SIDE_EFFECTS}, **_MORE}
# Where the term of the trade says nothing to a patient.
TERMS_PLAIN: Mapping[str, Promise | str] = {
    **TERMS,
    "not_wakeable": _("Somebody could not wake me"),
    "mania": _("Far too much energy, or hardly any need for sleep (mania)"),
    "psychosis": _("Hearing, seeing or believing what others do not (psychosis)"),
    "overdose": _("I took too much"),
    "pregnancy_exposure": _("I took it while I was pregnant"),
}
# As section B2 of Form FDA 3500 names them.
CRITERIA: Mapping[Criterion, Promise] = {
    Criterion.DEATH: _("Death"),
    Criterion.LIFE_THREATENING: _("Life-threatening"),
    Criterion.HOSPITALIZATION: _("Hospitalization (initial or prolonged)"),
    Criterion.DISABILITY: _("Disability or permanent damage"),
    Criterion.CONGENITAL_ANOMALY: _("Congenital anomaly or birth defect"),
    Criterion.REQUIRED_INTERVENTION: _("Required intervention to prevent permanent impairment or damage"),
    Criterion.OTHER_SERIOUS: _("Other serious (important medical event)"),
}
# What a patient can say of themselves, in plain words.
CRITERIA_PLAIN: Mapping[Criterion, Promise] = {
    Criterion.LIFE_THREATENING: _("My life was in danger"),
    Criterion.HOSPITALIZATION: _("I stayed in a hospital for it, or longer than planned"),
    Criterion.REQUIRED_INTERVENTION: _("I was treated in an emergency room or by an ambulance crew"),
    Criterion.DISABILITY: _("It changed for good, or for a long time, what I can do"),
    Criterion.CONGENITAL_ANOMALY: _("It harmed a baby that was to be born"),
}
GRADES: Mapping[int, Promise] = {
    1: _("1, mild: no treatment needed"),
    2: _("2, moderate: limits some daily activities"),
    3: _("3, severe: limits self-care, or needs a hospital, no danger to life"),
    4: _("4, life-threatening: needs urgent treatment"),
    5: _("5, death"),
}
CAUSALITY: Mapping[Causality, Promise] = {
    Causality.CERTAIN: _("Certain"),
    Causality.PROBABLE: _("Probable or likely"),
    Causality.POSSIBLE: _("Possible"),
    Causality.UNLIKELY: _("Unlikely"),
    Causality.UNCLASSIFIED: _("Conditional: more is needed to judge it"),
    Causality.UNASSESSABLE: _("Cannot be judged"),
}
ACTIONS: Mapping[Action, Promise] = {
    Action.WITHDRAWN: _("Medicine stopped"),
    Action.PAUSED: _("Sessions paused"),
    Action.REDUCED: _("Dose reduced"),
    Action.INCREASED: _("Dose increased"),
    Action.UNCHANGED: _("Dose not changed"),
    Action.NOT_APPLICABLE: _("Does not apply"),
    Action.UNKNOWN: _("Not known"),
}
OUTCOMES: Mapping[Outcome, Promise] = {
    Outcome.RESOLVED: _("Resolved"),
    Outcome.RESOLVED_SEQUELAE: _("Resolved, something stayed (sequelae)"),
    Outcome.NOT_RESOLVED: _("Not resolved, no longer followed"),
    Outcome.FATAL: _("Fatal"),
}
_REFUSALS: Mapping[str, Promise] = {
    "term_unknown": _("Choose what it was from the list."),
    "onset_in_future": _("It cannot have begun in the future."),
    "grade_unknown": _("Choose a grade from 1 to 5."),
    "death_and_grade": _("Grade 5 and the criterion “Death” belong together: give both or neither."),
    "grade_4_not_serious": _("Grade 4 is life-threatening. Choose what made it serious."),
    "not_judged": _("Give the grade, the cause and what was done before you close it."),
    "fatal_and_death": _("“Fatal” and the criterion “Death” belong together: give both or neither."),
}
NAMES: Mapping[str, Promise] = {
    "term": _("What it was"),
    "criteria": _("Seriousness"),
    "grade": _("Grade"),
    "causality": _("Cause"),
    "action": _("Done with the medicine"),
    "onset_at": _("Beginning"),
    "status": _("State"),
    "submitted_on": _("Sent to FDA"),
}
NOTES: Mapping[str, Promise] = {
    "threat_and_low_grade": _("Life-threatening, and a grade below 4: is that right?"),
}


def refusal(reason: Reason) -> str:
    """Why it cannot be kept like this."""
    return str(_REFUSALS[reason.code])


def flag_text(code: str, facts: Mapping[str, str]) -> str:
    """A finding of a check-in in the staff's words."""
    return words.stored_text(code, facts, for_staff=True)


def value_text(name: str, value: object) -> str:
    """One part of a judgement in words; a dash for what is not known."""
    if value in (None, "", []):
        return "–"
    if name == "term":
        return str(TERMS.get(str(value), value))
    if name == "criteria" and isinstance(value, list):
        return ", ".join(str(CRITERIA[Criterion(code)]) for code in value)
    if name == "grade" and isinstance(value, int):
        return str(GRADES[value])
    if name == "causality":
        return str(CAUSALITY[Causality(str(value))])
    if name == "action":
        return str(ACTIONS[Action(str(value))])
    return str(value)
