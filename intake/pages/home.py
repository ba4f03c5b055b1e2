"""Section "At home": the adult who sits with the person during a session."""

from django.utils.translation import gettext_lazy as _

from harmoniously.core.questions.specs import Answers, Field, Kind, Option, Page, Section

SECTION = Section(
    key="home",
    title=_("Someone beside you"),
    minutes=1,
    why=_("At every session an adult has to be with you from start to end."),
    seen_by=_("You, your care team, and our coordinators."),
)
HAS_SITTER = (
    Option("yes", _("Yes, an adult can be with me")),
    Option("no", _("No, not yet")),
)


def has_sitter(answers: Answers) -> bool:
    """Whether the person named an adult who can be there."""
    return answers.get("sitter", {}).get("adult") == "yes"


SITTER = Page(
    key="sitter",
    section="home",
    title=_("Can an adult be with you at each session?"),
    why=_("You will be drowsy and unsteady for about two hours. Somebody has to be in the home who can call for help."),
    fields=(
        Field(
            "adult",
            _("Is there someone, 18 or older, who can be with you?"),
            Kind.CHOICE,
            options=HAS_SITTER,
            missing=_("Choose whether an adult can be with you."),
        ),
    ),
)
SITTER_DETAILS = Page(
    key="sitter_details",
    section="home",
    title=_("Who will be with you?"),
    why=_("Before your first session we send this person a private link with what they need to know."),
    shown_if=has_sitter,
    fields=(
        Field(
            "name", _("Their name"), short=_("Your sitter"), missing=_("Enter the name of your sitter."), max_length=120
        ),
        Field(
            "phone",
            _("Their phone"),
            Kind.PHONE,
            short=_("Your sitter’s phone"),
            missing=_("Enter their telephone number."),
        ),
    ),
)
PAGES = (SITTER, SITTER_DETAILS)
