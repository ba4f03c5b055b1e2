"""A permission lets out its own parts until its own day, and nothing once it is taken back (45 CFR 164.508)."""

from datetime import date, timedelta

from treatment.rules.transfer import LONGEST, PARTS, Permission, allowed, may_last_until, refusals

DAY = date(2026, 11, 4)
ONE = timedelta(days=1)


def test_what_may_go_out_under_a_permission():
    for given, codes in (
        (Permission(["scores"], DAY), []),
        (Permission(["scores"], DAY - ONE), ["permission_expired"]),
        (Permission(["scores"], DAY + ONE), []),
        (Permission(["scores"], DAY, revoked=True), ["permission_revoked"]),
        (Permission([], DAY), ["permission_parts"]),
        (Permission(["scores", "substances"], DAY), ["permission_parts"]),
    ):
        assert [item.code for item in refusals(given, today=DAY)] == codes, given
    for until, may in ((DAY - ONE, False), (DAY, True), (DAY + LONGEST, True), (DAY + LONGEST + ONE, False)):
        assert may_last_until(until, today=DAY) is may, until
    assert allowed({"summary", "course", "nothing"}) == ("course", "summary")
    assert "substances" not in PARTS
