"""Questions about the demo's mailbox."""

from django.db.models import QuerySet

from harmoniously.nonprod.models import MailboxMessage


def kept_for(address: str) -> QuerySet[MailboxMessage]:
    """Messages, newest first; with a part of an address or a number, only those to it."""
    rows = MailboxMessage.objects.order_by("-sent_at", "-created_at")
    return rows.filter(address__icontains=address) if address else rows
