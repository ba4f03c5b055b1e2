"""Reading medicine names as people type them: "Wellbutrin XL 300", "bupropion HCl", "St. John's Wort".

A name is matched without regard to case, strength, salt, release form and dosage words. What cannot be matched in
full stays unmatched: a near spelling is offered as a suggestion and never applied.
"""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

# Words that say how a product releases or is given. They are kept, because some of them change the minimum dose.
_FORMS_WORDS = """
    xl xr er sr cr dr ir la cd ec odt xt extended sustained controlled delayed immediate release
    modified weekly week hbr hydrobromide patch transdermal
"""
FORMS = frozenset(_FORMS_WORDS.split())
_SALTS_WORDS = """
    hcl hydrochloride dihydrochloride hbr hydrobromide maleate succinate mesylate mesilate tartrate
    bitartrate citrate sodium potassium calcium magnesium besylate fumarate hemifumarate oxalate sulfate
    sulphate phosphate acetate carbonate chloride bromide monohydrate pamoate nitrate medoxomil
    dimesylate bisulfate hyclate lactate saccharate aspartate trihydrate dihydrate dipotassium
"""
_SALTS = frozenset(_SALTS_WORDS.split())
_NOISE_WORDS = """
    mg mgs mcg ug g gm gram grams ml milligram milligrams microgram micrograms iu units tablet tablets
    tab tabs capsule capsules cap caps pill pills oral orally sublingual po solution suspension daily
    day days per a an the of every each once twice bid tid qd qhs qam qpm prn hs am nightly bedtime
    morning night hour hours hr hrs h x and with plus or generic brand name for film coated chewable
    dose doses strength nasal spray injection injectable infusion iv im inhaler inhaled cream gel drops
    syrup liquid topical system in at as by to mouth take taking my one two three half times time needed
    weeks months disintegrating otc infusions injections course courses treatment treatments session sessions
    troche troches lozenge lozenges intranasal compounded racemic pulvule pulvules dividose pen pens
    augmentation adjunct adjunctive
    extract anhydrous polistirex w no up current currently previously vicks sleep anxiety pain depression
"""
_NOISE = frozenset(_NOISE_WORDS.split())
_WORDS = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_CUTOFF = 0.7
_SHARED = 0.15  # pairs of letters in common, of the letters of both; a near spelling keeps more
_LONGEST_TYPED = 80  # beyond it no name is near, and comparing would be slow


@dataclass(frozen=True)
class Match:
    """What a typed name was recognised as.

    `keys` are the catalogue keys found, `names` the normalised names that matched, `forms` the release words,
    `unmatched` the words that stay unexplained. Only a match with keys and nothing unmatched is a recognised name.
    """

    keys: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    unmatched: tuple[str, ...] = ()

    @property
    def recognised(self) -> bool:
        return bool(self.keys) and not self.unmatched


def normalise(text: str) -> str:
    """The words that identify a product, in lower case: "Zoloft® tablets" -> "zoloft", "Tylenol #3" -> "tylenol 3"."""
    return " ".join(_kept(_words(text)))


@lru_cache(maxsize=4096)
def normalise_listed(name: str) -> str:
    """The same for a name of the catalogue, which is asked for several times whenever a policy is read."""
    return normalise(name)


def _kept(words: list[str]) -> list[str]:
    return [word for word in words if word not in FORMS or word in _SALTS]


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.replace("™", " ")).casefold()
    plain = re.sub(r"['’‘`´\u0300-\u036f]", "", plain)
    return [word for word in _WORDS.findall(plain) if word not in _NOISE]


def _pairs(name: str) -> set[str]:
    """The pairs of neighbouring letters, its ends included."""
    return {f" {name} "[at : at + 2] for at in range(len(name) + 1)}


class NameIndex:
    """All known names, each leading to one catalogue key."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        """`names` maps a catalogue key to its names. Raises ValueError for an empty name or one with two owners."""
        self._keys: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        for key, spellings in names.items():
            for spelling in spellings:
                self._add(spelling, key)
        self._squeezed = {name.replace(" ", ""): name for name in self._keys}
        self._longest = max((name.count(" ") + 1 for name in self._keys), default=0)
        self._by_pair: dict[str, list[str]] = {}
        for name in self._keys:
            for pair in _pairs(name):
                self._by_pair.setdefault(pair, []).append(name)

    def _add(self, spelling: str, key: str) -> None:
        name = normalise_listed(spelling)
        if not name:
            raise ValueError(f"{spelling!r} has no word that identifies it")
        if self._keys.get(name, key) != key:
            raise ValueError(f"{spelling!r} is listed for {self._keys[name]} and for {key}")
        self._keys[name] = key
        self._shown.setdefault(name, spelling)

    def match(self, text: str) -> Match:
        """Recognise a typed name; several medicines in one name give several keys.

        Strengths and salts are ignored unless they are part of a known name ("Tylenol 3", "calcium carbonate").
        """
        words = [part for word in _words(text) for part in self._unglued(word)]
        forms = frozenset(word for word in words if word in FORMS)
        kept = _kept(words)
        whole = self._squeezed.get("".join(kept)) or self._squeezed.get("".join(w for w in kept if not w[0].isdigit()))
        found, unmatched = self._split(kept)
        if unmatched and whole is not None:
            found, unmatched = [whole], ()
        return Match(frozenset(self._keys[name] for name in found), frozenset(found), forms, unmatched)

    def _unglued(self, word: str) -> list[str]:
        """The word "WellbutrinXL" is two words; a name that only ends like a release form is not."""
        if word in self._keys:
            return [word]
        form = next((form for form in FORMS if word.endswith(form) and word.removesuffix(form) in self._keys), None)
        return [word] if form is None else [word.removesuffix(form), form]

    def _split(self, words: list[str]) -> tuple[list[str], tuple[str, ...]]:
        """The longest known names from left to right, and the words that no name explains."""
        found: list[str] = []
        unmatched: list[str] = []
        at = 0
        while at < len(words):
            lengths = range(min(self._longest, len(words) - at), 0, -1)
            name = next((name for n in lengths if (name := " ".join(words[at : at + n])) in self._keys), None)
            if name is not None:
                found.append(name)
                at += name.count(" ") + 1
                continue
            if not (words[at] in _SALTS or words[at][0].isdigit()):
                unmatched.append(words[at])
            at += 1
        return found, tuple(unmatched)

    def suggest(self, text: str) -> tuple[str, ...]:
        """Known names with a near spelling, best first, at most three. To be shown, never applied."""
        typed = " ".join(word for word in normalise(text).split() if not word[0].isdigit())
        typed = typed[:_LONGEST_TYPED]
        near = difflib.get_close_matches(typed, self._alike(typed), n=3, cutoff=_CUTOFF) if typed else []
        return tuple(self._shown[name] for name in near)

    def _alike(self, typed: str) -> list[str]:
        """The names that share enough pairs of letters to be worth the slow comparison: a few of hundreds."""
        pairs = _pairs(typed)
        shared = Counter(name for pair in pairs for name in self._by_pair.get(pair, ()))
        return [
            name
            for name, count in shared.items()
            if count >= _SHARED * (both := len(typed) + len(name)) and 2 * min(len(typed), len(name)) >= _CUTOFF * both
        ]
