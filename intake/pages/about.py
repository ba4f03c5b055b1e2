"""Section "About you": who the person is, where they are, whom to call."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.states import US_STATES, ZONES
from harmoniously.core.questions.specs import Context, Field, Kind, Option, Page, Section, Text

SECTION = Section(
    key="you",
    title=_("About you"),
    minutes=4,
    why=_("A prescription needs your legal name, your date of birth and the address where you are."),
    seen_by=_("You, your care team, and our coordinators."),
)
SEX = (Option("female", _("Female")), Option("male", _("Male")), Option("intersex", _("Intersex")))
RELATIONS = (
    Option("partner", _("Partner or spouse")),
    Option("family", _("Family")),
    Option("friend", _("Friend")),
    Option("other", _("Someone else")),
)
ZONE_OPTIONS = tuple(Option(zone, zone.partition("/")[2].replace("_", " ").replace("/", ", ")) for zone in ZONES)
OLDEST_AGE = 120  # the range of the case format


def _check_birth(given: Mapping[str, Any], context: Context) -> dict[str, Text]:
    born = date.fromisoformat(given["date_of_birth"])
    if born > context.today:
        return {"date_of_birth": _("Your date of birth lies in the future. Look at the year again.")}
    if context.today.year - born.year >= OLDEST_AGE:
        return {"date_of_birth": _("Your date of birth is more than 120 years ago. Look at the year again.")}
    return {}


ABOUT_YOU = Page(
    key="about_you",
    section="you",
    title=_("Who are you?"),
    why=_("Your legal name and date of birth stand on a prescription. We use the name you prefer everywhere else."),
    check=_check_birth,
    fields=(
        Field(
            "legal_name",
            _("Full legal name"),
            hint=_("As it stands on your identity card."),
            missing=_("Enter your full legal name."),
            max_length=120,
            autocomplete="name",
        ),
        Field(
            "preferred_name",
            _("What should we call you?"),
            required=False,
            max_length=60,
            autocomplete="nickname",
        ),
        Field(
            "date_of_birth",
            _("Date of birth"),
            Kind.DATE,
            hint=_("For example, 3 27 1985."),
            missing=_("Enter your date of birth."),
            autocomplete="bday",
        ),
        Field(
            "sex_at_birth",
            _("Sex at birth"),
            Kind.CHOICE,
            hint=_("Some safety checks depend on it."),
            options=SEX,
            missing=_("Choose your sex at birth."),
        ),
        Field(
            "phone",
            _("Mobile phone"),
            Kind.PHONE,
            hint=_("Your clinician calls this number. Texts from us never say anything about your health."),
            missing=_("Enter a telephone number we can reach you at."),
            autocomplete="tel",
        ),
        # Unticked, and no condition of care (requirements 1.6): the carriers' reviewers look for exactly that.
        Field(
            "texts",
            _("Text me reminders as well"),
            Kind.TICK,
            hint=_(
                "If you tick this: 2 to 8 texts a month with a time and a link, nothing about your health. "
                "Your carrier may charge. Reply STOP at any time. You do not need to agree to be cared for."
            ),
            required=False,
        ),
    ),
)
WHERE_YOU_ARE = Page(
    key="where_you_are",
    section="you",
    title=_("Where will you be during treatment?"),
    why=_("Your clinician has to be licensed in the state where you are, and help has to find you if you need it."),
    fields=(
        Field(
            "street", _("Street and number"), missing=_("Enter your street and number."), autocomplete="street-address"
        ),
        Field("city", _("City"), missing=_("Enter your city."), max_length=80, autocomplete="address-level2"),
        Field(
            "state",
            _("State"),
            Kind.SELECT,
            options=tuple(Option(state.code, state.name) for state in US_STATES),
            missing=_("Choose your state."),
        ),
        Field("zip", _("ZIP code"), Kind.ZIP, missing=_("Enter your ZIP code."), max_length=10),
        Field(
            "zone",
            _("Time zone"),
            Kind.SELECT,
            short=_("Time zone, if not that of your state"),
            hint=_("If you leave this open we use the time zone of your state. We show every time in it."),
            required=False,
            options=ZONE_OPTIONS,
        ),
    ),
)
EMERGENCY = Page(
    key="emergency_contact",
    section="you",
    title=_("Whom should we call in an emergency?"),
    why=_("We call this person only if we are worried about your safety and cannot reach you."),
    fields=(
        Field(
            "name",
            _("Their name"),
            short=_("Emergency contact"),
            missing=_("Enter the name of your emergency contact."),
            max_length=120,
        ),
        Field(
            "phone",
            _("Their phone"),
            Kind.PHONE,
            short=_("Emergency contact’s phone"),
            missing=_("Enter their telephone number."),
        ),
        Field(
            "relation",
            _("Who they are to you"),
            Kind.CHOICE,
            short=_("Who your emergency contact is to you"),
            options=RELATIONS,
            missing=_("Choose who they are to you."),
        ),
    ),
)
PAGES = (ABOUT_YOU, WHERE_YOU_ARE, EMERGENCY)
