"""Section "Treatments": antidepressants tried (policy section 2) and the medicines of today (section 7)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from harmoniously.core.questions.specs import Context, Field, Kind, Option, Page, Repeat, Section, Text

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
IMPROVEMENT = (
    Option("0", _("Not at all")),
    Option("10", _("A little, about 10 %")),
    Option("25", _("About a quarter, 25 %")),
    Option("35", _("About a third, 35 %")),
    Option("50", _("About half, 50 %")),
    Option("75", _("Much better, 75 %")),
    Option("100", _("Fully, 100 %")),
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
DOSE_UNITS = (
    Option("mg", _("mg")),
    Option("g", _("g")),
    Option("mcg", _("micrograms")),
    Option("unknown", _("I do not know the dose")),
)
FREQUENCY = (
    Option("daily", _("Every day")),
    Option("as_needed", _("Only when needed")),
    Option("short_course", _("A short course, for some days or weeks")),
    Option("unknown", _("I do not know")),
)
MG_PER_UNIT = {"mg": 1.0, "g": 1000.0, "mcg": 0.001}
HIGHEST_MG = 10_000  # the range of the case format


def _trial_line(entry: Mapping[str, Any]) -> str:
    dose = ""
    if entry.get("dose") is not None:
        dose = _now(", up to %(dose)s %(unit)s a day") % {"dose": entry["dose"], "unit": entry["dose_unit"]}
    weeks = _now(", %(weeks)s weeks") % {"weeks": entry["weeks"]} if entry.get("weeks") is not None else ""
    return f"{entry.get('medicine', '')}{dose}{weeks}"


def _check_dose(given: Mapping[str, Any], _context: Context) -> dict[str, Text]:
    unit = given["dose_unit"]
    if unit == "unknown":
        return {"dose": _("Clear the dose, or choose its unit.")} if given["dose"] is not None else {}
    if given["dose"] is None:
        return {"dose": _("Enter the highest dose you took in a day, or choose “I do not know the dose”.")}
    if given["dose"] * MG_PER_UNIT[unit] > HIGHEST_MG:
        return {"dose": _("That is more than 10,000 mg a day. Look at the dose and its unit again.")}
    return {}


ANTIDEPRESSANTS = Page(
    key="antidepressants",
    section="treatments",
    title=_("Antidepressants you have tried"),
    why=_("This treatment is meant for people whom at least two well-tried medicines did not help enough."),
    intro=_("Enter each medicine on its own, also those you stopped. Old prescriptions or a pharmacy can help you."),
    check=_check_dose,
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
            hint=_("As on the package, for example Zoloft or sertraline."),
            missing=_("Enter the name of the medicine."),
            max_length=100,
        ),
        Field(
            "dose",
            _("Highest dose in a day"),
            Kind.DECIMAL,
            hint=_(
                "The whole day together: 75 mg twice a day is 150 mg. For Auvelity enter 210 mg for 2 tablets. "
                "If you do not know it, leave this empty and say so below."
            ),
            required=False,
            minimum=0,
            maximum=100_000,
        ),
        Field("dose_unit", _("Unit of the dose"), Kind.SELECT, options=DOSE_UNITS, missing=_("Choose the unit.")),
        Field(
            "weeks",
            _("How many weeks at that dose?"),
            Kind.INTEGER,
            hint=_("Your best estimate. A year is 52 weeks. Leave it empty if you do not know."),
            required=False,
            minimum=0,
            maximum=2000,
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
        Field(
            "improvement",
            _("How much better did you feel?"),
            Kind.CHOICE,
            options=IMPROVEMENT,
            missing=_("Choose how much better you felt, or “I do not know”."),
        ),
        Field("stopped", _("Why did you stop?"), Kind.CHOICE, options=STOPPED, missing=_("Choose why you stopped.")),
    ),
)


def _medicine_line(entry: Mapping[str, Any]) -> str:
    return ", ".join(part for part in (entry.get("name"), entry.get("dose")) if part)


MEDICINES = Page(
    key="medicines",
    section="treatments",
    title=_("Medicines you take now"),
    why=_("Some medicines are dangerous together with this treatment. Never stop a medicine on your own."),
    intro=_(
        "Everything you take: prescribed, from the drugstore, vitamins, herbs, and what you take only now and then."
    ),
    repeat=Repeat(
        first=_("Do you take any medicine, vitamin or herb?"),
        another=_("Do you take another one?"),
        item=_("A medicine you take"),
        add=_("Add a medicine"),
        none=_("I take no medicine at all"),
        line=_medicine_line,
    ),
    fields=(
        Field("name", _("Name of the medicine"), missing=_("Enter the name of the medicine."), max_length=100),
        Field("dose", _("Dose"), hint=_("For example 300 mg."), required=False, max_length=60),
        Field("frequency", _("How often?"), Kind.CHOICE, options=FREQUENCY, missing=_("Choose how often you take it.")),
    ),
)
PAGES = (ANTIDEPRESSANTS, MEDICINES)
