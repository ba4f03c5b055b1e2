"""Making a file that somebody sent harmless: what is kept was written by us, never the bytes that came in (BUG-28).

Pictures are decoded and written anew as JPEG, letters in PDF are painted page by page and become a PDF of pictures. So
nothing of the camera (place, time), no script, no attachment and no second file inside the first survives.

``clean`` is meant to run in a process of its own (``python -I cleaning.py``), which limits its memory and time before
it touches the first byte; ``uploads`` starts it, and owns the folder in which it works. Imports nothing of the project,
and the decoders only when needed.
"""

import io
import re
import resource
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE  # [house] a phone's largest photo, or a scanned letter
MOST_PIXELS = 50_000_000  # [house] today's telephones; width times height as the file says, before it is decoded
LONGEST_SIDE = 2400  # pixels: a letter can be read, a card's small print too
JPEG_QUALITY = 85
MOST_PAGES = 10  # [house] of a letter
PAGE_DOTS = 144  # per inch
MOST_INFLATED = 256 * MEGABYTE  # what all streams of a letter may come to when they are opened
# The process that reads the file may use no more than this; the decoder of an honest photo needs a quarter.
MEMORY = 1024 * MEGABYTE
CPU_SECONDS = 10

MAGIC = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"%PDF-", "PDF"))
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")
# What a letter has no use for. The names may be written with #-codes and stand in compressed objects.
FORBIDDEN_NAMES = frozenset(
    [
        "JavaScript",
        "JS",
        "Launch",
        "EmbeddedFile",
        "EmbeddedFiles",
        "RichMedia",
        "Movie",
        "Sound",
        "XFA",
        "Encrypt",
        "SubmitForm",
        "ImportData",
    ]
)
_NAME = re.compile(rb"/([A-Za-z0-9#]{2,40})")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_TAIL = 1024  # bytes: how far from its end a PDF must say that it ends
_CHUNK = MEGABYTE
# Formats that hide behind a PDF: the directory of a ZIP archive, a web page, a script of the server.
_STOWAWAYS = (b"pk\x05\x06", b"<script", b"<html", b"<svg", b"<?php")


class Refused(Exception):
    """A file that is not kept; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is kept of a file."""

    media_type: str
    data: bytes
    pages: int


def kind_of(data: bytes) -> str:
    """JPEG, PNG, WEBP or PDF by the first bytes, whatever the name says. Raises Refused for everything else."""
    for magic, kind in MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    raise Refused("heic" if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS else "kind")


def clean(data: bytes, *, letters: bool, folder: Path) -> Cleaned:
    """Write a picture, or with ``letters`` a PDF too, anew. Raises Refused with a code for anything that is not one.

    A letter is laid into ``folder`` meanwhile, and left there.
    """
    if not data:
        raise Refused("empty")
    if len(data) > MOST_BYTES:
        raise Refused("size")
    kind = kind_of(data)
    if kind != "PDF":
        return Cleaned("image/jpeg", _jpeg(data, kind), 1)
    if not letters:
        raise Refused("picture_only")
    check_pdf(data)
    return _painted(data, folder)


# Pictures


def _decoder() -> Any:
    from PIL import Image, ImageFile

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return Image


def _jpeg(data: bytes, kind: str) -> bytes:
    from PIL import ImageOps

    decoder = _decoder()
    try:
        with decoder.open(io.BytesIO(data), formats=[kind]) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise Refused("pixels")
            if picture.mode in ("P", "PA", "LA", "1", "I;16"):
                picture = picture.convert("RGBA")
            # Also lets the JPEG decoder work at a fraction of the size, so a large photo costs little.
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(picture)
            return _encoded(_flat(upright, decoder))
    except Refused:
        raise
    except decoder.DecompressionBombError as error:
        raise Refused("pixels") from error
    except Exception as error:  # a decoder fails in its own way for each kind of damage
        raise Refused("damaged") from error


def _flat(picture: Any, decoder: Any) -> Any:
    """On white paper: JPEG knows no transparency."""
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    paper = decoder.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _encoded(picture: Any) -> bytes:
    # A fresh image has no `info`: nothing of what the file carried beside its pixels can be written again.
    fresh = picture.copy()
    fresh.info = {}
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return out.getvalue()


# Letters


def check_pdf(data: bytes) -> None:
    """Refuse a PDF that is cut off, locked, a bomb, two files in one, or that carries what a letter has no use for."""
    end = data.rfind(b"%%EOF")
    if end < 0 or len(data) - end > _TAIL or b"startxref" not in data[max(0, end - _TAIL) : end]:
        raise Refused("damaged")
    # A word processor may end its file with a line break; anything more is another file behind this one.
    if data[end + 5 :].strip(b"\r\n\0 "):
        raise Refused("stowaway")
    plain = _outside_streams(data)
    if any(word in plain.lower() for word in _STOWAWAYS):
        raise Refused("stowaway")
    for part in (plain, *_hidden_objects(data)):
        if FORBIDDEN_NAMES & _names(part):
            raise Refused("active")


def _names(part: bytes) -> set[str]:
    found = set()
    for name in _NAME.findall(part):
        plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), name)
        found.add(plain.decode("latin-1"))
    return found


def _outside_streams(data: bytes) -> bytes:
    return b" ".join(piece.rpartition(b"endstream")[2] for piece in _STREAM.split(data))


def _hidden_objects(data: bytes) -> Iterator[bytes]:
    """The objects that stand in compressed streams; on the way every stream is measured (MOST_INFLATED)."""
    left = MOST_INFLATED
    for start in _STREAM.finditer(data):
        end = data.find(b"endstream", start.end())
        about = data[max(0, start.start() - _TAIL) : start.start()].rpartition(b" obj")[2]
        kept = bytearray() if "ObjStm" in _names(about) else None
        for chunk in _inflated(data[start.end() : end if end >= 0 else None]):
            left -= len(chunk)
            if left < 0:
                raise Refused("bomb")
            if kept is not None:
                kept += chunk
        if kept:
            yield bytes(kept)


def _inflated(packed: bytes) -> Iterator[bytes]:
    """What zlib finds in a stream, piece by piece; nothing for a picture, or for damage that the painter will meet."""
    opener = zlib.decompressobj()
    try:
        while packed and not opener.eof:
            yield opener.decompress(packed, _CHUNK)
            packed = opener.unconsumed_tail
    except zlib.error:
        return


def _painted(data: bytes, folder: Path) -> Cleaned:
    import typst

    Path(folder, "letter.pdf").write_bytes(data)
    pages: list[bytes] = []
    while len(pages) <= MOST_PAGES:
        try:
            pages.append(_page(typst, folder, len(pages) + 1))
        except typst.TypstError as error:
            if pages and "does not exist" in str(error):
                break
            raise Refused("damaged") from error
    if len(pages) > MOST_PAGES:
        raise Refused("pages")
    return Cleaned("application/pdf", _bound(pages), len(pages))


def _page(typst: Any, folder: Path, number: int) -> bytes:
    source = (
        "#set page(width: 8.5in, height: 11in, margin: 0pt, fill: white)\n"
        f'#image("letter.pdf", page: {number}, width: 100%, height: 100%, fit: "contain")'
    )
    path = Path(folder, "page.typ")
    path.write_text(source)
    painted: bytes = typst.compile(str(path), root=str(folder), format="png", ppi=PAGE_DOTS, ignore_system_fonts=True)
    return painted


def _bound(pages: list[bytes]) -> bytes:
    decoder = _decoder()
    leaves = [_flat(decoder.open(io.BytesIO(page), formats=["PNG"]).convert("RGBA"), decoder) for page in pages]
    out = io.BytesIO()
    leaves[0].save(out, "PDF", save_all=True, append_images=leaves[1:], resolution=PAGE_DOTS, quality=JPEG_QUALITY)
    return out.getvalue()


# The process of its own


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main(letters: str, folder: str) -> int:
    """Standard input to standard output: a line of "media type, pages", then the file; exit 3 and a code if refused."""
    _limit()
    try:
        made = clean(sys.stdin.buffer.read(MOST_BYTES + 1), letters=letters == "letters", folder=Path(folder))
    except Refused as refusal:
        sys.stdout.write(refusal.code)
        return 3
    sys.stdout.buffer.write(f"{made.media_type} {made.pages}\n".encode() + made.data)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
