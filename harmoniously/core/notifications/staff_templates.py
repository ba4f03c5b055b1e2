"""What colleagues are sent, in English as their pages are: part of the same closed list."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from harmoniously.core.notifications.templates import Template, template

TEMPLATES: Mapping[str, Template] = {
    one.name: one
    for one in (
        template(
            "staff_alert",
            _("Alert: please open it now"),
            _("An alert of %(when)s at %(clinic)s is waiting for you. It repeats until somebody acknowledges it:"),
            _("%(clinic)s: an alert of %(when)s is waiting for you. Open it now: %(link)s"),
            "when", "link",
            button=_("Open the alert"),
        ),
        template(
            "record_opened",
            _("A record was opened outside of the team"),
            _(
                "On %(when)s a colleague at %(clinic)s opened a record outside of the team, and gave a reason. Sign in "
                "to look at it:"
            ),
            _("%(clinic)s: a record was opened outside of the team on %(when)s. Sign in to look at it: %(link)s"),
            "when", "link",
            button=_("Look at it"),
        ),
        template(
            "recovery_agreed",
            _("A new way into an account was agreed on"),
            _(
                "On %(when)s two colleagues at %(clinic)s agreed to give somebody who lost their way in a new one. It "
                "opens three days later. Sign in to look at it:"
            ),
            _("%(clinic)s: on %(when)s two colleagues agreed on a new way into an account. Look at it: %(link)s"),
            "when", "link",
            button=_("Look at it"),
        ),
        template(
            "recovery_stopped",
            _("A new way into an account was stopped"),
            _(
                "On %(when)s somebody said that it was not them who asked %(clinic)s for a new way into an account. It "
                "is stopped. Sign in to look at who had asked and agreed:"
            ),
            _("%(clinic)s: on %(when)s somebody stopped a new way into an account: not them. Look at it: %(link)s"),
            "when", "link",
            button=_("Look at it"),
        ),
        template(
            "staff_invitation",
            _("You have an account with us"),
            _(
                "%(clinic)s has opened an account for you to work with. Choose a password for this address first, then "
                "sign in and set up the second step:"
            ),
            _("%(clinic)s has opened an account for you. Choose a password here: %(link)s"),
            "link",
            button=_("Choose a password"),
        ),
        template(
            "licence_ends",
            _("A licence ends soon"),
            _(
                "At %(clinic)s a licence to practise ends after %(when)s. What is booked and who is in care there "
                "needs somebody else from then on. See which one it is here:"
            ),
            _("%(clinic)s: a licence to practise ends after %(when)s. See which one here: %(link)s"),
            "when", "link",
            button=_("See the licence"),
        ),
    )
}  # fmt: skip
