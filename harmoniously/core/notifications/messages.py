"""Every message the practice can send: a closed list.

Nothing here, and nothing that is put into it, says anything about health. A message may name only the clinic, a time
and a link; the page behind the link, after signing in, says the rest. Texts fit two segments and say how to stop.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common import clock

# No message may hold one of these, whatever its language allows (policy section 11, SEC-27).
FORBIDDEN_WORDS = (
    "ketamine", "lozenge", "troche", "dose", "dosing", "drug", "medicine", "medication", "prescription", "prescrib",
    "refill", "treatment", "therap", "depress", "anxiety", "ptsd", "mood", "suicid", "crisis", "self-harm", "symptom",
    "diagnos", "psych", "mental", "blood pressure", "side effect", "phq", "gad-7", "c-ssrs", "patient", "pharmacy",
)  # fmt: skip
# A patient may switch these off, by channel (reminders_off.py); the e-mail names the page on which.
VISIT_REMINDERS = frozenset({"appointment_reminder", "appointment_starting"})
# `zone` is where the reader will be at that time, when that is not at home; `our_zone` is where we will be, named where
# the clocks differ; `calendar` is a calendar file (RFC 5545) that an e-mail carries.
VARIABLE_NAMES = frozenset({"when", "until", "zone", "our_zone", "link", "calendar"})
LONGEST_WHEN = 80
STOP_HINT = _("Reply STOP to opt out, HELP for help.")


@dataclass(frozen=True)
class Template:
    """One message: a subject and a text for e-mail, and the words of the text message. `needs` are its variables."""

    name: str
    subject: Promise | str
    text: Promise | str
    sms: Promise | str
    needs: frozenset[str]
    button: Promise | str = _("Open")


@dataclass(frozen=True)
class Rendered:
    """A message ready to go: `paragraphs` and `link` make the HTML part."""

    subject: str
    text: str
    sms: str
    paragraphs: tuple[str, ...]
    link: str
    button: str
    calendar: str = ""
    choose_link: str = ""


def _template(
    name: str, subject: Promise, text: Promise, sms: Promise, *needs: str, button: Promise | str | None = None
) -> Template:
    return Template(name, subject, text, sms, frozenset(needs), button or _("Open"))


TEMPLATES: Mapping[str, Template] = {
    template.name: template
    for template in (
        _template(
            "appointment_confirmed",
            _("Your visit is booked"),
            _("Your visit with %(clinic)s is booked for %(when)s.\n\nYou can move or cancel it here:"),
            _("%(clinic)s: your visit is booked for %(when)s. Details: %(link)s"),
            "when", "link",
            button=_("See your visit"),
        ),
        _template(
            "appointment_reminder",
            _("A reminder of your visit"),
            _(
                "This is a reminder of your visit with %(clinic)s on %(when)s.\n\n"
                "Say that you will be there, or move or cancel it, here:"
            ),
            _("%(clinic)s: a reminder of your visit on %(when)s. Confirm, move or cancel: %(link)s"),
            "when", "link",
            button=_("Confirm, move or cancel"),
        ),
        _template(
            "appointment_starting",
            _("Your visit begins soon"),
            _("Your visit with %(clinic)s begins soon: %(when)s.\n\nOpen it here, sign in and get ready:"),
            _("%(clinic)s: your visit begins soon, %(when)s. Join here: %(link)s"),
            "when", "link",
            button=_("Join your visit"),
        ),
        _template(
            "appointment_cancelled",
            _("Your visit is cancelled"),
            _("Your visit with %(clinic)s on %(when)s is cancelled. You can book another time here:"),
            _("%(clinic)s: your visit on %(when)s is cancelled. Book another time: %(link)s"),
            "when", "link",
            button=_("Choose another time"),
        ),
        _template(
            "time_offered",
            _("A time has come free"),
            _(
                "You asked %(clinic)s for an earlier time. %(when)s has come free, and is kept for you until "
                "%(until)s. Then it goes to the next person.\n\nTake it, or say no, here:"
            ),
            _("%(clinic)s: %(when)s has come free. Kept for you until %(until)s: %(link)s"),
            "when", "until", "link",
            button=_("See the time"),
        ),
        _template(
            "session_reminder",
            _("A reminder of what you planned"),
            _("You planned something with %(clinic)s for %(when)s.\n\nHow to get ready is here:"),
            _("%(clinic)s: a reminder of what you planned for %(when)s. How to get ready: %(link)s"),
            "when", "link",
            button=_("Get ready"),
        ),
        _template(
            "check_in_due",
            _("Your check-in is ready"),
            _("How are you today? Your check-in with %(clinic)s is ready. It takes about three minutes:"),
            _("%(clinic)s: your check-in is ready. It takes about three minutes: %(link)s"),
            "link",
            button=_("Start the check-in"),
        ),
        _template(
            "check_in_second_reminder",
            _("We have not heard from you"),
            _("Your check-in with %(clinic)s is still open. Please take three minutes for it today:"),
            _("%(clinic)s: we have not heard from you. Please take three minutes for your check-in today: %(link)s"),
            "link",
            button=_("Start the check-in"),
        ),
        _template(
            "message_waiting",
            _("You have a message"),
            _("A message from %(clinic)s is waiting for you. Sign in to read it:"),
            _("%(clinic)s: a message is waiting for you. Sign in to read it: %(link)s"),
            "link",
            button=_("Read the message"),
        ),
        _template(
            "action_needed",
            _("Something needs you"),
            _("There is a next step for you at %(clinic)s. Sign in to see it:"),
            _("%(clinic)s: there is a next step for you. Sign in to see it: %(link)s"),
            "link",
            button=_("See the next step"),
        ),
        _template(
            "staff_alert",
            _("Alert: please open it now"),
            _("An alert of %(when)s at %(clinic)s is waiting for you. It repeats until somebody acknowledges it:"),
            _("%(clinic)s: an alert of %(when)s is waiting for you. Open it now: %(link)s"),
            "when", "link",
            button=_("Open the alert"),
        ),
        _template(
            "record_opened",
            _("A record was opened outside of the team"),
            _(
                "On %(when)s a colleague at %(clinic)s opened a record outside of the team, and gave a reason. Sign in "
                "to look at it:"
            ),
            _("%(clinic)s: a record was opened outside of the team on %(when)s. Sign in to look at it: %(link)s"),
            "when", "link",
            button=_("Look at it"),
        ),
        _template(
            "sitter_invitation",
            _("Somebody asks for your company"),
            _(
                "Somebody close to you asks you to be with them on %(when)s, and %(clinic)s sends you this private "
                "link. It says what that means and lets you answer:"
            ),
            _("%(clinic)s: somebody asks you to be with them on %(when)s. Your private link: %(link)s"),
            "when", "link",
            button=_("Read and answer"),
        ),
        _template(
            "visit_invitation",
            _("You are invited to a video visit"),
            _(
                "You are asked to take part in a video visit with %(clinic)s on %(when)s. This private link is for "
                "you only. It says what that means, and lets you in at that time:"
            ),
            _("%(clinic)s: you are asked to take part in a video visit on %(when)s. Your private link: %(link)s"),
            "when", "link",
            button=_("Open my invitation"),
        ),
        _template(
            "receipt",
            _("Your receipt"),
            _("Your receipt from %(clinic)s is ready. Sign in to see it:"),
            _("%(clinic)s: your receipt is ready. Sign in to see it: %(link)s"),
            "link",
            button=_("See the receipt"),
        ),
        _template(
            "account_invitation",
            _("Your account is waiting"),
            _(
                "You spoke with %(clinic)s on the telephone. With this private link you choose a password and open "
                "your account. The link is for you only and works once:"
            ),
            _("%(clinic)s: your account is waiting. Open it with your private link: %(link)s"),
            "link",
            button=_("Open my account"),
        ),
        _template(
            "account_notice",
            _("A change in your account"),
            _("Something changed in your %(clinic)s account. If that was not you, sign in and tell us:"),
            _("%(clinic)s: something changed in your account. If that was not you, sign in and tell us: %(link)s"),
            "link",
            button=_("Open your account"),
        ),
        _template(
            "staff_invitation",
            _("You have an account with us"),
            _(
                "%(clinic)s has opened an account for you to work with. Choose a password for this address first, then "
                "sign in and set up the second step:"
            ),
            _("%(clinic)s has opened an account for you. Choose a password here: %(link)s"),
            "link",
            button=_("Choose a password"),
        ),
        _template(
            "licence_ends",
            _("A licence ends soon"),
            _(
                "At %(clinic)s a licence to practise ends after %(when)s. What is booked and who is in care there "
                "needs somebody else from then on. See which one it is here:"
            ),
            _("%(clinic)s: a licence to practise ends after %(when)s. See which one here: %(link)s"),
            "when", "link",
            button=_("See the licence"),
        ),
    )
}  # fmt: skip


def template_for(name: str) -> Template:
    """The template of that name. Raises ValueError for one that is not on the list."""
    try:
        return TEMPLATES[name]
    except KeyError:
        raise ValueError(f"There is no message {name!r}; the list is closed.") from None


def stored_variables(template: Template, given: Mapping[str, str | datetime]) -> dict[str, str]:
    """The variables as they are kept: `when` as words or, better, as a moment that is put into words on sending.

    Raises ValueError for a missing or unknown variable or zone, a link that leaves our own address, or a clinical word.
    """
    unknown = set(given) - VARIABLE_NAMES
    missing = template.needs - set(given)
    if unknown or missing:
        raise ValueError(f"{template.name}: unknown variables {sorted(unknown)}, missing {sorted(missing)}.")
    kept: dict[str, str] = {}
    for name, value in given.items():
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"{template.name}: {name} has no zone.")
            kept[f"{name}_at"] = value.isoformat()
        elif name == "link":
            kept["link"] = absolute_link(value)
        elif name in {"zone", "our_zone"}:
            kept[name] = _zone(value)
        elif name == "calendar":
            kept["calendar"] = value
        else:
            kept[name] = _harmless(value)
    return kept


def absolute_link(link: str) -> str:
    """The link on our public address. Raises ValueError for any other host."""
    base: str = settings.PUBLIC_BASE_URL
    if link.startswith("/") and not link.startswith("//"):
        return base + link
    if link == base or link.startswith(base + "/"):
        return link
    raise ValueError("A message links to our own address only.")


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except ZoneInfoNotFoundError:
        raise ValueError(f"There is no zone {name!r}.") from None


def _harmless(words: str) -> str:
    found = forbidden_words(words)
    if found or len(words) > LONGEST_WHEN or "\n" in words or "\r" in words:
        raise ValueError("The time in a message is a short line without a clinical word.")
    return words


def forbidden_words(text: str) -> list[str]:
    """The clinical words in a text, for refusing and for tests."""
    lower = text.casefold()
    return [word for word in FORBIDDEN_WORDS if word in lower]


def render(name: str, variables: Mapping[str, str], *, zone: str) -> Rendered:
    """Put a message into words for a reader at home in `zone` (IANA); a zone among the variables is where they will be.

    Raises ValueError when a variable is missing.
    """
    template = template_for(name)
    words = {name: variables.get(name, "") for name in ("link", "when", "until")} | {"clinic": settings.CLINIC_NAME}
    if "when_at" in variables:
        at = datetime.fromisoformat(variables["when_at"])
        words["when"] = _when(at, variables.get("zone", zone), variables.get("our_zone", ""))
    if "until_at" in variables:
        words["until"] = clock.describe(datetime.fromisoformat(variables["until_at"]), zone)
    empty = [need for need in template.needs if not words[need]]
    if empty:
        raise ValueError(f"{name}: no value for {sorted(empty)}.")
    body = str(template.text) % words
    paragraphs = (*body.split("\n\n"),)
    choose_link = absolute_link(reverse("texts:settings")) if name in VISIT_REMINDERS else ""
    choice = gettext("Choose which reminders of visits you get, or none")
    closing = gettext("This message says little on purpose. Questions? Answer on the page, not to this e-mail.")
    emergency = gettext("In an emergency call 911, or call or text 988.")
    return Rendered(
        subject=f"{words['clinic']}: {str(template.subject) % words}",
        text="\n\n".join(
            [body, words["link"], *([f"{choice}: {choose_link}"] if choose_link else []), closing, emergency]
        ),
        sms=f"{str(template.sms) % words} {STOP_HINT}",
        paragraphs=paragraphs,
        link=words["link"],
        button=str(template.button),
        calendar=variables.get("calendar", ""),
        choose_link=choose_link,
    )


def _when(at: datetime, zone: str, ours: str) -> str:
    """The moment where the reader is, and where we are when our clock says something else then."""
    said = clock.describe(at, zone)
    if not ours or clock.local(at, zone).utcoffset() == clock.local(at, ours).utcoffset():
        return said
    there = f"{clock.hour_words(at, ours)} {clock.zone_words(at, ours)}"
    return gettext("%(here)s, %(there)s for us") % {"here": said, "there": there}
