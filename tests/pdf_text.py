"""The words of a PDF that typst made, without another library: each glyph through the font's own ToUnicode map."""

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
CHARS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
PAIR = re.compile(rb"<(\w+)>\s*<(\w+)>")
FONT_OR_STRING = re.compile(rb"/(f\d+) [\d.]+ Tf|\(")
ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _streams(pdf: bytes) -> list[bytes]:
    found = []
    for stream in STREAM.findall(pdf):
        try:
            # Not zlib.decompress: of a stream that ends in a carriage return the pattern takes it for the line's end.
            found.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    return found


def _string(stream: bytes, start: int) -> int:
    """Where the string ends that begins at `start`: pairs of parentheses inside need no escape in a PDF."""
    depth, at = 0, start
    while at < len(stream):
        if stream[at] == ord("\\"):
            at += 1
        elif stream[at] in b"()":
            depth += 1 if stream[at] == ord("(") else -1
            if depth == 0:
                return at
        at += 1
    return at


def _shown(stream: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each string that is shown, with the font it is shown in."""
    font, at = b"", 0
    while found := FONT_OR_STRING.search(stream, at):
        at = found.end()
        if found[1]:
            font = found[1]
        else:
            end = _string(stream, found.start())
            yield font, _bytes(stream[at:end])
            at = end + 1


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
        for font, raw in _shown(stream):
            glyphs[font] += [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]
    read = ("".join(known.get(glyph, "") for glyph in found) for found in glyphs.values() for known in maps)
    return "\n".join("".join(text.split()) for text in read)
