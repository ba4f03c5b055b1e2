"""The words of a PDF that typst made, without another library: each glyph through the font's own ToUnicode map."""

import re
import zlib
from collections import defaultdict

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
CHARS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
PAIR = re.compile(rb"<(\w+)>\s*<(\w+)>")
SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf.*?(?:\[(.*?)\]TJ|(\((?:[^\\()]|\\.)*\))Tj)", re.DOTALL)
LITERAL = re.compile(rb"\(((?:[^\\()]|\\.)*)\)", re.DOTALL)
ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _streams(pdf: bytes) -> list[bytes]:
    found = []
    for stream in STREAM.findall(pdf):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return found


def _bytes(literal: bytes) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8)]) if code.isdigit() else NAMED.get(code, code)

    return ESCAPE.sub(one, literal)


def words_of(pdf: bytes) -> str:
    """All text without spaces: the glyphs of each font read through every map, one of which is its own."""
    streams = _streams(pdf)
    maps = [
        {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in PAIR.findall(block)}
        for block in (b"".join(CHARS.findall(stream)) for stream in streams)
        if block
    ]
    glyphs: dict[bytes, list[int]] = defaultdict(list)
    for stream in streams:
        for font, array, single in SHOWN.findall(stream):
            raw = b"".join(_bytes(part) for part in LITERAL.findall(array or single))
            glyphs[font] += [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]
    read = ("".join(known.get(glyph, "") for glyph in found) for found in glyphs.values() for known in maps)
    return "\n".join("".join(text.split()) for text in read)
