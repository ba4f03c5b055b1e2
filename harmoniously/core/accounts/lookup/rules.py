"""What somebody means who types into the one box for finding a person, and how a name is spelled for comparing.

Pure: no database, no clock.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from harmoniously.core.common.phones import e164

LONGEST = 200
PHONE_END = 4
OLDEST_YEAR = 1880
_LOCAL_DIGITS = 7
# Letters that are letters of their own and not others with a sign on them.
_SPELLED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_APOSTROPHES = re.compile(r"(?<=\w)['’‘`´ʼ](?=\w)")
_WORD = re.compile(r"[^\W_]+")
_EMAIL = re.compile(r"\S+@\S*")
# The start with its hyphen, or the whole number without it; one without any digit would be a name.
_MRN = re.compile(r"(?<!\w)(?:h-[2-9a-z]{1,7}|h(?=[a-z]*\d)[2-9a-z]{7})(?![\w-])", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATES = (
    (re.compile(r"(?<![\d/.-])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d/.-]?\d)"), "ymd"),
    (re.compile(r"(?<![\d/.-])(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?![\d/.-]?\d)"), "mdy"),
    (re.compile(r"(?<!\d)(?<!\d )(\d{1,2}) (\d{1,2}) (\d{4})(?!\d| ?\d)"), "mdy"),
    (re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b", re.IGNORECASE), "mdy"),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? {_MONTH},? (\d{{4}})\b", re.IGNORECASE), "dmy"),
    (re.compile(r"(?<![\d+(])(?<![\d)][ .-])(\d{2})(\d{2})((?:19|20)\d{2})(?![ .-]?\d)"), "mdy"),
)
_NUMBER = re.compile(r"\+?\(?\d(?:[\s().-]*\d)*")


@dataclass(frozen=True, slots=True)
class Sought:
    """What was typed, by kind. Everything has to fit; `beginnings` are starts of words of the name."""

    mrn: str = ""
    email: str = ""
    births: tuple[date, ...] = ()
    phones: tuple[str, ...] = ()
    phone_ends: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    # Digits that are too few to be anything.
    unread: tuple[str, ...] = ()

    @property
    def is_anchored(self) -> bool:
        """Whether something stands there by which the database can find a row."""
        return bool(self.mrn or self.email or self.births or self.phones or self.phone_ends or self.words)

    @property
    def kinds(self) -> list[str]:
        """What was typed, for the trail: never the words themselves."""
        names = ("mrn", "email", "births", "phones", "phone_ends", "words", "beginnings")
        return [name for name in names if getattr(self, name)]


def plain(text: str) -> str:
    """Without accents, capitals and apostrophes: "D'Ávila" is "davila"."""
    folded = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).casefold())
    return "".join(sign for sign in folded if not unicodedata.combining(sign)).translate(_SPELLED)


def words_of(name: str) -> frozenset[str]:
    """The words of a name under which it can be found. "O'Brien-Ruiz" is obrien, brien and ruiz."""
    parts = {*_WORD.findall(plain(name)), *_WORD.findall(plain(_APOSTROPHES.sub(" ", name)))}
    return frozenset(part for part in parts if len(part) > 1)


def phone_end(number: str) -> str:
    """The last four digits of a number, by which people say which one it is."""
    digits = _digits(number)
    return digits[-PHONE_END:] if len(digits) >= _LOCAL_DIGITS else ""


def fits(sought: Sought, *, names: frozenset[str], phone: str) -> bool:
    """Whether an opened record has what no index knows: how words begin, and how the number ends."""
    digits = _digits(phone)
    return all(any(word.startswith(start) for word in names) for start in sought.beginnings) and all(
        digits.endswith(end) for end in sought.phone_ends
    )


def last_word_as_beginning(sought: Sought) -> Sought | None:
    """The same with the last word unfinished, when something else holds the search; else None."""
    if not sought.words:
        return None
    *others, last = sought.words
    found = Sought(
        **{name: getattr(sought, name) for name in ("mrn", "email", "births", "phones", "phone_ends")},
        words=tuple(others),
        beginnings=(*sought.beginnings, last),
    )
    return found if found.is_anchored else None


def read(typed: str, *, today: date) -> Sought:
    """Take what was typed apart: record number, e-mail address, birth date, telephone number, and words of a name."""
    left = _Left(" ".join(typed[:LONGEST].split()))
    email = left.take(_EMAIL)
    mrn = left.take(_MRN)
    births = tuple(left.dates(today))
    phones, ends, unread = [], [], []
    for number in left.take_all(_NUMBER):
        digits = _digits(number)
        full = e164(number) if len(digits) >= 10 else ""
        if full:
            phones.append(full)
        elif PHONE_END <= len(digits) < 10:
            ends.append(digits)
        else:
            unread.append(number)
    typed_words = list(dict.fromkeys(_WORD.findall(plain(left.text))))
    return Sought(
        mrn=_mrn(mrn[0]) if mrn else "",
        email=email[0].strip("<>,;").lower() if email else "",
        births=births,
        phones=tuple(phones),
        phone_ends=tuple(ends),
        words=tuple(word for word in typed_words if len(word) > 1),
        beginnings=tuple(word for word in typed_words if len(word) == 1),
        unread=tuple(unread),
    )


@dataclass
class _Left:
    """What of the line was not understood yet."""

    text: str
    found: list[str] = field(default_factory=list)

    def take(self, pattern: re.Pattern[str]) -> list[str]:
        """The first match, taken out of the line."""
        match = pattern.search(self.text)
        if match is None:
            return []
        self.text = f"{self.text[: match.start()]} {self.text[match.end() :]}"
        return [match[0]]

    def take_all(self, pattern: re.Pattern[str]) -> list[str]:
        """Every match, taken out of the line."""
        taken = pattern.findall(self.text)
        self.text = pattern.sub(" ", self.text)
        return taken

    def dates(self, today: date) -> Iterator[date]:
        """Every birth date that the line holds, taken out of it."""
        for pattern, order in _DATES:
            for match in pattern.finditer(self.text):
                born = _born(dict(zip(order, match.groups(), strict=True)), today)
                if born is not None:
                    self.text = self.text.replace(match[0], " ", 1)
                    yield born


def _born(parts: dict[str, str], today: date) -> date | None:
    """The day, or None when there is none such or it has not been yet. Two digits of a year are the last such year."""
    month = parts["m"] if parts["m"].isdigit() else str(_MONTHS.index(parts["m"][:3].lower()) + 1)
    year = int(parts["y"])
    if len(parts["y"]) == 2:
        year += today.year - today.year % 100
        year -= 100 if year > today.year else 0
    for at, day in ((int(month), int(parts["d"])), (int(parts["d"]), int(month))):
        try:
            born = date(year, at, day)
        except ValueError:
            continue  # a day before the month, as most of the world writes it
        return born if year >= OLDEST_YEAR and born <= today else None
    return None


def _mrn(text: str) -> str:
    """As it stands on the record: H-7KF2M3Q."""
    letters = text.upper().replace("-", "")
    return f"H-{letters[1:]}"


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())
