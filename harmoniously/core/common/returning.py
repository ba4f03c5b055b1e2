"""Back to the case: a page that was opened from a case leads back to it, and so does what is done there.

The address carries a word and never an address: "case", or "case-" and the part of the page. Whose case it is follows
from the record that the page is about, so nothing that somebody writes into a link can lead anywhere else.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import Context
from django.urls import reverse
from django.utils.translation import gettext_lazy

NAME = "back"
TITLE = gettext_lazy("Back to the case")
_WORD = re.compile(r"case(?:-[a-z]{1,16}){0,3}")


def word_of(request: HttpRequest) -> str:
    """The word that a request carries; empty for none, and for anything else."""
    word = request.POST.get(NAME) or request.GET.get(NAME) or ""
    return word if _WORD.fullmatch(word) else ""


def case_url(patient_id: UUID | str, word: str) -> str:
    """Where a word leads: the case of the patient, at its part where one is named."""
    part = word.partition("-")[2]
    return reverse("admin:case", args=[patient_id]) + (f"#{part}" if part else "")


def query(word: str) -> str:
    """What a link carries on: empty, or a query."""
    return f"?{urlencode({NAME: word})}" if word else ""


def word_on(context: Context) -> str:
    """The word that a page of the staff was opened with."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    return word_of(request) if request is not None and match is not None and "admin" in match.namespaces else ""


def case_on(context: Context) -> str:
    """Where the page leads back to; empty where it was not opened from a case, or is about nobody."""
    word, patient = word_on(context), context.get("patient")
    return case_url(patient.pk, word) if word and patient is not None else ""


def done(request: HttpRequest, patient_id: UUID, to: str, *args: Any) -> HttpResponse:
    """After something was done: back to the top of the case, which says so; else on to the page with that name."""
    word = word_of(request)
    return redirect(reverse("admin:case", args=[patient_id]) if word else reverse(to, args=args))


def onward(request: HttpRequest, to: str, *args: Any) -> HttpResponse:
    """On to the next page of the same work, which still knows the way back."""
    return redirect(reverse(to, args=args) + query(word_of(request)))
