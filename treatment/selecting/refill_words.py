"""Where the next supply stands, in the words that every page shows."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from harmoniously.core.common import clock
from treatment import words
from treatment.models import RefillRequest
from treatment.rules.reasons import Reason, Weight
from treatment.rules.refill import RefillStatus
from treatment.selecting.refills import NextSupply

TAGS: dict[RefillStatus, tuple[str, Promise | str]] = {
    RefillStatus.NOTHING: ("neutral", gettext_lazy("Nothing prescribed")),
    RefillStatus.ENDED: ("neutral", gettext_lazy("Ended")),
    RefillStatus.NOT_YET: ("neutral", gettext_lazy("Not yet")),
    RefillStatus.MISSING: ("caution", gettext_lazy("Something first")),
    RefillStatus.OPEN: ("brand", gettext_lazy("You can ask now")),
    RefillStatus.REQUESTED: ("info", gettext_lazy("Requested")),
    RefillStatus.ASKED: ("caution", gettext_lazy("A question for you")),
    RefillStatus.ON_THE_WAY: ("success", gettext_lazy("Ordered")),
}
# code -> (name of the page where it is done, words on its link)
_DONE_AT: dict[str, tuple[str, Promise | str]] = {
    "refill_consent": ("intake:agreements", gettext_lazy("Read and sign")),
    "refill_evaluation": ("telemedicine:book", gettext_lazy("Choose a time")),
    "refill_visit": ("telemedicine:book", gettext_lazy("Choose a time")),
    "refill_scores": ("treatment:home", gettext_lazy("Go to the questions")),
    "refill_safety_hold": ("portal:crisis", gettext_lazy("Help at any hour")),
}
# Two working days with a weekend between them.
_ANSWER_DAYS = 4
_OVERTAKEN: dict[str, Promise | str] = {
    "stopped": gettext_lazy("Your prescriber stopped this treatment, so nothing more is sent."),
    "cancelled": gettext_lazy("Your prescriber cancelled the prescription, so nothing is sent under it."),
    "paused": gettext_lazy("Your prescriber paused your treatment. Ask again when it goes on."),
    "ended": gettext_lazy("Your treatment ended before your request was answered."),
}


@dataclass(frozen=True)
class Step:
    """One thing that comes first: what, and where it is done (empty when a clinician acts)."""

    text: str
    url: str = ""
    action: str = ""


@dataclass(frozen=True)
class Shown:
    """The one status with its sentence, its date and what comes first; `answer` is the newest word of a prescriber."""

    status: RefillStatus
    tone: str
    tag: str
    text: str
    steps: tuple[Step, ...]
    answer: str
    can_ask: bool
    can_withdraw: bool

    @property
    def there(self) -> bool:
        """Whether there is anything to show."""
        return self.status is not RefillStatus.NOTHING


def shown(supply: NextSupply, zone: str) -> Shown:
    """The next supply in the patient's words; moments on the clock of the zone."""
    tone, tag = TAGS[supply.refill.status]
    return Shown(
        status=supply.refill.status,
        tone=tone,
        tag=str(tag),
        text=_text(supply, zone),
        steps=tuple(_step(item, supply) for item in supply.refill.missing),
        answer=answer_words(supply.request, zone),
        can_ask=supply.refill.can_ask,
        can_withdraw=supply.waiting is not None,
    )


def _step(item: Reason, supply: NextSupply) -> Step:
    text = words.patient_text(item)
    if item.code == "refill_check_in" and supply.check_ins:
        return Step(text, reverse("treatment:check_in", args=[supply.check_ins[0].pk]), _("Answer now"))
    if item.code in _DONE_AT and (item.weight is Weight.ASK or item.code == "refill_safety_hold"):
        page, action = _DONE_AT[item.code]
        return Step(text, reverse(page), str(action))
    return Step(text)


def _day(value: date) -> str:
    return formats.date_format(value, "l j F")


def _text(supply: NextSupply, zone: str) -> str:
    refill = supply.refill
    if refill.status is RefillStatus.NOT_YET:
        if refill.day is not None:
            return _("You have enough at home. You can ask for more after your session on %(day)s.") % {
                "day": _day(refill.day)
            }
        return _("You have enough at home. You can ask for more when it is enough for one session or less.")
    if refill.status is RefillStatus.OPEN:
        if refill.needs_new:
            return _("You can ask now. Your prescriber looks at how you are and writes a new prescription.")
        return _("You can ask now. Your prescriber looks at how you are before more is sent.")
    if refill.status is RefillStatus.MISSING and supply.facts.paused:
        return _("Your treatment is paused, so nothing is sent now.")
    if refill.status is RefillStatus.MISSING:
        return _("It is time for your next supply. A few things come first.")
    if refill.status in (RefillStatus.REQUESTED, RefillStatus.ASKED):
        return _waiting(supply, zone)
    if refill.status is RefillStatus.ON_THE_WAY:
        return _("Your next supply is ordered. Tell us when it has arrived.")
    return _("Your prescriber ended this treatment. Nothing more is sent.")


def _waiting(supply: NextSupply, zone: str) -> str:
    """A request that a prescriber has, or has asked about; one that waits for longer than was promised says so."""
    request = supply.waiting
    if request is None:
        return ""
    when = clock.describe(request.requested_at, zone)
    if supply.refill.status is RefillStatus.ASKED:
        words_of = _("You asked on %(when)s. Your prescriber has a question: it stands in your messages.")
    elif (supply.facts.today - clock.local(request.requested_at, zone).date()).days > _ANSWER_DAYS:
        words_of = _(
            "You asked on %(when)s. That is longer than the two working days that we promised. Your request still "
            "waits for a prescriber. Write to your care team or call if you need it soon."
        )
    else:
        words_of = _("You asked on %(when)s. A prescriber answers within two working days. You need not do more.")
    return words_of % {"when": when}


def answer_words(request: RefillRequest | None, zone: str) -> str:
    """What became of the newest request, when it has ended without a supply."""
    if request is None or request.decided_at is None:
        return ""
    when = clock.describe(request.decided_at, zone)
    if request.status == RefillRequest.Status.DECLINED:
        return _("%(who)s answered on %(when)s: %(words)s") % {
            "who": request.decided_by,
            "when": when,
            "words": request.words_to_patient,
        }
    if request.status == RefillRequest.Status.OVERTAKEN:
        return str(_OVERTAKEN.get(request.overtaken_by, _OVERTAKEN["ended"]))
    if request.status == RefillRequest.Status.WITHDRAWN:
        return _("You withdrew your request on %(when)s.") % {"when": when}
    return ""


def staff_reasons(items: tuple[Reason, ...]) -> list[dict[str, str]]:
    """Reasons as the prescriber reads them, with the source."""
    return [{"text": words.staff_text(item), "source": item.source, "code": item.code} for item in items]


# status -> (tag, sentence) on the staff's pages; the tone is the patient's.
_STAFF: dict[RefillStatus, tuple[Promise | str, Promise | str]] = {
    RefillStatus.NOTHING: (gettext_lazy("Nothing prescribed"), gettext_lazy("Nothing is prescribed.")),
    RefillStatus.ENDED: (gettext_lazy("Ended"), gettext_lazy("The treatment was stopped; nothing more is sent.")),
    RefillStatus.NOT_YET: (gettext_lazy("Not yet"), gettext_lazy("There is enough at home.")),
    RefillStatus.MISSING: (gettext_lazy("Something first"), gettext_lazy("It is time; a few things come first.")),
    RefillStatus.OPEN: (gettext_lazy("May be asked for"), gettext_lazy("It is time, and the patient may ask.")),
    RefillStatus.REQUESTED: (gettext_lazy("Requested"), gettext_lazy("The patient asked for the next supply.")),
    RefillStatus.ASKED: (gettext_lazy("With the patient"), gettext_lazy("The patient was asked a question.")),
    RefillStatus.ON_THE_WAY: (gettext_lazy("Ordered"), gettext_lazy("The next shipment is ordered or on its way.")),
}


@dataclass(frozen=True)
class StaffShown:
    """The same status for staff: no dose, no quantity, so that coordinators may read it too."""

    tone: str
    tag: str
    text: str
    since: datetime | None
    there: bool


def staff_words(supply: NextSupply) -> StaffShown:
    """The one status in the words of the staff's pages."""
    tag, text = _STAFF[supply.refill.status]
    return StaffShown(
        tone=TAGS[supply.refill.status][0],
        tag=str(tag),
        text=str(text),
        since=supply.asked_at,
        there=supply.refill.status is not RefillStatus.NOTHING,
    )
