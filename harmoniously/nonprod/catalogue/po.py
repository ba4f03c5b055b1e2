"""Reading and writing the two files of a catalogue: the .po that people edit and the .mo that the program reads.

Only what our catalogue needs: entries with files, context and plural. The formats: https://www.gnu.org/software/gettext.
"""

import ast
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

from harmoniously.nonprod.catalogue.extract import Key

Catalogue = dict[Key, tuple[str, ...]]
MO_MAGIC = 0x950412DE
PLURAL_FORMS = 2
HEADER = {
    "Project-Id-Version": "harmoniously",
    "Language": "es",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}
OPENING = """\
# The Spanish of every page that a patient or a visitor may read. US Spanish, "usted", as plain as the English.
# The words: docs/spanish.md. After a change: make messages.
"""


def read(path: Path) -> Catalogue:
    """The entries of a .po file, the header left out; an empty catalogue when there is no file.

    Raises ValueError, with its line, for a line that is none of a .po file.
    """
    found: Catalogue = {}
    entry: dict[str, str] = {}
    field = ""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate([*lines, ""], start=1):
        if line.startswith('"'):
            entry[field] += ast.literal_eval(line)
        elif line.startswith("msg"):
            field, _, text = line.partition(" ")
            entry[field] = ast.literal_eval(text)
        elif not line.strip():
            _keep(found, entry)
            entry = {}
        elif not line.startswith("#"):
            raise ValueError(f"{path}:{number}: {line}")
    return found


def _keep(found: Catalogue, entry: Mapping[str, str]) -> None:
    if not entry.get("msgid"):
        return
    key = Key(entry["msgid"], entry.get("msgid_plural", ""), entry.get("msgctxt", ""))
    if key in found:
        raise ValueError(f"Twice in the catalogue: {key.text!r}")
    names = [f"msgstr[{number}]" for number in range(PLURAL_FORMS)] if key.plural else ["msgstr"]
    found[key] = tuple(entry.get(name, "") for name in names)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def as_po(catalogue: Catalogue, places: Mapping[Key, Iterable[str]]) -> str:
    """The text of the .po file, in the order of the files that the texts stand in."""
    header = "\n".join(_quoted(f"{name}: {value}\n") for name, value in HEADER.items())
    blocks = [f'{OPENING}msgid ""\nmsgstr ""\n{header}']
    for key in sorted(catalogue, key=lambda key: (sorted(places.get(key, ())), key.text, key.context)):
        lines = [f"#: {place}" for place in sorted(places.get(key, ()))]
        if "%(" in key.text:
            lines.append("#, python-format")
        if key.context:
            lines.append(f"msgctxt {_quoted(key.context)}")
        lines.append(f"msgid {_quoted(key.text)}")
        if key.plural:
            lines.append(f"msgid_plural {_quoted(key.plural)}")
        said = catalogue[key]
        names = [f"msgstr[{number}]" for number in range(PLURAL_FORMS)] if key.plural else ["msgstr"]
        lines += [f"{name} {_quoted(text)}" for name, text in zip(names, said, strict=True)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def as_mo(catalogue: Catalogue) -> bytes:
    """The bytes of the .mo file: what is translated, sorted as gettext wants it."""
    rows: dict[bytes, bytes] = {b"": "".join(f"{name}: {value}\n" for name, value in HEADER.items()).encode()}
    for key, said in catalogue.items():
        if all(said):
            name = f"{key.context}\x04{key.text}" if key.context else key.text
            rows[(f"{name}\x00{key.plural}" if key.plural else name).encode()] = "\x00".join(said).encode()
    names = sorted(rows)
    texts = [rows[name] for name in names]
    start = 7 * 4
    at = start + 16 * len(names)
    table: list[int] = []
    for block in (names, texts):
        for piece in block:
            table += [len(piece), at]
            at += len(piece) + 1
    head = struct.pack("<7I", MO_MAGIC, 0, len(names), start, start + 8 * len(names), 0, 0)
    return head + struct.pack(f"<{len(table)}I", *table) + b"".join(piece + b"\0" for piece in names + texts)
