"""What each check-in is called and how long it takes; on the patient's home in Spanish, too."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from treatment.rules.rhythm import Kind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Sentence = _StrPromise | str

TITLES: Mapping[Kind, "Sentence"] = {
    Kind.AFTER: _("How are you now?"),
    Kind.DAY: _("How are you after your session?"),
    Kind.SCORES: _("Your questionnaires"),
    Kind.MONTH: _("Your questions of the month"),
}
MINUTES: Mapping[Kind, "Sentence"] = {
    Kind.AFTER: _("Three taps, less than a minute."),
    Kind.DAY: _("A few short questions, about three minutes. Your clinician reads the answers."),
    Kind.SCORES: _("One question at a time, about four minutes. Each answer is saved."),
    Kind.MONTH: _("Five short pages, about two minutes."),
}
