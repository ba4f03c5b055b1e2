"""The words of an order against its numbers: the label repeats the directions (21 CFR 1306.05), so both are one dose.

What plainly names another dose refuses. What cannot be read for sure asks for a written reason: nothing that was not
understood passes as fitting.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from treatment.rules.reasons import Reason, Weight, reason

_SOURCE = "21 CFR 1306.05: the directions of the order"
_WORDS = {word: str(count) for count, word in enumerate((
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
))} | {"single": "1", "both": "2", "couple": "2", "pair": "2"}  # fmt: skip
_SIGNS = str.maketrans({
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": " - ", "\u2212": "-", "×": " x ",
    "½": " 1/2", "¼": " 1/4", "¾": " 3/4", "’": "'",
})  # fmt: skip
# As many units as an order has at most: in "2-100 mg lozenges" the 2 is a count, in "50-100 mg" it is a range.
_MOST_UNITS = 20
# Stands for an amount of milligrams once it was read.
_MG = "§"
_NUMBER = r"(?<![\d./,])\d+(?:\.\d+)?(?![\d/]|\.\d)"
_PART = r"\d+/\d+|half|quarter"
_AMOUNT = rf"(?:{_NUMBER}(?:\s*(?:-|to|or|and)\s*(?:{_NUMBER}|{_PART})|\s+\d/\d)?|{_PART})"
_NOUN = r"(?:lozenge|loz|troche|tablet|tab|unit|spray|puff|piece|pill|capsule|rdt|odt)(?:s|\(s\))?(?![a-z])"
_KNOWN = (
    "(?:x|of|an?|the|these|your|those|sublingual|oral|buccal|ketamine|racemic|hcl|hydrochloride|rapid|rapidly|"
    f"dissolve|dissolving|disintegrating|compounded|flavou?red|whole|full|{_MG})(?![a-z])"
)
_OTHER_THING = (
    "(?!(?:min|minutes?|hours?|days?|weeks?|months?|times?|sessions?|am|pm|percent|before|after|then|and|with|while)"
    r"\b)[a-z]+"
)
_COUNTED = re.compile(rf"({_AMOUNT})(?:[\s-]+{_KNOWN})*((?:[\s-]+{_OTHER_THING}){{0,2}}?)[\s-]+{_NOUN}")
_VERB = r"\b(?:take|dissolve|hold|place|put|use|keep|insert|suck|melt)\s+(?:up to\s+)?"
_ALONE = r"\s*(?:[.,;:\n]|$|(?:under|in|at|by|on|beneath|sublingually|together|for|(?:of\s+)?ketamine(?!\s+[a-z]))\b)"
_BARE = re.compile(rf"{_VERB}({_AMOUNT})(?={_ALONE})")
_TIME = (
    r"(?:\s*(?:-|to|or)\s*\d+)?[\s-]*(?:min|minutes?|hours?|hrs?|h|days?|weeks?|months?|times?|x|seconds?|sec|am|pm)\b"
)
_LOOSE = re.compile(rf"{_VERB}({_NUMBER})(?!{_TIME})|({_NUMBER})\s*(?:per|each|every|/)\s*(?:planned\s+)?session")
_ONE_OF = re.compile(rf"{_VERB}an?\s+(?:{_KNOWN}[\s-]+)*(?:lozenge|troche|tablet)\b(?!s|\()")
_AFTER_NOUN = re.compile(rf"{_NOUN}[\s:x]+(\d+)(?=\s*(?:[.,;\n-]|$|(?:and|or|to)\b))")
_VAGUE = re.compile(
    rf"\b(?:(?:several|some|few|all|additional|extra|more)\b(?:[\s-]+{_KNOWN})*[\s-]+{_NOUN}"
    rf"|(?:double|twice|triple|half)\s+(?:the\s+|your\s+)?(?:usual\s+)?(?:dose|amount)|another\s+{_NOUN}"
    r"|repeat(?!\s+(?:\w+\s+)?(?:every|each|weekly|on)\b))"
)
_AMOUNT_MG = re.compile(
    r"(?:(\d+(?:\.\d+)?)\s*(?:-|to|or)\s*)?(\d[\d,]*(?:\.\d+)?)[\s-]*(mg|milligrams?|mcg|grams?|g)\b"
)
_STEP = re.compile(r"[\s-]*(?:at a time|after (?:the other|another)|by 1)")
_SIDES = re.compile(r"[\s-]*(?:(?:in|on|into) (?:each|every)|per) (?:cheek|side|nostril)")
_NEXT = re.compile(r"\b(?:then|and)\s+(?:\w+\s+)?(?:the\s+)?(?:next|other|second|another)\b")
_TIMES = re.compile(r"[\s,]*(\d+) times(?!\s*(?:(?:a|per|each|every)\s|weekly|monthly))")
_AND_MORE = re.compile(r"\b(?:and|then|plus)\s+(\d+)\s+(?:in|into|on|under)\s+(?!each|every)")
_LIMIT = re.compile(r"\b(?:not|no|never|don't|nor)\b[^.;\n]*\bmore than(?: a)?\s*$|\b(?:at most|maximum(?: of)?)\s*$")
_PERIOD = re.compile(r"\s*(?:in|per|every|each|within|an?)\s+(?:\d+\s+)?(?:hour|day|week|month|year)")
_NOT = re.compile(r"\b(?:not|no|never|don't|none)\b[^.;\n]*$")
_FORBIDDEN = re.compile(r"\b(?:not|no|never|don't)\b[^.;,\n]*$")
_AGAIN = re.compile(r"\b(?:later|again|then(?! (?:spit|swallow))|wait|after)\b")
_IN_MG = {"mcg": Decimal("0.001"), "g": Decimal(1000), "gram": Decimal(1000), "grams": Decimal(1000)}


def contradicts(directions: str, *, spits: bool) -> bool:
    """Whether directions name only the opposite of what is done with the product after the hold.

    "Do not swallow, spit out" names both and stands; so do directions that leave it to the product.
    """
    spit, swallow = (bool(re.search(rf"\b{word}", directions, re.IGNORECASE)) for word in ("spit", "swallow"))
    return swallow and not spit if spits else spit and not swallow


@dataclass(frozen=True)
class _Named:
    """A number of units that the text names: `weight` None when it fits, `count` when it is a whole one of its own."""

    text: str
    weight: Weight | None
    count: int | None = None
    at: int = 0


def check_directions(directions: str, *, units: int, strength_mg: Decimal) -> tuple[Reason, ...]:
    """What the directions say beside the order of `units` of `strength_mg`: refused, asked about, or nothing.

    A step of the dose ("one in each cheek", "one at a time") and a limit over time ("not more than two units a week")
    name no dose, and directions without a number stand.
    """
    text, found = _read_mg(_plain(directions), units=units, strength_mg=strength_mg)
    named = sorted((*_counts(text, units), *_bare(text, units)), key=lambda one: one.at)
    own = [one for one in named if one.weight is None and one.count == units]
    parts = [one for one in named if one.count is not None and one.weight is Weight.REFUSE and one.count < units]
    # What may be parts of the one dose: "two lozenges ... one lozenge", "one lozenge, then one lozenge".
    may_be_parts = bool(own) or sum(one.count or 0 for one in parts) == units
    for one in named:
        if one.weight is Weight.REFUSE and not (may_be_parts and one in parts):
            found.append(reason("directions_units", Weight.REFUSE, _SOURCE, named=one.text, units=units))
        elif one.weight is not None:
            found.append(_doubt(one.text))
    if len(own) > 1 and _AGAIN.search(text[own[0].at : own[-1].at]):
        found.append(_doubt(own[-1].text))
    return tuple(dict.fromkeys((*found, *_vague(text, units))))


def _plain(directions: str) -> str:
    """Small letters, one kind of hyphen and space, and digits for the words of numbers."""
    text = re.sub(r"[^\S\n]+", " ", directions.translate(_SIGNS).lower())
    text = re.sub(rf"\b(?:{'|'.join(_WORDS)})\b", lambda found: _WORDS[found.group()], text)
    text = re.sub(r"\b(\d+)\s*x(?= |\d)", r"\1 x ", text)
    text = re.sub(r"\b(?:a |1[ -])(?=half|quarter)", "", text)
    text = re.sub(r"\b(\d+)\.0+(?!\d)", r"\1", text)
    # "2 (two)" is one number.
    return re.sub(r"\b(\d+) ?\(\s*\1\s*\)", r"\1", text)


def _read_mg(text: str, *, units: int, strength_mg: Decimal) -> tuple[str, list[Reason]]:
    """The text with a mark for each amount of milligrams, and what is said of amounts that are not the order's."""
    dose, found = strength_mg * units, []

    def read(match: re.Match[str]) -> str:
        low, amount, unit = match.groups()
        before, after, shown = text[: match.start()], text[match.end() :], match.group().strip()
        mg = Decimal(amount.replace(",", "")) * _IN_MG.get(unit, Decimal(1))
        of_unit = re.match(rf"(?:[\s-]+{_KNOWN})*[\s-]+{_NOUN}", after) is not None
        is_range = low is not None and (not of_unit or Decimal(low) > _MOST_UNITS)
        is_dose = re.search(rf"{_VERB}$", before) is not None and re.match(_ALONE, after) is not None
        if is_range or mg not in (strength_mg, dose):
            counted = of_unit and re.search(r"\d(?: x)?[\s-]*$", before) is not None
            if (is_dose or counted) and not _NOT.search(before):
                facts = {"strength": f"{strength_mg.normalize():f}", "dose": f"{dose.normalize():f}"}
                found.append(reason("directions_mg", Weight.REFUSE, _SOURCE, named=shown, **facts))
            else:
                found.append(_doubt(shown))
        elif is_dose and mg != dose or of_unit and mg != strength_mg:
            found.append(_doubt(shown))
        return _MG if low is None or is_range else f"{low} {_MG}"

    return _AMOUNT_MG.sub(read, text), found


def _counts(text: str, units: int) -> Iterator[_Named]:
    for match in _COUNTED.finditer(text):
        amount, unknown = match.groups()
        after, shown = text[match.end() :], " ".join(match.group().replace(_MG, " ").split())
        named = _weigh(amount, shown, text[: match.start()], after, units)
        # "2 small lozenges" and "1 tablet of ondansetron": who wrote it knows whether that is the dose.
        other = re.match(r"\s+of\s+(?!ketamine|the\b|each|\W)[a-z]", after) is not None
        if named.weight is Weight.REFUSE and (unknown.strip() or other or _FORBIDDEN.search(text[: match.start()])):
            named = replace(named, weight=Weight.ASK)
        yield replace(named, at=match.start())


def _bare(text: str, units: int) -> Iterator[_Named]:
    for match in _BARE.finditer(text):
        named = _weigh(match[1], match.group().strip(), text[: match.start()], text[match.end() :], units)
        yield replace(named, at=match.start())


def _weigh(amount: str, shown: str, before: str, after: str, units: int) -> _Named:
    """What one named amount is to an order of `units`."""
    if not amount.isdigit():
        # A range or a fraction is never a whole number of units.
        return _Named(shown, Weight.REFUSE)
    count, sides, times = int(amount), _SIDES.match(after), _TIMES.match(after)
    if _LIMIT.search(before):
        return _Named(shown, None if _PERIOD.match(after) and count >= units else Weight.ASK)
    if times is not None:
        return _Named(f"{shown}{times.group()}", None if count * int(times[1]) == units else Weight.ASK)
    if sides is not None:
        wrong = Weight.REFUSE if 2 * count > units else Weight.ASK
        return _Named(f"{shown}{sides.group()}", None if 2 * count == units else wrong)
    if count < units and (_STEP.match(after) or _NEXT.search(re.split(r"[.;\n]", after)[0])):
        return _Named(shown, None if count == 1 else Weight.ASK)
    more = _AND_MORE.search(re.split(r"[.;\n]", after)[0])
    if more is not None:
        whole = count + int(more[1])
        return _Named(f"{shown} {more.group().strip()}", None if whole == units else Weight.ASK)
    if "up to " in before[-6:] + shown and count <= units:
        return _Named(shown, Weight.ASK)
    return _Named(shown, None if count == units else Weight.REFUSE, count)


def _vague(text: str, units: int) -> Iterator[Reason]:
    """What may be a number of units: "some lozenges", "lozenges: 2", a second helping."""
    for match in _AFTER_NOUN.finditer(text):
        if match[1] != str(units) or re.match(r"\s*(?:and|or|to|-)", text[match.end() :]):
            yield _doubt(match.group())
    for match in _LOOSE.finditer(text):
        number = match[1] or match[2]
        read = _BARE.match(text, match.start()) or _COUNTED.match(text, match.start(1))
        if number != str(units) and not (match[1] and read):
            yield _doubt(match.group())
    for match in _ONE_OF.finditer(text) if units > 1 else ():
        rest = re.split(r"[.;\n]", text[match.end() :])[0]
        if not (_STEP.match(rest) or _NEXT.search(rest)):
            yield _doubt(match.group())
    for match in _VAGUE.finditer(text):
        next_of_them = match.group().startswith("another") and units > 1
        if not next_of_them and not _NOT.search(text[: match.start()]):
            yield _doubt(match.group())


def _doubt(text: str) -> Reason:
    return reason("directions_doubtful", Weight.ASK, _SOURCE, named=text)
