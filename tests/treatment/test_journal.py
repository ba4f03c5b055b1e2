"""The journal is the patient's: nothing is lost or doubled, and nobody reads what was not shared (I7, I9, SEC-05)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from harmoniously.core.accounts.services import care_relation_close
from harmoniously.core.alerts.models import Alert
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common import clock
from harmoniously.core.common.opened import OpenedPage
from tests import cast
from treatment import journal_prompts
from treatment.models import JournalEntry, JournalShare
from treatment.selecting import journal as journal_selectors
from treatment.services import journal
from treatment.services.journal import Words

SECRET = "Qzjournal: the sea was very quiet"


def page(**given):
    return OpenedPage(**{"edit": uuid4(), **given})


@pytest.fixture
def team(patient, prescriber, therapist):
    since = clock.now() - timedelta(days=1)
    for clinician in (prescriber, therapist):
        cast.take_into_care(patient, clinician, since)
    return patient


@pytest.fixture
def entry(team):
    return journal.save_entry(
        patient=team, token=uuid4(), words=Words(SECRET), page=page(), by=team.user, now=clock.now()
    )


def sent(entry_or_token, text=SECRET, **given):
    token = getattr(entry_or_token, "token", entry_or_token)
    return {"text": text, "token": token, "edit": uuid4(), "base": 0, "turn": 0, "prompt": "", "session": "", **given}


def test_i9_a_page_sent_twice_makes_one_entry_and_two_devices_keep_both_texts(team, patient_client):
    form = sent(uuid4(), prompt="after_first")
    first, second = (patient_client.post(reverse("treatment:journal_write"), form) for _ in range(2))
    assert first.status_code == second.status_code == 302
    [row] = JournalEntry.objects.all()
    assert (row.text, row.prompt, row.prompts_version) == (SECRET, "after_first", "2026.1")
    assert first.url == second.url == reverse("treatment:journal_entry", args=[row.pk])

    edit = reverse("treatment:journal_edit", args=[row.pk])
    phone = sent(row, "from the phone", base=row.version)
    assert patient_client.post(edit, phone).status_code == 302
    stale = patient_client.post(edit, sent(row, "from the tablet", base=row.version))
    assert stale.status_code == 409
    both = stale.content.decode()
    assert "from the phone" in both
    assert "from the tablet" in both
    # The page of the conflict saves either in its place, or beside it.
    fields = {name: stale.context["form"][name].value() for name in ("token", "edit", "base", "turn")}
    assert patient_client.post(edit, sent(row, "from the tablet", **fields)).status_code == 302
    row.refresh_from_db()
    assert row.text == "from the tablet"
    beside = sent(row, "a third", base=0, as_new=uuid4())
    assert patient_client.post(edit, beside).status_code == 302
    assert {one.text for one in JournalEntry.objects.all()} == {"from the tablet", "a third"}

    # Deleted on one device while it is written on another: the words come back to the one who wrote them.
    assert patient_client.post(reverse("treatment:journal_delete", args=[row.pk])).status_code == 302
    gone = patient_client.post(edit, sent(row, "still writing", base=row.version))
    assert gone.status_code == 409
    assert "still writing" in gone.content.decode()
    row.refresh_from_db()
    assert (row.text, row.draft) == ("", None)
    empty = patient_client.post(reverse("treatment:journal_write"), sent(uuid4(), "  "))
    assert empty.status_code == 422


def test_i9_what_is_typed_is_kept_and_only_saving_shows_it_to_the_therapist(team, patient_client, therapist):
    keep, token = reverse("treatment:journal_keep"), uuid4()
    assert patient_client.post(keep, sent(token, "")).json() == {"state": "kept"}
    assert not JournalEntry.objects.exists()
    opened = uuid4()
    for turn, text in ((1, "half a"), (3, "half a sentence"), (2, "half a sent")):
        assert patient_client.post(keep, sent(token, text, edit=opened, turn=turn)).status_code == 200
    [row] = JournalEntry.objects.all()
    assert (row.text, row.draft) == ("", "half a sentence")
    # An entry that was only kept cannot be shared by mistake.
    share = reverse("treatment:journal_share", args=[row.pk])
    patient_client.post(share, {"therapist": str(therapist.pk)})
    assert not JournalShare.objects.exists()
    whole = sent(token, "A whole sentence.", edit=opened, turn=4)
    assert patient_client.post(reverse("treatment:journal_write"), whole).status_code == 302
    patient_client.post(share, {"therapist": str(therapist.pk)})
    patient_client.post(share, {"therapist": str(therapist.pk)})
    assert JournalShare.objects.count() == 1
    assert patient_client.post(keep, sent(token, "not for Pat", edit=opened, turn=5)).status_code == 200
    other_device = patient_client.post(keep, sent(token, "late", base=1))
    assert other_device.status_code == 409
    seen = cast.signed_in(therapist.user).get(reverse("admin:shared_journal_entry", args=[row.pk])).content.decode()
    assert "A whole sentence." in seen
    assert "not for Pat" not in seen
    assert b"not for Pat" in patient_client.get(reverse("treatment:journal_file")).content
    # Words that may mean danger ring only where somebody else may read them; the writer sees help in any case (I3).
    for private, told in ((True, 0), (False, 1)):
        write = reverse("treatment:journal_write") if private else reverse("treatment:journal_edit", args=[row.pk])
        given = sent(uuid4() if private else token, "I want to die", edit=opened, turn=9, base=0 if private else 3)
        assert patient_client.post(write, given).url == reverse("intake:crisis")
        assert Alert.objects.filter(kind="crisis_words").count() == told


def test_i7_nobody_finds_what_is_not_shared_and_the_trail_tells_no_staff_of_it(
    entry, team, therapist, prescriber, coordinator, administrator, patient_client, other_client
):
    """SEC-06, BUG-01: the therapist in care reads an entry from sharing to taking back; nobody else ever."""
    address = reverse("admin:shared_journal_entry", args=[entry.pk])
    clients = {
        user.role: cast.signed_in(user) for user in (therapist.user, prescriber.user, coordinator, administrator)
    }

    def answers():
        return {role: client.get(address).status_code for role, client in clients.items()}

    closed = {"therapist": 404, "prescriber": 403, "coordinator": 403, "administrator": 403}
    assert answers() == closed
    for name in ("entry", "edit", "delete"):
        assert other_client.get(reverse(f"treatment:journal_{name}", args=[entry.pk])).status_code == 404
    for name in ("edit", "share", "take_back", "drop_draft", "delete"):
        assert other_client.post(reverse(f"treatment:journal_{name}", args=[entry.pk])).status_code == 404
    listed = reverse("admin:shared_journal")
    assert team.display_name not in clients["therapist"].get(listed).content.decode()
    for role, client in clients.items():
        record = client.get(reverse("admin:patient", args=[team.pk])).content.decode()
        assert "Qzjournal" not in record, role
        assert str(entry.pk) not in record, role
    trail = clients["administrator"].get(reverse("admin:audit_trail"), {"q": "journal"}).content.decode()
    assert str(entry.pk) not in trail
    assert "journalentry." not in trail
    assert AuditEvent.objects.filter(action="journalentry.saved").exists()

    patient_client.post(reverse("treatment:journal_share", args=[entry.pk]), {"therapist": str(prescriber.pk)})
    assert answers() == closed  # a prescriber is no therapist, whatever a form says
    patient_client.post(reverse("treatment:journal_share", args=[entry.pk]), {"therapist": str(therapist.pk)})
    assert "Not read yet" in patient_client.get(reverse("treatment:journal_entry", args=[entry.pk])).content.decode()
    assert answers() == {**closed, "therapist": 200}
    assert team.display_name in clients["therapist"].get(listed).content.decode()
    assert (
        "Pat Model read it on"
        in patient_client.get(reverse("treatment:journal_entry", args=[entry.pk])).content.decode()
    )
    assert "journalentry.read" in clients["administrator"].get(reverse("admin:audit_trail")).content.decode()

    patient_client.post(reverse("treatment:journal_take_back", args=[entry.pk]))
    assert answers() == closed
    journal.share_entry(entry=entry, clinician=therapist, by=team.user, now=clock.now())
    care_relation_close(patient=team, clinician=therapist, now=clock.now())
    assert answers() == closed
    # The share ended with the care: a therapist who comes back reads nothing until the patient shares it anew.
    cast.take_into_care(team, therapist, clock.now())
    assert answers() == closed
    assert journal_selectors.shares_of([entry], clock.now()) == {}
    journal.share_entry(entry=entry, clinician=therapist, by=team.user, now=clock.now())
    assert answers() == {**closed, "therapist": 200}
    for event in AuditEvent.objects.all():
        assert "Qzjournal" not in event.payload


def test_every_question_has_a_place_and_a_code_that_fits():
    for version in journal_prompts.SETS:
        rows = [row for _title, group in journal_prompts.grouped(version) for row in group]
        assert {row.code for row in rows} == {row.code for row in journal_prompts.SETS[version]}
        assert max(len(row.code) for row in rows) <= JournalEntry._meta.get_field("prompt").max_length
