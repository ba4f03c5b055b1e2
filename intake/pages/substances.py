"""Alcohol and other substances: how often, whether it is a problem, and how long it has been over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from harmoniously.core.questions.specs import Answers, Condition, Context, Field, Kind, Option, Page, Text
from intake.ago import WEEKS_PER_YEAR, before_birth, weeks_ago

NAMES: dict[str, Text] = {
    "alcohol": _("Alcohol"),
    "cannabis": _("Cannabis"),
    "opioid": _("Opioids that were not prescribed to you"),
    "cocaine": _("Cocaine"),
    "stimulant": _("Stimulants that were not prescribed to you, such as methamphetamine"),
    "sedative": _("Sedatives that were not prescribed to you, such as Xanax"),
    "ketamine": _("Ketamine outside of medical care"),
    "pcp": _("PCP"),
    "other": _("Any other drug"),
}
EXAMPLES: dict[str, Text] = {
    "alcohol": _("Beer, wine, liquor, hard seltzer."),
    "cannabis": _("Weed, edibles, vapes, dabs, delta-8."),
    "opioid": _("Heroin, street fentanyl, pain pills from somebody else, kratom."),
    "cocaine": _("Also crack."),
    "stimulant": _("Also Adderall from somebody else, ecstasy (MDMA), khat."),
    "sedative": _("Also sleeping pills from somebody else, GHB, phenibut."),
    "ketamine": _("Not what a clinic gave you."),
    "pcp": _("Angel dust."),
    "other": _("Mushrooms, LSD, inhalants, poppers, or anything else."),
}
AMOUNTS: dict[str, Text] = {
    "alcohol": _("For example 2 beers, or half a bottle of wine."),
    "cannabis": _("For example 1 joint, or a 10 mg gummy."),
}
PAST = "past"
USE = (
    Option("never", _("Never")),
    Option("past", _("In the past, not in the last 12 months")),
    Option("less_than_monthly", _("Less than once a month")),
    Option("monthly", _("About once a month")),
    Option("weekly", _("About once a week")),
    Option("daily", _("Daily or almost daily")),
)
DISORDER = (
    Option("none", _("No, it is not and never was a problem")),
    Option("mild", _("A mild problem now")),
    Option("moderate", _("A moderate problem now")),
    Option("severe", _("A severe problem now")),
    Option("remission", _("It was a problem, and it is over")),
)


@dataclass(frozen=True, slots=True)
class Joined:
    """Two texts as one, put together when it is shown, so that both are in the reader's language."""

    first: Text
    second: Text

    def __str__(self) -> str:
        return f"{self.first}: {self.second}"


def used_codes(answers: Answers) -> list[str]:
    """The substances that were ever used."""
    given = answers.get("substances", {})
    return [code for code in NAMES if given.get(code) not in (None, "never")]


def remission_codes(answers: Answers) -> list[str]:
    """The substances whose problem is over."""
    given = answers.get("substance_problems", {})
    return [code for code in used_codes(answers) if given.get(code) == "remission"]


def _used(code: str) -> Condition:
    return lambda answers: code in used_codes(answers)


def _in_remission(code: str) -> Condition:
    return lambda answers: code in remission_codes(answers)


SUBSTANCES = Page(
    key="substances",
    section="health",
    title=_("Alcohol and other substances"),
    why=_(
        "Some substances are dangerous together with the treatment. "
        "Your answers are medical records: they go to your care team and to nobody else."
    ),
    fields=tuple(
        Field(
            code,
            name,
            Kind.SELECT,
            options=USE,
            hint=EXAMPLES[code],
            missing=_("Choose how often you use each one, or “Never”."),
        )
        for code, name in NAMES.items()
    ),
)


def _amount(code: str) -> str:
    return f"{code}_amount"


def _last(code: str) -> str:
    return f"{code}_last"


def _check_details(given: Mapping[str, Any], context: Context) -> dict[str, Text]:
    """The last use has to fit what was said about how often."""
    said = context.used.get(SUBSTANCES.key, {})
    born = context.used.get("about_you", {}).get("date_of_birth")
    found: dict[str, Text] = {}
    for code in used_codes(context.used):
        ago = given.get(_last(code))
        weeks = weeks_ago(ago)
        if before_birth(ago, born, context.today):
            found[_last(code)] = _("This is before you were born. Look at the number and the unit again.")
        elif weeks is not None and said.get(code) == PAST and weeks < WEEKS_PER_YEAR:
            found[_last(code)] = _("You chose “not in the last 12 months” before. Change one of the two.")
        elif weeks is not None and said.get(code) != PAST and weeks > WEEKS_PER_YEAR:
            found[_last(code)] = _("You chose a use in the last 12 months before. Change one of the two.")
    return found


def _details(code: str, name: Text) -> tuple[Field, ...]:
    which = Field(
        "other_name",
        _("Which other drug?"),
        hint=_("The name you know it by. If there are several, name them all."),
        missing=_("Enter the name of the other drug."),
        max_length=120,
        shown_if=_used(code),
    )
    amount = Field(
        _amount(code),
        Joined(name, _("how much on a day when you use it?")),
        hint=AMOUNTS.get(code, _("In your own words. Your best guess is fine.")),
        missing=Joined(name, _("enter how much, in your own words. “I do not know” is an answer too.")),
        max_length=120,
        shown_if=_used(code),
    )
    last = Field(
        _last(code),
        Joined(name, _("when was the last time?")),
        Kind.AGO,
        hint=_("Your best guess. 0 days ago is today."),
        missing=Joined(name, _("enter when the last time was. Your best guess is fine.")),
        shown_if=_used(code),
    )
    return (which, amount, last) if code == "other" else (amount, last)


DETAILS = Page(
    key="substance_details",
    section="health",
    title=_("How much, and when last?"),
    why=_("It tells your prescriber how to keep you safe. Nobody outside your care team sees it."),
    shown_if=lambda answers: bool(used_codes(answers)),
    check=_check_details,
    fields=tuple(field for code, name in NAMES.items() for field in _details(code, name)),
)
PROBLEMS = Page(
    key="substance_problems",
    section="health",
    title=_("Has it been a problem?"),
    why=_("A problem means that a doctor said so, or that you lost control over it or got into trouble through it."),
    shown_if=lambda answers: bool(used_codes(answers)),
    fields=tuple(
        Field(
            code,
            name,
            Kind.CHOICE,
            options=DISORDER,
            missing=_("Choose whether it is or was a problem."),
            shown_if=_used(code),
            short=Joined(_("A problem with"), name),
        )
        for code, name in NAMES.items()
    ),
)
REMISSION = Page(
    key="substance_remission",
    section="health",
    title=_("How long has it been over?"),
    why=_("The first year is the hardest, and the treatment may get in the way of it."),
    intro=_("In months. Leave it empty if you do not know."),
    shown_if=lambda answers: bool(remission_codes(answers)),
    fields=tuple(
        Field(
            code,
            name,
            Kind.INTEGER,
            required=False,
            minimum=0,
            maximum=1200,
            shown_if=_in_remission(code),
            short=Joined(_("Months since it is over"), name),
        )
        for code, name in NAMES.items()
    ),
)
PAGES = (SUBSTANCES, DETAILS, PROBLEMS, REMISSION)
