"""The one door to each sensitive row: it decides, writes the read into the trail, and answers 404 to everybody else.

A clinician who does not care for the patient passes only after opening the record in an emergency (SEC-03, see
portal.staff_pages.break_glass): reading, for an hour. To them alone the door says 403 when the hour is over or
something is to be changed: they know already that there is a record.
"""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.http import Http404

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.accounts.permissions import PatientRequest, Permission, can
from harmoniously.core.accounts.selectors import care_relations, emergencies_of, on_care_team
from harmoniously.core.audit.services import record
from harmoniously.core.common import clock, context

# What the page of a refusal (403.html) knows the reason by.
EMERGENCY_ONLY = "emergency_only"
NOT_READ: Any = object()
Row = TypeVar("Row", bound=models.Model)


def may_read(
    user: User, patient: Patient, *, clinical: bool, at: datetime, cares: bool | None = None, opened: Any = NOT_READ
) -> bool:
    """Whether the account may see the patient's record.

    Patients see their own. Clinicians see whom they care for, or whose record they opened in an emergency.
    Coordinators and administrators see who somebody is and what is scheduled, never what is clinical. `cares` says
    whether the clinician does, `opened` which opening in an emergency lasts (`lasting`), when that was read already.
    """
    if can(user, Permission.VIEW_OWN_RECORD):
        return patient.user_id == user.pk
    if can(user, Permission.VIEW_CLINICAL):
        cares = on_care_team(user, patient, at=at) if cares is None else cares
        return cares or _in_emergency(user, patient, at, opened)
    return not clinical and can(user, Permission.VIEW_PEOPLE)


def _in_emergency(user: User, patient: Patient, at: datetime, opened: Any) -> bool:
    """Whether the account opened this record in an emergency that lasts; never for a request that changes something."""
    request = context.current()
    if request is not None and request.writes:
        return False
    if opened is NOT_READ:
        opened = Patient.objects.filter(pk=patient.pk).values_list(lasting(user, at, "pk"), flat=True).first()
    if opened is not None and request is not None:
        until = datetime.fromisoformat(opened["until"])
        request.emergency = context.Emergency(UUID(opened["key"]), patient.pk, until)
    return opened is not None


def lasting(user: User, at: datetime, own: str) -> Subquery:
    """The opening of a record in an emergency that lasts, {"key", "until"}, for a column of a query about its rows."""
    rows = emergencies_of(user).filter(patient=OuterRef(own), since__lte=at, until__gt=at)
    return Subquery(rows.values(found=JSONObject(key="pk", until="until"))[:1])


def door(
    user: Any, queryset: models.QuerySet[Row], pk: str | UUID, *, clinical: bool = True, action: str | None = None
) -> Row:
    """The row with the key, when the account may see it; else Http404, which tells nothing.

    The row needs a ``patient``. The read is recorded as "<model>.viewed" unless another action is named; a refusal
    is recorded too.
    """
    try:
        key = pk if isinstance(pk, UUID) else UUID(str(pk))
    except ValueError as error:
        raise Http404 from error
    now = clock.now()
    rows = queryset.filter(pk=key)
    row: Row | None
    cares, opened = None, NOT_READ
    if can(user, Permission.VIEW_CLINICAL):
        # In the same query: whether the reader's clinician cares for the patient of the row, or has an emergency.
        own = "pk" if queryset.model is Patient else "patient"
        caring = Exists(care_relations(user, at=now).filter(patient=OuterRef(own)))
        row = rows.annotate(reader_cares=caring, reader_opened=lasting(user, now, own)).first()
        cares, opened = bool(getattr(row, "reader_cares", False)), getattr(row, "reader_opened", None)
    else:
        row = rows.first()
    if row is None:
        raise Http404
    return _pass(user, row, clinical=clinical, action=action, now=now, cares=cares, opened=opened)


def through(
    user: Any,
    row: Row,
    *,
    clinical: bool = True,
    action: str | None = None,
    cares: bool | None = None,
    opened: Any = NOT_READ,
) -> Row:
    """The same door for a row that was just read to find out which one it is, or what `may_read` else would read."""
    return _pass(user, row, clinical=clinical, action=action, now=clock.now(), cares=cares, opened=opened)


def _pass(
    user: Any,
    row: Row,
    *,
    clinical: bool,
    action: str | None,
    now: datetime,
    cares: bool | None,
    opened: Any,
) -> Row:
    if not isinstance(user, User):
        raise Http404
    patient: Patient = row.patient  # type: ignore[attr-defined]
    name = row._meta.model_name
    if not may_read(user, patient, clinical=clinical, at=now, cares=cares, opened=opened):
        record(actor=user, action=f"{name}.refused", now=now, subject=row)
        if can(user, Permission.VIEW_CLINICAL) and emergencies_of(user).filter(patient=patient).exists():
            raise PermissionDenied(EMERGENCY_ONLY)
        raise Http404
    record(actor=user, action=action or f"{name}.viewed", now=now, subject=row)
    return row


def patient_for(user: Any, pk: str | UUID, *, clinical: bool = True) -> Patient:
    """A patient's record, by the same rules."""
    return door(user, Patient.objects.select_related("user"), pk, clinical=clinical)


def own_page(request: PatientRequest, page: str) -> None:
    """Write that a patient opened one of their own pages that shows several rows at once."""
    record(actor=request.user, action=f"{page}.viewed", now=clock.now(), patient=request.patient)
