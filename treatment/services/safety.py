"""What follows from a suicide-risk level, wherever it was answered (house policy, section 4; invariant I3)."""

from collections.abc import Mapping
from datetime import datetime

from harmoniously.core.accounts.models import Patient
from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import AlertKind, HoldLevel
from harmoniously.core.audit.actors import Actor
from harmoniously.core.questions.instruments import CssrsSinceLastAnswers, SuicideRisk, suicide_risk_since_last
from treatment.rules.check_pages import CSSRS_ITEMS

__all__ = ["CSSRS_ITEMS", "act_on_risk", "half_said", "risk_of", "since_last"]

_ALERTS = {
    SuicideRisk.HIGH: AlertKind.SUICIDE_RISK_HIGH,
    SuicideRisk.MODERATE: AlertKind.SUICIDE_RISK_MODERATE,
}
_HOLDS = {
    SuicideRisk.HIGH: HoldLevel.HIGH,
    SuicideRisk.MODERATE: HoldLevel.MODERATE,
    SuicideRisk.INCOMPLETE: HoldLevel.INCOMPLETE,
}


def since_last(answers: Mapping[str, object]) -> CssrsSinceLastAnswers:
    """The six answers since last contact; anything but true and false is unanswered."""
    given = {name: answers.get(name) for name in CSSRS_ITEMS}
    return CssrsSinceLastAnswers(**{name: value for name, value in given.items() if isinstance(value, bool)})


def risk_of(answers: Mapping[str, object]) -> SuicideRisk:
    """Their level."""
    return suicide_risk_since_last(since_last(answers))


def half_said(answers: Mapping[str, object]) -> SuicideRisk | None:
    """What a safety page with a question open says already: HIGH, INCOMPLETE for a yes that may turn out high, or None.

    HIGH stays HIGH whatever is missing; a page without a yes says nothing yet.
    """
    if risk_of(answers) is SuicideRisk.HIGH:
        return SuicideRisk.HIGH
    return SuicideRisk.INCOMPLETE if any(answers.values()) else None


def act_on_risk(*, patient: Patient, risk: SuicideRisk, about: str, by: Actor, now: datetime) -> None:
    """HIGH and MODERATE hold and alert, incomplete holds, an answered none or low lifts an incomplete hold.

    What is said again while nobody took the alert is that alert; after that it rings anew.
    """
    hold = _HOLDS.get(risk)
    if hold is None:
        alerts.lift_incomplete_hold(patient=patient, by=by, now=now)
        return
    alerts.open_hold(patient=patient, level=hold, about=about, by=by, now=now)
    kind = _ALERTS.get(risk)
    if kind is not None:
        alerts.raise_anew(kind=kind, patient=patient, about=about, group=f"{about}:{risk.value}", by=by, now=now)
