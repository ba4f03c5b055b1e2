"""Invitations: how somebody who was registered by telephone comes to their account, and nobody else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Invitation, User
from harmoniously.core.accounts.permissions import Permission, require
from harmoniously.core.accounts.roles import Role
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.secret_links import digest_of, new_secret
from harmoniously.core.notifications.models import Channel
from harmoniously.core.notifications.services import cancel_about, schedule

GOOD_FOR = timedelta(days=7)
# Who presses twice sends one; who presses all day is told to telephone.
AGAIN_AFTER = timedelta(minutes=1)
MOST_A_DAY = 5
MOST_TRIES = 5


def waits(user: User) -> bool:
    """Whether the account was made for somebody who has not opened it yet."""
    return user.role == Role.PATIENT and not user.has_usable_password() and _newest(user) is not None


def _newest(user: User) -> Invitation | None:
    """The newest one, None when there is none or one was used."""
    rows = list(Invitation.objects.filter(user=user).order_by("-sent_at")[: MOST_A_DAY + 1])
    return rows[0] if rows and all(row.used_at is None for row in rows) else None


def send(*, user: User, by: User | None, now: datetime) -> Invitation:
    """Send a new link to the account's address; the one before ends. Within a minute it is the same one.

    `by` is None when the person asked for it through "Forgot your password". Raises RuleViolation when the account is
    open already or closed, or when enough were sent today.
    """
    if by is not None:
        require(by, Permission.REGISTER_PATIENTS)
    with transaction.atomic():
        hold_chain(user.patient)
        row = User.objects.select_for_update(of=("self",), no_key=True).select_related("patient").get(pk=user.pk)
        if not row.is_active:
            raise RuleViolation(_("This account may not sign in. Ask an administrator. Nothing was sent."), "closed")
        before = list(Invitation.objects.filter(user=row).order_by("-sent_at")[:MOST_A_DAY])
        if row.has_usable_password() or any(one.used_at for one in before):
            raise RuleViolation(_("This account is open already. Nothing was sent."), "open")
        if before and now - before[0].sent_at < AGAIN_AFTER and not before[0].ended_as:
            return before[0]
        if by is None and before and before[0].ended_as == Invitation.End.LOCKED:
            raise RuleViolation(_("Somebody guessed at the birth date. Only a colleague sends another link."), "locked")
        if len(before) == MOST_A_DAY and now - before[-1].sent_at < timedelta(days=1):
            raise RuleViolation(
                _("Five invitations were sent within a day. Check the e-mail address with the patient."), "enough"
            )
        # Whoever asks by themselves goes on where they were: else each link brought four new guesses.
        return _send(row, by, now, tries=before[0].tries if by is None and before else 0)


def close(user: User) -> None:
    """The link that is out is dead from now on. Inside the caller's transaction, which holds the patient's chain."""
    Invitation.objects.filter(user=user, used_at__isnull=True, ended_as="").update(ended_as=Invitation.End.REPLACED)


def _send(user: User, by: User | None, now: datetime, *, tries: int) -> Invitation:
    close(user)
    about = f"invitation:{user.pk}"
    cancel_about(about=about, now=now)
    secret = new_secret()
    made = Invitation.objects.create(
        user=user, by=by, digest=digest_of(secret), sent_at=now, expires_at=now + GOOD_FOR, tries=tries, created_at=now
    )
    schedule(
        template="account_invitation",
        recipient=user,
        channel=Channel.EMAIL,
        due_at=now,
        not_after=made.expires_at,
        dedupe_key=f"invitation:{made.pk}",
        about=about,
        variables={"link": reverse("portal:invitation", args=[secret])},
        now=now,
    )
    record(actor=by or SYSTEM, action="invitation.sent", now=now, subject=made)
    return made


def found(secret: str) -> Invitation | None:
    """The invitation with this secret, None when there never was one."""
    return Invitation.objects.select_related("user__patient").filter(digest=digest_of(secret)).first()


def state_of(invitation: Invitation, now: datetime) -> str:
    """ "good", "used", "replaced", "locked" or "expired"."""
    if invitation.used_at is not None:
        return "used"
    return invitation.ended_as or ("good" if now < invitation.expires_at else "expired")


def waiting_for(user: User, now: datetime) -> tuple[Invitation, str] | None:
    """The newest invitation of an account that nobody opened yet, with its state; None once it is open."""
    if user.has_usable_password():
        return None
    newest = _newest(user)
    return (newest, state_of(newest, now)) if newest is not None else None


def accept(*, invitation: Invitation, born: date, password: str, now: datetime) -> bool:
    """Open the account: the birth date proves the person, the link the address. False for a wrong birth date.

    A link that came to a stranger's mailbox shows nothing and opens nothing: after five wrong dates it ends. Raises
    Conflict when the link is not good any more, ValidationError for a password that will not do.
    """
    with transaction.atomic():
        hold_chain(invitation.user.patient)
        row = Invitation.objects.select_for_update(of=("self",)).select_related("user__patient").get(pk=invitation.pk)
        if state_of(row, now) != "good" or not row.user.is_active:
            raise Conflict(_("This link is not good any more."), "over")
        user = row.user
        if user.patient.date_of_birth != born:
            _count_try(row.pk, now)
            return False
        get_adapter().clean_password(password, user=user)
        row.used_at = now
        row.save(update_fields=["used_at"])
        get_adapter().set_password(user, password)
        address, _made = EmailAddress.objects.get_or_create(user=user, email=user.email)
        if not address.set_verified():
            raise Conflict(_("Another account uses this e-mail address."), "taken")
        address.set_as_primary()
        record(actor=user, action="invitation.used", now=now, subject=row)
    return True


def _count_try(key: UUID, now: datetime) -> None:
    Invitation.objects.filter(pk=key).update(tries=F("tries") + 1)
    row = Invitation.objects.select_related("user__patient").get(pk=key)
    if row.tries >= MOST_TRIES:
        row.ended_as = Invitation.End.LOCKED
        row.save(update_fields=["ended_as"])
    record(actor=SYSTEM, action="invitation.wrong_birth_date", now=now, subject=row, tries=row.tries)
