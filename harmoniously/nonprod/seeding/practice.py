"""The invented practice: its clinicians with licences and hours, the on-call list, the office, the formulary."""

from dataclasses import dataclass
from datetime import date, datetime, time

from harmoniously.core.accounts.models import Clinician, Licence, OnCall, User
from harmoniously.core.accounts.roles import Role
from harmoniously.core.common.states import US_STATES
from harmoniously.nonprod.personas.people import BY_KEY
from harmoniously.nonprod.personas.services import account, ensure_account
from harmoniously.nonprod.seeding.directory import fill_directory
from telemedicine.models import AvailabilityRule
from telemedicine.rules.slots import VisitKind
from telemedicine.services import hours
from treatment.models import Pharmacy, Product
from treatment.services.formulary import install_formulary

LICENSED_UNTIL = date(2031, 12, 31)
WEST = ("AZ", "CA", "CO", "NV", "OR", "TX", "UT", "WA")
EAST = ("FL", "GA", "IL", "MA", "NC", "NJ", "NY", "OH", "PA")
FIRST, LAST = time(9), time(17)


@dataclass(frozen=True)
class Practice:
    """Who works here."""

    west: Clinician
    east: Clinician
    therapist: Clinician
    coordinator: User


def open_practice(now: datetime) -> Practice:
    """Make everybody who works here. DEA numbers and NPIs pass their checksums and belong to nobody."""
    _stock(now)
    fill_directory(now.date())
    for key in ("coordinator", "administrator"):
        ensure_account(BY_KEY[key])
    everywhere = tuple(state.code for state in US_STATES)
    west = employ(ensure_account(BY_KEY["prescriber"]), "MD", everywhere, "America/Los_Angeles", "AB1234563")
    east_user = account("prescriber-east@demo.example", "Dr Morgan Ashdown", Role.PRESCRIBER)
    east = employ(east_user, "DO", EAST, "America/New_York", "AJ5184279")
    therapist = employ(ensure_account(BY_KEY["therapist"]), "LMFT", everywhere, "America/Denver", "")
    limits = {"before": 5, "after": 10, "daily_maximum": 9}
    hours.set_limits(clinician=east, **limits, by=east.user, now=now)
    OnCall.objects.create(clinician=west, position=1)
    OnCall.objects.create(clinician=east, position=2)
    return Practice(west, east, therapist, ensure_account(BY_KEY["coordinator"]))


def _stock(now: datetime) -> None:
    """The formulary, made by an invented pharmacy."""
    pharmacy = Pharmacy.objects.create(
        name="Lantern Compounding Pharmacy",
        address="7 Mortar Lane, Testville, CA 90002",
        phone="+15550100140",
        fax="+15550100141",
        ncpdp="0000000",
        licence="CA TEST-0001",
        created_at=now,
    )
    keys = [product.pk for product in install_formulary(now=now)]
    Product.objects.filter(pk__in=keys).update(pharmacy=pharmacy)


def employ(user: User, credentials: str, states: tuple[str, ...], zone: str, dea: str) -> Clinician:
    """A clinician of the practice with licences and hours; without a DEA number one who does not prescribe."""
    clinician = Clinician.objects.create(
        user=user,
        display_name=user.full_name,
        credentials=credentials,
        npi="1234567893" if dea else "",
        dea_number=dea,
        practice_address="20 Orchard Row, Suite 4, Testville, CA 90001",
        phone="+15550100199",
        zone=zone,
    )
    Licence.objects.bulk_create(
        Licence(clinician=clinician, state=state, number=f"{state}-{10_000 + index}", expires_on=LICENSED_UNTIL)
        for index, state in enumerate(states)
    )
    kinds = [VisitKind.EVALUATION.value, VisitKind.CHECK_IN.value] if dea else [VisitKind.INTEGRATION.value]
    AvailabilityRule.objects.bulk_create(
        AvailabilityRule(clinician=clinician, weekday=day, starts=FIRST, ends=LAST, kinds=kinds)
        for day in range(7 if dea else 5)
    )
    return clinician
