"""When a clinician sees patients: weekly hours on their own clock, the exceptions, and the room around a visit."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import Clinician
from harmoniously.core.common.models import BaseModel
from telemedicine.models.appointment import Kind

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]


class AvailabilityRule(BaseModel):
    """Working hours of one weekday: wall times in the clinician's zone, for the kinds of visit named."""

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="availability_rules")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=WEEKDAYS, validators=[MaxValueValidator(6)])
    starts = models.TimeField(_("from"), help_text=_("On the clinician's own clock."))
    ends = models.TimeField(_("until"))
    kinds = ArrayField(
        models.CharField(max_length=20, choices=Kind.choices),
        verbose_name=_("kinds of visit"),
        help_text=_("evaluation, check_in, integration: separated by commas."),
    )

    class Meta:
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        ordering = ["clinician_id", "weekday", "starts"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="%(app_label)s_%(class)s_ends_after_start"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="%(app_label)s_%(class)s_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class DateHours(BaseModel):
    """Working hours of one date: beside the weekly ones, or in their place."""

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="date_hours")
    day = models.DateField(_("date"))
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    kinds = ArrayField(models.CharField(max_length=20, choices=Kind.choices))
    # Whether the weekly hours of that day do not count.
    instead = models.BooleanField(default=False)

    class Meta:
        ordering = ["day", "starts"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="%(app_label)s_%(class)s_ends_after_start"),
        ]
        indexes = [models.Index(fields=["clinician", "day"], name="telemedicine_datehours_day")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.starts:%H:%M}–{self.ends:%H:%M}"


class WorkingLimits(BaseModel):
    """What a clinician needs around visits, and how many they see in a day; without a row nothing is asked for."""

    clinician = models.OneToOneField(Clinician, on_delete=models.PROTECT, related_name="working_limits")
    minutes_before = models.PositiveSmallIntegerField(default=0)
    minutes_after = models.PositiveSmallIntegerField(default=0)
    daily_maximum = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes_before__lte=120, minutes_after__lte=120), name="%(app_label)s_%(class)s_two_hours"
            ),
            models.CheckConstraint(
                condition=Q(daily_maximum__isnull=True) | Q(daily_maximum__gte=1),
                name="%(app_label)s_%(class)s_at_least_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minutes_before} min before, {self.minutes_after} min after, {self.daily_maximum} a day"


class TimeOff(BaseModel):
    """A stretch in which the clinician sees nobody, whatever the weekly hours say."""

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="time_off")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("time off")
        verbose_name_plural = _("time off")
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="%(app_label)s_%(class)s_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["clinician", "ends_at"], name="telemedicine_timeoff_ends")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}–{self.ends_at:%Y-%m-%d %H:%M} UTC"
