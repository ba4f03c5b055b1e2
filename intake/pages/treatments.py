"""Section "Treatments": antidepressants tried (policy section 2) and the medicines of today (section 7)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from harmoniously.core.questions.reading import month_in_words
from harmoniously.core.questions.specs import Field, Kind, Option, Page, Repeat, Section
from intake import dose
from intake.name_form import NamedForm
from intake.trial_entries import STILL_TAKING, UNKNOWN, weeks_in_words
from intake.trial_form import TrialForm

SECTION = Section(
    key="treatments",
    title=_("Treatments"),
    minutes=6,
    why=_("What you tried shows whether this treatment fits. What you take now shows whether it is safe."),
    seen_by=_("You and the clinicians who care for you."),
)
TAKEN_FOR = (
    Option("depression", _("Depression")),
    Option("anxiety", _("Anxiety")),
    Option("ptsd", _("PTSD")),
    Option("ocd", _("OCD")),
    Option("pain", _("Pain")),
    Option("sleep", _("Sleep")),
    Option("smoking", _("To stop smoking")),
    Option("other", _("Something else")),
)
EPISODES = (
    Option("current", _("In the present time of low mood")),
    Option("previous", _("In an earlier one")),
    Option("unknown", _("I do not know")),
)
# Every whole per cent belongs to one choice, and no choice to two verdicts (policy section 2: 25 and 50 per cent).
IMPROVEMENT = (
    Option("0", _("Not at all, or I felt worse (0 %)")),
    Option("10", _("A little better (1 to 15 %)")),
    Option("25", _("Up to a quarter better (16 to 25 %)")),
    Option("35", _("More than a quarter, but less than half (26 to 49 %)")),
    Option("50", _("Half better or more (50 to 74 %)")),
    Option("75", _("Much better (75 to 99 %)")),
    Option("100", _("Fully well again (100 %)")),
    Option("unknown", _("I do not know")),
)
STOPPED = (
    Option("still_taking", _("I still take it")),
    Option("no_benefit", _("It did not help enough")),
    Option("side_effects", _("Side effects")),
    Option("cost", _("Cost")),
    Option("other", _("Another reason")),
    Option("unknown", _("I do not know")),
)
# How a kept dose reads. In which of them a product is asked is said by the policy; see trial_form.
DOSE_UNITS = (
    Option(dose.MG_A_DAY, _("mg a day")),
    Option(dose.TABLETS, _("tablets a day")),
    Option(dose.MG_24H, _("mg in 24 hours")),
    Option(dose.CAPSULES_WEEK, _("capsules a week")),
    Option(dose.NOT_ASKED, _("Not asked for this one")),
    Option("g", _("g a day")),
    Option("mcg", _("micrograms a day")),
    Option(UNKNOWN, _("I do not know the dose")),
)
ONE_UNIT = {dose.TABLETS: _("tablet a day"), dose.CAPSULES_WEEK: _("capsule a week")}
FREQUENCY = (
    Option("daily", _("Every day")),
    Option("as_needed", _("Only when needed")),
    Option("short_course", _("A short course, for some days or weeks")),
    Option("unknown", _("I do not know")),
)


def _trial_line(entry: Mapping[str, Any]) -> str:
    parts = [entry.get("medicine") or _now("Name still missing"), *_dose_words(entry), *_time_words(entry)]
    return ", ".join(parts)


def _dose_words(entry: Mapping[str, Any]) -> list[str]:
    amount, unit = entry.get("dose"), entry.get("dose_unit")
    if amount is None:
        return [_now("dose not known")] if unit == UNKNOWN else []
    words = next((str(option.label) for option in DOSE_UNITS if option.code == unit), "")
    if amount == 1:
        words = str(ONE_UNIT.get(str(unit), words))
    return [_now("up to %(dose)s %(unit)s") % {"dose": f"{amount:g}", "unit": words}]


def _time_words(entry: Mapping[str, Any]) -> list[str]:
    found = []
    if entry.get("started"):
        still = entry.get("stopped") == STILL_TAKING and not entry.get("ended")
        ended = _now("today") if still else month_in_words(entry["ended"]) if entry.get("ended") else "?"
        found = [_now("%(start)s to %(end)s") % {"start": month_in_words(entry["started"]), "end": ended}]
    if entry.get("weeks") is not None:
        found.append(weeks_in_words(entry["weeks"]))
    return found


ANTIDEPRESSANTS = Page(
    key="antidepressants",
    section="treatments",
    title=_("Antidepressants you have tried"),
    why=_("This treatment is meant for people whom at least two well-tried medicines did not help enough."),
    intro=_("Enter each medicine on its own, also those you stopped. Old prescriptions or a pharmacy can help you."),
    form=TrialForm,
    repeat=Repeat(
        first=_("Have you ever taken an antidepressant?"),
        another=_("Have you taken another antidepressant?"),
        item=_("An antidepressant you have tried"),
        add=_("Add an antidepressant"),
        none=_("I have never taken an antidepressant"),
        line=_trial_line,
    ),
    fields=(
        Field(
            "medicine",
            _("Name of the medicine"),
            hint=_("One at a time, by brand or by ingredient: Zoloft or sertraline. Spelling need not be perfect."),
            missing=_("Enter the name of the medicine."),
            max_length=100,
        ),
        Field(
            "dose",
            _("Highest dose"),
            Kind.DECIMAL,
            missing=_("Enter the highest dose, or tick “I do not know the dose”."),
            minimum=0,
            maximum=100_000,
        ),
        Field("dose_unit", _("Unit of the dose"), Kind.SELECT, options=DOSE_UNITS),
        Field(
            "started",
            _("When did you start that dose?"),
            Kind.MONTH,
            hint=_("Leave the day empty if you do not know it. Instead of dates you can enter weeks below."),
            required=False,
        ),
        Field(
            "ended",
            _("When did you stop it?"),
            Kind.MONTH,
            hint=_("Leave it empty if you still take it."),
            required=False,
        ),
        Field(
            "weeks",
            _("Or: how many weeks at that dose?"),
            Kind.DECIMAL,
            hint=_("Your best estimate. A month is about 4 weeks, a year is 52. Leave it empty if you do not know."),
            required=False,
            minimum=0,
            maximum=2000,
            short=_("Weeks at that dose"),
        ),
        Field("stopped", _("Why did you stop?"), Kind.CHOICE, options=STOPPED, missing=_("Choose why you stopped.")),
        Field(
            "improvement",
            _("How much better did you feel?"),
            Kind.CHOICE,
            options=IMPROVEMENT,
            hint=_("At its best, compared with the weeks before you took it."),
            missing=_("Choose how much better you felt, or “I do not know”."),
        ),
        Field(
            "taken_for",
            _("What did you take it for?"),
            Kind.CHOICE,
            options=TAKEN_FOR,
            missing=_("Choose what you took it for."),
        ),
        Field(
            "episode", _("When did you take it?"), Kind.CHOICE, options=EPISODES, missing=_("Choose when you took it.")
        ),
    ),
)


def _medicine_line(entry: Mapping[str, Any]) -> str:
    return ", ".join(part for part in (entry.get("name") or _now("Name still missing"), entry.get("dose")) if part)


MEDICINES = Page(
    key="medicines",
    section="treatments",
    title=_("Medicines you take now"),
    why=_("Some medicines are dangerous together with this treatment. Never stop a medicine on your own."),
    intro=_(
        "Everything you take: prescribed, from the drugstore, vitamins, herbs, and what you take only now and then. "
        "Think also of sleep aids, cold and allergy medicine, pain relievers, CBD, patches, sprays and birth control."
    ),
    form=NamedForm,
    repeat=Repeat(
        first=_("Do you take any medicine, vitamin or herb?"),
        another=_("Do you take another one?"),
        item=_("A medicine you take"),
        add=_("Add a medicine"),
        none=_("I take no medicine at all"),
        line=_medicine_line,
    ),
    fields=(
        Field(
            "name",
            _("Name of the medicine"),
            hint=_("One at a time, by brand or by ingredient: Advil or ibuprofen. Spelling need not be perfect."),
            missing=_("Enter the name of the medicine."),
            max_length=100,
        ),
        Field("dose", _("Dose"), hint=_("As on the package, for example 300 mg."), required=False, max_length=60),
        Field("frequency", _("How often?"), Kind.CHOICE, options=FREQUENCY, missing=_("Choose how often you take it.")),
    ),
)
PAGES = (ANTIDEPRESSANTS, MEDICINES)
