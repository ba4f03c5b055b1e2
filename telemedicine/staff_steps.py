"""What a coordinator does next about visits, messages and referrals that stand on the worklist, and where."""

from django.urls import reverse
from django.utils.translation import gettext as _

from harmoniously.core.alerts.models import FollowUp
from harmoniously.core.alerts.presenting import NextStep
from telemedicine.conversation.chasing import ours


def find_time(row: FollowUp) -> NextStep:
    """Somebody needs a visit, or an earlier one."""
    return NextStep(_("Find a time"), reverse("admin:book_for", args=[row.patient_id]))


def answer(row: FollowUp) -> NextStep:
    """What coordinators may read they answer; of the rest they see whose it is, and ask them."""
    thread = ours(row.about)
    if thread:
        return NextStep(_("Answer it"), reverse("admin:message_thread", args=[thread]))
    return NextStep(_("Ask who has it"), f"{reverse('admin:messages')}?show=all")


def ask_on(row: FollowUp) -> NextStep:
    """Whether the visit elsewhere took place."""
    return NextStep(_("Ask, and note it"), reverse("admin:referral_outcome", args=[row.about.partition(":")[2]]))


def arrange_in_person(row: FollowUp) -> NextStep:
    """The patient is to be seen in person; where to is the prescriber's word, which may say why."""
    return NextStep(_("Ask the prescriber where, then call"), reverse("admin:patient", args=[row.patient_id]))
