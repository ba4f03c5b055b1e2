"""Files that somebody sends: what is kept was written by us, sealed, and no more than may be (BUG-28)."""

import io
import os
import struct
import subprocess
import sys
import zlib
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from PIL import Image

from harmoniously.core.accounts.models import Patient
from harmoniously.core.common.encryption import DecryptionError
from harmoniously.core.documents import cleaning, places, uploads
from harmoniously.core.documents.upload_models import Upload
from tests.cast import NOON

SECRET = "Qzwhere"  # what a camera wrote into the picture


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 32), **also: Any) -> bytes:
    """A picture that carries words beside its pixels."""
    words = Image.Exif()
    words[0x010E], words[0x0112] = SECRET, 6  # description, and "turned by a quarter"
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, exif=words, **also)
    return out.getvalue()


def letter(pages: int = 1) -> bytes:
    """A PDF of some pages."""
    leaf = Image.new("RGB", (60, 80), "white")
    out = io.BytesIO()
    leaf.save(out, "PDF", save_all=True, append_images=[leaf] * (pages - 1), title=SECRET)
    return out.getvalue()


def _with(objects: bytes) -> bytes:
    return b"%PDF-1.5\n" + objects + b"\n" + letter()[9:]


def _bomb() -> bytes:
    """One megabyte of zeros, packed once and repeated: a stream may go on after a full flush."""
    zeros, packer = bytes(cleaning.MEGABYTE), zlib.compressobj()
    first, again = (packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (cleaning.MOST_INFLATED // cleaning.MEGABYTE)


def _packed(content: bytes, about: bytes = b"") -> bytes:
    return _stream(zlib.compress(content, 9), about)


def _stream(packed: bytes, about: bytes = b"") -> bytes:
    head = b"9 0 obj <<" + about + b"/Filter/FlateDecode/Length " + str(len(packed)).encode() + b">>\nstream\n"
    return head + packed + b"\nendstream endobj"


def _huge_png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


REFUSED = {
    "empty": (b"", "empty"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "kind"),
    "html": (b"<!doctype html><script>alert(1)</script>", "kind"),
    "gif": (b"GIF89a" + b"\0" * 40, "kind"),
    "a zip": (b"PK\x03\x04" + b"\0" * 40, "kind"),
    "an iPhone's own kind": (b"\0\0\0\x18ftypheic" + b"\0" * 40, "heic"),
    "a page under the magic of a picture": (b"\xff\xd8\xff\xe0<script>alert(1)</script>", "damaged"),
    "a picture cut off": (picture(size=(640, 480))[:-600], "damaged"),
    "a picture that is a bomb": (_huge_png(), "pixels"),
    "one byte too many": (b"\xff\xd8\xff" + b"\0" * (cleaning.MOST_BYTES - 2), "size"),
    "a letter cut off": (letter()[:-40], "damaged"),
    "a letter behind a picture": (b"GIF89a" + letter(), "kind"),
    "an archive behind a letter": (letter() + b"PK\x05\x06" + b"\0" * 18, "stowaway"),
    "a page inside a letter": (_with(b"% <script>alert(1)</script>"), "stowaway"),
    "a script": (_with(b"9 0 obj <</S/JavaScript/JS(app.alert(1))>> endobj"), "active"),
    "a script under another spelling": (_with(b"9 0 obj <</S/J#61vaScript>> endobj"), "active"),
    "a script in a packed object": (_with(_packed(b"<</S/JavaScript>>", b"/Type/ObjStm")), "active"),
    "a file inside": (_with(b"9 0 obj <</Type/Filespec/EF<<>>/EmbeddedFiles 1 0 R>> endobj"), "active"),
    "a program to start": (_with(b"9 0 obj <</S/Launch/F(cmd.exe)>> endobj"), "active"),
    "a lock": (_with(b"trailer <</Encrypt 1 0 R>>"), "active"),
    "a letter that is a bomb": (_with(_stream(_bomb())), "bomb"),
    "too many pages": (letter(cleaning.MOST_PAGES + 1), "pages"),
}


def test_bug_28_everything_that_is_not_a_plain_picture_or_letter_is_refused(tmp_path: Path) -> None:
    for name, (data, code) in REFUSED.items():
        with pytest.raises(cleaning.Refused) as refusal:
            cleaning.clean(data, letters=True, folder=tmp_path)
        assert refusal.value.code == code, name
        assert uploads.words_for(code), name
    with pytest.raises(cleaning.Refused, match="picture_only"):
        cleaning.clean(letter(), letters=False, folder=tmp_path)


def test_bug_28_what_is_kept_was_written_anew(tmp_path: Path) -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        sent = picture(kind) + b"<script>PK\x05\x06"
        made = cleaning.clean(sent, letters=False, folder=tmp_path)
        assert SECRET.encode() not in made.data, kind
        assert b"<script" not in made.data, kind
        with Image.open(io.BytesIO(made.data)) as kept:
            assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (32, 64), {}), kind  # turned upright
    large = cleaning.clean(picture(size=(4800, 1200)), letters=False, folder=tmp_path)
    assert Image.open(io.BytesIO(large.data)).size == (600, 2400)
    made = cleaning.clean(letter(3), letters=True, folder=tmp_path)
    assert (made.media_type, made.pages) == ("application/pdf", 3)
    assert SECRET.encode() not in made.data


@pytest.mark.django_db
def test_bug_28_a_file_is_sealed_and_erased(patient: Patient) -> None:
    about = {"patient": patient, "by": patient.user, "now": NOON}
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():  # looking takes seconds
        uploads.clean(file=io.BytesIO(picture()), letters=False, **about)
    made = uploads.clean(file=io.BytesIO(picture()), letters=False, **about)  # through a process of its own
    upload = uploads.keep(made=made, **about)

    upload.refresh_from_db()
    content = uploads.content_of(upload)
    assert content.startswith(b"\xff\xd8\xff")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM documents_upload")
        assert b"JFIF" not in bytes(cursor.fetchone()[0])
    moved = Upload(patient=patient, sealed=upload.sealed)
    with pytest.raises(DecryptionError):
        uploads.content_of(moved)
    uploads.erase(upload=upload, by=patient.user, now=NOON)
    with pytest.raises(ValueError, match="erased"):
        uploads.content_of(upload)


@pytest.mark.django_db
def test_bug_28_files_that_were_refused_count_and_those_of_a_long_treatment_do_not(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cleaning.Cleaned("image/jpeg", b"x", 1)
    monkeypatch.setattr(uploads, "_cleaned", lambda *_args, **_also: made)

    def refusal_on(day: int) -> str:
        try:
            uploads.clean(
                patient=patient, file=io.BytesIO(), letters=False, by=patient.user, now=NOON + timedelta(days=day)
            )
        except uploads.UploadRefused as refused:
            return refused.code
        return ""

    for _file in range(uploads.MOST_KEPT):
        uploads.keep(patient=patient, made=made, by=patient.user, now=NOON)
    assert [refusal_on(day) for day in (1, 29, 30)] == ["many", "many", ""]

    def damaged(*_args: Any, **_also: Any) -> cleaning.Cleaned:
        raise uploads.UploadRefused("", "damaged")

    monkeypatch.setattr(uploads, "_cleaned", damaged)
    monkeypatch.setattr(uploads, "MOST_A_DAY", 2)
    assert [refusal_on(day) for day in (60, 60, 60, 60, 61)] == ["damaged", "damaged", "today", "today", "damaged"]

    def no_room(_sender: str) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "place", no_room)
    assert refusal_on(90) == "full"  # again in a minute, and nothing counts against the sender


LEAVES = "import sys, os, time, pathlib; pathlib.Path(sys.argv[2], 'letter.pdf').write_text('unsealed'); "


def test_bug_28_a_process_that_hangs_or_dies_is_a_file_that_is_not_kept_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "MEMORY", tmp_path)
    monkeypatch.setattr(uploads, "LONGEST_CLEANING", 0.2)
    for program in ("time.sleep(9)", "os.kill(os.getpid(), 9)"):
        monkeypatch.setattr(uploads, "CLEANER", f"-c{LEAVES}{program}")
        with places.place("somebody") as folder, pytest.raises(uploads.UploadRefused, match="damaged"):
            uploads._cleaned(picture(), letters=False, folder=folder)
        assert not list(tmp_path.rglob("letter.pdf"))


HOLDS = f"""
import importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location("places", {places.__file__!r})
places = importlib.util.module_from_spec(spec)
spec.loader.exec_module(places)
places.MEMORY = pathlib.Path(sys.argv[1])
with places.place(sys.argv[2]) as folder:
    pathlib.Path(folder, "letter.pdf").write_text("unsealed")
    print("holds", flush=True)
    sys.stdin.read()
"""


def test_bug_28_two_files_at_once_on_one_machine_and_nothing_is_left_of_who_was_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "MEMORY", tmp_path)
    monkeypatch.setattr(places, "LONGEST_WAIT", 0.0)

    def code_for(sender: str) -> str:
        try:
            with places.place(sender):
                return ""
        except places.Busy as busy:
            return busy.code

    command = [sys.executable, "-c", HOLDS, str(tmp_path)]
    with ExitStack() as ends:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        others = [ends.enter_context(subprocess.Popen([*command, name], **pipes)) for name in ("one", "two")]
        assert [other.stdout.readline() for other in others] == [b"holds\n"] * 2
        assert [code_for("three"), code_for("one")] == ["full", "busy"]
        places.tidy()
        assert len(list(tmp_path.rglob("letter.pdf"))) == 2  # nobody takes it from those who work
        assert len(list(tmp_path.rglob("sender-*"))) == 2
        others[0].kill()
        monkeypatch.setattr(places, "LONGEST_WAIT", 9.0)
        Timer(0.1, others[1].kill).start()
        with places.place("three"), places.place("four"):  # the second of them waits until a place is free
            assert not list(tmp_path.rglob("letter.pdf"))
    Path(tmp_path, f"harmoniously-{os.geteuid()}", "cleaning-1.files").mkdir()
    Path(tmp_path, f"harmoniously-{os.geteuid()}", "cleaning-1.files", "letter.pdf").touch()
    assert list(tmp_path.rglob("sender-*"))  # whoever is killed cannot take it away
    places.tidy()
    assert not [*tmp_path.rglob("letter.pdf"), *tmp_path.rglob("sender-*")]


def test_bug_28_nothing_larger_than_the_limit_is_ever_held(client: Client, settings: Any) -> None:
    from django.test import RequestFactory

    from harmoniously.core.documents.receiving import MOST_REQUEST_BYTES, was_too_large

    half = cleaning.MOST_BYTES // 2 + 1
    request = RequestFactory().post("/", {"one": io.BytesIO(bytes(half)), "two": io.BytesIO(bytes(half)), "said": "x"})
    assert (list(request.FILES), request.POST["said"], was_too_large(request)) == (["one"], "x", True)

    honest = RequestFactory().post("/", {"file": io.BytesIO(picture())})
    assert (honest.FILES["file"].read(), was_too_large(honest)) == (picture(), False)

    flood = RequestFactory().post("/", {"file": io.BytesIO(b"x")})
    flood.META["CONTENT_LENGTH"] = str(MOST_REQUEST_BYTES + 1)
    with pytest.raises(Exception, match="larger than any file"):
        _ = flood.FILES
