"""Getting ready for a session: what is ticked off, and coordinators who ask after a sitter who has not confirmed."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import FollowUp, FollowUpKind
from harmoniously.core.alerts.surfacing import surface
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.services import record
from harmoniously.core.common.errors import RuleViolation
from treatment import policy as policies
from treatment.models import DoseSession, Preparation, SessionStatus, SitterInvitation
from treatment.rules import preparation
from treatment.selecting.booking import MOVABLE
from treatment.services.locks import lock_chart
from treatment.services.plans import about_sitter, locked_session


def prepare_session(
    *, session: DoseSession, ticked: Collection[str], intention: str, by: User, now: datetime
) -> Preparation:
    """Keep what the patient ticked off and wrote; what is not ticked any more is open again.

    Of words that may mean danger a clinician is told, without the words.

    Raises RuleViolation for a session that has begun or is over, ValueError for an item that is none.
    """
    unknown = set(ticked) - set(preparation.ITEMS)
    if unknown:
        raise ValueError(f"nothing to prepare: {sorted(unknown)}")
    with transaction.atomic():
        lock_chart(session.patient)
        row = locked_session(session)
        if row.status not in MOVABLE:
            raise RuleViolation(_("This session has begun or is over. There is nothing to prepare."), "not_movable")
        earlier = Preparation.objects.filter(session=row).first()
        kept, _made = Preparation.objects.update_or_create(
            session=row,
            defaults={
                "ticked": [item for item in preparation.ITEMS if item in ticked],
                "intention": intention.strip(),
                "updated_at": now,
            },
            create_defaults={
                "patient": row.patient,
                "ticked": [item for item in preparation.ITEMS if item in ticked],
                "intention": intention.strip(),
                "updated_at": now,
                "created_at": now,
            },
        )
        record(actor=by, action="dosesession.prepared", now=now, subject=row, open=len(preparation.missing(ticked)))
        if earlier is None or kept.intention != earlier.intention:
            # Only the patient reads it: the alert leads to nothing and shows no word of it.
            about, key = f"intention:{kept.pk}", f"intention:{kept.pk}:{now.isoformat()}"
            surface(text=kept.intention, patient=row.patient, about=about, key=key, by=by, now=now)
    return kept


def sitters_to_ask_after(now: datetime) -> QuerySet[DoseSession]:
    """Sessions of the next day whose sitter has not confirmed, and which no coordinator was asked about yet."""
    within = timedelta(hours=policies.load().preparation.sitter_hours)
    confirmed = SitterInvitation.objects.filter(
        session=OuterRef("pk"), revoked_at__isnull=True, confirmed_at__isnull=False
    )
    key = Concat(
        Value("sitter:"), Cast(OuterRef("pk"), CharField()), Value(":"), Cast(OuterRef("gate_attempt"), CharField())
    )
    # Whoever was asked after that answer was closed takes the place of the one whom it was about.
    asked = FollowUp.objects.filter(about=key)
    newer = SitterInvitation.objects.filter(session=OuterRef(OuterRef("pk")), created_at__gt=OuterRef("closed_at"))
    return (
        DoseSession.objects.select_related("patient")
        .filter(status=SessionStatus.SCHEDULED, starts_at__gt=now, starts_at__lte=now + within)
        .exclude(Exists(confirmed))
        .exclude(Exists(asked.exclude(Exists(newer))))
        .order_by("starts_at")
    )


def ask_after_sitter(session: DoseSession, *, now: datetime) -> bool:
    """Put it on the coordinators' worklist that nobody has confirmed; it ends when somebody does, or with a move."""
    about = about_sitter(session)
    newest = SitterInvitation.objects.filter(session=session).order_by("-created_at").first()
    asked_before = FollowUp.objects.filter(about=about).exists()
    alerts.open_follow_up(
        kind=FollowUpKind.COMPANION_MISSING,
        patient=session.patient,
        about=about,
        dedupe_key=f"{about}:{newest.pk}" if asked_before and newest is not None else about,
        due_at=now,
        by=SYSTEM,
        now=now,
    )
    return True
