"""What people type into a conversation."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.forms import CardRadioSelect
from harmoniously.core.documents.cleaning import MEGABYTE, MOST_BYTES
from telemedicine.conversation.services import LONGEST
from telemedicine.models import Topic

TYPES = "image/jpeg,image/png,image/webp,application/pdf"


class MessageForm(forms.Form):
    """A message, perhaps with a file, and a token so that sending twice writes once."""

    body = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write your message first.")},
    )
    file = forms.FileField(
        label=_("A photo or a letter"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput({"accept": TYPES}),
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    shown = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "A photo (JPG or PNG), or a PDF with up to 10 pages. At most %(size)s MB."
        ) % {"size": MOST_BYTES // MEGABYTE}


class NewThreadForm(MessageForm):
    """The first message, and what it is about."""

    topic = forms.ChoiceField(
        label=_("What is it about?"),
        choices=Topic.choices,
        widget=CardRadioSelect(),
        error_messages={"required": _("Choose what it is about, so that the right person reads it.")},
    )
    field_order = ("topic", "body", "file")
