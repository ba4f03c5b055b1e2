"""Questions about conversations: who may read which, what is unread, and for whom."""

from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from harmoniously.core.accounts.models import CareRelation, Patient, User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.accounts.roles import CLINICIAN_ROLES, Role
from harmoniously.core.accounts.selectors import care_of, care_relations
from telemedicine.conversation import rules
from telemedicine.models import HandOver, Message, Thread, Topic
from telemedicine.models.message import ADMINISTRATIVE

UNREAD_BY_TEAM = Q(messages__from_patient=True, messages__read_at__isnull=True)
# The hand-over that says who answers now.
STANDS = Q(to=F("thread__assigned_to")) | Q(to__isnull=True, thread__assigned_to__isnull=True)
UNREAD_BY_PATIENT = Q(messages__from_patient=False, messages__read_at__isnull=True)


def threads_of(patient: Patient) -> QuerySet[Thread]:
    """The patient's conversations, unread first, then by the newest message; with `unread` and `latest_at`."""
    rows = Thread.objects.filter(patient=patient).annotate(
        unread=Count("messages", filter=UNREAD_BY_PATIENT), latest_at=Max("messages__sent_at")
    )
    return rows.select_related("assigned_to__clinician").order_by("-unread", "-latest_at")


def messages_in(thread: Thread) -> QuerySet[Message]:
    """Everything in a conversation, oldest first."""
    rows = Message.objects.filter(thread=thread)
    return rows.select_related("author__clinician", "file__upload").order_by("sent_at", "id")


def sent_by(user: User) -> QuerySet[Message]:
    """What somebody wrote, newest first; of staff only what they may still read is shown (`visible_to`)."""
    rows = Message.objects.filter(author=user).select_related("thread", "file", "patient__user")
    return rows.order_by("-sent_at", "-id")


def unread_for_patient(patient: Patient) -> int:
    """How many messages of the care team the patient has not opened."""
    return Message.objects.for_patient(patient).unread_by_patient().count()


def reader(user: User, patient: Patient, now: datetime) -> rules.Reader:
    """What somebody is to a patient."""
    cares = can(user, Permission.VIEW_CLINICAL) and care_relations(user, at=now).filter(patient=patient).exists()
    return rules.Reader(cares=cares, coordinates=can(user, Permission.WORK_FOLLOW_UPS))


def may_read(user: User, thread: Thread, now: datetime) -> bool:
    """Whether somebody of the practice may read and answer a conversation."""
    return rules.may_read(reader(user, thread.patient, now), administrative=thread.administrative)


def visible_to(user: User, now: datetime) -> QuerySet[Thread]:
    """The conversations that somebody of the practice may read and answer: `rules.may_read` in SQL."""
    allowed = Q(pk__in=[])
    if can(user, Permission.VIEW_CLINICAL):
        allowed |= Q(Exists(care_relations(user, at=now).filter(patient=OuterRef("patient"))))
    if can(user, Permission.WORK_FOLLOW_UPS):
        allowed |= Q(topic__in=ADMINISTRATIVE)
    return Thread.objects.filter(allowed)


def _in_hand(now: datetime) -> Q:
    """Whoever a conversation is assigned to can still answer it."""
    caring = _anybody(now).filter(clinician__user=OuterRef("assigned_to"))
    # Looked up for each conversation: joined, the accounts of all patients would be read for every number in a menu.
    here = User.objects.filter(pk=OuterRef("assigned_to"), is_active=True)
    coordinates = Q(Exists(here.filter(role=Role.COORDINATOR)), topic__in=ADMINISTRATIVE)
    return Q(Exists(here)) & (Q(Exists(caring)) | coordinates)


def _for_me(user: User, now: datetime) -> Q:
    """Assigned to somebody, or to nobody who can answer: then everybody of the team is asked."""
    return Q(assigned_to=user) | ~_in_hand(now)


def as_read_by(rows: QuerySet[Thread], user: User, now: datetime) -> QuerySet[Any]:
    """Conversations as somebody of the practice stands to them, in the same query.

    `readable`: they may read it. `answers`: it is theirs or the whole team's, so that what they open counts as read.
    `news`: a message in it was not read yet. `handed`: it went to them or to the whole team, and nobody of whom it went
    to has opened it since. `length`: how many messages are in it.
    """
    unread = Message.objects.filter(thread=OuterRef("pk")).unread_by_team()
    messages = Message.objects.filter(thread=OuterRef("pk")).order_by().values("thread")
    return rows.annotate(
        length=Subquery(messages.annotate(number=Count("pk")).values("number")),
        readable=Exists(visible_to(user, now).filter(pk=OuterRef("pk"))),
        answers=ExpressionWrapper(_for_me(user, now), BooleanField()),
        news=Exists(unread),
        handed=ExpressionWrapper(handed(user, now), BooleanField()),
    )


def handed(user: User, now: datetime) -> Q:
    """Conversations that were handed to this person, or to everybody who may answer, and that nobody opened since.

    What was read before it was handed over is unread to nobody; without this it would wait with no one asked. Whoever
    handed it to the team leaves it to the others, while there are others. What went to somebody who cannot answer any
    more went to the team.
    """
    unseen = HandOver.objects.filter(STANDS, thread=OuterRef("pk"), seen_at__isnull=True)
    by_others = Q(Exists(unseen.exclude(by=user))) | (Q(Exists(unseen)) & ~others(user, now))
    return Q(Exists(unseen), assigned_to=user) | (~_in_hand(now) & by_others)


def others(user: User, now: datetime) -> Q:
    """Conversations that somebody else may answer, too: `colleagues` in SQL, without this person."""
    coordinators = User.objects.filter(role=Role.COORDINATOR, is_active=True).exclude(pk=user.pk)
    return Q(Exists(_anybody(now).exclude(clinician__user=user))) | Q(Exists(coordinators), topic__in=ADMINISTRATIVE)


def waiting_for(user: User, now: datetime) -> QuerySet[Thread]:
    """The conversations in which something is unread that this person has to read: the number in the navigation."""
    unread = Message.objects.filter(thread=OuterRef("pk")).unread_by_team()
    told = handed(user, now) & Q(status="open")
    return visible_to(user, now).filter(Q(Exists(unread)) & _for_me(user, now) | told)


def listed(user: User, which: str, now: datetime) -> QuerySet[Thread]:
    """One tab of the staff list, what has waited longest first; with `unread`, `latest_at` and `handed`."""
    rows = visible_to(user, now)
    if which == "closed":
        rows = rows.filter(status="closed")
    elif which == "all":
        rows = rows.filter(status="open")
    else:
        rows = rows.filter(_for_me(user, now), status="open")
    return counted(rows, user, now)


def counted(rows: QuerySet[Thread], user: User, now: datetime) -> QuerySet[Thread]:
    """Conversations with what a list of the practice shows of them."""
    rows = rows.annotate(
        unread=Count("messages", filter=UNREAD_BY_TEAM),
        latest_at=Max("messages__sent_at"),
        handed=ExpressionWrapper(handed(user, now), BooleanField()),
    )
    return rows.select_related("patient__user", "assigned_to__clinician").order_by(
        "waiting_since", "-unread", "-latest_at"
    )


def beyond(user: User, now: datetime) -> QuerySet[Thread]:
    """Conversations that wait and that somebody sees only to wait: who and `since` when, never a word of it.

    Coordinators see so what is about health; prescribers what belongs to a patient in nobody's care, which they can
    take into theirs.
    """
    unseen = HandOver.objects.filter(STANDS, thread=OuterRef("pk"), seen_at__isnull=True)
    rows = Thread.objects.filter(status="open").exclude(topic__in=ADMINISTRATIVE)
    # What was answered and then handed on waits from then on.
    waiting = rows.alias(handed_at=Subquery(unseen.values("at")[:1])).annotate(
        since=Coalesce("waiting_since", "handed_at")
    )
    waiting = waiting.filter(since__isnull=False)
    if not can(user, Permission.WORK_FOLLOW_UPS):
        if not can(user, Permission.REVIEW_CASES):
            return Thread.objects.none()
        waiting = waiting.filter(~Q(Exists(_anybody(now))))
    return waiting.select_related("patient__user", "assigned_to__clinician").order_by("since")


def _anybody(now: datetime) -> QuerySet[CareRelation]:
    """Who cares for the patient of a conversation; not who took up another role since, and reads nothing any more."""
    caring = CareRelation.objects.filter(patient=OuterRef("patient"), since__lte=now).exclude(until__lte=now)
    return caring.filter(clinician__user__is_active=True, clinician__user__role__in=CLINICIAN_ROLES)


def colleagues(thread: Thread, now: datetime) -> list[User]:
    """Everybody who may have a conversation in hand: clinicians who care, and coordinators where they may read it."""
    team = Q(role__in=CLINICIAN_ROLES, clinician__in=care_of(thread.patient, at=now).values("clinician"))
    if thread.administrative:
        team |= Q(role=Role.COORDINATOR)
    found = User.objects.filter(team, is_active=True).select_related("clinician")
    return list(found.order_by(F("clinician__display_name").asc(nulls_last=True), "email"))


def health_thread(patient: Patient) -> Thread | None:
    """The newest open conversation about the patient's health, in which a clinician asks something."""
    return Thread.objects.filter(patient=patient, topic=Topic.HEALTH, status="open").order_by("-opened_at").first()
