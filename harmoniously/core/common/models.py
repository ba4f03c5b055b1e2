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
