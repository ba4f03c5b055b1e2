"""What carries a message: the interface of a channel, e-mail, and the choice by settings.

A channel never raises for what its provider does. It says what happened, and "unclear" when nobody can know: that word
decides between asking again (safety) and leaving it to a person (convenience).
"""

import smtplib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.module_loading import import_string

from harmoniously.core.notifications.messages import Rendered
from harmoniously.core.notifications.models import Channel


@dataclass(frozen=True)
class Outgoing:
    """One message with its address; `valid_seconds` is how long it is still worth delivering (None: always)."""

    id: UUID
    to: str
    words: Rendered
    valid_seconds: int | None = None


class Result(StrEnum):
    """What the provider did with a message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # never again: the address or the message is bad
    RETRY = "retry"  # certainly not sent; try again later
    UNCLEAR = "unclear"  # maybe sent, maybe not
    OPTED_OUT = "opted_out"  # the provider knows that this person wants no texts


@dataclass(frozen=True)
class Outcome:
    """The result, the provider's name for the message, a short code for the log, and when to come back (seconds)."""

    result: Result
    provider_sid: str = ""
    code: str = ""
    retry_after: float | None = None


class MessageChannel(Protocol):
    """What the dispatcher needs of a channel. `send` runs in a thread and must end within 15 seconds."""

    def send(self, message: Outgoing) -> Outcome: ...

    def find(self, message: Outgoing, *, since: datetime) -> Outcome:
        """Look for a message whose sending was interrupted: ACCEPTED when it is there, REFUSED when it is certainly
        or, as far as anybody can know, not, RETRY when the provider cannot be asked now."""
        ...


class EmailChannel:
    """E-mail through Django's configured backend."""

    def send(self, message: Outgoing) -> Outcome:
        """Hand one e-mail to the mail server; connecting and handing over fail differently."""
        connection = get_connection()
        try:
            connection.open()
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(Result.RETRY, code=type(error).__name__)
        try:
            connection.send_messages([self._mail(message, connection)])
        except smtplib.SMTPRecipientsRefused as error:
            codes = [reply[0] for reply in error.recipients.values()]
            return Outcome(Result.REFUSED if min(codes, default=550) >= 500 else Result.RETRY, code=f"smtp_{codes[0]}")
        except smtplib.SMTPResponseException as error:
            return Outcome(Result.REFUSED if error.smtp_code >= 500 else Result.RETRY, code=f"smtp_{error.smtp_code}")
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(Result.UNCLEAR, code=type(error).__name__)
        finally:
            connection.close()
        return Outcome(Result.ACCEPTED)

    def find(self, message: Outgoing, *, since: datetime) -> Outcome:
        """Mail servers cannot be asked afterwards."""
        return Outcome(Result.REFUSED, code="not_searchable")

    def _mail(self, message: Outgoing, connection: object) -> EmailMultiAlternatives:
        host = settings.PUBLIC_BASE_URL.partition("://")[2].partition("/")[0].partition(":")[0]
        mail = EmailMultiAlternatives(
            subject=message.words.subject,
            body=message.words.text,
            to=[message.to],
            connection=connection,
            # The same name on every attempt: mail programs show a repeated one only once.
            headers={"Message-ID": f"<{message.id}@{host}>", "Auto-Submitted": "auto-generated", **_choice(message)},
        )
        with translation.override(message.words.language):  # a thread of its own, that speaks none yet
            page = render_to_string("notifications/email.html", {"words": message.words})
        mail.attach_alternative(page, "text/html")
        calendar = message.words.calendar
        if calendar:
            method = "CANCEL" if "METHOD:CANCEL" in calendar else "REQUEST"
            mail.attach("appointment.ics", calendar.encode(), f"text/calendar; method={method}")
        return mail


def _choice(message: Outgoing) -> dict[str, str]:
    """Mail programs show it as a way out beside the sender."""
    page = message.words.choose_link
    return {"List-Unsubscribe": f"<{page}>"} if page else {}


def channel_for(channel: str) -> MessageChannel:
    """The configured carrier of a channel (settings NOTIFICATION_EMAIL_BACKEND, NOTIFICATION_SMS_BACKEND)."""
    path = settings.NOTIFICATION_SMS_BACKEND if channel == Channel.SMS else settings.NOTIFICATION_EMAIL_BACKEND
    carrier: MessageChannel = import_string(path)()
    return carrier
