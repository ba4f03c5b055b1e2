"""What the provider tells us: delivery reports, in any order and number, and texts that people send back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from harmoniously.core.accounts import languages
from harmoniously.core.accounts.models import User
from harmoniously.core.audit.actors import Provider
from harmoniously.core.common import clock
from harmoniously.core.notifications import addresses, opt_outs, rules
from harmoniously.core.notifications.models import DeliveryReport, InboundText, Notification, State

TWILIO = Provider("twilio")
_REACHED = {"sent": State.SENT, "delivered": State.DELIVERED, "undelivered": State.FAILED, "failed": State.FAILED}
# Carrier error: the person opted out there (https://www.twilio.com/docs/errors/21610).
_OPTED_OUT_CODE = "21610"
# Only a message that was handed over can be reported on.
_REPORTABLE = (State.CALLING, State.UNKNOWN, State.SENT, State.DELIVERED, State.FAILED)


def take_report(*, notification_id: UUID, provider_sid: str, status: str, error_code: str, now: datetime) -> bool:
    """Apply one delivery report; returns whether it was news. Repeats and older reports change nothing.

    A report also answers the question about a message whose sending was interrupted: it did go out.
    """
    if status not in rules.REPORT_RANK or not provider_sid:
        return False
    with transaction.atomic():
        row = Notification.objects.select_for_update().filter(pk=notification_id, state__in=_REPORTABLE).first()
        if row is None or not _first_time(row, provider_sid, status, error_code):
            return False
        if not rules.report_moves(row.provider_status, status):
            return False
        row.provider_status = status
        row.provider_sid = row.provider_sid or provider_sid
        state = _REACHED.get(status, State.SENT)
        row.state = state
        row.reason = error_code if state == State.FAILED else ""
        row.sent_at = row.sent_at or now
        row.lease_until = None
        row.unknown_since = clock.wall() if state == State.FAILED else None
        row.save(
            update_fields=[
                "provider_status", "provider_sid", "state", "reason", "sent_at", "lease_until", "unknown_since",
            ]
        )  # fmt: skip
        if error_code == _OPTED_OUT_CODE and row.address_digest:
            opt_outs.opt_out_digest(digest=row.address_digest, source="carrier", by=TWILIO, now=now)
    return True


def _first_time(row: Notification, provider_sid: str, status: str, error_code: str) -> bool:
    try:
        with transaction.atomic():
            DeliveryReport.objects.create(
                notification=row, provider_sid=provider_sid, status=status, error_code=error_code
            )
    except IntegrityError:
        return False
    return True


@dataclass(frozen=True)
class Answer:
    """What to text back ("" for nothing: the carrier answers its own words itself)."""

    text: str = ""


def take_text(*, provider_sid: str, sender: str, body: str, now: datetime) -> Answer:
    """Receive one text: stop, start, help, or something a person has to read. Repeats do nothing."""
    number = addresses.e164(sender)
    if not provider_sid or not number:
        return Answer()
    meaning, owner = rules.read_reply(body), _owner_of(number)
    with transaction.atomic():
        if not _keep(provider_sid, number, body, meaning, owner, now):
            return Answer()
        if meaning == rules.Reply.STOP:
            opt_outs.opt_out(number=number, source="text", by=TWILIO, now=now)
        if meaning == rules.Reply.START:
            opt_outs.opt_in(number=number, source="text", by=TWILIO, now=now)
    if body.strip().upper() in rules.PROVIDER_ANSWERS:
        return Answer()
    with translation.override(_language(body, owner)):
        return Answer(rules.text_letters(_answers(meaning)))


def _language(body: str, owner: User | None) -> str:
    """In which to answer: that of a word that only one language has, else that of whoever has the number."""
    if rules.is_spanish(body):
        return languages.SPANISH
    return languages.of_reader(owner) if owner is not None else languages.ENGLISH


def _keep(provider_sid: str, number: str, body: str, meaning: rules.Reply, owner: User | None, now: datetime) -> bool:
    """Store the text; only words that need a person wait for one."""
    try:
        with transaction.atomic():
            InboundText.objects.create(
                provider_sid=provider_sid,
                sender=number,
                body=body if meaning == rules.Reply.OTHER else "",
                meaning=meaning.value,
                received_at=now,
                user=owner,
                handled_at=None if meaning == rules.Reply.OTHER else now,
                created_at=now,
            )
    except IntegrityError:
        return False
    return True


def _owner_of(number: str) -> User | None:
    """Whom we last wrote to at this number; numbers are sealed and cannot be searched. A sitter's is nobody's."""
    last = Notification.objects.filter(address_digest=addresses.digest(number)).order_by("-due_at")
    for row in last.select_related("recipient")[:20]:
        if not row.address:
            return row.recipient
    return None


def _answers(meaning: rules.Reply) -> str:
    clinic = settings.CLINIC_NAME
    match meaning:
        case rules.Reply.STOP:
            return _("%(clinic)s: you will get no more texts from us. Reply START to get them again.") % {
                "clinic": clinic
            }
        case rules.Reply.START:
            return _("%(clinic)s: you will get our texts again. Reply STOP to opt out, HELP for help.") % {
                "clinic": clinic
            }
        case rules.Reply.HELP:
            return _(
                "%(clinic)s: call %(phone)s. In an emergency call 911, or call or text 988. Reply STOP to opt out."
            ) % {
                "clinic": clinic,
                "phone": settings.CLINIC_PHONE,
            }
        case rules.Reply.OTHER:
            return _(
                "%(clinic)s: nobody reads texts here at once. In an emergency call 911, or call or text 988. "
                "We will get back to you. Reply STOP to opt out."
            ) % {"clinic": clinic}
