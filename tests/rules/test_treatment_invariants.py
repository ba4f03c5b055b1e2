"""I1 and I2 over whole lives: whatever is tried in whatever order, the rules let nothing through that breaks them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.tables import TRIES
from treatment import policy
from treatment.rules import law
from treatment.rules.readiness import GateFacts, GateVerdict, Reading, assess_gate
from treatment.rules.supply import Supply, check_shipment, check_take

POLICY = policy.load()
ISSUED = date(2026, 6, 1)
BEGIN = datetime(2026, 6, 1, 18, tzinfo=UTC)
LAST_DAY = date(2026, 12, 1)
READY = {
    "sitter_adult": True, "sitter_reachable": True, "address_confirmed": True, "food_ok": True, "liquids_ok": True,
    "alcohol_or_cannabis": False, "new_medicine": False, "illness": False, "pregnancy_possible": False,
    "will_not_drive": True, "risk": "none", "consents_in_force": True, "seated": True,
    "licensed_there": True,
}  # fmt: skip
# Hours before each try, around the limits on purpose: 72 hours, and the last day of the prescription.
GAPS = st.sampled_from([0, 71, 71, 72, 73, 24 * 182, 24 * 184])


def lives(*tries):
    """Lists of tries, each after so many hours with an amount."""
    return st.lists(st.tuples(GAPS, st.sampled_from(tries), st.integers(-1, 4)), min_size=6, max_size=14)


@dataclass
class World:
    """The facts as the database would hold them; only the rules decide what may happen."""

    prescribed: int
    per_session: int
    now: datetime = BEGIN
    sitter: bool = True
    signed: bool = True
    parcels: list[list] = field(default_factory=list)  # [units, state]
    taken_at: list[datetime] = field(default_factory=list)

    def supply(self) -> Supply:
        return Supply(
            prescribed=self.prescribed,
            shipped=sum(units for units, state in self.parcels if state != "lost"),
            delivered=sum(units for units, state in self.parcels if state == "arrived"),
            taken=len(self.taken_at) * self.per_session,
            units_per_session=self.per_session,
            strength_mg=Decimal(100),
        )

    def valid(self) -> bool:
        return self.signed and not law.check_unexpired(ISSUED, self.now.date(), POLICY)

    def gate(self):
        supply = self.supply()
        hours = (self.now - self.taken_at[-1]).total_seconds() / 3600 if self.taken_at else None
        readings = tuple(Reading(self.now, 120, 80, 70) for _ in range(2))
        return assess_gate(
            GateFacts(
                **READY,
                sitter_confirmed=self.sitter,
                prescription_valid=self.valid(),
                sessions_at_home=0 if check_take(supply) else supply.sessions_at_home,
                hours_since_last=hours,
                rounds=(readings,),
            ),
            POLICY,
        )

    def happens(self, name: str, amount: int) -> bool:
        """Try it; True when a dose was taken."""
        if name == "sitter":
            self.sitter = amount > 2
        elif name == "stop" and amount == 0:
            self.signed = False
        elif name == "ship" and self.valid() and not check_shipment(self.supply(), amount):
            self.parcels.append([amount, "ordered"])
        elif name in ("arrive", "lose"):
            parcel = next((row for row in self.parcels if row[1] == "ordered"), None)
            if parcel is not None:
                parcel[1] = "arrived" if name == "arrive" else "lost"
        elif name == "take" and self.gate().verdict is GateVerdict.RELEASED:
            self.taken_at.append(self.now)
            return True
        return False


def test_a_life_without_trouble_takes_its_doses():
    """Else the two properties below would prove nothing."""
    world = World(prescribed=2, per_session=1)
    assert not world.happens("take", 0)
    world.happens("ship", 2)
    world.happens("arrive", 0)
    assert world.happens("take", 0) and not world.happens("take", 0)
    world.now += timedelta(hours=72)
    assert world.happens("take", 0)


@TRIES
@given(st.integers(1, 2), st.integers(1, 3), lives("ship", "ship", "arrive", "lose", "take"))
def test_no_order_of_events_takes_or_ships_more_than_was_prescribed(per_session, sessions, events):
    """I2."""
    world = World(prescribed=per_session * sessions, per_session=per_session)
    world.happens("ship", min(2, sessions) * per_session)
    world.happens("arrive", 0)
    for hours, name, amount in events:
        world.now += timedelta(hours=hours)
        world.happens(name, amount)
        shipped = sum(units for units, state in world.parcels if state != "lost")
        arrived = sum(units for units, state in world.parcels if state == "arrived")
        taken = per_session * len(world.taken_at)
        assert 0 <= taken <= arrived <= shipped <= world.prescribed
        assert taken * Decimal(100) <= world.prescribed * Decimal(100)


@TRIES
@given(
    st.integers(1, 2), st.integers(2, 6), lives("take", "take", "take", "sitter", "sitter", "ship", "arrive", "stop")
)
def test_no_order_of_events_begins_a_session_without_all_of_its_conditions(per_session, sessions, events):
    """I1: a passed gate, a signed prescription on an unexpired day with supply, a sitter, 72 hours."""
    world = World(prescribed=per_session * sessions, per_session=per_session)
    world.happens("ship", min(2, sessions) * per_session)
    world.happens("arrive", 0)
    for hours, name, amount in events:
        world.now += timedelta(hours=hours)
        before = list(world.taken_at)
        home = sum(units for units, state in world.parcels if state == "arrived") - per_session * len(before)
        if not world.happens(name, amount):
            continue
        assert world.signed and ISSUED <= world.now.date() <= LAST_DAY
        assert world.sitter and home >= per_session
        assert not before or world.now - before[-1] >= timedelta(hours=72)
