"""How alerts are worded for different readers: coordinators see that a patient needs help, not why."""

from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import User
from harmoniously.core.accounts.permissions import Permission, can
from harmoniously.core.alerts.models import Alert, AlertKind, AlertStatus

_TONES = {AlertStatus.OPEN: "danger", AlertStatus.ACKNOWLEDGED: "caution", AlertStatus.RESOLVED: "success"}


def title_for(alert: Alert, reader: User) -> str:
    """What the alert is called: its clinical name for clinicians, what to do for everybody else."""
    if can(reader, Permission.VIEW_CLINICAL) or alert.kind == AlertKind.DELIVERY_FAILED:
        return str(alert.get_kind_display())
    return _("Safety alert: reach a clinician now") if alert.rings else _("A clinician must look at this case")


def tone_of(alert: Alert) -> str:
    """The tone of its status tag."""
    if alert.status == AlertStatus.OPEN and not alert.rings:
        return "caution"
    return _TONES[AlertStatus(alert.status)]
