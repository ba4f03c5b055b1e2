"""The room of a video visit, and what its browsers tell each other until they are connected."""

from django.db import models

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import EncryptedJSONField
from harmoniously.core.common.models import BaseModel
from telemedicine.models.appointment import Appointment
from telemedicine.rules.calls import Seat

SEATS = [(seat.value, seat.value) for seat in Seat]


class Room(BaseModel):
    """There once the patient agreed to meet by video. A visit that is moved gets another: `sequence` is the visit's."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="rooms")
    sequence = models.PositiveIntegerField()
    consented_at = models.DateTimeField()
    patient_seen_at = models.DateTimeField(null=True, blank=True)
    clinician_seen_at = models.DateTimeField(null=True, blank=True)
    # Nobody is connected before the clinician admits.
    admitted_at = models.DateTimeField(null=True, blank=True)
    # The patient wants to be called by telephone instead.
    phone_asked_at = models.DateTimeField(null=True, blank=True)
    # How often a third person went: a provider that gives out tokens then needs another room.
    turn = models.PositiveIntegerField(default=0)
    # How many signals were written; the next one's number, given out under the lock of this row.
    signals_sent = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appointment", "sequence"], name="%(app_label)s_%(class)s_one_each_time")
        ]

    def __str__(self) -> str:
        return f"room {self.pk}"

    @property
    def patient(self) -> Patient:
        """Whose visit it is, for the trail."""
        return self.appointment.patient


class Signal(BaseModel):
    """One message from one browser to another. It names network addresses: sealed, and gone after two minutes."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="signals")
    from_seat = models.CharField(max_length=10, choices=SEATS)
    to_seat = models.CharField(max_length=10, choices=SEATS)
    seq = models.PositiveIntegerField()
    payload = EncryptedJSONField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["room", "seq"], name="%(app_label)s_%(class)s_in_order")]

    def __str__(self) -> str:
        return f"signal {self.seq}"
