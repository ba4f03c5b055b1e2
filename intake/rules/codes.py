"""Every code that a finding can have. A policy may word a finding anew; a code that is not here is a slip."""

from collections.abc import Iterable, Mapping

_FIXED = """
    off_label
    suicide_risk.high suicide_risk.moderate suicide_risk.low suicide_risk.incomplete
    treatment_resistance.met treatment_resistance.not_met treatment_resistance.undetermined
    treatment_resistance.partial_response treatment_resistance.earlier_ketamine
    antidepressant_trial.unrecognised antidepressant_trials.not_answered
    instrument.phq9.missing instrument.phq9.incomplete instrument.phq9.item_9
    instrument.gad7.missing instrument.gad7.incomplete instrument.pcl5.missing instrument.pcl5.incomplete
    indication.missing indication.not_scored indication.none_reaches_threshold indication.chronic_pain
    indication.anxiety.preliminary indication.ptsd.preliminary indication.ocd.preliminary
    indication.postpartum_depression.preliminary
    indication.depression.below_threshold indication.bipolar_depression.below_threshold
    indication.postpartum_depression.below_threshold indication.anxiety.below_threshold
    indication.ptsd.below_threshold
    conditions.not_answered substances.not_answered medicines.not_answered
    substance.recreational_use substance.earlier_recreational_use substance.use_unknown substance.contradiction
    substance.use_disorder substance.use_disorder_past substance.use_disorder_mild substance.current_opioid
    substance.remission substance.remission_unknown substance.early_remission substance.disorder_unknown
    substance.daily_opioid substance.opioid_with_sedative
    medicine.opioid medicine.opioid_daily medicine.opioid_frequency medicine.opioid_with_benzodiazepine
    medicine.unrecognised
    blood_pressure.urgent blood_pressure.high_on_two_days blood_pressure.above_limit blood_pressure.near_limit
    blood_pressure.older_adult blood_pressure.none_recent blood_pressure.undated blood_pressure.incomplete
    pregnancy.section_unknown pregnancy.pregnant_unknown pregnancy.breastfeeding_unknown
    pregnancy.trying_to_conceive_unknown
    age.missing age.minor age.older weight.low bmi.high heart_rate.missing heart_rate.low heart_rate.high
    state.missing state.not_served sitter.missing
"""
# How a condition's code ends, by the rule that reads it.
_ENDINGS = {
    "fixed": ("exclude", "information", "review", "note"),
    "vascular_event": ("recent", "letter_missing", "review", "no_date"),
    "bipolar": ("recent_mania", "letter_missing", "review", "no_date", "not_described"),
    "seizures": ("recent", "review", "no_date"),
    "use_disorder": ("current", "past", "no_date"),
}


def finding_codes(conditions: Mapping[str, str], groups: Iterable[str]) -> frozenset[str]:
    """The codes under a policy: its condition codes with their rules, and its groups of medicines."""
    named = {f"condition.{code}.{end}" for code, rule in conditions.items() for end in _ENDINGS[rule]}
    return frozenset({*_FIXED.split(), *named, *(f"medicine.{group}" for group in groups)})
