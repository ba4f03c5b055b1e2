"""The formulary that the practice starts with; an administrator changes it on the staff site."""

from datetime import datetime
from decimal import Decimal

from treatment.models import Form, PriceClass, Product
from treatment.models.formulary import SwallowOrSpit

# House policy 8. The nasal spray is listed and off (FDA alert on compounded nasal sprays, February 2022).
_STARTING = (
    *((Form.LOZENGE, mg, True) for mg in (25, 50, 100, 150, 200)),
    *((Form.TROCHE, mg, True) for mg in (50, 100, 200)),
    *((Form.TABLET, mg, True) for mg in (25, 50, 100)),
    (Form.NASAL_SPRAY, 15, False),
)
# House policy 8 leaves it to the product. We start with this; an administrator may set each product otherwise, and
# the patient's pages and the check of the directions follow.
_AFTERWARDS = {
    Form.LOZENGE: SwallowOrSpit.SPIT,
    Form.TROCHE: SwallowOrSpit.SPIT,
    Form.TABLET: SwallowOrSpit.SWALLOW,
    Form.NASAL_SPRAY: SwallowOrSpit.SWALLOW,
}


def _price_class(strength: int) -> PriceClass:
    """What we start with; an administrator sets it to what the pharmacy asks for."""
    if strength <= 50:
        return PriceClass.A
    return PriceClass.B if strength <= 100 else PriceClass.C


def install_formulary(*, now: datetime) -> list[Product]:
    """Add the products of the starting formulary that are missing, by name; never changes one that is there."""
    starting = [
        Product(
            name=f"{form.label} {strength} mg",
            form=form,
            strength_mg=Decimal(strength),
            swallow_or_spit=_AFTERWARDS[form],
            price_class=_price_class(strength),
            enabled=enabled,
            created_at=now,
        )
        for form, strength, enabled in _STARTING
    ]
    Product.objects.bulk_create(starting, ignore_conflicts=True)
    there = Product.objects.in_bulk([row.name for row in starting], field_name="name")
    return [there[row.name] for row in starting]
