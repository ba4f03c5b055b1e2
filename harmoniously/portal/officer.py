"""Telling whoever answers for privacy that something happened that they should look at."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.notifications.models import Channel
from harmoniously.core.notifications.services import schedule

MOST_TOLD = 20


def tell(*, template: str, about: str, now: datetime) -> None:
    """Write to the privacy officer, or to every administrator: that it happened and when; the trail says whose."""
    people = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("created_at")
    address: str = settings.PRIVACY_OFFICER_EMAIL
    # The officer needs no account; a message belongs to one.
    for person in people[: 1 if address else MOST_TOLD]:
        schedule(
            template=template,
            recipient=person,
            channel=Channel.EMAIL,
            due_at=now,
            dedupe_key=f"{about}:{person.pk}",
            about=about,
            variables={"when": now, "link": reverse("admin:audit_trail")},
            address=address,
            now=now,
        )
