"""After each decision: what it still asks for becomes requests with a day, reminders and a follow-up."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts import services as alerting
from harmoniously.core.alerts.models import FollowUpKind
from harmoniously.core.audit.actors import Actor
from harmoniously.core.audit.models import StatusChange
from harmoniously.core.audit.services import advance, label_of, record
from harmoniously.core.common.errors import Conflict
from harmoniously.core.documents.consents.rules import Activity
from harmoniously.core.documents.consents.selectors import taken_back
from harmoniously.core.notifications import services as notifications
from harmoniously.core.notifications.models import Channel
from intake.amending import is_closed
from intake.models import EligibilityDecision, Errand
from intake.policy import load_policy
from intake.requests import papers, rules
from intake.requests.models import InformationRequest, RequestStatus, mark_of
from intake.selectors import course_ended

# Why requests close when an agreement is taken back.
TAKEN_BACK = "consent_withdrawn"
# A message that could not go out by then says nothing new any more.
TELL_WITHIN = timedelta(days=7)


def settle(*, decision: EligibilityDecision, by: Actor, now: datetime) -> list[InformationRequest]:
    """Bring the open requests of a patient in line with a decision; what they handed in belongs to the record now.

    A request that is still asked keeps its day. Nothing is asked of somebody who took back what handing in rests on.
    """
    patient = decision.patient
    with transaction.atomic():
        papers.hand_in(patient=patient, by=by, now=now)
        asked = rules.asked(decision.findings, decision.facts, load_policy())
        wanted = {} if taken_back(patient, Activity.HAND_IN, now) else {one.item: one for one in asked}
        open_rows = {row.item: row for row in _open(patient)}
        for item, row in open_rows.items():
            if item not in wanted:
                _close(row, RequestStatus.WITHDRAWN, by=by, now=now)
        rows = [
            _keep(open_rows[item], one) if item in open_rows else _ask(decision, one, by=by, now=now)
            for item, one in wanted.items()
        ]
        _remind(decision, rows, now)
    return rows


def _open(patient: Patient) -> list[InformationRequest]:
    rows = InformationRequest.objects.select_for_update(of=("self",)).filter(patient=patient, status=RequestStatus.OPEN)
    return list(rows)


def open_for(patient: Patient, item: str) -> InformationRequest | None:
    """The open request for one thing, locked, or None."""
    return next((row for row in _open(patient) if row.item == item), None)


def _keep(row: InformationRequest, one: rules.Asked) -> InformationRequest:
    if row.texts != list(one.texts):
        row.texts_sealed = list(one.texts)
        row.save(update_fields=["texts_sealed"])
    return row


def _ask(decision: EligibilityDecision, one: rules.Asked, *, by: Actor, now: datetime) -> InformationRequest:
    patient = decision.patient
    row = InformationRequest.objects.create(
        patient=patient,
        decision=decision,
        item_sealed=one.item,
        item_mark=mark_of(patient.pk, one.item),
        texts_sealed=list(one.texts),
        due_at=rules.due(one.kind, now, patient.zone),
        created_at=now,
    )
    record(actor=by, action="information.asked", now=now, subject=row)
    alerting.open_follow_up(
        kind=FollowUpKind.INFORMATION_OVERDUE,
        patient=patient,
        about=row.about,
        dedupe_key=f"{row.about}:overdue",
        due_at=row.due_at,
        by=by,
        now=now,
    )
    return row


def answered(*, request: InformationRequest, by: Actor, now: datetime) -> None:
    """The patient handed in what was asked. Raises Conflict when that was done already."""
    row = InformationRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if row.status != RequestStatus.OPEN:
        raise Conflict(_("This was handed in already. Nothing was changed."), "done")
    _close(row, RequestStatus.ANSWERED, by=by, now=now, answered_at=now)


def close_all(*, patient: Patient, by: Actor, now: datetime, reason_code: str = "decided") -> None:
    """Nothing is waited for any more: a clinician decided, or the patient took an agreement back.

    Reminders and follow-ups end with it.
    """
    with transaction.atomic():
        for row in _open(patient):
            _close(row, RequestStatus.WITHDRAWN, by=by, now=now, reason_code=reason_code)
        notifications.cancel_about(about=_group(patient), now=now, reason=reason_code)


def ask_again(*, patient: Patient, since: datetime, by: Actor, now: datetime) -> None:
    """The patient signed again what they took back at ``since``: what closed with it is asked anew, with a new day.

    So is what a decision made meanwhile would have asked; nothing is for a treatment that has ended.
    """
    closed = InformationRequest.objects.filter(patient=patient, status=RequestStatus.WITHDRAWN)
    labels = [label_of(row) for row in closed.only("pk")]
    decision = EligibilityDecision.objects.filter(patient=patient, is_current=True)
    decision = decision.select_related("patient__user", "submission")
    found = decision.first()
    if (
        found is not None
        and not is_closed(patient, now)
        and not course_ended(found.submission)
        and (
            found.decided_at >= since
            or StatusChange.objects.filter(subject__in=labels, reason_code=TAKEN_BACK, at__gte=since).exists()
        )
    ):
        settle(decision=found, by=by, now=now)


def _close(
    row: InformationRequest, to: RequestStatus, *, by: Actor, now: datetime, reason_code: str = "", **also: Any
) -> None:
    advance(row, to, by=by, now=now, reason_code=reason_code, **also)
    alerting.close_follow_up(about=row.about, by=by, now=now)
    if to == RequestStatus.WITHDRAWN:
        # What was answered for it began as a copy of everything that was handed in; nobody needs a second one.
        for errand in Errand.objects.select_for_update(of=("self",)).filter(request=row):
            errand.answers = {}
            errand.save(update_fields=["answers"])


def _group(patient: Patient) -> str:
    return f"requests:{patient.pk}"


def _remind(decision: EligibilityDecision, rows: list[InformationRequest], now: datetime) -> None:
    """Plan every reminder anew: one message a day, however many things are open."""
    patient = decision.patient
    notifications.cancel_about(about=_group(patient), now=now, reason="replanned")
    last: dict[datetime, datetime] = {}
    for row in rows:
        kind = rules.Ask(row.item.partition(":")[0])
        for at in rules.reminders(kind, row.created_at, patient.zone):
            if now < at < row.due_at:
                last[at] = max(row.due_at, last.get(at, row.due_at))
    for at, not_after in last.items():
        # The moment of planning is part of the key: a reminder that was cancelled does not stand for the next one.
        _message(patient, at, f"remind:{decision.pk}:{now.isoformat()}:{at.isoformat()}", not_after, now)


def tell(*, patient: Patient, key: str, now: datetime) -> None:
    """Say now that there is something to look at: a prescriber found that a document does not do."""
    _message(patient, now, key, now + TELL_WITHIN, now, link="intake:papers")


def _message(
    patient: Patient, at: datetime, key: str, not_after: datetime, now: datetime, *, link: str = "intake:asked"
) -> None:
    """An e-mail, and a text where the patient agreed to them, that say only that something waits."""
    channels = (Channel.EMAIL, Channel.SMS) if patient.sms_consent_at else (Channel.EMAIL,)
    for channel in channels:
        notifications.schedule(
            template="action_needed",
            recipient=patient.user,
            channel=channel,
            due_at=at,
            not_after=not_after,
            dedupe_key=f"{_group(patient)}:{key}:{channel.value}",
            about=_group(patient),
            variables={"link": reverse(link)},
            now=now,
        )
