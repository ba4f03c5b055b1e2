"""Section "Your health": blood pressure, height and weight, pregnancy (policy section 5)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common import clock
from harmoniously.core.questions.specs import Answers, Context, Field, Kind, Option, Page, Repeat, Section, Text

SECTION = Section(
    key="health",
    title=_("Your health"),
    minutes=8,
    why=_("The treatment is not safe with some conditions. We ask about every one of them, of everyone."),
    seen_by=_("You and the clinicians who care for you."),
)
# Outside of these a home monitor more often errs than is right; it is asked, never refused.
USUAL_SYSTOLIC = (80, 200)
USUAL_DIASTOLIC = (45, 125)
USUAL_DIFFERENCE = (20, 110)
USUAL_HEART_RATE = (40, 130)
OLDEST_READING = timedelta(days=365)
PRESSURES = ("pressure", "second")
PREGNANCY = (
    Option("no", _("No")),
    Option("yes", _("Yes")),
    Option("unknown", _("I do not know")),
)


def _unusual_pressure(value: Mapping[str, int]) -> Text | None:
    low, high = USUAL_SYSTOLIC
    if not low <= value["systolic"] <= high:
        return _("An upper number of this size is unusual. Measure again if you can.")
    low, high = USUAL_DIASTOLIC
    if not low <= value["diastolic"] <= high:
        return _("A lower number of this size is unusual. Measure again if you can.")
    low, high = USUAL_DIFFERENCE
    if not low <= value["systolic"] - value["diastolic"] <= high:
        return _("These two numbers are unusual together. Look at your monitor again.")
    return None


def _unusual_rate(value: float) -> Text | None:
    low, high = USUAL_HEART_RATE
    return None if low <= value <= high else _("This heart rate is unusual. Count again if you can.")


def _check_reading(given: Mapping[str, Any], context: Context) -> dict[str, Text]:
    taken = date.fromisoformat(given["taken_on"])
    if taken > context.today:
        return {"taken_on": _("This day lies in the future. Enter the day on which you measured.")}
    if taken < context.today - OLDEST_READING:
        return {"taken_on": _("This is more than a year ago. Enter a reading of the last 30 days.")}
    return {}


def _day(text: str) -> str:
    return clock.long_date_words(date.fromisoformat(text))


def pressures(entry: Mapping[str, Any]) -> list[Mapping[str, int]]:
    """The readings of one entry: one, or two that were taken a minute apart."""
    return [entry[name] for name in PRESSURES if entry.get(name)]


def _reading_line(entry: Mapping[str, Any]) -> str:
    words = _now("%(upper)s over %(lower)s")
    readings = _now(" and ").join(
        words % {"upper": one["systolic"], "lower": one["diastolic"]} for one in pressures(entry)
    )
    day = _day(entry["taken_on"]) if entry.get("taken_on") else ""
    # One of them is still missing when somebody left in the middle.
    return _now("%(readings)s on %(day)s") % {"readings": readings, "day": day} if readings and day else readings or day


def asks_about_pregnancy(answers: Answers) -> bool:
    """Policy section 5: the questions about pregnancy are required unless the sex at birth is male."""
    return answers.get("about_you", {}).get("sex_at_birth") in ("female", "intersex")


def can_become_pregnant(answers: Answers) -> bool:
    """Whether the person said that pregnancy is possible."""
    return answers.get("pregnancy_possible", {}).get("can_become_pregnant") is True


BLOOD_PRESSURE = Page(
    key="blood_pressure",
    section="health",
    title=_("Your blood pressure"),
    why=_("The treatment raises blood pressure. We need a reading of the last 30 days; two days are better than one."),
    template="intake/about/blood_pressure.html",
    check=_check_reading,
    repeat=Repeat(
        first=_("Do you have a blood pressure reading of the last 30 days?"),
        another=_("Do you have a reading of another day?"),
        item=_("A blood pressure reading"),
        add=_("Add a reading"),
        none=_("I have no reading of the last 30 days"),
        line=_reading_line,
    ),
    fields=(
        Field("taken_on", _("Day of the reading"), Kind.DATE, missing=_("Enter the day of the reading.")),
        Field(
            "pressure",
            _("First reading"),
            Kind.BLOOD_PRESSURE,
            hint=_("Sit for 5 minutes first, feet on the floor, arm at the height of the heart."),
            missing=_("Enter both numbers from your monitor."),
            unusual=_unusual_pressure,
        ),
        Field(
            "second",
            _("Second reading, one minute later"),
            Kind.BLOOD_PRESSURE,
            hint=_("Leave it empty if you measured only once."),
            required=False,
            unusual=_unusual_pressure,
        ),
    ),
)
BODY = Page(
    key="body",
    section="health",
    title=_("Heart rate, height and weight"),
    why=_("They help the clinician to judge a safe starting dose."),
    fields=(
        Field(
            "heart_rate",
            _("Heart rate at rest"),
            Kind.INTEGER,
            hint=_("Beats in a minute, as your monitor shows it. Leave it empty if you do not know."),
            required=False,
            minimum=20,
            maximum=250,
            unusual=_unusual_rate,
        ),
        Field("height", _("Height"), Kind.HEIGHT, required=False),
        Field("weight", _("Weight"), Kind.WEIGHT, required=False),
    ),
)
PREGNANCY_POSSIBLE = Page(
    key="pregnancy_possible",
    section="health",
    title=_("Could you become pregnant?"),
    why=_("The medicine can harm an unborn child. We ask everyone whom it may concern."),
    shown_if=asks_about_pregnancy,
    fields=(
        Field(
            "can_become_pregnant",
            _("Are you pregnant, or could you become pregnant?"),
            Kind.YES_NO,
            hint=_("Answer yes if you are pregnant now. Answer no if you cannot: after menopause or an operation."),
            missing=_("Choose whether you could become pregnant."),
        ),
        Field(
            "breastfeeding",
            _("Are you breast-feeding?"),
            Kind.YES_NO,
            missing=_("Choose whether you are breast-feeding."),
        ),
    ),
)
PREGNANCY_NOW = Page(
    key="pregnancy",
    section="health",
    title=_("Pregnancy"),
    why=_("The medicine can harm an unborn child, also very early."),
    shown_if=lambda answers: asks_about_pregnancy(answers) and can_become_pregnant(answers),
    fields=(
        Field(
            "pregnant",
            _("Are you pregnant?"),
            Kind.CHOICE,
            options=PREGNANCY,
            missing=_("Choose whether you are pregnant, or “I do not know”."),
        ),
        Field(
            "trying",
            _("Are you trying to become pregnant?"),
            Kind.YES_NO,
            missing=_("Choose whether you are trying to become pregnant."),
        ),
    ),
)
PAGES = (BLOOD_PRESSURE, BODY, PREGNANCY_POSSIBLE, PREGNANCY_NOW)
