"""People: who signs in, who is treated, who treats, and who cares for whom."""

import secrets
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.recovery_models import AccountRecovery as AccountRecovery
from harmoniously.core.accounts.roles import STAFF_ROLES, Role
from harmoniously.core.common.encryption import EncryptedJSONField, EncryptedTextField
from harmoniously.core.common.models import BaseModel
from harmoniously.core.common.states import STATE_CHOICES, ZONES

if TYPE_CHECKING:
    _Manager = BaseUserManager["User"]
else:  # Django's classes take no type arguments at run time
    _Manager = BaseUserManager

ZONE_CHOICES = [(zone, zone.replace("_", " ")) for zone in ZONES]
# Without letters and digits that are mistaken for one another on the telephone.
MRN_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_mrn() -> str:
    """A medical record number that says nothing about its owner: H- and seven characters."""
    return "H-" + "".join(secrets.choice(MRN_ALPHABET) for _ in range(7))


class UserManager(_Manager):
    """Makes accounts; the role decides whether the staff site opens."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An account with its e-mail in lower case; no usable password when none is given."""
        if not email.isascii():
            raise ValueError("An account has an e-mail address in plain letters.")
        user = self.model(email=email.strip().lower(), **fields)
        user.is_staff = Role(user.role) in STAFF_ROLES
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An administrator; the flag grants nothing beyond the role."""
        return self.create_user(email, password, **{"role": Role.ADMINISTRATOR, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin, BaseModel):
    """An account: one person, one e-mail address, one role (SEC-02)."""

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.PATIENT)
    full_name = EncryptedTextField(_("name"), default="", blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(default=False, editable=False)
    # What the person chose to read, on every device and in messages; empty while nothing was chosen.
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, blank=True, default="", editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case"),
            models.CheckConstraint(
                condition=models.Q(is_staff=True, role__in=[role.value for role in sorted(STAFF_ROLES)])
                | models.Q(is_staff=False, role=Role.PATIENT),
                name="accounts_user_staff_is_role",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def display_name(self) -> str:
        """What to call the person on a page: the name, else the part of the address before the @."""
        return self.full_name or self.email.partition("@")[0]


class Patient(BaseModel):
    """A person in care, or on the way there. Identifying values are sealed; the state is needed to find a clinician."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="patient")
    mrn = models.CharField(_("record number"), max_length=12, unique=True, default=new_mrn, editable=False)
    legal_name = EncryptedTextField(default="", blank=True)
    preferred_name = EncryptedTextField(default="", blank=True)
    date_of_birth_sealed = EncryptedTextField(default="", blank=True)
    sex_at_birth = EncryptedTextField(default="", blank=True)
    phone = EncryptedTextField(default="", blank=True)
    address = EncryptedJSONField(default=dict, blank=True)
    emergency_contact = EncryptedJSONField(default=dict, blank=True)
    state = models.CharField(max_length=2, choices=STATE_CHOICES, blank=True, default="")
    zone = models.CharField(max_length=40, choices=ZONE_CHOICES, default="America/New_York")
    sms_consent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["state"]),
            # The list of all patients, newest first, whatever their number.
            models.Index(fields=["-created_at", "id"], name="accounts_patient_newest"),
        ]

    def __str__(self) -> str:
        return self.mrn

    @property
    def date_of_birth(self) -> date | None:
        """The day of birth, or None when it was not given yet."""
        return date.fromisoformat(self.date_of_birth_sealed) if self.date_of_birth_sealed else None

    @date_of_birth.setter
    def date_of_birth(self, day: date | None) -> None:
        self.date_of_birth_sealed = day.isoformat() if day else ""

    @property
    def display_name(self) -> str:
        """What to call the person: the preferred name, else the legal one, else the record number."""
        return self.preferred_name or self.legal_name or self.mrn

    @property
    def patient(self) -> "Patient":
        """Itself: the access door asks every record whose it is."""
        return self


class LookupKey(BaseModel):
    """One word of a name, telephone number or birth date of a patient as a keyed digest (docs/adr/0018).

    Written by `lookup.index` whenever the patient's row is, and by nothing else. `made_with` names the key.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="lookup_keys")
    digest = models.CharField(max_length=64)
    made_with = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "patient"], name="accounts_lookupkey_once")]

    def __str__(self) -> str:
        return f"{self.digest[:8]} of {self.patient_id}"


class ContactChange(BaseModel):
    """What coordinators corrected of how a patient is reached: what stood there before and after, by field, and why.

    A new e-mail address counts once it is confirmed: `confirms` is the address that waits, `settled_at` when it was.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="contact_changes")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    before = EncryptedJSONField(default=dict)
    after = EncryptedJSONField(default=dict)
    reason = EncryptedTextField()
    confirms = models.ForeignKey(
        "account.EmailAddress", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["patient", "-created_at"], name="accounts_contactchange_newest")]

    def __str__(self) -> str:
        return f"contact of {self.patient_id} on {self.created_at:%Y-%m-%d}"


class Invitation(BaseModel):
    """A private link with which somebody registered by phone sets up their account. Only its digest is kept (BUG-27).

    It ends when it is used, when a newer one is sent, after too many wrong birth dates, and by itself.
    """

    class End(models.TextChoices):
        """Why a link that was not used is over before its time."""

        REPLACED = "replaced"
        LOCKED = "locked"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    ended_as = models.CharField(max_length=10, choices=End.choices, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-sent_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(used_at__isnull=True, ended_as=""),
                name="accounts_invitation_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("sent_at")), name="accounts_invitation_has_time"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.sent_at:%Y-%m-%d}"

    @property
    def patient(self) -> Patient:
        """Whose account it is for."""
        return self.user.patient


class Clinician(BaseModel):
    """A prescriber or therapist, with what the law wants on an order (21 CFR 1306.05)."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="clinician")
    display_name = models.CharField(max_length=120)
    credentials = models.CharField(max_length=40, blank=True)
    npi = models.CharField("NPI", max_length=10, blank=True, validators=[RegexValidator(r"^\d{10}$")])
    dea_number = models.CharField(
        "DEA number", max_length=9, blank=True, validators=[RegexValidator(r"^[A-Z]{2}\d{7}$")]
    )
    practice_address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    zone = models.CharField(max_length=40, choices=ZONE_CHOICES, default="America/New_York")

    class Meta:
        ordering = ["display_name"]

    def __str__(self) -> str:
        return f"{self.display_name}, {self.credentials}" if self.credentials else self.display_name


class Licence(BaseModel):
    """Permission of one state to practise there, until a day."""

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="licences")
    state = models.CharField(max_length=2, choices=STATE_CHOICES)
    number = models.CharField(max_length=40)
    expires_on = models.DateField()

    class Meta:
        ordering = ["state"]
        constraints = [models.UniqueConstraint(fields=["clinician", "state"], name="accounts_licence_one_per_state")]

    def __str__(self) -> str:
        return f"{self.state} until {self.expires_on}"


class StateSwitch(BaseModel):
    """Whether the practice takes new patients in a state, from a moment. The newest row of a state counts.

    Where no row is, new patients are taken wherever the policy says that the practice treats people.
    """

    state = models.CharField(max_length=2, choices=STATE_CHOICES)
    is_open = models.BooleanField()
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["state", "-at"])]

    def __str__(self) -> str:
        return f"{self.state} {'open' if self.is_open else 'closed'} since {self.at:%Y-%m-%d}"


class CareRelation(BaseModel):
    """A clinician cares for a patient, from a moment until another: the only way into a chart."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="care_relations")
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="care_relations")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "clinician"],
                condition=models.Q(until__isnull=True),
                name="accounts_carerelation_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="accounts_carerelation_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clinician_id} for {self.patient_id}"


class EmergencyAccess(BaseModel):
    """A clinician opened the record of somebody they do not care for, for a reason, for an hour (SEC-03, break-glass).

    It gives reading and nothing else (audit.doors). Never deleted: somebody reviews each one.
    """

    class Kind(models.TextChoices):
        DANGER = "danger", _("Somebody may be in danger now")
        CALLED = "called", _("The patient, a sitter or an emergency service is calling")
        COVERING = "covering", _("I stand in for a colleague who cannot be reached")
        OTHER = "other", _("Another emergency")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="emergency_accesses")
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="emergency_accesses")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = EncryptedTextField()
    since = models.DateTimeField()
    # The moment from which it opens nothing any more: after an hour, or earlier when the clinician ended it.
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # Whoever looks through them afterwards, and what they found.
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    finding = EncryptedTextField(default="", blank=True)

    class Meta:
        ordering = ["-since"]
        indexes = [
            models.Index(fields=["clinician", "patient", "-until"], name="accounts_emergency_of"),
            models.Index(
                fields=["since"], name="accounts_emergency_unreviewed", condition=models.Q(reviewed_at__isnull=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("since")), name="accounts_emergencyaccess_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at=models.F("until")),
                name="accounts_emergencyaccess_ended_then",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | models.Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="accounts_emergencyaccess_reviewed_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clinician_id} for {self.patient_id}, in an emergency"


class OnCall(BaseModel):
    """The on-call list: who is told first of an alert, and who next."""

    clinician = models.OneToOneField(Clinician, on_delete=models.PROTECT, related_name="on_call")
    position = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering = ["position"]
        verbose_name = "on-call entry"
        verbose_name_plural = "on-call list"

    def __str__(self) -> str:
        return f"{self.position}. {self.clinician.display_name}"
