"""Health conditions of policy section 5, grouped by the part of the body, with the follow-ups that a rule needs."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from harmoniously.core.questions.specs import Answers, Condition, Context, Field, Kind, Option, Page, Text
from intake.ago import before_birth, weeks_ago
from intake.policy import load_policy

NONE = _("None of these")
MISSING = _("Choose what applies to you, or “None of these”.")

HEART = (
    Option("hypertension", _("High blood pressure"), _("Also when it is treated and under control.")),
    Option("myocardial_infarction", _("Heart attack")),
    Option("stroke_or_tia", _("Stroke or mini-stroke (TIA)")),
    Option("coronary_disease_stable", _("Narrowed heart arteries, without new symptoms")),
    Option("unstable_angina", _("Chest pain at rest, or getting worse (unstable angina)")),
    Option("heart_failure_stable", _("Heart failure that is treated and steady")),
    Option("heart_failure_decompensated", _("Heart failure that is getting worse")),
    Option("arrhythmia_treated", _("Irregular heartbeat that is treated")),
    Option("serious_arrhythmia", _("Irregular heartbeat that is dangerous or not under control")),
    Option(
        "aneurysmal_vascular_disease", _("Aneurysm: a bulge in an artery"), _("In the head, chest, belly or limbs.")
    ),
    Option("arteriovenous_malformation", _("Arteriovenous malformation (AVM)")),
    Option("intracerebral_hemorrhage", _("Bleeding in the brain, at any time")),
)
BRAIN = (
    Option("seizures", _("Seizures or epilepsy")),
    Option("raised_intracranial_pressure", _("Raised pressure inside the skull")),
    Option("dementia", _("Dementia or serious memory illness")),
    Option("glaucoma_treated", _("Glaucoma that is treated")),
    Option("glaucoma_uncontrolled", _("Glaucoma that is not under control, or angle-closure glaucoma")),
)
BODY = (
    Option("respiratory_severe", _("Severe lung disease, or oxygen at home")),
    Option("sleep_apnea", _("Sleep apnea")),
    Option("liver_severe", _("Severe liver disease (such as cirrhosis with complications)")),
    Option("liver_moderate", _("Moderate liver disease")),
    Option("liver_tests_abnormal", _("Abnormal liver blood tests")),
    Option("hyperthyroidism_treated", _("Overactive thyroid that is treated")),
    Option("hyperthyroidism_untreated", _("Overactive thyroid that is not treated")),
    Option("cystitis_active", _("Painful, very frequent or bloody urine now")),
    Option("cystitis_history", _("Inflammation of the bladder in the past (cystitis)")),
    Option("ketamine_allergy", _("Allergy to ketamine or esketamine")),
)
MIND = (
    Option("bipolar", _("Bipolar disorder"), _("Diagnosed at any time.")),
    Option(
        "mania_current",
        _("Mania or a mixed state now"),
        _("Days of far too much energy and little need for sleep, also when mixed with low mood."),
    ),
    Option(
        "psychosis_current",
        _("Psychosis now"),
        _("Hearing or seeing things that others do not, or beliefs that others find impossible to share."),
    ),
    Option("schizophrenia", _("Schizophrenia")),
    Option("schizoaffective", _("Schizoaffective disorder")),
    Option("psychosis_family", _("Psychosis or schizophrenia in a parent, brother, sister or child")),
    Option("personality_disorder_severe", _("Severe personality disorder")),
)
# Codes whose tier depends on how long ago it was, and how that is asked (case format: weeks_ago).
TIMED: dict[str, Text] = {
    "myocardial_infarction": _("How long ago was your heart attack?"),
    "stroke_or_tia": _("How long ago was your stroke or mini-stroke?"),
    "seizures": _("How long ago was your last seizure?"),
    "bipolar": _("How long ago did your last manic or mixed episode end?"),
}
# Papers that decide a tier (policy section 5), and the codes that ask for them.
CARDIOLOGY_LETTER, CLINICIAN_LETTER = "cardiology_letter", "treating_clinician_letter"
LETTERS = {
    CARDIOLOGY_LETTER: ("myocardial_infarction", "stroke_or_tia"),
    CLINICIAN_LETTER: ("bipolar",),
}
LETTER_STATES = (
    Option("have", _("Yes, I have it"), _("You can send it as soon as you have handed in.")),
    Option("asked", _("I have asked for it")),
    Option("no", _("Not yet")),
)


def chosen(answers: Answers) -> list[str]:
    """The condition codes that were ticked, over all pages, in the order of the pages."""
    return [code for page in (CONDITIONS_HEART, *REST) for code in answers.get(page.key, {}).get("codes") or []]


def _ticked(code: str) -> Condition:
    return lambda answers: code in chosen(answers)


def needs_letter(kind: str) -> Condition:
    """Whether a letter of this kind could change what is possible: it does nothing for what is too recent."""

    def asks(answers: Answers) -> bool:
        timing, times = load_policy().timing, answers.get("condition_times", {})
        recent = timing.recent_event_weeks.value - 1 if kind == CARDIOLOGY_LETTER else timing.year_weeks.value
        told = [weeks_ago(times.get(code)) for code in LETTERS[kind] if code in chosen(answers)]
        return any(weeks is None or weeks > recent for weeks in told)

    return asks


def _check_times(given: Mapping[str, Any], context: Context) -> dict[str, Text]:
    born = context.used.get("about_you", {}).get("date_of_birth")
    wrong = _("This is before you were born. Look at the number and the unit again.")
    return {code: wrong for code, ago in given.items() if code in TIMED and before_birth(ago, born, context.today)}


def _page(key: str, title: Text, why: Text, options: tuple[Option, ...], *more: Field) -> Page:
    codes = Field(
        "codes",
        _("Choose everything that applies, now or in the past unless it says otherwise"),
        Kind.CHOICES,
        options=options,
        none_label=NONE,
        short=title,
        missing=MISSING,
    )
    return Page(key=key, section="health", title=title, why=why, fields=(codes, *more))


CONDITIONS_HEART = _page(
    "conditions_heart",
    _("Your heart and blood vessels"),
    _("The treatment raises blood pressure for an hour or two. Some conditions make that dangerous."),
    HEART,
)
CONDITIONS_BRAIN = _page(
    "conditions_brain",
    _("Your brain, nerves and eyes"),
    _("Some of these make treatment at home unsafe, others need a closer look."),
    BRAIN,
)
OTHER = Field(
    "other",
    _("Other illnesses, operations or allergies"),
    Kind.LONG_TEXT,
    hint=_("Anything else that a clinician should know. They read it before your visit."),
    required=False,
    max_length=2000,
)
CONDITIONS_BODY = _page(
    "conditions_body",
    _("Other parts of your body"),
    _("Lungs, liver, thyroid and bladder decide how your body handles the medicine."),
    BODY,
    OTHER,
)
CONDITIONS_MIND = _page(
    "conditions_mind",
    _("Your mental health, now and before"),
    _("The treatment can make some of these worse. Your honest answer keeps you safe; it is never held against you."),
    MIND,
)
CONDITION_TIMES = Page(
    key="condition_times",
    section="health",
    title=_("When was that?"),
    why=_("How long ago it was changes what is safe."),
    intro=_("Your best estimate is fine. Leave it empty if you do not know; your clinician will ask."),
    shown_if=lambda answers: any(code in TIMED for code in chosen(answers)),
    check=_check_times,
    fields=tuple(
        Field(code, question, Kind.AGO, required=False, shown_if=_ticked(code)) for code, question in TIMED.items()
    ),
)
CONDITION_LETTERS = Page(
    key="condition_letters",
    section="health",
    title=_("Do you have a letter about it?"),
    why=_("A prescriber needs a letter about it to judge whether treatment at home is safe for you."),
    intro=_(
        "It must be no more than 90 days old. If you do not have it yet, go on: we tell you at the end what to do."
    ),
    shown_if=lambda answers: any(needs_letter(kind)(answers) for kind in LETTERS),
    fields=(
        Field(
            CARDIOLOGY_LETTER,
            _("A letter from your heart doctor (or your stroke doctor)"),
            Kind.CHOICE,
            options=LETTER_STATES,
            hint=_("It says how your heart and blood vessels are now."),
            missing=_("Choose whether you have a letter from your heart doctor."),
            shown_if=needs_letter(CARDIOLOGY_LETTER),
        ),
        Field(
            CLINICIAN_LETTER,
            _("A letter from the clinician who treats your bipolar disorder"),
            Kind.CHOICE,
            options=LETTER_STATES,
            hint=_("It says how steady your mood is, and when the last manic or mixed episode was."),
            missing=_("Choose whether you have a letter from the clinician who treats you."),
            shown_if=needs_letter(CLINICIAN_LETTER),
        ),
    ),
)
REST = (CONDITIONS_BRAIN, CONDITIONS_BODY, CONDITIONS_MIND)
PAGES = (CONDITIONS_HEART, *REST, CONDITION_TIMES, CONDITION_LETTERS)
