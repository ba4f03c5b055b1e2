"""The questions of the two-minute check as a page like those of the intake, and its answers for the rules.

What may be ticked comes from `precheck`; the words come from the intake's own options wherever it has them.
"""

from collections.abc import Mapping
from typing import Any

from django.forms import BoundField
from django.http import QueryDict
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from harmoniously.core.common.states import US_STATES
from harmoniously.core.questions.forms import AnswersForm
from harmoniously.core.questions.specs import Field, Kind, Option, Page, Text
from intake import precheck
from intake.case import Indication
from intake.pages import INTAKE
from intake.policy import Policy
from intake.precheck import Thoughts

ELSEWHERE = "elsewhere"  # a place that is no state: never among those that a policy serves
NONE_LABEL = _("None of these")
OLDEST, YOUNGEST = 120, 0  # the range of the case format
MONTHS_PER_YEAR, WEEKS_PER_YEAR = 12, 52
THOUGHTS = (
    Option(Thoughts.NONE, _("No")),
    Option(Thoughts.THOUGHTS, _("I have such thoughts, and I do not mean to act on them")),
    Option(Thoughts.ACTING, _("I mean to act on them, or I tried in the last 3 months")),
    Option(Thoughts.UNSAID, _("I would rather not say here")),
)
PREGNANCY = (
    Option("pregnant", _("I am pregnant")),
    Option("breastfeeding", _("I am breastfeeding")),
    Option("trying_to_conceive", _("I am trying to become pregnant")),
    Option(precheck.PREGNANCY_UNSURE, _("I may be pregnant and do not know")),
)
# The field that holds a condition here is named after the intake's page that asks about it.
CONDITION_FIELDS: Mapping[str, Text] = {
    "conditions_heart": _("Your heart and blood vessels"),
    "conditions_brain": _("Your brain, nerves and eyes"),
    "conditions_body": _("Other parts of your body"),
    "conditions_mind": _("Your mental health"),
}
OTHER_CONDITIONS = "conditions_body"
# What stands together: one screen each where scripts run, one after the other where they do not.
STEPS = (
    ("age", "state"),
    ("indications",),
    ("thoughts",),
    ("conditions_heart", "pressure"),
    ("conditions_brain", "conditions_body"),
    ("conditions_mind",),
    ("pregnancy",),
    ("use",),
)
# What a condition that depends on time is called when it was lately, and when it was before that.
_TIMED: Mapping[str, tuple[Any, Any]] = {
    "vascular_event": (_("{what}, in the last {months} months"), _("{what}, longer ago than {months} months")),
    "bipolar": (
        _("{what}, with mania or a mixed state in the last {months} months"),
        _("{what}, without mania or a mixed state in the last {months} months"),
    ),
    "seizures": (_("A seizure in the last {months} months"), ""),
}
_USE: Mapping[str, Any] = {
    "substance_use_disorder": _("Trouble with alcohol or drugs now, or in the last {months} months"),
    "opioid_use_disorder": _("Trouble with opioids now, or in the last {months} months"),
    "ketamine": _("I used ketamine outside of medical care in the last 12 months"),
    "pcp": _("I used PCP in the last 12 months"),
    precheck.OPIOID_DAILY: _("I take an opioid pain medicine every day"),
    precheck.OPIOID_PAIR: _("I take an opioid, and also a benzodiazepine"),
}
_USE_HINTS: Mapping[str, Text] = {
    "substance_use_disorder": _("Lost control over it, could not stop, or a doctor called it a disorder."),
    precheck.OPIOID_DAILY: _("Such as oxycodone, hydrocodone, tramadol, methadone."),
    precheck.OPIOID_PAIR: _("Benzodiazepines are medicines such as Xanax, Ativan, Klonopin, Valium."),
}


def check_page(policy: Policy) -> Page:
    """The whole check as one page, its fields in the order of the steps."""
    fields = {field.name: field for field in (*_first(), *_health(policy))}
    ordered = tuple(fields[name] for step in STEPS for name in step if name in fields)
    return Page(key="check", section="check", title=_("Two-minute check"), fields=ordered)


def steps_of(form: AnswersForm) -> list[list[BoundField]]:
    """The form's fields, step by step."""
    found = [[form[name] for name in step if name in form.fields] for step in STEPS]
    return [step for step in found if step]


def carried(form: AnswersForm) -> list[tuple[str, str]]:
    """What was posted, as hidden fields take it along to the next page: nothing is kept here."""
    posted = form.data
    if not isinstance(posted, QueryDict):
        return []
    return [(name, value) for name in form.fields for value in posted.getlist(name)]


def is_in_danger(form: AnswersForm) -> bool:
    """Whether the answer about thoughts asks for help at once, whatever else is missing."""
    return form.data.get("thoughts") == Thoughts.ACTING


def _first() -> tuple[Field, ...]:
    states = tuple(Option(state.code, state.name) for state in US_STATES)
    return (
        Field(
            "age",
            _("How old are you?"),
            Kind.INTEGER,
            minimum=YOUNGEST,
            maximum=OLDEST,
            missing=_("Enter your age in years."),
        ),
        Field(
            "state",
            _("Which state are you in?"),
            Kind.SELECT,
            hint=_("Where you would be during treatment."),
            options=(*states, Option(ELSEWHERE, _("Somewhere else"))),
            missing=_("Choose the state you are in."),
        ),
        Field(
            "indications",
            _("What brings you?"),
            Kind.CHOICES,
            hint=_("Choose everything that applies."),
            options=_option_of_intake("indications"),
            none_label=_("Something else"),
            missing=_("Choose what brings you, or “Something else”."),
        ),
        Field(
            "thoughts",
            _("In the last month, have you thought of ending your life?"),
            Kind.CHOICE,
            hint=_("We ask everyone. If you are in danger now, call 911, or call or text 988."),
            options=THOUGHTS,
            missing=_("Choose an answer; you may also say that you would rather not."),
        ),
    )


def _health(policy: Policy) -> tuple[Field, ...]:
    parts: dict[str, list[Option]] = {name: [] for name in CONDITION_FIELDS}
    known = _known()
    for code in precheck.condition_choices(policy):
        part, option = known.get(code.removesuffix(precheck.EARLIER), (OTHER_CONDITIONS, None))
        parts[part].append(_condition(code, option, policy))
    conditions = tuple(_ticks(name, CONDITION_FIELDS[name], tuple(options)) for name, options in parts.items())
    use = tuple(
        Option(code, _use_label(code, policy), _USE_HINTS.get(code, "")) for code in precheck.use_choices(policy)
    )
    return (
        *(field for field in conditions if field.options),
        _ticks("pressure", _("Your blood pressure in the last 30 days"), _pressures(policy)),
        _ticks("pregnancy", _("Pregnancy"), PREGNANCY),
        _ticks("use", _("Alcohol, drugs and medicines"), use),
    )


def _ticks(name: str, label: Text, options: tuple[Option, ...]) -> Field:
    return Field(
        name,
        label,
        Kind.CHOICES,
        hint=_("Choose everything that applies."),
        options=options,
        none_label=_("None, or I have not measured it") if name == "pressure" else NONE_LABEL,
        missing=format_lazy(_("{question}: choose what applies, or the last line."), question=label),
    )


def _option_of_intake(page: str) -> tuple[Option, ...]:
    spec = INTAKE.by_key.get(page)
    return spec.fields[0].options if spec else tuple(Option(one, capfirst(one)) for one in Indication)


def _known() -> dict[str, tuple[str, Option]]:
    """Every option of the intake's lists of conditions with the page it stands on."""
    return {
        option.code: (page.key, option)
        for page in INTAKE.pages
        for field in page.fields
        if page.key in CONDITION_FIELDS
        for option in field.options
    }


def _condition(code: str, known: Option | None, policy: Policy) -> Option:
    name = code.removesuffix(precheck.EARLIER)
    rule = policy.conditions[name]
    label = known.label if known else capfirst(rule.plain)
    if rule.rule not in _TIMED:
        return Option(code, label, known.hint if known else "")
    words = _TIMED[rule.rule][code.endswith(precheck.EARLIER)]
    return Option(code, format_lazy(words, what=label, months=_months(precheck.recent_weeks(name, policy))))


def _months(weeks: float) -> int:
    return round(weeks * MONTHS_PER_YEAR / WEEKS_PER_YEAR)


def _use_label(code: str, policy: Policy) -> Text:
    if code.startswith(precheck.MEDICINE_GROUP):
        return capfirst(precheck.group_names(code.removeprefix(precheck.MEDICINE_GROUP), policy))
    return format_lazy(_USE[code], months=_months(policy.timing.year_weeks.value))


def _pressures(policy: Policy) -> tuple[Option, ...]:
    limits = policy.blood_pressure
    urgent = {"upper": limits.systolic_urgent.value, "lower": limits.diastolic_urgent.value}
    high = {"upper": limits.systolic_high.value, "lower": limits.diastolic_high.value}
    return (
        Option(precheck.PRESSURE_URGENT, format_lazy(_("{upper} over {lower} or higher, even once"), **urgent)),
        Option(
            precheck.PRESSURE_HIGH,
            format_lazy(_("{upper} over {lower} or higher, on the last two days I measured it"), **high),
        ),
    )


def read(given: Mapping[str, Any]) -> precheck.Answers:
    """The answers of a valid form (`AnswersForm.answers`) for the rules."""
    conditions = [code for name in CONDITION_FIELDS for code in given.get(name, ())]
    return precheck.Answers(
        age=given["age"],
        state=given["state"],
        thoughts=Thoughts(given["thoughts"]),
        indications=tuple(Indication(code) for code in given["indications"]),
        conditions=frozenset(conditions),
        pressure=frozenset(given["pressure"]),
        pregnancy=frozenset(given["pregnancy"]),
        use=frozenset(given["use"]),
    )
