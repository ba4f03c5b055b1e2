"""What a coordinator does next about a parcel that stands on the worklist, and where."""

from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.alerts.models import FollowUp
from harmoniously.core.alerts.presenting import NextStep


def open_parcel(row: FollowUp) -> NextStep:
    """Which pharmacy has it, whether it may go, how far it is."""
    return NextStep(_("Open the parcel"), reverse("admin:parcel", args=[row.about.partition(":")[2]]))
