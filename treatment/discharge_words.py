"""What letters and pages say about the end of a treatment, in plain words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from treatment.models import DischargeReason, Leftover
from treatment.rules.reasons import Reason

# As the patient reads it.
REASONS: Mapping[DischargeReason, Promise] = {
    DischargeReason.GOAL_REACHED: gettext_lazy("Your treatment reached what it was for."),
    DischargeReason.PATIENT_WISH: gettext_lazy("You wished to end it."),
    DischargeReason.NO_BENEFIT: gettext_lazy("It did not help you enough."),
    DischargeReason.SIDE_EFFECTS: gettext_lazy("Side effects spoke against going on."),
    DischargeReason.SAFETY: gettext_lazy("Treatment at home was no longer safe for you."),
    DischargeReason.OTHER_CARE: gettext_lazy("Your care goes on somewhere else."),
    DischargeReason.OUT_OF_TOUCH: gettext_lazy("We could not reach you for some time."),
}
PARTS: Mapping[str, Promise] = {
    "course": gettext_lazy("Course of treatment: medicine, doses and dates of sessions"),
    "scores": gettext_lazy("Questionnaires: first, last and best score"),
    "events": gettext_lazy("Adverse events and how they ended"),
    "medicines": gettext_lazy("Other medicines that you told us about"),
    "summary": gettext_lazy("The prescriber’s summary at the end, where there is one"),
}
_REFUSALS: Mapping[str, Promise] = {
    "permission_revoked": gettext_lazy("The patient took this permission back. Nothing may be sent under it."),
    "permission_expired": gettext_lazy("This permission has ended. Ask the patient for a new one."),
    "permission_parts": gettext_lazy("This permission names no part that a letter could have."),
}


def refusal(reason: Reason) -> str:
    """Why no letter may be made."""
    return str(_REFUSALS[reason.code])


def leftover_lines(leftover: Leftover | str) -> list[str]:
    """What to do with medicine that is left (21 CFR part 1317; FDA: disposal of unused medicines)."""
    if leftover == Leftover.NONE:
        return [_("By our records nothing is left. If you find some, bring it to a collection site.")]
    never = _("Do not take any of it, do not keep it, and do not give it to anybody.")
    if leftover == Leftover.RETURN:
        return [
            never,
            _("Bring it to a pharmacy or a police station that collects controlled medicines, or use a mail-back bag."),
            _("Then tell us on the page about your medicine how much you gave back."),
        ]
    return [
        never,
        _(
            "Take it out of its package, mix it with something nobody would eat, such as used coffee grounds, close it "
            "in a bag, and put it in the household trash. Scratch your name off the package."
        ),
        _("Then tell us on the page about your medicine how much you destroyed."),
    ]


def if_it_returns() -> list[str]:
    """What to do when symptoms come back."""
    return [
        _("Symptoms can come back. That is not your fault, and it can be treated."),
        _("Call the clinician who cares for you now within a few days when your mood, sleep or worry gets worse."),
        _("You can apply to us again. If you have to wait first, your account says until when."),
        _("Go on with your other medicines. Do not change them without the clinician who prescribes them."),
        _("If you think of ending your life, call or text 988, at any hour. In danger, call 911."),
    ]
