"""The third person of a visit: invited by one of the two, wanted by the patient, admitted by the clinician (VID-02)."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.audit.services import hold_chain, record
from harmoniously.core.common.errors import Conflict, RuleViolation
from harmoniously.core.common.secret_links import digest_of, new_secret
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from telemedicine.models import Appointment, Guest, Room
from telemedicine.models.appointment import Status
from telemedicine.models.guest import Relation
from telemedicine.rules.calls import MOST_INVITATIONS, Seat, Stage
from telemedicine.rules.visits import CLOSES_AFTER, Door, door_of
from telemedicine.services import calls, visits
from telemedicine.video import backend
from telemedicine.video.rooms import room_of
from telemedicine.video.seats import actor_of, invitations_of


def link_of(secret: str) -> str:
    """The path of the private link."""
    return reverse("telemedicine:guest_room", args=[secret])


def may_invite(visit: Appointment, now: datetime) -> bool:
    """Whether the visit is booked and its time not over."""
    door = door_of(starts_at=visit.starts_at, started_at=visit.started_at, now=now)
    return visit.status == Status.BOOKED and door != Door.LATE


def invite(
    *, appointment: Appointment, name: str, relation: str, email: str, by: User, now: datetime
) -> tuple[Guest, str]:
    """Name one person who may come to this visit, when the patient agrees; returns them and the secret of the link.

    With an e-mail address the link goes there once the patient has agreed, and the secret is empty: before that,
    nobody outside may learn that there is a visit. RuleViolation when somebody is invited already, after five
    invitations, and once the visit's time is over; PermissionDenied for anybody but the two.
    """
    is_own = _is_own(appointment, by)
    secret = new_secret()
    with transaction.atomic():
        visit = _still(appointment, now)
        if invitations_of(visit).invited().exists():
            raise RuleViolation(_("Somebody is invited already. Take that invitation back first."), "already_invited")
        # Of all its times: moving a visit does not make more of them.
        if Guest.objects.filter(appointment=appointment.pk).count() >= MOST_INVITATIONS:
            raise RuleViolation(_("This visit had five invitations. Call us if you need another one."), "too_many")
        guest = Guest.objects.create(
            appointment=appointment,
            sequence=visit.sequence,
            name=name,
            relation=Relation(relation),
            email=email,
            # Of one that nobody was told: the link that is sent is made when it is sent.
            token_digest=digest_of(new_secret() if email else secret),
            invited_by=by,
            created_at=now,
        )
        record(actor=by, action="guest.invited", now=now, subject=guest, relation=guest.relation)
        if not is_own:
            _tell_patient(guest, now)
    return guest, "" if email else secret


def agree(*, guest: Guest, by: User, now: datetime) -> Guest:
    """The patient agrees that this person joins; the link goes out where there is an address. A second click is fine.

    PermissionDenied for anybody else: nobody agrees for the patient. Conflict when the invitation was taken back.
    """
    _require_patient(guest, by)
    with transaction.atomic():
        visit = _still(guest.appointment, now)
        row = _invited(guest)
        if row.agreed_at is None:
            record(actor=by, action="guest.agreed", now=now, subject=guest, relation=row.relation)
            secret = new_secret() if row.email else ""
            row.agreed_at, row.token_digest = now, digest_of(secret) if secret else row.token_digest
            row.save(update_fields=["agreed_at", "token_digest"])
            if secret:
                _send(guest, secret, visit, now)
    return row


def end(*, guest: Guest, by: User, now: datetime) -> None:
    """Either of the two takes the invitation back, or the patient says no, or takes back that they agreed.

    At once and for good, also during the visit: the link opens nothing, nothing is carried to or from that browser,
    and the pages of the other two leave it. A second click changes nothing.
    """
    is_own = _is_own(guest.appointment, by)
    with transaction.atomic():
        _held(guest.appointment)
        row = Guest.objects.filter(pk=guest.pk, ended_at__isnull=True).first()
        if row is None:
            return
        taken_back = "guest.withdrawn" if row.agreed_at else "guest.declined"
        record(actor=by, action=taken_back if is_own else "guest.revoked", now=now, subject=guest)
        Guest.objects.filter(pk=guest.pk).update(ended_at=now)
        notifications.cancel_about(about=guest.about, now=now, reason="invitation_ended")
        _leave_room(row, guest.appointment)


def admit(*, guest: Guest, by: User, now: datetime) -> None:
    """The clinician lets the third person in, once the patient is in. A second click changes nothing.

    RuleViolation while the patient has not agreed, nobody waits there, or the two are not in the visit.
    """
    visits.require_clinician(by, guest.appointment)
    with transaction.atomic():
        _still(guest.appointment, now)
        row = _invited(guest)
        if row.admitted_at is not None:
            return
        if row.agreed_at is None:
            raise RuleViolation(_("The patient has not agreed that this person joins."), "not_agreed")
        room = room_of(guest.appointment)
        if room is None or calls.stage(guest.appointment, room, now) != Stage.OPEN:
            raise RuleViolation(_("Admit the patient first."), "not_open")
        if not calls.waits(row, now):
            raise RuleViolation(_("Nobody is in the waiting room now. Wait a moment."), "nobody_waits")
        record(actor=by, action="guest.admitted", now=now, subject=guest)
        Guest.objects.filter(pk=guest.pk).update(admitted_at=now)


def leave(*, guest: Guest, now: datetime) -> None:
    """The third person leaves; whoever comes back waits again until the clinician admits them."""
    with transaction.atomic():
        _held(guest.appointment)
        row = Guest.objects.filter(pk=guest.pk, ended_at__isnull=True, admitted_at__isnull=False).first()
        if row is None:
            return
        record(actor=actor_of(guest), action="guest.left", now=now, subject=guest)
        Guest.objects.filter(pk=guest.pk).update(admitted_at=None, seen_at=None)
        _leave_room(row, guest.appointment)


def _is_own(appointment: Appointment, by: User) -> bool:
    """Whether it is the patient; PermissionDenied for anybody but the two of the visit."""
    if by.pk == appointment.patient.user_id:
        return True
    visits.require_clinician(by, appointment)
    return False


def _require_patient(guest: Guest, by: User) -> None:
    if by.pk != guest.patient.user_id:
        raise PermissionDenied("guest")


def _held(appointment: Appointment) -> Appointment:
    """The visit, held still until the transaction ends: the trail before the row, as everybody takes them."""
    hold_chain(appointment.patient)
    return Appointment.objects.select_for_update(no_key=True).get(pk=appointment.pk)


def _still(appointment: Appointment, now: datetime) -> Appointment:
    """The visit, held still, that takes place as it was read.

    RuleViolation when it is not booked any more or its time is over, Conflict when it was moved since it was read.
    """
    locked = _held(appointment)
    if locked.status != Status.BOOKED:
        raise RuleViolation(_("This visit is not booked any more."), "not_booked")
    if not may_invite(locked, now):
        raise RuleViolation(_("The time of this visit is over. Please choose another one."), "too_late")
    if locked.sequence != appointment.sequence:
        raise Conflict(_("Somebody else changed this visit meanwhile. Reload the page to see it."), "moved")
    return locked


def _invited(guest: Guest) -> Guest:
    row = Guest.objects.filter(pk=guest.pk, sequence=guest.appointment.sequence, ended_at__isnull=True).first()
    if row is None:
        raise Conflict(_("This invitation was taken back meanwhile."), "ended")
    return row


def _leave_room(row: Guest, visit: Appointment) -> None:
    """Nothing more is carried. Under the lock of the room's row, as sending is: no message slips in behind.

    What they were given to join with stays good for some minutes, so whoever only says that they leave must not find
    the others behind it either, unseen.
    """
    room = room_of(visit)
    if room is None:
        return
    joined = row.joined_at is not None
    Room.objects.filter(pk=room.pk).update(turn=F("turn") + int(joined))
    room.signals.filter(Q(from_seat=Seat.GUEST) | Q(to_seat=Seat.GUEST)).delete()
    if joined:
        transaction.on_commit(lambda: backend().close_turn(room))


def _good_until(visit: Appointment, now: datetime) -> datetime:
    """A visit that was begun may go on for longer than its time."""
    return max(visit.starts_at, now) + CLOSES_AFTER


def _tell_patient(guest: Guest, now: datetime) -> None:
    """There is a question for the patient: by e-mail, in the words of every next step."""
    notifications.schedule(
        template="action_needed",
        recipient=guest.patient.user,
        channel=Channel.EMAIL,
        due_at=now,
        dedupe_key=f"{guest.about}:asked",
        about=guest.about,
        variables={"link": reverse("telemedicine:guest", args=[guest.appointment.pk])},
        not_after=_good_until(guest.appointment, now),
        now=now,
    )


def _send(guest: Guest, secret: str, visit: Appointment, now: datetime) -> None:
    notifications.schedule(
        template="visit_invitation",
        recipient=guest.patient.user,
        address=guest.email,
        channel=Channel.EMAIL,
        due_at=now,
        dedupe_key=f"{guest.about}:link",
        about=guest.about,
        variables={"when": visit.starts_at, "zone": guest.patient.zone, "link": link_of(secret)},
        not_after=_good_until(visit, now),
        now=now,
    )
