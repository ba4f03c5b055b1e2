"""What patients are sent, and whom they invite: a closed list, in every language that patients read.

Nothing here says anything about health (messages.py). The words are looked up when a message leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Template:
    """One message: a subject and a text for e-mail, and the words of the text message. `needs` are its variables."""

    name: str
    subject: Promise | str
    text: Promise | str
    sms: Promise | str
    needs: frozenset[str]
    button: Promise | str


def template(name: str, subject: Promise, text: Promise, sms: Promise, *needs: str, button: Promise | str) -> Template:
    """A message by its name; `needs` are the variables that it cannot do without."""
    return Template(name, subject, text, sms, frozenset(needs), button)


TEMPLATES: Mapping[str, Template] = {
    one.name: one
    for one in (
        template(
            "appointment_confirmed",
            _("Your visit is booked"),
            _("Your visit with %(clinic)s is booked for %(when)s.\n\nYou can move or cancel it here:"),
            _("%(clinic)s: your visit is booked for %(when)s. Details: %(link)s"),
            "when", "link",
            button=_("See your visit"),
        ),
        template(
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
        template(
            "appointment_starting",
            _("Your visit begins soon"),
            _("Your visit with %(clinic)s begins soon: %(when)s.\n\nOpen it here, sign in and get ready:"),
            _("%(clinic)s: your visit begins soon, %(when)s. Join here: %(link)s"),
            "when", "link",
            button=_("Join your visit"),
        ),
        template(
            "appointment_cancelled",
            _("Your visit is cancelled"),
            _("Your visit with %(clinic)s on %(when)s is cancelled. You can book another time here:"),
            _("%(clinic)s: your visit on %(when)s is cancelled. Book another time: %(link)s"),
            "when", "link",
            button=_("Choose another time"),
        ),
        template(
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
        template(
            "session_reminder",
            _("A reminder of what you planned"),
            _("You planned something with %(clinic)s for %(when)s.\n\nHow to get ready is here:"),
            _("%(clinic)s: a reminder of what you planned for %(when)s. How to get ready: %(link)s"),
            "when", "link",
            button=_("Get ready"),
        ),
        template(
            "check_in_due",
            _("Your check-in is ready"),
            _("How are you today? Your check-in with %(clinic)s is ready. It takes about three minutes:"),
            _("%(clinic)s: your check-in is ready. It takes about three minutes: %(link)s"),
            "link",
            button=_("Start the check-in"),
        ),
        template(
            "check_in_second_reminder",
            _("We have not heard from you"),
            _("Your check-in with %(clinic)s is still open. Please take three minutes for it today:"),
            _("%(clinic)s: we have not heard from you. Please take three minutes for your check-in today: %(link)s"),
            "link",
            button=_("Start the check-in"),
        ),
        template(
            "message_waiting",
            _("You have a message"),
            _("A message from %(clinic)s is waiting for you. Sign in to read it:"),
            _("%(clinic)s: a message is waiting for you. Sign in to read it: %(link)s"),
            "link",
            button=_("Read the message"),
        ),
        template(
            "action_needed",
            _("Something needs you"),
            _("There is a next step for you at %(clinic)s. Sign in to see it:"),
            _("%(clinic)s: there is a next step for you. Sign in to see it: %(link)s"),
            "link",
            button=_("See the next step"),
        ),
        template(
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
        template(
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
        template(
            "receipt",
            _("Your receipt"),
            _("Your receipt from %(clinic)s is ready. Sign in to see it:"),
            _("%(clinic)s: your receipt is ready. Sign in to see it: %(link)s"),
            "link",
            button=_("See the receipt"),
        ),
        template(
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
        template(
            "account_notice",
            _("A change in your account"),
            _("Something changed in your %(clinic)s account. If that was not you, sign in and tell us:"),
            _("%(clinic)s: something changed in your account. If that was not you, sign in and tell us: %(link)s"),
            "link",
            button=_("Open your account"),
        ),
        template(
            "account_recovery",
            _("Somebody asks for a way into your account"),
            _(
                "Somebody who telephoned %(clinic)s asks for a new way into your account, at another e-mail address. "
                "It opens on %(when)s.\n\nIf that was not you, stop it here:"
            ),
            _("%(clinic)s: somebody asks for a way into your account. It opens on %(when)s. Not you? %(link)s"),
            "when", "link",
            button=_("Stop it"),
        ),
        template(
            "account_recovery_link",
            _("Your way back into your account"),
            _("You asked %(clinic)s on the telephone for a new password. Choose it here; the link works once:"),
            _("%(clinic)s: choose your new password with your private link: %(link)s"),
            "link",
            button=_("Choose a password"),
        ),
        template(
            "account_recovered",
            _("Your account has another address now"),
            _("Since %(when)s your %(clinic)s account has another e-mail address. If that was not you, call us:"),
            _("%(clinic)s: since %(when)s your account has another e-mail address. Not you? Call us: %(link)s"),
            "when", "link",
            button=_("Open"),
        ),
    )
}  # fmt: skip
