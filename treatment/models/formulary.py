"""The formulary: what may be prescribed, with how it is taken, and the pharmacies that make it."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.models import BaseModel
from treatment.rules.safety import Window


class Form(models.TextChoices):
    """The forms of policy section 8; the nasal spray is listed and off."""

    LOZENGE = "lozenge", _("Lozenge")
    TROCHE = "troche", _("Troche")
    TABLET = "rapid_dissolve_tablet", _("Rapid-dissolve tablet")
    NASAL_SPRAY = "nasal_spray", _("Nasal spray")


class SwallowOrSpit(models.TextChoices):
    """What to do with what is left in the mouth after the hold."""

    SWALLOW = "swallow", _("Swallow")
    SPIT = "spit", _("Spit out")


class PriceClass(models.TextChoices):
    """What the patient pays for it, as a letter: whoever handles money learns nothing of the product."""

    A = "a", _("Class A")
    B = "b", _("Class B")
    C = "c", _("Class C")


class Pharmacy(BaseModel):
    """A compounding pharmacy that fills our orders. Signed orders keep its name as it was on the day."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    address = models.CharField(_("address"), max_length=200)
    phone = models.CharField(_("phone"), max_length=20)
    fax = models.CharField(_("fax"), max_length=20, blank=True)
    ncpdp = models.CharField(
        _("NCPDP number"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^\d{7}$", _("Seven digits."))],
        help_text=_("The seven digits under which pharmacies are listed."),
    )
    licence = models.CharField(_("licence"), max_length=40, blank=True, help_text=_("State and number."))
    enabled = models.BooleanField(_("takes orders"), default=True)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name_plural = _("pharmacies")

    def __str__(self) -> str:
        return self.name


class Product(BaseModel):
    """One strength of one form; minutes count from the moment it is put into the mouth."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    form = models.CharField(_("form"), max_length=24, choices=Form.choices)
    strength_mg = models.DecimalField(_("strength in mg"), max_digits=6, decimal_places=2)
    hold_minutes = models.PositiveSmallIntegerField(_("hold time in minutes"), default=10)
    swallow_or_spit = models.CharField(
        _("afterwards"), max_length=8, choices=SwallowOrSpit.choices, default=SwallowOrSpit.SWALLOW
    )
    dissolve_until = models.PositiveSmallIntegerField(default=15)
    peak_until = models.PositiveSmallIntegerField(default=45)
    fading_until = models.PositiveSmallIntegerField(default=75)
    balance_until = models.PositiveSmallIntegerField(default=120)
    pharmacy = models.ForeignKey(
        Pharmacy, verbose_name=_("pharmacy"), null=True, blank=True, on_delete=models.PROTECT, related_name="products"
    )
    price_class = models.CharField(_("price class"), max_length=1, choices=PriceClass.choices, default=PriceClass.A)
    enabled = models.BooleanField(_("may be prescribed"), default=True)

    class Meta:
        ordering: ClassVar = ["form", "strength_mg"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(strength_mg__gt=0), name="treatment_product_strength_positive"),
            models.CheckConstraint(
                condition=Q(
                    hold_minutes__gt=0,
                    hold_minutes__lte=F("dissolve_until"),
                    dissolve_until__lt=F("peak_until"),
                    peak_until__lt=F("fading_until"),
                    fading_until__lt=F("balance_until"),
                ),
                name="treatment_product_window_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def window(self) -> Window:
        """The effect window as the rules read it."""
        return Window(self.hold_minutes, self.dissolve_until, self.peak_until, self.fading_until, self.balance_until)
