"""Blood pressure at intake (policy section 5)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from intake.case import Case, Reading
from intake.policy import Number, Policy
from intake.rules.finding import Finding, Tier, exact, tidy


@dataclass(frozen=True)
class Day:
    """The mean of one day's readings in mmHg; None when that number was not given on that day."""

    on: date
    systolic: Fraction | None
    diastolic: Fraction | None

    def facts(self) -> dict[str, int | float | str | None]:
        return {
            "taken_on": self.on.isoformat(),
            "systolic": None if self.systolic is None else tidy(self.systolic),
            "diastolic": None if self.diastolic is None else tidy(self.diastolic),
        }

    def any(self, beyond: Callable[[Fraction, float], bool], systolic: Number, diastolic: Number) -> bool:
        """Whether either number is beyond its limit; a number that was not given is not."""
        return (self.systolic is not None and beyond(self.systolic, systolic.value)) or (
            self.diastolic is not None and beyond(self.diastolic, diastolic.value)
        )

    def __str__(self) -> str:
        facts = self.facts()
        return f"{facts['systolic'] or '?'}/{facts['diastolic'] or '?'} mmHg on {self.on.isoformat()}"


def blood_pressure_findings(case: Case, policy: Policy) -> list[Finding]:
    """Newest day's mean against the limits, high on two days, a reading that is urgent, and what is missing."""
    limits = policy.blood_pressure
    readings = case.blood_pressure or ()
    recent = [
        reading
        for reading in readings
        if reading.taken_on is not None and (case.as_of - reading.taken_on).days <= limits.recent_days.value
    ]
    # A reading without a date cannot be placed inside or outside the 30 days: it is asked about, never ignored.
    findings = [_undated(policy)] if any(reading.taken_on is None for reading in readings) else []
    days = days_of(recent)
    if not days:
        return [*findings, _none_recent(policy)]
    findings += [_incomplete(reading, policy) for reading in recent if None in (reading.systolic, reading.diastolic)]
    return [*findings, *_urgent(recent, policy), *_high_days(days, policy), *_newest(days[0], case, policy)]


def days_of(readings: list[Reading]) -> list[Day]:
    """The days, newest first, each with the mean of its readings."""
    newest_first = sorted({reading.taken_on for reading in readings if reading.taken_on}, reverse=True)
    return [
        Day(
            on=day,
            systolic=_mean([one.systolic for one in readings if one.taken_on == day]),
            diastolic=_mean([one.diastolic for one in readings if one.taken_on == day]),
        )
        for day in newest_first
    ]


def _mean(values: list[float | None]) -> Fraction | None:
    given = [exact(value) for value in values if value is not None]
    return sum(given, Fraction()) / len(given) if given else None


def _at_or_above(value: Fraction, limit: float) -> bool:
    return value >= limit


def _above(value: Fraction, limit: float) -> bool:
    return value > limit


def _urgent(recent: list[Reading], policy: Policy) -> list[Finding]:
    limits = policy.blood_pressure
    findings = []
    for reading in recent:
        (one,) = days_of([reading])
        if not one.any(_at_or_above, limits.systolic_urgent, limits.diastolic_urgent):
            continue
        findings.append(
            Finding(
                code="blood_pressure.urgent",
                tier=Tier.EXCLUDE,
                about="blood_pressure",
                facts=one.facts(),
                patient_text="One of your readings is very high. Rest for five minutes and measure again. If it is "
                "still this high, or you have chest pain, a bad headache, trouble speaking or seeing, weakness or "
                "short breath, call 911 now. Otherwise see a doctor today. We can look again when it is under control.",
                clinician_text=f"{one}: at or above {limits.systolic_urgent.value}/{limits.diastolic_urgent.value} "
                "within the last 30 days. Urgent advice shown; exclude until controlled.",
                source=limits.systolic_urgent.source,
            )
        )
    return findings


def _high_days(days: list[Day], policy: Policy) -> list[Finding]:
    limits = policy.blood_pressure
    newest = days[: int(limits.high_days.value)]
    high = [day for day in newest if day.any(_at_or_above, limits.systolic_high, limits.diastolic_high)]
    if len(high) < limits.high_days.value:
        return []
    return [
        Finding(
            code="blood_pressure.high_on_two_days",
            tier=Tier.EXCLUDE,
            about="blood_pressure",
            facts={"days": [day.facts() for day in high]},
            patient_text="Your blood pressure was high on two days. Ketamine raises it further for a while, so it has "
            "to come down first. Please see your doctor. When it is under control, send us new readings.",
            clinician_text=f"{'; '.join(str(day) for day in high)}: newest two days at or above "
            f"{limits.systolic_high.value}/{limits.diastolic_high.value}. Exclude until controlled.",
            source=limits.systolic_high.source,
        )
    ]


def _newest(day: Day, case: Case, policy: Policy) -> list[Finding]:
    limits = policy.blood_pressure
    findings = []
    if day.any(_above, limits.systolic_limit, limits.diastolic_limit):
        findings.extend([_above_limit(day, policy), *_older(day, case, policy)])
    elif None not in (day.systolic, day.diastolic) and day.any(
        _at_or_above, limits.systolic_near, limits.diastolic_near
    ):
        findings.append(
            Finding(
                code="blood_pressure.near_limit",
                tier=Tier.NOTE,
                about="blood_pressure",
                facts=day.facts(),
                patient_text="Your blood pressure is close to the limit for treatment. It is measured again before "
                "each dose.",
                clinician_text=f"{day}: passes, near the limit.",
                source=limits.systolic_near.source,
            )
        )
    return findings


def _above_limit(day: Day, policy: Policy) -> Finding:
    limits = policy.blood_pressure
    return Finding(
        code="blood_pressure.above_limit",
        tier=Tier.INFORMATION,
        about="blood_pressure",
        facts=day.facts(),
        patient_text="Your blood pressure is above the limit for treatment at home. Please measure it again on "
        "another day. Sit and rest for five minutes first. Then send us the result.",
        clinician_text=f"{day}: above {limits.systolic_limit.value}/{limits.diastolic_limit.value}. Repeat on another "
        "day.",
        source=limits.systolic_limit.source,
    )


def _older(day: Day, case: Case, policy: Policy) -> list[Finding]:
    """Age does not raise the limit; the prescriber is told that the trials allowed more."""
    limits = policy.blood_pressure
    old_enough = case.age is not None and case.age >= policy.people.older_age.value
    if not old_enough or day.systolic is None:
        return []
    if not limits.systolic_limit.value < day.systolic <= limits.older_systolic.value:
        return []
    return [
        Finding(
            code="blood_pressure.older_adult",
            tier=Tier.NOTE,
            about="blood_pressure",
            facts=day.facts(),
            patient_text="Your prescriber looks at your blood pressure together with your age.",
            clinician_text=f"{day}, age {case.age}: the phase 3 trials allowed a systolic pressure up to "
            f"{limits.older_systolic.value} at 65 and over; the house limit stays.",
            source=limits.older_systolic.source,
        )
    ]


def _none_recent(policy: Policy) -> Finding:
    days = policy.blood_pressure.recent_days
    return Finding(
        code="blood_pressure.none_recent",
        tier=Tier.INFORMATION,
        about="blood_pressure",
        patient_text=f"We need a blood pressure reading from the last {days.value} days. A pharmacy or a home device "
        "is fine.",
        clinician_text=f"No blood pressure reading of the last {days.value} days.",
        source=days.source,
    )


def _undated(policy: Policy) -> Finding:
    return Finding(
        code="blood_pressure.undated",
        tier=Tier.INFORMATION,
        about="blood_pressure",
        patient_text="Tell us on which day you measured your blood pressure.",
        clinician_text="A blood pressure reading has no date; it was not used.",
        source=policy.blood_pressure.recent_days.source,
    )


def _incomplete(reading: Reading, policy: Policy) -> Finding:
    """The missing number could raise the mean of its day or be urgent by itself, whatever the other readings say."""
    (day,) = days_of([reading])
    return Finding(
        code="blood_pressure.incomplete",
        tier=Tier.INFORMATION,
        about="blood_pressure",
        facts=day.facts(),
        patient_text="A blood pressure reading has two numbers. Please send us both.",
        clinician_text=f"{day}: one number of this reading is missing.",
        source=policy.blood_pressure.systolic_limit.source,
    )
