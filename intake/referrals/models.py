"""The directory of facilities by state and kind of care. An administrator fills it; no patient is named in it."""

import re
from datetime import date
from urllib.parse import urlsplit

import phonenumbers
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common import clock, phones
from harmoniously.core.common.models import BaseModel
from harmoniously.core.common.states import US_STATES
from intake.rules.care import Care

STATES = [(state.code, state.name) for state in US_STATES]
KINDS = [(care.value, care.name) for care in Care]
INSURANCE = [
    ("medicaid", _("Medicaid")),
    ("medicare", _("Medicare")),
    ("private", _("Private insurance")),
    ("veterans", _("Veterans (VA)")),
    ("sliding_scale", _("Pay by income")),
    ("self_pay", _("Pay yourself")),
]
FORBIDDEN = re.compile(r"[\x00-\x1f\x7f<>]")


def plain_line(value: str) -> None:
    """One line of words: no control characters, and nothing that could be read as a tag."""
    if FORBIDDEN.search(value):
        raise ValidationError(_("Use plain words on one line, without < or >."), code="plain")


_is_url = URLValidator(schemes=["https"])


def secure_web(value: str) -> None:
    """An https address of a real host, without a name or a password in it, and of characters that addresses have."""
    try:
        _is_url(value)
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except (ValidationError, ValueError):
        host, port, parts = "", None, urlsplit("")
    named = "." in host and not re.fullmatch(r"[\d.]+|.*[:\[\]].*", host)
    plain = not re.search(r"""[\s"'<>\\^`{|}]""", value)
    if not plain or not named or parts.username is not None or port not in (None, 443):
        raise ValidationError(
            _("Enter a web address that begins with https://, such as https://clinic.example."), "web"
        )


def real_phone(value: str) -> None:
    """A number of the United States that could exist."""
    try:
        number = phonenumbers.parse(value, "US")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.country_code != 1 or not phonenumbers.is_possible_number(number):
        raise ValidationError(_("Enter a telephone number with its area code, such as 415 555 0132."), "phone")


def known_kinds(value: list[str]) -> None:
    """At least one kind, each once."""
    if not value or len(set(value)) != len(value):
        raise ValidationError(_("Choose at least one kind of care, each once."), "kinds")


def not_in_the_future(value: date) -> None:
    """A day that has come, somewhere in the country."""
    if value > clock.today("America/New_York", clock.now()):
        raise ValidationError(_("This day lies in the future."), "future")


class FacilityQuerySet(models.QuerySet["Facility"]):
    """What the page asks for."""

    def that_offer(self, *, need: str, state: str, insurance: str = "") -> "FacilityQuerySet":
        """Those in a state that give a kind of care and, where one is named, take an insurance."""
        rows = self.for_state(state).filter(kinds__contains=[need])
        return rows.filter(insurance__contains=[insurance]) if insurance else rows

    def for_state(self, state: str) -> "FacilityQuerySet":
        """Those that are shown to people of one state, by name."""
        return self.filter(state=state, is_active=True).order_by("name", "city")


class Facility(BaseModel):
    """One place that gives one or more kinds of care, in one state; a place in two states has two rows."""

    name = models.CharField(_("name"), max_length=120, validators=[plain_line])
    kinds = ArrayField(
        models.CharField(max_length=20, choices=KINDS), verbose_name=_("kinds of care"), validators=[known_kinds]
    )
    street = models.CharField(_("street and number"), max_length=120, validators=[plain_line])
    city = models.CharField(_("city"), max_length=80, validators=[plain_line])
    state = models.CharField(_("state"), max_length=2, choices=STATES)
    zip = models.CharField(
        _("ZIP code"),
        max_length=10,
        validators=[RegexValidator(r"\A\d{5}(-\d{4})?\Z", _("Enter a ZIP code with five digits, such as 94110."))],
    )
    phone = models.CharField(_("telephone"), max_length=20, validators=[real_phone])
    web = models.CharField(
        _("web address"),
        max_length=200,
        blank=True,
        help_text=_("Begins with https://. Leave it empty when there is none."),
        validators=[secure_web],
    )
    insurance = ArrayField(
        models.CharField(max_length=16, choices=INSURANCE),
        verbose_name=_("insurance that it takes"),
        blank=True,
        default=list,
    )
    note = models.CharField(
        _("what patients should know"),
        max_length=300,
        blank=True,
        help_text=_("Patients read this: who may come, whether a referral is needed, what it costs."),
        validators=[plain_line],
    )
    is_active = models.BooleanField(_("shown to patients"), default=True)
    checked_on = models.DateField(
        _("checked on"),
        help_text=_("The day on which somebody of us called or wrote and found all of this right."),
        validators=[not_in_the_future],
    )

    objects = FacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("facility for other care")
        verbose_name_plural = _("facilities for other care")
        ordering = ["state", "name"]
        indexes = [models.Index(fields=["state"], condition=Q(is_active=True), name="intake_facility_shown")]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "zip"],
                name="intake_facility_once",
                violation_error_message=_("This place is in the directory already."),
            ),
            models.CheckConstraint(condition=Q(web="") | Q(web__startswith="https://"), name="intake_facility_https"),
            models.CheckConstraint(condition=Q(kinds__len__gt=0), name="intake_facility_has_kind"),
            models.CheckConstraint(
                condition=Q(state__in=[code for code, _name in STATES]), name="intake_facility_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"

    @property
    def phone_words(self) -> str:
        """The number as people here read it: (415) 555-0132."""
        return phones.in_words(self.phone)

    @property
    def insurance_words(self) -> str:
        """What it takes, in one line; empty when nobody asked."""
        return ", ".join(str(label) for code, label in INSURANCE if code in self.insurance)

    def clean(self) -> None:
        """Keep the telephone number in one form, whichever way it was typed."""
        super().clean()
        try:
            real_phone(self.phone)
        except ValidationError:
            return
        self.phone = phonenumbers.format_number(
            phonenumbers.parse(self.phone, "US"), phonenumbers.PhoneNumberFormat.E164
        )
