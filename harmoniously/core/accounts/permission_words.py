"""What each permission means to whoever gives or takes a role; said before a role is changed."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts.permissions import ROLE_PERMISSIONS, Permission
from harmoniously.core.accounts.roles import Role

WORDS: Mapping[Permission, Any] = {
    Permission.VIEW_OWN_RECORD: _("see the own record"),
    Permission.VIEW_CLINICAL: _("read the records of patients in care"),
    Permission.READ_SHARED_JOURNAL: _("read what patients share of their journal"),
    Permission.REVIEW_CASES: _("claim and decide cases"),
    Permission.PRESCRIBE: _("prescribe"),
    Permission.VIEW_SCHEDULE: _("see the schedule"),
    Permission.MANAGE_SCHEDULE: _("book, move and cancel visits of others"),
    Permission.WORK_FOLLOW_UPS: _("work on the worklist"),
    Permission.REGISTER_PATIENTS: _("register patients and correct contact data"),
    Permission.TRACK_PARCELS: _("track parcels"),
    Permission.ACKNOWLEDGE_ALERTS: _("take alerts"),
    Permission.VIEW_ON_CALL: _("see who is on call"),
    Permission.VIEW_PEOPLE: _("see who the patients are"),
    Permission.MANAGE_PEOPLE: _("manage people and set up the practice"),
    Permission.MANAGE_FORMULARY: _("change the formulary and the pharmacies"),
    Permission.MANAGE_DIRECTORY: _("change the list of other care"),
    Permission.MANAGE_BILLING: _("see charges"),
    Permission.VIEW_AUDIT: _("read the audit trail"),
    Permission.VIEW_PRACTICE: _("see the figures of the practice"),
    Permission.VIEW_SYSTEM: _("see how the service stands"),
}


def taken_away(before: Role, after: Role) -> list[str]:
    """What somebody may not do any more after a change of role."""
    lost = ROLE_PERMISSIONS[before] - ROLE_PERMISSIONS[after]
    return [str(WORDS[permission]) for permission in Permission if permission in lost]
