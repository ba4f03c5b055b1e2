"""What may be sent when, and what to do when sending fails: plain decisions, no Django, no clock, no database.

Sources: 47 CFR 64.1200 (calls and texts only from 08:00 to 21:00 where the recipient is; revocation "by any
reasonable means"), GSM 03.38 (what fits into one text), Twilio's message states.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

QUIET_ENDS = time(8, 0)
QUIET_STARTS = time(21, 0)
FIRST_RETRY_SECONDS = 30.0
SLOWEST_RETRY_SECONDS = 3600.0
SLOWEST_SAFETY_RETRY_SECONDS = 60.0
ASK_AGAIN_AFTER = timedelta(minutes=10)
MAX_ATTEMPTS = 8
MAX_SAFETY_ATTEMPTS = 60
# GSM 03.38 basic set; the extension characters count twice.
_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("^{}\\[~]|€\f")


def in_quiet_hours(at: datetime, zone: str) -> bool:
    """Whether `at` (aware) falls outside 08:00-21:00 on the wall clock of `zone` (IANA name)."""
    local = at.astimezone(ZoneInfo(zone)).time()
    return local < QUIET_ENDS or local >= QUIET_STARTS


def quiet_until(at: datetime, zones: Sequence[str]) -> datetime | None:
    """When a text that is ready at `at` may go out, or None when it may go at once.

    With more than one zone (profile and area code) it is the first moment allowed in all of them. 08:00 exists on
    every local day of every zone, so there is always an opening; zones too far apart to share one fall back to the
    first zone, the one the person told us.
    """
    if not any(in_quiet_hours(at, zone) for zone in zones):
        return None
    openings = sorted(_openings(at, zones))
    for opening in openings:
        if not any(in_quiet_hours(opening, zone) for zone in zones):
            return opening
    return min(_openings(at, zones[:1]))


def _openings(at: datetime, zones: Sequence[str]) -> list[datetime]:
    """The next three 08:00 of each zone, as moments in the zone of `at`."""
    found = []
    for name in zones:
        zone = ZoneInfo(name)
        first = at.astimezone(zone).date()
        for days in range(3):
            opening = datetime.combine(first + timedelta(days=days), QUIET_ENDS, tzinfo=zone)
            if opening > at:
                found.append(opening.astimezone(at.tzinfo))
    return found


def backoff_seconds(attempts: int, *, jitter: float, retry_after: float | None = None, safety: bool = False) -> float:
    """Seconds until the next attempt after `attempts` (≥ 1) failed ones: doubling from 30 s, at most an hour.

    `jitter` in 0..1 spreads it over 50-150 %. A safety message never waits longer than a minute, except when the
    provider itself asked for more (`retry_after`, seconds), because an earlier call would be refused again.
    """
    slowest = SLOWEST_SAFETY_RETRY_SECONDS if safety else SLOWEST_RETRY_SECONDS
    wait: float = min(FIRST_RETRY_SECONDS * 2 ** min(max(attempts, 1) - 1, 20), slowest) * (0.5 + jitter)
    return max(wait, retry_after or 0.0)


def attempts_exhausted(attempts: int, *, safety: bool) -> bool:
    """Whether `attempts` tries are enough to call the message failed and hand it to a person."""
    return attempts >= (MAX_SAFETY_ATTEMPTS if safety else MAX_ATTEMPTS)


def text_letters(text: str) -> str:
    """A text without the accents that would more than halve what fits into one: "sábado" becomes "sabado".

    Letters that the basic set has ("miércoles", "mañana") stay as they are, and so does what has no plain letter.
    """
    return "".join(char if char in _GSM_BASIC or char in _GSM_EXTENDED else _plain(char) for char in text)


def _plain(char: str) -> str:
    plain = unicodedata.normalize("NFKD", char)[:1]
    return plain if plain in _GSM_BASIC else char


def sms_segments(text: str) -> int:
    """How many billed parts a text takes: 160 (then 153) GSM characters, or 70 (then 67) UTF-16 units."""
    if all(char in _GSM_BASIC or char in _GSM_EXTENDED for char in text):
        units, single, part = len(text) + sum(char in _GSM_EXTENDED for char in text), 160, 153
    else:
        units, single, part = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if units <= single else -(-units // part)


class Reply(StrEnum):
    """What an incoming text asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


# The words of 47 CFR 64.1200(a)(10), Twilio's own, and the Spanish ones.
_SPANISH_STOP = frozenset(["parar", "alto", "para", "detener", "cancelar", "salir"])
_SPANISH_START = frozenset(["comenzar", "empezar", "iniciar", "si", "sí"])
_SPANISH_HELP = frozenset(["ayuda"])
_STOP_WORDS = _SPANISH_STOP | {"stop", "stopall", "quit", "end", "revoke", "cancel", "unsubscribe", "optout"}
_START_WORDS = _SPANISH_START | {"start", "unstop", "yes", "optin"}
_HELP_WORDS = _SPANISH_HELP | {"help", "info"}
_FILLERS = frozenset(
    [
        "please",
        "pls",
        "now",
        "me",
        "all",
        "the",
        "a",
        "texts",
        "text",
        "messages",
        "message",
        "texting",
        "thanks",
        "thank",
        "you",
        "por",
        "favor",
    ]
)
# Twilio answers exactly these itself; everything else needs our own confirmation.
PROVIDER_ANSWERS = frozenset(
    [
        "STOP",
        "UNSUBSCRIBE",
        "END",
        "QUIT",
        "STOPALL",
        "REVOKE",
        "OPTOUT",
        "CANCEL",
        "START",
        "UNSTOP",
        "YES",
        "HELP",
        "INFO",
    ]
)


def is_spanish(text: str) -> bool:
    """Whether an incoming text is one of the words that only Spanish has."""
    words = _words_of(text)
    return bool(words) and all(word in _SPANISH_STOP | _SPANISH_START | _SPANISH_HELP for word in words)


def _words_of(text: str) -> list[str]:
    squeezed = re.sub(r"opt[\s\-]*(out|in)", r"opt\1", text.casefold())
    return [word for word in re.findall(r"\w+", squeezed) if word not in _FILLERS]


def read_reply(text: str) -> Reply:
    """What a person means by an incoming text, whatever its case, punctuation or politeness.

    "Stop please", "STOP!!" and "opt-out" all stop; a sentence that merely contains such a word ("I could not stop
    crying") is left for a person to read.
    """
    words = _words_of(text)
    if not words or len(words) > 2:
        return Reply.OTHER
    for kind, known in ((Reply.STOP, _STOP_WORDS), (Reply.START, _START_WORDS), (Reply.HELP, _HELP_WORDS)):
        if all(word in known for word in words):
            return kind
    return Reply.OTHER


# A report never moves a message backwards: providers repeat reports and deliver them out of order.
REPORT_RANK = {
    "accepted": 0,
    "scheduled": 0,
    "queued": 1,
    "sending": 2,
    "sent": 3,
    "undelivered": 4,
    "failed": 4,
    "delivered": 5,
}


def report_moves(current: str, reported: str) -> bool:
    """Whether a provider's report `reported` is news after `current` ("" when none came yet); unknown words are not."""
    return REPORT_RANK.get(reported, -1) > REPORT_RANK.get(current, -1)


@dataclass(frozen=True)
class Sendable:
    """What the dispatcher knows about a message at the moment it would be sent."""

    ready_at: datetime
    not_after: datetime | None
    is_text: bool
    is_safety: bool
    has_address: bool
    opted_out: bool
    consented: bool
    zones: tuple[str, ...]
    withheld: bool = False
    unwanted: bool = False


class Verdict(StrEnum):
    """What to do with it."""

    SEND = "send"
    DEFER = "defer"
    EXPIRE = "expire"
    CANCEL = "cancel"
    FAIL = "fail"


@dataclass(frozen=True)
class Decision:
    """A verdict with its reason (a code we store) and, when deferred, until when."""

    verdict: Verdict
    reason: str = ""
    until: datetime | None = None


def decide(message: Sendable, at: datetime) -> Decision:
    """Whether `message` may go out at `at`: refuses late, opted-out and addressless ones, defers into waking hours.

    One about something that stands still waits until it goes on, or is too late.
    """
    if message.not_after is not None and at > message.not_after:
        return Decision(Verdict.EXPIRE, "too_late")
    if message.unwanted and not message.is_safety:
        return Decision(Verdict.CANCEL, "reminders_off")
    if message.withheld and not message.is_safety:
        return Decision(Verdict.DEFER, "withheld", at + ASK_AGAIN_AFTER)
    if not message.has_address:
        return Decision(Verdict.FAIL, "no_address")
    if message.is_text and message.opted_out:
        return Decision(Verdict.CANCEL, "opted_out")
    if message.is_text and not message.consented:
        return Decision(Verdict.CANCEL, "no_consent")
    if not message.is_text or message.is_safety:
        return Decision(Verdict.SEND)
    opening = quiet_until(at, message.zones)
    if opening is None:
        return Decision(Verdict.SEND)
    if message.not_after is not None and opening > message.not_after:
        return Decision(Verdict.EXPIRE, "quiet_hours")
    return Decision(Verdict.DEFER, "quiet_hours", opening)
