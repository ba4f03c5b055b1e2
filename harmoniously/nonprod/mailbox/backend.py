"""Where messages go in the demo: a table, instead of a mail server and a telephone network."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from harmoniously.core.common import clock
from harmoniously.core.notifications.channels import Outcome, Outgoing, Result
from harmoniously.nonprod.models import MailboxMessage


class MailboxBackend(BaseEmailBackend):
    """Django's mail backend that keeps what it is given; one row for each reader."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the plain-text part of every mail; returns how many mails."""
        for mail in email_messages:
            MailboxMessage.objects.bulk_create(
                MailboxMessage(
                    channel="email",
                    address=reader,
                    subject=str(mail.subject)[:255],
                    body=str(mail.body),
                    notification=_outbox_row(mail),
                    sent_at=clock.now(),
                )
                for reader in mail.recipients()
            )
        return len(email_messages)


def _outbox_row(mail: EmailMessage) -> UUID | None:
    """The outbox row that the mail's Message-ID names, if it came from there."""
    name = str(mail.extra_headers.get("Message-ID", "")).lstrip("<").partition("@")[0]
    try:
        return UUID(name)
    except ValueError:
        return None


class MailboxSMSChannel:
    """The text channel of the demo."""

    def send(self, message: Outgoing) -> Outcome:
        """Keep one text; the row's key stands for the provider's name of it."""
        kept = MailboxMessage.objects.create(
            channel="sms",
            address=message.to,
            body=message.words.sms,
            notification=message.id,
            sent_at=clock.now(),
        )
        return Outcome(Result.ACCEPTED, provider_sid=str(kept.pk))

    def find(self, message: Outgoing, *, since: datetime) -> Outcome:
        """Whether the text of an interrupted sending is here."""
        kept = MailboxMessage.objects.filter(notification=message.id, channel="sms").first()
        if kept is None:
            return Outcome(Result.REFUSED, code="not_found")
        return Outcome(Result.ACCEPTED, provider_sid=str(kept.pk))
