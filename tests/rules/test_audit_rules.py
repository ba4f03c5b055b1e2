"""Of which kind an action is, by its name."""

from harmoniously.core.audit.rules import Kind, kind_of, wanted
from tests.rules.tables import each


@each(
    ("action", "kind"),
    [
        ("patient.viewed", Kind.READ),
        ("patients.searched", Kind.READ),
        ("product.listed", Kind.READ),
        ("journalentry.read", Kind.READ),
        ("appointment.opened", Kind.READ),
        ("visitnote.opened", Kind.READ),
        ("room.opened", Kind.READ),
        ("safety_hold.opened", Kind.CHANGE),
        ("supply_flag.read", Kind.CHANGE),
        ("visitnote.printed", Kind.TAKEN_OUT),
        ("practice.exported", Kind.TAKEN_OUT),
        ("referral.letter_downloaded", Kind.TAKEN_OUT),
        ("patient.refused", Kind.REFUSED),
        ("session.refused", Kind.REFUSED),
        ("emergencyaccess.not_found", Kind.REFUSED),
        ("emergencyaccess.viewed", Kind.EMERGENCY),
        ("emergencyaccess.opened", Kind.EMERGENCY),
        ("session.started", Kind.SIGN_IN),
        ("account.password_changed", Kind.SIGN_IN),
        ("prescription.signed", Kind.CHANGE),
        ("eligibility.refused", Kind.CHANGE),
        ("something.new", Kind.CHANGE),
    ],
)
def test_every_action_is_of_one_kind(action: str, kind: Kind) -> None:
    assert kind_of(action) is kind


def test_what_is_wanted_begins_with_the_text_whatever_its_case() -> None:
    names = ["patient.viewed", "patient.refused", "visit.viewed"]
    assert wanted(names, kind=None, text="Patient") == ["patient.viewed", "patient.refused"]
    assert wanted(names, kind=Kind.READ, text="") == ["patient.viewed", "visit.viewed"]
    assert wanted(names, kind=Kind.READ, text="visit") == ["visit.viewed"]
    assert wanted(names, kind=Kind.EMERGENCY, text="") == []
