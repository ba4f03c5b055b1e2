"""The shape of an instrument and the arithmetic that the summed ones share."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Option:
    """One answer and the points it scores."""

    value: int
    label: str


@dataclass(frozen=True)
class Item:
    """One question, worded as published. `hint` is part of the published text, `shown_if` the key that opens it."""

    key: str
    text: str
    hint: str = ""
    shown_if: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Band:
    """A named range of scores that starts at `lowest` (inclusive)."""

    lowest: float
    name: str


@dataclass(frozen=True)
class Wording:
    """The published text in another language: one entry per item and option, in the order of the English ones."""

    language: str
    title: str
    preamble: str
    items: tuple[str, ...]
    options: tuple[str, ...]
    attribution: str
    source: str
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Instrument:
    """A published questionnaire. `source` says where wording and bands are from, `attribution` is shown beneath it."""

    key: str
    name: str
    title: str
    preamble: str
    items: tuple[Item, ...]
    options: tuple[Option, ...]
    attribution: str
    source: str
    bands: tuple[Band, ...] = field(default=())
    wordings: tuple[Wording, ...] = ()
    language: str = "en"

    def in_language(self, language: str) -> "Instrument":
        """The same questionnaire as published in a language; as it is where there is no such text that we may use.

        `language` of what comes back says which it is. Values, items and scoring are the same in every language.
        """
        text = next((one for one in self.wordings if one.language == language), None)
        if text is None:
            return self
        hints = text.hints or ("",) * len(self.items)
        said = zip(self.items, text.items, hints, strict=True)
        return replace(
            self,
            title=text.title,
            preamble=text.preamble,
            items=tuple(replace(item, text=words, hint=hint) for item, words, hint in said),
            options=tuple(replace(one, label=label) for one, label in zip(self.options, text.options, strict=True)),
            attribution=text.attribution,
            source=text.source,
            language=language,
        )

    @property
    def length(self) -> int:
        return len(self.items)

    @property
    def lowest(self) -> int:
        return min(option.value for option in self.options)

    @property
    def highest(self) -> int:
        return max(option.value for option in self.options)


@dataclass(frozen=True)
class Score:
    """A scored questionnaire. With an unanswered item there is no total and no band."""

    total: float | None
    band: str | None
    complete: bool

    def to_json(self) -> dict[str, float | str | None]:
        return {"total": self.total, "band": self.band}


UNSCORED = Score(total=None, band=None, complete=False)


def answered(instrument: Instrument, items: Sequence[int | None]) -> list[int] | None:
    """The answers of a complete questionnaire, None when one is missing.

    Raises ValueError for a wrong number of items or a value that is not one of the options.
    """
    if len(items) != instrument.length:
        raise ValueError(f"{instrument.name} has {instrument.length} items, not {len(items)}")
    given = [item for item in items if item is not None]
    lowest, highest = instrument.lowest, instrument.highest
    for item in given:
        if isinstance(item, bool) or not lowest <= item <= highest:
            raise ValueError(f"{instrument.name} items are {lowest} to {highest}, not {item!r}")
    return given if len(given) == instrument.length else None


def band_of(instrument: Instrument, total: float) -> str:
    """The highest band whose lowest score is reached."""
    return [band.name for band in instrument.bands if total >= band.lowest][-1]


def score_sum(instrument: Instrument, items: Sequence[int | None]) -> Score:
    """Sum the items of a summed instrument."""
    values = answered(instrument, items)
    if values is None:
        return UNSCORED
    total = sum(values)
    return Score(total=total, band=band_of(instrument, total), complete=True)
