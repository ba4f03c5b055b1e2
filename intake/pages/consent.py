"""Section "Your consent" of the task list. It is signed on pages of its own (intake/agreements), not as a question."""

from django.utils.translation import gettext_lazy as _

from harmoniously.core.questions.specs import Section

SECTION = Section(
    key="consent",
    title=_("Your consent"),
    minutes=8,
    why=_(
        "You decide, after you have read what the treatment can and cannot do. "
        "You may take your consent back at any time."
    ),
    seen_by=_("You and your care team."),
)
