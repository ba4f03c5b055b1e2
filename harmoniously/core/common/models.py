"""What every table of the practice shares."""

import uuid

from django.db import models

from harmoniously.core.common import clock


class BaseModel(models.Model):
    """A row with an opaque identifier, known before it is saved, and the moment it came to be."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True


class SignOfLife(models.Model):
    """When something that works unseen last said that it had done its round. One row for each; nothing of a person."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()
    # When it did so for the first time.
    since = models.DateTimeField(default=clock.wall)

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"
