"""A way back for somebody who lost both the mailbox and the password, and for nobody who only says so.

A name, a birth date and an address are known to many, and a colleague knows them of everybody. So two colleagues make
sure who is calling, each by themselves; the old address, the telephone and the privacy officer are told at once; three
days pass in which whoever reads the old mailbox or holds the telephone stops it with one click, and any sign-in does;
only then goes a link to the new address, which asks for the birth date. The second step at sign-in stays as it was.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import AccountRecovery, ContactChange, Patient, User
from harmoniously.core.accounts.permissions import SECOND_PERSON, Permission, require
from harmoniously.core.accounts.recovery_models import Proof
from harmoniously.core.accounts.stepup import has_second_factor
from harmoniously.core.audit.actors import SYSTEM, Actor
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.secret_links import digest_of, new_secret
from harmoniously.core.notifications.models import Channel, Notification, OptOut
from harmoniously.core.notifications.services import cancel_about, schedule
from harmoniously.portal import officer
from harmoniously.portal.people import contact, invitations
from harmoniously.portal.practice.people import end_sessions

# House: a weekend fits in, and who is away for two days still reads it in time.
WAITS = timedelta(days=3)
GOOD_FOR = timedelta(days=7)
# A request that no colleague agreed to is over after this.
ASKED_FOR = timedelta(days=1)
# A number that was corrected lately is no number that proves anything: calling it back reaches whoever had it changed.
NUMBER_STANDS = timedelta(days=30)
MOST_A_MONTH = 3
MONTH = timedelta(days=30)
MOST_TRIES = 5
End = AccountRecovery.End
PEOPLE = ("patient__user", "asked_by", "agreed_by")
UNDER_WAY = ("asked", "waiting", "open")
# Whoever does one of these has not lost the account.
SIGNS_OF_LIFE = ("session.started", "account.password_reset", "account.password_changed", "account.email_changed")


def state_of(row: AccountRecovery, now: datetime) -> str:
    """ "asked", "waiting", "open", "used", or how it ended (a value of End)."""
    if row.used_at is not None:
        return "used"
    if row.ended_as:
        return row.ended_as
    if AuditEvent.objects.filter(
        actor=str(row.patient.user_id), action__in=SIGNS_OF_LIFE, at__range=(row.asked_at, row.expires_at)
    ).exists():
        return End.SIGNED_IN.value
    if _answered_stop(row):
        return End.STOPPED.value
    if not all(who.is_active for who in (row.asked_by, row.agreed_by) if who is not None):
        return End.CALLED_OFF.value  # whoever may not sign in here any more is nobody's word for a patient
    if now >= row.expires_at:
        return End.LAPSED.value
    if row.opens_at is None:
        return "asked"
    return "waiting" if now < row.opens_at else "open"


def _answered_stop(row: AccountRecovery) -> bool:
    """Whether the number that was told answered "STOP": under these words it means the way in, not only our texts."""
    told = Notification.objects.filter(about=_about(row), channel=Channel.SMS).values("address_digest")
    said = OptOut.objects.filter(address_digest__in=told, source__in=("text", "carrier"))
    return said.filter(since__range=(row.asked_at, row.expires_at)).exists()


def has_second_step(patient: Patient) -> bool:
    """Whether signing in asks for more than the password; a way back does not change that."""
    return has_second_factor(patient.user)


def newest_of(patient: Patient) -> AccountRecovery | None:
    """The one that was asked for last, with its people."""
    rows = AccountRecovery.objects.filter(patient=patient).select_related(*PEOPLE)
    return rows.order_by("-asked_at").first()


def stopped_lately(patient: Patient, now: datetime) -> AccountRecovery | None:
    """The last one of this month that somebody stopped who was reached: whoever agrees to the next one knows of it."""
    rows = AccountRecovery.objects.filter(patient=patient, ended_as=End.STOPPED, ended_at__gt=now - MONTH)
    return rows.select_related("asked_by").order_by("-ended_at").first()


def found(secret: str) -> AccountRecovery | None:
    """The one that this link opens, None when there never was one."""
    return AccountRecovery.objects.select_related(*PEOPLE).filter(digest=digest_of(secret)).first()


def found_to_stop(secret: str) -> AccountRecovery | None:
    """The one that this link stops."""
    return AccountRecovery.objects.select_related(*PEOPLE).filter(stop_digest=digest_of(secret)).first()


def _locked(row: AccountRecovery) -> AccountRecovery:
    """As it is now, held until the transaction ends, after the patient's chain."""
    hold_chain(row.patient_id)
    rows = AccountRecovery.objects.select_for_update(of=("self",)).select_related(*PEOPLE)
    return rows.get(pk=row.pk)


def ask(*, patient: Patient, email: str, proof: str, reason: str, by: User, now: datetime) -> AccountRecovery:
    """Ask for a way back to a new address; nothing happens before a colleague agrees. A second click finds the first.

    Raises RuleViolation where there is an easier way or none, Conflict while another one is under way.
    """
    require(by, Permission.REGISTER_PATIENTS)
    with transaction.atomic():
        hold_chain(patient)
        rows = AccountRecovery.objects.filter(patient=patient, used_at__isnull=True, ended_as="")
        standing = rows.select_related(*PEOPLE).first()
        if standing is not None:
            state = state_of(standing, now)
            if state in UNDER_WAY:
                if (standing.asked_by_id, standing.email) == (by.pk, email):
                    return standing
                raise Conflict(_("A way back into this account is under way already. It stands below."), "open")
            _end(standing, End(state), by=SYSTEM, now=now)
        row = Patient.objects.select_related("user").get(pk=patient.pk)
        _refuse(row, email, proof, now)
        if AccountRecovery.objects.filter(patient=row, asked_at__gt=now - MONTH).count() >= MOST_A_MONTH:
            raise RuleViolation(_("Three were asked for within a month. Tell the privacy officer."), "enough")
        made = AccountRecovery.objects.create(
            patient=row,
            email=email,
            reason=reason,
            asked_by=by,
            asked_at=now,
            asked_proof=proof,
            expires_at=now + ASKED_FOR,
            created_at=now,
        )
        record(actor=by, action="recovery.asked", now=now, subject=made, proof=proof)
    return made


def _refuse(patient: Patient, email: str, proof: str, now: datetime) -> None:
    """What stands against it, also on the day when a colleague agrees."""
    user = patient.user
    if not user.is_active:
        raise RuleViolation(_("This account may not sign in. Ask an administrator first."), "closed")
    if invitations.waits(user):
        raise RuleViolation(
            _("Nobody opened this account yet. Correct the e-mail address: a new invitation goes there."), "not_open"
        )
    if email == user.email:
        raise RuleViolation(
            _("That is the address on the account: “Forgot your password” on the sign-in page sends a link there."),
            "same",
        )
    if not patient.date_of_birth:
        raise RuleViolation(
            _("No birth date stands on the record. They can sign up anew with the other address."), "bare"
        )
    if contact.is_taken(user, email):
        raise RuleViolation(_("Another account has this e-mail address. Look that person up, or ask again."), "taken")
    if proof == Proof.CALLED_BACK and contact.number_is_new(patient, since=now - NUMBER_STANDS):
        raise RuleViolation(
            _("The phone number was corrected less than 30 days ago. Calling it back proves nothing: see the patient."),
            "number",
        )


def agree(*, recovery: AccountRecovery, proof: str, by: User, now: datetime) -> AccountRecovery:
    """A second person made sure, too: whoever can stop it is told, and the waiting begins. A second click does nothing.

    Raises PermissionDenied for whoever asked for it (ASVS 2.3.5), Conflict when it does not wait for anybody any more.
    """
    require(by, Permission.VIEW_PEOPLE)
    with transaction.atomic():
        row = _locked(recovery)
        if row.asked_by_id == by.pk:
            raise PermissionDenied(SECOND_PERSON)
        if row.agreed_by_id == by.pk:
            return row
        if state_of(row, now) != "asked":
            raise Conflict(_("This does not wait for anybody any more. Look at where it stands."), "over")
        _refuse(row.patient, row.email, proof, now)
        opens_at, secret, stop_secret = now + WAITS, new_secret(), new_secret()
        row.agreed_by, row.agreed_at, row.agreed_proof = by, now, proof
        row.opens_at, row.expires_at = opens_at, opens_at + GOOD_FOR
        row.digest, row.stop_digest = digest_of(secret), digest_of(stop_secret)
        row.save()
        record(actor=by, action="recovery.agreed", now=now, subject=row, proof=proof)
        _tell(row, opens_at, secret, stop_secret, now)
    return row


def _tell(row: AccountRecovery, opens_at: datetime, secret: str, stop_secret: str, now: datetime) -> None:
    """Every address and the number on the record, and the privacy officer, at once; the new address when it opens."""
    user, about = row.patient.user, _about(row)
    # Where they were reached before anybody telephoned.
    reached = [(Channel.EMAIL, address) for address in _mailboxes(user)]
    if row.patient.sms_consent_at is not None:
        reached.append((Channel.SMS, row.patient.phone))
    for number, (channel, address) in enumerate(reached):
        schedule(
            template="account_recovery",
            recipient=user,
            channel=channel,
            due_at=now,
            not_after=row.expires_at,
            dedupe_key=f"{about}:{number}",
            about=about,
            variables={"when": opens_at, "link": reverse("portal:recovery_stop", args=[stop_secret])},
            address=address,
            now=now,
        )
    schedule(
        template="account_recovery_link",
        recipient=user,
        channel=Channel.EMAIL,
        due_at=opens_at,
        not_after=row.expires_at,
        dedupe_key=f"{about}:link",
        about=about,
        variables={"link": reverse("portal:recovery", args=[secret])},
        address=row.email,
        now=now,
    )
    # By itself: what ends the way back does not take this back.
    officer.tell(template="recovery_agreed", about=f"recovery_agreed:{row.pk}", now=now)


def _mailboxes(user: User) -> list[str]:
    """Every address at which the account's owner is known to read, the main one first."""
    others = EmailAddress.objects.filter(user=user, verified=True).exclude(email=user.email)
    return [user.email, *others.order_by("pk").values_list("email", flat=True)]


def _about(row: AccountRecovery) -> str:
    return f"recovery:{row.pk}"


def _end(row: AccountRecovery, how: AccountRecovery.End, *, by: Actor, now: datetime) -> None:
    row.ended_at, row.ended_as = now, how
    row.save(update_fields=["ended_at", "ended_as"])
    cancel_about(about=_about(row), now=now)
    record(actor=by, action=f"recovery.{how.value}", now=now, subject=row)
    if how == End.STOPPED:
        # Two colleagues were sure of somebody who, says whoever is reached there, was not the patient.
        officer.tell(template="recovery_stopped", about=f"recovery_stopped:{row.pk}", now=now)


def call_off(*, recovery: AccountRecovery, by: User, now: datetime) -> None:
    """A colleague ends it. Doing it twice does no harm; what was used already raises Conflict."""
    require(by, Permission.VIEW_PEOPLE)
    _stop(recovery, End.CALLED_OFF, by=by, now=now)


def stop(*, recovery: AccountRecovery, now: datetime) -> None:
    """Whoever reads the old mailbox or holds the telephone says that it was not them. Raises Conflict when used."""
    _stop(recovery, End.STOPPED, by=SYSTEM, now=now)


def _stop(recovery: AccountRecovery, how: AccountRecovery.End, *, by: Actor, now: datetime) -> None:
    with transaction.atomic():
        row = _locked(recovery)
        if row.used_at is not None:
            raise Conflict(_("It was used already."), "used")
        if not row.ended_as:
            _end(row, how, by=by, now=now)


def accept(*, recovery: AccountRecovery, born: date, password: str, now: datetime) -> bool:
    """Give the account its new address and password, once; False for a wrong birth date, five of which end it.

    Everybody is signed out of it; the second step stays. Raises Conflict when the link is not good, or the address is
    another account's by now, ValidationError for a password that will not do.
    """
    with transaction.atomic():
        row = _locked(recovery)
        user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=row.patient.user_id)
        if state_of(row, now) != "open" or not user.is_active:
            raise Conflict(_("This link is not good any more."), "over")
        if row.patient.date_of_birth != born:
            _count_try(row, now)
            return False
        if contact.is_taken(user, row.email):
            raise Conflict(_("Another account uses this e-mail address."), "taken")
        get_adapter().clean_password(password, user=user)
        row.used_at = now
        row.save(update_fields=["used_at"])
        _move(row, user, password, now)
        record(actor=user, action="recovery.used", now=now, subject=row, sessions=end_sessions(user))
    return True


def _move(row: AccountRecovery, user: User, password: str, now: datetime) -> None:
    told = [address for address in _mailboxes(user) if address != row.email]
    before, user.email = user.email, row.email
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
            get_adapter().set_password(user, password)
            EmailAddress.objects.filter(user=user).delete()
            EmailAddress.objects.create(user=user, email=row.email, primary=True, verified=True)
    except IntegrityError:
        raise Conflict(_("Another account uses this e-mail address."), "taken") from None
    ContactChange.objects.create(
        patient=row.patient,
        by=row.asked_by,
        before={"email": before},
        after={"email": row.email},
        reason=row.reason,
        created_at=now,
    )
    for number, address in enumerate(told):
        schedule(
            template="account_recovered",
            recipient=user,
            channel=Channel.EMAIL,
            due_at=now,
            dedupe_key=f"{_about(row)}:used:{number}",
            about=f"contact:{row.patient_id}",
            variables={"when": now, "link": reverse("portal:privacy")},
            address=address,
            now=now,
        )


def _count_try(row: AccountRecovery, now: datetime) -> None:
    row.tries += 1
    row.save(update_fields=["tries"])
    record(actor=SYSTEM, action="recovery.wrong_birth_date", now=now, subject=row, tries=row.tries)
    if row.tries >= MOST_TRIES:
        _end(row, End.LOCKED, by=SYSTEM, now=now)
