"""Indications and the instruments that they need (policy sections 3 and 6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from harmoniously.core.questions.instruments import Score, asks_cssrs, score_gad7, score_pcl5, score_peg, score_phq9
from intake.case import Case, DocumentKind, Indication
from intake.policy import Number, Policy
from intake.rules.finding import Finding, Tier, on_file

_SCORERS = {"phq9": score_phq9, "gad7": score_gad7, "pcl5": score_pcl5, "peg": score_peg}
_TITLES = {"phq9": "PHQ-9", "gad7": "GAD-7", "pcl5": "PCL-5"}
_INSTRUMENT_OF = {
    Indication.DEPRESSION: "phq9",
    Indication.BIPOLAR_DEPRESSION: "phq9",
    Indication.POSTPARTUM_DEPRESSION: "phq9",
    Indication.ANXIETY: "gad7",
    Indication.PTSD: "pcl5",
}
_PRELIMINARY = {
    Indication.ANXIETY: "anxiety",
    Indication.PTSD: "PTSD",
    Indication.OCD: "OCD",
    Indication.POSTPARTUM_DEPRESSION: "depression after a birth",
}


@dataclass(frozen=True)
class _Standing:
    """An indication, and whether it reaches what the policy asks of it."""

    indication: Indication
    reaches: bool


def score_instruments(case: Case) -> dict[str, Score]:
    """The scores of the questionnaires that were given; one with an unanswered item has no total."""
    given = {key: getattr(case, key) for key in _SCORERS}
    return {key: _SCORERS[key](items) for key, items in given.items() if items is not None}


def indication_findings(case: Case, scores: Mapping[str, Score], policy: Policy) -> list[Finding]:
    """Missing instruments, indications below their threshold, off-label indications and chronic pain."""
    named = tuple(dict.fromkeys(case.indications or ()))
    standings = [_Standing(one, _reaches(one, case, scores, policy)) for one in named]
    findings = [_instrument_missing(key, scores, policy) for key in _required(named) if not _complete(key, scores)]
    findings += _item_nine(case, policy)
    findings += [
        _off_label(one.indication, policy) for one in standings if one.reaches and one.indication in _PRELIMINARY
    ]
    findings += [finding for one in standings for finding in _below(one, standings, scores, policy)]
    pain = Indication.CHRONIC_PAIN in named
    if pain:
        findings.append(_pain(case, alone=len(named) == 1, policy=policy))
    if not any(one.reaches for one in standings) and not (pain and len(named) == 1):
        findings.append(_none_reaches(named, scores, policy))
    return findings


def _required(named: tuple[Indication, ...]) -> list[str]:
    """PHQ-9 always, the others for their indication."""
    return sorted({"phq9"} | {_INSTRUMENT_OF[one] for one in named if one in _INSTRUMENT_OF})


def _complete(key: str, scores: Mapping[str, Score]) -> bool:
    return key in scores and scores[key].complete


def _threshold(key: str, policy: Policy) -> Number:
    return {"phq9": policy.indications.phq9, "gad7": policy.indications.gad7, "pcl5": policy.indications.pcl5}[key]


def _reaches(one: Indication, case: Case, scores: Mapping[str, Score], policy: Policy) -> bool:
    if one == Indication.OCD:
        return True
    if one == Indication.CHRONIC_PAIN:
        return _pain_documented(case, policy)
    key = _INSTRUMENT_OF[one]
    total = scores[key].total if key in scores else None
    return total is not None and total >= _threshold(key, policy).value


def _pain_documented(case: Case, policy: Policy) -> bool:
    """Pain records and the treating clinician's letter, both within the days of the policy (the safe reading)."""
    return on_file(case, policy, DocumentKind.PAIN_RECORDS) and on_file(
        case, policy, DocumentKind.TREATING_CLINICIAN_LETTER
    )


def _instrument_missing(key: str, scores: Mapping[str, Score], policy: Policy) -> Finding:
    title = _TITLES[key]
    return Finding(
        code=f"instrument.{key}.{'incomplete' if key in scores else 'missing'}",
        tier=Tier.INFORMATION,
        about=f"instrument.{key}",
        patient_text=f"Please answer every question of the {title} questionnaire, so that we can go on.",
        clinician_text=f"{title} {'has an unanswered item' if key in scores else 'not answered'}: no score.",
        source=policy.section(6),
    )


def _item_nine(case: Case, policy: Policy) -> list[Finding]:
    """Item 9 is a trigger for the C-SSRS, not a level; the prescriber is told that it was raised."""
    if case.phq9 is None or not asks_cssrs(case.phq9):
        return []
    return [
        Finding(
            code="instrument.phq9.item_9",
            tier=Tier.NOTE,
            about="instrument.phq9",
            facts={"item_9": case.phq9[8]},
            patient_text="Thank you for telling us about thoughts of being better off dead or of hurting yourself. We "
            "asked a few more questions about them. You can call or text 988 at any time.",
            clinician_text=f"PHQ-9 item 9 answered {case.phq9[8]}: see the C-SSRS level.",
            source=policy.section(4),
        )
    ]


def _off_label(one: Indication, policy: Policy) -> Finding:
    return Finding(
        code=f"indication.{one.value}.preliminary",
        tier=Tier.REVIEW,
        about="indication",
        facts={"indication": one.value},
        patient_text=f"For {_PRELIMINARY[one]}, ketamine has been studied in small trials only. Your prescriber will "
        "talk with you about what is known and what is not.",
        clinician_text=f"Indication {one.value}: off-label, the evidence is preliminary.",
        source=policy.section(6),
    )


def _below(one: _Standing, standings: list[_Standing], scores: Mapping[str, Score], policy: Policy) -> list[Finding]:
    """An indication under its threshold beside one that reaches it is shown, and holds nothing up."""
    if one.reaches or one.indication == Indication.CHRONIC_PAIN or not any(other.reaches for other in standings):
        return []
    key = _INSTRUMENT_OF[one.indication]
    if not _complete(key, scores):
        return []
    return [
        Finding(
            code=f"indication.{one.indication.value}.below_threshold",
            tier=Tier.NOTE,
            about="indication",
            facts={"indication": one.indication.value, key: scores[key].total},
            patient_text="One of the reasons you named scores low on its questionnaire. Your prescriber will ask about "
            "it.",
            clinician_text=f"{one.indication.value}: {_TITLES[key]} {scores[key].total}, below "
            f"{_threshold(key, policy).value}.",
            source=_threshold(key, policy).source,
        )
    ]


def _pain(case: Case, *, alone: bool, policy: Policy) -> Finding:
    """Alone, chronic pain needs its papers; with them it is reviewed; beside another indication it is noted."""
    documented = _pain_documented(case, policy)
    tier = Tier.REVIEW if documented else Tier.INFORMATION if alone else Tier.NOTE
    patient = {
        Tier.REVIEW: "Your prescriber will look at your pain records and your doctor's letter.",
        Tier.INFORMATION: "For pain we need your pain records and a letter from the doctor who treats you, both no "
        f"more than {policy.timing.letter_days.value} days old. Please send them to us.",
        Tier.NOTE: "Your prescriber will ask about your pain. Pain records and a letter from your doctor can help.",
    }[tier]
    return Finding(
        code="indication.chronic_pain",
        tier=tier,
        about="indication",
        facts={"indication": Indication.CHRONIC_PAIN.value, "documents": documented},
        patient_text=patient,
        clinician_text="Chronic pain: off-label; pain records and the treating clinician's letter "
        f"{'on file' if documented else 'not on file'}.",
        source=policy.section(6),
    )


_NONE_REACHES = {
    "missing": ("Tell us what you would like help with.", "No indication given."),
    "not_scored": (
        "We cannot tell yet whether this treatment fits. Please answer every question of the questionnaire.",
        "No indication reaches its threshold; a questionnaire that it needs is not complete.",
    ),
    "none_reaches_threshold": (
        (
            "Your answers do not show a reason for this treatment that we can treat at home. If they do not fit how "
            "you feel, check them or tell us more."
        ),
        "No indication reaches its threshold.",
    ),
}


def _none_reaches(named: tuple[Indication, ...], scores: Mapping[str, Score], policy: Policy) -> Finding:
    scored = all(_complete(_INSTRUMENT_OF[one], scores) for one in named if one in _INSTRUMENT_OF)
    code = "missing" if not named else "none_reaches_threshold" if scored else "not_scored"
    patient, clinician = _NONE_REACHES[code]
    return Finding(
        code=f"indication.{code}",
        tier=Tier.INFORMATION,
        about="indication",
        facts={"indications": [one.value for one in sorted(named)]},
        patient_text=patient,
        clinician_text=clinician,
        source=policy.section(6),
    )
