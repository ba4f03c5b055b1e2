"""The note of a visit: one clinician writes it, nothing is lost, and what is signed stays (SEC-05, SEC-07)."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from harmoniously.core.accounts.services import care_relation_close
from harmoniously.core.alerts.models import Alert
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.alerts.services import hold_stand, open_hold
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.documents.services import digest
from harmoniously.core.questions.services import record_assessment
from harmoniously.portal import today
from harmoniously.portal.staff_context import counts
from telemedicine.models import NoteAmendment, VisitNote, WithheldNote
from telemedicine.notes.content import content_of, measured
from telemedicine.notes.gathered import Around, around
from telemedicine.notes.rules.templates import TEMPLATES
from telemedicine.notes.selectors import to_finish
from telemedicine.notes.withholding import give, hold_back
from telemedicine.services import visits
from tests.cast import signed_in, take_into_care
from tests.telemedicine.conftest import TOMORROW
from tests.telemedicine.test_visit_services import HOME

pytestmark = pytest.mark.django_db
END = TOMORROW + timedelta(minutes=41)
LATER = END + timedelta(days=3)
WORDS = {
    "history": "Low since spring. <b>Two trials</b>",
    "mental_suicidal": "denied",
    "mental_homicidal": "denied",
    "mental_mood": "low",
    "risk_level": "moderate",
    "risk": "Asked directly, denied.",
    "assessment": "Depression.",
    "plan": "Second visit in two weeks.",
    "minutes": "41",
}


def text(response):
    return " ".join(response.content.decode().split())


def begin(visit, at_noon):
    visits.state_location(appointment=visit, location=HOME, by=visit.patient.user, now=TOMORROW)
    visits.start(appointment=visit, by=visit.clinician.user, now=TOMORROW)
    record_assessment(
        patient=visit.patient, instrument="gad7", answers=[1] * 7, context="intake", by=visit.patient.user, now=TOMORROW
    )
    at_noon.move_to(TOMORROW + timedelta(minutes=10))
    return visit


@pytest.fixture
def over(visit, at_noon):
    """The visit is over for three days, and nobody wrote its note."""
    begun = begin(visit, at_noon)
    visits.complete(appointment=begun, by=begun.clinician.user, now=END)
    at_noon.move_to(LATER)
    # Answered after the visit: nobody knew it then.
    answered(begun, END + timedelta(seconds=30))
    return begun


def answered(visit, now):
    by = visit.patient.user
    record_assessment(patient=visit.patient, instrument="gad7", answers=[3] * 7, context="check_in", by=by, now=now)


def known_at_it(visit, now):
    return [row["total"] for row in around(visit, now).scores]


def test_what_came_long_after_a_visit_that_nobody_ended_is_not_its_own(visit, at_noon):
    """FI-14, I8: it was over some time after its planned end, or when the care ended; late scores push nothing out."""
    begun = begin(visit, at_noon)
    over = begun.ends_at + timedelta(minutes=30)
    answered(begun, over)
    for minutes in range(1, 62):
        answered(begun, over + timedelta(minutes=minutes))
    assert known_at_it(begun, TOMORROW + timedelta(minutes=20)) == [7]
    assert known_at_it(begun, LATER) == [7, 21]
    care_relation_close(patient=begun.patient, clinician=begun.clinician, now=over - timedelta(seconds=1))
    assert known_at_it(begun, LATER) == [7]
    visits.complete(appointment=begun, by=begun.clinician.user, now=LATER)
    found = around(begun, LATER)
    assert (found.until, found.end_is_known) == (over, False)
    assert known_at_it(begun, LATER) == [7, 21]
    assert "entered only on 8 November 2026" in str(content_of_draft(begun, found))


def test_a_risk_that_was_said_again_and_again_stands_in_one_line_and_a_change_in_its_own():
    """I8: whatever is put together, no finding disappears."""
    at = TOMORROW - timedelta(days=9)
    said = [(0, "none", "session"), (1, "none", "check_in"), (2, "moderate", "check_in"), (3, "none", "check_in")]
    rows = [
        {"instrument": "cssrs", "total": None, "band": b, "context": c, "at": at + timedelta(days=d)}
        for d, b, c in said
    ]
    found = Around(None, TOMORROW, None, False, tuple(rows), (), (), None, ())
    [section] = measured(TEMPLATES["integration"], found, "UTC")
    lines = (
        "27 October 2026 to 28 October 2026: risk none, 2 times (before a dose, check-in)",
        *(f"{day} October 2026: risk {level} (check-in)" for day, level in ((29, "moderate"), (30, "none"))),
    )
    assert section["rows"] == [["C-SSRS", "\n".join(lines)]]


def content_of_draft(visit, found):
    template = TEMPLATES[visit.kind]
    written = {"sections": {}, "billing": {}, "dealt_with": None}
    return content_of(visit=visit, template=template, **written, found=found, now=LATER)["sections"]


def marks(base=0, turn=1, edit=None):
    return {"edit": str(edit or uuid4()), "base": base, "turn": turn}


def sign(client, visit):
    page = client.get(f"/admin/visits/{visit.pk}/note/check/")
    seen = page.context["seen"]
    return page, client.post(f"/admin/visits/{visit.pk}/note/sign/", {"seen": seen})


def no_note_before(visit, client):
    """A visit that did not begin has none."""
    url = f"/admin/visits/{visit.pk}/note/"
    assert client.get(url).status_code == client.post(url, {**marks(), **WORDS}).status_code == 302
    assert client.post(f"{url}keep/", {**marks(), **WORDS}).status_code == 422
    assert not VisitNote.objects.exists()


def listed_from_a_day_after(visit, client):
    """It is asked for 24 hours after the planned end, on the clinician's first page."""
    day = visit.ends_at + timedelta(hours=24)
    for now, waits in ((day - timedelta(seconds=1), False), (day, True)):
        assert to_finish(visit.clinician, now).exists() is waits
    who = visit.clinician.user
    panel = next(one for one in today.panels(who, LATER, counts(who, LATER)) if one.title == "Notes to sign")
    assert [(line.tag, line.url) for line in panel.lines] == [("Overdue", f"/admin/visits/{visit.pk}/note/")]
    return client.get(panel.lines[0].url)


def test_a_draft_survives_two_tabs_a_lost_network_and_wrong_numbers(visit, at_noon, other_prescriber):
    """I9: what was typed is kept or shown again, never overwritten by an older page."""
    url, client = f"/admin/visits/{visit.pk}/note/", signed_in(visit.clinician.user)
    no_note_before(visit, client)
    begun = begin(visit, at_noon)
    client = signed_in(visit.clinician.user)
    one, two = uuid4(), uuid4()

    def keep(**typed):
        return client.post(f"{url}keep/", typed, headers={"accept": "application/json"})

    assert keep(**marks(edit=one, turn=2), history="newer", plan="kept").json()["said"] == "Saved at 10:10 am."
    # What the same page sent before comes late.
    assert keep(**marks(edit=one, turn=1), history="older").status_code == 200
    row = VisitNote.objects.get()
    assert row.sections["history"] == "newer"
    assert keep(**marks(edit=two), history="from the other tab").status_code == 409
    typed = {"history": "from the other tab", "mental_mood": "low", "risk_level": "low", "therapy_minutes": "20"}
    both = client.post(url, {**marks(edit=two), **typed, "codes": ["99203", "90833"], "do": "save"})
    assert both.status_code == 409
    assert [(one.heading, one.here, one.there) for one in both.context["differing"]] == [
        ("History", "from the other tab", "newer"),
        ("Mood", "Low", "Not assessed"),
        ("Level of suicide risk", "Low", "Nothing chosen"),
        ("Plan", "Nothing", "kept"),
        ("Minutes of psychotherapy", "20", "Nothing"),
        (
            "Codes",
            "90833, psychotherapy beside the visit, 16 to 37 minutes\n99203, 30 to 44 minutes, or low decision making",
            "No code",
        ),
    ]
    assert "data-conflict" in text(both), "until a button is pressed neither version is written over"
    typed = {
        **marks(base=both.context["form"]["base"].value()),
        "history": "both",
        "minutes": "a lot",
        "plan": "x" * 20_001,
        "do": "save",
    }
    wrong = client.post(url, typed)
    assert wrong.status_code == 422
    assert "a lot" in text(wrong)
    row.refresh_from_db()
    assert (row.sections["history"], row.sections["plan"]) == ("both", "kept")
    assert keep(history="no marks").status_code == 422
    # Still going on: it can be written and not be signed; nobody else reads a draft.
    assert client.get(f"{url}check/").status_code == 302
    assert client.post(f"{url}sign/", {"seen": "x"}).status_code == 302
    take_into_care(begun.patient, other_prescriber)
    for who in (other_prescriber.user, begun.patient.user):
        assert signed_in(who).get(url).status_code == 404
        assert signed_in(who).get(f"/admin/notes/{row.pk}/").status_code == 404
    assert signed_in(begun.patient.user).get(f"/visits/notes/{row.pk}/").status_code == 404
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM telemedicine_visitnote t")
        assert "both" not in cursor.fetchone()[0]


def the_database_refuses(note):
    for change in (
        f"UPDATE telemedicine_visitnote SET status = 'draft', signed_at = NULL WHERE id = '{note.pk}'",
        f"UPDATE telemedicine_visitnote SET version = version + 1 WHERE id = '{note.pk}'",
        f"DELETE FROM telemedicine_visitnote WHERE id = '{note.pk}'",
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def locked(asked):
    """The tables whose rows were locked, in order: the trail before every row, as everything does that ends a visit."""
    found = [re.search(r'FROM "(\w+)".* FOR (NO KEY )?UPDATE', one["sql"]) for one in asked.captured_queries]
    tables = [one[1] for one in found if one]
    return tables[tables.index("audit_auditchain") :]


def amended_once(client, note):
    """Only what the page showed is signed, once, and then it stays; no words of another tab are lost meanwhile."""
    address = f"/admin/notes/{note.pk}/amend/"

    def amend(words, page, reason="Left out", where=address):
        return client.post(where, {"reason": reason, "words": words, **page})

    def checked():
        return client.get(f"{address}check/").context["seen"]

    first_tab = amended_by_itself(client, note, address, amend)
    for turn in (3, 4):
        assert amend("A brother, too.", {**first_tab, "turn": turn}).status_code == 302
    first = checked()
    both = amend("A sister.", marks(), reason="")
    assert both.status_code == 409, "what stands elsewhere is said before what is missing"
    assert "A brother, too." in text(both)
    assert "A sister." in text(both)
    assert NoteAmendment.objects.get().words == "A brother, too."
    again = {name: both.context["form"][name].value() for name in ("edit", "base", "turn")}
    assert amend("A brother and a sister, too.", again).status_code == 302
    second = checked()
    assert client.post(f"{address}sign/", {"seen": first}).status_code == 409
    assert to_finish(note.author, LATER).exists()
    for _twice in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert client.post(f"{address}sign/", {"seen": second}).status_code == 302
        # Who signs waits for who writes, on the row of the note: an amendment is never written into a signed one.
        assert locked(asked) == ["audit_auditchain", "telemedicine_visitnote"]
    assert not to_finish(note.author, LATER).exists()
    # The tabs that were open all the time write on, by themselves too: their words stand nowhere, so they come back.
    for tab in (again, first_tab):
        assert amend("And an uncle.", {**tab, "turn": 9}, where=f"{address}keep/").status_code == 409
        late = amend("And an uncle.", {**tab, "turn": 10})
        assert late.status_code == 409
        assert "And an uncle." in text(late)
    another = {name: late.context["form"][name].value() for name in ("edit", "base", "turn")}
    for turn, words in ((1, "And an uncle."), (2, "And an uncle of hers."), (3, " ")):
        reason = words.strip() and "Left out"
        assert amend(words, {**another, "turn": turn}, reason=reason).status_code == 302, "one more, which has its own"
    row = NoteAmendment.objects.get()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        row.save()


def amended_by_itself(client, note, address, amend):
    """I9: half of it is kept while it is typed, late news change nothing, and it can be thrown away; the page of it."""
    thrown = marks()
    assert amend("Not so", thrown, reason="", where=f"{address}keep/").json()["state"] == "kept"
    assert [amend(" ", thrown, reason="").status_code for _twice in range(2)] == [302, 422]
    assert not NoteAmendment.objects.exists()
    page = marks()
    assert amend("A bro", {**page, "turn": 2}, reason="", where=f"{address}keep/").status_code == 200
    assert amend("A", page, where=f"{address}keep/").status_code == 200
    assert "A bro" in text(client.get(address)), "what comes late from the same page changes nothing"
    assert client.get(f"{address}check/").url == address
    seen = digest({"reason": "", "words": "A bro"})
    assert client.post(f"{address}sign/", {"seen": seen}).url == address, "half of it is never signed"
    return page


def read_by_whom_it_may(visit, note, colleague):
    """Whoever cares, and the patient, every word; nobody else learns that it is there."""
    assert signed_in(colleague).get(f"/admin/notes/{note.pk}/").status_code == 404
    take_into_care(visit.patient, colleague.clinician)
    patient = signed_in(visit.patient.user)
    pages = [
        signed_in(colleague).get(f"/admin/notes/{note.pk}/"),
        patient.get(f"/visits/notes/{note.pk}/"),
    ]
    for read in map(text, pages):
        assert "&lt;b&gt;Two trials&lt;/b&gt;" in read
        assert (
            read.index("Something was added to it")
            < read.index("In one week.")
            < read.index("A brother and a sister, too.")
        )
    assert f"/visits/notes/{note.pk}/" in text(patient.get(f"/visits/{visit.pk}/"))
    assert signed_in(colleague).get(f"/admin/notes/{note.pk}/amend/").status_code == 404


def held_back_while_it_is_written(client, url, doctor):
    """Its page does not go on saying that the patient reads it; returns the version of the draft."""
    note, told = VisitNote.objects.get(), "The patient reads this note once you sign it"
    assert told in text(client.get(url))
    hold_back(note=note, reason="Qz", review_on=date(2026, 11, 9), by=doctor, now=LATER)
    shown = text(client.get(url))
    assert "looked at again on 9 November 2026" in shown and told not in shown
    give(note=note, by=doctor, now=LATER)
    return note.version


def held_back(visit, note, client, colleague):
    """45 CFR 171.201: with a reason and a day, by whoever wrote it or cares; the patient reads that it is so."""
    address, reader, own = f"/admin/notes/{note.pk}/", signed_in(visit.patient.user), f"/visits/notes/{note.pk}/"
    november = {"reason": "Qzdanger", "review_on_0": "11", "review_on_2": "2026"}
    for day, status in (("8", 422), ("9", 302), ("9", 302)):
        assert client.post(f"{address}hold-back/", {**november, "review_on_1": day}).status_code == status
    assert WithheldNote.objects.count() == 2, "the one of the draft, and this one once"
    page = text(reader.get(own))
    assert "They look at it again on 9 November 2026" in page
    assert not any(words in page for words in ("Two trials", "uncle", "sister", "Qzdanger"))
    assert reader.get(f"{own}pdf/").url == own
    assert "so the patient does not read it for now" in text(client.get(f"{address}amend/"))
    assert "held back for now" in text(reader.get(f"/visits/{visit.pk}/"))
    assert "Two trials" in text(client.get(address)), "whoever cares reads it"
    assert [to_finish(note.author, LATER + timedelta(days=days)).exists() for days in (0, 1)] == [False, True]
    # No decision is left with nobody: a colleague's own, or that of an author who is gone or took up another role.
    author = type(colleague).objects.filter(pk=note.author.user_id)
    gone = ({"is_active": False}, {"role": "administrator"})
    for by, change in ((colleague, {}), *((note.author.user, one) for one in gone)):
        WithheldNote.objects.update(by=by)
        author.update(**{"is_active": True, "role": "prescriber", **change})
        asked = [to_finish(colleague.clinician, LATER + timedelta(days=days)) for days in (0, 1)]
        assert [[visit.note_key for visit in rows] for rows in asked] == [[], [note.pk]], change
    author.update(is_active=True, role="prescriber")
    for _twice in range(2):
        client.post(f"{address}give/")
    assert "Two trials" in text(reader.get(own))


def test_a_note_is_signed_as_it_was_shown_and_never_changes(over, at_noon, other_prescriber):
    """SEC-07: with a second factor, once, word for word; the database refuses the rest; amendments stand beside it."""
    url, doctor = f"/admin/visits/{over.pk}/note/", over.clinician.user
    client = signed_in(doctor)
    opened = listed_from_a_day_after(over, client)
    assert opened.context["form"]["minutes"].value() == 41
    assert "This will be a late entry" in text(opened)
    missing = client.post(url, {**marks(), **WORDS, "risk": " ", "do": "check"})
    assert missing.status_code == 422
    assert "Risk assessment: this is needed before you sign" in text(missing)
    base = held_back_while_it_is_written(client, url, doctor)
    edit = uuid4()
    assert client.post(url, {**marks(base, edit=edit), **WORDS, "codes": "99203", "do": "check"}).url == f"{url}check/"
    stale = client.get(f"{url}check/").context["seen"]
    client.post(url, {**marks(base, 2, edit), **WORDS, "codes": "99203", "plan": "In one week.", "do": "check"})
    assert client.post(f"{url}sign/", {"seen": stale}).status_code == 409
    at_noon.move_to(LATER + timedelta(minutes=6))  # a second factor counts for five
    assert "reauthenticate" in client.post(f"{url}sign/", {"seen": stale}).url
    client = signed_in(doctor)
    # A hold of last week stands, and its alert is long answered: the finding of this visit is news all the same.
    standing = open_hold(patient=over.patient, level="moderate", about="x", by=SYSTEM, now=TOMORROW - timedelta(days=7))
    shown, done = sign(client, over)
    note = VisitNote.objects.get()
    assert done.url == f"/admin/notes/{note.pk}/"
    assert client.post(f"{url}sign/", {"seen": "x"}).url == done.url  # the second click
    assert (note.status, note.content_sha256) == ("signed", digest(note.content))
    assert note.content == shown.context["content"]
    assert (note.visit_began_at, note.visit_ended_at) == (TOMORROW, END)
    # GAD-7 of the beginning; what was answered after the visit does not stand in it.
    assert ["GAD-7", "5 November 2026: 7, mild (questionnaire at the start)"] in note.content["sections"][1]["rows"]
    assert "21" not in str(note.content["sections"][1])
    assert "Signed more than 24 hours after the visit" in str(note.content["facts"])
    assert not to_finish(over.clinician, LATER).exists()
    # I3: what the clinician found holds and alerts as an answer of the patient would, once.
    assert (active_hold(over.patient).level, Alert.objects.get().kind) == ("moderate", "suicide_risk_moderate")
    assert hold_stand(active_hold(over.patient)) != hold_stand(standing)
    the_database_refuses(note)
    assert client.post(f"{url}keep/", {**marks(base, 9, edit), "plan": "later"}).status_code == 409
    assert client.get(url).url == done.url

    amended_once(client, note)
    read_by_whom_it_may(over, note, other_prescriber.user)
    held_back(over, note, client, other_prescriber.user)
    events = AuditEvent.objects.filter(patient=over.patient.pk).values_list("action", flat=True)
    assert {
        f"visitnote.{what}" for what in ("begun", "kept", "signed", "viewed", "refused", "withheld", "given")
    } <= set(events)
