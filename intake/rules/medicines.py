"""Medicines taken now (policy section 7)."""

from dataclasses import dataclass

from intake.case import Case, Frequency, Medicine, Substance, SubstanceUse
from intake.catalogue import BENZODIAZEPINE, OPIOIDS, MedicineGroup
from intake.policy import Policy
from intake.rules.finding import Finding, Tier
from intake.rules.substances import HELPLINE, ask_how_often, is_current, use_finding

_FULL_OPIOID = OPIOIDS[0]
_KEEP = "Keep taking it as prescribed and do not stop or change it on your own."
_DO_NOT_STOP = "Do not stop these on your own: that can be dangerous. Talk with the doctor who prescribes them."


@dataclass(frozen=True)
class _Taken:
    """One ingredient of one medicine on the list."""

    medicine: Medicine
    ingredient: str
    group: MedicineGroup

    @property
    def is_opioid(self) -> bool:
        return self.group.key in OPIOIDS

    @property
    def facts(self) -> dict[str, str | None]:
        frequency = self.medicine.frequency
        return {
            "medicine": self.medicine.name,
            "dose": self.medicine.dose,
            "frequency": None if frequency is None else frequency.value,
        }


def medicine_findings(case: Case, policy: Policy) -> list[Finding]:
    """The findings of every medicine on the list, of opioids beside benzodiazepines, and of unknown names."""
    taken = [one for medicine in case.medicines or () for one in _ingredients(medicine, policy)]
    findings = [_unanswered(policy)] if case.medicines is None else []
    findings += [finding for one in taken for finding in _ingredient(one)]
    findings += [finding for medicine in case.medicines or () for finding in _unrecognised(medicine, policy)]
    return findings + _opioid_with_benzodiazepine(taken, case, policy)


def _ingredients(medicine: Medicine, policy: Policy) -> list[_Taken]:
    """Every known ingredient in the name, also when other words in it stay unknown: the safe reading."""
    keys = policy.names.match(medicine.name or "").keys
    ingredients = {part for key in keys for part in policy.components.get(key, (key,))}
    return [_Taken(medicine, one, policy.groups[one]) for one in sorted(ingredients) if one in policy.groups]


def _ingredient(one: _Taken) -> list[Finding]:
    if one.is_opioid:
        return [_opioid(one)]
    if one.group.tier == "none":
        return []
    tier = Tier(one.group.tier)
    return [_finding(one, tier, f"medicine.{one.group.key}", _patient_text(one, tier))]


def _patient_text(one: _Taken, tier: Tier) -> str:
    if one.ingredient == "grapefruit":
        return f"You told us about {one.medicine.name}. {one.group.patient}"
    about = f"You take {one.medicine.name}. {one.group.patient}"
    if tier == Tier.EXCLUDE:
        return (
            f"{about} Treatment at home is not safe together with it. Do not stop it on your own. If your doctor "
            f"changes "
            "it, tell us and we will look again."
        )
    if tier == Tier.INFORMATION:
        return f"{about} Please finish it as prescribed and tell us when you took the last one."
    return f"{about} {_KEEP}"


def _opioid(one: _Taken) -> Finding:
    """A daily full agonist is excluded; as needed, a short course or a partial agonist is reviewed."""
    if one.medicine.frequency is None:
        ask = (
            f"You take {one.medicine.name}. Tell us how often: every day, only at times, or for a short while. {_KEEP}"
        )
        return _finding(one, Tier.INFORMATION, "medicine.opioid_frequency", ask, "frequency not given; ask")
    if one.group.key == _FULL_OPIOID and one.medicine.frequency == Frequency.DAILY:
        text = (
            f"You take {one.medicine.name} every day. {one.group.patient} Treatment at home is not safe for you now. "
            f"{_DO_NOT_STOP} If it changes, tell us and we will look again."
        )
        return _finding(one, Tier.EXCLUDE, "medicine.opioid_daily", text, "daily: exclude")
    text = f"You take {one.medicine.name}. {one.group.patient} Your prescriber will look at this. {_KEEP}"
    return _finding(one, Tier.REVIEW, "medicine.opioid", text, one.medicine.frequency.value.replace("_", " "))


def _opioid_with_benzodiazepine(taken: list[_Taken], case: Case, policy: Policy) -> list[Finding]:
    """Any opioid together with a benzodiazepine: each gets the exclusion.

    The policy says "any opioid" and is silent about what nobody prescribed. Used now it is as dangerous, and a sedative
    from the street may be a benzodiazepine, so each counts.
    """
    opioids = [one for one in taken if one.is_opioid]
    benzodiazepines = [one for one in taken if one.group.key == BENZODIAZEPINE]
    used = [one for one in case.substances or () if is_current(one)]
    street_opioids = [one for one in used if one.substance == Substance.OPIOID]
    street_sedatives = [one for one in used if one.substance == Substance.SEDATIVE]
    if not (opioids or street_opioids):
        return []
    if not (benzodiazepines or street_sedatives):
        return _sedative_use_unknown(case, policy)
    text = (
        "An opioid and a medicine for anxiety or sleep (a benzodiazepine) together with ketamine can slow your "
        f"breathing too much. Treatment at home is not safe for you now. {_DO_NOT_STOP} If they change, tell us and we "
        "will look again."
    )
    return [
        _finding(one, Tier.EXCLUDE, "medicine.opioid_with_benzodiazepine", text, "opioid with benzodiazepine: exclude")
        for one in [*opioids, *benzodiazepines]
    ] + [_street_pair(one, policy) for one in [*street_opioids, *street_sedatives]]


def _street_pair(one: SubstanceUse, policy: Policy) -> Finding:
    text = (
        "An opioid and a sedative together with ketamine can slow your breathing too much. Treatment at home is not "
        "safe for you now. Do not stop them suddenly on your own: that can be dangerous. Talk with a doctor about it. "
        f"{HELPLINE} If they change, tell us and we will look again."
    )
    clinician = "Opioid with a benzodiazepine or a sedative, at least one without a prescription: exclude."
    return use_finding(one, Tier.EXCLUDE, "opioid_with_sedative", text, clinician, policy, section=7)


def _sedative_use_unknown(case: Case, policy: Policy) -> list[Finding]:
    """Beside an opioid, current use of a sedative excludes: whether it is current must be known."""
    return [
        ask_how_often(one, Substance.SEDATIVE, policy)
        for one in case.substances or ()
        if one.substance == Substance.SEDATIVE and one.use is None
    ]


def _finding(one: _Taken, tier: Tier, code: str, patient: str, detail: str = "") -> Finding:
    return Finding(
        code=code,
        tier=tier,
        about=one.ingredient,
        facts=one.facts,
        patient_text=patient,
        clinician_text=f"{one.ingredient}: {one.group.clinician}{f'; {detail}' if detail else ''}.",
        source=one.group.source,
    )


def _unrecognised(medicine: Medicine, policy: Policy) -> list[Finding]:
    """A name that is not fully understood is read by a person; one that is missing is asked for."""
    name = medicine.name
    if name is None:
        return [_unanswered(policy)]
    if policy.names.match(name).recognised:
        return []
    suggestions = policy.names.suggest(name)
    hint = f" Did you mean {' or '.join(suggestions)}?" if suggestions else ""
    return [
        Finding(
            code="medicine.unrecognised",
            tier=Tier.REVIEW,
            about="unrecognised_medicine",
            facts={"medicine": name, "suggestions": list(suggestions)},
            patient_text=f"We do not know the medicine “{name}”.{hint} Your prescriber will look at it.",
            clinician_text=f"Medicine not recognised: {name!r}.{hint} Nothing was assumed; check interactions.",
            source=policy.section(7),
        )
    ]


def _unanswered(policy: Policy) -> Finding:
    return Finding(
        code="medicines.not_answered",
        tier=Tier.INFORMATION,
        about="medicines",
        patient_text="Tell us every medicine and supplement you take, with its name, or that you take none.",
        clinician_text="Medicines not answered, or one without a name.",
        source=policy.section(7),
    )
