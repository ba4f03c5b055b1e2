"""Inviting a sitter, and what the sitter does with the private link."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.audit.actors import Actor, Sitter
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.common.secret_links import digest_of, new_secret
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from treatment.models import DoseSession, SessionStatus, SitterInvitation
from treatment.services.locks import lock_chart
from treatment.services.plans import locked_session, revoke_invitations, stop_asking_after_sitter

_GOOD_FOR_HOURS_AFTER = 24


def link_of(token: str) -> str:
    """The path of the private link."""
    return f"/s/{token}/"


def actor_of(invitation: SitterInvitation) -> Sitter:
    """The sitter as the audit trail names them."""
    return Sitter(str(invitation.pk))


def invite_sitter(
    *, session: DoseSession, name: str, phone: str, email: str, by: Actor, now: datetime
) -> tuple[SitterInvitation, str]:
    """Make a new private link for this session, and send it by text and e-mail where there is an address.

    Returns the invitation and the token, which is never shown again. An earlier link stops working. Raises
    RuleViolation when the session is over or already running.
    """
    with transaction.atomic():
        lock_chart(session.patient)
        row = locked_session(session)
        if row.status not in (SessionStatus.SCHEDULED, SessionStatus.RELEASED):
            raise RuleViolation(_("A sitter can be invited for a planned session only."), "not_planned")
        if row.status == SessionStatus.RELEASED:
            raise RuleViolation(_("Your sitter is confirmed and you are ready to begin."), "already_ready")
        revoke_invitations(row, by=by, now=now)
        token = new_secret()
        invitation = SitterInvitation.objects.create(
            patient=row.patient,
            session=row,
            name=name,
            phone=phone,
            email=email,
            token_digest=digest_of(token),
            expires_at=max(row.starts_at, now) + timedelta(hours=_GOOD_FOR_HOURS_AFTER),
            created_at=now,
        )
        record(actor=by, action="sitter_invitation.made", now=now, subject=invitation)
        _send(invitation, token, now=now)
    return invitation, token


def ask_again(*, session: DoseSession, earlier: SitterInvitation, by: Actor, now: datetime) -> bool:
    """Ask the same person for the new time with a new link, when there is an address to send it to.

    Not somebody who said that they cannot be there on that day; then the patient asks anew. Whether it was sent.
    """
    if not (earlier.phone or earlier.email) or session.local_day.isoformat() in earlier.cannot:
        return False
    made, _token = invite_sitter(
        session=session, name=earlier.name, phone=earlier.phone, email=earlier.email, by=by, now=now
    )
    made.cannot = earlier.cannot
    made.save(update_fields=["cannot"])
    return True


def _send(invitation: SitterInvitation, token: str, *, now: datetime) -> None:
    session = invitation.session
    for channel, address in ((Channel.SMS, invitation.phone), (Channel.EMAIL, invitation.email)):
        if address:
            notifications.schedule(
                template="sitter_invitation",
                recipient=session.patient.user,
                address=address,
                channel=channel,
                due_at=now,
                dedupe_key=f"invitation:{invitation.pk}:{channel.value}",
                about=f"invitation:{invitation.pk}",
                variables={"when": session.starts_at, "zone": session.zone, "link": link_of(token)},
                not_after=invitation.expires_at,
                now=now,
            )


def _live(invitation: SitterInvitation) -> SitterInvitation:
    rows = SitterInvitation.objects.select_related("session__patient").select_for_update(of=("self",))
    row = rows.filter(pk=invitation.pk, revoked_at__isnull=True).first()
    if row is None:
        raise RuleViolation(_("This link is no longer in use. Ask for a new one."), "revoked")
    return row


def sitter_confirm(*, invitation: SitterInvitation, adult: bool, stays: bool, now: datetime) -> SitterInvitation:
    """The sitter agrees: 18 or older, and there for the whole time. A second click does nothing."""
    if not (adult and stays):
        raise RuleViolation(_("To be the sitter you need to be 18 or older and able to stay the whole time."), "unfit")
    with transaction.atomic():
        lock_chart(invitation.patient)
        row = _live(invitation)
        if row.confirmed_at is None:
            row.confirmed_at, row.declined_at = now, None
            row.cannot = [day for day in row.cannot if day != row.session.local_day.isoformat()]
            row.save(update_fields=["confirmed_at", "declined_at", "cannot"])
            record(actor=actor_of(row), action="sitter_invitation.confirmed", now=now, subject=row)
            stop_asking_after_sitter(row.session, by=actor_of(row), now=now)
    return row


def sitter_decline(*, invitation: SitterInvitation, now: datetime, cannot: Sequence[date] = ()) -> SitterInvitation:
    """The sitter cannot be there; the patient sees it and invites somebody else. Not possible once it has begun.

    `cannot` are further days that do not work for the sitter: they stand beside the days that the patient chooses from.
    """
    with transaction.atomic():
        # A start holds the same lock: it sees this refusal, or this sees the start.
        lock_chart(invitation.patient)
        row = _live(invitation)
        if row.session.status in DoseSession.TAKEN:
            raise RuleViolation(_("The session has begun. Press Get help if you cannot stay."), "session_running")
        if row.declined_at is None:
            row.declined_at, row.confirmed_at = now, None
            days = {row.session.local_day, *cannot}
            row.cannot = sorted({*row.cannot, *(day.isoformat() for day in days)})
            row.save(update_fields=["declined_at", "confirmed_at", "cannot"])
            record(actor=actor_of(row), action="sitter_invitation.declined", now=now, subject=row)
    return row
