"""Keeping the Spanish catalogue true: what is missing, what does not fit, what is stale."""

import re

from django.conf import settings

from harmoniously.nonprod.catalogue import po
from harmoniously.nonprod.catalogue.extract import Key, extract

ROOT = settings.BASE_DIR
PO = ROOT / "locale" / "es" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%[sd]|\{\w+\}|<[a-z/][^>]*>")


def update() -> None:
    """Write both files again: every text of today with the Spanish that it has."""
    found, known = extract(ROOT), po.read(PO)
    catalogue = {key: known.get(key, ("", "") if key.plural else ("",)) for key in found.places}
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_text(po.as_po(catalogue, found.places), encoding="utf-8")
    MO.write_bytes(po.as_mo(catalogue))


def problems() -> list[str]:
    """What is wrong with the catalogue, one line each; none when it is complete, fits and is compiled."""
    found, known = extract(ROOT), po.read(PO)
    lines = [f"{place}: translated when the file is loaded, so in one language for all" for place in found.frozen]
    for key, places in sorted(found.places.items(), key=lambda pair: sorted(pair[1])):
        where = f"{min(places)}: {key.text!r}"
        if not all(known.get(key, ("",))):
            lines.append(f"{where} has no Spanish")
        elif wrong := misfit(key, known[key]):
            lines.append(f"{where}: {wrong}")
    lines += [f"{key.text!r} stands in the catalogue and nowhere else" for key in known if key not in found.places]
    if not MO.exists() or MO.read_bytes() != po.as_mo(known):
        lines.append(f"{MO.name} is older than {PO.name}")
    return lines


def misfit(key: Key, said: tuple[str, ...]) -> str:
    """How a translation does not fit its text, or nothing: placeholders, the white space around, empty pieces."""
    wanted = [key.text, key.plural] if key.plural else [key.text]
    # A singular may say "one" in words.
    allowed = {name for text in wanted for name in PLACEHOLDER.findall(text)}
    for number, text in enumerate(said):
        names = set(PLACEHOLDER.findall(text))
        if names - allowed or (allowed - names and not (key.plural and number == 0)):
            return f"{text!r} has other placeholders"
        if (key.text[:1].isspace(), key.text[-1:].isspace()) != (text[:1].isspace(), text[-1:].isspace()):
            return f"{text!r} begins or ends with other white space"
    return ""
