"""Which kinds of care fit when treatment at home does not, from what the findings are about (policy sections 2 to 7).

A clinic that gives ketamine or esketamine under watch is named only when nothing that was found speaks against the
medicine itself: what rules it out rules it out there too, and a clinic would send the person away again.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any


class Care(StrEnum):
    """A kind of care; also what a facility in the directory offers."""

    PRIMARY_CARE = "primary_care"
    THERAPY = "therapy"
    PSYCHIATRY = "psychiatry"
    ADDICTION_CARE = "addiction_care"
    CLINIC_INFUSION = "clinic_infusion"
    CLINIC_ESKETAMINE = "clinic_esketamine"
    CRISIS = "crisis"


CLINICS = (Care.CLINIC_INFUSION, Care.CLINIC_ESKETAMINE)
_MIND = (Care.PSYCHIATRY, Care.THERAPY)
_RECOVERY = (Care.ADDICTION_CARE, Care.THERAPY)
_WATCHED = (*CLINICS, Care.PRIMARY_CARE, Care.THERAPY)
# Whatever is not listed: a doctor in person and therapy, and no clinic, because it may speak against the medicine.
_OTHERWISE = (Care.PRIMARY_CARE, Care.THERAPY)

_BY_SUBJECT: Mapping[str, tuple[Care, ...]] = {
    # The home is what stands in the way; a clinic with staff and monitors may still be able to.
    "state": _WATCHED,
    "sitter": _WATCHED,
    "respiratory_severe": _WATCHED,
    "seizures": _WATCHED,
    "indication": (*_MIND, Care.PRIMARY_CARE),
    "treatment_resistance": (*_MIND, Care.PRIMARY_CARE),
    **dict.fromkeys(("schizophrenia", "schizoaffective", "psychosis_current", "mania_current", "bipolar"), _MIND),
    **dict.fromkeys(
        (
            "substance_use_disorder",
            "opioid_use_disorder",
            "alcohol",
            "cannabis",
            "opioid",
            "cocaine",
            "stimulant",
            "sedative",
            "ketamine",
            "pcp",
            "other",
        ),
        _RECOVERY,
    ),
}


def care_that_fits(findings: Iterable[Mapping[str, Any]]) -> tuple[Care, ...]:
    """The kinds of care that fit a decision's findings, as stored (`tier`, `about`, `code`); empty when none needs it.

    What excludes decides; without an exclusion, what has to be known first does. Clinics only when every one of those
    reasons leaves them open.
    """
    rows = list(findings)
    deciding = [row for row in rows if row["tier"] == "exclude"] or [
        row for row in rows if row["tier"] == "information" and row["about"] in _BY_SUBJECT
    ]
    kinds = [_for(row) for row in deciding]
    everywhere = set(CLINICS).intersection(*kinds) if kinds else set()
    named = {kind for fitting in kinds for kind in fitting if kind not in CLINICS or kind in everywhere}
    return tuple(kind for kind in Care if kind in named)


def _for(row: Mapping[str, Any]) -> tuple[Care, ...]:
    # A medicine at home is dangerous because nobody watches; a clinic does (policy section 7).
    if str(row["code"]).startswith("medicine."):
        return _WATCHED
    return _BY_SUBJECT.get(row["about"], _OTHERWISE)
