"""Invented places for other care, so that the directory can be looked at."""

from datetime import date

from intake.models import Facility
from intake.rules.care import Care

PLACES = (
    ("Harbor Mind Clinic", (Care.CLINIC_ESKETAMINE, Care.PSYCHIATRY), "400 Harbor Way", "Oakland", "CA", "94607"),
    ("Cypress Infusion Center", (Care.CLINIC_INFUSION,), "88 Cypress Street", "San Jose", "CA", "95112"),
    ("New Leaf Recovery", (Care.ADDICTION_CARE, Care.THERAPY), "9 Alder Court", "Sacramento", "CA", "95814"),
    ("Poppy Lane Community Health", (Care.PRIMARY_CARE, Care.THERAPY), "1200 Poppy Lane", "Fresno", "CA", "93721"),
    ("Hudson Esketamine Program", (Care.CLINIC_ESKETAMINE,), "31 West Pier", "New York", "NY", "10011"),
    ("Five Rivers Recovery House", (Care.ADDICTION_CARE,), "77 River Road", "Albany", "NY", "12207"),
)


def fill_directory(checked_on: date) -> None:
    """Add every place as an administrator would: each row passes the checks of the directory."""
    for number, (name, kinds, street, city, state, code) in enumerate(PLACES):
        place = Facility(
            name=name,
            kinds=[kind.value for kind in kinds],
            street=street,
            city=city,
            state=state,
            zip=code,
            phone=f"+1555010{number:04d}",
            web=f"https://{name.lower().replace(' ', '-')}.example/",
            note="" if number % 2 else "Takes new patients. Ask your insurance whether you need a referral.",
            checked_on=checked_on,
        )
        place.full_clean()
        place.save()
