"""Sections "What brings you" and "How you have been": indications and the screening instruments of policy section 3."""

from django.utils.translation import gettext_lazy as _

from harmoniously.core.questions import wording
from harmoniously.core.questions.instruments import (
    CSSRS_SCREEN,
    GAD7,
    PCL5,
    PEG,
    PHQ9,
    CssrsAnswers,
    Instrument,
    asks_cssrs,
)
from harmoniously.core.questions.specs import Answers, Condition, Field, Kind, Option, Page, Section, Text

REASONS = Section(
    key="reasons",
    title=_("What brings you here"),
    minutes=1,
    why=_("What you want help with decides which of the later questions we ask."),
    seen_by=_("You and the clinicians who care for you."),
)
SECTION = Section(
    key="feelings",
    title=_("How you have been"),
    minutes=8,
    why=_("These are well-tested questionnaires. They show how you are now, and later whether the treatment helps."),
    seen_by=_("You and the clinicians who care for you."),
)
INDICATIONS = (
    Option("depression", _("Depression")),
    Option("bipolar_depression", _("Depression with bipolar disorder")),
    Option("postpartum_depression", _("Depression after giving birth")),
    Option("anxiety", _("Anxiety")),
    Option("ptsd", _("Post-traumatic stress (PTSD)")),
    Option("ocd", _("Obsessive-compulsive disorder (OCD)")),
    Option("chronic_pain", _("Chronic pain"), _("Such as fibromyalgia, CRPS or nerve pain.")),
)
# The C-SSRS over four pages: what a "no" makes needless is never asked (2 no: go to 6).
CSSRS_PAGES = ("cssrs_thoughts", "cssrs_plans", "cssrs_behavior", "cssrs_recent")
CSSRS_ITEMS = {item.key: item for item in CSSRS_SCREEN.items}
CSSRS_WHY = _(
    "We ask this of everyone. Many people with depression have such thoughts, and an honest answer brings help, "
    "not punishment. If you are in danger now, call or text 988."
)


def _instrument_page(key: str, instrument: Instrument, why: Text, *, shown_if: Condition | None = None) -> Page:
    field = Field("items", wording.title(instrument), Kind.INSTRUMENT, instrument=instrument)
    return Page(
        key=key,
        section="feelings",
        title=wording.preamble(instrument),
        why=why,
        note=wording.attribution(instrument),
        may_skip=True,
        shown_if=shown_if,
        fields=(field,),
    )


def _wants(indication: str) -> Condition:
    return lambda answers: indication in (answers.get("indications", {}).get("codes") or [])


def thoughts_of_harm(answers: Answers) -> bool:
    """PHQ-9 item 9 at 1 or more: the C-SSRS is asked at once (policy section 4)."""
    items = answers.get("phq9", {}).get("items")
    return items is not None and asks_cssrs(items)


def item_nine(answers: Answers) -> int:
    """How PHQ-9 item 9 was answered; 0 where it was not."""
    items = answers.get("phq9", {}).get("items")
    return items[-1] or 0 if items else 0


def cssrs_answers(answers: Answers) -> CssrsAnswers:
    """The screener from the pages that were shown; None where a question was not asked or not answered."""
    given = {name: value for key in CSSRS_PAGES for name, value in answers.get(key, {}).items()}
    return CssrsAnswers(**{name: given.get(name) for name in CSSRS_ITEMS})


def _cssrs_page(key: str, names: tuple[str, ...], after: str, title: Text, shown_if: Condition | None = None) -> Page:
    fields = tuple(
        Field(
            name,
            wording.item_text(CSSRS_SCREEN, name),
            Kind.YES_NO,
            hint=wording.item_hint(CSSRS_SCREEN, name) if CSSRS_ITEMS[name].hint else "",
            missing=_("Choose yes or no, or tick the last box on this page."),
        )
        for name in names
    )
    return Page(
        key=key,
        section="feelings",
        title=title,
        why=CSSRS_WHY,
        note=wording.attribution(CSSRS_SCREEN),
        instrument=CSSRS_SCREEN,
        may_skip=True,
        template="intake/about/thoughts.html",
        shown_if=shown_if,
        at_once_after=(after, thoughts_of_harm),
        fields=fields,
    )


PURPOSE = Page(
    key="indications",
    section="reasons",
    title=_("What would you like help with?"),
    fields=(
        Field(
            "codes",
            _("Choose everything that applies"),
            Kind.CHOICES,
            short=_("What you would like help with"),
            options=INDICATIONS,
            missing=_("Choose at least one thing you would like help with."),
        ),
    ),
)
PAGES = (
    PURPOSE,
    _instrument_page("phq9", PHQ9, _("These nine questions measure how strong a depression is.")),
    _instrument_page("gad7", GAD7, _("These seven questions measure anxiety.")),
    _cssrs_page(
        "cssrs_thoughts",
        ("wish_dead", "suicidal_thoughts"),
        "phq9",
        _("In the past month"),
    ),
    _cssrs_page(
        "cssrs_plans",
        ("method", "intent", "plan"),
        "cssrs_thoughts",
        _("In the past month, about these thoughts"),
        shown_if=lambda answers: answers.get("cssrs_thoughts", {}).get("suicidal_thoughts") is True,
    ),
    _cssrs_page("cssrs_behavior", ("behavior_lifetime",), "cssrs_plans", _("In your lifetime")),
    _cssrs_page(
        "cssrs_recent",
        ("behavior_past_3_months",),
        "cssrs_behavior",
        _("In the past three months"),
        shown_if=lambda answers: answers.get("cssrs_behavior", {}).get("behavior_lifetime") is True,
    ),
    _instrument_page("pcl5", PCL5, _("These twenty questions measure post-traumatic stress."), shown_if=_wants("ptsd")),
    _instrument_page("peg", PEG, _("These three questions measure pain."), shown_if=_wants("chronic_pain")),
)
