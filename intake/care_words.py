"""What each kind of care is called, what it is, and how to find it, in plain words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from harmoniously.core.questions.specs import Text
from intake.rules.care import Care


@dataclass(frozen=True, slots=True)
class Words:
    """One kind of care. `phone` is a helpline that names places near the caller, free and day and night."""

    care: Care
    title: Text
    what: Text
    find: Text
    phone: str = ""


HELPLINE = "1-800-662-4357"  # SAMHSA's national helpline, for mental health and substance use
_WORDS: Mapping[Care, tuple[Text, Text, Text, str]] = {
    Care.PRIMARY_CARE: (
        _("Your own doctor, or a primary care clinic"),
        _("They look at your health as a whole, treat what stands in the way, and can try other medicines with you."),
        _(
            "No doctor? The helpline 211 names community health centers near you. They see people without "
            "insurance too."
        ),
        "211",
    ),
    Care.THERAPY: (
        _("Talk therapy"),
        _("Works for depression, anxiety and trauma, alone or with medicine, in person or by video."),
        _("Ask your insurance for a list, or call the SAMHSA helpline, free, day and night."),
        HELPLINE,
    ),
    Care.PSYCHIATRY: (
        _("A psychiatrist or a mental health clinic"),
        _("They know the medicines and treatments for your condition and stay with you over time."),
        _("Ask your doctor to refer you, or call the SAMHSA helpline, free, day and night."),
        HELPLINE,
    ),
    Care.ADDICTION_CARE: (
        _("Care for alcohol or drug use"),
        _(
            "Counseling, groups and medicines that make it easier to stop and to stay well. "
            "You can ask for help at any stage."
        ),
        _("The SAMHSA helpline names places near you, free, day and night."),
        HELPLINE,
    ),
    Care.CLINIC_INFUSION: (
        _("A clinic that gives ketamine into a vein (IV)"),
        _(
            "Staff watch you and can act at once. It is off-label as well, and the clinic decides whether it is "
            "safe for you."
        ),
        _("Ask your doctor for a clinic with a doctor or nurse in the room and monitors for heart and breathing."),
        "",
    ),
    Care.CLINIC_ESKETAMINE: (
        _("An esketamine program"),
        _(
            "A nasal spray that the FDA approved for depression that other medicines did not help. A certified "
            "clinic watches you for two hours each time."
        ),
        _("Ask a psychiatrist. Insurance often pays for it."),
        "",
    ),
    Care.CRISIS: (
        _("Help in a crisis, in person"),
        _("A walk-in crisis center or a team that comes to you, when it cannot wait. You need no appointment."),
        _("Call or text 988, free, day and night: they know what is near you and can send somebody."),
        "988",
    ),
}
# Clinics first: who came for ketamine looks for them.
_ORDER = (
    Care.CLINIC_ESKETAMINE,
    Care.CLINIC_INFUSION,
    Care.ADDICTION_CARE,
    Care.PSYCHIATRY,
    Care.THERAPY,
    Care.PRIMARY_CARE,
    Care.CRISIS,
)


def words_for(kinds: Iterable[Care]) -> list[Words]:
    """The kinds of care in words, in the order in which they are shown."""
    wanted = set(kinds)
    return [Words(care, *_WORDS[care]) for care in _ORDER if care in wanted]


def choices() -> list[tuple[str, Text]]:
    """Value and title of every kind, for the directory."""
    return [(care.value, _WORDS[care][0]) for care in _ORDER]
