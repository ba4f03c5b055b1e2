"""Tables as files for a spreadsheet: the one place that writes them, so that no cell of one can act.

A spreadsheet runs what begins with = + - or @, also behind blanks and invisible signs. Such a text gets an apostrophe
in front, which a spreadsheet shows as text; a number stays a number. Every text stands in quotes and on one line, so
that no comma and no line break makes a cell of a part of it. UTF-8 with its mark, or Excel would guess.

The separator is a comma, as everywhere in the United States. Where a computer is set to semicolons, a line is one cell
until the first semicolon that somebody wrote; what follows is a cell of its own, quotes or not, so that the apostrophe
stands there as well. No "sep=" line: other programs show it as a row, and Excel then overlooks the mark.
"""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, islice

from django.http import StreamingHttpResponse

# More rows are refused before they are read: whoever needs them narrows the list, or asks whoever runs the service.
MOST_ROWS = 50_000
BATCH = 500
MARK = "\ufeff"
# As typed, and as they are written in wide type, which spreadsheets take for the same.
_ACTING = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_BREAKING = frozenset("\t\r\n")


class _Line:
    """What csv.writer writes to: keeps the one line."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)


def cell(value: object) -> str | int | float | Decimal:
    """A value as it may stand in a file: numbers as they are, everything else as a text that a spreadsheet never runs.

    Moments are in UTC; nothing is an empty cell.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return value.isoformat() if isinstance(value, date) else _harmless(str(value))


def _harmless(text: str) -> str:
    first, *later = _flat(text).split(";")
    acts = text[:1] in _BREAKING or _first_seen(first) in _ACTING
    return ";".join(
        [_quoted(first, acts), *(_quoted(part, _first_seen(part.replace('"', "")) in _ACTING) for part in later)]
    )


def _quoted(text: str, acts: bool) -> str:
    return f"'{text}" if acts else text


def _flat(text: str) -> str:
    """On one line; nearly every text is so already, and its signs need not be looked at one by one."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text)


def _first_seen(text: str) -> str:
    return next((sign for sign in text if not _is_blank(sign)), "")


def _is_blank(sign: str) -> bool:
    """Blanks, controls, and signs without a width such as a byte order mark."""
    return sign.isspace() or unicodedata.category(sign)[0] in "CZ"


def lines(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a file, the header first."""
    out = _Line()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in chain([header], rows):
        out.text = ""
        writer.writerow([cell(value) for value in row])
        yield out.text


def csv_response(name: str, header: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A file to keep, sent in pieces while it is read: `rows` may be as many as it likes.

    Whoever calls has recorded the reading before (SEC-06): afterwards it is too late to refuse. `name` is without the
    ending, and says nothing of anybody.
    """
    text = chain([MARK], lines(header, rows))
    pieces = iter(lambda: "".join(islice(text, BATCH)).encode(), b"")
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
