"""BUG-06, BUG-07: what a patient types is shown as text everywhere, never as markup, on every page and paper."""

from collections import Counter
from datetime import timedelta
from html import escape
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common import clock
from harmoniously.core.documents.models import SignedDocument
from harmoniously.core.notifications.dispatch import tick
from harmoniously.core.questions.specs import Kind
from harmoniously.nonprod.models import MailboxMessage
from intake.models import EligibilityDecision
from intake.pages import INTAKE
from tests.intake.walk import make_draft, url_of
from tests.pdf_text import words_of
from tests.telemedicine.cases import decide

pytestmark = pytest.mark.django_db

PAYLOADS = (
    "<script>alert(1)</script>",
    "<ScRiPt>alert(2)</sCrIpT>",
    "<script src=//x.example/3></script>",
    "<img src=x onerror=alert(4)>",
    "<svg/onload=alert(5)>",
    "<svg><script>alert(6)</script></svg>",
    "<body onload=alert(7)>",
    "<iframe src=javascript:alert(8)>",
    "<a href=javascript:alert(9)>x</a>",
    "<input autofocus onfocus=alert(10)>",
    "<details open ontoggle=alert(11)>",
    "<video><source onerror=alert(12)>",
    "<math><mi xlink:href=javascript:alert(13)>",
    "<style>*{x:expression(alert(14))}</style>",
    "<link rel=stylesheet href=//x.example/15>",
    "<meta http-equiv=refresh content=0;//x.example/16>",
    "<base href=//x.example/17>",
    "<form action=//x.example/18><button>go",
    "</title><script>alert(19)</script>",
    "</textarea><script>alert(20)</script>",
    "</option></select><img src=x onerror=alert(21)>",
    '"><img src=x onerror=alert(22)>',
    "'><img src=x onerror=alert(23)>",
    '" autofocus onfocus=alert(24) x="',
    "' onmouseover=alert(25) x='",
    "javascript:alert(26)",
    "{{ 27|add:0 }}{% debug %}",
    "${alert(28)}`${29}`",
    "<!--><img src=x onerror=alert(29)>-->",
    '#eval("30") #import "x" $x$ *b* _i_',
)
TEXTS = {Kind.TEXT, Kind.LONG_TEXT}


class Skeleton(HTMLParser):
    """Which elements with which attributes a page has, and what any address in it begins with."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts[tag, tuple(sorted(name for name, _value in attrs))] += 1
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            if name in {"href", "src", "action", "formaction"}:
                assert not (value or "").strip().lower().startswith(("javascript:", "data:", "//")), value


def filled(answers: dict[str, Any], given: tuple[str, ...]) -> dict[str, Any]:
    """The answers with one of the given texts in every text field, and an entry of every list for each of them."""
    found, at = {**answers}, 0
    for page in INTAKE.pages:
        names = [spec.name for spec in page.fields if spec.kind in TEXTS]
        if page.key not in found or not names:
            continue
        if page.repeat is not None:
            one = (found[page.key]["items"] or [{"frequency": "daily"}])[0]
            entries = [{**one, **dict.fromkeys(names, text), "id": uuid4().hex} for text in given]
            found[page.key] = {"items": entries, "complete": True}
            continue
        found[page.key] = {**found[page.key], **{name: given[(at + n) % len(given)] for n, name in enumerate(names)}}
        at += len(names)
    found["about_you"] = {**found["about_you"], "legal_name": given[0]}
    return found


def look(client: Client, addresses: list[str], *, shows: tuple[str, ...] = ()) -> dict[str, Counter[Any]]:
    """How the pages are built. None of them holds a payload as markup, and together they show these texts."""
    seen = {address: client.get(address).content.decode() for address in addresses}
    for address, page in seen.items():
        assert not [text for text in PAYLOADS if "<" in text and text in page], address
    assert not [text for text in shows if escape(text) not in "".join(seen.values())]
    return {address: Skeleton(page).parts for address, page in seen.items()}


def test_bug_06_whatever_is_typed_into_the_intake_stays_text(
    patient: Patient, patient_client: Client, prescriber_client: Client, settings: Any
) -> None:
    """Every text field at once, first harmless words and then the payloads: pages must be built the same."""
    settings.EMAIL_BACKEND = "harmoniously.nonprod.mailbox.backend.MailboxBackend"
    draft = make_draft(patient)
    answers = draft.answers
    asked = [url_of(page.key) for page in INTAKE.pages if page.key in answers]
    built = []
    for given in (tuple(f"harmless {number:02d}" for number in range(len(PAYLOADS))), PAYLOADS):
        draft.answers = filled(answers, given)
        draft.save(update_fields=["answers"])
        built.append(look(patient_client, ["/intake/", "/intake/check/", *asked], shows=given))
    assert built[0] == built[1]

    assert patient_client.post("/intake/check/")["Location"] == "/intake/result/"
    decision = EligibilityDecision.objects.get(patient=patient)
    look(patient_client, ["/intake/result/", "/home/", "/account/"])
    case = [patient.pk]
    data = {"decision": decision.pk, "outcome": "declined", "reason": PAYLOADS[0], "words": PAYLOADS[3]}
    prescriber_client.post(reverse("admin:claim_case", args=case), data)
    answered = reverse("admin:case_answers", args=[patient.pk, decision.pk])
    staff = [reverse("admin:case", args=case), reverse("admin:review_queue"), reverse("admin:index")]
    look(prescriber_client, [*staff, answered], shows=PAYLOADS)

    signed = SignedDocument.objects.get(patient=patient, kind="intake.answers")
    words = words_of(patient_client.get(f"/intake/documents/{signed.pk}/").content)
    assert not [text for text in PAYLOADS if "".join(text.split()) not in words]

    decide(prescriber_client, "decline_case", patient, data)
    # Tomorrow at noon in California, so that no quiet hour decides what is sent.
    tick(now=(clock.now() + timedelta(days=1)).replace(hour=20, minute=0))
    sent = " ".join(f"{mail.subject} {mail.body}" for mail in MailboxMessage.objects.all())
    assert sent
    assert not [text for text in PAYLOADS if text in sent]
    look(patient_client, ["/demo/mailbox/", "/visits/decision/"], shows=(PAYLOADS[3],))
