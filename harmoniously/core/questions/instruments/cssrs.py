"""Columbia-Suicide Severity Rating Scale, screener: recent version and since-last-contact version.

Wording unaltered. The level is coded exactly as house policy 2026.1 section 4 says; PHQ-9 item 9 is a trigger that
asks these questions at once, never a level.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from harmoniously.core.questions.instruments.base import Instrument, Item, Option, Wording

_YES_NO = (Option(0, "No"), Option(1, "Yes"))
_ATTRIBUTION = "Columbia-Suicide Severity Rating Scale (C-SSRS), The Columbia Lighthouse Project. Posner K, et al."
_SOURCE = "C-SSRS Screener (Recent), Columbia Lighthouse Project; Posner, Am J Psychiatry 2011; house policy 2026.1 § 4"
_BEHAVIOR_HINT = (
    "Examples: Collected pills, obtained a gun, gave away valuables, wrote a will or suicide note, took out pills but "
    "didn’t swallow any, held a gun but changed your mind or it was grabbed from your hand, went to the roof but "
    "didn’t jump; or actually took pills, tried to shoot yourself, cut yourself, tried to hang yourself, etc."
)
_IDEATION = (
    Item("wish_dead", "Have you wished you were dead or wished you could go to sleep and not wake up?"),
    Item("suicidal_thoughts", "Have you actually had any thoughts of killing yourself?"),
    Item(
        "method",
        "Have you been thinking about how you might do this?",
        hint="E.g. “I thought about taking an overdose but I never made a specific plan as to when where or how "
        "I would actually do it… and I would never go through with it.”",
        shown_if="suicidal_thoughts",
    ),
    Item(
        "intent",
        "Have you had these thoughts and had some intention of acting on them?",
        hint="As opposed to “I have the thoughts but I definitely will not do anything about them.”",
        shown_if="suicidal_thoughts",
    ),
    Item(
        "plan",
        "Have you started to work out or worked out the details of how to kill yourself? "
        "Do you intend to carry out this plan?",
        shown_if="suicidal_thoughts",
    ),
)

_SPANISH = Wording(
    language="es",
    title="Escala Columbia para Evaluar el Riesgo de Suicidio (C-SSRS)",
    preamble="Pasado mes",
    items=(
        "¿Ha deseado estar muerto(a) o poder dormirse y no despertar?",
        "¿Ha tenido realmente la idea de suicidarse?",
        "¿Ha pensado en cómo llevaría esto a cabo?",
        "¿Ha tenido estas ideas y en cierto grado la intención de llevarlas a cabo?",
        (
            "¿Ha comenzado a elaborar o ha elaborado los detalles sobre cómo suicidarse? ¿Tenía intenciones de llevar "
            "a cabo este plan?"
        ),
        (
            "¿Alguna vez ha hecho algo usted, comenzado a hacer algo o se ha preparado para hacer algo para terminar "
            "su vida?"
        ),
        "¿Fue esto en los últimos 3 meses?",
    ),
    hints=(
        "",
        "",
        (
            "Esto incluye a un(a) participante que diría: “He tenido la idea de tomar una sobredosis, pero nunca hice "
            "un plan específico sobre el momento, el lugar o cómo lo haría realmente… y nunca lo haría”."
        ),
        "a diferencia de “Tengo los pensamientos, pero definitivamente no haré nada al respecto”.",
        "",
        (
            "Ejemplos: Colectar píldoras, obtener una arma, regalar cosas de valor, escribir un testamento o carta de "
            "suicidio, sacado píldoras de la botella pero no las tragado, agarrar una arma pero ha cambiado de mente "
            "de usarla o alguien se la ha quitado de sus manos, ha subido al techo pero no ha saltado al vacío; o "
            "realmente ha tomado píldoras, ha tratado de disparar una arma, se ha cortado, ha tratado de colgarse, etc."
        ),
        "",
    ),
    options=("No", "Sí"),
    attribution=(
        "Escala Columbia para Evaluar el Riesgo de Suicidio (C-SSRS), Columbia Lighthouse Project. Posner K, et al."
    ),
    source="C-SSRS Screener (Recent), Spanish, Columbia Lighthouse Project",
)

CSSRS_SCREEN = Instrument(
    key="cssrs",
    name="C-SSRS",
    title="Columbia-Suicide Severity Rating Scale, screener",
    preamble="In the past month:",
    items=(
        *_IDEATION,
        Item(
            "behavior_lifetime",
            "Have you ever done anything, started to do anything, or prepared to do anything to end your life?",
            hint=_BEHAVIOR_HINT,
        ),
        Item("behavior_past_3_months", "Was this within the past three months?", shown_if="behavior_lifetime"),
    ),
    options=_YES_NO,
    attribution=_ATTRIBUTION,
    source=_SOURCE,
    wordings=(_SPANISH,),
)

CSSRS_SINCE_LAST = Instrument(
    key="cssrs_since_last",
    name="C-SSRS",
    title="Columbia-Suicide Severity Rating Scale, screener, since last contact",
    preamble="Since we last asked you:",
    items=(
        *_IDEATION,
        Item(
            "behavior",
            "Have you done anything, started to do anything, or prepared to do anything to end your life?",
            hint=_BEHAVIOR_HINT,
        ),
    ),
    options=_YES_NO,
    attribution=_ATTRIBUTION,
    source=_SOURCE,
)


class SuicideRisk(StrEnum):
    NONE = "none"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class CssrsAnswers:
    """The screener: questions 1 to 5 about the past month, question 6 lifetime and past 3 months. None = unanswered."""

    wish_dead: bool | None = None
    suicidal_thoughts: bool | None = None
    method: bool | None = None
    intent: bool | None = None
    plan: bool | None = None
    behavior_lifetime: bool | None = None
    behavior_past_3_months: bool | None = None


@dataclass(frozen=True)
class CssrsSinceLastAnswers:
    """The follow-up screener: the same questions about the time since the last contact. None = unanswered."""

    wish_dead: bool | None = None
    suicidal_thoughts: bool | None = None
    method: bool | None = None
    intent: bool | None = None
    plan: bool | None = None
    behavior: bool | None = None


def suicide_risk(answers: CssrsAnswers) -> SuicideRisk:
    """The level of policy section 4, `INCOMPLETE` when an unanswered question could raise it.

    The level is worked out twice: with every unanswered question as "no", and with every one that is asked of this
    person as "yes". If both agree, no missing answer matters; HIGH can never be raised, so it stays HIGH whatever is
    missing. A MODERATE with question 4, 5 or 6 (past 3 months) open could be HIGH and is therefore incomplete.
    """
    at_least = _level(answers, missing=False)
    at_most = _level(answers, missing=True)
    return at_least if at_least == at_most else SuicideRisk.INCOMPLETE


def suicide_risk_since_last(answers: CssrsSinceLastAnswers) -> SuicideRisk:
    """The level at follow-up. Any behaviour since the last contact is recent behaviour, so it is HIGH."""
    return suicide_risk(
        CssrsAnswers(
            wish_dead=answers.wish_dead,
            suicidal_thoughts=answers.suicidal_thoughts,
            method=answers.method,
            intent=answers.intent,
            plan=answers.plan,
            behavior_lifetime=answers.behavior,
            behavior_past_3_months=answers.behavior,
        )
    )


def asks_cssrs(phq9: Sequence[int | None]) -> bool:
    """Whether PHQ-9 item 9 opens the screener on the same screen: any answer but "Not at all"."""
    return bool(phq9[8])


def _level(answers: CssrsAnswers, *, missing: bool) -> SuicideRisk:
    """The level with `missing` put in for every unanswered question that this person is asked."""

    def yes(answer: bool | None, *, asked: bool = True) -> bool:
        return (missing and asked) if answer is None else answer

    # Questions 3 to 5 are skipped when 2 is "no"; the past 3 months are asked only if there ever was behaviour.
    # An answer that was given counts even where it would have been skipped.
    thoughts = answers.suicidal_thoughts is not False
    ever = answers.behavior_lifetime is not False
    acute = (
        yes(answers.intent, asked=thoughts),
        yes(answers.plan, asked=thoughts),
        yes(answers.behavior_past_3_months, asked=ever),
    )
    if any(acute):
        return SuicideRisk.HIGH
    if yes(answers.method, asked=thoughts) or yes(answers.behavior_lifetime):
        return SuicideRisk.MODERATE
    if yes(answers.wish_dead) or yes(answers.suicidal_thoughts):
        return SuicideRisk.LOW
    return SuicideRisk.NONE
