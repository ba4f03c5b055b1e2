"""Alcohol and other substances: how often, whether it is a problem, and how long it has been over."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from harmoniously.core.questions.specs import Answers, Condition, Field, Kind, Option, Page, Text

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
        Field(code, name, Kind.SELECT, options=USE, missing=_("Choose how often you use each one, or “Never”."))
        for code, name in NAMES.items()
    ),
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
PAGES = (SUBSTANCES, PROBLEMS, REMISSION)
