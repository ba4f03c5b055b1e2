"""The rota: who is on call each week, exceptions by date, and who accepted the duty."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.models import ZONE_CHOICES, Clinician
from harmoniously.core.common.models import BaseModel

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


class DutyWeek(BaseModel):
    """One entry of the weekly rota; it ends on the next day where `ends` is not after `starts`."""

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="duty_weeks")
    weekday = models.PositiveSmallIntegerField(choices=WEEKDAYS)
    starts = models.TimeField()
    ends = models.TimeField()
    zone = models.CharField(max_length=40, choices=ZONE_CHOICES)

    class Meta:
        ordering: ClassVar = ["weekday", "starts"]
        constraints: ClassVar = [
            models.CheckConstraint(name="alerts_dutyweek_weekday", condition=models.Q(weekday__lte=6)),
            models.UniqueConstraint(
                fields=["clinician", "weekday", "starts", "zone"], name="alerts_dutyweek_once_per_person_and_hour"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}-{self.ends:%H:%M} {self.clinician}"


class DutyException(BaseModel):
    """Somebody is on call for a time in place of whom the rota names."""

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="duty_exceptions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["starts_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="alerts_dutyexception_ends_after_start", condition=models.Q(ends_at__gt=models.F("starts_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clinician} from {self.starts_at:%Y-%m-%d %H:%M}"


class DutyAcceptance(BaseModel):
    """A clinician took over the duty; whoever did so last holds it."""

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="duty_acceptances")
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"{self.clinician} since {self.at:%Y-%m-%d %H:%M}"
