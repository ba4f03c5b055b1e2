"""A risk of suicide in the note of a visit: somebody learns of it, once, whatever becomes of the draft (I3)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from harmoniously.core.alerts.models import Alert
from harmoniously.core.alerts.selectors import active_hold
from harmoniously.core.alerts.services import acknowledge, clear_hold, open_hold
from harmoniously.core.audit.actors import SYSTEM
from harmoniously.core.common.opened import OpenedPage
from harmoniously.portal import watch
from telemedicine.models import VisitNote
from telemedicine.notes import services
from telemedicine.notes.risk import sweep
from telemedicine.services import visits
from tests.cast import PLAN, make_clinician, signed_in, take_into_care
from tests.telemedicine.conftest import TOMORROW
from tests.telemedicine.test_notes import LATER, WORDS, begin, locked, marks, sign, text

pytestmark = pytest.mark.django_db


def test_a_risk_in_a_draft_reaches_somebody_also_when_nobody_signs(visit, at_noon):
    """I3: by the button, in a tab that lost the race too; else by itself after the minutes of the policy; once."""
    begun = begin(visit, at_noon)
    url, client, edit = f"/admin/visits/{visit.pk}/note/", signed_in(visit.clinician.user), uuid4()
    patient, minute = begun.patient, timedelta(minutes=1)

    def keep(turn, **typed):
        return client.post(f"{url}keep/", {**marks(edit=edit, turn=turn), **typed}).json()["beside"]

    assert "By itself it happens at 10:20 am." in keep(1, risk_level="moderate")
    assert "Nothing has been raised yet." in text(client.get(url))
    assert keep(2, risk_level="low") == ""
    at_noon.move_to(TOMORROW + 12 * minute)
    with CaptureQueriesContext(connection) as asked:
        assert "10:22 am" in keep(3, mental_suicidal="plan")
    assert locked(asked) == ["audit_auditchain", "telemedicine_appointment", "telemedicine_visitnote"]
    at_noon.move_to(TOMORROW + 15 * minute)
    assert "10:22 am" in keep(4, mental_suicidal="plan", risk="Writing on puts nothing off.")
    assert "Nothing was raised." in text(client.post(url, {**marks(), "do": "raise"}))
    assert (Alert.objects.count(), active_hold(patient)) == (0, None)
    late = client.post(url, {**marks(), "risk_level": "moderate", "do": "raise"})
    assert (late.status_code, active_hold(patient).level, Alert.objects.count()) == (409, "moderate", 1)
    # The draft says more than that.
    due = TOMORROW + 22 * minute
    # Whoever is first, the worker or, where it is dead, the web process.
    assert [sweep(now=due - minute), watch.look(now=due), sweep(now=due)] == [0, None, 0]
    high = Alert.objects.get(kind="suicide_risk_high")
    assert active_hold(patient).level == "high"
    acknowledge(alert=high, by=visit.clinician.user, now=due, note="I talk with them.")
    client.post(url, {**marks(edit=edit, turn=5), "risk_level": "high", "do": "raise"})
    assert sweep(now=due + 60 * minute) == 0
    assert Alert.objects.count() == 2, "who answers it has read it: it does not ring again"
    # Once the hold was cleared the button holds and alerts again, as it says; twice does it once.
    clear_hold(
        hold=active_hold(patient), contact_note="Spoke.", safety_plan=PLAN, by=visit.clinician.user, now=due + minute
    )
    assert active_hold(patient) is None
    for turn in (6, 7):
        client.post(url, {**marks(edit=edit, turn=turn), "risk_level": "high", "do": "raise"})
    assert (active_hold(patient).level, Alert.objects.count()) == ("high", 3)


# A hold of before the visit; at which minutes of it who clears it, over a page opened when; what the author writes at
# which minutes, at the last of them perhaps that it is the same; whether that still raises.
CLEARED_AND_WRITTEN = {
    "nothing was cleared": ("high", None, [(10, "moderate")], True),
    "cleared, knowing of it": ("high", ("author", 11, 12), [(10, "moderate")], False),
    "the page of clearing was opened just as it was written": ("high", ("author", 10, 12), [(10, "moderate")], False),
    "cleared over a page opened before it was written": ("high", ("author", 9, 12), [(10, "moderate")], True),
    "cleared before it was written": ("high", ("author", 4, 5), [(10, "moderate")], True),
    "cleared before, and the note says that it is the same": (
        "high",
        ("author", 4, 5),
        [(10, "moderate", "moderate")],
        False,
    ),
    "it rose after the note said so": (
        "high",
        ("author", 4, 5),
        [(8, "moderate", "moderate"), (10, "high", "moderate")],
        True,
    ),
    "a weaker hold is said to be the same": ("moderate", ("author", 4, 5), [(10, "high", "high")], True),
    "a weaker hold was cleared": ("moderate", ("author", 11, 12), [(10, "high")], True),
    "it rose after it was cleared": ("high", ("author", 6, 7), [(5, "moderate"), (10, "high")], True),
    "it sank after it was cleared": ("high", ("author", 6, 7), [(5, "high"), (10, "moderate")], False),
    "it went and came again": ("high", ("author", 6, 7), [(5, "high"), (8, "low"), (10, "high")], True),
    "a colleague cleared it": ("high", ("colleague", 11, 12), [(10, "moderate")], True),
    "a colleague's hold is said to be the same": ("high", ("colleague", 4, 5), [(10, "moderate", "moderate")], True),
    "cleared before the visit, said to be the same": ("high", ("author", -3, -2), [(10, "moderate", "moderate")], True),
}
ALSO_BY_SIGNING = ("cleared, knowing of it", "cleared before it was written")


def test_a_risk_is_raised_unless_it_was_dealt_with_when_a_hold_was_cleared(visit, at_noon):
    """I3: by itself and by signing; what was cleared before a level was written may have been about something else."""
    begun, edit = begin(visit, at_noon), uuid4()
    patient, author = begun.patient, begun.clinician.user
    people = {
        "author": author,
        "colleague": take_into_care(patient, make_clinician("other@example.com")).clinician.user,
    }
    visits.complete(appointment=begun, by=author, now=TOMORROW + timedelta(minutes=20))
    wrong = []

    def minute(number):
        return TOMORROW + timedelta(minutes=number)

    def clear(hold, who, shown, at):
        by = people[who]
        clear_hold(hold=hold, contact_note="x", safety_plan=PLAN, by=by, now=minute(at), shown_at=minute(shown))

    def write(turn, hold, at, level, same=""):
        said = {**WORDS, "risk_level": level, "risk_dealt_with": f"{hold.pk} {same}" if same else ""}
        written = services.Written({name: words for name, words in said.items() if name != "minutes"})
        services.keep(visit=begun, written=written, page=OpenedPage(edit, 0, turn), by=author, now=minute(at))

    for words, (level, cleared, written, raises) in CLEARED_AND_WRITTEN.items():
        for way in ("by itself", "by signing") if words in ALSO_BY_SIGNING else ("by itself",):
            with transaction.atomic():
                hold = open_hold(patient=patient, level=level, about="x", by=SYSTEM, now=minute(-60))
                steps = [(row[0], write, (turn, hold, *row)) for turn, row in enumerate(written, 1)]
                if cleared is not None:
                    steps.append((cleared[2], clear, (hold, *cleared)))
                for _at, do, what in sorted(steps, key=lambda step: step[0]):
                    do(*what)
                if way == "by itself":
                    sweep(now=minute(60))
                else:
                    seen = services.ready(visit=begun, by=author, now=minute(42)).seen
                    services.sign(visit=begun, seen=seen, by=author, now=minute(42))
                if Alert.objects.exists() != raises:
                    wrong.append((words, way))
                transaction.set_rollback(True)
    assert wrong == []


def test_the_author_says_on_the_page_that_a_cleared_hold_was_about_it(visit, at_noon):
    """The question stands there only then; the draft says what it waits for; the signed note says what answered it."""
    begun, edit = begin(visit, at_noon), uuid4()
    url, client = f"/admin/visits/{visit.pk}/note/", signed_in(visit.clinician.user)

    def keep(turn, **typed):
        return client.post(f"{url}keep/", {**marks(edit=edit, turn=turn), **WORDS, **typed}).json()

    assert "when you cleared the hold" not in keep(1)["beside"]
    assert "Did you deal with this risk" not in text(client.get(url))
    keep(2, risk_level="low")
    hold = open_hold(patient=begun.patient, level="high", about="x", by=SYSTEM, now=TOMORROW)
    at = TOMORROW + timedelta(minutes=11)
    clear_hold(hold=hold, contact_note="x", safety_plan=PLAN, by=visit.clinician.user, now=at)
    at_noon.move_to(TOMORROW + timedelta(minutes=13))
    # A page that was opened before the hold was cleared does not have the question; what stands beside names it.
    assert "If you dealt with it when you cleared the hold, choose that above" in keep(3)["beside"]
    assert "Did you deal with this risk" in text(client.get(url))
    assert keep(4, risk_dealt_with=str(hold.pk))["whole"] is False
    named = f"{hold.pk} moderate"
    assert keep(5, risk_dealt_with=named) == {**keep(6, risk_dealt_with=named), "beside": ""}
    both = client.post(url, {**marks(), **WORDS, "risk_dealt_with": "", "do": "save"})
    words = (
        "Hold for high risk cleared Thursday 5 November, 10:11 am Pacific (PST), with the contact and the safety plan"
    )
    [one] = [one for one in both.context["differing"] if one.heading.startswith("Did you")]
    assert (one.here, words in one.there) == ("No, it is new, or I do not know yet", True)
    visits.complete(appointment=begun, by=visit.clinician.user, now=LATER)
    at_noon.move_to(LATER)
    shown, _signed = sign(signed_in(visit.clinician.user), visit)
    assert "stops the treatment" not in text(shown)
    note = VisitNote.objects.get()
    assert words in str(note.content["sections"])
    assert (note.status, Alert.objects.count(), active_hold(begun.patient)) == ("signed", 0, None)
