"""Instruments in the reader's language: as published there, else in English with a word about it."""

from collections.abc import Callable, Iterable

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from harmoniously.core.accounts import languages
from harmoniously.core.questions.instruments import Instrument
from harmoniously.core.questions.specs import LANGUAGE, Answers, Page, Text

ENGLISH_ONLY = _(
    "We know of no tested Spanish text of this questionnaire that is free to use, so its questions stand here in "
    "English. You can leave them open with the last box on the page; a clinician then goes through them with you."
)


def shown(instrument: Instrument) -> Instrument:
    """The instrument as the reader sees it; its `language` says in which language that is."""
    return instrument.in_language(languages.current())


def _item(instrument: Instrument, key: str, part: str) -> str:
    return next(str(getattr(item, part)) for item in shown(instrument).items if item.key == key)


def _part(instrument: Instrument, part: str) -> str:
    found = shown(instrument)
    return str(getattr(found, part) or found.title)


# Put into words when they are shown, for page specs, which are made once for all readers.
_item_later: Callable[[Instrument, str, str], Text] = lazy(_item, str)
_part_later: Callable[[Instrument, str], Text] = lazy(_part, str)


def item_text(instrument: Instrument, key: str) -> Text:
    """The words of one item."""
    return _item_later(instrument, key, "text")


def item_hint(instrument: Instrument, key: str) -> Text:
    """What stands under one item."""
    return _item_later(instrument, key, "hint")


def title(instrument: Instrument) -> Text:
    """What the instrument is called."""
    return _part_later(instrument, "title")


def preamble(instrument: Instrument) -> Text:
    """What stands above the items, or the title of an instrument that has nothing above them."""
    return _part_later(instrument, "preamble")


def attribution(instrument: Instrument) -> Text:
    """Whose questionnaire it is."""
    return _part_later(instrument, "attribution")


def instrument_of(page: Page) -> Instrument | None:
    """The instrument that a page asks, or a part of."""
    return page.instrument or next((spec.instrument for spec in page.fields if spec.instrument is not None), None)


def other_language(page: Page) -> str:
    """The language of a page's instrument where it is not that of the page around it, else an empty string."""
    instrument = instrument_of(page)
    language = shown(instrument).language if instrument is not None else languages.current()
    return "" if language == languages.current() else language


def about_language(page: Page) -> Text:
    """What to say above an instrument that stands in another language, else nothing."""
    return ENGLISH_ONLY if other_language(page) else ""


def language_of(used: Answers, keys: Iterable[str]) -> str:
    """In which language the instrument of these pages was shown when it was answered."""
    return next((used[key][LANGUAGE] for key in keys if LANGUAGE in used.get(key, {})), languages.ENGLISH)
