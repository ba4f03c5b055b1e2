"""Who may do what: permissions are an enum, roles list them, one function answers."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from harmoniously.core.accounts.roles import STAFF_ROLES, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from harmoniously.core.accounts.models import Patient, User

View = Callable[..., HttpResponse]
# What the page of a refusal (403.html) knows the reason by: two people agree, and this is the first of them again.
SECOND_PERSON = "second_person"


class StaffRequest(HttpRequest):
    """A request behind `staff_with`: somebody of the practice is signed in."""

    user: "User"


class PatientRequest(HttpRequest):
    """A request behind `patient_only`: a patient is signed in."""

    user: "User"
    patient: "Patient"


class Permission(StrEnum):
    """What a person may do. Whose record it may be done to is the access door's question (audit.door)."""

    VIEW_OWN_RECORD = "view_own_record"
    VIEW_CLINICAL = "view_clinical"
    READ_SHARED_JOURNAL = "read_shared_journal"
    REVIEW_CASES = "review_cases"
    PRESCRIBE = "prescribe"
    VIEW_SCHEDULE = "view_schedule"
    MANAGE_SCHEDULE = "manage_schedule"
    WORK_FOLLOW_UPS = "work_follow_ups"
    REGISTER_PATIENTS = "register_patients"
    TRACK_PARCELS = "track_parcels"
    ACKNOWLEDGE_ALERTS = "acknowledge_alerts"
    VIEW_ON_CALL = "view_on_call"
    VIEW_PEOPLE = "view_people"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_FORMULARY = "manage_formulary"
    MANAGE_DIRECTORY = "manage_directory"
    MANAGE_BILLING = "manage_billing"
    VIEW_AUDIT = "view_audit"
    VIEW_PRACTICE = "view_practice"
    VIEW_SYSTEM = "view_system"


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.PATIENT: frozenset({Permission.VIEW_OWN_RECORD}),
    Role.PRESCRIBER: frozenset(
        {
            Permission.VIEW_CLINICAL,
            Permission.REVIEW_CASES,
            Permission.PRESCRIBE,
            Permission.VIEW_PRACTICE,
            Permission.TRACK_PARCELS,
            Permission.VIEW_SCHEDULE,
            Permission.ACKNOWLEDGE_ALERTS,
            Permission.VIEW_ON_CALL,
        }
    ),
    Role.THERAPIST: frozenset(
        {
            Permission.VIEW_CLINICAL,
            Permission.READ_SHARED_JOURNAL,
            Permission.VIEW_SCHEDULE,
            Permission.ACKNOWLEDGE_ALERTS,
            Permission.VIEW_ON_CALL,
        }
    ),
    Role.COORDINATOR: frozenset(
        {
            Permission.VIEW_PEOPLE,
            Permission.VIEW_SCHEDULE,
            Permission.MANAGE_SCHEDULE,
            Permission.WORK_FOLLOW_UPS,
            Permission.REGISTER_PATIENTS,
            Permission.TRACK_PARCELS,
            Permission.ACKNOWLEDGE_ALERTS,
            Permission.VIEW_ON_CALL,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.VIEW_PEOPLE,
            Permission.MANAGE_PEOPLE,
            Permission.MANAGE_FORMULARY,
            Permission.MANAGE_DIRECTORY,
            Permission.MANAGE_BILLING,
            Permission.VIEW_SCHEDULE,
            Permission.VIEW_ON_CALL,
            Permission.VIEW_AUDIT,
            Permission.VIEW_PRACTICE,
            Permission.VIEW_SYSTEM,
        }
    ),
}


def can(user: "User | AnonymousUser", permission: Permission) -> bool:
    """Whether an active, signed-in person's role lists the permission. A superuser flag grants nothing clinical."""
    if not user.is_authenticated or not user.is_active:
        return False
    return permission in ROLE_PERMISSIONS[Role(user.role)]


def require(user: "User | AnonymousUser", permission: Permission) -> None:
    """Raise PermissionDenied unless the person has the permission."""
    if not can(user, permission):
        raise PermissionDenied(permission.value)


def door(view: View, roles: Iterable[Role]) -> View:
    """Note on a view that refuses by role, before it reads any record, which roles get past: `view.open_to`."""
    view.open_to = frozenset(roles) & getattr(view, "open_to", frozenset(Role))  # type: ignore[attr-defined]
    return view


def staff_with(*permissions: Permission) -> Callable[[View], View]:
    """A staff view that needs every one of the permissions: 404 for patients, 403 for other staff."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated or not request.user.is_staff:
                raise Http404
            for permission in permissions:
                require(request.user, permission)
            return view(request, *args, **kwargs)

        return door(checked, {role for role in STAFF_ROLES if ROLE_PERMISSIONS[role].issuperset(permissions)})

    return decorate


def patient_only(view: View) -> View:
    """A patient's view: ``request.patient`` is the signed-in patient; anybody else gets 404."""

    @wraps(view)
    def checked(request: PatientRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from harmoniously.core.accounts.services import ensure_patient

        if not can(request.user, Permission.VIEW_OWN_RECORD):
            raise Http404
        request.patient = ensure_patient(user=request.user)
        return view(request, *args, **kwargs)

    return door(checked, {Role.PATIENT})
